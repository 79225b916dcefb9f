"""JSON documents taken apart as they stream by: the way to an array, and its elements one by one.

Finds where elements begin and end and nothing more; whether an element is JSON and what it means, others say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedIOBase

CHUNK = 1024 * 1024
BOM = b"\xef\xbb\xbf"
SPACE = b" \t\n\r"

# What is looked for between the elements of the array, and within them.
_BETWEEN = re.compile(rb'["\[\]{},]')
_WITHIN = re.compile(rb'["\[\]{}]')
# A quote that ends a string, or may: before one that does not stands one backslash.
_QUOTE = re.compile(rb'"(?:(?<!\\")|(?<=\\\\"))')
_BACKSLASH = ord("\\")
#: The bytes of UTF-8 that begin no character.
_CONTINUATION = bytes(range(0x80, 0xC0))
_GAP = re.compile(rb"[ \t\n\r:]*")
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SCALAR = re.compile(rb'[^ \t\n\r,:"\[\]{}]+')
# No member name on the way is longer than this, and no array deeper.
_LONG = 64 * 1024
_DEEP = 1000


@dataclass(frozen=True, slots=True)
class Piece:
    """An element of an array as it stands in the file; longer than the bound, it is cut just behind it."""

    text: bytes
    line: int
    column: int
    #: Its number in the array, from 0.
    index: int


@dataclass(frozen=True, slots=True)
class Break:
    """The place behind which no element can be told."""

    message: str
    line: int
    column: int


class Position:
    """Line and column in a file, moved on over its bytes."""

    def __init__(self) -> None:
        self.line, self.column = 1, 1

    def skip(self, text: bytes) -> None:
        """Moves on over bytes."""
        breaks = text.count(b"\n")
        if breaks:
            self.line += breaks
            self.column = 1
            text = text[text.rfind(b"\n") + 1 :]
        self.column += len(text if text.isascii() else text.translate(None, _CONTINUATION))


class Splitter:
    """Cuts an array into its elements; fed with chunks from behind its opening bracket.

    Args:
        position: where the array's first element may begin.
        max_size: how many bytes of an element to keep.
        ends_file: whether nothing may stand behind the array.

    """

    def __init__(self, position: Position, max_size: int, *, ends_file: bool) -> None:
        #: Set once nothing more can come: the array has ended, or its own text is wrong.
        self.done = False
        #: What was fed and stands behind the array; None unless it has ended.
        self.rest: bytes | None = None
        self._position = position
        self._max_size = max_size
        self._ends_file = ends_file
        self._depth = 1
        self._in_string = False
        self._escaped = False
        self._count = 0
        self._start: tuple[int, int] | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[Piece | Break]:
        """The elements that end in the next chunk of the file."""
        taken, at = 0, int(self._escaped)
        self._escaped = False
        while self._depth:
            if self._in_string:
                at, self._escaped = _behind_string(chunk, at)
                if not at:
                    break
                self._in_string = False
            token = (_BETWEEN if self._depth == 1 else _WITHIN).search(chunk, at)
            if token is None:
                break
            at, mark = token.end(), token.group()
            if mark == b'"':
                self._in_string = True
            elif mark in b"[{":
                self._depth += 1
            elif self._depth == 1:
                self._take(chunk[taken : token.start()])
                yield from self._end_element(mark)
                if self.done:
                    return
                taken = at
                self._position.skip(mark)
                self._depth -= mark == b"]"
            else:
                self._depth -= 1
        if not self._depth and not self._ends_file:
            self.done, self.rest = True, chunk[at:]
            return
        self._take(chunk[taken:])
        if not self._depth and self._start:
            yield self._break("text stands behind the end of the array; one file holds one array")

    def close(self) -> Iterator[Piece | Break]:
        """The end of the file."""
        if not self._depth or self.done:
            return
        element_is_cut = self._depth > 1 or self._in_string
        if self._start:
            yield self._element()
        if not element_is_cut:
            self._start = None
            yield self._break('the text ends before the array does; it was cut off, or "]" is missing')

    def _take(self, piece: bytes) -> None:
        if self._start is None:
            text = piece.lstrip(SPACE)
            self._position.skip(piece[: len(piece) - len(text)])
            if not text:
                return
            piece, self._start = text, (self._position.line, self._position.column)
        # One byte more than allowed shows the judge that it is too much.
        self._parts.append(piece[: max(0, self._max_size + 1 - self._size)])
        self._size += len(piece)
        self._position.skip(piece)

    def _end_element(self, mark: bytes) -> Iterator[Piece | Break]:
        if self._start:
            yield self._element()
        elif mark == b",":
            yield self._break("a comma stands where an element should be")
        elif mark == b"]" and self._count:
            yield self._break("the array ends where an element should be; a comma too many stands before it")
        if mark == b"}" and not self.done:
            yield self._break('"}" stands where the array has "," or "]"')

    def _element(self) -> Piece:
        assert self._start is not None
        piece = Piece(b"".join(self._parts).rstrip(SPACE), *self._start, self._count)
        self._count += 1
        self._start, self._parts, self._size = None, [], 0
        return piece

    def _break(self, message: str) -> Break:
        self.done = True
        line, column = self._start or (self._position.line, self._position.column)
        return Break(f"{message}; what follows was not read", line, column)


def elements(stream: BufferedIOBase, path: Sequence[str], max_size: int) -> Iterator[Piece | Break]:
    """The elements of the array that lies at a path of member names in the object that a stream holds.

    None come where there is no such array. The object is followed to its end, so that none is lost that was cut off.
    """
    way = _Way(stream, tuple(path))
    if way.leads_on():
        splitter = Splitter(way.position, max_size, ends_file=False)
        yield from splitter.feed(way.rest())
        while not splitter.done and (chunk := stream.read1(CHUNK)):
            yield from splitter.feed(chunk)
        yield from splitter.close()
        if splitter.rest is None:
            return
        way.go_on(splitter.rest)
        if way.leads_on():
            way.broken = f'"{path[-1]}" is there twice; which of the two counts is not certain'
    if way.broken is not None:
        yield Break(f"{way.broken}; what follows was not read", *way.place())


class _Way:
    """The search for an array by the names of the members that hold it."""

    def __init__(self, stream: BufferedIOBase, path: tuple[str, ...]) -> None:
        self.position = Position()
        #: Why the search had to end.
        self.broken: str | None = None
        self._stream = stream
        self._path = path
        self._buffer = b""
        self._at = 0
        # For each open container whether it is an object, and the name of the member that it is of.
        self._containers: list[tuple[bool, str]] = []
        self._more()
        if self._buffer.startswith(BOM):
            self._at = len(BOM)

    def rest(self) -> bytes:
        """What was read behind the array's opening bracket."""
        self._drop()
        return self._buffer

    def go_on(self, rest: bytes) -> None:
        """Goes on behind the array's closing bracket, with what was read there."""
        self._buffer, self._at = rest, 0
        self._containers.pop()

    def place(self) -> tuple[int, int]:
        """Line and column of where it is."""
        self._drop()
        return self.position.line, self.position.column

    def leads_on(self) -> bool:
        """Moves behind the opening bracket of the next array at the path; False where none comes."""
        containers = self._containers
        name = ""
        wants_name = False
        while True:
            mark = self._peek()
            if not mark:
                self.broken = "the text ends before the document does; it was cut off"
                return False
            if not containers and mark != b"{":
                self.broken = "no JSON object in UTF-8 begins here, as a capture is"
                return False
            if mark == b'"':
                text = self._string()
                if wants_name:
                    name, wants_name = text, False
            elif mark in b"[{":
                self._at += 1
                containers.append((mark == b"{", name))
                wants_name = mark == b"{"
                if mark == b"[" and self._has_arrived():
                    return True
                if len(containers) > _DEEP:
                    self.broken = f"nesting is more than {_DEEP} deep here"
                    return False
            elif mark in b"]}":
                is_object = containers.pop()[0]
                if is_object != (mark == b"}"):
                    opened = "{" if is_object else "["
                    self.broken = f'"{mark.decode()}" stands where what "{opened}" has opened should end'
                    return False
                self._at += 1
                if not containers:
                    if self._peek():
                        self.broken = "text stands behind the end of the document"
                    return False
            elif mark == b",":
                self._at += 1
                wants_name = bool(containers) and containers[-1][0]
            else:
                self._scalar()

    def _has_arrived(self) -> bool:
        """Whether the innermost container is the one at the path."""
        if len(self._containers) != len(self._path) + 1:
            return False
        outer_are_objects = all(is_object for is_object, _ in self._containers[:-1])
        return outer_are_objects and tuple(name for _, name in self._containers[1:]) == self._path

    def _peek(self) -> bytes:
        while True:
            self._at = _GAP.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def _string(self) -> str:
        """Moves behind a string; gives its value, or nothing where it is too long for a name."""
        while not (whole := _STRING.match(self._buffer, self._at)):
            if len(self._buffer) - self._at > _LONG:
                self._long_string()
                return ""
            if not self._more():
                self._at = len(self._buffer)
                return ""
        self._at = whole.end()
        try:
            return str(json.loads(whole.group()))
        except ValueError:
            return ""

    def _long_string(self) -> None:
        self._at += 1
        while True:
            behind, is_escaped = _behind_string(self._buffer, self._at)
            self._at = behind or len(self._buffer)
            if behind or not self._more():
                return
            self._at += is_escaped

    def _scalar(self) -> None:
        while True:
            found = _SCALAR.match(self._buffer, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._buffer) or not self._more():
                return

    def _more(self) -> bool:
        self._drop()
        chunk = self._stream.read1(CHUNK)
        self._buffer += chunk
        return bool(chunk)

    def _drop(self) -> None:
        passed = self._buffer[: self._at]
        self.position.skip(passed.removeprefix(BOM) if self.position.line == self.position.column == 1 else passed)
        self._buffer, self._at = self._buffer[self._at :], 0


def _behind_string(text: bytes, start: int) -> tuple[int, bool]:
    """Where a string ends that is open at a place: behind its quote.

    0 where the text ends before it; then also whether the text ends with a backslash that escapes what follows.
    """
    if start and text[start - 1] == _BACKSLASH and text[start : start + 1] == b'"':
        # That backslash was escaped itself, in the text before this one.
        return start + 1, False
    at = start
    while quote := _QUOTE.search(text, at):
        at = quote.end()
        if not _is_escaped(text, start, at - 1):
            return at, False
    return 0, _is_escaped(text, start, len(text))


def _is_escaped(text: bytes, start: int, place: int) -> bool:
    """Whether an odd number of backslashes stands before a place in a string."""
    at = place
    while at > start and text[at - 1] == _BACKSLASH:
        at -= 1
    return (place - at) % 2 == 1
