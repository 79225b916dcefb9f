"""Every vector, checked by every edition of its schema and by the library, as text and as instance."""

from __future__ import annotations

import json
from typing import Any

import guestcust
import jsonschema_rs
import pytest
from cases import VERSIONS
from generate import SCHEMAS
from guestcust.model import Severity
from guestcust.ruleset import catalog
from jsonschema import Draft4Validator

FILES = [
    (version, path.stem)
    for version in VERSIONS
    for path in sorted((SCHEMAS / "vectors" / "suite" / version).glob("*.json"))
]
TEXTS = json.loads((SCHEMAS / "vectors" / "text.json").read_text("utf-8"))


def load(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize(("version", "name"), FILES)
def test_every_edition_gives_the_expected_verdict(version: str, name: str) -> None:
    editions = [jsonschema_rs.validator_for(catalog.schema(version, dialect)) for dialect in catalog.DIALECTS]
    for group in load(f"vectors/suite/{version}/{name}.json"):
        for test in group["tests"]:
            verdicts = [edition.is_valid(test["data"]) for edition in editions]
            assert verdicts == [test["valid"]] * len(editions), (group["description"], test["description"])


@pytest.mark.parametrize(("version", "name"), FILES)
def test_draft_04_gives_the_expected_rules(version: str, name: str) -> None:
    validator = Draft4Validator(catalog.schema(version, "draft-04"))
    expected = load(f"vectors/rules/{version}/{name}.json")
    rules = {rule.id: rule for rule in guestcust.rules()}
    at = {
        keyword.keyword_location.replace("/$ref", ""): rule.id
        for rule in rules.values()
        for keyword in rule.keywords
        if version in keyword.versions
    }
    for group in load(f"vectors/suite/{version}/{name}.json"):
        for test in group["tests"]:
            failed = {
                "".join(f"/{step}" for step in error.absolute_schema_path)
                for error in validator.iter_errors(test["data"])
            }
            found = {at[location] for location in failed}
            causes = [rule for rule in found if found.isdisjoint(rules[rule].superseded_by)]
            assert sorted(causes) == expected[group["description"]].get(test["description"], []), test["description"]


@pytest.mark.parametrize(("version", "name"), FILES)
def test_the_library_gives_the_expected_rules(version: str, name: str) -> None:
    validator = guestcust.Validator(version)
    expected = load(f"vectors/rules/{version}/{name}.json")
    for group in load(f"vectors/suite/{version}/{name}.json"):
        for test in group["tests"]:
            broken = expected[group["description"]].get(test["description"], [])
            for violations in (
                validator.iter_violations(test["data"]),
                validator.iter_text_violations(json.dumps(test["data"])),
            ):
                errors = {found.rule for found in violations if found.severity is Severity.ERROR}
                assert sorted(errors) == broken, (group["description"], test["description"])
            assert validator.is_valid(test["data"]) == test["valid"]


@pytest.mark.parametrize("vector", TEXTS, ids=[vector["file"] for vector in TEXTS])
def test_raw_texts_get_the_expected_verdict_and_locations(vector: dict[str, Any]) -> None:
    options = vector.get("options", {})
    validator = guestcust.Validator(max_size=options.get("maxSize", 1 << 20))
    text = (SCHEMAS / "vectors" / vector["file"]).read_bytes()
    examination = validator.examine(text, envelope=options.get("envelope", "api"))
    found = [{"rule": each.rule, "line": each.line, "column": each.column} for each in examination.violations]
    assert found == vector["violations"]
    assert examination.valid == vector["valid"]


def test_texts_get_the_same_violations_as_str_and_bytes() -> None:
    for vector in TEXTS:
        text = (SCHEMAS / "vectors" / vector["file"]).read_bytes()
        if not any(found["rule"] == "json-utf-8" for found in vector["violations"]):
            assert list(guestcust.iter_text_violations(text.decode())) == list(guestcust.iter_text_violations(text))
