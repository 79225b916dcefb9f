"""The OpenAPI documents: valid, in agreement with the schemas in each encoding, and usable to test a server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import guestcust
import pytest
import vcenter
from cases import VERSIONS
from command import SCHEMAS
from generate import OPENAPI
from guestcust.ruleset import catalog
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

REASON = "needs the extra dev"
openapi_spec_validator = pytest.importorskip("openapi_spec_validator", reason=REASON)
openapi_schema_validator = pytest.importorskip("openapi_schema_validator", reason=REASON)
schemathesis = pytest.importorskip("schemathesis", reason=REASON)
FailureGroup = pytest.importorskip("schemathesis.core.failures", reason=REASON).FailureGroup
JsonSchemaError = pytest.importorskip("schemathesis.openapi.checks", reason=REASON).JsonSchemaError

PATHS = {
    "/api/vcenter/vm/{vm}/guest/customization": "GET",
    "/rest/vcenter/vm/{vm}/guest/customization": "GET",
    "/api": "POST",
}
VM = "vm-1"


def document(version: str) -> Any:
    return json.loads((OPENAPI / f"{version}.openapi.json").read_text("utf-8"))


def vectors(version: str) -> Iterator[tuple[Any, list[str]]]:
    """Every vector, with the rules that it breaks."""
    for file in sorted((SCHEMAS / "vectors" / "suite" / version).glob("*.json")):
        broken = json.loads((SCHEMAS / "vectors" / "rules" / version / file.name).read_text("utf-8"))
        for group in json.loads(file.read_text("utf-8")):
            for test in group["tests"]:
                yield test["data"], broken[group["description"]].get(test["description"], [])


def one_for_each(version: str) -> Iterator[tuple[str, Any, bool]]:
    """A conforming payload for each status, and one that breaks only one rule for each rule: name, payload, verdict."""
    found: dict[str, tuple[Any, bool]] = {}
    for payload, rules in vectors(version):
        if len(rules) <= 1:
            found.setdefault(rules[0] if rules else payload["status"], (payload, not rules))
    for name, (payload, valid) in found.items():
        yield name, payload, valid


@pytest.mark.parametrize("version", VERSIONS)
def test_documents_conform_to_openapi_3_0(version: str) -> None:
    found = document(f"3.0/{version}")
    openapi_spec_validator.validate(found)
    assert found["openapi"] == "3.0.3"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("component", "written"), [("Info", lambda payload: payload), ("InfoByJsonRpc", vcenter.by_json_rpc)]
)
def test_components_of_openapi_3_0_agree_with_every_vector(
    version: str, component: str, written: Callable[[Any], Any]
) -> None:
    schema = {"$ref": f"#/components/schemas/{component}"} | document(f"3.0/{version}")
    validator = openapi_schema_validator.OAS30Validator(schema)
    for payload, rules in vectors(version):
        assert validator.is_valid(written(payload)) == (not rules), payload


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("folder", ["", "3.0/"])
def test_each_response_has_a_conforming_example_for_each_status(folder: str, version: str) -> None:
    found = document(f"{folder}{version}")
    for path, method in PATHS.items():
        examples = found["paths"][path][method.lower()]["responses"]["200"]["content"]["application/json"]["examples"]
        statuses = []
        for name, example in examples.items():
            envelope = "json-rpc" if path == "/api" else path.split("/")[1]
            text = json.dumps(example["value"])
            assert guestcust.is_valid_text(text, api_version=version, envelope=envelope)
            assert f'"{name}"' in text
            statuses.append(name)
        assert tuple(statuses) == catalog.statuses(version)


@pytest.mark.parametrize("version", VERSIONS)
def test_documents_conform_to_openapi_3_1(version: str) -> None:
    found = document(version)
    openapi_spec_validator.validate(found)
    assert found["info"]["version"] == version
    # Tools load a schema with an $id once only. Nothing refers to another file.
    assert "$id" not in json.dumps(found)
    assert set(re.findall(r'"\$ref": "(.)', json.dumps(found))) == {"#"}


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("component", "written"), [("Info", lambda payload: payload), ("InfoByJsonRpc", vcenter.by_json_rpc)]
)
def test_components_agree_with_every_vector(version: str, component: str, written: Callable[[Any], Any]) -> None:
    base = "https://guestcust.example/openapi/document.json"
    contents = {"$schema": Draft202012Validator.META_SCHEMA["$id"], **document(version)}
    registry = Registry().with_resource(base, Resource.from_contents(contents))
    validator = Draft202012Validator({"$ref": f"{base}#/components/schemas/{component}"}, registry=registry)
    count = 0
    for payload, rules in vectors(version):
        assert validator.is_valid(written(payload)) == (not rules), payload
        count += 1
    assert count > 600


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def asked(version: str) -> Any:
    return schemathesis.openapi.from_path(OPENAPI / f"{version}.openapi.json")


@pytest.fixture
def server() -> Iterator[str]:
    with vcenter.running() as running:
        yield f"http://{running.address}"


def case_for(asked: Any, path: str) -> Any:
    operation = asked[path][PATHS[path]]
    if path != "/api":
        return operation.Case(path_parameters={"vm": VM})
    inner = {"STRUCTURE": {"operation-input": {"vm": VM}}}
    call = {"serviceId": vcenter.SERVICE, "operationId": "get", "input": inner}
    body = {"jsonrpc": "2.0", "id": "1", "method": "invoke", "params": call}
    return operation.Case(body=body, media_type="application/json")


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_schemathesis_detects_payloads_that_do_not_conform(
    path: str, version: str, asked: Any, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = []
    for name, payload, valid in one_for_each(version):
        monkeypatch.setitem(vcenter.CUSTOMIZATIONS, VM, payload)
        case = case_for(asked, path)
        if valid:
            case.call_and_validate(base_url=server)
        else:
            with pytest.raises(FailureGroup) as failure:
                case.call_and_validate(base_url=server)
            assert {type(each) for each in failure.value.exceptions} == {JsonSchemaError}
            broken.append(name)
    rules = json.loads((SCHEMAS / "rules.json").read_text("utf-8"))["rules"]
    of_schema = {rule["id"] for rule in rules if rule.get("keywords")}
    assert set(broken) == of_schema


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_responses_about_missing_vms_conform_to_the_document(path: str, asked: Any, server: str) -> None:
    """Schemathesis draws the identifiers and bodies."""

    @given(asked[path][PATHS[path]].as_strategy())
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def check(case: Any) -> None:
        case.call_and_validate(base_url=server)

    check()
