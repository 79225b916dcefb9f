"""Values of YAML, as instances and as JSON text, and the positions of their characters. Tags are never executed."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from guestcust.captures.bodies import fixed
from guestcust.captures.containers import UnreadableError
from guestcust.model import Instance, Places

_CORE = "tag:yaml.org,2002:"
_STRINGS = {f"{_CORE}str", f"{_CORE}python/unicode", f"{_CORE}python/str", "!"}
_BINARY = {f"{_CORE}binary", "!binary"}
_INTEGER = re.compile(r"[-+]?[0-9]{1,9}")
_DIGITS = re.compile(r"[-+]?[0-9]{1,400}")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]{1,400}|[0-9]{1,400}(?:\.[0-9]{0,400})?)(?:[eE][-+]?[0-9]{1,400})?")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_NULLS = {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True, slots=True)
class Refused:
    """The value of a scalar whose tag is not supported."""

    tag: str


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as parsed."""

    value: str
    tag: str | None
    is_plain: bool
    style: str | None
    start: tuple[int, int]
    end: tuple[int, int]


class Members(dict[str, Any]):
    """The nodes of a mapping."""

    start = (1, 1)


class Items(list[Any]):
    """The nodes of a sequence."""

    start = (1, 1)


def json_text(node: Scalar | Members | Items) -> str:
    """A node as JSON text, by YAML 1.2's core schema, so that a time is a string.

    Raises:
        UnreadableError: it has a tag that JSON has no type for.

    """
    if isinstance(node, Members):
        return (
            "{"
            + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {json_text(one)}" for name, one in node.items())
            + "}"
        )
    if isinstance(node, Items):
        return "[" + ", ".join(map(json_text, node)) + "]"
    if node.is_plain and node.tag is None:
        if _BOOLEAN.fullmatch(node.value):
            return node.value.lower()
        if _NUMBER.fullmatch(node.value):
            return str(int(node.value)) if _DIGITS.fullmatch(node.value) else json.dumps(float(node.value))
    found = value(node)
    if isinstance(found, Refused):
        raise UnreadableError(f"it has the tag {found.tag} in line {node.start[0]}, which JSON has no type for")
    if isinstance(found, bytes):
        raise UnreadableError(f"it has bytes in line {node.start[0]}, which JSON has no type for")
    return json.dumps(found, ensure_ascii=not node.value.isprintable())


def value(node: Scalar) -> Instance:
    """The value of a scalar: text, bytes, an integer, None, or `Refused`."""
    if node.tag in _BINARY:
        try:
            return base64.b64decode(node.value)
        except (binascii.Error, ValueError):
            return Refused("!!binary, but is not base64")
    if node.tag is not None and node.tag not in _STRINGS:
        if node.tag == f"{_CORE}int" and _INTEGER.fullmatch(node.value):
            return int(node.value)
        return Refused(node.tag)
    if node.is_plain and node.tag is None:
        if node.value in _NULLS:
            return None
        if _INTEGER.fullmatch(node.value):
            return int(node.value)
    return node.value


def inside(node: Scalar) -> Places:
    """Positions in the file for the characters of a scalar: exact if they are unchanged on one line of the file."""
    (line, column), (end_line, end_column) = node.start, node.end
    quotes = int(node.style in ("'", '"'))
    if line == end_line and end_column - column == len(node.value) + 2 * quotes:
        return partial(_on_one_line, line=line, column=column + quotes, ahead=node.value.startswith("\ufeff"))
    return fixed(lambda: (line, column + quotes))


def _on_one_line(text: str, offsets: Iterable[int], line: int, column: int, ahead: bool) -> dict[int, tuple[int, int]]:
    return {offset: (line, column + offset + ahead) for offset in offsets}
