"""Broken, truncated and malicious captures: no crash, no false pass, and bounded memory and time."""

from __future__ import annotations

import copy
import gzip
import io
import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import guestcust
import pytest
import zstandard
from capturing import (
    EARLY_ERROR,
    PATH,
    PENDING,
    URL,
    WRITTEN,
    Recorded,
    checked,
    har,
    in_yaml,
    only,
    outcome,
    pact,
    postman,
    ruby_vcr,
    status_of,
    stub,
    vcrpy,
    wiremock,
    written,
)
from command import environment, report, run
from guestcust.captures import documents
from guestcust.jsontext.peek import members
from guestcust.model import Source
from guestcust.pipeline import Check
from hypothesis import given, settings
from hypothesis import strategies as st

UNREADABLE = ("unreadable", "body cannot be read")
BROKEN = ("unreadable", "capture cannot be read")
INVALID = ("invalid", "error-only-when-failed")
MEBIBYTE = 1024 * 1024
ALL = pytest.mark.parametrize("format", WRITTEN)


def skipped(reason: str) -> tuple[str, str]:
    return "skipped", reason


# Decompression bombs.


def zstd_bomb(size: int) -> bytes:
    return zstandard.compress(bytes(size))


def brotli_bomb(size: int) -> bytes:
    data: bytes = brotli.compress(bytes(size), quality=5)
    return data


BOMBS: dict[str, Callable[[int], bytes]] = {
    "gzip": lambda size: gzip.compress(bytes(size)),
    "deflate": lambda size: zlib.compress(bytes(size)),
    "zstd": zstd_bomb,
    "br": brotli_bomb,
}


def peak(path: Path, *options: str) -> tuple[int, int, dict[str, Any]]:
    """The exit status of a check, its peak memory in bytes, and its report."""
    program = (
        "import resource, subprocess, sys\n"
        "status = subprocess.run(sys.argv[1:]).returncode\n"
        "print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
    )
    command = [sys.executable, "-m", "guestcust", "check", "--output", "json", *options, str(path)]
    done = subprocess.run(
        [sys.executable, "-c", program, *command], capture_output=True, env=environment(), check=False
    )
    status, memory = done.stderr.split()[-2:]
    unit = 1 if sys.platform == "darwin" else 1024
    return int(status), int(memory) * unit, json.loads(done.stdout)


@pytest.fixture(scope="module")
def small_peak(tmp_path_factory: pytest.TempPathFactory) -> int:
    path = tmp_path_factory.mktemp("small") / "small.har"
    path.write_text(json.dumps(har(Recorded())))
    return peak(path)[1]


@pytest.mark.parametrize(
    "kind", [*("zstd", "br"), *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("gzip", "deflate"))]
)
def test_a_decompression_bomb_in_a_body_is_limited(kind: str, tmp_path: Path, small_peak: int) -> None:
    bomb = tmp_path / "bomb.har"
    # 200 MiB each; the limit is 1 MiB per payload.
    bomb.write_text(json.dumps(har(*[Recorded(body=BOMBS[kind](200 * MEBIBYTE), encoding=kind)] * 3)))
    status, memory, found = peak(bomb, "--max-size", str(MEBIBYTE))
    assert (status, found["summary"]["invalid"]) == (1, 3)
    assert found["payloads"][0]["violations"][0]["rule"] == "json-size"
    assert memory < small_peak + 40 * MEBIBYTE


@pytest.mark.parametrize("kind", BOMBS)
def test_a_nested_decompression_bomb_is_limited(kind: str) -> None:
    packed = gzip.compress(BOMBS[kind](50 * MEBIBYTE))
    result = only(har(Recorded(body=packed, encoding=kind)), max_size=1000)
    assert result.verdict.value in ("invalid", "unreadable")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["x.har", "x.ndjson", "x"])
@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_decompression_bomb_as_a_file_is_limited(kind: str, name: str, tmp_path: Path, small_peak: int) -> None:
    bomb = tmp_path / name
    begin = json.dumps(har(Recorded(url="/x", body="x" * 300 * MEBIBYTE))).encode()
    bomb.write_bytes(gzip.compress(begin, 1) if kind == "gzip" else zstandard.compress(begin))
    status, memory, found = peak(bomb, "--max-size", str(MEBIBYTE))
    assert found["summary"]["valid"] == 0
    assert status in (1, 2)
    # An exchange may have 64 MiB, held as bytes and as characters.
    assert memory < small_peak + 350 * MEBIBYTE


