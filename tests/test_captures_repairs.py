"""What captures of real tools look like beyond the plain cases: packed, templated, merged, commented, cut off."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
import zstandard
from capturing import (
    EARLY_ERROR,
    PATH,
    PENDING,
    SERVICE,
    URL,
    Recorded,
    answer,
    call,
    checked,
    har,
    in_yaml,
    only,
    outcome,
    pact,
    ruby_vcr,
    status_of,
    stub,
    vcrpy,
    written,
)
from command import run
from guestcust.captures import archives, containers, ndjson, payloads, yaml_trees
from guestcust.captures.ndjson import Lines
from guestcust.model import Payload, Source, Unchecked

FOLDER = Path(__file__).resolve().parent / "captures"
VALID, INVALID = ("valid", ""), ("invalid", "error-only-when-failed")
UNREADABLE = ("unreadable", "body cannot be read")
BROKEN = ("unreadable", "capture cannot be read")


def skipped(reason: str) -> tuple[str, str]:
    return "skipped", reason


NOTHING = skipped("no payload in it")

# Captures by hand, each of a kind that is easily misread.

CASES: dict[str, list[tuple[str, str]]] = {
    "merge.yaml": [INVALID],
    "flow.yaml": [INVALID],
    "second-document.yaml": [INVALID],
    "r-vcr-1.yml": [INVALID],
    "polly-hex.har": [INVALID],
    "recording.zhar": [VALID],
    "twice.json.gz": [BROKEN],
    "postman-variable.json": [skipped("templated")],
    "wiremock-one-of.json": [skipped("other method")],
    "pact-v4-no-content.json": [skipped("body not included")],
    "go-vcr-other-api.yaml": [skipped("other URL")] * 5,
    "interactions-of-another-tool.yaml": [NOTHING],
    "helm-template.yaml": [skipped("unrelated")],
}


def test_every_capture_has_its_results() -> None:
    assert {path.name for path in FOLDER.iterdir()} == CASES.keys()
    for name, expected in CASES.items():
        found = checked((FOLDER / name).read_bytes(), name)[0]
        assert [outcome(each) for each in found] == expected, name


def test_a_cassette_about_another_api_is_unrelated() -> None:
    done = run("check", "--no-config", "--allow-empty", "--skip-unrelated", FOLDER / "go-vcr-other-api.yaml")
    assert (done.status, "5 skipped" in done.out) == (0, True)


# Cassettes.


def go_vcr(version: int, *recorded: Recorded) -> str:
    """A cassette as go-vcr writes it: versions 1 and 2 of the tool in one form, 3 and 4 in another."""
    interactions: list[dict[str, Any]] = []
    for number, one in enumerate(recorded):
        if version < 3:
            request = {"body": one.asked or "", "form": {}, "headers": {}, "url": one.url, "method": one.method}
            extra: dict[str, Any] = {}
        else:
            request = {"proto": "HTTP/1.1", "host": "vc", "body": one.asked or "", "url": one.url, "method": one.method}
            extra = {"id": number}
        headers = {"Content-Encoding": [one.encoding]} if one.encoding else {}
        response = {
            "body": one.body,
            "headers": headers,
            "status": f"{one.status} OK",
            "code": one.status,
            "duration": "1ms",
        }
        interactions.append({**extra, "request": request, "response": response})
    document = {"version": 1 if version < 3 else 2, "interactions": interactions}
    return "---\n" + yaml.safe_dump(document, sort_keys=False, indent=2 if version < 3 else 4, width=10**6)


@pytest.mark.parametrize("version", [1, 3])
def test_cassettes_of_go_vcr(version: int) -> None:
    packed = gzip.compress(EARLY_ERROR.encode())
    text = go_vcr(
        version,
        Recorded(),
        Recorded(body=EARLY_ERROR),
        Recorded(body=packed, encoding="gzip"),
        Recorded(status=404),
        Recorded("POST", "https://vc.example/api", body=answer({"status": "PENDING"}), asked=call()),
        Recorded("POST", "https://vc.example/api", body=answer({}), asked=call("set")),
    )
    found = checked(text)[0]
    expected = [VALID, INVALID, INVALID, skipped("status 404"), VALID, skipped("other operation")]
    assert [outcome(each) for each in found] == expected
    assert found[1].origin.request == f"GET {URL}"
    assert (found[1].origin.line, found[1].origin.column) == _place(text, EARLY_ERROR)


def _place(text: str, part: str) -> tuple[int, int]:
    before = text[: text.index(part)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


@pytest.mark.parametrize("version", [1, 3])
def test_a_cassette_of_go_vcr_that_is_cut_off_does_not_pass(version: int) -> None:
    text = go_vcr(version, Recorded(), Recorded(url=f"{URL}?2"))
    for length in range(len(text)):
        cut = text[:length]
        summary = checked(cut)[1]
        # Nothing marks the end of a cassette, and this is the end of an entry.
        is_whole = cut.endswith(("code: 200\n", "duration: 1ms\n"))
        assert (status_of(summary) == 0) == is_whole, cut


TAPE = f"""!tape
name: tape
interactions:
- recorded: 2026-03-01T09:30:00.000Z
  request:
    method: GET
    uri: {URL}
    headers: {{Accept: application/json}}
  response:
    status: 200
    headers: {{Content-Type: application/json}}
    body: '{EARLY_ERROR}'
