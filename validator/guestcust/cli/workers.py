"""Large files of lines shared among processes, which check them range by range.

A range is whole lines, few enough that what is found in several of them fits into memory. Starts processes, and is the
only room that does; what they do with a range, `check` says.
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
from guestcust.errors import JobError
from guestcust.model import Source
from guestcust.pipeline import Check, Part

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

#: A file of this size, in bytes, is worth the start of processes.
LARGE = 32 * 1024 * 1024
# Where it is safe, a process is forked, and has at once what the first one has imported and compiled; nothing here has
# threads. The system libraries of macOS have some.
_METHOD = "fork" if sys.platform == "linux" else "spawn"
_RANGE = 2 * 1024 * 1024
_CHUNK = 64 * 1024


def available() -> int:
    """How many processors there are to use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Crew:
    """Processes that are started once there is a file for them, and end with the `with` block.

    Args:
        jobs: how many.
        make: makes the check of each process; is pickled.
        format: the format that was said, one of `captures.FORMATS`, or "auto".
        large: the least size of a file that is shared, in bytes.

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
        """The parts of a source in its order; None where it is not one to be shared.

        Raises:
            JobError: while iterating: a process was killed.
            OSError: the file cannot be read, then or while iterating.

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
        # Each has its turn, so that what comes back is in order, and two ranges in hand, so that none waits.
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
                # Their answers would be taken for those about the next file.
                self._dismiss()

    def _dismiss(self) -> None:
        for worker in self._workers:
            worker.end()
        self._workers = []


class _Worker:
    """A process that checks the ranges it is given, one after the other.

    It has a pipe of its own, of which nobody else holds an end: whichever of the two processes is killed, the other
    finds the pipe closed, even in the middle of a message. A pool, whose processes share a pipe, waits for ever then.
    """

    def __init__(self, make: Callable[[], Check], others: Collection[_Worker]) -> None:
        # Imported for large files alone.
        import multiprocessing

        context: Any = multiprocessing.get_context(_METHOD)
        self._pipe, theirs = context.Pipe()
        # What is forked has the ends of pipes that are not its own; it has to let go of them.
        foreign = [self._pipe, *(other._pipe for other in others)] if _METHOD == "fork" else []
        self._process = context.Process(target=_serve, args=(theirs, make, foreign), daemon=True)
        self._process.start()
        theirs.close()

    def give(self, name: str, path: str, start: int, end: int) -> None:
        """Gives it a range to check."""
        # Where it was killed, `take` says so.
        with contextlib.suppress(OSError):
            self._pipe.send((name, path, start, end))

    def take(self) -> Part:
        """What the next range came to. Raises as `Crew.share` does."""
        try:
            answer: Part | OSError = self._pipe.recv()
        except (EOFError, ConnectionError):
            raise JobError(
                "one of the processes that check the input was killed",
                hint="memory may be short; --jobs 1 does with one process",
            ) from None
        if isinstance(answer, OSError):
            raise answer
        return answer

    def end(self) -> None:
        """Ends it, whatever it is doing."""
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
    """Lets processes be started that Ctrl-C, which reaches all, does not end: the first one ends the others."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _ranges(path: str) -> Iterator[tuple[int, int]]:
    """Where ranges of a file begin and end, each behind the end of a line."""
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
    """What a process of the crew does, until the first one has no more for it, or is gone."""
    for each in foreign:
        each.close()
    with contextlib.suppress(EOFError, ConnectionError):
        while True:
            name, path, start, end = pipe.recv()
            try:
                pipe.send(_check(make(), name, path, start, end))
            except OSError as error:
                if isinstance(error, ConnectionError):
                    raise
                pipe.send(error)


def _check(check: Check, name: str, path: str, start: int, end: int) -> Part:
    with open(path, "rb") as file:
        file.seek(start)
        stream = io.BufferedReader(_Range(file, end - start), _CHUNK)
        return check.part(ndjson.blocks(stream, Source(name, lambda: stream), check.max_size))


class _Range(io.RawIOBase):
    """So many bytes of a file, from where it stands."""

    def __init__(self, file: io.BufferedIOBase, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        count = self._file.readinto(memoryview(buffer)[: self._left])
        self._left -= count
        return count
