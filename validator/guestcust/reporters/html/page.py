"""The report to open in a browser: one page with all it needs in it, which asks no server for anything.

Everything is in the HTML; the script only filters. The counts and the timeline stand on top but are known last, so the
page is kept until the end: its entries have no more than `_PAGE` characters, whatever the input, and what is not shown
is counted on the page. The page is ASCII, so that it reads the same in whatever encoding it is written.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import html
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from guestcust.jsontext.decode import lines_and_columns
from guestcust.jsontext.display import printable
from guestcust.model import Circumstances, Instance, Resolution, Result, Severity, Summary, Verdict, Violation
from guestcust.ruleset import times

#: How many characters of HTML the entries may have together.
_PAGE = 16 * 1024 * 1024
#: How many payloads are shown with something to say of them: invalid, unreadable, or valid with a warning.
_FINDINGS = 5000
#: How many payloads are shown that conform without a warning; with `--all` as many as of the others.
_CONFORMING = 200
#: How many skipped entries are listed of one reason, and in all; how many reasons are named.
_SKIPPED_ALIKE, _SKIPPED, _REASONS = 100, 300, 100
#: How many violations of one payload are shown, and how many are marked where the text is cut.
_VIOLATIONS, _MARKS = 200, 20
#: How long a payload's text is shown whole; how many characters stand around a mark in one that is cut.
_WHOLE, _CONTEXT = 4000, 120
#: How much is shown of a name, a request, a message.
_LONG = 500
#: How many customizations the timeline draws, and up to how many it is unfolded.
_BARS, _UNFOLDED = 100, 24

_STATUSES = ("IDLE", "PENDING", "RUNNING", "SUCCEEDED", "FAILED")
_STATUS_NAMES = {"other": "other status", "none": "no status"}
_FILES = Path(__file__).parent


class HtmlReporter:
    """One page: the verdict and the counts, a timeline, the payloads with what is wrong marked in them."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._conforming = _FINDINGS if circumstances.everything else _CONFORMING
        self._timeline = _Timeline()
        self._entries: list[str] = []
        self._size, self._is_full = 0, False
        self._seen: Counter[str] = Counter()
        self._shown: Counter[str] = Counter()
        self._rules: Counter[tuple[str, str]] = Counter()
        self._filters: dict[str, set[str]] = {"verdict": set(), "rule": set(), "status": set()}
        self._skipped: dict[str, list[str]] = {}
        self._reasons: Counter[str] = Counter()

    @property
    def wants_conforming(self) -> bool:
        return True

    def begin(self) -> str:
        """Nothing: what stands on top is known last."""
        return ""

    def add(self, result: Result) -> str:
        """Keeps what the page will show of a result."""
        if result.verdict is Verdict.SKIPPED:
            self._add_skipped(result)
            return ""
        self._rules.update((violation.rule, violation.severity.value) for violation in result.violations)
        plain = result.verdict is Verdict.VALID and not result.violations and not result.omitted
        kind, most = ("conforming", self._conforming) if plain else ("findings", _FINDINGS)
        self._seen[kind] += 1
        entry = f"p{len(self._entries) + 1}"
        section = _entry(result, entry) if self._shown[kind] < most and not self._is_full else ""
        is_shown = section != "" and self._keep(section)
        if is_shown:
            self._entries.append(section)
            self._shown[kind] += 1
            self._filters["verdict"].add(result.verdict.value)
            self._filters["status"].add(_status(result.instance))
            self._filters["rule"] |= {violation.rule for violation in result.violations}
        self._timeline.add(result, entry if is_shown else None)
        return ""

    def end(self, summary: Summary) -> str:
        """The page."""
        headline, tone = _headline(summary)
        style, script = ((_FILES / name).read_text("ascii") for name in ("page.css", "page.js"))
        policy = (
            f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
            "base-uri 'none'; form-action 'none'"
        )
        body = "\n".join(
            piece
            for piece in (
                '<a class="skip" href="#payloads">Skip to the payloads</a>',
                self._top(summary, headline, tone),
                "<main>",
                self._timeline.svg(),
                '<section id="payloads" aria-labelledby="payloads-title">',
                '<h2 id="payloads-title">Payloads</h2>',
                *self._limits(),
                self._filter(),
                *self._entries,
                "</section>",
                *self._passed_over(),
                "</main>",
                f"<footer>guestcust {_text(self._circumstances.version)}. <code>guestcust explain RULE</code> says "
                "what a rule wants, with examples.</footer>",
            )
            if piece
        )
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
            f"<title>{headline} &#8211; guestcust</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n"
            f"<script>{script}</script>\n</body>\n</html>\n"
        )

    def _keep(self, section: str) -> bool:
        self._is_full = self._is_full or self._size + len(section) > _PAGE
        self._size += 0 if self._is_full else len(section)
        return not self._is_full

    def _add_skipped(self, result: Result) -> None:
        reason = result.reason or "no reason given"
        self._reasons[reason] += 1
        listed = self._skipped.setdefault(reason, []) if len(self._skipped) < _REASONS else self._skipped.get(reason)
        if listed is None or len(listed) == _SKIPPED_ALIKE or self._shown["skipped"] == _SKIPPED:
            return
        detail = f'<p class="detail">{_isolated(result.detail)}</p>' if result.detail else ""
        item = (
            f'<li data-verdict="skipped" data-status="{_status(result.instance)}">'
            f'<span class="place">{_place(result)}</span>{_request(result)}{_pointer(result)}{detail}</li>'
        )
        if self._keep(item):
            listed.append(item)
            self._shown["skipped"] += 1
            self._filters["verdict"].add("skipped")
            self._filters["status"].add(_status(result.instance))

    def _top(self, summary: Summary, headline: str, tone: str) -> str:
        notes = [_text(self._circumstances.resolution.notice or "")]
        if not summary.complete:
            notes.append("Judging stopped at the first that failed; what came behind it is not in this report.")
        if summary.omitted:
            are = "is" if summary.omitted == 1 else "are"
            notes.append(f"{_count(summary.omitted, 'violation')} {are} counted, but not shown: a limit was set.")
        counts = {
            "valid": summary.valid,
            "invalid": summary.invalid,
            "unreadable": summary.unreadable,
            "skipped": summary.skipped,
            "errors": summary.errors,
            "warnings": summary.warnings,
            "sources": summary.sources,
        }
        tally = "".join(
            f'<div class="{name}{"" if count else " none"}"><dt>{name}</dt><dd>{count:,}</dd></div>'
            for name, count in counts.items()
        )
        return (
            f'<header class="{tone}">\n<h1>{headline}</h1>\n'
            f'<p class="judged">{_versions(self._circumstances.resolution)}</p>\n'
            + "".join(f'<p class="note">{note}</p>\n' for note in notes if note)
            + f'<dl class="tally">{tally}</dl>\n{self._broken_rules()}</header>'
        )

    def _broken_rules(self) -> str:
        if not self._rules:
            return ""
        ordered = sorted(self._rules.items(), key=lambda item: (-item[1], item[0]))
        rows = "".join(
            f'<li><span class="count">{count:,}</span> <code>{_text(rule)}</code> '
            f'<span class="{severity}">{severity}</span></li>'
            for (rule, severity), count in ordered
        )
        return f'<h2 class="small">Violations by rule</h2>\n<ul class="rules">{rows}</ul>\n'

    def _limits(self) -> Iterator[str]:
        """What is not on the page, in a sentence each."""
        if not self._seen:
            yield '<p class="note">There are none.</p>'
        left_out = self._seen["findings"] - self._shown["findings"]
        if left_out:
            yield (
                f'<p class="note">{_count(left_out, "more payload")} with something to say of them '
                f"{'is' if left_out == 1 else 'are'} counted above, but not shown: a page shows the first "
                f"{_FINDINGS:,}, in no more than {_PAGE // 2**20} MiB. The reports text and json have them all.</p>"
            )
        left_out = self._seen["conforming"] - self._shown["conforming"]
        if left_out:
            advice = "" if self._circumstances.everything else f"; with --all, the first {_FINDINGS:,}"
            are = ("conforms", "is") if left_out == 1 else ("conform", "are")
            yield (
                f'<p class="note">{_count(left_out, "more payload")} {are[0]} and {are[1]} not shown: of payloads '
                f"without a violation a page shows the first {self._shown['conforming']:,}{advice}.</p>"
            )

    def _filter(self) -> str:
        orders: dict[str, Sequence[str]] = {
            "verdict": [verdict.value for verdict in Verdict],
            "rule": sorted(self._filters["rule"]),
            "status": [*_STATUSES, "other", "none"],
        }
        selects = "".join(
            f'<label>{name.capitalize()} <select name="{name}"><option value="">any</option>'
            + "".join(f"<option>{_text(value, None)}</option>" for value in order if value in self._filters[name])
            + "</select></label>"
            for name, order in orders.items()
        )
        return (
            '<form id="filter" role="search" aria-label="Filter" hidden>'
            '<label class="wide">Text <input name="text" type="search" autocomplete="off" spellcheck="false" '
            'aria-keyshortcuts="/" placeholder="Press / to type here"></label>'
            f'{selects}<span class="buttons"><button type="reset">Show all</button>'
            '<button type="button" name="unfold">Unfold</button><button type="button" name="fold">Fold</button></span>'
            '<output name="count" aria-live="polite"></output></form>'
        )

    def _passed_over(self) -> Iterator[str]:
        """What was skipped, by reason."""
        if not self._reasons:
            return
        yield '<section id="skipped" aria-labelledby="skipped-title">\n<h2 id="skipped-title">Skipped</h2>'
        ordered = sorted(self._reasons.items(), key=lambda item: (-item[1], item[0]))
        for reason, count in ordered:
            items = self._skipped.get(reason)
            if items is None:
                continue
            rest = f'<p class="note">{_more(count - len(items))}</p>' if count > len(items) else ""
            yield (
                f'<details class="reason"><summary><b>{count:,}</b> {_isolated(reason)}</summary>\n'
                f"<ul>{''.join(items)}</ul>{rest}</details>"
            )
        unnamed = [count for reason, count in ordered if reason not in self._skipped]
        if unnamed:
            yield f'<p class="note">{sum(unnamed):,} more, for {_count(len(unnamed), "other reason")}.</p>'
        yield "</section>"


