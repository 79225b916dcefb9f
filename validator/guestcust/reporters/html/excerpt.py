"""One payload on the page: its facts, its text with what is wrong marked in it, and its violations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from guestcust.jsontext.decode import lines_and_columns
from guestcust.model import Instance, Result, Severity, Verdict, Violation
from guestcust.reporters.html.markup import clipped, counted, escaped, isolated
from guestcust.ruleset import catalog

#: How many violations of one payload are shown, and how many are marked where the text is cut.
_VIOLATIONS, _MARKS = 200, 20
#: How long a payload's text is shown whole; how many characters stand around a mark in one that is cut.
_WHOLE, _CONTEXT = 4000, 120

#: What a filter and a label call a status that the newest schema does not define, and one that is missing.
STATUS_NAMES = {"other": "other status", "none": "no status"}


def statuses() -> tuple[str, ...]:
    """The statuses of the newest schema, as ("IDLE", "PENDING", …)."""
    return catalog.statuses(catalog.versions()[-1])


def entry_of(result: Result, entry: str) -> str:
    """All about one payload that was judged, or that could not be read."""
    violations = result.violations[:_VIOLATIONS]
    status = status_of(result.instance)
    facts = [STATUS_NAMES.get(status, status)] if isinstance(result.instance, dict) else []
    errors = sum(violation.severity is Severity.ERROR for violation in result.violations)
    warnings = len(result.violations) - errors
    facts += [counted(errors, "error")] if errors else []
    facts += [counted(warnings, "warning")] if warnings else []
    rules = " ".join(dict.fromkeys(violation.rule for violation in result.violations))
    is_open = result.verdict is not Verdict.VALID or bool(violations)
    text, anchors = _excerpt(result, violations, entry) if result.text else ("", {})
    notes = []
    if result.verdict is Verdict.UNREADABLE:
        notes.append(f'<p class="reason"><b>{isolated(result.reason or "")}</b></p>')
    if result.detail:
        notes.append(f'<p class="detail">{isolated(result.detail)}</p>')
    if text and not result.verbatim:
        notes.append('<p class="note">The text as it reads once unescaped; its lines are not those of the file.</p>')
    listed = "".join(_violation(one, entry, number, anchors) for number, one in enumerate(violations, 1))
    hidden = len(result.violations) - len(violations)
    behind = []
    if hidden:
        behind.append(f"{counted(hidden, 'more violation')} in this payload, not shown here.")
    if result.omitted:
        behind.append(f"{counted(result.omitted, 'violation')} of it not shown: a limit was set.")
    if result.conforms_to and result.verdict is Verdict.INVALID:
        behind.append(f"The payload conforms to API {escaped(', '.join(result.conforms_to))}.")
    notes_behind = "".join(f'<p class="note">{note}</p>' for note in behind)
    body = f'<div class="body">{text}<div class="found"><ol>{listed}</ol>{notes_behind}</div></div>'
    return (
        f'<details class="entry {result.verdict.value}" id="{entry}" data-verdict="{result.verdict.value}" '
        f'data-status="{status}" data-rules="{escaped(rules, None)}"{" open" * is_open}>\n'
        f'<summary><h3><span class="verdict">{result.verdict.value}</span> <span class="place">{place(result)}</span>'
        f'</h3><span class="facts">{" &#183; ".join(facts)}</span>{request(result)}</summary>\n'
        f"{pointer(result)}{''.join(notes)}{body if text or listed or notes_behind else ''}\n</details>"
    )


def status_of(instance: Instance) -> str:
    """What the payload's status counts as in the filter."""
    status = instance.get("status") if isinstance(instance, dict) else None
    if status is None:
        return "none"
    return next((known for known in statuses() if known == status), "other")


def place(result: Result) -> str:
    """Where the payload begins, as HTML; the file alone where that is all there is."""
    origin = result.origin
    is_whole_file = result.verdict in (Verdict.UNREADABLE, Verdict.SKIPPED) and not origin.pointer
    return isolated(clipped(origin.source) if is_whole_file else where(result), None)


def where(result: Result) -> str:
    """Where the payload begins, as `FILE:LINE:COLUMN`."""
    return f"{clipped(result.origin.source)}:{result.origin.line}:{result.origin.column}"


def request(result: Result) -> str:
    """The exchange of a capture that a payload was found in."""
    origin = result.origin
    if origin.request is None:
        return ""
    status = "" if origin.status is None else f" &#8594; {origin.status}"
    return f' <span class="request">{isolated(origin.request)}{status}</span>'


def pointer(result: Result) -> str:
    """The JSON Pointer to the exchange, as HTML; empty where there is none."""
    pointer = result.origin.pointer
    return f'<p class="pointer">JSON Pointer <code>{isolated(pointer)}</code></p>' if pointer else ""


def _violation(violation: Violation, entry: str, number: int, anchors: dict[int, str]) -> str:
    severity = violation.severity.value
    badge = f'<span class="number">{number}</span>'
    if number in anchors:
        badge = f'<a class="number" href="#{anchors[number]}" aria-label="{number}: go to the mark">{number}</a>'
    place = "" if violation.line is None else f"{violation.line}:{violation.column}"
    pointer = isolated(violation.instance_location) if violation.instance_location else ""
    return (
        f'<li id="{entry}v{number}" class="{severity}"><p>{badge} <b class="severity">{severity}</b> '
        f'<code class="rule">{escaped(violation.rule)}</code> <span class="at">{place} {pointer}</span></p>'
        f'<p class="message">{isolated(violation.message)}</p></li>'
    )


