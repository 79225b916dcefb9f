"""VCR cassettes in YAML and in JSON, read one exchange at a time.

Tools use the format with small variations: vcrpy and httpx, Ruby's VCR, go-vcr 1 to 4, R's vcr, betamax, betamax for
Java, schemathesis. One reader handles all of them, by the members of each entry.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from io import BufferedReader

from guestcust.captures.bodies import Body, from_base64
from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import exchanges_in, limit
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, broken, header, payload_of
from guestcust.captures.trees import Tree, at, text_at
from guestcust.jsontext.decode import UNREAD
from guestcust.jsontext.marks import value_start
from guestcust.model import Instance, Path, Payload, Source, Unchecked

# Only YAML has names without quotes.
_FLOW = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|---|#[^\n]*\n)*\{(?:\s|#[^\n]*\n)*[^\s\"{}#]")
# The limit for entries that are not exchanges, which are reported only if an exchange follows.
_MOST_HELD = 1000
_NO_REQUEST = "the entry has no request with a method and a URL"


def vcrpy(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every exchange in `interactions`, or the reason why it has none; empty without exchanges."""
    # go-vcr and vcrpy write a version, at the beginning or the end; betamax for Java writes a name.
    return cassette(stream, "interactions", ("version", "name"), Entries(source.name, _read, _NO_REQUEST), max_size)


def ruby_vcr(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The same for `http_interactions`."""
    return cassette(stream, "http_interactions", ("recorded_with",), Entries(source.name, _read, _NO_REQUEST), max_size)


def is_flow(head: bytes) -> bool:
    """Whether a text begins as a mapping in YAML's flow style that is not JSON."""
    return _FLOW.match(head) is not None


class Entries:
    """The entries of a cassette, or of another program's file with a list of that name.

    Args:
        source: the name of the file.
        exchange: the exchange of an entry; None if it is not one.
        why: why not.

    """

    def __init__(self, source: str, exchange: Callable[[Tree], Exchange | None], why: str) -> None:
        self.source = source
        self.is_cassette = False
        self._exchange = exchange
        self._why = why
        self._held: list[Unchecked] = []

    def read(self, entry: Tree) -> Exchange | None:
        """The entry's exchange. An entry that is not one is held back, and the result is None."""
        exchange = self._exchange(entry)
        if exchange:
            self.is_cassette = True
        elif len(self._held) < _MOST_HELD:
            self._held.append(broken(self.source, entry.path, entry.start(), self._why))
        return exchange

    def held(self) -> list[Unchecked]:
        """The entries that were held back, if the file is a cassette."""
        if not self.is_cassette:
            return []
        held, self._held = self._held, []
        return held


def cassette(
    stream: BufferedReader, key: str, ends: Collection[str], entries: Entries, max_size: int
) -> Iterator[Payload | Unchecked]:
    """The payload of every exchange in a list, or the reason why it has none; empty without exchanges.

    Args:
        stream: the document, in YAML or JSON.
        key: the member with the list.
        ends: as for `yaml_trees.items`.
        entries: what reads the entries.
        max_size: the size limit of a payload.

    """
    head = stream.peek(1)
    if value_start(head)[:1] == b"{" and not is_flow(head):
        found = exchanges_in(stream, (key,), entries.source, max_size, entries.read)
    else:
        found = _yaml_exchanges_in(stream, key, ends, max_size, entries)
    for one in found:
        yield from entries.held()
        yield one
    yield from entries.held()


def _read(entry: Tree) -> Exchange | None:
    request = at(entry.instance, "request")
    is_ours = isinstance(request, dict) and "method" in request and not request.keys().isdisjoint({"uri", "url"})
    return _exchange(entry) if is_ours else None


def _exchange(entry: Tree) -> Exchange:
    request = at(entry.instance, "request")
    response = at(entry.instance, "response")
    return Exchange(
        path=entry.path,
        start=entry.start,
        # Old Ruby cassettes have symbols here.
        method=text_at(request, "method").removeprefix(":") or at(request, "method"),
        url=text_at(request, "uri") or text_at(request, "url"),
        status=_status(response),
        body=lambda: _body(entry),
        asked=lambda: _asked(at(request, "body")),
    )


def _status(response: Instance) -> Instance:
    status = at(response, "status")
    for holder in (status, response):
        for name in ("code", "status_code"):
            if isinstance(holder, dict) and name in holder:
                return holder[name]
    return UNREAD if status is None else status


def _body(entry: Tree) -> Body | Missing:
    response = at(entry.instance, "response")
    encodings = header(at(response, "headers"), "content-encoding")
    body = at(response, "body")
    if not isinstance(body, dict):
        # Old cassettes of httpx have it elsewhere.
        name = "content" if body is None else "body"
        if at(response, name) is None:
            return Missing(NOT_INCLUDED.reason, "the response has no body")
        return entry.body(("response", name), encodings=encodings)
    if at(body, "file") in (True, "yes", "true"):
        return Missing(NOT_INCLUDED.reason, "the tool wrote the body to a separate file")
    path: Path = ("response", "body")
    for name in ("base64_string", "raw_gzip"):
        if body.get(name) is not None:
            return entry.body((*path, name), is_base64=True, encodings=encodings)
    if body.get("string") is not None:
        return entry.body((*path, "string"), encodings=encodings)
    if body and body.keys().isdisjoint({"string", "base64_string", "encoding"}):
        raise UnreadableError(f"response.body has neither string nor base64_string, but {', '.join(body)}")
    return Missing(NOT_INCLUDED.reason, "response.body has neither string nor base64_string")


def _asked(body: Instance) -> str | bytes | None:
    encoded = text_at(body, "base64_string")
    if encoded:
        return from_base64(encoded)
    string = at(body, "string") if isinstance(body, dict) else body
    return string if isinstance(string, (str, bytes)) else None


def _yaml_exchanges_in(
    stream: BufferedReader, key: str, ends: Collection[str], max_size: int, entries: Entries
) -> Iterator[Payload | Unchecked]:
    # Importing PyYAML is slow.
    from guestcust.captures import yaml_trees

    found = yaml_trees.items(stream, key, ends, limit(max_size))
    while True:
        try:
            tree = next(found, None)
        except UnreadableError as error:
            if entries.is_cassette or not isinstance(error, yaml_trees.CutOffError):
                yield broken(entries.source, (key,), (1, 1), f"{error}; the rest was not read")
            return
        if tree is None:
            return
        exchange = entries.read(tree)
        if exchange:
            yield payload_of(exchange, entries.source, max_size)