def _headline(summary: Summary) -> tuple[str, str]:
    """The verdict on all, and its tone."""
    judged, invalid, unreadable = summary.judged, summary.invalid, summary.unreadable
    if invalid:
        text = f"{invalid:,} of {_count(judged, 'payload')} {'does' if invalid == 1 else 'do'} not conform"
    elif judged:
        text = "The payload conforms" if judged == 1 else f"All {judged:,} payloads conform"
    else:
        text = "No payload was judged"
    if unreadable:
        text += f"; {unreadable:,} could not be read"
    return text, "bad" if invalid or unreadable else "good" if judged else "empty"


def _versions(resolution: Resolution) -> str:
    rules = "" if resolution.name == resolution.version else f" (by the rules of {_text(resolution.version)})"
    return f"Judged by API {_text(resolution.name)}{rules}"


def _entry(result: Result, entry: str) -> str:
    """All about one payload that was judged, or that could not be read."""
    violations = result.violations[:_VIOLATIONS]
    status = _status(result.instance)
    facts = [_STATUS_NAMES.get(status, status)] if isinstance(result.instance, dict) else []
    errors = sum(violation.severity is Severity.ERROR for violation in result.violations)
    warnings = len(result.violations) - errors
    facts += [_count(errors, "error")] if errors else []
    facts += [_count(warnings, "warning")] if warnings else []
    rules = " ".join(dict.fromkeys(violation.rule for violation in result.violations))
    is_open = result.verdict is not Verdict.VALID or bool(violations)
    text, anchors = _excerpt(result, violations, entry) if result.text else ("", {})
    notes = []
    if result.verdict is Verdict.UNREADABLE:
        notes.append(f'<p class="reason"><b>{_isolated(result.reason or "")}</b></p>')
    if result.detail:
        notes.append(f'<p class="detail">{_isolated(result.detail)}</p>')
    if text and not result.verbatim:
        notes.append('<p class="note">The text as it reads once unescaped; its lines are not those of the file.</p>')
    listed = "".join(_violation(one, entry, number, anchors) for number, one in enumerate(violations, 1))
    hidden = len(result.violations) - len(violations)
    behind = []
    if hidden:
        behind.append(f"{_count(hidden, 'more violation')} in this payload, not shown here.")
    if result.omitted:
        behind.append(f"{_count(result.omitted, 'violation')} of it not shown: a limit was set.")
    if result.conforms_to and result.verdict is Verdict.INVALID:
        behind.append(f"The payload conforms to API {_text(', '.join(result.conforms_to))}.")
    notes_behind = "".join(f'<p class="note">{note}</p>' for note in behind)
    body = f'<div class="body">{text}<div class="found"><ol>{listed}</ol>{notes_behind}</div></div>'
    return (
        f'<details class="entry {result.verdict.value}" id="{entry}" data-verdict="{result.verdict.value}" '
        f'data-status="{status}" data-rules="{_text(rules, None)}"{" open" * is_open}>\n'
        f'<summary><h3><span class="verdict">{result.verdict.value}</span> <span class="place">{_place(result)}</span>'
        f'</h3><span class="facts">{" &#183; ".join(facts)}</span>{_request(result)}</summary>\n'
        f"{_pointer(result)}{''.join(notes)}{body if text or listed or notes_behind else ''}\n</details>"
    )


