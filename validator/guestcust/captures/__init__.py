"""Finds payloads and their origins in bytes, with one module per format.

Files, sockets, schemas and reports must not enter here. A new format is a new module and a row of `FORMATS`.
"""

from __future__ import annotations

import codecs
import importlib
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from guestcust.captures import containers, ndjson, signs
from guestcust.captures.beginnings import (
    has_key,
    is_contract,
    is_flows,
    is_openapi,
    is_opencollection,
    is_responses,
    is_ruby_vcr,
    is_trace,
    is_vcrpy,
)
from guestcust.captures.containers import UnreadableError, UnrelatedError
from guestcust.captures.naming import Rewound, Scanner, named, names_operation
from guestcust.captures.ndjson import Lines
from guestcust.errors import GuestcustError, UnknownNameError
from guestcust.jsontext import decode
from guestcust.jsontext.comments import without_comments
from guestcust.jsontext.marks import BOM
from guestcust.jsontext.peek import members
from guestcust.model import Origin, Payload, Source, Unchecked, Verdict

#: Reads a stream, given its source and the size limit of a payload in bytes.
Reader = Callable[[io.BufferedReader, Source, int], Iterator[Payload | Unchecked | Lines]]

_HEAD = 64 * 1024
# Templates and YAML's flow style begin with a brace, too.
_OBJECT = re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\[{])")
#: The reason for a document that certainly contains no payload.
UNRELATED = "unrelated"
# How HTTP as text may begin: with a head, a remark of curl, its progress, a time, or a color.
_MAY_BE_HTTP = re.compile(rb"\s*(?:[A-Z]{3}|Note: |Warning: |Script |[*>%=\x1b]|[0-9]{2}:|\[[0-9])")
# A suffix that no file name has.
_NO_NAME = ("\0",)
# The formats that are not captures.
_DOCUMENTS = ("ndjson", "json")


class Format(NamedTuple):
    """A kind of file in which payloads are found."""

    #: Its name in sentences.
    title: str
    #: The endings of file names that belong only to this format, in lower case.
    extensions: tuple[str, ...]
    read: Reader
    #: Whether a text begins like this format, given its first bytes and the members that `peek` finds in them.
    begins: Callable[[bytes, dict[str, Any]], bool]


def _in(module: str, name: str = "payloads") -> Reader:
    """The reader of a module, which is imported on first use."""

    def read(stream: io.BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked | Lines]:
        reader: Reader = getattr(importlib.import_module(f"{__name__}.{module}"), name)
        return reader(stream, source, max_size)

    return read


def _is_har(head: bytes, seen: dict[str, Any]) -> bool:
    from guestcust.captures.trees import at

    is_lone_entry = "startedDateTime" in seen and {"request", "response"} <= seen.keys()
    return is_lone_entry or not {"entries", "creator"}.isdisjoint(at(seen, "log") or ())


def _is_collection(head: bytes, seen: dict[str, Any]) -> bool:
    return signs.POSTMAN(head, seen) or has_key(head, seen, r"\$kind")


def _is_http_text(head: bytes, seen: dict[str, Any] | None = None) -> bool:
    # Loaded only for what may be such a text: most files are JSON.
    if not _MAY_BE_HTTP.match(head) and b'"curl_version"' not in head:
        return False
    from guestcust.captures import http_text

    return http_text.begins(head)


def _is_lines(head: bytes, seen: dict[str, Any] | None = None) -> bool:
    """Whether the first line is a complete JSON text and something follows."""
    first, _, rest = head.lstrip().partition(b"\n")
    return bool(rest.strip()) and decode.decode(first).instance is not decode.UNREAD


