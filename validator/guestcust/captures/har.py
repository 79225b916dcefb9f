"""HAR 1.2, as browsers and proxies export it: `log.entries`, read one by one however long the file is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from io import BufferedIOBase

from guestcust.captures.bodies import Body, UnreadableError
from guestcust.captures.documents import body_file, exchanges_in
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, header
from guestcust.captures.trees import Tree, at, text_at
from guestcust.model import Payload, Source, Unchecked

# Firefox keeps so many bytes of a body.
_CUT = 1024 * 1024


def payloads(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """Every entry: its payload, or why it has none."""
    read = partial(_exchange, source=source, max_size=max_size)
    return exchanges_in(stream, ("log", "entries"), source.name, max_size, read)


def _exchange(entry: Tree, source: Source, max_size: int) -> Exchange:
    instance = entry.instance
    return Exchange(
        path=entry.path,
        line=entry.line,
        column=entry.column,
        method=text_at(instance, "request", "method"),
        url=text_at(instance, "request", "url"),
        status=at(instance, "response", "status"),
        body=lambda: _body(entry, source, max_size),
        asked=lambda: text_at(instance, "request", "postData", "text"),
    )


def _body(entry: Tree, source: Source, max_size: int) -> Body | Missing:
    where = at(entry.instance, "response", "content")
    text = at(where, "text")
    if not isinstance(text, (str, type(None))):
        raise UnreadableError("response.content.text is no string")
    if not text:
        if text_at(where, "_file"):
            # Playwright puts bodies in files beside the HAR.
            return body_file(entry, ("response", "content", "_file"), source, "", max_size)
        return Missing(NOT_INCLUDED.reason, 'response.content has no text; save the HAR again "with content"')
    body = entry.body(
        ("response", "content", "text"),
        is_base64=text_at(where, "encoding").lower() == "base64",
        encodings=header(at(entry.instance, "response", "headers"), "content-encoding"),
    )
    length = len(text.encode("utf-8", "surrogatepass"))
    if _CUT in (length, len(text)) and not text.rstrip().endswith("}"):
        return Missing("truncated", f"the browser kept {_CUT} bytes of the body and dropped the others")
    return body
