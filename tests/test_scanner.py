"""The fast ways through a JSON document find what the strict reader and the bracket by bracket splitter find."""

from __future__ import annotations

import io
import json
from collections.abc import Generator
from typing import Any

import pytest
from guestcust.jsontext import decode, elements, scanner
from guestcust.jsontext.splitting import Break, Piece
from guestcust.model import Span
from hypothesis import example, given
from hypothesis import strategies as st

NAMES = ["a", "b", "log", ""]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "log", ""]), inner, max_size=4)
    ),
    max_leaves=12,
)


def found(data: bytes, max_size: int) -> list[tuple[Any, ...]]:
    return [
        (one.text.encode() if isinstance(one.text, str) else one.text, *one.start(), one.number)
        if isinstance(one, Piece)
        else (one.message, one.line, one.column)
        for one in elements.elements(io.BytesIO(data), ("log", "entries"), max_size)
    ]


@given(
    entries=st.lists(VALUES, max_size=6),
    indent=st.sampled_from([None, 1]),
    is_ascii=st.booleans(),
    chunk=st.integers(1, 40),
    max_size=st.integers(1, 60),
    cut=st.integers(0, 400),
    patch=st.binary(max_size=2),
)
@example(entries=[[None, "\u0800"]], indent=None, is_ascii=False, chunk=1, max_size=13, cut=1000, patch=b"")
@example(entries=[1], indent=None, is_ascii=True, chunk=1, max_size=60, cut=400, patch=b"")
@example(entries=[{"a": "\u00e9"}, "\\"], indent=1, is_ascii=False, chunk=1, max_size=60, cut=50, patch=b"\xff")
def test_scanned_elements_are_those_of_the_splitter(
    entries: list[Any], indent: int | None, is_ascii: bool, chunk: int, max_size: int, cut: int, patch: bytes
) -> None:
    text = json.dumps({"log": {"b": 1, "entries": entries}, "c": [2]}, indent=indent, ensure_ascii=is_ascii)
    data = text.encode()
    data = data[:cut] + patch + data[cut:] if patch else data[:cut] if cut % 3 == 0 else data
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(elements, "CHUNK", chunk)
        scanned = found(data, max_size)
        monkeypatch.setattr(elements, "_scanned", lambda stream, begun, position, max_size: _nothing(begun))
        assert scanned == found(data, max_size)


def _nothing(begun: bytes) -> Generator[Piece, None, tuple[int, bytes]]:
    yield from ()
    return 0, begun


def test_small_elements_are_scanned_with_their_values() -> None:
    data = json.dumps({"log": {"entries": [{"a": number} for number in range(5)]}}).encode()
    pieces = [one for one in elements.elements(io.BytesIO(data), ("log", "entries"), 100) if not isinstance(one, Break)]
    # The splitter takes the last one, which nothing follows.
    assert [piece.instance for piece in pieces] == [{"a": 0}, {"a": 1}, {"a": 2}, {"a": 3}, None]


@given(
    value=VALUES,
    indent=st.sampled_from([None, 1]),
    steps=st.lists(st.sampled_from(["a", "b", "log", "", 0, 1]), max_size=3),
)
def test_values_are_located_where_the_strict_reader_locates_them(
    value: Any, indent: int | None, steps: list[str | int]
) -> None:
    text = json.dumps(value, indent=indent)
    paths = [tuple(steps[:depth]) for depth in range(len(steps) + 1)]
    strict = {path: spans.value.start for path, spans in decode.locate(text, paths).items()}
    fast = scanner.locate(text, paths)
    assert {path: span.start for path, span in fast.items()} == strict
    for path, span in fast.items():
        assert json.loads(text[span.start : span.end]) == _at(value, path)


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 2}', '{"a": {"b": 1, "b": 2}}', "{", '{"a"}', '{"a": 1,}', '{"a": [1 2]}', "{} {}", ""],
)
def test_what_is_not_certain_is_not_located(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of the scanner, or of ours
        scanner.locate(text, [("a", "b"), ("a",)])


def test_duplicates_beside_the_way_are_skipped() -> None:
    assert scanner.locate('{"b": {}, "b": {}, "a": 1}', [("a",)]) == {("a",): Span(24, 25)}


@pytest.mark.parametrize(
    ("text", "has_one_way"),
    [
        ('{"a": {"b": 1}}', True),
        (r'{"a": {"b": "say \"b\""}}', True),
        ('{"a": {"b": 1}, "b": 2}', False),
        ('{"a": {"b": 1}, "a": {}}', False),
        (r'{"a": {"b": 1}, "\u0061": {}}', False),
    ],
)
def test_a_way_without_duplicates_is_seen_without_reading(text: str, has_one_way: bool) -> None:
    assert scanner.has_one_way(text, ("a", "b")) is has_one_way
