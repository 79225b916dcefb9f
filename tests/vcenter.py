"""A simulated vCenter on loopback, with fixed responses in the vendor's three encodings.

`python tests/vcenter.py` runs it until Ctrl-C; `running()` runs it inside a `with`.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import threading
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

Payload = dict[str, Any]

START, END = "2026-03-01T09:30:00.000Z", "2026-03-01T09:31:12.345Z"
#: Not only ASCII, so that recordings show how tools write other characters.
ERROR = "The guest “web-01” did not answer."

#: The customization of each VM. Only vm-broken does not conform: an error while RUNNING.
CUSTOMIZATIONS: dict[str, Any] = {
    "vm-idle": {"status": "IDLE"},
    "vm-pending": {"status": "PENDING"},
    "vm-running": {"status": "RUNNING", "start_time": START},
    "vm-done": {"status": "SUCCEEDED", "start_time": START, "end_time": END},
    "vm-failed": {"status": "FAILED", "error": ERROR, "start_time": START, "end_time": END},
    "vm-broken": {"status": "RUNNING", "error": ERROR, "start_time": START},
}
#: More that do not conform, each with the rule in its name: what the server sends under /api, as JSON text.
FAULTY = {
    "vm-payload-is-object": '["RUNNING"]',
    "vm-status-required": '{"start_time": null}',
    "vm-status-is-string": '{"status": null}',
    "vm-status-known": '{"status": "SUCCESS"}',
    "vm-no-unknown-members": '{"status": "PENDING", "progress": 3}',
    "vm-error-is-string": '{"status": "FAILED", "error": ["x"]}',
    "vm-date-time": '{"status": "RUNNING", "start_time": "2026-02-30T09:30:00.000Z"}',
    "vm-start-time-only-when-started": f'{{"status": "PENDING", "start_time": "{START}"}}',
    "vm-end-time-only-when-ended": f'{{"status": "RUNNING", "end_time": "{END}"}}',
    "vm-json-syntax": '{"status": "PENDING",}',
    "vm-json-unique-members": '{"status": "RUNNING", "status": "FAILED"}',
}
#: The structure of guest/customization-live: other statuses, and an error that is a message.
LIVE: Payload = {"status": "NOT_AVAILABLE"}
CHECK: Payload = {"check_status": "SUPPORTED"}
VMS = [{"vm": vm, "name": f"web-{number:02}", "power_state": "POWERED_ON"} for number, vm in enumerate(CUSTOMIZATIONS)]
#: The response to PUT under /rest; under /api it is 204 without a body.
SET_RESULT: Payload = {"name": "linux-small"}

GUARDED = ("error", "start_time", "end_time")
SERVICE = "com.vmware.vcenter.vm.guest.customization"
#: /api/vcenter/vm/vm-done/guest/customization, with the encoding and the VM as groups.
CUSTOMIZATION_URL = re.compile(r"/(api|rest)/vcenter/vm/([^/]+)/guest/customization")
LIVE_URL = re.compile(r"/(api|rest)/vcenter/vm/([^/]+)/guest/customization-live")
LIST_URL = re.compile(r"/(api|rest)/vcenter/vm")

PAGE = "<!doctype html><title>vCenter in the small</title><link rel=icon href=data:,><p>Nothing to see."


class Raw(str):
    """JSON text to send as it is."""


class Answer(NamedTuple):
    status: int
    #: A string if it is not JSON; not sent with status 204.
    body: Any
    vm: str | None
    #: Why it has no payload to check; None if it has one.
    why_not: str | None


def message(vm: str) -> Payload:
    return {
        "args": [vm],
        "default_message": f"Virtual machine with identifier '{vm}' does not exist.",
        "id": "com.vmware.api.vcenter.vm.not_found",
    }


def not_found(encoding: str, vm: str) -> Payload:
    if encoding == "api":
        return {"error_type": "NOT_FOUND", "messages": [message(vm)]}
    return {"type": "com.vmware.vapi.std.errors.not_found", "value": {"messages": [message(vm)]}}


def enveloped(encoding: str, value: Any) -> Any:
    return value if encoding == "api" else {"value": value}


def structure(name: str, required: Payload, optional: Payload) -> Payload:
    """A structure as encoded by json-rpc: optional members are always present, in an OPTIONAL object."""
    return {"STRUCTURE": {name: required | boxed(optional)}}


def boxed(members: Payload) -> Payload:
    """Optional members as encoded by json-rpc."""
    return {name: {"OPTIONAL": value} for name, value in members.items()}


def by_json_rpc(payload: Any) -> Any:
    """A payload as encoded by json-rpc, whether it conforms or not."""
    if not isinstance(payload, dict):
        return payload
    status = {name: value for name, value in payload.items() if name == "status"}
    optional = dict.fromkeys(GUARDED) | {name: value for name, value in payload.items() if name != "status"}
    return status | boxed(optional)


def rpc_result(service: str, operation: str, vm: str) -> tuple[Payload, str | None]:
    """The result of an operation, and why it has no payload to check."""
    if service == "com.vmware.vcenter.VM":
        sizes = {"cpu_count": 2, "memory_size_MiB": 4096}
        return {"output": [structure(f"{service}.summary", row, sizes) for row in VMS]}, "another operation"
    if vm not in CUSTOMIZATIONS:
        text = message(vm)
        error = {
            "data": {"OPTIONAL": None},
            "error_type": {"OPTIONAL": "NOT_FOUND"},
            "messages": [structure("com.vmware.vapi.std.localizable_message", text, {"params": None})],
        }
        return {"error": {"ERROR": {"com.vmware.vapi.std.errors.not_found": error}}}, "json-rpc error"
    if service != SERVICE:
        live = structure("com.vmware.vcenter.vm.guest.customization_live.info", LIVE, dict.fromkeys(GUARDED))
        return {"output": live}, "customization-live"
    if operation == "set":
        return {"output": None}, "operation set"
    if operation == "check":
        reasons: Payload = dict.fromkeys(("supported_guest_os", "supported_power_state"))
        return {"output": structure(f"{SERVICE}.check_info", CHECK, reasons)}, "operation check"
    return {"output": {"STRUCTURE": {f"{SERVICE}.info": by_json_rpc(CUSTOMIZATIONS[vm])}}}, None


def rpc_answer(body: bytes) -> Answer:
    call = json.loads(body)
    params = call["params"]
    vm = params["input"]["STRUCTURE"]["operation-input"].get("vm")
    result, why_not = rpc_result(params["serviceId"], params["operationId"], vm)
    return Answer(200, {"jsonrpc": "2.0", "id": call["id"], "result": result}, vm, why_not)


def answer(method: str, target: str, body: bytes) -> Answer:
    url = urlsplit(target)
    if method == "POST" and url.path == "/api":
        return rpc_answer(body)
    if found := CUSTOMIZATION_URL.fullmatch(url.path):
        encoding, vm = found.groups()
        if vm in FAULTY and method == "GET":
            return Answer(200, Raw(FAULTY[vm] if encoding == "api" else f'{{"value": {FAULTY[vm]}}}'), vm, None)
        if vm not in CUSTOMIZATIONS:
            return Answer(404, not_found(encoding, vm), vm, "status 404")
        if method == "PUT" and encoding == "api":
            return Answer(204, None, vm, "method PUT")
        if method == "PUT":
            return Answer(200, enveloped(encoding, SET_RESULT), vm, "method PUT")
        if method == "POST":
            return Answer(200, enveloped(encoding, CHECK), vm, "action=check")
        return Answer(200, enveloped(encoding, CUSTOMIZATIONS[vm]), vm, None)
    if found := LIVE_URL.fullmatch(url.path):
        return Answer(200, enveloped(found[1], LIVE), found[2], "customization-live")
    if found := LIST_URL.fullmatch(url.path):
        return Answer(200, enveloped(found[1], VMS), None, "another URL")
    if url.path == "/ui/":
        return Answer(200, PAGE, None, "another URL")
    return Answer(404, {"error_type": "NOT_FOUND", "messages": []}, None, "another URL")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def version_string(self) -> str:
        return "envoy"

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "Mon, 23 Nov 2026 12:00:00 GMT"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, value, _, _ = answer(self.command, self.path, body)
        self.send_response(status)
        if status == HTTPStatus.NO_CONTENT:
            self.end_headers()
            return
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        content = text.encode()
        is_page = isinstance(value, str) and not isinstance(value, Raw)
        self.send_header("Content-Type", "text/html" if is_page else "application/json")
        # Only /rest, so that one recording has both plain and compressed bodies.
        if self.path.startswith("/rest/") and "gzip" in self.headers.get("Accept-Encoding", ""):
            content = gzip.compress(content, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = respond  # noqa: N815


class VCenter(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Does nothing: tools may drop connections."""

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def running() -> Iterator[VCenter]:
    with VCenter() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with running() as vcenter, contextlib.suppress(KeyboardInterrupt):
        print(f"http://{vcenter.address}")
        threading.Event().wait()
