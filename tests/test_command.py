"""The command as its user meets it: run as a process of its own, judged by exit status, stdout and stderr."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import guestcust
import jsonschema
import pytest
from guestcust import cli
from guestcust.captures import json_file

REPOSITORY = Path(__file__).resolve().parents[1]
SCHEMAS = REPOSITORY / "schemas"
RULES: list[dict[str, Any]] = json.loads((SCHEMAS / "rules.json").read_text())["rules"]
COMMAND = [sys.executable, "-m", "guestcust"]

PENDING = b'{"status": "PENDING"}'
BROKEN = b'{"status": "BROKEN"}'
IDLE = b'{"status": "IDLE"}'
EARLY_ERROR = b'{"status": "RUNNING", "error": "x"}'
#: Valid, with a warning.
ODD_TIME = b'{"status": "RUNNING", "start_time": "2026-03-01T09:30:00Z"}'
BOM = b"\xef\xbb\xbf"

NOTHING_FOUND = (
    "guestcust: no payload was found\n"
    "  in folders, files ending in .json, .ndjson, .jsonl count; --allow-empty accepts none\n"
)
UNKNOWN = (
    '"status" is "BROKEN", which API 7.0.3.0 does not define (no such status); '
    "it defines IDLE, PENDING, RUNNING, SUCCEEDED and FAILED"
)
TOO_EARLY = '"error" is set, but status is "RUNNING"; error is relevant only when status is FAILED'


class Done(NamedTuple):
    """How a run ended."""

    status: int
    out: str
    err: str


def environment(**changes: str) -> dict[str, str]:
    """The surroundings of a run, without what this run of the tests was started with."""
    foreign = (
        "PYTHONUNBUFFERED",
        "PYTHONIOENCODING",
        "PYTHONUTF8",
        "NO_COLOR",
        "FORCE_COLOR",
        "LC_ALL",
        "TQDM_DISABLE",
    )
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**kept, "LANG": "C.UTF-8", "TERM": "xterm", **changes}


def run(
    *arguments: str | bytes | Path, stdin: bytes = b"", cwd: Path | None = None, changes: dict[str, str] | None = None
) -> Done:
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(**(changes or {})),
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def report(*arguments: str | bytes | Path, stdin: bytes = b"", cwd: Path | None = None) -> dict[str, Any]:
    """The JSON report of a check."""
    loaded: dict[str, Any] = json.loads(run("check", "--output", "json", *arguments, stdin=stdin, cwd=cwd).out)
    return loaded


def places(found: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Rule, line and column of each violation in a JSON report."""
    return [
        (violation["rule"], violation["line"], violation["column"])
        for payload in found["payloads"]
        for violation in payload["violations"]
    ]


def verdicts(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(payload["source"], payload["verdict"]) for payload in found["payloads"]]


def summary(text: str) -> str:
    return text.splitlines()[-1]


# Exit status


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("one.json", PENDING, 0),
        ("one.json", BROKEN, 1),
        ("array.json", b"[" + PENDING + b", " + PENDING + b"]", 0),
        ("array.json", b"[" + PENDING + b", " + BROKEN + b"]", 1),
        ("lines.ndjson", PENDING + b"\n\n" + PENDING + b"\n", 0),
        ("lines.ndjson", PENDING + b"\r\n" + BROKEN, 1),
        ("lines.jsonl", PENDING + b"\n" + PENDING, 0),
        ("lines.jsonl", BROKEN + b"\n", 1),
        ("LINES.JSONL", PENDING + b"\n" + PENDING, 0),
        ("no-ending", PENDING + b"\n" + PENDING, 0),
        ("other.log", b"\n[" + BROKEN + b"]", 1),
        ("warning.json", ODD_TIME, 0),
        ("envelope.json", b'{"value": ' + PENDING + b"}", 0),
        ("empty.json", b"", 1),
        ("blank.json", b" \n", 1),
        ("empty.ndjson", b"", 2),
        ("blank.ndjson", b"\n \r\n\n", 2),
        ("empty-array.json", b" [ ]\n", 2),
    ],
)
def test_a_file_gives_the_status_of_what_it_holds(tmp_path: Path, name: str, data: bytes, status: int) -> None:
    (tmp_path / name).write_bytes(data)
    done = run("check", name, cwd=tmp_path)
    assert done.status == status
    assert bool(done.err) == (status == 2)


@pytest.mark.parametrize(
    ("data", "judged", "status"),
    [
        (PENDING, 1, 0),
        (b'{\n  "status": "BROKEN"\n}\n', 1, 1),
        (b"[" + PENDING + b",\n" + BROKEN + b"]", 2, 1),
        (b"[" + PENDING + b", " + PENDING + b"]\n", 2, 0),
        (PENDING + b"\n" + BROKEN + b"\n" + PENDING + b"\n", 3, 1),
        (PENDING + b"\r\n" + PENDING + b"\r\n", 2, 0),
        (b"\n" + PENDING + b"\n" + PENDING + b"\n", 2, 0),
        (b"", 1, 1),
        (b"[]", 0, 2),
    ],
)
def test_stdin_is_read_as_what_its_first_bytes_show(data: bytes, judged: int, status: int) -> None:
    done = run("check", "-", stdin=data)
    assert done.status == status
    assert summary(done.out).startswith(f"{judged} payload{'s' * (judged != 1)} in 1 source, ")


