"""Every vector, checked by both editions of its schema and by the library, as text and as instance."""

from __future__ import annotations

import json
from typing import Any

import guestcust
import pytest
from cases import VERSIONS
from generate import SCHEMAS, STRUCTURE
from guestcust.model import Severity
from jsonschema import Draft7Validator, Draft202012Validator

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
def test_both_editions_give_the_expected_verdict(version: str, name: str) -> None:
    editions = (
        Draft202012Validator(load(f"{STRUCTURE}/{version}.schema.json")),
        Draft7Validator(load(f"draft-07/{STRUCTURE}/{version}.schema.json")),
    )
    for group in load(f"vectors/suite/{version}/{name}.json"):
        for test in group["tests"]:
            verdicts = [edition.is_valid(test["data"]) for edition in editions]
            assert verdicts == [test["valid"]] * 2, (group["description"], test["description"])


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
