"""The report for code scanning: SARIF 2.1.0, within the limits of GitHub.

A SARIF result is something wrong, so each violation is one, and payloads that conform are not in the report. An
unreadable source is a notification, and marks the run as failed.
"""

from __future__ import annotations

import json
import re
from pathlib import PurePath
from typing import Any

from guestcust.jsontext.display import printable
from guestcust.model import Result, Verdict, Violation
from guestcust.reporters import phrases
from guestcust.reporters.json_report import counts, json_text
from guestcust.reporters.protocol import Circumstances, Summary
from guestcust.reporters.summary_line import counted
from guestcust.ruleset import catalog
from guestcust.ruleset.catalog import Rule

#: The most results that a run may have, and the most notifications.
LIMIT = 25_000
# Not the key that GitHub uses: upload-sarif computes that one, and warns of every other value.
FINGERPRINT = "guestcust/v1"

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")
_PLACEHOLDER = re.compile(r"\{(\d+)\}")
_NOTIFICATIONS = {
    "unreadable": "Something could not be read, so it was not checked",
    "notice": "A notice about the API version",
    "incomplete": "The report is incomplete",
}


class SarifReporter:
    """The rules, then the results as they come, then the notifications."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._indices = {rule.id: index for index, rule in enumerate(catalog.rules())}
        self._separator = "\n"
        self._results = 0
        self._unreadable = 0
        self._notifications: list[str] = []
        self._occurrences: dict[str, int] = {}

    @property
    def wants_conforming(self) -> bool:
        return False

    def begin(self) -> str:
        driver = {
            "name": "guestcust",
            "version": self._circumstances.version,
            "rules": [_rule(rule) for rule in catalog.rules()],
            "notifications": [
                {"id": name, "shortDescription": {"text": text}} for name, text in _NOTIFICATIONS.items()
            ],
        }
        head = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0"}
        run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints"}
        return f'{json_text(head)[:-1]}, "runs": [\n{json_text(run)[:-1]}, "results": ['

    def add(self, result: Result) -> str:
        if result.verdict is Verdict.UNREADABLE:
            self._unreadable += 1
            if self._unreadable <= LIMIT:
                self._notifications.append(json_text(_unreadable(result)))
        return "".join(self._result(violation, result) for violation in result.violations)

    def end(self, summary: Summary) -> str:
        notice = self._circumstances.resolution.notice
        notes = [("notice", notice)] if notice else []
        notes += (("incomplete", gap) for gap in phrases.gaps(summary))
        for number, word in ((self._results, "result"), (self._unreadable, "notification")):
            if number > LIMIT:
                left_out = counted(number - LIMIT, word)
                notes.append(("incomplete", f"{left_out} left out: a run is limited to {LIMIT}"))
        notifications = [json_text(_notification(name, "warning", text)) for name, text in notes] + self._notifications
        succeeded = json.dumps(summary.unreadable == 0)
        return (
            f'\n], "invocations": [{{"executionSuccessful": {succeeded}, "toolExecutionNotifications": [\n  '
            + ",\n  ".join(notifications)
            + f']}}], "properties": {json_text(counts(summary))}}}\n]}}\n'
        )

    def _result(self, violation: Violation, result: Result) -> str:
        self._results += 1
        if self._results > LIMIT:
            return ""
        separator, self._separator = self._separator, ",\n"
        fingerprint = _fingerprint(violation, result)
        occurrence = self._occurrences[fingerprint] = self._occurrences.get(fingerprint, 0) + 1
        found = {
            "ruleId": violation.rule,
            "ruleIndex": self._indices[violation.rule],
            "level": violation.severity.value,
            "message": {"text": _message(violation.message)},
            "locations": [_location(result, violation)],
            "partialFingerprints": {FINGERPRINT: f"{fingerprint}:{occurrence}"},
            "properties": _properties(violation, result),
        }
        return f"{separator}  {json_text(found)}"


def _rule(rule: Rule) -> dict[str, Any]:
    document, place = rule.source
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.description},
        "help": {
            "text": f"{rule.description}\n\nSince API {rule.since}. Source: {document}: {place}",
            "markdown": f"{rule.description}\n\nSince API {rule.since}. Source: `{document}`: {place}",
        },
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": ["vsphere", "guest-customization", rule.checked_by]},
    }


def _location(result: Result, violation: Violation | None = None) -> dict[str, Any]:
    origin = result.origin
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri(origin.source)}}
    if violation is not None and violation.line is not None:
        physical["region"] = {
            "startLine": violation.line,
            "startColumn": violation.column,
            "endLine": violation.end_line,
            "endColumn": violation.end_column,
        }
    elif violation is not None or origin.pointer:
        physical["region"] = {"startLine": origin.line, "startColumn": origin.column}
    location: dict[str, Any] = {"physicalLocation": physical}
    logical = origin.pointer + (violation.instance_location if violation else "")
    if logical:
        location["logicalLocations"] = [{"fullyQualifiedName": logical, "kind": "member"}]
    return location


def _properties(violation: Violation, result: Result) -> dict[str, Any]:
    """More about a violation; empty values are left out, because GitHub rejects empty text."""
    properties = {
        "pointer": result.origin.pointer,
        "request": result.origin.request,
        "httpStatus": result.origin.status,
        "instanceLocation": violation.instance_location,
        "keywordLocation": violation.keyword_location,
        "absoluteKeywordLocation": violation.absolute_keyword_location,
        "value": violation.value,
        "apiVersion": result.api_version,
        "conformsTo": list(result.conforms_to),
    }
    return {name: value for name, value in properties.items() if value not in (None, "", [])}


def _unreadable(result: Result) -> dict[str, Any]:
    text = f"{phrases.name(result.origin.source)}: {phrases.why(result)}"
    return {**_notification("unreadable", "error", text), "locations": [_location(result)]}


def _notification(name: str, level: str, text: str) -> dict[str, Any]:
    return {"descriptor": {"id": name}, "level": level, "message": {"text": _message(text)}}


def _message(text: str) -> str:
    """Text without placeholders and links; viewers would show other escapes literally."""
    return _PLACEHOLDER.sub(r"{{\1}}", printable(text)).replace("](", "\\](")


def _fingerprint(violation: Violation, result: Result) -> str:
    """Identifies a violation across runs, even if lines around it come and go."""
    import hashlib

    identity = (
        violation.rule,
        uri(result.origin.source),
        result.origin.pointer,
        violation.instance_location,
        violation.value,
    )
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:32]


def uri(source: str) -> str:
    """A source as a URI reference (RFC 3986): relative, or with the scheme file where the path is absolute."""
    path = phrases.file(source)
    if path is None or not PurePath(path).is_absolute():
        return _quoted(path or source)
    # On Windows, the colon after the drive letter is not escaped.
    return f"file://{_quoted(path)}" if path.startswith("/") else f"file:///{path[:2]}{_quoted(path[2:])}"


def _quoted(path: str) -> str:
    try:
        octets = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        octets = path.encode("utf-8", "surrogatepass")
    return "".join(chr(octet) if octet in _UNRESERVED else f"%{octet:02X}" for octet in octets)
