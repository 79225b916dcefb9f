"""The vendor's own Python client library, `vmware-vcenter` 9.1.1.0, as a second opinion on the verdicts.

The SDK is more lenient than the rules in a few known ways, and never stricter. `DIVERGENCES` has each of them as a
conversion of payloads, so that one property covers all payloads: the SDK accepts a payload exactly when the converted
payload conforms.
"""

from __future__ import annotations

import datetime
import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import guestcust
import oracle
import pytest
from guestcust import testing
from hypothesis import given, settings
from hypothesis import strategies as st

REASON = "needs the extra sdk"
sdk = pytest.importorskip("com.vmware.vcenter.vm.guest_client", reason=REASON)
bindings = pytest.importorskip("vmware.vapi.bindings.converter", reason=REASON)
serializers = pytest.importorskip("vmware.vapi.data.serializers.cleanjson", reason=REASON)
exception = pytest.importorskip("vmware.vapi.exception", reason=REASON)

Info = sdk.Customization.Info
STATUSES = [str(status) for status in Info.Status.get_values()]
TIME = "2026-03-01T09:30:00.000Z"
MOMENTS = st.datetimes(timezones=st.sampled_from([None, datetime.timezone.utc]))
SUITE = Path(__file__).resolve().parent.parent / "schemas" / "vectors" / "suite" / "7.0.3.0"

#: The SDK checks values but not types: it fails on a number as a time, an array as a status, an offset of a day.
REFUSALS = (exception.CoreException, AttributeError, TypeError, ValueError)

Payload = dict[str, Any]


def sdk_accepts(payload: object) -> bool:
    """Whether the SDK can read a JSON value as the body of a response under /api."""
    value = serializers.DataValueConverter.convert_to_data_value(json.dumps(payload))
    read, mode = bindings.TypeConverter.convert_to_python, bindings.RestConverter.SWAGGER_REST
    try:
        read(value, Info.get_binding_type(), None, mode)
    except REFUSALS:
        return False
    return True


def sdk_writes(members: dict[str, Any]) -> Payload | None:
    """The payload that the SDK writes for an object with these attributes; None if it raises."""
    try:
        value = bindings.TypeConverter.convert_to_vapi(Info(**members), Info.get_binding_type())
    except exception.CoreException:
        return None
    payload: Payload = json.loads(serializers.DataValueConverter.convert_to_json(value, new_rest=True))
    return payload


class Divergence(NamedTuple):
    #: The rule that the SDK does not enforce.
    rule: str
    #: Accepted by the SDK, rejected by guestcust.
    example: Payload
    #: Converts a payload as the SDK does; leaves it unchanged if the divergence does not apply.
    as_taken: Callable[[Payload], Payload]


def values(names: set[str], types: set[type], change: Callable[[Any], Any]) -> Callable[[Payload], Payload]:
    """Converts the values of members with one of the names and exactly one of the types."""
    return lambda payload: {
        name: change(value) if name in names and type(value) in types else value for name, value in payload.items()
    }


def times(change: Callable[[str], str]) -> Callable[[Payload], Payload]:
    return values({"start_time", "end_time"}, {str}, change)


def ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(character, character)) for character in text)


def carried(text: str) -> str:
    def carry(offset: re.Match[str]) -> str:
        hours, minutes = divmod(60 * int(offset[1]) + int(offset[2]), 60)
        return f"{hours:02}:{minutes:02}"

    return re.sub(r"(?<=[+-])([0-9]{2}):([0-9]{2})\Z", carry, text)


#: By name, in the order in which the SDK applies them.
DIVERGENCES = {
    "unknown member": Divergence(
        "no-unknown-members",
        {"status": "PENDING", "progress": 50},
        lambda payload: {name: value for name, value in payload.items() if name in oracle.MEMBERS},
    ),
    # The SDK treats an unknown status like IDLE, under which no guarded field may be set.
    "unknown status": Divergence(
        "status-known",
        {"status": "CANCELLED", "error": None},
        values({"status"}, {str}, lambda status: status if status in oracle.TABLE else "IDLE"),
    ),
    "number as error": Divergence(
        "error-is-string",
        {"status": "FAILED", "error": 404},
        values({"error"}, {int, float}, str),
    ),
    "boolean as error": Divergence(
        "error-is-string",
        {"status": "FAILED", "error": True},
        values({"error"}, {bool}, str),
    ),
    "digits beyond ASCII": Divergence(
        "date-time",
        {"status": "RUNNING", "start_time": "2026-03-01T09:30:0\u0660Z"},
        times(ascii_digits),
    ),
    "trailing line feed": Divergence(
        "date-time",
        {"status": "FAILED", "end_time": "2026-03-01T09:30:00Z\n"},
        times(lambda text: text.removesuffix("\n")),
    ),
    # Only for offsets below a day: the SDK rejects +23:60.
    "offset minutes above 59": Divergence(
        "date-time",
        {"status": "FAILED", "end_time": "2026-03-01T09:30:00+22:99"},
        times(carried),
    ),
}


