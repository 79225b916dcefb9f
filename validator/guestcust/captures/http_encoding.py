"""Converts HTTP that was saved as text to UTF-8, without looking at what it says."""

from __future__ import annotations

import codecs
import io
from typing import Any

from guestcust.jsontext.marks import BOM

_SIZE = 64 * 1024


def in_utf8(stream: io.BufferedReader) -> io.BufferedReader:
    """The stream without a byte order mark, converted to UTF-8 if it is in UTF-16, as PowerShell redirects output."""
    head = stream.peek(len(BOM))[: len(BOM)]
    if head == BOM:
        stream.read(len(BOM))
    elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return io.BufferedReader(_Recoded(stream), _SIZE)
    return stream


class _Recoded(io.RawIOBase):
    """A stream of UTF-16 as UTF-8."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-16")("replace")
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            chunk = self._stream.read1(len(buffer))
            self._rest = self._decoder.decode(chunk, not chunk).encode()
            if not chunk:
                break
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count
