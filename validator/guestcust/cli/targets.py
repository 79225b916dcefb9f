"""Report files, written whole or not at all.

Only writes to the file system; independent of report formats.
"""

from __future__ import annotations

import contextlib
import os
import stat
from types import TracebackType
from typing import TextIO

from guestcust.errors import OptionError


class Target:
    """A file in progress: written under a temporary name beside the path until `commit` moves it there.

    An existing path that is not a regular file, such as a pipe or a terminal, is written to directly.

    Raises:
        OptionError: the file cannot be written.

    """

    def __init__(self, path: str) -> None:
        self._path = path
        # A link remains a link; its target is replaced.
        self._place = os.path.realpath(path)
        self._temporary: str | None = None
        try:
            self._file = self._open()
        except OSError as error:
            raise OptionError(
                f"{path} cannot be written: {error.strerror or error}", hint="name a file in an existing folder"
            ) from None

    def __enter__(self) -> Target:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        if self._temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._temporary)

    def write(self, text: str) -> None:
        """Writes a piece of the report. Raises OSError if that fails."""
        self._file.write(text)

    def commit(self) -> None:
        """Moves the file to its path. Raises OSError if that fails."""
        self._file.flush()
        if self._temporary is not None:
            self._file.close()
            os.replace(self._temporary, self._place)
            self._temporary = None

    def _open(self) -> TextIO:
        present: os.stat_result | None = None
        with contextlib.suppress(FileNotFoundError):
            present = os.stat(self._path)
        if present is None:
            return self._begun()
        if stat.S_ISDIR(present.st_mode):
            raise IsADirectoryError("it is a folder")
        # /dev/stdout may be a log file with other content, which must not be replaced.
        shared = next((stream for stream in (1, 2) if _leads_to(stream, present)), None)
        if shared is not None:
            return _text(os.dup(shared), "w")
        if not stat.S_ISREG(present.st_mode):
            return _text(self._path, "w")
        file = self._begun()
        os.chmod(file.fileno(), stat.S_IMODE(present.st_mode))
        return file

    def _begun(self) -> TextIO:
        import secrets

        temporary = f"{self._place}.{secrets.token_hex(4)}.part"
        file = _text(temporary, "x")
        self._temporary = temporary
        return file


def _text(file: str | int, mode: str) -> TextIO:
    return open(file, mode, encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[return-value]


def _leads_to(stream: int, file: os.stat_result) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(os.fstat(stream), file)
    return False
