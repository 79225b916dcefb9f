"""The schemas, the rules and the derived files are valid and consistent."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import generate
import guestcust
import pytest
from cases import VERSIONS
from guestcust.ruleset import catalog
from jsonschema import Draft4Validator, Draft7Validator, Draft202012Validator

SCHEMAS = generate.SCHEMAS
#: Keywords with the same meaning since draft-07, and `$defs`, called `definitions` in draft-07.
LASTING = {
    "$schema", "$id", "$ref", "$defs", "$comment", "title", "description", "examples", "type", "enum", "const",
    "pattern", "format", "required", "properties", "additionalProperties", "allOf", "not", "if", "then",
}  # fmt: skip
#: Keywords with the same meaning since draft-04.
OLD = {
    "$schema", "id", "$ref", "definitions", "title", "description", "type", "enum", "pattern", "required",
    "properties", "additionalProperties", "allOf", "anyOf", "not",
}  # fmt: skip
ANNOTATIONS = {"$schema", "$id", "$comment", "title", "description", "examples"}
DIALECTS: dict[str, Any] = {
    "2020-12": Draft202012Validator,
    "draft-07": Draft7Validator,
    "draft-04": Draft4Validator,
    "editor": Draft7Validator,
}
versions = pytest.mark.parametrize("version", VERSIONS)


def load(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text("utf-8"))


def schema(version: str) -> dict[str, Any]:
    loaded: dict[str, Any] = load(f"{generate.STRUCTURE}/{version}.schema.json")
    return loaded


def subschemas(node: dict[str, Any], at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """All schema objects in a schema, with their JSON Pointers."""
    yield at, node
    for keyword in ("not", "if", "then"):
        if keyword in node:
            yield from subschemas(node[keyword], f"{at}/{keyword}")
    for keyword in ("properties", "$defs"):
        for name, inner in node.get(keyword, {}).items():
            yield from subschemas(inner, f"{at}/{keyword}/{name}")
    for index, inner in enumerate(node.get("allOf", [])):
        yield from subschemas(inner, f"{at}/allOf/{index}")


def assertions(
    root: dict[str, Any], node: dict[str, Any], dynamic: str = "", at: str = ""
) -> Iterator[tuple[str, str]]:
    """All assertions that an evaluation can reach: by path through `$ref`, and by path in the file."""
    while "$ref" in node:
        at, dynamic = node["$ref"][1:], f"{dynamic}/$ref"
        node = root["$defs"][at.removeprefix("/$defs/")]
    for keyword in node.keys() - ANNOTATIONS - {"properties", "allOf", "if", "then", "$defs"}:
        yield f"{dynamic}/{keyword}", f"{at}/{keyword}"
    for name, inner in node.get("properties", {}).items():
        yield from assertions(root, inner, f"{dynamic}/properties/{name}", f"{at}/properties/{name}")
    for index, inner in enumerate(node.get("allOf", [])):
        yield from assertions(root, inner, f"{dynamic}/allOf/{index}", f"{at}/allOf/{index}")
    if "then" in node:
        yield from assertions(root, node["then"], f"{dynamic}/then", f"{at}/then")


@versions
def test_every_schema_conforms_to_its_dialect(version: str) -> None:
    for dialect, folder in catalog.DIALECTS.items():
        found = load(f"{folder}{generate.STRUCTURE}/{version}.schema.json")
        assert found["$schema"] == DIALECTS[dialect].META_SCHEMA["$schema"]
        DIALECTS[dialect].check_schema(found)


@versions
def test_only_keywords_common_to_all_dialects_are_used(version: str) -> None:
    for _, node in subschemas(schema(version)):
        assert node.keys() <= LASTING


@versions
def test_draft_04_has_only_keywords_of_draft_04(version: str) -> None:
    def keywords(node: Any) -> Iterator[str]:
        for keyword, value in node.items():
            yield keyword
            named = keyword in ("properties", "definitions")
            inner = value.values() if named else value if isinstance(value, list) else [value]
            for each in inner:
                if isinstance(each, dict):
                    yield from keywords(each)

    assert set(keywords(catalog.schema(version, "draft-04"))) == OLD


@versions
def test_the_editor_has_a_message_for_each_rule(version: str) -> None:
    text = json.dumps(catalog.schema(version, "editor"))
    of_schema = {rule.id: rule for rule in guestcust.rules() if rule.keywords}
    # Editors name the missing member by themselves.
    del of_schema["status-required"]
    assert set(re.findall(r'"errorMessage": "(.*?)"', text)) == {f"{r.title} ({r.id})" for r in of_schema.values()}


@versions
def test_refs_have_no_siblings_and_stay_in_the_file(version: str) -> None:
    # Draft-07 ignores the siblings of $ref.
    for at, node in subschemas(schema(version)):
        if "$ref" in node:
            assert node.keys() == {"$ref"}, at
            assert node["$ref"].removeprefix("#/$defs/") in schema(version)["$defs"]


@versions
def test_no_keyword_applies_inside_a_member(version: str) -> None:
    # The engine does not give jsonschema the contents of members.
    for at, node in subschemas(schema(version)):
        in_member = "/properties/" in at or at.startswith("/$defs/")
        assert not in_member or not node.keys() & {"properties", "required", "additionalProperties"}, at


@versions
def test_the_id_contains_the_version(version: str) -> None:
    assert schema(version)["$id"] == f"https://guestcust.example/{generate.STRUCTURE}/{version}.schema.json"


@versions
def test_every_example_conforms(version: str) -> None:
    examples = schema(version)["examples"]
    assert {example["status"] for example in examples} == set(schema(version)["properties"]["status"]["enum"])
    for example in examples:
        assert list(guestcust.iter_violations(example, api_version=version)) == []


@versions
def test_each_condition_names_its_rule_and_has_a_place_in_draft_04(version: str) -> None:
    named = {rule["$comment"]: f"/allOf/{index}" for index, rule in enumerate(schema(version)["allOf"])}
    old = {
        rule["description"]: f"/allOf/{index}"
        for index, rule in enumerate(catalog.schema(version, "draft-04")["allOf"])
    }
    assert named == old
    rows = {
        (rule["id"], keyword["keywordLocation"], keyword["schemaLocation"])
        for rule in load("rules.json")["rules"]
        for keyword in rule.get("keywords", [])
        if keyword.get("dialect") == "draft-04" and version in keyword["versions"]
    }
    assert rows == {(name, f"{place}/anyOf", f"{place}/anyOf") for name, place in old.items()}


@versions
def test_every_assertion_belongs_to_exactly_one_rule(version: str) -> None:
    covered = [
        (keyword["keywordLocation"], keyword["schemaLocation"])
        for rule in load("rules.json")["rules"]
        for keyword in rule.get("keywords", [])
        if version in keyword["versions"] and "dialect" not in keyword
    ]
    assert sorted(covered) == sorted(assertions(schema(version), schema(version)))


def test_the_versions_differ_only_in_idle() -> None:
    old, new = (json.dumps(schema(version)) for version in VERSIONS)
    assert "IDLE" not in old
    for text in ('{"status": "IDLE"}, ', '"IDLE", ', "IDLE: no customization spec is applied. "):
        assert text in new
        new = new.replace(text, "")
    new = new.replace("API 7.0.3.0 and later", "API 7.0.0.0 up to 7.0.2.x").replace("7.0.3.0", "7.0.0.0")
    assert new == old


def test_rules_are_unique_and_refer_to_known_rules_and_versions() -> None:
    index = load("rules.json")
    ids = [rule["id"] for rule in index["rules"]]
    assert len(ids) == len(set(ids))
    assert tuple(entry["version"] for entry in index["versions"]) == VERSIONS
    for rule in index["rules"]:
        assert set(rule.get("supersededBy", [])) <= set(ids)
        assert ("keywords" in rule) == (rule["checkedBy"] == "schema")
        assert rule["since"] in VERSIONS


@pytest.mark.parametrize("rule", guestcust.rules(), ids=lambda rule: rule.id)
def test_the_passing_example_conforms_and_the_failing_one_breaks_only_its_rule(rule: guestcust.Rule) -> None:
    for example, expected in ((rule.passing, []), (rule.failing, [rule.id])):
        validator = guestcust.Validator(max_size=example.max_size)
        found = validator.examine(example.text, envelope=example.envelope).violations
        assert [violation.rule for violation in found] == expected
        # Readable everywhere: plain ASCII, except for the byte order mark of json-no-bom.
        assert example.text.decode(example.encoding).removeprefix("\ufeff").isascii()


def files_by_meta_schema() -> Iterator[tuple[str, Path]]:
    yield "rules", SCHEMAS / "rules.json"
    yield "text", SCHEMAS / "vectors" / "text.json"
    for path in sorted((SCHEMAS / "vectors" / "suite").rglob("*.json")):
        yield "suite", path
    for path in sorted((SCHEMAS / "vectors" / "rules").rglob("*.json")):
        yield "suite-rules", path


@pytest.mark.parametrize(
    ("meta", "path"), [pytest.param(*row, id=str(row[1].relative_to(SCHEMAS))) for row in files_by_meta_schema()]
)
def test_every_data_file_conforms_to_its_closed_schema(meta: str, path: Path) -> None:
    Draft202012Validator(load(f"meta/{meta}.schema.json")).validate(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("path", sorted((SCHEMAS / "meta").glob("*.json")), ids=lambda path: path.name)
def test_every_meta_schema_is_closed(path: Path) -> None:
    def objects(node: Any) -> Iterator[dict[str, Any]]:
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for inner in node.values():
                yield from objects(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from objects(inner)

    meta = json.loads(path.read_text("utf-8"))
    Draft202012Validator.check_schema(meta)
    assert list(objects(meta))
    assert all("additionalProperties" in node and node["additionalProperties"] is not True for node in objects(meta))


def test_descriptions_are_short_unique_and_without_should() -> None:
    for path in (SCHEMAS / "vectors" / "suite").rglob("*.json"):
        groups = json.loads(path.read_text("utf-8"))
        for group in groups:
            names = [test["description"] for test in group["tests"]]
            assert len(names) == len(set(names)), path
            assert not [name for name in names if "should" in name or len(name) > 90]
        assert len({group["description"] for group in groups}) == len(groups)


def test_every_expected_rule_names_an_invalid_test() -> None:
    for path in (SCHEMAS / "vectors" / "suite").rglob("*.json"):
        rules = json.loads((SCHEMAS / "vectors" / "rules" / path.parent.name / path.name).read_text("utf-8"))
        invalid = {
            group["description"]: {test["description"] for test in group["tests"] if not test["valid"]}
            for group in json.loads(path.read_text("utf-8"))
        }
        assert invalid == {group: set(tests) for group, tests in rules.items()}


def test_generated_files_are_up_to_date() -> None:
    found = subprocess.run(
        [sys.executable, Path(generate.__file__), "--check"], capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (0, ""), "run `python tests/generate.py`"


def test_stale_and_stray_derived_files_are_detected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import shutil

    shutil.copytree(SCHEMAS, tmp_path / "schemas")
    shutil.copytree(SCHEMAS.parent / "docs", tmp_path / "docs")
    monkeypatch.setattr(generate, "SCHEMAS", tmp_path / "schemas")
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generate.main() == 0
    edition = tmp_path / "schemas" / "draft-07" / generate.STRUCTURE / "7.0.3.0.schema.json"
    edition.write_text(edition.read_text("utf-8").replace("IDLE", "IDEL"), "utf-8")
    (tmp_path / "schemas" / "vectors" / "text" / "stray.json").write_bytes(b"")
    assert generate.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "stale: schemas/draft-07/vcenter.vm.guest.customization.info/7.0.3.0.schema.json",
        "stale: schemas/vectors/text/stray.json",
    ]


def test_the_schema_folder_has_only_json_and_markdown() -> None:
    endings = {path.suffix for path in SCHEMAS.rglob("*") if path.is_file()}
    assert endings == {".json", ".md"}
