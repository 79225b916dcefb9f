"""Lists of exchanges in JSON, and Postman's other versions: the forms that recordings lack, and broken ones."""

from __future__ import annotations

import base64
import copy
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from capturing import EARLY_ERROR, PATH, PENDING, URL, answer, call, checked, only, outcome, status_of
from command import run
from guestcust.captures import documents
from hypothesis import given, settings
from hypothesis import strategies as st
from wrappings import WRITERS, Exchange, dumped

INVALID = ("invalid", "error-only-when-failed")
VALID = ("valid", "")
EARLY = json.loads(EARLY_ERROR)
BOXED = {"status": "RUNNING", "error": {"OPTIONAL": "x"}}
OURS = f"/api{PATH}"
#: The capture of one broken payload by each tool.
WRITTEN = {
    name: json.loads(WRITERS[name](Exchange("api", "GET", OURS, None, EARLY_ERROR)))
    for name in WRITERS
    if name.startswith(("mock", "hover", "mount", "nock", "newman", "bruno", "ansible", "journal", "collection-"))
    and name.endswith(".json")
}
FORMATS = {
    "collection-1.json": "postman",
    "collection-of-the-api.json": "postman",
    "journal.json": "wiremock",
}


def format_of(name: str) -> str:
    return FORMATS.get(name, name.partition("-")[0].removesuffix(".json"))


def of(found: Any) -> tuple[str, str]:
    return outcome(only(json.dumps(found)))


def skipped(reason: str) -> tuple[str, str]:
    return "skipped", reason


def without_reason(found: Any, **options: Any) -> set[str]:
    return {result.verdict.value for result in checked(json.dumps(found), **options)[0]}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_format_is_found_by_content_and_by_its_name(name: str) -> None:
    text = json.dumps(WRITTEN[name])
    assert (
        outcome(only(text)) == outcome(only(text, "a.json")) == outcome(only(text, format=format_of(name))) == INVALID
    )


@pytest.mark.parametrize("name", WRITTEN)
def test_a_list_that_begins_late_is_found_in_the_whole_document(name: str) -> None:
    if isinstance(WRITTEN[name], dict):
        document = {"_": "x" * 100_000, **WRITTEN[name]}
        assert outcome(only(json.dumps(document), format=format_of(name))) == INVALID


# MockServer


def mockserver(request: Any = None, response: Any = None, **expectation: Any) -> dict[str, Any]:
    asked = {"method": "GET", "path": OURS} if request is None else request
    return {
        "httpRequest": asked,
        "httpResponse": {"body": EARLY_ERROR} if response is None else response,
        **expectation,
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (EARLY_ERROR, INVALID),
        (EARLY, INVALID),
        ({"value": EARLY}, ("invalid", "envelope")),
        ({"type": "JSON", "json": EARLY_ERROR}, INVALID),
        ({"type": "JSON", "json": EARLY}, INVALID),
        ({"json": EARLY}, INVALID),
        ({"type": "STRING", "string": EARLY_ERROR, "contentType": "text/plain"}, INVALID),
        ({"type": "BINARY", "base64Bytes": base64.b64encode(gzip.compress(EARLY_ERROR.encode())).decode()}, INVALID),
        ({"type": "JSON", "json": EARLY, "rawBytes": base64.b64encode(PENDING.encode()).decode()}, VALID),
        ({"type": "JSON", "json": EARLY, "rawBytes": "?"}, ("invalid", "json-syntax")),
        ({"type": "JSON"}, ("unreadable", "body cannot be read")),
        ({"type": "FILE", "filePath": "body.json"}, ("unreadable", "body cannot be read")),
        (None, skipped("body not included")),
    ],
)
def test_a_body_of_mockserver_has_many_forms(body: Any, expected: tuple[str, str]) -> None:
    assert of([mockserver(response={"statusCode": 200, "body": body})]) == expected
    assert of(mockserver(response={"body": body})) == expected


