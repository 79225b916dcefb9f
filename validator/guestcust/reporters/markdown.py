"""The report for the summary of a CI job: Markdown with a headline, the counts, and a table of what failed.

The counts come first, so the table is kept until they are known. It is bounded, because GitHub rejects summaries
larger than 1 MiB. Text from files stays text, even if GitHub would make it a link, an image, a mention or an emoji.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from guestcust.jsontext.display import printable
from guestcust.model import Result, Verdict
from guestcust.reporters import phrases
from guestcust.reporters.protocol import Circumstances, Summary
from guestcust.reporters.summary_line import counted

#: The largest report, in bytes of UTF-8.
LIMIT = 1024 * 1024

# Reserved for the headline, the reasons and the notes, in bytes.
_RESERVED = 32 * 1024
_CELL = 1000
_REASONS = 20
_SPECIAL = re.compile(r"(?P<split>[@#]|:(?=[\w+-]))|[!$&*:<>\[\\\]^_`|~]|(?<=www)\.")


class MarkdownReporter:
    """Writes everything at the end."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances
        self._rows: list[str] = []
        self._left = LIMIT - _RESERVED
        self._cut = 0

    @property
    def wants_conforming(self) -> bool:
        return self._circumstances.everything

    def begin(self) -> str:
        return ""

    def add(self, result: Result) -> str:
        for row in _rows(result, everything=self._circumstances.everything):
            size = len(row.encode("utf-8", "backslashreplace"))
            # After the first row that does not fit, all are left out, so that the table has no gaps.
            if self._cut or size > self._left:
                self._cut += 1
            else:
                self._left -= size
                self._rows.append(row)
        return ""

    def end(self, summary: Summary) -> str:
        version = self._circumstances.resolution.name
        parts = [f"## guestcust: {phrases.verdicts(summary)}\n", f"{phrases.found(summary)}; API {version}\n"]
        notices = [self._circumstances.resolution.notice or "", *phrases.gaps(summary)]
        if self._cut:
            notices.append(f"{counted(self._cut, 'more row')} left out: a job summary is limited to 1 MiB")
        parts += (f"> {_text(notice)}\n" for notice in notices if notice)
        if self._rows:
            parts.append("| place | what | rule | message |\n| --- | --- | --- | --- |\n" + "".join(self._rows))
        if reasons := phrases.reasons(summary):
            listed = "".join(f"| {count} | {_text(reason)} |\n" for count, reason in reasons[:_REASONS])
            parts.append(f"| skipped | why |\n| ---: | --- |\n{listed}")
        return "\n".join(parts)


def _rows(result: Result, *, everything: bool) -> Iterator[str]:
    if result.verdict is Verdict.UNREADABLE or (result.verdict is Verdict.SKIPPED and everything):
        yield _row(phrases.place(result), result.verdict.value, "", phrases.why(result), phrases.exchange(result))
    for violation in result.violations:
        place = phrases.place(result, violation)
        yield _row(place, violation.severity.value, violation.rule, violation.message, phrases.exchange(result))
    if result.verdict is Verdict.INVALID and not result.violations:
        omitted = f"{counted(result.omitted, 'violation')} not shown"
        yield _row(phrases.place(result), result.verdict.value, "", omitted, phrases.exchange(result))


def _row(place: str, what: str, rule: str, message: str, exchange: str) -> str:
    where = f"<code>{_text(place)}</code>" + (f"<br><code>{_text(exchange)}</code>" if exchange else "")
    return f"| {where} | {what} | {rule} | {_text(message)} |\n"


def _text(text: str) -> str:
    """Text on one line, escaped so that Markdown and GitHub show it as it is."""
    text = printable(text)
    shown = text if len(text) <= _CELL else f"{text[:_CELL]}…"
    return _SPECIAL.sub(_escaped, shown)


def _escaped(found: re.Match[str]) -> str:
    reference = f"&#{ord(found[0])};"
    # GitHub looks for mentions, issues and emoji after it resolves character references, but not across elements.
    return f"<span>{reference}</span>" if found["split"] else reference
