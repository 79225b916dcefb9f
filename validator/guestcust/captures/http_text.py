"""HTTP as text: the output of curl, HTTPie and govc, vmware.vmware_rest's log, and responses that REST clients save.

A response without its request is a document: it is checked if its status is 200, in the envelope that it seems to have.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from guestcust.captures import curl_output, http_pieces, logins, templates
from guestcust.captures.bodies import Body, content
from guestcust.captures.containers import UnreadableError
from guestcust.captures.curl_output import written_out
from guestcust.captures.documents import limit
from guestcust.captures.exchanges import TEMPLATED, Exchange, Missing, broken, payload_of
from guestcust.captures.http_bodies import Shown, Text, body_of, without_colors
from guestcust.captures.http_encoding import in_utf8
from guestcust.captures.http_pieces import ESCAPE, PREFIX, Piece, pieces
from guestcust.captures.http_turns import Heard, in_flight, in_turn
from guestcust.captures.naming import Rewound
from guestcust.jsontext.decode import UNREAD
from guestcust.model import Origin, Payload, Source, Unchecked, Verdict

_HTTP = rb"HTTP/[0-9](?:\.[0-9])?"
_METER = rb"(?:(?:Note|Warning): [^\n]*\n *)*(?:% Total[^\n]*\n[^\n]*\n)?(?:\r[ 0-9.kMGTP:-]{60,200})*"
_HEAD = re.compile(
    rb"\s*(?:Script started on [^\n]*\n)?(?:" + _HTTP + rb" [0-9]{3}\b|[A-Z]{3,16} \S{1,8000} " + _HTTP + rb" *\r*\n)"
)
_LOG = re.compile(rb"\s*[A-Z]{3,16}: \S+\r*\nheaders: <CIMultiDict")
_TRACE = re.compile(rb"\s*" + _METER + PREFIX + rb"(?:== Info:|=> Send )")
_VERBOSE = re.compile(rb"\s*" + _METER + PREFIX + rb"(?:\* |> )")
_SENT = re.compile(rb"^" + PREFIX + rb"> [A-Z]{3,16} \S+ HTTP/", re.MULTILINE)
_WRITTEN = b'"url_effective":"'

_EMPTY_LINE = re.compile(rb"\n\r*(?:\n|\Z)")
_REQUEST = re.compile(rb"([A-Z]{3,16}) (\S+) HTTP/")
_STATUS = re.compile(rb"HTTP/\S+ ([0-9]{3})")
_BEGUN = re.compile(rb"\s*HTTP/\S+ [0-9]{3}")
_LAST_STATUS = re.compile(rb"^(?=HTTP/)", re.MULTILINE)
_LOGGED = re.compile(rb"([A-Z]{3,16}): (\S+)\r*\n[^\n]*\n\s*status: ([0-9]{3})\r*\n\s*answer: ?")
_STRING = "it is a string, not shown because it may be the session id of a login; leave the login out of the capture"
_AMBIGUOUS = (
    "several requests come before the response, which may answer any of them; record one request at a time, "
    "with curl without --parallel"
)
_HEADLESS = "a body follows the head of an interim response; the head of the final response was cut off"
_ENOUGH = 64 * 1024


class _Form(NamedTuple):
    """What a tool writes: where its pieces begin, and how to read them."""

    find: http_pieces.Find
    read: Callable[[Iterable[Piece]], Iterator[Heard]]


def begins(head: bytes) -> bool:
    """Whether a text certainly is HTTP as text, given its first bytes."""
    return _form(head) is not None


def _form(head: bytes) -> _Form | None:
    bare = ESCAPE.sub(b"", head) if b"\x1b" in head else head
    if _HEAD.match(bare):
        first = _EMPTY_LINE.search(bare)
        has_colors = bare is not head and b"\x1b" in head[: first.end() if first else None]
        return _Form(http_pieces.heads_in_color if has_colors else http_pieces.heads, _plain)
    if _LOG.match(head):
        return _Form(http_pieces.logged, _logged)
    if _TRACE.match(head) and b"=> Send header" in head:
        return _Form(http_pieces.sent_heads, partial(_by_curl, curl_output.traced))
    if _VERBOSE.match(head) and _SENT.search(head):
        return _Form(http_pieces.sent_lines, partial(_by_curl, curl_output.verbose))
    end, _ = next(http_pieces.written_out(head), (0, 0)) if _WRITTEN in head else (0, 0)
    # In a larger document, more of it would follow.
    if end and head[end:].lstrip()[:1] not in (b",", b"]", b"}"):
        return _Form(http_pieces.written_out, _written_out)
    return None


def payloads(stream: io.BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every exchange, or the reason why it has none."""
    text = in_utf8(stream)
    head, form = b"", None
    while form is None and len(head) < _ENOUGH and (more := text.read1(_ENOUGH)):
        head += more
        form = _form(head)
    form = form or _Form(http_pieces.heads, _plain)
    text, is_empty = io.BufferedReader(Rewound(head, text), _ENOUGH), True
    for heard in form.read(pieces(text, form.find, limit(max_size))):
        is_empty = False
        yield _payload(heard, source, max_size)
    if is_empty:
        yield broken(source.name, (), (1, 1), "no request or response was found in it")


