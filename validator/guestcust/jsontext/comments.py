"""Comments in JSON, which the standard has not but some tools write; nothing here parses JSON."""

from __future__ import annotations

import re

# A string, which may hold what looks like a comment, or a comment. Either may be cut off by the end of the text.
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_VISIBLE = re.compile(r"[^\n]")


def without_comments(text: str) -> str:
    """A text with spaces in the place of each comment, so that every line and column stays as it is."""
    return _TOKEN.sub(_blanked, text) if "//" in text or "/*" in text else text


def _blanked(token: re.Match[str]) -> str:
    return token.group() if token.group().startswith('"') else _VISIBLE.sub(" ", token.group())
