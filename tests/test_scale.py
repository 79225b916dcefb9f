"""Large input under memory limits: each run would fail if its memory grew with its input."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import guestcust
import pytest

MEBIBYTE = 1024 * 1024
PENDING = b'{"status": "PENDING"}'
BROKEN = b'{"status": "BROKEN"}'


class Done(NamedTuple):
    status: int
    report: dict[str, Any]

    @property
    def places(self) -> list[tuple[str, int, int]]:
        return [
            (violation["rule"], violation["line"], violation["column"])
            for payload in self.report["payloads"]
            for violation in payload["violations"]
        ]


def check(*arguments: str | Path, memory: int, stdin: Iterator[bytes] | None = None) -> Done:
    """Runs a check with an address space of `memory` mebibytes; Python with the engine takes about 60."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (memory * MEBIBYTE, memory * MEBIBYTE))

    process = subprocess.Popen(
        [sys.executable, "-m", "guestcust", "check", "--output", "json", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        preexec_fn=limit,
    )
    assert process.stdin is not None
    try:
        for piece in stdin or ():
            process.stdin.write(piece)
    except BrokenPipeError:
        pass  # stderr has the details.
    out, err = process.communicate()
    assert err == b""
    return Done(process.returncode, json.loads(out))


def repeated(piece: bytes, times: int, before: bytes = b"", after: bytes = b"") -> Iterator[bytes]:
    yield before
    for _ in range(times):
        yield piece
    yield after


LETTERS = b"x" * MEBIBYTE


def test_a_string_of_100_megabytes_is_over_the_default_limit() -> None:
    done = check("-", memory=400, stdin=repeated(LETTERS, 100, b'{"status": "FAILED", "error": "', b'"}'))
    assert (done.status, done.places) == (1, [("json-size", 1, 1)])


@pytest.mark.slow
def test_a_string_of_100_megabytes_is_checked_under_a_higher_limit() -> None:
    pieces = repeated(LETTERS, 100, b'{"status": "RUNNING", "error": "', b'"}')
    done = check("--max-size", str(200 * MEBIBYTE), "-", memory=900, stdin=pieces)
    assert (done.status, done.places) == (1, [("error-only-when-failed", 1, 23)])
    assert len(done.report["payloads"][0]["violations"][0]["value"]) < 100


def test_endless_input_stops_at_the_limit() -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("needs /dev/zero")
    done = check("--max-size", "1000", "/dev/zero", memory=160)
    assert (done.status, done.places) == (1, [("json-size", 1, 1)])


@pytest.mark.parametrize(
    ("before", "bracket", "expected"),
    [
        (b"", b"[", ("json-depth", 1, 66)),
        (b'{"status": ', b"[", ("json-depth", 1, 75)),
        (b'{"status": ', b'{"":', ("json-depth", 1, 264)),
        (b"", b'{"a":[', ("json-depth", 1, 193)),
    ],
)
def test_a_million_brackets_are_nested_too_deep(before: bytes, bracket: bytes, expected: tuple[str, int, int]) -> None:
    done = check("-", memory=200, stdin=repeated(bracket * 1000, 1000, before))
    assert (done.status, done.places) == (1, [expected])


def test_a_million_closed_brackets_are_nested_too_deep() -> None:
    done = check("-", memory=200, stdin=iter([b"[" * 1_000_000, b"]" * 1_000_000]))
    assert (done.status, done.places) == (1, [("json-depth", 1, 66)])


@pytest.mark.parametrize(
    ("number", "rules"),
    [
        (b"9" * 1_000_000, ["json-finite-numbers"]),
        (b"-" + b"9" * 1_000_000, ["json-finite-numbers"]),
        (b"0." + b"9" * 1_000_000, ["error-is-string"]),
        (b"1e" + b"9" * 1_000_000, ["json-finite-numbers"]),
        (b"9" * 1_000_000 + b"e-1000000", ["error-is-string"]),
    ],
)
def test_a_number_with_a_million_digits_is_checked_and_shortened(number: bytes, rules: list[str]) -> None:
    done = check("-", memory=200, stdin=iter([b'{"status": "FAILED", "error": ' + number + b"}"]))
    assert (done.status, [rule for rule, _, _ in done.places]) == (1, rules)
    violation = done.report["payloads"][0]["violations"][0]
    assert len(violation["message"]) < 300 and len(violation["value"]) < 100


@pytest.mark.parametrize(("limit", "megabytes", "memory"), [(1000, 100, 160), (64 * MEBIBYTE, 100, 500)])
def test_a_line_over_the_limit_does_not_affect_the_next(limit: int, megabytes: int, memory: int) -> None:
    pieces = repeated(LETTERS, megabytes, PENDING + b'\n{"status": "', b'"}\n' + PENDING + b"\n" + BROKEN)
    done = check("--format", "ndjson", "--max-size", str(limit), "-", memory=memory, stdin=pieces)
    assert (done.status, done.places) == (1, [("json-size", 2, 1), ("status-known", 4, 12)])
    assert done.report["summary"]["valid"] == 2


def test_an_element_over_the_limit_does_not_affect_the_next() -> None:
    pieces = repeated(LETTERS, 100, b"[" + PENDING + b',\n{"status": "', b'"},\n' + PENDING + b"," + BROKEN + b"]")
    done = check("--max-size", "1000", "-", memory=160, stdin=pieces)
    assert (done.status, done.places) == (1, [("json-size", 2, 1), ("status-known", 3, 34)])
    assert done.report["summary"]["valid"] == 2


@pytest.mark.slow
def test_long_white_space_is_skipped() -> None:
    done = check("--max-size", "1000", "-", memory=160, stdin=repeated(b" " * MEBIBYTE, 50, b"[", BROKEN + b"]"))
    assert (done.status, done.places) == (1, [("status-known", 1, 50 * MEBIBYTE + 13)])
    done = check("--format", "ndjson", "-", memory=160, stdin=repeated(b"\n" * MEBIBYTE, 4, b"", BROKEN))
    assert (done.status, done.places) == (1, [("status-known", 4 * MEBIBYTE + 1, 12)])


@pytest.mark.slow
@pytest.mark.parametrize("name", ["large.ndjson", "large"])
def test_a_file_of_200_megabytes_is_streamed(tmp_path: Path, name: str) -> None:
    large = tmp_path / name
    error = b'{"status": "FAILED", "error": "' + LETTERS + b'"}'
    is_array = name != "large.ndjson"
    separator = b",\n" if is_array else b"\n"
    with large.open("wb") as file:
        file.write(b"[" if is_array else b"")
        for _ in range(200):
            file.write(error + separator)
        file.write(BROKEN + b"]" * is_array)
    try:
        done = check(large, memory=160)
    finally:
        large.unlink()
    assert (done.status, done.places) == (1, [("status-known", 201, 12)])
    assert done.report["summary"]["valid"] == 200


def test_the_number_of_collected_faults_is_limited() -> None:
    twice = b'"a":1,' * 100_000
    done = check("-", memory=200, stdin=iter([b'{"status": "PENDING", ' + twice + b'"a": 1}']))
    assert done.status == 1
    assert len(done.places) < 2000


def test_many_unknown_members_need_little_memory() -> None:
    members = b",".join(b'"a%d":1' % number for number in range(20_000))
    done = check("--max-violations", "5", "-", memory=250, stdin=iter([b'{"status": "PENDING", ' + members + b"}"]))
    assert done.status == 1
    assert len(done.places) == 5


def a_list_in_itself() -> list[Any]:
    cycle: list[Any] = []
    cycle.append(cycle)
    return cycle


def a_wide_list_in_itself() -> list[Any]:
    cycle: list[Any] = []
    cycle.extend([cycle] * 1000)
    return cycle


def a_dict_in_itself() -> dict[str, Any]:
    cycle: dict[str, Any] = {"status": "PENDING"}
    cycle["self"] = cycle
    return cycle


@pytest.mark.parametrize("build", [a_list_in_itself, a_wide_list_in_itself, a_dict_in_itself])
def test_recursive_values_are_invalid(build: Callable[[], Any]) -> None:
    value = build()
    for instance in (value, {"status": value}, {"status": "FAILED", "error": value}, {"status": "PENDING", "x": value}):
        assert not guestcust.is_valid(instance)
        violations = list(guestcust.iter_violations(instance))
        assert violations
        assert all(len(violation.message) < 1000 and len(violation.value) < 100 for violation in violations)


@pytest.mark.parametrize("instance", ["value", "{'status': value}", "{'status': 'PENDING', 'x': value}"])
def test_shared_values_are_not_multiplied(instance: str) -> None:
    # Sixty levels of lists that hold the next one twice, as YAML aliases give: 2 ** 60 values if expanded.
    script = "import guestcust\nvalue = []\nfor _ in range(60): value = [value, value]\n"
    script += (
        f"instance = {instance}\nprint(guestcust.is_valid(instance), len(list(guestcust.iter_violations(instance))))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=120, check=False)
    assert (done.stdout.split()[0], done.stderr) == (b"False", b"")