def _plain(found: Iterable[Piece]) -> Iterator[Heard]:
    return in_turn(filter(None, map(_message, found)))


def _message(piece: Piece) -> Heard | None:
    """A request or a response; None for what is neither."""
    text = piece.text
    bare = without_colors(piece) if b"\x1b" in text else None
    text = bare.data if bare else text
    empty = _EMPTY_LINE.search(text)
    end = empty.end() if empty else len(text)
    head = text[:end]
    body = bare.between(end, len(text)) if bare else Text(text[end:], ((0, end),), piece)
    if status := _STATUS.match(head):
        told = written_out(body.data)
        if told:
            return _told(piece, head, body.between(0, told[0]), told[1])
        return Heard(piece, "", None, None, int(status[1]), head, body)
    request = _REQUEST.match(head)
    if request is None:
        return None
    return Heard(piece, request[1].decode(), _text(request[2]), body.data.strip() or None, None, b"", body)


def _written_out(found: Iterable[Piece]) -> Iterator[Heard]:
    """Bodies, each followed by what curl writes about it."""
    for piece in found:
        told = written_out(piece.text)
        text = Text(piece.text[: told[0] if told else None], ((0, 0),), piece)
        if told:
            yield _told(piece, *_without_heads(text, b""), told[1])
        elif text.data.strip() and not _is_header_json(text.data):
            yield Heard(piece, "", None, None, 200, b"", text)


