"""Flows of mitmproxy, OpenAPI and YAML documents, and traces of Playwright: payloads, places, and hostile forms."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from capturing import EARLY_ERROR, PATH, PENDING, URL, call, checked, only, outcome
from guestcust.captures import documents
from hypothesis import given
from hypothesis import strategies as st
from wrappings import tnetstring

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


@pytest.mark.parametrize("body", [EARLY_ERROR.encode(), gzip.compress(EARLY_ERROR.encode())])
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
    assert outcomes(flows(bare)) == [BROKEN]
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