def _excerpt(result: Result, violations: Sequence[Violation], entry: str) -> tuple[str, dict[int, str]]:
    """A payload's text with the violations marked, and the ids of the marks by the numbers of the violations."""
    text, size = result.text, len(result.text)
    spans = {
        number: (min(violation.span.start, size), min(violation.span.end, size))
        for number, violation in enumerate(violations, 1)
        if violation.span is not None
    }
    errors = {number for number in spans if violations[number - 1].severity is Severity.ERROR}
    marks = _Marks(entry, spans, errors)
    windows = _windows(size, spans.values())
    first = result.origin.line if result.verbatim else 1
    lines = lines_and_columns(text, (start for start, _ in windows), (first, 1))
    rows, behind = [], 0
    for start, end in windows:
        if start > behind:
            rows.append(_cut(start - behind))
        rows += _rows(text, start, end, lines[start][0], marks)
        behind = end
    return f'<pre class="text">{"".join(rows)}</pre>', marks.anchors


def _windows(size: int, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches of a text that are shown: all of it, or the edges of the text and of the first marks."""
    if size <= _WHOLE:
        return [(0, size)]
    edges = {0, size, *itertools.chain.from_iterable(itertools.islice(spans, _MARKS))}
    windows: list[tuple[int, int]] = []
    for edge in sorted(edges):
        start, end = max(0, edge - _CONTEXT), min(size, edge + _CONTEXT)
        if windows and start <= windows[-1][1] + _CONTEXT:
            start = windows.pop()[0]
        windows.append((start, end))
    return windows


def _rows(text: str, start: int, end: int, line: int, marks: _Marks) -> Iterator[str]:
    """The lines of a stretch of text, each in an element of its own."""
    breaks = {edge for found in re.finditer(r"\r?\n", text[start:end]) for edge in found.span()}
    edges = sorted({start, end, *(start + edge for edge in breaks), *marks.edges(start, end)})
    row: list[str] = []
    for at, stop in itertools.pairwise(edges):
        row += marks.points(at)
        piece = text[at:stop]
        is_break = piece in ("\n", "\r\n")
        row.append(marks.put_on(at, stop, "\n" if is_break else _characters(piece), is_break))
        if is_break:
            yield _row(row, line)
            row, line = [], line + 1
    row += marks.points(end)
    if row:
        yield _row(row, line)


def _row(pieces: Iterable[str], line: int) -> str:
    return f'<span class="line" data-line="{line}">{"".join(pieces)}</span>'


def _cut(count: int) -> str:
    return f'<span class="cut">&#8230; {counted(count, "character")} left out</span>'


class _Marks:
    """The marks of one text; where several lie upon one another, each stretch says which."""

    def __init__(self, entry: str, spans: dict[int, tuple[int, int]], errors: set[int]) -> None:
        self._entry = entry
        self._spans = spans
        self._errors = errors
        #: The id of the element with which each begins.
        self.anchors: dict[int, str] = {}

    def edges(self, start: int, end: int) -> set[int]:
        return {edge for span in self._spans.values() for edge in span if start <= edge <= end}

    def points(self, at: int) -> Iterator[str]:
        """The marks without extent at a place."""
        numbers = [number for number, span in self._spans.items() if span == (at, at) and number not in self.anchors]
        if numbers:
            yield self._mark(numbers, "", "point")

    def put_on(self, start: int, end: int, content: str, is_break: bool) -> str:
        """A stretch of the text, already as HTML, within its marks."""
        numbers = [number for number, span in self._spans.items() if span[0] <= start and end <= span[1]]
        return self._mark(numbers, content, "break" if is_break else "") if numbers else content

    def _mark(self, numbers: list[int], content: str, kind: str) -> str:
        severity = "error" if self._errors.intersection(numbers) else "warning"
        look = f"{severity} {kind}" if kind else severity
        begun = [number for number in numbers if number not in self.anchors]
        start = ""
        if begun:
            anchor = f"{self._entry}m{begun[0]}"
            self.anchors.update(dict.fromkeys(begun, anchor))
            start = f' id="{anchor}" data-numbers="{" ".join(map(str, begun))}"'
        described = " ".join(f"{self._entry}v{number}" for number in numbers)
        return f'<mark class="{look}"{start} aria-describedby="{described}">{content}</mark>'


def _characters(text: str) -> str:
    """Characters of a payload's text as HTML; what does not print is an escape, told apart from those in the text."""
    if text.isprintable():
        return escaped(text, None)
    runs = itertools.groupby(text, lambda character: character.isprintable() or character == "\t")
    return "".join(
        # A tab stands for itself here: it is white space that a text is laid out with.
        "\t".join(escaped(part, None) for part in "".join(run).split("\t"))
        if prints
        else f'<i class="escape">{escaped("".join(run), None)}</i>'
        for prints, run in runs
    )
