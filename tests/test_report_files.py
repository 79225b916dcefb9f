"""Reports that go to files: several at once, each written completely or not at all."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from command import BROKEN, COMMAND, PENDING, environment, run, run_process
from guestcust.reporters import REPORTERS


def start(*arguments: str | Path, cwd: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "check", *arguments],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell that runs the tests in the background makes them ignore SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def begun(process: subprocess.Popen[bytes]) -> bytes:
    """Feeds two lines, and gives the first line of the text report, so that the check is known to run."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(BROKEN + b"\n" + PENDING + b"\n")
    process.stdin.flush()
    return process.stdout.readline()


def test_reports_of_one_run_equal_those_of_separate_runs(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([PENDING, BROKEN]))
    outputs = [argument for name in REPORTERS for argument in ("--output", f"{name}={name}.out")]
    done = run("check", *outputs, "a.ndjson", cwd=tmp_path)
    assert (done.status, done.out) == (1, "")
    for name in REPORTERS:
        alone = run("check", "--output", name, "a.ndjson", cwd=tmp_path).out
        # The page shows the command line.
        texts = [
            re.sub('<p class="run">.*', "", text) for text in ((tmp_path / f"{name}.out").read_text("utf-8"), alone)
        ]
        assert texts[0] == texts[1]
    assert len(list(tmp_path.iterdir())) == len(REPORTERS) + 1


def test_one_report_may_go_to_stdout_beside_files(tmp_path: Path) -> None:
    done = run("check", "--output", "json=a.json", "--output", "text", "-", stdin=BROKEN, cwd=tmp_path)
    assert "<stdin>:1:12: error: status-known" in done.out
    assert json.loads((tmp_path / "a.json").read_text())["summary"]["invalid"] == 1


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        (["nothing"], "unknown report format 'nothing'"),
        (["nothing=a"], "unknown report format 'nothing'"),
        (["json="], "--output json= names no file"),
        (["json", "text"], "two reports cannot share stdout"),
        (["text", "json=nowhere/a.json"], "nowhere/a.json cannot be written: No such file or directory"),
        (["text", "json=file/a.json"], "file/a.json cannot be written: Not a directory"),
        (["text", "json=."], ". cannot be written: it is a folder"),
        (["junit=new.xml", "json=nowhere/a.json"], "nowhere/a.json cannot be written"),
    ],
)
def test_unwritable_reports_are_an_error_before_the_check(outputs: list[str], said: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    arguments = [argument for output in outputs for argument in ("--output", output)]
    done = run("check", *arguments, "-", stdin=BROKEN, cwd=tmp_path)
    assert (done.status, done.out) == (2, "")
    assert f"guestcust: {said}" in done.err
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_ctrl_c_leaves_report_files_unchanged(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text("before")
    process = start("--output", "json=kept.json", "--output", "sarif=new.sarif", "--output", "text", "-", cwd=tmp_path)
    assert b"status-known" in begun(process)
    assert len(list(tmp_path.iterdir())) == 3
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, b"interrupted" in err) == (130, True)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("kept.json", "before")]


def test_sigterm_leaves_report_files_unchanged(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text("before")
    process = start("--output", "json=kept.json", "--output", "text", "-", cwd=tmp_path)
    assert begun(process)
    process.terminate()
    _, err = process.communicate()
    assert (process.returncode, err) == (128 + signal.SIGTERM, b"")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("kept.json", "before")]


def test_a_closed_pipe_leaves_report_files_unchanged(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text("before")
    process = start("--output", "json=kept.json", "--output", "text", "-", cwd=tmp_path)
    assert begun(process) and process.stdout is not None and process.stdin is not None
    # Writing the summary fails.
    process.stdout.close()
    process.stdin.close()
    assert process.wait() == 2
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("kept.json", "before")]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_leaves_report_files_unchanged(tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text("before")
    done = run("check", "--output", "text=/dev/full", "--output", "json=kept.json", "-", stdin=BROKEN, cwd=tmp_path)
    assert (done.status, done.err) == (2, "guestcust: the report could not be written: No space left on device\n")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("kept.json", "before")]


def test_replacing_a_file_keeps_its_mode_and_links(tmp_path: Path) -> None:
    (tmp_path / "real.json").touch()
    (tmp_path / "real.json").chmod(0o640)
    (tmp_path / "link.json").symlink_to("real.json")
    (tmp_path / "dangling.json").symlink_to("made.json")
    outputs = ("--output", "json=link.json", "--output", "ndjson=dangling.json")
    assert run("check", *outputs, "-", stdin=PENDING, cwd=tmp_path).status == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["summary"]["valid"] == 1
    assert (tmp_path / "real.json").stat().st_mode & 0o777 == 0o640
    assert json.loads((tmp_path / "made.json").read_text())["summary"]["valid"] == 1


def test_a_report_can_be_written_to_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text()))
    reader.start()
    assert run("check", "--output", "json=pipe", "-", stdin=PENDING, cwd=tmp_path).status == 0
    reader.join()
    assert json.loads(read[0])["summary"]["valid"] == 1
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="needs /dev/stdout")
def test_a_report_can_be_written_to_dev_stdout() -> None:
    done = run_process("check", "--output", "json=/dev/stdout", "-", stdin=PENDING)
    assert (done.status, json.loads(done.out)["summary"]["valid"]) == (0, 1)


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="needs /dev/stdout")
def test_a_report_to_dev_stdout_does_not_replace_a_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("before\n")
    with (tmp_path / "log").open("ab") as log:
        subprocess.run(
            [*COMMAND, "check", "--output", "json=/dev/stdout", "-"], input=PENDING, stdout=log, env=environment()
        )
    assert (tmp_path / "log").read_text().startswith("before\n{")


def test_a_report_does_not_replace_its_input(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PENDING)
    (tmp_path / "link.json").symlink_to("a.json")
    for named in ("a.json", "./a.json", "link.json"):
        done = run("check", "--output", f"json={named}", "a.json", cwd=tmp_path)
        assert done.status == 2
        assert f"the report {named} would replace the input file a.json" in done.err
        assert (tmp_path / "a.json").read_bytes() == PENDING


def test_a_report_of_an_earlier_run_is_not_checked(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PENDING)
    for _ in range(2):
        assert run("check", "--output", "json=report.json", ".", cwd=tmp_path).status == 0
    found = json.loads((tmp_path / "report.json").read_text())
    assert (found["summary"]["valid"], found["summary"]["reasons"]) == (1, {"excluded": 1})


def test_two_reports_cannot_share_a_file(tmp_path: Path) -> None:
    done = run("check", "--output", "json=a", "--output", "text=./a", "-", stdin=PENDING, cwd=tmp_path)
    assert (done.status, list(tmp_path.iterdir())) == (2, [])
