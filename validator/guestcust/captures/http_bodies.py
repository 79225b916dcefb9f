"""The bodies in HTTP that was saved as text: where they are in the file, and whether they are as they were sent."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from guestcust.captures.bodies import Body, fixed, is_json
from guestcust.captures.containers import UnreadableError
from guestcust.captures.exchanges import NOT_INCLUDED, Missing
from guestcust.captures.http_pieces import ESCAPE, Piece
from guestcust.model import Places

_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,200})?(?:\r\n|\Z)")
_NUMBER = re.compile(rb"[0-9]{1,15}")
# What HTTPie and jq write in place of a body, and what HTTPie, curl and script write after one.
_INSTEAD = (b"+-----", b"parse error", b"jq: ")
_AFTER = re.compile(rb"\s*(?:Elapsed time: [0-9.]+s|[1-5][0-9]{2}|Script done on [^\n]*)\Z")
_LONGEST_AFTER = 128
_LOSSY = "what stands here is not the body as it was sent; record it with `curl -i` or `curl --trace`"
# What belongs to other messages of the capture. No line within a string begins like this.
_OTHER = re.compile(
    rb"^[<> \t]*(?:[A-Z]{3,16}:? \S{1,8000} HTTP/[0-9]|headers: |(?:(?:proxy-)?authorization|(?:set-)?cookie|"
    rb"vmware-api-session-id)[ \t]*:)",
    re.IGNORECASE | re.MULTILINE,
)
_FOLLOWED = "other text follows the JSON of the body; record it with `curl -i` or `curl --trace`, one file per exchange"
_EMPTY = "the body is empty or was written elsewhere; record it with `curl -i`"


class Text(NamedTuple):
    """The text of a body, and where its parts are: for each, the offset in the text and in the piece."""

    data: bytes
    parts: Sequence[tuple[int, int]]
    piece: Piece
    #: Whether the file contains it in another form.
    is_encoded: bool = False

    def start(self) -> tuple[int, int]:
        """The line and column where it begins."""
        return self.piece.place(self.parts[0][1])

    def places(self) -> Places | None:
        """Returns positions in the file; None if the file contains the text as it is."""
        return None if len(self.parts) == 1 else partial(_places, of=self)

    def stripped(self) -> Text:
        """The text without white space around it."""
        data = self.data.strip()
        if len(data) == len(self.data):
            return self
        start = len(self.data) - len(self.data.lstrip())
        return self.between(start, start + len(data))

    def between(self, start: int, end: int) -> Text:
        """The text between two offsets."""
        first = max(0, bisect_right(self.parts, (start, len(self.piece.text) + 1)) - 1)
        within = [self.parts[first], *(part for part in self.parts[first + 1 :] if part[0] < end)]
        moved = [(max(0, at - start), there + max(0, start - at)) for at, there in within]
        return Text(self.data[start:end], moved, self.piece, self.is_encoded)


def _places(text: str, offsets: Iterable[int], of: Text) -> dict[int, tuple[int, int]]:
    found = {}
    for offset in set(offsets):
        at = len(text[:offset].encode("utf-8", "surrogatepass"))
        part = max(0, bisect_right(of.parts, (at, len(of.piece.text) + 1)) - 1)
        begin, there = of.parts[part]
        found[offset] = of.piece.place(there + at - begin)
    return found


def joined(found: Iterable[tuple[int, int]], piece: Piece) -> Text:
    """The text of the parts of a piece that are between pairs of offsets."""
    parts: list[tuple[int, int]] = []
    data: list[bytes] = []
    size, last = 0, -1
    for start, end in found:
        if start != last:
            parts.append((size, start))
        data.append(piece.text[start:end])
        size, last = size + end - start, end
    return Text(b"".join(data), parts or [(0, len(piece.text))], piece)


def without_colors(piece: Piece) -> Text:
    """The text of a piece, without the escape sequences that color it."""
    return joined(_between_colors(piece.text), piece)


def _between_colors(text: bytes) -> Iterator[tuple[int, int]]:
    start = 0
    for found in ESCAPE.finditer(text):
        if found.start() > start:
            yield start, found.start()
        start = found.end()
    yield start, len(text)


def _field(head: bytes, name: bytes) -> bytes:
    """The value of a header in a head in lower case; empty if there is none."""
    start = head.find(b"\n%s:" % name)
    if start < 0:
        return b""
    start += len(name) + 2
    end = head.find(b"\n", start)
    return head[start : end if end > 0 else len(head)].strip()


class Shown(NamedTuple):
    """The body of a response as a tool shows it."""

    text: Text
    #: The response's head.
    head: bytes
    #: Whether it stands among other output of the tool.
    is_mixed: bool = False
    #: Whether the tool writes dots for some characters.
    is_lossy: bool = False


def body_of(shown: Shown) -> Body | Missing:
    """The body of a response, or why there is none.

    Raises:
        UnreadableError: it was cut off, or the tool changed it.

    """
    whole = shown.text
    if whole.piece.is_cut:
        raise UnreadableError(f"the exchange is longer than {len(whole.piece.text) - 1} bytes; raise --max-size")
    text, head = whole.stripped(), shown.head.lower()
    if b"chunked" in _field(head, b"transfer-encoding") and _CHUNK.match(text.data):
        text = whole = _without_chunks(text)
    if not text.data:
        return Missing(NOT_INCLUDED.reason, _EMPTY)
    encoding = _field(head, b"content-encoding")
    encodings = tuple(part.strip() for part in encoding.decode(errors="replace").split(",")) if encoding else ()
    try:
        data = text.data.decode()
    except UnicodeDecodeError:
        # White space at the ends of compressed data belongs to it.
        return Body(whole.data, text.start, encodings=encodings)
    length = _NUMBER.fullmatch(_field(head, b"content-length")) if not encodings else None
    size = int(length.group()) if length else None
    is_as_sent = size in (len(text.data), len((text if shown.is_mixed else whole).data)) and not (
        shown.is_lossy and "." in data
    )
    is_shorter = shown.is_mixed and size is not None and len(whole.data) < size
    if not is_as_sent and (is_shorter or not is_json(data)):
        text = _exact(text, shown, size)
        data = text.data.decode()
    return Body(data, text.start, fixed(text.start) if text.is_encoded else text.places(), encodings=encodings)


def _exact(text: Text, shown: Shown, size: int | None) -> Text:
    """A body that is not JSON, without what a tool wrote after it.

    Raises:
        UnreadableError: the tool changed the body itself.

    """
    whole = shown.text
    cuts = [whole.between(0, size).stripped()] if size is not None and size <= len(whole.data) else []
    if after := _AFTER.search(text.data, max(0, len(text.data) - _LONGEST_AFTER)):
        cuts.append(text.between(0, after.start()))
    for cut in cuts:
        # With `curl --parallel`, the body of another response may follow, or be the one that was cut off here.
        if is_json(cut.data.decode(errors="replace")) and b'"status"' not in text.data[len(cut.data) :]:
            return cut
    if size is not None or shown.is_mixed or text.data.startswith(_INSTEAD):
        raise UnreadableError(_LOSSY)
    if _OTHER.search(text.data) or _is_followed(text.data.decode()):
        # It may hold credentials, which the lines around a violation would show.
        raise UnreadableError(_FOLLOWED)
    return text


def _is_followed(data: str) -> bool:
    """Whether a text begins with a JSON value, after which there is more than superfluous brackets."""
    try:
        end = json.JSONDecoder().raw_decode(data)[1]
    except (ValueError, RecursionError):
        return False
    return bool(data[end:].strip("]},; \t\r\n"))


def _without_chunks(text: Text) -> Text:
    """A body without the sizes of its chunks, which some tools keep."""
    data, at, size = [], 0, 1
    while size and (found := _CHUNK.match(text.data, at)):
        size = int(found[1], 16)
        at = found.end() + size
        data.append(text.data[found.end() : at])
        at += len(b"\r\n")
    if size:
        raise UnreadableError("the chunks of the body are incomplete; it was cut off")
    return Text(b"".join(data), text.parts[:1], text.piece, is_encoded=True)
