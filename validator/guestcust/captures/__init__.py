"""Finds payloads and their origins in bytes, with one module per format.

Files, sockets, schemas and reports must not enter here. A new format is a new module and a row of `formats.FORMATS`.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from guestcust.captures import beginnings, containers, ndjson
from guestcust.captures.containers import UnreadableError, UnrelatedError
from guestcust.captures.formats import ALL_EXTENSIONS, FORMATS
from guestcust.captures.naming import ONLY_NAMED_IN_URL, Rewound, Scanner, named
from guestcust.captures.ndjson import Lines
from guestcust.errors import GuestcustError, UnknownNameError
from guestcust.jsontext.comments import without_comments
from guestcust.jsontext.fast import PARTS
from guestcust.jsontext.marks import BOM
from guestcust.jsontext.peek import members
from guestcust.model import Origin, Payload, Source, Unchecked, Verdict

#: How many bytes show the format of a file: with --trace, curl writes the certificate of the server first.
TELLING = 64 * 1024
_YAML = (".yaml", ".yml")
# Templates and YAML's flow style begin with a brace, too.
_OBJECT = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\[{])")
#: The reason for a document that certainly contains no payload.
UNRELATED = "unrelated"
# A suffix that no file name has.
_NO_NAME = ("\0",)
# The formats that are not captures.
_DOCUMENTS = ("ndjson", "json")


def is_text_of_http(head: bytes) -> bool:
    """Whether a file certainly is HTTP as text, given its first `TELLING` bytes."""
    return beginnings.is_http_text(_as_utf8(head))


def payloads(
    stream: io.BufferedIOBase, source: Source, *, format: str = "auto", max_size: int
) -> Iterator[Payload | Unchecked]:
    """Finds the payloads in a stream, one by one. Arguments and errors as for `found`."""
    for one in found(stream, source, format=format, max_size=max_size):
        if isinstance(one, Lines):
            yield from ndjson.payloads(one, max_size)
        else:
            yield one


def found(
    stream: io.BufferedIOBase, source: Source, *, format: str = "auto", max_size: int
) -> Iterator[Payload | Unchecked | Lines]:
    """Finds the payloads in a stream, with at most one exchange or one block of lines in memory.

    Args:
        stream: the bytes, packed or not.
        source: their source. The format is detected by the ending of its name, or else by the first bytes.
        format: a key of `FORMATS`, or "auto".
        max_size: how many bytes of one payload to read. A longer one is cut one byte after this limit.

    Raises:
        UnknownNameError: unknown format.
        OSError: the stream could not be read.

    """
    if format != "auto" and format not in FORMATS:
        raise UnknownNameError(f"no format is called {format!r}", hint=f"one of auto, {', '.join(FORMATS)}")
    try:
        for inner, inside in containers.files(stream, source, max_size, ALL_EXTENSIONS):
            yield from _file(inner, inside, format, max_size)
    except UnreadableError as error:
        yield _unreadable(source.name, error)


def _file(
    stream: io.BufferedReader, source: Source, format: str, max_size: int
) -> Iterator[Payload | Unchecked | Lines]:
    try:
        yield from _read(stream, source, format, max_size)
    except UnreadableError as error:
        yield _unreadable(source.name, error)
    except UnrelatedError as error:
        if format == "auto":
            yield Unchecked(Origin(source.name), Verdict.SKIPPED, UNRELATED, f"not valid JSON: {error}")
        else:
            yield _unreadable(source.name, error)


def _unreadable(name: str, error: GuestcustError) -> Unchecked:
    from guestcust.captures.exchanges import broken

    return broken(name, (), (1, 1), str(error))


def _read(stream: Any, source: Source, format: str, max_size: int) -> Iterator[Payload | Unchecked | Lines]:
    name = source.name.lower()
    for packed in containers.EXTENSIONS:
        name = name.removesuffix(packed)
    is_by_ending = format == "auto"
    if format == "auto":
        format = next((each for each, kind in FORMATS.items() if name.endswith(kind.extensions or _NO_NAME)), format)
    if format == "auto" and name.endswith(PARTS):
        from guestcust.captures import govmomi

        format = "govmomi" if govmomi.is_part(source) else format
    head = b""
    if format == "auto":
        head, format = _format(stream, name)
    elif is_by_ending and format == "har":
        head = _head(stream, is_document=True)
        seen = members(_as_utf8(head))
        # A response that was saved under the ending of a HAR.
        format = "json" if seen and seen.keys().isdisjoint({"log", "request"}) else format
    elif is_by_ending and format in ("mitmproxy", "playwright"):
        # Other programs use the same endings.
        head = _head(stream, is_document=False)
        is_own = beginnings.may_be_trace(head) if format == "playwright" else beginnings.is_flows(head, {}, True)
        if head and not is_own:
            format = "ndjson" if beginnings.is_lines(head) else "json" if _OBJECT.match(head) else ""
    if format in _DOCUMENTS:
        # Each document is classified separately.
        yield from FORMATS[format].read(_rewound(head, stream), source, max_size)
        return
    scanner = Scanner()
    scanned = _rewound(head, stream, scanner)
    is_empty, is_ours, is_misread = True, False, False
    for one in FORMATS[format].read(scanned, source, max_size) if format else ():
        is_other = isinstance(one, Unchecked) and one.reason == "other URL"
        is_empty, is_ours = False, is_ours or not is_other
        is_misread = is_misread or (isinstance(one, Unchecked) and one.detail == ONLY_NAMED_IN_URL)
        yield one
    if is_ours and not is_misread:
        return
    while scanned.read1(TELLING):
        pass
    if is_empty and format and 0 < len(head) < TELLING:
        from guestcust.captures.inside import may_hold_payload

        # The file of another program may begin like a capture.
        if may_hold_payload(head):
            yield Payload(head, partial(Origin, source.name))
            return
    if is_misread or scanner.end():
        from guestcust.captures.relevance import NOT_UNDERSTOOD

        kind = "no exchange with a payload was found in it" if format else ""
        yield Unchecked(Origin(source.name), Verdict.UNREADABLE, NOT_UNDERSTOOD, named(kind))
    elif not format:
        kind = "YAML, but not a capture" if name.endswith(_YAML) else "another program's file with this ending"
        yield Unchecked(Origin(source.name), Verdict.SKIPPED, UNRELATED, kind)


def _rewound(head: bytes, stream: Any, scanner: Scanner | None = None) -> Any:
    return io.BufferedReader(Rewound(head, stream, scanner), TELLING) if head or scanner else stream


def _format(stream: Any, name: str) -> tuple[bytes, str]:
    """The first bytes of a file and its format; no format for YAML that is not a capture."""
    is_yaml, is_json = name.endswith(_YAML), name.endswith(".json")
    head = _head(stream, is_json)
    text = _as_utf8(head)
    seen = members(text)
    for format, kind in FORMATS.items():
        # The endings of JSON and YAML are trusted.
        if (is_json and format == "ndjson") or (is_yaml and format == "json" and not _OBJECT.match(text)):
            continue
        if kind.begins(text, seen):
            return head, format
    return head, ""


def _head(stream: io.BufferedIOBase, is_document: bool) -> bytes:
    """The first bytes, enough to find the members of a document or to recognise lines."""
    head = b""
    while len(head) < TELLING and (is_document or not beginnings.is_lines(head)):
        if not (more := stream.read1(TELLING)):
            break
        head += more
    return head


def _as_utf8(head: bytes) -> bytes:
    """The first bytes without a byte order mark and comments, converted to UTF-8 if the mark is that of UTF-16."""
    text = head
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    text = text.removeprefix(BOM)
    is_object = text.lstrip()[:1] in (b"{", b"/")
    return without_comments(text.decode("latin-1")).encode("latin-1") if is_object else text
