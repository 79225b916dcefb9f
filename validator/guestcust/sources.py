"""Turns the paths of a command line into sources: finds the files and opens them.

The only module of the library that walks the file system. Reading and checking must not enter here.
"""

from __future__ import annotations

import errno
import functools
import io
import os
import stat
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from guestcust.captures import TELLING, govmomi, is_text_of_http
from guestcust.captures.formats import ALL_EXTENSIONS, TEXT_EXTENSIONS
from guestcust.captures.naming import Rewound
from guestcust.errors import OptionError
from guestcust.jsontext.display import without_secrets
from guestcust.model import Source

if TYPE_CHECKING:
    from pathlib import Path

STDIN = "<stdin>"
#: The folder in which WireMock keeps bodies, beside that of the stubs.
BODIES = "__files"
#: The hidden folder in which Postman keeps the examples of a collection.
POSTMAN = ".resources"
#: The reason for skipping an excluded source.
EXCLUDED = "excluded"
_URLS = ("http://", "https://")


class Exclusion:
    """The files to skip.

    Args:
        patterns: as in a `.gitignore`.
        folder: the folder that the patterns are relative to; nothing outside it is skipped.
        files: real paths of more files to skip.

    Raises:
        OptionError: a pattern is invalid.

    """

    def __init__(self, patterns: Collection[str], folder: str = ".", files: Collection[str] = ()) -> None:
        self._specification = None
        self._files = frozenset(files)
        if not patterns:
            return
        from pathspec import GitIgnoreSpec

        try:
            self._specification = GitIgnoreSpec.from_lines(patterns)
        except ValueError as error:
            hint = "files are excluded by patterns as in a .gitignore"
            raise OptionError(f"invalid pattern: {error}", hint=hint) from None
        self._folder = os.path.abspath(folder)

    def covers(self, path: str) -> bool:
        """Whether to skip a file, or a folder if the path ends in a separator."""
        if self._files and os.path.realpath(path) in self._files:
            return True
        if self._specification is None:
            return False
        try:
            within = os.path.relpath(path, self._folder)
        except ValueError:
            # On another drive.
            return False
        if within.split(os.sep, 1)[0] == os.pardir:
            return False
        # Older versions of pathspec answer with None.
        return bool(self._specification.match_file(within + os.sep * path.endswith(os.sep)))


_NOTHING = Exclusion(())


def sources(paths: Iterable[str], exclusion: Exclusion = _NOTHING) -> Iterator[Source]:
    """The sources of each path: a file, standard input for `-`, or the files below a folder.

    In a folder, files with a known ending are sources, in the order of their names, and so are texts that begin like
    HTTP; one more source counts the others.
    Hidden files and folders are left out, except Postman's, and links to folders are not followed. A path that does not
    exist becomes a source that cannot be opened, an excluded file a source that is skipped.
    """
    for path in paths:
        if path == "-":
            yield Source(STDIN, _standard_input)
        elif os.path.isdir(path):
            yield from _folder(path, exclusion)
        else:
            opened, beside = functools.partial(_open, path), functools.partial(_open_beside, path)
            name = without_secrets(path) if path.startswith(_URLS) else path
            yield _unless(exclusion.covers(path), Source(name, opened, beside, path=path))


def total_size(paths: Iterable[str], exclusion: Exclusion = _NOTHING) -> int | None:
    """The total size of the files in bytes; None if it cannot be known in advance."""
    total = 0
    for source in sources(paths, exclusion):
        if source.name == STDIN:
            return None
        if source.skipped is not None or source.unopened is not None:
            continue
        try:
            total += os.stat(source.name).st_size
        except OSError:
            continue
    return total


def _unless(is_excluded: bool, source: Source) -> Source:
    return source._replace(skipped=EXCLUDED) if is_excluded else source


def _folder(path: str, exclusion: Exclusion) -> Iterator[Source]:
    failed: list[OSError] = []
    unopened: Counter[str] = Counter()
    for folder, folders, files in os.walk(path, onerror=failed.append):
        # Files in WireMock's folder of bodies are checked with the stubs that refer to them.
        folders[:] = sorted(name for name in folders if not _is_hidden(name) and name != BODIES)
        parts = govmomi.parts(files)
        for name in sorted(files):
            found = os.path.join(folder, name)
            if _is_hidden(name) or name in parts:
                continue
            opened, beside = functools.partial(_open_in_folder, found), functools.partial(_open_beside, found)
            if name.lower().endswith(ALL_EXTENSIONS):
                yield _unless(exclusion.covers(found), Source(found, opened, beside, path=found))
            elif exclusion.covers(found):
                continue
            elif name.lower().endswith(TEXT_EXTENSIONS) and _begins_like_http(found):
                yield Source(found, opened, beside, path=found, is_probed=True)
            else:
                unopened[os.path.splitext(name)[1].lower()] += 1
    if unopened:
        yield Source(path, functools.partial(_open, path), unopened=dict(unopened))
    for error in failed:
        name = str(error.filename)
        yield _unless(exclusion.covers(name + os.sep), Source(name, functools.partial(_fail, error)))


def _begins_like_http(path: str) -> bool:
    try:
        with _open_in_folder(path) as file:
            return is_text_of_http(file.read(TELLING))
    except OSError:
        return False


def _is_hidden(name: str) -> bool:
    return name.startswith(".") and name != POSTMAN


def _open(path: str) -> io.BufferedIOBase:
    try:
        return open(path, "rb")
    except FileNotFoundError:
        if path.startswith(_URLS):
            hint = "a URL, not a file; use `curl -sS -i URL | guestcust check -`"
            raise FileNotFoundError(errno.ENOENT, hint) from None
        raise


def _open_in_folder(path: str) -> io.BufferedIOBase:
    # A pipe named on the command line is read; reading one found in a folder could block forever.
    if stat.S_ISFIFO(os.stat(path).st_mode):
        raise OSError(errno.EINVAL, "a pipe, not a file")
    return _open(path)


def _open_beside(path: str, name: str, folder: str) -> io.BufferedIOBase:
    """Opens a file in the folder of bodies that belongs to a capture; refuses files outside it."""
    root = _bodies(path, folder)
    if root is None:
        raise FileNotFoundError(errno.ENOENT, f"there is no folder {folder} next to the stub or above it")
    from pathlib import Path

    # Not `Path.resolve`, which does not raise an OSError for circular links.
    found = Path(os.path.realpath(root / name))
    if not found.is_relative_to(root):
        raise PermissionError(errno.EACCES, f"it lies outside the folder {folder or root.name}, and is not read")
    if not stat.S_ISREG(os.stat(found).st_mode):
        raise OSError(errno.EINVAL, "not a regular file")
    return _open(str(found))


def _bodies(path: str, name: str) -> Path | None:
    """The folder of bodies: in the capture's own folder, or next to the folder `mappings` that contains the capture."""
    from pathlib import Path

    own = Path(path).resolve().parent
    folders = [own, *(folder.parent for folder in (own, *own.parents) if folder.name == "mappings")]
    return next((folder / name for folder in folders if (folder / name).is_dir()), None)


def _standard_input() -> io.BufferedIOBase:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "standard input is closed")
    # Left open after the run: it is not ours to close.
    stream = io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False))
    # Not `peek`: with something in its buffer, a reader may wait for more before it returns anything.
    begun = stream.read1()
    if not begun:
        raise OSError(errno.ENODATA, "nothing arrived on standard input; did the command before the pipe fail?")
    return io.BufferedReader(Rewound(begun, stream))


def _fail(error: OSError) -> io.BufferedIOBase:
    raise error
