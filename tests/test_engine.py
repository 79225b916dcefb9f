"""Law 6: what is derived from a schema never says valid where the reference says invalid, and explains as it does."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from cases import VERSIONS
from command import REPOSITORY, SCHEMAS
from guestcust import catalog, testing
from guestcust.engine import Engine, engine, rule_ids
from guestcust.evaluator import Evaluator
from guestcust.model import Instance
from guestcust.plain import Plain
from guestcust.reference import Reference
from guestcust.shape import UnknownKeywordError, shape
from hypothesis import given
from mutants import mutants
from referencing import Registry

versions = pytest.mark.parametrize("version", VERSIONS)
REFERENCES = {
    version: Reference(catalog.schema(version), rule_ids(version), catalog.registry()) for version in VERSIONS
}


def instances(version: str) -> Iterator[Instance]:
    for root in (SCHEMAS / "vectors", REPOSITORY / "contract" / "drawn"):
        for path in sorted((root / "suite" / version).glob("*.json")):
            yield from (test["data"] for group in json.loads(path.read_text("utf-8")) for test in group["tests"])


def explained(engine: Reference | Evaluator | Engine, instance: Instance) -> set[Any]:
    """The failures, as values that can be compared."""
    return {
        (failure.rule, failure.path, failure.keyword_location, failure.absolute_keyword_location, failure.rests_on)
        for failure in engine.failures(instance)
    }


@versions
def test_every_schema_is_understood(version: str) -> None:
    # Where one is not, guestcust is right and slow: `shape` and `evaluator` should learn the keyword.
    assert engine(version).is_derived
    assert engine(version).automaton is not None


@versions
def test_every_vector_is_explained_as_by_the_reference(version: str) -> None:
    for instance in instances(version):
        assert explained(engine(version), instance) == explained(REFERENCES[version], instance)
        assert engine(version).is_valid(instance) == REFERENCES[version].is_valid(instance)


@versions
@given(value=testing.json_values() | testing.payloads() | testing.faulty_payloads().map(lambda pair: pair[0]))
def test_any_json_value_is_explained_as_by_the_reference(version: str, value: Instance) -> None:
    assert explained(engine(version), value) == explained(REFERENCES[version], value)
    assert engine(version).is_valid(value) == REFERENCES[version].is_valid(value)


@versions
def test_the_first_look_passes_every_vector_that_conforms(version: str) -> None:
    conforming = [instance for instance in instances(version) if REFERENCES[version].is_valid(instance)]
    assert len(conforming) > 500
    assert all(engine(version).plain.accepts(instance) for instance in conforming)
    automaton = engine(version).automaton
    assert automaton is not None
    for instance in conforming:
        assert automaton.accepts(json.dumps(instance, ensure_ascii=False).encode())
        assert automaton.accepts(json.dumps(instance, indent=2).encode())


@versions
def test_a_schema_is_derived_right_or_refused(version: str) -> None:
    """Every mutant of the schemas is another schema: what is derived from it gives the verdicts of that one."""
    vectors = list(instances(version))[::60]
    derived = 0
    for mutant in mutants(version, catalog.schema(version)):
        try:
            found = shape(mutant.schema)
            evaluator = Evaluator(mutant.schema, defaultdict(str, rule_ids(version)))
        except UnknownKeywordError:
            continue
        derived += 1
        reference = Reference(mutant.schema, rule_ids(version), Registry())
        plain = Plain(found)
        for instance in vectors:
            valid = reference.is_valid(instance)
            assert valid or not plain.accepts(instance), mutant.name
            assert valid == (not list(evaluator.failures(instance))), mutant.name
    assert derived > 100


def test_what_is_not_understood_is_left_to_the_reference() -> None:
    schema = catalog.schema()
    schema["maxProperties"] = 1
    fallback = Engine(schema, {**rule_ids(VERSIONS[-1]), "/maxProperties": "no-unknown-members"})
    assert not fallback.is_derived
    assert fallback.automaton is None
    assert fallback.is_valid({"status": "RUNNING"})
    assert not fallback.is_valid({"status": "RUNNING", "error": None})
    assert [failure.rule for failure in fallback.failures({"status": "RUNNING", "error": None})] == [
        "no-unknown-members"
    ]
