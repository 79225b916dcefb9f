"""Recognises formats by the members that a JSON document begins with.

Works on what `jsontext.peek` finds in the first bytes. Reading must not enter here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from guestcust.jsontext.marks import value_start


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
POSTMAN = has(
    *("info item", "collection.item", "collection.info", "requests order", "requests folders"),
    *("requests.0.collectionId", "requests.0.responses", "collections.0.requests", "collections.0.item"),
)
WIREMOCK = has("mappings", "request response", "requests meta", "requests.0.request requests.0.response")
