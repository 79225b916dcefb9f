"""The report for CI servers that show tests: JUnit XML with one suite per source and one case per payload.

The totals of a suite come before its cases, so the cases of a source are kept until the next source begins. Skipped
payloads are cases only with `--all`; suites always have the counts as properties. The XML is ASCII, so that it does not
depend on the locale of stdout.
"""

from __future__ import annotations

from collections import Counter

from guestcust.jsontext.display import printable
from guestcust.model import Result, Verdict, Violation
from guestcust.reporters import phrases
from guestcust.reporters.protocol import Circumstances, Summary
from guestcust.reporters.summary_line import counted

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


class JUnitReporter:
    """One suite per source, written when the source has ended."""

    def __init__(self, circumstances: Circumstances) -> None:
        self._everything = circumstances.everything
        self._api_version = circumstances.resolution.name
        self._source: str | None = None
        self._cases: list[str] = []
        self._totals: Counter[Verdict] = Counter()
        self._reasons: Counter[str] = Counter()

    @property
    def wants_conforming(self) -> bool:
        return True

    def begin(self) -> str:
        return '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="guestcust">\n'

    def add(self, result: Result) -> str:
        ended = self._suite() if result.origin.source != self._source else ""
        self._source = result.origin.source
        if result.verdict is Verdict.SKIPPED:
            self._reasons[result.reason or ""] += 1
        if result.verdict is not Verdict.SKIPPED or self._everything:
            self._totals[result.verdict] += 1
            self._cases.append(_case(result))
        return ended

    def end(self, summary: Summary) -> str:
        return self._suite(*phrases.gaps(summary)) + "</testsuites>\n"

    def _suite(self, *notes: str) -> str:
        """The suite of the source that has ended."""
        if self._source is None:
            return ""
        totals = self._totals
        head = _attributes(
            name=phrases.name(self._source),
            tests=totals.total(),
            failures=totals[Verdict.INVALID],
            errors=totals[Verdict.UNREADABLE],
            skipped=totals[Verdict.SKIPPED],
        )
        properties = [("apiVersion", self._api_version)]
        properties += ((f"skipped: {reason}", str(count)) for reason, count in self._reasons.most_common())
        properties += (("note", note) for note in notes)
        listed = "".join(f"   <property{_attributes(name=name, value=value)}/>\n" for name, value in properties)
        text = f" <testsuite{head}>\n  <properties>\n{listed}  </properties>\n{''.join(self._cases)} </testsuite>\n"
        self._cases, self._totals, self._reasons = [], Counter(), Counter()
        return text


def _case(result: Result) -> str:
    origin, violations = result.origin, result.violations
    place = f"{origin.line}:{origin.column}"
    attributes = _attributes(
        classname=phrases.name(origin.source),
        name=f"{place} {phrases.exchange(result)}".rstrip(),
        file=phrases.file(origin.source),
        line=phrases.line(violations[0], result) if violations else origin.line,
    )
    outcome = _outcome(result)
    if not outcome:
        return f"  <testcase{attributes}/>\n"
    return f"  <testcase{attributes}>\n   {outcome}\n  </testcase>\n"


def _outcome(result: Result) -> str:
    """The content of a case; empty if there is nothing to report."""
    found = "\n".join(_line(violation, result) for violation in result.violations)
    if result.verdict is Verdict.SKIPPED:
        return f"<skipped{_attributes(message=phrases.why(result))}/>"
    if result.verdict is Verdict.UNREADABLE:
        return f"<error{_attributes(type='unreadable', message=phrases.why(result))}/>"
    if result.verdict is Verdict.VALID:
        return f"<system-out>{_escaped(found)}</system-out>" if found else ""
    if result.omitted:
        found += f"\n{counted(result.omitted, 'violation')} not shown"
    if result.conforms_to:
        found += f"\nthe payload conforms to API {', '.join(result.conforms_to)}"
    found = found.lstrip("\n")
    first = result.violations[0].message if result.violations else found
    kind = result.violations[0].rule if result.violations else "invalid"
    return f"<failure{_attributes(type=kind, message=first)}>{_escaped(found)}</failure>"


def _line(violation: Violation, result: Result) -> str:
    head = f"{phrases.place(result, violation)}: {violation.severity.value}: {violation.rule}"
    return f"{head}: {printable(violation.message)}"


def _attributes(**values: str | int | None) -> str:
    given = ((name, value) for name, value in values.items() if value is not None)
    return "".join(f' {name}="{_escaped(printable(str(value)))}"' for name, value in given)


def _escaped(text: str) -> str:
    """Printable text as XML 1.0."""
    return text.translate(_ESCAPES).encode("ascii", "xmlcharrefreplace").decode()
