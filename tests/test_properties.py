"""Properties of payloads drawn from the schema, payloads with one fault, arbitrary JSON values, and arbitrary bytes."""

from __future__ import annotations

import datetime
import io
import json
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import guestcust
import oracle
import pytest
from cases import VERSIONS
from guestcust import testing
from guestcust.jsontext import decode
from guestcust.model import Severity, Source, Verdict
from guestcust.pipeline import Check
from hypothesis import given
from hypothesis import strategies as st

versions = pytest.mark.parametrize("version", VERSIONS)


def errors(instance: Any, version: str) -> list[str]:
    found = guestcust.iter_violations(instance, api_version=version)
    return [violation.rule for violation in found if violation.severity is Severity.ERROR]


@versions
@given(value=testing.json_values())
def test_a_value_is_valid_exactly_if_it_has_no_errors(version: str, value: Any) -> None:
    assert guestcust.is_valid(value, api_version=version) == (not errors(value, version))


@versions
@given(data=st.data())
def test_payloads_drawn_from_the_schema_are_valid(version: str, data: st.DataObject) -> None:
    payload = data.draw(testing.payloads(version))
    assert errors(payload, version) == []
    assert guestcust.is_valid(payload, api_version=version)
    assert oracle.broken_rules(payload, version) == set()


@versions
@given(data=st.data())
def test_one_fault_gives_one_violation_of_its_rule(version: str, data: st.DataObject) -> None:
    payload, rule = data.draw(testing.faulty_payloads(version))
    assert errors(payload, version) == [rule]
    assert not guestcust.is_valid(payload, api_version=version)
    assert oracle.broken_rules(payload, version) == {rule}


@given(testing.payloads("7.0.0.0") | testing.json_values())
def test_what_is_valid_under_7_0_0_0_is_valid_under_7_0_3_0(value: Any) -> None:
    if guestcust.is_valid(value, api_version="7.0.0.0"):
        assert guestcust.is_valid(value, api_version="7.0.3.0")


@versions
@given(value=testing.json_values())
def test_the_oracle_agrees_on_any_json_value(version: str, value: Any) -> None:
    assert set(errors(value, version)) == oracle.broken_rules(value, version)


@given(testing.date_times())
def test_the_oracle_accepts_every_drawn_time(text: str) -> None:
    assert oracle.is_date_time(text)


@given(testing.near_date_times())
def test_the_oracle_rejects_every_spoilt_time(text: str) -> None:
    assert not oracle.is_date_time(text)


def checked(text: str, name: str = "x.json") -> tuple[Verdict, list[tuple[str, str]]]:
    """The verdict on the single payload of a text, and its violations without locations and values."""
    source = Source(name, lambda: io.BytesIO(text.encode()))
    (result,) = Check([source], guestcust.Validator())
    found = [(each.rule, each.instance_location) for each in result.violations]
    return result.verdict, sorted(found)


@given(st.data())
def test_verdicts_do_not_depend_on_how_a_text_is_written(data: st.DataObject) -> None:
    payloads = testing.payloads() | testing.faulty_payloads().map(lambda pair: pair[0])
    payload = data.draw(payloads.filter(lambda value: isinstance(value, dict) and set(value) != {"value"}))
    plain = checked(json.dumps(payload))
    text = data.draw(testing.json_texts(payload))
    assert checked(text) == plain
    line = text.replace("\n", " ").replace("\r", " ")
    for wrapped, name in (
        (f'{{"value": {text}}}', "x.json"),
        (f"[{text}]", "x.json"),
        (line, "x.ndjson"),
        (f'{{"value":{line}}}\n', "x.jsonl"),
        (text, "no ending"),
    ):
        assert checked(wrapped, name) == plain


@given(st.data())
def test_text_and_instance_get_the_same_violations(data: st.DataObject) -> None:
    value = data.draw(testing.json_values())
    text = data.draw(testing.json_texts(value))
    from_text = [(each.rule, each.instance_location) for each in guestcust.iter_text_violations(text)]
    from_instance = [(each.rule, each.instance_location) for each in guestcust.iter_violations(value)]
    assert sorted(from_text) == sorted(from_instance)
    assert guestcust.is_valid_text(text) == guestcust.is_valid(value)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_get_a_verdict(text: bytes) -> None:
    violations = list(guestcust.iter_text_violations(text))
    assert guestcust.is_valid_text(text) == (not any(each.severity is Severity.ERROR for each in violations))
    assert all(each.line is not None and each.column is not None for each in violations)


@given(st.data())
def test_a_truncated_text_is_never_valid(data: st.DataObject) -> None:
    text = data.draw(testing.payloads().flatmap(testing.json_texts)).rstrip()
    cut = text[: data.draw(st.integers(0, len(text) - 1))]
    assert [each.rule for each in guestcust.iter_text_violations(cut)] == ["json-syntax"]


@given(st.data())
def test_the_reader_reads_as_the_standard_library_does(data: st.DataObject) -> None:
    value = data.draw(testing.json_values())
    text = data.draw(testing.json_texts(value))
    decoded = decode.decode(text)
    assert decoded.faults == ()
    assert repr(decoded.instance) == repr(json.loads(text))


_FRAGMENTS = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "\\u",
    "d800",
    "0",
    "1",
    "-",
    ".",
    "e",
    "true",
    "null",
    "NaN",
    " ",
    "a",
]


@given(st.lists(st.sampled_from(_FRAGMENTS), max_size=12).map("".join))
def test_the_reader_rejects_what_the_standard_library_rejects(text: str) -> None:
    try:
        value = json.loads(text)
    except ValueError:
        assert decode.decode(text).instance is decode.UNREAD
    else:
        decoded = decode.decode(text)
        assert decoded.faults or repr(decoded.instance) == repr(value)


@given(st.data())
def test_locations_point_at_the_value_or_its_name(data: st.DataObject) -> None:
    payload, _ = data.draw(testing.faulty_payloads())
    text = data.draw(testing.json_texts(payload))
    lines = text.split("\n")
    for violation in guestcust.iter_text_violations(text):
        assert violation.line is not None
        assert violation.column is not None
        character = lines[violation.line - 1][violation.column - 1]
        assert character in '"{[-0123456789tfn'


@given(testing.date_times(), testing.date_times())
def test_an_end_before_the_start_is_a_warning(start: str, end: str) -> None:
    def instant(text: str) -> Fraction:
        zone = text[-6:] if text[-1] != "Z" else "+00:00"
        whole, _, digits = text.removesuffix("Z").removesuffix(zone).partition(".")
        shift = datetime.timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
        moment = datetime.datetime.fromisoformat(whole) - datetime.datetime.min
        seconds = (moment + (shift if zone[0] == "-" else -shift)) // datetime.timedelta(seconds=1)
        return Fraction(seconds) + (Fraction(int(digits), 10 ** len(digits)) if digits else 0)

    payload = {"status": "SUCCEEDED", "start_time": start, "end_time": end}
    warned = "end-not-before-start" in [each.rule for each in guestcust.iter_violations(payload)]
    assert warned == (instant(end) < instant(start))
    assert guestcust.is_valid(payload)
    assert guestcust.is_valid(payload, strict=True) == (not list(guestcust.iter_violations(payload)))


def test_one_validator_serves_many_threads() -> None:
    validator = guestcust.Validator()
    good, bad = {"status": "RUNNING"}, {"status": "RUNNING", "error": "x"}

    def validate(_: int) -> tuple[bool, list[str]]:
        return validator.is_valid(good), [each.rule for each in validator.iter_violations(bad)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(validate, range(800)))
    assert answers == [(True, ["error-only-when-failed"])] * 800
