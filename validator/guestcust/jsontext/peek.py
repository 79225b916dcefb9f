"""Looks at the first bytes of a JSON text: which members it has, without reading it to the end."""

from __future__ import annotations

import json
import re
from typing import Any

from guestcust.jsontext.marks import value_start

_TOKEN = re.compile(rb'[\[\]{},:]|"[^"\\]*(?:\\.[^"\\]*)*(?P<quote>")?|[^\s\[\]{},:"]+', re.DOTALL)
_DEPTH = 5


def members(head: bytes) -> dict[str, Any]:
    """The object or array at the start of a text, as far as the bytes go.

    Each array becomes an object with the member "0", its first item. Strings are kept, other scalars become None.
    Values nested deeper than the request of a capture are left out.
    """
    head = value_start(head)
    if not head.startswith((b"{", b"[")):
        return {}
    try:
        # A small document, which is complete.
        return _reduced(json.loads(head), _DEPTH + 1)
    except (ValueError, RecursionError):
        return _begun(head)


def _reduced(value: Any, depth: int) -> dict[str, Any]:
    """The members of an object or array, with a number of levels of objects and arrays, this one included."""
    kept: dict[str, Any] = {}
    for name, each in value.items() if isinstance(value, dict) else (("0", each) for each in value):
        if name in kept:
            # Of an array, one item is kept.
            break
        if not isinstance(each, (dict, list)):
            kept[name] = each if isinstance(each, str) else None
        elif depth > 1:
            kept[name] = _reduced(each, depth - 1)
    return kept


def _begun(head: bytes) -> dict[str, Any]:
    root: dict[str, Any] = {}
    # The open containers, the innermost last; None is a container that is not looked into.
    containers: list[dict[str, Any] | None] = []
    names: list[str] = [""]
    last = b""
    is_array = head.startswith(b"[")
    for token in _TOKEN.finditer(head):
        mark = token.group()
        if mark.startswith(b'"') and not token["quote"]:
            # The bytes end inside a string.
            break
        outer = containers[-1] if containers else None
        name = names[-1]
        if mark in (b"{", b"["):
            inner: dict[str, Any] | None = {}
            if not containers:
                inner = root
            elif outer is None or len(containers) > _DEPTH or name in outer:
                inner = None
            else:
                outer[name] = inner
            containers.append(inner)
            names.append("0" if mark == b"[" else "")
        elif mark in (b"}", b"]"):
            containers.pop()
            names.pop()
            if len(containers) <= is_array:
                break
        elif mark == b":":
            names[-1] = _string(last)
        elif mark == b",":
            if len(containers) <= is_array:
                break
        elif outer is not None and not _is_name(head, token.end()):
            outer.setdefault(name, _string(mark) if mark.startswith(b'"') else None)
        last = mark
    return root


def _is_name(head: bytes, end: int) -> bool:
    return head[end : end + 16].lstrip().startswith(b":")


def _string(token: bytes) -> str:
    try:
        return str(json.loads(token))
    except ValueError:
        return ""
