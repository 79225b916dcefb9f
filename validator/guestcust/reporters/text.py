"""The report for people: what is wrong and where, with an excerpt of the payload in which the place is marked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from guestcust.jsontext.decode import lines_and_columns
from guestcust.jsontext.display import printable
from guestcust.model import Result, Severity, Verdict
from guestcust.reporters import phrases
from guestcust.reporters.protocol import Circumstances, Summary
from guestcust.reporters.summary_line import BLUE, BOLD, DIM, GREEN, RED, YELLOW, Painter, closing
from guestcust.ruleset.catalog import Resolution

_WIDTH = 100
_CONTEXT = 1


class TextReporter:
    """One paragraph per violation, and the summary line."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._paint = Painter(circumstances.color)

    @property
    def wants_conforming(self) -> bool:
        return self._circumstances.everything

    def begin(self) -> str:
        return ""

    def add(self, result: Result) -> str:
        paint, everything = self._paint, self._circumstances.everything
        head, why = "", phrases.why(result)
        if result.verdict is Verdict.UNREADABLE:
            head = f"{paint(BOLD, _where(result))}: {paint(RED, 'unreadable')}: {why}\n{_exchange(result)}"
        elif result.verdict is Verdict.SKIPPED and everything:
            head = f"{_place(result)}: {paint(DIM, 'skipped')}: {why}\n{_exchange(result)}"
        elif result.verdict is Verdict.VALID and everything and not result.violations:
            head = f"{_place(result)}: {paint(GREEN, 'valid')}\n{_exchange(result)}"
        return head + "".join(_findings(result, paint, self._circumstances.quiet))

    def end(self, summary: Summary) -> str:
        if self._circumstances.quiet:
            return ""
        return _summary(summary, self._circumstances.resolution, self._paint)


def _findings(result: Result, paint: Painter, quiet: bool) -> Iterator[str]:
    shows_text = bool(result.violations and result.text and not quiet)
    lines = result.text.split("\n") if shows_text else []
    # In a capture, the lines of a payload need not be lines of the file.
    first = result.origin.line if result.verbatim else 1
    spans = [violation.span for violation in result.violations if violation.span is not None]
    edges = (edge for span in spans for edge in (span.start, span.end))
    places = lines_and_columns(result.text, edges) if shows_text else {}
    for violation in result.violations:
        code = RED if violation.severity is Severity.ERROR else YELLOW
        place = f"{_name(result)}:{violation.line}:{violation.column}"
        head = f"{paint(BOLD, place)}: {paint(code, violation.severity.value)}: {violation.rule}"
        if quiet:
            yield f"{head}: {violation.message}\n"
            continue
        excerpt = ""
        if shows_text and violation.span is not None:
            span = violation.span
            excerpt = _excerpt(lines, first, places[span.start], places[span.end], code, paint)
        yield f"{head}\n{_exchange(result)}  {violation.message}\n{excerpt}\n"
    if result.conforms_to and not quiet and result.violations:
        yield f"{paint(BOLD, _place(result))}: note: the payload conforms to API {', '.join(result.conforms_to)}\n\n"


def _where(result: Result) -> str:
    """The place of what is unreadable: a file as a whole, or something in it."""
    origin = result.origin
    return _name(result) if (origin.line, origin.column, origin.pointer) == (1, 1, "") else _place(result)


def _exchange(result: Result) -> str:
    """A line that names the exchange of a capture that a payload belongs to."""
    found = phrases.exchange(result)
    return f"  {found}\n" if found else ""


def _name(result: Result) -> str:
    return printable(result.origin.source)


def _place(result: Result) -> str:
    return f"{_name(result)}:{result.origin.line}:{result.origin.column}"


def _excerpt(
    lines: list[str], first: int, start: tuple[int, int], end: tuple[int, int], code: str, paint: Painter
) -> str:
    """The line of a violation with the place marked, and the lines before and after it.

    Args:
        lines: the payload's text.
        first: the number of its first line.
        start: line and column of the place in the text, 1-based.
        end: line and column just after it.
        code: the colour of the mark.
        paint: colours the excerpt.

    """
    at, column = start[0] - 1, start[1] - 1
    width = end[1] - start[1] if end[0] == start[0] else 1
    numbers = [
        number
        for number in range(max(0, at - _CONTEXT), min(len(lines), at + _CONTEXT + 1))
        if number == at or lines[number].strip()
    ]
    gutter = len(str(first + numbers[-1]))
    rows = []
    for number in numbers:
        before, marked, after = _window(lines[number], column if number == at else 0, width)
        rows.append(f"  {paint(BLUE, f'{first + number:>{gutter}} |')} {before}{marked}{after}".rstrip())
        if number == at:
            mark = paint(code, "^" * max(1, _cells(marked)))
            rows.append(f"  {paint(BLUE, '|'.rjust(gutter + 2))} {' ' * _cells(before)}{mark}")
    return "\n".join(rows) + "\n"


def _window(line: str, column: int, width: int) -> tuple[str, str, str]:
    """The part of a line that is shown: before the place, in it, and after it."""
    start = column - _WIDTH // 2 if column > _WIDTH * 3 // 4 else 0
    end = start + _WIDTH
    before = ("…" if start else "") + _visible(line[start:column])
    marked = _visible(line[column : min(column + width, end)])
    after = _visible(line[min(column + width, end) : end]) + ("…" if len(line) > end else "")
    return before, marked, after


def _visible(text: str) -> str:
    return printable(text.rstrip("\r").replace("\t", " "))


def _cells(text: str) -> int:
    """The width of a text on a terminal, in cells."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else not unicodedata.combining(each) for each in text)


def _summary(summary: Summary, resolution: Resolution, paint: Painter) -> str:
    rest = phrases.gaps(summary)
    if summary.reasons:
        rest.insert(0, f"skipped: {', '.join(f'{count} {reason}' for count, reason in phrases.reasons(summary))}")
    if summary.unopened:
        rest.append(phrases.unopened(summary))
    counts = summary._asdict()
    return closing(counts, resolution.name, resolution.version, paint, rest)
