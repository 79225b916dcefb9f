"""What the command prints and how it fails: options, reports and exit statuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from command import BROKEN, PENDING, environment, run, summary
from guestcust.cli import workers
from guestcust.errors import JobError, OptionError
from guestcust.pipeline import Check
from guestcust.sources import sources
from guestcust.validator import Validator


def fail() -> Check:
    raise ZeroDivisionError("planted")


def refuse() -> Check:
    raise OptionError("no such thing", hint="try another")


@pytest.mark.parametrize(
    ("make", "kind", "message", "hint"),
    [
        (fail, JobError, "a worker process failed on .*a.ndjson: ZeroDivisionError: planted", "report it"),
        (refuse, OptionError, "^no such thing$", "^try another$"),
    ],
)
def test_an_exception_in_a_worker_is_reported_as_such(
    make: type[Check], kind: type[Exception], message: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The process of the tests may have threads.
    monkeypatch.setattr(workers, "_METHOD", "spawn")
    path = tmp_path / "a.ndjson"
    path.write_bytes(BROKEN)
    with workers.Crew(2, make, large=1) as crew, pytest.raises(kind, match=message) as caught:
        list(Check(sources([str(path)]), Validator(), share=crew.share))
    assert re.search(hint, caught.value.hint)  # type: ignore[attr-defined]


@pytest.mark.parametrize("options", [["--exclude", "b.json"], ["--output", "json=report.json"]])
def test_a_deleted_working_folder_is_named(options: list[str], tmp_path: Path) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" -m guestcust check "$@"'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable, *options, "-"],
        cwd=tmp_path,
        input=PENDING,
        capture_output=True,
        check=False,
        env=environment(),
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"guestcust: the working folder no longer exists")
    assert done.stderr.endswith(b"\n  change to another folder\n")
