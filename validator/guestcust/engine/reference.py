"""Evaluates a schema with jsonschema, which supports every keyword.

It evaluates the schemas that the evaluator rejects, and the tests compare the evaluator with it. JSON text, messages
and severities are handled elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from guestcust.engine.status_table import resolved
from guestcust.model import Instance, KeywordFailure, Path

if TYPE_CHECKING:
    from jsonschema.protocols import Validator
    from referencing import Registry


class Reference:
    """One compiled schema. Immutable and thread-safe."""

    def __init__(self, schema: Mapping[str, Any], rule_ids: Mapping[str, str], registry: Registry[Any]) -> None:
        """Compiles `schema`. `rule_ids` maps each keyword location, by the path through `$ref`, to a rule."""
        self._schema = schema
        self._rule_ids = rule_ids
        self._validator: Validator = Draft202012Validator(schema, registry=registry)

    def is_valid(self, instance: Instance) -> bool:
        """Whether an instance conforms."""
        return self._validator.is_valid(_abbreviated(instance, {}))

    def failures(self, instance: Instance) -> Iterator[KeywordFailure]:
        """Every keyword that the instance fails, with each rule at most once per place."""
        found: dict[tuple[str, Path], KeywordFailure] = {}
        for error in self._validator.iter_errors(_abbreviated(instance, {})):
            step = self._keyword(tuple(error.absolute_schema_path))
            path: Path = tuple(error.absolute_path)
            places: Sequence[Path] = [path]
            rests_on: tuple[Path, ...] = (path,)
            if error.validator == "additionalProperties" and error.validator_value is False:
                members: Any = error.instance
                places = [(*path, name) for name in members if not _is_declared(name, step.subschema)]
            elif step.condition is not None and "properties" in step.condition:
                rests_on = tuple((*path[: step.depth], name) for name in step.condition["properties"])
            for place in places:
                failure = KeywordFailure(
                    step.rule, place, step.keyword_location, step.absolute_keyword_location, rests_on, step.subschema
                )
                found.setdefault((failure.rule, place), failure)
        yield from found.values()

    def _keyword(self, schema_path: tuple[str | int, ...]) -> _Step:
        """Follows jsonschema's path to a keyword, which leaves out `$ref`."""
        node: Any = self._schema
        dynamic, absolute = "", ""
        condition: Mapping[str, Any] | None = None
        depth = condition_depth = 0
        # The keyword whose value `node` is, if that value holds subschemas by name or by number.
        container = ""
        for step in schema_path:
            while not container and "$ref" in node and step not in node:
                absolute = node["$ref"].removeprefix("#")
                dynamic += "/$ref"
                node = resolved(self._schema, node["$ref"])
            if container in ("properties", "patternProperties", "prefixItems") or (
                not container and step in ("items", "additionalProperties")
            ):
                depth += 1
            if not container and step in ("then", "else"):
                condition, condition_depth = node["if"], depth
            container = "" if container or step not in _CONTAINERS else str(step)
            subschema, node = node, node[step]
            dynamic, absolute = f"{dynamic}/{step}", f"{absolute}/{step}"
        location = f"{self._schema['$id']}#{absolute}"
        return _Step(self._rule_ids[dynamic], dynamic, location, subschema, condition, condition_depth)


_CONTAINERS = frozenset(
    ("properties", "patternProperties", "dependentSchemas", "prefixItems", "allOf", "anyOf", "oneOf")
)


@dataclass(frozen=True, slots=True)
class _Step:
    rule: str
    keyword_location: str
    absolute_keyword_location: str
    subschema: Mapping[str, Any]
    #: The condition of the innermost `then` or `else` around the keyword, and how deep in the instance it applies.
    condition: Mapping[str, Any] | None
    depth: int


def _is_declared(name: str, schema: Mapping[str, Any]) -> bool:
    return name in schema.get("properties", ()) or any(
        re.search(pattern, name) for pattern in schema.get("patternProperties", ())
    )


class _Object(dict[str, Any]):
    """An object that jsonschema can afford to print."""

    def __repr__(self) -> str:
        return "{…}"


class _Array(list[Any]):
    """An array that jsonschema can afford to print."""

    def __repr__(self) -> str:
        return "[…]"


def _abbreviated(value: Instance, copies: dict[int, Instance]) -> Instance:
    """A copy of an instance that prints in a few characters.

    For every failure jsonschema prints the whole value, which may be huge or contain itself many times over. `copies`
    holds the copies made so far by the identity of what they copy.
    """
    if not isinstance(value, (dict, list)):
        return value
    if id(value) not in copies:
        copies[id(value)] = (
            _Object((name, _abbreviated(member, copies)) for name, member in value.items())
            if isinstance(value, dict)
            else _Array(_abbreviated(item, copies) for item in value)
        )
    return copies[id(value)]