def _status(instance: Instance) -> str:
    """What the payload's status counts as in the filter."""
    status = instance.get("status") if isinstance(instance, dict) else None
    if status is None:
        return "none"
    return next((known for known in _STATUSES if known == status), "other")


def _place(result: Result) -> str:
    origin = result.origin
    is_whole_file = result.verdict in (Verdict.UNREADABLE, Verdict.SKIPPED) and not origin.pointer
    return _isolated(_clipped(origin.source) if is_whole_file else _where(result), None)


def _where(result: Result) -> str:
    return f"{_clipped(result.origin.source)}:{result.origin.line}:{result.origin.column}"


def _request(result: Result) -> str:
    """The exchange of a capture that a payload was found in."""
    origin = result.origin
    if origin.request is None:
        return ""
    status = "" if origin.status is None else f" &#8594; {origin.status}"
    return f' <span class="request">{_isolated(origin.request)}{status}</span>'


def _pointer(result: Result) -> str:
    pointer = result.origin.pointer
    return f'<p class="pointer">JSON Pointer <code>{_isolated(pointer)}</code></p>' if pointer else ""


def _violation(violation: Violation, entry: str, number: int, anchors: dict[int, str]) -> str:
    severity = violation.severity.value
    badge = f'<span class="number">{number}</span>'
    if number in anchors:
        badge = f'<a class="number" href="#{anchors[number]}" aria-label="{number}: go to the mark">{number}</a>'
    place = "" if violation.line is None else f"{violation.line}:{violation.column}"
    pointer = _isolated(violation.instance_location) if violation.instance_location else ""
    return (
        f'<li id="{entry}v{number}" class="{severity}"><p>{badge} <b class="severity">{severity}</b> '
        f'<code class="rule">{_text(violation.rule)}</code> <span class="at">{place} {pointer}</span></p>'
        f'<p class="message">{_isolated(violation.message)}</p></li>'
    )


