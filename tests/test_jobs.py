"""Worker processes: several give the results of one in the same order, and none keeps running."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command import BOM, BROKEN, EARLY_ERROR, ODD_TIME, PENDING, run, unmeasured
from guestcust.cli import workers
from guestcust.errors import JobError
from guestcust.model import Origin, Result, Severity, Span, Verdict, Violation
from guestcust.pipeline import Check
from guestcust.sources import sources
from guestcust.validator import Validator

CONFORMING = b'{"status":"SUCCEEDED","start_time":"2026-03-01T09:30:00.000Z","end_time":"2026-03-01T09:31:12.345Z"}'
LINES = [
    CONFORMING,
    BROKEN,
    b"",
    b" \t\r",
    EARLY_ERROR,
    PENDING + b"\r",
    ODD_TIME,
    b'{"status": "PENDING", "status": "FAILED"}',
    b'{"value": {"status": "PENDING"}}',
    b'{"status": "FAILED", "error": "\xff"}',
    b'{"status": "FAILED", "error": "' + b"x" * 5000 + b'"}',
    b"{",
    CONFORMING.replace(b"31", b"29"),
]


def make_check(max_size: int = 4000, everything: bool = False) -> Check:
    return Check((), Validator(max_size=max_size), everything=everything)


def make_check_of_all() -> Check:
    return make_check(everything=True)


@pytest.fixture(autouse=True)
def _no_fork(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of the tests may have threads, so it must not fork; the command itself still does."""
    monkeypatch.setattr(workers, "_METHOD", "spawn")


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "lines.ndjson"
    path.write_bytes(BOM + b"\n".join(LINES * 9 + [CONFORMING] * 500 + LINES) + b"\n" + EARLY_ERROR)
    return path


@pytest.mark.parametrize(
    "size", [1, pytest.param(100, marks=pytest.mark.slow), 3000, pytest.param(1_000_000, marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("make", [make_check, make_check_of_all])
def test_several_processes_find_what_one_finds(
    make: Callable[[], Check], size: int, lines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_RANGE", size)
    validator = Validator(max_size=4000)
    everything = make is make_check_of_all
    alone = Check(sources([str(lines)]), validator, everything=everything)
    expected = list(alone)
    with workers.Crew(2, make, large=1) as crew:
        shared = Check(sources([str(lines)]), validator, everything=everything, share=crew.share)
        assert list(shared) == expected
    assert shared.summary == alone.summary
    assert shared.summary.valid > 500
    assert shared.summary.invalid > 50


def test_output_does_not_depend_on_the_number_of_jobs(lines: Path) -> None:
    outputs = {run("check", "-j", str(count), "--output", "json", lines) for count in (1, 2, 3)}
    assert len(outputs) == 1
    (done,) = outputs
    assert done.status == 1
    report = json.loads(done.out)
    assert report["summary"]["valid"] > 500
    assert [one["line"] for one in report["payloads"]] == sorted(one["line"] for one in report["payloads"])


def test_only_large_files_of_lines_are_shared(lines: Path, tmp_path: Path) -> None:
    packed = tmp_path / "packed.ndjson"
    packed.write_bytes(gzip.compress(lines.read_bytes()))
    document = tmp_path / "document.json"
    document.write_bytes(PENDING)

    def is_shared(path: Path, **options: object) -> bool:
        with workers.Crew(2, make_check, **{"large": 1, **options}) as crew:  # type: ignore[arg-type]
            (source,) = sources([str(path)])
            return crew.share(source) is not None

    assert is_shared(lines)
    assert not is_shared(lines, large=10_000_000)
    assert not is_shared(lines, format="json")
    assert not is_shared(packed)
    assert not is_shared(document)
    assert is_shared(document, format="ndjson")
    with workers.Crew(1, make_check, large=1) as crew:
        assert crew.share(next(sources([str(lines)]))) is None


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    done = run("check", "-j", "2", tmp_path / "missing.ndjson")
    assert (done.status, "No such file" in done.out) == (2, True)


def test_an_empty_file_has_no_payload(tmp_path: Path) -> None:
    path = tmp_path / "empty.ndjson"
    path.write_bytes(b"\n" * 3)
    done = run("check", "-j", "2", path)
    assert done == run("check", "-j", "1", path)
    assert done.status == 2


def test_abandoned_ranges_do_not_leak_into_the_next_file(
    lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "_RANGE", 100)
    other = tmp_path / "other.ndjson"
    other.write_bytes(b"\n".join([BROKEN] * 50))
    with workers.Crew(2, make_check, large=1) as crew:
        first, second = sources([str(lines), str(other)])
        begun = crew.share(first)
        assert begun is not None
        next(begun)
        begun.close()  # type: ignore[attr-defined]
        parts = crew.share(second)
        assert parts is not None
        assert [len(part.results) for part in parts] == [5] * 10


def die() -> Check:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def test_a_killed_process_is_an_error_with_a_remedy(lines: Path) -> None:
    with workers.Crew(2, die, large=1) as crew:
        check = Check(sources([str(lines)]), Validator(), share=crew.share)
        with pytest.raises(JobError, match="was killed") as caught:
            list(check)
    assert "--jobs 1" in caught.value.hint


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.ndjson"
    path.write_bytes((EARLY_ERROR + b"\n") * 400_000)
    return path


def processes_of(group: int) -> set[int]:
    """The running processes of a process group."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _, of_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(of_group) == group and state != "Z":
            found.add(int(entry.name))
    return found


#: The command with small ranges, so that processes report soon and end soon.
SMALL_RANGES = (
    "from guestcust import __main__; from guestcust.cli import workers; workers._RANGE = 65536; __main__.main()"
)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_worker_processes_end_with_the_first_process(number: signal.Signals, status: int, large: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SMALL_RANGES, "check", "-q", "-j", "2", large],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=unmeasured(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout is not None
        try:
            process.stdout.readline()
            assert len(processes_of(process.pid)) > 2
            # A terminal signals the whole group; SIGKILL goes to the first process alone.
            (os.kill if number == signal.SIGKILL else os.killpg)(process.pid, number)
            _, said = process.communicate(timeout=60)
            assert process.returncode == status
            assert b"Traceback" not in said
            # A process finishes its current range first.
            for _ in range(600):
                if not processes_of(process.pid):
                    break
                time.sleep(0.1)
            assert processes_of(process.pid) == set()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def test_results_survive_pickling_and_moving() -> None:
    span = Span(1, 2)
    violation = Violation("a", Severity.ERROR, "b", "c", "d", "e", "f", 1, 2, 3, 4, span)
    origin = Origin("g", 5, 6, "h", "i", 7)
    result = Result(origin, Verdict.INVALID, "j", (violation,), ("k",), "l", "m", "n", False, {"o": 8}, 9)
    # A lost field would go unnoticed if it had its default value.
    everything: tuple[Any, ...] = (span, violation, origin, result)
    assert all(value != each._field_defaults.get(name) for each in everything for name, value in each._asdict().items())
    assert pickle.loads(pickle.dumps(result)) == result
    further_down = violation._replace(line=11, end_line=13)
    assert result.moved(10) == result._replace(origin=origin._replace(line=15), violations=(further_down,))