def test_a_conforming_payload_gives_one_line_and_exits_with_0(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PENDING)
    line = "1 payload in 1 source, API 7.0.3.0: 1 valid, 0 invalid (0 errors, 0 warnings)\n"
    assert run("check", "a.json", cwd=tmp_path) == Done(0, line, "")


def test_a_payload_that_does_not_conform_is_explained_and_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{\r\n  "status": "RUNNING",\r\n  "error": "x"\r\n}\r\n')
    expected = f"""\
a.json:3:3: error: error-only-when-failed
  {TOO_EARLY}
  2 |   "status": "RUNNING",
  3 |   "error": "x"
    |   ^^^^^^^
  4 | }}

1 payload in 1 source, API 7.0.3.0: 0 valid, 1 invalid (1 error, 0 warnings)
"""
    assert run("check", "a.json", cwd=tmp_path) == Done(1, expected, "")


def test_a_missing_file_is_unreadable_and_exits_with_2(tmp_path: Path) -> None:
    done = run("check", "nowhere.json", cwd=tmp_path)
    assert done.status == 2
    head, _, rest = done.out.partition("\n")
    assert re.fullmatch(r"nowhere\.json(:1:1)?: unreadable: No such file or directory", head)
    assert rest == ("0 payloads in 1 source, API 7.0.3.0: 0 valid, 0 invalid, 1 unreadable (0 errors, 0 warnings)\n")
    assert done.err == ""


def test_what_cannot_be_opened_or_read_is_unreadable_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "dangling.json").symlink_to("nowhere")
    (tmp_path / "loop.json").symlink_to("loop.json")
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(tmp_path)  # The address of a socket is short.
    try:
        listening.bind("socket.json")
    finally:
        os.chdir(here)
        listening.close()
    names = ["dangling.json", "loop.json", "socket.json", "x" * 300]
    reasons = [
        "No such file or directory",
        "Too many levels of symbolic links",
        "No such device or address",
        "File name too long",
    ]
    if Path("/proc/self/mem").exists():
        names.append("/proc/self/mem")
        reasons.append("Input/output error")
    found = report(*names, cwd=tmp_path)
    assert verdicts(found) == [(name, "unreadable") for name in names]
    assert [payload["reason"] for payload in found["payloads"]] == reasons
    assert run("check", *names, cwd=tmp_path).status == 2


def test_a_folder_that_cannot_be_listed_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # In process, for root may list everything.
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.json").write_bytes(PENDING)
    listed = os.scandir

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert cli.run(["check", str(tmp_path)]) == 2
    out = capsys.readouterr().out
    assert re.search(r"/locked(:1:1)?: unreadable: Permission denied\n", out)
    assert "1 valid, 0 invalid, 1 unreadable" in out


def test_unreadable_outweighs_invalid(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(BROKEN)
    done = run("check", "a.json", "nowhere.json", cwd=tmp_path)
    assert done.status == 2
    assert "0 valid, 1 invalid, 1 unreadable (1 error, 0 warnings)" in done.out


def test_stdin_that_is_closed_is_unreadable() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, "check", "-"], capture_output=True, env=environment(), check=False
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"unreadable" in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["check", "-"], ["rules"]])
def test_stdout_that_is_closed_gives_a_complaint_and_exits_with_2(arguments: list[str]) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, *arguments],
        input=PENDING,
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"guestcust: ")


def test_stderr_that_is_closed_changes_nothing() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *COMMAND, "check", "-"],
        input=BROKEN,
        stdout=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    assert done.returncode == 1
    assert b"status-known" in done.stdout


def test_where_there_is_no_text_there_is_no_excerpt() -> None:
    too_long = run("check", "--max-size", "3", "-", stdin=PENDING)
    said = "the text is longer than 3 bytes, the most that is read of one payload; raise the limit"
    assert too_long.out.partition("\n\n")[0] == f"<stdin>:1:1: error: json-size\n  {said}"
    behind = run("check", "-", stdin=b"[" + PENDING + b"] x")
    said = "text stands behind the end of the array; one file holds one array; what follows was not read"
    assert behind.out.partition("\n\n")[0] == f"<stdin>:1:25: error: json-syntax\n  {said}"


# Nothing found


