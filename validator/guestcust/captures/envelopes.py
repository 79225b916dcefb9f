"""The envelopes in which the API's encodings put a payload: how to recognize each, and the payload inside.

Works on instances; text, files and schemas stay outside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from guestcust.errors import UnknownNameError
from guestcust.jsontext.decode import UNREAD
from guestcust.model import Instance, Path, TextFault

#: The structure's name in json-rpc.
STRUCTURE = "com.vmware.vcenter.vm.guest.customization.info"
#: The name of the structure that `customization-live` returns.
LIVE = "com.vmware.vcenter.vm.guest.customization_live.info"

_OPTIONAL = "OPTIONAL"
_OUTPUT: Path = ("result", "output", "STRUCTURE", STRUCTURE)


class Unwrapped(NamedTuple):
    """A payload taken out of its envelope."""

    payload: Instance
    #: The path of the payload in the instance that was unwrapped.
    path: Path = ()
    #: The members whose values are one step deeper there, wrapped as optional.
    optional: frozenset[str] = frozenset()
    #: Set if the requested envelope is missing or incomplete, or contains something other than a payload.
    fault: TextFault | None = None
    #: Why the envelope contains no payload to validate; None if it does contain one.
    skipped: str | None = None

    def without(self, path: Path) -> Path:
        """Converts a path in the payload to a path in the unwrapped instance."""
        step = (_OPTIONAL,) if path and path[0] in self.optional else ()
        return self.path + path[:1] + step + path[1:]

    def within(self, path: Path) -> Path:
        """Converts a path in the unwrapped instance to a path in the payload; the root if it is outside the payload."""
        depth = len(self.path)
        if path[:depth] != self.path:
            return ()
        member, rest = path[depth : depth + 1], path[depth + 1 :]
        return member + rest[1:] if member and member[0] in self.optional else member + rest


def unwrap(instance: Instance, envelope: str | None = "auto") -> Unwrapped:
    """Takes a payload out of the body of a response.

    Under /api it is the body itself, under /rest it is in `{"value": payload}`, and with json-rpc it is nested deeply.

    Args:
        instance: the body.
        envelope: one of `ENVELOPES`, or None for a payload without any.

    """
    if instance is UNREAD or envelope is None:
        return Unwrapped(instance)
    if envelope == "auto":
        envelope = "json-rpc" if _is_json_rpc(instance) else "rest" if _is_rest(instance) else "api"
    unwrapped = _UNWRAPPERS[envelope](instance)
    if unwrapped.fault or unwrapped.skipped:
        return unwrapped
    message = _mistaken(unwrapped.payload, envelope)
    return unwrapped._replace(fault=TextFault("envelope", message, ())) if message else unwrapped


def _is_json_rpc(instance: Instance) -> bool:
    return isinstance(instance, dict) and instance.get("jsonrpc") == "2.0"


def _is_rest(instance: Instance) -> bool:
    return isinstance(instance, dict) and instance.keys() == {"value"}


def _mistaken(payload: Instance, envelope: str) -> str | None:
    """A message if this is recognised as something other than a payload, else None."""
    if not isinstance(payload, dict):
        return None
    if _is_error(payload):
        return (
            "this is an error body of vSphere, not the structure; the server sends it with a status such as 404, "
            "so record or stub that status"
        )
    if _is_rest(payload) and isinstance(payload["value"], dict) and "status" in payload["value"]:
        if envelope == "rest":
            return 'the envelope "rest" is duplicated: leave one object with the member "value"'
        return (
            f'the payload is in the envelope "rest", {{"value": payload}}, where "{envelope}" is expected; '
            "ask under /rest, or send the payload without it"
        )
    if envelope != "json-rpc" and _is_json_rpc(payload) and not payload.keys().isdisjoint({"result", "error"}):
        return f'this is an answer of json-rpc where the envelope "{envelope}" is expected; check the URL'
    return None


def _is_error(payload: dict[str, Instance]) -> bool:
    """Whether an object is an error body, of /api or of /rest."""
    if "status" in payload:
        return False
    is_standard = isinstance(payload.get("type"), str) and payload["type"].startswith("com.vmware.vapi.std.errors.")
    return {"error_type", "messages"} <= payload.keys() or (is_standard and "value" in payload)


def _api(instance: Instance) -> Unwrapped:
    return Unwrapped(instance)


def _rest(instance: Instance) -> Unwrapped:
    if _is_rest(instance):
        return Unwrapped(instance["value"], ("value",))
    message = _mistaken(instance, "rest")
    if message is None:
        message = 'the envelope "rest" is missing: an object with the single member "value", which holds the payload'
        if isinstance(instance, dict) and "status" in instance:
            message += "; this is the form under /api: ask there, or wrap the payload"
    return Unwrapped(instance, fault=TextFault("envelope", message, ()))


def _json_rpc(instance: Instance) -> Unwrapped:
    """Unwraps a json-rpc response, in which every member that may be unset is in `{"OPTIONAL": value}`."""
    result = instance.get("result") if isinstance(instance, dict) else None
    if _is_json_rpc(instance) and ("error" in instance or (isinstance(result, dict) and "error" in result)):
        return Unwrapped(instance, skipped="json-rpc error")
    found = instance
    for step in _OUTPUT:
        outer, found = found, found.get(step, UNREAD) if isinstance(found, dict) else UNREAD
    if found is UNREAD:
        if isinstance(outer, dict) and LIVE in outer:
            return Unwrapped(instance, skipped="customization-live")
        place = ".".join(map(str, _OUTPUT[:3]))
        message = f'the envelope "json-rpc" is missing: the payload belongs in {place}, under the name "{STRUCTURE}"'
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
        message = f'"{bare}" is not wrapped; json-rpc writes a member that may be unset as {{"OPTIONAL": value}}'
        fault = TextFault("envelope", message, (bare,))
    return Unwrapped(payload, _OUTPUT, optional, fault)


_GUARDED = ("error", "start_time", "end_time")

_UNWRAPPERS: dict[str, Callable[[Instance], Unwrapped]] = {"api": _api, "rest": _rest, "json-rpc": _json_rpc}
#: The values of the option: `auto` recognizes the envelope.
ENVELOPES = ("auto", *_UNWRAPPERS)


def require_envelope(envelope: str) -> None:
    """Checks the name of an envelope.

    Raises:
        UnknownNameError: there is no such envelope.

    """
    if envelope not in ENVELOPES:
        raise UnknownNameError(f"no envelope is called {envelope!r}", hint=f"one of {', '.join(ENVELOPES)}")
