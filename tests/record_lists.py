"""Makes the recordings of tools that write lists of exchanges in JSON; `record.py` runs it and has the helpers.

Each recording needs

- ansible: from PyPI ansible-core, ansible-playbook on the PATH or in $ANSIBLE_PLAYBOOK; for the callback, the
  collection ansible.posix, which PyPI's ansible has
- bruno: the npm package @usebruno/cli, its `bru` in $BRU
- mockserver, mockserver-7: java, and Maven Central's mockserver-netty 5.15 (shaded) and 7.6 with what it needs, the
  class paths in $MOCKSERVER and $MOCKSERVER_7
- mountebank: the npm package mountebank, its `mb` in $MB
- newman: the npm package newman 6, its `newman` in $NEWMAN
- nock, nock-14: node, and the npm package nock 13 and 14, the modules in $NOCK and $NOCK_14
- wiremock-journal: as for wiremock
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import vcenter
from record import (
    ALL_CALLS,
    FEW_CALLS,
    FOLDERS,
    JSON_HEADERS,
    Recording,
    Seen,
    asked,
    replace,
    rpc,
    sent_with_requests,
    wiremock,
    write_json,
)
from record import get as called

#: All statuses in all encodings, and exchanges that are not checked.
CALLS = [
    *(called(encoding, vm) for encoding in ("api", "rest") for vm in vcenter.CUSTOMIZATIONS),
    *(rpc("get", vm) for vm in vcenter.CUSTOMIZATIONS),
    *ALL_CALLS[-8:],
    ALL_CALLS[0],
]
#: All statuses under /api, and some in other encodings, for verbose reports.
SHORT = [*CALLS[:6], *FEW_CALLS]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def listening(command: list[str], cwd: Path, port: int) -> Iterator[None]:
    """Runs a server that listens on a port."""
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=cwd, **quiet) as child:
        try:
            for _ in range(600):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.1)
            yield
        finally:
            child.terminate()
            child.wait(30)


def put(url: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, JSON_HEADERS, method="PUT")) as response:
        text = response.read()
    return json.loads(text) if text else None


def text_of(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


# MockServer


def record_mockserver(server: vcenter.VCenter, folder: Path, variable: str = "MOCKSERVER") -> None:
    """What a proxy recorded, in both forms."""
    port = free_port()
    command = ["java", "-cp", os.environ[variable], "org.mockserver.cli.Main", "-serverPort", str(port)]
    command += ["-proxyRemoteHost", "127.0.0.1", "-proxyRemotePort", str(server.server_port)]
    base = f"http://127.0.0.1:{port}"
    kinds = {"expectations": ("RECORDED_EXPECTATIONS", CALLS), "exchanges": ("REQUEST_RESPONSES", FEW_CALLS)}
    with tempfile.TemporaryDirectory() as scratch, listening(command, Path(scratch), port):
        for name, (kind, calls) in kinds.items():
            put(f"{base}/mockserver/reset")
            sent_with_requests(calls, base)
            write_json(folder / f"{name}.json", put(f"{base}/mockserver/retrieve?type={kind}&format=JSON"))
            replace(folder / f"{name}.json", {f"127.0.0.1:{port}": "mock.example"})


def record_mockserver_7(server: vcenter.VCenter, folder: Path) -> None:
    record_mockserver(server, folder, "MOCKSERVER_7")


def in_mockserver(document: Any) -> Iterator[Seen]:
    for each in document:
        request, response = each["httpRequest"], each["httpResponse"]
        query = "&".join(f"{name}={one[0]}" for name, one in request.get("queryStringParameters", {}).items())
        body = request.get("body", "")
        body = text_of(body.get("json", body) if isinstance(body, dict) else body)
        url = request["path"] + (f"?{query}" if query else "")
        yield Seen(request["method"], url, body, response.get("statusCode", 200), bool(response.get("body")))


# mountebank


def record_mountebank(server: vcenter.VCenter, folder: Path) -> None:
    """An imposter that was a proxy: as saved, and as the API shows it."""
    admin, port = free_port(), free_port()
    base = f"http://127.0.0.1:{admin}"
    command = [os.environ["MB"], "--port", str(admin), "--nologfile", "--localOnly"]
    proxy = {
        "to": f"http://{server.address}",
        "mode": "proxyOnce",
        "predicateGenerators": [{"matches": {"method": True, "path": True, "query": True, "body": True}}],
    }
    stub = {"responses": [{"proxy": proxy}]}
    imposter = {"protocol": "http", "port": port, "recordRequests": True, "stubs": [stub]}
    with tempfile.TemporaryDirectory() as scratch, listening(command, Path(scratch), admin):
        asked(f"{base}/imposters", imposter)
        sent_with_requests(FEW_CALLS, f"http://127.0.0.1:{port}", headers={"Accept-Encoding": "gzip"})
        write_json(folder / "imposter.json", asked(f"{base}/imposters/{port}"))
        sent_with_requests(CALLS, f"http://127.0.0.1:{port}", headers={"Accept-Encoding": "gzip"})
        write_json(folder / "saved.json", asked(f"{base}/imposters?replayable=true&removeProxies=true"))
    for file in folder.iterdir():
        replace(file, {f"localhost:{port}": "mock.example", f"127.0.0.1:{admin}": "admin.example", str(port): "8080"})


def in_mountebank(document: Any) -> Iterator[Seen]:
    for imposter in document.get("imposters", [document]):
        for stub in imposter["stubs"]:
            wanted: dict[str, Any] = {}
            for predicate in stub.get("predicates", []):
                wanted |= predicate["deepEquals"]
            for response in stub["responses"]:
                if "is" not in response:
                    yield Seen(wanted.get("method", "ANY"), wanted.get("path", "*"), "", None, False)
                    continue
                query = "&".join(f"{name}={value}" for name, value in wanted.get("query", {}).items())
                url = wanted["path"] + (f"?{query}" if query else "")
                found = response["is"]
                body = text_of(wanted.get("body", ""))
                yield Seen(wanted["method"], url, body, found.get("statusCode", 200), bool(found.get("body")))


# nock


def record_nock(server: vcenter.VCenter, folder: Path, variable: str = "NOCK") -> None:
    command = ["node", str(FOLDERS / "record_nock.js"), os.environ[variable]]
    order = {"base": f"http://{server.address}", "folder": str(folder), "all": [call._asdict() for call in CALLS]}
    subprocess.run(command, input=json.dumps(order).encode(), check=True)


def record_nock_14(server: vcenter.VCenter, folder: Path) -> None:
    record_nock(server, folder, "NOCK_14")


def in_nock(document: Any) -> Iterator[Seen]:
    for each in document:
        url = each["scope"] + each["path"]
        yield Seen(each["method"], url, text_of(each.get("body", "")), each["status"], bool(each["response"]))


# newman


def record_newman(server: vcenter.VCenter, folder: Path) -> None:
    """The report of a run, over a collection that has saved responses, too."""
    few = json.loads((FOLDERS / "postman" / "v2.1.postman_collection.json").read_text("utf-8"))
    saved = few["item"][0]["item"][0]["item"][0]["response"]
    items = []
    for call in SHORT:
        body = {"body": {"mode": "raw", "raw": call.body}} if call.body else {}
        header = [{"key": "Content-Type", "value": "application/json"}] if call.body else []
        request = {"method": call.method, "header": header, "url": "{{baseUrl}}" + call.path, **body}
        items.append({"name": f"{call.method} {call.path}", "request": request})
    items[0]["response"] = saved
    collection = {
        "info": {"name": "c", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "item": items,
        "variable": [{"key": "baseUrl", "value": f"http://{server.address}"}],
    }
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "c.json"
        file.write_text(json.dumps(collection))
        command = [os.environ["NEWMAN"], "run", str(file), "--reporters", "json"]
        subprocess.run([*command, "--reporter-json-export", str(folder / "report.json")], check=True)


def in_newman(document: Any) -> Iterator[Seen]:
    for each in document["run"]["executions"]:
        request, response = each["request"], each["response"]
        url = request["url"]
        query = "&".join(f"{one['key']}={one['value']}" for one in url.get("query", []))
        whole = f"{url['protocol']}://{'.'.join(url['host'])}" + (f":{url['port']}" if "port" in url else "")
        whole += "/" + "/".join(url["path"]) + (f"?{query}" if query else "")
        body = request.get("body", {}).get("raw", "")
        yield Seen(request["method"], whole, body, response["code"], bool(response["stream"]["data"]))


# Bruno


def record_bruno(server: vcenter.VCenter, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        collection = {"version": "1", "name": "c", "type": "collection"}
        (Path(scratch) / "bruno.json").write_text(json.dumps(collection))
        for number, call in enumerate(CALLS):
            kind = "json" if call.body else "none"
            text = f"meta {{\n  name: r{number}\n  type: http\n  seq: {number + 1}\n}}\n\n{call.method.lower()} {{\n"
            text += f"  url: http://{server.address}{call.path}\n  body: {kind}\n  auth: none\n}}\n"
            if call.body:
                text += f"\nbody:json {{\n  {call.body}\n}}\n"
            (Path(scratch) / f"r{number:02}.bru").write_text(text)
        command = [os.environ["BRU"], "run", "--reporter-json", str(folder / "report.json")]
        subprocess.run(command, cwd=scratch, check=False)
        replace(folder / "report.json", {scratch: "/scratch"})


def in_bruno(document: Any) -> Iterator[Seen]:
    for iteration in document:
        for each in iteration["results"]:
            request, response = each["request"], each["response"]
            body = text_of(request.get("data") or "")
            yield Seen(request["method"], request["url"], body, response["status"], bool(response["data"]))


# Ansible

_PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: ask
      ansible.builtin.uri:
        url: "{{ base }}{{ item.path }}"
        method: "{{ item.method }}"
        body: "{{ item.body }}"
        headers: {Content-Type: application/json}
        return_content: RETURN
        status_code: [200, 204, 404]
      loop: "{{ calls }}"
      register: asked
    - name: ask alone
      ansible.builtin.uri:
        url: "{{ base }}/rest/vcenter/vm/vm-broken/guest/customization"
        return_content: RETURN
      register: alone
    - name: keep all
      ansible.builtin.copy: {content: "{{ asked | to_nice_json }}", dest: "{{ folder }}/registered.json"}
    - name: keep one
      ansible.builtin.copy: {content: "{{ alone | to_nice_json }}", dest: "{{ folder }}/alone.json"}
"""


