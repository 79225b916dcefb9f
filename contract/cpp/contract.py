"""The vectors as tests of Sourcemeta's jsonschema, which is written in C++: its own `test` command runs them.

That command has its own test format, so each file of vectors is converted.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
# In an exported kit, the runner is in its own folder next to the schemas.
KIT = HERE.parent if (HERE.parent / "rules.json").exists() else HERE.parents[1] / "schemas"
SCHEMAS = Path(os.environ.get("GUESTCUST_SCHEMAS") or KIT)
ROOTS = (SCHEMAS / "vectors", HERE.parent / "drawn")
STRUCTURE = "vcenter.vm.guest.customization.info"
EDITIONS = {"2020-12": SCHEMAS / STRUCTURE, "draft-07": SCHEMAS / "draft-07" / STRUCTURE}
FORMATS = {"asserted": ["--format-assertion"], "annotated": []}
COMMAND = [sys.executable, "-m", "sourcemeta_jsonschema", "test", "--json"]


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def tested(schema: Path, file: Path, options: list[str]) -> Iterator[tuple[str, bool]]:
    """The names of the vectors of a file, each with whether the validator gives the expected verdict."""
    tests = [
        {"description": f"{group['description']}/{test['description']}", "valid": test["valid"], "data": test["data"]}
        for group in read(file)
        for test in group["tests"]
    ]
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder, "tests.json")
        document.write_text(json.dumps({"target": read(schema)["$id"], "tests": tests}), "utf-8")
        command = [*COMMAND, *options, "--resolve", str(schema), str(document)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        results = json.loads(done.stdout)["results"]["tests"]
    except ValueError:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    if [result["name"] for result in results] != [test["description"] for test in tests]:
        sys.exit(f"{file}: the tests in the report differ from those in the file")
    for result in results:
        yield f"{schema.name.removesuffix('.schema.json')}/{file.stem}/{result['name']}", result["status"] == "passed"


def payloads(dialect: str, formats: str) -> Iterator[tuple[str, bool]]:
    """Your own payloads, against the newest schema: payloads/valid/*.json and payloads/invalid/RULE/*.json."""
    versions = [each["version"] for each in read(SCHEMAS / "rules.json")["versions"]]
    schema = [path for each in versions if (path := EDITIONS[dialect] / f"{each}.schema.json").exists()][-1]
    files = dict.fromkeys(sorted((SCHEMAS / "payloads").glob("valid/*.json")), True)
    files |= dict.fromkeys(sorted((SCHEMAS / "payloads").glob("invalid/*/*.json")), False)
    tests = [
        {"description": file.relative_to(SCHEMAS / "payloads").as_posix(), "valid": valid, "data": read(file)}
        for file, valid in files.items()
    ]
    if tests:
        with tempfile.TemporaryDirectory() as folder:
            document = Path(folder, "payloads.json")
            document.write_text(json.dumps([{"description": "payloads", "tests": tests}]), "utf-8")
            yield from tested(schema, document, FORMATS[formats])


def run(dialect: str, formats: str) -> dict[str, Any]:
    """The result in one dialect, with formats asserted or not."""
    verdicts = [
        verdict
        for root in ROOTS
        for file in sorted(root.glob("suite/*/*.json"))
        for verdict in tested(EDITIONS[dialect] / f"{file.parent.name}.schema.json", file, FORMATS[formats])
    ]
    verdicts += payloads(dialect, formats)
    disagreed = [name for name, agrees in verdicts if not agrees]
    return {
        "dialect": dialect,
        "formats": formats,
        "vectors": len(verdicts),
        "agreed": len(verdicts) - len(disagreed),
        "disagreed": disagreed,
        # The command reports only verdicts.
        "rules": 0,
    }


def main() -> int:
    runs = [run(dialect, formats) for dialect in EDITIONS for formats in FORMATS]
    result = {
        "language": "C++",
        "validator": "sourcemeta jsonschema",
        "version": version_of("sourcemeta-jsonschema"),
        "runs": runs,
    }
    if folder := os.environ.get("CONTRACT_RESULTS"):
        Path(folder, "cpp-sourcemeta.json").write_text(json.dumps(result), "utf-8")
    for each in runs:
        for name in each["disagreed"]:
            print(f"FAIL {each['dialect']}/formats {each['formats']}/{name}")
    vectors, agreed = (sum(each[key] for each in runs) for key in ("vectors", "agreed"))
    print(f"{vectors} vectors: {agreed} passed, {vectors - agreed} failed")
    return 0 if vectors and agreed == vectors else 1


if __name__ == "__main__":
    sys.exit(main())
