"""What a schema says of a payload, worked out beforehand: under each status, what each member may be.

A pure function of one schema, by which fast verdicts are made. It knows a handful of keywords, and whatever it does not
know it refuses, so that a verdict is never made from half a schema. No instance and no text may enter here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

#: The member whose value decides about the others.
STATUS = "status"

#: Keywords that assert nothing (JSON Schema 2020-12 core, sections 8 and 9; validation, sections 7 and 9).
ANNOTATIONS = frozenset(
    ("$schema", "$id", "$defs", "$comment", "title", "description", "examples", "default", "deprecated", "format")
)
# A regular expression of the parts that mean the same everywhere (JSON Schema 2020-12 core, section 6.4).
_PART = re.compile(
    r"(?P<one>\[\^?(?:[^\\\[\]]|\\[^a-zA-Z0-9])+\]|\\[^a-zA-Z0-9]|[^\\\[\](){}|*+?.^$])"
    r"|(?P<structure>\(\?:|\)|\||(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})(?![*+?{]))"
)
_ASCII = tuple(map(chr, range(128)))


class Values(NamedTuple):
    """What a member may be."""

    #: Whether it may be null.
    null: bool
    #: Whether it may be a string.
    string: bool
    #: What the whole of a string has to match, in ASCII without `"` and `\\`, if anything.
    pattern: str | None = None


#: For each status that the schema defines, the values of each other member; all but the status may be missing.
Shape = Mapping[str, Mapping[str, Values]]


class UnknownKeywordError(Exception):
    """The schema says something that this room does not understand."""


def shape(schema: Mapping[str, Any]) -> Shape:
    """What the schema says.

    Args:
        schema: a JSON Schema, as JSON gives it.

    Raises:
        UnknownKeywordError: it has a keyword, or a use of one, that is not known here.

    """
    return {status: _members(schema, status) for status in _statuses(schema)}


def _statuses(schema: Mapping[str, Any]) -> list[str]:
    """Every status for which the schema accepts a payload that has no other member."""
    named: dict[str, None] = {}
    for status in _strings(schema):
        if all(_accepts(schema, each, status) for each in _Payload(schema, status).members.get(STATUS, ())):
            named[status] = None
    return list(named)


def _strings(node: Any) -> Iterable[str]:
    """The strings that `enum` and `const` name anywhere in a schema."""
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
    """What the schema asks of an object with a given status, its conditions decided."""

    def __init__(self, schema: Mapping[str, Any], status: str) -> None:
        self.root = schema
        self.status = status
        self.required: set[str] = set()
        #: The names that an object may have; None where it may have any.
        self.names: set[str] | None = None
        #: The schemas that each member has to satisfy.
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
        """Whether a condition holds that looks at nothing but the status."""
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
        raise UnknownKeywordError("an object whose members are not all known, or that requires others than a status")
    names = (name for name in schema.get("properties", ()) if name in payload.names and name != STATUS)
    return {name: _values(schema, payload.members[name]) for name in names}


def _values(root: Mapping[str, Any], schemas: Iterable[Mapping[str, Any]]) -> Values:
    """What satisfies all of the schemas of a member."""
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
    """A pattern of a whole string without its anchors, once it is sure that no string of it can be forbidden."""
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
        # Of one character, so that a string holds it where one of its characters does.
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
        UnknownKeywordError: it is true or false, and has none.

    """
    if not isinstance(schema, dict):
        raise UnknownKeywordError(f"a schema: {schema!r}")
    return schema.items()


def resolved(root: Mapping[str, Any], reference: str) -> Mapping[str, Any]:
    """The schema behind a reference into the same file.

    Raises:
        UnknownKeywordError: it leads elsewhere, or nowhere.

    """
    node: Any = root
    start, *steps = reference.split("/")
    for step in steps:
        node = node.get(step) if isinstance(node, dict) else None
    if start != "#" or not isinstance(node, dict):
        raise UnknownKeywordError(f"$ref: {reference!r}")
    return node
