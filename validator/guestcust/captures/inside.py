"""Extracts payloads from inside a document in no known format, with their positions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from guestcust.captures.containers import UnreadableError
from guestcust.captures.exchanges import NOT_INCLUDED, Missing
from guestcust.captures.naming import ONLY_NAMED
from guestcust.captures.relevance import NOT_UNDERSTOOD, Answer, classify
from guestcust.captures.trees import JsonTree
from guestcust.jsontext.decode import UNREAD, decode
from guestcust.model import Origin, Path, Payload, Unchecked, Verdict, pointer


def payloads_inside(
    document: Payload, text: bytes | str, inside: Sequence[tuple[Path, str]]
) -> Iterator[Payload | Unchecked]:
    """The payloads of a document, each with its line, column and JSON Pointer.

    Args:
        document: the document, as a payload.
        text: its text.
        inside: the path and the envelope of each payload in it.

    """
    origin = document.origin
    decoded = decode(text, max_size=len(text) * 4)
    paths = [path for path, _ in inside]
    for fault in decoded.faults:
        # A duplicated payload is a fault of its container.
        is_outside = not any(fault.path[: len(path)] == path != fault.path for path in paths)
        if decoded.instance is UNREAD or (fault.rule == "json-unique-members" and is_outside):
            detail = f"a payload lies at {pointer(paths[0])}, but the document around it is broken: {fault.message}"
            yield Unchecked(origin, Verdict.UNREADABLE, NOT_UNDERSTOOD, detail)
            break
    if decoded.instance is UNREAD:
        return
    parts = JsonTree(decoded.text, decoded.instance, (), lambda: (origin.line, origin.column)).parts(paths)
    for part, (_, envelope) in zip(parts, inside, strict=True):
        place = partial(Origin, origin.source, *part.start(), origin.pointer + pointer(part.path))
        yield Payload(part.text, place, envelope=envelope)


def may_hold_payload(text: bytes | str) -> bool:
    """Whether a part of a capture that is not an exchange may hold a payload; naming the operation is not enough."""
    found = classify(text, is_element=True)
    return found.answer is not Answer.UNRELATED and not found.detail.startswith(ONLY_NAMED)


def not_included(detail: str, text: bytes | str) -> Missing:
    """Why a body is missing from an exchange, given the text of the exchange.

    Raises:
        UnreadableError: the exchange may hold the payload in a place where no body is expected.

    """
    if may_hold_payload(text):
        raise UnreadableError(f"{detail}, but what looks like a payload is elsewhere in the exchange")
    return Missing(NOT_INCLUDED.reason, detail)
