"""Checks that the vectors detect every mutant of the schemas.

A vector detects a mutant if the verdict or the ids of the broken rules differ from the expected ones, or if the changed
schema cannot be used. A mutant that no vector detects is a gap in the vectors, unless `EQUIVALENT` lists it with
the reason why no instance can distinguish it from the schema. `pytest --all -n 0 -s` shows the score.
"""

from __future__ import annotations

import functools
import json
import pathlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cases import VERSIONS
from guestcust import Validator
from guestcust.engine.engine import rule_ids
from guestcust.engine.reference import Reference
from mutants import Mutant, Path, Schema, at, mutants, parse, render
from referencing import Registry
from referencing.exceptions import Unresolvable

SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "schemas"
#: Raised during evaluation by an unusable schema, or by a failure that no rule covers.
UNUSABLE = (KeyError, TypeError, Unresolvable)

REFUSED_ANYWAY = "the negated pattern rejects the character anywhere, which violates the same rule"
NO_PLACE_ANYWAY = "the other pattern has no place for the character, and breaks the same rule"
NOT_DUE_ANYWAY = "an unknown status breaks status-known, which supersedes the rules that depend on the status"

#: Mutants of both versions that no instance can distinguish from the schema, by path, with the reason.
EQUIVALENT_IN_BOTH = {
    **{
        f"$defs/date_time/pattern: {what} widened to {to}": REFUSED_ANYWAY
        for what, to in (
            *((f"[0-9] at {start}", "[/-9]") for start in (7, 21, 36, 95, 136, 160, 178, 271, 290, 301, 312, 337, 356)),
            *((f"[0-5] at {start}", "[/-5]") for start in (285, 296, 351)),
            *((f"[0-3] at {start}", "[/-3]") for start in (278, 344)),
            *((f"[01] at {start}", "[/-01]") for start in (102, 267, 333)),
            *((f"[048] at {start}", "[/-048]") for start in (201, 235)),
            ("[02] at 75", "[/-02]"),
            ("[0-8] at 167", "[/-8]"),
            ("[.] at 309", "[.-/]"),
            (r"[+\-] at 325", r"[*-+\-]"),
            (r"[+\-] at 325", r"[+-,\-]"),
        )
    },
    **{
        f"$defs/date_time/pattern: [469] at 112 widened to [{to}]": "days 01 to 30 of a long month are let in already"
        for to in ("3-469", "4-569", "46-79", "468-9")
    },
    "$defs/date_time/pattern: (?:[.][0-9]+|) at 306 made optional": "the group matches nothing already",
    **{
        rf"$defs/date_time/not/pattern: [^\-+.0-9:TZ] at 0 widened to [^{to}]": NO_PLACE_ANYWAY
        for to in (
            r",-\-+.0-9:TZ",
            r"\-*-+.0-9:TZ",
            r"\-+.-/0-9:TZ",
            r"\-+.0-9:-;TZ",
            r"\-+.0-9:S-TZ",
            r"\-+.0-9:T-UZ",
            r"\-+.0-9:TY-Z",
            r"\-+.0-9:TZ-\[",
        )
    },
    **{
        f"$defs/date_time/not/type: {name} added": "a value of this type breaks the same rule by the type beside `not`"
        for name in ("boolean", "object", "array", "number", "integer")
    },
    **{
        f"allOf/{rule}/if/required: {member} added": "`then` is about this member alone, and passes where it is missing"
        for rule, member in (
            (0, "error"),
            (1, "start_time"),
            (2, "end_time"),
        )
    },
    "allOf/1/if/properties/status/not/enum: BROKEN added": NOT_DUE_ANYWAY,
    "allOf/2/if/properties/status/not/enum: BROKEN added": NOT_DUE_ANYWAY,
}
#: All of them, by full name.
EQUIVALENT = {
    **{f"{version} /{name}": reason for version in VERSIONS for name, reason in EQUIVALENT_IN_BOTH.items()},
    # 7.0.3.0 defines the status.
    "7.0.0.0 /allOf/1/if/properties/status/not/enum: IDLE added": NOT_DUE_ANYWAY,
    "7.0.0.0 /allOf/2/if/properties/status/not/enum: IDLE added": NOT_DUE_ANYWAY,
}


@dataclass(frozen=True, slots=True)
class Vector:
    """A published instance, and the ids of the rules that it breaks."""

    name: str
    instance: Any
    rules: frozenset[str]
    #: All strings in it.
    strings: frozenset[str]


