"""The command on files, folders and streams: exit statuses and sources."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import (
    BROKEN,
    COMMAND,
    NOTHING_FOUND,
    ODD_TIME,
    PENDING,
    TOO_EARLY,
    Done,
    environment,
    report,
    run,
    summary,
    verdicts,
)
from guestcust.captures.formats import EXTENSIONS
from guestcust.cli import main


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
def test_the_exit_status_depends_on_the_contents(tmp_path: Path, name: str, data: bytes, status: int) -> None:
    (tmp_path / name).write_bytes(data)
    done = run("check", name, cwd=tmp_path)
    assert done.status == status
    assert bool(done.err) == (status == 2)


@pytest.mark.parametrize(
    ("data", "count", "status"),
    [
        (PENDING, 1, 0),
        (b'{\n  "status": "BROKEN"\n}\n', 1, 1),
        (b"[" + PENDING + b",\n" + BROKEN + b"]", 2, 1),
        (b"[" + PENDING + b", " + PENDING + b"]\n", 2, 0),
        (PENDING + b"\n" + BROKEN + b"\n" + PENDING + b"\n", 3, 1),
        (PENDING + b"\r\n" + PENDING + b"\r\n", 2, 0),
        (b"\n" + PENDING + b"\n" + PENDING + b"\n", 2, 0),
        (b"", 0, 2),
        (b"[]", 0, 2),
    ],
)
def test_the_format_of_stdin_is_detected(data: bytes, count: int, status: int) -> None:
    done = run("check", "-", stdin=data)
    assert done.status == status
    assert summary(done.out).startswith(f"{count} payload{'s' * (count != 1)} in 1 source, ")


def test_a_conforming_payload_prints_one_line_and_exits_with_0(tmp_path: Path) -> None:
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


def test_unreadable_files_are_reported_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "dangling.json").symlink_to("nowhere")
    (tmp_path / "loop.json").symlink_to("loop.json")
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(tmp_path)  # The path of a socket must be short.
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
    # Simulated, because root may list every folder.
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.json").write_bytes(PENDING)
    listed = os.scandir

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert main.run(["check", str(tmp_path)]) == 2
    out = capsys.readouterr().out
    assert re.search(r"/locked(:1:1)?: unreadable: Permission denied\n", out)
    assert "1 valid, 0 invalid, 1 unreadable" in out


def test_unreadable_outweighs_invalid(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(BROKEN)
    done = run("check", "a.json", "nowhere.json", cwd=tmp_path)
    assert done.status == 2
    assert "0 valid, 1 invalid, 1 unreadable (1 error, 0 warnings)" in done.out


def test_closed_stdin_is_unreadable() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, "check", "-"], capture_output=True, env=environment(), check=False
    )
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"unreadable" in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["check", "-"], ["rules"]])
def test_closed_stdout_is_reported_and_exits_with_2(arguments: list[str]) -> None:
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


def test_closed_stderr_does_not_matter() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *COMMAND, "check", "-"],
        input=BROKEN,
        stdout=subprocess.PIPE,
        env=environment(),
        check=False,
    )
    assert done.returncode == 1
    assert b"status-known" in done.stdout


def test_a_violation_outside_the_payload_has_no_excerpt() -> None:
    too_long = run("check", "--max-size", "3", "-", stdin=PENDING)
    said = "the text is longer than 3 bytes, the size limit for one payload; raise it with --max-size"
    assert too_long.out.partition("\n\n")[0] == f"<stdin>:1:1: error: json-size\n  {said}"
    after = run("check", "-", stdin=b"[" + PENDING + b"] x")
    said = "unexpected text after the end of the array; a file holds one array; the rest was not read"
    assert after.out.partition("\n\n")[0] == f"<stdin>:1:25: error: json-syntax\n  {said}"


@pytest.mark.parametrize("name", ["empty.ndjson", "array.json"])
def test_a_file_without_payloads_is_reported_as_skipped(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty.ndjson").write_bytes(b"\n")
    (tmp_path / "array.json").write_bytes(b"[]")
    (tmp_path / "a.json").write_bytes(PENDING)
    alone = run("check", name, cwd=tmp_path)
    overall = "  use --allow-empty to exit with 0 anyway\n"
    assert (alone.status, alone.err) == (2, f"{NOTHING_FOUND}  1 skipped: no payload in it\n{overall}")
    assert "0 valid, 0 invalid, 1 skipped" in alone.out
    allowed = run("check", name, "--allow-empty", cwd=tmp_path)
    assert (allowed.status, allowed.err) == (0, "")
    with_others = run("check", name, "a.json", "--all", cwd=tmp_path)
    assert with_others.status == 0
    assert re.search(rf"^{name}(:1:1)?: skipped: no payload in it$", with_others.out, re.MULTILINE)


def test_a_folder_without_payloads_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(BROKEN)
    done = run("check", str(tmp_path))
    said = f"""{NOTHING_FOUND}\
  in folders, files ending in {", ".join(EXTENSIONS)} are checked, and there are none
  1 file with another ending not opened: 1 .txt
  use --allow-empty to exit with 0 anyway
"""
    assert (done.status, done.err) == (2, said)
    assert summary(done.out).startswith("0 payloads in 0 sources, ")
    assert run("check", str(tmp_path), "--allow-empty").status == 0
    assert run("check", str(tmp_path), "--quiet") == Done(2, "", said)


def test_folders_are_searched_in_order_for_known_extensions(tmp_path: Path) -> None:
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


def test_hidden_files_and_folders_are_read_if_named(tmp_path: Path) -> None:
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden/a.json").write_bytes(PENDING)
    (tmp_path / ".b.json").write_bytes(PENDING)
    assert verdicts(report("--all", ".hidden", ".b.json", cwd=tmp_path)) == [
        (".hidden/a.json", "valid"),
        (".b.json", "valid"),
    ]


def test_a_pipe_in_a_folder_does_not_block(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PENDING)
    os.mkfifo(tmp_path / "pipe.json")
    done = subprocess.run(
        [*COMMAND, "check", tmp_path], capture_output=True, env=environment(), timeout=120, check=False
    )
    assert b"1 valid" in done.stdout
