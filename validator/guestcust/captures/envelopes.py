"""The wrappings in which the API's encodings put a payload, one row each: how to know one, and what lies in it.

Works on instances; text, files and schemas stay outside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from guestcust.jsontext.decode import UNREAD
from guestcust.model import Instance, Path, TextFault

#: The structure's name, as json-rpc calls it.
STRUCTURE = "com.vmware.vcenter.vm.guest.customization.info"

_OPTIONAL = "OPTIONAL"
_OUTPUT: Path = ("result", "output", "STRUCTURE", STRUCTURE)


class Unwrapped(NamedTuple):
    """A payload taken out of its envelope."""

    payload: Instance
    #: Where the payload lies in what was unwrapped.
    path: Path = ()
    #: The members whose values stand one step deeper in what was unwrapped, wrapped as optional.
    optional: frozenset[str] = frozenset()
    #: Set where the envelope that was insisted on is not there, or not whole.
    fault: TextFault | None = None
    #: Why there is no payload to judge, where the envelope says so.
    skipped: str | None = None

    def without(self, path: Path) -> Path:
        """A path in the payload as a path in what was unwrapped."""
        step = (_OPTIONAL,) if path and path[0] in self.optional else ()
        return self.path + path[:1] + step + path[1:]

    def within(self, path: Path) -> Path:
        """A path in what was unwrapped as a path in the payload; what lies outside the payload counts as all of it."""
        depth = len(self.path)
        if path[:depth] != self.path:
            return ()
        member, rest = path[depth : depth + 1], path[depth + 1 :]
        return member + rest[1:] if member and member[0] in self.optional else member + rest


def unwrap(instance: Instance, envelope: str = "auto") -> Unwrapped:
    """Takes a payload out of the body of a response.

    It stands bare under /api, in `{"value": payload}` under /rest, and deep inside with json-rpc.

    Args:
        instance: the body.
        envelope: one of `ENVELOPES`.

    """
    if instance is UNREAD:
        return Unwrapped(instance)
    if envelope != "auto":
        return _UNWRAPPERS[envelope](instance)
    if isinstance(instance, dict) and "jsonrpc" in instance:
        return _json_rpc(instance)
    is_rest = isinstance(instance, dict) and instance.keys() == {"value"}
    return _rest(instance) if is_rest else _api(instance)


def _api(instance: Instance) -> Unwrapped:
    return Unwrapped(instance)


def _rest(instance: Instance) -> Unwrapped:
    if isinstance(instance, dict) and instance.keys() == {"value"}:
        return Unwrapped(instance["value"], ("value",))
    message = 'the envelope "rest" is missing: an object with the single member "value", which holds the payload'
    return Unwrapped(instance, fault=TextFault("envelope", message, ()))


def _json_rpc(instance: Instance) -> Unwrapped:
    """Under json-rpc, every member that may be unset stands in `{"OPTIONAL": value}`."""
    result = instance.get("result") if isinstance(instance, dict) else None
    if isinstance(instance, dict) and ("error" in instance or (isinstance(result, dict) and "error" in result)):
        return Unwrapped(instance, skipped="json-rpc error")
    found = instance
    for step in _OUTPUT:
        found = found.get(step, UNREAD) if isinstance(found, dict) else UNREAD
    if found is UNREAD:
        place = ".".join(map(str, _OUTPUT[:3]))
        message = f'the envelope "json-rpc" is missing: the payload lies in {place}, under the name "{STRUCTURE}"'
        return Unwrapped(instance, fault=TextFault("envelope", message, ()))
    if not isinstance(found, dict):
        return Unwrapped(found, _OUTPUT)
    optional = frozenset(
        name for name, value in found.items() if isinstance(value, dict) and value.keys() == {_OPTIONAL}
    ) - {"status"}
    payload = {name: value[_OPTIONAL] if name in optional else value for name, value in found.items()}
    bare = next((name for name in found if name in _GUARDED and name not in optional), None)
    fault = None
    if bare is not None:
        message = f'"{bare}" stands bare; json-rpc writes a member that may be unset as {{"OPTIONAL": value}}'
        fault = TextFault("envelope", message, (bare,))
    return Unwrapped(payload, _OUTPUT, optional, fault)


_GUARDED = ("error", "start_time", "end_time")

_UNWRAPPERS: dict[str, Callable[[Instance], Unwrapped]] = {"api": _api, "rest": _rest, "json-rpc": _json_rpc}
#: What may be asked for: `auto` recognises an envelope by itself.
ENVELOPES = ("auto", *_UNWRAPPERS)
