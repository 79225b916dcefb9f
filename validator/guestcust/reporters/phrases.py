"""Phrases that several reports share: file, place, exchange, reason, counts."""

from __future__ import annotations

import contextlib
import os

from guestcust.jsontext.display import printable
from guestcust.model import Result, Verdict, Violation
from guestcust.reporters.protocol import Summary
from guestcust.reporters.summary_line import counted

_STDIN = "<stdin>"
# So many endings of files that were not opened are listed.
_ENDINGS = 3


def file(source: str) -> str | None:
    """A source's path with `/`, relative to the working folder if it is inside it; None for standard input."""
    if source == _STDIN:
        return None
    from pathlib import PurePath

    path = PurePath(source)
    if path.is_absolute():
        with contextlib.suppress(ValueError, OSError):
            path = path.relative_to(os.getcwd())
    return path.as_posix()


def name(source: str) -> str:
    """The printable name of a source."""
    return printable(file(source) or source)


def line(violation: Violation, result: Result) -> int:
    """The line of a violation, or else that of its payload."""
    return violation.line or result.origin.line


def place(result: Result, violation: Violation | None = None) -> str:
    """The place of a violation or of its payload, as `FILE:LINE:COLUMN`; only the file if that is all there is."""
    at = result.origin
    if violation is not None and violation.line is not None:
        return f"{name(at.source)}:{violation.line}:{violation.column}"
    if result.verdict in (Verdict.SKIPPED, Verdict.UNREADABLE) and (at.line, at.column, at.pointer) == (1, 1, ""):
        return name(at.source)
    return f"{name(at.source)}:{at.line}:{at.column}"


def why(result: Result) -> str:
    """Why a payload was skipped or could not be read."""
    detail = f" ({printable(result.detail)})" if result.detail else ""
    return printable(result.reason or result.verdict.value) + detail


def exchange(result: Result) -> str:
    """The exchange of a capture that a payload belongs to; empty for a payload outside a capture."""
    origin = result.origin
    if origin.request is None:
        return ""
    status = "" if origin.status is None else f" -> {origin.status}"
    place = f", at {printable(origin.pointer)}" if origin.pointer else ""
    return f"{printable(origin.request)}{status}{place}"


def verdicts(summary: Summary) -> str:
    """The number of payloads by verdict."""
    parts = [f"{summary.valid} valid", f"{summary.invalid} invalid"]
    if summary.skipped:
        parts.append(f"{summary.skipped} skipped")
    if summary.unreadable:
        parts.append(f"{summary.unreadable} unreadable")
    return ", ".join(parts)


def found(summary: Summary) -> str:
    """The number of payloads, sources, errors and warnings."""
    payloads = f"{counted(summary.checked, 'payload')} in {counted(summary.sources, 'source')}"
    return f"{payloads}: {counted(summary.errors, 'error')}, {counted(summary.warnings, 'warning')}"


def reasons(summary: Summary) -> list[tuple[int, str]]:
    """The number of skipped payloads and sources by reason, the most frequent reason first."""
    listed = sorted(summary.reasons.items(), key=lambda item: (-item[1], item[0]))
    return [(count, printable(reason)) for reason, count in listed]


def gaps(summary: Summary) -> list[str]:
    """Notes on what the report leaves out."""
    notes = [f"{counted(summary.omitted, 'violation')} not shown"] if summary.omitted else []
    return notes + ["stopped at the first failure"] * (not summary.complete)


def unopened(summary: Summary) -> str:
    """How many files in folders were not opened, with the most frequent endings."""
    total = sum(summary.unopened.values())
    listed = sorted(((count, ending) for ending, count in summary.unopened.items() if ending), key=_most_first)
    shown = listed[:_ENDINGS]
    parts = [f"{count} {printable(ending)}" for count, ending in shown]
    others = total - sum(count for count, _ in shown)
    parts += [counted(others, "other")] if others else []
    ending = "another ending" if total == 1 else "other endings"
    return f"{counted(total, 'file')} with {ending} not opened: {', '.join(parts)}"


def _most_first(item: tuple[int, str]) -> tuple[int, str]:
    return -item[0], item[1]
