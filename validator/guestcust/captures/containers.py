"""Recognises compressed streams and archives by their first bytes, and unpacks streams.

One level is unpacked, as it is read and never onto the disk. Memory and output are bounded. `archives` has zip.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from guestcust.captures.naming import Rewound
from guestcust.errors import GuestcustError
from guestcust.model import Source

#: The endings of packed files' names.
EXTENSIONS = (".gz", ".zst", ".xz", ".bz2", ".zip")
_MARKS = {
    "gzip": (b"\x1f\x8b",),
    "zstd": (b"\x28\xb5\x2f\xfd",),
    "xz": (b"\xfd7zXZ\0",),
    "bzip2": tuple(b"BZh%d1AY&SY" % level for level in range(1, 10)),
    # The headers of all streams with a window of 32 KiB and no dictionary.
    "zlib": (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda"),
}
_ANY_MARK = tuple(mark for marks in _MARKS.values() for mark in marks)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# Recognised only to be reported: the standard library cannot read them, or not safely from a stream.
_UNSUPPORTED = {
    "7z": b"7z\xbc\xaf\x27\x1c",
    "rar": b"Rar!\x1a\x07",
    "lz4": b"\x04\x22\x4d\x18",
    "lzip": b"LZIP\1",
    "compress": b"\x1f\x9d",
}
_TAR, _TAR_AT = b"ustar", 257
# The length of the longest magic number, except that of tar.
_TELLING = 10
_CHUNK, _PIECE = 64 * 1024, 1024
_MOST_MEMORY = 2**27
# Output that exceeds both limits, in bytes and in multiples of the compressed size, is treated as a bomb.
_MOST_OUTPUT, _MOST_RATIO = 2**30, 2000


class UnreadableError(GuestcustError):
    """A captured body, or a capture, cannot be read; `str()` says why."""

    code = "unreadable"


class UnrelatedError(GuestcustError):
    """A file that cannot be read has no sign of a payload; `str()` says what is wrong with it."""

    code = "unrelated"


def compression(head: bytes) -> str | None:
    """The compression whose magic number the data begins with; None if there is none."""
    if not head.startswith(_ANY_MARK):
        return None
    name = next((name for name, marks in _MARKS.items() if head.startswith(marks)), None)
    # That of zlib is short, and text may begin with it.
    return None if name == "zlib" and re.fullmatch(rb"[\t\n\r -~]{4,}", head[:_TELLING]) else name


def files(
    stream: io.BufferedIOBase, source: Source, max_size: int, extensions: tuple[str, ...]
) -> Iterator[tuple[io.BufferedReader, Source]]:
    """The files in a stream: the stream itself, unpacked, or the files of a zip archive. Read each before the next.

    Args:
        stream: the bytes, packed or not.
        source: their source; each file in an archive gets its own.
        max_size: the limit for an archive that has to be kept in memory because its stream is not seekable.
        extensions: the endings of names that select files in an archive.

    Raises:
        UnreadableError: while iterating or reading: the container is broken, cut off, not supported, or packed twice.
        OSError: while iterating or reading: the stream could not be read.

    """
    head, rewound = _peeked(stream)
    if head.startswith(_ZIP):
        from guestcust.captures import archives

        for member, inside in archives.files(stream, head, source, max_size, extensions):
            start, rewound = _peeked(member)
            _require_unpacked(start, "zip")
            _require_supported(start)
            yield rewound, inside
        return
    name = compression(head)
    if name:
        head, rewound = _peeked(unpacked(rewound, name))
        _require_unpacked(head, name)
    _require_supported(head)
    yield rewound, source


def _peeked(stream: io.BufferedIOBase) -> tuple[bytes, io.BufferedReader]:
    """The first bytes of a stream, and the stream with them put back."""
    head = b""
    while len(head) < _TELLING and (more := stream.read1(_CHUNK)):
        head += more
    return head, io.BufferedReader(Rewound(head, stream), _CHUNK)


def _require_unpacked(head: bytes, within: str) -> None:
    packed = "zip" if head.startswith(_ZIP) else compression(head)
    if packed:
        raise UnreadableError(f"the file is packed twice: {packed} inside {within}; unpack it once")


def _require_supported(head: bytes) -> None:
    packed = next((name for name, mark in _UNSUPPORTED.items() if head.startswith(mark)), None)
    # A name of a file that is padded with zeros comes before the mark.
    is_tar = head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR and b"\0" in head[:_TAR_AT]
    if packed or is_tar:
        raise UnreadableError(f"{packed or 'tar'} files are not supported; unpack it first")


def broken(name: str, error: object) -> UnreadableError:
    """The error for packed data that is broken."""
    return UnreadableError(f"the {name} data is broken: {error}")


def cut(name: str) -> UnreadableError:
    """The error for packed data that ends too early."""
    return UnreadableError(f"the {name} data is incomplete; it was cut off")


def unpacked(stream: Any, name: str) -> io.BufferedReader:
    """The data of a compressed stream, frame after frame. Raises `UnreadableError` if it is broken or truncated."""
    return io.BufferedReader(_Unpacked(stream, name), _CHUNK)


class _Counted:
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        chunk: bytes = self._stream.read(size)
        self.count += len(chunk)
        return chunk


class _Unpacked(io.RawIOBase):
    def __init__(self, stream: Any, name: str) -> None:
        self._name = name
        self._packed = _Counted(stream)
        self._output = 0
        self._read: Callable[[int], bytes | memoryview]
        if name == "gzip":
            import gzip

            self._read = gzip.GzipFile(fileobj=self._packed).read  # type: ignore[call-overload]
        else:
            self._read = _Frames(self._packed, name).read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self._read(len(buffer))
        except EOFError:
            raise cut(self._name) from None
        except (zlib.error, ValueError) as error:
            raise broken(self._name, error) from None
        except OSError as error:
            # Only errors of the underlying stream have an errno; the others mean that the data is broken.
            if error.errno is not None:
                raise
            raise broken(self._name, error) from None
        self._output += len(chunk)
        if self._output > max(_MOST_OUTPUT, _MOST_RATIO * self._packed.count):
            raise UnreadableError(f"the {self._name} data expands more than {_MOST_RATIO} times; it may be a bomb")
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Frames:
    """Compressed frames one after the other, of every compression but gzip."""

    def __init__(self, stream: _Counted, name: str) -> None:
        self._stream = stream
        self._start, self._error = _DECOMPRESSORS[name]()
        # zstd cannot limit its output, but the output of so small a piece fits into memory.
        self._is_limited = name != "zstd"
        self._ahead = b""
        self._frame: Any = None
        self._out = memoryview(b"")
        self._may_have_more = False

    def read(self, size: int) -> memoryview:
        while not self._out:
            piece = b""
            if not self._may_have_more:
                piece = self._ahead or self._stream.read(_PIECE)
                self._ahead = b""
                if not piece:
                    if self._frame is not None:
                        raise EOFError
                    break
            if self._frame is None:
                # xz pads its frames with zeros.
                piece = piece.lstrip(b"\0")
                if not piece:
                    continue
                self._frame = self._start()
            piece = getattr(self._frame, "unconsumed_tail", b"") + piece
            try:
                out = self._frame.decompress(piece, size) if self._is_limited else self._frame.decompress(piece)
            except self._error as error:
                raise ValueError(str(error)) from None
            self._may_have_more = self._is_limited and len(out) >= size
            if self._frame.eof:
                self._ahead, self._frame, self._may_have_more = self._frame.unused_data, None, False
            self._out = memoryview(out)
        chunk, self._out = self._out[:size], self._out[size:]
        return chunk


def _zstd() -> tuple[Callable[[], Any], type[Exception]]:
    import zstandard

    return lambda: zstandard.ZstdDecompressor(max_window_size=_MOST_MEMORY).decompressobj(), zstandard.ZstdError


def _xz() -> tuple[Callable[[], Any], type[Exception]]:
    import lzma

    return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY), lzma.LZMAError


def _bzip2() -> tuple[Callable[[], Any], type[Exception]]:
    import bz2

    return bz2.BZ2Decompressor, OSError


# Imported on demand; each returns a function that starts a frame, and the exception for a broken one.
_DECOMPRESSORS: dict[str, Callable[[], tuple[Callable[[], Any], type[Exception]]]] = {
    "zstd": _zstd,
    "xz": _xz,
    "bzip2": _bzip2,
    "zlib": lambda: (zlib.decompressobj, zlib.error),
}
