"""The report for GitHub Actions: workflow commands, which the runner turns into annotations.

GitHub shows only ten errors, ten warnings and ten notices per step, so combine it with another report.
"""

from __future__ import annotations

from guestcust.jsontext.display import printable
from guestcust.model import Result, Verdict, Violation
from guestcust.reporters import phrases
from guestcust.reporters.protocol import Circumstances, Summary

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


class GithubReporter:
    """One command per violation, and one per unreadable source."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._everything = circumstances.everything

    @property
    def wants_conforming(self) -> bool:
        return False

    def begin(self) -> str:
        return ""

    def add(self, result: Result) -> str:
        if result.verdict is Verdict.UNREADABLE:
            return _unchecked("error", result)
        if result.verdict is Verdict.SKIPPED:
            return _unchecked("notice", result) if self._everything else ""
        return "".join(_violated(violation, result) for violation in result.violations)

    def end(self, summary: Summary) -> str:
        return "".join(_command("warning", gap, title="guestcust") for gap in phrases.gaps(summary))


def _violated(violation: Violation, result: Result) -> str:
    lines = [printable(violation.message), phrases.exchange(result)]
    place: dict[str, str | int | None] = {
        "file": phrases.file(result.origin.source),
        "line": phrases.line(violation, result),
        "col": violation.column,
        "endLine": violation.end_line,
        "endColumn": violation.end_column,
    }
    if violation.end_line != violation.line:
        # The runner accepts columns only within one line.
        place |= {"col": None, "endColumn": None}
    if place["file"] is None:
        place = {}
        lines[0] = f"{phrases.place(result, violation)}: {lines[0]}"
    return _command(violation.severity.value, "\n".join(filter(None, lines)), **place, title=violation.rule)


def _unchecked(kind: str, result: Result) -> str:
    file, origin = phrases.file(result.origin.source), result.origin
    lines = [phrases.why(result), phrases.exchange(result)]
    place: dict[str, str | int | None] = {"file": file}
    if origin.pointer:
        place |= {"line": origin.line, "col": origin.column}
    if file is None:
        place = {}
        lines[0] = f"{phrases.name(origin.source)}: {lines[0]}"
    return _command(kind, "\n".join(filter(None, lines)), **place, title=result.verdict.value)


def _command(kind: str, message: str, **properties: str | int | None) -> str:
    given = (f"{name}={str(value).translate(_PROPERTY)}" for name, value in properties.items() if value is not None)
    return f"::{kind} {','.join(given)}::{message.translate(_DATA)}\n"