def record_ansible(server: vcenter.VCenter, folder: Path) -> None:
    """Registered results, with and without the text, and the report of the callback."""
    for name, kept, calls in (("content", "true", CALLS), ("json", "false", SHORT)):
        with tempfile.TemporaryDirectory() as scratch:
            made = folder / name
            made.mkdir()
            (Path(scratch) / "play.yml").write_text(_PLAYBOOK.replace("RETURN", kept))
            known = {
                "base": f"http://{server.address}",
                "folder": str(made),
                "ansible_python_interpreter": sys.executable,
                "calls": [call._asdict() for call in calls],
            }
            (Path(scratch) / "vars.json").write_text(json.dumps(known))
            command = [os.environ.get("ANSIBLE_PLAYBOOK", "ansible-playbook"), "-i", "localhost,", "-c", "local"]
            environment = {
                **os.environ,
                "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
                "ANSIBLE_JSON_INDENT": "1",
                "ANSIBLE_LOCALHOST_WARNING": "0",
                "ANSIBLE_LOCAL_TEMP": scratch,
                "ANSIBLE_REMOTE_TEMP": scratch,
            }
            done = subprocess.run(
                [*command, "-e", f"@{scratch}/vars.json", f"{scratch}/play.yml"],
                env=environment,
                stdout=subprocess.PIPE,
                check=True,
            )
            (made / "callback.json").write_bytes(done.stdout)
            for file in made.iterdir():
                document = json.loads(file.read_text("utf-8"))
                if file.name == "callback.json" and name == "content":
                    # The registered results are the same.
                    document["plays"][0]["tasks"] = document["plays"][0]["tasks"][1:]
                file.write_text(json.dumps(without_machine(document), indent=1, ensure_ascii=False) + "\n", "utf-8")
                replace(file, {scratch: "/scratch"})


