"""The command on misleading text, and the lines and columns that it reports."""

from __future__ import annotations

import io
import itertools
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from command import (
    BOM,
    BROKEN,
    EARLY_ERROR,
    PENDING,
    SCHEMAS,
    Done,
    places,
    report,
    run,
    run_process,
    verdicts,
)
from guestcust.captures import json_file
from guestcust.jsontext import elements
from guestcust.jsontext.splitting import Piece, Position, Splitter
from guestcust.model import Source
from hypothesis import given
from hypothesis import strategies as st

HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07",
    "a\nerror: b",
    "\r\x08",
    "\u202eevil",
    "\u2066",
    "\x9b31m",
    "\u2028",
    "\x7f",
    "\x00",
]


def is_tame(text: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in text)


@pytest.mark.parametrize("options", [[], ["--quiet"], ["--forward-compatible"], ["--max-size", "3"]])
def test_control_characters_of_a_payload_are_escaped(options: list[str]) -> None:
    payloads: list[Any] = []
    for text in HOSTILE:
        payloads += [
            {"status": text},
            {"status": "PENDING", text: text},
            {"status": "RUNNING", "start_time": text},
            {"status": "RUNNING", "error": {text: [text]}},
            text,
        ]
    escaped = b"\n".join(json.dumps(payload).encode() for payload in payloads)
    raw = b"\n".join(
        json.dumps(payload, ensure_ascii=False).replace("\\u001b", "\x1b").replace("\\r", "\r").encode()
        for payload in payloads
    )
    twice = "\n".join(f'{{"status": "PENDING", "{text}": 1, "{text}": 2}}' for text in HOSTILE if "\n" not in text)
    for data in (escaped, raw, twice.encode(), b'{"\\ud800": "\\udfff"}\n{"status": "\xff\x9b31m\xed\xa0\x80"}\n'):
        done = run("check", "--format", "ndjson", *options, "-", stdin=data)
        assert done.status == 1
        assert is_tame(done.out)
        assert done.err == ""


def test_a_duplicate_name_that_is_not_printable_is_escaped() -> None:
    done = run("check", "-q", "-", stdin='{"status": "PENDING", "a\u202eb": 1, "a\u202eb": 2}'.encode())
    duplicate = next(line for line in done.out.splitlines() if ": json-unique-members: " in line)
    assert 'json-unique-members: "a\\u202eb" is duplicated' in duplicate


def test_control_characters_of_file_names_are_escaped(tmp_path: Path) -> None:
    names = [os.fsencode(name) for name in HOSTILE if "\0" not in name] + [b"\xff\xfe"]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name + b".json")).write_bytes(BROKEN)
    for options in ([], ["-q"], ["--all"]):
        done = run("check", *options, tmp_path)
        assert done.status == 1
        assert is_tame(done.out)
        assert len(re.findall(r": error: status-known", done.out)) == len(names)
    missing = run("check", *(name + b".missing" for name in names if b"\n" in name or b"\x1b" in name), cwd=tmp_path)
    assert missing.status == 2
    assert is_tame(missing.out + missing.err)
    listed = report(tmp_path)
    assert len(listed["payloads"]) == len(names)


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", "\x1b[31m\u202e"],
        ["versions", "\x1b[31m\u202e"],
        ["check", "--api-version", "8\n\x1b[31m", "-"],
        ["check", "--output", "\x1b[31m", "-"],
        ["check", b"--\xff", "-"],
        [b"\xff\x1b[31m"],
    ],
)
def test_control_characters_of_arguments_are_escaped(arguments: list[str | bytes]) -> None:
    done = run(*arguments)
    assert (done.status, done.out) == (2, "")
    assert is_tame(done.err)


