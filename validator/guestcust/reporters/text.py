"""The report for people: what is wrong, where, and the lines it stands in with the place marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from guestcust.model import Report, Resolution, Result, Severity, Summary, Verdict, Violation
from guestcust.shown import printable

_WIDTH = 100
_CONTEXT = 1
_BOLD, _DIM, _RED, _YELLOW, _GREEN, _BLUE = "1", "2", "1;31", "1;33", "32", "1;34"


def render(report: Report, *, color: bool = False, everything: bool = False, quiet: bool = False) -> Iterator[str]:
    """The report, a finding at a time, and one line that sums it up.

    Args:
        report: what to say.
        color: whether to colour it with ANSI sequences.
        everything: whether conforming payloads are listed too.
        quiet: a line a violation and nothing else.

    """
    paint = _Painter(color)
    for result in report:
        if result.verdict is Verdict.UNREADABLE:
            yield f"{paint(_BOLD, _name(result))}: {paint(_RED, 'unreadable')}: {printable(result.reason or '')}\n"
        elif result.verdict is Verdict.SKIPPED and everything:
            yield f"{_name(result)}: {paint(_DIM, 'skipped')}: {printable(result.reason or '')}\n"
        elif result.verdict is Verdict.VALID and everything and not result.violations:
            yield f"{_place(result)}: {paint(_GREEN, 'valid')}\n"
        yield from _findings(result, paint, quiet)
    if not quiet:
        yield f"{_summary(report.summary, report.resolution, paint)}\n"


class _Painter:
    """Wraps text in an ANSI sequence, or leaves it alone."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text


def _findings(result: Result, paint: _Painter, quiet: bool) -> Iterator[str]:
    lines = result.text.split("\n") if result.violations and not quiet else []
    for violation in result.violations:
        code = _RED if violation.severity is Severity.ERROR else _YELLOW
        place = f"{_name(result)}:{violation.line}:{violation.column}"
        head = f"{paint(_BOLD, place)}: {paint(code, violation.severity.value)}: {violation.rule}"
        if quiet:
            yield f"{head}: {violation.message}\n"
        else:
            yield f"{head}\n  {violation.message}\n{_excerpt(result, violation, lines, code, paint)}\n"
    if result.conforms_to and not quiet and result.violations:
        yield f"{paint(_BOLD, _place(result))}: note: the payload conforms to API {', '.join(result.conforms_to)}\n\n"


def _name(result: Result) -> str:
    return printable(result.origin.source)


def _place(result: Result) -> str:
    return f"{_name(result)}:{result.origin.line}:{result.origin.column}"


def _excerpt(result: Result, violation: Violation, lines: list[str], code: str, paint: _Painter) -> str:
    """The line that a violation stands in with the place marked, and the lines before and behind."""
    if not result.text or violation.line is None or violation.column is None or violation.end_column is None:
        return ""
    first = result.origin.line
    at = violation.line - first
    if not 0 <= at < len(lines):
        return ""
    # The first line of the text may begin in the middle of the file's line.
    column = violation.column - (result.origin.column if at == 0 else 1)
    width = violation.end_column - violation.column if violation.end_line == violation.line else 1
    numbers = [
        number
        for number in range(max(0, at - _CONTEXT), min(len(lines), at + _CONTEXT + 1))
        if number == at or lines[number].strip()
    ]
    gutter = len(str(first + numbers[-1]))
    rows = []
    for number in numbers:
        before, marked, behind = _window(lines[number], column if number == at else 0, width)
        rows.append(f"  {paint(_BLUE, f'{first + number:>{gutter}} |')} {before}{marked}{behind}".rstrip())
        if number == at:
            mark = paint(code, "^" * max(1, _cells(marked)))
            rows.append(f"  {paint(_BLUE, '|'.rjust(gutter + 2))} {' ' * _cells(before)}{mark}")
    return "\n".join(rows) + "\n"


def _window(line: str, column: int, width: int) -> tuple[str, str, str]:
    """As much of a line as is shown: what stands before a place, in it, and behind it."""
    start = column - _WIDTH // 2 if column > _WIDTH * 3 // 4 else 0
    end = start + _WIDTH
    before = ("…" if start else "") + _visible(line[start:column])
    marked = _visible(line[column : min(column + width, end)])
    behind = _visible(line[min(column + width, end) : end]) + ("…" if len(line) > end else "")
    return before, marked, behind


def _visible(text: str) -> str:
    return printable(text.rstrip("\r").replace("\t", " "))


def _cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else not unicodedata.combining(each) for each in text)


def _summary(summary: Summary, resolution: Resolution, paint: _Painter) -> str:
    judged = _count(summary.judged, "payload")
    parts = [paint(_GREEN, f"{summary.valid} valid") if summary.valid else "0 valid"]
    parts.append(paint(_RED, f"{summary.invalid} invalid") if summary.invalid else "0 invalid")
    parts += [
        f"{count} {word}" for count, word in ((summary.skipped, "skipped"), (summary.unreadable, "unreadable")) if count
    ]
    found = f"{_count(summary.errors, 'error')}, {_count(summary.warnings, 'warning')}"
    rest = []
    if summary.omitted:
        rest.append(f"{_count(summary.omitted, 'violation')} not shown")
    if not summary.complete:
        rest.append("stopped at the first that failed")
    tail = f"; {'; '.join(rest)}" if rest else ""
    version = resolution.name
    if version != resolution.version:
        version = f"{version} (by the rules of {resolution.version})"
    return f"{judged} in {_count(summary.sources, 'source')}, API {version}: {', '.join(parts)} ({found}){tail}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"
