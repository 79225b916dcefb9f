"""Newline-delimited JSON: one payload per line, in blocks of many lines. Blank lines are skipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from io import BufferedIOBase

from guestcust.model import Origin, Payload, Source

#: The endings of file names of this format.
EXTENSIONS = (".ndjson", ".jsonl")
# How many bytes are read at once; searching is faster in data that fits into the processor's cache.
_CHUNK = 256 * 1024
_BLANK = b" \t\r\n"


class Lines:
    """A block of whole lines, each blank or the text of a payload.

    Args:
        text: each line with the line feed that ends it.
        origin: where the first line begins.
        numbers: the number of each line in the file; empty if they are consecutive.

    """

    def __init__(self, text: bytes, origin: Origin, numbers: Sequence[int] = ()) -> None:
        self.text = text
        self.origin = origin
        self.numbers = numbers
        # A cache: an offset, and the number of lines before it.
        self._counted = 0, 0

    @property
    def count(self) -> int:
        """The number of lines."""
        return self.before(len(self.text))

    def before(self, place: int) -> int:
        """The number of lines that end before an offset. Fastest with ascending offsets."""
        at, count = self._counted if self._counted[0] <= place else (0, 0)
        self._counted = place, count + self.text.count(b"\n", at, place)
        return self._counted[1]

    def number(self, line: int) -> int:
        """The line number in the file of a line of the block, given by its index."""
        return self.numbers[line] if self.numbers else self.origin.line + line

    def without_blanks(self, line: int) -> Lines:
        """The lines from an index on, without blank ones."""
        lines = enumerate(self.text.split(b"\n")[line:-1], line)
        kept = [(self.number(number), text) for number, text in lines if text.strip(_BLANK)]
        return Lines(b"".join(text + b"\n" for _, text in kept), self.origin, [number for number, _ in kept])


def blocks(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Lines]:
    """The lines in blocks, as they are read. A line longer than the limit is cut one byte after the limit."""
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
            # The rest of a line that is too long is dropped; only whether it is blank matters.
            begun[-1:] = b"."
            is_blank = False
    if begun:
        yield Lines(bytes(begun) + b"\n", Origin(source.name, line=number))


def payloads(lines: Lines, max_size: int) -> Iterator[Payload]:
    """The payload of each line that is not blank; a line longer than the limit is cut one byte after the limit."""
    for line, (start, end) in enumerate(spans(lines.text)):
        if end > start and (found := payload(lines, start, end, lines.number(line), max_size)):
            yield found


def spans(lines: bytes) -> Iterator[tuple[int, int]]:
    """The offsets of each line's start and of the line feed that ends it."""
    start = 0
    while start < len(lines):
        end = lines.index(b"\n", start)
        yield start, end
        start = end + 1


def payload(lines: Lines, start: int, end: int, number: int, max_size: int) -> Payload | None:
    """The payload of the line between two offsets; None if the line is blank."""
    text = lines.text[start:end].rstrip(_BLANK[-2:])
    return Payload(text[: max_size + 1], partial(Origin, lines.origin.source, number)) if text.strip(_BLANK) else None
