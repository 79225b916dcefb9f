"""OpenCollection, the YAML format of Bruno: the examples saved with a request, or with those of a whole collection."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial
from io import BufferedIOBase
from typing import Any

from guestcust.captures import whole
from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, broken, header, payload_of
from guestcust.captures.trees import Tree, at, items_at, text_at
from guestcust.model import Instance, Path, Payload, Source, Unchecked


def payloads(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every example, or the reason why it has none; a request without examples has no response."""
    try:
        data = whole.read(stream, max_size)
        if not whole.may_name_operation(data):
            return
        tree = whole.tree(data, max_size)
        places = list(_places(tree.instance, ()))
        whole.check_unique(tree, [(*place, "response", "body", "data") for place in places])
        parts: Sequence[Tree] = tree.parts(places, are_unique=True)
    except UnreadableError as error:
        yield broken(source.name, (), (1, 1), str(error))
        return
    for part in parts:
        is_example = part.path[-2:-1] == ("examples",)
        request = at(tree.instance, *part.path[:-2]) if is_example else part.instance
        yield payload_of(_exchange(part, request, is_example), source.name, max_size)


def _places(node: Any, path: Path) -> Iterator[Path]:
    """The places of the examples, and of the requests that have none."""
    examples = items_at(node, "examples")
    for number in range(len(examples)):
        yield (*path, "examples", number)
    if not examples and at(node, "http", "url") is not None:
        yield path
    # The readers of JSON and YAML bound the depth.
    for number, item in enumerate(items_at(node, "items")):
        yield from _places(item, (*path, "items", number))


def _exchange(part: Tree, request: Instance, is_example: bool) -> Exchange:
    asked = at(part.instance, "request") if is_example else None
    http = at(request, "http")
    body = at(asked, "body") or at(http, "body")
    return Exchange(
        path=part.path,
        start=part.start,
        method=at(asked, "method") or at(http, "method"),
        url=text_at(asked, "url") or text_at(http, "url"),
        status=_status(at(part.instance, "response")) if is_example else None,
        body=partial(_body, part),
        asked=lambda: text_at(body, "data") or (json.dumps(data) if (data := at(body, "data")) else None),
    )


def _status(response: Instance) -> Instance:
    """The status code. Imports by old versions swapped it and its text."""
    code, text = at(response, "status"), at(response, "statusText")
    return text if str(text).isdecimal() and not str(code).isdecimal() else code


def _body(part: Tree) -> Body | Missing:
    response = at(part.instance, "response")
    encodings = header(at(response, "headers"), "content-encoding")
    path: Path = ("response", "body", "data") if isinstance(at(response, "body"), dict) else ("response", "body")
    body = at(part.instance, *path)
    if body is None or body == "":
        return Missing(NOT_INCLUDED.reason, "the example was saved without a body")
    return part.body(path, verbatim=not isinstance(body, (str, bytes)), encodings=encodings)
