"""A JSON file: one payload, or an array of payloads, which is taken apart as it streams by.

Finds where elements begin and end and nothing more; whether an element is JSON is for `decode` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedIOBase

from guestcust.captures.decode import BOM_FAULT
from guestcust.model import Fault, Origin, Payload, Span

_CHUNK = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\n\r"
_SPACES = re.compile(rb"[ \t\n\r]*")
# So many bytes behind the white space tell a byte order mark and an array.
_TELLING = 4
_OUTSIDE = re.compile(rb'["\[\]{},]')
_IN_STRING = re.compile(rb'["\\]')
#: The bytes of UTF-8 that begin no character.
_CONTINUATION = bytes(range(0x80, 0xC0))


def payloads(stream: BufferedIOBase, source: str, max_size: int) -> Iterator[Payload]:
    """The whole document, or each element where it is an array."""
    document, at = bytearray(), 0
    while len(document) - at < _TELLING and len(document) <= max_size and (chunk := stream.read1(_CHUNK)):
        document += chunk
        if not at and document.startswith(_BOM):
            at = len(_BOM)
        at = _SPACES.match(document, at).end()  # type: ignore[union-attr]
    # An array in UTF-16 begins with the same byte, and is one text that cannot be read.
    if document[at : at + 1] != b"[" or document[at + 1 : at + 2] == b"\0":
        while len(document) <= max_size and (chunk := stream.read1(_CHUNK)):
            document += chunk
        yield Payload(bytes(memoryview(document)[: max_size + 1]), Origin(source))
        return
    has_bom = document.startswith(_BOM)
    splitter = _Splitter(source, max_size, has_bom=has_bom)
    splitter.skip(bytes(document[len(_BOM) * has_bom : at + 1]))
    yield from splitter.feed(bytes(document[at + 1 :]))
    while not splitter.broken and (chunk := stream.read1(_CHUNK)):
        yield from splitter.feed(chunk)
    if not splitter.broken:
        yield from splitter.close()


class _Splitter:
    """Cuts an array into its elements; fed with chunks from behind its opening bracket."""

    def __init__(self, source: str, max_size: int, *, has_bom: bool) -> None:
        #: Set once the array's own text is wrong, so that no element behind can be trusted.
        self.broken = False
        self._source = source
        self._max_size = max_size
        self._has_bom = has_bom
        self._line, self._column = 1, 1
        self._depth = 1
        self._in_string = False
        self._escaped = False
        self._count = 0
        self._start: tuple[int, int] | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[Payload]:
        taken, at = 0, int(self._escaped)
        self._escaped = False
        while self._depth and (token := (_IN_STRING if self._in_string else _OUTSIDE).search(chunk, at)):
            at, mark = token.end(), token.group()
            if self._in_string:
                if mark == b"\\":
                    at += 1
                    self._escaped = at > len(chunk)
                else:
                    self._in_string = False
            elif mark == b'"':
                self._in_string = True
            elif mark in b"[{":
                self._depth += 1
            elif self._depth == 1:
                self._take(chunk[taken : token.start()])
                yield from self._end_element(mark)
                if self.broken:
                    return
                taken = at
                self.skip(mark)
                self._depth -= mark == b"]"
            elif mark != b",":
                self._depth -= 1
        self._take(chunk[taken:])
        if not self._depth and self._start:
            yield self._break("text stands behind the end of the array; one file holds one array")

    def close(self) -> Iterator[Payload]:
        """The end of the file."""
        if not self._depth:
            return
        element_is_cut = self._depth > 1 or self._in_string
        if self._start:
            yield self._element()
        if not element_is_cut:
            self._start = None
            yield self._break('the text ends before the array does; it was cut off, or "]" is missing')

    def skip(self, text: bytes) -> None:
        """Moves on over text that belongs to no element."""
        breaks = text.count(b"\n")
        if breaks:
            self._line += breaks
            self._column = 1
            text = text[text.rfind(b"\n") + 1 :]
        self._column += len(text if text.isascii() else text.translate(None, _CONTINUATION))

    def _take(self, piece: bytes) -> None:
        if self._start is None:
            text = piece.lstrip(_SPACE)
            self.skip(piece[: len(piece) - len(text)])
            if not text:
                return
            piece, self._start = text, (self._line, self._column)
        # One byte more than allowed shows the judge that it is too much.
        self._parts.append(piece[: max(0, self._max_size + 1 - self._size)])
        self._size += len(piece)
        self.skip(piece)

    def _end_element(self, mark: bytes) -> Iterator[Payload]:
        if self._start:
            yield self._element()
        elif mark == b",":
            yield self._break("a comma stands where an element should be")
        elif mark == b"]" and self._count:
            yield self._break("the array ends where an element should be; a comma too many stands before it")
        if mark == b"}" and not self.broken:
            yield self._break('"}" stands where the array has "," or "]"')

    def _element(self) -> Payload:
        assert self._start is not None
        line, column = self._start
        faults = (replace(BOM_FAULT, ahead=(1, 1)),) if self._has_bom and not self._count else ()
        text = b"".join(self._parts).rstrip(_SPACE)
        payload = Payload(text, Origin(self._source, line, column, f"/{self._count}"), faults)
        self._count += 1
        self._start, self._parts, self._size = None, [], 0
        return payload

    def _break(self, message: str) -> Payload:
        """What stands for the rest of the file, which is not read."""
        self.broken = True
        line, column = self._start or (self._line, self._column)
        fault = Fault("json-syntax", f"{message}; what follows was not read", (), Span(0, 1))
        return Payload(None, Origin(self._source, line, column), (fault,))
