"""The strict reader of JSON text: RFC 8259 as narrowed by I-JSON (RFC 7493), with bounds on size and depth.

A parser that silently repairs its input makes two tools disagree about one payload, so this one reports what others
repair. It goes on behind a fault that leaves the structure readable and stops at one that does not. It never recurses.
No schema, no envelope and no file may enter here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from guestcust.jsontext.reader import Reader, Spans, StopError
from guestcust.model import Instance, Path, Span, TextFault

#: How many bytes a payload's text may have, unless set otherwise.
MAX_SIZE = 64 * 1024 * 1024

_BOM = "\ufeff"


#: What is said of a byte order mark.
BOM_FAULT = TextFault(
    "json-no-bom",
    "the text begins with a byte order mark, at which many parsers stop; save it as UTF-8 without one",
    (),
    Span(0, 0),
)


class Unread:
    """The type of `UNREAD`, which stands for the instance of a text that gives none."""


UNREAD = Unread()


class Decoded(NamedTuple):
    """What a text says."""

    #: The value, or `UNREAD`.
    instance: Instance
    #: The text as characters, without a byte order mark; what is not UTF-8 stands as U+FFFD.
    text: str
    faults: tuple[TextFault, ...] = ()


#: What is read where there is no text.
NOTHING = Decoded(UNREAD, "")


def decode(data: bytes | str, *, max_size: int = MAX_SIZE) -> Decoded:
    """Reads one JSON text; what is wrong with it is a fault, never an exception.

    Args:
        data: the text; `str` is measured as the UTF-8 that it would make.
        max_size: the bound in bytes.

    """
    if _size(data) > max_size:
        message = f"the text is longer than {max_size} bytes, the most that is read of one payload; raise the limit"
        return Decoded(UNREAD, "", (TextFault("json-size", message, (), Span(0, 0)),))
    if isinstance(data, str):
        text, undecodable = data, None
    else:
        text, undecodable = _characters(data)
    faults = []
    if text.startswith(_BOM):
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
    """Finds where values stand in a text that `decode` could read.

    Paths that the text does not hold are missing from the answer; of members with one name the last counts.
    """
    reader = Reader(text, frozenset(paths))
    if paths:
        reader.read()
    return reader.found


def lines_and_columns(text: str, offsets: Iterable[int], start: tuple[int, int] = (1, 1)) -> dict[int, tuple[int, int]]:
    """The line and column, in characters, of places in a text that begins at `start`. Lines end at LF."""
    line, column = start
    places, behind = {}, 0
    for offset in sorted(set(offsets)):
        breaks = text.count("\n", behind, offset)
        if breaks:
            line += breaks
            column = offset - text.rfind("\n", behind, offset)
        else:
            column += offset - behind
        places[offset], behind = (line, column), offset
    return places


def _size(data: bytes | str) -> int:
    if isinstance(data, bytes) or data.isascii():
        return len(data)
    return len(data.encode("utf-8", "surrogatepass"))


def _characters(data: bytes) -> tuple[str, TextFault | None]:
    encoding = _other_unicode(data)
    if encoding:
        message = f"the text looks like {encoding}; JSON text is UTF-8: convert it"
        return data.decode(errors="replace"), TextFault("json-utf-8", message, (), Span(0, 1))
    try:
        return data.decode(), None
    except UnicodeDecodeError as error:
        offset = len(data[: error.start].decode().removeprefix(_BOM))
        message = f"the byte 0x{data[error.start]:02X} is not UTF-8 here; JSON text is UTF-8: convert it"
        return data.decode(errors="replace"), TextFault("json-utf-8", message, (), Span(offset, offset + 1))


def _other_unicode(data: bytes) -> str | None:
    # JSON text begins with an ASCII character, so zero bytes tell the encoding (RFC 4627, section 3).
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")) or data[:3] == b"\0\0\0" or data[1:4] == b"\0\0\0":
        return "UTF-32"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data[:2]:
        return "UTF-16"
    return None
