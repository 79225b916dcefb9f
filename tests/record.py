"""Makes the recordings in `recordings/` with real tools and vcenter.py, and writes their contents to expected.json.

    python tests/record.py [NAME ...]    # a name is a folder: vcrpy, sdk, mitmproxy, ...; default: all

Needs PyYAML and requests; in addition, each recording needs

- vcrpy: from PyPI vcrpy, urllib3, httpx, aiohttp
- vcrpy-old: requests, vcrpy 4.4, httpx 0.24 and urllib3 1.26 in an environment whose Python is in $OLD_PYTHON
- sdk: from PyPI vcrpy, vmware-vcenter
- mitmproxy: mitmdump on the PATH or in $MITMDUMP; from PyPI mitmproxy
- mitmproxy-flows: mitmdump of the versions 10, 11 and 12 in $MITMDUMP_10, $MITMDUMP_11 and $MITMDUMP_12
- playwright, playwright-trace: from PyPI playwright; Debian's chromium
- responses: from PyPI responses
- wiremock, wiremock-4: java, and Maven Central's wiremock-standalone 3 and 4, the jars in $WIREMOCK and $WIREMOCK_4
- pact: from PyPI pact-python
- postman: node, and the npm packages postman-collection and postman-collection-transformer where $NODE_PATH finds them
- ruby-vcr: Debian's ruby-vcr, ruby-webmock and ruby-multi-json
- curl: curl on the PATH
- httpie: from PyPI httpie, its `http` on the PATH or in $HTTPIE
- govc: govc on the PATH or in $GOVC, and jq, which govc runs
- vmware_rest: from PyPI aiohttp and ansible 8 to 10, and openssl on the PATH
- ansible, bruno, mockserver, mountebank, newman, nock and others: what `record_lists.py` says

The files stay as the tools wrote them, except for data about the machine, which is replaced in their bytes: the address
of the server by vcenter.example, the scratch folder by /scratch, and the kernel's version in the SDK's User-Agent by
6.1.0. Sizes that a tool counted before the replacement are not adjusted.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import importlib
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import types
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import vcenter

FOLDERS = Path(__file__).resolve().parent / "recordings"
HOST = "vcenter.example"
JSON_HEADERS = {"Content-Type": "application/json"}


class Call(NamedTuple):
    """A request to make."""

    method: str
    path: str
    body: str | None = None


def get(encoding: str, vm: str) -> Call:
    return Call("GET", f"/{encoding}/vcenter/vm/{vm}/guest/customization")


def rpc(operation: str, vm: str, service: str = vcenter.SERVICE) -> Call:
    """A call made by the vendor's SDK."""
    params = {
        "serviceId": service,
        "operationId": operation,
        "input": {"STRUCTURE": {"operation-input": {"vm": vm}}},
        "ctx": {"appCtx": {"opId": "1"}},
    }
    return Call("POST", "/api", json.dumps({"id": "0", "jsonrpc": "2.0", "method": "invoke", "params": params}))


SPEC = json.dumps({"name": "linux-small"})
#: One of each kind, conforming payloads in every encoding, vm-broken once.
ALL_CALLS = [
    Call("GET", "/api/vcenter/vm"),
    get("api", "vm-idle"),
    get("api", "vm-pending"),
    get("api", "vm-failed"),
    get("rest", "vm-running"),
    get("rest", "vm-failed"),
    rpc("get", "vm-done"),
    rpc("get", "vm-failed"),
    get("api", "vm-broken"),
    get("api", "vm-missing"),
    get("rest", "vm-missing"),
    rpc("get", "vm-missing"),
    Call("PUT", get("api", "vm-idle").path, SPEC),
    Call("PUT", get("rest", "vm-idle").path, SPEC),
    Call("POST", get("api", "vm-idle").path + "?action=check", ""),
    rpc("check", "vm-idle"),
    Call("GET", "/api/vcenter/vm/vm-idle/guest/customization-live"),
]
#: For the second and third recording with one tool.
FEW_CALLS = [
    get("api", "vm-done"),
    get("rest", "vm-failed"),
    rpc("get", "vm-running"),
    get("rest", "vm-broken"),
    get("api", "vm-missing"),
]
#: One of each kind, for tools with verbose formats.
SOME_CALLS = [*FEW_CALLS, *ALL_CALLS[-6:-2], ALL_CALLS[-1], ALL_CALLS[0]]


class Seen(NamedTuple):
    """An exchange in a recording."""

    method: str
    #: As recorded.
    url: str
    request_body: str
    #: 0 or None if there was no response.
    status: int | None
    has_body: bool
    #: Whether the recording has the response alone.
    is_alone: bool = False


def load(name: str) -> Any:
    """A package that only some recordings need, hidden from the type checker."""
    return importlib.import_module(name)


def sent_with_requests(calls: list[Call], base: str, **options: Any) -> None:
    session = load("requests").Session()
    session.trust_env = False
    for call in calls:
        headers = {**(JSON_HEADERS if call.body else {}), **options.get("headers", {})}
        session.request(
            call.method, base + call.path, data=call.body, headers=headers, proxies=options.get("proxies"), timeout=20
        )


# vcrpy


