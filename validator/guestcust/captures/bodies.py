"""The bodies of HTTP messages as captures hold them, and their bytes: out of base64, out of compression.

What a capture says of a body is not always so; the bytes themselves decide. Output is bounded whatever the input says.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import zlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from guestcust.errors import GuestcustError
from guestcust.model import Places

_MARKS = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_CHUNK, _PIECE = 64 * 1024, 1024
# Compressed more often than this is no body that a server sends.
_MOST_LAYERS = 4
_BLANK = re.compile(r"\s+")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class UnreadableError(GuestcustError):
    """A body that was captured cannot be read; `str()` says why."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a message as it stands in a capture."""

    data: bytes | str
    #: Where it begins in the file, 1-based.
    line: int
    column: int
    #: Finds places in the file for its characters; None where it stands there as it is.
    places: Places | None = None
    #: Whether the capture says that it is base64.
    is_base64: bool = False
    #: What the message says of compression: the values of its Content-Encoding, in small letters.
    encodings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The data as characters, whatever they mean."""
        return self.data if isinstance(self.data, str) else self.data.decode(errors="replace")


def fixed(line: int, column: int) -> Places:
    """Places of a text whose characters cannot be found in its file: all are where it begins."""
    return partial(_fixed, place=(line, column))


def _fixed(text: str, offsets: Iterable[int], place: tuple[int, int]) -> dict[int, tuple[int, int]]:
    return dict.fromkeys(offsets, place)


def content(body: Body, max_size: int) -> tuple[bytes | str, Places | None]:
    """The text of a body, and how to find places in it.

    What is longer than `max_size` bytes is cut just behind, for the judge to see.

    Raises:
        UnreadableError: the compression is broken off, or not known.

    """
    data = body.data
    if isinstance(data, str):
        raw = from_base64(data) if body.is_base64 else _from_characters(data)
        if raw is None:
            if body.is_base64 and _BASE64.fullmatch(data) and not is_json(data):
                raise UnreadableError("the base64 of the body breaks off; it was cut")
            return data, body.places
        data = raw
    return _decompressed(data, body.encodings, max_size), fixed(body.line, body.column)


def from_base64(text: str) -> bytes | None:
    """The bytes; None where the text is no base64, as happens to bodies wrongly declared."""
    # Of JSON only a bare literal, such as null, could be taken for base64.
    if text.strip().isalnum() and is_json(text):
        return None
    # Some leave the padding out.
    bare = _BLANK.sub("", text).rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _from_characters(text: str) -> bytes | None:
    """The compressed bytes that a capture has kept as characters; None where the text is none of that."""
    if not text.startswith(("\x1f\x8b", "\x1f\ufffd", "(\xb5/\xfd", "(\ufffd/\ufffd")):
        return None
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise UnreadableError(
            "the body is compressed, and was recorded as text, which has lost some of it; let the tool decompress it"
        ) from None


def is_json(text: str) -> bool:
    """Whether a text is JSON, as other tools see it."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _decompressed(data: bytes, encodings: tuple[str, ...], max_size: int) -> bytes:
    declared = list(encodings)
    for layer in range(_MOST_LAYERS + 1):
        name = _compression_of(data, declared)
        if name is None:
            return data
        if layer < _MOST_LAYERS:
            data = _DECOMPRESS[name](data, max_size + 1)
        # What was declared once is undone once; "deflate" means both forms of it in practice (RFC 9110, 8.4.1.2).
        said = "deflate" if name == "zlib" else name
        if said in declared:
            declared.remove(said)
    raise UnreadableError(f"the body is compressed more than {_MOST_LAYERS} times over")


def _compression_of(data: bytes, declared: Collection[str]) -> str | None:
    marked = compression(data)
    # The header of zlib: "x", which begins no JSON, and a checksum.
    if marked is None and data[:1] == b"x" and len(data) > 1 and int.from_bytes(data[:2], "big") % 31 == 0:
        return "zlib"
    # These two begin with no mark. What the message says of them is believed of what is no text, for captures keep
    # saying so of bodies that they have decompressed.
    if marked is None and not _is_text(data):
        return next((name for name in ("br", "deflate") if name in declared), None)
    return marked


