"""The pipeline: sources to payloads to verdicts, one at a time, counted on the way.

Composes captures and the validator; knows no path, no terminal and no report format.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from guestcust.captures import UNRELATED, found, ndjson
from guestcust.captures.inside import payloads_inside
from guestcust.captures.ndjson import Lines
from guestcust.captures.relevance import NOT_UNDERSTOOD, Answer, look
from guestcust.jsontext.decode import lines_and_columns
from guestcust.model import Origin, Payload, Result, Source, Unchecked, Verdict
from guestcust.reporters.protocol import Summary
from guestcust.validator import Validator


@dataclass(frozen=True, slots=True)
class Part:
    """What some lines of a file came to, counted from their own beginning."""

    results: tuple[Result, ...]
    #: How many payloads conform besides.
    valid: int
    lines: int


class Check:
    """One run over sources. Iterate it once: results come in input order, as they are judged.

    Args:
        sources: what to read.
        validator: what to judge by.
        format: one of `captures.FORMATS`, or "auto".
        envelope: one of `captures.envelopes.ENVELOPES`.
        fail_fast: stop behind the first result that is not valid or skipped.
        max_violations: how many violations to hand on in all; the others are counted as omitted.
        skip_unrelated: skip what is no capture and does not look like the structure.
        everything: give results too that say no more than that a payload conforms; else they are only counted.
        share: gives the parts of a source that others check, or None where they do not.

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
        skip_unrelated: bool = False,
        everything: bool = True,
        share: Callable[[Source], Iterator[Part] | None] | None = None,
    ) -> None:
        self._sources = sources
        self._validator = validator
        self._format = format
        self._envelope = envelope
        self._fail_fast = fail_fast
        self._max_violations = max_violations
        self._skip_unrelated = skip_unrelated
        self._everything = everything
        self._share = share
        self.resolution = validator.resolution
        #: How many bytes the text of one payload may have.
        self.max_size = validator.max_size
        self.summary = Summary()

    def __iter__(self) -> Iterator[Result]:
        for source in self._sources:
            if source.unopened is not None:
                unopened = Counter(self.summary.unopened) + Counter(source.unopened)
                self.summary = replace(self.summary, unopened=dict(unopened))
                continue
            self.summary = replace(self.summary, sources=self.summary.sources + 1)
            for result in self._results(source):
                self.summary = self.summary.add(result)
                yield self._limited(result)
                if self._fail_fast and result.verdict in (Verdict.INVALID, Verdict.UNREADABLE):
                    self.summary = replace(self.summary, complete=False)
                    return

    def _results(self, source: Source) -> Iterator[Result]:
        if source.skipped is not None:
            yield self._passed_over(Unchecked(Origin(source.name), Verdict.SKIPPED, source.skipped))
            return
        is_empty, counted = True, self.summary.valid
        try:
            parts = self._share(source) if self._share else None
            is_understood = True
            for result in self._read(source) if parts is None else self._put_together(parts):
                is_empty = False
                # Once is enough for a file, however many lines or elements are alike.
                if is_understood or result.reason != NOT_UNDERSTOOD:
                    yield result
                is_understood = is_understood and result.reason != NOT_UNDERSTOOD
        except OSError as error:
            reason = error.strerror or str(error)
            yield self._passed_over(Unchecked(Origin(source.name), Verdict.UNREADABLE, reason))
            return
        if is_empty and self.summary.valid == counted:
            yield self._passed_over(Unchecked(Origin(source.name), Verdict.SKIPPED, "no payload in it"))

    def _read(self, source: Source) -> Iterator[Result]:
        with source.open() as stream:
            yield from self._judged(found(stream, source, format=self._format, max_size=self.max_size))

    def part(self, blocks: Iterable[Lines]) -> Part:
        """What some lines come to, apart from the run."""
        results: list[Result] = []
        lines, counted = 0, self.summary.valid
        for block in blocks:
            results += self._judged([block])
            lines += block.count
        return Part(tuple(results), self.summary.valid - counted, lines)

    def _put_together(self, parts: Iterable[Part]) -> Iterator[Result]:
        lines = 0
        for part in parts:
            self.summary = self.summary.add_valid(part.valid)
            for result in part.results:
                yield result.moved(lines)
            lines += part.lines

    def _judged(self, found: Iterable[Payload | Unchecked | Lines]) -> Iterator[Result]:
        is_about_it, valid = not self._skip_unrelated, 0
        for one in self._payloads(found):
            if isinstance(one, Unchecked):
                results: Iterable[Result | None] = (self._passed_over(one),)
            elif one.found.request is not None:
                results = (self._judge(one),)
            elif one.text is None:
                # Where an array breaks off there is no text to look at: it is about what its elements were about.
                results = (self._judge(one) if is_about_it else self._unrelated(one),)
            else:
                results = self._document(one, one.text)
            for result in results:
                if result is None:
                    is_about_it = True
                    valid += 1
                else:
                    is_about_it = is_about_it or result.reason != UNRELATED
                    # A new summary for each payload would cost as much as its check.
                    self.summary, valid = self.summary.add_valid(valid), 0
                    yield result
        self.summary = self.summary.add_valid(valid)

    def _document(self, payload: Payload, text: bytes | str) -> Iterator[Result | None]:
        """What a document comes to that was found without a request: it need not be a payload."""
        result = None
        if not self._skip_unrelated:
            result = self._judge(payload)
            if result is None or result.verdict is not Verdict.INVALID or len(text) > self.max_size:
                yield result
                return
        seen = look(text, is_element=bool(payload.origin.pointer))
        is_named = seen.detail and not self._skip_unrelated
        if seen.answer is Answer.INSIDE and self._envelope in ("auto", "api"):
            for one in payloads_inside(payload, text, seen.inside):
                yield self._passed_over(one) if isinstance(one, Unchecked) else self._judge(one)
        elif seen.answer is Answer.NOT_UNDERSTOOD or (seen.answer is Answer.UNRELATED and is_named):
            yield self._passed_over(Unchecked(payload.origin, Verdict.UNREADABLE, NOT_UNDERSTOOD, seen.detail))
        elif seen.answer is Answer.UNRELATED and self._skip_unrelated:
            yield self._unrelated(payload)
        else:
            yield result or self._judge(payload)

    def _unrelated(self, payload: Payload) -> Result:
        return self._passed_over(Unchecked(payload.origin, Verdict.SKIPPED, UNRELATED))

    def _payloads(self, found: Iterable[Payload | Unchecked | Lines]) -> Iterator[Payload | Unchecked]:
        """What is to be looked at one by one; where that is enough, the other lines are only counted."""
        for one in found:
            if not isinstance(one, Lines):
                yield one
            elif self._everything or self._envelope not in ("auto", "api") or len(one.text) > self.max_size:
                yield from ndjson.payloads(one, self.max_size)
            else:
                yield from self._doubtful(one)

    def _doubtful(self, lines: Lines) -> Iterator[Payload]:
        """The payloads of a block about which there may be something to say; the others are counted."""
        behind = 0
        for start, end in self._validator.doubtful_lines(lines.text):
            line = lines.before(start)
            if line > behind:
                self.summary = self.summary.add_valid(line - behind)
            payload = ndjson.payload(lines, start, end, lines.number(line), self.max_size)
            if payload is None:
                # Where one line is blank, so are many. Each of them would be in doubt, and cost as much as a payload.
                yield from self._doubtful(lines.without_blanks(line))
                return
            yield payload
            behind = line + 1
        self.summary = self.summary.add_valid(lines.count - behind)

    def _judge(self, payload: Payload) -> Result | None:
        """What a payload comes to; None where it conforms without a violation, and need only be counted."""
        envelope = payload.envelope if self._envelope == "auto" else self._envelope
        places = payload.places or functools.partial(_places_from, payload)
        examination = self._validator.examine(payload.text, envelope=envelope, places=places, around=payload.faults)
        if examination.skipped:
            return self._passed_over(Unchecked(payload.origin, Verdict.SKIPPED, examination.skipped))
        if examination.valid and not (examination.violations or self._everything):
            return None
        return Result(
            origin=payload.origin,
            verdict=Verdict.VALID if examination.valid else Verdict.INVALID,
            api_version=self.resolution.version,
            violations=examination.violations,
            conforms_to=examination.conforms_to,
            text=examination.text,
            verbatim=payload.places is None,
            instance=examination.instance,
        )

    def _passed_over(self, unjudged: Unchecked) -> Result:
        return Result(
            unjudged.origin,
            unjudged.verdict,
            self.resolution.version,
            reason=unjudged.reason,
            detail=unjudged.detail,
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


def _places_from(payload: Payload, text: str, offsets: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Lines and columns of offsets in a payload's text, which the file contains as it is."""
    return lines_and_columns(text, offsets, (payload.origin.line, payload.origin.column))
