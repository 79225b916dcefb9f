"""What uses jsonschema: the engine of that name, and the registry for schemas of one's own."""

from __future__ import annotations

import json

import guestcust
import pytest
from cases import VERSIONS
from command import REPOSITORY, SCHEMAS, run
from guestcust.ruleset import catalog
from jsonschema import Draft7Validator, Draft202012Validator
from referencing.exceptions import Unresolvable

EXAMPLES = str(REPOSITORY / "examples")


@pytest.mark.parametrize("version", VERSIONS)
def test_jsonschema_finds_the_same_violations_in_every_vector(version: str) -> None:
    fast, reference = (guestcust.Validator(version, engine=name) for name in ("guestcust", "jsonschema"))
    assert (fast._engine.is_derived, reference._engine.is_derived) == (True, False)
    for path in sorted((SCHEMAS / "vectors" / "suite" / version).glob("*.json")):
        for group in json.loads(path.read_text("utf-8")):
            for test in group["tests"]:
                text = json.dumps(test["data"])
                assert reference.is_valid(test["data"]) == test["valid"], test["description"]
                assert list(reference.iter_text_violations(text)) == list(fast.iter_text_violations(text))


def test_jsonschema_decides_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = guestcust.Validator(engine="jsonschema")
    monkeypatch.setattr(Draft202012Validator, "iter_errors", lambda *arguments: iter(()))
    assert reference.is_valid({"status": "RUNNING", "error": "x"})
    assert reference.is_valid_text('{"status": "RUNNING", "error": "x"}')


def test_the_command_reports_the_same_with_either_engine() -> None:
    fast, reference = (run("check", "--engine", name, EXAMPLES) for name in ("guestcust", "jsonschema"))
    assert fast.status == 1
    assert reference == fast


def test_an_unknown_engine_is_an_error_that_names_the_others() -> None:
    with pytest.raises(guestcust.UnknownNameError, match="no engine is called 'ajv'") as caught:
        guestcust.is_valid({}, engine="ajv")
    assert caught.value.hint == "choose one of guestcust, jsonschema"
    assert run("check", "--engine", "ajv", EXAMPLES).status == 2


def test_the_registry_has_every_edition_under_its_id() -> None:
    expected = {
        schema.get("$id", schema.get("id")): schema
        for version in VERSIONS
        for schema in (guestcust.schema(version, dialect) for dialect in catalog.DIALECTS)
    }
    assert len(expected) == len(VERSIONS) * len(catalog.DIALECTS)
    assert {uri: guestcust.registry().contents(uri) for uri in guestcust.registry()} == expected


@pytest.mark.parametrize("dialect", catalog.DIALECTS)
def test_a_schema_of_ones_own_may_refer_to_any_edition(dialect: str) -> None:
    published = guestcust.schema("7.0.3.0", dialect)
    own = {"items": {"$ref": published.get("$id", published.get("id"))}}
    validator = Draft7Validator(own, registry=guestcust.registry())
    assert validator.is_valid([{"status": "IDLE"}])
    assert not validator.is_valid([{"status": "IDLE", "error": "x"}])


def test_the_registry_downloads_nothing() -> None:
    validator = Draft202012Validator({"$ref": "https://guestcust.example/other.json"}, registry=guestcust.registry())
    with pytest.raises(Unresolvable):
        validator.is_valid({})
