"""The contract kit: what was drawn is what the oracle says, and versions differ in nothing but what they claim."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import guestcust
import oracle
import pytest
from cases import VERSIONS
from command import REPOSITORY, SCHEMAS
from guestcust import testing
from hypothesis import given
from hypothesis import strategies as st

DRAWN = REPOSITORY / "contract" / "drawn"
OLD, NEW = VERSIONS


def vectors_in(root: Path, version: str) -> list[dict[str, Any]]:
    files = sorted((root / "suite" / version).glob("*.json"))
    return [test for file in files for group in json.loads(file.read_text("utf-8")) for test in group["tests"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_oracle_gives_the_verdicts_of_what_was_drawn(version: str) -> None:
    tests = vectors_in(DRAWN, version)
    ((_, broken),) = json.loads((DRAWN / "rules" / version / "drawn.json").read_text("utf-8")).items()
    for test in tests:
        rules = oracle.broken_rules(test["data"], version)
        assert (not rules, sorted(rules)) == (test["valid"], broken.get(test["description"], []))
        assert guestcust.is_valid(test["data"], api_version=version) == test["valid"]
    # Enough of both, each of them once.
    assert len({json.dumps(test["data"], sort_keys=True) for test in tests}) > 1900
    assert 600 < sum(test["valid"] for test in tests) < len(tests) - 1200


def differ(payload: Any) -> bool:
    """Holds a payload to the statement about versions, and says whether it is one that they judge otherwise."""
    old, new = (guestcust.is_valid(payload, api_version=version) for version in VERSIONS)
    is_idle = isinstance(payload, dict) and payload.get("status") == "IDLE"
    assert not old or new, "what is valid under an older version stays valid"
    assert old == new or is_idle, "and IDLE is all that is new"
    assert not (is_idle and old)
    return old != new


@given(st.one_of(testing.payloads(OLD), testing.payloads(NEW), testing.faulty_payloads(NEW).map(lambda pair: pair[0])))
def test_what_is_valid_stays_valid_and_the_difference_is_idle(payload: Any) -> None:
    differ(payload)


def test_the_vectors_show_the_difference() -> None:
    payloads = [
        test["data"]
        for root in (SCHEMAS / "vectors", DRAWN)
        for version in VERSIONS
        for test in vectors_in(root, version)
    ]
    assert sum(map(differ, payloads)) > 5
