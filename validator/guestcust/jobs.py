"""Large files of lines shared among processes, which check them range by range.

A range is whole lines, few enough that what is found in several of them fits into memory. Starts processes, and is the
only room that does; what they do with a range, `check` says.
"""

from __future__ import annotations

import io
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from guestcust.captures import ndjson
from guestcust.captures.bodies import compression
from guestcust.check import Check, Part
from guestcust.errors import JobError
from guestcust.model import Source

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

#: A file of this size, in bytes, is worth the start of processes.
LARGE = 32 * 1024 * 1024
_RANGE = 1024 * 1024
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
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def share(self, source: Source) -> Iterator[Part] | None:
        """The parts of a source in its order; None where it is not one to be shared.

        Raises:
            JobError: while iterating: a process was killed.
            OSError: the file cannot be read, then or while iterating.

        """
        if (
            self._jobs == 1
            or source.path is None
            or not self._is_lines(source.path)
            or os.path.getsize(source.path) < self._large
        ):
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
        # Imported for large files alone, as in `_begin`.
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool

        if self._pool is None:
            # Not forked: a progress bar has a thread, and a lock that it holds would be held for ever.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._jobs, context, _begin, (self._make,))
        pending: deque[tuple[Future[Part], int]] = deque()
        try:
            for start, end in _ranges(path):
                pending.append((self._pool.submit(_check, source.name, path, start, end), end - start))
                # One range in hand for each, so that nobody waits, and no more, so that little is held.
                if len(pending) > 2 * self._jobs:
                    yield _done(pending.popleft(), source)
            while pending:
                yield _done(pending.popleft(), source)
        except BrokenProcessPool:
            raise JobError(
                f"one of the {self._jobs} processes that check {source.name} was killed",
                hint="memory may be short; --jobs 1 does with one process",
            ) from None


def _done(pending: tuple[Future[Part], int], source: Source) -> Part:
    future, size = pending
    part = future.result()
    if source.told:
        source.told(size)
    return part


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


_make_check: Callable[[], Check]


def _begin(make: Callable[[], Check]) -> None:
    """Prepares a process of the crew."""
    import multiprocessing
    import threading

    global _make_check
    _make_check = make
    # Ctrl-C reaches all; it is the first process that ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_after, args=(parent.join,), daemon=True).start()


def _end_after(wait: Callable[[], None]) -> None:
    # Were the first process killed, this one would wait for ever for what to do next.
    wait()
    os._exit(1)


def _check(name: str, path: str, start: int, end: int) -> Part:
    with open(path, "rb") as file:
        file.seek(start)
        check = _make_check()
        stream = io.BufferedReader(_Range(file, end - start), _CHUNK)
        return check.part(ndjson.blocks(stream, Source(name, lambda: stream), check.max_size))


class _Range(io.RawIOBase):
    """So many bytes of a file, from where it stands."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = self._file.read(min(len(buffer), self._left))
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)