#: The formats by name. Text that begins like none of the others is JSON.
FORMATS = {
    "har": Format("HAR", (".har",), _in("har"), _is_har),
    "vcrpy": Format("cassette of vcrpy or go-vcr", (), _in("vcr", "vcrpy"), is_vcrpy),
    "ruby-vcr": Format("cassette of VCR", (), _in("vcr", "ruby_vcr"), is_ruby_vcr),
    "ansible": Format("results of Ansible", (), _in("runs", "ansible"), signs.ANSIBLE),
    "bruno": Format("report of Bruno", (), _in("runs", "bruno"), signs.BRUNO),
    "hoverfly": Format("simulation or journal of Hoverfly", (), _in("mocks", "hoverfly"), signs.HOVERFLY),
    "mockserver": Format("MockServer expectations", (), _in("mocks", "mockserver"), signs.MOCKSERVER),
    "mountebank": Format("mountebank imposters", (), _in("mocks", "mountebank"), signs.MOUNTEBANK),
    "newman": Format("report of newman", (), _in("postman", "newman"), signs.NEWMAN),
    "nock": Format("nock recording", (), _in("mocks", "nock"), signs.NOCK),
    "pact": Format("Pact contract", (), _in("pact"), is_contract),
    "postman": Format("Postman collection", (), _in("postman"), _is_collection),
    "wiremock": Format("WireMock stubs or journal", (), _in("wiremock"), signs.WIREMOCK),
    "openapi": Format("OpenAPI document", (), _in("openapi"), is_openapi),
    "responses": Format("recording of responses", (), _in("responses"), is_responses),
    "opencollection": Format("OpenCollection", (), _in("opencollection"), is_opencollection),
    "mitmproxy": Format("mitmproxy flows", (".flow", ".mitm", ".mitmflow"), _in("mitmproxy"), is_flows),
    "playwright": Format("Playwright trace", (".network",), _in("playwright"), is_trace),
    "http-text": Format("HTTP as text", (), _in("http_text"), _is_http_text),
    "govmomi": Format("debug folder of govmomi", (), _in("govmomi"), lambda head, seen: False),
    "ndjson": Format("NDJSON", ndjson.EXTENSIONS, ndjson.blocks, _is_lines),
    "json": Format("JSON", (), _in("json_file"), lambda head, seen: True),
}
_YAML = (".yaml", ".yml")
#: The endings of the files that are checked in folders if they begin like HTTP as text.
TEXT_EXTENSIONS = (".http", ".txt", ".log", ".trace", ".out")
#: How many bytes show that: curl writes remarks on the connection first, and with --trace the server's certificate.
TELLING = _HEAD
#: The endings of the files that are checked in folders.
EXTENSIONS = (".json", *(extension for kind in FORMATS.values() for extension in kind.extensions), *_YAML)
#: The same, with those of packed files.
ALL_EXTENSIONS = (
    *EXTENSIONS,
    *(one + packed for one in EXTENSIONS for packed in containers.EXTENSIONS),
    # A HAR of mitmproxy, packed with zlib.
    ".zhar",
)


def is_text_of_http(head: bytes) -> bool:
    """Whether a file certainly is HTTP as text, given its first `TELLING` bytes."""
    return _is_http_text(_as_utf8(head))


def payloads(
    stream: io.BufferedIOBase, source: Source, *, format: str = "auto", max_size: int
) -> Iterator[Payload | Unchecked]:
    """Finds the payloads in a stream, one by one. Arguments and errors as for `found`."""
    for one in found(stream, source, format=format, max_size=max_size):
        if isinstance(one, Lines):
            yield from ndjson.payloads(one, max_size)
        else:
            yield one


def found(
    stream: io.BufferedIOBase, source: Source, *, format: str = "auto", max_size: int
) -> Iterator[Payload | Unchecked | Lines]:
    """Finds the payloads in a stream, with at most one exchange or one block of lines in memory.

    Args:
        stream: the bytes, packed or not.
        source: their source. The format is detected by the ending of its name, or else by the first bytes.
        format: a key of `FORMATS`, or "auto".
        max_size: how many bytes of one payload to read. A longer one is cut one byte after this limit.

    Raises:
        UnknownNameError: unknown format.
        OSError: the stream could not be read.

    """
    if format != "auto" and format not in FORMATS:
        raise UnknownNameError(f"no format is called {format!r}", hint=f"one of {', '.join(FORMATS)}")
    try:
        for inner, inside in containers.files(stream, source, max_size, ALL_EXTENSIONS):
            yield from _file(inner, inside, format, max_size)
    except UnreadableError as error:
        yield _unreadable(source.name, error)


def _file(
    stream: io.BufferedReader, source: Source, format: str, max_size: int
) -> Iterator[Payload | Unchecked | Lines]:
    try:
        yield from _read(stream, source, format, max_size)
    except UnreadableError as error:
        yield _unreadable(source.name, error)
    except UnrelatedError as error:
        if format == "auto":
            yield Unchecked(Origin(source.name), Verdict.SKIPPED, UNRELATED, f"not valid JSON: {error}")
        else:
            yield _unreadable(source.name, error)