#: What Ansible tells about the machine and its own call.
_OF_THE_MACHINE = {"owner", "group", "uid", "gid", "user", "discovered_interpreter_python", "ansible_facts", "warnings"}


def without_machine(value: Any) -> Any:
    if isinstance(value, list):
        return [without_machine(element) for element in value]
    if isinstance(value, dict):
        return {name: without_machine(member) for name, member in value.items() if name not in _OF_THE_MACHINE}
    return value


def in_ansible(document: Any) -> Iterator[Seen]:
    if isinstance(document, list):
        for element in document:
            yield from in_ansible(element)
    elif "plays" in document:
        for play in document["plays"]:
            for task in play["tasks"]:
                for result in task["hosts"].values():
                    yield from in_ansible(result)
    elif "results" in document:
        yield from in_ansible(document["results"])
    elif "url" in document:
        # The result of a task without a loop does not have its arguments.
        call = document.get("invocation", {"module_args": {"method": "ANY"}})["module_args"]
        body = text_of(call.get("body") or "")
        has_body = "json" in document or bool(document.get("content"))
        yield Seen(call["method"], document["url"], body, document["status"], has_body)


# WireMock's journal


def record_wiremock_journal(server: vcenter.VCenter, folder: Path) -> None:
    """The journal of a WireMock that forwards, and one event of it."""
    with tempfile.TemporaryDirectory() as scratch, wiremock(os.environ["WIREMOCK"], Path(scratch) / "root") as base:
        forward = {"request": {}, "response": {"proxyBaseUrl": f"http://{server.address}"}}
        asked(f"{base}/__admin/mappings", forward)
        sent_with_requests(CALLS, base)
        journal = asked(f"{base}/__admin/requests")
        netloc = urlsplit(base).netloc
        port = netloc.rpartition(":")[2]
        journal = json.loads(
            json.dumps(journal).replace(netloc, "vcenter.example").replace(f'"port": {port}', '"port": 80')
        )
        write_json(folder / "requests.json", journal)
        write_json(
            folder / "event.json",
            next(one for one in journal["requests"] if "rest/vcenter/vm/vm-broken" in one["request"]["url"]),
        )


def in_wiremock_journal(document: Any) -> Iterator[Seen]:
    for event in document.get("requests", [document]):
        request, response = event["request"], event["response"]
        body = bool(response.get("bodyAsBase64") or response.get("body"))
        yield Seen(request["method"], request["url"], request.get("body", ""), response["status"], body)


RECORDINGS: dict[str, Recording] = {
    "ansible": Recording(record_ansible, in_ansible),
    "bruno": Recording(record_bruno, in_bruno),
    "mockserver": Recording(record_mockserver, in_mockserver),
    "mockserver-7": Recording(record_mockserver_7, in_mockserver),
    "mountebank": Recording(record_mountebank, in_mountebank),
    "newman": Recording(record_newman, in_newman),
    "nock": Recording(record_nock, in_nock),
    "nock-14": Recording(record_nock_14, in_nock),
    "wiremock-journal": Recording(record_wiremock_journal, in_wiremock_journal),
}
