"""The report for programs that read line by line: one JSON object per line, in ASCII.

A line with a `verdict` is a result, as defined by `$defs/payload` of `schemas/meta/report.schema.json`. Only the last
line has a `summary`: it is the JSON report without its payloads. A report without that line is incomplete.
"""

from __future__ import annotations

from guestcust.model import Result
from guestcust.reporters.json_report import counts, has_something, head, json_text, payload
from guestcust.reporters.protocol import Circumstances, Summary


class NdjsonReporter:
    """One line per result, and a last one with what is the same for all."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._circumstances = circumstances

    @property
    def wants_conforming(self) -> bool:
        return self._circumstances.everything

    def begin(self) -> str:
        return ""

    def add(self, result: Result) -> str:
        if not (self._circumstances.everything or has_something(result)):
            return ""
        return f"{json_text(payload(result))}\n"

    def end(self, summary: Summary) -> str:
        return f"{json_text({**head(self._circumstances), 'summary': counts(summary)})}\n"
