"""Paths as sources: which files a command line means, and how each is opened.

The only room of the library that touches the file system on its own; it neither reads nor judges.
"""

from __future__ import annotations

import errno
import functools
import io
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from guestcust.captures import ALL_EXTENSIONS
from guestcust.model import Source

STDIN = "<stdin>"
#: The folder in which WireMock keeps bodies, beside that of the stubs.
BODIES = "__files"


def sources(paths: Iterable[str]) -> Iterator[Source]:
    """A source for each path: a file as it is, `-` as standard input, a folder as the files below it.

    In folders only files with a known ending count, in the order of their names; hidden files and folders do not, nor
    what lies behind a link to a folder. A path that is not there becomes a source that cannot be opened.
    """
    for path in paths:
        if path == "-":
            yield Source(STDIN, _standard_input)
        elif os.path.isdir(path):
            yield from _folder(path)
        else:
            yield Source(path, functools.partial(_open, path), functools.partial(_open_beside, path))


def total_size(paths: Iterable[str]) -> int | None:
    """How many bytes the paths hold; None where that cannot be told beforehand."""
    total = 0
    for source in sources(paths):
        if source.name == STDIN:
            return None
        try:
            total += Path(source.name).stat().st_size
        except OSError:
            continue
    return total


def _folder(path: str) -> Iterator[Source]:
    failed: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=failed.append):
        # What lies in WireMock's folder of bodies is judged with the stubs that name it.
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != BODIES)
        for name in sorted(files):
            if name.lower().endswith(ALL_EXTENSIONS) and not name.startswith("."):
                found = os.path.join(folder, name)
                opened, beside = functools.partial(_open_in_folder, found), functools.partial(_open_beside, found)
                yield Source(found, opened, beside)
    for error in failed:
        yield Source(str(error.filename), functools.partial(_fail, error))


def _open(path: str) -> io.BufferedIOBase:
    return open(path, "rb")


def _open_in_folder(path: str) -> io.BufferedIOBase:
    # One that was named is read; one that was only come across would be waited on for ever.
    if stat.S_ISFIFO(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "a pipe, not a file")
    return _open(path)


def _open_beside(path: str, name: str) -> io.BufferedIOBase:
    """Opens a file of the folder of bodies that belongs to a stub, and none outside it."""
    root = _bodies(path)
    if root is None:
        raise FileNotFoundError(errno.ENOENT, f"there is no folder {BODIES} beside the stub or above it")
    found = (root / name).resolve()
    if not found.is_relative_to(root):
        raise PermissionError(errno.EACCES, f"it lies outside the folder {BODIES}, and is not read")
    if not stat.S_ISREG(os.stat(found).st_mode):
        raise OSError(errno.EINVAL, "it is no file")
    return _open(str(found))


def _bodies(path: str) -> Path | None:
    """The folder of bodies: in the stub's own folder, or beside the folder `mappings` that the stub lies in."""
    own = Path(path).resolve().parent
    folders = [own, *(folder.parent for folder in (own, *own.parents) if folder.name == "mappings")]
    return next((folder / BODIES for folder in folders if (folder / BODIES).is_dir()), None)


def _standard_input() -> io.BufferedIOBase:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    # Left open behind the run: it is not ours to close.
    return io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False))


def _fail(error: OSError) -> io.BufferedIOBase:
    raise error
