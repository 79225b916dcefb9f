"""Detects the name of the operation that returns the payload, in bytes as they are read.

A file that names it is never skipped as unrelated. Works on bytes; formats must not enter here.
"""

from __future__ import annotations

import io
import re
from typing import Any

#: How the message about a file begins that only names the operation.
ONLY_NAMED = "it names guest/customization, but"
#: The detail about a URL that names the operation, but in another form than the API's.
ONLY_NAMED_IN_URL = f"{ONLY_NAMED} is not the URL of this operation"
#: What to do about a file that names the operation.
_REMEDY = (
    "record it in a format that is read, such as HAR, or exclude it with --exclude or `exclude` in the settings file"
)
# The name in URLs and in json-rpc, with the slash escaped for JSON, for a URL, or for both. Longer names are other
# resources, such as /vcenter/guest/customization-specs.
_NAME = re.compile(
    rb"(?:guest(?:\\*(?:/|u002[Ff])|%(?:25)*2[Ff])|vm(?:\.|%(?:25)*2[Ee])guest(?:\.|%(?:25)*2[Ee]))customization(?:[-_]live)?(?![A-Za-z0-9_-])"
)
# The end of the operation's path after a wildcard, in a pattern.
_OPEN_NAME = re.compile(r"[*+)\]]/?customization(?:-live)?(?![A-Za-z0-9_-])")
# Every match contains this word, and a substring search is many times faster than the pattern.
_WORD = b"customization"
# Longer than any realistic match with its context.
_TAIL = 128


class Scanner:
    """Searches chunks of a text for the name of the operation. Memory and time per byte are bounded."""

    def __init__(self) -> None:
        #: Whether the name was found.
        self.found = False
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        """Searches the next chunk of the text."""
        if self.found or not chunk:
            return
        # UTF-16 and UTF-32 put zeros between the letters.
        text = self._tail + (chunk.replace(b"\0", b"") if b"\0" in chunk else chunk)
        word = text.find(_WORD)
        if word >= 0:
            matches = _NAME.finditer(text, max(0, word - _TAIL))
            # A match at the very end of a chunk may continue in the next one.
            self.found = any(match.end() <= len(text) - len("-live ") for match in matches)
        self._tail = text[-_TAIL:]

    def end(self) -> bool:
        """Whether the whole text names the operation."""
        self.found = self.found or _NAME.search(self._tail) is not None
        return self.found


def names_operation(text: bytes | str) -> bool:
    """Whether a text names the operation."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    scanner = Scanner()
    scanner.feed(data)
    return scanner.end()


def may_name_operation(url: str) -> bool:
    """Whether a URL or a pattern names the operation, or ends its name after a wildcard."""
    return names_operation(url) or _OPEN_NAME.search(url) is not None


def named(kind: str = "") -> str:
    """The message about a file that names the operation; `kind` describes the file, if known."""
    return f"{ONLY_NAMED} {kind or 'it is in no format that is read'}; {_REMEDY}"


class Rewound(io.RawIOBase):
    """A stream with its first bytes put back, fed to a scanner as it is read.

    Args:
        head: the bytes that were already read from the stream.
        rest: the rest of the stream.
        scanner: gets all bytes; None for no search.

    """

    def __init__(self, head: bytes, rest: Any, scanner: Scanner | None = None) -> None:
        self._head = head
        self._rest = rest
        self._scanner = scanner

    def readable(self) -> bool:
        """Always true."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Reads the next bytes."""
        if self._head:
            chunk = self._head[: len(buffer)]
            self._head = self._head[len(chunk) :]
            buffer[: len(chunk)] = chunk
            count = len(chunk)
        else:
            count = self._rest.readinto1(buffer)
        if self._scanner and not self._scanner.found:
            self._scanner.feed(bytes(buffer[:count]))
        return count
