"""Lists of exchanges in JSON: one reader for all tools that write them.

Reads an array one element at a time. What only one tool does belongs to its row, in `mocks` or `runs`.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from functools import partial
from io import BufferedReader
from typing import NamedTuple

from guestcust.captures.bodies import Body
from guestcust.captures.documents import exchanges_in, lone_exchange
from guestcust.captures.exchanges import Exchange, Missing
from guestcust.captures.inside import may_hold_payload
from guestcust.captures.patterns import is_open_url
from guestcust.captures.trees import JsonTree, at, items_at
from guestcust.jsontext.decode import UNREAD
from guestcust.jsontext.marks import value_start
from guestcust.jsontext.peek import members
from guestcust.model import Instance, Origin, Path, Payload, Source, Unchecked, pointer

#: The paths of the exchanges in an element of an array.
Within = Callable[[Instance], Iterator[Path]]


class Call(NamedTuple):
    """An exchange without its place in the file; its attributes are those of `Exchange`."""

    method: Instance
    url: str
    status: Instance
    #: Opens body files with its argument.
    body: Callable[[Opened], Body | Missing]
    asked: Instance = None


class Opened(NamedTuple):
    """The file that is read, and the size limit of a payload."""

    source: Source
    max_size: int


def _itself(element: Instance) -> Iterator[Path]:
    yield ()


class Tool(NamedTuple):
    """How a tool writes exchanges."""

    #: Reads an exchange, given what contains the array that it is an item of; returns None if it is not an exchange.
    read: Callable[[JsonTree, Instance], Call | None]
    #: The paths of the arrays of elements, unless the root is the array. A document without any of them is an element.
    lists: tuple[tuple[str, ...], ...]
    #: The paths of the exchanges in an element.
    within: Within


def reader(
    read: Callable[[JsonTree, Instance], Call | None], *lists: tuple[str, ...], within: Within = _itself
) -> Callable[[BufferedReader, Source, int], Iterator[Payload | Unchecked]]:
    """The reader of a tool's files; arguments as the attributes of `Tool`."""
    return partial(_payloads, Tool(read, lists, within))


def _payloads(tool: Tool, stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    read = partial(_exchanges, tool, Opened(source, max_size))
    head = stream.peek(1)
    if value_start(head)[:1] == b"[":
        return exchanges_in(stream, (), source.name, max_size, read)
    seen = members(head)
    names = next((names for names in tool.lists if isinstance(at(seen, *names), dict)), None)
    if names is None:
        lists = {name for names in tool.lists for name in names}
        return lone_exchange(stream, source.name, max_size, partial(_exchanges_of_document, tool, read), lists)
    return exchanges_in(stream, names, source.name, max_size, read)


def _exchanges_of_document(
    tool: Tool, read: Callable[[JsonTree], Iterator[Exchange | Payload]], tree: JsonTree
) -> Iterator[Exchange | Payload]:
    """The exchanges of a document whose list begins too late to be seen, or that is itself an element."""
    paths: list[Path] = [
        (*names, number) for names in tool.lists for number in range(len(items_at(tree.instance, *names)))
    ]
    return itertools.chain.from_iterable(map(read, tree.parts(paths) if paths else [tree]))


def _exchanges(tool: Tool, opened: Opened, element: JsonTree) -> Iterator[Exchange | Payload]:
    """The exchanges in an element, and what may contain a payload without a request."""
    paths = list(tool.within(element.instance)) or [()]
    for part, path in zip([element] if paths == [()] else element.parts(paths), paths, strict=True):
        call = tool.read(part, at(element.instance, *path[:-2]))
        # Without a certain path or a known response, the contents decide.
        is_open = call is None or call.status is None or is_open_url(call.url)
        if is_open and may_hold_payload(part.text):
            yield Payload(part.text, partial(_origin, opened.source.name, part))
        elif call is not None:
            yield Exchange(
                part.path,
                part.start,
                call.method,
                call.url,
                call.status,
                partial(call.body, opened),
                partial(_text, call.asked),
            )


def _origin(source: str, part: JsonTree) -> Origin:
    return Origin(source, *part.start(), pointer(part.path))


def code_in(response: Instance, name: str) -> Instance:
    """The status code in a member of a response; None if there is no response."""
    if not isinstance(response, dict):
        return None if response is None else UNREAD
    return UNREAD if response.get(name) is None else response[name]


def _text(asked: Instance) -> str | None:
    return asked if isinstance(asked, str) or asked is None else json.dumps(asked)
