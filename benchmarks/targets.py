"""The targets as data, and whether the measured figures meet them.

A target without figures is not met.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from measure import Table
from tables import shown


class Target(NamedTuple):
    """In one table, our figure is at most `at_most` times theirs, or at most `at_most` if `theirs` is None."""

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

# The captures, with the name of the parser and how many times its time a check may take.
_CAPTURES = {
    "har": ("document", 1.5),
    "har-failing": ("document", 2),
    "har-large": ("document", 1.5),
    "wiremock": ("document", 3),
    "pact": ("document", 3),
    "postman": ("document", 3),
    "ansible": ("document", 3),
    "http-text": ("bodies", 3),
    "cassette": ("yaml", 0.3),
}

TARGETS: tuple[Target, ...] = (
    Target("plain/lines", "guestcust", "jsonvet", 1 / 2, "Plain install, lines: twice as fast as jsonvet"),
    Target("plain/lines", "guestcust", "lines", 1, "Plain install, lines: no slower than a loop of json.loads"),
    Target(
        "plain/first", "conforming", "bare-python", 2.2, "Plain install, a small file that conforms: 2.2 times Python"
    ),
    Target("plain/first", "failing", "bare-python", 5, "Plain install, a small file that fails: 5 times bare Python"),
    Target("plain/failing", "guestcust", None, 20, "Plain install, all payloads failing: 20 µs each"),
    *(
        Target(f"captures/{id}", "guestcust", parser, most, f"Plain install, {id}: {most} times the parser alone")
        for id, (parser, most) in _CAPTURES.items()
    ),
    Target("folder", "guestcust", "folder", 1.5, "Plain install, a folder of files: 1.5 times a loop of json.loads"),
    Target("folder", "hook", "folder", 1.5, "Plain install, the same as a hook: 1.5 times"),
    *(
        Target("reports", name, None, 40, f"Plain install, {name} report: at most 40 µs a finding")
        for name in ("html", "json", "sarif", "junit")
    ),
    Target("columns", "guestcust", None, 3, "Plain install, a column in Arrow: at most 3 µs a payload"),
    Target("first/one", "guestcust", "check-jsonschema", 0.25, f"{_FIRST} on one small file"),
    Target("first/one", "guestcust", "bare-python", 4, "The first verdict takes at most 4 times bare Python"),
    Target("first/hook", "guestcust", "check-jsonschema", 0.25, f"{_FIRST} over 50 files, as a hook"),
    Target("first/imports", "guestcust", None, 0, "A conforming file imports no module that it does not need"),
    Target("million", "guestcust", "jsonvet", 1 / 5, "Many payloads: 5 times faster than jsonvet"),
    Target("million", "guestcust", "sourcemeta", 1 / 10, "Many payloads: 10 times faster than sourcemeta's --fast"),
    Target("million", "guestcust", "check-jsonschema", 1 / 50, "Many payloads: 50 times faster than check-jsonschema"),
    Target("million", "guestcust", "orjson", 1, "Many payloads: no slower than a loop that only parses with orjson"),
    *(
        Target(f"in-process/{form}", "guestcust", id, 1, f"One payload from {source}: no slower than {name}")
        for form, source in (("text", "bytes"), ("object", "a dict"))
        for id, name in _OTHERS.items()
    ),
    Target("failing/any", "guestcust", None, 100, "If all payloads fail: 10,000 per second and core, 100 µs each"),
    Target("failing/explained", "explain", None, 100, "Explaining one failing payload takes at most 100 µs"),
    Target("failing/explained", "examine", None, 100, "Examining one failing payload takes at most 100 µs"),
    *(
        target
        for table, what in _MEMORY.items()
        for target in (
            *(Target(table, size, None, 150, f"{what}: at most 150 MiB for the {size} file") for size in _SIZES),
            Target(table, "large", "small", 1.2, f"{what}: memory does not grow with the file"),
        )
    ),
    Target("jobs", "two", "one", 1 / 1.7, "Two cores are at least 1.7 times as fast as one"),
)


class Outcome(NamedTuple):
    """Whether a target was met; `measured` in words."""

    target: Target
    met: bool
    measured: str


def outcomes(tables: Sequence[Table], targets: Sequence[Target] = TARGETS) -> list[Outcome]:
    """The outcome of every target on a part that was run."""
    parts = {table.id.partition("/")[0] for table in tables}
    by_id = {table.id: table for table in tables}
    return [_outcome(one, by_id.get(one.table)) for one in targets if one.table.partition("/")[0] in parts]


def _outcome(target: Target, table: Table | None) -> Outcome:
    ours = table.figure(target.ours) if table else None
    theirs = table.figure(target.theirs) if table and target.theirs else None
    if ours is None or (target.theirs and theirs is None):
        missing = target.ours if ours is None else target.theirs
        return Outcome(target, False, f"not measured: {missing}")
    if theirs is None:
        return Outcome(target, ours.median <= target.at_most, f"{shown(ours.median)} {ours.unit}")
    ratio = ours.median / theirs.median
    # Faster by a factor reads better than a small part of the time.
    words = f"{shown(1 / ratio)} times as fast" if target.at_most < 1 else f"{shown(ratio)} times"
    return Outcome(target, ratio <= target.at_most, words)