def record_vcrpy(server: vcenter.VCenter, folder: Path) -> None:
    """One recording per HTTP library; bodies under /rest are compressed."""
    vcr = load("vcr")
    base = f"http://{server.address}"

    def cassette(name: str, **options: Any) -> Any:
        return vcr.VCR(record_mode="all", **options).use_cassette(str(folder / name))

    with cassette("requests.yaml"):
        sent_with_requests(ALL_CALLS, base)
    with cassette("requests-decoded.yaml", decode_compressed_response=True):
        sent_with_requests(FEW_CALLS, base)
    # The JSON serializer rejects bytes that are not text.
    with cassette("requests.json", serializer="json"):
        sent_with_requests(SOME_CALLS, base, headers={"Accept-Encoding": "identity"})
    with cassette("urllib3.yaml"):
        pool = load("urllib3").PoolManager()
        for call in FEW_CALLS:
            headers = {"Accept-Encoding": "gzip", **(JSON_HEADERS if call.body else {})}
            pool.request(call.method, base + call.path, body=call.body, headers=headers)
    with cassette("httpx.yaml"):
        sent_with_httpx(base)
    with cassette("aiohttp.yaml"):
        asyncio.run(sent_with_aiohttp(base))


def sent_with_httpx(base: str) -> None:
    with load("httpx").Client(trust_env=False) as client:
        for call in FEW_CALLS:
            headers = JSON_HEADERS if call.body else {}
            client.request(call.method, base + call.path, content=call.body, headers=headers)


async def sent_with_aiohttp(base: str) -> None:
    async with load("aiohttp").ClientSession() as session:
        for call in FEW_CALLS:
            headers = JSON_HEADERS if call.body else {}
            async with session.request(call.method, base + call.path, data=call.body, headers=headers) as response:
                await response.read()


def record_vcrpy_old(server: vcenter.VCenter, folder: Path) -> None:
    """An old version, which kept compressed bodies of requests and had a format of its own for httpx."""
    command = [os.environ["OLD_PYTHON"], __file__, "--vcrpy-old", f"http://{server.address}", str(folder)]
    subprocess.run(command, check=True)


def record_vcrpy_old_here(base: str, folder: Path) -> None:
    vcr = load("vcr")
    with vcr.VCR(record_mode="all").use_cassette(str(folder / "requests.yaml")):
        sent_with_requests(FEW_CALLS, base)
    with vcr.VCR(record_mode="all", serializer="json").use_cassette(str(folder / "httpx.json")):
        sent_with_httpx(base)
    with vcr.VCR(record_mode="all").use_cassette(str(folder / "httpx.yaml")):
        sent_with_httpx(base)


# The vendor's SDK


def record_sdk(server: vcenter.VCenter, folder: Path) -> None:
    vcr = load("vcr")
    for name, serializer, protocol, path in (
        ("json-rpc.yaml", "yaml", "json", "/api"),
        ("rest.yaml", "yaml", "rest", "/rest"),
    ):
        with vcr.VCR(record_mode="all", serializer=serializer).use_cassette(str(folder / name)):
            asked_with_sdk(f"http://{server.address}{path}", protocol)


def asked_with_sdk(url: str, protocol: str) -> None:
    guest = load("com.vmware.vcenter.vm.guest_client")
    connect, factories = load("vmware.vapi.lib.connect"), load("vmware.vapi.stdlib.client.factories")
    errors, core = load("com.vmware.vapi.std.errors_client"), load("vmware.vapi.exception")
    session = load("requests").Session()
    session.trust_env = False
    connector = connect.get_requests_connector(session=session, msg_protocol=protocol, url=url)
    config = factories.StubConfigurationFactory.new_std_configuration(connector)
    customization = guest.Customization(config)
    for vm in ("vm-idle", "vm-pending", "vm-running", "vm-done", "vm-failed"):
        customization.get(vm)
    # The SDK raises on a payload that does not conform, after it was recorded.
    with contextlib.suppress(core.CoreException):
        customization.get("vm-broken")
    with contextlib.suppress(errors.NotFound):
        customization.get("vm-missing")
    customization.set("vm-idle", guest.Customization.SetSpec(name="linux-small"))
    customization.check("vm-idle")
    guest.CustomizationLive(config).get("vm-idle")
    if protocol == "json":
        load("com.vmware.vcenter_client").VM(config).list()


# Servers


@contextlib.contextmanager
def process(command: list[str], cwd: Path, ready: str) -> Iterator[int]:
    """Runs a server; gives the port that a line of its output contains."""
    log = cwd / "process.log"
    with log.open("w") as output, subprocess.Popen(command, cwd=cwd, stdout=output, stderr=subprocess.STDOUT) as child:
        try:
            for _ in range(600):
                if found := re.search(ready, log.read_text("utf-8", "replace")):
                    break
                time.sleep(0.1)
            else:
                raise TimeoutError(log.read_text("utf-8", "replace"))
            yield int(found[1])
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(30)
            log.unlink()


# mitmproxy


def record_mitmproxy(server: vcenter.VCenter, folder: Path) -> None:
    """A HAR export; the last request goes to a closed port."""
    for name, calls in (("hardump.har", SOME_CALLS), ("hardump-failed.har", FEW_CALLS[:1])):
        with tempfile.TemporaryDirectory() as scratch:
            command = [os.environ.get("MITMDUMP", "mitmdump"), "--set", f"confdir={scratch}", "--listen-host"]
            command += ["127.0.0.1", "--listen-port", "0", "--set", f"hardump={folder / name}"]
            with process(command, Path(scratch), r"listening at \S*?:(\d+)") as port:
                proxies = {"http": f"http://127.0.0.1:{port}"}
                sent_with_requests(calls, f"http://{server.address}", proxies=proxies)
                if name == "hardump-failed.har":
                    with socket.socket() as closed:
                        closed.bind(("127.0.0.1", 0))
                        nowhere = f"127.0.0.1:{closed.getsockname()[1]}"
                    sent_with_requests(calls, f"http://{nowhere}", proxies=proxies)
                    time.sleep(0.5)
        if name == "hardump-failed.har":
            replace(folder / name, {nowhere: f"nowhere.{HOST}"})


