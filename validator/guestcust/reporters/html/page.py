"""The report to open in a browser: one page with all it needs in it, which asks no server for anything.

Everything is in the HTML; the script only filters. The counts and the timeline stand on top but are known last, so the
page is kept until the end: its entries have no more than `_PAGE` characters, whatever the input, and what is not shown
is counted on the page. The page is ASCII, so that it reads the same in whatever encoding it is written.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from guestcust.model import Result, Summary, Verdict
from guestcust.reporters.html import excerpt
from guestcust.reporters.html.markup import counted, digest, escaped, isolated, more
from guestcust.reporters.html.timeline import Timeline
from guestcust.reporters.protocol import Circumstances
from guestcust.ruleset.catalog import Resolution

#: How many characters of HTML the entries may have together.
_PAGE = 16 * 1024 * 1024
#: How many payloads are shown with something to say of them: invalid, unreadable, or valid with a warning.
_FINDINGS = 5000
#: How many payloads are shown that conform without a warning; with `--all` as many as of the others.
_CONFORMING = 200
#: How many skipped entries are listed of one reason, and in all; how many reasons are named.
_SKIPPED_ALIKE, _SKIPPED, _REASONS = 100, 300, 100

_FILES = Path(__file__).parent


class HtmlReporter:
    """One page: the verdict and the counts, a timeline, the payloads with what is wrong marked in them."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._conforming = _FINDINGS if circumstances.everything else _CONFORMING
        self._timeline = Timeline()
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
        section = excerpt.entry_of(result, entry) if self._shown[kind] < most and not self._is_full else ""
        is_shown = section != "" and self._keep(section)
        if is_shown:
            self._entries.append(section)
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
                *self._entries,
                "</section>",
                *self._passed_over(),
                "</main>",
                f"<footer>guestcust {escaped(self._circumstances.version)}. <code>guestcust explain RULE</code> says "
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
            notes.append("Judging stopped at the first that failed; what came behind it is not in this report.")
        if summary.omitted:
            are = "is" if summary.omitted == 1 else "are"
            notes.append(f"{counted(summary.omitted, 'violation')} {are} counted, but not shown: a limit was set.")
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
            f'<li><span class="count">{count:,}</span> <code>{escaped(rule)}</code> '
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
                f'<p class="note">{counted(left_out, "more payload")} with something to say of them '
                f"{'is' if left_out == 1 else 'are'} counted above, but not shown: a page shows the first "
                f"{_FINDINGS:,}, in no more than {_PAGE // 2**20} MiB. The reports text and json have them all.</p>"
            )
        left_out = self._seen["conforming"] - self._shown["conforming"]
        if left_out:
            advice = "" if self._circumstances.everything else f"; with --all, the first {_FINDINGS:,}"
            are = ("conforms", "is") if left_out == 1 else ("conform", "are")
            yield (
                f'<p class="note">{counted(left_out, "more payload")} {are[0]} and {are[1]} not shown: of payloads '
                f"without a violation a page shows the first {self._shown['conforming']:,}{advice}.</p>"
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
    """The verdict on all, and its tone."""
    judged, invalid, unreadable = summary.checked, summary.invalid, summary.unreadable
    if invalid:
        text = f"{invalid:,} of {counted(judged, 'payload')} {'does' if invalid == 1 else 'do'} not conform"
    elif judged:
        text = "The payload conforms" if judged == 1 else f"All {judged:,} payloads conform"
    else:
        text = "No payload was judged"
    if unreadable:
        text += f"; {unreadable:,} could not be read"
    return text, "bad" if invalid or unreadable else "good" if judged else "empty"


def _versions(resolution: Resolution) -> str:
    rules = "" if resolution.name == resolution.version else f" (by the rules of {escaped(resolution.version)})"
    return f"Judged by API {escaped(resolution.name)}{rules}"