def _is_text(data: bytes) -> bool:
    """Whether bytes are characters, none of them a control character but those that JSON has."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not _CONTROL.search(text)


def _gunzip(data: bytes, most: int) -> bytes:
    return unpacked(io.BytesIO(data), "gzip").read(most)


def _unzstd(data: bytes, most: int) -> bytes:
    return unpacked(io.BytesIO(data), "zstd").read(most)


def _inflate(data: bytes, most: int) -> bytes:
    return _fed(zlib.decompressobj(), data, most)


def _inflate_raw(data: bytes, most: int) -> bytes:
    return _fed(zlib.decompressobj(wbits=-15), data, most)


def _fed(stream: Any, data: bytes, most: int) -> bytes:
    try:
        out: bytes = stream.decompress(data, most)
    except zlib.error as error:
        raise _broken("deflate", error) from None
    if not stream.eof and len(out) < most:
        raise _cut("deflate")
    return out


def _unbrotli(data: bytes, most: int) -> bytes:
    import brotli  # type: ignore[import-untyped]

    stream = brotli.Decompressor()
    try:
        out: bytes = stream.process(data, output_buffer_limit=most)
        while len(out) < most and not stream.is_finished() and not stream.can_accept_more_data():
            out += stream.process(b"", output_buffer_limit=most - len(out))
    except brotli.error as error:
        raise _broken("brotli", error) from None
    if not stream.is_finished() and len(out) < most:
        raise _cut("brotli")
    # The limit is not met to the byte.
    return out[:most]


_DECOMPRESS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "zstd": _unzstd,
    "zlib": _inflate,
    "deflate": _inflate_raw,
    "br": _unbrotli,
}


def _broken(name: str, error: Exception) -> UnreadableError:
    return UnreadableError(f"the {name} data is broken: {error}")


def _cut(name: str) -> UnreadableError:
    return UnreadableError(f"the {name} data breaks off; it was cut")


def compression(head: bytes) -> str | None:
    """The compression that marks its data with how it begins; None where there is none."""
    return next((name for name, mark in _MARKS.items() if head.startswith(mark)), None)


def unpacked(stream: Any, name: str) -> io.BufferedReader:
    """What a stream gives behind its compression, member after member; broken or cut it raises `UnreadableError`."""
    return io.BufferedReader(_Unpacked(stream, name), _CHUNK)


class _Unpacked(io.RawIOBase):
    def __init__(self, stream: Any, name: str) -> None:
        self._name = name
        if name == "gzip":
            import gzip

            self._read: Callable[[int], bytes | memoryview] = gzip.GzipFile(fileobj=stream).read
        else:
            self._read = _ZstdFrames(stream).read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            chunk = self._read(len(buffer))
        except EOFError:
            raise _cut(self._name) from None
        except (zlib.error, ValueError) as error:
            raise _broken(self._name, error) from None
        except OSError as error:
            # Of the stream beneath, or of gzip itself.
            if error.errno is not None:
                raise
            raise _broken(self._name, error) from None
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _ZstdFrames:
    """Frames of zstd one after the other; zstandard's own reader takes one that was cut for a whole one."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._ahead = b""
        self._frame: Any = None
        self._out = memoryview(b"")

    def read(self, size: int) -> memoryview:
        import zstandard

        while not self._out:
            # Of so few bytes there is no more to come than memory has room for.
            piece = self._ahead or self._stream.read(_PIECE)
            if not piece:
                if self._frame is not None:
                    raise EOFError
                break
            if self._frame is None:
                self._frame = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
            try:
                self._out = memoryview(self._frame.decompress(piece))
            except zstandard.ZstdError as error:
                raise ValueError(str(error)) from None
            self._ahead = b""
            if self._frame.eof:
                self._ahead, self._frame = self._frame.unused_data, None
        chunk, self._out = self._out[:size], self._out[size:]
        return chunk
