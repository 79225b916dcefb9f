"""What issue 5 demands, as data, and whether figures keep it.

A demand whose figures are missing is not kept: what was not measured is nothing to rely on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from measure import Table
from tables import shown


class Demand(NamedTuple):
    """In one table, our figure is at most so many times theirs; or at most so much, where `theirs` is None."""

    table: str
    ours: str
    theirs: str | None
    at_most: float
    says: str


_FIRST = "The first verdict takes at most 0.25 of check-jsonschema's time"
_OTHERS = {
    "jsonschema-rs": "orjson and jsonschema-rs",
    "fastjsonschema": "fastjsonschema",
    "pydantic": "pydantic",
    "ajv": "Ajv",
}
_SIZES = ("small", "middle", "large")
_MEMORY = {
    "memory/ndjson": "Lines, one process",
    "memory/ndjson-jobs": "Lines, all cores",
    "memory/har": "HAR, one process",
    "memory/har-jobs": "HAR, all cores",
}

DEMANDS: tuple[Demand, ...] = (
    Demand("first/one", "guestcust", "check-jsonschema", 0.25, f"{_FIRST} on one small file"),
    Demand("first/one", "guestcust", "bare-python", 4, "The first verdict takes at most 4 times bare Python"),
    Demand("first/hook", "guestcust", "check-jsonschema", 0.25, f"{_FIRST} over 50 files, as a hook"),
    Demand("first/imports", "guestcust", None, 0, "A conforming file imports nothing that it does not need"),
    Demand("million", "guestcust", "jsonvet", 1 / 5, "Many payloads are judged 5 times faster than by jsonvet"),
    Demand("million", "guestcust", "sourcemeta", 1 / 10, "Many payloads: 10 times faster than sourcemeta's --fast"),
    Demand("million", "guestcust", "check-jsonschema", 1 / 50, "Many payloads: 50 times faster than check-jsonschema"),
    Demand("million", "guestcust", "orjson", 1, "Many payloads: no slower than a loop that only parses with orjson"),
    *(
        Demand(f"in-process/{form}", "guestcust", id, 1, f"One payload from {source}: ahead of {name}")
        for form, source in (("text", "bytes"), ("object", "a dict"))
        for id, name in _OTHERS.items()
    ),
    Demand("failing/any", "guestcust", None, 100, "Where all payloads fail, 10,000 a second a core: 100 µs each"),
    Demand("failing/explained", "explain", None, 100, "An explanation takes at most 100 µs"),
    Demand("failing/explained", "examine", None, 100, "An examination of what fails takes at most 100 µs"),
    *(
        demand
        for table, what in _MEMORY.items()
        for demand in (
            *(Demand(table, size, None, 150, f"{what}: at most 150 MiB for the {size} file") for size in _SIZES),
            Demand(table, "large", "small", 1.2, f"{what}: memory does not grow with the file"),
        )
    ),
    Demand("jobs", "two", "one", 1 / 1.7, "Two cores are at least 1.7 times as fast as one"),
)


class Outcome(NamedTuple):
    """What became of a demand; `measured` in words."""

    demand: Demand
    kept: bool
    measured: str


def outcomes(tables: Sequence[Table], demands: Sequence[Demand] = DEMANDS) -> list[Outcome]:
    """Every demand on a part that was run."""
    parts = {table.id.partition("/")[0] for table in tables}
    by_id = {table.id: table for table in tables}
    return [_outcome(one, by_id.get(one.table)) for one in demands if one.table.partition("/")[0] in parts]


def _outcome(demand: Demand, table: Table | None) -> Outcome:
    ours = table.figure(demand.ours) if table else None
    theirs = table.figure(demand.theirs) if table and demand.theirs else None
    if ours is None or (demand.theirs and theirs is None):
        missing = demand.ours if ours is None else demand.theirs
        return Outcome(demand, False, f"not measured: {missing}")
    if theirs is None:
        return Outcome(demand, ours.median <= demand.at_most, f"{shown(ours.median)} {ours.unit}")
    ratio = ours.median / theirs.median
    # Faster by a factor reads better than a small part of the time.
    words = f"{shown(1 / ratio)} times as fast" if demand.at_most < 1 else f"{shown(ratio)} times"
    return Outcome(demand, ratio <= demand.at_most, words)