def record_mitmproxy_flows(server: vcenter.VCenter, folder: Path) -> None:
    """Flows of a reverse proxy, the last ones with a streamed body and without a response."""
    for version, calls in (("10", FEW_CALLS), ("11", FEW_CALLS), ("12", ALL_CALLS)):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nowhere = f"127.0.0.1:{closed.getsockname()[1]}"
        for address, some, option in (
            (server.address, calls, "stream_large_bodies=1m"),
            (server.address, FEW_CALLS[:1], "stream_large_bodies=1"),
            (nowhere, FEW_CALLS[:1], "connection_strategy=lazy"),
        ):
            with tempfile.TemporaryDirectory() as scratch:
                command = [os.environ[f"MITMDUMP_{version}"], "--set", f"confdir={scratch}", "--set", option]
                command += ["--mode", f"reverse:http://{address}@127.0.0.1:0", "--set", "keep_host_header=true"]
                # The plus sign is for appending.
                command += ["-w", f"+{folder / f'mitmproxy-{version}.flow'}"]
                with process(command, Path(scratch), r"listening at \S*?:(\d+)") as port:
                    # An address can be replaced in a flow only by one of the same length.
                    with contextlib.suppress(load("requests").ConnectionError):
                        sent_with_requests(some, f"http://127.0.0.1:{port}", headers={"Host": HOST})
                    time.sleep(0.5)


# Playwright and Chromium

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync"]
FETCHES = """async calls => {
  for (const [method, path, body] of calls)
    await (await fetch(path, {method, body, headers: body ? {'Content-Type': 'application/json'} : {}})).text()
}"""


def record_playwright(server: vcenter.VCenter, folder: Path) -> None:
    """HARs of pages that call fetch: with bodies embedded, with bodies in files, and without bodies."""
    with load("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for content, calls in (("embed", SOME_CALLS), ("attach", FEW_CALLS), ("omit", FEW_CALLS)):
            place = folder / content if content == "attach" else folder
            place.mkdir(exist_ok=True)
            context = browser.new_context(record_har_path=place / f"{content}.har", record_har_content=content)
            page = context.new_page()
            page.goto(f"http://{server.address}/ui/")
            page.evaluate(FETCHES, [list(call) for call in calls])
            # Opens a JSON response in a tab.
            page.goto(f"http://{server.address}{get('api', 'vm-running').path}")
            context.close()
        browser.close()


def record_playwright_trace(server: vcenter.VCenter, folder: Path) -> None:
    """A trace of a page that calls fetch, and a HAR that Playwright put into an archive with its bodies."""
    with load("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        context = browser.new_context(record_har_path=folder / "har.zip")
        context.tracing.start(snapshots=True)
        page = context.new_page()
        page.goto(f"http://{server.address}/ui/")
        page.evaluate(FETCHES, [list(call) for call in ALL_CALLS])
        context.tracing.stop(path=folder / "trace.zip")
        context.close()
        browser.close()


# responses


def record_responses(server: vcenter.VCenter, folder: Path) -> None:
    """Recordings in YAML, and in JSON as its documentation shows it."""
    module = load("responses._recorder")
    for name, dumper in (
        ("responses.yaml", None),
        ("responses.json", lambda data, file: json.dump(data, file, indent=2)),
    ):
        recorder = module.Recorder()
        with recorder:
            sent_with_requests(ALL_CALLS, f"http://{server.address}")
            if dumper is None:
                recorder.dump_to_file(folder / name)
            else:
                with (folder / name).open("w") as file:
                    module._dump(recorder.get_registry().registered, file, dumper)


# WireMock


def asked(url: str, body: object = None) -> Any:
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), JSON_HEADERS)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


@contextlib.contextmanager
def wiremock(jar: str, root: Path) -> Iterator[str]:
    """Runs a WireMock with its files under `root`; gives its address."""
    root.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        command = ["java", "-jar", jar, "--port", "0", "--bind-address", "127.0.0.1", "--root-dir", str(root)]
        with process([*command, "--disable-banner"], Path(scratch), r"(?m)^port: +(\d+)") as port:
            yield f"http://127.0.0.1:{port}"
    with contextlib.suppress(OSError):
        (root / "__files").rmdir()


def recorded_by_wiremock(server: vcenter.VCenter, jar: str, root: Path, calls: list[Call], **spec: object) -> Any:
    """The stubs that the admin API lists after recording; the files are under `root`."""
    with wiremock(jar, root) as base:
        target = f"http://{server.address}"
        asked(f"{base}/__admin/recordings/start", {"targetBaseUrl": target, "repeatsAsScenarios": False, **spec})
        sent_with_requests(calls, base)
        asked(f"{base}/__admin/recordings/stop", {})
        return asked(f"{base}/__admin/mappings")


def write_json(file: Path, document: object) -> None:
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")


