"""Helpers that run the command, in this process or in its own, and the payloads that the tests share."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from guestcust.__main__ import main

REPOSITORY = Path(__file__).resolve().parents[1]
SCHEMAS = REPOSITORY / "schemas"
RULES: list[dict[str, Any]] = json.loads((SCHEMAS / "rules.json").read_text())["rules"]
COMMAND = [sys.executable, "-m", "guestcust"]

PENDING = b'{"status": "PENDING"}'
BROKEN = b'{"status": "BROKEN"}'
IDLE = b'{"status": "IDLE"}'
EARLY_ERROR = b'{"status": "RUNNING", "error": "x"}'
#: Valid with a warning.
ODD_TIME = b'{"status": "RUNNING", "start_time": "2026-03-01T09:30:00Z"}'
BOM = b"\xef\xbb\xbf"

NOTHING_FOUND = "guestcust: no payload was found\n"
UNKNOWN = (
    '"status" is "BROKEN", which API 7.0.3.0 does not define; it defines IDLE, PENDING, RUNNING, SUCCEEDED and FAILED'
)
TOO_EARLY = '"error" is set, but status is "RUNNING"; error is relevant only when status is FAILED'


class Done(NamedTuple):
    """How a run ended."""

    status: int
    out: str
    err: str


def environment(**changes: str) -> dict[str, str]:
    """Environment variables for a run, without those that change its output."""
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


def unmeasured() -> dict[str, str]:
    """Environment variables for a run without coverage.

    Coverage imports modules while it holds a lock, and a signal at that moment leads to a deadlock.
    """
    return {name: value for name, value in environment().items() if not name.startswith("COVERAGE_")}


def run(*arguments: str | bytes | Path, stdin: bytes = b"", cwd: Path | None = None) -> Done:
    """Runs the command in this process, which takes a tenth of the time, fast start included.

    Tests of signals, terminals, closed or shared streams, child processes and locales need `run_process`.
    """
    out, err = _captured(), _captured()
    words = ["guestcust", *(os.fsdecode(argument) for argument in arguments)]
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.object(sys, "argv", words))
        # click wraps help texts to the width of the terminal that runs the tests.
        stack.enter_context(mock.patch.dict(os.environ, {**environment(), "COLUMNS": "80"}, clear=True))
        stack.enter_context(mock.patch.object(sys, "stdin", stack.enter_context(_piped(stdin))))
        stack.enter_context(mock.patch.object(sys, "stdout", out))
        stack.enter_context(mock.patch.object(sys, "stderr", err))
        stack.callback(signal.signal, signal.SIGTERM, signal.getsignal(signal.SIGTERM))
        if cwd is not None:
            stack.callback(os.chdir, os.getcwd())
            os.chdir(cwd)
        try:
            main()
        except SystemExit as end:
            status = end.code
    assert isinstance(status, int)
    return Done(status, _text(out), _text(err))


def _captured() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), "utf-8", newline="", write_through=False)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()


@contextlib.contextmanager
def _piped(data: bytes) -> Iterator[io.TextIOWrapper]:
    """The read end of a pipe that delivers `data`."""
    reading, writing = os.pipe()

    def feed() -> None:
        with open(writing, "wb", buffering=0) as pipe, contextlib.suppress(BrokenPipeError):
            for at in range(0, len(data), 65536):
                pipe.write(data[at : at + 65536])

    feeder = threading.Thread(target=feed)
    # A pipe holds at least this much.
    if len(data) <= 4096:
        feed()
    else:
        feeder.start()
    with open(reading, encoding="utf-8") as stream:
        yield stream
    if feeder.ident is not None:
        feeder.join()


def run_process(
    *arguments: str | bytes | Path, stdin: bytes = b"", cwd: Path | None = None, changes: dict[str, str] | None = None
) -> Done:
    """Runs the command in a process of its own."""
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