@pytest.mark.parametrize(
    ("expectation", "expected"),
    [
        (mockserver({"path": OURS}), INVALID),
        (mockserver({"path": {"value": OURS}, "method": {"value": "GET"}}), INVALID),
        (mockserver({"path": f"/api{PATH.replace('vm-1', '[^/]+')}$"}), INVALID),
        (mockserver({"path": OURS, "method": "!GET"}), INVALID),
        (mockserver({"path": OURS, "method": "PUT"}), skipped("other method")),
        (mockserver({"path": "/api/session"}), skipped("other URL")),
        (mockserver(response={"statusCode": 404, "body": "{}"}), skipped("status 404")),
        ({"httpRequest": {"path": OURS}, "httpForward": {"host": "vc.example"}}, skipped("no response")),
        ({"httpRequest": {"path": OURS}, "httpError": {"dropConnection": True}}, skipped("no response")),
        ({"httpRequest": {"path": OURS}, "httpResponseTemplate": {"template": "{}"}}, skipped("templated")),
        (mockserver(response={"body": '{"status": "{{ status }}"}'}), skipped("templated")),
    ],
)
def test_expectations_of_mockserver_are_matched_like_stubs(expectation: Any, expected: tuple[str, str]) -> None:
    assert of([expectation]) == expected


def test_every_response_of_mockserver_7_is_checked() -> None:
    request = {"method": "GET", "path": OURS}
    several = {"httpRequest": request, "httpResponses": [{"statusCode": 503}, {"body": PENDING}, {"body": EARLY_ERROR}]}
    results = checked(json.dumps([several]))[0]
    assert [outcome(result) for result in results] == [skipped("status 503"), VALID, INVALID]
    assert [result.origin.pointer for result in results] == [f"/0/httpResponses/{number}" for number in range(3)]
    # Members that are not known.
    fallback = {"httpForward": {}, "fallbackResponse": {"body": {"type": "JSON", "json": EARLY}}}
    assert of([{"httpRequest": request, "httpForwardWithFallback": fallback}]) == INVALID
    assert of([{"httpRequest": request, "steps": [{"httpResponse": {"body": EARLY_ERROR}}]}]) == (
        "unreadable",
        "not understood",
    )


@pytest.mark.parametrize("path", [{"not": True, "value": OURS}, "!/api/session", None])
def test_the_body_decides_where_mockserver_leaves_the_path_open(path: Any) -> None:
    def last(body: Any) -> Any:
        return checked(json.dumps([mockserver({"path": path}, {"body": body})]))[0][-1]

    found = last({"type": "JSON", "json": EARLY})
    assert (outcome(found), found.origin.pointer) == (INVALID, "/0/httpResponse/body/json")
    assert outcome(last(EARLY_ERROR)) == ("unreadable", "not understood")
    named = isinstance(path, dict)
    assert outcome(last({"id": 1})) == (("unreadable", "not understood") if named else skipped("other URL"))


def test_a_pattern_that_only_names_the_operation_is_not_understood() -> None:
    found = [mockserver({"path": "/(api|rest)/vcenter/vm/.*/guest/customization"})]
    assert [outcome(result) for result in checked(json.dumps(found))[0]][-1] == ("unreadable", "not understood")


@pytest.mark.parametrize("body", [{"status": "BOGUS"}, EARLY])
@pytest.mark.parametrize("operator", ["contains", "endsWith"])
@pytest.mark.parametrize("path", ["/guest/customization", "customization"])
def test_a_matcher_that_names_the_operation_is_not_skipped(path: str, operator: str, body: Any) -> None:
    imposter = mountebank({"equals": {"path": OURS}}, **{"is": {"body": json.loads(PENDING)}})
    imposter["stubs"] += mountebank({operator: {"path": path}}, **{"is": {"body": body}})["stubs"]
    found = [outcome(result) for result in checked(json.dumps({"imposters": [imposter]}))[0]]
    assert found[0] == VALID
    assert found[-1] == (INVALID if body is EARLY else ("unreadable", "not understood"))


@pytest.mark.parametrize("pattern", [".*customization", ".*/guest/customization", "/api/.+/customization/?"])
def test_a_pattern_of_wiremock_that_names_the_operation_is_not_skipped(pattern: str) -> None:
    bodies = [({"urlPath": OURS}, json.loads(PENDING)), ({"urlPattern": pattern}, {"status": "BOGUS"})]
    stubs = [{"request": request, "response": {"jsonBody": body}} for request, body in bodies]
    found = [outcome(result) for result in checked(json.dumps({"mappings": stubs}))[0]]
    assert found == [VALID, skipped("other URL"), ("unreadable", "not understood")]


