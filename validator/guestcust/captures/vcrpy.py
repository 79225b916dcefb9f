"""Cassettes of vcrpy, in YAML and in JSON: `interactions`, read one by one."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

from guestcust.captures.bodies import Body
from guestcust.captures.cassettes import cassette
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, header
from guestcust.captures.trees import Tree, at, text_at
from guestcust.model import Payload, Source, Unjudged


def payloads(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unjudged]:
    """Every interaction: its payload, or why it has none."""
    return cassette(stream, "interactions", "version", source.name, max_size, _exchange)


def _exchange(interaction: Tree) -> Exchange:
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
        body=lambda: _body(interaction),
        asked=lambda: _asked(interaction),
    )


def _body(interaction: Tree) -> Body | Missing:
    response = at(interaction.instance, "response")
    encodings = header(at(response, "headers"), "content-encoding")
    for path in (("body", "string"), ("content",), ("body",)):
        found = at(response, *path)
        # A body that is a mapping is what holds the string.
        if found is not None and not (path == ("body",) and isinstance(found, dict)):
            return interaction.body(("response", *path), encodings=encodings)
    return Missing(NOT_INCLUDED.reason, "response.body has no string")


def _asked(interaction: Tree) -> str | bytes | None:
    body = at(interaction.instance, "request", "body")
    return body if isinstance(body, (str, bytes)) else None
