"""Postman collections, v2.1: the responses saved as examples with the requests, in nested folders."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedIOBase
from typing import Any

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import document
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, broken, header, payload_of
from guestcust.captures.trees import JsonTree, at, items_at, text_at
from guestcust.model import Path, Payload, Source, Unchecked


def payloads(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every saved response, or the reason why it has none."""
    try:
        tree = document(stream, max_size, {"item", "response"})
    except UnreadableError as error:
        yield broken(source.name, (), (1, 1), str(error))
        return
    for response in tree.parts(list(_responses(tree.instance, ()))):
        item = at(tree.instance, *response.path[:-2])
        yield payload_of(_exchange(response, item), source.name, max_size)


def _responses(node: Any, path: Path) -> Iterator[Path]:
    # The JSON reader bounds the depth.
    for number in range(len(items_at(node, "response"))):
        yield (*path, "response", number)
    for number, item in enumerate(items_at(node, "item")):
        yield from _responses(item, (*path, "item", number))


def _exchange(response: JsonTree, item: Any) -> Exchange:
    # The request that was sent is saved with the response; the item's own may have changed since.
    request = at(response.instance, "originalRequest") or at(item, "request")
    return Exchange(
        path=response.path,
        start=response.start,
        method="GET" if at(request, "method") is None else at(request, "method"),
        url=_url(request),
        status=at(response.instance, "code"),
        body=lambda: _body(response),
        asked=lambda: text_at(request, "body", "raw"),
    )


def _url(request: Any) -> str:
    """The URL of a request, which is an object, a string, or the request itself."""
    url = request if isinstance(request, str) else at(request, "url")
    if isinstance(url, str):
        return url
    segments = [text_at(part, "value") if isinstance(part, dict) else str(part) for part in items_at(url, "path")]
    host = at(url, "host")
    authority = ".".join(map(str, host)) if isinstance(host, list) else text_at(url, "host")
    named = [f"{text_at(part, 'key')}={text_at(part, 'value')}" for part in items_at(url, "query")]
    query = f"?{'&'.join(named)}" if named else ""
    return text_at(url, "raw") or f"{authority}/{text_at(url, 'path').lstrip('/') or '/'.join(segments)}{query}"


def _body(response: JsonTree) -> Body | Missing:
    if at(response.instance, "body") is None:
        return Missing(NOT_INCLUDED.reason, "the example was saved without one")
    return response.body(("body",), encodings=header(at(response.instance, "header"), "content-encoding"))
