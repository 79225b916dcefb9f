"""Hypothesis strategies for payloads: conforming ones, and ones with a known fault.

Needs the extra `testing`. Every strategy is built once. Nothing else in the package may import this module.

>>> from hypothesis import given
>>> from guestcust import testing
>>> @given(testing.payloads(api_version="8.0.2.0"))
... def test_my_client_reads_every_payload(payload): ...
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

from guestcust.engine.status_table import STATUS, Values, shape
from guestcust.errors import OptionError, UnknownNameError
from guestcust.model import Instance
from guestcust.ruleset import catalog, times

try:
    import hypothesis.strategies as st
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"{error}; the strategies of guestcust.testing need the extra: pip install 'guestcust[testing]'"
    ) from None

_GUARDS = {
    "error-only-when-failed": "error",
    "start-time-only-when-started": "start_time",
    "end-time-only-when-ended": "end_time",
}
_TIMES = {"start_time": "start-time-only-when-started", "end_time": "end-time-only-when-ended"}


def payloads(
    api_version: str = "latest", *, statuses: Iterable[str] | None = None
) -> st.SearchStrategy[dict[str, Any]]:
    """Payloads that conform.

    Args:
        api_version: as for `guestcust.Validator`.
        statuses: the statuses to draw from; default: all that the version defines.

    Raises:
        ApiVersionError: as for `guestcust.Validator`.
        OptionError: `statuses` is empty or a string.
        UnknownNameError: the version does not define a status.

    """
    version = catalog.resolve(api_version).version
    known = catalog.statuses(version)
    if isinstance(statuses, str):
        raise OptionError(f"{statuses!r} is a string, not a collection of statuses", hint=f"give [{statuses!r}]")
    chosen = known if statuses is None else tuple(statuses)
    if not chosen:
        raise OptionError("there is no status to draw from", hint=f"give one or more of {', '.join(known)}")
    for status in chosen:
        _require(status, known, f"API {api_version} has no status {status!r}")
    return _payloads(version, chosen)


def faulty_payloads(api_version: str = "latest", *, rule: str | None = None) -> st.SearchStrategy[tuple[Instance, str]]:
    """Payloads with one fault, each with the id of the rule that it violates.

    Args:
        api_version: as for `guestcust.Validator`.
        rule: the id of the rule to violate; default: any rule of the schema.

    Raises:
        ApiVersionError: as for `guestcust.Validator`.
        UnknownNameError: the schema has no such rule.

    """
    version = catalog.resolve(api_version).version
    if rule is not None:
        _require(rule, _FAULTS, f"the schema has no rule {rule!r}")
        return _faulty(version, rule)
    return st.one_of([_faulty(version, each) for each in _FAULTS])


def _require(name: str, known: Collection[str], message: str) -> None:
    if name not in known:
        raise UnknownNameError(message, hint=f"one of {', '.join(known)}")


def date_times() -> st.SearchStrategy[str]:
    """Times that conform, in every form that `date_time` allows."""
    fractions = st.just("") | st.text("0123456789", min_size=1, max_size=12).map(lambda digits: f".{digits}")
    offsets = st.just("Z") | st.builds(
        "{}{:02}:{:02}".format, st.sampled_from("+-"), st.integers(0, 23), st.integers(0, 59)
    )
    seconds = st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat())
    return st.builds("{}{}{}".format, seconds, fractions, offsets)


def near_date_times() -> st.SearchStrategy[str]:
    """Strings that are not valid times, most of them one character away from a valid one."""
    odd = st.sampled_from([*"0123456789-:.+TZtz ,\n\r\u2028\u0660\uff11", ""])

    def edited(text: str, at: int, width: int, piece: str) -> str:
        at %= len(text) + 1
        return text[:at] + piece + text[at + width :]

    numbers = st.builds(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format,
        st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32),
        st.integers(0, 25), st.integers(0, 61), st.integers(0, 61),
    )  # fmt: skip
    texts = st.builds(edited, date_times(), st.integers(0, 40), st.integers(0, 2), odd) | numbers | st.text(max_size=30)
    return texts.filter(lambda text: not _conforms_as_time(text))


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value."""
    scalars = (
        st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    )
    names = st.sampled_from(["status", "error", "start_time", "end_time", "value"]) | st.text(max_size=8)
    words = st.sampled_from(catalog.statuses(catalog.versions()[-1])) | date_times() | st.text(max_size=12)
    return st.recursive(
        scalars | words,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
        max_leaves=12,
    )


