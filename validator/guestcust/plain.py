"""The first look at a payload: whether it plainly conforms, told quickly, or not told at all.

What it says yes to, the strict reader finds no fault in and the schema accepts; where it says no, it may be wrong, and
others decide. Light to import: no other room of the package but the shape and the times may enter here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from guestcust import times
from guestcust.shape import STATUS, Shape, Values

if TYPE_CHECKING:
    from guestcust.model import Instance

# Deeper than this, and with longer integers, a text is left to the strict reader.
_MAX_DEPTH = 64
_SAFE_DIGITS = 308
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class _DoubtError(ValueError):
    """The text has something that only the strict reader can judge."""


def read(text: bytes) -> Instance:
    """What a JSON text says.

    Raises:
        ValueError: it is not sure that the strict reader would find no fault in it.

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


class Plain:
    """The quick verdicts by one shape. Immutable, and safe to use from many threads."""

    def __init__(self, shape: Shape) -> None:
        #: Whether an instance plainly conforms.
        self.accepts = _acceptor(shape)

    def accepts_without_warning(self, instance: Instance) -> bool:
        """Whether an instance plainly conforms, and nothing about it is odd."""
        return self.accepts(instance) and not any(times.warnings(instance, ()))


def _acceptor(shape: Shape) -> Callable[[Instance], bool]:
    """One function for what every payload goes through; as methods of an object it would take half as long again."""
    # Of the status nothing is left to ask, and nothing takes less time to say yes than `len`.
    checks = {status: {STATUS: len, **_checks(members)} for status, members in shape.items() if status}
    nullable = {
        status: frozenset(name for name, values in members.items() if values.null) for status, members in shape.items()
    }

    def accepts(instance: Instance) -> bool:
        if type(instance) is not dict:
            return False
        try:
            status = instance[STATUS]
            known = checks[status]
            for name, value in instance.items():
                if value is None:
                    if name not in nullable[status]:
                        return False
                elif not known[name](value):
                    return False
        except (LookupError, TypeError, ValueError):
            # A member that is not known, or a value of another type.
            return False
        return True

    return accepts


def _checks(members: Mapping[str, Values]) -> dict[str, Callable[[str], object]]:
    """How to look at the string in each member that may have one: what conforms gives something true.

    What is no string raises TypeError; a surrogate that stands alone raises ValueError, and an empty string is left to
    others, for that is what `str.encode` does, and a function around it would take longer than it.
    """
    return {
        name: str.encode if values.pattern is None else re.compile(values.pattern).fullmatch
        for name, values in members.items()
        if values.string
    }
