"""Turns text faults and keyword failures into violations: one per cause, with its message and its place.

Verdicts, files, streams and reports are handled elsewhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from guestcust.captures.envelopes import Unwrapped
from guestcust.engine.engine import Engine
from guestcust.jsontext import decode
from guestcust.jsontext.display import brief, printable
from guestcust.model import Instance, KeywordFailure, Path, Places, Severity, Span, TextFault, Violation, pointer
from guestcust.ruleset import catalog, times
from guestcust.ruleset.catalog import Resolution
from guestcust.ruleset.messages import misspelled_status, sentence


class _Unplaced(NamedTuple):
    """A violation without line and column."""

    violation: Violation
    path: Path
    #: Where it is in the text, if that is already known.
    span: Span | None = None
    #: Line and column in the file, if it is before the text.
    ahead: tuple[int, int] | None = None
    #: Whether it is at the member's name instead of its value.
    at_name: bool = False


class Explainer:
    """Explains what is wrong with payloads for one API version. Immutable and thread-safe.

    Args:
        resolution: the API version that was asked for and that of the schema.
        engine: finds the keywords that a payload fails.
        forward_compatible: report unknown members and unknown statuses as warnings.
        disabled: the ids of rules whose violations are left out.

    """

    def __init__(
        self, resolution: Resolution, engine: Engine, *, forward_compatible: bool, disabled: Collection[str]
    ) -> None:
        self._resolution = resolution
        self._engine = engine
        self._disabled = frozenset(disabled)
        self._rank = {rule.id: rank for rank, rule in enumerate(catalog.rules())}
        self._severities = {
            rule.id: rule.forward_compatible_severity if forward_compatible else rule.severity
            for rule in catalog.rules()
        }

    def severity(self, rule: str) -> Severity:
        """The severity of a rule, by its id."""
        return self._severities[rule]

    def of_instance(self, payload: Instance, faults: Sequence[TextFault]) -> list[Violation]:
        """The violations of a parsed payload, in the order of `rules.json`."""
        violations = (each.violation for each in self._unplaced(payload, faults))
        return sorted(violations, key=lambda found: (self._rank[found.rule], found.instance_location))

    def of_text(
        self, payload: Instance, faults: Sequence[TextFault], text: str, unwrapped: Unwrapped, places: Places
    ) -> tuple[Violation, ...]:
        """The violations of a payload's text with their lines and columns, in the order of the text.

        Args:
            payload: the payload without its envelope.
            faults: the faults of the text, with paths in the payload.
            text: the text with its envelope.
            unwrapped: the payload with the path of it in the envelope.
            places: returns lines and columns for offsets in the text.

        """
        unplaced = self._unplaced(payload, faults)

        def path(each: _Unplaced) -> Path:
            return unwrapped.path + each.path if each.at_name else unwrapped.without(each.path)

        found = decode.locate(text, {path(each) for each in unplaced if each.span is None})

        def span(each: _Unplaced) -> Span:
            if each.span is not None:
                return each.span
            spans = found[path(each)]
            return spans.name if each.at_name and spans.name else spans.value

        ordered = sorted(
            ((each, span(each)) for each in unplaced),
            key=lambda pair: (pair[0].ahead is None, pair[1].start, self._rank[pair[0].violation.rule]),
        )
        edges = places(text, (edge for _, at in ordered for edge in (at.start, at.end)))
        return tuple(
            each.violation.placed(each.ahead, each.ahead, None)
            if each.ahead
            else each.violation.placed(edges[at.start], edges[at.end], at)
            for each, at in ordered
        )

    def _unplaced(self, payload: Instance, faults: Sequence[TextFault]) -> list[_Unplaced]:
        found = self._all(payload, faults)
        return [each for each in found if each.violation.rule not in self._disabled] if self._disabled else found

    def _all(self, payload: Instance, faults: Sequence[TextFault]) -> list[_Unplaced]:
        found = [self._of_fault(fault) for fault in faults]
        if payload is decode.UNREAD:
            return found
        failures = list(self._engine.failures(payload))
        # A warning, such as that of a byte order mark, puts no value in doubt.
        in_doubt = {fault.path for fault in faults if self._severities[fault.rule] is Severity.ERROR}
        causes = self._once(self._causes(failures, in_doubt), payload)
        found += (self._of_failure(failure, payload) for failure in causes)
        if () in in_doubt:
            return found
        wrong = in_doubt | {failure.path for failure in failures}
        found += (self._of_warning(*warning, payload) for warning in times.warnings(payload, wrong))
        return found

    def _causes(self, failures: Sequence[KeywordFailure], in_doubt: Collection[Path]) -> list[KeywordFailure]:
        """The failures that are not a consequence of a fault of the text or of another failure."""

        def is_firm(failure: KeywordFailure) -> bool:
            return not any(path[:depth] in in_doubt for path in failure.rests_on for depth in range(len(path) + 1))

        firm = [failure for failure in failures if is_firm(failure)]
        errors = {failure.rule for failure in firm if self._severities[failure.rule] is Severity.ERROR}
        rules = catalog.rules_by_id()
        return [failure for failure in firm if errors.isdisjoint(rules[failure.rule].superseded_by)]

    def _once(self, failures: list[KeywordFailure], payload: Instance) -> list[KeywordFailure]:
        """The failures, with a missing status and its misspelling, such as `Status`, as one.

        The unknown member shows the misspelling; where it is only a warning, the missing status is reported. Rule sets
        that are derived from rules.json have both rules, because `supersededBy` cannot depend on names of members.
        """
        if not any(failure.rule == "status-required" for failure in failures):
            return failures
        misspelled = misspelled_status(payload)
        if misspelled is None:
            return failures
        if self._severities["no-unknown-members"] is Severity.ERROR:
            return [failure for failure in failures if failure.rule != "status-required"]
        return [failure for failure in failures if failure.path != (misspelled,)]

    def _of_fault(self, fault: TextFault) -> _Unplaced:
        violation = Violation(
            fault.rule, self._severities[fault.rule], fault.message, pointer(fault.path), value=printable(fault.value)
        )
        return _Unplaced(violation, fault.path, fault.span, fault.ahead)

    def _of_failure(self, failure: KeywordFailure, payload: Instance) -> _Unplaced:
        violation = Violation(
            rule=failure.rule,
            severity=self._severities[failure.rule],
            message=sentence(failure, payload, self._resolution),
            instance_location=pointer(failure.path),
            keyword_location=failure.keyword_location,
            absolute_keyword_location=failure.absolute_keyword_location,
            value=brief(_at(payload, failure.path)),
        )
        return _Unplaced(violation, failure.path, at_name=failure.path not in failure.rests_on)

    def _of_warning(self, rule: str, path: Path, message: str, payload: Instance) -> _Unplaced:
        violation = Violation(rule, self._severities[rule], message, pointer(path), value=brief(_at(payload, path)))
        return _Unplaced(violation, path)


def _at(payload: Instance, path: Path) -> Instance:
    for step in path:
        payload = payload[step]
    return payload
