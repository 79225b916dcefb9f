"""The corpus of the fuzzer, faults that it must detect, and the fuzzer itself."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cases import VERSIONS
from command import REPOSITORY
from fast_checks import hold_all, validators
from fuzz_fast_checks import CORPUS, Mutator, corpus, tokens, vectors
from guestcust import validator
from guestcust.engine import automaton, evaluator
from guestcust.engine.acceptor import Plain
from guestcust.engine.engine import engine
from guestcust.engine.status_table import shape
from guestcust.jsontext import fast
from guestcust.ruleset import catalog, times

Patch = pytest.MonkeyPatch


@pytest.fixture(autouse=True)
def _own_engines() -> Iterator[None]:
    """Gives each test its own engines and validators, which keep a fault planted while they are built."""
    engine.cache_clear()
    validators.cache_clear()
    yield
    engine.cache_clear()
    validators.cache_clear()


def hold_corpus() -> int:
    return sum(map(hold_all, [*vectors(), *corpus()]))


def test_the_corpus_shows_no_fault() -> None:
    assert hold_corpus() > 100


def test_the_corpus_is_small() -> None:
    texts = corpus()
    assert len(texts) == len(set(texts).difference(vectors()))
    assert max(map(len, texts)) < 1024
    assert CORPUS.stat().st_size < 300_000


def test_mutations_are_bounded_and_reproducible() -> None:
    mutator = Mutator(lambda text, longest: text[::-1][:longest])
    changed = [mutator(text, 300, seed) for seed, text in enumerate([b"", *tokens(), *corpus()])]
    assert changed == [mutator(text, 300, seed) for seed, text in enumerate([b"", *tokens(), *corpus()])]
    assert max(map(len, changed)) == 300
    assert len(set(changed)) > len(corpus())


# Each function plants one fault, before any engine is built.


def duplicates_dropped(patch: Patch) -> None:
    but_that = json.JSONDecoder(parse_int=fast._integer, parse_float=fast._doubt, parse_constant=fast._doubt)
    patch.setattr(fast, "_decode", but_that.decode)


def surrogates_let_through(patch: Patch) -> None:
    patch.setattr(fast, "_SURROGATE", re.compile("(?!)"))


def depth_unbounded(patch: Patch) -> None:
    patch.setattr(fast, "_MAX_DEPTH", 1000)


def integers_unbounded(patch: Patch) -> None:
    patch.setattr(fast, "_SAFE_DIGITS", 1000)


def newest_status_in_the_oldest_version(patch: Patch) -> None:
    patch.setattr(engine(VERSIONS[0]), "plain", Plain(shape(catalog.schema(VERSIONS[-1]))))


def any_string_between_quotes(patch: Patch) -> None:
    patch.setattr(automaton, "_STRING", r'"(?:[^"\\\x00-\x1f]|\\.)*"')


def half_pairs_as_escapes(patch: Patch) -> None:
    patch.setattr(automaton, "_STRING", automaton._STRING.replace(r"0-9A-CEFa-cef", "0-9A-Fa-f"))


def form_feeds_as_white_space(patch: Patch) -> None:
    patch.setattr(automaton, "_IN_TEXT", r"\s*")


def times_end_in_any_offset(patch: Patch) -> None:
    patch.setattr(times, "_SERVER_END", times._ANY_END)


def times_not_compared(patch: Patch) -> None:
    patch.setattr("guestcust.engine.automaton.operator.le", lambda start, end: True)


def times_compared_only_side_by_side(patch: Patch) -> None:
    patch.setattr(automaton, "_TIMES", re.compile(automaton._TIMES.pattern.replace(b".*?", b', ?"')))


def times_of_a_pair_not_found(patch: Patch) -> None:
    patch.setattr(automaton, "_TIMES_OF_PAIR", re.compile(b"(?!)"))


def every_line_passed(patch: Patch) -> None:
    patch.setattr(validator.Validator, "doubtful_lines", lambda self, lines: iter(()))


def blank_lines_counted(patch: Patch) -> None:
    doubtful = validator.Validator.doubtful_lines

    def without_blank(self: validator.Validator, lines: bytes) -> Iterator[tuple[int, int]]:
        return (line for line in doubtful(self, lines) if line[0] != line[1])

    patch.setattr(validator.Validator, "doubtful_lines", without_blank)


def failures_rest_on_themselves(patch: Patch) -> None:
    patch.setattr(evaluator, "_rests_on", lambda here, path: (path,))


@pytest.mark.parametrize(
    ("plant", "way"),
    [
        (duplicates_dropped, "plain.read"),
        (surrogates_let_through, "plain.read"),
        (depth_unbounded, "plain.read"),
        (integers_unbounded, "plain.read"),
        (newest_status_in_the_oldest_version, "plain.accepts"),
        (any_string_between_quotes, "automaton.accepts"),
        (half_pairs_as_escapes, "automaton.accepts"),
        (form_feeds_as_white_space, "automaton.accepts"),
        (times_end_in_any_offset, "automaton.doubtful"),
        (times_not_compared, "automaton.doubtful"),
        (times_compared_only_side_by_side, "automaton.doubtful, any order"),
        (times_of_a_pair_not_found, "automaton.doubtful"),
        (every_line_passed, "Check"),
        (blank_lines_counted, "Check.summary"),
        (failures_rest_on_themselves, "Engine.failures"),
    ],
)
def test_the_corpus_shows_a_planted_fault(plant: Callable[[Patch], None], way: str, monkeypatch: Patch) -> None:
    plant(monkeypatch)
    with pytest.raises(AssertionError, match=f"'{way}'"):
        hold_corpus()


def test_a_planted_fault_does_not_outlive_its_engines() -> None:
    with pytest.MonkeyPatch.context() as patch:
        any_string_between_quotes(patch)
        with pytest.raises(AssertionError, match=r"'automaton\.accepts'"):
            hold_corpus()
    engine.cache_clear()
    validators.cache_clear()
    assert hold_corpus() > 100


needs_atheris = pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")


@pytest.mark.slow
@needs_atheris
def test_a_short_run_of_the_fuzzer_succeeds(tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    command = [
        sys.executable,
        str(REPOSITORY / "tests" / "fuzz_fast_checks.py"),
        "--runs",
        "500",
        "--folder",
        str(texts),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=True)
    executed = re.search(r"stat::number_of_executed_units: ([0-9]+)", done.stderr)
    # Reading a large corpus may take some more.
    assert executed and int(executed.group(1)) >= 500
    assert len(list(texts.iterdir())) >= len(corpus())
    assert list(tmp_path.iterdir()) == [texts]


@pytest.mark.slow
@needs_atheris
def test_the_fuzzer_finds_a_planted_fault(tmp_path: Path, monkeypatch: Patch) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    (texts / "seed").write_bytes(b'{"status": "IDLE"}')
    unsound = "import fuzz_fast_checks, pytest, sys, test_fuzz; test_fuzz.duplicates_dropped(pytest.MonkeyPatch())"
    script = f"{unsound}; fuzz_fast_checks.as_libfuzzer(sys.argv[1:])"
    command = [sys.executable, "-c", script, "-runs=100000", "-seed=1", "-artifact_prefix=texts/", "texts"]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "tests")}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8")
    assert done.returncode != 0
    lines = done.stderr.splitlines()
    found = ast.literal_eval(lines[lines.index("A fast check is wrong about this text:") + 2])
    assert hold_all(found) == 0
    duplicates_dropped(monkeypatch)
    with pytest.raises(AssertionError, match=r"'plain\.read'"):
        hold_all(found)
    (crash,) = texts.glob("crash-*")
    assert crash.read_bytes() == found