"""


def test_tapes_of_java() -> None:
    assert outcome(only(TAPE)) == INVALID


def test_betamax_for_python() -> None:
    document = {**ruby_vcr(Recorded(body=EARLY_ERROR)), "recorded_with": "betamax/0.9.0"}
    assert outcome(only(document)) == INVALID
    encoded = base64.b64encode(gzip.compress(EARLY_ERROR.encode())).decode()
    document["http_interactions"][0]["response"]["body"] = {"encoding": "utf-8", "base64_string": encoded}
    assert outcome(only(document)) == INVALID


@pytest.mark.parametrize("build", [vcrpy, ruby_vcr])
@pytest.mark.parametrize("write", [json.dumps, in_yaml])
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": 200}, VALID),
        ({"status": "200 OK"}, ("unreadable", "status cannot be read")),
        ({"status": {"value": 200}}, ("unreadable", "status cannot be read")),
        ({"status": {}}, ("unreadable", "status cannot be read")),
        ({"status": None}, ("unreadable", "status cannot be read")),
        ({"status": {"code": None}}, ("unreadable", "status cannot be read")),
        ({"body": {"text": PENDING}}, UNREADABLE),
        ({"body": {"encoding": "UTF-8", "file": "yes", "string": "x.json"}}, skipped("body not included")),
        ({"body": {"raw_gzip": base64.b64encode(gzip.compress(PENDING.encode())).decode()}}, VALID),
        ({"body": {}}, skipped("body not included")),
    ],
)
def test_shapes_of_a_response_in_a_cassette(build: Any, write: Any, changes: Any, expected: tuple[str, str]) -> None:
    document = build(Recorded())
    for key in ("interactions", "http_interactions"):
        for entry in document.get(key, ()):
            entry["response"].update(changes)
    assert outcome(only(write(document))) == expected


@pytest.mark.parametrize(
    "text",
    [
        "interactions:\n- name: click\n",
        "interactions:\n- request: {method: GET, path: /x}\n",
        "interactions:\n- request: x\n- 1\n- {}\n",
        "interactions: {a: 1}\n",
        "interactions: x\n",
        "http_interactions:\n- {}\n",
        "---\na: 1\n---\ninteractions:\n- name: click\n",
        "{interactions: [{name: click}]}\n",
    ],
)
def test_yaml_without_requests_is_not_a_capture(text: str) -> None:
    assert outcome(only(text, "x.yaml")) == NOTHING
    assert outcome(only(text.encode("utf-16"), "x.yaml")) == NOTHING


@pytest.mark.parametrize(
    "text", ['{{- define "x" -}}\n{"interactions": 1}\n{{- end }}\n', "{status: RUNNING, error: x}\n"]
)
def test_yaml_that_begins_with_a_brace_is_not_read_as_json(text: str) -> None:
    assert outcome(only(text, "x.yaml")) == skipped("unrelated")


def test_an_entry_that_is_not_an_exchange_is_reported_among_exchanges() -> None:
    document = vcrpy(Recorded(), Recorded())
    document["interactions"].insert(0, {"name": "click"})
    document["interactions"].append({"request": {"method": "GET"}})
    for text in (in_yaml(document), json.dumps(document)):
        found = checked(text, format="vcrpy")[0]
        assert [outcome(each) for each in found] == [BROKEN, VALID, VALID, BROKEN]
        assert [each.origin.pointer for each in found] == [f"/interactions/{number}" for number in range(4)]


# YAML.

ENTRY = (
    f"{{request: {{method: GET, uri: '{URL}'}}, response: {{status: {{code: 200}}, body: {{string: '{PENDING}'}}}}}}"
)


@pytest.mark.parametrize(
    ("merged", "expected"),
    [
        ("<<: *one", VALID),
        ("<<: [*one, *two]", VALID),
        ("<<: [*two, *one]", skipped("status 404")),
        ("status: {code: 500}, <<: *one", skipped("status 500")),
        ("<<: *one, status: {code: 500}", skipped("status 500")),
        ("<<: {status: {code: 201}}", skipped("status 201")),
        ("<<: [*one], <<: [*two]", BROKEN),
        ("<<: x", BROKEN),
        ("<<: [x]", BROKEN),
        ("'<<': *one", ("unreadable", "status cannot be read")),
    ],
)
def test_merge_keys(merged: str, expected: tuple[str, str]) -> None:
    text = (
        "x: [&one {status: {code: 200}}, &two {status: {code: 404}}]\ninteractions:\n"
        f"- request: {{method: GET, uri: '{URL}'}}\n"
        f"  response: {{body: {{string: '{PENDING}'}}, {merged}}}\nversion: 1\n"
    )
    assert outcome(only(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"x: &x [{ENTRY}]\ninteractions: *x\nversion: 1\n", [VALID]),
        (f"x: &x {{version: 1}}\n<<: *x\ninteractions: [{ENTRY}]\n", [VALID]),
        (f"x: &x {{interactions: [{ENTRY}]}}\n<<: *x\nversion: 1\ninteractions: []\n", [BROKEN]),
        (f"interactions: [{ENTRY}]\ninteractions: [{ENTRY}]\nversion: 1\n", [VALID, BROKEN]),
        (f"version: 1\ninteractions:\n- {ENTRY}\n", [VALID]),
        (f"version: 1\ninteractions:\n- {ENTRY}", [VALID, BROKEN]),
        (f"{{version: 1, 'interactions': [{ENTRY}]}}", [VALID]),
        (f"--- # x\n{{ # x\n  interactions: [{ENTRY}], version: 1}}", [VALID]),
        (f"a: 1\n---\n- 1\n---\ninteractions:\n- {ENTRY}\nversion: 1\n---\nx\n", [VALID]),
    ],
)
def test_forms_of_a_cassette(text: str, expected: list[tuple[str, str]]) -> None:
    for data in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16")):
        assert [outcome(each) for each in checked(data, "x.yaml")[0]] == expected


def test_aliases_that_repeat_a_long_list_are_refused() -> None:
    def repeated(times: int) -> str:
        values = ", ".join(["x"] * 1000)
        headers = ", ".join(f"h{number}: *long" for number in range(times))
        text = in_yaml(vcrpy(Recorded())).replace("headers: {}", f"headers: {{{headers}}}")
        return f"long: &long [{values}]\n{text}"

    assert outcome(only(repeated(10))) == VALID
    result = only(repeated(200))
    assert outcome(result) == BROKEN
    assert f"more than {yaml_trees._MOST_REPEATED} values" in result.detail


# Containers.


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "zlib": zlib.compress,
    "zlib, not compressed": lambda data: zlib.compress(data, 0),
    "zlib, best compression": lambda data: zlib.compress(data, 9),
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "zip": lambda data: zipped(("x.har", data)),
    "zip, not compressed": lambda data: zipped(("x.har", data), method=zipfile.ZIP_STORED),
}
HAR = json.dumps(har(Recorded(body=EARLY_ERROR), Recorded())).encode()


@pytest.mark.parametrize("pack", PACK)
@pytest.mark.parametrize("name", ["x", "x.har", "x.zhar", "x.har.xz", "x.json"])
def test_packed_captures(pack: str, name: str) -> None:
    assert [outcome(each) for each in checked(PACK[pack](HAR), name)[0]] == [INVALID, VALID]


@pytest.mark.parametrize("pack", PACK)
def test_a_packed_capture_cut_off_anywhere_does_not_pass(pack: str) -> None:
    packed = PACK[pack](json.dumps(har(Recorded(), Recorded())).encode())
    assert status_of(checked(packed)[1]) == 0
    for length in range(len(packed)):
        # The checksums at the end of some say nothing of the text, nor does the index of xz.
        assert status_of(checked(packed[:length])[1]) != 0, length


@pytest.mark.parametrize("outer", PACK)
@pytest.mark.parametrize("inner", PACK)
def test_what_is_packed_twice_is_named(outer: str, inner: str) -> None:
    result = only(PACK[outer](PACK[inner](HAR)))
    names = outer.split(",")[0], inner.split(",")[0]
    assert outcome(result) == BROKEN
    assert f"packed twice: {names[1]} inside {names[0]}" in result.detail


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        (b"Rar!\x1a\x07\x01\0", "rar"),
        (b"\x04\x22\x4d\x18\x64\x40", "lz4"),
        (b"LZIP\x01\x0c", "lzip"),
        (b"\x1f\x9d\x90\x7b", "compress"),
        (b"x.har".ljust(257, b"\0") + b"ustar\0", "tar"),
    ],
)
def test_containers_that_are_not_supported_are_named(head: bytes, name: str) -> None:
    for data in (head.ljust(600, b"\0"), gzip.compress(head.ljust(600, b"\0"))):
        for file in ("x", "x.json", "x.har", "x.ndjson"):
            result = only(data, file)
            assert outcome(result) == BROKEN
            assert f"{name} files are not supported" in result.detail


def test_frames_one_after_the_other() -> None:
    half = len(HAR) // 2
    for name in ("xz", "bzip2", "zlib", "zstd"):
        pack = PACK[name]
        packed = pack(HAR[:half]) + pack(HAR[half:])
        assert [outcome(each) for each in checked(packed)[0]] == [INVALID, VALID]
        assert outcome(checked(packed + b"garbage")[0][-1]) == BROKEN
    assert [outcome(each) for each in checked(lzma.compress(HAR) + bytes(8))[0]] == [INVALID, VALID]


@pytest.mark.parametrize("pack", ["xz", "bzip2", "zlib"])
def test_what_expands_too_much_is_refused(pack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_MOST_OUTPUT", 10**6)
    monkeypatch.setattr(containers, "_MOST_RATIO", 500)
    result = only(PACK[pack](b" " * 10**7))
    assert outcome(result) == BROKEN
    assert "bomb" in result.detail


def test_an_archive_of_many_files() -> None:
    members = [
        ("a/x.har", HAR),
        ("a/readme.md", b"# x"),
        ("y.yaml", written("vcrpy-yaml", Recorded()).encode()),
        ("broken.har", b"{"),
        ("z.ndjson", PENDING.encode() + b"\n"),
        (".hidden.json", b"x"),
        ("__MACOSX/._x.har", b"x"),
    ]
    found = checked(zipped(*members), "all.zip")[0]
    assert [outcome(each) for each in found] == [INVALID, VALID, VALID, BROKEN, VALID]
    names = ["a/x.har", "a/x.har", "y.yaml", "broken.har", "z.ndjson"]
    assert [each.origin.source for each in found] == [f"all.zip/{name}" for name in names]


def test_bodies_beside_a_har_in_an_archive() -> None:
    data = json.dumps(har(Recorded(body={"_file": "body.json"}))).encode()
    assert outcome(only(zipped(("a/x.har", data), ("a/body.json", EARLY_ERROR.encode())), format="har")) == INVALID
    for name in ("../secret.json", "/secret.json", "missing.json", "a\0b"):
        data = json.dumps(har(Recorded(body={"_file": name}))).encode()
        found = checked(zipped(("a/x.har", data), ("b/secret.txt", b"x")))[0]
        assert [outcome(each) for each in found] == [UNREADABLE]
        assert "archive" in found[0].detail


def _with_bytes(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def test_archives_that_cannot_be_read() -> None:
    archive = zipped(("x.har", HAR))
    directory = archive.index(b"PK\x01\x02")
    broken = {
        "holds no file": zipped(("x.txt", b"x")),
        "holds no file ending": zipped(),
        "encrypted": _with_bytes(archive, directory + 8, b"\x01"),
        "method": _with_bytes(archive, directory + 10, b"\x0e"),
        "broken": _with_bytes(archive, archive.index(b"x.har") + 10, b"\xff\xff\xff"),
        "overlap": _with_bytes(archive, directory + 20, b"\xff\xff\xff\x00"),
    }
    for why, data in broken.items():
        result = only(data)
        assert outcome(result) == BROKEN
        assert why in result.detail


def test_a_directory_that_does_not_fit_into_memory_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MOST_AT_ONCE", 10_000)
    data = zipped(*((f"{number}.har", b"") for number in range(1000)))
    assert "directory" in only(data).detail


def test_an_archive_changed_anywhere_does_not_crash() -> None:
    archive = zipped(("x.har", json.dumps(har(Recorded())).encode()), ("y.json", PENDING.encode()))
    for at in range(len(archive)):
        for byte in (b"\0", b"\xff", b"\x80"):
            results, _ = checked(_with_bytes(archive, at, byte))
            assert results


def test_an_archive_on_a_stream_that_cannot_be_sought() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    def results(max_size: int) -> list[Payload | Unchecked]:
        return list(payloads(Pipe(zipped(("x.har", HAR))), Source("-", io.BytesIO), max_size=max_size))

    assert len(results(2**20)) == 2


# Templates.

TEMPLATES = [
    "{{body}}",
    '{"status": "{{state}}"}',
    '{"status": {{state}}}',
    '{"status": "FAILED", "error": {{{message}}}}',
    '{"status": "RUNNING", "start_time": "{{now offset=\'-1 days\'}}"}',
    '{"status": "<%= state %>"}',
    '{"status": <%= state %>}',
    '{"status": "${STATE}"}',
    '{"status": ${STATE}}',
    "{{#if x}}{}{{else}}[]{{/if}}",
    "{% if x %}{}{% endif %}",
    "<% if x %>{}<% end %>",
]
NO_TEMPLATES = {
    '{"status": "FAILED", "error": "${x} {{x}} <%= x %> {% x %}"}': VALID,
    '{"status": "RUNNING", "error": "{{x}}"}': INVALID,
    '{"status": "RUNNING", "error": "\\"status\\": \\"{{x}}\\""}': INVALID,
    '{"status": "FAILED", "error": "{{x}}",}': ("invalid", "json-syntax"),
    '{{"status": "PENDING"}}': ("invalid", "json-syntax"),
    '{"status": "$STATE"}': ("invalid", "status-known"),
    '{"status": "{PENDING}"}': ("invalid", "status-known"),
}
TEXTUAL = ["har", "vcrpy-yaml", "vcrpy-json", "ruby-yaml", "wiremock", "postman"]


@pytest.mark.parametrize("format", TEXTUAL)
def test_templates(format: str) -> None:
    for body in TEMPLATES:
        assert outcome(only(written(format, Recorded(body=body)))) == skipped("templated"), body
    for body, expected in NO_TEMPLATES.items():
        assert outcome(only(written(format, Recorded(body=body)))) == expected, body


def test_templates_inside_envelopes() -> None:
    assert outcome(only(har(Recorded(url=f"/rest{PATH}", body='{"value": {"status": "{{x}}"}}'))))[1] == "templated"
    body = answer({"status": "RUNNING", "start_time": {"OPTIONAL": "{{now}}"}})
    assert outcome(only(har(Recorded("POST", "/api", body=body, asked=call()))))[1] == "templated"


# HAR.


def chunked(text: str, pieces: int, is_hex: bool) -> str:
    data = gzip.compress(text.encode())
    step = -(-len(data) // pieces)
    parts = [data[at : at + step] for at in range(0, len(data), step)]
    return json.dumps([part.hex() if is_hex else base64.b64encode(part).decode() for part in parts])


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_chunks_of_polly(pieces: int) -> None:
    assert outcome(only(har(Recorded(body=chunked(EARLY_ERROR, pieces, True))))) == INVALID
    encoded = har(Recorded(body=chunked(EARLY_ERROR, pieces, False), encoding="gzip"), encoding="base64")
    result = only(encoded)
    assert outcome(result) == INVALID
    assert (result.violations[0].line, result.violations[0].column) == (result.origin.line, result.origin.column)


@pytest.mark.parametrize("body", ["[]", '["00"]', '["0000"]', '["PENDING"]', "[1]", '["1f8b", 1]', "[[]]"])
def test_arrays_that_are_not_chunks(body: str) -> None:
    for document in (har(Recorded(body=body)), har(Recorded(body=body), encoding="base64")):
        assert outcome(only(document)) == ("invalid", "payload-is-object")


def test_chunks_that_break_off() -> None:
    body = json.dumps(json.loads(chunked(EARLY_ERROR, 7, True))[:-1])
    assert outcome(only(har(Recorded(body=body)))) == UNREADABLE


def test_a_single_entry_of_a_har() -> None:
    entry = {"startedDateTime": "2026-03-01T09:30:00.000Z", **har(Recorded(body=EARLY_ERROR))["log"]["entries"][0]}
    for name in ("x", "x.json", "x.har"):
        assert outcome(only(entry, name)) == INVALID
        data = json.dumps(entry)
        for length in range(len(data)):
            assert status_of(checked(data[:length], name)[1]) != 0


@pytest.mark.parametrize("content", [[], "x", 1, {"text": 1}, {"text": {}}, {"_file": 5}])
def test_content_of_an_unknown_shape(content: Any) -> None:
    document = har(Recorded())
    document["log"]["entries"][0]["response"]["content"] = content
    assert outcome(only(document)) == UNREADABLE


@pytest.mark.parametrize("response", [[], "x", {}, {"content": {"text": PENDING}}])
def test_a_response_without_a_status_is_not_skipped(response: Any) -> None:
    document = har(Recorded())
    document["log"]["entries"][0]["response"] = response
    assert outcome(only(document)) == ("unreadable", "status cannot be read")
    document["log"]["entries"][0]["response"] = None
    assert outcome(only(document)) == skipped("no response")


@pytest.mark.parametrize("method", [None, 5, [], {}, ["GET"], ""])
@pytest.mark.parametrize("build", [har, vcrpy, ruby_vcr, pact])
def test_a_method_of_an_unknown_shape(build: Any, method: Any) -> None:
    document = build(Recorded())
    entries = document.get("log", {}).get("entries") or document.get("interactions") or document["http_interactions"]
    entries[0]["request"]["method"] = method
    assert outcome(only(document)) == ("unreadable", "method cannot be read")


# WireMock.


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ({"oneOf": ["GET", "HEAD"]}, VALID),
        ({"oneOf": ["get"]}, VALID),
        ({"oneOf": ["POST", "PUT"]}, skipped("other method")),
        ({"noneOf": ["POST", "PUT"]}, VALID),
        ({"noneOf": ["GET"]}, skipped("other method")),
        ("GET_OR_HEAD", VALID),
        (None, VALID),
        ({"oneOf": []}, ("unreadable", "method cannot be read")),
        ({"matches": "G.*"}, ("unreadable", "method cannot be read")),
        (5, ("unreadable", "method cannot be read")),
    ],
)
def test_methods_of_a_stub(method: Any, expected: tuple[str, str]) -> None:
    document = stub(Recorded())
    document["request"]["method"] = method
    assert outcome(only(document)) == expected


COMMENTED = f"""// one stub
{{
  /* the request, "quoted" */ "request": {{"method": "GET", "url": "{URL}"}}, // and
  "response": {{"status": 200, /* é */ "jsonBody": {{"status": "RUNNING", /* x */ "error": "/* no */ // comment"}}}}
}} // the end
"""


def test_comments_in_a_stub() -> None:
    for name in ("x", "x.json"):
        result = only(COMMENTED, name)
        assert outcome(result) == INVALID
        assert [(each.line, each.column) for each in result.violations] == [_place(COMMENTED, '"error"')]
        assert only(COMMENTED.replace('"error": "/*', '"error": "\\ud800/*'), name).verdict.value == "invalid"
        for length in range(len(COMMENTED) - len(" // the end\n")):
            assert status_of(checked(COMMENTED[:length], name)[1]) != 0


def test_an_event_of_wiremock_has_its_body_in_base64() -> None:
    packed = base64.b64encode(gzip.compress(EARLY_ERROR.encode())).decode()
    event = {
        "id": "x",
        "request": {"url": f"/api{PATH}", "absoluteUrl": URL, "method": "GET"},
        "responseDefinition": {"status": 200},
        "response": {"status": 200, "headers": {}, "bodyAsBase64": packed, "body": "\x1f\ufffd"},
        "wasMatched": True,
    }
    assert outcome(only(event)) == INVALID


def test_a_body_of_a_stub_in_an_unknown_shape() -> None:
    shapes: list[Any] = [{"text": PENDING}, [], 5]
    for body in shapes:
        assert outcome(only(stub(Recorded(), body=body))) == UNREADABLE
    for name in ("base64Body", "bodyFileName"):
        assert outcome(only(stub(Recorded(), **{name: {"x": 1}}))) == UNREADABLE


# Envelopes.


@pytest.mark.parametrize(
    ("method", "url", "body", "named"),
    [
        ("GET", URL, '{"value": {"status": "PENDING"}}', "ask under /rest"),
        ("GET", f"/rest{PATH}", PENDING, "the form under /api"),
        ("GET", f"/rest{PATH}", '{"value": {"value": {"status": "PENDING"}}}', "duplicated"),
        ("GET", URL, answer({"status": "PENDING"}), "an answer of json-rpc"),
        ("GET", f"/rest{PATH}", answer({"status": "PENDING"}), "an answer of json-rpc"),
        ("POST", "/api", PENDING, '"json-rpc" is missing'),
        ("POST", "/api", '{"status": "FAILED", "error": "x"}', '"json-rpc" is missing'),
        ("GET", URL, '{"error_type": "NOT_FOUND", "messages": []}', "an error body of vSphere"),
        ("GET", f"/rest{PATH}", '{"value": {"error_type": "NOT_FOUND", "messages": []}}', "an error body of vSphere"),
        (
            "GET",
            f"/rest{PATH}",
            '{"type": "com.vmware.vapi.std.errors.not_found", "value": {"messages": []}}',
            "an error body of vSphere",
        ),
    ],
)
def test_another_envelope_is_named_once(method: str, url: str, body: str, named: str) -> None:
    asked = call() if method == "POST" else None
    result = only(har(Recorded(method, url, body=body, asked=asked)))
    assert outcome(result) == ("invalid", "envelope")
    assert named in result.violations[0].message


def test_a_member_jsonrpc_alone_makes_no_envelope() -> None:
    for member in ('"1.0"', "2", "null", "[]"):
        result = only(f'{{"status": "FAILED", "error": "x", "jsonrpc": {member}}}')
        assert outcome(result) == ("invalid", "no-unknown-members")


def test_an_answer_about_the_live_structure_is_skipped_without_its_request() -> None:
    text = answer({"status": "NOT_AVAILABLE"}, f"{SERVICE}_live.info")
    assert outcome(only(text)) == skipped("customization-live")
    assert outcome(only(har(Recorded("POST", "/api", body=text)))) == skipped("customization-live")


# Blank lines.


@pytest.mark.parametrize("everything", [True, False])
@pytest.mark.parametrize("blank", [b"\n", b" \t\r\n", b"\r\n"])
def test_blank_lines_cost_nothing_and_count(blank: bytes, everything: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []
    original = ndjson.payload

    def payload(lines: Lines, start: int, end: int, number: int, max_size: int) -> Payload | None:
        looked_at.append(number)
        return original(lines, start, end, number, max_size)

    monkeypatch.setattr(ndjson, "payload", payload)
    good, bad = PENDING.encode() + b"\n", EARLY_ERROR.encode() + b"\n"
    data = blank * 5000 + good + blank * 3 + bad + blank + good + blank * 70_000 + bad + good + blank
    found, summary = checked(data, "x.ndjson", everything=everything)
    assert (summary.valid, summary.invalid) == (3, 2)
    assert [each.origin.line for each in found if each.violations] == [5005, 75008]
    if blank == b"\n":
        assert len(looked_at) < 50


def test_payloads_among_blank_lines_are_those_without() -> None:
    lines = [json.dumps(value) for value in (*[{"status": "PENDING"}] * 3, {"status": "x"}, 5)] * 50
    plain = checked("\n".join(lines), "x.ndjson", everything=False)
    spaced = checked("\n\n".join(lines), "x.ndjson", everything=False)
    assert (plain[1].valid, plain[1].invalid) == (spaced[1].valid, spaced[1].invalid) == (150, 100)
    assert [2 * each.origin.line - 1 for each in plain[0]] == [each.origin.line for each in spaced[0]]


def test_a_document_that_is_nested_too_deep_to_locate_a_body_is_unreadable() -> None:
    response = {"name": "a", "code": 200, "originalRequest": {"method": "GET", "url": URL}, "body": EARLY_ERROR}
    item: dict[str, Any] = {"name": "a", "response": [response]}
    for _ in range(400):
        item = {"name": "a", "item": [item]}
    assert outcome(only(json.dumps({"info": {}, "item": [item]}))) == BROKEN
    deep = "[" * 70 + "]" * 70
    stub_with_deep = f'{{"imposters": [{{"protocol": "http", "stubs": 1, "x": {deep}, "stubs": []}}]}}'
    assert outcome(only(stub_with_deep))[0] in ("skipped", "unreadable")