# The text with its marks


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
    return f'<span class="cut">&#8230; {_count(count, "character")} left out</span>'


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
        return _text(text, None)
    runs = itertools.groupby(text, lambda character: character.isprintable() or character == "\t")
    return "".join(
        # A tab stands for itself here: it is white space that a text is laid out with.
        "\t".join(_text(part, None) for part in "".join(run).split("\t"))
        if prints
        else f'<i class="escape">{_text("".join(run), None)}</i>'
        for prints, run in runs
    )


# The timeline


@dataclass(slots=True)
class _Bar:
    """One customization, as one or several payloads tell of it."""

    status: str
    start: float | None
    end: float | None
    place: str
    request: str | None
    entry: str | None
    payloads: int = 1


class _Timeline:
    """The customizations with a well-formed time, by when they started, drawn to scale.

    Payloads of one request, or of one source, that say the same are one customization seen several times; so is one
    that was running and, with the same start, has ended.
    """

    def __init__(self) -> None:
        self._bars: dict[tuple[str, str, float | None, float | None], _Bar] = {}
        self._undrawn = 0

    def add(self, result: Result, entry: str | None) -> None:
        """Takes in what a payload tells of its times."""
        payload = result.instance
        if not isinstance(payload, dict):
            return
        start, end = (_seconds(payload.get(name)) for name in ("start_time", "end_time"))
        if start is None and end is None:
            return
        status = _status(payload)
        where = result.origin.request or result.origin.source
        key = (where, status, start, end)
        if key in self._bars:
            self._bars[key].payloads += 1
        elif len(self._bars) < _BARS:
            self._bars[key] = _Bar(status, start, end, _where(result), result.origin.request, entry)
        else:
            self._undrawn += 1

    def svg(self) -> str:
        """The timeline with its legend; nothing where no time was found."""
        bars = self._merged()
        if not bars:
            return ""
        moments = [moment for bar in bars for moment in (bar.start, bar.end) if moment is not None]
        axis = _Axis(min(moments), max(moments))
        height = _AXIS + _ROW * len(bars)
        rows = "".join(axis.row(bar, number) for number, bar in enumerate(bars))
        undrawn = ""
        if self._undrawn:
            undrawn = f" {_count(self._undrawn, 'more payload')} with times not drawn: a page draws the first {_BARS}."
        legend = "".join(
            f'<li class="{name}"><svg width="28" height="12" aria-hidden="true">{shape}</svg> {label}</li>'
            for name, shape, label in _LEGEND
            if name in {_tone(bar) for bar in bars} or (name == "point" and any(map(_is_point, bars)))
        )
        return (
            f'<section aria-labelledby="timeline-title"><details class="times"{" open" * (len(bars) <= _UNFOLDED)}>'
            '<summary><h2 id="timeline-title">Timeline</h2>'
            f'<span class="facts">{_count(len(bars), "customization")}</span></summary>\n'
            f'<figure><svg class="timeline" width="100%" height="{height}" role="group" '
            'aria-label="Customizations from start to end" aria-describedby="timeline-note">'
            f"{axis.grid(height)}{rows}</svg>\n"
            f'<ul class="legend">{legend}</ul><figcaption id="timeline-note">Times in UTC, by start. Payloads from one '
            "place that tell of the same customization are one bar. What could be read counts, even where the "
            f"payload is invalid.{undrawn}</figcaption></figure></details></section>"
        )

    def _merged(self) -> list[_Bar]:
        ended = {(where, start): bar for (where, _, start, end), bar in self._bars.items() if end is not None}
        bars = []
        for (where, status, start, end), bar in self._bars.items():
            whole = ended.get((where, start)) if status == "RUNNING" and end is None else None
            if whole:
                whole.payloads += bar.payloads
            else:
                bars.append(bar)
        return sorted(bars, key=lambda bar: _edges(bar)[0])


