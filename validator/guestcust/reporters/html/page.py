"""The report for a browser: one self-contained page that makes no requests.

Everything is in the HTML; the script only filters. The counts and the timeline are at the top but known last, so the
page is kept until the end. Its entries are limited to `_PAGE` characters for any input; what is left out is counted.
The page is ASCII, so that it reads the same in any encoding.
"""

from __future__ import annotations

import datetime
import html
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from guestcust.model import Result, Verdict
from guestcust.reporters.html import excerpt
from guestcust.reporters.html.markup import counted, digest, escaped, isolated, more, without_credentials
from guestcust.reporters.html.timeline import Timeline
from guestcust.reporters.protocol import Circumstances, Summary
from guestcust.ruleset.catalog import Resolution

#: The most characters of HTML for all entries together.
_PAGE = 16 * 1024 * 1024
#: The most payloads to show that need attention: invalid, unreadable, or valid with a warning.
_FINDINGS = 5000
#: The most payloads to show that conform without a warning; with `--all`, as many as of the others.
_CONFORMING = 200
#: The most skipped entries to list per reason, and in all; the most reasons to list.
_SKIPPED_ALIKE, _SKIPPED, _REASONS = 100, 300, 100

_FILES = Path(__file__).parent


class HtmlReporter:
    """One page: the verdict, the counts, a timeline, and the payloads with the violations marked."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._conforming = _FINDINGS if circumstances.everything else _CONFORMING
        self._timeline = Timeline()
        self._entries: dict[str, list[str]] = {"findings": [], "conforming": []}
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
        """Nothing: the top of the page is known last."""
        return ""

    def add(self, result: Result) -> str:
        """Keeps what the page will show of a result; returns nothing."""
        if result.verdict is Verdict.SKIPPED:
            self._add_skipped(result)
            return ""
        self._rules.update((violation.rule, violation.severity.value) for violation in result.violations)
        plain = result.verdict is Verdict.VALID and not result.violations and not result.omitted
        kind, most = ("conforming", self._conforming) if plain else ("findings", _FINDINGS)
        self._seen[kind] += 1
        entry = f"p{sum(map(len, self._entries.values())) + 1}"
        section = excerpt.entry_of(result, entry) if self._shown[kind] < most and not self._is_full else ""
        is_shown = section != "" and self._keep(section)
        if is_shown:
            self._entries[kind].append(section)
            self._shown[kind] += 1
            self._filters["verdict"].add(result.verdict.value)
            self._filters["status"].add(excerpt.status_of(result.instance))
            self._filters["rule"] |= {violation.rule for violation in result.violations}
        self._timeline.add(result, entry if is_shown else None)
        return ""

    def end(self, summary: Summary) -> str:
        """The page."""
        headline, tone = _headline(summary)
        style, script = ((_FILES / name).read_text("ascii") for name in ("page.css", "page.js"))
        policy = (
            f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; "
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
                *self._entries["findings"],
                *self._entries["conforming"],
                "</section>",
                *self._skipped_entries(),
                "</main>",
                f"<footer>guestcust {escaped(self._circumstances.version)}. <code>guestcust explain RULE</code> "
                "explains a rule, with examples.</footer>",
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
        detail = f'<p class="detail">{isolated(result.detail)}</p>' if result.detail else ""
        item = (
            f'<li data-verdict="skipped" data-status="{excerpt.status_of(result.instance)}">'
            f'<span class="place">{excerpt.place(result)}</span>'
            f"{excerpt.request(result)}{excerpt.pointer(result)}{detail}</li>"
        )
        if self._keep(item):
            listed.append(item)
            self._shown["skipped"] += 1
            self._filters["verdict"].add("skipped")
            self._filters["status"].add(excerpt.status_of(result.instance))

    def _top(self, summary: Summary, headline: str, tone: str) -> str:
        notes = [escaped(self._circumstances.resolution.notice or "")]
        if not summary.complete:
            notes.append("The check stopped at the first failure; the rest of the input was not checked.")
        if summary.omitted:
            are = "is" if summary.omitted == 1 else "are"
            notes.append(
                f"{counted(summary.omitted, 'violation')} {are} counted, but not shown because of --max-violations."
            )
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
            f'<div class="{name}{"" if count else " none"}"><dt>{name.rstrip("s") if count == 1 else name}</dt>'
            f"<dd>{count:,}</dd></div>"
            for name, count in counts.items()
        )
        return (
            f'<header class="{tone}">\n<h1>{headline}</h1>\n'
            f'<p class="versions">{_versions(self._circumstances.resolution)}</p>\n'
            + self._run()
            + "".join(f'<p class="note">{note}</p>\n' for note in notes if note)
            + f'<dl class="tally">{tally}</dl>\n{self._broken_rules()}</header>'
        )

    def _run(self) -> str:
        """When and how the report was made."""
        started, command = self._circumstances.started, self._circumstances.command_line
        if started is None:
            return ""
        moment = started.astimezone(datetime.timezone.utc)
        typed = f" with <code>{isolated(without_credentials(command))}</code>" if command else ""
        return (
            f'<p class="run">Run on <time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{moment:%Y-%m-%d %H:%M:%S} UTC</time>'
            f"{typed}</p>\n"
        )

    def _broken_rules(self) -> str:
        if not self._rules:
            return ""
        ordered = sorted(self._rules.items(), key=lambda item: (-item[1], item[0]))
        rows = "".join(
            f'<li><span class="count">{count:,}</span> <code>{escaped(rule)}</code> '
            f'<span class="{severity}">{severity}</span></li>'
            for (rule, severity), count in ordered
        )
        return f'<h2 class="small">Violations by rule</h2>\n<ul class="rules">{rows}</ul>\n'

    def _limits(self) -> Iterator[str]:
        """Notes on the order of the page, and on what it leaves out."""
        if not self._seen:
            yield '<p class="note">There are none.</p>'
        if all(self._entries.values()):
            yield '<p class="note">Payloads that need attention come first, then those that conform.</p>'
        left_out = self._seen["findings"] - self._shown["findings"]
        if left_out:
            yield (
                f'<p class="note">{counted(left_out, "more payload")} that '
                f"{'needs attention is' if left_out == 1 else 'need attention are'} counted above, but not shown: a "
                f"page has at most {_FINDINGS:,} in {_PAGE // 2**20} MiB. The text and JSON reports have them all.</p>"
            )
        left_out = self._seen["conforming"] - self._shown["conforming"]
        if left_out:
            advice = "" if self._circumstances.everything else f"; with --all, the first {_FINDINGS:,}"
            are = ("conforms", "is") if left_out == 1 else ("conform", "are")
            yield (
                f'<p class="note">{counted(left_out, "more payload")} {are[0]} and {are[1]} not shown: of payloads '
                f"without a violation, a page shows the first {self._shown['conforming']:,}{advice}.</p>"
            )

    def _filter(self) -> str:
        orders: dict[str, Sequence[str]] = {
            "verdict": [verdict.value for verdict in Verdict],
            "rule": sorted(self._filters["rule"]),
            "status": [*excerpt.statuses(), "other", "none"],
        }
        selects = "".join(
            f'<label>{name.capitalize()} <select name="{name}"><option value="">any</option>'
            + "".join(f"<option>{escaped(value, None)}</option>" for value in order if value in self._filters[name])
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

    def _skipped_entries(self) -> Iterator[str]:
        """The skipped payloads and sources, by reason."""
        if not self._reasons:
            return
        yield '<section id="skipped" aria-labelledby="skipped-title">\n<h2 id="skipped-title">Skipped</h2>'
        ordered = sorted(self._reasons.items(), key=lambda item: (-item[1], item[0]))
        for reason, count in ordered:
            items = self._skipped.get(reason)
            if items is None:
                continue
            rest = f'<p class="note">{more(count - len(items))}</p>' if count > len(items) else ""
            yield (
                f'<details class="reason"><summary><b>{count:,}</b> {isolated(reason)}</summary>\n'
                f"<ul>{''.join(items)}</ul>{rest}</details>"
            )
        unnamed = [count for reason, count in ordered if reason not in self._skipped]
        if unnamed:
            yield f'<p class="note">{sum(unnamed):,} more, for {counted(len(unnamed), "other reason")}.</p>'
        yield "</section>"


def _headline(summary: Summary) -> tuple[str, str]:
    """The headline, and the name of its style."""
    checked, invalid, unreadable = summary.checked, summary.invalid, summary.unreadable
    if invalid:
        text = f"{invalid:,} of {counted(checked, 'payload')} {'does' if invalid == 1 else 'do'} not conform"
    elif checked:
        text = "The payload conforms" if checked == 1 else f"All {checked:,} payloads conform"
    else:
        text = "No payload was checked"
    if unreadable:
        text += f"; {unreadable:,} could not be read"
    return text, "bad" if invalid or unreadable else "good" if checked else "empty"


def _versions(resolution: Resolution) -> str:
    rules = "" if resolution.name == resolution.version else f" (by the rules of {escaped(resolution.version)})"
    return f"Checked against API {escaped(resolution.name)}{rules}"
