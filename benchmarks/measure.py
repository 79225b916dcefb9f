"""How figures are measured: alternating runs, their times, and their peak memory.

Which tools are measured, and on what, must not enter here.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

# As in a user's shell: PYTHONUNBUFFERED, for example, would cause a system call for every line of a report.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@dataclass
class Figure:
    """The measured values of one candidate, one per run; less is better."""

    #: The name used by targets.
    id: str
    name: str
    unit: str
    values: list[float] = field(default_factory=list)
    version: str = ""
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass
class Table:
    """Figures that belong together; `ours` is the id of the figure that the others are compared with, if any."""

    id: str
    title: str
    figures: list[Figure]
    ours: str | None = None

    def figure(self, id: str) -> Figure | None:
        """The figure with this id, if it was measured."""
        return next((each for each in self.figures if each.id == id and each.values), None)


class Run(NamedTuple):
    """A process that has ended, with its peak memory in MiB, alone and together with its children."""

    status: int
    seconds: float
    peak: float
    together: float
    output: str


class WrongVerdictError(Exception):
    """A run gave a wrong verdict, so its time means nothing."""


def run(command: Sequence[str | Path], *, scratch: Path, sampled: bool = False) -> Run:
    """Runs a command to its end, with its output in a file; `sampled` also measures memory, children included."""
    with (scratch / "output").open("w+b") as output:
        began = time.perf_counter_ns()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Not in this repository: its settings file would be found.
            cwd=tempfile.gettempdir(),
            env=_ENVIRONMENT,
        )
        sampler = _Sampler(process.pid) if sampled else None
        process.wait()
        seconds = (time.perf_counter_ns() - began) / 1e9
        peak, together = sampler.peaks() if sampler else (0.0, 0.0)
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    return Run(process.returncode, seconds, peak, together, text)


class _Sampler:
    """Samples the memory of a process and its children.

    The kernel's figure for a process that has ended would not do: it includes the process before `exec`, which is as
    large as this one.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._own_peak = 0
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def peaks(self) -> tuple[float, float]:
        self._ended.set()
        self._thread.join()
        return self._own_peak / 1024, self._peak / 1024

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            # The kernel's own high-water mark: nothing between two samples is missed.
            self._own_peak = max(self._own_peak, _kibibytes(Path(f"/proc/{self._pid}/status")).get("VmHWM", 0))
            sets = [_resident(pid) for pid in _family(self._pid)]
            # Shared memory, as after a fork, counts once; private memory is added up.
            self._peak = max(self._peak, sum(own for own, _ in sets) + max(shared for _, shared in sets))


def _family(pid: int) -> Iterator[int]:
    """The process and its descendants."""
    yield pid
    try:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in children.read_text().split():
                yield from _family(int(child))
    except OSError:
        return


def _resident(pid: int) -> tuple[int, int]:
    """The private and the shared memory of a process, in KiB."""
    sizes = _kibibytes(Path(f"/proc/{pid}/smaps_rollup"))
    own, shared = (
        sum(size for name, size in sizes.items() if name.startswith(kind)) for kind in ("Private_", "Shared_")
    )
    return own, shared


def _kibibytes(path: Path) -> dict[str, int]:
    """The sizes in a file of `/proc`, by name; empty if the process has ended meanwhile."""
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return {}
    return {line.partition(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}


@contextmanager
def one_core() -> Iterator[None]:
    """Processes started in this context run on one core, where the system supports it."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def in_turn(candidates: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The values of each candidate: after a warm-up round, each has one turn in each of `rounds` rounds."""
    values: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(rounds + 1):
        for name, measured in candidates.items():
            value = measured()
            if number:
                values[name].append(value)
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return values


class Worker:
    """A process that checks payloads in a loop and reports the time per payload. It stays alive to keep its code warm.

    Raises:
        WrongVerdictError: a library gave a wrong verdict.

    """

    def __init__(self, command: Sequence[str | Path]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_ENVIRONMENT)

    def nanoseconds(self, library: str, form: str) -> float:
        """How long this library takes for one payload, given as "text" or as an "object"."""
        requests, answers = _pipes(self._process)
        requests.write(json.dumps({"library": library, "form": form}).encode() + b"\n")
        requests.flush()
        answer = json.loads(answers.readline() or b'{"error": "the worker died"}')
        if "error" in answer:
            raise WrongVerdictError(f"{library}, {form}: {answer['error']}")
        return float(answer["nanoseconds"])

    def close(self) -> None:
        """Ends the process."""
        _pipes(self._process)[0].close()
        self._process.wait()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None and process.stdout is not None
    return process.stdin, process.stdout