def record_wiremock(server: vcenter.VCenter, folder: Path) -> None:
    """Stubs with embedded bodies, with body files, as listed by the admin API, and as written by hand."""
    jar = os.environ["WIREMOCK"]
    write_json(folder / "admin-mappings.json", recorded_by_wiremock(server, jar, folder / "inline", SOME_CALLS))
    everything = {"textSizeThreshold": "0", "binarySizeThreshold": "0"}
    recorded_by_wiremock(server, jar, folder / "extracted", FEW_CALLS, extractBodyCriteria=everything)
    with wiremock(jar, folder / "posted") as base:
        for stub in stubs(server):
            asked(f"{base}/__admin/mappings", stub)


def stubs(server: vcenter.VCenter) -> Iterator[object]:
    """Stubs written by hand, with the two forms of a body that the recorder does not write."""
    for call, member in ((get("api", "vm-failed"), "jsonBody"), (get("rest", "vm-failed"), "base64Body")):
        status, text = answered(server, call)
        body = json.loads(text) if member == "jsonBody" else base64.b64encode(text.encode()).decode()
        request = {"method": call.method, "urlPath": call.path}
        yield {"persistent": True, "request": request, "response": {"status": status, member: body}}


def record_wiremock_4(server: vcenter.VCenter, folder: Path) -> None:
    jar = os.environ["WIREMOCK_4"]
    write_json(folder / "admin-mappings.json", recorded_by_wiremock(server, jar, folder / "inline", FEW_CALLS))
    shutil.rmtree(folder / "inline")


# Pact


def answered(server: vcenter.VCenter, call: Call) -> tuple[int, str]:
    response = load("requests").request(call.method, f"http://{server.address}{call.path}", data=call.body, timeout=20)
    return response.status_code, response.content.decode("utf-8")


def record_pact(server: vcenter.VCenter, folder: Path) -> None:
    """Contracts of a consumer, with the responses of the server."""
    pact_python = load("pact")
    requests = load("requests")
    for version in ("V2", "V3", "V4"):
        pact = pact_python.Pact("customizer", f"vcenter-{version.lower()}").with_specification(version)
        for number, call in enumerate(SOME_CALLS):
            status, text = answered(server, call)
            path, _, query = call.path.partition("?")
            interaction = pact.upon_receiving(f"request {number}: {call.method} {call.path}")
            interaction.with_request(call.method, path)
            if query:
                interaction.with_query_parameter(*query.split("="))
            if call.body:
                interaction.with_body(call.body, "application/json", "Request")
            interaction.will_respond_with(status)
            if text:
                interaction.with_body(text, "application/json", "Response")
        more_pact(pact, pact_python.match, version)
        with pact.serve(raises=False, verbose=False) as mock:
            for call in SOME_CALLS:
                headers = JSON_HEADERS if call.body else {}
                requests.request(call.method, str(mock.url) + call.path, data=call.body, headers=headers, timeout=20)
        pact.write_file(folder)
        if version != "V2":
            # The mock server fails on messages, so they are added to the file afterwards; V3 keeps them apart.
            events = pact_python.Pact("customizer", f"vcenter{'-events' * (version == 'V3')}-{version.lower()}")
            event = events.with_specification(version).upon_receiving("an event", "Async")
            event.with_body(json.dumps(vcenter.CUSTOMIZATIONS["vm-idle"]), "application/json")
            events.write_file(folder)


def more_pact(pact: Any, match: Any, version: str) -> None:
    """Parts that only a contract has: matchers, ignored bodies, bytes, messages."""
    matched = pact.upon_receiving("a payload by its types").given("the customization is over")
    matched.with_request("GET", get("api", "vm-done").path).will_respond_with(200)
    times = {member: match.str(vcenter.CUSTOMIZATIONS["vm-done"][member]) for member in ("start_time", "end_time")}
    matched.with_body({"status": match.regex("SUCCEEDED", regex="SUCCEEDED|FAILED"), **times}, "application/json")
    anything = pact.upon_receiving("whatever body").with_request("GET", get("rest", "vm-done").path)
    anything.will_respond_with(200)
    if version != "V2":
        octets = json.dumps({"value": {"status": "PENDING"}}).encode()
        binary = pact.upon_receiving("a body of bytes").with_request("GET", get("rest", "vm-pending").path)
        binary.will_respond_with(200).with_binary_body(octets, "application/octet-stream")
        empty = pact.upon_receiving("an empty body").with_request("GET", get("api", "vm-running").path)
        empty.will_respond_with(200).with_body("", "application/json")


# Postman, Ruby VCR


def record_postman(server: vcenter.VCenter, folder: Path) -> None:
    run_script(["node", str(FOLDERS / "record_postman.js")], server, folder)


def record_ruby_vcr(server: vcenter.VCenter, folder: Path) -> None:
    run_script(["ruby", str(FOLDERS / "record_vcr.rb")], server, folder)


def run_script(command: list[str], server: vcenter.VCenter, folder: Path) -> None:
    """Runs a script in another language, with the calls on standard input."""
    calls = {"some": [call._asdict() for call in SOME_CALLS], "few": [call._asdict() for call in FEW_CALLS]}
    order = {"base": f"http://{server.address}", "folder": str(folder), **calls}
    subprocess.run(command, input=json.dumps(order).encode(), check=True)


# HTTP as text