def read(path: pathlib.Path) -> Any:
    return json.loads(path.read_bytes())


@functools.cache
def schema(version: str) -> Schema:
    found: Schema = read(SCHEMAS / "vcenter.vm.guest.customization.info" / f"{version}.schema.json")
    return found


@functools.cache
def vectors(version: str) -> tuple[Vector, ...]:
    """The vectors of a version; small files first, because they are about single rules."""
    found = []
    files = (SCHEMAS / "vectors" / "suite" / version).glob("*.json")
    for path in sorted(files, key=lambda path: path.stat().st_size):
        rules = read(SCHEMAS / "vectors" / "rules" / version / path.name)
        for group in read(path):
            for test in group["tests"]:
                broken = frozenset(rules[group["description"]].get(test["description"], ()))
                assert test["valid"] == (not broken), test
                found.append(Vector(test["description"], test["data"], broken, frozenset(strings(test["data"]))))
    return tuple(found)


def strings(instance: Any) -> Iterator[str]:
    if isinstance(instance, str):
        yield instance
    elif isinstance(instance, (dict, list)):
        for inner in instance.values() if isinstance(instance, dict) else instance:
            yield from strings(inner)


class Expectations:
    """Validates by the reference, under any schema."""

    def __init__(self, version: str, schema: Schema) -> None:
        self._validator = Validator(version)
        # An empty registry: references must resolve within the schema.
        self._engine = Reference(schema, rule_ids(version), Registry())

    def agrees(self, vector: Vector) -> bool:
        """Whether verdict and rules are as expected."""
        try:
            if not vector.rules:
                return self._engine.is_valid(vector.instance)
            return vector.rules == {
                failure.rule
                for failure in self._validator._explainer._causes(list(self._engine.failures(vector.instance)), ())
            }
        except UNUSABLE:
            return False


def killer(version: str, mutant: Mutant) -> Vector | None:
    """The first vector that detects a mutant."""
    expectations = Expectations(version, mutant.schema)
    return next((vector for vector in suspects(version, mutant) if not expectations.agrees(vector)), None)


def suspects(version: str, mutant: Mutant) -> Iterable[Vector]:
    """The vectors that may detect a mutant: for a changed pattern, those with a string on which it differs."""
    before, after = at(schema(version), mutant.path), at(mutant.schema, mutant.path)
    if mutant.path[-1] != "pattern" or after is None:
        return vectors(version)
    old, new = re.compile(before), re.compile(after)
    telling = {text for text in all_strings(version) if bool(old.search(text)) != bool(new.search(text))}
    return (vector for vector in vectors(version) if not vector.strings.isdisjoint(telling))


@functools.cache
def all_strings(version: str) -> frozenset[str]:
    return frozenset().union(*(vector.strings for vector in vectors(version)))


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_the_vectors_detect_every_mutant(version: str) -> None:
    made = list(mutants(version, schema(version)))
    assert len({mutant.name for mutant in made}) == len(made)

    survivors = {mutant.name for mutant in made if killer(version, mutant) is None}
    equivalent = {name for name in EQUIVALENT if name.startswith(f"{version} ")}
    score = f"{len(made) - len(survivors)} killed, {len(survivors & equivalent)} equivalent"
    print(f"\n{version}: {len(made)} mutants, {score}")
    holes, stale = sorted(survivors - equivalent), sorted(equivalent - survivors)
    assert not holes, "\n".join(["no vector detects:", *holes])
    assert not stale, "\n".join(["listed as equivalent, but detected or not generated:", *stale])


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_every_vector_agrees_with_the_schema(version: str) -> None:
    expectations = Expectations(version, schema(version))
    assert [vector.name for vector in vectors(version) if not expectations.agrees(vector)] == []


@pytest.mark.parametrize("path", [("$defs", "date_time", "pattern"), ("$defs", "date_time", "not", "pattern")])
@pytest.mark.parametrize("version", VERSIONS)
def test_parsed_patterns_render_unchanged(version: str, path: Path) -> None:
    pattern = at(schema(version), path)
    assert render(parse(pattern)) == pattern


@pytest.mark.parametrize(
    "pattern", [".", "a*", "a+?", "+", "^?", "a{2", "(a)", "(?=a)", "(?:a", "a)", r"\d", "[]", "[a"]
)
def test_the_parser_rejects_unknown_syntax(pattern: str) -> None:
    with pytest.raises(ValueError, match="beyond the subset"):
        parse(pattern)
