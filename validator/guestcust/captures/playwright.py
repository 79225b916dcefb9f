"""Traces of Playwright: `trace.network`, which has an entry of a HAR on each line, and bodies in files beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BufferedIOBase

from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import limit
from guestcust.captures.exchanges import NOT_INCLUDED, broken, payload_of
from guestcust.captures.har import exchange_of
from guestcust.captures.trees import JsonTree, at, json_tree, text_at
from guestcust.model import Path, Payload, Source, Unchecked


def payloads(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every entry, or the reason why it has none."""
    number, most = 0, limit(max_size)
    while line := stream.readline(most + 1):
        number += 1
        try:
            if len(line) > most:
                yield broken(source.name, (), number, 1, f"the line is longer than {most} bytes; the rest was not read")
                return
            if line.strip():
                yield from _found(json_tree(line, (number - 1,), number), source, max_size)
        except UnreadableError as error:
            yield broken(source.name, (number - 1,), number, 1, str(error))


def _found(line: JsonTree, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    kind = text_at(line.instance, "type")
    if not kind:
        raise UnreadableError("the line has no type")
    if kind != "resource-snapshot":
        return
    path: Path = (*line.path, "snapshot")
    # Most exchanges are about something else, and their bodies need not be located.
    entry = at(line.instance, "snapshot")
    exchange = exchange_of(JsonTree("", entry, path, line.line), source, max_size) if isinstance(entry, dict) else None
    if exchange is None:
        raise UnreadableError("the snapshot has neither a request nor a response")
    found = payload_of(replace(exchange, body=lambda: NOT_INCLUDED, asked=lambda: None), source.name, max_size)
    if not isinstance(found, Unchecked) or found.reason != "other URL":
        (tree,) = line.parts([("snapshot",)], are_unique=True)
        found = payload_of(exchange_of(tree, source, max_size) or exchange, source.name, max_size)
    yield found
