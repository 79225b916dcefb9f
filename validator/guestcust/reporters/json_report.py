"""The report for programs: one JSON document in ASCII, of the shape that `schemas/meta/report.schema.json` fixes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from guestcust.model import Report, Result, Summary, Verdict, Violation


def render(report: Report, *, version: str, everything: bool = False) -> Iterator[str]:
    """The document, in pieces: what comes before the payloads, each payload, and the summary.

    Args:
        report: what to say.
        version: of guestcust.
        everything: whether conforming payloads of which there is nothing to say are listed too.

    """
    resolution = report.resolution
    head = {
        "guestcust": version,
        "requestedApiVersion": resolution.requested,
        "apiVersion": resolution.version,
        "notices": [resolution.notice] if resolution.notice else [],
    }
    yield _text(head)[:-1] + ', "payloads": ['
    separator = "\n"
    for result in report:
        if everything or _has_something(result):
            yield separator + "  " + _text(_payload(result))
            separator = ",\n"
    yield f'\n], "summary": {_text(_summary(report.summary))}}}\n'


def _has_something(result: Result) -> bool:
    if result.omitted and not result.violations:
        return False
    return result.verdict is not Verdict.VALID or bool(result.violations)


def _payload(result: Result) -> dict[str, Any]:
    return {
        "source": result.origin.source,
        "line": result.origin.line,
        "column": result.origin.column,
        "pointer": result.origin.pointer,
        "verdict": result.verdict.value,
        "reason": result.reason,
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


def _summary(summary: Summary) -> dict[str, Any]:
    return {name: getattr(summary, name) for name in Summary.__dataclass_fields__}


def _text(value: dict[str, Any]) -> str:
    return json.dumps(_scrubbed(value))


def _scrubbed(value: Any) -> Any:
    """The value with lone surrogates, which file names and payloads can hold, spelled out: JSON text has none."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {name: _scrubbed(member) for name, member in value.items()}
    return [_scrubbed(item) for item in value] if isinstance(value, list) else value
