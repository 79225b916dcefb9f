"""WireMock's stubs, one or a list of `mappings`, with bodies inside or in separate files; and its request journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from io import BufferedIOBase, BufferedReader

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import body_file, document, exchanges_in
from guestcust.captures.exchanges import ANY_PATH, TEMPLATED, Exchange, Missing, broken, header, payload_of
from guestcust.captures.inside import may_hold_payload, not_included
from guestcust.captures.patterns import is_open_url, path_of, query_of
from guestcust.captures.templates import has_template
from guestcust.captures.trees import JsonTree, at, items_at, text_at
from guestcust.jsontext.marks import value_start
from guestcust.jsontext.peek import members
from guestcust.model import Instance, Origin, Path, Payload, Source, Unchecked, pointer

_URLS = ("url", "urlPath", "urlPathTemplate")
_PATTERNS = ("urlPattern", "urlPathPattern")
#: The folder for bodies in separate files.
_FOLDER = "__files"


def payloads(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every stub or served request, or the reason why it has none."""
    head = stream.peek(1)
    if value_start(head)[:1] == b"[":
        return exchanges_in(stream, (), source.name, max_size, partial(_element, source, max_size))
    seen = members(head)
    if "requests" in seen and "mappings" not in seen:
        return exchanges_in(stream, ("requests",), source.name, max_size, partial(_event, source, max_size))
    return _stubs(stream, source, max_size)


def _stubs(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    try:
        tree = document(stream, max_size, {"mappings", "requests"}, has_comments=True)
    except UnreadableError as error:
        yield broken(source.name, (), (1, 1), str(error))
        return
    name = next((name for name in ("mappings", "requests") if name in tree.instance), None)
    if name is None:
        yield _payload(_exchange(tree, source, max_size), tree, source, max_size)
        return
    listed: list[Path] = [(name, number) for number in range(len(items_at(tree.instance, name)))]
    for part in tree.parts(listed):
        exchange = _event(source, max_size, part) if name == "requests" else _exchange(part, source, max_size)
        if exchange:
            yield _payload(exchange, part, source, max_size)


def _payload(exchange: Exchange, stub: JsonTree, source: Source, max_size: int) -> Payload | Unchecked:
    """The payload of an exchange. Of a stub for any URL, the contents decide."""
    if exchange.url.partition("?")[0] == ANY_PATH and may_hold_payload(stub.text):
        return _document(stub, source)
    return payload_of(exchange, source.name, max_size)


def _document(stub: JsonTree, source: Source) -> Payload:
    return Payload(stub.text, lambda: Origin(source.name, *stub.start(), pointer(stub.path)))


def _element(source: Source, max_size: int, element: JsonTree) -> Iterator[Exchange | Payload]:
    """An element of an array without a name, which other programs write, too."""
    exchange = _event(source, max_size, element)
    if exchange and not is_open_url(exchange.url):
        yield exchange
    elif may_hold_payload(element.text):
        yield _document(element, source)


def _event(source: Source, max_size: int, event: JsonTree) -> Exchange | None:
    """An entry of the journal; some of its lists have requests without responses."""
    return _exchange(event, source, max_size) if isinstance(at(event.instance, "request"), dict) else None


def _exchange(stub: JsonTree, source: Source, max_size: int) -> Exchange:
    request, status = at(stub.instance, "request"), at(stub.instance, "response", "status")
    # An event contains the body itself.
    patterns = (at(one, "equalToJson") for one in items_at(request, "bodyPatterns"))
    asked = next(filter(None, (at(request, "body"), *patterns)), None)
    return Exchange(
        path=stub.path,
        start=stub.start,
        method=_method(at(request, "method")),
        url=_url(request),
        status=200 if status is None else status,
        body=lambda: _body(stub, source, max_size),
        asked=lambda: asked if isinstance(asked, str) else json.dumps(asked),
    )


def _method(method: Instance) -> Instance:
    """The method that a stub matches; GET if it is one of several."""
    if method is None or method == "":
        return "ANY"
    if method == "GET_OR_HEAD":
        return "GET"
    one_of, none_of = items_at(method, "oneOf"), items_at(method, "noneOf")
    named = [str(name).upper() for name in one_of or none_of]
    if not named:
        return method
    if one_of:
        return "GET" if "GET" in named else "POST" if "POST" in named else "|".join(named)
    return "POST" if "GET" in named else "GET"


def _url(request: object) -> str:
    url = next((text_at(request, name) for name in _URLS if text_at(request, name)), None)
    if url is not None:
        return url + query_of(at(request, "queryParameters"))
    pattern = next((text_at(request, name) for name in _PATTERNS if text_at(request, name)), ANY_PATH)
    return path_of(pattern)


def _body(stub: JsonTree, source: Source, max_size: int) -> Body | Missing:
    response = at(stub.instance, "response")
    if at(response, "fault") or at(response, "proxyBaseUrl"):
        return Missing("no response", "the stub breaks the connection, or forwards the request")
    encodings = header(at(response, "headers"), "content-encoding")
    # The members that may contain the body, in WireMock's order; the first is that of an event.
    if text_at(response, "bodyAsBase64"):
        return stub.body(("response", "bodyAsBase64"), is_base64=True, encodings=encodings)
    if isinstance(response, dict) and "jsonBody" in response:
        return stub.body(("response", "jsonBody"), verbatim=True)
    if at(response, "base64Body"):
        return stub.body(("response", "base64Body"), is_base64=True, encodings=encodings)
    if at(response, "bodyFileName"):
        return _file(stub, ("response", "bodyFileName"), source, max_size, encodings)
    body = at(response, "body")
    if isinstance(body, str):
        return stub.body(("response", "body"), encodings=encodings)
    if text_at(body, "base64Data"):
        return stub.body(("response", "body", "base64Data"), is_base64=True, encodings=encodings)
    if text_at(body, "filePath"):
        return _file(stub, ("response", "body", "filePath"), source, max_size, encodings)
    if at(body, "data") is not None:
        return stub.body(("response", "body", "data"), encodings=encodings)
    if body not in (None, {}):
        raise UnreadableError("response.body has none of the members data, base64Data and filePath")
    return not_included("the stub has no body", stub.text)


def _file(stub: JsonTree, path: Path, source: Source, max_size: int, encodings: tuple[str, ...]) -> Body | Missing:
    if has_template(text_at(stub.instance, *path)):
        return TEMPLATED
    return body_file(stub, path, source, _FOLDER, max_size, encodings)
