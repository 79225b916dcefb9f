"""Generates files: the editions of the schemas, OpenAPI documents, vectors, and docs/rules.md.

python tests/generate.py           write missing and outdated files
python tests/generate.py --check   change nothing; list outdated files and exit with 1
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cases
import editions
import guestcust
import texts
from guestcust.cli import rule_page

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
STRUCTURE = "vcenter.vm.guest.customization.info"
OPENAPI = SCHEMAS / "openapi"
NEWEST = cases.VERSIONS[-1]
DRAFT_2020_12 = "https://json-schema.org/draft/2020-12/schema"
WARNINGS = {"json-no-bom", "time-in-server-form", "end-not-before-start"}


def generated() -> Iterator[tuple[Path, bytes]]:
    """All generated files with their content."""
    rules = json.loads((SCHEMAS / "rules.json").read_text("utf-8"))["rules"]
    for version in cases.VERSIONS:
        source = SCHEMAS / STRUCTURE / f"{version}.schema.json"
        schema = json.loads(source.read_text("utf-8"))
        made = {"draft-07": editions.draft_07(schema), "draft-04": editions.draft_04(schema)}
        made["editor"] = editions.editor(schema, rules)
        for folder, edition in made.items():
            yield SCHEMAS / folder / STRUCTURE / source.name, written(edition)
        document = editions.openapi_3_1(openapi(version, schema["examples"]), schema)
        yield OPENAPI / f"{version}.openapi.json", indented(document)
        yield OPENAPI / "3.0" / f"{version}.openapi.json", indented(editions.openapi_3_0(document))
        for name, groups in cases.suite(version).items():
            yield SCHEMAS / "vectors" / "suite" / version / f"{name}.json", suite_file(version, groups).encode()
            yield SCHEMAS / "vectors" / "rules" / version / f"{name}.json", rules_file(groups).encode()
    yield SCHEMAS / "vectors" / "text.json", text_index().encode()
    for name, text in texts.TEXTS.items():
        yield SCHEMAS / "vectors" / "text" / f"{name}.json", text.data
    yield SCHEMAS.parent / "docs" / "rules.md", rule_pages().encode()


def written(schema: Any) -> bytes:
    return f"{editions.layout(schema)}\n".encode()


def indented(value: Any) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def openapi(version: str, examples: list[Any]) -> Any:
    """The OpenAPI document of a version, with these examples, but without the schema that it refers to."""
    source = Path(__file__).with_name("openapi.json")
    document = json.loads(source.read_text("utf-8").replace(NEWEST, version))
    for path, operation in (
        (path, operation) for path, item in document["paths"].items() for operation in item.values()
    ):
        if isinstance(operation, dict):
            envelope = "json-rpc" if path == "/api" else path.split("/")[1]
            named = {each["status"]: {"value": enveloped(each, envelope)} for each in examples}
            operation["responses"]["200"]["content"]["application/json"]["examples"] = named
    return document


def enveloped(payload: Any, envelope: str) -> Any:
    """A payload in one of the three encodings of the API."""
    if envelope == "json-rpc":
        members = {name: value if name == "status" else {"OPTIONAL": value} for name, value in payload.items()}
        output = {"STRUCTURE": {f"com.vmware.{STRUCTURE}": members}}
        return {"jsonrpc": "2.0", "id": "1", "result": {"output": output}}
    return {"value": payload} if envelope == "rest" else payload


def suite_file(version: str, groups: list[cases.Group]) -> str:
    """A file in the format of the JSON-Schema-Test-Suite, one test per line."""
    schema = {
        "$schema": DRAFT_2020_12,
        "$ref": f"https://guestcust.example/{STRUCTURE}/{version}.schema.json",
    }
    blocks = []
    for group in groups:
        tests = ",\n".join(
            "      " + compact({"description": case.description, "data": case.data, "valid": not case.rules})
            for case in group.cases
        )
        blocks.append(
            f'  {{\n    "description": {compact(group.description)},\n    "schema": {compact(schema)},\n'
            f'    "tests": [\n{tests}\n    ]\n  }}'
        )
    return "[\n" + ",\n".join(blocks) + "\n]\n"


def rules_file(groups: list[cases.Group]) -> str:
    """The rules that the invalid tests of a suite file break, keyed by group and test."""
    blocks = []
    for group in groups:
        broken = ",\n".join(
            f"    {compact(case.description)}: {compact(sorted(case.rules))}" for case in group.cases if case.rules
        )
        blocks.append(
            f"  {compact(group.description)}: {{\n{broken}\n  }}" if broken else f"  {compact(group.description)}: {{}}"
        )
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def text_index() -> str:
    """The index of the raw-text vectors, one per line. The newest API version applies to them."""
    rows = []
    for name, text in texts.TEXTS.items():
        violations = [{"rule": rule, "line": line, "column": column} for rule, line, column in text.places]
        valid = all(rule in WARNINGS for rule, _, _ in text.places)
        row: dict[str, Any] = {"file": f"text/{name}.json", "description": text.description}
        if text.options:
            row["options"] = dict(text.options)
        rows.append("  " + compact(row | {"valid": valid, "violations": violations}))
    return "[\n" + ",\n".join(rows) + "\n]\n"


def rule_pages() -> str:
    """docs/rules.md: a table of contents and the page of each rule."""
    rules = guestcust.rules()
    rows = "\n".join(f"| [{rule.id}](#{rule.id}) | {rule.severity.value} | {rule.title} |" for rule in rules)
    head = (
        "# Rules\n\nGenerated from `schemas/rules.json` by `tests/generate.py`; do not edit. "
        "`guestcust explain RULE` prints one of these pages. Line and column are those of the example.\n\n"
        f"| Rule | Severity | Title |\n|---|---|---|\n{rows}\n"
    )
    return "\n".join([head, *map(rule_page.markdown, rules)])


def compact(value: Any) -> str:
    return json.dumps(value, separators=(", ", ": "))


def main() -> int:
    check = sys.argv[1:] == ["--check"]
    wanted = dict(generated())
    folders = {path.parent for path in wanted}
    present = {path for folder in folders for path in folder.glob("*.json")}
    stale = [path for path, content in wanted.items() if not path.is_file() or path.read_bytes() != content]
    stray = sorted(present - set(wanted))
    for path in [*stale, *stray]:
        print(f"{'stale' if check else 'written' if path in wanted else 'removed'}: {path.relative_to(SCHEMAS.parent)}")
    if check:
        return 1 if stale or stray else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted[path])
    for path in stray:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