@pytest.mark.parametrize("name", ["empty.ndjson", "array.json"])
def test_a_file_without_payloads_is_skipped_for_all_to_see(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.ndjson").write_bytes(b"\n")
    (tmp_path / "array.json").write_bytes(b"[]")
    (tmp_path / "a.json").write_bytes(PENDING)
    alone = run("check", name, cwd=tmp_path)
    assert (alone.status, alone.err) == (2, NOTHING_FOUND)
    assert "0 valid, 0 invalid, 1 skipped" in alone.out
    allowed = run("check", name, "--allow-empty", cwd=tmp_path)
    assert (allowed.status, allowed.err) == (0, "")
    with_others = run("check", name, "a.json", "--all", cwd=tmp_path)
    assert with_others.status == 0
    assert re.search(rf"^{name}(:1:1)?: skipped: no payload in it$", with_others.out, re.MULTILINE)


def test_a_folder_in_which_nothing_is_found_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(BROKEN)
    done = run("check", str(tmp_path))
    assert (done.status, done.err) == (2, NOTHING_FOUND)
    assert summary(done.out).startswith("0 payloads in 0 sources, ")
    assert run("check", str(tmp_path), "--allow-empty").status == 0
    assert run("check", str(tmp_path), "--quiet") == Done(2, "", NOTHING_FOUND)


# Folders


def test_a_folder_is_searched_in_order_without_hidden_files_and_other_endings(tmp_path: Path) -> None:
    names = ["b.json", "a.NDJSON", "c.jsonl", "sub/d.json", "sub/deep/e.json", "sub.json"]
    ignored = [".hidden.json", ".hidden/f.json", "g.txt", "json", "h.json.bak"]
    for name in names + ignored:
        path = tmp_path / "captures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PENDING)
    (tmp_path / "captures/folder.json").mkdir()
    (tmp_path / "captures/folder.json/i.json").write_bytes(PENDING)
    (tmp_path / "captures/sub/loop").symlink_to("..")
    found = report("--all", "captures", cwd=tmp_path)
    in_order = ["a.NDJSON", "b.json", "c.jsonl", "sub.json", "folder.json/i.json", "sub/d.json", "sub/deep/e.json"]
    assert verdicts(found) == [(f"captures/{name}", "valid") for name in in_order]


def test_a_hidden_file_or_folder_that_is_named_is_read(tmp_path: Path) -> None:
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden/a.json").write_bytes(PENDING)
    (tmp_path / ".b.json").write_bytes(PENDING)
    assert verdicts(report("--all", ".hidden", ".b.json", cwd=tmp_path)) == [
        (".hidden/a.json", "valid"),
        (".b.json", "valid"),
    ]


def test_a_pipe_in_a_folder_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PENDING)
    os.mkfifo(tmp_path / "pipe.json")
    done = subprocess.run(
        [*COMMAND, "check", tmp_path], capture_output=True, env=environment(), timeout=10, check=False
    )
    assert b"1 valid" in done.stdout


# Usage


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Usage: "),
        (["check"], "Missing argument 'PATH...'"),
        (["check", "--frobnicate", "a.json"], "--frobnicate"),
        (["frobnicate"], "frobnicate"),
        (["check", "--output", "yaml", "a.json"], "'yaml' is not one of 'text', 'json'"),
        (["check", "--format", "yaml", "a.json"], "'yaml' is not one of 'auto', 'json', 'ndjson'"),
        (["check", "--envelope", "soap", "a.json"], "'soap' is not one of 'auto', 'api', 'rest'"),
        (["check", "--max-size", "0", "a.json"], "--max-size"),
        (["check", "--max-violations", "-1", "a.json"], "--max-violations"),
        (["check", "--api-version", "6.5", "a.json"], "API 6.5 is older than the structure, which came with 7.0.0.0"),
        (["check", "--api-version", "seven", "a.json"], "guestcust: 'seven' is no API version\n"),
        (["check", "--api-version", "7.0.3.0.1", "a.json"], "guestcust: '7.0.3.0.1' is no API version\n"),
        (["check", "--api-version", "", "a.json"], "guestcust: '' is no API version\n"),
        (["schema", "nonsense"], "'nonsense'"),
        (["schema", "--api-version", "1"], "older than the structure"),
        (["schema", "--dialect", "draft-04"], "'draft-04'"),
        (["explain", "nonsense"], "guestcust: no rule is called 'nonsense'\n  `guestcust rules` lists them all\n"),
        (["versions", "6.7"], "give 7.0.0.0 or newer"),
        (["versions", ""], "no API version"),
        (["completion", "tcsh"], "'tcsh'"),
    ],
)
def test_bad_usage_is_said_on_stderr_and_exits_with_2(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_a_newer_api_version_is_judged_by_the_newest_rules_with_a_notice_on_stderr() -> None:
    notice = (
        "guestcust: API 99.0 is newer than 9.1.0.0, the newest that this guestcust knows: "
        "judged by the rules of 7.0.3.0; a newer guestcust may know more\n"
    )
    done = run("check", "--api-version", "99.0", "-", stdin=IDLE)
    assert (done.status, done.err) == (0, notice)
    assert report("--api-version", "99.0", "-", stdin=IDLE)["notices"] == [notice[len("guestcust: ") : -1]]
    assert run("schema", "--api-version", "99.0").err == notice
    assert run("versions", "99.0") == Done(0, "7.0.3.0\n", notice)


def test_the_api_version_decides_which_statuses_there_are(tmp_path: Path) -> None:
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


# Options


def test_strict_makes_warnings_count() -> None:
    assert run("check", "-", stdin=ODD_TIME).status == 0
    done = run("check", "--strict", "-", stdin=ODD_TIME)
    assert done.status == 1
    assert "<stdin>:1:37: warning: time-in-server-form\n" in done.out
    assert summary(done.out).endswith("0 valid, 1 invalid (0 errors, 1 warning)")


def test_forward_compatible_lets_what_is_unknown_pass_but_not_what_is_wrong() -> None:
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
    [("auto", [], []), ("api", [], ["status-required", "no-unknown-members"]), ("rest", ["envelope"], [])],
)
def test_the_envelope_is_recognised_or_insisted_on(envelope: str, bare: list[str], wrapped: list[str]) -> None:
    lines = PENDING + b"\n" + b'{"value": ' + PENDING + b"}\n"
    found = report("--all", "--envelope", envelope, "-", stdin=lines)
    rules = [[violation["rule"] for violation in payload["violations"]] for payload in found["payloads"]]
    assert rules == [bare, wrapped]


