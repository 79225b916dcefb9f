"""Makes the mutants of a schema: every small change that the vectors must detect.

Each keyword at each place is removed, and altered where it has a value to alter; each part of a pattern likewise.
What asserts nothing has no mutants: titles, descriptions, examples, identifiers, and `format`, which is an annotation
in draft 2020-12. A keyword that this module does not know is an error, so that none goes without mutants unnoticed.

Pure: a schema comes in, schemas go out. Must not validate, and must not import guestcust.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

Schema = dict[str, Any]
Path = tuple[str | int, ...]

#: Keywords that assert nothing; `format` does so only on request.
ANNOTATIONS = {"$schema", "$id", "$comment", "title", "description", "examples", "format"}
TYPES = ("null", "boolean", "object", "array", "number", "integer", "string")
STATUSES = ("IDLE", "PENDING", "RUNNING", "SUCCEEDED", "FAILED", "BROKEN")
MEMBERS = ("status", "error", "start_time", "end_time")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A schema with one change."""

    name: str
    schema: Schema
    #: The changed keyword.
    path: Path


def mutants(version: str, schema: Schema) -> Iterator[Mutant]:
    """All mutants of a version's schema, one by one."""
    for path, subschema in _subschemas(schema):
        for keyword, value in subschema.items():
            if keyword not in ANNOTATIONS:
                place = (*path, keyword)
                name = f"{version} /{'/'.join(map(str, place))}"
                yield Mutant(f"{name}: removed", _changed(schema, path, _without(subschema, keyword)), place)
                for how, altered in _altered(keyword, value, schema):
                    yield Mutant(f"{name}: {how}", _changed(schema, place, altered), place)
                if keyword == "then":
                    moved = _without(subschema, "then") | {"else": value}
                    yield Mutant(f"{name}: moved to else", _changed(schema, path, moved), place)


def at(schema: Schema, path: Path) -> Any:
    """The value at a path of a schema; None if there is none."""
    node: Any = schema
    for step in path:
        node = node.get(step) if isinstance(node, dict) else node[step]
    return node


def _subschemas(node: Any, path: Path = ()) -> Iterator[tuple[Path, Schema]]:
    """Every schema object in a schema, itself first."""
    if not isinstance(node, dict):
        return
    yield path, node
    for keyword, value in node.items():
        match keyword:
            case "properties" | "$defs":
                for name, subschema in value.items():
                    yield from _subschemas(subschema, (*path, keyword, name))
            case "allOf":
                for index, subschema in enumerate(value):
                    yield from _subschemas(subschema, (*path, keyword, index))
            case "if" | "then" | "not" | "additionalProperties":
                yield from _subschemas(value, (*path, keyword))


def _altered(keyword: str, value: Any, schema: Schema) -> Iterator[tuple[str, Any]]:
    """Other values of a keyword, each with a description of the change."""
    match keyword:
        case "type":
            types = [value] if isinstance(value, str) else value
            yield from _lists(types, TYPES)
        case "enum":
            yield from _lists(value, STATUSES)
        case "required":
            yield from _lists(value, MEMBERS)
        case "const":
            yield from ((f"{other} for {value}", other) for other in STATUSES if other != value)
        case "properties" | "$defs":
            yield from ((f"{name} dropped", _without(value, name)) for name in value)
        case "allOf":
            yield from ((f"{index} dropped", value[:index] + value[index + 1 :]) for index in range(len(value)))
        case "$ref":
            others = (f"#/$defs/{name}" for name in schema["$defs"])
            yield from ((f"{other} for {value}", other) for other in others if other != value)
        case "additionalProperties":
            yield f"{not value}".lower(), not value
        case "if" | "not":
            yield from (("true", True), ("false", False))
        case "then":
            yield "false", False
        case "pattern":
            yield from ((how, render(changed)) for how, changed in variants(parse(value)))
        case _:
            raise ValueError(f"no mutants are known for the keyword {keyword}")