@st.composite
def json_texts(draw: st.DrawFn, value: Instance) -> str:
    """JSON texts of a value, with any white space, any order of members and any way to escape."""

    def space() -> str:
        return draw(st.text(" \t\r\n", max_size=2))

    def string(text: str) -> str:
        escape = draw(st.sampled_from([None, "ascii", "all"]))
        if escape == "all":
            units = text.encode("utf-16-be")
            return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2)) + '"'
        return json.dumps(text, ensure_ascii=escape == "ascii")

    def write(inner: Instance) -> str:
        if isinstance(inner, str):
            return string(inner)
        if isinstance(inner, dict):
            members = draw(st.permutations(list(inner.items())))
            body = ",".join(
                f"{space()}{string(name)}{space()}:{space()}{write(item)}{space()}" for name, item in members
            )
            return "{" + (body or space()) + "}"
        if isinstance(inner, list):
            return "[" + (",".join(f"{space()}{write(item)}{space()}" for item in inner) or space()) + "]"
        return json.dumps(inner)

    return space() + write(value) + space()


@functools.cache
def _payloads(version: str, statuses: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    table = shape(catalog.schema(version))
    return st.one_of(
        [
            st.fixed_dictionaries(
                {STATUS: st.just(status)},
                optional={name: _values(values) for name, values in table[status].items()},
            )
            for status in statuses
        ]
    )


def _values(values: Values) -> st.SearchStrategy[str | None]:
    found: st.SearchStrategy[str | None] = st.none() if values.null else st.nothing()
    if not values.string:
        return found
    if values.pattern is None:
        return found | st.text(max_size=40)
    is_time = times.in_server_form(values.pattern) is not None
    return found | (date_times() if is_time else st.from_regex(re.compile(values.pattern, re.ASCII), fullmatch=True))


@functools.cache
def _faulty(version: str, rule: str) -> st.SearchStrategy[tuple[Instance, str]]:
    return st.tuples(_FAULTS[rule](version), st.just(rule))


@functools.cache
def _date_time_patterns() -> tuple[str, str]:
    date_time = catalog.schema()["$defs"]["date_time"]
    return date_time["pattern"], date_time["not"]["pattern"]


def _conforms_as_time(text: str) -> bool:
    pattern, foreign = _date_time_patterns()
    return bool(re.search(pattern, text)) and not re.search(foreign, text)


def _with(payload: dict[str, Any], name: str, value: Instance) -> dict[str, Any]:
    return {**payload, name: value}


def _no_object(version: str) -> st.SearchStrategy[Instance]:
    return json_values().filter(lambda value: not isinstance(value, dict))


def _no_status(version: str) -> st.SearchStrategy[Instance]:
    return payloads(version).map(lambda payload: {name: payload[name] for name in payload if name != "status"})


def _status_no_string(version: str) -> st.SearchStrategy[Instance]:
    values = json_values().filter(lambda value: not isinstance(value, str))
    return st.builds(_with, payloads(version), st.just("status"), values)


def _status_unknown(version: str) -> st.SearchStrategy[Instance]:
    known = catalog.statuses(version)
    later = [status for status in catalog.statuses(catalog.versions()[-1]) if status not in known]
    near = st.sampled_from([*later, *map(str.lower, known), *(f"{status} " for status in known), "", "CANCELLED"])
    return st.builds(
        _with, payloads(version), st.just("status"), near | st.text().filter(lambda text: text not in known)
    )


def _unknown_member(version: str) -> st.SearchStrategy[Instance]:
    known = set(catalog.schema(version)["properties"])
    near = st.sampled_from(["Status", "startTime", "end-time", "errors", "value", ""])
    names = near | st.text(max_size=12).filter(lambda name: name not in known)
    return st.builds(_with, payloads(version), names, json_values())


def _error_no_string(version: str) -> st.SearchStrategy[Instance]:
    values = json_values().filter(lambda value: value is not None and not isinstance(value, str))
    failed = payloads(version, statuses=catalog.relevant_statuses("error-only-when-failed", version))
    return st.builds(_with, failed, st.just("error"), values)


def _no_date_time(version: str) -> st.SearchStrategy[Instance]:
    values = near_date_times() | json_values().filter(lambda value: value is not None and not isinstance(value, str))

    return st.one_of(
        [
            st.builds(
                _with, payloads(version, statuses=catalog.relevant_statuses(rule, version)), st.just(name), values
            )
            for name, rule in _TIMES.items()
        ]
    )


def _set_too_early(rule: str) -> Callable[[str], st.SearchStrategy[Instance]]:
    name = _GUARDS[rule]
    values = st.text(max_size=20) if name == "error" else date_times()

    def faulty(version: str) -> st.SearchStrategy[Instance]:
        relevant = catalog.relevant_statuses(rule, version)
        others = [status for status in catalog.statuses(version) if status not in relevant]
        return st.builds(_with, payloads(version, statuses=others), st.just(name), values)

    return faulty


_FAULTS: dict[str, Callable[[str], st.SearchStrategy[Instance]]] = {
    "payload-is-object": _no_object,
    "status-required": _no_status,
    "status-is-string": _status_no_string,
    "status-known": _status_unknown,
    "no-unknown-members": _unknown_member,
    "error-is-string": _error_no_string,
    "date-time": _no_date_time,
    **{rule: _set_too_early(rule) for rule in _GUARDS},
}
