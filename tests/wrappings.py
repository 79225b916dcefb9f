"""One payload in every envelope and capture: documents as tools write them, made from a payload's text.

The counterpart of `guestcust.captures`, written independently from the formats.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import brotli  # type: ignore[import-untyped]
import yaml
import zstandard

_PLACEHOLDER = "the text goes here"
_PATH = "/vcenter/vm/vm-42/guest/customization"
_STRUCTURE = "com.vmware.vcenter.vm.guest.customization.info"
_CALL = {
    "jsonrpc": "2.0",
    "method": "invoke",
    "id": "1",
    "params": {"serviceId": "com.vmware.vcenter.vm.guest.customization", "operationId": "get", "input": {}},
}


def dumped(value: Any, **options: Any) -> str:
    """A value in YAML, as PyYAML's quick emitter writes it."""
    text: str = yaml.dump(value, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper), **options)
    return text


class Exchange(NamedTuple):
    """A request to a vCenter, and the text of its response."""

    envelope: str
    method: str
    path: str
    asked: str | None
    text: str


def exchanges(payload: Any, write: Callable[[Any], str] = json.dumps) -> list[Exchange]:
    """A payload in the three encodings; `write` makes JSON text."""
    return [
        Exchange("api", "GET", f"/api{_PATH}", None, write(payload)),
        Exchange("rest", "GET", f"/rest{_PATH}", None, f'{{"value": {write(payload)}}}'),
        Exchange("json-rpc", "POST", "/api", json.dumps(_CALL), write(_answer(payload))),
    ]


def _answer(payload: Any) -> dict[str, Any]:
    if isinstance(payload, dict):
        optional = ("error", "start_time", "end_time")
        payload = {name: {"OPTIONAL": value} if name in optional else value for name, value in payload.items()}
    return {"jsonrpc": "2.0", "id": "1", "result": {"output": {"STRUCTURE": {_STRUCTURE: payload}}}}


def compressed(text: str) -> dict[str, bytes]:
    """A text in every compression that a server may use, by the name in Content-Encoding."""
    data = text.encode()
    raw = zlib.compressobj(wbits=-15)
    return {
        "gzip": gzip.compress(data),
        "deflate": zlib.compress(data),
        "deflate ": raw.compress(data) + raw.flush(),
        "br": brotli.compress(data),
        "zstd": zstandard.compress(data),
    }


def captures(exchange: Exchange) -> Iterator[tuple[str, bytes]]:
    """The exchange in every capture: file names and contents."""
    for name, writer in WRITERS.items():
        # In an OpenAPI document, too, a string that begins like JSON is the text of a body.
        is_parsed = name in _PARSED or name.startswith(("openapi", "swagger"))
        is_lost = name == "text-curl-trace-ascii.txt" and not (exchange.text.isascii() and exchange.text.isprintable())
        if not ((is_parsed and exchange.text.lstrip().startswith('"')) or is_lost):
            yield name, writer(exchange)
    yield "packed.har.gz", gzip.compress(_har(exchange))
    yield "packed.yaml.zst", zstandard.compress(_vcrpy(exchange))
    yield "packed.zhar", zlib.compress(_har(exchange))
    yield "packed.json.xz", lzma.compress(json.dumps(_stub(exchange, body=exchange.text)).encode())
    yield "packed.yml.bz2", bz2.compress(_go_vcr(exchange, 1))
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as archive:
        archive.writestr("member.har", _har(exchange))
    yield "packed.zip", buffer.getvalue()
    yield "trace.zip", _trace(exchange)


def _json(document: Any, exchange: Exchange, indent: int | None = None) -> bytes:
    """A document with the placeholder replaced by the text."""
    return json.dumps(document, indent=indent).replace(json.dumps(_PLACEHOLDER), exchange.text).encode()


def _base64(text: str | bytes) -> str:
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def _url(exchange: Exchange) -> str:
    return f"https://vcenter.example:8443{exchange.path}"


def _har(exchange: Exchange, indent: int | None = 2, **content: Any) -> bytes:
    request: dict[str, Any] = {"method": exchange.method, "url": _url(exchange), "headers": []}
    if exchange.asked:
        request["postData"] = {"mimeType": "application/json", "text": exchange.asked}
    content = content or {"text": exchange.text}
    response = {"status": 200, "headers": [], "content": {"mimeType": "application/json", **content}}
    entry = {"time": 3, "request": request, "response": response}
    return json.dumps({"log": {"version": "1.2", "entries": [entry]}}, indent=indent).encode()


