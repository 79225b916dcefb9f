"""What mock servers list: stubs and recordings of MockServer, Hoverfly, mountebank and nock.

A matcher that is not literal leaves its part of the request open. The reader of lists is in `listed`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import body_file
from guestcust.captures.exchanges import ANY_PATH, TEMPLATED, Missing, header, may_be_ours
from guestcust.captures.inside import not_included
from guestcust.captures.listed import Call, Opened, code_in, reader
from guestcust.captures.naming import may_name_operation
from guestcust.captures.patterns import path_of, query_of
from guestcust.captures.trees import JsonTree, at, items_at, text_at
from guestcust.model import Instance, Path

# MockServer: expectations by hand or recorded, and requests with their responses. Versions 5 and 7.

# The members of a body with a type, the exact ones first.
_TYPED = ("rawBytes", "base64Bytes", "json", "string", "filePath")


def _answers(expectation: Instance) -> Iterator[Path]:
    """Version 7 may have several responses to a request, one after the other."""
    several: list[Path] = [("httpResponses", number) for number in range(len(items_at(expectation, "httpResponses")))]
    return iter(several or [()])


def _mockserver(part: JsonTree, expectation: Instance) -> Call | None:
    request = at(expectation, "httpRequest")
    if not isinstance(request, dict):
        return None
    place: Path = ("httpResponse",) if part.instance is expectation else ()
    response, path = at(part.instance, *place), None if request.get("not") else _literal(request.get("path"))
    status = at(response, "statusCode")
    is_template = at(expectation, "httpResponseTemplate") is not None
    return Call(
        method=_literal(request.get("method")) or "ANY",
        url=(path_of(path) if path else ANY_PATH) + query_of(request.get("queryStringParameters")),
        status=200 if is_template or (status is None and response is not None) else status,
        body=(lambda opened: TEMPLATED) if is_template else partial(_mockserver_body, part, place),
        asked=_mockserver_asked(request.get("body")),
    )


def _literal(value: Instance) -> str | None:
    """A string that is required literally or as a pattern; None if it is negated or missing."""
    if isinstance(value, dict):
        value = None if value.get("not") else value.get("value")
    return value if isinstance(value, str) and value and not value.startswith("!") else None


def _mockserver_body(part: JsonTree, place: Path, opened: Opened) -> Body | Missing:
    path = (*place, "body")
    body = at(part.instance, *path)
    if body is None:
        return not_included("the response has no body", part.text)
    encodings = header(at(part.instance, *place, "headers"), "content-encoding")
    if not isinstance(body, dict) or (body.keys().isdisjoint(_TYPED) and not _is_type(body)):
        return part.body(path, encodings=encodings)
    name = next((name for name in _TYPED if body.get(name) is not None or name == "json" in body), None)
    if name is None:
        raise UnreadableError(f"the body of the response has none of the members {', '.join(_TYPED)}")
    if name == "filePath":
        return body_file(part, (*path, name), opened.source, "", opened.max_size, encodings)
    return part.body((*path, name), is_base64="Bytes" in name, encodings=encodings)


def _is_type(body: dict[str, Any]) -> bool:
    return text_at(body, "type").isupper() and body.keys() <= {"type", "contentType", "not", "optional"}


def _mockserver_asked(body: Instance) -> Instance:
    if not isinstance(body, dict):
        return body
    return next((body[name] for name in ("json", "string") if name in body), body)


# Hoverfly: simulations of versions 1 to 5, and the journal.


def _hoverfly(part: JsonTree, around: Instance) -> Call | None:
    request, response = at(part.instance, "request"), at(part.instance, "response")
    if not isinstance(request, dict):
        return None
    destination, path = _matched(request.get("destination")), _matched(request.get("path"))
    return Call(
        method=_matched(request.get("method")) or "ANY",
        url=f"{'//' * bool(destination and path)}{destination}{path or ANY_PATH}{query_of(request.get('query'))}"
        if path
        else ANY_PATH,
        status=code_in(response, "status"),
        body=partial(_hoverfly_body, part),
        asked=_matched(request.get("body")),
    )


def _matched(value: Instance) -> str:
    """What the matchers of Hoverfly require, with wildcards; empty if that is left open.

    All of them must match: an exact one counts before a pattern, and a pattern for our path before the others.
    """
    matchers = value if isinstance(value, list) else [value]
    patterns = list(filter(None, map(_matched_pattern, matchers)))
    exact = next(filter(None, map(_matched_exactly, matchers)), "")
    return exact or next(filter(may_be_ours, patterns), patterns[0] if patterns else "")


def _matched_exactly(matcher: Instance) -> str:
    if isinstance(matcher, str):
        return matcher
    if text_at(matcher, "matcher") in ("exact", "json"):
        return text_at(matcher, "value")
    return text_at(matcher, "exactMatch") or text_at(matcher, "jsonMatch")


def _matched_pattern(matcher: Instance) -> str:
    kind = text_at(matcher, "matcher")
    pattern = text_at(matcher, "value") if kind == "regex" else text_at(matcher, "regexMatch")
    glob = text_at(matcher, "value") if kind == "glob" else text_at(matcher, "globMatch")
    return path_of(pattern) if pattern else glob


def _hoverfly_body(part: JsonTree, opened: Opened) -> Body | Missing:
    response = at(part.instance, "response")
    encodings = header(at(response, "headers"), "content-encoding")
    if text_at(response, "bodyFile") and not text_at(response, "body"):
        return body_file(part, ("response", "bodyFile"), opened.source, "", opened.max_size, encodings)
    if at(response, "body") is None:
        return not_included("the response has no body", part.text)
    return part.body(("response", "body"), is_base64=at(response, "encodedBody") is True, encodings=encodings)


# mountebank: imposters, with the predicates of a stub as the request.

_EQUAL = ("equals", "deepEquals")
_PARTS = ("contains", "startsWith", "endsWith")
# A stub with more alternatives is not looked through.
_MOST_ALTERNATIVES = 100


def _imposters(imposter: Instance) -> Iterator[Path]:
    if text_at(imposter, "protocol") not in ("http", "https"):
        return
    for stub in range(len(items_at(imposter, "stubs"))):
        for response in range(len(items_at(imposter, "stubs", stub, "responses"))):
            yield "stubs", stub, "responses", response
    if items_at(imposter, "stubs") and isinstance(at(imposter, "defaultResponse"), dict):
        # It completes the other responses; its contents decide whether it is a payload.
        yield ("defaultResponse",)


def _mountebank(part: JsonTree, stub: Instance) -> Call | None:
    found = at(part.instance, "is")
    if text_at(stub, "protocol") or not isinstance(part.instance, dict):
        # An imposter without stubs, or another program's element.
        return None
    requests = list(itertools.islice(_alternatives(items_at(stub, "predicates")), _MOST_ALTERNATIVES))
    request = next((one for one in requests if may_be_ours(text_at(one, "path"))), requests[0])
    status = at(found, "statusCode")
    return Call(
        method=request.get("method", "ANY"),
        url=(text_at(request, "path") or ANY_PATH) + query_of(request.get("query")),
        status=200 if status is None and found is not None else status,
        body=partial(_mountebank_body, part),
        asked=request.get("body"),
    )


def _mountebank_body(part: JsonTree, opened: Opened) -> Body | Missing:
    response = at(part.instance, "is")
    if not isinstance(response, dict) or "body" not in response:
        return not_included("the stub has no body", part.text)
    encodings = header(at(response, "headers"), "content-encoding")
    return part.body(("is", "body"), is_base64=at(response, "_mode") == "binary", encodings=encodings)


def _alternatives(predicates: list[Any]) -> Iterator[dict[str, Any]]:
    """The requests that predicates match, as far as they are literal."""
    choices = [list(_alternatives_of(each)) for each in predicates]
    for chosen in itertools.product(*choices):
        yield {name: value for one in chosen for name, value in one.items()}


def _alternatives_of(predicate: Instance) -> Iterator[dict[str, Any]]:
    if items_at(predicate, "or"):
        for each in items_at(predicate, "or"):
            yield from _alternatives_of(each)
    elif items_at(predicate, "and"):
        yield from _alternatives(items_at(predicate, "and"))
    else:
        equal: dict[str, Any] = next(
            (at(predicate, name) for name in _EQUAL if isinstance(at(predicate, name), dict)), {}
        )
        pattern = text_at(predicate, "matches", "path")
        path = path_of(pattern) if pattern else _part_of_path(predicate)
        yield {**({"path": path} if path else {}), **equal}


def _part_of_path(predicate: Instance) -> str:
    """A path that must have a part of the operation's name, with wildcards; empty if any other part is required."""
    parts = (text_at(predicate, name, "path") for name in _PARTS)
    return next((path for part in parts if part and may_name_operation(path := f"*{part}")), "")