def _lists(items: list[str], words: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """The list without each of its items, if any remain, and with each additional word."""
    if len(items) > 1:
        yield from ((f"{item} dropped", [other for other in items if other != item]) for item in items)
    yield from ((f"{word} added", [*items, word]) for word in words if word not in items)


def _changed(node: Any, path: Path, value: Any) -> Any:
    """A copy of a schema with another value at one path."""
    if not path:
        return value
    copied = node.copy()
    copied[path[0]] = _changed(node[path[0]], path[1:], value)
    return copied


def _without(members: dict[str, Any], name: str) -> dict[str, Any]:
    return {other: value for other, value in members.items() if other != name}


@dataclass(frozen=True, slots=True)
class Anchor:
    """`^` or `$`."""

    sign: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal character."""

    character: str


@dataclass(frozen=True, slots=True)
class Class:
    """`[...]`, as ranges of characters from first to last."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """`...|...`."""

    branches: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`(?:...)`."""

    inside: Node


@dataclass(frozen=True, slots=True)
class Repeat:
    """`{n}`, `{n,}`, `+`, `*` or `?`, and what it repeats."""

    item: Node
    quantifier: str


Node = Anchor | Literal | Class | Sequence | Choice | Group | Repeat

NOTHING = Sequence(())
ANY = Class((("\0", "\U0010ffff"),))

_TOKEN = re.compile(r"\(\?:|[)|^$+?]|\{[0-9]+\}|\[\^?(?:\\.|[^\]\\])+\]|[^\\.*+?(){}\[\]|^$]")
_RANGE = re.compile(r"(\\.|[^\\])(?:-(\\.|[^\\]))?")


def parse(pattern: str) -> Node:
    """Parses a regular expression of the small subset that the schemas use.

    Raises:
        ValueError: it is not in this subset.

    """
    tokens = deque(_TOKEN.findall(pattern))
    if "".join(tokens) != pattern:
        raise ValueError(f"beyond the subset: {pattern}")
    node = _choice(tokens)
    if tokens:
        raise ValueError(f"beyond the subset: {tokens[0]} without a group")
    return node


def _choice(tokens: deque[str]) -> Node:
    branches = [_sequence(tokens)]
    while tokens and tokens[0] == "|":
        tokens.popleft()
        branches.append(_sequence(tokens))
    return Choice(tuple(branches)) if len(branches) > 1 else branches[0]


def _sequence(tokens: deque[str]) -> Node:
    items: list[Node] = []
    while tokens and tokens[0] not in {"|", ")"}:
        item = _atom(tokens)
        if tokens and tokens[0][0] in "{+?" and not isinstance(item, Anchor):
            item = Repeat(item, tokens.popleft())
        items.append(item)
    return Sequence(tuple(items))


def _atom(tokens: deque[str]) -> Node:
    token = tokens.popleft()
    if token == "(?:":
        inside = _choice(tokens)
        if not tokens:
            raise ValueError("beyond the subset: a group without end")
        tokens.popleft()
        return Group(inside)
    if token in {"^", "$"}:
        return Anchor(token)
    if token[0] == "[":
        ranges = ((first[-1], (last or first)[-1]) for first, last in _RANGE.findall(token[1:-1].removeprefix("^")))
        return Class(tuple(ranges), negated=token[1] == "^")
    if token[0] in "{+?":
        raise ValueError(f"beyond the subset: {token} without anything to repeat")
    return Literal(token)


def render(node: Node) -> str:
    """The regular expression as text; renders the result of `parse` unchanged."""
    match node:
        case Anchor(sign):
            return sign
        case Literal(character):
            return character
        case Class(ranges, negated):
            return f"[{'^' * negated}{''.join(_range(first, last) for first, last in ranges)}]"
        case Sequence(items):
            return "".join(map(render, items))
        case Choice(branches):
            return "|".join(map(render, branches))
        case Group(inside):
            return f"(?:{render(inside)})"
        case Repeat(item, quantifier):
            return render(item) + quantifier


def _range(first: str, last: str) -> str:
    ends = (first,) if first == last else (first, last)
    return "-".join(f"\\{end}" if end in "-[]^\\" else end for end in ends)


def variants(node: Node, start: int = 0) -> Iterator[tuple[str, Node]]:
    """Every small change to a regular expression, with a description; it starts `start` characters into the whole."""
    what = f"{_brief(node)} at {start}"
    match node:
        case Anchor():
            yield f"{what} removed", NOTHING
        case Literal():
            yield f"{what} dropped", NOTHING
            yield f"{what} replaced by any character", ANY
        case Class():
            yield f"{what} dropped", NOTHING
            yield f"{what} replaced by any character", ANY
            yield f"{what} negated", replace(node, negated=not node.negated)
            yield from ((f"{what} {verb} to {render(other)}", other) for verb, other in _edges(node))
        case Sequence(items):
            for index, item in enumerate(items):
                for how, changed in variants(item, start):
                    yield how, Sequence((*items[:index], changed, *items[index + 1 :]))
                start += len(render(item))
        case Choice(branches):
            for index, branch in enumerate(branches):
                others = branches[:index], branches[index + 1 :]
                yield f"alternative {_brief(branch)} at {start} dropped", Choice((*others[0], *others[1]))
                for how, changed in variants(branch, start):
                    yield how, Choice((*others[0], changed, *others[1]))
                start += len(render(branch)) + 1
        case Group(inside):
            yield f"{what} made optional", Repeat(node, "?")
            yield from ((how, Group(changed)) for how, changed in variants(inside, start + len("(?:")))
        case Repeat(item, quantifier):
            for other in _quantifiers(quantifier):
                yield f"{what} repeated {other or 'once'}", Repeat(item, other)
            for how, changed in variants(item, start):
                # The quantifier of a repeated group makes it optional.
                if not isinstance(changed, Repeat):
                    yield how, NOTHING if changed == NOTHING else Repeat(changed, quantifier)


def _brief(node: Node) -> str:
    text = render(node)
    return text if len(text) <= 24 else f"{text[:23]}…"


def _edges(node: Class) -> Iterator[tuple[str, Class]]:
    """The class with each end of each range moved by one character, each set of characters once."""
    known = [_characters(node), set()]
    for index, ends in enumerate(node.ranges):
        first, last = map(ord, ends)
        for verb, low, high in (
            ("widened", first - 1, last),
            ("widened", first, last + 1),
            ("narrowed", first + 1, last),
            ("narrowed", first, last - 1),
        ):
            between = ((chr(low), chr(high)),) if low <= high else ()
            other = replace(node, ranges=(*node.ranges[:index], *between, *node.ranges[index + 1 :]))
            if _characters(other) not in known:
                known.append(_characters(other))
                yield verb, other


def _characters(node: Class) -> set[int]:
    return {code for first, last in node.ranges for code in range(ord(first), ord(last) + 1)}


def _quantifiers(quantifier: str) -> tuple[str, ...]:
    if quantifier == "+":
        return "*", ""
    if quantifier == "?":
        return "", "*"
    count = int(quantifier[1:-1])
    return f"{{{count - 1}}}", f"{{{count + 1}}}", f"{{{count},}}"
