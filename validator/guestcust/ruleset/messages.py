"""The sentence for each rule of the schemas: what is wrong, why, and what would be right.

Every sentence is ours, never the validator's. What comes out of a payload goes through `shown`, so that no sentence
grows with its payload and none can steer a terminal.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable

from guestcust.jsontext.display import brief
from guestcust.model import Instance, KeywordFailure
from guestcust.ruleset import catalog, times
from guestcust.ruleset.catalog import Resolution


def sentence(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    """The message for a failure of a payload under an API version."""
    return _SENTENCES[failure.rule](failure, payload, api)


def _payload_is_object(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    is_text = isinstance(payload, str) and payload.lstrip()[:1] in ("{", "[")
    hint = "; the string looks like JSON text: decode it first, or validate it as text" if is_text else ""
    return f"the payload is {_kind(payload)}; a payload is an object that has a status{hint}"


def _status_required(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    return f'"status" is missing; every payload has one: {_any_of(catalog.statuses(api.version))}'


def _status_is_string(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    return f'"status" is {brief(payload["status"])}; it is always a string: {_any_of(catalog.statuses(api.version))}'


def _status_known(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    status, known = payload["status"], catalog.statuses(api.version)
    added = next((later for later in catalog.versions() if status in catalog.statuses(later)), None)
    since = f" (added in {added})" if added else ""
    return (
        f'"status" is {brief(status)}, which API {api.name} does not define{since}; '
        f"it defines {_all_of(known)}{_meant(status, known)}"
    )


def _no_unknown_members(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    name, known = str(failure.path[-1]), tuple(failure.subschema["properties"])
    return f"{brief(name)} is no member of the structure; its members are {_all_of(known)}{_meant(name, known)}"


def _error_is_string(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    return f'"error" is {brief(payload["error"])}; it is a string, or unset (missing or null)'


def _date_time(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    name = failure.path[-1]
    value = payload[name]
    why = times.diagnose(value) if isinstance(value, str) else f"it is {_kind(value)}, not a string"
    return f'"{name}" is {brief(value)}: {why}; a time is written as "{times.EXAMPLE}"'


def _guarded(failure: KeywordFailure, payload: Instance, api: Resolution) -> str:
    name, relevant = failure.path[-1], catalog.relevant_statuses(failure.rule, api.version)
    return (
        f'"{name}" is set, but status is {brief(payload["status"])}; '
        f"{name} is relevant only when status is {_any_of(relevant)}"
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


def _meant(word: str, known: Iterable[str]) -> str:
    def folded(name: str) -> str:
        return name[:40].casefold().replace("_", "").replace("-", "").strip()

    names = {folded(name): name for name in known}
    close = difflib.get_close_matches(folded(word), names, n=1, cutoff=0.8)
    return f"; did you mean {names[close[0]]}?" if close else ""