def _cassette(exchange: Exchange, string: str | bytes, encoding: str | None = None) -> dict[str, Any]:
    headers = {"Content-Encoding": [encoding]} if encoding else {}
    request: dict[str, Any] = {"method": exchange.method, "uri": _url(exchange), "body": exchange.asked, "headers": {}}
    response = {"status": {"code": 200, "message": "OK"}, "headers": headers, "body": {"string": string}}
    return {"interactions": [{"request": request, "response": response}], "version": 1}


def _vcrpy(exchange: Exchange) -> bytes:
    return dumped(_cassette(exchange, exchange.text)).encode()


def _vcrpy_compressed(encoding: str) -> Callable[[Exchange], bytes]:
    return lambda exchange: dumped(_cassette(exchange, compressed(exchange.text)[encoding], encoding.strip())).encode()


def _go_vcr(exchange: Exchange, version: int) -> bytes:
    request = {"body": exchange.asked or "", "url": _url(exchange), "method": exchange.method}
    response = {"body": exchange.text, "status": "200 OK", "code": 200, "duration": "1ms"}
    document = {"version": version, "interactions": [{"request": request, "response": response}]}
    return dumped(document, sort_keys=False).encode()


def _merged(exchange: Exchange) -> bytes:
    """A cassette whose requests share members, as YAML merges them."""
    (interaction,) = _cassette(exchange, exchange.text)["interactions"]
    url = interaction["request"].pop("uri")
    shared = dumped(interaction["request"], default_flow_style=True, width=10**6).strip()
    response = dumped(interaction["response"], default_flow_style=True, width=10**6).strip()
    return (
        f"shared: &shared {shared}\ninteractions:\n- request:\n    <<: *shared\n    uri: '{url}'\n"
        f"  response: {response}\nversion: 1\n"
    ).encode()


def _r_vcr(exchange: Exchange) -> bytes:
    document = _ruby_vcr(exchange)
    (interaction,) = document["http_interactions"]
    interaction["response"]["status"] = {"status_code": "200", "message": "OK"}
    interaction["recorded_with"] = "vcr/0.6.0"
    return dumped({"http_interactions": [interaction]}).encode()


def _chunks(exchange: Exchange, write: Callable[[bytes], str], **content: Any) -> bytes:
    """A HAR of Polly.js, which keeps a compressed body as a list of chunks."""
    data = gzip.compress(exchange.text.encode())
    return _har(exchange, text=json.dumps([write(data[:10]), write(data[10:])]), **content)


def _commented(exchange: Exchange) -> bytes:
    return b'// "a stub"\n' + _json(_stub(exchange, jsonBody=_PLACEHOLDER), exchange, indent=1) + b"\n/* { */"


def _event(exchange: Exchange) -> dict[str, Any]:
    event = _stub(exchange, bodyAsBase64=_base64(gzip.compress(exchange.text.encode())), body="\x1f\ufffd")
    if exchange.asked:
        event["request"] = {"url": exchange.path, "method": "POST", "body": exchange.asked}
    return {"id": "1", **event, "responseDefinition": {"status": 200}, "wasMatched": True}


def _ruby_vcr(exchange: Exchange, **body: str) -> dict[str, Any]:
    request = {"method": exchange.method.lower(), "uri": _url(exchange), "body": {"string": exchange.asked or ""}}
    response = {"status": {"code": 200}, "headers": {}, "body": body or {"string": exchange.text}}
    return {"http_interactions": [{"request": request, "response": response}], "recorded_with": "VCR 6"}


def _stub(exchange: Exchange, **response: Any) -> dict[str, Any]:
    request: dict[str, Any] = {"url": exchange.path, "method": exchange.method}
    if exchange.asked:
        request["bodyPatterns"] = [{"equalToJson": exchange.asked}]
    return {"request": request, "response": {"status": 200, **response}}


