"""Payloads that lie inside a document which is in no known format, taken out with their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guestcust.captures.relevance import NOT_UNDERSTOOD
from guestcust.captures.trees import JsonTree
from guestcust.jsontext.decode import UNREAD, decode
from guestcust.model import Origin, Path, Payload, Unchecked, Verdict, pointer


def payloads_inside(
    document: Payload, text: bytes | str, inside: Sequence[tuple[Path, str]]
) -> Iterator[Payload | Unchecked]:
    """The payloads of a document, each with its place in the file and its JSON Pointer.

    Args:
        document: as it was found.
        text: its text.
        inside: where the payloads lie in it, and in which envelope each.

    """
    origin = document.origin
    decoded = decode(text, max_size=len(text) * 4)
    paths = [path for path, _ in inside]
    for fault in decoded.faults:
        # Where a payload itself is duplicated, the fault is that of its container.
        is_outside = not any(fault.path[: len(path)] == path != fault.path for path in paths)
        if decoded.instance is UNREAD or (fault.rule == "json-unique-members" and is_outside):
            detail = f"a payload lies at {pointer(paths[0])}, but the document around it is broken: {fault.message}"
            yield Unchecked(origin, Verdict.UNREADABLE, NOT_UNDERSTOOD, detail)
            break
    if decoded.instance is UNREAD:
        return
    parts = JsonTree(decoded.text, decoded.instance, (), origin.line, origin.column).parts(paths)
    for part, (_, envelope) in zip(parts, inside, strict=True):
        place = Origin(origin.source, part.line, part.column, origin.pointer + pointer(part.path))
        yield Payload(part.text, place, envelope=envelope)
