"""HAR 1.2, as browsers and proxies export it: `log.entries`, read one by one."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import partial
from io import BufferedReader

from guestcust.captures.bodies import Body, fixed, from_base64, from_chunks
from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import body_file, exchanges_in, lone_exchange
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, header
from guestcust.captures.trees import Tree, at, text_at
from guestcust.jsontext.decode import UNREAD
from guestcust.jsontext.peek import members
from guestcust.model import Instance, Payload, Source, Unchecked

# Firefox truncates bodies after this many bytes.
_CUT = 1024 * 1024
_TEXT = ("response", "content", "text")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


def payloads(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every entry, or the reason why it has none."""
    read = partial(exchange_of, source=source, max_size=max_size)
    seen = members(stream.peek(1))
    if "request" in seen and "log" not in seen:
        # Developer tools copy single entries.
        return lone_exchange(stream, source.name, max_size, read)
    return exchanges_in(stream, ("log", "entries"), source.name, max_size, read)


def exchange_of(entry: Tree, source: Source, max_size: int) -> Exchange | None:
    """The exchange of an entry; None for an item of another program's log."""
    instance = entry.instance
    if isinstance(instance, dict) and instance.keys().isdisjoint({"request", "response"}):
        # Other programs have logs with entries, too.
        return None
    request = at(instance, "request")
    return Exchange(
        path=entry.path,
        start=entry.start,
        method=at(request, "method"),
        url=text_at(request, "url"),
        status=_status(at(instance, "response")),
        body=lambda: _body(entry, source, max_size),
        asked=lambda: text_at(request, "postData", "text") or _asked_in_file(entry, source, max_size),
    )


def _status(response: Instance) -> Instance:
    is_complete = response is None or (isinstance(response, dict) and "status" in response)
    return at(response, "status") if is_complete else UNREAD


def _body(entry: Tree, source: Source, max_size: int) -> Body | Missing:
    where = at(entry.instance, "response", "content")
    if not isinstance(where, dict) and where is not None:
        raise UnreadableError("response.content is not an object")
    text = at(where, "text")
    if not isinstance(text, str) and text is not None:
        raise UnreadableError("response.content.text is not a string")
    is_base64 = text_at(where, "encoding").lower() == "base64"
    if not text:
        if at(where, "_file") is not None:
            # Playwright stores bodies in files next to the HAR.
            return body_file(entry, ("response", "content", "_file"), source, "", max_size)
        if at(where, "_sha1") is not None:
            # Its traces of older versions.
            return body_file(entry, ("response", "content", "_sha1"), source, "resources", max_size)
        return Missing(NOT_INCLUDED.reason, 'response.content has no text; save the HAR again "with content"')
    if text.startswith("{") and not is_base64 and len(text) < _CUT // 4:
        # JSON, whatever the headers say.
        return entry.body(_TEXT)
    encodings = header(at(entry.instance, "response", "headers"), "content-encoding")
    body = entry.body(_TEXT, is_base64=is_base64, encodings=encodings)
    # Polly.js stores a compressed body as chunks, in base64 or, in older versions, in hexadecimal digits.
    chunks = from_chunks(text, from_base64 if body.is_base64 else _from_hex, body.encodings)
    if chunks is not None:
        return body._replace(data=chunks, places=fixed(body.start), is_base64=False)
    length = len(text.encode("utf-8", "surrogatepass"))
    if _CUT in (length, len(text)) and not text.rstrip().endswith("}"):
        return Missing("truncated", f"the browser kept {_CUT} bytes of the body and dropped the rest")
    return body


def _asked_in_file(entry: Tree, source: Source, max_size: int) -> bytes | None:
    """The body of a request that Playwright stored in a file; None if it cannot be read, as if it were missing."""
    for member, folder in (("_file", ""), ("_sha1", "resources")):
        name = text_at(entry.instance, "request", "postData", member)
        if name and source.beside:
            with (
                contextlib.suppress(OSError, ValueError, UnreadableError),
                source.beside(name, folder) as stream,
            ):
                return stream.read(max_size + 1)
    return None


def _from_hex(text: str) -> bytes | None:
    return bytes.fromhex(text) if _HEX.fullmatch(text) else None