def test_an_exception_of_mockserver_7_is_not_understood_with_a_hint() -> None:
    text = f"com.fasterxml.jackson.core.JsonParseException: Unexpected character\n at [Source: {EARLY_ERROR}; line: 1]"
    for option in (False, True):
        result = only(text, "a.json", skip_unrelated=option)
        assert outcome(result) == ("unreadable", "not understood")
        assert "an exception of Java" in result.detail and "MockServer" in result.detail


# Hoverfly


def hoverfly(**request: Any) -> dict[str, Any]:
    response = request.pop("response", {"status": 200, "body": EARLY_ERROR})
    return {"data": {"pairs": [{"request": request, "response": response}]}, "meta": {"schemaVersion": "v5.3"}}


@pytest.mark.parametrize(
    ("simulation", "expected"),
    [
        (hoverfly(path=[{"matcher": "glob", "value": f"/api{PATH.replace('vm-1', '*')}"}]), INVALID),
        (hoverfly(path=[{"matcher": "regex", "value": f"^/api{PATH.replace('vm-1', '.*')}$"}]), INVALID),
        (hoverfly(path=[{"matcher": "exact", "value": OURS}], method=[{"matcher": "exact", "value": "PUT"}]),
         skipped("other method")),
        (hoverfly(path={"globMatch": f"/api{PATH.replace('vm-1', '*')}"}, method={"exactMatch": "GET"}), INVALID),
        (hoverfly(path={"regexMatch": f"/api{PATH}"}), INVALID),
        (hoverfly(path=OURS, method="GET", destination="vc.example", query=""), INVALID),
        (hoverfly(path=[{"matcher": "glob", "value": "*tomization*"}, {"matcher": "exact", "value": OURS}]), INVALID),
        (hoverfly(path=[{"matcher": "regex", "value": "/a.*"}, {"matcher": "glob", "value": OURS}]), INVALID),
        (hoverfly(path=OURS, response={"status": 200, "body": "?", "encodedBody": True}), ("invalid", "json-syntax")),
        (hoverfly(path=OURS, response={"status": 200, "bodyFile": "../x.json"}),
         ("unreadable", "body cannot be read")),
        (hoverfly(path=OURS, response={"status": 200, "templated": True, "body": '{"status": "{{ x }}"}'}),
         skipped("templated")),
        (hoverfly(path=OURS, response={"status": 200}), skipped("body not included")),
        (hoverfly(path=OURS, response={"status": 404, "body": ""}), skipped("status 404")),
    ],
)  # fmt: skip
def test_simulations_of_hoverfly_of_all_versions(simulation: Any, expected: tuple[str, str]) -> None:
    assert of(simulation) == expected


def test_a_body_file_of_hoverfly_lies_beside_the_simulation(tmp_path: Path) -> None:
    (tmp_path / "body.txt").write_text(EARLY_ERROR)
    simulation = hoverfly(path=OURS, response={"status": 200, "bodyFile": "body.txt"})
    (tmp_path / "s.json").write_text(json.dumps(simulation))
    assert run("check", "--no-config", "s.json", cwd=tmp_path).status == 1


# mountebank


def mountebank(*predicates: Any, **response: Any) -> dict[str, Any]:
    stub = {"predicates": list(predicates), "responses": [response or {"is": {"body": EARLY}}]}
    return {"protocol": "https", "stubs": [stub]}


