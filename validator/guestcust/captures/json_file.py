"""A JSON file: one payload, or an array of payloads, which is split while it is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from io import BufferedIOBase

from guestcust.captures.recognition import LOG
from guestcust.captures.relevance import has_signs
from guestcust.jsontext.decode import BOM_FAULT
from guestcust.jsontext.marks import BOM
from guestcust.jsontext.splitting import CHUNK, Break, Piece, Position, Splitter
from guestcust.model import Origin, Payload, Source, Span, TextFault

_SPACES = re.compile(rb"[ \t\n\r]*")
# This many bytes after the white space are enough to recognise a byte order mark, an array, or a log line.
_TELLING = 16


def payloads(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload]:
    """The whole document, or each element if it is an array."""
    document, at = bytearray(), 0
    while len(document) - at < _TELLING and len(document) <= max_size and (chunk := stream.read1(CHUNK)):
        document += chunk
        if not at and document.startswith(BOM):
            at = len(BOM)
        at = _SPACES.match(document, at).end()  # type: ignore[union-attr]
    # Text in UTF-16 and log lines may begin with the same byte but are not arrays.
    begun = bytes(document[at : at + _TELLING])
    if begun[:1] != b"[" or begun[1:2] == b"\0" or LOG.match(begun.decode(errors="replace")):
        while len(document) <= max_size and (chunk := stream.read1(CHUNK)):
            document += chunk
        yield Payload(bytes(memoryview(document)[: max_size + 1]), partial(Origin, source.name))
        return
    has_bom = document.startswith(BOM)
    position = Position()
    position.skip(bytes(document[len(BOM) * has_bom : at + 1]))
    splitter = Splitter(position, max_size, ends_file=True)
    chunk = bytes(document[at + 1 :])
    yield from _payloads(splitter.feed(chunk), source.name, has_bom, chunk, stream)
    while not splitter.done and (chunk := stream.read1(CHUNK)):
        yield from _payloads(splitter.feed(chunk), source.name, has_bom, chunk, stream)
    yield from _payloads(splitter.close(), source.name, has_bom, b"", stream)


def _origin(source: str, element: Piece) -> Origin:
    return Origin(source, *element.start(), f"/{element.number}")


def _payloads(
    found: Iterable[Piece | Break], source: str, has_bom: bool, chunk: bytes, stream: BufferedIOBase
) -> Iterator[Payload]:
    for one in found:
        if isinstance(one, Break):
            # One fault for the rest of the file, which is searched only for a sign that it is about the payload.
            fault = TextFault("json-syntax", one.message, (), Span(0, 1))
            rest = chunk + stream.read(CHUNK)
            yield Payload(None, partial(Origin, source, one.line, one.column), (fault,), is_related=has_signs(rest))
        else:
            faults = (BOM_FAULT._replace(ahead=(1, 1)),) if has_bom and not one.number else ()
            yield Payload(one.text, partial(_origin, source, one), faults)
