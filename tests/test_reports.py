"""The machine-readable reports, read by strict readers, on files and strings chosen to break them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

import pytest
import readers
from command import BROKEN, EARLY_ERROR, ODD_TIME, PENDING, report, run
from guestcust.jsontext.display import printable
from guestcust.model import Origin, Result, Severity, Verdict, Violation, pointer
from guestcust.reporters import REPORTERS
from guestcust.reporters.protocol import Circumstances, Summary
from guestcust.ruleset import catalog
from hypothesis import example, given
from hypothesis import strategies as st

FORMATS = ("ndjson", "junit", "sarif", "github", "tap", "markdown")
HOSTILE = (
    "]]><!-- & -- --> \x00\x1b[31m\x85\u2028\ufffe\ufeff\ud800\udcff",
    "\n::error file=x,title=y::z\r\n::stop-commands::x",
    "100%25, %0A: 50%,line=7::",
    "| a \\| b | `c` ``d`` <b onclick=x>e</b> &lt; *f* __g__ ~~h~~ [i](j) ![k](l) $m$ [^1]",
    "@octocat #12 GH-12 :tada: a@b.cc www.example.org https://example.org/ <https://example.org>",
    "# SKIP \\# TODO \\",
    "\n\n# head\n- item\n\n    code\nnot ok 7\nBail out!\n1..0\n  ...\n",
    "{0} [here](https://example.org) {{1}} [[x](1)",
    "\u202egnp.exe 日本 🎉 \U000e0001 é",
    " ",
)
#: File names that are hard to report.
NAMES = (
    b"plain.json",
    b"a\n::error::b.json",
    b"per%25cent, co:mma#1.json",
    b"|pipe`tick`<b>@me :tada:.json",
    b"odd\xff.json",
    "ümläut 日本 🎉.json".encode(),
    b"x # SKIP y.json",
    b"]]>--&amp;\x1b[31m.json",
    b"www.example.org.json",
    b"{0}[a](b).json",
    b"C:\\\\a\\b.json",
)
OPTIONS: tuple[list[str], ...] = (
    [],
    ["--all"],
    ["--strict"],
    ["--max-violations", "2"],
    ["--max-violations", "0"],
    ["--fail-fast"],
    ["--api-version", "99.0"],
)


class Scene(NamedTuple):
    """A check of a folder of difficult files."""

    options: list[str]
    #: The JSON report with --all, and with the options alone.
    everything: dict[str, Any]
    listed: dict[str, Any]
    #: The reports, by format.
    texts: dict[str, str]

    @property
    def lists_all(self) -> bool:
        return "--all" in self.options

    def cases(self) -> list[dict[str, Any]]:
        """The payloads that JUnit and TAP list."""
        payloads: list[dict[str, Any]] = self.everything["payloads"]
        return [payload for payload in payloads if payload["verdict"] != "skipped" or self.lists_all]

    def violations(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        return [(payload, violation) for payload in self.everything["payloads"] for violation in payload["violations"]]

    def unchecked(self, verdict: str) -> list[dict[str, Any]]:
        return [payload for payload in self.everything["payloads"] if payload["verdict"] == verdict]


@pytest.fixture(scope="module", params=OPTIONS, ids=" ".join)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder = tmp_path_factory.mktemp("traps")
    for name in NAMES:
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(BROKEN)
    (folder / "several.ndjson").write_bytes(b"\n".join([PENDING, EARLY_ERROR, ODD_TIME, BROKEN, BROKEN]))
    hostile = [{"status": "RUNNING", text: text, "error": text} for text in HOSTILE]
    (folder / "hostile.json").write_bytes(json.dumps(hostile).encode())
    (folder / "cut.json").write_bytes(b'[\n{"status":\n "FAILED"')
    (folder / "empty.json").write_bytes(b"[]")
    os.symlink("nowhere", folder / "dangling.json")
    out = tmp_path_factory.mktemp("out")
    outputs = [argument for name in FORMATS for argument in ("--output", f"{name}={out / name}")]
    done = run("check", *request.param, *outputs, ".", cwd=folder)
    assert (done.status, done.out) == (2 if "--fail-fast" not in request.param else done.status, "")
    texts = {name: (out / name).read_bytes().decode() for name in FORMATS}
    everything, listed = report("--all", *request.param, ".", cwd=folder), report(*request.param, ".", cwd=folder)
    return Scene(request.param, everything, listed, texts)


def shown(source: str) -> str:
    """A name as escaped in text; JSON reports escape lone surrogates already."""
    return printable(source.removeprefix("./"))


def test_ndjson_is_the_json_report_line_by_line(scene: Scene) -> None:
    lines, last = readers.ndjson(scene.texts["ndjson"])
    assert {**last, "payloads": lines} == scene.listed


def test_junit_has_a_test_case_per_payload(scene: Scene) -> None:
    root = readers.junit(scene.texts["junit"])
    found = [
        (case.attrib["file"], next((child.tag for child in case if child.tag != "system-out"), "valid"))
        for case in root.iter("testcase")
    ]
    kinds = {"invalid": "failure", "unreadable": "error", "skipped": "skipped", "valid": "valid"}
    assert found == [(shown(case["source"]), kinds[case["verdict"]]) for case in scene.cases()]
    for case, element in zip(scene.cases(), root.iter("testcase"), strict=True):
        said = "".join(element.itertext())
        for violation in case["violations"]:
            assert f":{violation['line']}:{violation['column']}: {violation['severity']}: {violation['rule']}: " in said
            assert violation["message"] in said
    skipped = sum(
        int(each.attrib["value"]) for each in root.iter("property") if each.attrib["name"].startswith("skipped: ")
    )
    assert skipped == scene.everything["summary"]["skipped"]
    notes = [each.attrib["value"] for each in root.iter("property") if each.attrib["name"] == "note"]
    assert ("stopped at the first failure" in notes) == ("--fail-fast" in scene.options)


def test_sarif_has_a_result_for_each_violation(scene: Scene) -> None:
    found = readers.sarif(scene.texts["sarif"])
    results = []
    for result in found["results"]:
        physical = result["locations"][0]["physicalLocation"]
        source = unquote_to_bytes(physical["artifactLocation"]["uri"]).decode("utf-8", "backslashreplace")
        spelled = source.replace("\\xff", "\\udcff")
        region = physical["region"]
        place = [region[name] for name in ("startLine", "startColumn", "endLine", "endColumn")]
        results.append((spelled, result["ruleId"], result["level"], place))
    assert results == [
        (
            payload["source"].removeprefix("./"),
            violation["rule"],
            violation["severity"],
            [violation[name] for name in ("line", "column", "endLine", "endColumn")],
        )
        for payload, violation in scene.violations()
    ]
    (invocation,) = found["invocations"]
    unreadable = scene.unchecked("unreadable")
    assert invocation["executionSuccessful"] == (not unreadable)
    errors = [each for each in invocation["toolExecutionNotifications"] if each["level"] == "error"]
    assert [each["descriptor"]["id"] for each in errors] == ["unreadable"] * len(unreadable)
    assert found["properties"] == scene.everything["summary"]


def test_github_has_a_command_for_each_violation(scene: Scene) -> None:
    found = readers.github(scene.texts["github"])
    expected = []
    for payload in scene.everything["payloads"]:
        file = payload["source"].removeprefix("./")
        for violation in payload["violations"]:
            place = {"line": violation["line"], "endLine": violation["endLine"]}
            if violation["line"] == violation["endLine"]:
                place |= {"col": violation["column"], "endColumn": violation["endColumn"]}
            properties = {"file": file, **place, "title": violation["rule"]}
            expected.append((violation["severity"], properties, violation["message"]))
        if payload["verdict"] == "unreadable" or (payload["verdict"] == "skipped" and scene.lists_all):
            kind = "error" if payload["verdict"] == "unreadable" else "notice"
            expected.append((kind, {"file": file, "title": payload["verdict"]}, payload["reason"]))
    gaps = [each for each in found if each.properties["title"] == "guestcust"]
    assert [each for each in found if each not in gaps] == [
        (kind, {name: str(value) for name, value in properties.items()}, message)
        for kind, properties, message in expected
    ]
    summary = scene.everything["summary"]
    assert len(gaps) == (summary["omitted"] > 0) + (not summary["complete"])


def test_tap_has_a_test_point_per_payload(scene: Scene) -> None:
    found = readers.tap(scene.texts["tap"])
    assert [(point.ok, point.skipped) for point in found.points] == [
        (case["verdict"] in {"valid", "skipped"}, case["verdict"] == "skipped") for case in scene.cases()
    ]
    for point, case in zip(found.points, scene.cases(), strict=True):
        place = "" if case["reason"] and not case["pointer"] else f":{case['line']}:{case['column']}"
        assert point.description.replace("\\u0023", "#") == f"{shown(case['source'])}{place}"
        plain = case["verdict"] == "valid" and not case["violations"] and not case["omitted"]
        assert point.diagnostics == (None if plain else case)
    reasons = scene.everything["summary"]["reasons"].items()
    assert [f"# skipped: {count} {reason}" for reason, count in reasons] == [
        comment for comment in found.comments if comment.startswith("# skipped: ")
    ]


def test_markdown_has_a_row_for_each_violation(scene: Scene) -> None:
    page = readers.markdown(scene.texts["markdown"])
    summary = scene.everything["summary"]
    parts = page.headline.removeprefix("guestcust: ").split(", ")
    assert {word: int(count) for count, word in (part.split(" ") for part in parts)} == {
        name: summary[name]
        for name in ("valid", "invalid", "skipped", "unreadable")
        if summary[name] or name in {"valid", "invalid"}
    }
    rows = []
    for payload in scene.everything["payloads"]:
        name = shown(payload["source"])
        if payload["verdict"] == "unreadable" or (payload["verdict"] == "skipped" and scene.lists_all):
            rows.append([name, payload["verdict"], "", payload["reason"]])
        for violation in payload["violations"]:
            place = f"{name}:{violation['line']}:{violation['column']}"
            rows.append([place, violation["severity"], violation["rule"], violation["message"]])
        if payload["verdict"] == "invalid" and not payload["violations"]:
            omitted = f"{payload['omitted']} violation{'s' * (payload['omitted'] != 1)} not shown"
            rows.append([f"{name}:{payload['line']}:{payload['column']}", "invalid", "", omitted])
    tables = {table[0][0]: table[1:] for table in page.tables}
    assert tables.get("place", []) == rows
    assert tables.get("skipped", []) == [[str(count), reason] for reason, count in summary["reasons"].items()]
    assert any("more than" in each or "newer than" in each for each in page.paragraphs) == ("99.0" in scene.options)


def read(name: str, text: str) -> Any:
    return getattr(readers, name)(text)


@pytest.mark.parametrize("name", FORMATS)
def test_standard_input_is_not_reported_as_a_file(name: str) -> None:
    done = run("check", "--output", name, "-", stdin=BROKEN)
    assert (done.status, done.err) == (1, "")
    found = read(name, done.out)
    if name == "junit":
        (case,) = found.iter("testcase")
        assert (case.attrib["classname"], "file" in case.attrib) == ("<stdin>", False)
    elif name == "sarif":
        (result,) = found["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%3Cstdin%3E"
    elif name == "github":
        (annotation,) = found
        assert annotation.properties == {"title": "status-known"}
        assert annotation.message.startswith('<stdin>:1:12: "status" is "BROKEN"')


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_without_payloads_is_complete(name: str, tmp_path: Path) -> None:
    done = run("check", "--allow-empty", "--output", name, ".", cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    read(name, done.out)


def test_paths_are_relative_inside_the_working_folder_and_absolute_outside(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in/a b.json", tmp_path / "out/a b.json"
    for file in (inside, outside):
        file.parent.mkdir()
        file.write_bytes(BROKEN)
    found = run("check", "--output", "sarif", inside, outside, "../in/./a b.json", cwd=inside.parent).out
    uris = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in readers.sarif(found)["results"]
    ]
    assert uris == ["a%20b.json", outside.as_uri(), "../in/a%20b.json"]
    for name in ("junit", "github"):
        text = run("check", "--output", name, inside, outside, cwd=inside.parent).out
        assert 'file="a b.json"' in text or "file=a b.json," in text
        assert str(outside) in text


def test_fingerprints_tell_exchanges_of_a_capture_apart(tmp_path: Path) -> None:
    def fingerprint(pointer: str, line: int) -> str:
        found = broken(line)
        result = found._replace(origin=found.origin._replace(pointer=pointer))
        (read,) = readers.sarif(written("sarif", [result]))["results"]
        text: str = read["partialFingerprints"]["guestcust/v1"]
        return text

    assert fingerprint("/log/entries/0", 1) == fingerprint("/log/entries/0", 9)
    assert fingerprint("/log/entries/0", 1) != fingerprint("/log/entries/1", 1)


def test_fingerprints_do_not_depend_on_line_numbers(tmp_path: Path) -> None:
    def fingerprints(text: bytes) -> list[str]:
        (tmp_path / "a.ndjson").write_bytes(text)
        results = readers.sarif(run("check", "--output", "sarif", "a.ndjson", cwd=tmp_path).out)["results"]
        return [result["partialFingerprints"]["guestcust/v1"] for result in results]

    before = fingerprints(BROKEN + b"\n" + EARLY_ERROR + b"\n" + BROKEN)
    assert fingerprints(b"\n\n" + BROKEN + b"\n\n " + EARLY_ERROR + b"\n" + BROKEN) == before
    assert [fingerprint.partition(":")[2] for fingerprint in before] == ["1", "1", "2"]


def circumstances(*, everything: bool = True) -> Circumstances:
    return Circumstances(catalog.resolve("latest"), "1.2.3", everything=everything)


def written(name: str, results: Iterable[Result], *, everything: bool = True) -> str:
    """A report as written to a file."""
    reporter = REPORTERS[name](circumstances(everything=everything))
    pieces, summary = [reporter.begin()], Summary(sources=1)
    for result in results:
        pieces.append(reporter.add(result))
        summary = summary.add(result)
    pieces.append(reporter.end(summary))
    return "".join(pieces).encode("utf-8", "backslashreplace").decode()


def broken(number: int, name: str = "a.json") -> Result:
    violation = Violation(
        "status-known", Severity.ERROR, "it is wrong", "/status", line=number, column=1, end_line=number, end_column=2
    )
    return Result(Origin(name, number), Verdict.INVALID, "7.0.3.0", (violation,))


@pytest.mark.slow
def test_sarif_stays_within_githubs_limit_of_results() -> None:
    found = readers.sarif(written("sarif", (broken(number) for number in range(1, 25_012))))
    assert len(found["results"]) == 25_000
    (notification,) = found["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("11 results left out")
    unreadable = (Result(Origin("a.json"), Verdict.UNREADABLE, "7.0.3.0", reason="gone") for _ in range(25_003))
    notifications = readers.sarif(written("sarif", unreadable))["invocations"][0]["toolExecutionNotifications"]
    assert len(notifications) == 25_001
    assert notifications[0]["message"]["text"].startswith("3 notifications left out")


@pytest.mark.slow
def test_markdown_stays_within_githubs_size_limit() -> None:
    text = written("markdown", (broken(number, "ü|@" * 300) for number in range(1, 2000)))
    assert 900_000 < len(text.encode()) <= 1024 * 1024
    page = readers.markdown(text)
    (table,) = page.tables
    assert f"{2000 - len(table)} more rows left out: a job summary is limited to 1 MiB" in page.paragraphs
    assert page.headline == "guestcust: 0 valid, 1999 invalid"


@pytest.mark.parametrize("name", FORMATS)
def test_skipped_sources_are_counted_and_listed_on_request(name: str) -> None:
    skipped = [Result(Origin("a.har"), Verdict.SKIPPED, "7.0.3.0", reason="other URL") for _ in range(1000)]
    brief = written(name, skipped, everything=False)
    read(name, brief)
    if name in {"junit", "tap", "sarif", "markdown"}:
        assert len(brief) < 30_000
        assert "other URL" in brief
    assert name == "sarif" or len(written(name, skipped)) > 30_000


texts = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=20),
    st.lists(st.sampled_from(HOSTILE) | st.text("|`@#:\\&<>%[]{}_*~$!. \nw1a", max_size=8), max_size=4).map("".join),
)
pointers = st.lists(texts, max_size=2).map(lambda steps: pointer(tuple(steps)))
sources = texts.filter(lambda text: text not in {"", "<stdin>"})


@st.composite
def violations(draw: st.DrawFn, severities: list[Severity]) -> Violation:
    line, column = draw(st.integers(1, 99)), draw(st.integers(1, 99))
    return Violation(
        rule=draw(st.sampled_from([rule.id for rule in catalog.rules()])),
        severity=draw(st.sampled_from(severities)),
        message=draw(texts) + ".",
        instance_location=draw(pointers),
        value=draw(texts),
        line=line,
        column=column,
        end_line=line + draw(st.integers(0, 1)),
        end_column=column + draw(st.integers(0, 5)),
    )


@st.composite
def results(draw: st.DrawFn) -> Result:
    verdict = draw(st.sampled_from(list(Verdict)))
    is_checked = verdict in {Verdict.VALID, Verdict.INVALID}
    severities = [Severity.WARNING] if verdict is Verdict.VALID else list(Severity)
    least = int(verdict is Verdict.INVALID)
    return Result(
        origin=Origin(
            draw(sources),
            draw(st.integers(1, 99)),
            draw(st.integers(1, 99)),
            draw(pointers),
            draw(st.none() | texts),
            draw(st.none() | st.integers(100, 599)),
        ),
        verdict=verdict,
        api_version="7.0.3.0",
        violations=tuple(draw(st.lists(violations(severities), min_size=least, max_size=3))) if is_checked else (),
        reason=None if is_checked else draw(texts) or "a reason",
        detail="" if is_checked else draw(texts),
    )


drawn = given(st.lists(results(), max_size=4))


def exchange(result: Result) -> str:
    origin = result.origin
    status = "" if origin.status is None else f" -> {origin.status}"
    place = f", at {printable(origin.pointer)}" if origin.pointer else ""
    return f"{printable(origin.request or '')}{status}{place}"


def spelled(text: str) -> str:
    """A text with lone surrogates escaped, as in JSON."""
    return text.encode("utf-8", "backslashreplace").decode()


def why(result: Result) -> str:
    return printable(result.reason or "") + (f" ({printable(result.detail)})" if result.detail else "")


@drawn
@example([Result(Origin("a.har"), Verdict.SKIPPED, "7.0.3.0", reason="\ud800")])
def test_ndjson_of_any_results_is_complete(found: list[Result]) -> None:
    lines, last = readers.ndjson(written("ndjson", found))
    assert [line["source"] for line in lines] == [spelled(result.origin.source) for result in found]
    assert last["summary"]["unreadable"] == sum(result.verdict is Verdict.UNREADABLE for result in found)


@drawn
def test_junit_of_any_results_is_complete(found: list[Result]) -> None:
    cases = list(readers.junit(written("junit", found)).iter("testcase"))
    for case, result in zip(cases, found, strict=True):
        outcome = case[0] if len(case) else None
        if result.verdict is Verdict.INVALID:
            assert outcome is not None and outcome.tag == "failure"
            assert outcome.attrib["message"] == printable(result.violations[0].message)
            assert len((outcome.text or "").split("\n")) == len(result.violations)
        elif result.verdict is not Verdict.VALID:
            assert outcome is not None
            assert outcome.tag == {"unreadable": "error", "skipped": "skipped"}[result.verdict.value]
            assert outcome.attrib["message"] == why(result)
        if result.origin.request is not None:
            assert exchange(result).strip() in case.attrib["name"]


@drawn
def test_sarif_of_any_results_is_complete(found: list[Result]) -> None:
    run = readers.sarif(written("sarif", found))
    expected = [
        (violation.rule, spelled(result.origin.request or ""), result.origin.status)
        for result in found
        for violation in result.violations
    ]
    read = [(result["ruleId"], result["properties"]) for result in run["results"]]
    assert [(rule, more.get("request", ""), more.get("httpStatus")) for rule, more in read] == expected
    for result in run["results"]:
        # No placeholders and no links.
        assert "](" not in result["message"]["text"].replace("\\](", "")
    assert run["invocations"][0]["executionSuccessful"] == all(
        result.verdict is not Verdict.UNREADABLE for result in found
    )


@drawn
def test_github_of_any_results_is_complete(found: list[Result]) -> None:
    expected = []
    for result in found:
        request_line = f"\n{exchange(result)}" if result.origin.request is not None and exchange(result) else ""
        expected += [
            (violation.severity.value, violation.rule, printable(violation.message) + request_line)
            for violation in result.violations
        ]
        if result.verdict is Verdict.UNREADABLE:
            expected.append(("error", "unreadable", why(result) + request_line))
        if result.verdict is Verdict.SKIPPED:
            expected.append(("notice", "skipped", why(result) + request_line))
    read = readers.github(written("github", found))
    assert [(each.kind, each.properties["title"], each.message) for each in read] == expected


@drawn
def test_tap_of_any_results_is_complete(found: list[Result]) -> None:
    points = readers.tap(written("tap", found)).points
    good, skipped = {Verdict.VALID, Verdict.SKIPPED}, Verdict.SKIPPED
    assert [(point.ok, point.skipped) for point in points] == [
        (result.verdict in good, result.verdict is skipped) for result in found
    ]
    for point, result in zip(points, found, strict=True):
        if point.diagnostics is not None:
            said = [violation["message"] for violation in point.diagnostics["violations"]]
            assert said == [spelled(violation.message) for violation in result.violations]


@drawn
def test_markdown_of_any_results_is_plain_text(found: list[Result]) -> None:
    page = readers.markdown(written("markdown", found))
    rows = [row for table in page.tables if table[0][0] == "place" for row in table[1:]]
    expected = []
    for result in found:
        said = [printable(violation.message) for violation in result.violations]
        said += [why(result)] if result.verdict in {Verdict.SKIPPED, Verdict.UNREADABLE} else []
        expected += [(text.strip(), exchange(result)) for text in said]
    assert [row[3] for row in rows] == [message for message, _ in expected]
    for row, (_, request) in zip(rows, expected, strict=True):
        place, _, request_line = row[0].partition("\n")
        assert place and (not request_line or request_line == request)
