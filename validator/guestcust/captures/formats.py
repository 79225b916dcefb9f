"""The formats of captures: a row for each, with how its documents begin and the module that reads them."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from guestcust.captures import beginnings, containers, ndjson
from guestcust.captures.ndjson import Lines
from guestcust.model import Payload, Source, Unchecked

#: Reads a stream, given its source and the size limit of a payload in bytes.
Reader = Callable[[io.BufferedReader, Source, int], Iterator[Payload | Unchecked | Lines]]


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
        reader: Reader = getattr(importlib.import_module(f"guestcust.captures.{module}"), name)
        return reader(stream, source, max_size)

    return read


#: The formats by name. Text that begins like none of the others is JSON.
FORMATS = {
    "har": Format("HAR", (".har",), _in("har"), beginnings.is_har),
    "vcrpy": Format("cassette of vcrpy or go-vcr", (), _in("vcr", "vcrpy"), beginnings.is_vcrpy),
    "ruby-vcr": Format("cassette of VCR", (), _in("vcr", "ruby_vcr"), beginnings.is_ruby_vcr),
    "ansible": Format("results of Ansible", (), _in("runs", "ansible"), beginnings.ANSIBLE),
    "bruno": Format("report of Bruno", (), _in("runs", "bruno"), beginnings.BRUNO),
    "hoverfly": Format("simulation or journal of Hoverfly", (), _in("mocks", "hoverfly"), beginnings.HOVERFLY),
    "mockserver": Format("MockServer expectations", (), _in("mocks", "mockserver"), beginnings.MOCKSERVER),
    "mountebank": Format("mountebank imposters", (), _in("mocks", "mountebank"), beginnings.MOUNTEBANK),
    "newman": Format("report of newman", (), _in("postman", "newman"), beginnings.NEWMAN),
    "nock": Format("nock recording", (), _in("mocks", "nock"), beginnings.NOCK),
    "pact": Format("Pact contract", (), _in("pact"), beginnings.is_contract),
    "postman": Format("Postman collection", (), _in("postman"), beginnings.is_collection),
    "wiremock": Format("WireMock stubs or journal", (), _in("wiremock"), beginnings.WIREMOCK),
    "openapi": Format("OpenAPI document", (), _in("openapi"), beginnings.is_openapi),
    "responses": Format("recording of responses", (), _in("responses"), beginnings.is_responses),
    "opencollection": Format("OpenCollection", (), _in("opencollection"), beginnings.is_opencollection),
    "mitmproxy": Format("mitmproxy flows", (".flow", ".mitm", ".mitmflow"), _in("mitmproxy"), beginnings.is_flows),
    "playwright": Format("Playwright trace", (".network",), _in("playwright"), beginnings.is_trace),
    "http-text": Format("HTTP as text", (), _in("http_text"), beginnings.is_http_text),
    "govmomi": Format("debug folder of govmomi", (), _in("govmomi"), lambda head, seen: False),
    "ndjson": Format("NDJSON", ndjson.EXTENSIONS, ndjson.blocks, beginnings.is_lines),
    "json": Format("JSON", (), _in("json_file"), lambda head, seen: True),
}
_YAML = (".yaml", ".yml")
#: The endings of the files that are checked in folders if they begin like HTTP as text.
TEXT_EXTENSIONS = (".http", ".txt", ".log", ".trace", ".out")
#: The endings of the files that are checked in folders.
EXTENSIONS = (".json", *(extension for kind in FORMATS.values() for extension in kind.extensions), *_YAML)
#: The same, with those of packed files.
ALL_EXTENSIONS = (
    *EXTENSIONS,
    *(one + packed for one in EXTENSIONS for packed in containers.EXTENSIONS),
    # A HAR of mitmproxy, packed with zlib.
    ".zhar",
)