@pytest.mark.slow
def test_many_empty_compressed_members_take_linear_time() -> None:
    def check(packed: bytes) -> Callable[[int], object]:
        return lambda size: outcome(only(har(Recorded(body=packed * size))))

    for packed in (gzip.compress(b""), zstandard.compress(b""), b"\x28\xb5\x2f\xfd\0\0\1\0\0"):
        is_linear(check(packed), 10_000)


def bomb_in_yaml(where: str) -> str:
    """Nine levels of nine aliases each: ten lines that expand to a billion."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    parts = {
        "method": "GET",
        "uri": f"'{URL}'",
        "headers": "{}",
        "asked": "null",
        "body": f"'{PENDING}'",
        "code": "200",
    }
    parts[where] = "*a9"
    lines += [
        "interactions:",
        f"- request: {{method: {parts['method']}, uri: {parts['uri']}, body: {parts['asked']}}}",
        "  response:",
        f"    headers: {parts['headers']}",
        f"    status: {{code: {parts['code']}}}",
        f"    body: {{string: {parts['body']}}}",
        "version: 1",
    ]
    return "\n".join(lines)


@pytest.mark.parametrize("where", ["headers", "asked", "body", "code", "method", "uri"])
def test_yaml_aliases_are_bounded(where: str) -> None:
    result = only(bomb_in_yaml(where))
    assert outcome(result) == BROKEN
    assert "aliases" in result.detail
    assert len(result.detail) < 300


@pytest.mark.slow
def test_aliases_of_a_long_list_take_linear_time() -> None:
    def check(size: int) -> object:
        shared = "\n".join(f"  - {number}" for number in range(size))
        items = "\n".join(["- *shared"] * size)
        return checked(f"shared: &shared\n{shared}\ninteractions:\n{items}\nversion: 1\n")

    is_linear(check, 1000)


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.system", "!!python/object/new:os.system", "!!python/name:os.system", "!ruby/object:Gem"],
)
@pytest.mark.parametrize("where", ["string: ", "headers: ", "code: ", "uri: "])
def test_yaml_tags_construct_no_objects(tag: str, where: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    text = in_yaml(vcrpy(Recorded()))
    for argument in (f"['touch {made}']", f"'touch {made}'", f"{{args: ['touch {made}']}}"):
        lines = [
            f"{line.split(where)[0]}{where}{tag} {argument}" if where in line else line for line in text.split("\n")
        ]
        results, summary = checked("\n".join(lines))
        # Headers may have any type.
        assert status_of(summary) == (0 if where == "headers: " else 2), results
        assert not made.exists()


@pytest.mark.parametrize(
    "text",
    [
        "interactions: &a [*a]\nversion: 1\n",
        "interactions:\n- &a {request: *a, response: *a}\nversion: 1\n",
        "interactions: [*nothing]\n",
        "x: &a {x: &b {y: *a}}\ninteractions: []\nversion: 1\n",
    ],
)
def test_recursive_yaml_anchors_are_unreadable(text: str) -> None:
    results, summary = checked(text, format="vcrpy")
    assert status_of(summary) == 2
    assert "alias" in results[0].detail


def test_aliases_may_nest_deeper_than_the_limit_outside_bodies() -> None:
    lines = ["a0: &a0 x"]
    lines += [f"a{n}: &a{n} {'[' * 50}*a{n - 1}{']' * 50}" for n in range(1, 100)]
    text = "\n".join([*lines, in_yaml(vcrpy(Recorded())).replace("headers: {}", "headers: *a99")])
    assert outcome(only(text)) == ("valid", "")
    assert outcome(only(text.replace("string: ", "string: *a99 #"))) == UNREADABLE


# Nesting.


@pytest.mark.parametrize("depth", [65, 1000, 100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("format", ["har", "vcrpy-json", "wiremock", "pact", "postman"])
def test_deeply_nested_json_is_not_skipped(format: str, depth: int) -> None:
    text = written(format, Recorded(), Recorded())
    deep = "[" * depth + "]" * depth
    before = text.replace("{", f'{{"deep": {deep}, ', 1)
    key = '"request": ' if format != "postman" else '"code": '
    within = text.replace(key, f'"deep": {deep}, {key}', 1)
    for broken in (before, within, before[: depth // 2], within[: depth // 2]):
        results, summary = checked(broken, format=WRITTEN[format].format)
        if status_of(summary) == 0:
            # Members that are not ours do not matter, as long as they can be skipped.
            assert broken in (before, within) and [outcome(each) for each in results] == [("valid", "")] * 2
        else:
            assert results[0].detail


@pytest.mark.parametrize("depth", [65, 1000, 20_000])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_deeply_nested_yaml_is_not_skipped(brackets: str, depth: int) -> None:
    deep = ("{a: " if brackets == "{}" else "[") * depth + brackets[1] * depth
    for text in (
        f"x: {deep}\n{in_yaml(vcrpy(Recorded()))}",
        in_yaml(vcrpy(Recorded())).replace("headers: {}", f"headers: {deep}"),
        f"interactions: {deep}",
    ):
        results, summary = checked(text, "x.yaml")
        assert status_of(summary) == 2
        assert results


# Body files.


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    root = tmp_path / "wiremock"
    (root / "mappings").mkdir(parents=True)
    (root / "__files").mkdir()
    (root / "secret.json").write_text(EARLY_ERROR)
    (tmp_path / "secret.json").write_text(EARLY_ERROR)
    return root


def named(root: Path, name: str) -> dict[str, Any]:
    """The result for a stub that names a body file."""
    (root / "mappings" / "stub.json").write_text(json.dumps(stub(Recorded(), bodyFileName=name)))
    (result,) = report(root / "mappings")["payloads"]
    found: dict[str, Any] = result
    return found


def test_body_files_outside_the_folder_are_not_read(stubs: Path) -> None:
    files = stubs / "__files"
    (files / "link.json").symlink_to(stubs / "secret.json")
    (files / "far").symlink_to(stubs.parent)
    (files / "chain.json").symlink_to(files / "link.json")
    outside = [
        "../secret.json",
        "../../secret.json",
        "../../../../../../../../etc/passwd",
        "/etc/passwd",
        str(stubs / "secret.json"),
        "link.json",
        "chain.json",
        "far/secret.json",
        "x/../../secret.json",
        "./../secret.json",
        "..",
        "../__files/../secret.json",
    ]
    for name in outside:
        result = named(stubs, name)
        assert result["verdict"] == "unreadable", name
        assert name in result["detail"]
        assert "RUNNING" not in json.dumps(result)
        assert "root:" not in json.dumps(result)


def test_links_within_the_folder_are_followed(stubs: Path) -> None:
    (stubs / "__files" / "real.json").write_text(EARLY_ERROR)
    (stubs / "__files" / "link.json").symlink_to("real.json")
    assert named(stubs, "link.json")["verdict"] == "invalid"


def test_body_files_that_are_not_regular_files_are_not_opened(stubs: Path) -> None:
    files = stubs / "__files"
    os.mkfifo(files / "pipe")
    (files / "folder").mkdir()
    (files / "zero").symlink_to("/dev/zero")
    (files / "loop").symlink_to("loop")
    (files / "dangling").symlink_to("nowhere")
    (files / "closed.json").write_text(EARLY_ERROR)
    names = ["pipe", "folder", "zero", "loop", "dangling", "missing", ".", "x" * 5000, "a\0b", "\ud800", "a/" * 5000]
    for name in names:
        result = named(stubs, name)
        assert result["verdict"] == "unreadable", name
        assert result["detail"]


def test_a_linked_body_folder_cannot_be_escaped(stubs: Path) -> None:
    (stubs / "__files").rmdir()
    (stubs / "__files").symlink_to(stubs.parent)
    assert named(stubs, "secret.json")["verdict"] == "unreadable"


def test_huge_body_files_are_limited(stubs: Path, small_peak: int) -> None:
    with (stubs / "__files" / "huge.json").open("wb") as file:
        file.truncate(10**11)
    (stubs / "mappings" / "stub.json").write_text(json.dumps(stub(Recorded(), bodyFileName="huge.json")))
    status, memory, found = peak(stubs / "mappings", "--max-size", str(MEBIBYTE))
    assert (status, found["payloads"][0]["violations"][0]["rule"]) == (1, "json-size")
    assert memory < small_peak + 40 * MEBIBYTE


def test_a_har_reads_files_of_its_own_folder_only(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "secret.json").write_text(EARLY_ERROR)
    for name in ("../secret.json", str(tmp_path / "secret.json"), "/etc/passwd", "a\0b", "."):
        (folder / "x.har").write_text(json.dumps(har(Recorded(body={"_file": name}))))
        (result,) = report(folder / "x.har")["payloads"]
        assert result["verdict"] == "unreadable"


# Size.


def huge_har(path: Path, entries: int, size: int) -> None:
    """Writes a HAR of at least `size` bytes, mostly in other bodies, whose last entry counts."""
    small = json.dumps(har(Recorded(url="https://vc.example/x", body="{}"))["log"]["entries"][0])
    big = json.dumps(har(Recorded(url="https://vc.example/y", body="HERE"))["log"]["entries"][0])
    before, _, after = big.partition("HERE")
    ours = json.dumps(har(Recorded(body=EARLY_ERROR))["log"]["entries"][0])
    letters = b"x" * MEBIBYTE
    with path.open("wb") as file:
        file.write(b'{"log": {"version": "1.2", "entries": [')
        while file.tell() < size:
            file.write(before.encode())
            for _ in range(8):
                file.write(letters)
            file.write(after.encode() + b",\n")
        for _ in range(entries // 1000):
            file.write((small + ",\n").encode() * 1000)
        file.write(ours.encode() + b"\n]}}")


@pytest.mark.slow
def test_memory_for_a_har_of_500_megabytes_depends_on_its_largest_entry(tmp_path: Path, small_peak: int) -> None:
    path = tmp_path / "huge.har"
    try:
        huge_har(path, 100_000, 500 * 10**6)
        assert path.stat().st_size > 500 * 10**6
        status, memory, found = peak(path)
    finally:
        path.unlink(missing_ok=True)
    assert status == 1
    assert found["summary"]["skipped"] > 100_000
    assert found["summary"]["invalid"] == 1
    assert found["payloads"][-1]["violations"][0]["rule"] == "error-only-when-failed"
    # An entry of 8 MiB is held as bytes, as characters, and in the reader.
    assert memory < small_peak + 80 * MEBIBYTE


@pytest.mark.slow
def test_many_different_statuses_take_linear_time() -> None:
    entries = [har(Recorded(status=status))["log"]["entries"][0] for status in range(1000, 3000)]
    document = har()

    def check(size: int) -> object:
        document["log"]["entries"] = entries[:size]
        return checked(document)

    is_linear(check, 1000)


@pytest.fixture
def low_limit(monkeypatch: pytest.MonkeyPatch) -> int:
    """A low limit for the size of an exchange, in bytes; the default of 64 MiB would take long."""
    monkeypatch.setattr(documents, "MAX_SIZE", 100_000)
    return 100_000


@pytest.mark.parametrize("format", ["har", "vcrpy-json"])
def test_an_exchange_over_the_limit_is_unreadable(format: str, low_limit: int) -> None:
    long = "x" * low_limit
    other, ours = Recorded(url="/x", body=long), Recorded(body=long)
    results, summary = checked(written(format, other, Recorded(), ours, Recorded(body=EARLY_ERROR)), max_size=1000)
    assert [outcome(each) for each in results] == [skipped("other URL"), ("valid", ""), BROKEN, INVALID]
    assert "--max-size" in results[2].detail
    assert status_of(summary) == 2


@pytest.mark.parametrize("format", ["wiremock", "pact", "postman", "vcrpy-yaml"])
def test_a_document_over_the_limit_is_unreadable(format: str, low_limit: int) -> None:
    text = written(format, Recorded(), Recorded(body="x" * (2 * low_limit)))
    results, summary = checked(text, max_size=1000)
    assert outcome(results[-1]) == BROKEN
    assert "--max-size" in results[-1].detail
    assert status_of(summary) == 2


# Truncation.


def both(format: str) -> tuple[Recorded, Recorded]:
    return Recorded(), Recorded(url=f"https://vc.example/api{PATH}?2")


@ALL
def test_a_truncated_capture_does_not_pass(format: str) -> None:
    for indent in (None, 1):
        document = WRITTEN[format].build(*both(format))
        data = (in_yaml(document) if "yaml" in format else json.dumps(document, indent=indent)).encode()
        for length in range(len(data)):
            for chosen in (WRITTEN[format].format, "auto"):
                results, summary = checked(data[:length], format=chosen)
                lost = summary.valid < 2
                assert not (lost and status_of(summary) == 0), (data[:length], results)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
@pytest.mark.parametrize("name", ["x.ndjson", "x.har", "x.yaml", "x.json", "x"])
def test_a_truncated_compressed_file_does_not_pass(name: str, pack: Callable[[bytes], bytes]) -> None:
    texts = {"x.ndjson": f"{PENDING}\n" * 5, "x.yaml": written("vcrpy-yaml", *both(""))}
    packed = pack(texts.get(name, json.dumps(har(*both("")))).encode())
    assert status_of(checked(packed, name)[1]) == 0
    for length in range(len(packed)):
        # Even a missing gzip checksum must not pass.
        assert status_of(checked(packed[:length], name)[1]) != 0


def test_truncated_zstandard_frames_are_unreadable() -> None:
    frames = [zstandard.compress(f"{PENDING}\n".encode()), zstandard.compress(f"{PENDING}\n".encode())]
    results, summary = checked(b"".join(frames)[:-3], "x.ndjson")
    assert (summary.valid, outcome(results[-1])) == (1, BROKEN)
    assert "cut" in results[-1].detail


@pytest.mark.parametrize(
    "text",
    [
        '{"log": {"entries": [ENTRY]}',
        '{"log": {"entries": [ENTRY]',
        '{"log": {"entries": [ENTRY]}}}',
        '{"log": {"entries": [ENTRY]}} {"log": {"entries": [ENTRY]}}',
        '{"log": {"entries": [ENTRY], "entries": [ENTRY]}}',
        '{"log": {"entries": [ENTRY]}, "log": {"entries": [ENTRY]}}',
        '{"log": {"entries": [ENTRY]]}',
        '{"log": {"version": "1.2"], "entries": [ENTRY]}}',
        '{"log": {"entries": [ENTRY ENTRY]}}',
        '{"log": {"entries": [ENTRY,]}}',
        '{"log": {"entries": [,ENTRY]}}',
        '{"log": {"entries": [ENTRY}, ENTRY]}}',
        '{"log": {"entries": [ENTRY, nonsense]}}',
        '{"log": {"entries": [ENTRY, null]}}',
        '[{"log": {"entries": [ENTRY]}}]',
        '"{}"',
        "",
        "  \n",
    ],
)
def test_entries_of_a_broken_har_are_not_silently_lost(text: str) -> None:
    entry = json.dumps(har(Recorded())["log"]["entries"][0])
    results, summary = checked(text.replace("ENTRY", entry), "x.har")
    assert status_of(summary) == 2, results
    assert any(each.detail for each in results)


@pytest.mark.parametrize("member", ["text", "content", "response"])
def test_duplicate_members_around_a_body_are_unreadable(member: str) -> None:
    text = json.dumps(har(Recorded(body="HERE")))
    for before in (f'"{member}": null, ', f'"{member}": 1, '):
        twice = text.replace(f'"{member}": ', f'{before}"{member}": ').replace("HERE", "x")
        result = only(twice)
        assert outcome(result) == UNREADABLE
        assert "is duplicated" in result.detail
    # Duplicates elsewhere do not matter.
    assert (
        outcome(only(json.dumps(har(Recorded())).replace('"headers": []', '"headers": [], "headers": []')))[0]
        == "valid"
    )


def test_duplicate_lists_of_exchanges_are_unreadable() -> None:
    for document, name in (
        (wiremock(Recorded()), "mappings"),
        (pact(Recorded()), "interactions"),
        (postman(Recorded()), "item"),
        (postman(Recorded()), "response"),
    ):
        text = json.dumps(document)
        result = only(text.replace(f'"{name}": ', f'"{name}": [], "{name}": '))
        assert outcome(result) == BROKEN
        assert "is duplicated" in result.detail


@pytest.mark.parametrize("format", ["vcrpy-yaml", "ruby-yaml"])
def test_every_document_of_a_file_is_read(format: str) -> None:
    text = written(format, Recorded())
    assert [outcome(each) for each in checked(f"{text}---\n{text}")[0]] == [("valid", "")] * 2
    assert outcome(checked(f"{text}---\n{text[:-20]}")[0][-1]) == BROKEN
    assert outcome(only(f"---\n{text}...\n")) == ("valid", "")


# Wrong types.

WRONG: list[Any] = [None, 1, -1, 1.5, True, "x", "", [], {}, [1], [[]], {"x": 1}, ["x"], [None], [{}]]


def replaced(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all values in a document."""
    yield path
    if isinstance(document, (dict, list)):
        for step, value in document.items() if isinstance(document, dict) else enumerate(document):
            yield from replaced(value, (*path, step))


