"""Splits JSON arrays into their elements while they are read from a stream.

Finds where elements begin and end. Whether an element is valid JSON is up to `decode`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from guestcust.jsontext.marks import SPACE
from guestcust.model import Instance, Start

CHUNK = 1024 * 1024

# The marks to find between the elements of the array, and within them.
_BETWEEN = re.compile(rb'["\[\]{},]')
_WITHIN = re.compile(rb'["\[\]{}]')
# A quote that may end a string: not one after a single backslash.
_QUOTE = re.compile(rb'"(?:(?<!\\")|(?<=\\\\"))')
_BACKSLASH = ord("\\")
#: The bytes of UTF-8 that do not begin a character.
_CONTINUATION = bytes(range(0x80, 0xC0))


class Piece(NamedTuple):
    """An element of an array with its bytes unchanged; if it is longer than the limit, cut one byte after the limit."""

    text: bytes | str
    #: Finds where it begins.
    start: Start
    #: The index in the array, from 0.
    number: int
    #: Its value, where `text` is a string.
    instance: Instance = None


class Break(NamedTuple):
    """The place after which the elements cannot be told apart."""

    message: str
    line: int
    column: int


class Position:
    """Line and column in a file, advanced over its bytes."""

    def __init__(self, line: int = 1, column: int = 1) -> None:
        self.line, self.column = line, column

    def skip(self, text: bytes | str) -> None:
        """Advances over bytes of UTF-8, or over characters."""
        if isinstance(text, str):
            self._skip(text.count("\n"), len(text) - text.rfind("\n") - 1)
        else:
            last = text[text.rfind(b"\n") + 1 :]
            characters = last if last.isascii() else last.translate(None, _CONTINUATION)
            self._skip(text.count(b"\n"), len(characters))

    def _skip(self, breaks: int, columns: int) -> None:
        self.line += breaks
        self.column = columns + (1 if breaks else self.column)


class Marks:
    """Lines and columns in a text that begins at a place. Fast for offsets that are asked for in ascending order."""

    def __init__(self, text: str, start: tuple[int, int]) -> None:
        self._text = text
        self._start = start
        self._last, self._position = 0, Position(*start)

    def at(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        if offset < self._last:
            self._last, self._position = 0, Position(*self._start)
        self._position.skip(self._text[self._last : offset])
        self._last = offset
        return self._position.line, self._position.column


class Splitter:
    """Splits an array into its elements. Fed with chunks, beginning after the opening bracket.

    Args:
        position: the position after the opening bracket.
        max_size: how many bytes of an element to keep.
        ends_file: whether text after the array is an error.
        count: how many elements came before.

    """

    def __init__(self, position: Position, max_size: int, *, ends_file: bool, count: int = 0) -> None:
        #: True once no more elements can follow: the array has ended or is malformed.
        self.done = False
        #: The bytes after the array that were fed already; None until the array has ended.
        self.rest: bytes | None = None
        self._position = position
        self._max_size = max_size
        self._ends_file = ends_file
        self._depth = 1
        self._in_string = False
        self._escaped = False
        self._count = count
        self._start: tuple[int, int] | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[Piece | Break]:
        """The elements that end in the next chunk of the file."""
        taken, at = 0, int(self._escaped)
        self._escaped = False
        while self._depth:
            if self._in_string:
                at, self._escaped = string_end(chunk, at)
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
            yield self._break("unexpected text after the end of the array; a file holds one array")

    def close(self) -> Iterator[Piece | Break]:
        """The end of the file."""
        if not self._depth or self.done:
            return
        element_is_cut = self._depth > 1 or self._in_string
        if self._start:
            yield self._element()
        if not element_is_cut:
            self._start = None
            yield self._break('unexpected end of text inside the array; the text was cut off, or "]" is missing')

    def _take(self, piece: bytes) -> None:
        if self._start is None:
            text = piece.lstrip(SPACE)
            self._position.skip(piece[: len(piece) - len(text)])
            if not text:
                return
            piece, self._start = text, (self._position.line, self._position.column)
        # One byte more than the limit shows that the element is too long.
        self._parts.append(piece[: max(0, self._max_size + 1 - self._size)])
        self._size += len(piece)
        self._position.skip(piece)

    def _end_element(self, mark: bytes) -> Iterator[Piece | Break]:
        if self._start:
            yield self._element()
        elif mark == b",":
            yield self._break("unexpected comma; expected an element of the array")
        elif mark == b"]" and self._count:
            yield self._break("unexpected end of the array after a comma; remove the comma")
        if mark == b"}" and not self.done:
            yield self._break('unexpected "}" in the array; expected "," or "]"')

    def _element(self) -> Piece:
        assert self._start is not None
        start = self._start
        text = b"".join(self._parts)
        # One that was cut stays longer than the limit.
        text = text if len(text) > self._max_size else text.rstrip(SPACE)
        piece = Piece(text, lambda: start, self._count)
        self._count += 1
        self._start, self._parts, self._size = None, [], 0
        return piece

    def _break(self, message: str) -> Break:
        self.done = True
        line, column = self._start or (self._position.line, self._position.column)
        return Break(f"{message}; the rest was not read", line, column)


def string_end(text: bytes, start: int) -> tuple[int, bool]:
    """The offset after the closing quote of a string that is open at `start`.

    0 if the text ends first; then also whether the text ends with a backslash that escapes the next character.
    """
    if start and text[start - 1] == _BACKSLASH and text[start : start + 1] == b'"':
        # The backslash was itself escaped, in the chunk before this one.
        return start + 1, False
    at = start
    while quote := _QUOTE.search(text, at):
        at = quote.end()
        if not _is_escaped(text, start, at - 1):
            return at, False
    return 0, _is_escaped(text, start, len(text))


def _is_escaped(text: bytes, start: int, place: int) -> bool:
    """Whether an odd number of backslashes precedes an offset in a string."""
    at = place
    while at > start and text[at - 1] == _BACKSLASH:
        at -= 1
    return (place - at) % 2 == 1
