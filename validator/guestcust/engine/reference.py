"""The reference: a schema's verdict and failures by jsonschema, which knows every keyword there is.

Evaluates what the faster rooms refuse, and is what tests hold them against. No text, no message and no severity may
enter here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from guestcust.model import Instance, KeywordFailure, Path

if TYPE_CHECKING:
    from jsonschema.protocols import Validator
    from referencing import Registry


class Reference:
    """A compiled schema. Immutable, and safe to use from many threads."""

    def __init__(self, schema: Mapping[str, Any], rule_ids: Mapping[str, str], registry: Registry[Any]) -> None:
        """Compiles `schema`; `rule_ids` names the rule of each keyword location, by path through `$ref`."""
        self._schema = schema
        self._rule_ids = rule_ids
        self._validator: Validator = Draft202012Validator(schema, registry=registry)

    def is_valid(self, instance: Instance) -> bool:
        """Whether the instance conforms."""
        return self._validator.is_valid(_outline(instance))

    def failures(self, instance: Instance) -> Iterator[KeywordFailure]:
        """Every keyword that the instance fails, but each rule only once a place."""
        found: dict[tuple[str, Path], KeywordFailure] = {}
        for error in self._validator.iter_errors(_outline(instance)):
            step = self._keyword(tuple(error.absolute_schema_path))
            path: Path = tuple(error.absolute_path)
            places: Sequence[Path] = [path]
            rests_on: tuple[Path, ...] = (path,)
            if error.validator == "additionalProperties":
                members: Any = error.instance
                places = [(*path, name) for name in members if name not in step.subschema["properties"]]
            elif step.condition is not None:
                rests_on = tuple((*path[:-1], name) for name in step.condition["properties"])
            for place in places:
                failure = KeywordFailure(
                    step.rule, place, step.keyword_location, step.absolute_keyword_location, rests_on, step.subschema
                )
                found.setdefault((failure.rule, place), failure)
        yield from found.values()

    def _keyword(self, schema_path: tuple[str | int, ...]) -> _Step:
        """Follows the path that jsonschema gives for a failure, which leaves `$ref` out."""
        node: Any = self._schema
        dynamic, absolute = "", ""
        condition = None
        for step in schema_path:
            if isinstance(node, dict) and "$ref" in node:
                absolute = node["$ref"].removeprefix("#")
                dynamic += "/$ref"
                node = functools.reduce(lambda inner, name: inner[name], absolute.split("/")[1:], self._schema)
            if step == "then":
                condition = node["if"]
            subschema, node = node, node[step]
            dynamic, absolute = f"{dynamic}/{step}", f"{absolute}/{step}"
        return _Step(self._rule_ids[dynamic], dynamic, f"{self._schema['$id']}#{absolute}", subschema, condition)


def _outline(instance: Instance) -> Instance:
    """The instance as deep as the schemas look, which is no deeper than its members.

    For every failure jsonschema writes out the whole value, which may be huge, or hold itself many times over.
    """
    if isinstance(instance, dict):
        return {name: _hollow(member) for name, member in instance.items()}
    return _hollow(instance)


def _hollow(value: Instance) -> Instance:
    if isinstance(value, dict):
        return {}
    return [] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class _Step:
    rule: str
    keyword_location: str
    absolute_keyword_location: str
    subschema: Mapping[str, Any]
    condition: Mapping[str, Any] | None
