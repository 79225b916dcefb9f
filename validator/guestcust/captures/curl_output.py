"""Reads one exchange in the output of curl's options -v, --trace, --trace-ascii and -w '%{json}'."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from guestcust.captures.http_bodies import Text, joined
from guestcust.captures.http_pieces import PREFIX, Piece

_MARKED = re.compile(PREFIX + rb"(?:([<>])(?: |\Z)|\* |[{}] \[[0-9]+ bytes data\]\Z)")
_PROGRESS = re.compile(rb"(?:\r[ 0-9.kMGTP:-]{60,})+|  % Total .*| {20,}Dload .*|(?:Note|Warning): .*|curl: \(.*")
# A remark, also of the next run, may follow a body on the same line; a string that contains it would end in a quote.
_REMARK = re.compile(rb"[}\]\"a-z0-9]\s*(\* [A-Z ]|Note: |Warning: |curl: \(|% Total )")
_RECORD = re.compile(
    PREFIX + rb"(?:(=>|<=) (?:Send|Recv) (header|data), ([0-9]+) bytes|(?:=>|<=|==) (?:Send|Recv|Info))"
)
_DUMPED = re.compile(rb"([0-9a-f]{4,}): ")
_HEX = re.compile(rb"(?:[0-9a-f]{2} ){0,16}")
# The first line of data shows which of the two traces it is.
_FIRST = re.compile(rb"^0000: ((?:[0-9a-f]{2} ){16})?", re.MULTILINE)
_FINAL = re.compile(rb"HTTP/\S+ [2-9]")
_LEFT = re.compile(rb"^" + PREFIX + rb"(?:\* |== Info: )Connection #[0-9]+ [^\n]*left intact", re.MULTILINE)
_BREAK = b"\r\n"
_VERSION = b'"curl_version":"'


class Messages(NamedTuple):
    """A request and the responses to it, the last of which counts."""

    request: bytes
    asked: bytes | None
    response: bytes
    body: Text
    #: Whether characters that are not printable ASCII are lost.
    is_lossy: bool = False
    #: Whether parts of other exchanges are certainly among them, as `curl --parallel` writes them.
    is_mixed_up: bool = False


def verbose(piece: Piece) -> Messages:
    """An exchange that `curl -v` printed, with the body among its remarks."""
    heads: dict[bytes, list[bytes]] = {b">": [], b"<": []}
    body: list[tuple[int, int]] = []
    is_mixed_up = False
    for start, end, following in lines(piece.text):
        skipped = _PROGRESS.match(piece.text, start, end)
        at = skipped.end() if skipped else start
        marked = _MARKED.match(piece.text, at, end)
        if marked is None:
            remark = _remark(piece.text, at, end)
            body.append((at, following if remark == end else remark))
            is_early = not heads[b"<"] and piece.text[at:end].strip() != b""
            is_mixed_up = is_mixed_up or is_early or _has_head(piece.text, at, end)
        elif marked[1]:
            heads[marked[1]].append(piece.text[marked.end() : end] + b"\n")
    is_mixed_up = is_mixed_up or _has_several(heads[b"<"], piece)
    response = b"".join(heads[b"<"])
    return Messages(b"".join(heads[b">"]), None, response, joined(body, piece), is_mixed_up=is_mixed_up)


def _has_head(text: bytes, start: int, end: int) -> bool:
    """Whether a head follows a part of a body on its line; a string that contains it would end in a quote."""
    head = text.rfind(b"< HTTP/", start, end)
    return head >= 0 and text.find(b'"', head, end) < 0


def _has_several(heads: list[bytes], piece: Piece) -> bool:
    """Whether more than one response to the one request ends."""
    return sum(_FINAL.match(line) is not None for line in heads) > 1 or len(_LEFT.findall(piece.text)) > 1


def _without_return(text: bytes, start: int, end: int) -> int:
    while end > start and text[end - 1] in b"\r\n":
        end -= 1
    return end


def _remark(text: bytes, start: int, end: int) -> int:
    """Where a remark follows a body on its line; the end of the line if none does."""
    after = max(start, text.rfind(b'"', start, end))
    remark = _REMARK.search(text, after, end)
    return remark.start(1) if remark else end


def traced(piece: Piece) -> Messages:
    """An exchange that `curl --trace` or `--trace-ascii` wrote."""
    first = _FIRST.search(piece.text)
    is_hex = first is not None and first[1] is not None
    found: dict[bytes, list[bytes]] = {b"=>header": [], b"=>data": [], b"<=header": [], b"<=data": []}
    parts: list[tuple[int, int]] = []
    kind, size, taken, total = b"", 0, 0, 0
    is_early = False
    for at, end, _ in lines(piece.text):
        if record := _RECORD.match(piece.text, at, end):
            if kind and not is_hex and size - taken == len(_BREAK):
                found[kind].append(_BREAK)
                total += len(_BREAK) * (kind == b"<=data")
            kind, size, taken = (record[1] or b"") + (record[2] or b""), int(record[3] or 0), 0
            is_early = is_early or (kind == b"<=data" and not found[b"<=header"])
        elif kind and (line := _DUMPED.match(piece.text, at, end)):
            if is_hex:
                data = bytes.fromhex(_HEX.match(piece.text, line.end(), end)[0].decode())  # type: ignore[index]
            else:
                # In ASCII, a line break of the text ends the line and is left out.
                gap = _BREAK if int(line[1], 16) - taken == len(_BREAK) else b""
                data = gap + piece.text[line.end() : end]
            if kind == b"<=data":
                parts.append((total + len(data) - (end - line.end()) * (not is_hex), line.end()))
                total += len(data)
            found[kind].append(data)
            taken += len(data)
    sent = b"".join(found[b"=>data"])
    body = Text(b"".join(found[b"<=data"]), parts or [(0, 0)], piece, is_encoded=is_hex)
    head = b"".join(found[b"<=header"])
    is_mixed_up = is_early or _has_several(head.splitlines(), piece)
    return Messages(b"".join(found[b"=>header"]), sent or None, head, body, not is_hex, is_mixed_up)


def lines(text: bytes) -> Iterator[tuple[int, int, int]]:
    """The offsets where each line begins, where it ends without its line break, and where the next one begins."""
    at = 0
    while at < len(text):
        following = text.find(b"\n", at) + 1 or len(text)
        yield at, _without_return(text, at, following), following
        at = following


def written_out(data: bytes) -> tuple[int, dict[str, Any]] | None:
    """What `curl -w '%{json}'` wrote after a body, and the offset where it begins; None if there is nothing."""
    last = data.rfind(_VERSION)
    # No string of JSON contains a brace before an unescaped quote, and no value here is an object.
    start = data.rfind(b'{"', 0, last) if last > 0 else -1
    if start < 0:
        return None
    try:
        told = json.loads(data[start:])
    except (ValueError, RecursionError):
        return None
    return (start, told) if isinstance(told, dict) and "url_effective" in told else None
