"""Pact contracts, v2 to v4: the responses that a consumer's `interactions` expect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BufferedIOBase

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import document
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, broken, payload_of
from guestcust.captures.trees import JsonTree, at, items_at, text_at
from guestcust.model import Origin, Path, Payload, Source, Unchecked, Verdict, pointer

_V4_CONTENT = ("content", "contents")
_V4_BODY = {*_V4_CONTENT, "contentType", "contentTypeHint", "encoded"}


def payloads(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every interaction and message, or the reason why it has none."""
    try:
        tree = document(stream, max_size, {"interactions", "messages"})
    except UnreadableError as error:
        yield broken(source.name, (), (1, 1), str(error))
        return
    interactions = items_at(tree.instance, "interactions")
    paths: list[Path] = [("interactions", number) for number in range(len(interactions))]
    paths += [("messages", number) for number in range(len(items_at(tree.instance, "messages")))]
    for part in tree.parts(paths):
        if part.path[0] == "messages" or text_at(part.instance, "type").endswith("/Messages"):
            yield _message(part, source.name)
        else:
            yield payload_of(_exchange(part), source.name, max_size)


def _message(part: JsonTree, source: str) -> Unchecked:
    origin = Origin(source, *part.start(), pointer(part.path))
    return Unchecked(origin, Verdict.SKIPPED, "message", "it is not an HTTP response")


def _exchange(interaction: JsonTree) -> Exchange:
    instance = interaction.instance
    status = at(instance, "response", "status")
    return Exchange(
        path=interaction.path,
        start=interaction.start,
        method=at(instance, "request", "method"),
        url=_url(at(instance, "request")),
        status=200 if status is None else status,
        body=lambda: _body(interaction),
        asked=lambda: _asked(instance),
    )


def _url(request: object) -> str:
    """Path and query. In v2, a query is a string; from v3 on, it has a list of values for each name."""
    query = at(request, "query")
    if isinstance(query, dict):
        query = "&".join(f"{name}={value}" for name in query for value in items_at(query, name))
    return (text_at(request, "path") or "/") + (f"?{query}" if isinstance(query, str) and query else "")


def _body(interaction: JsonTree) -> Body | Missing:
    response = at(interaction.instance, "response")
    if not isinstance(response, dict) or "body" not in response:
        return Missing(NOT_INCLUDED.reason, "the contract accepts any body")
    body = response["body"]
    wrapped = _wrapped(body)
    if wrapped is None:
        if isinstance(body, dict) and "contentType" in body and body.keys() <= _V4_BODY:
            return Missing(NOT_INCLUDED.reason, "the contract gives the type of the body, and no content")
        return interaction.body(("response", "body"))
    encoded = "base64" if body.get("encoded") is True else text_at(body, "encoded").lower()
    path = ("response", "body", wrapped)
    # A string is the text itself unless the content is encoded as JSON; then it is a JSON string.
    return interaction.body(path, is_base64=encoded == "base64", verbatim=encoded == "json")


def _wrapped(body: object) -> str | None:
    """The member in which v4 wraps a body; None if the body is not wrapped."""
    if not isinstance(body, dict) or not body.keys() <= _V4_BODY:
        return None
    return next((name for name in _V4_CONTENT if name in body), None)


def _asked(interaction: object) -> str:
    body = at(interaction, "request", "body")
    wrapped = _wrapped(body)
    body = body if wrapped is None else at(body, wrapped)
    return body if isinstance(body, str) else json.dumps(body)
