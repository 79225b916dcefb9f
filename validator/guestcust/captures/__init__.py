"""Where payloads are found: one room a format, bytes and a name in, payloads with their origins out.

Captures open no files and no sockets, and know neither schemas nor reports. A new format is a new room and a row of
`FORMATS`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from guestcust.captures import decode, json_file, ndjson
from guestcust.errors import UnknownNameError
from guestcust.model import Payload

#: Reads a stream; takes it, the source's name and the bound on a payload's size in bytes.
Reader = Callable[[io.BufferedIOBase, str, int], Iterator[Payload]]

_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file in which payloads are found."""

    #: The endings of its names, in small letters.
    extensions: tuple[str, ...]
    read: Reader


FORMATS = {
    "json": Format((".json",), json_file.payloads),
    "ndjson": Format((".ndjson", ".jsonl"), ndjson.payloads),
}
#: The endings by which files are found in folders.
EXTENSIONS = tuple(extension for kind in FORMATS.values() for extension in kind.extensions)


def payloads(stream: io.BufferedIOBase, source: str, *, format: str = "auto", max_size: int) -> Iterator[Payload]:
    """Finds the payloads in a stream, one after the other, without ever holding more than one.

    Args:
        stream: the bytes.
        source: the name they go by, whose ending tells the format; if it does not, the first bytes do.
        format: a key of `FORMATS`, or "auto".
        max_size: how many bytes of one payload to read; what is longer is cut just behind, for the judge to see.

    Raises:
        UnknownNameError: there is no such format.
        OSError: the stream could not be read.

    """
    if format != "auto":
        if format not in FORMATS:
            raise UnknownNameError(f"no format is called {format!r}", hint=f"one of {', '.join(FORMATS)}")
        return FORMATS[format].read(stream, source, max_size)
    for kind in FORMATS.values():
        if source.lower().endswith(kind.extensions):
            return kind.read(stream, source, max_size)
    head = _head(stream)
    kind = FORMATS["ndjson" if _holds_lines(head) else "json"]
    return kind.read(io.BufferedReader(_Rewound(head, stream), _HEAD), source, max_size)


def _head(stream: io.BufferedIOBase) -> bytes:
    """The first bytes, up to where something stands in a second line that is not blank."""
    head = b""
    while len(head) < _HEAD and not head.lstrip().partition(b"\n")[2].strip():
        if not (more := stream.read1(_HEAD)):
            break
        head += more
    return head


def _holds_lines(head: bytes) -> bool:
    """Whether the first line is a JSON text of its own and something follows."""
    first, _, rest = head.lstrip().partition(b"\n")
    return bool(rest.strip()) and decode.decode(first).instance is not decode.UNREAD


class _Rewound(io.RawIOBase):
    """A stream with its first bytes put back."""

    def __init__(self, head: bytes, rest: io.BufferedIOBase) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._head[: len(buffer)] or self._rest.read1(len(buffer))
        self._head = self._head[len(chunk) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)