_AXIS, _ROW, _THICK = 40, 36, 10
_DAY = 86400
_STEPS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200),
    *(_DAY * days for days in (1, 2, 7, 14, 28, 91, 182, 365, 730, 1826, 3652, 18262, 36524, 182621, 365242, 1826211)),
)
_BAR = f'<rect y="1" width="28" height="{_THICK}"/>'
_CROSS = '<path class="cross" d="M5 2 l6 6 m0 -6 l-6 6"/>'
# The bar reaches the edge, and its last bit is covered, for the arrow to have a point.
_ARROW = '<path class="gap" d="M-9 -2 h11 v14 h-11 z"/><path d="M-9 -1 L0 5 L-9 11 Z"/>'
_POINT = '<circle class="hollow" r="4" cy="5"/>'
_LEGEND = (
    ("SUCCEEDED", _BAR, "SUCCEEDED"),
    (
        "FAILED",
        f'<rect y="1" width="15" height="{_THICK}"/><svg x="16" y="1" overflow="visible">{_CROSS}</svg>',
        "FAILED",
    ),
    (
        "RUNNING",
        f'{_BAR}<svg x="28" y="1" overflow="visible">{_ARROW}</svg>',
        "RUNNING, no end yet",
    ),
    ("unclear", _BAR, "any other status, or an end before the start"),
    ("point", f'<svg x="14" y="1" overflow="visible">{_POINT}</svg>', "only one of the two times given"),
)


