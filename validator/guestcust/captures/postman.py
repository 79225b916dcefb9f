"""Postman: the responses saved in collections of versions 1 to 3, and the report of newman, which runs them.

Version 3 has a YAML file for each response, in folders named `.resources`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from io import BufferedReader, BytesIO
from typing import Any

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import exchanges_in, limit, lone_exchange
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, broken, header, payload_of
from guestcust.captures.fragments import characters, fragments
from guestcust.captures.inside import not_included
from guestcust.captures.naming import names_operation
from guestcust.captures.relevance import has_signs, looks_like_payload
from guestcust.captures.trees import JsonTree, Tree, at, items_at, text_at
from guestcust.jsontext.decode import UNREAD
from guestcust.jsontext.marks import value_start
from guestcust.jsontext.peek import members
from guestcust.model import Instance, Origin, Path, Payload, Source, Unchecked, Verdict

_RUN = ("run", "executions")
# Where the body of a request is, in versions 2, 3 and 1.
_ASKED = (("body", "raw"), ("body", "content"), ("rawModeData",), ("data",))
# The members with lists of responses or of such lists, and those around them.
_LISTS = {"collection", "collections", "item", "response", "requests", "responses", "run", "executions"}


def payloads(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every saved response, or the reason why it has none."""
    if value_start(stream.peek(1))[:1] == b"{":
        return lone_exchange(stream, source.name, max_size, _responses, _LISTS)
    return _part_of_version_3(stream, source, max_size)


def newman(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every execution in a report; the collection, which a report repeats, is not read."""
    if "executions" in (at(members(stream.peek(1)), "run") or ()):
        return exchanges_in(stream, _RUN, source.name, max_size, _execution)
    return payloads(stream, source, max_size)


def _responses(tree: JsonTree) -> Iterator[Exchange]:
    executions: list[Path] = [(*_RUN, each) for each in range(len(items_at(tree.instance, *_RUN)))]
    if executions:
        yield from filter(None, map(_execution, tree.parts(executions)))
        return
    roots: list[Path] = [(), ("collection",)]
    roots += [("collections", number) for number in range(len(items_at(tree.instance, "collections")))]
    found = [path for root in roots for path in _responses_in(at(tree.instance, *root), root)]
    for response in tree.parts(found):
        yield _saved(response, at(tree.instance, *response.path[:-2]))


def _responses_in(node: Any, path: Path) -> Iterator[Path]:
    # The JSON reader bounds the depth.
    for responses in ("response", "responses"):
        for number in range(len(items_at(node, responses))):
            yield (*path, responses, number)
    for nodes in ("item", "requests"):
        for number, inner in enumerate(items_at(node, nodes)):
            yield from _responses_in(inner, (*path, nodes, number))


def _saved(response: JsonTree, item: Any) -> Exchange:
    # The request that was sent is saved with the response; the item's own may have changed since. In version 1, the
    # item is a request.
    request = (
        at(response.instance, "originalRequest") or at(response.instance, "request") or at(item, "request") or item
    )
    code = at(response.instance, "responseCode", "code")
    return _exchange(
        response, request, at(response.instance, "code") if code is None else code, partial(_body, response)
    )


def _exchange(tree: Tree, request: Any, status: Instance, body: Any) -> Exchange:
    return Exchange(
        path=tree.path,
        start=tree.start,
        method="GET" if at(request, "method") is None else at(request, "method"),
        url=_url(request),
        status=status,
        body=body,
        asked=lambda: next(filter(None, (text_at(request, *path) for path in _ASKED)), ""),
    )


def _url(request: Any) -> str:
    """The URL of a request, which is an object, a string, or the request itself."""
    url = request if isinstance(request, str) else at(request, "url")
    if isinstance(url, str):
        return url
    segments = [text_at(part, "value") if isinstance(part, dict) else str(part) for part in items_at(url, "path")]
    host = at(url, "host")
    authority = ".".join(map(str, host)) if isinstance(host, list) else text_at(url, "host")
    scheme, port = text_at(url, "protocol"), text_at(url, "port")
    authority = f"{scheme}://" * bool(scheme) + authority + f":{port}" * bool(port)
    named = [f"{text_at(part, 'key')}={text_at(part, 'value')}" for part in items_at(url, "query")]
    query = f"?{'&'.join(named)}" if named else ""
    return text_at(url, "raw") or f"{authority}/{text_at(url, 'path').lstrip('/') or '/'.join(segments)}{query}"


def _body(response: JsonTree) -> Body | Missing:
    encodings = header(at(response.instance, "header"), "content-encoding")
    for name in ("body", "text"):
        if at(response.instance, name) is not None:
            return response.body((name,), encodings=encodings)
    return not_included("the example was saved without one", response.text)


def _execution(part: JsonTree) -> Exchange | None:
    request, response = at(part.instance, "request"), at(part.instance, "response")
    if not isinstance(request, dict):
        return None
    status = UNREAD if isinstance(response, dict) and at(response, "code") is None else at(response, "code")
    return _exchange(part, request, status, partial(_stream, part))


def _stream(part: JsonTree) -> Body | Missing:
    path: Path = ("response", "stream", "data")
    data = at(part.instance, *path)
    if data is None:
        return not_included("the execution has no response.stream", part.text)
    if not isinstance(data, list) or not all(type(each) is int and 0 <= each < 256 for each in data):
        raise UnreadableError("response.stream.data is not a list of bytes")
    encodings = header(at(part.instance, "response", "header"), "content-encoding")
    return Body(bytes(data), part.body(path).start, encodings=encodings)


def _part_of_version_3(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of a saved response, or the reason why there is none in a request or another part of a collection."""
    # Importing PyYAML is slow.
    from guestcust.captures import yaml_trees

    text = stream.read(limit(max_size) + 1)
    try:
        tree = yaml_trees.document(BytesIO(text), limit(max_size))
    except UnreadableError as error:
        # Other programs have a member $kind, too.
        if len(text) > limit(max_size) or has_signs(text):
            yield broken(source.name, (), (1, 1), str(error))
        return
    kind = text_at(tree.instance, "$kind")
    if kind == "http-example":
        response = at(tree.instance, "response")
        status = at(response, "statusCode") if isinstance(response, dict) and "statusCode" in response else UNREAD
        yield payload_of(
            _exchange(tree, at(tree.instance, "request"), status, partial(_content, tree)), source.name, max_size
        )
    elif any(map(looks_like_payload, fragments(characters(text)))) or _has_responses(tree, text):
        yield broken(
            source.name, (), (1, 1), f"a {kind} of Postman holds what looks like a payload; save it as an example"
        )
    else:
        detail = f"it is a {kind}; responses are in the files *.example.yaml"
        yield Unchecked(Origin(source.name), Verdict.SKIPPED, "no response", detail)


def _has_responses(part: Tree, text: bytes) -> bool:
    """Whether a request for our operation has responses, which only examples have."""
    return names_operation(text) and any(at(part.instance, name) for name in ("examples", "response", "responses"))


def _content(tree: Tree) -> Body | Missing:
    body = at(tree.instance, "response", "body")
    path: Path = ("response", "body", "content") if isinstance(body, dict) else ("response", "body")
    if at(tree.instance, *path) is None:
        return Missing(NOT_INCLUDED.reason, "the example was saved without one")
    return tree.body(path, encodings=header(at(tree.instance, "response", "headers"), "content-encoding"))