def test_fail_fast_stops_behind_the_first_that_fails(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([PENDING, BROKEN, BROKEN]))
    done = run("check", "--fail-fast", "a.ndjson", "nowhere.json", cwd=tmp_path)
    assert done.status == 1
    assert summary(done.out) == (
        "2 payloads in 1 source, API 7.0.3.0: 1 valid, 1 invalid (1 error, 0 warnings); "
        "stopped at the first that failed"
    )
    first = run("check", "--fail-fast", "nowhere.json", "a.ndjson", cwd=tmp_path)
    assert first.status == 2
    assert "0 payloads in 1 source" in first.out


@pytest.mark.parametrize(("limit", "shown"), [(0, 0), (1, 1), (3, 3), (9, 4)])
def test_max_violations_cuts_what_is_shown_and_never_what_is_counted(limit: int, shown: int) -> None:
    lines = b"\n".join([BROKEN, b'{"status": "X", "a": 1, "b": 2}'])
    done = run("check", "--max-violations", str(limit), "-", stdin=lines)
    assert done.status == 1
    assert done.out.count(": error: ") == shown
    hidden = 4 - shown
    tail = f"; {hidden} violation{'s' * (hidden != 1)} not shown" if hidden else ""
    assert summary(done.out) == f"2 payloads in 1 source, API 7.0.3.0: 0 valid, 2 invalid (4 errors, 0 warnings){tail}"


def test_max_size_bounds_the_payload_and_not_the_file(tmp_path: Path) -> None:
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


def test_a_line_that_begins_blank_beyond_the_limit_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(PENDING + b"\n" + b" " * 40 + BROKEN + b"\n")
    assert run("check", "--max-size", "30", "a.ndjson", cwd=tmp_path).status == 1


def test_all_lists_what_conforms_too(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"[" + PENDING + b",\n " + IDLE + b"]")
    (tmp_path / "b.json").write_bytes(b"[]")
    done = run("check", "--all", ".", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    valid, skipped, last = done.out.splitlines()[:2], done.out.splitlines()[2], summary(done.out)
    assert valid == ["./a.json:1:2: valid", "./a.json:2:2: valid"]
    assert re.fullmatch(r"\./b\.json(:1:1)?: skipped: no payload in it", skipped)
    assert last == "2 payloads in 2 sources, API 7.0.3.0: 2 valid, 0 invalid, 1 skipped (0 errors, 0 warnings)"


def test_quiet_gives_a_line_a_violation_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([PENDING, EARLY_ERROR, BROKEN]))
    done = run("check", "--quiet", "a.ndjson", cwd=tmp_path)
    assert done == Done(
        1,
        f"a.ndjson:2:23: error: error-only-when-failed: {TOO_EARLY}\na.ndjson:3:12: error: status-known: {UNKNOWN}\n",
        "",
    )
    assert run("check", "-q", "-", stdin=PENDING) == Done(0, "", "")


def test_the_json_report_keeps_to_its_published_schema_whatever_happens(tmp_path: Path) -> None:
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


def test_the_examples_are_what_their_folders_say() -> None:
    conforming = run("check", "--strict", REPOSITORY / "examples/conforming")
    assert conforming.status == 0
    broken = report("--all", REPOSITORY / "examples/broken")
    invalid = {payload["source"] for payload in broken["payloads"] if payload["verdict"] == "invalid"}
    assert invalid == {str(path) for path in (REPOSITORY / "examples/broken").iterdir()}


