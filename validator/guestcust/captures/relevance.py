"""Whether a JSON text has to do with the structure at all, told by its looks.

For runs over whole repositories, where most JSON is about something else. Works on one text; judges nothing.
"""

from __future__ import annotations

import functools
import json

from guestcust.captures.envelopes import STRUCTURE, unwrap
from guestcust.model import Instance
from guestcust.ruleset import catalog

_TIMES = ("start_time", "end_time")
_WORDS = tuple(f'"{name}"'.encode() for name in ("status", *_TIMES))


def is_relevant(text: bytes | str) -> bool:
    """Whether a text looks like the structure, in any envelope, or is no JSON but has words of it."""
    try:
        # The lenient reader of Python: in what it repairs, the structure can be told nevertheless.
        instance = json.loads(text)
    except (ValueError, RecursionError):
        return _has_words(text)
    return resembles(instance)


def resembles(instance: Instance) -> bool:
    """Whether a document looks like the structure, in any envelope: by all of its members, its status or its times."""
    unwrapped = unwrap(instance)
    if isinstance(instance, dict) and "jsonrpc" in instance:
        # It names the structure that it carries.
        return STRUCTURE in unwrapped.path
    payload = unwrapped.payload
    if not isinstance(payload, dict) or not payload:
        return False
    members, statuses = _known()
    status = payload.get("status")
    return (
        payload.keys() <= members
        or (isinstance(status, str) and status.upper() in statuses)
        or ("status" in payload and not payload.keys().isdisjoint(_TIMES))
    )


def _has_words(text: bytes | str) -> bool:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    # Without the zeros that UTF-16 and UTF-32 put between the letters.
    data = data.replace(b"\0", b"")
    return any(word in data for word in _WORDS)


@functools.cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """The members and the statuses of the newest schema."""
    return frozenset(catalog.schema()["properties"]), frozenset(catalog.statuses(catalog.versions()[-1]))
