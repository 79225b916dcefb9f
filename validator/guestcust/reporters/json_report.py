"""The report for programs: one JSON document in ASCII, as defined by `schemas/meta/report.schema.json`."""

from __future__ import annotations

import json
from typing import Any

from guestcust.model import Result, Verdict, Violation
from guestcust.reporters.protocol import Circumstances, Summary

#: The version of the report's format. It changes whenever a member is renamed, removed or given another meaning.
REPORT_VERSION = 2


class JsonReporter:
    """One document: what is the same for all payloads, the payloads, and the counts."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._separator = "\n"

    @property
    def wants_conforming(self) -> bool:
        return self._circumstances.everything

    def begin(self) -> str:
        return json_text(head(self._circumstances))[:-1] + ', "payloads": ['

    def add(self, result: Result) -> str:
        if not (self._circumstances.everything or has_something(result)):
            return ""
        separator, self._separator = self._separator, ",\n"
        return f"{separator}  {json_text(payload(result))}"

    def end(self, summary: Summary) -> str:
        return f'\n], "summary": {json_text(counts(summary))}}}\n'


def head(circumstances: Circumstances) -> dict[str, Any]:
    """What is the same for all payloads, as in the report schema."""
    resolution = circumstances.resolution
    return {
        "reportVersion": REPORT_VERSION,
        "guestcust": circumstances.version,
        "requestedApiVersion": resolution.requested,
        "apiVersion": resolution.version,
        "notices": [resolution.notice] if resolution.notice else [],
    }


def has_something(result: Result) -> bool:
    """Whether to list a result without `--all`: it has violations to show, was skipped, or is unreadable."""
    if result.omitted and not result.violations:
        return False
    return result.verdict is not Verdict.VALID or bool(result.violations)


def payload(result: Result) -> dict[str, Any]:
    """A result as in the report schema."""
    return {
        "source": result.origin.source,
        "line": result.origin.line,
        "column": result.origin.column,
        "pointer": result.origin.pointer,
        "request": result.origin.request,
        "httpStatus": result.origin.status,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "detail": result.detail,
        "apiVersion": result.api_version,
        "conformsTo": list(result.conforms_to),
        "violations": [_violation(violation) for violation in result.violations],
        "omitted": result.omitted,
    }


def _violation(violation: Violation) -> dict[str, Any]:
    return {
        "rule": violation.rule,
        "severity": violation.severity.value,
        "message": violation.message,
        "instanceLocation": violation.instance_location,
        "keywordLocation": violation.keyword_location,
        "absoluteKeywordLocation": violation.absolute_keyword_location,
        "value": violation.value,
        "line": violation.line,
        "column": violation.column,
        "endLine": violation.end_line,
        "endColumn": violation.end_column,
    }


def counts(summary: Summary) -> dict[str, Any]:
    """The summary as in the report schema."""
    return summary._asdict()


def json_text(value: dict[str, Any]) -> str:
    """The value as JSON text on one line, in ASCII."""
    return json.dumps(_scrubbed(value))


def _scrubbed(value: Any) -> Any:
    """The value with lone surrogates, which file names and payloads can contain, replaced by an escape as text."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_scrubbed(name): _scrubbed(member) for name, member in value.items()}
    return [_scrubbed(item) for item in value] if isinstance(value, list) else value