# Terminals


class Terminal:
    """A terminal with a command at its other end."""

    def __init__(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        out: bool = True,
        err: bool = True,
        changes: dict[str, str] | None = None,
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        self.shown = b""
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.PIPE,
            stdout=slave if out else subprocess.PIPE,
            stderr=slave if err else subprocess.PIPE,
            cwd=cwd,
            env=environment(**(changes or {})),
        )
        os.close(slave)

    def feed(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def shows(self, wanted: bytes, seconds: float = 15) -> bool:
        """Waits until something is shown, or in vain."""
        end = time.monotonic() + seconds
        while wanted not in self.shown and (left := end - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0] and not self._read():
                break
        return wanted in self.shown

    def finish(self) -> bytes:
        """Ends the input, waits, and gives what was written to a pipe instead of the terminal."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        reader = threading.Thread(target=lambda: [None for _ in iter(self._read, b"")])
        reader.start()
        piped = b"".join(stream.read() for stream in (self.process.stdout, self.process.stderr) if stream)
        self.process.wait()
        reader.join()
        os.close(self._master)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
        return piped

    @property
    def screen(self) -> str:
        """What remains to be seen, colours aside: a carriage return goes back and what follows overwrites."""
        lines = []
        for line in re.sub(r"\x1b\[[0-9;]*m", "", self.shown.decode()).replace("\r\n", "\n").split("\n"):
            seen = ""
            for piece in line.split("\r"):
                seen = piece + seen[len(piece) :]
            lines.append(seen.rstrip())
        return "\n".join(lines)

    def _read(self) -> bytes:
        try:
            more = os.read(self._master, 65536)
        except OSError:  # All is read and nobody writes any more.
            return b""
        self.shown += more
        return more


def test_a_piped_report_has_no_colours_and_a_terminal_gets_the_same_words_in_colour(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"[" + BROKEN + b", " + ODD_TIME + b"]")
    plain = run("check", "--all", "a.json", "nowhere.json", cwd=tmp_path)
    assert "\x1b" not in plain.out
    terminal = Terminal("check", "--all", "a.json", "nowhere.json", cwd=tmp_path)
    assert terminal.finish() == b""
    assert b"\x1b[1;31merror\x1b[0m" in terminal.shown
    assert b"\x1b[1;33mwarning\x1b[0m" in terminal.shown
    assert terminal.screen == plain.out
    assert terminal.process.returncode == plain.status == 2


@pytest.mark.parametrize("changes", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_they_are_not_wanted(tmp_path: Path, changes: dict[str, str]) -> None:
    (tmp_path / "a.json").write_bytes(BROKEN)
    terminal = Terminal("check", "a.json", cwd=tmp_path, changes=changes)
    terminal.finish()
    assert b"status-known" in terminal.shown
    assert b"\x1b" not in terminal.shown


def test_on_a_terminal_a_finding_shows_as_soon_as_it_is_there() -> None:
    terminal = Terminal("check", "-", "--quiet")
    terminal.feed(BROKEN + b"\n" + PENDING + b"\n")
    shows = terminal.shows(b"status-known", seconds=5)
    terminal.finish()
    assert shows


def test_a_bar_shows_while_long_input_is_read_and_leaves_stdout_alone() -> None:
    terminal = Terminal("check", "-", "--quiet", "--format", "ndjson", out=False)
    padding = b'{"status": "FAILED", "error": "' + b"x" * 100_000 + b'"}\n'
    terminal.feed(BROKEN + b"\n" + padding)
    begin = time.monotonic()
    # A bar waits a second before it shows.
    while (passed := time.monotonic() - begin) < 2 or (b"B/s]" not in terminal.shown and passed < 15):
        terminal.shows(b"never", seconds=0.2)
        terminal.feed(padding + BROKEN + b"\n")
    has_bar = b"B/s]" in terminal.shown
    found = terminal.finish().decode()
    assert has_bar
    assert all(
        re.fullmatch(rf"<stdin>:\d+:12: error: status-known: {re.escape(UNKNOWN)}", line) for line in found.splitlines()
    )
    assert found.endswith("\n")
    assert terminal.screen == ""


def test_a_bar_leaves_nothing_behind_on_the_terminal(tmp_path: Path) -> None:
    padding = b'{"status": "FAILED", "error": "' + b"x" * 1_000_000 + b'"}'
    (tmp_path / "large.json").write_bytes(b"[" + b",\n".join([padding, BROKEN] * 18) + b"]")
    plain = run("check", "large.json", cwd=tmp_path)
    assert plain.out.count("status-known") == 18
    terminal = Terminal("check", "large.json", cwd=tmp_path)
    terminal.finish()
    (tmp_path / "large.json").unlink()
    assert terminal.screen == plain.out


def test_small_input_gets_no_bar(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PENDING)
    terminal = Terminal("check", "a.json", cwd=tmp_path, out=False)
    terminal.finish()
    assert terminal.shown == b""


# Interruptions


@pytest.mark.parametrize(
    "arguments",
    [["check", "-"], ["check", "-", "--output", "json"], ["rules"], ["schema"], ["explain", "date-time"], ["--help"]],
)
def test_a_reader_that_leaves_early_ends_the_command_without_a_word(arguments: list[str]) -> None:
    # Neither 0 nor 1: nobody has seen a report by which all conforms, or something does not.
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=(BROKEN + b"\n") * 500,
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (2, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["check", "-"], ["check", "-", "--output", "json"], ["rules"], ["--version"]])
def test_a_full_disk_is_complained_of_and_exits_with_2(arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], input=PENDING, stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert done.returncode == 2
    assert done.stderr == b"guestcust: the report could not be written: No space left on device\n"


def interrupted(*arguments: str, stdin: bytes) -> Done:
    """Runs a command, and interrupts it when it waits for more than `stdin` and very many blank lines."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        # A shell that runs the tests in the background hands on that SIGINT is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdin is not None
    # A pipe holds 64 KiB; when all this is written, most of it has been read.
    process.stdin.write(stdin + b"\n" * 500_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    return Done(process.returncode, out.decode(), err.decode())


def test_ctrl_c_gives_one_line_and_130() -> None:
    done = interrupted("check", "-", stdin=b"")
    assert done == Done(130, "", "guestcust: interrupted; what was not reported was not judged\n")


def test_ctrl_c_loses_no_finding_made_before() -> None:
    done = interrupted("check", "-", "--quiet", "--format", "ndjson", stdin=BROKEN + b"\n")
    assert (done.status, done.out) == (130, f"<stdin>:1:12: error: status-known: {UNKNOWN}\n")


# The other commands


@pytest.mark.parametrize("arguments", [["--version"], ["-V"]])
def test_the_version_is_told(arguments: list[str]) -> None:
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
        (["report"], "meta/report.schema.json"),
        (["rules"], "meta/rules.schema.json"),
    ],
)
def test_a_schema_is_printed_as_its_file_has_it(arguments: list[str], file: str) -> None:
    assert run("schema", *arguments) == Done(0, (SCHEMAS / file).read_text(), "")


