"""The derived engine never accepts what the reference rejects, and finds the same failures."""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import re
import subprocess
import sys
from collections import UserString, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases import VERSIONS
from command import REPOSITORY, SCHEMAS, environment, run, run_process
from fast_checks import explained, hold, validators
from guestcust import testing
from guestcust.engine.acceptor import Plain
from guestcust.engine.automaton import Automaton, Re, Re2, Runner
from guestcust.engine.engine import Engine, engine, rule_ids
from guestcust.engine.evaluator import Evaluator
from guestcust.engine.reference import Reference
from guestcust.engine.status_table import Shape, UnknownKeywordError, shape
from guestcust.jsontext import fast, reader
from guestcust.jsontext.fast import read
from guestcust.model import Instance
from guestcust.ruleset import catalog, times
from hypothesis import given
from hypothesis import strategies as st
from mutants import mutants
from referencing import Registry

ORDER = ("status", "error", "start_time", "end_time")
versions = pytest.mark.parametrize("version", VERSIONS)
runners = pytest.mark.parametrize("runner", [Re2, Re])
REFERENCES = {
    version: Reference(catalog.schema(version), rule_ids(version), catalog.registry()) for version in VERSIONS
}


def instances(version: str) -> Iterator[Instance]:
    for root in (SCHEMAS / "vectors", REPOSITORY / "contract" / "drawn"):
        for path in sorted((root / "suite" / version).glob("*.json")):
            yield from (test["data"] for group in json.loads(path.read_text("utf-8")) for test in group["tests"])


@versions
def test_every_schema_is_derived(version: str) -> None:
    # Otherwise guestcust is correct but slow: add the keyword to `shape` and `evaluator`.
    assert engine(version).is_derived
    assert engine(version).automaton is not None


@pytest.mark.slow
@versions
def test_every_vector_gets_the_failures_of_the_reference(version: str) -> None:
    for instance in instances(version):
        assert explained(engine(version), instance) == explained(REFERENCES[version], instance)
        assert engine(version).is_valid(instance) == REFERENCES[version].is_valid(instance)


@versions
@given(value=testing.json_values() | testing.payloads() | testing.faulty_payloads().map(lambda pair: pair[0]))
def test_any_json_value_gets_the_failures_of_the_reference(version: str, value: Instance) -> None:
    assert explained(engine(version), value) == explained(REFERENCES[version], value)
    assert engine(version).is_valid(value) == REFERENCES[version].is_valid(value)


@versions
def test_the_fast_checks_accept_every_conforming_vector(version: str) -> None:
    conforming = [instance for instance in instances(version) if REFERENCES[version].is_valid(instance)]
    assert len(conforming) > 500
    for instance in conforming:
        # An empty error is rare; the fast check leaves it to the evaluator.
        assert engine(version).plain.accepts(instance) == (instance.get("error") != "")
    automaton = engine(version).automaton
    assert automaton is not None
    for instance in conforming:
        assert automaton.accepts(json.dumps(instance, ensure_ascii=False).encode())
        assert automaton.accepts(json.dumps(instance, indent=2).encode())


@pytest.mark.slow
@versions
def test_a_schema_is_derived_correctly_or_not_at_all(version: str) -> None:
    """Uses mutants of the schemas as other schemas: what is derived from one must give its verdicts."""
    vectors = [{}, *list(instances(version))[::60]]
    lines = [json.dumps(instance).encode() + b"\n" for instance in vectors]
    derived = 0
    for mutant in mutants(version, catalog.schema(version)):
        try:
            found = shape(mutant.schema)
            evaluator = Evaluator(mutant.schema, defaultdict(str, rule_ids(version)))
        except UnknownKeywordError:
            continue
        derived += 1
        reference = Reference(mutant.schema, rule_ids(version), Registry())
        plain, automaton = Plain(found), derived_automaton(found)
        for instance, line in zip(vectors, lines, strict=True):
            valid = reference.is_valid(instance)
            assert valid or not plain.accepts(instance), mutant.name
            assert valid or automaton is None or [*automaton.doubtful(line)], mutant.name
            assert valid == (not list(evaluator.failures(instance))), mutant.name
    assert derived > 100


def derived_automaton(shape: Shape) -> Automaton | None:
    try:
        return Automaton(shape)
    except UnknownKeywordError:
        return None


def test_a_schema_that_nothing_satisfies_has_no_automaton() -> None:
    with pytest.raises(UnknownKeywordError, match="no status"):
        Automaton({})


