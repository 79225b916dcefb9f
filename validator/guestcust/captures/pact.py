"""Pact contracts, v2 to v4: the responses that a consumer's `interactions` expect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BufferedIOBase

from guestcust.captures.bodies import Body, UnreadableError
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, broken, judged
from guestcust.captures.streaming import document
from guestcust.captures.trees import JsonTree, at, items_at, text_at
from guestcust.model import Origin, Path, Payload, Source, Unjudged, Verdict, pointer

_V4_BODY = {"content", "contents", "contentType", "contentTypeHint", "encoded"}


def payloads(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload | Unjudged]:
    """Every interaction and message: its payload, or why it has none."""
    try:
        tree = document(stream, max_size)
    except UnreadableError as error:
        yield broken(source.name, (), 1, 1, str(error))
        return
    interactions = items_at(tree.instance, "interactions")
    paths: list[Path] = [("interactions", number) for number in range(len(interactions))]
    paths += [("messages", number) for number in range(len(items_at(tree.instance, "messages")))]
    for part in tree.parts(paths):
        if part.path[0] == "messages" or text_at(part.instance, "type").endswith("/Messages"):
            yield _message(part, source.name)
        else:
            yield judged(_exchange(part), source.name, max_size)


def _message(part: JsonTree, source: str) -> Unjudged:
    origin = Origin(source, part.line, part.column, pointer(part.path))
    return Unjudged(origin, Verdict.SKIPPED, "message", "it is no HTTP response")


def _exchange(interaction: JsonTree) -> Exchange:
    instance = interaction.instance
    status = at(instance, "response", "status")
    return Exchange(
        path=interaction.path,
        line=interaction.line,
        column=interaction.column,
        method=text_at(instance, "request", "method"),
        url=text_at(instance, "request", "path"),
        status=status if isinstance(status, int) else 200,
        body=lambda: _body(interaction),
        asked=lambda: _asked(instance),
    )


def _body(interaction: JsonTree) -> Body | Missing:
    response = at(interaction.instance, "response")
    if not isinstance(response, dict) or "body" not in response:
        return Missing(NOT_INCLUDED.reason, "the contract does not care for the body")
    body = response["body"]
    wrapped = _wrapped(body)
    if wrapped is None:
        return interaction.body(("response", "body"))
    is_base64 = text_at(body, "encoded").lower() == "base64"
    return interaction.body(("response", "body", wrapped), is_base64=is_base64)


def _wrapped(body: object) -> str | None:
    """The member in which v4 puts a body; None where the body stands as it is."""
    if not isinstance(body, dict) or not body.keys() <= _V4_BODY:
        return None
    return next((name for name in ("content", "contents") if name in body), None)


def _asked(interaction: object) -> str:
    body = at(interaction, "request", "body")
    wrapped = _wrapped(body)
    body = body if wrapped is None else at(body, wrapped)
    return body if isinstance(body, str) else json.dumps(body)
