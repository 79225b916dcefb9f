"""The wrappings in which the API's encodings put a payload, one row each: how to know one, and what lies in it.

Works on instances; text, files and schemas stay outside.
"""

from __future__ import annotations

from dataclasses import dataclass

from guestcust.captures.decode import UNREAD
from guestcust.model import Fault, Instance, Path

#: What may be asked for: `auto` recognises an envelope by itself.
ENVELOPES = ("auto", "api", "rest")


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """A payload taken out of its envelope."""

    payload: Instance
    #: Where the payload lies in what was unwrapped.
    path: Path = ()
    #: Set where the envelope that was insisted on is not there.
    fault: Fault | None = None


def unwrap(instance: Instance, envelope: str = "auto") -> Unwrapped:
    """Takes a payload out of the body of a response: bare under /api, `{"value": payload}` under /rest."""
    is_rest = isinstance(instance, dict) and instance.keys() == {"value"}
    if is_rest and envelope != "api":
        return Unwrapped(instance["value"], ("value",))
    if envelope != "rest" or instance is UNREAD:
        return Unwrapped(instance)
    message = 'the envelope "rest" is missing: an object with the single member "value", which holds the payload'
    return Unwrapped(instance, fault=Fault("envelope", message, ()))
