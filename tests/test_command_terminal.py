"""The command on a terminal, and when it is interrupted."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from pathlib import Path

import pytest
from command import (
    BROKEN,
    COMMAND,
    ODD_TIME,
    PENDING,
    UNKNOWN,
    Done,
    environment,
    run,
    unmeasured,
)


class Terminal:
    """A command that runs on a pseudo-terminal."""

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

    def shows(self, wanted: bytes, seconds: float = 60) -> bool:
        """Waits until a text is shown; gives whether it was."""
        end = time.monotonic() + seconds
        while wanted not in self.shown and (left := end - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0] and not self._read():
                break
        return wanted in self.shown

    def finish(self) -> bytes:
        """Closes the input, waits for the end, and gives the output that did not go to the terminal."""
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
        """The visible text without colours; text after a carriage return overwrites the line."""
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
        except OSError:  # Everything is read and the other end is closed.
            return b""
        self.shown += more
        return more


def test_a_terminal_gets_the_text_of_a_piped_report_in_colour(tmp_path: Path) -> None:
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
def test_colours_can_be_disabled(tmp_path: Path, changes: dict[str, str]) -> None:
    (tmp_path / "a.json").write_bytes(BROKEN)
    terminal = Terminal("check", "a.json", cwd=tmp_path, changes=changes)
    terminal.finish()
    assert b"status-known" in terminal.shown
    assert b"\x1b" not in terminal.shown


def test_a_terminal_shows_violations_immediately() -> None:
    terminal = Terminal("check", "-", "--quiet")
    terminal.feed(BROKEN + b"\n" + PENDING + b"\n")
    shows = terminal.shows(b"status-known", seconds=5)
    terminal.finish()
    assert shows


def test_the_progress_bar_does_not_touch_stdout() -> None:
    terminal = Terminal("check", "-", "--quiet", "--format", "ndjson", out=False)
    padding = b'{"status": "FAILED", "error": "' + b"x" * 100_000 + b'"}\n'
    terminal.feed(BROKEN + b"\n" + padding)
    begin = time.monotonic()
    # The bar appears after one second.
    while (passed := time.monotonic() - begin) < 2 or (b"B/s]" not in terminal.shown and passed < 60):
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


def test_the_progress_bar_is_erased(tmp_path: Path) -> None:
    padding = b'{"status": "FAILED", "error": "' + b"x" * 1_000_000 + b'"}'
    (tmp_path / "large.json").write_bytes(b"[" + b",\n".join([padding, BROKEN] * 18) + b"]")
    plain = run("check", "large.json", cwd=tmp_path)
    assert plain.out.count("status-known") == 18
    terminal = Terminal("check", "large.json", cwd=tmp_path)
    terminal.finish()
    (tmp_path / "large.json").unlink()
    assert terminal.screen == plain.out


def test_small_input_shows_no_progress_bar(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PENDING)
    terminal = Terminal("check", "a.json", cwd=tmp_path, out=False)
    terminal.finish()
    assert terminal.shown == b""


@pytest.mark.parametrize(
    "arguments",
    [["check", "-"], ["check", "-", "--output", "json"], ["rules"], ["schema"], ["explain", "date-time"], ["--help"]],
)
def test_a_closed_pipe_ends_the_command_silently(arguments: list[str]) -> None:
    # Neither 0 nor 1, because nobody saw the report.
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
def test_a_full_disk_is_reported_and_exits_with_2(arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, *arguments], input=PENDING, stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert done.returncode == 2
    assert done.stderr == b"guestcust: the report could not be written: No space left on device\n"


def interrupted(*arguments: str, stdin: bytes) -> Done:
    """Runs a command, and interrupts it while it waits for input after `stdin` and many blank lines."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=unmeasured(),
        # A shell that runs the tests in the background makes them ignore SIGINT.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdin is not None
    # A pipe holds 64 KiB, so most of this has been read once it is written.
    process.stdin.write(stdin + b"\n" * 500_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    return Done(process.returncode, out.decode(), err.decode())


def test_ctrl_c_prints_one_line_and_exits_with_130() -> None:
    done = interrupted("check", "-", stdin=b"")
    assert done == Done(130, "", "guestcust: interrupted; the rest was not checked\n")


def test_ctrl_c_loses_no_violations_found_before() -> None:
    done = interrupted("check", "-", "--quiet", "--format", "ndjson", stdin=BROKEN + b"\n")
    assert (done.status, done.out) == (130, f"<stdin>:1:12: error: status-known: {UNKNOWN}\n")
