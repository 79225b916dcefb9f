"""Law 6 for texts: what is passed at first look, in whichever way, the strict reader and the reference pass."""

from __future__ import annotations

import functools

from cases import VERSIONS
from guestcust import catalog
from guestcust.captures import decode
from guestcust.engine import engine, rule_ids
from guestcust.model import Instance
from guestcust.plain import read
from guestcust.reference import Reference
from guestcust.times import warnings


@functools.cache
def reference(version: str) -> Reference:
    return Reference(catalog.schema(version), rule_ids(version), catalog.registry())


def hold(text: bytes) -> int:
    """Holds one text to the law, under every version; says in how many ways it was passed.

    Raises:
        AssertionError: it was passed, and should not have been.

    """
    decoded = decode.decode(text)
    is_sound = not decoded.faults
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
        conforms = is_sound and reference(version).is_valid(decoded.instance)
        is_even = conforms and not list(warnings(decoded.instance, ()))
        automaton = derived.automaton
        assert automaton is not None
        if automaton.accepts(text):
            assert conforms, ("automaton.accepts", version, text)
            passed += 1
        if b"\n" not in text and automaton.conforming(text + b"\n", 0):
            assert is_even, ("automaton.conforming", version, text)
            passed += 1
        if instance is not decode.UNREAD and derived.plain.accepts(instance):
            assert conforms, ("plain.accepts", version, text)
            assert not derived.plain.accepts_without_warning(instance) or is_even, ("without_warning", version, text)
            passed += 1
    return passed