@pytest.mark.parametrize(
    ("imposter", "expected"),
    [
        (mountebank({"equals": {"path": OURS, "method": "GET"}}), INVALID),
        (mountebank({"and": [{"equals": {"path": OURS}}, {"not": {"equals": {"method": "PUT"}}}]}), INVALID),
        (mountebank({"or": [{"equals": {"path": "/x"}}, {"deepEquals": {"path": OURS}}]}), INVALID),
        (mountebank({"or": [{"and": [{"equals": {"method": "GET"}}, {"equals": {"path": OURS}}]}, {"exists": {}}]}),
         INVALID),
        (mountebank({"matches": {"path": f"^/api{PATH.replace('vm-1', '[^/]+')}$"}}), INVALID),
        (mountebank({"equals": {"path": OURS, "method": "PUT"}}), skipped("other method")),
        (mountebank({"equals": {"path": OURS}}, proxy={"to": "https://vc.example"}), skipped("no response")),
        (mountebank({"equals": {"path": OURS}}, inject="function () {}"), skipped("no response")),
        (mountebank({"equals": {"path": OURS}}, fault="CONNECTION_RESET_BY_PEER"), skipped("no response")),
        (mountebank({"equals": {"path": OURS}}, **{"is": {"statusCode": "404", "body": ""}}), skipped("status 404")),
        (mountebank({"equals": {"path": OURS}}, **{"is": {"statusCode": 200}}), skipped("body not included")),
        (mountebank({"equals": {"path": OURS}}, **{"is": {"body": '{"status": "${row}[x]"}'}}), skipped("templated")),
        (mountebank({"equals": {"path": "/x"}}), skipped("other URL")),
        (mountebank({"contains": {"path": "guest"}}), INVALID),
        (mountebank(), INVALID),
    ],
)  # fmt: skip
def test_predicates_of_mountebank_are_the_request(imposter: Any, expected: tuple[str, str]) -> None:
    assert of(imposter) == of({"imposters": [imposter]}) == expected


def test_imposters_of_other_protocols_have_no_exchanges() -> None:
    assert of({"imposters": [{"protocol": "tcp", "stubs": [{"responses": [{"is": {"data": "x"}}]}]}]}) == skipped(
        "no payload in it"
    )


def test_a_default_response_of_mountebank_is_checked() -> None:
    imposter = mountebank({"equals": {"path": OURS}}, **{"is": {"statusCode": 200}})
    results = checked(json.dumps({**imposter, "defaultResponse": {"body": EARLY}}))[0]
    assert [outcome(result) for result in results] == [skipped("body not included"), INVALID]
    assert results[1].origin.pointer == "/defaultResponse/body"


@pytest.mark.parametrize("body", [EARLY, EARLY_ERROR])
@pytest.mark.parametrize(
    "name", ["hoverfly-5.json", "mockserver-json.json", "newman.json", "nock.json", "journal.json"]
)
def test_a_body_in_an_unexpected_member_is_reported(name: str, body: Any) -> None:
    places = {
        "hoverfly-5.json": ("data", "pairs", 0, "response"),
        "mockserver-json.json": (0, "httpResponse"),
        "newman.json": ("run", "executions", 0, "response"),
        "nock.json": (0,),
        "journal.json": ("requests", 0, "response"),
    }
    capture = copy.deepcopy(WRITTEN[name])
    place = capture
    for step in places[name]:
        place = place[step]
    for member in {"body", "bodyAsBase64", "stream", "response"} & place.keys():
        del place[member]
    assert of(capture) == skipped("body not included")
    place["reply"] = body
    result = only(json.dumps(capture))
    assert outcome(result) == ("unreadable", "body cannot be read")
    assert "elsewhere in the exchange" in result.detail


# Arrays that begin like stubs


def test_an_array_of_stubs_is_read() -> None:
    one = {"request": {"method": "GET", "urlPath": OURS}, "response": {"jsonBody": EARLY}}
    assert of([one]) == INVALID
    assert of([{**one, "request": {"method": "GET"}}]) == INVALID
    assert of([{"request": "GET", "response": EARLY}]) == INVALID


@pytest.mark.parametrize("request_", [{"url": "/x"}, "a"])
def test_an_array_of_other_requests_and_responses_is_skipped(request_: Any) -> None:
    found = [{"request": request_, "response": {"a": 1}}] * 2
    assert without_reason(found) == {"skipped"}


BEGUN = {
    "mountebank": '{"imposters":[1,],}',
    "nock": '[{"scope":1,"method":1,"path":1},]',
    "har": '{"log":{"entries":[{"a":1},],}}',
}


@pytest.mark.parametrize("text", [*BEGUN.values(), '{"mappings":[1,],}'])
def test_another_programs_broken_list_is_unrelated(text: str) -> None:
    assert outcome(only(text, "a.json")) == skipped("unrelated")
    for sign in (EARLY_ERROR, f'"{OURS}"'):
        found = checked(text[:-1] + f"  {sign}" + text[-1], "a.json")[0]
        assert {result.verdict.value for result in found} < {"unreadable", "invalid"}


