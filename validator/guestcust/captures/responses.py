"""Recordings of Python's responses, in YAML or JSON: a list of responses, without the requests' bodies."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import exchanges_in, limit
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, broken, header, payload_of
from guestcust.captures.trees import Tree, at, text_at
from guestcust.captures.vcr import is_flow
from guestcust.jsontext.decode import UNREAD
from guestcust.jsontext.marks import value_start
from guestcust.model import Payload, Source, Unchecked


def payloads(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every response, or the reason why it has none."""
    head = stream.peek(1)
    if value_start(head)[:1] == b"{" and not is_flow(head):
        yield from exchanges_in(stream, ("responses",), source.name, max_size, _exchange)
        return
    # Importing PyYAML is slow.
    from guestcust.captures import yaml_trees

    try:
        for entry in yaml_trees.items(stream, "responses", ("response",), limit(max_size)):
            exchange = _exchange(entry)
            if exchange:
                yield payload_of(exchange, source.name, max_size)
    except UnreadableError as error:
        yield broken(source.name, ("responses",), (1, 1), f"{error}; the rest was not read")


def _exchange(entry: Tree) -> Exchange | None:
    response = at(entry.instance, "response")
    if not isinstance(response, dict):
        raise UnreadableError("the entry has no response")
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
