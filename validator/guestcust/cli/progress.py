"""The progress bar on stderr, and writing to stdout without disturbing it."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from guestcust.model import Source
from guestcust.sources import Exclusion, total_size

# Smaller input is done before a bar would show, in bytes.
_LARGE = 16 * 1024 * 1024

# Seconds between two flushes of stdout.
_PAUSE = 0.1


class Silent:
    """No progress bar: text goes straight to stdout.

    Args:
        may_wait: whether reading the input may block. If so, each piece is flushed at once; otherwise now and then,
            for a flush costs as much as checking a payload.

    """

    def __init__(self, may_wait: bool) -> None:
        self._may_wait = may_wait
        self._due = 0.0

    def watched(self, source: Source) -> Source:
        """The source; reading it moves the bar."""
        return source

    def write(self, piece: str) -> None:
        """Writes a piece of a report to stdout."""
        sys.stdout.write(piece)
        if self._may_wait or time.monotonic() > self._due:
            sys.stdout.flush()
            self._due = time.monotonic() + _PAUSE


class _Bar(Silent):
    """A progress bar on stderr, cleared whenever text goes to stdout."""

    def __init__(self, bar: Any) -> None:
        super().__init__(may_wait=True)
        self._bar = bar

    def watched(self, source: Source) -> Source:
        count = self._bar.update
        return source._replace(open=lambda: io.BufferedReader(_Counted(source.open(), count)), told=count)

    def write(self, piece: str) -> None:
        # The next update draws it again.
        self._bar.clear()
        super().write(piece)


class _Counted(io.RawIOBase):
    """A stream that reports how much was read from it."""

    def __init__(self, stream: io.BufferedIOBase, read: Any) -> None:
        self._stream = stream
        self._read = read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._stream.readinto1(buffer)
        self._read(count)
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


@contextlib.contextmanager
def progress(paths: tuple[str, ...], exclusion: Exclusion) -> Iterator[Silent]:
    """The progress bar for some paths, if stderr is a terminal and the input is large."""
    # A pipe, or a terminal.
    may_wait = not all(os.path.isfile(path) or os.path.isdir(path) for path in paths)
    if sys.stderr is None or not sys.stderr.isatty():
        yield Silent(may_wait)
        return
    total = total_size(paths, exclusion)
    if total is not None and total < _LARGE:
        yield Silent(may_wait)
        return
    from tqdm import tqdm

    # Without its thread, for `workers` forks.
    tqdm.monitor_interval = 0
    with tqdm(total=total, unit="B", unit_scale=True, leave=False, file=sys.stderr, delay=1) as bar:
        yield _Bar(bar)
