"""A schema as a table: for each status, the values that each other member may have.

The fast checks are built from this table. It is computed from the schema alone and supports a handful of keywords; any
other keyword is an error, so that no check is ever built from half a schema.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

#: The member whose value decides what the others may be.
STATUS = "status"

#: Keywords that assert nothing (JSON Schema 2020-12 core, sections 8 and 9; validation, sections 7 and 9).
ANNOTATIONS = frozenset(
    ("$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default", "deprecated", "format")
)
# The parts of regular expressions that mean the same in every engine (JSON Schema 2020-12 core, section 6.4).
_PART = re.compile(
    r"(?P<one>\[\^?(?:[^\\\[\]]|\\[^a-zA-Z0-9])+\]|\\[^a-zA-Z0-9]|[^\\\[\](){}|*+?.^$])"
    r"|(?P<structure>\(\?:|\)|\||(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})(?![*+?{]))"
)
_ASCII = tuple(map(chr, range(128)))


class Values(NamedTuple):
    """The values that a member may have."""

    #: Whether it may be null.
    null: bool
    #: Whether it may be a string.
    string: bool
    #: A pattern that the whole string has to match; it matches only ASCII without `"` and `\\`.
    pattern: str | None = None


#: For each status that the schema defines, the values of each other member. Only the status is required.
Shape = Mapping[str, Mapping[str, Values]]


class UnknownKeywordError(Exception):
    """The schema uses a keyword, or a value of one, that is not supported."""


def shape(schema: Mapping[str, Any]) -> Shape:
    """Computes the table of a schema.

    Args:
        schema: a parsed JSON Schema.

    Raises:
        UnknownKeywordError: the schema uses a keyword, or a value of one, that is not supported.

    """
    return {status: _members(schema, status) for status in _statuses(schema)}


def _statuses(schema: Mapping[str, Any]) -> list[str]:
    """Every status that the schema accepts in a payload without other members."""
    named: dict[str, None] = {}
    for status in _strings(schema):
        if all(_accepts(schema, each, status) for each in _Payload(schema, status).members.get(STATUS, ())):
            named[status] = None
    return list(named)


def _strings(node: Any) -> Iterable[str]:
    """The strings in every `enum` and `const` of a schema."""
    if isinstance(node, list):
        for item in node:
            yield from _strings(item)
    elif isinstance(node, dict):
        for keyword, value in node.items():
            if keyword in ("enum", "const"):
                yield from (each for each in (value if keyword == "enum" else [value]) if isinstance(each, str))
            elif keyword not in ("examples", "default"):
                yield from _strings(value)


class _Payload:
    """What the schema requires of an object with a given status, with its conditions resolved."""

    def __init__(self, schema: Mapping[str, Any], status: str) -> None:
        self.root = schema
        self.status = status
        self.required: set[str] = set()
        #: The members that an object may have; None if any are allowed.
        self.names: set[str] | None = None
        #: The schemas that each member must conform to.
        self.members: dict[str, list[Mapping[str, Any]]] = {}
        self._take(schema)

    def _take(self, schema: Mapping[str, Any]) -> None:
        for keyword, value in keywords(schema):
            if keyword == "$ref":
                self._take(resolved(self.root, value))
            elif keyword == "allOf":
                for each in value:
                    self._take(each)
            elif keyword == "if":
                branch = "then" if self._holds(value) else "else"
                self._take(schema.get(branch, {}))
            elif keyword == "required":
                self.required.update(value)
            elif keyword == "properties":
                for name, member in value.items():
                    self.members.setdefault(name, []).append(member)
            elif keyword == "additionalProperties" and value is False:
                names = set(schema.get("properties", ()))
                self.names = names if self.names is None else self.names & names
            elif (keyword, value) != ("type", "object") and keyword not in ANNOTATIONS | {"then", "else"}:
                raise UnknownKeywordError(f"{keyword}: {value!r}")

    def _holds(self, condition: Mapping[str, Any]) -> bool:
        """Whether a condition on the status holds."""
        asked = dict(keywords(condition))
        if (
            asked.keys() != {"required", "properties"}
            or asked["required"] != [STATUS]
            or [*asked["properties"]] != [STATUS]
        ):
            raise UnknownKeywordError(f"if: {condition!r}")
        return _accepts(self.root, asked["properties"][STATUS], self.status)


def _members(schema: Mapping[str, Any], status: str) -> dict[str, Values]:
    payload = _Payload(schema, status)
    if payload.names is None or STATUS not in payload.names or payload.required != {STATUS}:
        raise UnknownKeywordError("an object that allows other members, or requires more than a status")
    names = (name for name in schema.get("properties", ()) if name in payload.names and name != STATUS)
    return {name: _values(schema, payload.members[name]) for name in names}


def _values(root: Mapping[str, Any], schemas: Iterable[Mapping[str, Any]]) -> Values:
    """The values that conform to all schemas of a member."""
    null, string, patterns, forbidden = True, True, [], []
    todo = list(schemas)
    while todo:
        schema = todo.pop()
        for keyword, value in keywords(schema):
            if keyword == "$ref":
                todo.append(resolved(root, value))
            elif keyword == "type":
                types = {value} if isinstance(value, str) else set(value)
                if not types <= {"null", "string"}:
                    raise UnknownKeywordError(f"type: {value!r}")
                null, string = null and "null" in types, string and "string" in types
            elif keyword == "pattern":
                patterns.append(value)
            elif keyword == "not" and dict(keywords(value)).keys() == {"type", "pattern"} and value["type"] == "string":
                forbidden.append(value["pattern"])
            elif keyword not in ANNOTATIONS:
                raise UnknownKeywordError(f"{keyword}: {value!r}")
    if not (patterns or forbidden):
        return Values(null, string)
    if len(patterns) != 1:
        raise UnknownKeywordError(f"the patterns of one member: {patterns!r}")
    return Values(null, string, _whole(patterns[0], tuple(forbidden)) if string else None)


@functools.cache
def _whole(pattern: str, forbidden: tuple[str, ...]) -> str:
    """A pattern without its anchors, after making sure that it matches no forbidden string."""
    if not (pattern.startswith("^") and pattern.endswith("$")):
        raise UnknownKeywordError(f"pattern: {pattern!r}")
    body = pattern[1:-1]
    parts = list(_PART.finditer(body))
    depth = 0
    for part in parts:
        depth += {"(?:": 1, ")": -1}.get(part.group(), 0)
        if part.group() == "|" and not depth:
            raise UnknownKeywordError(f"pattern: {pattern!r}")
    ones = {part["one"] for part in parts if part["one"]}
    is_known = "".join(part.group() for part in parts) == body and not any(one.startswith("[^") for one in ones)
    is_one = re.compile("|".join(ones)).fullmatch
    alphabet = "".join(filter(is_one, _ASCII))
    if not (is_known and body.isascii() and alphabet.isprintable() and not set(alphabet) & set('"\\')):
        raise UnknownKeywordError(f"pattern: {pattern!r}")
    for each in forbidden:
        one = _PART.fullmatch(each)
        # A pattern of one character, so it is enough to test it on each character of the alphabet.
        if not (one and one["one"]) or re.search(each, alphabet):
            raise UnknownKeywordError(f"not: {each!r}")
    return body


def _accepts(root: Mapping[str, Any], schema: Mapping[str, Any], value: str) -> bool:
    """Whether a schema accepts a string."""
    verdicts = []
    for keyword, argument in keywords(schema):
        if keyword == "$ref":
            verdicts.append(_accepts(root, resolved(root, argument), value))
        elif keyword == "enum":
            verdicts.append(value in argument)
        elif keyword == "const":
            verdicts.append(value == argument)
        elif keyword == "type":
            verdicts.append("string" in ([argument] if isinstance(argument, str) else argument))
        elif keyword == "not":
            verdicts.append(not _accepts(root, argument, value))
        elif keyword not in ANNOTATIONS:
            raise UnknownKeywordError(f"{keyword}: {argument!r}")
    return all(verdicts)


def keywords(schema: Any) -> Iterable[tuple[str, Any]]:
    """The keywords of a schema with their values.

    Raises:
        UnknownKeywordError: the schema is true or false.

    """
    if not isinstance(schema, dict):
        raise UnknownKeywordError(f"a schema: {schema!r}")
    return schema.items()


def resolved(root: Mapping[str, Any], reference: str) -> Mapping[str, Any]:
    """The schema that a reference into the same file points to.

    Raises:
        UnknownKeywordError: the reference points to another file or to nothing.

    """
    node: Any = root
    start, *steps = reference.split("/")
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    if start != "#" or not isinstance(node, dict):
        raise UnknownKeywordError(f"$ref: {reference!r}")
    return node
