"""Recognizes the response to a login when its request is unknown, so that no report shows a session id."""

from __future__ import annotations

import json
import re

# The name of a header, or of a cookie that is set. Other headers may mention it.
_SESSION = re.compile(
    rb"^(?:vmware-api-session-id[ \t]*:|set-cookie[ \t]*:(?:[^\n]*,)?[ \t]*vmware-api-session-id=)",
    re.IGNORECASE | re.MULTILINE,
)
_STRING = re.compile(rb'\s*(?:\{\s*"value"\s*:\s*)?"')
# Session ids have 32 characters; no status has as many as 16.
_ID = re.compile(_STRING.pattern + rb'[\w+/=.:-]{16,}"\s*\}?\s*\Z')
_CUT_STRING = re.compile(_STRING.pattern + rb'[^"]*\Z')


def sets_session(head: bytes) -> bool:
    """Whether the head of a response starts a session."""
    return _SESSION.search(head) is not None


def may_be_session(body: bytes | str) -> bool:
    """Whether a body is a string, bare or under `/rest`, as a session id is. A payload is an object."""
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    if not _STRING.match(data):
        return False
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return _CUT_STRING.match(data) is not None
    return isinstance(found, str) or (found.keys() == {"value"} and isinstance(found["value"], str))


def is_session(body: bytes | str) -> bool:
    """Whether such a body looks like a session id."""
    return _ID.match(body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")) is not None
