"""Finds every keyword that an instance fails, and where, with functions compiled from a schema.

It supports the few keywords that the schemas use and takes a fraction of jsonschema's time. It rejects a schema with
any other keyword; `reference` evaluates that one. JSON text and messages are handled elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from guestcust.engine.status_table import ANNOTATIONS, UnknownKeywordError, keywords, resolved
from guestcust.model import Instance, KeywordFailure, Path

# Appends what an instance at a path fails to a list.
_Check = Callable[[Instance, Path, list[KeywordFailure]], None]
# Whether an instance satisfies a keyword.
_Test = Callable[[Instance], bool]

# How many kinds of instances to remember; those of real payloads are a few dozen.
_MOST_KINDS = 1000

_TYPES: dict[str, type] = {"object": dict, "string": str, "null": type(None)}


class _Place(NamedTuple):
    """A place in the schema."""

    #: The path that evaluation takes to it, through `$ref`.
    dynamic: str = ""
    #: The JSON Pointer to it in the file.
    absolute: str = ""
    #: The condition of the innermost `then` or `else` around it.
    condition: Mapping[str, Any] | None = None
    #: Whether it is inside an `if` or a `not`, whose failures are not reported and have no rule.
    is_condition: bool = False

    def step(self, *steps: str | int) -> _Place:
        path = "".join(f"/{step}" for step in steps)
        return self._replace(dynamic=self.dynamic + path, absolute=self.absolute + path)


class Evaluator:
    """One compiled schema. Immutable and thread-safe.

    Raises:
        UnknownKeywordError: the schema uses a keyword, or a value of one, that is not supported here.

    """

    def __init__(self, schema: Mapping[str, Any], rule_ids: Mapping[str, str]) -> None:
        """Compiles `schema`. `rule_ids` maps each keyword location, by the path through `$ref`, to a rule."""
        self._root = schema
        self._rule_ids = rule_ids
        self._names = frozenset(schema.get("properties", ()))
        # The strings that the schema lists, and the patterns that it has.
        self._words: set[str] = set()
        self._patterns: list[Callable[[str], object]] = []
        self._check = self._compiled(schema, _Place())
        self._seen: dict[object, tuple[KeywordFailure, ...]] = {}

    def is_valid(self, instance: Instance) -> bool:
        """Whether an instance conforms."""
        return not self.failures(instance)

    def failures(self, instance: Instance) -> tuple[KeywordFailure, ...]:
        """Every keyword that the instance fails, with each rule at most once per place."""
        kind = self._kind(instance)
        if kind in self._seen:
            return self._seen[kind]
        found: dict[tuple[str, Path], KeywordFailure] = {}
        for failure in _failed(self._check, instance):
            found.setdefault((failure.rule, failure.path), failure)
        failures = tuple(found.values())
        if kind is not None and len(self._seen) < _MOST_KINDS:
            self._seen[kind] = failures
        return failures

    def _kind(self, instance: Instance) -> object:
        """All that the schema can see of an instance: two of the same kind fail the same keywords; None if unknown."""
        if not isinstance(instance, dict) or not instance.keys() <= self._names:
            return None
        seen: list[object] = []
        for name, value in instance.items():
            if isinstance(value, (dict, list)):
                # The schema may look into it.
                return None
            if not isinstance(value, str):
                value = type(value)
            elif value not in self._words:
                value = tuple([search(value) is None for search in self._patterns])
            seen += (name, value)
        return tuple(seen)

    def _compiled(self, schema: Any, place: _Place) -> _Check:
        checks = tuple(self._checks(schema, place))
        if len(checks) == 1:
            return checks[0]

        def check(instance: Instance, path: Path, failed: list[KeywordFailure]) -> None:
            for each in checks:
                each(instance, path, failed)

        return check

    def _checks(self, schema: Any, place: _Place) -> Iterator[_Check]:
        for keyword, value in keywords(schema):
            here = place.step(keyword)
            if keyword == "$ref":
                yield self._compiled(resolved(self._root, value), here._replace(absolute=str(value).removeprefix("#")))
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
                yield self._asserted(self._test(keyword, value, here), schema, here)

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
        """A function that returns the failure of a keyword."""
        rule = "" if here.is_condition else self._rule_ids[here.dynamic]
        location, absolute = here.dynamic, f"{self._root['$id']}#{here.absolute}"
        return lambda path, rests_on: KeywordFailure(rule, path, location, absolute, rests_on, schema)

    def _conditional(self, schema: Mapping[str, Any], place: _Place) -> _Check:
        condition = schema["if"]
        holds = self._satisfied(condition, place.step("if"))
        then, otherwise = (
            self._compiled(schema.get(name, {}), place.step(name)._replace(condition=condition))
            for name in ("then", "else")
        )

        def check(instance: Instance, path: Path, failed: list[KeywordFailure]) -> None:
            (then if holds(instance) else otherwise)(instance, path, failed)

        return check

    def _satisfied(self, schema: Any, place: _Place) -> _Test:
        """Whether an instance satisfies a schema whose failures are not reported."""
        check = self._compiled(schema, place._replace(condition=None, is_condition=True))
        return lambda instance: not _failed(check, instance)

    def _test(self, keyword: str, value: Any, here: _Place) -> _Test:
        """The test for a keyword that looks at the instance as a whole."""
        if keyword == "type":
            types = (value,) if isinstance(value, str) else tuple(value)
            if not set(types) <= _TYPES.keys():
                raise UnknownKeywordError(f"type: {value!r}")
            kinds = tuple(_TYPES[each] for each in types)
            return lambda instance: isinstance(instance, kinds)
        if keyword in ("enum", "const"):
            allowed = tuple(value) if keyword == "enum" else (value,)
            # Strings are equal in Python when they are equal in JSON Schema; numbers are not.
            if not all(isinstance(each, str) for each in allowed):
                raise UnknownKeywordError(f"{keyword}: {value!r}")
            self._words.update(allowed)
            return lambda instance: isinstance(instance, str) and instance in allowed
        if keyword == "pattern":
            search = re.compile(value).search
            self._patterns.append(search)
            return lambda instance: not isinstance(instance, str) or search(instance) is not None
        if keyword == "required":
            names = frozenset(value)
            return lambda instance: not isinstance(instance, dict) or instance.keys() >= names
        if keyword == "not":
            excluded = self._satisfied(value, here)
            return lambda instance: not excluded(instance)
        raise UnknownKeywordError(f"{keyword}: {value!r}")


def _failed(check: _Check, instance: Instance) -> list[KeywordFailure]:
    failed: list[KeywordFailure] = []
    check(instance, (), failed)
    return failed


def _of_members(checks: Mapping[str, _Check]) -> _Check:
    def check(instance: Instance, path: Path, failed: list[KeywordFailure]) -> None:
        if isinstance(instance, dict):
            for name, each in checks.items():
                if name in instance:
                    each(instance[name], (*path, name), failed)

    return check


def _rests_on(here: _Place, path: Path) -> tuple[Path, ...]:
    """The values that decide about a failure: the value itself, or those that its condition looks at."""
    if here.condition is None:
        return (path,)
    return tuple((*path[:-1], name) for name in here.condition["properties"])