@pytest.mark.parametrize("format", BEGUN)
def test_a_broken_list_that_is_long_or_cut_off_is_unreadable(format: str) -> None:
    text = BEGUN[format]
    unreadable = ("unreadable", "capture cannot be read")
    assert outcome(only(text, format=format)) == unreadable
    assert outcome(only(text.rstrip("]}"), "a.json")) == unreadable
    assert outcome(only(text[:-1] + " " * 1024 * 1024 + text[-1], "a.json")) == unreadable


# nock


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, INVALID),
        ({"response": EARLY_ERROR}, INVALID),
        ({"response": '{"status": '}, ("invalid", "json-syntax")),
        (
            {"response": [gzip.compress(EARLY_ERROR.encode()).hex()], "rawHeaders": {"content-encoding": "gzip"}},
            INVALID,
        ),
        ({"response": [PENDING.encode().hex()], "rawHeaders": ["Content-Encoding", "gzip"]}, VALID),
        ({"response": ["7b"]}, ("invalid", "payload-is-object")),
        ({"response": "ff", "responseIsBinary": True}, ("invalid", "json-utf-8")),
        ({"response": "", "status": 204}, skipped("status 204")),
        ({"status": None}, ("unreadable", "status cannot be read")),
        ({"path": f"{OURS}?x=1"}, INVALID),
    ],
)
def test_responses_of_nock_are_parsed_text_or_chunks(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    (recorded,) = copy.deepcopy(WRITTEN["nock.json"])
    assert of([{**recorded, **changes}]) == expected


# Bruno and newman


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        ({"status": 200, "data": EARLY_ERROR}, INVALID),
        ({"status": 200, "data": None}, ("invalid", "payload-is-object")),
        ({"status": "skipped", "data": None}, skipped("no response")),
        ({"status": "error", "data": None}, skipped("no response")),
        ({"status": None, "data": None}, ("unreadable", "status cannot be read")),
        ({"status": 404, "data": {}}, skipped("status 404")),
    ],
)
def test_results_of_bruno_without_a_response_are_skipped(response: Any, expected: tuple[str, str]) -> None:
    result = {"test": {}, "request": {"method": "GET", "url": URL}, "response": response}
    iteration = {"iterationIndex": 0, "results": [result]}
    assert of([iteration]) == expected
    # As version 1 wrote them.
    assert of({"summary": {}, "results": [result]}) == expected


def test_the_collection_in_a_report_of_newman_is_not_read() -> None:
    report = copy.deepcopy(WRITTEN["newman.json"])
    saved = {"originalRequest": {"method": "GET", "url": URL}, "code": 200, "body": '{"status": 1}'}
    # So large that the executions are not among the first bytes.
    report["collection"]["item"] = [{"name": "x" * 100, "request": {"url": URL}, "response": [saved] * 1000}]
    assert of(report) == INVALID
    report["run"]["executions"][0]["response"]["stream"]["data"][0] = 256
    assert of(report) == ("unreadable", "body cannot be read")
    del report["run"]["executions"][0]["response"]
    assert of(report) == skipped("no response")


# Ansible


def uri(**result: Any) -> dict[str, Any]:
    return {"url": URL, "status": 200, "redirected": False, "changed": False, **result}


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (uri(content=EARLY_ERROR, json=json.loads(PENDING)), INVALID),
        (uri(json=EARLY), INVALID),
        (uri(json=EARLY, invocation={"module_args": {"method": "PUT"}}), skipped("other method")),
        (uri(), skipped("body not included")),
        (uri(status=-1, msg="Request failed"), skipped("no response")),
        (uri(status=404, json={}, failed=True), skipped("status 404")),
        (uri(url="https://vc.example/api", content=answer(BOXED), json={}), INVALID),
        (uri(url="https://vc.example/api", json=json.loads(answer(EARLY, structure="x"))), skipped("other operation")),
        (uri(url="https://vc.example/api", content=answer(BOXED), invocation={
            "module_args": {"method": "POST", "body": json.loads(call("set"))}}), skipped("other operation")),
    ],
)  # fmt: skip
def test_results_of_uri_are_found_wherever_ansible_writes_them(result: Any, expected: tuple[str, str]) -> None:
    loop = {"results": [{"ansible_loop_var": "item", **result}], "changed": False}

    def plays(hosts: Any) -> Any:
        return {"plays": [{"play": {}, "tasks": [{"hosts": hosts, "task": {}}]}], "stats": {}}

    debug = {"action": "debug", "asked": result, "changed": False}
    for document in (result, [result], loop, plays({"h": result}), plays({"h": loop}), plays({"h": debug})):
        assert of(document) == expected


