"""What may come before a JSON value: a byte order mark and white space."""

from __future__ import annotations

#: The byte order mark as a character, and as bytes of UTF-8.
BOM_CHARACTER = "\ufeff"
BOM = BOM_CHARACTER.encode()
#: The white space of JSON.
SPACE = b" \t\n\r"


def value_start(head: bytes) -> bytes:
    """The first bytes of a text without a byte order mark and white space."""
    return head.removeprefix(BOM).lstrip(SPACE)
