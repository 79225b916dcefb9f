"""The strict reader of JSON text: RFC 8259 as narrowed by I-JSON (RFC 7493), with bounds on size and depth.

If a parser silently repairs its input, two tools can disagree about the same payload, so this reader reports what
others repair. It continues after a fault that leaves the structure readable and stops at any other. It never recurses.
No schemas, envelopes or files here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from guestcust.jsontext import scanner
from guestcust.jsontext.marks import BOM_CHARACTER
from guestcust.jsontext.reader import Reader, Spans, StopError
from guestcust.model import Instance, Path, Span, TextFault

#: The default size limit for the text of a payload, in bytes.
MAX_SIZE = 64 * 1024 * 1024

#: The fault of a text that begins with a byte order mark.
BOM_FAULT = TextFault(
    "json-no-bom",
    "the text begins with a byte order mark, which many parsers reject; save it as UTF-8 without one",
    (),
    Span(0, 0),
)


class Unread:
    """The type of `UNREAD`, the instance of a text that could not be read."""


UNREAD = Unread()


class Decoded(NamedTuple):
    """The result of reading a text."""

    #: The value, or `UNREAD`.
    instance: Instance
    #: The text as characters, without a byte order mark. Bytes that cannot be decoded are U+FFFD.
    text: str
    faults: tuple[TextFault, ...] = ()


#: The result if there is no text.
NOTHING = Decoded(UNREAD, "")


def decode(data: bytes | str, *, max_size: int = MAX_SIZE) -> Decoded:
    """Reads one JSON text. Errors in the text become faults, never exceptions.

    Args:
        data: the text. The size of a `str` is its size in UTF-8.
        max_size: the size limit in bytes.

    """
    if _size(data) > max_size:
        message = f"the text is longer than {max_size} bytes, the size limit for one payload; raise it with --max-size"
        return Decoded(UNREAD, "", (TextFault("json-size", message, (), Span(0, 0)),))
    if isinstance(data, str):
        text, undecodable = data, None
    else:
        text, undecodable = _characters(data)
    faults = []
    if text.startswith(BOM_CHARACTER):
        text = text[1:]
        faults.append(BOM_FAULT)
    if undecodable is not None:
        return Decoded(UNREAD, text, (*faults, undecodable))
    reader = Reader(text)
    try:
        instance = reader.read()
    except StopError as stop:
        return Decoded(UNREAD, text, (*faults, *reader.faults, stop.fault))
    return Decoded(instance, text, (*faults, *reader.faults))


def locate(text: str, paths: Collection[Path]) -> dict[Path, Spans]:
    """The positions of values in a text that `decode` could read.

    Paths that are not in the text are missing from the result. Of members with the same name the last one counts.
    """
    if text.count("{") == 1 and "[" not in text and all(len(path) < 2 for path in paths):
        found = {path: _in_flat_object(text, path) for path in paths}
        if None not in found.values():
            return found  # type: ignore[return-value]
    reader = Reader(text, frozenset(paths))
    if paths:
        reader.read()
    return reader.found


def _in_flat_object(text: str, path: Path) -> Spans | None:
    """The position of the object, or of one of its members; None if it is not certain."""
    if not path:
        start = text.index("{")
        return Spans(Span(start, start + 1))
    try:
        return scanner.only_member(text, path[0]) if scanner.has_one_way(text, path) else None
    except ValueError:
        # An integer with more digits than Python reads.
        return None


def lines_and_columns(text: str, offsets: Iterable[int], start: tuple[int, int] = (1, 1)) -> dict[int, tuple[int, int]]:
    """The line and column, in characters, of offsets in a text that begins at `start`. Lines end at LF."""
    line, column = start
    places, last = {}, 0
    for offset in sorted(set(offsets)):
        breaks = text.count("\n", last, offset)
        if breaks:
            line += breaks
            column = offset - text.rfind("\n", last, offset)
        else:
            column += offset - last
        places[offset], last = (line, column), offset
    return places


def _size(data: bytes | str) -> int:
    if isinstance(data, bytes) or data.isascii():
        return len(data)
    return len(data.encode("utf-8", "surrogatepass"))


def _characters(data: bytes) -> tuple[str, TextFault | None]:
    encoding = _other_unicode(data)
    if encoding:
        text = data.decode(encoding, "replace")
        kind = encoding[:6].upper()
        # iconv removes the byte order mark only if it has to find the byte order by itself.
        source = kind if text.startswith(BOM_CHARACTER) else encoding.upper().replace("-LE", "LE").replace("-BE", "BE")
        message = (
            f"the text is {kind}, but JSON text is UTF-8; convert it with `iconv -f {source} -t UTF-8`, "
            "or in PowerShell with `Out-File -Encoding utf8`"
        )
        return text.removeprefix(BOM_CHARACTER), TextFault("json-utf-8", message, (), Span(0, 1))
    try:
        return data.decode(), None
    except UnicodeDecodeError as error:
        offset = len(data[: error.start].decode().removeprefix(BOM_CHARACTER))
        message = (
            f"the byte 0x{data[error.start]:02X} is not valid UTF-8 here; save the file as UTF-8, or "
            "convert it, for example from Windows-1252 with `iconv -f WINDOWS-1252 -t UTF-8`"
        )
        return data.decode(errors="replace"), TextFault("json-utf-8", message, (), Span(offset, offset + 1))


# Byte order marks; that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Which bytes of an ASCII character are not zero.
_PATTERNS = ((b"\1\0\0\0", "utf-32-le"), (b"\0\0\0\1", "utf-32-be"), (b"\1\0", "utf-16-le"), (b"\0\1", "utf-16-be"))


def _other_unicode(data: bytes) -> str | None:
    """The encoding of a text in UTF-16 or UTF-32, as Python names it; None for any other text.

    Without a byte order mark, the zero bytes show the encoding (RFC 4627, section 3): JSON text begins with ASCII
    characters. Two of them are required, because a damaged file in UTF-8 can have zero bytes, too.
    """
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    head = bytes(map(bool, data[:8]))
    patterned = (
        name for pattern, name in _PATTERNS if len(head) >= 2 * len(pattern) and head == (pattern * 4)[: len(head)]
    )
    return marked or next(patterned, None)
