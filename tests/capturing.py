"""Small captures, with one writer per format, and helpers that check them in this process."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import guestcust
import yaml
from guestcust.model import Result, Source
from guestcust.pipeline import Check
from guestcust.reporters.protocol import Summary

PATH = "/vcenter/vm/vm-1/guest/customization"
URL = f"https://vc.example/api{PATH}"
PENDING = '{"status": "PENDING"}'
#: Its one violation, error-only-when-failed, is at the 24th character.
EARLY_ERROR = '{"status": "RUNNING", "error": "x"}'
SERVICE = "com.vmware.vcenter.vm.guest.customization"


def call(operation: str = "get", service: str = SERVICE) -> str:
    """The body of a json-rpc request."""
    params = {"serviceId": service, "operationId": operation, "input": {}}
    return json.dumps({"jsonrpc": "2.0", "id": "1", "method": "invoke", "params": params})


def answer(payload: Any, structure: str = f"{SERVICE}.info") -> str:
    """The body of a json-rpc response."""
    return json.dumps({"jsonrpc": "2.0", "id": "1", "result": {"output": {"STRUCTURE": {structure: payload}}}})


class Recorded(NamedTuple):
    """An exchange to write into a capture."""

    method: str = "GET"
    url: str = URL
    status: Any = 200
    body: Any = PENDING
    #: The request's body.
    asked: str | None = None
    encoding: str | None = None


def har(*recorded: Recorded, **content: Any) -> dict[str, Any]:
    entries = []
    for one in recorded:
        request: dict[str, Any] = {"method": one.method, "url": one.url}
        if one.asked is not None:
            request["postData"] = {"text": one.asked}
        headers = [{"name": "content-Encoding", "value": one.encoding}] if one.encoding else []
        held = {"text": one.body, **content} if isinstance(one.body, str) else one.body or content
        if isinstance(one.body, bytes):
            held = {"text": base64.b64encode(one.body).decode(), "encoding": "base64"}
        entries.append({"request": request, "response": {"status": one.status, "headers": headers, "content": held}})
    return {"log": {"version": "1.2", "creator": {"name": "hand"}, "entries": entries}}


def vcrpy(*recorded: Recorded) -> dict[str, Any]:
    interactions = [
        {
            "request": {"method": one.method, "uri": one.url, "body": one.asked, "headers": {}},
            "response": {
                "status": {"code": one.status, "message": "?"},
                "headers": {"content-encoding": [one.encoding]} if one.encoding else {},
                "body": {"string": one.body},
            },
        }
        for one in recorded
    ]
    return {"interactions": interactions, "version": 1}


def ruby_vcr(*recorded: Recorded) -> dict[str, Any]:
    interactions = [
        {
            "request": {"method": one.method.lower(), "uri": one.url, "body": {"string": one.asked or ""}},
            "response": {
                "status": {"code": one.status, "message": "?"},
                "headers": {"Content-Encoding": [one.encoding]} if one.encoding else {},
                "body": {"encoding": "UTF-8", "string": one.body},
            },
        }
        for one in recorded
    ]
    return {"http_interactions": interactions, "recorded_with": "VCR 6.0.0"}


def stub(one: Recorded, **response: Any) -> dict[str, Any]:
    request: dict[str, Any] = {"method": one.method, "url": one.url}
    if one.asked is not None:
        request["bodyPatterns"] = [{"equalToJson": one.asked}]
    headers = {"headers": {"Content-Encoding": one.encoding}} if one.encoding else {}
    held = {"base64Body": base64.b64encode(one.body).decode()} if isinstance(one.body, bytes) else {"body": one.body}
    return {"request": request, "response": {"status": one.status, **headers, **(response or held)}}


def wiremock(*recorded: Recorded) -> dict[str, Any]:
    return {"mappings": [stub(one) for one in recorded]}


def pact(*recorded: Recorded) -> dict[str, Any]:
    interactions = [
        {
            "description": "asks",
            "request": {"method": one.method, "path": one.url, **({"body": one.asked} if one.asked else {})},
            "response": {"status": one.status, "body": one.body},
        }
        for one in recorded
    ]
    return {"consumer": {"name": "c"}, "provider": {"name": "p"}, "interactions": interactions}


def postman(*recorded: Recorded) -> dict[str, Any]:
    items = [
        {
            "name": "i",
            "request": {"method": one.method, "url": {"raw": one.url}, "body": {"mode": "raw", "raw": one.asked or ""}},
            "response": [{"name": "r", "code": one.status, "body": one.body}],
        }
        for one in recorded
    ]
    return {"info": {"name": "c", "schema": "v2.1.0"}, "item": items}


def in_yaml(document: Any) -> str:
    return yaml.safe_dump(document, allow_unicode=True, width=10**6)


class Written(NamedTuple):
    """A format, and how to write it."""

    build: Callable[..., dict[str, Any]]
    write: Callable[[Any], str]
    #: The JSON pointer of the first exchange.
    pointer: str
    format: str


WRITTEN = {
    "har": Written(har, json.dumps, "/log/entries/0", "har"),
    "vcrpy-yaml": Written(vcrpy, in_yaml, "/interactions/0", "vcrpy"),
    "vcrpy-json": Written(vcrpy, json.dumps, "/interactions/0", "vcrpy"),
    "ruby-yaml": Written(ruby_vcr, in_yaml, "/http_interactions/0", "ruby-vcr"),
    "ruby-json": Written(ruby_vcr, json.dumps, "/http_interactions/0", "ruby-vcr"),
    "wiremock": Written(wiremock, json.dumps, "/mappings/0", "wiremock"),
    "pact": Written(pact, json.dumps, "/interactions/0", "pact"),
    "postman": Written(postman, json.dumps, "/item/0/response/0", "postman"),
}


def written(format: str, *recorded: Recorded) -> str:
    """A capture of exchanges in one of the formats in `WRITTEN`."""
    return WRITTEN[format].write(WRITTEN[format].build(*recorded))


def checked(
    data: str | bytes | dict[str, Any], name: str = "capture", *, max_size: int = 2**26, **options: Any
) -> tuple[list[Result], Summary]:
    """The results and counts of a check."""
    if isinstance(data, dict):
        data = json.dumps(data)
    text = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    check = Check([Source(name, lambda: io.BytesIO(text))], guestcust.Validator(max_size=max_size), **options)
    return list(check), check.summary


def only(data: str | bytes | dict[str, Any], name: str = "capture", **options: Any) -> Result:
    """The one result of a check."""
    (result,) = checked(data, name, **options)[0]
    return result


def outcome(result: Result) -> tuple[str, str]:
    """The verdict, and the reason or the rules broken."""
    return result.verdict.value, result.reason or " ".join(each.rule for each in result.violations)


def status_of(summary: Summary) -> int:
    """The exit status that a check ends with."""
    if summary.unreadable or not summary.checked:
        return 2
    return int(summary.invalid > 0)
