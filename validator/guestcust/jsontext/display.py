"""Shows untrusted values and text: at bounded length, and without secrets or what affects a terminal.

Values and text only; no rules, reports or positions here.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable

from guestcust.model import Instance

# Python refuses to print integers of more than 4300 digits.
_MAX_BITS = 4096
# `json.dumps` makes a new encoder for each call.
_quote = json.JSONEncoder(ensure_ascii=False).encode

_USER = re.compile(r"(^|//)[^/?#]*@")
_PARAMETER = re.compile(r"(;[^=/?#;]*=)[^/?#;]*")
# What vSphere calls an operation by.
_VALUE = re.compile(r"([?&](?!(?:~?action|~method|vmw-task)=)[^=?&]*=)[^&]*")


def brief(value: Instance, limit: int = 60) -> str:
    """A value as JSON text of bounded length, or its type in angle brackets if JSON cannot express it."""
    text = _brief(value, limit, depth=2)
    return text if len(text) <= limit + 2 else f"{text[:limit]}…"


def printable(text: str) -> str:
    """The text with every unprintable character and every lone surrogate as an escape."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def without_secrets(url: str) -> str:
    """The URL without what may be secret: its user, the values of its parameters, and its fragment."""
    address, mark, query = url.partition("#")[0].partition("?")
    address = _PARAMETER.sub(r"\1***", _USER.sub(r"\1", address))
    return address + _VALUE.sub(r"\1***", mark + query)


def _escaped(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def _brief(value: Instance, limit: int, depth: int) -> str:
    if isinstance(value, str):
        cut = value[:limit]
        quoted = printable(_quote(cut))
        return quoted if len(cut) == len(value) else f"{quoted[:-1]}…"
    if value is None or isinstance(value, (bool, float)):
        return json.dumps(value)
    if isinstance(value, int):
        return str(int(value)) if value.bit_length() <= _MAX_BITS else f"<an integer of {value.bit_length()} bits>"
    if isinstance(value, dict):
        members = (
            f"{_brief(str(name), limit, 0)}: {_brief(member, limit, depth - 1)}" for name, member in value.items()
        )
        return f"{{{_first(members, len(value), depth)}}}"
    if isinstance(value, list):
        return f"[{_first((_brief(item, limit, depth - 1) for item in value), len(value), depth)}]"
    return f"<{type(value).__name__}>"


def _first(parts: Iterable[str], count: int, depth: int, most: int = 3) -> str:
    if depth <= 0:
        return "…" if count else ""
    return ", ".join([*itertools.islice(parts, most), *["…"] * (count > most)])
