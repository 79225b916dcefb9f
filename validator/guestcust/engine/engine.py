"""The engine: one schema's verdict on an instance or a text, fast, and its complete list of failures, exact.

Chooses who answers: what is derived from the schema, where all of the schema was understood, else the reference. No
message and no severity may enter here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
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
    """A compiled schema. Immutable, and safe to use from many threads."""

    def __init__(self, schema: Mapping[str, Any], rule_ids: Mapping[str, str]) -> None:
        """Compiles `schema`; `rule_ids` names the rule of each keyword location, by path through `$ref`."""
        try:
            self._shape: Shape | None = shape(schema)
            self._failing: Evaluator | Reference = Evaluator(schema, rule_ids)
        except UnknownKeywordError:
            # Costs 100 ms, so only who needs it pays for it.
            from guestcust.engine.reference import Reference

            self._shape = None
            self._failing = Reference(schema, rule_ids, catalog.registry())
        #: The first look at an instance, which may say no to one that conforms.
        self.plain = Plain(self._shape or {})

    @property
    def is_derived(self) -> bool:
        """Whether the schema was understood, so that jsonschema is not needed."""
        return self._shape is not None

    @functools.cached_property
    def automaton(self) -> Automaton | None:
        """The first look at texts; None without the package google-re2, or where the schema was not understood."""
        from guestcust.engine.automaton import Automaton

        try:
            return None if self._shape is None else Automaton(self._shape)
        except (ImportError, UnknownKeywordError):
            return None

    def is_valid(self, instance: Instance) -> bool:
        """Whether the instance conforms."""
        return self.plain.accepts(instance) or self._failing.is_valid(instance)

    def failures(self, instance: Instance) -> Iterator[KeywordFailure]:
        """Every keyword that the instance fails, but each rule only once a place."""
        return self._failing.failures(instance)


@functools.cache
def engine(version: str) -> Engine:
    """The engine of one of `catalog.versions()`, compiled once a process."""
    return Engine(catalog.schema(version), rule_ids(version))


def rule_ids(version: str) -> dict[str, str]:
    """The id of the rule that covers each keyword location of a version's schema."""
    return {
        keyword.keyword_location: rule.id
        for rule in catalog.rules()
        for keyword in rule.keywords
        if version in keyword.versions
    }
