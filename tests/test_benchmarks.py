"""The benchmarks: what they measure, how they compare it to the targets, and that the pages show the measurements."""

from __future__ import annotations

import collections
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import guestcust
import inputs
import main
import measure
import oracle
import parts
import pytest
import tables
from command import REPOSITORY, RULES
from guestcust.model import Severity
from measure import Figure, Table
from targets import TARGETS, Target, outcomes

FAULTS = inputs.SCHEMA_FAULTS | inputs.TEXT_FAULTS
NEWEST = guestcust.versions()[-1]


def test_the_lines_are_the_same_in_every_process() -> None:
    script = "import inputs, sys; sys.stdout.buffer.writelines(inputs.lines(1000, failing=100))"
    environment = {**os.environ, "PYTHONPATH": str(main.HERE), "PYTHONHASHSEED": "1"}
    elsewhere = subprocess.check_output([sys.executable, "-c", script], env=environment)
    assert elsewhere == b"".join(inputs.lines(1000, failing=100))


def test_each_invalid_line_breaks_one_rule_of_the_schema() -> None:
    payloads = [json.loads(line) for line in inputs.lines(10_000, failing=50)]
    broken = [oracle.broken_rules(payload, NEWEST) for payload in payloads]
    rules = list(inputs.SCHEMA_FAULTS)
    assert [found for found in broken if found] == [{rule} for rule in rules] * 5
    assert [number for number, found in enumerate(broken) if found] == list(range(199, 10_000, 200))
    statuses = collections.Counter(
        payload["status"] for payload, found in zip(payloads, broken, strict=True) if not found
    )
    assert statuses.keys() == set(inputs.STATUSES) and all(1980 <= count <= 2000 for count in statuses.values())


def test_every_rule_that_a_payload_can_break_in_a_line_is_broken() -> None:
    by_schema = {rule["id"] for rule in RULES if rule["checkedBy"] == "schema"}
    assert inputs.SCHEMA_FAULTS.keys() == by_schema
    # Size and envelope depend on options, not on the line.
    of_text = {rule["id"] for rule in RULES if rule["id"].startswith("json-") and rule["severity"] == "error"}
    assert inputs.TEXT_FAULTS.keys() == of_text - {"json-size"}


def test_each_failing_line_breaks_its_rule_and_no_other() -> None:
    count = 12 * len(FAULTS)
    for line, rule in zip(inputs.lines(count, failing=count, faults=FAULTS), 12 * list(FAULTS), strict=True):
        found = guestcust.iter_text_violations(line.rstrip(b"\n"))
        assert {each.rule for each in found if each.severity is Severity.ERROR} == {rule}, line


def test_conforming_lines_look_like_those_of_a_server() -> None:
    for line in inputs.lines(300):
        assert list(guestcust.iter_text_violations(line)) == []
    texts = [line.decode() for line in inputs.lines(2000)]
    assert any("\\u" in text for text in texts) and any(not text.isascii() for text in texts)
    assert any(": " in text for text in texts) and any("null" in text for text in texts)


def test_lines_are_unique_where_they_can_be() -> None:
    lines = list(inputs.lines(20_000, failing=200))
    plain = re.compile(rb'\{"status": ?"(IDLE|PENDING)"(, ?"\w+": ?null)*\}\n')
    differing = [line for line in lines if not plain.fullmatch(line)]
    assert len(differing) == len(set(differing)) > 11_000
    failing = list(inputs.lines(3200, failing=3200, faults=FAULTS))
    assert len(set(failing)) == len(failing)


def test_files_have_the_requested_size() -> None:
    lines = b"".join(inputs.lines_of_size(100_000))
    assert 100_000 <= len(lines) < 101_000
    assert lines.count(b"\n") == len([*map(json.loads, lines.splitlines())])
    document = b"".join(inputs.har(1_000_000))
    assert 1_000_000 <= len(document) < 1_050_000
    entries = json.loads(document)["log"]["entries"]
    payloads = [each for each in entries if each["request"]["url"].endswith("/guest/customization")]
    assert len(entries) // 5 <= len(payloads) <= len(entries) // 5 + 1
    assert all(json.loads(each["response"]["content"]["text"])["status"] in inputs.STATUSES for each in payloads)
    assert json.loads(b"".join(inputs.array(inputs.lines(7)))) == [json.loads(line) for line in inputs.lines(7)]


