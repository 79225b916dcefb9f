"""Newline-delimited JSON: one payload per line, in blocks of many lines. Blank lines are skipped, as usual."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BufferedIOBase

from guestcust.model import Origin, Payload, Source

#: The endings of names that tell the format.
EXTENSIONS = (".ndjson", ".jsonl")
# How much is read at once. What stays in a processor's cache is searched faster.
_CHUNK = 256 * 1024
_BLANK = b" \t\r\n"


@dataclass(slots=True)
class Lines:
    """A block of whole lines, each blank or the text of a payload."""

    #: Each line with the line feed that ends it.
    text: bytes
    #: Where the first line begins.
    origin: Origin
    #: The number of each line in the file; empty where they are consecutive.
    numbers: Sequence[int] = ()
    # How far the lines are counted, and how many there are so far. Nothing else here changes.
    _counted: tuple[int, int] = field(default=(0, 0), init=False, repr=False, compare=False)

    @property
    def count(self) -> int:
        """How many lines there are."""
        return self.before(len(self.text))

    def before(self, place: int) -> int:
        """How many lines end before a place. Asking for places in their order is fastest."""
        at, count = self._counted if self._counted[0] <= place else (0, 0)
        self._counted = place, count + self.text.count(b"\n", at, place)
        return self._counted[1]

    def number(self, line: int) -> int:
        """The number in the file of a line of the block, which is counted from 0."""
        return self.numbers[line] if self.numbers else self.origin.line + line

    def without_blanks(self, line: int) -> Lines:
        """The lines from one on, without those that are blank."""
        lines = enumerate(self.text.split(b"\n")[line:-1], line)
        kept = [(self.number(number), text) for number, text in lines if text.strip(_BLANK)]
        return Lines(b"".join(text + b"\n" for _, text in kept), self.origin, [number for number, _ in kept])


def blocks(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Lines]:
    """The lines in blocks, as they come. A line that is longer than the bound is cut after one byte more."""
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
            # All that is kept of the rest of a line that is too long is that it is not blank.
            begun[-1:] = b"."
            is_blank = False
    if begun:
        yield Lines(bytes(begun) + b"\n", Origin(source.name, line=number))


def payloads(lines: Lines, max_size: int) -> Iterator[Payload]:
    """Each line that is not blank, without its end; one that is longer than the bound is cut after one byte more."""
    for line, (start, end) in enumerate(spans(lines.text)):
        if end > start and (found := payload(lines, start, end, lines.number(line), max_size)):
            yield found


def spans(lines: bytes) -> Iterator[tuple[int, int]]:
    """Where each line begins, and where the line feed is that ends it."""
    start = 0
    while start < len(lines):
        end = lines.index(b"\n", start)
        yield start, end
        start = end + 1


def payload(lines: Lines, start: int, end: int, number: int, max_size: int) -> Payload | None:
    """The line between two places of a block; None where it is blank."""
    text = lines.text[start:end].rstrip(_BLANK[-2:])
    return Payload(text[: max_size + 1], Origin(lines.origin.source, line=number)) if text.strip(_BLANK) else None
