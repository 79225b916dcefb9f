"""The pipeline: sources to payloads to verdicts, one at a time, counted on the way.

Composes captures and the validator; knows no path, no terminal and no report format.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from guestcust.captures import payloads
from guestcust.model import Origin, Payload, Result, Source, Summary, Verdict
from guestcust.validator import Validator


class Check:
    """One run over sources; a `Report`. Iterate it once: results come in input order, as they are judged.

    Args:
        sources: what to read.
        validator: what to judge by.
        format: one of `captures.FORMATS`, or "auto".
        envelope: one of `captures.envelopes.ENVELOPES`.
        fail_fast: stop behind the first result that is not valid or skipped.
        max_violations: how many violations to hand on in all; the others are counted as omitted.

    Raises:
        UnknownNameError: while iterating: there is no such format.

    """

    def __init__(
        self,
        sources: Iterable[Source],
        validator: Validator,
        *,
        format: str = "auto",
        envelope: str = "auto",
        fail_fast: bool = False,
        max_violations: int | None = None,
    ) -> None:
        self._sources = sources
        self._validator = validator
        self._format = format
        self._envelope = envelope
        self._fail_fast = fail_fast
        self._max_violations = max_violations
        self.resolution = validator.resolution
        self.summary = Summary()

    def __iter__(self) -> Iterator[Result]:
        for source in self._sources:
            self.summary = replace(self.summary, sources=self.summary.sources + 1)
            for result in self._results(source):
                self.summary = self.summary.add(result)
                yield self._limited(result)
                if self._fail_fast and result.verdict in (Verdict.INVALID, Verdict.UNREADABLE):
                    self.summary = replace(self.summary, complete=False)
                    return

    def _results(self, source: Source) -> Iterator[Result]:
        empty = True
        try:
            with source.open() as stream:
                found = payloads(stream, source.name, format=self._format, max_size=self._validator.max_size)
                for payload in found:
                    empty = False
                    yield self._judge(payload)
        except OSError as error:
            reason = error.strerror or str(error)
            yield Result(Origin(source.name), Verdict.UNREADABLE, self.resolution.version, reason=reason)
            return
        if empty:
            yield Result(Origin(source.name), Verdict.SKIPPED, self.resolution.version, reason="no payload in it")

    def _judge(self, payload: Payload) -> Result:
        origin = payload.origin
        examination = self._validator.examine(
            payload.text, envelope=self._envelope, line=origin.line, column=origin.column, around=payload.faults
        )
        return Result(
            origin=origin,
            verdict=Verdict.VALID if examination.valid else Verdict.INVALID,
            api_version=self.resolution.version,
            violations=examination.violations,
            conforms_to=examination.conforms_to,
            text=examination.text if examination.violations else "",
        )

    def _limited(self, result: Result) -> Result:
        """The result with no more violations than are left of the limit."""
        if self._max_violations is None:
            return result
        before = self.summary.errors + self.summary.warnings - len(result.violations)
        left = max(0, self._max_violations - before)
        omitted = max(0, len(result.violations) - left)
        self.summary = replace(self.summary, omitted=self.summary.omitted + omitted)
        return replace(result, violations=result.violations[:left], omitted=omitted)
