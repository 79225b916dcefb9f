"""The report for test harnesses: the Test Anything Protocol, version 14, with diagnostics in YAML.

Each payload and each unreadable source is a test point. Skipped payloads are test points only with `--all`; a comment
always counts them. Diagnostics have the members of the JSON report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from guestcust.jsontext.display import printable
from guestcust.model import Result, Verdict
from guestcust.reporters import phrases
from guestcust.reporters.json_report import has_something, payload
from guestcust.reporters.protocol import Circumstances, Summary

_SURROGATE = re.compile("[\ud800-\udfff]")


class TapReporter:
    """One test point per result; the plan comes last."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._everything = circumstances.everything
        self._points = 0

    @property
    def wants_conforming(self) -> bool:
        return True

    def begin(self) -> str:
        return "TAP version 14\n"

    def add(self, result: Result) -> str:
        skipped = result.verdict is Verdict.SKIPPED
        if skipped and not self._everything:
            return ""
        self._points += 1
        passed = skipped or result.verdict is Verdict.VALID
        description = _described(f"{phrases.place(result)} {phrases.exchange(result)}".rstrip())
        directive = f" # SKIP {_described(phrases.why(result))}" if skipped else ""
        return f"{'ok' if passed else 'not ok'} {self._points} - {description}{directive}\n{_diagnostics(result)}"

    def end(self, summary: Summary) -> str:
        comments = [f"{phrases.found(summary)}; {phrases.verdicts(summary)}"]
        comments += (f"skipped: {count} {reason}" for count, reason in phrases.reasons(summary))
        comments += phrases.gaps(summary)
        nothing = "" if self._points else " # SKIP no payload was checked"
        return f"1..{self._points}{nothing}\n" + "".join(f"# {comment}\n" for comment in comments)


def _described(text: str) -> str:
    # Older harnesses do not support \# and would read a directive after it, which can turn a failure into a pass.
    return text.replace("\\", "\\\\").replace("#", "\\\\u0023")


def _diagnostics(result: Result) -> str:
    if not has_something(result) and not result.omitted:
        return ""
    return "  ---\n" + "".join(f"  {row}\n" for row in _rows(payload(result))) + "  ...\n"


def _rows(members: dict[str, Any]) -> Iterator[str]:
    for name, value in members.items():
        if name == "violations" and value:
            yield "violations:"
            yield from (f"  - {_yaml(violation)}" for violation in value)
        else:
            yield f"{name}: {_yaml(value)}"


def _yaml(value: Any) -> str:
    """A value in YAML's flow style: JSON, with those characters escaped that YAML does not allow."""
    text = json.dumps(value, ensure_ascii=False)
    # As in the JSON report, a lone surrogate is replaced by an escape as text.
    return printable(_SURROGATE.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text))
