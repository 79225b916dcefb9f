"""Recordings of Python's responses, in YAML or JSON: a list of responses, without the requests' bodies."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

from guestcust.captures.bodies import Body
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, header
from guestcust.captures.trees import Tree, at, text_at
from guestcust.captures.vcr import Entries, cassette
from guestcust.jsontext.decode import UNREAD
from guestcust.model import Payload, Source, Unchecked


def payloads(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every response, or the reason why it has none; empty without responses."""
    entries = Entries(source.name, _exchange, "the entry has no response with a URL")
    return cassette(stream, "responses", ("response",), entries, max_size)


def _exchange(entry: Tree) -> Exchange | None:
    response = at(entry.instance, "response")
    if not isinstance(response, dict) or not text_at(response, "url"):
        return None
    return Exchange(
        path=entry.path,
        start=entry.start,
        method=response.get("method"),
        url=text_at(response, "url"),
        status=response.get("status", UNREAD),
        body=lambda: _body(entry),
    )


def _body(entry: Tree) -> Body | Missing:
    if at(entry.instance, "response", "body") is None:
        return Missing(NOT_INCLUDED.reason, "the response has no body")
    encodings = header(at(entry.instance, "response", "headers"), "content-encoding")
    return entry.body(("response", "body"), encodings=encodings)
