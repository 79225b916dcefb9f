"""A payload gets the same verdict and violations in every envelope and capture."""

from __future__ import annotations

import io
from typing import Any

import guestcust
import pytest
from guestcust import testing
from guestcust.model import Result, Source
from guestcust.pipeline import Check
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wrappings import captures, exchanges

TIME = "2026-03-01T09:30:00.000Z"


def holds_status(value: Any) -> bool:
    """Whether a value is or holds an object with a status, however it is spelled."""
    if isinstance(value, dict):
        return any(name.lower().strip("_-") == "status" for name in value) or any(map(holds_status, value.values()))
    return isinstance(value, list) and any(map(holds_status, value))


def is_alone(payload: Any) -> bool:
    """Whether nothing inside a payload may be taken for another one, as in a document of any form."""
    inner = payload.values() if isinstance(payload, dict) else payload if isinstance(payload, list) else ()
    return not any(map(holds_status, inner))


FAULTY = testing.faulty_payloads().map(lambda pair: pair[0]).filter(is_alone)
PAYLOADS = testing.payloads() | FAULTY | testing.json_values().filter(is_alone)


def found(result: Result) -> tuple[str, list[tuple[str, str]]]:
    return result.verdict.value, sorted((each.rule, each.instance_location) for each in result.violations)


def payload_of(name: str, data: bytes, **options: Any) -> Result:
    results = Check([Source(name, lambda: io.BytesIO(data))], guestcust.Validator(), **options)
    # Some captures end with an exchange that shows where the one before it ends.
    (result,) = [each for each in results if each.reason != "other URL"]
    return result


@example({"status": "RUNNING", "error": 'é \N{PILE OF POO} {{x}} \\ " \u2028', "start_time": TIME})
@example({"status": "FAILED", "error": "line\nbreak\t: - # & *", "end_time": None})
@example({"value": {"status": "PENDING"}})
@example({"status": "IDLE", "Status": {"status": None, "start_time": None}})
@example({"status": "PENDING", "progress": {"OPTIONAL": 1}})
@example([])
@example("IDLE")
@settings(max_examples=min(60, settings().max_examples))  # of some hundred captures each
@given(PAYLOADS)
def test_verdicts_do_not_depend_on_envelope_and_capture(payload: Any) -> None:
    plain = found(payload_of("x.ndjson", exchanges(payload)[0].text.encode(), envelope="api"))
    for exchange in exchanges(payload):
        assert found(payload_of("x.ndjson", exchange.text.encode(), envelope=exchange.envelope)) == plain
        for name, data in captures(exchange):
            assert found(payload_of(name, data)) == plain, (name, exchange.envelope)


@settings(max_examples=min(60, settings().max_examples))
@given(st.data())
def test_verdicts_do_not_depend_on_how_a_captured_text_is_written(data: st.DataObject) -> None:
    payload = data.draw(FAULTY)
    plain = found(payload_of("x.ndjson", exchanges(payload)[0].text.encode(), envelope="api"))
    for exchange in exchanges(payload, lambda value: data.draw(testing.json_texts(value))):
        for name, captured in captures(exchange):
            assert found(payload_of(name, captured)) == plain, (name, exchange.envelope)


@pytest.mark.parametrize("envelope", ["api", "rest", "json-rpc"])
def test_every_capture_gives_the_origin_of_its_payload(envelope: str) -> None:
    exchange = next(each for each in exchanges({"status": "RUNNING", "error": "x"}) if each.envelope == envelope)
    for name, data in captures(exchange):
        origin = payload_of(name, data).origin
        assert origin.source in (name, f"{name}/member.har", f"{name}/trace.network")
        assert origin.status == 200
        # A stub alone in its file is the whole document, as is a single entry; text has no pointers.
        alone = ("stub-", "entry", "packed.json", "text-", "mockserver-text", "ansible-json", "collection-3")
        assert origin.pointer or name.startswith(alone)
        assert origin.request is not None
        method, _, url = origin.request.partition(" ")
        assert method == exchange.method
        assert url.endswith(exchange.path)
