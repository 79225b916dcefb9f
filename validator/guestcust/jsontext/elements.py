"""The elements of an array inside a JSON document, read one at a time from a stream.

Finds the array by the names of the members that hold it; `splitting` splits it.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from io import BufferedIOBase

from guestcust.jsontext.marks import BOM
from guestcust.jsontext.scanner import SPACE, may_go_on, scan
from guestcust.jsontext.splitting import CHUNK, Break, Marks, Piece, Position, Splitter, string_end

_GAP = re.compile(rb"[ \t\n\r:]*")
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SCALAR = re.compile(rb'[^ \t\n\r,:"\[\]{}]+')
# Longer member names, and deeper nesting, are not followed.
_LONG = 64 * 1024
_DEEP = 1000


def elements(stream: BufferedIOBase, path: Sequence[str], max_size: int) -> Iterator[Piece | Break]:
    """The elements of the array at a path of member names in the document that a stream holds; at its root if empty.

    Empty if there is no such array. The document is read to its end, so that a truncated one is noticed.
    """
    search = _Search(stream, tuple(path))
    if search.find_next():
        count, rest = yield from _scanned(stream, search.rest(), search.position, max_size)
        splitter = Splitter(search.position, max_size, ends_file=not path, count=count)
        yield from splitter.feed(rest)
        while not splitter.done and (chunk := stream.read1(CHUNK)):
            yield from splitter.feed(chunk)
        yield from splitter.close()
        if splitter.rest is None:
            return
        search.resume(splitter.rest)
        if search.find_next():
            search.broken = f'"{path[-1]}" is duplicated, so it is not certain which of the two counts'
    if search.broken is not None:
        yield Break(f"{search.broken}; the rest was not read", *search.place())


def _scanned(
    stream: BufferedIOBase, begun: bytes, position: Position, max_size: int
) -> Generator[Piece, None, tuple[int, bytes]]:
    """The first elements of an array, as far as the standard library's scanner accepts them.

    It is many times faster than `Splitter`, which continues where an element is not valid JSON, is too long, or is the
    last one.

    Returns:
        How many elements there were, and what was read of the others.

    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    text, at, count, chunk = "", 0, 0, begun
    # A longer element takes less memory with the splitter.
    most = min(max_size, 2 * CHUNK)
    while True:
        undecoded = decoder.getstate()[0] + chunk
        try:
            text, at = text[at:] + decoder.decode(chunk), 0
        except UnicodeDecodeError:
            return count, text[at:].encode() + undecoded
        marks = Marks(text, (position.line, position.column))
        while True:
            start = SPACE.match(text, at).end()  # type: ignore[union-attr]
            try:
                instance, end = scan(text, start)
            except (ValueError, RecursionError) as error:
                is_cut = isinstance(error, json.JSONDecodeError) and may_go_on(error, len(text))
                break
            comma = SPACE.match(text, end).end()  # type: ignore[union-attr]
            is_cut = comma == len(text)
            if text[comma : comma + 1] != "," or _is_longer(text[start:end], max_size):
                break
            yield Piece(text[start:end], partial(marks.at, start), count, instance)
            at, count = comma + 1, count + 1
        position.skip(text[:at])
        left = len(text) - at
        chunk = b""
        # Reading twice as much each time keeps the time for a long element proportional to its length.
        while is_cut and left <= most and len(chunk) < max(CHUNK, left) and (more := stream.read1(CHUNK)):
            chunk += more
        if not chunk:
            return count, text[at:].encode() + decoder.getstate()[0]


def _is_longer(text: str, size: int) -> bool:
    """Whether a text has more than a number of bytes in UTF-8."""
    # No character has more than four.
    return 4 * len(text) > size and len(text.encode()) > size


class _Search:
    """The search for an array by the names of the members that hold it."""

    def __init__(self, stream: BufferedIOBase, path: tuple[str, ...]) -> None:
        self.position = Position()
        #: Why the search ended early.
        self.broken: str | None = None
        self._stream = stream
        self._path = path
        self._buffer = b""
        self._at = 0
        # For each open container: whether it is an object, and the name of the member that it is the value of.
        self._containers: list[tuple[bool, str]] = []
        self._more()
        if self._buffer.startswith(BOM):
            self._at = len(BOM)

    def rest(self) -> bytes:
        """The bytes that were read after the opening bracket of the array."""
        self._drop()
        return self._buffer

    def resume(self, rest: bytes) -> None:
        """Continues after the closing bracket of the array, with the bytes that were read after it."""
        self._buffer, self._at = rest, 0
        self._containers.pop()

    def place(self) -> tuple[int, int]:
        """The current line and column."""
        self._drop()
        return self.position.line, self.position.column

    def find_next(self) -> bool:
        """Moves to after the opening bracket of the next array at the path; False if there is none."""
        containers = self._containers
        name = ""
        wants_name = False
        while True:
            mark = self._peek()
            if not mark:
                self.broken = "unexpected end of text inside the document; the text was cut off"
                return False
            if not containers and mark != (b"{" if self._path else b"["):
                self.broken = f"expected a JSON {'object' if self._path else 'array'} in UTF-8"
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
                    self.broken = f"nesting is deeper than {_DEEP} levels"
                    return False
            elif mark in b"]}":
                is_object = containers.pop()[0]
                if is_object != (mark == b"}"):
                    opened = "{" if is_object else "["
                    self.broken = (
                        f'unexpected "{mark.decode()}"; expected the end of the value that begins with "{opened}"'
                    )
                    return False
                self._at += 1
                if not containers:
                    if self._peek():
                        self.broken = "unexpected text after the end of the document"
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
        """Moves to after a string; returns its value, or an empty string if it is too long for a name."""
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
            end, is_escaped = string_end(self._buffer, self._at)
            self._at = end or len(self._buffer)
            if end or not self._more():
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
