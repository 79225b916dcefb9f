"""How documents begin: whether a text is of a format, by its first bytes and the members that `peek` finds in them.

Reading must not enter here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from guestcust.jsontext import decode
from guestcust.jsontext.marks import value_start

_MARKED = re.compile(rb"\s*(?=---|#)(?:\s|---|#[^\n]*\n)+\{")
# How HTTP as text may begin: with a head, a remark of curl, its progress, a time, or a color.
_MAY_BE_HTTP = re.compile(rb"\s*(?:[A-Z]{3}|Note: |Warning: |Script |[*>%=\x1b]|[0-9]{2}:|\[[0-9])")
# A line of Helm or Jinja, which makes a text no YAML. The lines of a block scalar are indented.
_TEMPLATE = re.compile(rb"^\{[{%]", re.MULTILINE)
# How a recording of responses begins in YAML.
_RESPONSES = re.compile(
    rb"^responses:\s*-\s+response:\s+(?:auto_calculate_content_length|body|content_type|headers|method|status|url):",
    re.MULTILINE,
)
# How the lines of a trace of Playwright begin.
_SNAPSHOT = b'{"type":"resource-snapshot"'
# The kinds of components in an OpenAPI document.
_COMPONENTS = frozenset(
    {"schemas", "responses", "parameters", "examples", "requestBodies", "headers"}
    | {"securitySchemes", "links", "callbacks", "pathItems"}
)
# They are the members of a mapping; other programs' YAML has lists of components.
_HAS_COMPONENTS = rf"""components["']?[ \t]*:(?:\s|#[^\n]*\n|[{{"'])*(?:{"|".join(sorted(_COMPONENTS))})"""


def has_key(head: bytes, seen: dict[str, Any], key: str) -> bool:
    """Whether a text that is not JSON has a key of YAML at its root."""
    from guestcust.captures.vcr import is_flow

    # JSON after a comment or a document marker is YAML.
    if is_flow(head) or _MARKED.match(head):
        return re.search(rf"""[{{,\s]["']?{key}["']?\s*:""".encode(), head) is not None
    if seen or _TEMPLATE.search(head):
        return False
    return re.search(rf"""^["']?{key}["']?[ \t]*:""".encode(), head, re.MULTILINE) is not None


def is_vcrpy(head: bytes, seen: dict[str, Any]) -> bool:
    """Whether it is a cassette of vcrpy or go-vcr."""
    from guestcust.captures.trees import at

    interactions = at(seen, "interactions")
    is_empty = interactions == {} and "version" in seen
    is_cassette = not {"uri", "url"}.isdisjoint(at(interactions, "0", "request") or ())
    return is_empty or is_cassette or has_key(head, seen, "interactions")


def is_ruby_vcr(head: bytes, seen: dict[str, Any]) -> bool:
    """Whether it is a cassette of VCR."""
    return "http_interactions" in seen or has_key(head, seen, "http_interactions")


def is_contract(head: bytes, seen: dict[str, Any]) -> bool:
    """Whether it is a Pact contract."""
    return "consumer" in seen and not seen.keys().isdisjoint({"provider", "interactions", "messages"})


def is_openapi(head: bytes, seen: dict[str, Any]) -> bool:
    """Whether it is an OpenAPI or Swagger document."""
    # Tools that sort members write this one first, and it may be long.
    components = seen.get("components")
    is_sorted = isinstance(components, dict) and not components.keys().isdisjoint(_COMPONENTS)
    keys = ("openapi", "swagger")
    return (
        is_sorted
        or not seen.keys().isdisjoint(keys)
        or any(has_key(head, seen, key) for key in (*keys, _HAS_COMPONENTS))
    )


def is_responses(head: bytes, seen: dict[str, Any]) -> bool:
    """Whether it is a recording of responses."""
    from guestcust.captures.trees import at

    return {"method", "url"} <= set(at(seen, "responses", "0", "response") or ()) or _RESPONSES.search(head) is not None


def is_opencollection(head: bytes, seen: dict[str, Any]) -> bool:
    """Whether it is a request or a collection of OpenCollection."""
    names = [name for name in ("opencollection", "info", "http") if name in seen or has_key(head, seen, name)]
    return "opencollection" in names or names[:2] == ["info", "http"]


def is_flows(head: bytes, seen: dict[str, Any], is_likely: bool = False) -> bool:
    """Whether it is flows of mitmproxy; if that is likely, they may be cut off at any byte."""
    if not head[:1].isdigit():
        return False
    from guestcust.captures.mitmproxy import begins

    return begins(head, is_likely)


def is_trace(head: bytes, seen: dict[str, Any]) -> bool:
    """Whether it is the network of a trace of Playwright."""
    return seen.get("type") == "resource-snapshot" and "snapshot" in seen


def may_be_trace(head: bytes) -> bool:
    """Whether a file that is named like the network of a trace may be one, cut off or with broken lines."""
    # Python's json writes a space after the colon.
    start = head[:100].replace(b" ", b"")
    return b'"resource-snapshot"' in head or (start != b"" and _SNAPSHOT.startswith(start))


def is_har(head: bytes, seen: dict[str, Any]) -> bool:
    """Whether it is a HAR, or one entry of it."""
    from guestcust.captures.trees import at

    log = at(seen, "log") or {}
    has_exchange = {"request", "response"} <= seen.keys() and any(
        isinstance(seen[name], dict) for name in ("request", "response")
    )
    is_lone_entry = "startedDateTime" in seen and has_exchange
    # Other programs have logs whose entries are strings or numbers.
    entries = at(log, "entries") or {}
    has_entries = "entries" in log and ("0" not in entries or isinstance(at(entries, "0"), dict))
    return is_lone_entry or "creator" in log or has_entries


def is_collection(head: bytes, seen: dict[str, Any]) -> bool:
    """Whether it is a collection of Postman."""
    return _POSTMAN(head, seen) or has_key(head, seen, r"\$kind")


def is_http_text(head: bytes, seen: dict[str, Any] | None = None) -> bool:
    """Whether it is HTTP as text."""
    # Loaded only for what may be such a text: most files are JSON.
    if not _MAY_BE_HTTP.match(head) and b'"curl_version"' not in head:
        return False
    from guestcust.captures import http_text

    return http_text.begins(head)


def is_lines(head: bytes, seen: dict[str, Any] | None = None) -> bool:
    """Whether the first line is a complete JSON text and something follows."""
    first, _, rest = head.lstrip().partition(b"\n")
    return bool(rest.strip()) and decode.decode(first).instance is not decode.UNREAD


def has(*signs: str) -> Callable[[bytes, dict[str, Any]], bool]:
    """Whether a document has one of some sets of members, given its first bytes and what `peek.members` finds in them.

    Args:
        signs: for each set, the paths of its members, separated by spaces. The steps of a path are separated by dots; 0
            is the first element of an array. If the root is an array, paths begin in its first element.

    """
    sets = [[sign.split(".") for sign in each.split()] for each in signs]

    def found(head: bytes, seen: dict[str, Any]) -> bool:
        root = seen.get("0") if value_start(head)[:1] == b"[" else seen
        return any(all(_is_in(root, path) for path in each) for each in sets)

    return found


def _is_in(value: Any, path: list[str]) -> bool:
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return True


ANSIBLE = has(
    *("url status invocation", "url status redirected", "plays.0.tasks", "plays stats"),
    *("results.0.ansible_loop_var", "results.0.url results.0.invocation"),
)
BRUNO = has("iterationIndex results", "results.0.test results.0.request results.0.response")
HOVERFLY = has("data.pairs meta", "data.pairs.0.request", "journal total", "journal.0.request journal.0.response")
MOCKSERVER = has("httpRequest")
MOUNTEBANK = has("imposters", "protocol stubs")
NEWMAN = has("collection run", "run.executions")
NOCK = has("scope method path")
# The API wraps a collection, and the backup of an account has a list of them.
_POSTMAN = has(
    *("info item", "collection.item", "collection.info", "requests order"),
    *("requests.0.collectionId", "requests.0.responses.0", "collections.0.requests", "collections.0.item"),
)
WIREMOCK = has("mappings", "request response", "requests meta", "requests.0.request requests.0.response")