#: For tools that write text: all statuses in all encodings, and every broken rule.
TEXT_CALLS = [
    get("api", "vm-idle"),
    get("rest", "vm-pending"),
    rpc("get", "vm-running"),
    get("api", "vm-done"),
    get("rest", "vm-failed"),
    get("api", "vm-failed"),
    rpc("get", "vm-broken"),
    get("api", "vm-broken"),
    get("api", "vm-missing"),
    *(get("api", vm) for vm in vcenter.FAULTY),
    get("rest", "vm-json-unique-members"),
]
#: For those that write a lot.
FEW_TEXT_CALLS = [*TEXT_CALLS[1:8], get("api", "vm-date-time")]
ONE_CALL = [get("api", "vm-broken")]
GOVC_GETS = [get("api", "vm-failed"), get("rest", "vm-broken"), get("api", "vm-date-time")]
#: Those that govc makes around each call.
GOVC_CALLS = [
    Call("POST", "/sdk"),
    Call("POST", "/sdk"),
    Call("POST", "/rest/com/vmware/cis/session"),
    Call("POST", "/sdk"),
    Call("DELETE", "/rest/com/vmware/cis/session"),
]
#: The value that stands for every session id and credential.
REDACTED = "REDACTED"


def appended(file: Path, command: list[str], call: Call, **options: Any) -> None:
    """Appends what a command prints to a file."""
    with file.open("ab") as output:
        body = (call.body or "").encode()
        subprocess.run(command, input=body, stdout=output, stderr=subprocess.STDOUT, check=True, **options)


def record_curl(server: vcenter.VCenter, folder: Path) -> None:
    for name, options, calls in (
        ("one.txt", ["-si"], ONE_CALL),
        ("include.txt", ["-si"], TEXT_CALLS),
        ("verbose.txt", ["-v"], TEXT_CALLS),
        ("verbose-include.txt", ["-svi", "--compressed", "--no-buffer"], FEW_TEXT_CALLS),
        ("trace.txt", ["-s", "--compressed", "-o", "/dev/null", "--trace", "-"], FEW_TEXT_CALLS),
        ("trace-ascii.txt", ["-s", "-o", "/dev/null", "--trace-time", "--trace-ascii", "-"], TEXT_CALLS),
        ("write-out.txt", ["-s", "-w", "%{json}\n"], TEXT_CALLS),
    ):
        for call in calls:
            command = [
                "curl",
                *options,
                "-H",
                f"Host: {HOST}",
                "-X",
                call.method,
                f"http://{server.address}{call.path}",
            ]
            appended(folder / name, command + (["--data-binary", "@-"] if call.body else []), call)


def record_httpie(server: vcenter.VCenter, folder: Path) -> None:
    for name, options, calls in (
        ("verbose.txt", ["--verbose"], TEXT_CALLS),
        ("print-hb.txt", ["--print=hb", "--pretty=format"], TEXT_CALLS),
        ("colors.txt", ["--verbose", "--pretty=all", "--style=pie-dark"], FEW_TEXT_CALLS),
    ):
        for call in calls:
            url = f"http://{server.address}{call.path}"
            stdin = [] if call.body else ["--ignore-stdin"]
            appended(
                folder / name,
                [os.environ.get("HTTPIE", "http"), *options, *stdin, call.method, url, f"Host:{HOST}"],
                call,
            )
            with (folder / name).open("ab") as file:
                file.write(b"\n\n")


def record_govc(server: vcenter.VCenter, folder: Path) -> None:
    """What -trace prints, with jq and without, and a debug folder; SOAP is answered as far as govc needs it."""
    calls = GOVC_GETS
    server.RequestHandlerClass = WithSessions
    command = [os.environ.get("GOVC", "govc"), "session.login", "-persist-session=false", "-r"]
    command += ["-u", f"http://user:password@{server.address}"]
    with tempfile.TemporaryDirectory() as home:
        for name, more in (("trace.txt", {}), ("trace-unformatted.txt", {"GOVC_DEBUG_FORMAT": "false"}), ("", {})):
            for number, call in enumerate(calls):
                debug = {"GOVC_DEBUG_PATH": home, "GOVC_DEBUG_PATH_RUN": str(number)}
                options = ["-trace"] if name else ["-debug"]
                done = subprocess.run(
                    [*command, *options, "-X", call.method, call.path],
                    capture_output=True,
                    check=False,
                    env={**os.environ, "GOVMOMI_HOME": home, **debug, **more},
                )
                if name:
                    with (folder / name).open("ab") as file:
                        file.write(done.stderr)
        for number in range(len(calls) - 1):
            shutil.copytree(Path(home, "debug", str(number)), folder / "debug" / str(number))


