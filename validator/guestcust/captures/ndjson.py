"""Newline-delimited JSON: one payload a line, in blocks of many. Blank lines are passed over, as the format allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BufferedIOBase

from guestcust.model import Origin, Payload, Source

#: The endings of names that tell the format.
EXTENSIONS = (".ndjson", ".jsonl")
# What is read at once. What stays in a processor's cache is gone through the sooner.
_CHUNK = 256 * 1024
_BLANK = b" \t\r\n"


@dataclass(slots=True)
class Lines:
    """A block of whole lines, of which each is blank or the text of a payload."""

    #: Each line with the line feed that ends it.
    text: bytes
    #: Where the first line begins.
    origin: Origin
    # How far the lines are counted, and how many they are so far: each is counted once. Nothing else here changes.
    _counted: tuple[int, int] = field(default=(0, 0), init=False, repr=False, compare=False)

    @property
    def count(self) -> int:
        """How many lines there are."""
        return self.before(len(self.text))

    def before(self, place: int) -> int:
        """How many lines end before a place; asked from place to place in their order, it takes least time."""
        at, count = self._counted if self._counted[0] <= place else (0, 0)
        self._counted = place, count + self.text.count(b"\n", at, place)
        return self._counted[1]


def blocks(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Lines]:
    """The lines in blocks, as they come. A line that is longer than the bound is cut behind it."""
    number, begun, is_blank = 1, bytearray(), False
    while chunk := stream.read1(_CHUNK):
        end = chunk.rfind(b"\n") + 1
        if end:
            lines = Lines(b"".join((begun, memoryview(chunk)[:end])), Origin(source.name, line=number))
            yield lines
            number += lines.count
            begun = bytearray(chunk[end:])
        elif len(begun) <= max_size:
            begun += chunk
            is_blank = len(begun) > max_size and not begun.strip(_BLANK)
        elif is_blank and chunk.strip(_BLANK):
            # Of a line that is too long no more is kept, but that there is something in it.
            begun[-1:] = b"."
            is_blank = False
    if begun:
        yield Lines(bytes(begun) + b"\n", Origin(source.name, line=number))


def payloads(lines: Lines, max_size: int) -> Iterator[Payload]:
    """Each line that is not blank, without its end; one that is longer than the bound is cut behind it."""
    for number, (start, end) in enumerate(spans(lines.text), lines.origin.line):
        yield from payload(lines, start, end, number, max_size)


def spans(lines: bytes) -> Iterator[tuple[int, int]]:
    """Where each line begins, and where the line feed stands that ends it."""
    start = 0
    while start < len(lines):
        end = lines.index(b"\n", start)
        yield start, end
        start = end + 1


def payload(lines: Lines, start: int, end: int, number: int, max_size: int) -> Iterator[Payload]:
    """The line between two places of a block, unless it is blank."""
    text = lines.text[start:end].rstrip(_BLANK[-2:])
    if text.strip(_BLANK):
        yield Payload(text[: max_size + 1], Origin(lines.origin.source, line=number))
