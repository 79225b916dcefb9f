"""Untrusted text as HTML: escaped, shortened, in ASCII."""

from __future__ import annotations

import base64
import hashlib
import html
import re

from guestcust.jsontext.display import printable, without_secrets

#: The most characters to show of a name, a request or a message.
LONG = 500


def escaped(text: str, limit: int | None = LONG) -> str:
    """Untrusted text as HTML in ASCII, for content and for quoted attributes."""
    shown = printable(text if limit is None else clipped(text, limit))
    return html.escape(shown).encode("ascii", "xmlcharrefreplace").decode("ascii")


def isolated(text: str, limit: int | None = LONG) -> str:
    """Untrusted text whose direction marks cannot reorder the text around it."""
    return f'<bdi dir="ltr">{escaped(text, limit)}</bdi>'


def clipped(text: str, limit: int = LONG) -> str:
    """The text, with its middle left out if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}\u2026 {len(text) - limit:,} characters left out \u2026{text[-(limit // 2) :]}"


def counted(number: int, word: str) -> str:
    """A number with thousands separators and a noun, in the plural unless it is 1."""
    return f"{number:,} {word}{'s' * (number != 1)}"


def more(number: int) -> str:
    """A note on the entries of a list that are left out."""
    return f"and {number:,} more, not listed here; the JSON report with --all lists them all"


def digest(content: str) -> str:
    """The hash of a style or script for a Content Security Policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def without_credentials(text: str) -> str:
    """The text without what may be secret in each URL."""
    # First the users, because a quote in a password is no end of the URL.
    text = re.sub(r"(?<=://)[^/\s]*@", "", text)
    return re.sub(r"(?<=://)[^\s'\"]*", lambda found: without_secrets(found[0]), text)
