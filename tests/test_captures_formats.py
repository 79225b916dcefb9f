"""What each capture format may contain: exchanges, bodies and their locations, and how the format is detected.

What decides whether an exchange counts is the same for every format, and tested once, on HAR. For every format, one
capture of many exchanges shows that each part of an exchange is found where the format keeps it.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from capturing import (
    EARLY_ERROR,
    PATH,
    PENDING,
    SERVICE,
    URL,
    WRITTEN,
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
    wiremock,
    written,
)
from command import BOM, report, run
from guestcust.captures.naming import names_operation
from guestcust.jsontext.display import without_secrets
from guestcust.model import Result

VALID, INVALID = ("valid", ""), ("invalid", "error-only-when-failed")
UNREADABLE = ("unreadable", "body cannot be read")
ALL = pytest.mark.parametrize("format", WRITTEN)
#: The formats that can hold bytes.
BINARY = ["har", "vcrpy-yaml", "ruby-yaml", "wiremock"]


def skipped(reason: str) -> tuple[str, str]:
    return "skipped", reason


# Every part of an exchange, in every format.

REST = f"https://vc.example/rest{PATH}?action=b"
STATUS_UNREADABLE = ("unreadable", "status cannot be read")
EXCHANGES: list[tuple[Recorded, tuple[str, str]]] = [
    (Recorded(), VALID),
    (Recorded("gEt"), VALID),
    (Recorded("PUT"), skipped("other method")),
    (Recorded(url=REST, body=f'{{"value": {EARLY_ERROR}}}'), INVALID),
    (Recorded(url="https://vc.example/"), skipped("other URL")),
    (Recorded(url=f"{URL}-live?x"), skipped("customization-live")),
    (Recorded("POST", "/api", 200, answer({"status": "PENDING"}), call()), VALID),
    (Recorded("POST", "/api", 200, answer({"status": "RUNNING", "error": {"OPTIONAL": "x"}}), call()), INVALID),
    (Recorded("POST", "/api", 200, answer({"status": "PENDING"}), call("set")), skipped("other operation")),
    (Recorded("POST", "/api", 200, answer({"status": "PENDING"})), VALID),
    (Recorded("POST", "/api", 200, answer({}, "com.vmware.vcenter.vm.info")), skipped("other operation")),
    (Recorded("POST", "/api", 200, answer({"status": "PENDING"}), "not JSON"), VALID),
    (Recorded("POST", "/api", 200, answer({"status": "PENDING"}), "[" * 10_000), VALID),
    (Recorded("GET", "/api"), skipped("other URL")),
    (Recorded(status="200"), VALID),
    (Recorded(status=404), skipped("status 404")),
    (Recorded(status=0), skipped("no response")),
    (Recorded(status=True), STATUS_UNREADABLE),
    (Recorded(status=[200]), STATUS_UNREADABLE),
    (Recorded(status=10**400), STATUS_UNREADABLE),
]


@ALL
def test_every_part_of_an_exchange_is_found(format: str) -> None:
    results, summary = checked(written(format, *(recorded for recorded, _ in EXCHANGES)))
    assert [outcome(result) for result in results] == [expected for _, expected in EXCHANGES]
    assert [result.origin.request for result in results] == [
        f"{recorded.method.upper()} {recorded.url}" for recorded, _ in EXCHANGES
    ]
    assert [result.origin.status for result in results[:15]] == [200] * 15
    head, _, tail = WRITTEN[format].pointer.partition("/0")
    assert [result.origin.pointer for result in results] == [f"{head}/{at}{tail}" for at in range(len(EXCHANGES))]
    assert status_of(summary) == 2


@ALL
def test_a_missing_status(format: str) -> None:
    # In stubs and contracts it means 200.
    expected = VALID if format in ("wiremock", "pact") else ("unreadable", "status cannot be read")
    assert outcome(only(written(format, Recorded(status=None)))) == expected


# URLs and methods.


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"http://10.0.0.1:8443/rest{PATH}",
        f"https://[2001:db8::1]:443/api{PATH}",
        f"//vc.example/api{PATH}",
        f"/api{PATH}",
        f"https://vc.example/proxy/one/api{PATH}",
        f"{URL}?a=b&c=/other",
        f"{URL}#part",
        f"{URL}/",
        f"{URL}/?a",
        "https://vc.example//api//vcenter/vm/vm-1//guest/customization//",
        "https://vc.example/api/vcenter/vm/vm%2D1%2F2/guest/customization",
        "https://vc.example/api/vcenter/vm/vm-1/guest/customizatio%6E",
        "https://vc.example/api/vcenter/vm/größe/guest/customization",
        f"{{{{baseUrl}}}}/api{PATH}",
        "{{baseUrl}}/rest/vcenter/vm/:vm/guest/customization",
        "{{baseUrl}}/api/vcenter/vm/{{vm}}/guest/customization",
        # What Postman makes of the vendor's OpenAPI document, where the server's URL ends with /api.
        "{{baseUrl}}/vcenter/vm/:vm/guest/customization",
        f"/api/api{PATH}",
    ],
)
def test_urls_of_the_operation(url: str) -> None:
    body = '{"value": {"status": "PENDING"}}' if "/rest/" in url else PENDING
    result = only(har(Recorded(url=url, body=body)))
    assert outcome(result) == VALID
    assert result.origin.request == f"GET {without_secrets(url)}"


@pytest.mark.parametrize(
    "url",
    [
        "https://vc.example/",
        "https://vc.example/api/vcenter/vm",
        "https://vc.example/api/vcenter/vm/vm-1",
        "https://vc.example/api/vcenter/vm/vm-1/guest/identity",
        "https://vc.example/api/vcenter/vm/guest/customization",
        "https://vc.example/api/vcenter/vm//guest/customization",
        "https://vc.example/api/vcenter/vm/a/b/guest/customization",
        f"{URL}/x",
        f"{URL}s",
        f"https://vc.example/myapi{PATH}",
        f"https://vc.example/api/v1{PATH}",
        f"https://vc.example{PATH}",
        f"https://vc.example/API{PATH}",
        f"https://vc.example/?next=/api{PATH}",
        f"https://vc.example/#/api{PATH}",
        f"https://api{PATH}",
        "https://vc.example/api/vcenter/vm/vm-1/guest%2Fcustomization",
        "https://vc.example/api/vcenter/vm/vm-1/guest/customization-lives",
    ],
)
def test_other_urls_are_skipped(url: str) -> None:
    first, *others = checked(har(Recorded(url=url)))[0]
    assert outcome(first) == skipped("other URL")
    # A file is never passed if it names the operation and has none of its exchanges.
    assert [outcome(other) for other in others] == [("unreadable", "not understood")] * names_operation(url.encode())


def test_a_skipped_live_structure_is_explained() -> None:
    result = only(har(Recorded(url=f"{URL}-live?x")))
    assert outcome(result) == skipped("customization-live")
    assert result.detail


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"https://root:secret@vc.example/api{PATH}", f"https://vc.example/api{PATH}"),
        (f"https://me@corp:secret@vc.example/api{PATH}", f"https://vc.example/api{PATH}"),
        (f"root:secret@vc.example/api{PATH}", f"vc.example/api{PATH}"),
        (f"//root:secret@vc.example/api{PATH}", f"//vc.example/api{PATH}"),
        ("https://root:secret@vc.example/", "https://vc.example/"),
        (f"{URL}?token=SECRET&a?b=/@c", f"{URL}?token=***&a?b=***"),
        (f"{URL}?x&~action=list#access_token=SECRET", f"{URL}?x&~action=list"),
        ("/api/session;jsessionid=SECRET/x?id=SECRET#SECRET", "/api/session;jsessionid=***/x?id=***"),
        (f"{URL}?action=check&myaction=SECRET&vmw-task=true", f"{URL}?action=check&myaction=***&vmw-task=true"),
    ],
)
def test_credentials_in_a_url_are_not_shown(url: str, shown: str) -> None:
    assert only(har(Recorded(url=url))).origin.request == f"GET {shown}"


def test_a_query_that_names_the_operation_is_not_passed_because_it_is_not_shown() -> None:
    asked = Recorded(url=f"https://proxy.example/?url={URL}")
    results = checked(har(asked, Recorded()))[0]
    assert [outcome(result) for result in results] == [
        skipped("other URL"),
        ("valid", ""),
        ("unreadable", "not understood"),
    ]
    assert results[0].detail


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "x"])
def test_other_methods_are_skipped(method: str) -> None:
    assert outcome(only(har(Recorded(method=method)))) == skipped("other method")


@pytest.mark.parametrize("method", [":get", "GET", "get"])
def test_ruby_may_write_methods_as_symbols(method: str) -> None:
    assert only(in_yaml(ruby_vcr(Recorded(method)))).origin.request == f"GET {URL}"


@pytest.mark.parametrize(
    ("asked", "body", "expected"),
    [
        (call(), answer({"status": "PENDING"}), VALID),
        (call(), answer({"status": "RUNNING", "error": {"OPTIONAL": "x"}}), INVALID),
        (call("set"), answer({}), skipped("other operation")),
        (call("get", "com.vmware.vcenter.vm"), answer({}), skipped("other operation")),
        # Without a readable request, the response decides.
        (None, answer({"status": "PENDING"}), VALID),
        (None, answer({}, "com.vmware.vcenter.vm.info"), skipped("other operation")),
        ("no JSON", answer({"status": "PENDING"}), VALID),
        ('{"params": {"serviceId": ' + "1" * 5000 + "}}", answer({"status": "PENDING"}), VALID),
        ("[" * 100_000, answer({"status": "PENDING"}), VALID),
        ("{}", answer({"status": "PENDING"}), VALID),
        (call(), '{"jsonrpc": "2.0", "error": {"code": 1}}', skipped("json-rpc error")),
        (call(), '{"jsonrpc": "2.0", "result": {"error": {"ERROR": {}}}}', skipped("json-rpc error")),
        (call(), PENDING, ("invalid", "envelope")),
    ],
)
def test_json_rpc_operations(asked: str | None, body: str, expected: tuple[str, str]) -> None:
    for url in ("https://vc.example/api", "/api/", "{{baseUrl}}/x/api?~method=get"):
        assert outcome(only(har(Recorded("POST", url, 200, body, asked)))) == expected, url


# Status codes.


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, VALID),
        ("200", VALID),
        (200.0, VALID),
        (201, skipped("status 201")),
        (204, skipped("status 204")),
        (304, skipped("status 304")),
        (404, skipped("status 404")),
        ("500", skipped("status 500")),
        (0, skipped("no response")),
        # Playwright writes it when no response came.
        (-1, skipped("no response")),
    ],
)
def test_statuses(status: Any, expected: tuple[str, str]) -> None:
    assert outcome(only(har(Recorded(status=status)))) == expected


@pytest.mark.parametrize("status", [True, [], {}, [200], "", "OK", 200.5, 10**6, 10**400])
def test_an_exchange_with_an_invalid_status_is_not_skipped(status: Any) -> None:
    result = only(har(Recorded(status=status)))
    assert outcome(result) == STATUS_UNREADABLE
    assert "status code" in result.detail


# Reasons are counted and listed.


def test_reasons_are_counted_and_listed(tmp_path: Path) -> None:
    capture = tmp_path / "all.har"
    recorded = [
        Recorded(),
        Recorded(url="https://vc.example/"),
        Recorded(url="https://vc.example/x"),
        Recorded("PUT"),
        Recorded("POST", "/api", asked=call("set")),
        Recorded(url=f"{URL}-live"),
        Recorded(status=404),
        Recorded(status=0),
        Recorded(body={}),
        Recorded(body='{"status": "FAILED", "error": "'.ljust(1024 * 1024, "x")),
        Recorded("POST", "/api", body='{"jsonrpc": "2.0", "error": {}}', asked=call()),
    ]
    capture.write_text(json.dumps(har(*recorded)))
    stubs = tmp_path / "stubs.json"
    stubs.write_text(json.dumps(stub(Recorded(), body="{{x}}")))
    contract = tmp_path / "contract.json"
    contract.write_text(json.dumps({**pact(), "messages": [{"contents": {}}]}))
    expected = {
        "other URL": 2,
        "other method": 1,
        "other operation": 1,
        "customization-live": 1,
        "status 404": 1,
        "no response": 1,
        "body not included": 1,
        "truncated": 1,
        "json-rpc error": 1,
        "templated": 1,
        "message": 1,
    }
    assert report(tmp_path)["summary"]["reasons"] == expected
    done = run("check", "--all", tmp_path)
    assert done.status == 0
    for reason in expected:
        assert reason in done.out
    # Each one is listed, with its location and request.
    assert done.out.count("other URL") >= 2
    assert f"{capture}:1:" in done.out
    assert f"PUT {URL}" in done.out


@pytest.mark.parametrize("body", ["é" * 2**19, "x" * 2**20])
def test_bodies_that_firefox_truncated_are_skipped(body: str) -> None:
    for end, expected in (("", skipped("truncated")), ("x", ("invalid", "json-syntax"))):
        capture = json.dumps(har(Recorded(body=body + end)), ensure_ascii=False)
        assert outcome(only(capture)) == expected


def test_a_complete_body_of_that_length_is_checked() -> None:
    text = '{"status": "FAILED", "error": "'
    assert outcome(only(har(Recorded(body=text + "x" * (2**20 - len(text) - 2) + '"}')))) == VALID


# Lines and columns.

#: Bodies with a violation at a known character of the decoded text.
TRICKY = {
    "plain": EARLY_ERROR,
    "quotes and backslashes": '{"status": "RUNNING", "error": "\\"\\\\ \\n"}',
    "lines": '{\n  "status": "RUNNING",\r\n\t"error": "x"\n}',
    "other letters": '{"start_time": null, "é\N{PILE OF POO}€": 1, "status": "PENDING"}',
    "control": '{"status": "RUNNING", "\\u0065rror": "\\ud83d\\ude00"}',
}


def violation_at(text: str, of: str) -> int:
    """The offset of the member with the violation."""
    return text.index(of)


def place_in(capture: str, offset: int) -> tuple[int, int]:
    before = capture[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def literal(text: str, escape_all: bool) -> tuple[str, list[int]]:
    """A JSON string, and the offset of each character in it."""
    out, offsets = '"', []
    for character in text:
        offsets.append(len(out))
        out += (
            "".join(f"\\u{unit:04X}" for unit in utf16(character))
            if escape_all
            else json.dumps(character, ensure_ascii=False)[1:-1]
        )
    return out + '"', offsets


def utf16(character: str) -> list[int]:
    data = character.encode("utf-16-be")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


@pytest.mark.parametrize("layout", ["minified", "pretty", "crlf", "non-ASCII before", "bom"])
@pytest.mark.parametrize("format", ["har", "vcrpy-json", "ruby-json", "wiremock", "pact", "postman"])
def test_locations_in_json_strings_are_exact(format: str, layout: str) -> None:
    for tricky in TRICKY:
        for escape_all in (False, True):
            check_location_in_string(format, layout, tricky, escape_all)


def check_location_in_string(format: str, layout: str, tricky: str, escape_all: bool) -> None:
    body = TRICKY[tricky]
    document = WRITTEN[format].build(Recorded(body="HERE"))
    if layout == "non-ASCII before":
        document = {"comment": "é\N{PILE OF POO}", **document}
    capture = json.dumps(document, indent=None if layout == "minified" else 2, ensure_ascii=False)
    text, offsets = literal(body, escape_all)
    at = capture.index('"HERE"')
    capture = capture.replace('"HERE"', text)
    if layout == "crlf":
        capture, at = capture.replace("\n", "\r\n"), at + capture[:at].count("\n")
    result = only(("\ufeff" if layout == "bom" else "") + capture)
    assert result.verdict.value == "invalid"
    assert (result.origin.line, result.origin.column) == place_in(capture, at + 1)
    of = {"other letters": '"é', "control": '"\\u0065rror"'}.get(tricky, '"error"')
    expected = place_in(capture, at + offsets[violation_at(body, of)])
    assert [(each.line, each.column) for each in result.violations] == [expected], (tricky, escape_all)


@pytest.mark.parametrize("layout", ["minified", "pretty", "crlf"])
@pytest.mark.parametrize(
    "document",
    [
        stub(Recorded(), jsonBody="HERE"),
        wiremock(Recorded(url="/x"), Recorded(body="HERE")),
        pact(Recorded(body="HERE")),
        pact(Recorded(body={"content": "HERE", "encoded": False, "contentType": "application/json"})),
        pact(Recorded(body={"contents": "HERE"})),
    ],
)
def test_locations_in_bodies_that_are_json_values_are_exact(document: dict[str, Any], layout: str) -> None:
    if "mappings" in document:
        document["mappings"][1]["response"] = {"jsonBody": "HERE"}
    capture = json.dumps(document, indent=None if layout == "minified" else 2)
    at = capture.index('"HERE"')
    capture = capture.replace('"HERE"', '{\n"status": "RUNNING",\n  "\\u0065rror": "é"}')
    if layout == "crlf":
        capture, at = capture.replace("\n", "\r\n"), at + capture[:at].count("\n")
    result = checked(capture)[0][-1]
    assert outcome(result) == INVALID
    assert (result.origin.line, result.origin.column) == place_in(capture, at)
    (violation,) = result.violations
    assert (violation.line, violation.column) == place_in(capture, capture.index('"\\u0065rror"'))


CASSETTE = """\
# a comment: é
interactions:
- request: {{method: GET, uri: '{url}'}}
  response:
    status: {{code: 200, message: OK}}
    body: {{encoding: é, string: {scalar}
version: 1
"""


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("scalar", "start", "place"),
    [
        # On one line, without escapes: exact.
        ('\'{"status": "RUNNING", "error": "é"}\'}', 1, 23),
        ('\'{"é\N{PILE OF POO}": 1, "status": "PENDING"}\'}', 1, 2),
        # Escaped or folded: the start of the scalar.
        ('"{\\"status\\": \\"RUNNING\\", \\"error\\": \\"x\\"}"}', 1, 1),
        ('\'{"status": "RUNNING", "error": "it\'\'s"}\'}', 1, 1),
        ('\'{"status": "RUNNING",\n      "error": "x"}\'}', 1, 1),
        # With a tag, YAML gives the location of the tag.
        (f"!!binary {base64.b64encode(EARLY_ERROR.encode()).decode()}}}", 0, 0),
    ],
)
def test_locations_in_yaml(scalar: str, start: int, place: int, end: str) -> None:
    capture = CASSETTE.format(url=URL, scalar=scalar).replace("\n", end)
    result = only(capture)
    assert outcome(result)[0] == "invalid"
    at = capture.index(scalar[:10])
    assert (result.origin.line, result.origin.column) == place_in(capture, at + start)
    (violation,) = result.violations
    line, column = place_in(capture, at + place)
    assert (violation.line, violation.column) == (line, column)


@pytest.mark.parametrize("key", ["string", "base64_string"])
def test_the_location_in_a_block_scalar_is_its_start(key: str) -> None:
    text = EARLY_ERROR if key == "string" else base64.b64encode(EARLY_ERROR.encode()).decode()
    capture = (
        f"---\nhttp_interactions:\n- request: {{method: get, uri: '{URL}'}}\n  response:\n"
        "    status:\n      code: 200\n"
        f"    body:\n      {key}: |\n        {text}\nrecorded_with: VCR 6.1.0\n"
    )
    result = only(capture)
    assert outcome(result) == INVALID
    place = place_in(capture, capture.index("|"))
    assert (result.origin.line, result.origin.column) == place
    assert [(each.line, each.column) for each in result.violations] == [place]


@pytest.mark.parametrize("format", BINARY)
def test_the_location_in_a_compressed_body_is_its_start(format: str) -> None:
    capture = written(format, Recorded(body=gzip.compress(EARLY_ERROR.encode())))
    result = only(capture)
    assert outcome(result) == INVALID
    begin = "!!binary" if "yaml" in format else "H4sI"
    assert (result.origin.line, result.origin.column) == place_in(capture, capture.index(begin))
    assert [(each.line, each.column) for each in result.violations] == [(result.origin.line, result.origin.column)]


# Bodies.


def deflated(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


TEXT = EARLY_ERROR.encode()
PACKED = {
    "plain": (TEXT, None),
    "gzip": (gzip.compress(TEXT), "gzip"),
    "gzip undeclared": (gzip.compress(TEXT), None),
    "gzip of many members": (b"".join(gzip.compress(TEXT[at : at + 1]) for at in range(len(TEXT))), "gzip"),
    "gzip padded with zeros": (gzip.compress(TEXT) + bytes(100), "gzip"),
    "zlib": (zlib.compress(TEXT), "deflate"),
    "zlib, no compression": (zlib.compress(TEXT, 0), "deflate"),
    "zlib, best compression": (zlib.compress(TEXT, 9), "deflate"),
    "deflate": (deflated(TEXT), "deflate"),
    "brotli": (brotli.compress(TEXT), "br"),
    "zstd": (zstandard.compress(TEXT), "zstd"),
    "zstd in frames": (b"".join(zstandard.compress(TEXT[at : at + 1]) for at in range(len(TEXT))), "zstd"),
    "zstd after a skippable frame": (zstandard.compress(TEXT) + b"\x50\x2a\x4d\x18\x04\0\0\0abcd", "zstd"),
    "gzip twice": (gzip.compress(gzip.compress(TEXT)), "gzip, gzip"),
    "four times": (gzip.compress(zlib.compress(gzip.compress(zstandard.compress(TEXT)))), "gzip"),
    "brotli in gzip": (gzip.compress(brotli.compress(TEXT)), "br, gzip"),
    "gzip in brotli": (brotli.compress(gzip.compress(TEXT)), "gzip, br"),
    "gzip declared, but decoded": (TEXT, "gzip"),
    "brotli declared, but decoded": (TEXT, "br"),
    "deflate declared, but decoded": (TEXT, "deflate"),
}


@pytest.mark.parametrize("packed", PACKED)
def test_compressed_bodies(packed: str) -> None:
    data, encoding = PACKED[packed]
    for format in BINARY:
        assert outcome(only(written(format, Recorded(body=data, encoding=encoding)))) == INVALID, format


@ALL
def test_a_body_may_be_stored_decompressed_under_its_old_encoding(format: str) -> None:
    for encoding in ("gzip", "br", "deflate", "zstd"):
        assert outcome(only(written(format, Recorded(encoding=encoding)))) == VALID, encoding


@pytest.mark.parametrize(
    "level", [pytest.param(1, marks=pytest.mark.slow), 5, pytest.param(11, marks=pytest.mark.slow)]
)
def test_brotli_and_deflate_are_detected_whatever_their_first_byte(level: int) -> None:
    begins = set()
    for length in range(700):
        text = f'{{"status": "FAILED", "error": "{"".join(chr(65 + n * n % 57) for n in range(length))}"}}'.encode()
        for data, encoding in ((brotli.compress(text, quality=level), "br"), (deflated(text), "deflate")):
            begins.add(data[0])
            result = only(har(Recorded(body=data, encoding=encoding)))
            assert outcome(result) in (VALID, ("invalid", "json-syntax")), (length, encoding)
            assert result.text == text.decode()
    assert len(begins) > 2


@pytest.mark.parametrize("packed", ["gzip", "zlib", "deflate", "brotli", "zstd", "gzip twice"])
def test_truncated_compressed_bodies_are_unreadable(packed: str) -> None:
    data, encoding = PACKED[packed]
    for length in range(4, len(data)):
        result = only(har(Recorded(body=data[:length], encoding=encoding)))
        # Without only the checksum, the text is complete.
        assert outcome(result) == UNREADABLE or result.text == EARLY_ERROR, length
    results, summary = checked(har(Recorded(body=data[:-9], encoding=encoding), Recorded()))
    assert [outcome(each)[0] for each in results] == ["unreadable", "valid"]
    assert "it was cut" in results[0].detail
    assert status_of(summary) == 2


def test_bytes_stored_as_characters() -> None:
    packed = gzip.compress(TEXT).decode("latin-1")
    for document in (har(Recorded(body=packed)), vcrpy(Recorded(body=packed))):
        assert outcome(only(document)) == INVALID
    lossy = gzip.compress(TEXT).decode("utf-8", "replace")
    result = only(vcrpy(Recorded(body=lossy)))
    assert outcome(result) == UNREADABLE
    assert "as text" in result.detail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (base64.b64encode(TEXT).decode(), INVALID),
        (base64.encodebytes(TEXT * 3)[:60].decode(), ("invalid", "json-syntax")),
        ("\r\n".join(base64.b64encode(TEXT).decode()), INVALID),
        (f" {base64.b64encode(TEXT).decode()}\n", INVALID),
        (base64.b64encode(TEXT).decode().rstrip("="), INVALID),
        # Declared as base64, but plain text.
        (EARLY_ERROR, INVALID),
        (f"\n{EARLY_ERROR}", INVALID),
        ("null", ("invalid", "payload-is-object")),
        ("<html>", ("invalid", "json-syntax")),
        # Truncated to an impossible length.
        (base64.b64encode(TEXT).decode()[:21], UNREADABLE),
    ],
)
def test_bodies_declared_as_base64(text: str, expected: tuple[str, str]) -> None:
    assert outcome(only(har(Recorded(body=text), encoding="base64"))) == expected
    assert outcome(only(stub(Recorded(), base64Body=text))) == expected
    ruby = ruby_vcr(Recorded())
    ruby["http_interactions"][0]["response"]["body"] = {"base64_string": text}
    assert outcome(only(in_yaml(ruby))) == expected
    assert outcome(only(ruby)) == expected
    encoded = pact(Recorded(body={"content": text, "encoded": "base64"}))
    assert outcome(only(encoded)) == expected


@ALL
def test_a_byte_order_mark_in_a_body(format: str) -> None:
    result = only(written(format, Recorded(body="\ufeff" + EARLY_ERROR)))
    assert outcome(result) == ("invalid", "json-no-bom error-only-when-failed")
    if "yaml" not in format:
        capture = written(format, Recorded(body="\ufeff" + EARLY_ERROR))
        start = capture.index("\\ufeff")
        assert [(each.line, each.column) for each in result.violations] == [
            place_in(capture, start + 6),
            place_in(capture, capture.index('\\"error')),
        ]


@pytest.mark.parametrize("escape", ["\\ufeff", "\\uFEFF", "\\uFeFf", "\ufeff"])
def test_every_spelling_of_a_byte_order_mark_is_found(escape: str) -> None:
    capture = json.dumps(har(Recorded(body="BOM" + EARLY_ERROR))).replace("BOM", escape)
    warning, error = only(capture).violations
    assert (warning.rule, warning.column) == ("json-no-bom", capture.index(escape) + len(escape) + 1)
    assert error.column == capture.index('\\"error') + 1


@pytest.mark.parametrize("format", BINARY)
def test_other_encodings_and_a_byte_order_mark_in_bytes(format: str) -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        body = EARLY_ERROR.encode(encoding)
        assert outcome(only(written(format, Recorded(body=body)))) == ("invalid", "json-utf-8")
    assert outcome(only(written(format, Recorded(body=BOM + PENDING.encode())))) == ("valid", "json-no-bom")
    assert outcome(only(written(format, Recorded(body=PENDING.encode() + b"\xff")))) == ("invalid", "json-utf-8")


@ALL
def test_an_empty_body(format: str) -> None:
    # In a HAR it means that the body was not saved.
    expected = skipped("body not included") if format == "har" else ("invalid", "json-syntax")
    assert outcome(only(written(format, Recorded(body="")))) == expected


@ALL
def test_a_null_body(format: str) -> None:
    # In a contract the body is the JSON value null.
    expected = ("invalid", "payload-is-object") if format == "pact" else skipped("body not included")
    assert outcome(only(written(format, Recorded(body=None)))) == expected


# HAR.


@pytest.mark.parametrize("content", [{}, {"size": 0}, {"mimeType": "x", "text": ""}, {"text": None}, None])
def test_har_without_a_body(content: Any) -> None:
    result = only(har(Recorded(body=content)))
    assert outcome(result) == skipped("body not included")
    assert "save the HAR" in result.detail


@pytest.mark.parametrize("text", [1, True, [], {"status": "PENDING"}])
def test_a_har_body_that_is_not_a_string(text: Any) -> None:
    assert outcome(only(har(Recorded(body={"text": text})))) == UNREADABLE


# WireMock.


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"url": URL}, VALID),
        ({"urlPath": f"/api{PATH}"}, VALID),
        ({"urlPathTemplate": "/api/vcenter/vm/{vm}/guest/customization"}, VALID),
        ({"urlPattern": "/api/vcenter/vm/[^/]+/guest/customization"}, VALID),
        ({"urlPattern": "/api/vcenter/vm/[^/?]*/guest/customization.*"}, VALID),
        ({"urlPattern": "/api/vcenter/vm/([^/]+)/guest/customization(\\?.*)?"}, VALID),
        ({"urlPathPattern": "^/api/vcenter/vm/.*/guest/customization/?$"}, VALID),
        ({"urlPathPattern": "/rest/vcenter/vm/vm-\\d+/guest/customization"}, ("invalid", "envelope")),
        ({"urlPathPattern": "/api/vcenter/vm/\\w+/guest/customization-live"}, skipped("customization-live")),
        ({"urlPathPattern": "/api/vcenter/vm/[^/]+/guest/customization/x"}, skipped("other URL")),
        ({"urlPathPattern": "/rest/.*"}, skipped("other URL")),
    ],
)
def test_wiremock_urls(request_: dict[str, Any], expected: tuple[str, str]) -> None:
    methods: list[dict[str, str]] = [{}, {"method": "ANY"}, {"method": "GET"}, {"method": "GET_OR_HEAD"}]
    for method in methods:
        found = checked({"request": {**request_, **method}, "response": {"body": PENDING}})[0]
        assert outcome(found[0]) == expected
        assert len(found) == 1 + (expected == skipped("other URL") and names_operation(json.dumps(request_)))


@pytest.mark.parametrize("asked", [call(), json.loads(call())])
def test_a_stub_for_any_method_may_be_json_rpc(asked: Any) -> None:
    request = {"url": "/api", "method": "ANY", "bodyPatterns": [{"matches": ".*"}, {"equalToJson": asked}]}
    found = only({"request": request, "response": {"body": answer({"status": "PENDING"})}})
    assert (outcome(found), found.origin.request) == (VALID, "ANY /api")
    asked = json.loads(call("set"))
    request["bodyPatterns"] = [{"equalToJson": asked}]
    assert outcome(only({"request": request, "response": {"body": "{}"}})) == skipped("other operation")


ENCODED = base64.b64encode(TEXT).decode()


@pytest.mark.parametrize("request_", [{}, {"urlPathPattern": ".*"}])
@pytest.mark.parametrize("wrap", [lambda stub: stub, lambda stub: {"mappings": [stub]}])
def test_the_body_of_a_stub_without_a_url_decides(wrap: Callable[[Any], Any], request_: dict[str, Any]) -> None:
    def found(**response: Any) -> Result:
        return only(wrap({"request": request_, "response": {"status": 200, **response}}))

    assert outcome(found(jsonBody=json.loads(EARLY_ERROR))) == INVALID
    assert outcome(found(body=EARLY_ERROR)) == ("unreadable", "not understood")
    other = found(jsonBody=[])
    assert outcome(other) == skipped("other URL")
    assert "names no path" in other.detail


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"body": EARLY_ERROR}, INVALID),
        ({"jsonBody": json.loads(EARLY_ERROR)}, INVALID),
        ({"jsonBody": None}, ("invalid", "payload-is-object")),
        ({"jsonBody": "x"}, ("invalid", "payload-is-object")),
        ({"base64Body": ENCODED}, INVALID),
        ({"base64Body": base64.b64encode(gzip.compress(TEXT)).decode()}, INVALID),
        # WireMock's own precedence.
        ({"body": "x", "base64Body": "eA==", "jsonBody": json.loads(EARLY_ERROR)}, INVALID),
        ({"body": "x", "base64Body": ENCODED}, INVALID),
        # WireMock 4.
        ({"body": {"data": EARLY_ERROR}}, INVALID),
        ({"body": {"data": json.loads(EARLY_ERROR)}}, INVALID),
        ({"body": {"base64Data": ENCODED}}, INVALID),
        ({"body": {"base64Data": base64.b64encode(gzip.compress(TEXT)).decode(), "compression": "gzip"}}, INVALID),
        ({}, skipped("body not included")),
        ({"body": {}}, skipped("body not included")),
        ({"fault": "EMPTY_RESPONSE", "body": EARLY_ERROR}, skipped("no response")),
        ({"proxyBaseUrl": "https://vc.example"}, skipped("no response")),
        # Templates.
        ({"body": '{"status": "{{x}}"}', "transformers": ["response-template"]}, skipped("templated")),
        ({"jsonBody": {"status": "{{x}}"}, "transformers": ["response-template"]}, skipped("templated")),
        ({"body": '{"status": {{toJson x}}}'}, skipped("templated")),
        ({"body": '{"status": {{{x}}}}'}, skipped("templated")),
        ({"body": "{{#if x}}{}{{/if}}"}, skipped("templated")),
        ({"body": EARLY_ERROR, "transformers": ["response-template"]}, INVALID),
        ({"body": '{"status": "FAILED", "error": "{{x}}"}'}, VALID),
        ({"bodyFileName": "{{x}}.json"}, skipped("templated")),
        # Braces alone are not a template.
        ({"body": '{{"status": "PENDING"}}'}, ("invalid", "json-syntax")),
        ({"body": '{{"status": "PENDING"}'}, ("invalid", "json-syntax")),
    ],
)
def test_wiremock_responses(response: dict[str, Any], expected: tuple[str, str]) -> None:
    one = {"request": {"url": URL}, "response": response}
    assert outcome(only(one)) == expected
    assert outcome(only({"mappings": [one]})) == expected
    assert outcome(only(one, format="wiremock")) == expected


@pytest.mark.parametrize(
    ("stub_at", "body_at"),
    [
        ("mappings/one.json", "__files/body.json"),
        ("mappings/deep/er/one.json", "__files/body.json"),
        ("one.json", "__files/body.json"),
        ("mappings/one.json", "__files/api/v1/body.json"),
        ("mappings/one.json", "__files/body.json.gz"),
        ("mappings/one.json", "__files/no ending é"),
    ],
)
@pytest.mark.parametrize("member", ["bodyFileName", "filePath"])
def test_wiremock_body_files(tmp_path: Path, stub_at: str, body_at: str, member: str) -> None:
    body, one = tmp_path / body_at, tmp_path / stub_at
    for path in (body, one):
        path.parent.mkdir(parents=True, exist_ok=True)
    body.write_bytes(gzip.compress(TEXT) if body_at.endswith(".gz") else TEXT)
    name = body_at.removeprefix("__files/")
    response = {"bodyFileName": name} if member == "bodyFileName" else {"body": {"filePath": name}}
    text = json.dumps(stub(Recorded(), **response), ensure_ascii=False)
    one.write_text(text, "utf-8")
    # Body files in a folder are read only through their stubs.
    for target in (one, tmp_path):
        found = report(target)
        (payload,) = found["payloads"]
        assert payload["verdict"] == "invalid"
        (violation,) = payload["violations"]
        assert (violation["line"], violation["column"]) == (1, text.index(f'"{name}"') + 2)


def test_missing_wiremock_body_files(tmp_path: Path) -> None:
    one = tmp_path / "one.json"
    one.write_text(json.dumps(stub(Recorded(), bodyFileName="body.json")))
    for expected in ("no folder __files", "body.json"):
        found = report(one)
        assert found["payloads"][0]["verdict"] == "unreadable"
        assert expected in found["payloads"][0]["detail"]
        (tmp_path / "__files").mkdir(exist_ok=True)
    done = run("check", "-", stdin=one.read_bytes())
    assert done.status == 2
    assert "cannot be reached" in done.out + done.err


# Pact.


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (json.loads(EARLY_ERROR), INVALID),
        (EARLY_ERROR, INVALID),
        ("", ("invalid", "json-syntax")),
        (None, ("invalid", "payload-is-object")),
        ([], ("invalid", "payload-is-object")),
        ({}, ("invalid", "status-required")),
        # v4
        ({"content": json.loads(EARLY_ERROR), "encoded": False, "contentType": "application/json"}, INVALID),
        ({"contents": json.loads(EARLY_ERROR), "encoded": False}, INVALID),
        ({"content": EARLY_ERROR, "encoded": False}, INVALID),
        ({"content": ENCODED, "encoded": "base64"}, INVALID),
        ({"content": ENCODED, "encoded": "BASE64"}, INVALID),
        ({"content": ENCODED, "encoded": True}, INVALID),
        ({"content": json.loads(EARLY_ERROR), "encoded": "JSON"}, INVALID),
        ({"content": EARLY_ERROR, "encoded": "JSON"}, ("invalid", "payload-is-object")),
        ({"content": "", "encoded": False}, ("invalid", "json-syntax")),
        ({"content": None}, ("invalid", "payload-is-object")),
        # A payload with such a member is not a v4 body.
        ({"status": "PENDING", "content": 1}, ("invalid", "no-unknown-members")),
    ],
)
def test_pact_bodies(body: Any, expected: tuple[str, str]) -> None:
    assert outcome(only(pact(Recorded(body=body)))) == expected


def test_pact_without_a_body_and_with_messages() -> None:
    contract = pact(Recorded(), Recorded())
    del contract["interactions"][0]["response"]["body"]
    contract["interactions"][1]["type"] = "Asynchronous/Messages"
    contract["messages"] = [{"contents": {"status": "x"}}, {}]
    found = checked(contract)[0]
    assert [outcome(each) for each in found] == [skipped("body not included"), *[skipped("message")] * 3]
    assert [each.origin.pointer for each in found] == [
        "/interactions/0",
        "/interactions/1",
        "/messages/0",
        "/messages/1",
    ]


# Postman.


def test_postman_folders_and_requests() -> None:
    old, new = {"method": "GET", "url": URL}, {"method": "GET", "url": {"raw": "{{baseUrl}}/else"}}
    parts = {"method": "GET", "url": {"host": ["vc", "example"], "path": ["api", *PATH[1:].split("/")]}}
    items = [
        # The request as sent takes precedence.
        {"request": new, "response": [{"originalRequest": old, "code": 200, "body": EARLY_ERROR}]},
        {"request": old, "response": [{"originalRequest": new, "code": 200, "body": PENDING}]},
        {"request": old, "response": [{"code": 200, "body": PENDING}, {"code": 200, "body": None}]},
        {"request": URL, "response": [{"code": 200, "body": PENDING}]},
        {"request": parts, "response": [{"code": 200, "body": PENDING}]},
        {"request": {"url": {"path": f"/api{PATH}"}}, "response": [{"code": 200, "body": PENDING}]},
        {"request": old, "response": []},
        {"request": old},
    ]
    nested = {"info": {}, "item": [{"item": [{"item": items}]}, {"name": "empty"}]}
    for document in (nested, {"item": nested["item"], "info": {}}):
        found = checked(document)[0]
        expected = [INVALID, skipped("other URL"), VALID, skipped("body not included"), VALID, VALID, VALID]
        assert [outcome(each) for each in found] == expected
        assert found[0].origin.pointer == "/item/0/item/0/item/0/response/0"
    assert found[5].origin.request == f"GET vc.example/api{PATH}"
    # Without a saved response there is nothing to check, though the operation is named.
    assert outcome(only({"info": {}, "item": items[6:]})) == ("unreadable", "not understood")


# Cassettes.

OLD_HTTPX = """\
interactions:
- request: {{body: '', headers: {{}}, method: GET, uri: '{url}'}}
  response: {{content: {content}, http_version: HTTP/1.1, status_code: {status}, headers: {{}}}}
version: 1
"""


def test_old_cassettes_of_httpx() -> None:
    assert outcome(only(OLD_HTTPX.format(url=URL, content=f"'{EARLY_ERROR}'", status=200))) == INVALID
    assert outcome(only(OLD_HTTPX.format(url=URL, content="''", status=404))) == skipped("status 404")
    packed = f"!!binary {base64.b64encode(gzip.compress(TEXT)).decode()}"
    assert outcome(only(OLD_HTTPX.format(url=URL, content=packed, status=200))) == INVALID


@pytest.mark.parametrize("tag", ["!!binary", "!binary", "!<tag:yaml.org,2002:binary>"])
def test_binary_scalars_in_yaml(tag: str) -> None:
    scalar = f"{tag} {base64.b64encode(TEXT).decode()}}}"
    assert outcome(only(CASSETTE.format(url=URL, scalar=scalar))) == INVALID
    assert outcome(only(CASSETTE.format(url=URL, scalar=f"{tag} x}}"))) == UNREADABLE


@pytest.mark.parametrize(
    ("scalar", "expected"),
    [
        (f"!!str '{EARLY_ERROR}'}}", INVALID),
        (f"! '{EARLY_ERROR}'}}", INVALID),
        (f"!!python/unicode '{EARLY_ERROR}'}}", INVALID),
        ("1}", ("invalid", "payload-is-object")),
        ("~}", skipped("body not included")),
        ("}", skipped("body not included")),
        (f"!ruby/object:X '{EARLY_ERROR}'}}", UNREADABLE),
        # Unquoted braces are a YAML mapping.
        (f"{EARLY_ERROR}}}", UNREADABLE),
        ("[]}", UNREADABLE),
    ],
)
def test_yaml_scalars(scalar: str, expected: tuple[str, str]) -> None:
    assert outcome(only(CASSETTE.format(url=URL, scalar=scalar))) == expected


def test_duplicate_yaml_members() -> None:
    twice = CASSETTE.format(url=URL, scalar=f"'{PENDING}', string: '{EARLY_ERROR}'}}")
    result = only(twice)
    assert result.verdict.value == "unreadable"
    assert '"string"' in result.detail and "duplicated" in result.detail


def test_yaml_anchors_are_followed() -> None:
    capture = (
        f"interactions:\n- request: &asked {{method: GET, uri: '{URL}'}}\n  response: &got\n    status: {{code: 200}}\n"
        f"    body: {{string: '{EARLY_ERROR}'}}\n- {{request: *asked, response: *got}}\nversion: 1\n"
    )
    assert [outcome(each) for each in checked(capture)[0]] == [INVALID, INVALID]


@pytest.mark.parametrize("document", [vcrpy(), ruby_vcr()])
def test_a_cassette_without_interactions(document: dict[str, Any]) -> None:
    for text in (in_yaml(document), json.dumps(document)):
        assert outcome(only(text)) == skipped("no payload in it")


# Detection of the format.

NAMES = ["<stdin>", "x", "x.txt", "x.json", "x.JSON", "x.har.txt", "x.bak"]


@ALL
def test_formats_are_detected_by_content(format: str) -> None:
    document = WRITTEN[format].build(Recorded(body=EARLY_ERROR), Recorded())
    orders = [document, dict(reversed(document.items()))]
    if "yaml" in format:
        texts = [in_yaml(each) for each in orders] + ["---\n" + in_yaml(document), "# x\n\n" + in_yaml(document)]
    else:
        texts = [json.dumps(each, indent=indent) for each in orders for indent in (None, 2, "\t")]
        texts += ["\n\n  " + texts[0] + "\n\n", texts[1].replace("\n", "\r\n")]
    for name in NAMES:
        if "yaml" in format and name.lower().endswith(".json"):
            name += ".yaml"
        # Every layout without an extension, and two of them under every name.
        for text in texts if name == "x" else texts[1:3]:
            data = text.encode()
            for form in (data, BOM + data, gzip.compress(data), zstandard.compress(data)):
                assert [outcome(each) for each in checked(form, name)[0]] == [INVALID, VALID], (name, text)


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("x.har.gz", "har"),
        ("x.HAR.ZST", "har"),
        ("x.json.gz", "wiremock"),
        ("x.yaml.zst", "vcrpy-yaml"),
        ("x.yml", "ruby-yaml"),
    ],
)
def test_compressed_captures_in_folders(tmp_path: Path, name: str, format: str) -> None:
    data = written(format, Recorded(body=EARLY_ERROR)).encode()
    lower = name.lower()
    data = (
        gzip.compress(data) if lower.endswith(".gz") else zstandard.compress(data) if lower.endswith(".zst") else data
    )
    (tmp_path / name).write_bytes(data)
    assert [each["verdict"] for each in report(tmp_path)["payloads"]] == ["invalid"]
    assert [each["verdict"] for each in report("-", stdin=data)["payloads"]] == ["invalid"]


def test_compressed_lines(tmp_path: Path) -> None:
    lines = (PENDING + "\n" + EARLY_ERROR + "\n").encode()
    for name, data in (("x.ndjson.zst", zstandard.compress(lines)), ("x.jsonl.gz", gzip.compress(lines))):
        (tmp_path / name).write_bytes(data)
        found = report(tmp_path / name)
        assert [each["verdict"] for each in found["payloads"]] == ["invalid"]
        assert found["summary"]["valid"] == 1


@ALL
def test_a_given_format_overrides_the_file_name(format: str) -> None:
    text = written(format, Recorded(body=EARLY_ERROR))
    for name in ("x", "x.har", "x.ndjson", "x.yaml"):
        assert outcome(only(text, name, format=WRITTEN[format].format)) == INVALID


@pytest.mark.parametrize("format", sorted({each.format for each in WRITTEN.values()}))
def test_a_file_that_is_not_of_the_given_format(format: str) -> None:
    for text in ("null", "1", "[]", "[[]]", '"x"', "{}", "", "\n", '{"log": {}}', "x", "- 1", "[1"):
        results, summary = checked(text, format=format)
        assert all(each.verdict.value in ("unreadable", "skipped") for each in results), text
        assert status_of(summary) == 2


@pytest.mark.parametrize(
    "document",
    [
        {"status": "x", "log": 1},
        {"interactions": 1},
        {"request": 1},
        {"item": []},
        {"consumer": {}},
        {"name": "package", "version": "1"},
    ],
)
def test_other_json_documents_are_checked_as_payloads(document: dict[str, Any]) -> None:
    for name in NAMES:
        assert only(document, name).verdict.value == "invalid"


@pytest.mark.parametrize(
    "text", ["a: 1\n", "- 1\n- 2\n", "interactions_x: 1\n", "x:\n  interactions:\n  - 1\n", "", "# x\n"]
)
def test_yaml_that_is_not_a_cassette_is_unrelated(text: str) -> None:
    assert outcome(only(text, "x.yaml")) == skipped("unrelated")


@pytest.mark.parametrize("pages", [[], [{"title": "x" * 100_000}]])
def test_a_har_with_late_entries_is_detected(pages: list[Any]) -> None:
    document = har(Recorded(body=EARLY_ERROR))
    document["log"] = {"version": "1.2", "creator": {}, "pages": pages, "entries": document["log"]["entries"]}
    assert outcome(only(document, "x.json")) == INVALID


@pytest.mark.parametrize("name", ["x.har", "x.json", "x"])
def test_a_capture_in_utf_16_is_not_skipped(name: str) -> None:
    # PowerShell writes UTF-16.
    result = only(json.dumps(har(Recorded())).encode("utf-16"), name)
    assert result.verdict.value in ("invalid", "unreadable")
    assert "UTF-8" in result.detail or result.violations[0].rule == "json-utf-8"


def test_a_structure_with_a_similar_name_is_another() -> None:
    # Its name begins like ours.
    other = answer({"status": "x"}, f"{SERVICE}_live.info")
    assert outcome(only(har(Recorded("POST", "/api", body=other)))) == skipped("customization-live")