def _is_header_json(data: bytes) -> bool:
    """Whether this is what curl writes for `%{header_json}`, which may follow."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and bool(told) and all(isinstance(value, list) for value in told.values())


def _told(piece: Piece, head: bytes, body: Text, told: dict[str, Any]) -> Heard:
    status = told.get("response_code", told.get("http_code"))
    method, url = told.get("method", "ANY"), told["url_effective"]
    return Heard(piece, str(method), str(url), None, status if isinstance(status, int) else 0, head, body)


def _logged(found: Iterable[Piece]) -> Iterator[Heard]:
    for piece in found:
        if record := _LOGGED.match(piece.text):
            body = Text(piece.text[record.end() :].rstrip(), ((0, record.end()),), piece)
            is_cut = not piece.text.endswith((b"\n\n", b"\n\r\n"))
            yield Heard(piece, record[1].decode(), _text(record[2]), None, int(record[3]), b"", body, is_cut)


def _by_curl(read: Callable[[Piece], curl_output.Messages], found: Iterable[Piece]) -> Iterator[Heard]:
    return in_flight(_sent_by_curl(read, found))


def _sent_by_curl(read: Callable[[Piece], curl_output.Messages], found: Iterable[Piece]) -> Iterator[Heard]:
    for piece in found:
        messages = read(piece)
        if (request := _REQUEST.match(messages.request)) is None:
            continue
        head, body = _without_heads(messages.body, messages.response)
        head = head[max((last.start() for last in _LAST_STATUS.finditer(head)), default=0) :]
        # Before the end of the head, nothing belongs to the body.
        body = body if b"\n\n" in head.replace(b"\r", b"") else body.between(0, 0)
        status = _STATUS.match(head)
        method, url = request[1].decode(), _text(request[2])
        code = int(status[1]) if status else None
        is_mixed = not body.is_encoded
        is_mixed_up = code is not None and messages.is_mixed_up
        yield Heard(piece, method, url, messages.asked, code, head, body, is_mixed, messages.is_lossy, is_mixed_up)


def _without_heads(body: Text, head: bytes) -> tuple[bytes, Text]:
    """A body without the heads that `-i` adds before it, and the last of them."""
    while begun := _BEGUN.match(body.data):
        empty = _EMPTY_LINE.search(body.data, begun.end())
        end = empty.end() if empty else len(body.data)
        head, body = body.data[:end].lstrip(), body.between(end, len(body.data))
    return head, body


def _text(data: bytes) -> str:
    return data.decode(errors="replace")


def _payload(heard: Heard, source: Source, max_size: int) -> Payload | Unchecked:
    if heard.url is None:
        return _response(heard, source, max_size)
    start, body = partial(heard.piece.place, 0), partial(_body, heard)
    status = 200 if heard.is_ambiguous else UNREAD if _is_headless(heard) else heard.status
    exchange = Exchange((), start, heard.method, heard.url, status, body, lambda: heard.asked)
    return payload_of(exchange, source.name, max_size)


def _is_headless(heard: Heard) -> bool:
    """Whether a body follows an interim response, which has none: the head of the final response is missing."""
    return heard.status is not None and 100 <= heard.status < 200 and heard.body.data.strip() != b""


def _response(heard: Heard, source: Source, max_size: int) -> Payload | Unchecked:
    """The payload of a response without a request, or the reason why it has none."""

    def unchecked(reason: str, detail: str = "", verdict: Verdict = Verdict.SKIPPED) -> Unchecked:
        return Unchecked(Origin(source.name, heard.piece.line, status=heard.status), verdict, reason, detail)

    from guestcust.captures.relevance import has_signs

    if _is_headless(heard):
        if source.is_probed and not has_signs(heard.body.data):
            return unchecked("unrelated")
        return unchecked("status cannot be read", _HEADLESS, Verdict.UNREADABLE)
    if heard.status != 200:
        return unchecked(f"status {heard.status}")
    try:
        body = _body(heard)
        if isinstance(body, Missing):
            return unchecked(body.reason, body.detail)
        text, places = content(body, max_size)
    except UnreadableError as error:
        if source.is_probed and not has_signs(heard.body.data):
            return unchecked("unrelated")
        return unchecked("body cannot be read", str(error), Verdict.UNREADABLE)
    if logins.sets_session(heard.head) and not has_signs(
        text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    ):
        return unchecked("other operation", "the response to a login")
    if logins.may_be_session(text):
        if logins.is_session(text) or (source.is_probed and not has_signs(heard.body.data)):
            return unchecked("other operation", "it is a string, as the response to a login is")
        return unchecked("body cannot be read", _STRING, Verdict.UNREADABLE)
    if templates.is_templated(text):
        return unchecked(TEMPLATED.reason, TEMPLATED.detail)
    return Payload(text, partial(_origin, source.name, body.start), places=places)


def _origin(source: str, start: Callable[[], tuple[int, int]]) -> Origin:
    return Origin(source, *start(), status=200)


def _body(heard: Heard) -> Body | Missing:
    if heard.is_ambiguous:
        raise UnreadableError(_AMBIGUOUS)
    return body_of(Shown(heard.body, heard.head, heard.is_mixed, heard.is_lossy))
