"""Shortcuts for input that conforms or is simple find the same as the way around them."""

from __future__ import annotations

import functools
import gzip
import io
import json

import guestcust
import pytest
from guestcust import pipeline
from guestcust.jsontext import decode, peek
from guestcust.jsontext.reader import Reader, StopError
from guestcust.model import Result, Source
from guestcust.pipeline import Check
from guestcust.reporters.protocol import Summary
from hypothesis import example, given
from hypothesis import strategies as st
from wrappings import WRITERS, Exchange

IDLE = b'{"status":"IDLE"}'
RUNNING = b'{"status":"RUNNING","start_time":"2026-03-01T09:30:00.000Z"}'
TEXTS = {
    "conforms": RUNNING,
    "conforms, with white space": b"\n " + IDLE + b"\r\n\n",
    "gets a warning": b'{"status":"RUNNING","start_time":"2026-03-01T09:30:00Z"}',
    "does not conform": b'{"status":"IDLE","error":"x"}',
    "two in one file": IDLE + b"\n" + RUNNING,
    "two on one line": IDLE + IDLE,
    "in /rest's envelope": b'{"value":' + IDLE + b"}",
    "an array": b"[" + IDLE + b"," + IDLE + b',{"status":1}]',
    "UTF-16": IDLE.decode().encode("utf-16"),
    "unrelated": b'{"a":1}',
    "empty": b"",
}


def found(
    all_sources: list[Source], many: int, *, skip_unrelated: bool = False, max_size: int = 10_000
) -> tuple[list[Result], Summary]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "_MANY", many)
        check = Check(
            all_sources, guestcust.Validator(max_size=max_size), everything=False, skip_unrelated=skip_unrelated
        )
        return list(check), check.summary


def piecewise(text: bytes, size: int) -> io.BufferedIOBase:
    class Raw(io.BytesIO):
        def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
            piece = self.read(min(size, len(buffer)))
            buffer[: len(piece)] = piece
            return len(piece)

    return io.BufferedReader(Raw(text))


@pytest.mark.parametrize("skip_unrelated", [False, True])
@pytest.mark.parametrize("size", [7, len(IDLE), 1 << 20])
def test_files_after_many_have_the_results_of_the_first(size: int, skip_unrelated: bool) -> None:
    read = [
        Source(f"{name}.json", functools.partial(piecewise, text, size))
        for name, text in {"first": IDLE, **TEXTS}.items()
    ]
    assert found(read, 0, skip_unrelated=skip_unrelated) == found(read, 10**9, skip_unrelated=skip_unrelated)


@pytest.mark.parametrize("rest", [b"", b"x"])
@pytest.mark.parametrize("many", [-1, 10**9])
def test_a_text_that_is_too_long_is_never_cut_to_one_that_conforms(rest: bytes, many: int) -> None:
    text = IDLE + b" " * 90_000 + rest
    exchange = Exchange("api", "GET", "/api/vcenter/vm/vm-1/guest/customization", None, text.decode())
    files: dict[str, bytes] = {
        "a.json": text,
        "a.json.gz": gzip.compress(text),
        "array.json": b"[" + IDLE + b"," + text + b"]",
        "lines.ndjson": IDLE + b"\n" + text + b"\n",
        **{name: WRITERS[name](exchange) for name in ("gzip.har", "base64.har") if name in WRITERS},
    }
    for name, data in files.items():
        results, _ = found([Source(name, functools.partial(io.BytesIO, data))], many, max_size=100)
        rules = [each.rule for result in results for each in result.violations]
        # White space at the end is not part of an element or a line.
        assert rules == ["json-size"] or (not rest and name in ("array.json", "lines.ndjson")), name


@pytest.mark.parametrize("envelope", ["api", "rest"])
@pytest.mark.parametrize("name", TEXTS)
def test_bodies_after_many_have_the_results_of_the_first(name: str, envelope: str) -> None:
    exchange = Exchange(
        envelope, "GET", f"/{envelope}/vcenter/vm/vm-1/guest/customization", None, TEXTS[name].decode("latin-1")
    )
    for file, write in WRITERS.items():
        try:
            data = write(exchange)
        except ValueError:
            # Some formats hold parsed JSON only.
            continue
        read = [Source(file, functools.partial(io.BytesIO, data))]
        assert found(read, -1) == found(read, 10**9), file


@given(st.data())
def test_members_of_a_flat_object_are_where_the_strict_reader_finds_them(data: st.DataObject) -> None:
    names = st.sampled_from(["status", "error", "a", "", "\u00e9", "sta\\u0074us", "x\\"])
    pairs = data.draw(st.lists(st.tuples(names, st.sampled_from(['"a"', '"status"', "1", "null", '"{"', "[]", "{}"]))))
    space = data.draw(st.sampled_from(["", " ", "\n\t"]))
    text = "{" + ",".join(f'{space}"{name}"{space}:{value}' for name, value in pairs) + "}"
    paths: list[tuple[str, ...]] = [(), *((name,) for name in ("status", "error", "a", "", "\u00e9"))]
    reader = Reader(text, frozenset(paths))
    try:
        reader.read()
    except StopError:
        return
    assert {path: spans for path, spans in decode.locate(text, paths).items() if path in reader.found} == reader.found


@given(
    st.recursive(
        st.none() | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=20,
    )
)
@example([[[[[[None]]]]]])
@example([[[[[[], "a"]]]]])
def test_a_look_at_a_complete_text_sees_as_much_as_one_at_its_beginning(value: object) -> None:
    for text in (json.dumps({"value": value}), json.dumps([value])):
        assert peek.members(text.encode()) == peek.members(text.encode() + b"x")