class WithSessions(vcenter.Handler):
    """Also answers what clients ask to log in and out, as far as govc and vmware.vmware_rest need it."""

    def respond(self) -> None:
        if self.path.startswith("/sdk"):
            self.send("text/xml", self.soap(self.sent()))
        elif self.path.endswith("/session"):
            self.sent()
            self.send("application/json", json.dumps({"value": REDACTED}) if self.command == "POST" else "")
        else:
            super().respond()

    do_GET = do_PUT = do_POST = do_DELETE = respond  # noqa: N815

    def sent(self) -> str:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body.decode()

    def send(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def soap(self, asked: str) -> str:
        told = {"name": "VMware vCenter Server", "vendor": "VMware, Inc.", "version": "8.0.2", "build": "1"}
        told |= {"osType": "linux-x64", "productLineId": "vpx", "apiType": "VirtualCenter", "apiVersion": "8.0.2.0"}
        about = "".join(f"<{name}>{value}</{name}>" for name, value in told.items())
        managers = "".join(
            f'<{name} type="{kind}">{kind}</{name}>'
            for name, kind in {"rootFolder": "Folder", "propertyCollector": "PropertyCollector"}.items()
        )
        session = '<sessionManager type="SessionManager">SessionManager</sessionManager>'
        time = f"<loginTime>{vcenter.START}</loginTime><lastActiveTime>{vcenter.START}</lastActiveTime>"
        user = f"<key>{REDACTED}</key><userName>user</userName><fullName>user</fullName>{time}<locale>en</locale>"
        operation, value = "Logout", ""
        if "RetrieveServiceContent" in asked:
            operation, value = "RetrieveServiceContent", f"{managers}<about>{about}</about>{session}"
        elif "<Login " in asked:
            operation, value = "Login", f"{user}<messageLocale>en</messageLocale>"
        value = value and f"<returnval>{value}</returnval>"
        body = f'<{operation}Response xmlns="urn:vim25">{value}</{operation}Response>'
        return f'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>{body}</Body></Envelope>'


def record_vmware_rest(server: vcenter.VCenter, folder: Path) -> None:
    """The log that the collection's own session writes; its modules only add the paths."""
    stubs: dict[str, dict[str, Any]] = {
        "ansible.module_utils.basic": {"missing_required_lib": str},
        "ansible.module_utils.parsing.convert_bool": {"boolean": bool},
        "ansible_collections.cloud.common.plugins.module_utils.turbo.exceptions": {"EmbeddedModuleFailure": Exception},
    }
    for name, value in stubs.items():
        # Only these names are used, and importing Ansible's runner for them would take more than the collection.
        sys.modules[name] = types.ModuleType(name)
        vars(sys.modules[name]).update(value)
    collection = load("ansible_collections.vmware.vmware_rest.plugins.module_utils.vmware_rest")
    with tempfile.TemporaryDirectory() as scratch:
        key, certificate = f"{scratch}/key.pem", f"{scratch}/certificate.pem"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}", "-days", "1"]
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.RequestHandlerClass = WithSessions
    asyncio.run(asked_with_vmware_rest(collection, server.address, str(folder / "vmware_rest.log")))


async def asked_with_vmware_rest(collection: Any, address: str, log: str) -> None:
    session = await collection.open_session(address, "user", "password", validate_certs=False, log_file=log)
    for call in TEXT_CALLS:
        async with session.request(call.method, f"https://{address}{call.path}", data=call.body) as response:
            await response.read()
    connector = session.connector
    await session.close()
    await connector.close()


# Expected contents


def read_yaml(text: str) -> Any:
    yaml = load("yaml")

    class Loader(yaml.SafeLoader):  # type: ignore[misc, name-defined]
        """Reads Ruby's !binary as !!binary."""

    Loader.add_constructor("!binary", yaml.SafeLoader.construct_yaml_binary)
    return yaml.load(text, Loader)


def with_texts(value: Any, folder: Path) -> Any:
    """A HAR with the texts embedded that Playwright wrote to files."""
    if isinstance(value, list):
        return [with_texts(element, folder) for element in value]
    if not isinstance(value, dict):
        return value
    if "_file" in value:
        value = {**value, "text": (folder / value["_file"]).read_text("utf-8")}
    return {name: with_texts(member, folder) for name, member in value.items()}


def text_of(body: Any) -> str:
    """The text of a request's body in a cassette."""
    if isinstance(body, dict):
        body = body.get("string")
    return body.decode() if isinstance(body, bytes) else body or ""


def in_vcrpy(document: Any) -> Iterator[Seen]:
    for interaction in document["interactions"]:
        request, response = interaction["request"], interaction["response"]
        if "status_code" in response:
            status, body = response["status_code"], response["content"]
        else:
            status, body = response["status"]["code"], response["body"].get("string")
        yield Seen(request["method"], request["uri"], text_of(request["body"]), status, bool(body))


def in_har(document: Any) -> Iterator[Seen]:
    for entry in document["log"]["entries"]:
        request, response = entry["request"], entry["response"]
        content = response["content"]
        body = content.get("text")
        sent = request.get("postData", {}).get("text", "")
        yield Seen(request["method"], request["url"], sent, max(response["status"], 0), bool(body))


def read_flows(data: bytes) -> list[Any]:
    flows = []
    while data:
        flow, data = read_tnetstring(data)
        flows.append(flow)
    return flows


def read_tnetstring(data: bytes) -> tuple[Any, bytes]:
    """The first value in a text, and the rest of the text."""
    length, _, rest = data.partition(b":")
    held, kind, rest = rest[: int(length)], rest[int(length) : int(length) + 1], rest[int(length) + 1 :]
    if kind not in b"]}":
        return (held.decode() if kind == b";" else int(held) if kind == b"#" else held if kind != b"~" else None), rest
    items: list[Any] = []
    while held:
        item, held = read_tnetstring(held)
        items.append(item)
    return (dict(zip(items[::2], items[1::2], strict=True)) if kind == b"}" else items), rest


def in_flows(document: Any) -> Iterator[Seen]:
    for flow in document:
        request, response = flow["request"], flow["response"] or {}
        asked = next(value.decode() for name, value in request["headers"] if name.lower() == b"host")
        url = f"http://{asked}{request['path'].decode()}"
        sent, status = (request["content"] or b"").decode(), response.get("status_code", 0)
        yield Seen(request["method"].decode(), url, sent, status, bool(response.get("content")))


