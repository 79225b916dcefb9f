"""Flows of mitmproxy, OpenAPI and YAML documents, and traces of Playwright: payloads, places, and hostile forms."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from capturing import EARLY_ERROR, PATH, PENDING, URL, Recorded, call, checked, only, outcome, vcrpy
from command import SCHEMAS
from guestcust.captures import archives, documents
from hypothesis import given
from hypothesis import strategies as st
from wrappings import captures, exchanges, tnetstring

BROKEN = ("unreadable", "capture cannot be read")
UNREADABLE = ("unreadable", "body cannot be read")
INVALID = ("invalid", "error-only-when-failed")
VALID = ("valid", "")


def outcomes(data: Any, name: str = "capture", **options: Any) -> list[tuple[str, str]]:
    return [outcome(each) for each in checked(data, name, **options)[0]]


# Flows of mitmproxy.


def flow(body: bytes | str | None = EARLY_ERROR, **members: Any) -> dict[str, Any]:
    request = {
        "method": b"GET",
        "scheme": b"https",
        "host": "10.0.0.1",
        "port": 443,
        "authority": b"",
        "path": f"/api{PATH}".encode(),
        "headers": [[b"Host", b"vc.example"]],
        "content": b"",
    }
    content = body.encode() if isinstance(body, str) else body
    response: dict[str, Any] = {"status_code": 200, "headers": [], "content": content}
    found: dict[str, Any] = {"version": 21, "type": "http", "request": request, "response": response, "error": None}
    for name, value in members.items():
        first, _, second = name.partition("__")
        if second:
            found[first][second] = value
        else:
            found[first] = value
    return found


def flows(*several: dict[str, Any]) -> bytes:
    return b"".join(map(tnetstring, several))


def test_every_flow_is_read_in_turn() -> None:
    data = flows(flow(), flow(PENDING, request__path=b"/ui"), flow(PENDING, response=None), flow(PENDING))
    found = checked(data)[0]
    assert [outcome(each) for each in found] == [INVALID, ("skipped", "other URL"), ("skipped", "no response"), VALID]
    assert [each.origin.pointer for each in found] == ["/0", "/1", "/2", "/3"]


def test_the_url_of_a_flow_is_what_was_asked_for() -> None:
    path = f"/api{PATH}"
    for members, asked in (
        ({}, "https://vc.example"),
        ({"request__authority": b"vc.example:8443"}, "https://vc.example:8443"),
        ({"request__headers": []}, "https://10.0.0.1"),
        ({"request__headers": [], "request__port": 8443}, "https://10.0.0.1:8443"),
        ({"request__headers": [], "request__host": "::1"}, "https://[::1]"),
    ):
        result = only(flows(flow(**members)))
        assert result.origin.request == f"GET {asked}{path}"


def test_the_place_of_a_flow_is_that_of_its_body() -> None:
    data = flows(flow("é\n\u2028é", request__path=b"/x"), flow())
    result = checked(data)[0][1]
    lines = data.decode().split("\n")
    assert lines[result.origin.line - 1][result.origin.column - 1 :].startswith(EARLY_ERROR)
    (violation,) = result.violations
    assert violation.line and violation.column
    assert lines[violation.line - 1][violation.column - 1 :].startswith('"error"')


@pytest.mark.parametrize("body", [EARLY_ERROR.encode(), gzip.compress(EARLY_ERROR.encode())], ids=["text", "gzip"])
def test_the_bytes_of_a_flow_decide_about_compression(body: bytes) -> None:
    for headers in ([], [[b"Content-Encoding", b"gzip"]], [[b"content-encoding", b"br"]]):
        assert outcomes(flows(flow(body, response__headers=headers))) == [INVALID]


def test_a_flow_without_a_body_is_skipped() -> None:
    assert outcomes(flows(flow(None))) == [("skipped", "body not included")]
    assert outcomes(flows(flow(b""))) == [("invalid", "json-syntax")]
    assert outcomes(flows(flow(7))) == [UNREADABLE]  # type: ignore[arg-type]


def test_json_rpc_in_a_flow_is_told_by_the_request() -> None:
    rpc = {"request__path": b"/api", "request__method": b"POST"}
    assert outcomes(flows(flow("{}", request__content=call("set").encode(), **rpc)))[0] == (
        "skipped",
        "other operation",
    )
    assert outcomes(flows(flow("{}", request__content=call().encode(), **rpc))) == [("invalid", "envelope")]
    assert outcomes(flows(flow("{}", request__content=None, **rpc)))[0] == ("skipped", "other operation")


def test_other_kinds_of_flows_are_passed_over() -> None:
    tcp = {"version": 21, "type": "tcp", "messages": [[True, b"x", 1.5]]}
    assert outcomes(flows(tcp, flow())) == [INVALID]
    assert outcomes(flows(tcp)) == [("skipped", "no payload in it")]
    named = {**tcp, "messages": [[True, PATH.encode(), 1.5]]}
    assert outcomes(flows(named)) == [("unreadable", "not understood")]


def test_flows_of_old_versions_are_refused_once() -> None:
    old = flow(version=[0, 18, 2])
    found = checked(flows(old, flow(), old))[0]
    assert [outcome(each) for each in found] == [BROKEN, INVALID]
    assert "mitmdump -nr OLD -w NEW" in found[0].detail


@pytest.mark.parametrize("name", ["a.flow", "a.mitm", "a.mitmflow", "a.dump", "a.json", "a", "-"])
def test_flows_are_recognised_by_their_first_bytes(name: str) -> None:
    assert outcomes(flows(flow()), name) == [INVALID]


def test_files_of_other_programs_have_the_same_endings() -> None:
    assert outcomes(b"", "a.flow") == [("skipped", "no payload in it")]
    assert outcomes("/* @flow */\nexport type X = 1\n", "a.js.flow") == [("skipped", "unrelated")]
    assert outcomes("<Flow/>", "a.flow") == [("skipped", "unrelated")]
    assert outcomes(f"// {URL}", "a.js.flow") == [("unreadable", "not understood")]
    assert outcomes(EARLY_ERROR, "a.flow") == [INVALID]


def test_flows_cut_off_at_any_byte_are_never_read_as_whole() -> None:
    first, second = flows(flow(PENDING)), flows(flow())
    data = first + second
    for end in range(1, len(data)):
        found = outcomes(data[:end], "a.flow")
        assert found == [VALID] * (end >= len(first)) + [BROKEN] * (end != len(first)), end


def test_lying_lengths_in_flows_are_unreadable() -> None:
    data = flows(flow(PENDING), flow())
    size = data.index(b":")
    for length in (0, 1, 5, int(data[:size]) - 1, int(data[:size]) + 1, 10**6, 10**11):
        found = outcomes(b"%d%s" % (length, data[size:]), "a.flow")
        assert found == [BROKEN], length
    # One inside, whose flow ends where it says.
    inner = data.replace(b"20:", b"99999999999:", 1)
    assert BROKEN in outcomes(inner, "a.flow")
    wrong = flows(flow()).replace(b"11:status_code;3:200#", b"11:status_code;4:200#")
    assert outcomes(wrong + flows(flow())) == [BROKEN, INVALID]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"request": None}, BROKEN),
        ({"request": "GET"}, BROKEN),
        ({"response": "no"}, BROKEN),
        ({"response": []}, BROKEN),
        ({"request__headers": b"x"}, BROKEN),
        ({"request__headers": None}, INVALID),
        ({"request__headers": [[]]}, INVALID),
        ({"request__method": None}, ("unreadable", "method cannot be read")),
        ({"request__path": None}, ("skipped", "other URL")),
        ({"response__status_code": "x"}, ("unreadable", "status cannot be read")),
        ({"response__status_code": "200"}, INVALID),
        ({"response": {"content": b"{}"}}, ("unreadable", "status cannot be read")),
        ({"response__headers": [[b"content-encoding", b"\xff"]]}, INVALID),
    ],
)
def test_flows_with_values_of_wrong_types(members: dict[str, Any], expected: tuple[str, str]) -> None:
    found = outcomes(flows(flow(**members), flow(PENDING)))
    assert found == [expected, VALID]


def test_a_flow_without_a_type_or_with_a_duplicate_is_unreadable() -> None:
    bare = flow()
    del bare["type"]
    assert outcomes(flows(bare)) == outcomes(flows(flow(type="htp"))) == [BROKEN]
    data = b"".join(tnetstring(one) for pair in flow().items() for one in pair)
    twice = data + tnetstring("response") + tnetstring(flow(PENDING)["response"])
    result = only(b"%d:%s}" % (len(twice), twice))
    assert outcome(result) == BROKEN
    assert '"response" is duplicated' in result.detail


@pytest.fixture
def low_limit(monkeypatch: pytest.MonkeyPatch) -> int:
    """A low limit for the size of an exchange, in bytes."""
    monkeypatch.setattr(documents, "MAX_SIZE", 100_000)
    return 100_000


def test_a_flow_over_the_limit_is_not_kept(low_limit: int) -> None:
    data = flows(flow(b"x" * (low_limit + 1)), flow())
    found = checked(data, max_size=1000)[0]
    assert [outcome(each) for each in found] == [BROKEN, INVALID]
    assert "--max-size" in found[0].detail


@given(st.binary(max_size=60), st.integers(0, 400))
def test_flows_with_bytes_overwritten_never_crash_or_pass(noise: bytes, at: int) -> None:
    data = bytearray(flows(flow()))
    data[at : at + len(noise)] = noise
    results, summary = checked(bytes(data), "a.flow")
    assert results
    assert summary.valid == 0


# OpenAPI documents.

EARLY: dict[str, Any] = json.loads(EARLY_ERROR)
DONE = {"status": "PENDING"}
NOT_INCLUDED = ("skipped", "body not included")


def media(**members: Any) -> dict[str, Any]:
    return {"content": {"application/json": members}}


def openapi(response: Any, server: str | None = "https://vc.example/api", path: str = PATH, **more: Any) -> Any:
    servers = {} if server is None else {"servers": [{"url": server}]}
    return {"openapi": "3.0.3", **servers, "paths": {path: {"get": {"responses": {"200": response}}}}, **more}


def both(document: Any) -> Iterator[str]:
    """A document in JSON and in YAML."""
    yield json.dumps(document, indent=1)
    # Read again, so that nothing is the same object twice, which would become an alias.
    yield yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=False)


@pytest.mark.parametrize(
    ("response", "pointers"),
    [
        (media(example=EARLY), ["/example"]),
        (media(example=EARLY_ERROR), ["/example"]),
        (
            media(examples={"a": {"value": EARLY}, "b/c": {"value": EARLY}}),
            ["/examples/a/value", "/examples/b~1c/value"],
        ),
        (media(examples={"a": {"serializedValue": EARLY_ERROR}}), ["/examples/a/serializedValue"]),
        (media(schema={"example": EARLY}), ["/schema/example"]),
        (media(schema={"examples": [EARLY, EARLY]}), ["/schema/examples/0", "/schema/examples/1"]),
    ],
)
def test_the_examples_of_a_response_are_checked_where_they_lie(response: Any, pointers: list[str]) -> None:
    place = "/paths/~1vcenter~1vm~1vm-1~1guest~1customization/get/responses/200/content/application~1json"
    for text in both(openapi(response)):
        results = checked(text)[0]
        assert [outcome(each) for each in results] == [INVALID] * len(pointers)
        assert [each.origin.pointer for each in results] == [place + pointer for pointer in pointers]
        for result in results:
            rest = text.split("\n")[result.origin.line - 1][result.origin.column - 1 :]
            assert rest.startswith(("{", "status", '\\"'))
            assert result.origin.request == f"GET https://vc.example/api{PATH}"


def test_the_place_of_a_violation_in_an_example_is_exact() -> None:
    text = json.dumps(openapi(media(example=EARLY)), indent=2)
    (violation,) = only(text).violations
    assert violation.line and violation.column
    assert text.split("\n")[violation.line - 1][violation.column - 1 :].startswith('"error": "x"')


@pytest.mark.parametrize(
    ("response", "components"),
    [
        (media(examples={"a": {"$ref": "#/components/examples/x"}}), {"examples": {"x": {"value": EARLY}}}),
        (media(example={"$ref": "#/components/examples/x"}), {"examples": {"x": {"value": EARLY}}}),
        ({"$ref": "#/components/responses/x%7By"}, {"responses": {"x{y": media(example=EARLY)}}),
        (media(schema={"$ref": "#/components/schemas/a~1b"}), {"schemas": {"a/b": {"example": EARLY}}}),
        (
            {"$ref": "#/components/responses/x"},
            {"responses": {"x": {"$ref": "#/components/responses/y"}, "y": media(example=EARLY)}},
        ),
    ],
)
def test_references_within_a_document_are_followed(response: Any, components: Any) -> None:
    for text in both(openapi(response, components=components)):
        assert outcomes(text) == [INVALID]


def test_a_path_may_be_a_reference() -> None:
    item = {"get": {"responses": {200: media(example=EARLY)}}}
    document = {**openapi({}), "paths": {PATH: {"$ref": "#/components/pathItems/x"}}}
    assert [outcomes(text) for text in both({**document, "components": {"pathItems": {"x": item}}})] == [[INVALID]] * 2


@pytest.mark.parametrize("reference", ["other.yaml#/x", "https://vc.example/x", "./x.json"])
def test_what_lies_in_another_file_is_not_included(reference: str) -> None:
    for response in (
        {"$ref": reference},
        media(schema={"$ref": reference}),
        media(examples={"a": {"$ref": reference}}),
        media(examples={"a": {"externalValue": reference}}),
    ):
        assert outcomes(openapi(response)) == [NOT_INCLUDED]
    for document in ({**openapi({}), "paths": {PATH: {"$ref": reference}}}, {**openapi({}), "paths": {"$ref": PATH}}):
        assert outcomes(document) == [NOT_INCLUDED]


@pytest.mark.parametrize(
    ("server", "path", "envelope"),
    [
        ("https://vc.example/api", PATH, "api"),
        ("https://{host}/api/", PATH, "api"),
        ("/rest", PATH, "rest"),
        ("https://vc.example", f"/rest{PATH}", "rest"),
        ("https://vc.example", f"/api{PATH}", "api"),
        (None, PATH, "auto"),
        ("https://vc.example/v1", PATH, "auto"),
    ],
)
def test_the_server_decides_the_envelope(server: str | None, path: str, envelope: str) -> None:
    for wrapped, expected in ((EARLY, envelope != "rest"), ({"value": EARLY}, envelope != "api")):
        found = outcomes(openapi(media(example=wrapped), server, path))
        assert found == [INVALID if expected else ("invalid", "envelope")]


def test_servers_of_an_operation_come_before_those_of_the_document() -> None:
    document = openapi(media(example={"value": EARLY}))
    document["paths"][PATH]["get"]["servers"] = [{"url": "{base}", "variables": {"base": {"default": "/rest"}}}]
    assert outcomes(document) == [INVALID]
    document["paths"][PATH]["get"]["servers"].append({"url": "/api"})
    assert outcomes(document) == [INVALID]


def test_a_structure_in_the_schema_has_no_envelope() -> None:
    schema = {"properties": {"value": {"$ref": "#/components/schemas/Info"}}}
    document = openapi(media(schema=schema), "/rest", components={"schemas": {"Info": {"example": EARLY}}})
    assert outcomes(document) == [INVALID]


@pytest.mark.parametrize("base", ["/api", "/rest"])
def test_swagger_documents(base: str) -> None:
    for response in ({"examples": {"application/json": EARLY}}, {"schema": {"example": EARLY}}):
        swagger = {"swagger": "2.0", "host": "vc.example", "basePath": base}
        document = {**swagger, "paths": {PATH: {"get": {"responses": {"200": response}}}}}
        for text in both(document):
            result = only(text)
            assert outcome(result) == (INVALID if base == "/api" else ("invalid", "envelope"))
            assert result.origin.request == f"GET https://vc.example{base}{PATH}"


def test_examples_of_other_responses_are_not_checked() -> None:
    document = openapi(media(example=DONE))
    item = document["paths"][PATH]
    item["get"]["responses"]["404"] = item["get"]["responses"]["default"] = media(example=EARLY)
    item["put"] = item["post"] = {"responses": {"200": media(example=EARLY)}}
    document["paths"]["/vcenter/vm"] = {"get": {"responses": {"200": media(example=EARLY)}}}
    item["get"]["responses"]["200"]["content"]["text/xml"] = {"example": "<status/>"}
    assert outcomes(document) == [VALID]


def test_a_document_without_an_example_is_not_an_alarm() -> None:
    assert outcomes(openapi({"description": "d"})) == [NOT_INCLUDED]
    assert outcomes({**openapi({}, path="/x"), "info": {"description": URL}}) == [NOT_INCLUDED]
    live = outcomes(openapi(media(example=EARLY), path=f"{PATH}-live"))
    assert live == [("skipped", "customization-live")]
    for file in sorted((SCHEMAS / "openapi").rglob("*.json")):
        assert set(outcomes(file.read_bytes(), file.name)) <= {NOT_INCLUDED, VALID}


@pytest.mark.parametrize("server", ["https://vc.example/api", "https://vc.example/rest"])
def test_an_example_in_an_unusual_place_is_checked(server: str) -> None:
    usual = openapi(media(example=EARLY), server)
    item = usual["paths"][PATH]
    empty = {"200": {"description": "d"}}
    schema = {"components": {"schemas": {"S": {"properties": {"x": {"example": EARLY}}}}}}
    for document in (
        openapi(
            {"description": "d"},
            server,
            paths={PATH: {"get": {"responses": {**empty, "default": media(example=EARLY)}}}},
        ),
        {**openapi(media(schema={"allOf": [{"$ref": "#/components/schemas/S"}, {}]}), server), **schema},
        {**usual, "paths": {PATH: {"get": {"responses": {"200.0": media(example=EARLY)}}}}},
        {
            **usual,
            "paths": {PATH: {"get": {"responses": empty, "x-ms-examples": {"a": {"responses": {"200": EARLY}}}}}},
        },
    ):
        for text in both(document):
            assert outcomes(text) == [INVALID]
    for document in (
        {**usual, "paths": {PATH: {"GET": item["get"]}}},
        {**usual, "paths": {}, "webhooks": {PATH: item}},
        {**usual, "paths": {}, "x-ms-paths": {PATH: item}},
        openapi({"content": {"text/plain": {"example": EARLY_ERROR}}}, server),
        openapi(media(schema={"allOf": [{"example": EARLY}]}), server),
    ):
        for text in both(document):
            assert outcomes(text) == [INVALID if server.endswith("api") else ("invalid", "envelope")]
    assert outcomes({**usual, "paths": {}, "x-paths": {PATH: item}}) == [("unreadable", "not understood")]


def test_bodies_of_other_responses_and_operations_are_no_examples() -> None:
    document = openapi({"description": "d"})
    responses = document["paths"][PATH]["get"]["responses"]
    responses["404"] = media(example={"status": "FAILED", "error": "x"})
    responses["default"] = media(example={"error_type": "NOT_FOUND", "messages": []})
    document["paths"][f"{PATH}-live"] = {"get": {"responses": {"200": media(example=EARLY)}}}
    for text in both(document):
        assert outcomes(text) == [NOT_INCLUDED, ("skipped", "customization-live")]


@pytest.mark.parametrize(
    "response",
    [
        media(examples={"a": {"$ref": "#/components/nothing"}}),
        media(examples={"a": {"$ref": "#/paths/0"}}),
        {"$ref": f"#/paths/{PATH.replace('/', '~1')}/get/responses/200"},
        media(examples=[EARLY]),
        media(examples={"a": {"summary": "s"}}),
    ],
)
def test_a_broken_reference_or_example_is_unreadable(response: Any) -> None:
    for text in both(openapi(response)):
        assert outcomes(text) == [UNREADABLE]


@pytest.mark.parametrize("value", [None, [], "x", 5, {"a": None}, [None]])
def test_wrong_types_in_an_openapi_document_never_crash_or_pass(value: Any) -> None:
    whole = openapi({**media(example={**EARLY, "x": 1}), "examples": {"application/json": {**EARLY, "x": 1}}})

    def replaced(node: Any) -> Iterator[Any]:
        yield value
        for name in node if isinstance(node, dict) else ():
            for one in replaced(node[name]):
                yield {**node, name: one}

    for document in replaced(whole):
        if isinstance(document, dict) and "openapi" in document and URL[-len(PATH) :] in json.dumps(document):
            for text in both(document):
                results, summary = checked(text, "a.yaml" if text[0] != "{" else "a.json")
                assert results and not summary.valid, document


def test_a_duplicate_on_the_way_to_an_example_is_unreadable() -> None:
    text = json.dumps(openapi(media(example=EARLY)))
    twice = text.replace('"example":', f'"example": {PENDING}, "example":')
    assert outcomes(twice) == [BROKEN]
    in_yaml = yaml.safe_dump(openapi(media(example=EARLY))).replace("example:", "example: x\n                example:")
    assert outcomes(in_yaml) == [BROKEN]


def test_a_duplicate_that_hides_an_example_is_unreadable() -> None:
    document = openapi(media(example=EARLY))
    text = json.dumps(document)
    item = f'"{PATH}": {json.dumps(document["paths"][PATH])}'
    for twice in (text[:-1] + ', "paths": {}}', text.replace(item, f'{item}, "{PATH}": {{}}')):
        result = only(twice)
        assert outcome(result) == BROKEN
        assert "is duplicated" in result.detail
    # The example itself is checked strictly.
    assert outcomes(text.replace('"error": "x"', '"error": "x", "error": "y"'))[0][0] == "invalid"
    items = {"items": [yaml.safe_load(opencollection({"status": 200, "body": {"data": EARLY_ERROR}}))]}
    twice = json.dumps({"opencollection": "1.0.0", **items})[:-1] + ', "items": []}'
    assert outcomes(twice) == [BROKEN]


def test_openapi_documents_cut_off_at_any_byte_are_never_valid() -> None:
    in_json, in_yaml = both(openapi(media(example=DONE)))
    for text in (in_json, in_yaml):
        for end in range(1, len(text.rstrip())):
            summary = checked(text[:end])[1]
            assert not summary.valid, text[:end]


@pytest.mark.parametrize(
    "value", ["2026-03-01T09:30:00.000Z", "'2026-03-01T09:30:00.000Z'", "! 2026-03-01T09:30:00.000Z"]
)
def test_a_time_in_yaml_is_a_string(value: str) -> None:
    example = f"{{status: RUNNING, start_time: {value}}}"
    text = yaml.safe_dump(openapi(media(example="HERE"))).replace("HERE", example)
    assert outcomes(text) == [VALID]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("no", "status-known"),
        ("true", "status-is-string"),
        ("1.5", "status-is-string"),
        ("12345678901", "status-is-string"),
        ("~", "status-is-string"),
    ],
)
def test_scalars_of_yaml_have_the_types_of_the_core_schema(value: str, expected: str) -> None:
    text = yaml.safe_dump(openapi(media(example="HERE"))).replace("HERE", f"{{status: {value}}}")
    assert outcomes(text) == [("invalid", expected)]


@pytest.mark.parametrize("tag", ["!!binary aGk=", "!!python/name:os.system x", "!x y", "!!timestamp 2026-03-01"])
def test_tags_in_an_example_are_unreadable(tag: str) -> None:
    text = yaml.safe_dump(openapi(media(example="HERE"))).replace("HERE", f"{{status: {tag}}}")
    assert outcomes(text) == [UNREADABLE]


def test_aliases_in_an_openapi_document_are_followed_and_bounded() -> None:
    text = yaml.safe_dump(openapi(media(example="HERE"))).replace("HERE", "*e")
    assert outcomes(f"x: &e {EARLY_ERROR}\n{text}") == [INVALID]
    bomb = ["x0: &x0 [lol]", *(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 10))]
    assert outcomes("\n".join([*bomb, text.replace("*e", "*x9")])) == [BROKEN]
    assert outcomes(f"x: &e [*e]\n{text}") == [BROKEN]


def test_names_in_a_document_may_be_escaped() -> None:
    text = json.dumps(openapi(media(example=EARLY), path="HERE")).replace("HERE", PATH.replace("g", "\\u0067"))
    assert outcomes(text) == [INVALID]
    other = json.dumps(openapi(media(example="\xe9\xe9"), path="/x"))
    assert outcomes(other) == outcomes(other[:-1]) == [("skipped", "no payload in it")]


def test_a_document_that_only_begins_like_openapi_is_an_ordinary_one() -> None:
    for text in both({"components": {"schemas": {}}, "x": URL}):
        assert outcomes(text, "a.yaml")[0][0] == "unreadable"
    assert outcomes({"components": {"schemas": {}}, "x": EARLY}) == [INVALID]
    assert outcomes({"components": {"schemas": {}}, "x": 1}, skip_unrelated=True) == [("skipped", "unrelated")]


def test_a_document_of_another_program_is_no_opencollection() -> None:
    text = "info: {version: 1}\nhttp:\n  routers: {a: 1}\n"
    assert outcomes(text, "a.yaml") == [("skipped", "no payload in it")]
    assert outcomes(f"{text}x: {URL}\n", "a.yaml") == [("unreadable", "not understood")]


# Recordings of responses.


def responses(*several: dict[str, Any]) -> str:
    entry = {"method": "GET", "url": URL, "status": 200, "content_type": "text/plain", "body": EARLY_ERROR}
    return yaml.safe_dump({"responses": [{"response": {**entry, **one}} for one in several]}, width=10**6)


def test_recordings_of_responses() -> None:
    rpc = {"method": "POST", "url": "https://vc.example/api"}
    text = responses({}, {"status": 404}, {"body": None}, {"method": "PUT"}, {**rpc, "body": "{}"}, {"url": "/x"})
    found = checked(text)[0]
    assert [outcome(each) for each in found] == [
        INVALID,
        ("skipped", "status 404"),
        NOT_INCLUDED,
        ("skipped", "other method"),
        ("skipped", "other operation"),
        ("skipped", "other URL"),
    ]
    (violation,) = found[0].violations
    assert violation.line and violation.column
    assert text.split("\n")[violation.line - 1][violation.column - 1 :].startswith('"error"')


def test_recordings_of_responses_cut_off_at_any_byte_are_never_read_as_whole() -> None:
    text = responses({"body": PENDING}, {"body": PENDING})
    # An entry without a URL and a body may be another program's.
    for end in range(text.index("'{") + 1, len(text)):
        results, summary = checked(text[:end], "a.yaml")
        whole = text[:end].endswith("\n") and text[:end].count("url") and "- response" in text[:end]
        assert summary.unreadable or (whole and results), text[:end]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"status": None}, ("unreadable", "status cannot be read")),
        ({"status": "200"}, INVALID),
        ({"status": []}, ("unreadable", "status cannot be read")),
        ({"body": {"a": 1}}, UNREADABLE),
        ({"body": 5}, ("invalid", "payload-is-object")),
        ({"url": 5}, ("unreadable", "not understood")),
        ({"method": None}, ("unreadable", "method cannot be read")),
        ({"headers": 5}, INVALID),
    ],
)
def test_recordings_of_responses_with_values_of_wrong_types(entry: dict[str, Any], expected: tuple[str, str]) -> None:
    assert outcomes(responses(entry)) == [expected]


def test_an_entry_without_a_url_is_broken_only_among_responses() -> None:
    others = [
        {"response": {"body": "hi", "method": 1, "url": 2}},
        {"response": {"status": "RUNNING", "body": 5}},
        {"intent": "x"},
    ]
    for text in both({"responses": others}):
        assert outcomes(text, skip_unrelated=True) == [("skipped", "no payload in it")]
    mixed = yaml.safe_load(responses({}))["responses"] + others
    for text in both({"responses": mixed}):
        found = outcomes(text)
        assert found[0] == INVALID
        assert set(found[1:]) == {BROKEN}


def test_an_openapi_document_or_other_yaml_is_no_recording_of_responses() -> None:
    assert outcomes("responses:\n  '200': {}\n", "a.yaml") == [("skipped", "unrelated")]
    assert outcomes(f"responses:\n- response: 5\n  url: {URL}\n", "a.yaml") == [("unreadable", "not understood")]
    assert outcomes({"responses": [{"response": "hello"}]}, skip_unrelated=True) == [("skipped", "unrelated")]


# OpenCollection.


def opencollection(response: Any, **more: Any) -> str:
    http = {"method": "GET", "url": "{{baseUrl}}/api" + PATH}
    examples = [] if response is None else [{"name": "e", "response": response}]
    document = {"info": {"name": "n", "type": "http"}, "http": http, "examples": examples, **more}
    return yaml.safe_dump(document, sort_keys=False, width=10**6)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"status": 200, "body": {"type": "json", "data": EARLY_ERROR}}, INVALID),
        ({"status": "OK", "statusText": "200", "body": {"data": EARLY_ERROR}}, INVALID),
        ({"status": "Not Found", "statusText": "404", "body": {"data": EARLY_ERROR}}, ("skipped", "status 404")),
        ({"status": 200, "body": EARLY_ERROR}, INVALID),
        ({"status": 200, "body": {"data": EARLY}}, INVALID),
        ({"status": 200, "body": {"type": "json"}}, NOT_INCLUDED),
        ({"status": 200}, NOT_INCLUDED),
        ({"status": "OK", "body": {"data": EARLY_ERROR}}, ("unreadable", "status cannot be read")),
        (None, ("skipped", "no response")),
    ],
)
def test_examples_of_opencollection(response: Any, expected: tuple[str, str]) -> None:
    assert outcomes(opencollection(response), "a.yml") == [expected]


def test_an_example_of_opencollection_may_have_its_own_request() -> None:
    text = opencollection(None, examples=[{"request": {"url": "/x"}, "response": {"status": 200, "body": PENDING}}])
    assert outcomes(text)[0] == ("skipped", "other URL")


def test_opencollection_cut_off_or_with_wrong_types_never_passes() -> None:
    text = opencollection({"status": 200, "body": {"type": "json", "data": PENDING}})
    for end in range(len(text) - 1):
        assert not checked(text[:end], "a.yml")[1].valid, text[:end]
    for value in (None, [], "x", 5, {"a": None}, [None]):
        for more in ({"examples": [value]}, {"examples": value}, {"http": value}, {"items": value}):
            checked(opencollection({"status": 200, "body": PENDING}, **more), "a.yml")


# Traces of Playwright.

SHA1 = "resources/f012daa7e2f9f79b8aeb080c31c0ed6cc6ac4781.json"


def snapshot(content: Any, url: str = URL, **request: Any) -> dict[str, Any]:
    entry = {"request": {"method": "GET", "url": url, **request}, "response": {"status": 200, "content": content}}
    return {"type": "resource-snapshot", "snapshot": entry}


def trace(*lines: Any, **files: str) -> bytes:
    """A trace; the names of its other files have `resources/` before them."""
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("trace.trace", "{}")
        archive.writestr("trace.network", "".join(json.dumps(line) + "\n" for line in lines))
        for name, text in files.items():
            archive.writestr(f"resources/{name}", text)
    return buffer.getvalue()


def test_bodies_of_a_trace_are_files_of_the_archive() -> None:
    lines = [snapshot({"_file": "resources/a.json"}), snapshot({"_sha1": "b.json"}), snapshot({"text": EARLY_ERROR})]
    data = trace(*lines, snapshot({}), snapshot({}, "/x"), **{"a.json": EARLY_ERROR, "b.json": PENDING})
    found = checked(data, "trace.zip")[0]
    assert [outcome(each) for each in found] == [INVALID, VALID, INVALID, NOT_INCLUDED, ("skipped", "other URL")]
    assert {each.origin.source for each in found} == {"trace.zip/trace.network"}
    assert [(each.origin.line, each.origin.pointer) for each in found[:2]] == [(1, "/0/snapshot"), (2, "/1/snapshot")]


def test_files_of_bodies_are_not_checked_on_their_own() -> None:
    assert outcomes(trace(snapshot({}, "/x"), **{"a.json": EARLY_ERROR})) == [("skipped", "other URL")]
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
        name = SHA1.removeprefix("resources/")
        archive.writestr(name, EARLY_ERROR)
        archive.writestr("other.json", PENDING)
        archive.writestr("x.har", json.dumps({"log": {"entries": [snapshot({"_file": name})["snapshot"]]}}))
    found = checked(buffer.getvalue(), "x.zip")[0]
    assert [(each.origin.source, each.verdict.value) for each in found] == [
        ("x.zip/other.json", "valid"),
        ("x.zip/x.har", "invalid"),
    ]


def test_the_request_of_json_rpc_in_a_trace_is_a_file_too() -> None:
    asked = {"method": "POST", "postData": {"text": "", "_file": "resources/a.json"}}
    line = snapshot({"text": "{}"}, "https://vc.example/api", **asked)
    assert outcomes(trace(line, **{"a.json": call()})) == [("invalid", "envelope")]
    assert outcomes(trace(line, **{"a.json": call("set")}))[0] == ("skipped", "other operation")
    assert outcomes(trace(line))[0] == ("skipped", "other operation")


def test_an_empty_trace_has_no_payload() -> None:
    assert outcomes(trace()) == [("skipped", "no payload in it")]
    assert outcomes(b"", "trace.network") == [("skipped", "no payload in it")]


@pytest.mark.parametrize(
    "text", ["[Match]\nName=eth0\n", '{"nodes": 1}', '{"a": 1}\n{"type": "x"}\n', '{ "name": "net",\n "layers": [] }\n']
)
def test_networks_of_other_programs_are_unrelated(text: str) -> None:
    assert set(outcomes(text, "lan.network", skip_unrelated=True)) == {("skipped", "unrelated")}
    assert outcomes(f"{{}}\n{EARLY_ERROR}\n", "lan.network", skip_unrelated=True)[1] == INVALID


def test_logs_of_other_programs_are_no_har() -> None:
    for entries in (["a", "b"], [1]):
        log = {"log": {"entries": entries}}
        assert outcomes(log, "a.json", skip_unrelated=True) == [("skipped", "unrelated")]
        assert outcomes({**log, "x": EARLY}, "a.json", skip_unrelated=True) == [INVALID]
        assert outcomes({"log": {"entries": [*entries, URL]}}, "a.json")[0][0] == "unreadable"
    scalars = {"startedDateTime": 1, "request": 1, "response": 2}
    assert outcomes(scalars, "a.json", skip_unrelated=True)[0][0] == "skipped"
    assert ("unreadable", "not understood") in outcomes({**scalars, "request": URL}, "a.json")
    assert outcomes({**scalars, "request": {}}, "a.json")[0][0] == "unreadable"


def test_a_list_of_components_in_yaml_is_no_openapi_document() -> None:
    found = checked("kind: Kustomization\ncomponents:\n- ../guest/customization\n", "a.yaml")[0]
    assert [outcome(each) for each in found] == [("unreadable", "not understood")]
    assert "OpenAPI" not in found[0].detail
    assert outcomes("$kind: thing\na: !x [\n", "a.yaml") == [("skipped", "no payload in it")]


@pytest.mark.parametrize(
    "name", ["resources/none.json", "../x.json", "/etc/passwd", "resources/../../x", "trace.network/x", "", 5, None, []]
)
def test_a_body_outside_the_archive_is_unreadable(name: Any) -> None:
    expected = NOT_INCLUDED if name is None else UNREADABLE
    assert outcomes(trace(snapshot({"_file": name}))) == [expected]


@pytest.mark.parametrize(
    "line", [5, [], "x", {}, {"type": 5}, {"type": "resource-snapshot"}, {**snapshot({}), "snapshot": []}]
)
def test_lines_of_a_trace_with_values_of_wrong_types(line: Any) -> None:
    found = outcomes(trace(snapshot({"text": EARLY_ERROR}), line, snapshot({"text": PENDING})))
    assert found[0] == INVALID and found[-1] == VALID
    assert [each for each in found[1:-1] if each[0] != "unreadable"] == []
    assert len(found) == 3


def test_a_trace_cut_off_at_any_byte_is_never_read_as_whole() -> None:
    line = json.dumps(snapshot({"text": PENDING})) + "\n"
    for end in range(1, len(line) - 1):
        found = outcomes(line + line[:end], "trace.network")
        assert found == [VALID, BROKEN]


def test_a_duplicate_in_a_line_of_a_trace_is_unreadable() -> None:
    line = json.dumps(snapshot({"text": EARLY_ERROR}))
    twice = line.replace('"content":', '"content": {}, "content":')
    assert outcomes(twice, "trace.network") == [UNREADABLE]


def test_an_archive_that_is_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MOST_OUTPUT", 100_000)
    data = trace(snapshot({"text": EARLY_ERROR}), *[" " * 10_000] * 20)
    result = only(data)
    assert outcome(result) == BROKEN
    assert "bomb" in result.detail


# What is named, but not read.

VI = {"customizationStatus": "TOOLSDEPLOYPKG_RUNNING", "startTime": "2026-03-01T09:30:00Z", "errorMsg": "x"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (json.dumps(VI), "GuestInfoCustomizationInfo"),
        (json.dumps({"virtualMachines": [{"guest": {"customizationInfo": VI, "status": "green"}}]}), "VIM API"),
        ("(vim.vm.GuestInfo.CustomizationInfo) {\n   customizationStatus = 'x'\n}", "pyVmomi"),
        (json.dumps({"Response": {"Status": "RUNNING", "EndTime": "x"}, "StatusCode": 200, "Headers": {}}), "PowerCLI"),
        (b"\xd4\xc3\xb2\xa1\2\0\4\0" + bytes(40), "pcap"),
        ("WARC/1.1\r\nWARC-Type: response\r\n", "WARC"),
        ('<?xml version="1.0"?>\n<!DOCTYPE items [<!ELEMENT items (item*)>]>\n<items burpVersion="2026">', "Burp"),
        ('<?xml version="1.0" encoding="UTF-8" ?>\n<charles-session>', "Charles"),
    ],
)
def test_siblings_and_captures_that_are_not_read_are_named(text: str | bytes, expected: str) -> None:
    result = only(text)
    assert outcome(result) == ("unreadable", "not understood")
    assert expected in result.detail
    # A payload in an object of PowerCLI is never skipped.
    skipped = ("unreadable", "not understood") if expected == "PowerCLI" else ("skipped", "unrelated")
    assert outcomes(text, skip_unrelated=True) == [skipped]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"_type": "export", "__export_format": 4, "resources": [{"url": URL}]}, "Insomnia"),
        ({"v": 2, "name": "c", "folders": [], "requests": [{"endpoint": URL, "responses": {}}]}, "Hoppscotch"),
        (
            [{"status": "COMPLETE", "protocolVersion": "HTTP/1.1", "scheme": "https", "host": "h", "path": URL}],
            "Charles",
        ),
        ({"constants": {}, "events": [{"params": {"url": URL}}]}, "NetLog"),
    ],
)
def test_exports_that_are_not_read_are_named(document: Any, expected: str) -> None:
    result = only(json.dumps(document), skip_unrelated=True)
    assert outcome(result) == ("unreadable", "not understood")
    assert expected in result.detail


def test_a_session_of_fiddler_is_named() -> None:
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
        for name in ("_index.htm", "raw/1_c.txt", "raw/1_s.txt", "raw/1_m.xml"):
            archive.writestr(name, "x")
    result = only(buffer.getvalue(), "x.saz")
    assert outcome(result) == BROKEN
    assert "Fiddler" in result.detail


# What looks like a capture at first sight.


def test_a_template_of_yaml_is_no_capture() -> None:
    text = "interactions:\n{{- range .Values.x }}\n- {{ . }}\n{{- end }}\n"
    assert outcomes(text, "a.yaml") == [("skipped", "unrelated")]
    assert outcomes(f"{text}# {URL}\n", "a.yaml") == [("unreadable", "not understood")]


@pytest.mark.parametrize("before", ["---\n", "# made by a tool\n", "--- # a tool\n# x\n"])
def test_json_after_a_marker_or_a_comment_is_yaml(before: str) -> None:
    for document in (openapi(media(example=EARLY)), vcrpy(Recorded(body=EARLY_ERROR))):
        assert outcomes(before + json.dumps(document, indent=1), "a.yaml") == [INVALID]


def test_a_text_with_the_mark_of_tar_is_read() -> None:
    text = json.dumps(
        {"log": {"comment": "x" * 236 + "ustar", "entries": [snapshot({"text": EARLY_ERROR})["snapshot"]]}}
    )
    assert text[257:262] == "ustar"
    assert outcomes(text, "a.har") == [INVALID]


DOCUMENTS = {
    name: data
    for exchange in exchanges(EARLY)
    for name, data in captures(exchange)
    if name.startswith(("openapi", "swagger", "responses", "opencollection", "trace"))
}


@given(st.sampled_from(sorted(DOCUMENTS)), st.binary(max_size=20), st.integers(0, 20), st.floats(0, 1))
def test_documents_with_bytes_replaced_never_crash(name: str, noise: bytes, length: int, place: float) -> None:
    data = bytearray(DOCUMENTS[name])
    at = int(place * len(data))
    data[at : at + length] = noise
    assert checked(bytes(data), name)[0]
