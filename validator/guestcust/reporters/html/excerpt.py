"""One payload on the page: its facts, its text with the violations marked, and the list of violations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from guestcust.jsontext.decode import lines_and_columns
from guestcust.model import Instance, Result, Severity, Verdict, Violation
from guestcust.reporters.html.markup import clipped, counted, escaped, isolated
from guestcust.ruleset import catalog

#: The most violations to list for one payload, and the most to show in the excerpts of a long text.
_VIOLATIONS, _MARKS = 200, 20
#: The longest text that is shown as a whole; in a longer one, the number of characters shown around a mark.
_WHOLE, _CONTEXT = 4000, 120

#: The names of a status that the newest schema does not define, and of a missing one.
STATUS_NAMES = {"other": "other status", "none": "no status"}


def statuses() -> tuple[str, ...]:
    """The statuses of the newest schema, as ("IDLE", "PENDING", …)."""
    return catalog.statuses(catalog.versions()[-1])


def entry_of(result: Result, entry: str) -> str:
    """The entry of one payload that was checked or is unreadable."""
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
        notes.append('<p class="note">This is the unescaped text; its lines are not those of the file.</p>')
    listed = "".join(_violation(one, entry, number, anchors) for number, one in enumerate(violations, 1))
    hidden = len(result.violations) - len(violations)
    after = []
    if hidden:
        after.append(f"{counted(hidden, 'more violation')} in this payload, not shown here.")
    if result.omitted:
        after.append(f"{counted(result.omitted, 'violation')} of it not shown because of --max-violations.")
    if result.conforms_to and result.verdict is Verdict.INVALID:
        after.append(f"The payload conforms to API {escaped(', '.join(result.conforms_to))}.")
    notes_after = "".join(f'<p class="note">{note}</p>' for note in after)
    body = f'<div class="body">{text}<div class="found"><ol>{listed}</ol>{notes_after}</div></div>'
    return (
        f'<details class="entry {result.verdict.value}" id="{entry}" data-verdict="{result.verdict.value}" '
        f'data-status="{status}" data-rules="{escaped(rules, None)}"{" open" * is_open}>\n'
        f'<summary><h3><span class="verdict">{result.verdict.value}</span> <span class="place">{place(result)}</span>'
        f'</h3><span class="facts">{" &#183; ".join(facts)}</span>{request(result)}</summary>\n'
        f"{pointer(result)}{''.join(notes)}{body if text or listed or notes_after else ''}\n</details>"
    )


def status_of(instance: Instance) -> str:
    """The status by which the filter finds the payload."""
    status = instance.get("status") if isinstance(instance, dict) else None
    if status is None:
        return "none"
    return next((known for known in statuses() if known == status), "other")


def place(result: Result) -> str:
    """Where the payload begins, as HTML; only the file if it is unreadable as a whole."""
    origin = result.origin
    is_whole_file = result.verdict in (Verdict.UNREADABLE, Verdict.SKIPPED) and not origin.pointer
    return isolated(clipped(origin.source) if is_whole_file else where(result), None)


def where(result: Result) -> str:
    """Where the payload begins, as `FILE:LINE:COLUMN`."""
    return f"{clipped(result.origin.source)}:{result.origin.line}:{result.origin.column}"


def request(result: Result) -> str:
    """The exchange of a capture that a payload belongs to, as HTML; empty if there is none."""
    origin = result.origin
    if origin.request is None:
        return ""
    status = "" if origin.status is None else f" &#8594; {origin.status}"
    return f' <span class="request">{isolated(origin.request)}{status}</span>'


def pointer(result: Result) -> str:
    """The JSON Pointer to the exchange, as HTML; empty if there is none."""
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
    rows, shown = [], 0
    for start, end in windows:
        if start > shown:
            rows.append(_cut(start - shown))
        rows += _rows(text, start, end, lines[start][0], marks)
        shown = end
    return f'<pre class="text">{"".join(rows)}</pre>', marks.anchors


def _windows(size: int, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges of a text to show: all of it, or its ends and the surroundings of the first marks."""
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
    """The lines of a range of text, each in an element of its own."""
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
    """The marks of one text. Where marks overlap, each piece refers to all of them."""

    def __init__(self, entry: str, spans: dict[int, tuple[int, int]], errors: set[int]) -> None:
        self._entry = entry
        self._spans = spans
        self._errors = errors
        #: The id of the element with which each mark begins.
        self.anchors: dict[int, str] = {}

    def edges(self, start: int, end: int) -> set[int]:
        return {edge for span in self._spans.values() for edge in span if start <= edge <= end}

    def points(self, at: int) -> Iterator[str]:
        """The empty marks at a place."""
        numbers = [number for number, span in self._spans.items() if span == (at, at) and number not in self.anchors]
        if numbers:
            yield self._mark(numbers, "", "point")

    def put_on(self, start: int, end: int, content: str, is_break: bool) -> str:
        """A piece of the text, already HTML, with the marks that cover it."""
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
    """Text of a payload as HTML; unprintable characters become escapes, styled differently from those in the text."""
    if text.isprintable():
        return escaped(text, None)
    runs = itertools.groupby(text, lambda character: character.isprintable() or character == "\t")
    return "".join(
        # A tab remains a tab: it is part of the layout.
        "\t".join(escaped(part, None) for part in "".join(run).split("\t"))
        if prints
        else f'<i class="escape">{escaped("".join(run), None)}</i>'
        for prints, run in runs
    )
