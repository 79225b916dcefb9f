"""Splits HTTP traffic that was saved as text into pieces, each from one head to the next, while it is read.

A JSON string never contains a line break, so a line that ends like a head ends the body before it, wherever the head
begins. What is in a piece, `http_text` and `curl_output` find out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BufferedIOBase
from typing import NamedTuple

from guestcust.jsontext.splitting import CHUNK, Position

# What curl writes before each line with --trace-time and --trace-ids.
PREFIX = rb"(?:[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6} )?(?:\[[0-9a-fx-]+\] )?"
#: What colors text on a terminal.
ESCAPE = re.compile(rb"\x1b\[[0-9;]*m")
_METHOD = rb"[A-Z]{3,16}"
# Finding a literal first is many times faster. A status code tells a response from a request. Reason phrases are short,
# and have no quote, which would end a string of JSON.
_HTTP = re.compile(rb"HTTP/[0-9](?:\.[0-9])?(?: ([0-9]{3})(?: [^\r\n\"]{0,200})?| *)(\r*)\n")
_HTTP_IN_COLOR = re.compile(rb"HTTP[^\n]{0,1000}\n")
_STATUS_LINE = re.compile(rb"HTTP/[0-9](?:\.[0-9])? [0-9]{3}(?: |\r*\n)")
_REQUEST_LINE = re.compile(_METHOD + rb" \S+ HTTP/[0-9](?:\.[0-9])? *\r*\n")
# At the beginning of a line, or after a body, which may end in white space.
_LAST_METHOD = re.compile(rb"(?:\A[ \t\r]*|[^\sA-Z:]|(?:[}\]\"0-9]|null|true|false)[ \t\r]+)(" + _METHOD + rb")\Z")
_SENT_LINE = re.compile(PREFIX + rb"> " + _METHOD + rb" \S+ \Z")
_SENT_HEAD = re.compile(rb"=> Send header[^\n]*\n")
_PREFIX = re.compile(PREFIX + rb"\Z")
_LOGGED_HEADERS = re.compile(rb"^headers: <CIMultiDict", re.MULTILINE)
_LOGGED_REQUEST = re.compile(_METHOD + rb": \S+\r*\n\Z")
_WRITTEN_OUT = re.compile(rb'"curl_version":"[^"\n]{0,2000}"\}')
# A head's first line that is longer may be overlooked where it lies across two chunks.
_LONGEST = 16 * 1024
_LOOK_BACK = 32

#: The places in a text where pieces begin, and where the heads end that show it.
Find = Callable[[bytes], Iterator[tuple[int, int]]]


class Piece(NamedTuple):
    """A part of a file that begins with a head; cut if it is longer than the limit."""

    text: bytes
    line: int
    is_cut: bool = False

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset."""
        position = Position()
        position.line = self.line
        position.skip(self.text[:offset])
        return position.line, position.column


def heads(text: bytes) -> Iterator[tuple[int, int]]:
    """Finds heads of requests and responses."""
    for found in _HTTP.finditer(text):
        start = found.start()
        line = text.rfind(b"\n", 0, start) + 1
        # With a body that does not end in a line break, the next head follows on the same line.
        may_follow = found[2] != b""
        if found[1] is not None:
            if line == start or (may_follow and not text[start - 1 : start].isspace() and text[start - 1] != ord(":")):
                yield start, found.end()
        elif text[start - 1 : start] == b" ":
            target = text.rfind(b" ", line, start - 1)
            method = _LAST_METHOD.search(text[max(line, target - _LOOK_BACK) : target]) if target > line else None
            if method and target < start - 2:
                begin = target - len(method[1])
                if begin == line or may_follow:
                    yield begin, found.end()


def heads_in_color(text: bytes) -> Iterator[tuple[int, int]]:
    """Finds heads with escape sequences for colors in them."""
    for found in _HTTP_IN_COLOR.finditer(text):
        line = text.rfind(b"\n", 0, found.start()) + 1
        bare = ESCAPE.sub(b"", text[line : found.end()])
        if _STATUS_LINE.match(bare) or _REQUEST_LINE.match(bare):
            yield line, found.end()


def sent_lines(text: bytes) -> Iterator[tuple[int, int]]:
    """Finds the requests in the output of `curl -v`."""
    for found in _HTTP.finditer(text):
        line = max(text.rfind(b"\n", 0, found.start()), text.rfind(b"\r", 0, found.start())) + 1
        if found[1] is None and _SENT_LINE.match(text, line, found.start()):
            yield line, found.end()


def sent_heads(text: bytes) -> Iterator[tuple[int, int]]:
    """Finds the requests in the output of `curl --trace`."""
    for found in _SENT_HEAD.finditer(text):
        line = text.rfind(b"\n", 0, found.start()) + 1
        if _PREFIX.match(text, line, found.start()):
            yield line, found.end()


def logged(text: bytes) -> Iterator[tuple[int, int]]:
    """Finds the records in a log of vmware.vmware_rest."""
    for found in _LOGGED_HEADERS.finditer(text):
        line = text.rfind(b"\n", 0, max(0, found.start() - 1)) + 1
        if _LOGGED_REQUEST.match(text[line : found.start()]):
            yield line, found.end()


def written_out(text: bytes) -> Iterator[tuple[int, int]]:
    """Finds the ends of what `curl -w '%{json}'` writes after each body."""
    for found in _WRITTEN_OUT.finditer(text):
        yield found.end(), found.end()


def pieces(stream: BufferedIOBase, find: Find, most: int) -> Iterator[Piece]:
    """The pieces of a stream, and what comes before the first. Of each, at most `most` bytes and one more are kept."""
    kept: list[bytes] = []
    size, line, lines = 0, 1, 0
    ahead = b""

    def keep(text: bytes) -> None:
        nonlocal size, lines
        kept.append(text[: max(0, most + 1 - size)])
        size += len(text)
        lines += text.count(b"\n")

    while chunk := stream.read1(CHUNK):
        text = ahead + chunk
        begin = searched = 0
        for start, end in find(text):
            keep(text[begin:start])
            if size:
                yield Piece(b"".join(kept), line, size > most)
            kept, size, line, lines = [], 0, line + lines, 0
            begin, searched = start, end
        # A head may continue in the next chunk. Lines are not torn apart, so that each is seen from its beginning.
        again = max(searched, len(text) - _LONGEST)
        again = max(again, text.find(b"\n", again - 1) + 1) if again > searched else again
        keep(text[begin:again])
        ahead = text[again:]
    keep(ahead)
    if size:
        yield Piece(b"".join(kept), line, size > most)