def with_value(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return changed


FULL = {
    "har": har(Recorded(asked="x", encoding="gzip"), encoding="base64", _file="x"),
    "vcrpy-json": vcrpy(Recorded(asked="x", encoding="gzip")),
    "vcrpy-yaml": vcrpy(Recorded(asked="x", encoding="gzip")),
    "ruby-json": ruby_vcr(Recorded(asked="x")),
    "ruby-yaml": ruby_vcr(Recorded(asked="x")),
    "wiremock": {
        "mappings": [
            stub(Recorded(asked="x"), jsonBody={}, transformers=["response-template"]),
            stub(Recorded(), base64Body="e30="),
            stub(Recorded(), bodyFileName="x"),
            stub(Recorded(), body={"data": "x", "base64Data": "e30=", "filePath": "x"}),
            {"request": {"urlPattern": URL, "queryParameters": {"a": {"equalTo": "b"}}}, "response": {"fault": "x"}},
        ]
    },
    "pact": {
        **pact(Recorded(asked="x"), Recorded(body={"content": "x", "encoded": "base64", "contentType": "y"})),
        "messages": [{"type": "x"}],
    },
    "postman": {
        "info": {},
        "item": [
            {
                "item": [
                    {
                        "request": {"method": "GET", "url": {"host": ["x"], "path": ["x"], "query": [{"key": "a"}]}},
                        "response": [{"originalRequest": {"url": URL, "body": {"raw": "x"}}, "code": 200, "body": "x"}],
                    }
                ]
            }
        ],
    },
}


@ALL
def test_wrong_types_anywhere_do_not_crash(format: str) -> None:
    write = in_yaml if "yaml" in format else json.dumps
    for path in replaced(FULL[format]):
        for value in WRONG:
            results, summary = checked(write(with_value(FULL[format], path, value)), format=WRITTEN[format].format)
            assert status_of(summary) in (0, 1, 2)
            assert results, (path, value)


@pytest.mark.parametrize("url", [f"/api{PATH}", "/api"])
@ALL
def test_wrong_types_of_statuses_and_bodies_do_not_crash(format: str, url: str) -> None:
    method = "POST" if url == "/api" else "GET"
    for value in WRONG:
        for recorded in (Recorded(method, url, value), Recorded(method, url, body=value)):
            document = WRITTEN[format].build(recorded)
            checked(in_yaml(document) if "yaml" in format else document, format=WRITTEN[format].format)


# Invalid text.


@pytest.mark.parametrize("number", ["1" * 5000, "-" + "9" * 5000, "NaN", "Infinity", "-Infinity", "1e999", "-0", "0.0"])
@pytest.mark.parametrize("format", ["har", "vcrpy-json", "ruby-json", "wiremock", "pact", "postman"])
def test_invalid_and_extreme_numbers_as_statuses(format: str, number: str) -> None:
    text = written(format, Recorded(), Recorded())
    name = {"vcrpy-json": '"code"', "ruby-json": '"code"', "postman": '"code"'}.get(format, '"status"')
    results = checked(text.replace(f"{name}: 200", f"{name}: {number}", 1))[0]
    expected = skipped("no response") if number in ("-0", "0.0") else ("unreadable", "status cannot be read")
    assert [outcome(each) for each in results] == [expected, ("valid", "")]
    # Elsewhere they do not matter.
    beside = text.replace('"status": ', f'"time": {number}, "status": ').replace(
        '"code": ', f'"time": {number}, "code": '
    )
    assert [outcome(each) for each in checked(beside)[0]] == [("valid", "")] * 2


@ALL
def test_long_integers_in_bodies_are_checked(format: str) -> None:
    body = '{"status": ' + "1" * 5000 + "}"
    assert only(written(format, Recorded(body=body))).verdict.value == "invalid"


@pytest.mark.parametrize("format", ["har", "vcrpy-json", "ruby-json", "wiremock", "pact", "postman"])
def test_lone_surrogates_are_reported_and_do_not_crash_reports(format: str, tmp_path: Path) -> None:
    body = '{"status": "PENDING", "\ud800": "\udfff"}'
    assert "json-paired-surrogates" in outcome(only(written(format, Recorded(body=body))))[1]
    capture = tmp_path / "x.json"
    capture.write_text(written(format, Recorded("\ud800", URL + "\udfff"), Recorded(url=f"{URL}?\ud800", body=body)))
    for output in ("text", "json"):
        done = run("check", "--all", "--output", output, capture)
        # The URL of the first exchange names the operation, but is not its URL.
        assert (done.status, done.err) == (2, "")


HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202e\x9b31m\nerror: \r\x08"


@pytest.mark.parametrize("where", ["method", "url", "body", "file", "status", "tag"])
def test_control_characters_of_a_capture_are_escaped(where: str, tmp_path: Path) -> None:
    recorded = {
        "method": Recorded(HOSTILE),
        "url": Recorded(url=f"{URL}?{HOSTILE}", body=EARLY_ERROR),
        "body": Recorded(body=HOSTILE),
        "file": Recorded(body={"_file": HOSTILE}),
        "status": Recorded(status=HOSTILE),
        "tag": Recorded(body="HERE"),
    }[where]
    capture = tmp_path / "x"
    text = json.dumps(har(recorded))
    if where == "tag":
        text = in_yaml(vcrpy(recorded)).replace("HERE", "!<%1B[2J%07%E2%80%AE> x")
    capture.write_text(text)
    for options in ([], ["--quiet"], ["--all"]):
        done = run("check", *options, capture)
        assert done.status in (1, 2)
        assert all(character.isprintable() or character == "\n" for character in done.out + done.err)


@ALL
def test_invalid_utf_8_is_unreadable(format: str) -> None:
    data = written(format, Recorded(), Recorded(body="HERE")).encode()
    for broken in (
        data.replace(b"HERE", b"\xff\xfe"),
        data.replace(b"https", b"ht\xffps", 1),
        b"\xff" + data,
        data + b"\xff",
    ):
        results, summary = checked(broken, format=WRITTEN[format].format)
        assert status_of(summary) == 2
        assert any(each.detail for each in results)


def test_yaml_scalars_other_than_integers_are_not_statuses() -> None:
    for code in (
        "2_00",
        "0o310",
        "0xC8",
        "200e0",
        "2:00",
        "yes",
        "2026-01-01",
        ".inf",
        "!!float 200",
        "!!bool 1",
        "=",
        "<<",
    ):
        text = in_yaml(vcrpy(Recorded())).replace("code: 200", f"code: {code}")
        assert checked(text)[0][0].verdict.value == "unreadable", code


# Mutations.


def seeds() -> list[tuple[str, bytes]]:
    found = [(WRITTEN[format].format, written(format, *both(format)).encode()) for format in WRITTEN]
    found += [(WRITTEN[format].format, json.dumps(FULL[format]).encode()) for format in FULL if "yaml" not in format]
    for format in ("vcrpy-yaml", "har", "ruby-yaml", "wiremock"):
        for body in (gzip.compress(PENDING.encode()), zstandard.compress(PENDING.encode())):
            found.append((WRITTEN[format].format, written(format, Recorded(body=body, encoding="br")).encode()))
    found += [("auto", gzip.compress(data)) for _, data in found[:3]]
    found += [("auto", zstandard.compress(data)) for _, data in found[:3]]
    return found


SEEDS = seeds()
PIECES = [
    b'"',
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"*a",
    b"&a ",
    b"!",
    b"- ",
    b"|\n",
]
PIECES += [
    b"null",
    b"{{x}}",
    b"1e999",
    b"\\ud800",
    b"\xc3",
    b"1" * 5000,
    b"[" * 1100,
    b"!!binary ",
    b"~",
    b"---\n",
    b"<<: ",
    b"\t",
]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    format, data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from([0, 1, 1, 2, 10, 100]))
        data = data[:at] + draw(st.sampled_from(PIECES) | st.binary(max_size=3)) + data[at + length :]
    return draw(st.sampled_from([format, "auto"])), data