def test_rules_are_listed_one_a_line() -> None:
    done = run("rules")
    assert (done.status, done.err) == (0, "")
    assert [line.split(maxsplit=2) for line in done.out.splitlines()] == [
        [rule["id"], rule["severity"], rule["title"]] for rule in RULES
    ]
    assert run("rules", "--output", "json") == Done(0, (SCHEMAS / "rules.json").read_text(), "")


@pytest.mark.parametrize("rule", RULES, ids=[rule["id"] for rule in RULES])
def test_every_rule_is_explained_with_examples(rule: dict[str, Any]) -> None:
    done = run("explain", rule["id"])
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"{rule['id']}: {rule['title']}\n\n")
    assert f"\nSeverity  {rule['severity']}" in done.out
    passing, _, failing = done.out.partition("\nConforms:\n")[2].partition("\nDoes not:\n")
    assert passing.strip()
    # One thing is wrong with the example, and said of it.
    assert len(re.findall(r"^  \d+:\d+: .", failing, re.MULTILINE)) == 1
    assert all(character.isprintable() or character == "\n" for character in done.out)


def test_versions_are_listed_and_found() -> None:
    listed = run("versions")
    assert (listed.status, listed.err) == (0, "")
    assert [line.split()[0] for line in listed.out.splitlines()[:-1]] == list(guestcust.versions())
    assert run("versions", "8.0.2.0") == Done(0, "7.0.3.0\n", "")
    assert run("versions", "7.0.2") == Done(0, "7.0.0.0\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_one_that_the_shell_can_read(shell: str, tmp_path: Path) -> None:
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


# Hostile content

HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "a\nerror: b",
    "\r\x08",
    "\u202eevil",
    "\u2066",
    "\x9b31m",
    "\u2028",
    "\x7f",
    "\x00",
]


def is_tame(text: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in text)


@pytest.mark.parametrize("options", [[], ["--quiet"], ["--forward-compatible"], ["--max-size", "3"]])
def test_no_content_of_a_payload_reaches_the_text_report_raw(options: list[str]) -> None:
    payloads: list[Any] = []
    for text in HOSTILE:
        payloads += [
            {"status": text},
            {"status": "PENDING", text: text},
            {"status": "RUNNING", "start_time": text},
            {"status": "RUNNING", "error": {text: [text]}},
            text,
        ]
    escaped = b"\n".join(json.dumps(payload).encode() for payload in payloads)
    raw = b"\n".join(
        json.dumps(payload, ensure_ascii=False).replace("\\u001b", "\x1b").replace("\\r", "\r").encode()
        for payload in payloads
    )
    twice = "\n".join(f'{{"status": "PENDING", "{text}": 1, "{text}": 2}}' for text in HOSTILE if "\n" not in text)
    for data in (escaped, raw, twice.encode(), b'{"\\ud800": "\\udfff"}\n{"status": "\xff\x9b31m\xed\xa0\x80"}\n'):
        done = run("check", "--format", "ndjson", *options, "-", stdin=data)
        assert done.status == 1
        assert is_tame(done.out)
        assert done.err == ""


