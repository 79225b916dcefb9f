"""Worker processes that check a large NDJSON file range by range.

A range is whole lines, few enough for the results of several ranges to fit into memory. The only module that starts
processes; what they do with a range is up to `pipeline`.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any

from guestcust.captures import ndjson
from guestcust.captures.containers import compression
from guestcust.errors import GuestcustError, JobError
from guestcust.model import Source
from guestcust.pipeline import Check, Part

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

#: The size in bytes from which starting processes pays off.
LARGE = 32 * 1024 * 1024
# A forked process inherits everything that the first one imported and compiled. That is safe on Linux, because nothing
# here uses threads; the system libraries of macOS do.
_METHOD = "fork" if sys.platform == "linux" else "spawn"
_RANGE = 2 * 1024 * 1024
_CHUNK = 64 * 1024


def available() -> int:
    """The number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Crew:
    """Worker processes, started at the first file that needs them and ended with the `with` block.

    Args:
        jobs: how many processes.
        make: makes the check of each process; is pickled.
        format: the format asked for, one of `captures.FORMATS`, or "auto".
        large: the smallest file that is shared, in bytes.

    """

    def __init__(self, jobs: int, make: Callable[[], Check], *, format: str = "auto", large: int = LARGE) -> None:
        self._jobs = jobs
        self._make = make
        self._format = format
        self._large = large
        self._workers: list[_Worker] = []

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self._dismiss()

    def share(self, source: Source) -> Iterator[Part] | None:
        """The parts of a source in order; None if it is not to be shared.

        Raises:
            JobError: while iterating: a process was killed, or failed.
            GuestcustError: while iterating: as raised in a process.
            OSError: the file cannot be read, now or while iterating.

        """
        if self._jobs == 1 or source.path is None or not self._is_lines(source.path):
            return None
        if os.path.getsize(source.path) < self._large:
            return None
        with open(source.path, "rb") as file:
            if compression(file.read(_CHUNK)):
                return None
        return self._parts(source, source.path)

    def _is_lines(self, path: str) -> bool:
        if self._format != "auto":
            return self._format == "ndjson"
        return path.lower().endswith(ndjson.EXTENSIONS)

    def _parts(self, source: Source, path: str) -> Iterator[Part]:
        if not self._workers:
            with _uninterrupted():
                for _ in range(self._jobs):
                    self._workers.append(_Worker(self._make, self._workers))
        # They take turns, so that results come back in order. Each has two ranges at hand, so that none has to wait.
        turns = itertools.cycle(self._workers)
        pending: deque[tuple[_Worker, int]] = deque()
        try:
            for (start, end), worker in zip(_ranges(path), turns, strict=False):
                if len(pending) == 2 * self._jobs:
                    yield _answer(source, *pending.popleft())
                worker.give(source.name, path, start, end)
                pending.append((worker, end - start))
            while pending:
                yield _answer(source, *pending.popleft())
        finally:
            if pending:
                # Otherwise their answers would be mistaken for results of the next file.
                self._dismiss()

    def _dismiss(self) -> None:
        for worker in self._workers:
            worker.end()
        self._workers = []


class _Worker:
    """A process that checks the ranges it is given, one after the other.

    It has its own pipe, and no third process holds an end of it: if one of the two is killed, the other finds the pipe
    closed, even in the middle of a message. In a pool, whose processes share a pipe, the rest would wait forever.
    """

    def __init__(self, make: Callable[[], Check], others: Collection[_Worker]) -> None:
        # Only needed for large files.
        import multiprocessing

        context: Any = multiprocessing.get_context(_METHOD)
        self._pipe, theirs = context.Pipe()
        # A forked process inherits the ends of other pipes, and has to close them.
        foreign = [self._pipe, *(other._pipe for other in others)] if _METHOD == "fork" else []
        self._process = context.Process(target=_serve, args=(theirs, make, foreign), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, name: str, path: str, start: int, end: int) -> None:
        """Hands over a range to check."""
        # If it was killed, `take` reports it.
        with contextlib.suppress(OSError):
            self._pipe.send((name, path, start, end))

    def take(self) -> Part:
        """The result of the next range. Raises what `Crew.share` raises."""
        try:
            answer: Part | GuestcustError | OSError = self._pipe.recv()
        except (EOFError, ConnectionError):
            raise JobError(
                "a worker process was killed", hint="the system may be out of memory; try --jobs 1"
            ) from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        self._pipe.close()
        self._process.terminate()
        self._process.join()


def _answer(source: Source, worker: _Worker, size: int) -> Part:
    part = worker.take()
    if source.told:
        source.told(size)
    return part


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Starts processes that ignore Ctrl-C, which reaches all of them: the first process ends the others."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _ranges(path: str) -> Iterator[tuple[int, int]]:
    """The start and end of each range of a file; ranges end after the end of a line."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = 0
        while start < size:
            file.seek(start + _RANGE)
            while (line := file.readline(_CHUNK)) and not line.endswith(b"\n"):
                pass
            end = min(file.tell(), size) if line else size
            yield start, end
            start = end


def _serve(pipe: Connection, make: Callable[[], Check], foreign: Collection[Connection]) -> None:
    """Runs in a worker process until the first process closes the pipe."""
    for each in foreign:
        each.close()
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            name, path, start, end = pipe.recv()
            pipe.send(_answer_to(make, name, path, start, end))


def _answer_to(
    make: Callable[[], Check], name: str, path: str, start: int, end: int
) -> Part | GuestcustError | OSError:
    """The result of a range, or the exception to raise in the first process."""
    try:
        return _check(make(), name, path, start, end)
    except (GuestcustError, OSError) as error:
        return error
    except MemoryError:
        return JobError("a worker process ran out of memory", hint="try --jobs 1, or a smaller --max-size")
    except Exception as error:
        return JobError(
            f"a worker process failed on {name}: {type(error).__name__}: {error}",
            hint="this is a bug in guestcust: please report it, with the traceback that --jobs 1 shows",
        )


def _check(check: Check, name: str, path: str, start: int, end: int) -> Part:
    with open(path, "rb") as file:
        file.seek(start)
        stream = io.BufferedReader(_Range(file, end - start), _CHUNK)
        return check.part(ndjson.blocks(stream, Source(name, lambda: stream), check.max_size))


class _Range(io.RawIOBase):
    """The next `size` bytes of a file."""

    def __init__(self, file: io.BufferedIOBase, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = self._file.readinto(memoryview(buffer)[: self._left])
        self._left -= count
        return count
