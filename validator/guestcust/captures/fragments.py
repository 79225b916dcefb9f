"""What can be recognised in text that is not JSON: comments removed, and fragments that may be payloads.

Works on text; whether a fragment looks like a payload, `relevance` decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from guestcust.jsontext.comments import without_comments

_NOT_LETTERS = re.compile(r"[^a-z]+")
_QUOTE = "[\"'\u2018-\u201f]"
_STATUS_MEMBER = re.compile(rf"{_QUOTE}status{_QUOTE}\s*:\s*(?:{_QUOTE}\s*([A-Za-z_. -]{{1,40}}))?", re.IGNORECASE)
_NAME = re.compile(rf"{_QUOTE}([\w-]{{1,40}}){_QUOTE}\s*:")
# A string, which may contain what looks like a comma to remove, or a comma after the last member or item.
_TRAILING_COMMA = re.compile(r'("[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z))|,(?=\s*[}\]])', re.DOTALL)
# Text that is not JSON is repaired up to this size; of longer text, only fragments are examined.
_REPAIRED = 1024 * 1024
_FRAGMENT = 4096


def characters(data: bytes) -> str:
    """A text as far as it can be decoded, without the zeros and the byte order mark of UTF-16 and UTF-32."""
    return data.replace(b"\0", b"").decode(errors="replace").lstrip("\ufffd\ufeff")


def repaired(text: str) -> str:
    """A text without comments and trailing commas."""
    if len(text) > _REPAIRED:
        raise ValueError("too long")
    return _TRAILING_COMMA.sub(lambda found: found.group(1) or "", without_comments(text))


def fragments(text: str) -> Iterator[dict[str, Any]]:
    """The innermost objects of a text that have a status, as far as they can be recognised."""
    last = end = 0
    for found in _STATUS_MEMBER.finditer(text):
        opened = text.rfind("{", max(0, found.start() - _FRAGMENT), found.start())
        # Another status of the same object, unless an object has begun since.
        if found.start() < end and opened <= last:
            continue
        last = found.start()
        start = max(opened, found.start() - _FRAGMENT, 0)
        end = text.find("}", found.end(), found.end() + _FRAGMENT)
        end = end if end > 0 else found.end() + _FRAGMENT
        names = (name.group(1) for name in _NAME.finditer(text[start:end]))
        yield {**{name: "" for name in names if bare(name) != "status"}, "status": (found.group(1) or "").strip()}


def bare(name: str) -> str:
    """A member's name without case, `_` and `-`."""
    return _NOT_LETTERS.sub("", name.lower()) if not name.isalpha() or not name.islower() else name
