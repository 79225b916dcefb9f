"""Cassettes of Ruby's VCR, in YAML and in JSON: `http_interactions`, read one by one."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

from guestcust.captures.bodies import Body, from_base64
from guestcust.captures.cassettes import cassette
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, header
from guestcust.captures.trees import Tree, at, text_at
from guestcust.model import Payload, Source, Unjudged


def payloads(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unjudged]:
    """Every interaction: its payload, or why it has none."""
    return cassette(stream, "http_interactions", "recorded_with", source.name, max_size, _exchange)


def _exchange(interaction: Tree) -> Exchange:
    instance = interaction.instance
    return Exchange(
        path=interaction.path,
        line=interaction.line,
        column=interaction.column,
        # Old cassettes have symbols here.
        method=text_at(instance, "request", "method").removeprefix(":"),
        url=text_at(instance, "request", "uri"),
        status=at(instance, "response", "status", "code"),
        body=lambda: _body(interaction),
        asked=lambda: _asked(interaction),
    )


def _body(interaction: Tree) -> Body | Missing:
    response = at(interaction.instance, "response")
    encodings = header(at(response, "headers"), "content-encoding")
    if at(response, "body", "base64_string") is not None:
        return interaction.body(("response", "body", "base64_string"), is_base64=True, encodings=encodings)
    if at(response, "body", "string") is not None:
        return interaction.body(("response", "body", "string"), encodings=encodings)
    return Missing(NOT_INCLUDED.reason, "response.body has neither string nor base64_string")


def _asked(interaction: Tree) -> str | bytes | None:
    body = at(interaction.instance, "request", "body")
    encoded = text_at(body, "base64_string")
    if encoded:
        return from_base64(encoded)
    string = at(body, "string")
    return string if isinstance(string, (str, bytes)) else None