# nock: version 13 and 14.

_HEX = re.compile(r"(?:[0-9a-fA-F]{2})*")


def _nock(part: JsonTree, around: Instance) -> Call | None:
    instance = part.instance
    if not isinstance(instance, dict) or not {"scope", "path", "status"} <= instance.keys():
        return None
    return Call(
        method=instance.get("method"),
        url=text_at(instance, "scope") + text_at(instance, "path"),
        status=code_in(instance, "status"),
        body=partial(_nock_body, part),
        asked=instance.get("body"),
    )


def _nock_body(part: JsonTree, opened: Opened) -> Body | Missing:
    if "response" not in part.instance:
        return not_included("there is no response", part.text)
    body = part.body(("response",))
    response, headers = at(part.instance, "response"), at(part.instance, "rawHeaders")
    if isinstance(headers, list):
        headers = dict(zip(headers[::2], headers[1::2], strict=False)) if _are_strings(headers) else None
    # A compressed body is a list of chunks, any other that is not text is a string.
    is_compressed = isinstance(response, list) and bool(header(headers, "content-encoding"))
    chunks = response if is_compressed else [response] if at(part.instance, "responseIsBinary") is True else None
    if chunks and _are_strings(chunks) and all(map(_HEX.fullmatch, chunks)):
        encodings = header(headers, "content-encoding")
        return Body(bytes.fromhex("".join(chunks)), body.start, encodings=encodings)
    return body


def _are_strings(values: Instance) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


mockserver = reader(_mockserver, within=_answers)
hoverfly = reader(_hoverfly, ("data", "pairs"), ("journal",))
mountebank = reader(_mountebank, ("imposters",), within=_imposters)
nock = reader(_nock)