def test_a_task_that_only_names_the_operation_raises_no_alarm_beside_results() -> None:
    hosts = [{"h": {"msg": f"asking {URL}", "action": "debug"}}, {"h": uri(content=PENDING)}]
    tasks = [{"hosts": one} for one in hosts]
    assert of({"plays": [{"tasks": tasks}], "stats": {}}) == VALID
    assert of({"plays": [{"tasks": tasks[:1]}], "stats": {}}) == ("unreadable", "not understood")


def test_what_other_modules_return_is_read_by_its_looks() -> None:
    customization = {"changed": False, "value": EARLY}
    document = {"plays": [{"tasks": [{"hosts": {"h": customization}}, {"hosts": {"h": {"msg": "x"}}}]}], "stats": {}}
    (result,) = checked(json.dumps(document))[0]
    assert (outcome(result), result.origin.pointer) == (INVALID, "/plays/0/tasks/0/hosts/h/value")


# WireMock's journal


def test_the_exact_body_of_an_event_counts_in_a_journal() -> None:
    journal = copy.deepcopy(WRITTEN["journal.json"])
    assert of(journal) == INVALID
    journal["requests"].append({"request": {"url": "/x", "method": "GET"}, "response": {"status": 404}})
    journal["requests"].append({"url": OURS, "absoluteUrl": URL, "method": "GET"})
    verdicts = [outcome(result) for result in checked(json.dumps(journal))[0]]
    assert verdicts == [INVALID, skipped("other URL")]
    assert without_reason({"requests": [], "meta": {"total": 0}}) == {"skipped"}


# Postman


def test_a_saved_response_of_postman_1_has_the_request_that_was_sent_or_its_owners() -> None:
    collection = copy.deepcopy(WRITTEN["collection-1.json"])
    (request,) = collection["requests"]
    del request["responses"][0]["request"]
    assert of(collection) == skipped("other URL")
    request["url"] = URL
    assert of(collection) == INVALID
    assert of({"version": 1, "collections": [collection]}) == INVALID
    request["responses"][0]["responseCode"]["code"] = 404
    assert of(collection) == skipped("status 404")


EXAMPLE: dict[str, Any] = {
    "$kind": "http-example",
    "request": {"url": f"{{{{baseUrl}}}}{OURS}", "method": "GET"},
    "response": {"statusCode": 200, "body": {"type": "json", "content": EARLY_ERROR}},
}


