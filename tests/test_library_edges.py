"""The edges of the library: schemas that the engine does not support, wrong arguments, pickling, options and helpers."""

from __future__ import annotations

from typing import Any

import pytest
from guestcust.engine.engine import Engine, rule_ids
from guestcust.ruleset import catalog

LATEST = catalog.versions()[-1]


@pytest.fixture
def nested() -> Engine:
    """The engine for a schema with a member that has members of its own, as a future version might have."""
    schema = catalog.schema()
    details = {
        "type": "object",
        "required": ["code"],
        "properties": {"code": {"type": "integer"}, "causes": {"items": {"type": "string"}}},
        "additionalProperties": False,
        "if": {"properties": {"code": {"const": 0}}, "required": ["code"]},
        "then": {"properties": {"causes": {"maxItems": 0}}},
    }
    schema["properties"]["details"] = {"$ref": "#/$defs/details"}
    schema["$defs"]["details"] = details
    at = "/properties/details/$ref"
    rules = dict.fromkeys(
        (
            f"{at}/{path}"
            for path in (
                "type",
                "required",
                "properties/code/type",
                "properties/causes/items/type",
                "additionalProperties",
                "then/properties/causes/maxItems",
            )
        ),
        "details",
    )
    return Engine(schema, {**rule_ids(LATEST), **rules})


@pytest.mark.parametrize(
    ("details", "paths"),
    [
        ({"code": 1, "causes": ["x", "y"]}, []),
        ({}, [()]),
        ({"code": 1, "causes": ["x", 7]}, [("causes", 1)]),
        ({"code": "1", "more": 0}, [("code",), ("more",)]),
    ],
)
def test_a_schema_with_nested_members_gets_the_right_verdict(
    nested: Engine, details: Any, paths: list[tuple[str | int, ...]]
) -> None:
    assert not nested.is_derived
    payload = {"status": "FAILED", "details": details}
    found = sorted(failure.path for failure in nested.failures(payload))
    assert found == [("details", *path) for path in paths]
    assert nested.is_valid(payload) == (not paths)


def test_a_nested_failure_rests_on_the_members_beside_it(nested: Engine) -> None:
    (failure,) = nested.failures({"status": "FAILED", "details": {"code": 0, "causes": ["x"]}})
    assert failure.keyword_location == "/properties/details/$ref/then/properties/causes/maxItems"
    assert failure.absolute_keyword_location.endswith("#/$defs/details/then/properties/causes/maxItems")
    assert failure.path == ("details", "causes")
    assert failure.rests_on == (("details", "code"),)


def test_an_instance_that_contains_itself_many_times_over_costs_little(nested: Engine) -> None:
    node: list[Any] = ["x"]
    for _ in range(60):
        node = [node, node]
    (failure,) = nested.failures({"status": "FAILED", "details": node})
    assert failure.path == ("details",)
