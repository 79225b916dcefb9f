"""The vectors as tests of Python's validators: one test per validator, dialect and file of vectors.

A test per vector would take longer than the validators. The vendor's SDK is one of them. It does not read a schema; it
implements the newest version.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
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
import openapi_schema_validator
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
EDITIONS = {
    "2020-12": f"{STRUCTURE}/{{}}.schema.json",
    "draft-07": f"draft-07/{STRUCTURE}/{{}}.schema.json",
    "OpenAPI 3.0": "openapi/3.0/{}.openapi.json",
    "OpenAPI 3.1": "openapi/{}.openapi.json",
}


def edition(dialect: str, version: str) -> Path:
    return SCHEMAS / EDITIONS[dialect].format(version)


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


def with_openapi(document: Any, formats: bool) -> Check:
    kind = (
        openapi_schema_validator.OAS30Validator
        if document["openapi"].startswith("3.0.")
        else openapi_schema_validator.OAS31Validator
    )
    schema = {"$ref": "#/components/schemas/Info", "components": document["components"]}
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER if formats else None)
    return lambda instance: (validator.is_valid(instance), None)


def with_check_jsonschema(schema: Any, formats: bool) -> Check:
    """Runs the command once, with a file per instance."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "schema.json").write_text(json.dumps(schema), "utf-8")
        for number, text in enumerate(texts()):
            Path(folder, str(number)).write_text(text, "utf-8")
        options = [
            "--output-format",
            "json",
            "--schemafile",
            "schema.json",
            *(() if formats else ("--disable-formats", "*")),
        ]
        command = [sys.executable, "-m", "check_jsonschema", *options, *map(str, range(len(texts())))]
        output = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False).stdout
    report = json.loads(output)
    invalid = {texts()[int(error["filename"])] for kind in ("errors", "parse_errors") for error in report.get(kind, [])}
    return lambda instance: (json.dumps(instance) not in invalid, None)


def with_jsonvet(schema: Any, formats: bool) -> Check:
    """Runs the command once, on JSON Lines."""
    program = shutil.which("jsonvet", path=sysconfig.get_path("scripts"))
    assert program and not formats, "it is installed, and does not assert formats"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "schema.json").write_text(json.dumps(schema), "utf-8")
        Path(folder, "texts.jsonl").write_text("".join(f"{text}\n" for text in texts()), "utf-8")
        command = [program, "--no-config", "--format", "json", "--schema", "schema.json", "texts.jsonl"]
        output = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False).stdout
    invalid = {texts()[error["line"] - 1] for error in json.loads(output)["diagnostics"]}
    return lambda instance: (json.dumps(instance) not in invalid, None)


@cache
def texts() -> list[str]:
    """The distinct instances, as JSON: what a command checks at once."""
    return list(dict.fromkeys(json.dumps(vector.data) for batch in (*files(), *payloads()) for vector in batch.vectors))


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


BOTH, EITHER = ("2020-12", "draft-07"), ("asserted", "annotated")
# The last three report no keyword locations. They run in the dialects that their users load, with default formats.
VALIDATORS: dict[str, tuple[Callable[[Any, bool], Check], tuple[str, ...], tuple[str, ...]]] = {
    "jsonschema": (with_jsonschema, BOTH, EITHER),
    "jsonschema-rs": (with_jsonschema_rs, BOTH, EITHER),
    "fastjsonschema": (with_fastjsonschema, ("draft-07",), EITHER),
    "check-jsonschema": (with_check_jsonschema, ("2020-12",), ("asserted",)),
    "jsonvet": (with_jsonvet, ("2020-12",), ("annotated",)),
    "openapi-schema-validator": (with_openapi, ("OpenAPI 3.0", "OpenAPI 3.1"), ("annotated",)),
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

    name: str
    data: Any
    valid: bool
    rules: frozenset[str]


class Batch(NamedTuple):
    """The vectors of a file, or one of your own payloads."""

    version: str
    name: str
    vectors: tuple[Vector, ...]


RUNS = [
    Run(name, dialect, formats)
    for name, (_, dialects, with_formats) in VALIDATORS.items()
    for dialect in dialects
    for formats in with_formats
]
RUNS.append(Run(SDK, "none", "none"))
FAULTS = {
    (Run(each["validator"], each["dialect"], each["formats"]), vector)
    for each in read(HERE / "faults.json")
    for vector in each["vectors"]
}


def files() -> Iterator[Batch]:
    for root in ROOTS:
        for file in sorted(root.glob("suite/*/*.json")):
            version = file.parent.name
            broken = read(root / "rules" / version / file.name)
            vectors = (
                Vector(
                    f"{version}/{file.stem}/{group['description']}/{test['description']}",
                    test["data"],
                    test["valid"],
                    frozenset(broken.get(group["description"], {}).get(test["description"], [])),
                )
                for group in read(file)
                for test in group["tests"]
            )
            yield Batch(version, f"{version}/{file.stem}", tuple(vectors))


def payloads() -> Iterator[Batch]:
    """Your own payloads, against the newest schema: payloads/valid/*.json and payloads/invalid/RULE/*.json."""
    versions = [each["version"] for each in read(SCHEMAS / "rules.json")["versions"]]
    version = [each for each in versions if edition("2020-12", each).exists()][-1]
    for file in sorted((SCHEMAS / "payloads").glob("valid/*.json")):
        name = f"payloads/valid/{file.name}"
        yield Batch(version, name, (Vector(name, read(file), True, frozenset()),))
    for file in sorted((SCHEMAS / "payloads").glob("invalid/*/*.json")):
        rule = file.parent.name
        name = f"payloads/invalid/{rule}/{file.name}"
        yield Batch(version, name, (Vector(name, read(file), False, frozenset({rule})),))


CASES = [(run, batch) for run, batch in product(RUNS, list(files())) if run.validator != SDK or batch.version == NEWEST]
# The SDK is more lenient than the schemas.
CASES += [(run, batch) for run, batch in product(RUNS, list(payloads())) if run.validator != SDK]


@cache
def check_of(run: Run, version: str) -> Check:
    if run.validator == SDK:
        return with_sdk()
    return VALIDATORS[run.validator][0](read(edition(run.dialect, version)), run.formats == "asserted")


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


@pytest.mark.parametrize(("run", "batch"), CASES, ids=[f"{'/'.join(run)}/{batch.name}" for run, batch in CASES])
def test_the_validator_gives_the_verdicts(run: Run, batch: Batch, tallies: dict[Run, dict[str, Any]]) -> None:
    check = check_of(run, batch.version)
    tally = tallies[run]
    wrong = []
    for vector in batch.vectors:
        valid, locations = check(vector.data)
        expected = (vector.valid, None if locations is None else vector.rules)
        given = (valid, None if locations is None else rules(locations, batch.version))
        agreed = given == expected
        tally["vectors"] += 1
        tally["agreed"] += agreed
        tally["rules"] += locations is not None
        if not agreed:
            tally["disagreed"].append(vector.name)
        is_fault = (run, vector.name) in FAULTS
        if agreed and is_fault:
            wrong.append(f"{vector.name}: no longer wrong: remove it from faults.json")
        elif not agreed and not is_fault:
            wrong.append(f"{vector.name}: {given}, expected {expected}")
    assert not wrong, "\n".join(wrong)