def test_a_file_is_written_atomically_and_once(tmp_path: Path) -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"x"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inputs.written(tmp_path / "a" / "b", breaks_off())
    assert not (tmp_path / "a" / "b").exists()
    assert inputs.written(tmp_path / "a" / "b", [b"1", b"2"]).read_bytes() == b"12"
    assert inputs.written(tmp_path / "a" / "b", [b"3"]).read_bytes() == b"12"


def test_candidates_alternate_and_the_first_round_is_discarded() -> None:
    turns: list[str] = []

    def measured(name: str) -> float:
        turns.append(name)
        return float(len(turns))

    values = measure.in_turn({"a": lambda: measured("a"), "b": lambda: measured("b")}, rounds=2)
    assert turns == ["a", "b"] * 3
    assert values == {"a": [3, 5], "b": [4, 6]}


def test_measurements_include_child_processes(tmp_path: Path) -> None:
    held = 60
    child = f"import time; held = bytearray({held} * 2 ** 20); time.sleep(1)"
    parent = f"import subprocess, sys; print('ended', subprocess.call([sys.executable, '-c', {child!r}])); sys.exit(3)"
    done = measure.run([sys.executable, "-c", parent], scratch=tmp_path, sampled=True)
    assert (done.status, done.output) == (3, "ended 0\n")
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("needs Linux's /proc")
    assert 0 < done.peak < held < done.together < held + 60


@pytest.mark.parametrize(
    ("prints", "status", "right"),
    [("2 invalid", 1, True), ("3 invalid", 1, False), ("2 invalid", 0, False), ("", 1, False)],
)
def test_a_run_with_wrong_verdicts_is_discarded(prints: str, status: int, right: bool) -> None:
    candidate = parts.Candidate("x", "x", "1", [], parts.found(parts.OURS, 2))
    assert candidate.right(measure.Run(status, 1.0, 1.0, 1.0, prints)) == right


def made_up(**figures: list[float]) -> Table:
    return Table("million", "payloads", [Figure(id, id, "s", values, "1.0") for id, values in figures.items()], "ours")


def test_a_table_lists_the_fastest_first_and_what_did_not_run() -> None:
    table = made_up(slow=[20, 90, 21], missing=[], ours=[2.004, 1, 3])
    table.figures[1].note = "this machine has none"
    assert tables.table(table) == (
        "| payloads | version | median, s | least | most | ratio to ours |\n"
        "|---|---|---|---|---|---|\n"
        "| ours | 1.0 | 2.00 | 1 | 3 | 1 |\n"
        "| slow | 1.0 | 21 | 20 | 90 | 10.5 |\n"
        "| missing | 1.0 | not run |  |  |  |\n"
        "\n- missing: this machine has none.\n"
    )


