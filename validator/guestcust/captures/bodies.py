"""The bodies of HTTP messages as captures hold them, and their bytes: out of base64, out of compression.

What a capture says of a body is not always so; the bytes themselves decide. Output is bounded whatever the input says.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from guestcust.errors import GuestcustError
from guestcust.model import Places

_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# Compressed more often than this is no body that a server sends.
_MOST_LAYERS = 4
_BLANK = re.compile(r"\s+")
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
        raw = from_base64(data) if body.is_base64 else None
        if raw is None:
            return data, body.places
        data = raw
    return _decompressed(data, body.encodings, max_size), fixed(body.line, body.column)


def from_base64(text: str) -> bytes | None:
    """The bytes; None where the text is no base64, as happens to bodies wrongly declared."""
    # Of JSON only a bare literal, such as null, could be taken for base64.
    if text.strip().isalnum() and is_json(text):
        return None
    try:
        return base64.b64decode(_BLANK.sub("", text), validate=True)
    except (binascii.Error, ValueError):
        return None


def is_json(text: str) -> bool:
    """Whether a text is JSON, as other tools see it."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _decompressed(data: bytes, encodings: tuple[str, ...], max_size: int) -> bytes:
    for _ in range(_MOST_LAYERS):
        decompress = _decompressor(data, encodings)
        if decompress is None:
            return data
        data = decompress(data, max_size + 1)
    raise UnreadableError(f"the body is compressed more than {_MOST_LAYERS} times over")


def _decompressor(data: bytes, encodings: tuple[str, ...]) -> Any:
    if data.startswith(_GZIP):
        return _gunzip
    if data.startswith(_ZSTD):
        return _unzstd
    # The header of zlib: "x", which begins no JSON, and a checksum.
    if len(data) > 1 and data[0] == 0x78 and int.from_bytes(data[:2], "big") % 31 == 0:
        return _inflate
    # These two begin with no mark. What the message says of them is believed of what is no text, for captures keep
    # saying so of bodies that they have decompressed.
    if ("br" in encodings or "deflate" in encodings) and not _is_text(data):
        return _unbrotli if "br" in encodings else _inflate_raw
    return None


def _is_text(data: bytes) -> bool:
    """Whether bytes are characters, none of them a control character but those that JSON has."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not _CONTROL.search(text)


def _gunzip(data: bytes, most: int) -> bytes:
    out = b""
    while data and len(out) < most:
        stream = zlib.decompressobj(wbits=31)
        out += _fed(stream, data, most - len(out), "gzip")
        data = stream.unused_data.lstrip(b"\0")
    return out


def _inflate(data: bytes, most: int) -> bytes:
    return _fed(zlib.decompressobj(), data, most, "deflate")


def _inflate_raw(data: bytes, most: int) -> bytes:
    return _fed(zlib.decompressobj(wbits=-15), data, most, "deflate")


def _fed(stream: Any, data: bytes, most: int, name: str) -> bytes:
    try:
        out: bytes = stream.decompress(data, most)
    except zlib.error as error:
        raise _broken(name, error) from None
    if not stream.eof and len(out) < most:
        raise UnreadableError(f"the {name} data of the body breaks off; it was cut")
    return out


def _unzstd(data: bytes, most: int) -> bytes:
    import zstandard

    try:
        with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(data, read_across_frames=True) as stream:
            out: bytes = stream.read(most)
            # At the end of a whole frame there is nothing to read; of one cut short, nothing either.
            if len(out) < most and not _ends_frame(data):
                raise UnreadableError("the zstd data of the body breaks off; it was cut")
            return out
    except zstandard.ZstdError as error:
        raise _broken("zstd", error) from None


def _ends_frame(data: bytes) -> bool:
    import zstandard

    while data:
        stream = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
        stream.decompress(data)
        if not stream.eof:
            return False
        data = stream.unused_data
    return True


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
        raise UnreadableError("the brotli data of the body breaks off; it was cut")
    # The limit is not met to the byte.
    return out[:most]


def _broken(name: str, error: Exception) -> UnreadableError:
    return UnreadableError(f"the {name} data of the body is broken: {error}")
