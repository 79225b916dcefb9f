"""Where payloads are found: one room a format, bytes and a name in, payloads with their origins out.

Captures open no files and no sockets, and know neither schemas nor reports. A new format is a new room and a row of
`FORMATS`.
"""

from __future__ import annotations

import importlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from guestcust.captures import ndjson
from guestcust.captures.bodies import UnreadableError, compression, unpacked
from guestcust.captures.ndjson import Lines
from guestcust.errors import UnknownNameError
from guestcust.jsontext import decode
from guestcust.jsontext.peek import members
from guestcust.model import Payload, Source, Unchecked

#: Reads a stream; takes it, where it comes from and the bound on a payload's size in bytes.
Reader = Callable[[io.BufferedReader, Source, int], Iterator[Payload | Unchecked | Lines]]

_HEAD = 64 * 1024
# So many bytes tell a compression.
_TELLING = 4
_COMPRESSED = (".gz", ".zst")


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file in which payloads are found."""

    #: What it is called in sentences.
    title: str
    #: The endings of its names, in small letters, where they tell it from all others.
    extensions: tuple[str, ...]
    read: Reader
    #: Whether a text begins as one of its kind does; is given the first bytes, and what a glance at them sees.
    begins: Callable[[bytes, dict[str, Any]], bool]


def _in(room: str, name: str = "payloads") -> Reader:
    """The reader of a room, which is imported once there is something for it to read."""

    def read(stream: io.BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked | Lines]:
        reader: Reader = getattr(importlib.import_module(f"{__name__}.{room}"), name)
        return reader(stream, source, max_size)

    return read


def _is_har(head: bytes, seen: dict[str, Any]) -> bool:
    from guestcust.captures.trees import at

    return not {"entries", "creator"}.isdisjoint(at(seen, "log") or ())


def _is_vcrpy(head: bytes, seen: dict[str, Any]) -> bool:
    from guestcust.captures.trees import at

    interactions = at(seen, "interactions")
    is_empty = interactions == {} and "version" in seen
    return _has_key(head, seen, "interactions") or is_empty or "uri" in (at(interactions, "0", "request") or ())


def _is_ruby_vcr(head: bytes, seen: dict[str, Any]) -> bool:
    return _has_key(head, seen, "http_interactions") or "http_interactions" in seen


def _has_key(head: bytes, seen: dict[str, Any], key: str) -> bool:
    """Whether a text that is no JSON has a key of YAML at its root."""
    head = head.removeprefix(b"\xef\xbb\xbf")
    return not seen and re.search(rf"""^["']?{key}["']?[ \t]*:""".encode(), head, re.MULTILINE) is not None


def _is_stub(head: bytes, seen: dict[str, Any]) -> bool:
    return "mappings" in seen or {"request", "response"} <= seen.keys()


def _is_contract(head: bytes, seen: dict[str, Any]) -> bool:
    return "consumer" in seen and not seen.keys().isdisjoint({"provider", "interactions", "messages"})


def _is_collection(head: bytes, seen: dict[str, Any]) -> bool:
    return {"info", "item"} <= seen.keys()


def _is_lines(head: bytes, seen: dict[str, Any] | None = None) -> bool:
    """Whether the first line is a JSON text of its own and something follows."""
    first, _, rest = head.lstrip().partition(b"\n")
    return bool(rest.strip()) and decode.decode(first).instance is not decode.UNREAD


#: The formats by name; what begins as none of them is JSON.
FORMATS = {
    "har": Format("HAR", (".har",), _in("har"), _is_har),
    "vcrpy": Format("vcrpy cassette", (), _in("vcr", "vcrpy"), _is_vcrpy),
    "ruby-vcr": Format("Ruby VCR cassette", (), _in("vcr", "ruby_vcr"), _is_ruby_vcr),
    "pact": Format("Pact contract", (), _in("pact"), _is_contract),
    "postman": Format("Postman collection", (), _in("postman"), _is_collection),
    "wiremock": Format("WireMock stubs", (), _in("wiremock"), _is_stub),
    "ndjson": Format("NDJSON", ndjson.EXTENSIONS, ndjson.blocks, _is_lines),
    "json": Format("JSON", (), _in("json_file"), lambda head, seen: True),
}
_YAML = (".yaml", ".yml")
#: The endings by which files are found in folders.
EXTENSIONS = (".json", *(extension for kind in FORMATS.values() for extension in kind.extensions), *_YAML)
#: The same, and those of compressed files.
ALL_EXTENSIONS = EXTENSIONS + tuple(one + packed for one in EXTENSIONS for packed in _COMPRESSED)


def payloads(
    stream: io.BufferedIOBase, source: Source, *, format: str = "auto", max_size: int
) -> Iterator[Payload | Unchecked]:
    """Finds the payloads in a stream, one after the other. Arguments and errors as for `found`."""
    for one in found(stream, source, format=format, max_size=max_size):
        if isinstance(one, Lines):
            yield from ndjson.payloads(one, max_size)
        else:
            yield one


def found(
    stream: io.BufferedIOBase, source: Source, *, format: str = "auto", max_size: int
) -> Iterator[Payload | Unchecked | Lines]:
    """Finds the payloads in a stream, without ever holding more than one, or one block of lines.

    Args:
        stream: the bytes; compressed with gzip or zstd or not.
        source: where they come from; the ending of its name tells the format; if it does not, the first bytes do.
        format: a key of `FORMATS`, or "auto".
        max_size: how many bytes of one payload to read; what is longer is cut just behind, for the judge to see.

    Raises:
        UnknownNameError: there is no such format.
        OSError: the stream could not be read.

    """
    if format != "auto" and format not in FORMATS:
        raise UnknownNameError(f"no format is called {format!r}", hint=f"one of {', '.join(FORMATS)}")
    try:
        yield from _read(_unpacked(stream), source, format, max_size)
    except UnreadableError as error:
        from guestcust.captures.exchanges import broken

        yield broken(source.name, (), 1, 1, str(error))


def _read(stream: Any, source: Source, format: str, max_size: int) -> Iterator[Payload | Unchecked | Lines]:
    if format != "auto":
        return FORMATS[format].read(stream, source, max_size)
    name = source.name.lower()
    for packed in _COMPRESSED:
        name = name.removesuffix(packed)
    for kind in FORMATS.values():
        if kind.extensions and name.endswith(kind.extensions):
            return kind.read(stream, source, max_size)
    is_yaml, is_json = name.endswith(_YAML), name.endswith(".json")
    head = _head(stream, is_json)
    seen = members(head)
    rewound: Any = io.BufferedReader(_Rewound(head, stream), _HEAD)
    for format, kind in FORMATS.items():
        # An ending in which somebody said JSON or YAML is believed.
        if (is_json and format == "ndjson") or (is_yaml and format == "json" and not seen):
            continue
        if kind.begins(head, seen):
            return kind.read(rewound, source, max_size)
    return iter(())


def _head(stream: io.BufferedIOBase, is_document: bool) -> bytes:
    """The first bytes, enough to see the members of a document; where it is lines, no more than tells so."""
    head = b""
    while len(head) < _HEAD and (is_document or not _is_lines(head)):
        if not (more := stream.read1(_HEAD)):
            break
        head += more
    return head


def _unpacked(stream: io.BufferedIOBase) -> Any:
    """The stream behind whatever compression it begins with."""
    head = b""
    while len(head) < _TELLING and (more := stream.read1(_HEAD)):
        head += more
    rewound = io.BufferedReader(_Rewound(head, stream), _HEAD)
    packed = compression(head)
    return unpacked(rewound, packed) if packed else rewound


class _Rewound(io.RawIOBase):
    """A stream with its first bytes put back."""

    def __init__(self, head: bytes, rest: io.BufferedIOBase) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._head:
            return self._rest.readinto1(buffer)
        chunk = self._head[: len(buffer)]
        self._head = self._head[len(chunk) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)
