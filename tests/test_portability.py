"""The patterns for times give the verdicts of the vectors in every common regular expression engine.

JSON Schema requires ECMA-262, but validators use the engine of their language. These engines differ mainly in what they
allow after `$`. Both patterns come from the schema, the expected verdicts from the vectors.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import re2

DRIVERS = Path(__file__).resolve().parent / "portability"
SCHEMAS = DRIVERS.parent.parent / "schemas"


def date_time(version: str) -> Any:
    """The definition of a time in one API version."""
    schema = SCHEMAS / "vcenter.vm.guest.customization.info" / f"{version}.schema.json"
    return json.loads(schema.read_text("utf-8"))["$defs"]["date_time"]


def times(name: str) -> set[tuple[str, bool]]:
    """Every time in one vector file that is a string, with its verdict."""
    groups = json.loads((SCHEMAS / "vectors" / "suite" / "7.0.3.0" / f"{name}.json").read_text("utf-8"))
    return {
        (text, test["valid"])
        for group in groups
        for test in group["tests"]
        for text in (test["data"].get("start_time"), test["data"].get("end_time"))
        if isinstance(text, str)
    }


PATTERN: str = date_time("7.0.3.0")["pattern"]
NEGATED: str = date_time("7.0.3.0")["not"]["pattern"]
TIMES = sorted(times("date-time") | times("calendar"))


def python(texts: list[str]) -> list[bool]:
    pattern, negated = re.compile(PATTERN), re.compile(NEGATED)
    return [bool(pattern.search(text)) and not negated.search(text) for text in texts]


def google_re2(texts: list[str]) -> list[bool]:
    pattern, negated = re2.compile(PATTERN), re2.compile(NEGATED)
    return [bool(pattern.search(text)) and not negated.search(text) for text in texts]


def rust(options: jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions, texts: list[str]) -> list[bool]:
    schema = {"type": "string", "pattern": PATTERN, "not": {"pattern": NEGATED}}
    validator = jsonschema_rs.Draft202012Validator(schema, pattern_options=options)
    return [validator.is_valid(text) for text in texts]


def ecma_262(flags: str, texts: list[str]) -> list[bool]:
    given = json.dumps({"pattern": PATTERN, "negated": NEGATED, "texts": texts})
    verdicts: list[bool] = json.loads(run("node", "patterns.mjs", flags, given=given))
    return verdicts


def java(texts: list[str]) -> list[bool]:
    lines = [base64.b64encode(text.encode("utf-16-be", "surrogatepass")) for text in (PATTERN, NEGATED, *texts)]
    verdicts = run("java", "Patterns.java", given=b"\n".join(lines).decode("ascii")).split()
    return [{"true": True, "false": False}[verdict] for verdict in verdicts]


def run(program: str, driver: str, *arguments: str, given: str) -> str:
    """The output of a driver; it fails if a pattern does not compile."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed")
    command = [path, str(DRIVERS / driver), *arguments]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True, encoding="ascii").stdout


ENGINES: dict[str, Callable[[list[str]], list[bool]]] = {
    "python": python,
    "re2": google_re2,
    "rust-regex": partial(rust, jsonschema_rs.RegexOptions()),
    "rust-fancy-regex": partial(rust, jsonschema_rs.FancyRegexOptions()),
    "ecma-262": partial(ecma_262, ""),
    "ecma-262-unicode": partial(ecma_262, "u"),
    "java": java,
}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_the_patterns_work_in_every_engine(engine: str) -> None:
    texts = [text for text, _ in TIMES]
    assert list(zip(texts, ENGINES[engine](texts), strict=True)) == TIMES


def test_the_vectors_have_valid_and_invalid_times() -> None:
    assert {valid for _, valid in TIMES} == {True, False}


def test_the_versions_share_one_definition() -> None:
    assert date_time("7.0.0.0") == date_time("7.0.3.0")


def test_both_patterns_are_needed() -> None:
    trailing_line_feed, no_time = "2026-03-01T09:30:00Z\n", "TZ"
    assert re.search(PATTERN, trailing_line_feed) and re.search(NEGATED, trailing_line_feed)
    assert not re.search(PATTERN, no_time) and not re.search(NEGATED, no_time)