def _pact(exchange: Exchange, body: Any, **interaction: Any) -> dict[str, Any]:
    request: dict[str, Any] = {"method": exchange.method, "path": exchange.path}
    if exchange.asked:
        asked = json.loads(exchange.asked)
        request["body"] = {"content": asked, "encoded": False} if interaction else asked
    response = {"status": 200, "body": body}
    found = {"description": "asks", **interaction, "request": request, "response": response}
    return {"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [found]}


def _pact_v4(exchange: Exchange, content: str, encoded: str | bool) -> dict[str, Any]:
    body = {"content": content, "contentType": "application/json", "encoded": encoded}
    return _pact(exchange, body, type="Synchronous/HTTP")


def _postman(exchange: Exchange) -> dict[str, Any]:
    url = {"raw": f"{{{{baseUrl}}}}{exchange.path}", "path": exchange.path[1:].split("/")}
    request = {"method": exchange.method, "url": url, "body": {"mode": "raw", "raw": exchange.asked or ""}}
    response = {"name": "a", "originalRequest": request, "code": 200, "body": exchange.text}
    return {"info": {"name": "c"}, "item": [{"name": "f", "item": [{"request": request, "response": [response]}]}]}


def _openapi(exchange: Exchange, server: str = "https://{vcenter}") -> dict[str, Any]:
    """An OpenAPI document; a server may be the beginning of the path."""
    media = {"examples": {"one": {"$ref": "#/components/examples/a~1b"}}}
    responses = {"200": {"description": "d", "content": {"application/json": media}}, "404": {"description": "e"}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": server, "variables": {"vcenter": {"default": "vcenter.example:8443"}}}],
        "paths": {exchange.path: {exchange.method.lower(): {"responses": responses}}},
    }
    return {**document, "components": {"examples": {"a/b": {"value": _PLACEHOLDER}}}}


def _quoted(exchange: Exchange) -> str:
    """The text of an example in quotes, as it is in YAML that is made from a template."""
    return dumped(exchange.text, default_style='"', width=10**6).strip()


def _swagger(exchange: Exchange) -> dict[str, Any]:
    response = {"description": "d", "examples": {"application/json": _PLACEHOLDER}}
    prefix = f"/{exchange.path.split('/')[1]}"
    path = exchange.path.removeprefix(prefix)
    # The path of the server itself is that of json-rpc.
    prefix, path = (prefix, path) if path else ("", prefix)
    operation = {"responses": {"200": response}}
    return {
        "swagger": "2.0",
        "host": "vcenter.example:8443",
        "basePath": prefix,
        "paths": {path: {exchange.method.lower(): operation}},
    }


def _structured(exchange: Exchange, write: Callable[[Exchange], dict[str, Any]]) -> bytes:
    """A document in YAML with the payload as a structure of YAML, which has no duplicates."""
    document = json.loads(_json(write(exchange), exchange))
    return dumped(document, sort_keys=False, allow_unicode=True).encode()


def _responses(exchange: Exchange) -> dict[str, Any]:
    response = {"method": exchange.method, "url": _url(exchange), "status": 200, "body": exchange.text}
    return {"responses": [{"response": {**response, "auto_calculate_content_length": False}}]}


def _opencollection(exchange: Exchange) -> dict[str, Any]:
    request = {"url": f"{{{{baseUrl}}}}{exchange.path}", "method": exchange.method}
    response = {"status": "OK", "statusText": "200", "body": {"type": "json", "data": exchange.text}}
    http = {**request, "body": {"type": "json", "data": exchange.asked or ""}}
    return {"info": {"name": "n"}, "http": http, "examples": [{"name": "e", "request": request, "response": response}]}


def _trace(exchange: Exchange) -> bytes:
    """A trace of Playwright, with the bodies in files of their own."""
    har = json.loads(_har(exchange, _file="resources/2.json"))
    (entry,) = har["log"]["entries"]
    entry["request"]["postData"] = {"mimeType": "application/json", "text": "", "_file": "resources/1.json"}
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("trace.network", json.dumps({"type": "resource-snapshot", "snapshot": entry}) + "\n")
        archive.writestr("resources/1.json", exchange.asked or "")
        archive.writestr("resources/2.json", exchange.text)
    return buffer.getvalue()


def tnetstring(value: Any) -> bytes:
    """A value as mitmproxy writes it."""
    kind = {bytes: b",", str: b";", bool: b"!", int: b"#", float: b"^", type(None): b"~", list: b"]", dict: b"}"}
    if isinstance(value, dict):
        data = b"".join(tnetstring(one) for pair in value.items() for one in pair)
    elif isinstance(value, list):
        data = b"".join(map(tnetstring, value))
    elif isinstance(value, bytes):
        data = value
    else:
        data = b"" if value is None else str(value).lower().encode() if isinstance(value, bool) else str(value).encode()
    return b"%d:%s%s" % (len(data), data, kind[type(value)])


def _flow(exchange: Exchange, content: bytes | None = None) -> bytes:
    """A flow; the proxy connected to another host than the one that was asked for."""
    request = {
        "path": exchange.path.encode(),
        "authority": b"",
        "scheme": b"https",
        "method": exchange.method.encode(),
        "port": 443,
        "host": "10.0.0.1",
        "headers": [[b"host", b"vcenter.example:8443"]],
        "content": (exchange.asked or "").encode(),
    }
    content = exchange.text.encode() if content is None else content
    response = {"status_code": 200, "headers": [[b"Content-Type", b"application/json"]], "content": content}
    return tnetstring({"response": response, "request": request, "error": None, "type": "http", "version": 21})


# HTTP as text. What a tool does not show of an exchange is left out.


def _request(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.path} HTTP/1.1\r\nHost: vcenter.example\r\n\r\n"


def _head(exchange: Exchange, *fields: str) -> str:
    length = f"Content-Length: {len(exchange.text.encode())}"
    return "".join(f"{line}\r\n" for line in ("HTTP/1.1 200 OK", *(fields or (length,)), ""))


def _httpie(exchange: Exchange) -> bytes:
    asked = exchange.asked or ""
    return f"{_request(exchange)}{asked}\n\n{_head(exchange)}{exchange.text}\n\n".encode()


def _in_colors(exchange: Exchange) -> bytes:
    """Colors as HTTPie writes them, with every quote and brace in one of its own."""
    head = (
        f"\x1b[32m{exchange.method}\x1b[39m \x1b[04m{exchange.path}\x1b[39m \x1b[34mHTTP\x1b[39m/\x1b[34m1.1\x1b[39m\n"
    )
    answered = (
        "\x1b[34mHTTP\x1b[39m/\x1b[34m1.1\x1b[39m \x1b[34m200\x1b[39m \x1b[36mOK\x1b[39m\n\x1b[36mA\x1b[39m: b\r\n\r\n"
    )
    body = "".join(f"\x1b[38;5;245m{each}\x1b[39;49;00m" if each in '{}"' else each for each in exchange.text)
    return f"{head}\x1b[36mHost\x1b[39m: vc\r\n\r\n{exchange.asked or ''}\n\n{answered}{body}\n".encode()


def _govc(exchange: Exchange) -> bytes:
    """What govc writes without jq: the next head follows on the same line."""
    asked = exchange.asked or ""
    logout = "DELETE /api/session HTTP/1.1\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
    return f"{_request(exchange)}{asked}{_head(exchange)}{exchange.text}{logout}".encode()


def _curl_verbose(exchange: Exchange, *, terminal: bool = False, time: str = "") -> bytes:
    sent = "".join(f"{time}> {line}\r\n" for line in _request(exchange).split("\r\n")[:-1])
    told = "".join(f"{time}< {line}\r\n" for line in _head(exchange).split("\r\n")[:-1])
    if terminal:
        return f"*   Trying 192.0.2.1:443...\r\n{sent}{told}{exchange.text}* Connection #0 left intact\r\n".encode()
    size = f"{time}{{ [{len(exchange.text.encode())} bytes data]\n"
    meter = "  % Total    % Received\n" + " " * 33 + "Dload\n\r" + " 0 " * 24 + "--:--:--"
    meter = "" if time else meter
    begun = f"{meter}{time}*   Trying 192.0.2.1:443...\n"
    return f"{begun}{sent}{told}{size}{time}* Connection #0 to host vcenter left intact\n{exchange.text}".encode()


def _curl_trace(exchange: Exchange, *, compress: bool = False) -> bytes:
    body = exchange.text.encode()
    fields = ["Transfer-Encoding: chunked"]
    if compress:
        body = gzip.compress(body)
        fields.append("Content-Encoding: gzip")
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    records = [("=> Send header", _request(exchange).encode())]
    records += [("=> Send data", exchange.asked.encode())] if exchange.asked else []
    records += [("<= Recv header", f"{line}\r\n".encode()) for line in _head(exchange, *fields).split("\r\n")[:-1]]
    records += [("<= Recv data", chunked[:20]), ("<= Recv data", chunked[20:])]
    lines = ["== Info:   Trying 192.0.2.1:443..."]
    for name, data in records:
        lines.append(f"{name}, {len(data)} bytes (0x{len(data):x})")
        for at in range(0, len(data), 16):
            row = data[at : at + 16]
            shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
            lines.append(f"{at:04x}: {row.hex(' '):<47} {shown}")
    return "\n".join([*lines, ""]).encode()


def _curl_trace_ascii(exchange: Exchange) -> bytes:
    """Only for text of printable ASCII; other characters are lost."""
    lines = [f"12:00:00.123456 => Send header, {len(_request(exchange))} bytes (0x1)"]
    lines += [f"{at:04x}: {line}" for at, line in _broken_at_line_breaks(_request(exchange))]
    for line in _head(exchange).split("\r\n")[:-1]:
        lines += [f"12:00:00.123456 <= Recv header, {len(line) + 2} bytes (0x1)", f"0000: {line}"]
    lines.append(f"12:00:00.123456 <= Recv data, {len(exchange.text)} bytes (0x1)")
    lines += [f"{at:04x}: {exchange.text[at : at + 64]}" for at in range(0, len(exchange.text), 64)]
    return "\n".join([*lines, "12:00:00.123456 == Info: Closing connection 0", ""]).encode()


def _broken_at_line_breaks(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.split("\r\n")[:-1]:
        for start in range(0, max(1, len(line)), 64):
            yield at + start, line[start : start + 64]
        at += len(line) + 2


def _curl_write_out(exchange: Exchange) -> bytes:
    told = {"certs": "", "method": exchange.method, "response_code": 200, "url_effective": _url(exchange)}
    return exchange.text.encode() + json.dumps({**told, "curl_version": "libcurl/8"}, separators=(",", ":")).encode()


def _vmware_rest(exchange: Exchange) -> bytes:
    login = "POST: https://vc/rest/com/vmware/cis/session\nheaders: <CIMultiDict()>\n  status: 404\n  answer: {}\n\n"
    told = f"headers: <CIMultiDict('vmware-api-session-id': 'x')>\n  status: 200\n  answer: {exchange.text}\n\n"
    return f"{exchange.method}: {_url(exchange)}\n{told}{login}".encode()


def answers(exchange: Exchange) -> Iterator[tuple[str, bytes]]:
    """The response alone, in every form of HTTP as text: file names and contents."""
    http_2 = _head(exchange).replace("1.1 200 OK", "2 200 ")
    yield "curl.txt", f"{_head(exchange)}{exchange.text}".encode()
    yield "curl-http-2.http", f"{http_2}{exchange.text}\n".encode()
    yield "with-line-feeds.log", f"{_head(exchange)}{exchange.text}".replace("\r\n", "\n").encode()
    yield "redirected.txt", f"HTTP/1.1 301 Moved\r\nLocation: /x\r\n\r\n{_head(exchange)}{exchange.text}".encode()
    yield "proxied.txt", f"HTTP/1.1 200 Connection established\r\n\r\n{_head(exchange)}{exchange.text}".encode()
    packed = gzip.compress(exchange.text.encode())
    yield "gzip.txt", _head(exchange, "Content-Encoding: gzip").encode() + packed
    yield "decompressed.txt", f"{_head(exchange, 'Content-Encoding: gzip')}{exchange.text}".encode()
    yield "utf-16.txt", f"{_head(exchange, 'A: b')}{exchange.text}".encode("utf-16")


def _mockserver(exchange: Exchange, body: Any) -> dict[str, Any]:
    request: dict[str, Any] = {"method": exchange.method, "path": exchange.path}
    if exchange.asked:
        request["body"] = {"type": "JSON", "json": json.loads(exchange.asked), "rawBytes": _base64(exchange.asked)}
    return {"httpRequest": request, "httpResponse": {"statusCode": 200, "body": body}}


def _hoverfly(exchange: Exchange, match: Callable[[str], Any], **response: Any) -> bytes:
    request = {"method": match(exchange.method), "destination": match("vc.example:8443"), "path": match(exchange.path)}
    if exchange.asked:
        request["body"] = match(exchange.asked)
    response = {"status": 200, "body": exchange.text, "encodedBody": False, **response}
    pairs = [{"request": request, "response": response}]
    return json.dumps({"data": {"pairs": pairs}, "meta": {"schemaVersion": "v5"}}).encode()


def _journal(exchange: Exchange) -> bytes:
    request = {"path": exchange.path, "method": exchange.method, "destination": "vc.example", "scheme": "https"}
    entry = {
        "request": {**request, "query": "", "body": exchange.asked or "", "headers": {}},
        "response": {"status": 200, "body": exchange.text, "encodedBody": False},
        "mode": "capture",
    }
    return json.dumps({"journal": [entry], "index": "", "offset": 0, "limit": 25, "total": 1}).encode()


def _mountebank(exchange: Exchange, body: Any, mode: str = "text") -> dict[str, Any]:
    wanted = {"method": exchange.method, "path": exchange.path, "query": {}, "body": exchange.asked or ""}
    predicates = [{"and": [{"deepEquals": {name: value}}]} for name, value in wanted.items()]
    stub = {"predicates": predicates, "responses": [{"is": {"statusCode": 200, "body": body, "_mode": mode}}]}
    return {"imposters": [{"protocol": "http", "port": 8080, "stubs": [stub]}]}


def _nock(exchange: Exchange, response: Any, headers: Any = ()) -> list[Any]:
    asked = json.loads(exchange.asked) if exchange.asked else ""
    call = {"scope": "https://vc.example:8443", "method": exchange.method, "path": exchange.path, "body": asked}
    return [{**call, "status": 200, "response": response, "rawHeaders": list(headers), "responseIsBinary": False}]


def _nock_chunks(exchange: Exchange) -> bytes:
    data = gzip.compress(exchange.text.encode())
    headers = ["Content-Encoding", "gzip"]
    return json.dumps(_nock(exchange, [data[:10].hex(), data[10:].hex()], headers)).encode()


def _newman(exchange: Exchange) -> bytes:
    host = {"protocol": "https", "port": "8443", "host": ["vcenter", "example"]}
    request: dict[str, Any] = {"method": exchange.method, "url": {**host, "path": exchange.path[1:].split("/")}}
    if exchange.asked:
        request["body"] = {"mode": "raw", "raw": exchange.asked}
    response = {"code": 200, "header": [], "stream": {"type": "Buffer", "data": list(exchange.text.encode())}}
    executions = [{"item": {"response": []}, "request": request, "response": response}]
    return json.dumps({"collection": {"item": []}, "run": {"stats": {}, "executions": executions}}).encode()


def _bruno(exchange: Exchange, data: Any) -> list[Any]:
    request = {"method": exchange.method, "url": _url(exchange), "data": exchange.asked}
    response = {"status": 200, "statusText": "OK", "headers": {}, "data": data}
    return [{"iterationIndex": 0, "results": [{"test": {}, "request": request, "response": response}]}]


def _uri(exchange: Exchange, **result: Any) -> dict[str, Any]:
    arguments = {"method": exchange.method, "url": _url(exchange), "body": exchange.asked}
    return {**result, "invocation": {"module_args": arguments}, "status": 200, "url": _url(exchange)}


def _plays(exchange: Exchange) -> bytes:
    results = [_uri(exchange, content=exchange.text)]
    hosts = {"localhost": {"action": "ansible.builtin.uri", "results": results}}
    return json.dumps({"plays": [{"play": {}, "tasks": [{"hosts": hosts, "task": {}}]}], "stats": {}}).encode()


def _postman_1(exchange: Exchange) -> bytes:
    request = {"method": exchange.method, "url": _url(exchange), "rawModeData": exchange.asked or ""}
    response = {"responseCode": {"code": 200, "name": "OK"}, "request": request, "text": exchange.text}
    requests = [{"id": "r", "collectionId": "c", "method": "GET", "url": "/", "responses": [response]}]
    return json.dumps({"id": "c", "order": ["r"], "folders": [], "requests": requests}).encode()


def _postman_3(exchange: Exchange) -> bytes:
    request = {"url": f"{{{{baseUrl}}}}{exchange.path}", "method": exchange.method}
    asked = {"body": {"type": "json", "content": exchange.asked}} if exchange.asked else {}
    response = {"statusCode": 200, "statusText": "OK", "body": {"type": "json", "content": exchange.text}}
    example = {"$kind": "http-example", "name": "a", "request": {**request, **asked}, "response": response}
    return dumped(example, sort_keys=False).encode()


# Where a body is parsed JSON, a string is the text of a body.
_PARSED = {
    *("pact-v3.json", "mockserver-json.json", "mountebank.json", "nock.json", "bruno.json"),
}
WRITERS: dict[str, Callable[[Exchange], bytes]] = {
    "pretty.har": _har,
    "minified.har": lambda exchange: _har(exchange, indent=None),
    "base64.har": lambda exchange: _har(exchange, text=_base64(exchange.text), encoding="base64"),
    "wrongly-declared.har": lambda exchange: _har(exchange, text=exchange.text, encoding="base64"),
    "har-without-a-name": _har,
    "chunks.har": lambda exchange: _chunks(exchange, _base64, encoding="base64"),
    "chunks-in-hex.har": lambda exchange: _chunks(exchange, bytes.hex, _isBinary=True),
    "entry.json": lambda exchange: json.dumps(
        {"startedDateTime": "x", **json.loads(_har(exchange))["log"]["entries"][0]}
    ).encode(),
    "cassette.yaml": _vcrpy,
    "go-vcr-1.yaml": lambda exchange: _go_vcr(exchange, 1),
    "go-vcr-2.yaml": lambda exchange: _go_vcr(exchange, 2),
    "merged.yaml": _merged,
    "flow.yaml": lambda exchange: dumped(_cassette(exchange, exchange.text), default_flow_style=True).encode(),
    "utf-16.yaml": lambda exchange: _vcrpy(exchange).decode().encode("utf-16"),
    "r-vcr.yml": _r_vcr,
    **{
        f"cassette-{name.strip()}{'-raw' * (name != name.strip())}.yml": _vcrpy_compressed(name)
        for name in compressed("")
    },
    "cassette.json": lambda exchange: json.dumps(_cassette(exchange, exchange.text), ensure_ascii=False).encode(),
    "ruby.yaml": lambda exchange: dumped(_ruby_vcr(exchange), allow_unicode=True).encode(),
    "ruby-base64.yml": lambda exchange: dumped(_ruby_vcr(exchange, base64_string=_base64(exchange.text))).encode(),
    "ruby.json": lambda exchange: json.dumps(_ruby_vcr(exchange)).encode(),
    "stub-body.json": lambda exchange: json.dumps(_stub(exchange, body=exchange.text)).encode(),
    "stub-commented.json": _commented,
    "stub-event.json": lambda exchange: json.dumps(_event(exchange)).encode(),
    "stub-base64.json": lambda exchange: json.dumps(_stub(exchange, base64Body=_base64(exchange.text))).encode(),
    "stub-json-body.json": lambda exchange: _json(_stub(exchange, jsonBody=_PLACEHOLDER), exchange),
    "stubs.json": lambda exchange: _json({"mappings": [_stub(exchange, jsonBody=_PLACEHOLDER)]}, exchange, indent=1),
    "pact-v3.json": lambda exchange: _json(_pact(exchange, _PLACEHOLDER), exchange, indent=2),
    "pact-v4.json": lambda exchange: _json(_pact_v4(exchange, _PLACEHOLDER, "JSON"), exchange),
    "pact-v4-base64.json": lambda exchange: json.dumps(_pact_v4(exchange, _base64(exchange.text), "base64")).encode(),
    "pact-v4-text.json": lambda exchange: json.dumps(_pact_v4(exchange, exchange.text, False)).encode(),
    "openapi.json": lambda exchange: _json(_openapi(exchange), exchange, indent=2),
    "openapi": lambda exchange: _json(_openapi(exchange), exchange),
    "swagger.json": lambda exchange: _json(_swagger(exchange), exchange),
    "openapi.yaml": lambda exchange: _structured(exchange, _openapi),
    "swagger.yml": lambda exchange: _structured(exchange, _swagger),
    "openapi-text.yaml": lambda exchange: dumped(_openapi(exchange)).replace(_PLACEHOLDER, _quoted(exchange)).encode(),
    "responses.yaml": lambda exchange: dumped(_responses(exchange)).encode(),
    "responses.json": lambda exchange: json.dumps(_responses(exchange)).encode(),
    "opencollection.yml": lambda exchange: dumped(_opencollection(exchange), sort_keys=False).encode(),
    "opencollection.json": lambda exchange: json.dumps(
        {"opencollection": "1.0.0", "items": [{"items": [_opencollection(exchange)]}]}
    ).encode(),
    "flows.flow": _flow,
    "flows-gzip": lambda exchange: _flow(exchange, gzip.compress(exchange.text.encode())),
    "collection.json": lambda exchange: json.dumps(_postman(exchange), indent="\t").encode(),
    "text-httpie.http": _httpie,
    "text-colors.txt": _in_colors,
    "text-govc.trace": _govc,
    "text-curl-v.log": _curl_verbose,
    "text-curl-v-time.log": lambda exchange: _curl_verbose(exchange, time="12:00:00.123456 [0-0] "),
    "text-curl-v-terminal.out": lambda exchange: _curl_verbose(exchange, terminal=True),
    "text-curl-trace.txt": _curl_trace,
    "text-curl-trace-gzip.txt": lambda exchange: _curl_trace(exchange, compress=True),
    "text-curl-trace-ascii.txt": _curl_trace_ascii,
    "text-write-out.json": _curl_write_out,
    "text-vmware_rest.log": _vmware_rest,
    "collection-1.json": _postman_1,
    "collection-of-the-api.json": lambda exchange: json.dumps({"collection": _postman(exchange)}).encode(),
    "collection-3.example.yaml": _postman_3,
    "mockserver-json.json": lambda exchange: _json(
        [_mockserver(exchange, {"type": "JSON", "json": _PLACEHOLDER})], exchange
    ),
    # The exact bytes count.
    "mockserver-bytes.json": lambda exchange: json.dumps(
        [_mockserver(exchange, {"type": "JSON", "json": {"status": "?"}, "rawBytes": _base64(exchange.text)})]
    ).encode(),
    "mockserver-text.json": lambda exchange: json.dumps(_mockserver(exchange, exchange.text)).encode(),
    "hoverfly-5.json": lambda exchange: _hoverfly(exchange, lambda value: [{"matcher": "exact", "value": value}]),
    "hoverfly-3.json": lambda exchange: _hoverfly(exchange, lambda value: {"exactMatch": value}),
    "hoverfly-1.json": lambda exchange: _hoverfly(
        exchange, str, body=_base64(gzip.compress(exchange.text.encode())), encodedBody=True
    ),
    "hoverfly-journal.json": _journal,
    "mountebank.json": lambda exchange: _json(_mountebank(exchange, _PLACEHOLDER), exchange),
    "mountebank-text.json": lambda exchange: json.dumps(_mountebank(exchange, exchange.text)["imposters"][0]).encode(),
    "mountebank-gzip.json": lambda exchange: json.dumps(
        _mountebank(exchange, _base64(gzip.compress(exchange.text.encode())), "binary")
    ).encode(),
    "nock.json": lambda exchange: _json(_nock(exchange, _PLACEHOLDER), exchange, indent=2),
    "nock-chunks.json": _nock_chunks,
    "newman.json": _newman,
    "bruno.json": lambda exchange: _json(_bruno(exchange, _PLACEHOLDER), exchange, indent=2),
    "ansible-content.json": lambda exchange: json.dumps([_uri(exchange, content=exchange.text, json={})]).encode(),
    "ansible-json.json": lambda exchange: _json(_uri(exchange, json=_PLACEHOLDER), exchange, indent=4),
    "ansible-plays.json": _plays,
    "journal.json": lambda exchange: json.dumps({"requests": [_event(exchange)], "meta": {"total": 1}}).encode(),
}
