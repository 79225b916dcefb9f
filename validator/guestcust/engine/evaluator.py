"""A schema compiled into functions that find every keyword an instance fails, and where.

Does for the few keywords that the schemas are written with what jsonschema does for all of them, in a fraction of the
time; a schema that says more is refused, and `reference` evaluates it. No verdict on part of a schema, no text and no
message may enter here.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from guestcust.engine.status_table import ANNOTATIONS, UnknownKeywordError, keywords, resolved
from guestcust.model import Instance, KeywordFailure, Path

# Finds what an instance at a path fails, and puts it into a list.
_Check = Callable[[Instance, Path, list[KeywordFailure]], None]
# Tells whether an instance satisfies what was compiled.
_Test = Callable[[Instance], bool]

_TYPES: dict[str, type] = {"object": dict, "string": str, "null": type(None)}


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
        return replace(self, dynamic=self.dynamic + path, absolute=self.absolute + path)


class Evaluator:
    """One schema, compiled. Immutable, and safe to use from many threads.

    Raises:
        UnknownKeywordError: the schema has a keyword, or a use of one, that is not known here.

    """

    def __init__(self, schema: Mapping[str, Any], rule_ids: Mapping[str, str]) -> None:
        self._root = schema
        self._rule_ids = rule_ids
        self._check = self._compiled(schema, _Place("", ""))
        #: Whether an instance conforms.
        self.is_valid = self._satisfied(schema)

    def failures(self, instance: Instance) -> Iterator[KeywordFailure]:
        """Every keyword that the instance fails, but each rule only once a place."""
        failed: list[KeywordFailure] = []
        self._check(instance, (), failed)
        found: dict[tuple[str, Path], KeywordFailure] = {}
        for failure in failed:
            found.setdefault((failure.rule, failure.path), failure)
        return iter(found.values())

    def _compiled(self, schema: Mapping[str, Any], place: _Place) -> _Check:
        checks = tuple(self._checks(schema, place))
        if len(checks) == 1:
            return checks[0]

        def check(instance: Instance, path: Path, failed: list[KeywordFailure]) -> None:
            for each in checks:
                each(instance, path, failed)

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

    def _asserted(self, test: _Test, schema: Mapping[str, Any], here: _Place) -> _Check:
        failure = self._failing(schema, here)

        def check(instance: Instance, path: Path, failed: list[KeywordFailure]) -> None:
            if not test(instance):
                failed.append(failure(path, _rests_on(here, path)))

        return check

    def _closed(self, schema: Mapping[str, Any], here: _Place) -> _Check:
        failure = self._failing(schema, here)
        known = frozenset(schema.get("properties", ()))

        def check(instance: Instance, path: Path, failed: list[KeywordFailure]) -> None:
            if isinstance(instance, dict) and not instance.keys() <= known:
                failed.extend(failure((*path, name), (path,)) for name in instance if name not in known)

        return check

    def _failing(self, schema: Mapping[str, Any], here: _Place) -> Callable[[Path, tuple[Path, ...]], KeywordFailure]:
        """Makes the failure of a keyword."""
        rule = self._rule_ids[here.dynamic]
        location, absolute = here.dynamic, f"{self._root['$id']}#{here.absolute}"
        return lambda path, rests_on: KeywordFailure(rule, path, location, absolute, rests_on, schema)

    def _conditional(self, schema: Mapping[str, Any], place: _Place) -> _Check:
        condition = schema["if"]
        holds = self._satisfied(condition)
        then, otherwise = (
            self._compiled(schema.get(name, {}), replace(place.step(name), condition=condition))
            for name in ("then", "else")
        )

        def check(instance: Instance, path: Path, failed: list[KeywordFailure]) -> None:
            (then if holds(instance) else otherwise)(instance, path, failed)

        return check

    def _satisfied(self, schema: Any) -> _Test:
        """Whether an instance satisfies a schema, of which no place need be told."""
        tests: list[_Test] = []
        for keyword, value in keywords(schema):
            if keyword == "$ref":
                tests.append(self._satisfied(resolved(self._root, value)))
            elif keyword == "allOf":
                tests += map(self._satisfied, value)
            elif keyword == "if":
                tests.append(self._branching(schema))
            elif keyword == "properties":
                tests += [_of_member(name, self._satisfied(each)) for name, each in value.items()]
            elif keyword == "additionalProperties" and value is False:
                tests.append(_of_names(frozenset(schema.get("properties", ()))))
            elif keyword not in ANNOTATIONS | {"then", "else"}:
                tests.append(self._test(keyword, value))
        return tests[0] if len(tests) == 1 else functools.partial(_passes, tests)

    def _branching(self, schema: Mapping[str, Any]) -> _Test:
        holds, then, otherwise = (self._satisfied(schema.get(name, {})) for name in ("if", "then", "else"))
        return lambda instance: (then if holds(instance) else otherwise)(instance)

    def _test(self, keyword: str, value: Any) -> _Test:
        """What a keyword asserts that looks at nothing but the instance as a whole."""
        if keyword == "type":
            types = (value,) if isinstance(value, str) else tuple(value)
            if not set(types) <= _TYPES.keys():
                raise UnknownKeywordError(f"type: {value!r}")
            kinds = tuple(_TYPES[each] for each in types)
            return lambda instance: isinstance(instance, kinds)
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
            names = frozenset(value)
            return lambda instance: not isinstance(instance, dict) or instance.keys() >= names
        if keyword == "not":
            excluded = self._satisfied(value)
            return lambda instance: not excluded(instance)
        raise UnknownKeywordError(f"{keyword}: {value!r}")


def _passes(tests: Iterable[_Test], instance: Instance) -> bool:
    for test in tests:  # noqa: SIM110 - `all` with a generator takes twice as long
        if not test(instance):
            return False
    return True


def _of_members(checks: Mapping[str, _Check]) -> _Check:
    def check(instance: Instance, path: Path, failed: list[KeywordFailure]) -> None:
        if isinstance(instance, dict):
            for name, each in checks.items():
                if name in instance:
                    each(instance[name], (*path, name), failed)

    return check


def _of_member(name: str, test: _Test) -> _Test:
    return lambda instance: not isinstance(instance, dict) or name not in instance or test(instance[name])


def _of_names(known: frozenset[str]) -> _Test:
    return lambda instance: not isinstance(instance, dict) or instance.keys() <= known


def _rests_on(here: _Place, path: Path) -> tuple[Path, ...]:
    """The values that a failure rests on: its own, or those that its condition looks at."""
    if here.condition is None:
        return (path,)
    return tuple((*path[:-1], name) for name in here.condition["properties"])