def test_a_name_that_is_there_twice_is_named_though_it_does_not_print() -> None:
    done = run("check", "-q", "-", stdin='{"status": "PENDING", "a\u202eb": 1, "a\u202eb": 2}'.encode())
    duplicate = next(line for line in done.out.splitlines() if ": json-unique-members: " in line)
    assert 'json-unique-members: "a\\u202eb" is there twice' in duplicate


def test_no_file_name_reaches_the_text_report_raw(tmp_path: Path) -> None:
    names = [os.fsencode(name) for name in HOSTILE if "\0" not in name] + [b"\xff\xfe"]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name + b".json")).write_bytes(BROKEN)
    for options in ([], ["-q"], ["--all"]):
        done = run("check", *options, tmp_path)
        assert done.status == 1
        assert is_tame(done.out)
        assert len(re.findall(r": error: status-known", done.out)) == len(names)
    missing = run("check", *(name + b".missing" for name in names if b"\n" in name or b"\x1b" in name), cwd=tmp_path)
    assert missing.status == 2
    assert is_tame(missing.out + missing.err)
    listed = report(tmp_path)
    assert len(listed["payloads"]) == len(names)


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "\x1b[31m\u202e"],
        ["versions", "\x1b[31m\u202e"],
        ["check", "--api-version", "8\n\x1b[31m", "-"],
        ["check", "--output", "\x1b[31m", "-"],
        ["check", b"--\xff", "-"],
        [b"\xff\x1b[31m"],
    ],
)
def test_no_argument_is_echoed_raw(arguments: list[str | bytes]) -> None:
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert is_tame(done.err)


@pytest.mark.parametrize("changes", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}])
def test_a_locale_without_unicode_is_no_reason_to_fail(tmp_path: Path, changes: dict[str, str]) -> None:
    (tmp_path / "r\xe9seau.json").write_bytes('{"status": "\u65e5\u672c", "error": "\U0001f4a9"}'.encode())
    for options in (["--all"], ["--output", "json"]):
        done = run("check", *options, ".", cwd=tmp_path, changes=changes)
        assert (done.status, done.err) == (1, "")
        assert "status-known" in done.out
    assert run("schema", changes=changes) == Done(
        0, (SCHEMAS / "vcenter.vm.guest.customization.info/7.0.3.0.schema.json").read_text(), ""
    )
    unknown = run("explain", "r\xe9gle", changes=changes)
    assert (unknown.status, unknown.out) == (2, "")
    assert "Traceback" not in unknown.err


