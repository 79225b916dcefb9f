"""Selects the exchanges of a capture that return payloads, by method, URL, operation, status and body.

Shared by all formats. Details of a format must not enter here.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from guestcust.captures import templates
from guestcust.captures.bodies import Body, content
from guestcust.captures.containers import UnreadableError
from guestcust.captures.envelopes import LIVE, STRUCTURE
from guestcust.captures.naming import ONLY_NAMED_IN_URL, may_name_operation
from guestcust.captures.trees import at, text_at
from guestcust.jsontext.decode import UNREAD
from guestcust.jsontext.display import brief, without_secrets
from guestcust.model import Instance, Origin, Path, Payload, Start, Unchecked, Verdict, pointer

#: The names of the service and the operation that return the payload, in json-rpc.
SERVICE, OPERATION = "com.vmware.vcenter.vm.guest.customization", "get"
#: The path that a stub without one matches.
ANY_PATH = "*"

_LIVE = "a different structure, with its own status and error"
# A variable may replace /api or /rest: Postman makes one for the common part of an OpenAPI document's servers.
_OURS = re.compile(r"(?:/(api|rest)|\{\{[^{}/]*\}\})/vcenter/vm/[^/]+/guest/customization(-live)?/?")
# The usual form, for which the steps below are not needed.
_USUAL = re.compile(r"https?://[^/?#]+/(api|rest)/vcenter/vm/[^/?#%]+/guest/customization")
_JSON_RPC = re.compile(r"(?:.*/)?api/?")
_AUTHORITY = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#]*")
_SLASHES = re.compile(r"/{2,}")
# Characters that need no encoding in a URL: A to Z, a to z, 0 to 9, "-", ".", "_", "~" (RFC 3986, section 2.3).
_ENCODED = re.compile(r"%(2[DEde]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])")
_STATUS = re.compile(r"(-?[0-9]{1,3})(?:\.0)?")


class Missing(NamedTuple):
    """Why a body is missing from a capture."""

    reason: str
    detail: str = ""


NOT_INCLUDED = Missing("body not included")
TEMPLATED = Missing("templated", "the body is a template; only what the server makes of it is a payload")


class Exchange(NamedTuple):
    """A request and its response, as a capture stores them."""

    #: Its path in the file.
    path: Path
    #: Finds where it begins in the file.
    start: Start
    #: The request's method as stored; "ANY" for all methods.
    method: Instance
    #: Absolute or relative, with or without a query; empty if the capture has none.
    url: str
    #: The response's status code as stored; None, or not above 0, if there was no response; UNREAD if the status code
    #: of a response is missing.
    status: Instance
    #: Returns the response's body; called only if needed. May raise UnreadableError.
    body: Callable[[], Body | Missing]
    #: Returns the request's body; None if the capture has none.
    asked: Callable[[], str | bytes | None] = lambda: None


def payload_of(exchange: Exchange, source: str, max_size: int) -> Payload | Unchecked:
    """The payload of an exchange, or the reason why there is none to validate."""
    url, status = exchange.url, _status(exchange.status)
    method = exchange.method.upper() if isinstance(exchange.method, str) else ""

    def origin(body: Body | None = None) -> Origin:
        start = exchange.start if body is None else body.start
        request = f"{method} {without_secrets(url)}".lstrip()
        return Origin(source, *start(), pointer(exchange.path), request, status)

    def skipped(reason: str, detail: str = "", body: Body | None = None) -> Unchecked:
        return Unchecked(origin(body), Verdict.SKIPPED, reason, detail)

    def unreadable(what: str, detail: str, body: Body | None = None) -> Unchecked:
        return Unchecked(origin(body), Verdict.UNREADABLE, f"{what} cannot be read", detail)

    if not url:
        return broken(source, exchange.path, exchange.start(), "the request has no URL")
    route = _route(url)
    if route is None:
        return skipped("other URL", _why_other(url))
    if route.is_live:
        return skipped("customization-live", _LIVE)
    if not method:
        found = "there is none" if exchange.method is None else f"found {brief(exchange.method)}"
        return unreadable("method", f"expected the request's method; {found}")
    if method not in ("POST" if route.envelope == "json-rpc" else "GET", "ANY"):
        return skipped("other URL" if route.envelope == "json-rpc" else "other method")
    asked = _operation(exchange.asked()) if route.envelope == "json-rpc" else None
    if asked is not None and asked[0] == f"{SERVICE}_live":
        return skipped("customization-live", _LIVE)
    if asked not in (None, (SERVICE, OPERATION)):
        return skipped("other operation")
    if exchange.status is UNREAD:
        return unreadable("status", "the response has no status code; the capture was cut off or edited")
    if status is None and exchange.status is not None:
        return unreadable("status", f"expected a status code; found {brief(exchange.status)}")
    if status is None and _has_body(exchange):
        return unreadable("status", "there is a body, but no status code")
    if status is None or status <= 0:
        return skipped("no response")
    if status != 200:
        return skipped(f"status {status}")
    try:
        body = exchange.body()
    except UnreadableError as error:
        return unreadable("body", str(error))
    if isinstance(body, Missing):
        return skipped(body.reason, body.detail)
    try:
        text, places = content(body, max_size)
    except UnreadableError as error:
        return unreadable("body", str(error), body)
    if route.envelope == "json-rpc" and asked is None and (other := _other_answer(text)):
        return skipped(other, body=body)
    if templates.is_templated(text):
        return skipped(TEMPLATED.reason, TEMPLATED.detail, body)
    return Payload(text, partial(origin, body), (), route.envelope, places, is_answer=True)


def _has_body(exchange: Exchange) -> bool:
    try:
        return not isinstance(exchange.body(), Missing)
    except UnreadableError:
        return True


def broken(source: str, path: Path, place: tuple[int, int], detail: str) -> Unchecked:
    """The result for a part of a capture that cannot be read."""
    return Unchecked(Origin(source, *place, pointer(path)), Verdict.UNREADABLE, "capture cannot be read", detail)


def header(headers: Instance, name: str) -> tuple[str, ...]:
    """The values of a header, in lower case, from any form in which captures store headers."""
    found: list[Instance] = []
    # Most headers have names of other lengths.
    if isinstance(headers, dict):
        for key, value in headers.items():
            if len(key) == len(name) and key.lower() == name:
                found += value if isinstance(value, list) else [value]
    elif isinstance(headers, list):
        for entry in headers:
            key = text_at(entry, "name") or text_at(entry, "key")
            if len(key) == len(name) and key.lower() == name:
                found.append(at(entry, "value"))
    return tuple(part.strip().lower() for value in found if isinstance(value, str) for part in value.split(","))


class _Route(NamedTuple):
    envelope: str
    is_live: bool = False


def _route(url: str) -> _Route | None:
    """The kind of API request that a URL makes, whatever its host and prefix."""
    usual = _USUAL.fullmatch(url)
    if usual:
        return _Route(usual.group(1))
    path = _AUTHORITY.sub("", url, count=1) if _AUTHORITY.match(url) else url
    path = _SLASHES.sub("/", re.split(r"[?#]", path, maxsplit=1)[0])
    path = _ENCODED.sub(lambda found: chr(int(found.group(1), 16)), path)
    # Matching from the left and comparing the end is linear in the length of the path.
    found = next((match for match in _OURS.finditer(path) if match.end() == len(path)), None)
    if found:
        return _Route(found.group(1) or "auto", is_live=bool(found.group(2)))
    return _Route("json-rpc") if _JSON_RPC.fullmatch(path) else None


def _why_other(url: str) -> str:
    if url.partition("?")[0] == ANY_PATH:
        return "it names no path, and nothing in it looks like a payload"
    return ONLY_NAMED_IN_URL if may_name_operation(url) else ""


def may_be_ours(url: str) -> bool:
    """Whether a request to a URL may be answered with a payload."""
    return _route(url) is not None


def _status(found: Instance) -> int | None:
    """A status code, which some tools write as a string; None if there is none."""
    if found == 200 and type(found) is int:
        return 200
    is_scalar = isinstance(found, (int, float, str)) and not isinstance(found, bool)
    code = _STATUS.fullmatch(str(found)) if is_scalar else None
    return int(code.group(1)) if code else None


def _operation(body: str | bytes | None) -> tuple[str, str] | None:
    """The service and the operation that a json-rpc request calls; None if unknown."""
    try:
        request = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
    params = at(request, "params")
    service = text_at(params, "serviceId")
    return (service, text_at(params, "operationId")) if service else None


def _other_answer(text: str | bytes) -> str:
    """Why the response to an unknown json-rpc request is skipped; empty if it contains our structure."""
    answer = text if isinstance(text, str) else text.decode(errors="replace")
    with contextlib.suppress(ValueError, RecursionError):
        # Any character of a name may be escaped.
        answer = str(json.loads(answer))
    if STRUCTURE in answer:
        return ""
    return "customization-live" if LIVE in answer else "other operation"
