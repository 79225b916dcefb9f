"""The options of `check`, the help, and the smaller subcommands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import guestcust
import jsonschema
import pytest
from command import (
    BOM,
    BROKEN,
    EARLY_ERROR,
    IDLE,
    ODD_TIME,
    PENDING,
    REPOSITORY,
    RULES,
    SCHEMAS,
    TOO_EARLY,
    UNKNOWN,
    Done,
    environment,
    places,
    report,
    run,
    summary,
)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Usage: "),
        (["check"], "Missing argument 'PATH...'"),
        (["check", "--frobnicate", "a.json"], "--frobnicate"),
        (["frobnicate"], "frobnicate"),
        (["check", "--output", "yaml", "a.json"], "unknown report format 'yaml'\n  one of text, json"),
        (["check", "--format", "yaml", "a.json"], "'yaml' is not one of 'auto', 'har'"),
        (["check", "--envelope", "soap", "a.json"], "'soap' is not one of 'auto', 'api', 'rest'"),
        (["check", "--max-size", "0", "a.json"], "--max-size"),
        (["check", "--max-violations", "-1", "a.json"], "--max-violations"),
        (
            ["check", "--api-version", "6.5", "a.json"],
            "API 6.5 is older than the structure, which was introduced in 7.0.0.0",
        ),
        (["check", "--api-version", "seven", "a.json"], "guestcust: 'seven' is not an API version\n"),
        (["check", "--api-version", "7.0.3.0.1", "a.json"], "guestcust: '7.0.3.0.1' is not an API version\n"),
        (["check", "--api-version", "", "a.json"], "guestcust: '' is not an API version\n"),
        (["schema", "nonsense"], "'nonsense'"),
        (["schema", "--api-version", "1"], "older than the structure"),
        (["schema", "--dialect", "draft-03"], "'draft-03'"),
        (["explain", "nonsense"], "guestcust: unknown rule 'nonsense'\n  `guestcust rules` lists all rules\n"),
        (["explain", "error_when_failed"], "did you mean error-only-when-failed? `guestcust rules` lists all rules\n"),
        (["versions", "6.7"], "give 7.0.0.0 or newer"),
        (["versions", ""], "not an API version"),
        (["completion", "tcsh"], "'tcsh'"),
    ],
)
def test_usage_errors_go_to_stderr_and_exit_with_2(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_a_newer_api_version_uses_the_newest_rules_with_a_notice() -> None:
    notice = (
        "guestcust: API 99.0 is newer than 9.1.0.0, the newest version that this release of guestcust "
        "covers; using the rules of 7.0.3.0\n"
    )
    done = run("check", "--api-version", "99.0", "-", stdin=IDLE)
    assert (done.status, done.err) == (0, notice)
    assert report("--api-version", "99.0", "-", stdin=IDLE)["notices"] == [notice[len("guestcust: ") : -1]]
    assert run("schema", "--api-version", "99.0").err == notice
    assert run("versions", "99.0") == Done(0, "7.0.3.0\n", notice)


def test_the_api_version_determines_the_known_statuses(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(IDLE)
    done = run("check", "--api-version", "7.0.2.0", "a.json", cwd=tmp_path)
    assert done == Done(
        1,
        "a.json:1:12: error: status-known\n"
        '  "status" is "IDLE", which API 7.0.2.0 does not define (added in 7.0.3.0); '
        "it defines PENDING, RUNNING, SUCCEEDED and FAILED\n"
        '  1 | {"status": "IDLE"}\n'
        "    |            ^^^^^^\n"
        "\n"
        "a.json:1:1: note: the payload conforms to API 7.0.3.0\n"
        "\n"
        "1 payload in 1 source, API 7.0.2.0 (by the rules of 7.0.0.0): 0 valid, 1 invalid (1 error, 0 warnings)\n",
        "",
    )


def test_strict_makes_warnings_count() -> None:
    assert run("check", "-", stdin=ODD_TIME).status == 0
    done = run("check", "--strict", "-", stdin=ODD_TIME)
    assert done.status == 1
    assert "<stdin>:1:37: warning: time-in-server-form\n" in done.out
    assert summary(done.out).endswith("0 valid, 1 invalid (0 errors, 1 warning)")


def test_forward_compatible_allows_only_unknown_members_and_statuses() -> None:
    unknown = b'{"status": "PAUSED", "progress": 50}'
    lenient = run("check", "--forward-compatible", "-", stdin=unknown)
    assert lenient.status == 0
    assert summary(lenient.out).endswith("1 valid, 0 invalid (0 errors, 2 warnings)")
    assert run("check", "--forward-compatible", "--strict", "-", stdin=unknown).status == 1
    guarded = b'{"status": "PAUSED", "error": "x", "start_time": "soon"}'
    found = report("--forward-compatible", "-", stdin=guarded)
    severities = [
        (violation["rule"], violation["severity"])
        for payload in found["payloads"]
        for violation in payload["violations"]
    ]
    assert sorted(severities) == [
        ("date-time", "error"),
        ("error-only-when-failed", "error"),
        ("start-time-only-when-started", "error"),
        ("status-known", "warning"),
    ]


@pytest.mark.parametrize(
    ("envelope", "bare", "wrapped"),
    [("auto", [], []), ("api", [], ["envelope"]), ("rest", ["envelope"], [])],
)
def test_the_envelope_is_detected_or_given(envelope: str, bare: list[str], wrapped: list[str]) -> None:
    lines = PENDING + b"\n" + b'{"value": ' + PENDING + b"}\n"
    found = report("--all", "--envelope", envelope, "-", stdin=lines)
    rules = [[violation["rule"] for violation in payload["violations"]] for payload in found["payloads"]]
    assert rules == [bare, wrapped]


def test_fail_fast_stops_after_the_first_failure(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([PENDING, BROKEN, BROKEN]))
    done = run("check", "--fail-fast", "a.ndjson", "nowhere.json", cwd=tmp_path)
    assert done.status == 1
    assert summary(done.out) == (
        "2 payloads in 1 source, API 7.0.3.0: 1 valid, 1 invalid (1 error, 0 warnings); stopped at the first failure"
    )
    first = run("check", "--fail-fast", "nowhere.json", "a.ndjson", cwd=tmp_path)
    assert first.status == 2
    assert "0 payloads in 1 source" in first.out


@pytest.mark.parametrize(("limit", "shown"), [(0, 0), (1, 1), (3, 3), (9, 4)])
def test_max_violations_limits_the_report_and_not_the_counts(limit: int, shown: int) -> None:
    lines = b"\n".join([BROKEN, b'{"status": "X", "a": 1, "b": 2}'])
    done = run("check", "--max-violations", str(limit), "-", stdin=lines)
    assert done.status == 1
    assert done.out.count(": error: ") == shown
    hidden = 4 - shown
    tail = f"; {hidden} violation{'s' * (hidden != 1)} not shown" if hidden else ""
    assert summary(done.out) == f"2 payloads in 1 source, API 7.0.3.0: 0 valid, 2 invalid (4 errors, 0 warnings){tail}"


def test_max_size_limits_payloads_and_not_files(tmp_path: Path) -> None:
    (tmp_path / "array.json").write_bytes(b"[" + b",".join([PENDING] * 5) + b"]")
    (tmp_path / "lines.ndjson").write_bytes(b"\r\n".join([PENDING, PENDING, PENDING[:-1] + b" }", PENDING]))
    fits = run("check", "--max-size", "21", "array.json", cwd=tmp_path)
    assert fits.status == 0
    found = report("--max-size", "21", "lines.ndjson", cwd=tmp_path)
    assert places(found) == [("json-size", 3, 1)]
    assert found["summary"]["valid"] == 3
    assert places(report("--max-size", "20", "array.json", cwd=tmp_path)) == [
        ("json-size", 1, 2 + 22 * index) for index in range(5)
    ]


def test_a_line_with_leading_blanks_over_the_limit_is_not_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(PENDING + b"\n" + b" " * 40 + BROKEN + b"\n")
    assert run("check", "--max-size", "30", "a.ndjson", cwd=tmp_path).status == 1


def test_all_lists_conforming_and_skipped_payloads(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"[" + PENDING + b",\n " + IDLE + b"]")
    (tmp_path / "b.json").write_bytes(b"[]")
    done = run("check", "--all", ".", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    valid, skipped, last = done.out.splitlines()[:2], done.out.splitlines()[2], summary(done.out)
    assert valid == ["./a.json:1:2: valid", "./a.json:2:2: valid"]
    assert re.fullmatch(r"\./b\.json(:1:1)?: skipped: no payload in it", skipped)
    assert (
        last == "2 payloads in 2 sources, API 7.0.3.0: 2 valid, 0 invalid, 1 skipped "
        "(0 errors, 0 warnings); skipped: 1 no payload in it"
    )


def test_quiet_prints_one_line_per_violation(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([PENDING, EARLY_ERROR, BROKEN]))
    done = run("check", "--quiet", "a.ndjson", cwd=tmp_path)
    assert done == Done(
        1,
        f"a.ndjson:2:23: error: error-only-when-failed: {TOO_EARLY}\na.ndjson:3:12: error: status-known: {UNKNOWN}\n",
        "",
    )
    assert run("check", "-q", "-", stdin=PENDING) == Done(0, "", "")


def test_the_json_report_always_conforms_to_its_schema(tmp_path: Path) -> None:
    schema = json.loads(run("schema", "report").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    (tmp_path / "a.json").write_bytes(b"[" + BROKEN + b", " + PENDING + b', {"status": "IDLE", "\\ud800": 1}, ')
    (tmp_path / "b.ndjson").write_bytes(b"\n")
    (tmp_path / "c.json").write_bytes(BOM + b'{"value": {"status": NaN}}')
    os.symlink("nowhere", os.fsencode(tmp_path) + b"/d\xff.json")
    for options in ([], ["--all"], ["--max-violations", "1"], ["--fail-fast"], ["--api-version", "7.0.0.0", "--quiet"]):
        done = run("check", "--output", "json", *options, ".", cwd=tmp_path)
        assert done.out.isascii()
        jsonschema.validate(json.loads(done.out), schema)
    unreadable = report(".", cwd=tmp_path)["payloads"][-1]
    assert (unreadable["verdict"], unreadable["reason"]) == ("unreadable", "No such file or directory")


def test_the_examples_match_their_folder_names() -> None:
    conforming = run("check", "--strict", REPOSITORY / "examples/conforming")
    assert conforming.status == 0
    broken = report("--all", REPOSITORY / "examples/broken")
    invalid = {payload["source"] for payload in broken["payloads"] if payload["verdict"] == "invalid"}
    assert invalid == {str(path) for path in (REPOSITORY / "examples/broken").iterdir()}


@pytest.mark.parametrize("arguments", [["--version"], ["-V"]])
def test_the_version_is_printed(arguments: list[str]) -> None:
    assert run(*arguments) == Done(0, f"guestcust {guestcust.__version__}\n", "")


def test_help_names_every_command() -> None:
    done = run("--help")
    assert (done.status, done.err) == (0, "")
    for name in ("check", "completion", "explain", "rules", "schema", "versions"):
        assert re.search(rf"^  {name} ", done.out, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        ([], "vcenter.vm.guest.customization.info/7.0.3.0.schema.json"),
        (["--api-version", "7.0.1"], "vcenter.vm.guest.customization.info/7.0.0.0.schema.json"),
        (["--dialect", "draft-07"], "draft-07/vcenter.vm.guest.customization.info/7.0.3.0.schema.json"),
        (["--dialect", "draft-04"], "draft-04/vcenter.vm.guest.customization.info/7.0.3.0.schema.json"),
        (["--dialect", "editor"], "editor/vcenter.vm.guest.customization.info/7.0.3.0.schema.json"),
        (["report"], "meta/report.schema.json"),
        (["rules"], "meta/rules.schema.json"),
    ],
)
def test_schemas_are_printed_verbatim(arguments: list[str], file: str) -> None:
    assert run("schema", *arguments) == Done(0, (SCHEMAS / file).read_text(), "")


def test_rules_are_listed_one_per_line() -> None:
    done = run("rules")
    assert (done.status, done.err) == (0, "")
    assert [line.split(maxsplit=2) for line in done.out.splitlines()] == [
        [rule["id"], rule["severity"], rule["title"]] for rule in RULES
    ]
    assert run("rules", "--output", "json") == Done(0, (SCHEMAS / "rules.json").read_text(), "")


@pytest.mark.parametrize("rule", RULES, ids=[rule["id"] for rule in RULES])
def test_explain_prints_the_page_of_the_rule(rule: dict[str, Any]) -> None:
    done = run("explain", rule["id"])
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{rule['id']}\n\n{rule['title']}.\n\n- Severity: {rule['severity']}")
    assert all(character.isprintable() or character == "\n" for character in done.out)

    def words(text: str) -> str:
        return re.sub(r"^(#+ |```.*)|\s+", " ", text, flags=re.MULTILINE).replace(" ", "")

    pages = (SCHEMAS.parent / "docs" / "rules.md").read_text("utf-8").split("\n## ")
    (page,) = (page for page in pages if page.startswith(f"{rule['id']}\n"))
    assert words(done.out) == words(page)


def test_versions_are_listed_and_found() -> None:
    listed = run("versions")
    assert (listed.status, listed.err) == (0, "")
    assert [line.split()[0] for line in listed.out.splitlines()[:-1]] == list(guestcust.versions())
    assert run("versions", "8.0.2.0") == Done(0, "7.0.3.0\n", "")
    assert run("versions", "7.0.2") == Done(0, "7.0.0.0\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_valid_in_their_shell(shell: str, tmp_path: Path) -> None:
    done = run("completion", shell)
    assert done.status == 0
    assert "_GUESTCUST_COMPLETE" in done.out
    if found := shutil.which(shell):
        (tmp_path / "script").write_text(done.out)
        subprocess.run([found, "-n", tmp_path / "script"], check=True)


@pytest.mark.skipif(
    not shutil.which("bash") or not Path(sys.executable).with_name("guestcust").exists(),
    reason="needs bash and an installed guestcust",
)
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("guestcust expl", {"explain"}),
        ("guestcust explain json-s", {"json-size", "json-syntax"}),
        ("guestcust check --max-", {"--max-size", "--max-violations"}),
        ("guestcust check --envelope r", {"rest"}),
    ],
)
def test_bash_completes_commands_options_and_rules(words: str, expected: set[str]) -> None:
    script = 'eval "$(guestcust completion bash)"; COMP_WORDS=($0); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); '
    script += '_guestcust_completion guestcust; printf "%s\\n" "${COMPREPLY[@]}"'
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "--norc", "-c", script, words], capture_output=True, env=environment(PATH=path), check=True
    )
    assert (set(done.stdout.decode().split()), done.stderr) == (expected, b"")