# Positions


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character, the slow and plain way."""
    before = text[:offset]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            '[{"status": "FAILED", "error": "\xe9\U0001f4a9\u65e5"}, {"\xe9\U0001f4a9": 1, "status": "X"}]',
            [("no-unknown-members", 1, 41), ("status-known", 1, 60)],
        ),
        ('[\r\n {"status": "PENDING"},\r\n\t{"status":\r\n "X"}\r\n]\r\n', [("status-known", 4, 2)]),
        ("\n\n  [ 1\n,\n 2 ]", [("payload-is-object", 3, 5), ("payload-is-object", 5, 2)]),
        # Cut off: between two elements, in one, in a string, and at once.
        ('[{"status": "PENDING"},\n', [("json-syntax", 2, 1)]),
        ('[{"status": "PENDING"}', [("json-syntax", 1, 23)]),
        ('[{"status": "PENDING"},\n {"status": "PEN', [("json-syntax", 2, 17)]),
        ('[{"status": "PENDING"},\n {"status"', [("json-syntax", 2, 11)]),
        ("[", [("json-syntax", 1, 2)]),
        # Brackets that do not match.
        ('[{"status": "PENDING"]', [("json-syntax", 1, 22), ("json-syntax", 1, 23)]),
        ('[{"status": "PENDING"], {"status": "X"}]', [("json-syntax", 1, 22), ("status-known", 1, 36)]),
        ('[{"status": "PENDING"}},\n {"status": "X"}]', [("json-syntax", 1, 23)]),
        # Too many commas, and none.
        ("[,1]", [("json-syntax", 1, 2)]),
        ("[1,,2]", [("payload-is-object", 1, 2), ("json-syntax", 1, 4)]),
        ("[1,\n]", [("payload-is-object", 1, 2), ("json-syntax", 2, 1)]),
        ('[{"status": "PENDING"}\n {"status": "PENDING"}]', [("json-syntax", 2, 2)]),
        # Something behind.
        ('[{"status": "PENDING"}]\n\n  x', [("json-syntax", 3, 3)]),
        ('[{"status": "PENDING"}]]', [("json-syntax", 1, 24)]),
        ("[]\n{}", [("json-syntax", 2, 1)]),
        # A byte order mark is at the beginning and takes no column.
        ('\ufeff[\n {"status": "PENDING"}]', [("json-no-bom", 1, 1)]),
        ('\ufeff[{"status": "X"}]', [("json-no-bom", 1, 1), ("status-known", 1, 13)]),
    ],
)
def test_places_in_an_array_are_places_in_the_file(
    tmp_path: Path, data: str, expected: list[tuple[str, int, int]]
) -> None:
    (tmp_path / "a.json").write_text(data, encoding="utf-8", newline="")
    done = run("check", "--output", "json", "a.json", cwd=tmp_path)
    assert places(json.loads(done.out)) == expected
    assert done.status == (1 if any(rule != "json-no-bom" for rule, _, _ in expected) else 0)


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (EARLY_ERROR, ["error-only-when-failed"]),
        (BROKEN, ["status-known"]),
        (b"[" + EARLY_ERROR + b"]", ["error-only-when-failed"]),
        (b'{"value": ' + EARLY_ERROR + b"}", ["error-only-when-failed"]),
        (b'{"status": "FAILED", "start_time": "soon", "end_time": "late"}', ["date-time", "date-time"]),
        (b'{"value": {}, "value": {"status": "FAILED", "start_time": "soon", "end_time": "late"}}', None),
    ],
)
def test_a_byte_order_mark_hides_nothing(data: bytes, rules: list[str] | None) -> None:
    for text in (data, BOM + data):
        done = run("check", "--output", "json", "-", stdin=text)
        assert (done.status, done.err) == (1, "")
        found = sorted(rule for rule, _, _ in places(json.loads(done.out)) if rule != "json-no-bom")
        assert rules is None or found == rules


CHUNK = 1024 * 1024


@pytest.mark.parametrize(
    "straddler",
    [b'\\"', b'\\\\\\"]', "\xe9".encode(), "\U0001f4a9".encode(), b'", "a": "', b'"},\r\n{"a": "', b'"} , \n {"a": "'],
    ids=["quote", "backslashes", "two bytes", "four bytes", "members", "elements", "space"],
)
def test_the_borders_between_chunks_do_not_show(tmp_path: Path, straddler: bytes) -> None:
    text = bytearray(b'[\r\n{"a": "')
    for border in range(1, 4):
        # Cut at a different byte each time.
        cut = min(border, len(straddler) - 1) if border < 3 else len(straddler) // 2
        text += b"\xc3\xa9]" * ((border * CHUNK - cut - len(text)) // 3)
        text += b"x" * (border * CHUNK - cut - len(text))
        text += straddler + b'", "status": "X"},{"a": "'
    text += b'", "status": "X"}]'
    (tmp_path / "a.json").write_bytes(text)
    characters = text.decode()
    expected = {position(characters, match.start()) for match in re.finditer('"X"', characters)}
    found = places(report("a.json", cwd=tmp_path))
    assert {(line, column) for rule, line, column in found if rule == "status-known"} == expected
    assert not [rule for rule, _, _ in found if rule.startswith("json-") and rule != "json-unique-members"]


def test_an_array_may_begin_at_the_end_of_a_chunk(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b" " * (CHUNK - 1) + b"[" + PENDING + b",\n" + BROKEN + b"]")
    found = report("--all", "a.json", cwd=tmp_path)
    assert [verdict for _, verdict in verdicts(found)] == ["valid", "invalid"]
    assert places(found) == [("status-known", 2, 12)]


@pytest.mark.parametrize("chunk", range(1, 8))
def test_chunks_of_any_size_give_the_same_elements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    text = (
        '\r\n [ {"a\\"]": [1, {"b": "]}\\\\"}]} ,\n'
        '"\xe9\U0001f4a9\u65e5,", [[], "\\\\\\""]\r\n,\t1 , {}  ,"\\u00e9[" ]\n'
    )
    expected, decoder, at = [], json.JSONDecoder(), text.index("[") + 1
    while True:
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
        if text[at] == "]":
            break
        _, end = decoder.raw_decode(text, at)
        expected.append((*position(text, at), text[at:end].encode()))
        at = end
    monkeypatch.setattr(json_file, "_CHUNK", chunk)
    (tmp_path / "a.json").write_bytes(text.encode())
    with (tmp_path / "a.json").open("rb") as stream:
        found = [(each.origin.line, each.origin.column, each.text) for each in json_file.payloads(stream, "a", 1000)]
    assert found == expected
