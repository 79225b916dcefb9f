"""The messages of the rules that the schemas check: what is wrong, why, and what would be right.

Values from payloads are shown with `display.brief`, so that messages have a bounded length and no control characters.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping

from guestcust.jsontext.display import brief
from guestcust.model import Instance, KeywordFailure
from guestcust.ruleset import catalog, time_faults, times
from guestcust.ruleset.catalog import Resolution
from guestcust.ruleset.suggestions import closest, closest_status, did_you_mean


def sentence(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    """The message for a keyword that a payload fails under an API version."""
    return _SENTENCES[failure.rule](failure, payload, api)


def misspelled_status(payload: Mapping[str, Instance]) -> str | None:
    """The member of a payload without status that is most likely a misspelled `status`, such as `Status`."""
    # Comparing names is slow, and a real payload has few members.
    names = itertools.islice(payload, 100)
    return next((name for name in names if closest(str(name), ("status",))), None)


def _payload_is_object(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    hint = "; the string holds JSON text: parse it first (it may have been encoded twice)"
    advice = hint if _holds_json(payload) else ""
    return f"the payload is {_kind(payload)}; a payload is an object that has a status{advice}"


def _status_required(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    similar = misspelled_status(payload)
    advice = f"; did you misspell it as {brief(similar)}?" if similar is not None else ""
    return f'"status" is missing; it is required: {_any_of(catalog.statuses(api.version))}{advice}'


def _status_is_string(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    return f'"status" is {brief(payload["status"])}; it must be a string: {_any_of(catalog.statuses(api.version))}'


def _status_known(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    status, known = payload["status"], catalog.statuses(api.version)
    added = next((later for later in catalog.versions() if status in catalog.statuses(later)), None)
    since = f" (added in {added})" if added else ""
    return (
        f'"status" is {brief(status)}, which API {api.name} does not define{since}; '
        f"it defines {_all_of(known)}{did_you_mean(closest_status(status, known))}"
    )


def _no_unknown_members(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    name, known = str(failure.path[-1]), tuple(failure.subschema["properties"])
    advice = did_you_mean(closest(name, known))
    if name == "value" and payload.keys() == {name}:
        advice = '; this is the envelope of /rest: use the payload inside "value", or --envelope rest'
    return f"{brief(name)} is not a member of the structure; its members are {_all_of(known)}{advice}"


def _error_is_string(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    return f'"error" is {brief(payload["error"])}; it must be a string, or unset (missing or null)'


def _date_time(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    name = failure.path[-1]
    value = payload[name]
    why = time_faults.diagnose(value) or f"it is {_kind(value)}, not a string"
    return f'"{name}" is {brief(value)}: {why}; expected a time such as "{times.EXAMPLE}"'


def _guarded(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    name, relevant = failure.path[-1], catalog.relevant_statuses(failure.rule, api.version)
    advice = '; "" counts as set: use null or omit the member' if payload[name] == "" else ""
    return (
        f'"{name}" is set, but status is {brief(payload["status"])}; '
        f"{name} is relevant only when status is {_any_of(relevant)}{advice}"
    )


_SENTENCES: dict[str, Callable[[KeywordFailure, Instance, Resolution], str]] = {
    "payload-is-object": _payload_is_object,
    "status-required": _status_required,
    "status-is-string": _status_is_string,
    "status-known": _status_known,
    "no-unknown-members": _no_unknown_members,
    "error-is-string": _error_is_string,
    "date-time": _date_time,
    "error-only-when-failed": _guarded,
    "start-time-only-when-started": _guarded,
    "end-time-only-when-ended": _guarded,
}


def _kind(value: Instance) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    kinds = ((dict, "an object"), (list, "an array"), (str, "a string"), ((int, float), "a number"))
    return next((name for kind, name in kinds if isinstance(value, kind)), brief(value))


def _any_of(words: Iterable[str]) -> str:
    return _listed(tuple(words), "or")


def _all_of(words: Iterable[str]) -> str:
    return _listed(tuple(words), "and")


def _listed(words: tuple[str, ...], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _holds_json(value: Instance) -> bool:
    """Whether a value is a string that holds a JSON object."""
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return False
    return True
