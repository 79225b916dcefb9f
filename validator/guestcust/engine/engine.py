"""The engine: fast checks of instances and texts by one schema, and the complete list of failures.

It uses what is derived from the schema if every keyword of it is supported, and jsonschema otherwise. Messages and
severities are handled elsewhere.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from guestcust.engine.acceptor import Plain
from guestcust.engine.evaluator import Evaluator
from guestcust.engine.status_table import Shape, UnknownKeywordError, shape
from guestcust.model import Instance, KeywordFailure
from guestcust.ruleset import catalog

if TYPE_CHECKING:
    from guestcust.engine.automaton import Automaton
    from guestcust.engine.reference import Reference


class Engine:
    """A compiled schema. Immutable and thread-safe."""

    def __init__(self, schema: Mapping[str, Any], rule_ids: Mapping[str, str]) -> None:
        """Compiles `schema`. `rule_ids` maps each keyword location, by the path through `$ref`, to a rule."""
        try:
            self._shape: Shape | None = shape(schema)
            self._failing: Evaluator | Reference = Evaluator(schema, rule_ids)
        except UnknownKeywordError:
            # Importing it takes 100 ms.
            from guestcust.engine.reference import Reference

            self._shape = None
            self._failing = Reference(schema, rule_ids, catalog.registry())
        #: The fast check of instances, which may reject one that conforms.
        self.plain = Plain(self._shape or {})

    @property
    def is_derived(self) -> bool:
        """Whether every keyword of the schema is supported, so that jsonschema is not needed."""
        return self._shape is not None

    @functools.cached_property
    def automaton(self) -> Automaton | None:
        """The fast check of texts; None if the schema is not supported."""
        from guestcust.engine.automaton import Automaton

        try:
            return None if self._shape is None else Automaton(self._shape)
        except UnknownKeywordError:
            return None

    def is_valid(self, instance: Instance) -> bool:
        """Whether an instance conforms."""
        return self.plain.accepts(instance) or self._failing.is_valid(instance)

    def failures(self, instance: Instance) -> Iterable[KeywordFailure]:
        """Every keyword that the instance fails, with each rule at most once per place."""
        return self._failing.failures(instance)


@functools.cache
def engine(version: str) -> Engine:
    """The engine of one of `catalog.versions()`, compiled once per process."""
    return Engine(catalog.schema(version), rule_ids(version))


def rule_ids(version: str) -> dict[str, str]:
    """The id of the rule for each keyword location in the schema of a version."""
    return {
        keyword.keyword_location: rule.id
        for rule in catalog.rules()
        for keyword in rule.keywords
        if version in keyword.versions and keyword.dialect is None
    }
