"""The engine: fast checks of instances and texts by one schema, and the complete list of failures.

It uses what is derived from the schema if every keyword of it is supported, and jsonschema otherwise or on request.
Messages and severities are handled elsewhere.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from guestcust.engine.acceptor import Plain
from guestcust.engine.evaluator import Evaluator
from guestcust.engine.status_table import Shape, UnknownKeywordError, shape
from guestcust.errors import UnknownNameError
from guestcust.model import Instance, KeywordFailure
from guestcust.ruleset import catalog

if TYPE_CHECKING:
    from guestcust.engine.automaton import Automaton
    from guestcust.engine.reference import Reference


#: What evaluates the schemas: what this package derives from them, or jsonschema, the reference implementation.
ENGINES = ("guestcust", "jsonschema")


class Engine:
    """A compiled schema. Immutable and thread-safe."""

    def __init__(self, schema: Mapping[str, Any], rule_ids: Mapping[str, str], name: str = "guestcust") -> None:
        """Compiles `schema`.

        Args:
            schema: a parsed JSON Schema.
            rule_ids: maps each keyword location, by the path through `$ref`, to a rule.
            name: one of `ENGINES`.

        """
        derived = _derived(schema, rule_ids) if name == "guestcust" else None
        self._shape: Shape | None = None
        self._failing: Evaluator | Reference
        if derived:
            self._shape, self._failing = derived
        else:
            # Importing it takes 100 ms.
            from guestcust.engine.reference import Reference

            self._failing = Reference(schema, rule_ids, catalog.registry())
        #: The fast check of instances, which may reject one that conforms.
        self.plain = Plain(self._shape or {})

    @property
    def is_derived(self) -> bool:
        """Whether jsonschema is not used."""
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


def _derived(schema: Mapping[str, Any], rule_ids: Mapping[str, str]) -> tuple[Shape, Evaluator] | None:
    """The status table and the evaluator of a schema; None if it has a keyword that they do not support."""
    try:
        return shape(schema), Evaluator(schema, rule_ids)
    except UnknownKeywordError:
        return None


@functools.cache
def engine(version: str, name: str = "guestcust") -> Engine:
    """The engine of one of `catalog.versions()` and of `ENGINES`, compiled once per process.

    Raises:
        UnknownNameError: there is no such engine.

    """
    if name not in ENGINES:
        raise UnknownNameError(f"no engine is called {name!r}", hint=f"choose one of {', '.join(ENGINES)}")
    return Engine(catalog.schema(version), rule_ids(version), name)


def rule_ids(version: str) -> dict[str, str]:
    """The id of the rule for each keyword location in the schema of a version."""
    return {
        keyword.keyword_location: rule.id
        for rule in catalog.rules()
        for keyword in rule.keywords
        if version in keyword.versions and keyword.dialect is None
    }
