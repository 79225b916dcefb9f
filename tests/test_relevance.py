"""What --skip-unrelated skips in a check of a whole repository, and what it never skips."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command import EARLY_ERROR, PENDING, REPOSITORY, Done, report, run, verdicts
from guestcust.captures.envelopes import STRUCTURE
from guestcust.captures.relevance import Answer, classify

PAYLOAD: dict[str, Any] = {"status": "RUNNING", "start_time": None}


def rpc(name: str, payload: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "result": {"output": {"STRUCTURE": {name: payload}}}}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("instance", [PAYLOAD, {"value": PAYLOAD}, rpc(STRUCTURE, PAYLOAD)])
def test_a_payload_is_recognised_in_every_envelope_and_encoding(instance: Any, encoding: str) -> None:
    assert classify(json.dumps(instance).encode(encoding)).answer is Answer.PAYLOAD


@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        (rpc("com.vmware.other", {"status": "RUNNING"}), Answer.UNRELATED),
        (rpc(STRUCTURE, {"anything": 1}), Answer.PAYLOAD),
        ({"jsonrpc": "2.0", "error": {"code": 1}, "status": "FAILED"}, Answer.UNRELATED),
        ({"jsonrpc": "2.0", "result": {"error": {"x": {}}}}, Answer.UNRELATED),
    ],
)
def test_json_rpc_is_related_by_the_name_of_its_structure(instance: Any, expected: Answer) -> None:
    assert classify(json.dumps(instance)).answer is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"status": "RUNNING"', True),
        (b'{"start_time": ', False),
        (b'// a comment\n{"status": "FAILED", "error": null}', True),
        ('{"status": "RUNNING"'.encode("utf-16"), True),
        (b'{"name": "\xe9", "status": "RUNNING"}', False),
        (b'{"error": "\xe9", "status": "RUNNING"}', True),
        ('{"status": "RUNNING", "error": "\ud800"', True),
        (b"{'status': 'RUNNING'}", True),
        (b'{"name": "status"', False),
        (b'{"error": "x"', False),
        (b"[" * 100_000, False),
        (b"[" * 100_000 + b'{"status": "FAILED"}', True),
        (b"9" * 5000, False),
        (b"", False),
    ],
)
def test_invalid_json_is_related_by_its_words(text: bytes | str, expected: bool) -> None:
    assert (classify(text).answer is Answer.PAYLOAD) is expected


def test_unrelated_files_are_reported_as_skipped(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x", "version": "1"}')
    (tmp_path / "broken.json").write_text("{ // jsonc\n}")
    (tmp_path / "array.json").write_text("[1, 2,]")
    (tmp_path / "values.yaml").write_text("status: RUNNING\n")
    (tmp_path / "mappings.json").write_text('{"mappings": {"properties": {"status": {"type": "keyword"}}}}')
    (tmp_path / "a.json").write_bytes(PENDING)
    done = run("check", "--skip-unrelated", ".", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("1 payload in 6 sources, API 7.0.3.0: 1 valid, 0 invalid")
    assert "unrelated" in done.out
    assert run("check", ".", cwd=tmp_path).status == 1
    assert "package.json:1:1: skipped: unrelated\n" in run("check", "--skip-unrelated", "--all", ".", cwd=tmp_path).out


def test_a_run_without_related_files_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "x"}')
    assert run("check", "--skip-unrelated", "package.json", cwd=tmp_path).status == 2
    assert run("check", "--skip-unrelated", "--allow-empty", "package.json", cwd=tmp_path).status == 0


def test_each_payload_of_a_file_is_related_or_not(tmp_path: Path) -> None:
    lines = b'{"level": "info"}\n' + EARLY_ERROR + b"\n" + PENDING + b'\n{"status": "RUNNING"\n{"level"\n'
    (tmp_path / "a.ndjson").write_bytes(lines)
    found = report("--skip-unrelated", "--all", "a.ndjson", cwd=tmp_path)
    assert [verdict for _, verdict in verdicts(found)] == ["skipped", "invalid", "valid", "invalid", "skipped"]
    assert [one["reason"] for one in found["payloads"] if one["verdict"] == "skipped"] == ["unrelated"] * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"[" + PENDING + b', {"name": 1}, ', ["valid", "skipped", "invalid"]),
        (b'[{"name": 1}, ', ["skipped", "skipped"]),
        (b"[", ["skipped"]),
    ],
)
def test_a_truncated_array_is_related_by_its_elements(text: bytes, expected: list[str]) -> None:
    found = report("--skip-unrelated", "--all", "-", stdin=text)
    assert [verdict for _, verdict in verdicts(found)] == expected


def test_a_given_envelope_does_not_hide_a_payload() -> None:
    assert run("check", "--skip-unrelated", "--envelope", "rest", "-", stdin=PENDING).status == 1


def test_payloads_in_captures_are_always_checked(tmp_path: Path) -> None:
    url = "https://vcenter.example/api/vcenter/vm/vm-1/guest/customization"
    for text in ('{"name": "x"}', "[]", "<html>"):
        request = {"method": "GET", "url": url}
        response = {"status": 200, "content": {"mimeType": "application/json", "text": text}}
        har = {"log": {"entries": [{"request": request, "response": response}]}}
        (tmp_path / "a.har").write_text(json.dumps(har))
        assert run("check", "--skip-unrelated", "a.har", cwd=tmp_path).status == 1


def test_the_examples_are_related() -> None:
    arguments = ("--all", "--skip-unrelated", REPOSITORY / "examples")
    assert "skipped" not in {verdict for _, verdict in verdicts(report(*arguments))}


def test_every_vector_that_conforms_is_related() -> None:
    folder = REPOSITORY / "schemas" / "vectors" / "suite"
    payloads = [
        test["data"]
        for path in folder.rglob("*.json")
        for group in json.loads(path.read_text("utf-8"))
        for test in group["tests"]
        if test["valid"]
    ]
    assert len(payloads) > 100
    assert all(classify(json.dumps(payload)).answer is Answer.PAYLOAD for payload in payloads)


def test_this_repository_passes() -> None:
    done = run("check", "--skip-unrelated", "--allow-empty", "schemas/meta", "pyproject.toml", cwd=REPOSITORY)
    assert isinstance(done, Done)
    assert done.status == 0
