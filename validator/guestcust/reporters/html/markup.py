"""Text from outside as HTML: escaped, shortened, in ASCII."""

from __future__ import annotations

import base64
import hashlib
import html

from guestcust.jsontext.display import printable

#: How much is shown of a name, a request, a message.
LONG = 500


def escaped(text: str, limit: int | None = LONG) -> str:
    """Text from outside as HTML in ASCII, for content and for quoted attributes alike."""
    shown = printable(text if limit is None else clipped(text, limit))
    return html.escape(shown).encode("ascii", "xmlcharrefreplace").decode("ascii")


def isolated(text: str, limit: int | None = LONG) -> str:
    """Text from outside that cannot turn the order of what stands around it."""
    return f'<bdi dir="ltr">{escaped(text, limit)}</bdi>'


def clipped(text: str, limit: int = LONG) -> str:
    """The text with its middle left out where it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}\u2026 {len(text) - limit:,} characters left out \u2026{text[-(limit // 2) :]}"


def counted(number: int, word: str) -> str:
    """A number of things, with thousands separators."""
    return f"{number:,} {word}{'s' * (number != 1)}"


def more(number: int) -> str:
    """A sentence for the entries of a list that are left out."""
    return f"and {number:,} more, not listed here; the report json with --all has them all"


def digest(content: str) -> str:
    """A content as a Content Security Policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
