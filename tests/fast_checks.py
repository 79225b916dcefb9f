"""Checks that a fast verdict never accepts a text that the strict reader or the reference rejects.

The violations of other texts must equal those of the reference, and reports those made without fast checks.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Sequence
from typing import Any

from cases import VERSIONS
from guestcust.engine.acceptor import Plain
from guestcust.engine.automaton import Automaton, Re
from guestcust.engine.engine import Engine, engine, rule_ids
from guestcust.engine.evaluator import Evaluator
from guestcust.engine.reference import Reference
from guestcust.engine.status_table import shape
from guestcust.jsontext import decode
from guestcust.jsontext.fast import read
from guestcust.model import Instance, Source, Verdict
from guestcust.pipeline import Check
from guestcust.ruleset import catalog
from guestcust.ruleset.times import warnings
from guestcust.validator import Validator

# The checks that accept only payloads without warnings.
_WITHOUT_WARNING = ("doubtful", "doubtful, any order", "accepts_without_warning")
# What a plain install runs; the derived engines here have RE2.
PLAIN_INSTALL = {version: Automaton(shape(catalog.schema(version)), Re()) for version in VERSIONS}
for _each in PLAIN_INSTALL.values():
    _ = _each._in_any_order


@functools.cache
def reference(version: str) -> Reference:
    return Reference(catalog.schema(version), rule_ids(version), catalog.registry())


def hold(text: bytes) -> int:
    """Compares the fast checks of one text to the reference under every version; gives how many accepted it.

    Raises:
        AssertionError: a check accepted it wrongly.

    """
    decoded = decode.decode(text)
    is_sound, is_line = not decoded.faults, b"\n" not in text
    passed = 0
    try:
        instance: Instance = read(text)
    except (ValueError, RecursionError):
        instance = decode.UNREAD
    else:
        assert is_sound, ("plain.read", text)
        assert repr(instance) == repr(decoded.instance), ("plain.read", text)
    for version in VERSIONS:
        derived = engine(version)
        automaton, is_read = derived.automaton, instance is not decode.UNREAD
        assert automaton is not None
        ways = {
            "automaton.accepts": automaton.accepts(text),
            **{f"automaton.{way}": passed for way, passed in _lines_passed(automaton, text, is_line)},
            **{f"re.{way}": passed for way, passed in _lines_passed(PLAIN_INSTALL[version], text, is_line)},
            "plain.accepts": is_read and derived.plain.accepts(instance),
            "plain.accepts_without_warning": is_read and derived.plain.accepts_without_warning(instance),
        }
        passing = [way for way, is_passed in ways.items() if is_passed]
        if passing:
            conforms = is_sound and reference(version).is_valid(decoded.instance)
            is_even = conforms and not any(warnings(decoded.instance, ()))
            for way in passing:
                assert is_even if way.partition(".")[2] in _WITHOUT_WARNING else conforms, (way, version, text)
        passed += len(passing)
    return passed


def _lines_passed(automaton: Automaton, text: bytes, is_line: bool) -> Iterator[tuple[str, bool]]:
    yield "doubtful", is_line and not list(automaton.doubtful(text + b"\n"))
    # After doubtful lines it expects members in any order.
    yield "doubtful, any order", is_line and len(list(automaton.doubtful(b"\n\n%s\n" % text))) == 2


def explained(engine: Reference | Evaluator | Engine, instance: Instance) -> set[Any]:
    """The failures as comparable values."""
    return {
        (failure.rule, failure.path, failure.keyword_location, failure.absolute_keyword_location, failure.rests_on)
        for failure in engine.failures(instance)
    }


def hold_explanation(text: bytes, version: str) -> None:
    """Compares the failures that the engine finds in a readable text to those of the reference.

    Raises:
        AssertionError: they differ.

    """
    instance = decode.decode(text).instance
    if instance is decode.UNREAD:
        return
    found, expected = explained(engine(version), instance), explained(reference(version), instance)
    assert found == expected, ("Engine.failures", version, text)
    assert engine(version).is_valid(instance) == (not expected), ("Engine.is_valid", version, text)


@functools.cache
def validators(version: str) -> tuple[Validator, Validator]:
    """One validator with fast checks, and one without."""
    quick, slow = Validator(version), Validator(version)
    without = Engine(catalog.schema(version), rule_ids(version))
    without.automaton = None
    without.plain = Plain({})
    slow._engine, slow._plain = without, without.plain
    slow._explainer._engine = without
    return quick, slow


def hold_report(data: bytes, version: str) -> None:
    """Compares the report on a file of lines, read in two blocks, to one made without fast checks.

    Raises:
        AssertionError: they differ.

    """
    quick, slow = validators(version)
    source = Source("lines.ndjson", lambda: _Trickle(data, len(data) // 2 + 1))
    check, closely = Check([source], quick, everything=False), Check([source], slow)
    found = list(map(repr, check))
    expected = [repr(each) for each in closely if each.verdict is not Verdict.VALID or each.violations]
    assert found == expected, ("Check", version, data)
    assert check.summary == closely.summary, ("Check.summary", version, data)


class _Trickle(io.BytesIO):
    """A stream that delivers a few bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self._most = most

    def readinto1(self, buffer: Any) -> int:
        return super().readinto1(memoryview(buffer)[: self._most])

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read1(self._most if size is None or size < 0 else min(size, self._most))


def hold_all(text: bytes, versions: Sequence[str] = VERSIONS) -> int:
    """Compares a text in all these ways; gives how many fast checks accepted it.

    Raises:
        AssertionError: a verdict, an explanation or a report is wrong.

    """
    passed = hold(text)
    for version in versions:
        hold_explanation(text, version)
        hold_report(text, version)
    return passed
