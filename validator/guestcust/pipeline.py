"""The pipeline: turns sources into payloads and payloads into results, one at a time, and counts them.

Combines captures and the validator. Paths, terminals and report formats must not enter here.
"""

from __future__ import annotations

import functools
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from guestcust.captures import UNRELATED, found, ndjson
from guestcust.captures.inside import payloads_inside
from guestcust.captures.naming import Rewound
from guestcust.captures.ndjson import Lines
from guestcust.captures.relevance import NOT_UNDERSTOOD, Answer, classify, is_well_spelled
from guestcust.jsontext.decode import lines_and_columns
from guestcust.jsontext.fast import is_lone_json
from guestcust.model import Origin, Payload, Result, Source, Unchecked, Verdict
from guestcust.reporters.protocol import Summary
from guestcust.validator import Validator

# How many bytes a file may have to be checked without a look at its format.
_SMALL = 64 * 1024
# The number of conforming payloads from which compiling the expression for texts pays off.
_MANY = 1000


class Part(NamedTuple):
    """The results of some lines of a file; line numbers are relative to the first of them."""

    results: tuple[Result, ...]
    #: How many more payloads conform, without a result.
    valid: int
    lines: int


class Check:
    """One run over sources. Iterate it once: results come in input order, as payloads are checked.

    Args:
        sources: what to read.
        validator: checks the payloads.
        format: one of `captures.FORMATS`, or "auto".
        envelope: one of `captures.envelopes.ENVELOPES`.
        fail_fast: stop after the first result that is neither valid nor skipped.
        max_violations: how many violations to report in all; the others are counted as omitted.
        skip_unrelated: skip documents that are not captures and do not look like a payload.
        everything: also give results for payloads that conform without a warning; otherwise these are only counted.
        share: gives the parts of a source that is checked by worker processes, or None to check it here.

    Raises:
        UnknownNameError: unknown format; raised during iteration.

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
        #: The size limit for the text of one payload, in bytes.
        self.max_size = validator.max_size
        self.summary = Summary()

    def __iter__(self) -> Iterator[Result]:
        for source in self._sources:
            if source.unopened is not None:
                unopened = Counter(self.summary.unopened) + Counter(source.unopened)
                self.summary = self.summary._replace(unopened=dict(unopened))
                continue
            self.summary = self.summary._replace(sources=self.summary.sources + 1)
            for result in self._results(source):
                self.summary = self.summary.add(result)
                yield self._limited(result)
                if self._fail_fast and result.verdict in (Verdict.INVALID, Verdict.UNREADABLE):
                    self.summary = self.summary._replace(complete=False)
                    return

    def _results(self, source: Source) -> Iterator[Result]:
        if source.skipped is not None:
            yield self._unchecked(Unchecked(Origin(source.name), Verdict.SKIPPED, source.skipped))
            return
        is_empty, counted = True, self.summary.valid
        try:
            parts = self._share(source) if self._share else None
            is_understood = True
            for result in self._read(source) if parts is None else self._combined(parts):
                is_empty = False
                # Reported once per file, however many lines or elements are alike.
                if is_understood or result.reason != NOT_UNDERSTOOD:
                    yield result
                is_understood = is_understood and result.reason != NOT_UNDERSTOOD
        except OSError as error:
            reason = error.strerror or str(error)
            yield self._unchecked(Unchecked(Origin(source.name), Verdict.UNREADABLE, reason))
            return
        if is_empty and self.summary.valid == counted:
            yield self._unchecked(Unchecked(Origin(source.name), Verdict.SKIPPED, "no payload in it"))

    def _read(self, source: Source) -> Iterator[Result]:
        with source.open() as opened:
            stream = opened
            if self.summary.valid > _MANY and self._format in ("auto", "json") and is_lone_json(source.name):
                # Most files of a large folder are a payload that conforms.
                begun = opened.read1(_SMALL)
                is_sure = self._conforms_surely(Payload(begun, functools.partial(Origin, source.name)))
                if is_sure and not (more := opened.read1(_SMALL)):
                    self.summary = self.summary.add_valid(1)
                    return
                stream = io.BufferedReader(Rewound(begun + (more if is_sure else b""), opened))
            skips = self._skip_unrelated or source.is_probed
            yield from self._checked(found(stream, source, format=self._format, max_size=self.max_size), skips)

    def part(self, blocks: Iterable[Lines]) -> Part:
        """Checks blocks of lines on their own, as a worker process does."""
        results: list[Result] = []
        lines, counted = 0, self.summary.valid
        for block in blocks:
            results += self._checked([block], self._skip_unrelated)
            lines += block.count
        return Part(tuple(results), self.summary.valid - counted, lines)

    def _combined(self, parts: Iterable[Part]) -> Iterator[Result]:
        lines = 0
        for part in parts:
            self.summary = self.summary.add_valid(part.valid)
            for result in part.results:
                yield result.moved(lines)
            lines += part.lines

    def _checked(self, found: Iterable[Payload | Unchecked | Lines], skips_unrelated: bool) -> Iterator[Result]:
        is_related, valid = not skips_unrelated, 0
        for one in self._payloads(found):
            if isinstance(one, Unchecked):
                results: Iterable[Result | None] = (self._unchecked(one),)
            elif one.is_answer:
                results = (self._check(one),)
            elif one.text is None:
                # There is no text where an array is truncated: it is related if one of its elements was.
                results = (self._check(one) if is_related or one.is_related else self._unrelated(one),)
            else:
                results = self._document(one, one.text, skips_unrelated)
            for result in results:
                if result is None:
                    is_related = True
                    valid += 1
                # A new summary for each payload would cost as much as its check.
                if valid and (result is not None or valid > _MANY):
                    self.summary, valid = self.summary.add_valid(valid), 0
                if result is not None:
                    is_related = is_related or result.reason != UNRELATED
                    yield result
        self.summary = self.summary.add_valid(valid)

    def _conforms_surely(self, one: Payload | Unchecked) -> bool:
        """Whether the fast check of texts shows that a payload needs no result."""
        if self._everything or isinstance(one, Unchecked) or one.text is None or one.faults:
            return False
        envelope = one.envelope if self._envelope == "auto" else self._envelope
        return envelope in ("auto", "api") and self._validator.conforms_surely(one.text)

    def _document(self, payload: Payload, text: bytes | str, skips_unrelated: bool) -> Iterator[Result | None]:
        """The results of a document that was found without a request and need not be a payload."""
        result = None
        if not skips_unrelated:
            result = self._check(payload)
            is_valid = result is None or result.verdict is not Verdict.INVALID
            if is_valid or len(text) > self.max_size or (result and is_well_spelled(result.instance)):
                yield result
                return
        seen = classify(text, is_element=bool(payload.origin.pointer))
        is_named = seen.detail and not skips_unrelated
        if seen.answer is Answer.INSIDE and self._envelope in ("auto", "api"):
            for one in payloads_inside(payload, text, seen.inside):
                yield self._unchecked(one) if isinstance(one, Unchecked) else self._check(one)
            if seen.detail:
                yield self._unchecked(Unchecked(payload.origin, Verdict.UNREADABLE, NOT_UNDERSTOOD, seen.detail))
        elif seen.answer is Answer.NOT_UNDERSTOOD or (seen.answer is Answer.UNRELATED and is_named):
            yield self._unchecked(Unchecked(payload.origin, Verdict.UNREADABLE, NOT_UNDERSTOOD, seen.detail))
        elif seen.answer is Answer.UNRELATED and skips_unrelated:
            yield self._unrelated(payload)
        else:
            yield result or self._check(payload)

    def _unrelated(self, payload: Payload) -> Result:
        return self._unchecked(Unchecked(payload.origin, Verdict.SKIPPED, UNRELATED))

    def _payloads(self, found: Iterable[Payload | Unchecked | Lines]) -> Iterator[Payload | Unchecked]:
        """The payloads that need a check of their own; if possible, lines that conform are only counted."""
        counted = 0
        for one in found:
            if not isinstance(one, Lines):
                if self.summary.valid > _MANY and self._conforms_surely(one):
                    counted += 1
                    continue
                self.summary, counted = self.summary.add_valid(counted), 0
                yield one
            elif self._everything or self._envelope not in ("auto", "api") or len(one.text) > self.max_size:
                yield from ndjson.payloads(one, self.max_size)
            else:
                yield from self._doubtful(one)
        self.summary = self.summary.add_valid(counted)

    def _doubtful(self, lines: Lines) -> Iterator[Payload]:
        """The payloads of a block that may have violations; the others are counted as valid."""
        counted = 0
        for start, end in self._validator.doubtful_lines(lines.text):
            line = lines.before(start)
            if line > counted:
                self.summary = self.summary.add_valid(line - counted)
            payload = ndjson.payload(lines, start, end, lines.number(line), self.max_size)
            if payload is None:
                # If one line is blank, many may be, and each would be doubtful and cost as much as a payload.
                yield from self._doubtful(lines.without_blanks(line))
                return
            yield payload
            counted = line + 1
        self.summary = self.summary.add_valid(lines.count - counted)

    def _check(self, payload: Payload) -> Result | None:
        """The result for a payload; None if it conforms without a warning and is only counted."""
        envelope = payload.envelope if self._envelope == "auto" else self._envelope
        places = payload.places or functools.partial(_places_from, payload)
        examination = self._validator.examine(payload.text, envelope=envelope, places=places, around=payload.faults)
        if examination.skipped:
            return self._unchecked(Unchecked(payload.origin, Verdict.SKIPPED, examination.skipped))
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

    def _unchecked(self, unchecked: Unchecked) -> Result:
        return Result(
            unchecked.origin,
            unchecked.verdict,
            self.resolution.version,
            reason=unchecked.reason,
            detail=unchecked.detail,
        )

    def _limited(self, result: Result) -> Result:
        """The result, cut to the violations that `max_violations` still allows."""
        if self._max_violations is None:
            return result
        before = self.summary.errors + self.summary.warnings - len(result.violations)
        left = max(0, self._max_violations - before)
        omitted = max(0, len(result.violations) - left)
        self.summary = self.summary._replace(omitted=self.summary.omitted + omitted)
        return result._replace(violations=result.violations[:left], omitted=omitted)


def _places_from(payload: Payload, text: str, offsets: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Lines and columns of offsets in a payload's text, which appears in the file unchanged."""
    return lines_and_columns(text, offsets, (payload.origin.line, payload.origin.column))
