"""The vectors as tests of Python's validators: one test per vector and dialect, with formats asserted and not.

The vendor's SDK is one of them. It does not read a schema; it implements the newest version.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version as version_of
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import fastjsonschema
import jsonschema
import jsonschema_rs
import pytest
from com.vmware.vcenter.vm.guest_client import Customization
from vmware.vapi.bindings.converter import RestConverter, TypeConverter
from vmware.vapi.data.serializers.cleanjson import DataValueConverter
from vmware.vapi.exception import CoreException

HERE = Path(__file__).resolve().parent
# In an exported kit, the runner is in its own folder next to the schemas.
KIT = HERE.parent if (HERE.parent / "rules.json").exists() else HERE.parents[1] / "schemas"
SCHEMAS = Path(os.environ.get("GUESTCUST_SCHEMAS") or KIT)
ROOTS = (SCHEMAS / "vectors", HERE.parent / "drawn")
STRUCTURE = "vcenter.vm.guest.customization.info"
EDITIONS = {"2020-12": SCHEMAS / STRUCTURE, "draft-07": SCHEMAS / "draft-07" / STRUCTURE}


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


# Gives an instance's verdict and the keyword locations that failed; None if the validator does not report them.
Check = Callable[[Any], tuple[bool, "set[str] | None"]]


def with_jsonschema(schema: Any, formats: bool) -> Check:
    kind = jsonschema.validators.validator_for(schema)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER if formats else None)

    def check(instance: Any) -> tuple[bool, set[str]]:
        found = {pointer(error.schema_path) for error in validator.iter_errors(instance)}
        return not found, found

    return check


def with_jsonschema_rs(schema: Any, formats: bool) -> Check:
    validator = jsonschema_rs.validator_for(schema, validate_formats=formats)

    def check(instance: Any) -> tuple[bool, set[str]]:
        found = {pointer(error.evaluation_path) for error in validator.iter_errors(instance)}
        return not found, found

    return check


def with_fastjsonschema(schema: Any, formats: bool) -> Check:
    validate = fastjsonschema.compile(schema, use_formats=formats)

    def check(instance: Any) -> tuple[bool, None]:
        try:
            validate(instance)
        except fastjsonschema.JsonSchemaValueException:
            return False, None
        return True, None

    return check


def with_sdk() -> Check:
    kind = Customization.Info.get_binding_type()

    def check(instance: Any) -> tuple[bool, None]:
        value = DataValueConverter.convert_to_data_value(json.dumps(instance))
        try:
            TypeConverter.convert_to_python(value, kind, None, RestConverter.SWAGGER_REST)
        except (CoreException, AttributeError, TypeError, ValueError):
            # It checks values but not types, and fails on a number as a time.
            return False, None
        return True, None

    return check


def pointer(path: Any) -> str:
    # jsonschema omits "$ref" from its paths, so it is omitted everywhere.
    return "".join(f"/{part}" for part in path if part != "$ref")


VALIDATORS: dict[str, tuple[Callable[[Any, bool], Check], tuple[str, ...]]] = {
    "jsonschema": (with_jsonschema, ("2020-12", "draft-07")),
    "jsonschema-rs": (with_jsonschema_rs, ("2020-12", "draft-07")),
    "fastjsonschema": (with_fastjsonschema, ("draft-07",)),
}
SDK = "vmware-vcenter"
NEWEST = "7.0.3.0"


class Run(NamedTuple):
    """One validator with its options."""

    validator: str
    dialect: str
    formats: str


class Vector(NamedTuple):
    """An instance with its expected verdict and rules."""

    version: str
    name: str
    data: Any
    valid: bool
    rules: frozenset[str]


RUNS = [
    Run(name, dialect, formats)
    for name, (_, dialects) in VALIDATORS.items()
    for dialect in dialects
    for formats in ("asserted", "annotated")
]
RUNS.append(Run(SDK, "none", "none"))
FAULTS = {
    (Run(each["validator"], each["dialect"], each["formats"]), vector)
    for each in read(HERE / "faults.json")
    for vector in each["vectors"]
}


def vectors() -> Iterator[Vector]:
    for root in ROOTS:
        for file in sorted(root.glob("suite/*/*.json")):
            version = file.parent.name
            broken = read(root / "rules" / version / file.name)
            for group in read(file):
                for test in group["tests"]:
                    rules = broken.get(group["description"], {}).get(test["description"], [])
                    name = f"{version}/{file.stem}/{group['description']}/{test['description']}"
                    yield Vector(version, name, test["data"], test["valid"], frozenset(rules))


def payloads() -> Iterator[Vector]:
    """Your own payloads, against the newest schema: payloads/valid/*.json and payloads/invalid/RULE/*.json."""
    versions = [each["version"] for each in read(SCHEMAS / "rules.json")["versions"]]
    version = [each for each in versions if (EDITIONS["2020-12"] / f"{each}.schema.json").exists()][-1]
    for file in sorted((SCHEMAS / "payloads").glob("valid/*.json")):
        yield Vector(version, f"payloads/valid/{file.name}", read(file), True, frozenset())
    for file in sorted((SCHEMAS / "payloads").glob("invalid/*/*.json")):
        rule = file.parent.name
        yield Vector(version, f"payloads/invalid/{rule}/{file.name}", read(file), False, frozenset({rule}))


