"""Cassettes, which record exchanges under one member of a document in YAML or in JSON: read one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BufferedReader

from guestcust.captures.bodies import UnreadableError
from guestcust.captures.exchanges import Exchange, broken, judged
from guestcust.captures.splitting import BOM, SPACE
from guestcust.captures.streaming import exchanges_in, limit
from guestcust.captures.trees import Tree
from guestcust.model import Payload, Unjudged


def cassette(
    stream: BufferedReader, key: str, last: str, source: str, max_size: int, exchange: Callable[[Tree], Exchange]
) -> Iterator[Payload | Unjudged]:
    """What the exchanges under a key hold, read the way of one format; `last` is the key that ends a cassette."""
    if stream.peek(1).removeprefix(BOM).lstrip(SPACE)[:1] == b"{":
        return exchanges_in(stream, (key,), source, max_size, exchange)
    return _yaml_exchanges_in(stream, key, last, source, max_size, exchange)


def _yaml_exchanges_in(
    stream: BufferedReader, key: str, last: str, source: str, max_size: int, exchange: Callable[[Tree], Exchange]
) -> Iterator[Payload | Unjudged]:
    # PyYAML takes its time to start, which is lost where there is no YAML.
    from guestcust.captures import yaml_trees

    found = yaml_trees.items(stream, key, last, limit(max_size))
    while True:
        try:
            tree = next(found, None)
        except UnreadableError as error:
            yield broken(source, (key,), 1, 1, f"{error}; what follows was not read")
            return
        if tree is None:
            return
        yield judged(exchange(tree), source, max_size)
