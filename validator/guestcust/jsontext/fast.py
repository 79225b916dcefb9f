"""The fast reader: the standard library's parser, for texts without faults.

The fast start imports this module, so it imports no other module of the package.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guestcust.model import Instance

# The strict reader reads texts that may be nested deeper, or that have longer integers.
_MAX_DEPTH = 64
_SAFE_DIGITS = 308
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


#: The endings of JSON files that may be parts of a capture of several files.
PARTS = (".req.json", ".res.json")


def is_lone_json(name: str) -> bool:
    """Whether a file is JSON by its name, and no part of a capture."""
    name = name.lower()
    return name.endswith(".json") and not name.endswith(PARTS)


class _DoubtError(ValueError):
    """The text has something that only the strict reader can check."""


def read(text: bytes) -> Instance:
    """Reads a JSON text.

    Raises:
        ValueError: the strict reader might find a fault in the text.

    """
    characters = text.decode()
    if "\\u" in characters and _SURROGATE.search(characters):
        raise _DoubtError
    if characters.count("[") + characters.count("{") > _MAX_DEPTH:
        raise _DoubtError
    return _decode(characters)


def _object(pairs: list[tuple[str, Instance]]) -> dict[str, Instance]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _DoubtError
    return members


def _integer(digits: str) -> int:
    if len(digits) > _SAFE_DIGITS:
        raise _DoubtError
    return int(digits)


def _doubt(token: str) -> Any:
    raise _DoubtError


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_doubt, parse_constant=_doubt
).decode
