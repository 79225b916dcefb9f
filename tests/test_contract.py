"""The contract kit: the drawn payloads, compatibility of the versions, and the results that `contract/run` accepts."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import guestcust
import oracle
import pytest
from cases import VERSIONS
from command import REPOSITORY, SCHEMAS
from guestcust import testing
from hypothesis import given
from hypothesis import strategies as st

DRAWN = REPOSITORY / "contract" / "drawn"
OLD, NEW = VERSIONS


def vectors_in(root: Path, version: str) -> list[dict[str, Any]]:
    files = sorted((root / "suite" / version).glob("*.json"))
    return [test for file in files for group in json.loads(file.read_text("utf-8")) for test in group["tests"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_oracle_agrees_with_the_drawn_payloads(version: str) -> None:
    tests = vectors_in(DRAWN, version)
    ((_, broken),) = json.loads((DRAWN / "rules" / version / "drawn.json").read_text("utf-8")).items()
    for test in tests:
        rules = oracle.broken_rules(test["data"], version)
        assert (not rules, sorted(rules)) == (test["valid"], broken.get(test["description"], []))
        assert guestcust.is_valid(test["data"], api_version=version) == test["valid"]
    # Enough valid and invalid payloads, and no duplicates.
    assert len({json.dumps(test["data"], sort_keys=True) for test in tests}) > 1900
    assert 600 < sum(test["valid"] for test in tests) < len(tests) - 1200


def differ(payload: Any) -> bool:
    """Checks compatibility for one payload; gives whether the versions disagree on it."""
    old, new = (guestcust.is_valid(payload, api_version=version) for version in VERSIONS)
    is_idle = isinstance(payload, dict) and payload.get("status") == "IDLE"
    assert not old or new, "what is valid under an older version stays valid"
    assert old == new or is_idle, "and IDLE is all that is new"
    assert not (is_idle and old)
    return old != new


@given(st.one_of(testing.payloads(OLD), testing.payloads(NEW), testing.faulty_payloads(NEW).map(lambda pair: pair[0])))
def test_the_versions_differ_only_in_idle(payload: Any) -> None:
    differ(payload)


def test_the_vectors_show_the_difference() -> None:
    payloads = {
        json.dumps(test["data"], sort_keys=True): test["data"]
        for root in (SCHEMAS / "vectors", DRAWN)
        for version in VERSIONS
        for test in vectors_in(root, version)
    }
    assert sum(map(differ, payloads.values())) > 5


@pytest.fixture(scope="module")
def runner() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("contract_run", str(REPOSITORY / "contract" / "run"))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def test_the_table_in_the_docs_is_up_to_date(runner: ModuleType) -> None:
    """The part of `contract/run --check` that runs no language."""
    counts = {
        version: sum(len(vectors_in(root, version)) for root in (SCHEMAS / "vectors", DRAWN)) for version in VERSIONS
    }
    _, table, _ = runner.split(runner.PAGE.read_text("utf-8"))
    rows = [[cell.strip().replace(",", "") for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]
    assert {row[0] for row in rows} == {language.name for language in runner.LANGUAGES}
    faults = [
        (fault["validator"], vector)
        for file in (REPOSITORY / "contract").glob("*/faults.json")
        for fault in json.loads(file.read_text("utf-8"))
        for vector in fault["vectors"]
    ]
    for _, validator, _, runs, vectors, agreed, disagreed, _ in rows:
        # The vendor's SDK knows only the newest version.
        count = counts[NEW] if validator == "vmware-vcenter" else sum(counts.values())
        known = sum(name == validator for name, _ in faults)
        assert (int(vectors), int(agreed), int(disagreed)) == (int(runs) * count, int(vectors) - known, known), (
            validator
        )


def contract_run(path: Path, *arguments: str) -> tuple[int, str]:
    """Status and output of `contract/run` with PATH set to one folder."""
    done = subprocess.run(
        [sys.executable, REPOSITORY / "contract" / "run", *arguments],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_missing_language_is_named_and_fails_with_require_all(runner: ModuleType, tmp_path: Path) -> None:
    status, out = contract_run(tmp_path, "--languages", "perl", "rust")
    assert status == 0
    assert "| Perl | not run: this machine has no perl, prove |" in out
    assert "| Rust | not run: this machine has no cargo |" in out
    status, out = contract_run(tmp_path, "--require-all")
    assert status == 1
    assert out.endswith(f"0 languages passed, 0 failed, {len(runner.LANGUAGES)} not run\n")


@pytest.mark.parametrize(
    ("ruby", "status", "said"),
    [
        ("exit 1", 0, "| Ruby | not run: this machine has no json_schemer, json-schema, minitest |"),
        # Everything is installed, but the run reports no results.
        ("exit 0", 1, "== Ruby: exit status 0"),
    ],
)
def test_a_language_needs_its_modules_and_results(tmp_path: Path, ruby: str, status: int, said: str) -> None:
    program = tmp_path / "ruby"
    program.write_text(f"#!/bin/sh\n{ruby}\n")
    program.chmod(0o755)
    found, out = contract_run(tmp_path, "--languages", "ruby")
    assert (found, said in out) == (status, True)


@pytest.mark.parametrize(
    ("status", "agreed", "disagreed", "succeeds"),
    [
        (0, 2, [], True),
        (1, 2, [], False),
        (0, 0, [], False),
        (0, 1, [], False),
        (0, 1, ["a vector that is no known fault"], False),
    ],
)
def test_a_language_succeeds_if_all_validators_agree(
    runner: ModuleType, status: int, agreed: int, disagreed: list[str], succeeds: bool
) -> None:
    (ruby,) = (language for language in runner.LANGUAGES if language.folder == "ruby")
    one = {"dialect": "draft-07", "formats": "asserted", "vectors": 2, "agreed": agreed, "disagreed": disagreed}
    outcome = runner.Outcome(ruby, status, "", [{"validator": "json_schemer", "runs": [one]}])
    assert runner.succeeded(outcome) == succeeds


def test_a_known_fault_that_was_fixed_is_a_failure(runner: ModuleType) -> None:
    known = [{"validator": "v", "dialect": "d", "formats": "f", "vectors": ["a"]}]
    run = {"dialect": "d", "formats": "f", "vectors": 2, "agreed": 1, "disagreed": ["a"]}
    assert runner.agrees("v", run, known)
    assert not runner.agrees("v", {**run, "agreed": 2, "disagreed": []}, known)
