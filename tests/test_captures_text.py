"""HTTP that was saved as text, and the debug folders of govmomi."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import guestcust
import pytest
from capturing import EARLY_ERROR, PENDING, answer, checked, only, outcome
from command import run
from guestcust.captures import http_pieces
from guestcust.captures.logins import may_be_session
from guestcust.pipeline import Check
from guestcust.sources import sources
from hypothesis import given
from test_captures_hostile import is_linear
from test_captures_law import PAYLOADS, found, payload_of
from wrappings import answers, captures, exchanges

RECORDINGS = Path(__file__).resolve().parent / "recordings"
PATH = "/api/vcenter/vm/vm-1/guest/customization"
ASKED = f"GET {PATH} HTTP/1.1\r\nHost: vc\r\n\r\n"
FAILED = {"status": "FAILED", "error": "x é", "start_time": "2026-03-01T09:30:00.000Z"}
VALID = ("valid", "")
INVALID = ("invalid", "error-only-when-failed")
LOST = ("unreadable", "body cannot be read")


def answered(body: str, *fields: str, status: str = "200 OK") -> str:
    lines = (f"HTTP/1.1 {status}", *(fields or (f"Content-Length: {len(body.encode())}",)), "", body)
    return "\r\n".join(lines)


def outcomes(text: str | bytes, **options: Any) -> list[tuple[str, str]]:
    return [outcome(each) for each in checked(text, **options)[0]]


def texts(payload: Any) -> Iterator[tuple[str, bytes]]:
    """A payload in every form of HTTP as text."""
    for exchange in exchanges(payload):
        yield from answers(exchange)
        yield from ((name, data) for name, data in captures(exchange) if name.startswith("text-"))


# Responses alone


@given(PAYLOADS)
def test_a_response_alone_is_checked_as_its_body_alone_would_be(payload: Any) -> None:
    for exchange in exchanges(payload):
        if may_be_session(exchange.text):
            continue
        plain = found(payload_of("x.ndjson", exchange.text.encode(), envelope=exchange.envelope))
        for name, data in answers(exchange):
            assert found(payload_of(name, data, envelope=exchange.envelope)) == plain, (name, exchange.envelope)


def test_the_status_of_a_response_alone_counts() -> None:
    text = answered(EARLY_ERROR, status="404 Not Found") + answered(EARLY_ERROR) + answered("", status="302 Found")
    assert outcomes(text) == [("skipped", "status 404"), INVALID, ("skipped", "status 302")]


@pytest.mark.parametrize(
    "after",
    ["\n200", "200", "\n\nuser@host:~$ ", "\r\n[exit 0]\r\n", "\n\nElapsed time: 0.12s", "\n\nScript done on x\n"],
)
def test_what_follows_a_body_is_told_apart_by_its_length(after: str) -> None:
    assert outcomes(answered(PENDING) + after) == [VALID]
    is_written_by_a_tool = after.strip().startswith(("200", "Elapsed", "Script"))
    assert outcomes(answered(PENDING, "A: b") + after) == [VALID if is_written_by_a_tool else LOST]


def test_a_body_that_is_cut_off_is_unreadable_and_a_broken_one_is_invalid() -> None:
    broken = '{"status": "PENDING",}'
    assert outcomes(answered(broken)) == [("invalid", "json-syntax")]
    assert outcomes(answered(PENDING)[:-1]) == [LOST]


def test_a_response_to_a_login_is_not_reported() -> None:
    login = answered('{"value": "SECRET"}', "Set-Cookie: vmware-api-session-id=SECRET;Path=/rest")
    assert outcomes(login + answered(PENDING)) == [("skipped", "other operation"), VALID]


def test_a_header_that_mentions_the_session_does_not_show_a_login() -> None:
    for field in ("Access-Control-Allow-Headers: vmware-api-session-id", "Vary: vmware-api-session-id"):
        assert outcomes(answered(EARLY_ERROR, field)) == [INVALID]
    for field in ("vmware-api-session-id: SECRET", "set-cookie: a=1, vmware-api-session-id=SECRET"):
        assert outcomes(answered('{"value": {"user": "x"}}', field)) == [("skipped", "other operation")]
        assert outcomes(answered(EARLY_ERROR, field)) == [INVALID]


@pytest.mark.parametrize(
    "body", ['"0123456789abcdef0123456789abcdef"', '{"value": "0123456789abcdef0123456789abcdef"}']
)
def test_a_session_id_alone_is_skipped(body: str) -> None:
    assert outcomes(answered(body)) == [("skipped", "other operation")]


@pytest.mark.parametrize("body", ['"SECRET"', '{"value": "SECRET"}', '"SECRET', '{"value": "SECRET'])
@pytest.mark.parametrize("output", ["text", "json", "html"])
def test_a_string_that_may_be_a_session_id_is_not_shown(body: str, output: str) -> None:
    text = answered(body, "A: b").encode()
    done = run("check", "--no-config", "--format", "http-text", "--output", output, "-", stdin=text)
    assert done.status == 2
    assert "SECRET" not in done.out + done.err


# Requests and responses


def test_a_request_is_paired_with_the_response_after_it() -> None:
    text = ASKED + ASKED + answered("", status="100 Continue") + answered(EARLY_ERROR)
    assert outcomes(text) == [("skipped", "no response"), INVALID]


@pytest.mark.parametrize("code", ["100 Continue", "103 Early Hints"])
@pytest.mark.parametrize("body", [PENDING, EARLY_ERROR])
@pytest.mark.parametrize("sent", ["", ASKED, f"* x\n> GET {PATH} HTTP/1.1\n> \n< "])
def test_a_body_after_an_interim_response_is_unreadable(sent: str, body: str, code: str) -> None:
    head = f"HTTP/1.1 {code}\n{'< ' * sent.endswith('< ')}\n"
    assert outcomes(f"{sent}{head}{body}") == [("unreadable", "status cannot be read")]
    assert outcomes(f"{sent}{head}")[0][0] == "skipped"


def test_an_interim_response_to_another_request_is_skipped() -> None:
    assert outcomes(OTHER + answered("[]", status="100 Continue")) == [("skipped", "other URL")]


OTHER = "GET /api/vcenter/vm HTTP/1.1\r\nHost: vc\r\n\r\n"


@pytest.mark.parametrize("sent", [ASKED + OTHER, OTHER + ASKED, ASKED + OTHER + OTHER])
def test_the_response_to_one_of_several_requests_in_flight_is_ambiguous(sent: str) -> None:
    found = outcomes(sent + answered(EARLY_ERROR) + answered("[]"))
    assert LOST in found
    assert found.count(("skipped", "other URL")) == sent.count(OTHER)
    lines = "".join(f"> {line}\r\n" for line in sent.split("\r\n")[:-1])
    assert LOST in outcomes(f"* Connected\n{lines}< HTTP/1.1 200 OK\n< \n{EARLY_ERROR}\n< HTTP/1.1 200 OK\n< \n[]\n")


A, B, LIST = (f"> GET /api/vcenter/vm{path} HTTP/1.1\n> \n" for path in (PATH[15:], "/b/guest/customization", ""))
OK, MISSING = "< HTTP/1.1 200 OK\n< \n", "< HTTP/1.1 404 Not Found\n< \n"
LEFT = "* Connection #{} to host vc left intact\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{A}{OK}{B}{EARLY_ERROR}\n{MISSING}",
        f"{A}{A}{OK}{EARLY_ERROR}\n{MISSING}",
        f"{A}{A}< HTTP/1.1 200 OK\n< Content-Length: 21\n< \n{PENDING}{OK}{EARLY_ERROR}",
        f"{A}{OK}{LIST}{OK}{LEFT.format(1)}[]\n{LEFT.format(0)}{EARLY_ERROR}\n",
    ],
)
def test_the_exchanges_of_curl_in_parallel_are_ambiguous(text: str) -> None:
    results = checked(f"* Connected\n{text}")[0]
    assert any("without --parallel" in each.detail for each in results)
    assert {each.verdict for each in results} <= {"unreadable", "skipped"}


def test_a_body_with_that_of_another_response_after_it_is_unreadable() -> None:
    assert outcomes(answered(PENDING + EARLY_ERROR, "Content-Length: 21")) == [LOST]


def test_a_request_of_curl_that_failed_is_not_in_flight() -> None:
    sent = [f"> GET {url} HTTP/1.1\n> \n" for url in ("/api/vcenter/vm", PATH)]
    text = f"{sent[0]}* Empty reply from server\n{sent[1]}< HTTP/1.1 200 OK\n< \n{EARLY_ERROR}\n"
    assert outcomes(text) == [("skipped", "other URL"), INVALID]


def test_the_answer_of_a_proxy_belongs_to_connect_alone() -> None:
    established = answered("", "A: b", status="200 Connection Established")
    tunnel = "CONNECT vc:443 HTTP/1.1\r\n\r\n"
    assert outcomes(established + answered(EARLY_ERROR)) == [INVALID]
    assert outcomes(tunnel + established + ASKED + answered(EARLY_ERROR)) == [("skipped", "other URL"), INVALID]
    assert outcomes(ASKED + answered(EARLY_ERROR, "A: b", status="200 Connection Established")) == [INVALID]


@pytest.mark.parametrize("after", ["", "\r\n###\r\n", "\n\n### next\n> {% client.log(1) %}\n"])
def test_a_file_of_requests_holds_no_response(after: str) -> None:
    service = {"serviceId": "com.vmware.vcenter.vm.guest.customization", "operationId": "get"}
    post = "POST https://vc/api HTTP/1.1\n\n"
    assert outcomes(ASKED + after) == [("skipped", "no response")]
    assert outcomes(post + json.dumps({"params": service}) + after) == [("skipped", "no response")]
    assert outcomes(post + json.dumps({"params": {**service, "operationId": "set"}}) + after) == [
        ("skipped", "other operation")
    ]
    # A response may be without its head.
    assert outcomes(ASKED + EARLY_ERROR + after) == [("unreadable", "status cannot be read")]
    assert outcomes(ASKED + after + answered(EARLY_ERROR).lower()) == [("unreadable", "status cannot be read")]


SECRETS = "Authorization: Basic SECRET\nCookie: a=SECRET\n"


@pytest.mark.parametrize("head", [f"get {PATH} HTTP/1.1", f'GET {PATH} HTTP/1.1 "', "POST: https://vc/api/session"])
@pytest.mark.parametrize("body", ['{"status":"PENDING"}', '{"status":"RUNNING","error":"x"}', '{"status":}', "[]"])
@pytest.mark.parametrize("begun", ["HTTP/1.1 200 OK\n\n", f"{ASKED}HTTP/1.1 200 OK\n\n"])
def test_a_message_that_is_not_recognized_is_not_shown(begun: str, body: str, head: str) -> None:
    text = f'{begun}{body}\n{head}\n{SECRETS}\n{{"a": 1}}\n'.encode()
    for output in ("text", "html"):
        done = run("check", "--no-config", "--format", "http-text", "--output", output, "-", stdin=text)
        assert done.status == 2
        assert "SECRET" not in done.out + done.err


def test_a_record_of_a_log_that_is_not_recognized_is_not_shown() -> None:
    record = "GET: https://vc{}\nheaders: {}\n  status: 200\n  answer: {}\n"
    text = record.format(PATH, "<CIMultiDict('a': 'b')>", EARLY_ERROR)
    text += record.format("/api/session", "{'Authorization': 'Basic SECRET'}", '{"value":"SECRET"}')
    (result,) = checked(text)[0]
    assert outcome(result) == LOST


def test_the_body_of_a_request_selects_the_operation() -> None:
    service = {"serviceId": "com.vmware.vcenter.vm.guest.customization", "operationId": "set"}
    asked = f"POST /api HTTP/1.1\r\n\r\n{json.dumps({'params': service})}"
    assert outcomes(asked + answered(answer({"status": "RUNNING"}))) == [("skipped", "other operation")]


def test_a_header_is_not_taken_for_a_head() -> None:
    fields = (
        f"X-Original: GET {PATH} HTTP/1.1",
        "Upgrade: HTTP/2.0",
        "Via: HTTP/1.1 200 OK",
        "X:HTTP/1.1 404 Not Found",
    )
    assert outcomes(ASKED + answered(EARLY_ERROR, *fields)) == [INVALID]


def test_text_in_a_body_is_not_taken_for_a_head() -> None:
    payload = {
        "status": "FAILED",
        "error": f"GET {PATH} HTTP/1.1\r\n HTTP/1.1 200 OK * Connection #0 {{ [5 bytes data]",
    }
    for name, data in texts(payload):
        assert [outcome(each) for each in checked(data, name)[0] if each.reason != "other URL"] == [VALID], name


def test_lines_and_columns_are_those_of_the_file() -> None:
    pretty = '{\n "status": "PENDING", "é": 1}'
    text = answered(PENDING) + answered("\n" + EARLY_ERROR) + "\n" + ASKED + "\n\n" + answered(pretty)
    found = [(each.line, each.column) for result in checked(text)[0] for each in result.violations]
    assert found == [(8, 23), (18, 23)]
    in_color = f"\x1b[1mHTTP/1.1\x1b[0m 200 OK\n\n\x1b[36m{EARLY_ERROR[:24]}\x1b[0m{EARLY_ERROR[24:]}"
    (violation,) = only(in_color).violations
    assert (violation.line, violation.column, violation.end_column) == (3, 28, 39)


def test_the_trace_of_curl_in_ascii_is_checked_only_where_it_is_exact() -> None:
    def traced(body: str, shown: str) -> str:
        records = [
            ("=> Send header", ASKED.split("\r\n")[0]),
            ("<= Recv header", "HTTP/1.1 200 OK"),
            ("<= Recv header", ""),
        ]
        lines = [f"{name}, {len(text) + 2} bytes (0x1)\n0000: {text}\n" for name, text in records]
        return "".join(lines) + f"<= Recv data, {len(body.encode())} bytes (0x1)\n0000: {shown}\n== Info: x\n"

    assert outcomes(traced(EARLY_ERROR, EARLY_ERROR)) == [INVALID]
    (result,) = checked(traced('{\n"status": "PENDING"}', '{."status": "PENDING"}'))[0]
    assert outcome(result) == LOST
    assert "--trace" in result.detail


def test_the_output_of_curl_v_with_a_remark_inside_a_body_is_unreadable() -> None:
    sent = "".join(f"> {line}\r\n" for line in ASKED.split("\r\n")[:-1])
    body = json.dumps({"status": "FAILED", "error": "x" * 5000})
    told = f"< HTTP/1.1 200 OK\r\n< Content-Length: {len(body)}\r\n< \r\n"
    for text in (body[:4096] + "{ [100 bytes data]\n" + body[4096:], body[:4096], body[:-1]):
        assert outcomes(f"* Trying\n{sent}{told}{text}\n* Connection #0 left intact\n") == [LOST]


def test_jq_in_place_of_a_body_is_unreadable() -> None:
    text = ASKED + answered("parse error: Invalid numeric literal at line 1, column 5", "A: b")
    assert outcomes(text) == [LOST]


def test_what_curl_writes_out_gives_the_request(tmp_path: Path) -> None:
    def written(status: int, body: str) -> str:
        told = {"certs": "", "method": "GET", "response_code": status, "url_effective": f"https://vc{PATH}"}
        return f"{body}\n{json.dumps({**told, 'curl_version': 'libcurl/8'}, separators=(',', ':'))}\n"

    text = written(200, PENDING) + written(404, "{}") + written(200, EARLY_ERROR)
    assert outcomes(text) == [VALID, ("skipped", "status 404"), INVALID]
    assert outcomes(written(200, PENDING), name="x.json") == [VALID]
    # With -i too.
    assert outcomes(written(200, answered(EARLY_ERROR))) == [INVALID]
    # A document that holds such an object is not its output.
    assert outcomes(f"[{written(200, '').strip()}]") != [("skipped", "body not included")]


def test_the_output_of_windows_powershell_is_read() -> None:
    assert outcomes(answered(EARLY_ERROR).encode("utf-16")) == [INVALID]
    assert outcomes("\ufeff" + answered(EARLY_ERROR)) == [INVALID]


# Hostile texts


@pytest.mark.slow
def test_a_text_that_is_cut_off_anywhere_is_never_a_false_pass() -> None:
    for name, data in texts(FAILED):
        whole = [each.verdict for each in checked(data, name)[0]]
        assert "valid" in whole
        # Two digits of a time may be a number.
        for end in range(5, len(data)):
            for result in checked(data[:end], name)[0]:
                if result.verdict == "valid":
                    assert result.instance == FAILED
                if result.verdict == "invalid":
                    # The rest was cut off, and nothing shows how long the body was.
                    assert {each.rule for each in result.violations} <= {"json-syntax", "json-utf-8"}


def test_mutated_texts_raise_nothing() -> None:
    draw = random.Random(7)
    whole = list(texts(FAILED))
    bits = [b"\n", b"\r\n", b"HTTP/1.1 200 OK\r\n", ASKED.encode(), b"\x1b[1m", b"0000: ", b"=> Send header, 3 bytes\n"]
    for _ in range(400):
        name, data = draw.choice(whole)
        at, length = draw.randrange(len(data)), draw.randrange(20)
        changed = data[:at] + draw.choice([*bits, data[:length], bytes([draw.randrange(256)])]) + data[at + length :]
        checked(changed, name)
        checked(changed, "x", format="http-text", skip_unrelated=True)


def hostile(text: str) -> Callable[[int], object]:
    return lambda size: outcomes(ASKED + answered("", "A: b") + text * size)


REPEATED = ["HTTP/1.1 200 ", "HTTP/1.1", "HTTP/1.1 200 OK\r\n", "GET ", "GET /x HTTP/1.1\r\n", "A" * 40 + " "]
REPEATED += ["\r", " ", "* A}* A", "\x1b[", '"', "\n", "0000: 00 ", "<= Recv data, 9 bytes\n"]
BEGUN = ["", f"> {ASKED}< HTTP/1.1 200 OK\n< \n", f"\x1b[1m{ASKED}", f"=> Send header, 1 bytes\n0000: {ASKED}"]


@pytest.mark.slow
@pytest.mark.parametrize("text", REPEATED)
@pytest.mark.parametrize("begin", BEGUN)
def test_hostile_text_takes_linear_time(text: str, begin: str) -> None:
    is_linear(lambda size: outcomes(begin + text * size, format="http-text"), 50_000 // len(text))


class Trickling(io.RawIOBase):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._data, self._size, self._at = data, size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._data[self._at : self._at + min(self._size, len(buffer))]
        self._at += len(data)
        buffer[: len(data)] = data
        return len(data)


@pytest.mark.parametrize("size", [1, 7, 100])
def test_pieces_do_not_depend_on_how_a_stream_is_read(size: int) -> None:
    data = (RECORDINGS / "govc" / "trace-unformatted.txt").read_bytes()
    whole, trickled = (
        list(http_pieces.pieces(io.BufferedReader(Trickling(data, each), each), http_pieces.heads, 2**20))
        for each in (2**20, size)
    )
    assert trickled == whole
    assert b"".join(piece.text for piece in whole) == data


@pytest.mark.parametrize("space", ["", " ", "\t", "\n", "\n\t", "\r\n "])
@pytest.mark.parametrize("body", ['{"status":"IDLE"}', "null", "1", '"x"'])
def test_a_request_may_follow_a_body_on_its_line(body: str, space: str) -> None:
    text = f"{ASKED}{answered(body + space)}DELETE /api/session HTTP/1.1\r\n\r\n{answered('', status='204 No Content')}"
    first, second = outcomes(text)
    assert first[0] == ("valid" if "IDLE" in body else "invalid")
    assert second == ("skipped", "other URL")


def test_the_memory_for_a_piece_is_bounded() -> None:
    data = answered("x" * 3_000_000).encode() + answered(PENDING).encode()
    first, second = http_pieces.pieces(io.BufferedReader(Trickling(data, 10_000)), http_pieces.heads, 1000)
    assert (len(first.text), first.is_cut, second.is_cut, second.line) == (1001, True, False, 4)


# Folders


def in_folder(folder: Path, **options: Any) -> tuple[dict[str, tuple[str, str]], Check]:
    check = Check(sources([str(folder)]), guestcust.Validator(), **options)
    return {Path(each.origin.source).name: outcome(each) for each in check}, check


def test_texts_in_a_folder_are_read_if_they_begin_like_http(tmp_path: Path) -> None:
    files = {
        "a.http": answered(EARLY_ERROR),
        "b.log": "line\n" * 1000,
        "c.txt": f"GET {PATH}\n",
        "d.md": answered(EARLY_ERROR),
        "e.trace": ASKED + answered(PENDING),
        "f.out": answered('{"name": "x"}'),
        "g.txt": answered('{"name": "x"', "Content-Length: 900"),
        "h.txt": answered('{"status": "RUNNING", "err', "Content-Length: 900"),
        "i.log": "* a list\n* of remarks\n> and a quotation\n",
        "j.txt": "",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, newline="")
    results, check = in_folder(tmp_path)
    assert results == {
        "a.http": INVALID,
        "e.trace": VALID,
        "f.out": ("skipped", "unrelated"),
        "g.txt": ("skipped", "unrelated"),
        "h.txt": LOST,
    }
    assert check.summary.unopened == {".log": 2, ".txt": 2, ".md": 1}


def test_an_excluded_text_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(answered(EARLY_ERROR))
    done = run("check", "--no-config", "--exclude", "*.txt", "--allow-empty", ".", cwd=tmp_path)
    assert "0 payloads in 0 sources" in done.out


@pytest.mark.parametrize("name", ["curl/verbose.txt", "govc/trace.txt", "vmware_rest/vmware_rest.log", "govc/debug/0"])
def test_nothing_secret_is_reported(name: str, tmp_path: Path) -> None:
    texts = [RECORDINGS / name] if (RECORDINGS / name).is_file() else (RECORDINGS / name).iterdir()
    for text in texts:
        data = text.read_bytes().replace(b"REDACTED", b"SECRET").replace(b"Host: vcenter.example", b"Cookie: SECRET")
        (tmp_path / text.name).write_bytes(data)
    for output in ("text", "json", "junit", "sarif", "html", "markdown"):
        done = run("check", "--no-config", "--all" if output == "text" else "-q", "--output", output, str(tmp_path))
        assert done.status in (0, 1)
        assert "SECRET" not in done.out + done.err


# Debug folders of govmomi


def exchange(folder: Path, body: str, *, url: str = PATH, status: int = 200, number: int = 1) -> Path:
    stem = f"2-{number:04}"
    (folder / f"{stem}.req.headers").write_text(f"GET {url} HTTP/1.1\r\nHost: vc\r\n\r\n", newline="")
    (folder / f"{stem}.req.json").write_text("")
    (folder / f"{stem}.res.headers").write_text(f"HTTP/1.1 {status} X\r\n\r\n", newline="")
    (folder / f"{stem}.res.json").write_text(body)
    return folder / f"{stem}.res.json"


@pytest.mark.parametrize(
    ("body", "options", "expected"),
    [
        (EARLY_ERROR, {}, INVALID),
        ("", {}, ("skipped", "body not included")),
        ("", {"status": 404}, ("skipped", "status 404")),
        (EARLY_ERROR, {"url": "/api/session"}, ("skipped", "other URL")),
        ('{"value": {"status": "PENDING"}}', {"url": PATH.replace("/api", "/rest")}, VALID),
        ('{"status": "NOT_AVAILABLE"}', {"url": f"{PATH}-live"}, ("skipped", "customization-live")),
        ('{"status": "PENDING"', {}, ("invalid", "json-syntax")),
    ],
)
def test_an_exchange_of_a_debug_folder(
    body: str, options: dict[str, Any], expected: tuple[str, str], tmp_path: Path
) -> None:
    file = exchange(tmp_path, body, **options)
    results, check = in_folder(tmp_path)
    assert results == {file.name: expected}
    assert not check.summary.unopened
    (alone,) = Check(sources([str(file)]), guestcust.Validator())
    assert outcome(alone) == expected
    assert alone.origin.request == f"GET {options.get('url', PATH)}"


def test_a_request_of_a_debug_folder_is_no_source(tmp_path: Path) -> None:
    file = exchange(tmp_path, PENDING).with_name("2-0001.req.json")
    (result,) = Check(sources([str(file)]), guestcust.Validator())
    assert outcome(result) == ("skipped", "no payload in it")


def test_a_body_without_the_head_of_its_request_is_plain_json(tmp_path: Path) -> None:
    exchange(tmp_path, PENDING, url="/api/session").with_name("2-0001.req.headers").unlink()
    results, _ = in_folder(tmp_path)
    assert results["2-0001.res.json"] == VALID


@pytest.mark.parametrize("url", [PATH, "/api/session"])
def test_a_body_without_the_head_of_its_response_is_unreadable_if_it_is_ours(url: str, tmp_path: Path) -> None:
    file = exchange(tmp_path, '{"status": "BOGUS"}', url=url)
    file.with_name("2-0001.res.headers").unlink()
    expected = ("unreadable", "status cannot be read") if url == PATH else ("skipped", "other URL")
    assert in_folder(tmp_path)[0] == {file.name: expected}
    (alone,) = Check(sources([str(file)]), guestcust.Validator(), skip_unrelated=True)
    assert outcome(alone) == expected


def test_the_fast_start_leaves_debug_folders_to_the_reader(tmp_path: Path) -> None:
    file = exchange(tmp_path, PENDING, url="/api/session")
    assert run("check", "--no-config", str(file)).status == 2


def test_the_operation_of_a_json_rpc_request_is_read_from_the_file_beside_it(tmp_path: Path) -> None:
    file = exchange(tmp_path, answer({"status": "RUNNING"}), url="/api")
    file.with_name("2-0001.req.headers").write_text("POST /api HTTP/1.1\r\n\r\n")
    service = {"serviceId": "com.vmware.vcenter.vm.guest.customization", "operationId": "set"}
    file.with_name("2-0001.req.json").write_text(json.dumps({"params": service}))
    assert in_folder(tmp_path)[0][file.name] == ("skipped", "other operation")


def test_standard_input_from_curl(tmp_path: Path) -> None:
    done = run("check", "--no-config", "-", stdin=answered(EARLY_ERROR).encode())
    assert done.status == 1
    assert done.out.startswith("<stdin>:4:23: error: error-only-when-failed")


def test_gzip_that_curl_left_compressed() -> None:
    packed = gzip.compress(EARLY_ERROR.encode())
    head = answered("", "Content-Encoding: gzip", f"Content-Length: {len(packed)}").encode()
    assert outcomes(head + packed + head + packed) == [INVALID, INVALID]
    assert outcomes(head + packed[:-9]) == [LOST]


def test_a_url_is_answered_with_the_command_for_it() -> None:
    url = "https://vc.example/api/vcenter/vm/vm-1/guest/customization"
    assert f"curl -sS -i {url} | guestcust check -" in run(url).err
    done = run("check", "--no-config", f"{url}?token=SECRET")
    assert done.status == 2
    assert "curl -sS -i URL | guestcust check -" in done.out
    assert "SECRET" not in done.out + done.err
