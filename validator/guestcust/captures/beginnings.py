"""How documents begin: whether a text is of a format, told by its first bytes and the members that `peek` finds."""

from __future__ import annotations

import re
from typing import Any

_MARKED = re.compile(rb"\s*(?=---|#)(?:\s|---|#[^\n]*\n)+\{")
# A line of Helm or Jinja, which makes a text no YAML. The lines of a block scalar are indented.
_TEMPLATE = re.compile(rb"^\{[{%]", re.MULTILINE)
# How a recording of responses begins in YAML.
_RESPONSES = re.compile(
    rb"^responses:\s*-\s+response:\s+(?:auto_calculate_content_length|body|content_type|headers|method|status|url):",
    re.MULTILINE,
)
# The kinds of components in an OpenAPI document.
_COMPONENTS = frozenset({"schemas", "responses", "parameters", "examples", "requestBodies", "headers"})


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
        is_sorted or not seen.keys().isdisjoint(keys) or any(has_key(head, seen, key) for key in (*keys, "components"))
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