def in_archive(document: zipfile.ZipFile) -> Iterator[Seen]:
    """The entries of a HAR or of a trace, with the texts that are in other files of the archive."""

    def text(held: Any) -> str:
        return held.get("text") or (document.read(held["_file"]).decode() if held.get("_file") else "")

    if "trace.network" in document.namelist():
        lines = document.read("trace.network").decode().splitlines()
        entries = [json.loads(line)["snapshot"] for line in lines]
    else:
        entries = json.loads(document.read("har.har"))["log"]["entries"]
    for entry in entries:
        request, response = entry["request"], entry["response"]
        sent = text(request.get("postData", {}))
        yield Seen(request["method"], request["url"], sent, max(response["status"], 0), bool(text(response["content"])))


def in_responses(document: Any) -> Iterator[Seen]:
    # The requests' bodies are not recorded.
    for entry, call in zip(document["responses"], ALL_CALLS, strict=True):
        response = entry["response"]
        # Any operation may have answered with an error.
        is_error = call.path == "/api" and '"error":' in response["body"].partition('"output"')[0]
        sent = rpc("list", "", "com.vmware.vcenter.VM").body if is_error else call.body
        yield Seen(response["method"], response["url"], sent or "", response["status"], bool(response["body"]))


def in_wiremock(document: Any) -> Iterator[Seen]:
    for stub in document.get("mappings", [document]):
        request, response = stub["request"], stub["response"]
        patterns = request.get("bodyPatterns", [{}])
        body = {name for name in response if name in ("body", "jsonBody", "base64Body", "bodyFileName")}
        url = request.get("url") or request["urlPath"] + query_of(
            {name: [value["hasExactly"][0]["equalTo"]] for name, value in request.get("queryParameters", {}).items()}
        )
        sent = patterns[0].get("equalToJson", "")
        yield Seen(request.get("method", "ANY"), url, sent, response["status"], bool(body))


def query_of(query: str | dict[str, list[str]]) -> str:
    if isinstance(query, str):
        return "?" + query
    return "".join(f"?{name}={values[0]}" for name, values in query.items())


def in_pact(document: Any) -> Iterator[Seen]:
    for interaction in document.get("interactions", []):
        # Messages have no status.
        if "request" not in interaction:
            continue
        request, response = interaction["request"], interaction["response"]
        sent = request.get("body", "")
        if isinstance(sent, dict) and "content" in sent:
            sent = sent["content"]
        body = response.get("body")
        if isinstance(body, dict) and "content" in body:
            body = body["content"]
        url = request["path"] + query_of(request.get("query", {}))
        text = sent if isinstance(sent, str) else json.dumps(sent)
        yield Seen(request["method"], url, text, response["status"], body not in (None, ""))


def in_postman(document: Any) -> Iterator[Seen]:
    for item in document["item"]:
        if "item" in item:
            yield from in_postman(item)
        for response in item.get("response", []):
            request = response.get("originalRequest") or item["request"]
            url = request["url"]
            if isinstance(url, dict):
                query = "&".join(f"{parameter['key']}={parameter['value']}" for parameter in url.get("query", []))
                url = url.get("raw") or "/".join(url["host"] + url["path"]) + (f"?{query}" if query else "")
            sent = request.get("body", {}).get("raw", "")
            yield Seen(request["method"], url, sent, response["code"], bool(response.get("body")))


def in_ruby_vcr(document: Any) -> Iterator[Seen]:
    for interaction in document["http_interactions"]:
        request, response = interaction["request"], interaction["response"]
        body = response["body"].get("string") or response["body"].get("base64_string")
        sent = request["body"].get("string") or ""
        if "base64_string" in request["body"]:
            sent = base64.b64decode(request["body"]["base64_string"])
        status = response["status"]["code"]
        yield Seen(request["method"].upper(), request["uri"], text_of(sent), status, bool(body))


def in_text(file: Path) -> Iterator[Seen]:
    """What was recorded, in the order of the calls: a text is no document to read it from."""
    name = f"{file.parent.name}/{file.name}"
    calls = dict.fromkeys(("verbose-include.txt", "trace.txt", "colors.txt"), FEW_TEXT_CALLS) | {"one.txt": ONE_CALL}
    for call in calls.get(file.name, TEXT_CALLS):
        status = vcenter.answer(*call[:2], (call.body or "").encode()).status
        base = {"write-out.txt": f"http://{HOST}", "vmware_rest.log": f"https://{HOST}"}.get(file.name, "")
        is_alone = name in ("curl/one.txt", "curl/include.txt", "httpie/print-hb.txt")
        yield Seen(call.method, base + call.path, call.body or "", status, True, is_alone)


def in_govc(file: Path) -> Iterator[Seen]:
    if file.suffix == ".json":
        head = Path(str(file).replace(".res.json", ".req.headers")).read_text("utf-8")
        method, url, _ = head.split(" ", 2)
        return iter([Seen(method, url, "", 200, True)])
    whole = [each for call in GOVC_GETS for each in (*GOVC_CALLS[:3], call, *GOVC_CALLS[3:])]
    return iter([Seen(call.method, call.path, "", 200, True) for call in whole])


def in_vmware_rest(file: Path) -> Iterator[Seen]:
    yield Seen("POST", f"https://{HOST}/rest/com/vmware/cis/session", "", 200, True)
    yield from in_text(file)


class Recording(NamedTuple):
    make: Callable[[vcenter.VCenter, Path], None]
    #: Reads the exchanges in a file: in a document, or in what is not one.
    read: Callable[[Any], Iterator[Seen]]
    is_document: bool = True