@versions
@runners
def test_lines_in_the_order_of_the_schema_need_only_the_small_automaton(
    version: str, runner: type[Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    automaton = Automaton(shape(catalog.schema(version)), runner())
    # The automaton accepts no lines with warnings.
    even = [
        {name: instance[name] for name in ORDER if name in instance}
        for instance in instances(version)
        if REFERENCES[version].is_valid(instance) and not any(times.warnings(instance, ()))
    ]
    assert len(even) > 200
    monkeypatch.setattr(Automaton, "_in_any_order", None)
    for separators in (",", ":"), (", ", ": "):
        lines = "".join(f"{json.dumps(each, separators=separators)}\n" for each in even)
        assert [*automaton.doubtful(lines.encode())] == []


@runners
def test_only_lines_with_violations_are_doubtful_in_any_order(runner: type[Runner]) -> None:
    automaton = Automaton(shape(catalog.schema(VERSIONS[-1])), runner())
    early, late = "2026-03-01T09:30:00.000Z", "2026-03-01T09:31:12.345Z"
    lines: list[tuple[bytes, bool]] = []
    for start, end, is_doubtful in ((early, late, False), (late, early, True), (early, early, False), ("", late, True)):
        payload = {"status": "FAILED", "error": "x", "start_time": start, "end_time": end}
        for names in itertools.permutations(payload):
            for separators in (",", ":"), (", ", ": "), ("\t, ", " :\r"):
                line = json.dumps({name: payload[name] for name in names}, separators=separators)
                lines.append((line.encode(), is_doubtful))
    # Blank lines are doubtful, and after many of them the automaton expects other orders.
    lines += [(b"", True)] * len(lines)
    random.Random(1).shuffle(lines)
    lines[:0] = [(b"", True)] * 2
    data = b"".join(line + b"\n" for line, _ in lines)
    doubtful = [data[start:end] for start, end in automaton.doubtful(data)]
    assert doubtful == [line for line, is_doubtful in lines if is_doubtful]


def test_private_names_of_re2_are_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b'{"status": "IDLE"}\n{}\n{}\n{"error": null, "status": "RUNNING"}\n{}\n'
    with_it = [*Automaton(shape(catalog.schema(VERSIONS[-1]))).doubtful(lines)]
    monkeypatch.delattr("re2._Anchor.ANCHOR_START")
    monkeypatch.setattr("re2._Regexp.match", lambda self, text, pos: re.compile(self.pattern).match(text, pos))
    assert [*Automaton(shape(catalog.schema(VERSIONS[-1]))).doubtful(lines)] == with_it
    assert [lines[start:end] for start, end in with_it] == [b"{}"] * 3


def test_a_value_that_only_equals_a_status_does_not_conform() -> None:
    # The fast check leaves statuses of other types, even subclasses of str, to the evaluator.
    assert not engine(VERSIONS[-1]).plain.accepts({"status": UserString("IDLE")})
    assert not engine(VERSIONS[-1]).is_valid({"status": UserString("IDLE")})
    assert engine(VERSIONS[-1]).is_valid({"status": type("Status", (str,), {})("IDLE")})


SEEDS = (
    b'{"status":"FAILED","error":"\xc3\xa9\\ud83d\\ude00\\n","start_time":"2024-02-29T23:59:59.999Z","end_time":"2024-03-01T00:00:00.000Z"}',
    b'{"start_time": "2026-03-01T09:30:00.000Z", "status": "RUNNING", "error": null}',
    b' { "end_time" : null , "status" : "IDLE" } ',
    b'{"status":"SUCCEEDED","end_time":"2026-03-01T09:30:00+01:00","start_time":"2026-03-01T08:30:00.5Z"}',
)


def mutated(text: bytes) -> Iterator[bytes]:
    """The text with each byte removed, replaced and doubled, and with a byte inserted before it."""
    for at in range(len(text) + 1):
        yield text[:at] + text[at + 1 :]
        yield text[:at] + text[at : at + 1] * 2 + text[at + 1 :]
        for byte in range(256):
            yield text[:at] + bytes([byte]) + text[at + 1 :]
            if byte < 0x80 and not chr(byte).isalnum():
                yield text[:at] + bytes([byte]) + text[at:]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS, ids=range(len(SEEDS)))
def test_texts_one_byte_from_a_conforming_one_get_correct_verdicts(seed: bytes) -> None:
    assert hold(seed) > 0
    automata = [automaton for version in VERSIONS if (automaton := engine(version).automaton)]
    texts = {text for text in mutated(seed) if text != seed}
    # Only an accepted text can be accepted wrongly.
    suspects = [text for text in texts if any(each.accepts(text) for each in automata) or is_read(text)]
    assert len(suspects) > 30
    assert sum(map(hold, suspects)) > 30


def is_read(text: bytes) -> bool:
    try:
        read(text)
    except (ValueError, RecursionError):
        return False
    return True


TEXTS = (testing.payloads() | testing.faulty_payloads().map(lambda pair: pair[0]) | testing.json_values()).flatmap(
    testing.json_texts
)


@given(text=TEXTS, cut=st.integers(0, 200), patch=st.binary(max_size=6), size=st.integers(0, 3), doubled=st.booleans())
def test_drawn_texts_get_correct_verdicts(text: str, cut: int, patch: bytes, size: int, doubled: bool) -> None:
    data = text.encode("utf-8", "surrogatepass")
    hold(data)
    hold(data[:cut] + patch + data[cut + size :])
    if doubled:
        hold(data[:-1] + b"," + data[1:])


@runners
def test_long_lines_are_doubtful_unless_they_conform(runner: type[Runner]) -> None:
    automaton = Automaton(shape(catalog.schema(VERSIONS[-1])), runner())
    for inside in (b"x", b"\\n", "é".encode(), b" ", b'"', b"{"):
        line = b'{"status": "FAILED", "error": "' + inside * 300_000 + b'", "x": 1}'
        assert [*automaton.doubtful(line + b"\n")] == [(0, len(line))]
    long = b'{"status": "FAILED", "error": "' + b"x" * 1_000_000 + b'"}'
    assert [*automaton.doubtful(long + b"\n")] == []


@given(blocks=st.lists(TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass").replace(b"\n", b" ")), max_size=8))
def test_lines_get_the_same_verdict_together_and_alone(blocks: list[bytes]) -> None:
    automaton = engine(VERSIONS[-1]).automaton
    assert automaton is not None
    lines = b"".join(line + b"\n" for line in blocks)
    doubtful = list(automaton.doubtful(lines))
    _, closely = validators(VERSIONS[-1])
    start = 0
    for line in io.BytesIO(lines):
        span = start, start + len(line) - 1
        assert span in doubtful or not closely.examine(line).violations
        assert span not in doubtful or [*automaton.doubtful(line)]
        start += len(line)
    assert doubtful == sorted(set(doubtful))
    assert len(doubtful) <= len(blocks)


def test_results_are_the_same_without_re2(tmp_path: Path) -> None:
    lines = tmp_path / "a.ndjson"
    lines.write_bytes(b"\n".join([*SEEDS, b'{"status": "DONE"}', b'{"status": "IDLE", "status": "IDLE"}']))
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "re2.py").write_text("raise ImportError", "utf-8")
    without = {"PYTHONPATH": os.pathsep.join(filter(None, (str(hidden), os.environ.get("PYTHONPATH"))))}
    # Without --all, lines take another path.
    for options in ["--all", "--output", "json"], ["--output", "json"]:
        assert run_process("check", *options, lines, changes=without) == run("check", *options, lines)
    assert "Engine for texts: derived from the schemas, run by RE2\n" in run("--version", "-v").out
    said = run_process("--version", "-v", changes=without).out
    assert "Engine for instances: derived from the schemas\n" in said
    assert "Engine for texts: derived from the schemas, run by Python's re\n" in said
    script = 'import guestcust, json, sys; print(guestcust.is_valid_text(b\'{"status": "IDLE"}\'))'
    done = subprocess.run([sys.executable, "-c", script], env=environment(**without), capture_output=True, check=True)
    assert done.stdout == b"True\n"


def test_the_limits_of_the_fast_reader_are_within_those_of_the_strict_one() -> None:
    # Written twice, because the fast reader imports nothing of the strict one.
    assert fast._MAX_DEPTH <= reader.MAX_DEPTH
    assert fast._SAFE_DIGITS <= reader._SAFE_DIGITS


def test_a_schema_with_an_unknown_keyword_uses_the_reference() -> None:
    schema = catalog.schema()
    schema["maxProperties"] = 1
    fallback = Engine(schema, {**rule_ids(VERSIONS[-1]), "/maxProperties": "no-unknown-members"})
    assert not fallback.is_derived
    assert fallback.automaton is None
    assert fallback.is_valid({"status": "RUNNING"})
    assert not fallback.is_valid({"status": "RUNNING", "error": None})
    assert [failure.rule for failure in fallback.failures({"status": "RUNNING", "error": None})] == [
        "no-unknown-members"
    ]