@pytest.mark.parametrize("changes", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}])
def test_the_command_works_in_a_locale_without_unicode(tmp_path: Path, changes: dict[str, str]) -> None:
    (tmp_path / "r\xe9seau.json").write_bytes('{"status": "\u65e5\u672c", "error": "\U0001f4a9"}'.encode())
    for options in (["--all"], ["--output", "json"]):
        done = run_process("check", *options, ".", cwd=tmp_path, changes=changes)
        assert (done.status, done.err) == (1, "")
        assert "status-known" in done.out
    assert run_process("schema", changes=changes) == Done(
        0, (SCHEMAS / "vcenter.vm.guest.customization.info/7.0.3.0.schema.json").read_text(), ""
    )
    unknown = run_process("explain", "r\xe9gle", changes=changes)
    assert (unknown.status, unknown.out) == (2, "")
    assert "Traceback" not in unknown.err


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character, computed in the simplest way."""
    before = text[:offset]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            '[{"status": "FAILED", "error": "\xe9\U0001f4a9\u65e5"}, {"\xe9\U0001f4a9": 1, "status": "X"}]',
            [("no-unknown-members", 1, 41), ("status-known", 1, 60)],
        ),
        ('[\r\n {"status": "PENDING"},\r\n\t{"status":\r\n "X"}\r\n]\r\n', [("status-known", 4, 2)]),
        ("\n\n  [ 1\n,\n 2 ]", [("payload-is-object", 3, 5), ("payload-is-object", 5, 2)]),
        # Truncated between two elements, in an element, in a string, and at the start.
        ('[{"status": "PENDING"},\n', [("json-syntax", 2, 1)]),
        ('[{"status": "PENDING"}', [("json-syntax", 1, 23)]),
        ('[{"status": "PENDING"},\n {"status": "PEN', [("json-syntax", 2, 17)]),
        ('[{"status": "PENDING"},\n {"status"', [("json-syntax", 2, 11)]),
        ("[", [("json-syntax", 1, 2)]),
        # Mismatched brackets.
        ('[{"status": "PENDING"]', [("json-syntax", 1, 22), ("json-syntax", 1, 23)]),
        ('[{"status": "PENDING"], {"status": "X"}]', [("json-syntax", 1, 22), ("status-known", 1, 36)]),
        ('[{"status": "PENDING"}},\n {"status": "X"}]', [("json-syntax", 1, 23)]),
        # Extra and missing commas.
        ("[,1]", [("json-syntax", 1, 2)]),
        ("[1,,2]", [("payload-is-object", 1, 2), ("json-syntax", 1, 4)]),
        ("[1,\n]", [("payload-is-object", 1, 2), ("json-syntax", 2, 1)]),
        ('[{"status": "PENDING"}\n {"status": "PENDING"}]', [("json-syntax", 2, 2)]),
        # Text after the array.
        ('[{"status": "PENDING"}]\n\n  x', [("json-syntax", 3, 3)]),
        ('[{"status": "PENDING"}]]', [("json-syntax", 1, 24)]),
        ("[]\n{}", [("json-syntax", 2, 1)]),
        # A byte order mark at the start has no column of its own.
        ('\ufeff[\n {"status": "PENDING"}]', [("json-no-bom", 1, 1)]),
        ('\ufeff[{"status": "X"}]', [("json-no-bom", 1, 1), ("status-known", 1, 13)]),
    ],
)
def test_locations_in_an_array_are_locations_in_the_file(
    tmp_path: Path, data: str, expected: list[tuple[str, int, int]]
) -> None:
    (tmp_path / "a.json").write_text(data, encoding="utf-8", newline="")
    done = run("check", "--output", "json", "a.json", cwd=tmp_path)
    assert places(json.loads(done.out)) == expected
    assert done.status == (1 if any(rule != "json-no-bom" for rule, _, _ in expected) else 0)


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (EARLY_ERROR, ["error-only-when-failed"]),
        (BROKEN, ["status-known"]),
        (b"[" + EARLY_ERROR + b"]", ["error-only-when-failed"]),
        (b'{"value": ' + EARLY_ERROR + b"}", ["error-only-when-failed"]),
        (b'{"status": "FAILED", "start_time": "soon", "end_time": "late"}', ["date-time", "date-time"]),
        (b'{"value": {}, "value": {"status": "FAILED", "start_time": "soon", "end_time": "late"}}', None),
    ],
)
def test_a_byte_order_mark_hides_no_violations(data: bytes, rules: list[str] | None) -> None:
    for text in (data, BOM + data):
        done = run("check", "--output", "json", "-", stdin=text)
        assert (done.status, done.err) == (1, "")
        found = sorted(rule for rule, _, _ in places(json.loads(done.out)) if rule != "json-no-bom")
        assert rules is None or found == rules


@pytest.mark.parametrize(("column", "first"), [(76, 1), (77, 27), (200, 150), (1000, 950)])
def test_a_long_line_is_shown_from_fifty_characters_before_the_violation(column: int, first: int) -> None:
    head = '{"status": "FAILED", "error": "'
    letters = itertools.islice(itertools.cycle("abcdefghijklmnopqrstuvw"), column - len(head) - len('", ') - 1)
    line = f'{head}{"".join(letters)}", "x": 1, "error": "{"y" * 100}"}}'
    assert line.index('"x"') == column - 1
    shown = run("check", "-", stdin=line.encode()).out.splitlines()
    at = shown.index(f"<stdin>:1:{column}: error: no-unknown-members") + 2
    cut = "…" if first > 1 else ""
    assert shown[at] == f"  1 | {cut}{line[first - 1 : first + 99]}…"
    assert shown[at + 1] == "    | " + " " * (len(cut) + column - first) + "^^^"


CHUNK = 1024 * 1024


@pytest.mark.parametrize(
    "straddler",
    [b'\\"', b'\\\\\\"]', "\xe9".encode(), "\U0001f4a9".encode(), b'", "a": "', b'"},\r\n{"a": "', b'"} , \n {"a": "'],
    ids=["quote", "backslashes", "two bytes", "four bytes", "members", "elements", "space"],
)
def test_locations_do_not_depend_on_chunk_boundaries(tmp_path: Path, straddler: bytes) -> None:
    text = bytearray(b'[\r\n{"a": "')
    for border in range(1, 4):
        # Split the sequence at a different byte each time.
        cut = min(border, len(straddler) - 1) if border < 3 else len(straddler) // 2
        text += b"\xc3\xa9]" * ((border * CHUNK - cut - len(text)) // 3)
        text += b"x" * (border * CHUNK - cut - len(text))
        text += straddler + b'", "status": "X"},{"a": "'
    text += b'", "status": "X"}]'
    (tmp_path / "a.json").write_bytes(text)
    characters = text.decode()
    expected = {position(characters, match.start()) for match in re.finditer('"X"', characters)}
    found = places(report("a.json", cwd=tmp_path))
    assert {(line, column) for rule, line, column in found if rule == "status-known"} == expected
    assert not [rule for rule, _, _ in found if rule.startswith("json-") and rule != "json-unique-members"]


def test_an_array_may_start_at_the_end_of_a_chunk(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b" " * (CHUNK - 1) + b"[" + PENDING + b",\n" + BROKEN + b"]")
    found = report("--all", "a.json", cwd=tmp_path)
    assert [verdict for _, verdict in verdicts(found)] == ["valid", "invalid"]
    assert places(found) == [("status-known", 2, 12)]


@pytest.mark.parametrize("chunk", range(1, 8))
def test_chunks_of_any_size_give_the_same_elements(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    text = (
        '\r\n [ {"a\\"]": [1, {"b": "]}\\\\"}]} ,\n'
        '"\xe9\U0001f4a9\u65e5,", [[], "\\\\\\""]\r\n,\t1 , {}  ,"\\u00e9[" ]\n'
    )
    expected, decoder, at = [], json.JSONDecoder(), text.index("[") + 1
    while True:
        at += len(text[at:]) - len(text[at:].lstrip(" \t\r\n,"))
        if text[at] == "]":
            break
        _, end = decoder.raw_decode(text, at)
        expected.append((*position(text, at), text[at:end].encode()))
        at = end
    monkeypatch.setattr(json_file, "CHUNK", chunk)
    (tmp_path / "a.json").write_bytes(text.encode())
    with (tmp_path / "a.json").open("rb") as stream:
        payloads = json_file.payloads(stream, Source("a", io.BytesIO), 1000)
        found = [(each.origin.line, each.origin.column, each.text) for each in payloads]
    assert found == expected


@given(strings=st.lists(st.text('\\"[]{},a', max_size=8), min_size=1), chunk=st.integers(1, 9), nested=st.booleans())
def test_brackets_in_strings_do_not_end_an_element(strings: list[str], chunk: int, nested: bool) -> None:
    elements = [json.dumps([string] if nested else string) for string in strings]
    text = f"{','.join(elements)}]".encode()
    splitter = Splitter(Position(), 1000, ends_file=True)
    found = [each for at in range(0, len(text), chunk) for each in splitter.feed(text[at : at + chunk])]
    assert [each.text for each in found if isinstance(each, Piece)] == [element.encode() for element in elements]
    assert [*splitter.close()] == []


@given(string=st.text('\\"[]{},a', min_size=12, max_size=40), chunk=st.integers(1, 9))
def test_long_strings_before_an_array_are_skipped(string: str, chunk: int) -> None:
    text = json.dumps({"a": string, "log": {"b": [string], "entries": [1]}, "c": string}).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elements, "CHUNK", chunk)
        patch.setattr(elements, "_LONG", 10)
        found = [*elements.elements(io.BytesIO(text), ("log", "entries"), 1000)]
    (piece,) = found
    assert isinstance(piece, Piece)
    assert (piece.text, piece.start(), piece.number) == (b"1", (1, text.index(b"[1]") + 2), 0)
