"""Traces of Playwright: `trace.network`, which has an entry of a HAR on each line, and bodies in files beside it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from io import BufferedIOBase

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import limit
from guestcust.captures.exchanges import Exchange, broken, payload_of
from guestcust.captures.har import exchange_of
from guestcust.captures.trees import JsonTree, at, json_tree, text_at
from guestcust.model import Path, Payload, Source, Unchecked

_SNAPSHOT = "snapshot"


def payloads(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every entry, or the reason why it has none."""
    number, most = 0, limit(max_size)
    while line := stream.readline(most + 1):
        number += 1
        try:
            if len(line) > most:
                yield broken(
                    source.name, (), (number, 1), f"the line is longer than {most} bytes; the rest was not read"
                )
                return
            exchange = (
                _exchange(json_tree(line, (number - 1,), partial(_start, number)), source, max_size)
                if line.strip()
                else None
            )
        except UnreadableError as error:
            yield broken(source.name, (number - 1,), (number, 1), str(error))
            continue
        if exchange:
            yield payload_of(exchange, source.name, max_size)


def _start(number: int) -> tuple[int, int]:
    return number, 1


def _exchange(line: JsonTree, source: Source, max_size: int) -> Exchange | None:
    kind = text_at(line.instance, "type")
    if not kind:
        raise UnreadableError("the line has no type")
    if kind != "resource-snapshot":
        return None
    exchange = exchange_of(_Snapshot(line), source, max_size)
    if exchange is None or not isinstance(at(line.instance, _SNAPSHOT), dict):
        raise UnreadableError("the snapshot has neither a request nor a response")
    return exchange


class _Snapshot:
    """The entry of a HAR in a line; its parts are located only when they are needed."""

    def __init__(self, line: JsonTree) -> None:
        self.path: Path = (*line.path, _SNAPSHOT)
        self.start = line.start
        self.instance = at(line.instance, _SNAPSHOT)
        self._line = line

    def body(
        self, path: Path, *, is_base64: bool = False, encodings: tuple[str, ...] = (), verbatim: bool = False
    ) -> Body:
        """As `Tree.body`."""
        return self._line.body((_SNAPSHOT, *path), is_base64=is_base64, encodings=encodings, verbatim=verbatim)
