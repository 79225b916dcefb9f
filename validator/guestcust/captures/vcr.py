"""VCR cassettes in YAML and in JSON: those of vcrpy and those of Ruby's VCR, read one exchange at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BufferedReader

from guestcust.captures.bodies import Body, UnreadableError, from_base64
from guestcust.captures.documents import exchanges_in, limit
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, broken, header, payload_of
from guestcust.captures.trees import Tree, at, text_at
from guestcust.jsontext.marks import BOM, SPACE
from guestcust.model import Payload, Source, Unchecked


def vcrpy(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """Every interaction: its payload, or why it has none."""
    return _cassette(stream, "interactions", "version", source.name, max_size, _vcrpy_exchange)


def _vcrpy_exchange(interaction: Tree) -> Exchange:
    instance = interaction.instance
    # Cassettes of httpx have had a form of their own.
    status = at(instance, "response", "status", "code")
    status = at(instance, "response", "status_code") if status is None else status
    return Exchange(
        path=interaction.path,
        line=interaction.line,
        column=interaction.column,
        method=text_at(instance, "request", "method"),
        url=text_at(instance, "request", "uri"),
        status=status,
        body=lambda: _vcrpy_body(interaction),
        asked=lambda: _vcrpy_asked(interaction),
    )


def _vcrpy_body(interaction: Tree) -> Body | Missing:
    response = at(interaction.instance, "response")
    encodings = header(at(response, "headers"), "content-encoding")
    for path in (("body", "string"), ("content",), ("body",)):
        found = at(response, *path)
        # A body that is a mapping is what holds the string.
        if found is not None and not (path == ("body",) and isinstance(found, dict)):
            return interaction.body(("response", *path), encodings=encodings)
    return Missing(NOT_INCLUDED.reason, "response.body has no string")


def _vcrpy_asked(interaction: Tree) -> str | bytes | None:
    body = at(interaction.instance, "request", "body")
    return body if isinstance(body, (str, bytes)) else None


def ruby_vcr(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """Every interaction: its payload, or why it has none."""
    return _cassette(stream, "http_interactions", "recorded_with", source.name, max_size, _ruby_exchange)


def _ruby_exchange(interaction: Tree) -> Exchange:
    instance = interaction.instance
    return Exchange(
        path=interaction.path,
        line=interaction.line,
        column=interaction.column,
        # Old cassettes have symbols here.
        method=text_at(instance, "request", "method").removeprefix(":"),
        url=text_at(instance, "request", "uri"),
        status=at(instance, "response", "status", "code"),
        body=lambda: _ruby_body(interaction),
        asked=lambda: _ruby_asked(interaction),
    )


def _ruby_body(interaction: Tree) -> Body | Missing:
    response = at(interaction.instance, "response")
    encodings = header(at(response, "headers"), "content-encoding")
    if at(response, "body", "base64_string") is not None:
        return interaction.body(("response", "body", "base64_string"), is_base64=True, encodings=encodings)
    if at(response, "body", "string") is not None:
        return interaction.body(("response", "body", "string"), encodings=encodings)
    return Missing(NOT_INCLUDED.reason, "response.body has neither string nor base64_string")


def _ruby_asked(interaction: Tree) -> str | bytes | None:
    body = at(interaction.instance, "request", "body")
    encoded = text_at(body, "base64_string")
    if encoded:
        return from_base64(encoded)
    string = at(body, "string")
    return string if isinstance(string, (str, bytes)) else None


def _cassette(
    stream: BufferedReader, key: str, last: str, source: str, max_size: int, exchange: Callable[[Tree], Exchange]
) -> Iterator[Payload | Unchecked]:
    """What the exchanges under a key hold, read the way of one format; `last` is the key that ends a cassette."""
    if stream.peek(1).removeprefix(BOM).lstrip(SPACE)[:1] == b"{":
        return exchanges_in(stream, (key,), source, max_size, exchange)
    return _yaml_exchanges_in(stream, key, last, source, max_size, exchange)


def _yaml_exchanges_in(
    stream: BufferedReader, key: str, last: str, source: str, max_size: int, exchange: Callable[[Tree], Exchange]
) -> Iterator[Payload | Unchecked]:
    # PyYAML takes its time to start, which is lost where there is no YAML.
    from guestcust.captures import yaml_trees

    found = yaml_trees.items(stream, key, last, limit(max_size))
    while True:
        try:
            tree = next(found, None)
        except UnreadableError as error:
            yield broken(source, (key,), 1, 1, f"{error}; what follows was not read")
            return
        if tree is None:
            return
        yield payload_of(exchange(tree), source, max_size)