RECORDINGS = {
    "vcrpy": Recording(record_vcrpy, in_vcrpy),
    "vcrpy-old": Recording(record_vcrpy_old, in_vcrpy),
    "sdk": Recording(record_sdk, in_vcrpy),
    "mitmproxy": Recording(record_mitmproxy, in_har),
    "mitmproxy-flows": Recording(record_mitmproxy_flows, in_flows),
    "playwright": Recording(record_playwright, in_har),
    "playwright-trace": Recording(record_playwright_trace, in_archive),
    "responses": Recording(record_responses, in_responses),
    "wiremock": Recording(record_wiremock, in_wiremock),
    "wiremock-4": Recording(record_wiremock_4, in_wiremock),
    "pact": Recording(record_pact, in_pact),
    "postman": Recording(record_postman, in_postman),
    "ruby-vcr": Recording(record_ruby_vcr, in_ruby_vcr),
    "curl": Recording(record_curl, in_text, is_document=False),
    "httpie": Recording(record_httpie, in_text, is_document=False),
    "govc": Recording(record_govc, in_govc, is_document=False),
    "vmware_rest": Recording(record_vmware_rest, in_vmware_rest, is_document=False),
}


def replace(file: Path, changes: dict[str, str]) -> None:
    if file.suffix == ".zip":
        # Its files are packed again.
        with zipfile.ZipFile(file) as archive:
            members = {info: archive.read(info) for info in archive.infolist()}
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for info, content in members.items():
                archive.writestr(info.filename, replaced(content, changes))
    else:
        file.write_bytes(replaced(file.read_bytes(), changes))


def replaced(content: bytes, changes: dict[str, str]) -> bytes:
    for old, new in changes.items():
        content = content.replace(old.encode(), new.encode())
    content = re.sub(rb"\(Linux; [^;)]+; ", b"(Linux; 6.1.0; ", content)
    return re.sub(rb"(?i)(authorization: basic )\S+", rb"\1REDACTED", content)


def expected(seen: Seen) -> dict[str, object]:
    """The expected contents: the responses of the server are fixed, so they are computed again without HTTP."""
    url = urlsplit(seen.url.replace("{{baseUrl}}", "http://x"))
    target = url.path + (f"?{url.query}" if url.query else "")
    if target == "/api" and not seen.request_body:
        answer = vcenter.Answer(seen.status or 0, None, None, "no body in the recording")
    else:
        answer = vcenter.answer(seen.method, target, seen.request_body.encode())
    if url.path.endswith("/session") or url.path == "/sdk":
        answer = vcenter.Answer(seen.status or 0, None, None, "another URL")
    why_not = answer.why_not
    if not seen.status:
        why_not = why_not or "no response"
    elif answer.status != seen.status:
        raise ValueError(f"{seen} should have status {answer.status}")
    elif not why_not and not seen.has_body:
        why_not = "no body in the recording"
    return {
        "request": None if seen.is_alone else f"{seen.method} {seen.url}",
        "status": seen.status,
        "vm": answer.vm,
        "checked": not why_not,
        "why_not": why_not,
    }


def exchanges(file: Path, read: Callable[[Any], Iterator[Seen]], is_document: bool) -> list[dict[str, object]]:
    if not is_document:
        return [expected(seen) for seen in read(file)]
    if file.suffix == ".flow":
        return [expected(seen) for seen in read(read_flows(file.read_bytes()))]
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            return [expected(seen) for seen in read(archive)]
    text = file.read_text("utf-8")
    document = read_yaml(text) if file.suffix in (".yaml", ".yml") else json.loads(text)
    return [expected(seen) for seen in read(with_texts(document, file.parent))]


def recorded(folder: Path) -> Iterator[Path]:
    """The recordings in a folder, without body files."""
    for file in sorted(folder.rglob("*")):
        is_part = file.name.endswith((".headers", ".req.json", ".xml"))
        if (
            file.is_file()
            and not is_part
            and file.parent.name != "__files"
            and (folder.name != "playwright" or file.suffix == ".har")
        ):
            yield file


def main(names: list[str]) -> None:
    # It imports this module.
    recordings = {**RECORDINGS, **load("record_lists").RECORDINGS}
    for name in names or recordings:
        folder = FOLDERS / name
        with vcenter.running() as server, tempfile.TemporaryDirectory() as scratch:
            made = Path(scratch) / name
            made.mkdir()
            recordings[name].make(server, made)
            for file in made.rglob("*"):
                if file.is_file():
                    replace(file, {server.address: HOST, scratch: "/scratch", str(FOLDERS.parent.parent): "/scratch"})
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(made, folder)
    write_expected(recordings)


def write_expected(recordings: dict[str, Recording]) -> None:
    found = {
        file.relative_to(FOLDERS).as_posix(): exchanges(file, recording.read, recording.is_document)
        for name, recording in recordings.items()
        for file in recorded(FOLDERS / name)
    }
    files = ",\n".join(
        f"  {json.dumps(name)}: [\n" + ",\n".join(f"    {json.dumps(exchange)}" for exchange in seen) + "\n  ]"
        for name, seen in found.items()
    )
    (FOLDERS / "expected.json").write_text(f"{{\n{files}\n}}\n", "utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--vcrpy-old"]:
        record_vcrpy_old_here(sys.argv[2], Path(sys.argv[3]))
    else:
        main(sys.argv[1:])