def test_a_collection_of_postman_3_is_read_file_by_file(tmp_path: Path) -> None:
    examples = tmp_path / "c" / ".resources" / "get.resources" / "examples"
    examples.mkdir(parents=True)
    (examples / "a.example.yaml").write_text(dumped(EXAMPLE, sort_keys=False, width=20))
    (examples / "b.example.yml").write_text(dumped({**EXAMPLE, "response": {"statusCode": 404}}))
    definition = {"$kind": "collection", "description": "GET /guest/customization"}
    (tmp_path / "c" / ".resources" / "definition.yaml").write_text(dumped(definition))
    request = {"$kind": "http-request", **EXAMPLE["request"]}
    (tmp_path / "c" / "get.request.yaml").write_text(dumped(request))
    done = run("check", "--no-config", "--skip-unrelated", "c", cwd=tmp_path)
    assert done.status == 1
    assert done.out.endswith(
        "0 valid, 1 invalid, 3 skipped (1 error, 0 warnings); skipped: 2 no response, 1 status 404\n"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"response": {"statusCode": 200}}, skipped("body not included")),
        ({"response": {"statusCode": 200, "body": EARLY_ERROR}}, INVALID),
        ({"response": {}}, ("unreadable", "status cannot be read")),
        ({"response": {"statusCode": 200, "body": {"content": {"status": "IDLE"}}}},
         ("unreadable", "body cannot be read")),
        ({"$kind": "http-request", "scripts": [EARLY_ERROR]}, ("unreadable", "capture cannot be read")),
        ({"$kind": "http-request", "url": OURS, "examples": [{"body": '{"status": "BOGUS"}'}]},
         ("unreadable", "capture cannot be read")),
    ],
)  # fmt: skip
def test_an_example_of_postman_3_is_complete_or_reported(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert outcome(only(dumped({**EXAMPLE, **changes}), "a.yaml")) == expected


def test_an_example_of_postman_3_that_is_not_yaml_is_unreadable() -> None:
    assert outcome(only(f"$kind: http-example\nrequest: {{url: {URL}\n", "a.yaml")) == (
        "unreadable",
        "capture cannot be read",
    )


# Broken and malicious lists.


@pytest.mark.parametrize("name", WRITTEN)
def test_a_list_that_is_cut_off_never_passes(name: str) -> None:
    text = json.dumps(WRITTEN[name])
    for end in range(1, len(text), 7):
        _, summary = checked(text[:end], "a.json", format=format_of(name))
        assert status_of(summary), end


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from places(inner, (*path, step))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    value = copy.copy(value)
    value[path[0]] = changed(value[path[0]], path[1:], new)
    return value


@pytest.mark.parametrize("wrong", [None, 5, True, "x", [], {}, [[]], {"a": {}}, 1.5], ids=repr)
@pytest.mark.parametrize("name", WRITTEN)
def test_a_wrong_type_anywhere_raises_nothing_and_makes_nothing_valid(name: str, wrong: Any) -> None:
    for path in places(WRITTEN[name]):
        if wrong is None and path[-1:] == ("error",):
            continue
        for format in ("auto", format_of(name)):
            results, _ = checked(json.dumps(changed(WRITTEN[name], path, wrong)), "a.json", format=format)
            assert "valid" not in {result.verdict.value for result in results}, path


@pytest.mark.parametrize("name", WRITTEN)
def test_a_duplicate_on_the_way_to_a_body_is_not_valid(name: str) -> None:
    text = json.dumps(WRITTEN[name])
    for member in ("httpResponse", "response", "is", "body", "data", "stream", "json", "content", "text", "responses"):
        if f'"{member}": ' in text:
            found = text.replace(f'"{member}": ', f'"{member}": {json.dumps(PENDING)}, "{member}": ', 1)
            results, summary = checked(found, "a.json", format=format_of(name))
            assert summary.valid == 0 and (summary.unreadable or summary.invalid), (member, results)


@pytest.mark.parametrize("name", ["mockserver-json.json", "mountebank.json", "bruno.json", "ansible-json.json"])
def test_deep_nesting_in_a_list_is_bounded(name: str) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    for part in ('{"status": "RUNNING", "error": "x"}', '"GET"'):
        text = json.dumps(WRITTEN[name]).replace(part, deep, 1)
        assert "valid" not in {result.verdict.value for result in checked(text, "a.json", format=format_of(name))[0]}


def test_an_element_that_is_too_long_is_reported_unless_it_is_another_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "MAX_SIZE", 2000)
    (recorded,) = WRITTEN["nock.json"]
    long = {"padding": "x" * 3000}
    found = json.dumps([{**recorded, **long}, {**recorded, "path": "/x", **long}, recorded])
    results, _ = checked(found, max_size=1000)
    assert [outcome(result) for result in results] == [
        ("unreadable", "capture cannot be read"),
        skipped("other URL"),
        INVALID,
    ]


NAMES = sorted(
    {step for document in WRITTEN.values() for path in places(document) for step in path if isinstance(step, str)}
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([OURS, "GET", EARLY_ERROR]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=min(100, settings().max_examples))
@given(st.sampled_from(sorted(WRITTEN)), ANYTHING)
def test_lists_of_anything_raise_nothing(name: str, document: Any) -> None:
    checked(json.dumps(document), "a.json", format=format_of(name))
