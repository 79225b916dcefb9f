"""Pairs the requests and responses in HTTP that was saved as text; only a pair that is certain is checked.

How a message is written must not enter here, except for what shows that no response follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from guestcust.captures.bodies import is_json
from guestcust.captures.http_bodies import Text
from guestcust.captures.http_pieces import PREFIX, Piece

_STEP = re.compile(rb"HTTP/\S+ (?:1[0-9]{2}|[0-9]{3} Connection (established))", re.IGNORECASE)
# In a file of requests: comments, scripts, and references to files.
_BESIDE = re.compile(rb"^(?:#|//|[<>])", re.MULTILINE)
_MAY_ANSWER = re.compile(rb'"status"|^[ \t]*HTTP/\S+ [0-9]{3}', re.IGNORECASE | re.MULTILINE)
# After such a remark of curl, no response follows.
_ENDED = re.compile(
    rb"curl: \(|^" + PREFIX + rb"(?:\* |== Info: )[^\n]*(?:clos|shut|timed out|empty reply|reset|refused|died)",
    re.IGNORECASE | re.MULTILINE,
)


class Heard(NamedTuple):
    """An exchange, or as much of one as there is."""

    piece: Piece
    method: str
    #: None if the request is missing.
    url: str | None
    asked: bytes | None
    #: None if the response is missing.
    status: int | None
    #: The head of the response.
    head: bytes
    body: Text
    #: As in `Shown`.
    is_mixed: bool = False
    is_lossy: bool = False
    #: Whether the response may answer another request, which was sent before it came.
    is_ambiguous: bool = False


def in_turn(messages: Iterable[Heard]) -> Iterator[Heard]:
    """The exchanges of requests and responses in turn, or of responses alone."""
    asked: list[Heard] = []
    held: Heard | None = None
    for one in messages:
        if one.url is not None and one.status is None:
            if held or (asked and (asked[0].is_ambiguous or (len(asked) == 1 and _is_same(asked[0], one)))):
                yield from filter(None, (held, *asked))
                held, asked = None, []
            asked.append(_bare_request(one))
        elif asked and _is_interim(one, asked[0].method):
            pass
        elif asked:
            if len(asked) > 1:
                asked = [each._replace(is_ambiguous=True) for each in asked]
            first, *asked = asked
            yield first if first.is_ambiguous else one._replace(method=first.method, url=first.url, asked=first.asked)
        else:
            # Of the heads of a redirection or a proxy, the last one counts.
            if held and (held.body.data.strip() or not (_is_interim(held) or 300 <= (held.status or 0) < 400)):
                yield held
            held = one
    yield from filter(None, (held, *asked))


def in_flight(exchanges: Iterable[Heard]) -> Iterator[Heard]:
    """The exchanges of curl, of which those are ambiguous whose requests were in flight at the same time."""
    held: list[Heard] = []
    is_pending = False
    for one in exchanges:
        is_unanswered = one.status is None and (is_pending or not _ENDED.search(one.piece.text))
        # The body of an exchange without one may come later, in that of another.
        is_bodiless = one.status is not None and not (is_pending or one.is_ambiguous or one.body.data.strip())
        if is_unanswered or is_bodiless:
            piece = one.piece._replace(text=b"")
            held.append(one._replace(piece=piece, body=Text(b"", ((0, 0),), piece)))
            is_pending = is_pending or is_unanswered
            continue
        sent = [each for each in held if each.status is None]
        is_other = one.status is not None and not all(_is_same(each, one) for each in sent)
        for each in (*held, one):
            is_bodiless = each.status is not None and each is not one
            yield each._replace(is_ambiguous=one.is_ambiguous or (is_other and not is_bodiless))
        held, is_pending = [], False
    yield from held


def _is_same(one: Heard, other: Heard) -> bool:
    """Whether a request repeats another."""
    return (one.method, one.url, one.asked) == (other.method, other.url, other.asked)


def _bare_request(one: Heard) -> Heard:
    """A request without its text, unless this may contain a response with an unusual head."""
    begun = _BESIDE.search(one.body.data)
    body = one.body.data[: begun.start() if begun else None].strip()
    is_known = not body or (one.method != "GET" and (b"{{" in body or is_json(body.decode(errors="replace"))))
    if one.piece.is_cut or not is_known or _MAY_ANSWER.search(one.body.data):
        return one
    piece = one.piece._replace(text=b"")
    return one._replace(piece=piece, body=Text(b"", ((0, 0),), piece), asked=body or None)


def _is_interim(heard: Heard, method: str = "") -> bool:
    """Whether a response is only a step to the one that follows."""
    found = _STEP.match(heard.head)
    is_step = found is not None and not (found[1] and method == "CONNECT")
    return is_step and not heard.body.data.strip()
