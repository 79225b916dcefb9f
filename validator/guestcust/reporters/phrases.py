"""What several reports say alike: which file, which place, why, and how many of what."""

from __future__ import annotations

import contextlib
import os

from guestcust.jsontext.display import printable
from guestcust.model import Result, Summary, Verdict, Violation
from guestcust.reporters.summary_line import counted

_STDIN = "<stdin>"
# So many endings of files that were not opened are listed.
_ENDINGS = 3


def file(source: str) -> str | None:
    """A source's path, relative to the working folder where it lies in it, with `/`; None for standard input."""
    if source == _STDIN:
        return None
    from pathlib import PurePath

    path = PurePath(source)
    if path.is_absolute():
        with contextlib.suppress(ValueError, OSError):
            path = path.relative_to(os.getcwd())
    return path.as_posix()


def name(source: str) -> str:
    """A source as people may see it."""
    return printable(file(source) or source)


def line(violation: Violation, result: Result) -> int:
    """The line that a violation stands in, or else its payload."""
    return violation.line or result.origin.line


def place(result: Result, violation: Violation | None = None) -> str:
    """Where a payload begins, or what it violates stands, as `FILE:LINE:COLUMN`; no line for a file as a whole."""
    at = result.origin
    if violation is not None and violation.line is not None:
        return f"{name(at.source)}:{violation.line}:{violation.column}"
    if result.verdict in (Verdict.SKIPPED, Verdict.UNREADABLE) and not at.pointer:
        return name(at.source)
    return f"{name(at.source)}:{at.line}:{at.column}"


def why(result: Result) -> str:
    """Why a payload was skipped or could not be read."""
    detail = f" ({printable(result.detail)})" if result.detail else ""
    return printable(result.reason or result.verdict.value) + detail


def exchange(result: Result) -> str:
    """In which exchange of a capture a payload was found; empty where it stood by itself."""
    origin = result.origin
    if origin.request is None:
        return ""
    status = "" if origin.status is None else f" -> {origin.status}"
    return f"{printable(origin.request)}{status}, at {printable(origin.pointer) or 'the root'}"


def verdicts(summary: Summary) -> str:
    """How many payloads got which verdict."""
    parts = [f"{summary.valid} valid", f"{summary.invalid} invalid"]
    if summary.skipped:
        parts.append(f"{summary.skipped} skipped")
    if summary.unreadable:
        parts.append(f"{summary.unreadable} unreadable")
    return ", ".join(parts)


def found(summary: Summary) -> str:
    """In how many payloads and sources how much was found."""
    payloads = f"{counted(summary.checked, 'payload')} in {counted(summary.sources, 'source')}"
    return f"{payloads}: {counted(summary.errors, 'error')}, {counted(summary.warnings, 'warning')}"


def reasons(summary: Summary) -> list[tuple[int, str]]:
    """How many were skipped for each reason, the most frequent first."""
    listed = sorted(summary.reasons.items(), key=lambda item: (-item[1], item[0]))
    return [(count, printable(reason)) for reason, count in listed]


def gaps(summary: Summary) -> list[str]:
    """What the report does not have, though there is more."""
    said = [f"{counted(summary.omitted, 'violation')} not shown"] if summary.omitted else []
    return said + ["stopped at the first that failed"] * (not summary.complete)


def unopened(summary: Summary) -> str:
    """How many files of folders were not opened, and of which endings most of them are."""
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