def _tone(bar: _Bar) -> str:
    """What a bar is coloured by."""
    if bar.start is not None and bar.end is not None and bar.end < bar.start:
        return "unclear"
    return bar.status if bar.status in ("SUCCEEDED", "FAILED", "RUNNING") else "unclear"


def _is_open(bar: _Bar) -> bool:
    return bar.status == "RUNNING" and bar.end is None


def _is_point(bar: _Bar) -> bool:
    return (bar.start is None or bar.end is None) and not _is_open(bar)


def _edges(bar: _Bar) -> tuple[float, float]:
    known = [moment for moment in (bar.start, bar.end) if moment is not None]
    return min(known), max(known)


class _Axis:
    """The scale from moments to places, in per cent of the width, so that text keeps its size on any screen."""

    def __init__(self, first: float, last: float) -> None:
        # Room on both sides, so that the outermost bars do not touch the edge.
        room = (last - first) * 0.04 or 0.5
        self._low, self._high = first - room, last + room

    def at(self, moment: float) -> float:
        return 100 * (moment - self._low) / (self._high - self._low)

    def grid(self, height: int) -> str:
        """Lines and labels."""
        step = next((step for step in _STEPS if (self._high - self._low) / step <= 4), _STEPS[-1])
        number, pieces, date_before = int(self._low // step) + 1, [], ""
        while (moment := number * step) < self._high:
            at = self.at(moment)
            anchor = "start" if at < 12 else "end" if at > 88 else "middle"
            date, clock = _written(moment, step)
            pieces.append(f'<line x1="{at:.4f}%" x2="{at:.4f}%" y1="{_AXIS - 6}" y2="{height}"/>')
            for label, y in ((clock, 12), (date if date != date_before else "", 28)):
                pieces.append(f'<text x="{at:.4f}%" y="{y}" text-anchor="{anchor}">{label}</text>' if label else "")
            number, date_before = number + 1, date
        return f'<g class="axis">{"".join(pieces)}</g>'

    def row(self, bar: _Bar, number: int) -> str:
        """A bar with its label above it; a link to the payload, if that is on the page."""
        y = _AXIS + _ROW * number
        first, last = _edges(bar)
        left, right = self.at(first), 100 if _is_open(bar) else self.at(last)
        middle = y + 20
        if _is_point(bar):
            shape = f'<svg x="{left:.4f}%" y="{middle}" overflow="visible">{_POINT}</svg>'
        else:
            shape = f'<rect x="{left:.4f}%" y="{middle}" width="{right - left:.4f}%" height="{_THICK}"/>'
            cap = _ARROW if _is_open(bar) else _CROSS if bar.status == "FAILED" else ""
            shape += f'<svg x="{right:.4f}%" y="{middle}" overflow="visible">{cap}</svg>' if cap else ""
        status = _STATUS_NAMES.get(bar.status, bar.status)
        took = _took(bar)
        place = bar.place if len(bar.place) <= 48 else f"\u2026{bar.place[-47:]}"
        seen = f"{bar.payloads:,} payloads tell of it" if bar.payloads > 1 else ""
        known = [f"{name} {_moment(moment)}" for name, moment in (("start", bar.start), ("end", bar.end)) if moment]
        # Tooltips keep line breaks.
        title = "\n".join(
            _text(line, 2 * _LONG) for line in (f"{status}, {took}", *known, bar.place, bar.request, seen) if line
        )
        label = (
            f'<text x="0" y="{y + 14}"><tspan class="status">{status}</tspan> {_text(took)} '
            f'<tspan class="place">{_text(place)}</tspan></text>'
        )
        content = f"<title>{title}</title>{label}{shape}"
        if bar.entry:
            content = f'<a href="#{bar.entry}">{content}</a>'
        return f'<g class="bar {_tone(bar)}">{content}</g>'


def _seconds(value: Instance) -> float | None:
    """A well-formed time in seconds from the start of year 1; None for anything else."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        seconds, fraction = times.instant(value)
    except ValueError:  # the calendar does not know that day
        return None
    return seconds + float(f"0.{fraction[:9] or 0}")


_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def _moment(seconds: float) -> str:
    return " ".join(_written(seconds, 0.001 if seconds % 1 else 1))


def _written(seconds: float, step: float) -> tuple[str, str]:
    """Date and time of day in UTC, as exactly as the step between two ticks calls for."""
    # An offset can lead out of the years that have four digits.
    inside = min(max(seconds, _DAY), datetime.date.max.toordinal() * _DAY + _DAY - 0.001)
    moment = datetime.datetime(1, 1, 1) + datetime.timedelta(milliseconds=round((inside - _DAY) * 1000))
    precision = "milliseconds" if step < 1 else "seconds" if step < 60 else "minutes"
    date, _, clock = moment.isoformat(timespec=precision).partition("T")
    return date, clock if step < _DAY else ""


def _took(bar: _Bar) -> str:
    if bar.start is None:
        return "start not given"
    if bar.end is None:
        return "no end yet" if _is_open(bar) else "end not given"
    seconds = bar.end - bar.start
    if seconds < 0:
        return f"ends {_duration(-seconds)} before it starts"
    return _duration(seconds)


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
    units = (("d", _DAY, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1))
    unit, size, lesser, part = next(each for each in units if seconds >= each[1])
    whole, rest = divmod(int(seconds), size)
    return f"{whole:,} {unit} {rest // part} {lesser}" if rest // part else f"{whole:,} {unit}"


# What all use


def _text(text: str, limit: int | None = _LONG) -> str:
    """Text from outside as HTML in ASCII, for content and for quoted attributes alike."""
    shown = printable(text if limit is None else _clipped(text, limit))
    return html.escape(shown).encode("ascii", "xmlcharrefreplace").decode("ascii")


def _isolated(text: str, limit: int | None = _LONG) -> str:
    """Text from outside that cannot turn the order of what stands around it."""
    return f'<bdi dir="ltr">{_text(text, limit)}</bdi>'


def _clipped(text: str, limit: int = _LONG) -> str:
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}\u2026 {len(text) - limit:,} characters left out \u2026{text[-(limit // 2) :]}"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'s' * (number != 1)}"


def _more(number: int) -> str:
    return f"and {number:,} more, not listed here; the report json with --all has them all"


def _digest(content: str) -> str:
    """A content as a Content Security Policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
