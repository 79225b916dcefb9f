"""Captures in zip archives, read without extracting anything."""

from __future__ import annotations

import errno
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from guestcust.captures.containers import UnreadableError, broken, cut
from guestcust.captures.documents import limit
from guestcust.captures.naming import Rewound
from guestcust.model import Source

# Enough for the directory of some ten thousand files.
_MOST_AT_ONCE = 1024 * 1024
_CHUNK = 64 * 1024
# Playwright names a body after the hash of its content.
_SHA1 = re.compile(r"(?:\A|/)[0-9a-f]{40}\.\w+\Z")
_FIDDLER = re.compile(r"raw/[0-9]+_s\.txt\Z")
# A file that expands by more than both limits is treated as a bomb.
_MOST_OUTPUT, _MOST_RATIO = 2**30, 200
_ENCRYPTED = 1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile raises for broken archives, apart from OSError.
_BROKEN = (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, RuntimeError, OverflowError, IndexError)


def files(
    stream: io.BufferedIOBase, head: bytes, source: Source, max_size: int, extensions: tuple[str, ...]
) -> Iterator[tuple[io.BufferedReader, Source]]:
    """The files of an archive that may be captures. Arguments and errors as for `containers.files`.

    `head` has the bytes that were already read from the stream.
    """
    archive = _opened(stream, head, limit(max_size))
    bodies = _bodies(archive)
    chosen = [info for info in archive.infolist() if _is_capture(info.filename, extensions)]
    chosen = [info for info in chosen if info.filename not in bodies]
    if not chosen and any(map(_FIDDLER.match, archive.namelist())):
        raise UnreadableError("it is a session of Fiddler, which is not read; export it as HTTPArchive (HAR)")
    if not chosen:
        raise UnreadableError(f"the zip archive holds no file ending in {', '.join(extensions)}")
    # Entries that share data can make a small archive expand almost without limit.
    if sum(info.compress_size for info in chosen) > archive.start_dir:
        raise broken("zip", "its files overlap")
    for info in chosen:
        beside = partial(_beside, archive, info.filename)
        name = f"{source.name}/{info.filename}"
        yield _read(archive, info), Source(name, partial(_read, archive, info), beside)


def _opened(stream: io.BufferedIOBase, head: bytes, most: int) -> zipfile.ZipFile:
    if not stream.seekable():
        data = io.BufferedReader(Rewound(head, stream)).read(most + 1)
        if len(data) > most:
            raise UnreadableError(f"the zip archive is longer than {most} bytes; save it as a file, and check that")
        stream = io.BytesIO(data)
    try:
        return zipfile.ZipFile(_Bounded(stream))
    except _BROKEN as error:
        raise broken("zip", error) from None


def _bodies(archive: zipfile.ZipFile) -> frozenset[str]:
    """The files in which Playwright keeps bodies, which are read with the HAR or the trace that names them."""
    names = archive.namelist()
    hars, traces = (
        {posixpath.dirname(name) for name in names if name.lower().endswith(ending)} for ending in (".har", ".network")
    )
    return frozenset(
        name
        for name in names
        if (_SHA1.search(name) and posixpath.dirname(name) in hars)
        or (
            posixpath.basename(folder := posixpath.dirname(name)) == "resources" and posixpath.dirname(folder) in traces
        )
    )


def _is_capture(name: str, extensions: tuple[str, ...]) -> bool:
    *folders, own = name.lower().split("/")
    # Body files are read with their stubs; macOS's folder contains no captures.
    parts = {*folders, own} - {"", ".", "..", ".resources"}
    return own.endswith(extensions) and not any(part.startswith((".", "__files", "__macosx")) for part in parts)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> io.BufferedReader:
    return io.BufferedReader(_Member(archive, info), _CHUNK)


def _beside(archive: zipfile.ZipFile, capture: str, name: str, folder: str) -> io.BufferedIOBase:
    """Opens a file of the archive that a capture in it refers to; see `Source.beside`."""
    own = posixpath.dirname(capture)
    for base in (own, posixpath.dirname(own)) if folder else (own,):
        found = archive.NameToInfo.get(posixpath.normpath(posixpath.join(base, folder, name)))
        if found:
            return _read(archive, found)
    raise FileNotFoundError(errno.ENOENT, "there is no such file in the archive")


class _Member(io.RawIOBase):
    """A file of an archive, opened on the first read. Raises `UnreadableError` if it is broken."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive = archive
        self._info = info
        self._file: Any = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        info = self._info
        if info.flag_bits & _ENCRYPTED:
            raise UnreadableError(f"{info.filename} is encrypted; unpack the archive first")
        if info.file_size > max(_MOST_OUTPUT, _MOST_RATIO * info.compress_size):
            raise UnreadableError(f"{info.filename} expands more than {_MOST_RATIO} times; it may be a bomb")
        if info.compress_type not in _METHODS:
            raise UnreadableError(f"{info.filename} is packed by a method that is not supported; unpack the archive")
        try:
            self._file = self._file or self._archive.open(info)
            chunk = self._file.read(len(buffer))
        except EOFError:
            raise cut("zip") from None
        except (*_BROKEN, zlib.error) as error:
            raise broken("zip", error) from None
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Bounded:
    """A seekable stream that limits the size of one read, so that memory stays bounded."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self._stream = stream
        self.tell = stream.tell
        self.close = stream.close

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        try:
            return self._stream.seek(offset, whence)
        except OSError as error:
            # An offset before the beginning.
            if error.errno != errno.EINVAL:
                raise
            raise ValueError(error.strerror) from None

    def read(self, size: int = -1) -> bytes:
        if size > _MOST_AT_ONCE:
            raise UnreadableError(f"the directory of the zip archive is longer than {_MOST_AT_ONCE} bytes; unpack it")
        return self._stream.read(size)