CASES = [
    (run, vector) for run, vector in product(RUNS, list(vectors())) if run.validator != SDK or vector.version == NEWEST
]
# The SDK is more lenient than the schemas.
CASES += [(run, vector) for run, vector in product(RUNS, list(payloads())) if run.validator != SDK]


@cache
def check_of(run: Run, version: str) -> Check:
    if run.validator == SDK:
        return with_sdk()
    schema = read(EDITIONS[run.dialect] / f"{version}.schema.json")
    return VALIDATORS[run.validator][0](schema, run.formats == "asserted")


@cache
def rules_by_location(version: str) -> dict[str, str]:
    return {
        pointer(keyword["keywordLocation"].split("/")[1:]): rule["id"]
        for rule in read(SCHEMAS / "rules.json")["rules"]
        for keyword in rule.get("keywords", [])
        if version in keyword["versions"]
    }


@cache
def superseding() -> dict[str, frozenset[str]]:
    return {rule["id"]: frozenset(rule.get("supersededBy", [])) for rule in read(SCHEMAS / "rules.json")["rules"]}


def rules(locations: set[str], version: str) -> set[str]:
    known = rules_by_location(version)
    found = {known[location] for location in locations if location in known}
    return {rule for rule in found if not found & superseding()[rule]}


@pytest.fixture(scope="module")
def tallies() -> Iterator[dict[Run, dict[str, Any]]]:
    """The result of every run, written to the folder in CONTRACT_RESULTS."""
    found: dict[Run, dict[str, Any]] = defaultdict(lambda: {"vectors": 0, "agreed": 0, "disagreed": [], "rules": 0})
    yield found
    if folder := os.environ.get("CONTRACT_RESULTS"):
        for name in (*VALIDATORS, SDK):
            runs = [run._asdict() | tally for run, tally in found.items() if run.validator == name]
            result = {"language": "Python", "validator": name, "version": version_of(name), "runs": runs}
            Path(folder, f"python-{name}.json").write_text(json.dumps(result), "utf-8")


@pytest.mark.parametrize(("run", "vector"), CASES, ids=[f"{'/'.join(run)}/{vector.name}" for run, vector in CASES])
def test_the_validator_gives_the_verdict(run: Run, vector: Vector, tallies: dict[Run, dict[str, Any]]) -> None:
    valid, locations = check_of(run, vector.version)(vector.data)
    expected = (vector.valid, None if locations is None else vector.rules)
    given = (valid, None if locations is None else rules(locations, vector.version))
    agreed = given == expected
    tally = tallies[run]
    tally["vectors"] += 1
    tally["agreed"] += agreed
    tally["rules"] += locations is not None
    if not agreed:
        tally["disagreed"].append(vector.name)
    if (run, vector.name) in FAULTS:
        assert not agreed, "no longer wrong: remove it from faults.json"
        return
    assert given == expected, f"{vector.name}: {given}, expected {expected}"
