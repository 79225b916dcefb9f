"""The elements of an array inside a JSON document, one at a time as the document streams by.

Finds the array by the names of the members that hold it; `splitting` takes it apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from io import BufferedIOBase

from guestcust.jsontext.splitting import BOM, CHUNK, Break, Piece, Position, Splitter, behind_string

_GAP = re.compile(rb"[ \t\n\r:]*")
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SCALAR = re.compile(rb'[^ \t\n\r,:"\[\]{}]+')
# No member name on the way is longer than this, and no array deeper.
_LONG = 64 * 1024
_DEEP = 1000


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
            behind, is_escaped = behind_string(self._buffer, self._at)
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
