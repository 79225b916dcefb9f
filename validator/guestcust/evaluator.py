"""A schema compiled into functions that find every keyword an instance fails, and where.

Does for the few keywords that the schemas are written with what jsonschema does for all of them, in a fraction of the
time; a schema that says more is refused, and `reference` evaluates it. No verdict on part of a schema, no text and no
message may enter here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guestcust.model import Failure, Instance, Path
from guestcust.shape import ANNOTATIONS, UnknownKeywordError, keywords, resolved

# Finds what an instance at a path fails.
_Check = Callable[[Instance, Path], Iterator[Failure]]
# Tells whether an instance satisfies a keyword.
_Test = Callable[[Instance], bool]

_TYPES: dict[str, _Test] = {
    "object": lambda instance: isinstance(instance, dict),
    "string": lambda instance: isinstance(instance, str),
    "null": lambda instance: instance is None,
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the schema something stands."""

    #: The path that evaluation takes to it, through `$ref`, and the JSON Pointer to it in the file.
    dynamic: str
    absolute: str
    #: The condition of the innermost `then` around it.
    condition: Mapping[str, Any] | None = None

    def step(self, *steps: str | int) -> _Place:
        path = "".join(f"/{step}" for step in steps)
        return _Place(self.dynamic + path, self.absolute + path, self.condition)


class Evaluator:
    """One schema, compiled. Immutable, and safe to use from many threads.

    Raises:
        UnknownKeywordError: the schema has a keyword, or a use of one, that is not known here.

    """

    def __init__(self, schema: Mapping[str, Any], rule_ids: Mapping[str, str]) -> None:
        self._root = schema
        self._rule_ids = rule_ids
        self._check = self._compiled(schema, _Place("", ""))

    def failures(self, instance: Instance) -> Iterator[Failure]:
        """Every keyword that the instance fails, but each rule only once a place."""
        found: dict[tuple[str, Path], Failure] = {}
        for failure in self._check(instance, ()):
            found.setdefault((failure.rule, failure.path), failure)
        yield from found.values()

    def _compiled(self, schema: Mapping[str, Any], place: _Place) -> _Check:
        checks = list(self._checks(schema, place))

        def check(instance: Instance, path: Path) -> Iterator[Failure]:
            for each in checks:
                yield from each(instance, path)

        return check

    def _checks(self, schema: Mapping[str, Any], place: _Place) -> Iterator[_Check]:
        for keyword, value in keywords(schema):
            here = place.step(keyword)
            if keyword == "$ref":
                absolute = str(value).removeprefix("#")
                yield self._compiled(resolved(self._root, value), _Place(here.dynamic, absolute, place.condition))
            elif keyword == "allOf":
                for number, each in enumerate(value):
                    yield self._compiled(each, here.step(number))
            elif keyword == "if":
                yield self._conditional(schema, place)
            elif keyword == "properties":
                yield _of_members({name: self._compiled(each, here.step(name)) for name, each in value.items()})
            elif keyword == "additionalProperties" and value is False:
                yield self._closed(schema, here)
            elif keyword not in ANNOTATIONS | {"then", "else"}:
                yield self._asserted(self._test(keyword, value), schema, here)

    def _test(self, keyword: str, value: Any) -> _Test:
        """What a keyword asserts that looks at nothing but the instance as a whole."""
        if keyword == "type":
            types = [value] if isinstance(value, str) else value
            if not set(types) <= _TYPES.keys():
                raise UnknownKeywordError(f"type: {value!r}")
            tests = tuple(_TYPES[each] for each in types)
            return lambda instance: any(test(instance) for test in tests)
        if keyword in ("enum", "const"):
            allowed = tuple(value) if keyword == "enum" else (value,)
            # Equality of strings is the same in JSON Schema and in Python, as that of numbers is not.
            if not all(isinstance(each, str) for each in allowed):
                raise UnknownKeywordError(f"{keyword}: {value!r}")
            return lambda instance: isinstance(instance, str) and instance in allowed
        if keyword == "pattern":
            search = re.compile(value).search
            return lambda instance: not isinstance(instance, str) or search(instance) is not None
        if keyword == "required":
            names = tuple(value)
            return lambda instance: not isinstance(instance, dict) or all(name in instance for name in names)
        if keyword == "not":
            excluded = self._satisfied(value)
            return lambda instance: not excluded(instance)
        raise UnknownKeywordError(f"{keyword}: {value!r}")

    def _satisfied(self, schema: Mapping[str, Any]) -> _Test:
        """Whether an instance satisfies a schema."""
        check = self._compiled(schema, _Place("", ""))
        return lambda instance: next(check(instance, ()), None) is None

    def _asserted(self, test: _Test, schema: Mapping[str, Any], here: _Place) -> _Check:
        failure = self._failing(schema, here)

        def check(instance: Instance, path: Path) -> Iterator[Failure]:
            if not test(instance):
                yield failure(path, _rests_on(here, path))

        return check

    def _closed(self, schema: Mapping[str, Any], here: _Place) -> _Check:
        failure = self._failing(schema, here)
        known = schema.get("properties", {}).keys()

        def check(instance: Instance, path: Path) -> Iterator[Failure]:
            if isinstance(instance, dict):
                for name in instance:
                    if name not in known:
                        yield failure((*path, name), (path,))

        return check

    def _failing(self, schema: Mapping[str, Any], here: _Place) -> Callable[[Path, tuple[Path, ...]], Failure]:
        """Makes the failure of a keyword."""
        # Only what decides about a condition has none, and of that nobody is told.
        rule = self._rule_ids.get(here.dynamic, "")
        location, absolute = here.dynamic, f"{self._root.get('$id', '')}#{here.absolute}"
        return lambda path, rests_on: Failure(rule, path, location, absolute, rests_on, schema)

    def _conditional(self, schema: Mapping[str, Any], place: _Place) -> _Check:
        condition = schema["if"]
        holds = self._satisfied(condition)
        branches = {
            verdict: self._compiled(schema.get(name, {}), replaced)
            for verdict, name in ((True, "then"), (False, "else"))
            for replaced in [_Place(*_steps(place, name), condition)]
        }

        def check(instance: Instance, path: Path) -> Iterator[Failure]:
            yield from branches[holds(instance)](instance, path)

        return check


def _steps(place: _Place, name: str) -> tuple[str, str]:
    step = place.step(name)
    return step.dynamic, step.absolute


def _of_members(checks: Mapping[str, _Check]) -> _Check:
    def check(instance: Instance, path: Path) -> Iterator[Failure]:
        if isinstance(instance, dict):
            for name, each in checks.items():
                if name in instance:
                    yield from each(instance[name], (*path, name))

    return check


def _rests_on(here: _Place, path: Path) -> tuple[Path, ...]:
    """The values that a failure rests on: its own, or those that its condition looks at."""
    if here.condition is None:
        return (path,)
    return tuple((*path[:-1], name) for name in here.condition["properties"])