def divergences(payload: object) -> set[str]:
    """The names of the divergences that apply to a JSON value."""
    if not isinstance(payload, dict):
        return set()
    return {name for name, divergence in DIVERGENCES.items() if divergence.as_taken(payload) != payload}


def conforms_as_taken(payload: object) -> bool:
    """Whether a JSON value conforms after the conversions of the SDK."""
    if isinstance(payload, dict):
        for divergence in DIVERGENCES.values():
            payload = divergence.as_taken(payload)
    return guestcust.is_valid(payload)


#: Every vector: name, payload and verdict.
VECTORS: list[tuple[str, Any, bool]] = [
    (f"{path.stem}: {group['description']}: {test['description']}", test["data"], test["valid"])
    for path in sorted(SUITE.glob("*.json"))
    for group in json.loads(path.read_text("utf-8"))
    for test in group["tests"]
]


def recombined() -> st.SearchStrategy[Payload]:
    """Payloads that combine members of different vectors."""
    # Most vectors come from the calendar and the truth table.
    payloads = [
        payload
        for name, payload, _ in VECTORS
        if isinstance(payload, dict) and not name.startswith(("calendar", "truth-table"))
    ]
    return st.fixed_dictionaries(
        {},
        optional={
            member: st.sampled_from([payload[member] for payload in payloads if member in payload])
            for member in ("status", "error", "start_time", "end_time", "progress")
        },
    )


def test_the_sdk_knows_the_same_statuses() -> None:
    assert set(STATUSES) == set(oracle.TABLE)


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_sdk_accepts_each_divergence(name: str) -> None:
    example = DIVERGENCES[name].example
    assert sdk_accepts(example)
    assert not guestcust.is_valid(example)
    assert divergences(example) == {name}


@pytest.mark.parametrize("guarded", [{"error": "x"}, {"start_time": TIME}, {"end_time": TIME}])
def test_the_sdk_rejects_an_unknown_status_with_a_guarded_field(guarded: Payload) -> None:
    assert not sdk_accepts({"status": "CANCELLED", **guarded})


@pytest.mark.parametrize(
    "payload",
    [
        {"status": "RUNNING", "error": 404},
        {"status": "FAILED", "start_time": TIME + "\n\n"},
        {"status": "FAILED", "start_time": "2026-02-3\u0660T09:30:00Z"},
        {"status": "FAILED", "start_time": "2026-03-01T09:30:00+23:60"},
        {"status": "FAILED", "start_time": "2026-03-01T09:30:00-23:60"},
    ],
)
def test_the_sdk_rejects_payloads_beyond_a_divergence(payload: Payload) -> None:
    assert divergences(payload)
    assert not sdk_accepts(payload)
    assert not conforms_as_taken(payload)


@pytest.mark.slow
def test_the_sdk_differs_from_the_vectors_only_by_the_divergences() -> None:
    assert VECTORS
    disputed = {name: payload for name, payload, valid in VECTORS if sdk_accepts(payload) != valid}
    explained = {name: payload for name, payload, valid in VECTORS if conforms_as_taken(payload) != valid}
    assert disputed == explained
    assert set().union(*map(divergences, disputed.values())) == set(DIVERGENCES)


@settings(deadline=None)
@given(payload=testing.payloads())
def test_the_sdk_accepts_conforming_payloads(payload: Payload) -> None:
    assert sdk_accepts(payload)


@settings(deadline=None)
@given(fault=testing.faulty_payloads())
def test_the_sdk_rejects_every_fault_except_the_divergences(fault: tuple[Any, str]) -> None:
    payload, rule = fault
    lenient = any(DIVERGENCES[name].rule == rule for name in divergences(payload))
    assert sdk_accepts(payload) == (lenient and conforms_as_taken(payload))


@settings(deadline=None)
@given(payload=recombined())
def test_the_sdk_agrees_on_normalized_payloads(payload: Payload) -> None:
    assert sdk_accepts(payload) == conforms_as_taken(payload)


@pytest.mark.parametrize("status", STATUSES)
@settings(deadline=None)
@given(guarded=st.fixed_dictionaries({}, optional={"error": st.text(), "start_time": MOMENTS, "end_time": MOMENTS}))
def test_the_sdk_writes_only_conforming_payloads(status: str, guarded: dict[str, Any]) -> None:
    payload = {"status": status} | {
        name: value if isinstance(value, str) else value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
        for name, value in guarded.items()
    }
    written = sdk_writes({"status": status, **guarded})
    assert written == (payload if guestcust.is_valid(payload) else None)