def _unreadable(name: str, error: GuestcustError) -> Unchecked:
    from guestcust.captures.exchanges import broken

    return broken(name, (), (1, 1), str(error))


def _read(stream: Any, source: Source, format: str, max_size: int) -> Iterator[Payload | Unchecked | Lines]:
    name = source.name.lower()
    for packed in containers.EXTENSIONS:
        name = name.removesuffix(packed)
    is_by_ending = format == "auto"
    if format == "auto":
        format = next((each for each, kind in FORMATS.items() if name.endswith(kind.extensions or _NO_NAME)), format)
    if format == "auto" and name.endswith((".req.json", ".res.json")):
        from guestcust.captures import govmomi

        format = "govmomi" if govmomi.is_part(source) else format
    head = b""
    if format == "auto":
        head, format = _format(stream, name)
    elif is_by_ending and format == "har":
        head = _head(stream, is_document=True)
        seen = members(_as_utf8(head))
        # A response that was saved under the ending of a HAR.
        format = "json" if seen and seen.keys().isdisjoint({"log", "request"}) else format
    elif is_by_ending and format in ("mitmproxy", "playwright"):
        # Other programs use the same endings.
        head = _head(stream, is_document=False)
        if head and not (is_flows(head, {}, is_likely=True) if format == "mitmproxy" else head.startswith(b"{")):
            format = "json" if _OBJECT.match(head) else ""
    if format in _DOCUMENTS:
        # Each document is classified separately.
        yield from FORMATS[format].read(_rewound(head, stream), source, max_size)
        return
    scanner = Scanner()
    scanned = _rewound(head, stream, scanner)
    is_empty, is_ours, is_misread = True, False, False
    for one in FORMATS[format].read(scanned, source, max_size) if format else ():
        is_other = isinstance(one, Unchecked) and one.reason == "other URL"
        is_empty, is_ours = False, is_ours or not is_other
        # A URL that names the operation, but in another form than the API's.
        is_misread = is_misread or (
            isinstance(one, Unchecked) and is_other and names_operation(one.origin.request or "")
        )
        yield one
    if is_ours and not is_misread:
        return
    while scanned.read1(_HEAD):
        pass
    if is_empty and format and 0 < len(head) < _HEAD:
        from guestcust.captures.inside import may_hold_payload

        # The file of another program may begin like a capture.
        if may_hold_payload(head):
            yield Payload(head, partial(Origin, source.name))
            return
    if is_misread or scanner.end():
        from guestcust.captures.relevance import NOT_UNDERSTOOD

        kind = "no exchange with a payload was found in it" if format else ""
        yield Unchecked(Origin(source.name), Verdict.UNREADABLE, NOT_UNDERSTOOD, named(kind))
    elif not format:
        kind = "YAML, but not a capture" if name.endswith(_YAML) else "another program's file with this ending"
        yield Unchecked(Origin(source.name), Verdict.SKIPPED, UNRELATED, kind)


def _rewound(head: bytes, stream: Any, scanner: Scanner | None = None) -> Any:
    return io.BufferedReader(Rewound(head, stream, scanner), _HEAD) if head or scanner else stream


def _format(stream: Any, name: str) -> tuple[bytes, str]:
    """The first bytes of a file and its format; no format for YAML that is not a capture."""
    is_yaml, is_json = name.endswith(_YAML), name.endswith(".json")
    head = _head(stream, is_json)
    text = _as_utf8(head)
    seen = members(text)
    for format, kind in FORMATS.items():
        # The endings of JSON and YAML are trusted.
        if (is_json and format == "ndjson") or (is_yaml and format == "json" and not _OBJECT.match(text)):
            continue
        if kind.begins(text, seen):
            return head, format
    return head, ""


def _head(stream: io.BufferedIOBase, is_document: bool) -> bytes:
    """The first bytes, enough to find the members of a document or to recognise lines."""
    head = b""
    while len(head) < _HEAD and (is_document or not _is_lines(head)):
        if not (more := stream.read1(_HEAD)):
            break
        head += more
    return head


def _as_utf8(head: bytes) -> bytes:
    """The first bytes without a byte order mark and comments, converted to UTF-8 if the mark is that of UTF-16."""
    text = head
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    text = text.removeprefix(BOM)
    is_object = text.lstrip()[:1] in (b"{", b"/")
    return without_comments(text.decode("latin-1")).encode("latin-1") if is_object else text