def command(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    line: list[str | Path] = [sys.executable, main.HERE / "run", *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)


TARGET = Target("million", "ours", "slow", 1 / 10, "ten times faster")


@pytest.mark.parametrize(
    ("slow", "met", "measured"),
    [
        ([30.0, 20.0, 10.0], True, "10 times as fast"),
        ([30.0, 19.0, 10.0], False, "9.50 times as fast"),
        ([], False, "not measured: slow"),
    ],
)
def test_targets_compare_medians_and_fail_without_measurements(slow: list[float], met: bool, measured: str) -> None:
    (outcome,) = outcomes([made_up(ours=[2.0], slow=slow)], [TARGET])
    assert (outcome.met, outcome.measured) == (met, measured)


def test_absolute_targets_apply_only_to_parts_that_ran() -> None:
    bound = Target("million", "ours", None, 2, "at most two")
    elsewhere = Target("memory/har", "small", None, 150, "little memory")
    assert [one.met for one in outcomes([made_up(ours=[2.0, 1.0, 9.0])], [bound, elsewhere])] == [True]
    assert [one.met for one in outcomes([made_up(ours=[2.1])], [bound])] == [False]


def test_the_command_fails_and_names_each_missed_target(tmp_path: Path) -> None:
    def compared(**figures: list[float]) -> subprocess.CompletedProcess[str]:
        file = tmp_path / "results.json"
        file.write_text(main.saved(main.Results({"Python": "3"}, [made_up(**figures)])), "utf-8")
        return command("--from", file)

    others = {"jsonvet": [5.0], "sourcemeta": [10.0], "orjson": [1.0]}
    met = compared(guestcust=[1.0], **others, **{"check-jsonschema": [50.0]})
    assert (met.returncode, met.stdout.splitlines()[-1]) == (0, "4 targets met, 0 not")
    missed = compared(guestcust=[1.0], **others, **{"check-jsonschema": [49.0]})
    assert (missed.returncode, missed.stdout.splitlines()[-2:]) == (
        1,
        [
            "not met: Many payloads: 50 times faster than check-jsonschema: 49.0 times as fast",
            "3 targets met, 1 not",
        ],
    )


def test_pages_contain_only_parts_with_results(tmp_path: Path) -> None:
    whole = main.loaded(main.FIGURES)
    (tmp_path / "results.json").write_text(main.saved(main.Results(whole.machine, whole.tables, quick=True)), "utf-8")
    done = command("--write", "--from", tmp_path / "results.json")
    assert done.returncode == 2 and "nothing was written" in done.stderr
    assert "omit --quick" in command("--write", "--quick").stderr


def test_new_measurements_replace_old_ones() -> None:
    whole = main.loaded(main.FIGURES)
    newer = main.Results({**whole.machine, "guestcust": "9"}, [made_up(ours=[1.0])])
    renewed = whole.renewed(newer)
    assert renewed.machine["guestcust"] == "9"
    assert [table.id for table in renewed.tables] == [table.id for table in whole.tables]
    assert newer.tables[0] in renewed.tables
    assert sum(table in whole.tables for table in renewed.tables) == len(whole.tables) - 1
    with pytest.raises(main.UnreadableError, match="another machine"):
        whole.renewed(main.Results({**whole.machine, "cores": "64"}, newer.tables))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"tables": [{}]}', '{"tables": [{"figures": [{"x": 1}]}]}'])
def test_a_file_without_figures_is_rejected_with_one_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    done = command("--from", tmp_path / "x.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"benchmarks/run: .*x\.json does not have the figures of an earlier run: .*\n", done.stderr)
    assert command("--from", tmp_path / "none.json").stderr.count("\n") == 1
    assert "unknown part x" in command("--part", "x").stderr
    assert "0 is not a positive number" in command("--rounds", "0").stderr


def test_every_target_refers_to_existing_figures() -> None:
    measured = {table.id: {figure.id for figure in table.figures} for table in main.loaded(main.FIGURES).tables}
    for target in TARGETS:
        assert {target.ours, target.theirs} - {None} <= measured[target.table]


def test_the_pages_show_the_figures_that_were_measured() -> None:
    results = main.loaded(main.FIGURES)
    assert main.saved(results) == main.FIGURES.read_text("utf-8")
    assert results.page() == main.RESULTS.read_text("utf-8"), (
        "run `benchmarks/run --from benchmarks/results.json --write`"
    )
    for page, content in ((main.PAGE, results.quoted()), (main.README, results.rows())):
        _, quoted, _ = main.split(page.read_text("utf-8"))
        assert quoted == content, "run `benchmarks/run --from benchmarks/results.json --write`"


def test_quoted_figures_come_from_at_least_five_rounds() -> None:
    quoted = [table for table in main.loaded(main.FIGURES).tables if table.id in main.QUOTED]
    assert len(quoted) == len(main.QUOTED)
    assert all(len(figure.values) >= 5 for table in quoted for figure in table.figures if figure.values)


def test_the_locked_packages_name_no_registry() -> None:
    lock = (REPOSITORY / "benchmarks" / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