@settings(max_examples=10 * settings().max_examples)
@given(mutated())
def test_mutated_captures_never_crash(case: tuple[str, bytes]) -> None:
    format, data = case
    results, summary = checked(data, format=format)
    assert results
    assert summary.unreadable == sum(each.verdict.value == "unreadable" for each in results)
    for each in results:
        assert each.origin.line >= 1 and each.origin.column >= 1
        assert each.verdict.value not in ("unreadable", "skipped") or each.reason
        assert each.verdict.value != "unreadable" or each.detail


# Time.


def is_linear(run_with: Callable[[int], object], size: int) -> None:
    """Checks that 16 times the work takes far less than the 256-fold time of a quadratic algorithm."""

    def seconds(of: int) -> float:
        # Processor time depends little on the load of the machine.
        begin = time.process_time()
        run_with(of)
        return time.process_time() - begin

    # Alternate, so that both sizes meet the machine at the same speeds.
    small, large = zip(*((seconds(size // 4), seconds(4 * size)) for _ in range(3)), strict=True)
    # The constant absorbs the noise of very short runs.
    assert min(large) < 60 * min(small) + 0.1


URLS_TO_CHOKE_ON = [
    lambda size: "/" * size,
    lambda size: "//" * size + "@",
    lambda size: "//a@" * size,
    lambda size: "/api/vcenter/vm/" * size,
    lambda size: f"/api{PATH}" * size,
    lambda size: f"/api{PATH}" * size + "/x",
    lambda size: "/api/vcenter/vm/" + "a" * size,
    lambda size: "a" * size + "://",
    lambda size: "{{" * size + "}}" * size,
    lambda size: "%2" * size,
    lambda size: "%2d" * size,
    lambda size: "/api" * size,
    lambda size: "\n/api" * size,
    lambda size: "?" * size,
]


@pytest.mark.slow
@pytest.mark.parametrize("url", URLS_TO_CHOKE_ON)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_long_urls_take_linear_time(url: Callable[[int], str], method: str) -> None:
    is_linear(lambda size: checked(har(Recorded(method, url(size)))), 30_000)


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern",
    [
        lambda size: ".*" * size + "x",
        lambda size: ".*" * size,
        lambda size: r"\?.*" * size + "x",
        lambda size: r"(\?.*)?" * size + "x",
        lambda size: "$" * size + "x",
        lambda size: "[^/" * size,
        lambda size: "[^/]" * size,
        lambda size: "\\" * size,
        lambda size: "[^/]+/" * size,
    ],
)
def test_long_patterns_take_linear_time(pattern: Callable[[int], str]) -> None:
    def check(size: int) -> object:
        return checked({"request": {"urlPattern": pattern(size)}, "response": {"body": PENDING}})

    is_linear(check, 30_000)


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        lambda size: "{{" * size,
        lambda size: "{{ " * size + "}}",
        lambda size: "{{" + " " * size + "}}",
        lambda size: "{{{" * size,
        lambda size: "}}" * size,
        lambda size: "{" * size + '"',
        lambda size: "A" * size + " " * size + "!",
        lambda size: " " * size + "=" * size + "!",
        lambda size: '\\"' * size,
        lambda size: '"' * size,
        lambda size: "\n" * size,
        lambda size: "\\u0041" * size,
    ],
)
@pytest.mark.parametrize("format", ["har", "wiremock", "vcrpy-yaml"])
def test_long_bodies_take_linear_time(format: str, body: Callable[[int], str]) -> None:
    is_linear(lambda size: checked(written(format, Recorded(body=body(size)))), 20_000)
    encoded = har(Recorded(body=body(20_000)), encoding="base64")
    is_linear(lambda size: checked(encoded), 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        lambda size: '{"log": {"x": ' + "[" * size,
        lambda size: '{"log": ' + "[" * size + "]" * size,
        lambda size: '{"log": {"x": "' + '\\"' * size,
        lambda size: '{"log": {"x": "' + "\\" * size,
        lambda size: '{"log": {"entries": [' + "[" * size + "]" * size + "]}}",
        lambda size: '{"log": {"entries": [' + "{}," * size + "1]}}",
        lambda size: '{"log": {"entries": [' + '"' + '\\"' * size + '"' + "]}}",
        lambda size: '{"' + '":{"' * size,
        lambda size: '{"a":' * size,
        lambda size: "{" + " " * size + "x",
        lambda size: '"' + "\\" * size,
        lambda size: "interactions:" + " " * size,
        lambda size: "interactions:\n" + "- {}\n" * size,
        lambda size: "interactions\n" * size,
        lambda size: "&a " * size,
    ],
)
@pytest.mark.parametrize("name", ["x", "x.har", "x.json", "x.yaml"])
def test_long_captures_take_linear_time(name: str, text: Callable[[int], str]) -> None:
    is_linear(lambda size: checked(text(size), name), 4000)


@pytest.mark.slow
def test_peeking_at_a_long_exchange_takes_linear_time() -> None:
    for text in (b'{"a": "' + b'\\"' * 10, b'{"a":' * 10, b"{" + b"[" * 10 + b"]" * 10, b'{"a' * 10):
        is_linear(lambda size, text=text: members(text * size), 3000)  # type: ignore[misc]
    for bracket in (b"[", b'{"a":'):
        is_linear(lambda size, bracket=bracket: members(b'{"a":' + bracket * size + b"]" * size), 10_000)  # type: ignore[misc]


def test_sources_may_deliver_one_byte_at_a_time() -> None:
    class Slow(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            return super().read1(min(size or 1, 1) if size != -1 else 1)

    for format in WRITTEN:
        for pack in (lambda data: data, gzip.compress, zstandard.compress):
            data = pack(("\ufeff" + written(format, Recorded(body=EARLY_ERROR))).encode())
            check = Check([Source("x", lambda data=data: Slow(data))], guestcust.Validator())  # type: ignore[misc]
            assert [outcome(each) for each in check] == [INVALID]
