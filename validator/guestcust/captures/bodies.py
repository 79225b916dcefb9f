"""The bodies of HTTP messages as captures store them, and their bytes without base64 and compression.

What a capture says about a body is often wrong, so the bytes decide. Output is bounded whatever the input claims.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
import zlib
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any, NamedTuple

from guestcust.captures.containers import UnreadableError, broken, compression, cut, unpacked
from guestcust.model import Places, Start

# No server compresses a body more often.
_MOST_LAYERS = 4
_BLANK = re.compile(r"\s+")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Body(NamedTuple):
    """The body of a message as a capture stores it."""

    data: bytes | str
    #: Finds where it begins.
    start: Start
    #: Returns positions in the file for its characters; None if the file contains the text unchanged.
    places: Places | None = None
    #: Whether the capture declares it as base64.
    is_base64: bool = False
    #: The values of the message's Content-Encoding, in lower case.
    encodings: tuple[str, ...] = ()


def fixed(start: Start) -> Places:
    """Positions for a text whose characters cannot be located in the file: all are where it begins."""
    return partial(_fixed, start=start)


def _fixed(text: str, offsets: Iterable[int], start: Start) -> dict[int, tuple[int, int]]:
    return dict.fromkeys(offsets, start())


def content(body: Body, max_size: int) -> tuple[bytes | str, Places | None]:
    """The text of a body, and a function for positions in it.

    A text longer than `max_size` bytes is cut after one byte more, which the validator reports.

    Raises:
        UnreadableError: the compressed or encoded data is broken or cut off.

    """
    data = body.data
    if isinstance(data, str):
        raw = from_base64(data) if body.is_base64 else _from_characters(data)
        if raw is None:
            if body.is_base64 and _BASE64.fullmatch(data) and not is_json(data):
                raise UnreadableError("the base64 of the body is incomplete; it was cut off")
            return data, body.places
        data = raw
    return _decompressed(data, body.encodings, max_size), fixed(body.start)


def from_base64(text: str) -> bytes | None:
    """The bytes; None if the text is not base64, although the capture says so."""
    # The only JSON that also looks like base64 is a bare literal, such as null.
    if text.strip().isalnum() and is_json(text):
        return None
    # Some tools omit the padding.
    bare = _BLANK.sub("", text).rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def from_chunks(text: str, decode: Callable[[str], bytes | None], encodings: Collection[str]) -> bytes | None:
    """The bytes of a compressed body that is stored as a JSON array of encoded chunks; None if it is not."""
    if not text.lstrip().startswith("["):
        return None
    try:
        chunks = [decode(chunk) if isinstance(chunk, str) else None for chunk in json.loads(text)]
    except (ValueError, RecursionError):
        return None
    data = b"".join(filter(None, chunks))
    return data if chunks and None not in chunks and _compression_of(data, encodings) else None


def _from_characters(text: str) -> bytes | None:
    """The bytes of a compressed body that is stored as characters; None if it is not."""
    if not text.startswith(("\x1f\x8b", "\x1f\ufffd", "(\xb5/\xfd", "(\ufffd/\ufffd")):
        return None
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise UnreadableError(
            "the body is compressed and was recorded as text, which lost some of it; let the tool decompress bodies"
        ) from None


def is_json(text: str) -> bool:
    """Whether a text is JSON to tools that are not strict."""
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
            data = _DECOMPRESS.get(name, partial(_unpack, name=name))(data, max_size + 1)
        # Each declaration is used once; in practice "deflate" means both of its forms (RFC 9110, 8.4.1.2).
        said = "deflate" if name == "zlib" else name
        if said in declared:
            declared.remove(said)
    raise UnreadableError(f"the body is compressed more than {_MOST_LAYERS} times over")


def _compression_of(data: bytes, declared: Collection[str]) -> str | None:
    marked = compression(data)
    # Servers may use smaller windows than files do. The header of zlib has a checksum.
    if marked is None and data[:1] == b"x" and len(data) > 1 and int.from_bytes(data[:2], "big") % 31 == 0:
        return "zlib"
    # These two have no magic number. Captures often declare them for bodies that they have decompressed, so the
    # declaration counts only if the body is not text.
    if marked is None and not _is_text(data):
        return next((name for name in ("br", "deflate") if name in declared), None)
    return marked


def _is_text(data: bytes) -> bool:
    """Whether bytes are text, without control characters that JSON does not allow."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not _CONTROL.search(text)


def _unpack(data: bytes, most: int, name: str) -> bytes:
    return unpacked(io.BytesIO(data), name).read(most)


def _inflate(data: bytes, most: int) -> bytes:
    return _fed(zlib.decompressobj(), data, most)


def _inflate_raw(data: bytes, most: int) -> bytes:
    return _fed(zlib.decompressobj(wbits=-15), data, most)


def _fed(stream: Any, data: bytes, most: int) -> bytes:
    try:
        out: bytes = stream.decompress(data, most)
    except zlib.error as error:
        raise broken("deflate", error) from None
    if not stream.eof and len(out) < most:
        raise cut("deflate")
    return out


def _unbrotli(data: bytes, most: int) -> bytes:
    import brotli  # type: ignore[import-untyped]

    stream = brotli.Decompressor()
    try:
        out: bytes = stream.process(data, output_buffer_limit=most)
        while len(out) < most and not stream.is_finished() and not stream.can_accept_more_data():
            out += stream.process(b"", output_buffer_limit=most - len(out))
    except brotli.error as error:
        raise broken("brotli", error) from None
    if not stream.is_finished() and len(out) < most:
        raise cut("brotli")
    # The limit is only approximate.
    return out[:most]


# The compressions of bodies that files do not have. A body in zlib's format may have trailing data.
_DECOMPRESS: dict[str, Callable[[bytes, int], bytes]] = {"zlib": _inflate, "deflate": _inflate_raw, "br": _unbrotli}
