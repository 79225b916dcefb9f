"""Validates one payload, as JSON text or as an instance, against one API version with one set of options.

Combines the text's faults, the engine's failures and the warnings. Files, streams and reports are handled elsewhere.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

from guestcust.captures import ndjson
from guestcust.captures.envelopes import Unwrapped, require_envelope, unwrap
from guestcust.engine import acceptor
from guestcust.engine.engine import engine as engine_of
from guestcust.errors import ConformanceError, OptionError
from guestcust.explanation import Explainer
from guestcust.jsontext import decode, fast, instances
from guestcust.jsontext.decode import Decoded
from guestcust.jsontext.marks import SPACE
from guestcust.model import Instance, Places, Severity, TextFault, Violation
from guestcust.ruleset import catalog
from guestcust.ruleset.suggestions import closest, did_you_mean

#: The types of JSON text.
Text = str | bytes | bytearray | memoryview

_OPTIONS = ("api_version", "forward_compatible", "strict", "max_size", "disabled", "envelope", "engine")
# The total size of lines, in bytes, from which compiling the expression pays off.
_MANY = 64 * 1024


class Examination(NamedTuple):
    """Everything found in one text."""

    violations: tuple[Violation, ...]
    valid: bool
    #: Other API versions to which an invalid payload conforms.
    conforms_to: tuple[str, ...]
    #: The text as characters.
    text: str
    #: The payload without its envelope; None if it could not be read.
    instance: Instance
    #: Why the text contains no payload to validate; None if it does contain one.
    skipped: str | None = None


class Validator:
    """Validates payloads against one API version. Immutable, thread-safe, and can be pickled.

    Args:
        api_version: one to four numbers ("8.0.2.0", "7"), or "latest" (default).
        forward_compatible: report unknown members and unknown statuses, which newer servers may send, as warnings.
        strict: warnings make a payload invalid too.
        max_size: the maximum size of a payload's text in bytes; default: 64 MiB.
        disabled: the ids of rules whose warnings are left out.
        envelope: what the payload is in: "api" for nothing (default), "rest", "json-rpc", or "auto" for any of them.
        engine: "guestcust" (default), or "jsonschema" for the reference implementation: slower, with the same verdicts.

    Raises:
        ApiVersionError: `api_version` is not valid, or is older than the structure.
        OptionError: `max_size` is not positive, or `disabled` contains an id that is not that of a warning.
        UnknownNameError: there is no such envelope or engine.

    """

    def __init__(
        self,
        api_version: str = "latest",
        *,
        forward_compatible: bool = False,
        strict: bool = False,
        max_size: int = decode.MAX_SIZE,
        disabled: Collection[str] = (),
        envelope: str = "api",
        engine: str = "guestcust",
    ) -> None:
        if not isinstance(max_size, int) or max_size <= 0:
            raise OptionError(f"a limit of {max_size} bytes lets nothing through", hint="give a positive number")
        require_warnings(disabled)
        require_envelope(envelope)
        options = (api_version, forward_compatible, strict, max_size, tuple(disabled), envelope, engine)
        self._options: dict[str, Any] = dict(zip(_OPTIONS, options, strict=True))
        #: The API version that was asked for, that of the schema, and a notice if the one is newer than any known.
        self.resolution = catalog.resolve(api_version)
        #: The maximum size of a payload's text in bytes.
        self.max_size = max_size
        self._strict = strict
        # A payload that the caller passes on its own gets the schema's rules and no advice on envelopes.
        self._envelope = None if envelope == "api" else envelope
        self._engine = engine_of(self.resolution.version, engine)
        self._plain = self._engine.plain
        # The fast checks find no warnings, and see payloads without an envelope only.
        self._has_fast_checks = not strict and envelope in ("api", "auto")
        self._fast_check = self._plain.accepts if self._has_fast_checks else acceptor.nothing
        self._explainer = Explainer(
            self.resolution, self._engine, forward_compatible=forward_compatible, disabled=disabled
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return functools.partial(type(self), **self._options), ()

    @functools.cached_property
    def _fast_text_check(self) -> Callable[[bytes], object]:
        automaton = self._engine.automaton if self._has_fast_checks else None
        return automaton.accepts if automaton else acceptor.nothing

    def is_valid(self, instance: Instance) -> bool:
        """Whether a parsed payload conforms. Use `is_valid_text` for JSON text: a str is a JSON string here.

        Raises:
            TypeError: the payload contains something that JSON does not have, such as bytes or a tuple.

        """
        return self._fast_check(instance) or self._accepts(self._of_instance(instance))

    def iter_violations(self, instance: Instance) -> Iterator[Violation]:
        """All violations of a parsed payload, warnings included, in the order of `rules.json`. Raises as `is_valid`."""
        return iter(self._of_instance(instance))

    def validate(self, instance: Instance) -> None:
        """Raises an exception if a parsed payload does not conform.

        Raises:
            ConformanceError: it does not conform; the exception has the violations.
            TypeError: as for `is_valid`.

        """
        self._require(self._of_instance(instance))

    def is_valid_text(self, text: Text) -> bool:
        """Whether the JSON text of a payload conforms.

        Raises:
            TypeError: the text is not a str, bytes, bytearray or memoryview.

        """
        if isinstance(text, bytes) and len(text) <= self.max_size and self._fast_text_check(text):
            return True
        return self._of_text(_checked(text)).valid

    def iter_text_violations(self, text: Text) -> Iterator[Violation]:
        """All violations of the JSON text of a payload, warnings included, in the order of the text.

        Raises:
            TypeError: as for `is_valid_text`.

        """
        return iter(self._of_text(_checked(text)).violations)

    def validate_text(self, text: Text) -> None:
        """Raises an exception if the JSON text of a payload does not conform.

        Raises:
            ConformanceError: it does not conform; the exception has the violations.
            TypeError: as for `is_valid_text`.

        """
        self._require(self._of_text(_checked(text)).violations)

    def doubtful_lines(self, lines: bytes) -> Iterable[tuple[int, int]]:
        """The lines that need `examine`; all others conform, without a warning.

        Args:
            lines: whole lines, each with its line feed.

        Returns:
            The start and end of each line, without its line feed.

        """
        # Compiling the expression takes as long as checking a thousand lines without it.
        automaton = self._engine.automaton if len(lines) >= _MANY else None
        return automaton.doubtful(lines) if automaton else ndjson.spans(lines)

    def conforms_surely(self, text: bytes | str) -> bool:
        """Whether the fast check accepts a text, which then conforms, has no warning and is in no envelope."""
        data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        automaton = self._engine.automaton if self._has_fast_checks else None
        line = data.strip(SPACE) if len(data) <= self.max_size else b""
        return automaton is not None and b"\n" not in line and not any(automaton.doubtful(line + b"\n"))

    def examine(
        self,
        text: bytes | str | None,
        *,
        envelope: str | None = "auto",
        places: Places = decode.lines_and_columns,
        around: tuple[TextFault, ...] = (),
    ) -> Examination:
        """Examines a captured text with its envelope.

        Args:
            text: the JSON text; None if there are only faults around it.
            envelope: one of `captures.envelopes.ENVELOPES`, or None for a payload on its own.
            places: returns lines and columns for offsets in the text; by default the text begins on line 1.
            around: faults of the document around it.

        """
        decoded = decode.NOTHING if text is None else self._decoded(text)
        unwrapped = unwrap(decoded.instance, envelope)
        if unwrapped.skipped:
            return Examination((), False, (), decoded.text, None, unwrapped.skipped)
        payload, faults = _in_payload(unwrapped, [*around, *decoded.faults])
        if not faults and self._plain.accepts_without_warning(payload):
            return Examination((), True, (), decoded.text, payload)
        violations = self._explainer.of_text(payload, faults, decoded.text, unwrapped, places)
        valid = self._accepts(violations)
        # Only a keyword of the schema can be broken under one version and not under another.
        is_of_schema = any(each.keyword_location and each.severity is Severity.ERROR for each in violations)
        sound = is_of_schema and not any(map(self._is_error, faults))
        return Examination(
            violations=violations,
            valid=valid,
            conforms_to=self._other_versions(payload) if sound and not valid else (),
            text=decoded.text,
            instance=None if payload is decode.UNREAD else payload,
        )

    def _of_instance(self, instance: Instance) -> list[Violation]:
        inspected = instances.inspect(instance)
        unwrapped = unwrap(inspected.instance, self._envelope)
        if unwrapped.skipped:
            return self._explainer.of_instance(decode.UNREAD, [_no_payload(unwrapped.skipped)])
        return self._explainer.of_instance(*_in_payload(unwrapped, list(inspected.faults)))

    def _of_text(self, text: bytes | str) -> Examination:
        """The examination of a text that has to contain a payload."""
        examination = self.examine(text, envelope=self._envelope)
        if examination.skipped is None:
            return examination
        fault, unread = _no_payload(examination.skipped), Unwrapped(decode.UNREAD)
        found = self._explainer.of_text(unread.payload, [fault], examination.text, unread, decode.lines_and_columns)
        return examination._replace(violations=found)

    def _decoded(self, text: bytes | str) -> Decoded:
        """What a text contains, read by the fast reader if it finds no doubt, else by the strict reader."""
        try:
            data = text.encode() if isinstance(text, str) else text
            if len(data) <= self.max_size:
                return Decoded(fast.read(data), data.decode())
        except (ValueError, RecursionError):
            pass
        return decode.decode(text, max_size=self.max_size)

    def _is_error(self, fault: TextFault) -> bool:
        return self._explainer.severity(fault.rule) is Severity.ERROR

    def _other_versions(self, payload: Instance) -> tuple[str, ...]:
        others = (version for version in catalog.versions() if version != self.resolution.version)
        return tuple(each for each in others if engine_of(each, self._options["engine"]).is_valid(payload))

    def _accepts(self, violations: Iterable[Violation]) -> bool:
        return not any(self._strict or violation.severity is Severity.ERROR for violation in violations)

    def _require(self, violations: Iterable[Violation]) -> None:
        found = tuple(violations)
        if not self._accepts(found):
            raise ConformanceError(found, api_version=self.resolution.name)


def _checked(text: Text) -> bytes | str:
    if isinstance(text, (bytes, str)):
        return text
    if isinstance(text, (bytearray, memoryview)):
        return bytes(text)
    raise TypeError(
        f"JSON text is a str, bytes, bytearray or memoryview, not {type(text).__name__}; "
        'for a parsed payload, use the functions without "text" in their names'
    )


def _in_payload(unwrapped: Unwrapped, faults: list[TextFault]) -> tuple[Instance, list[TextFault]]:
    """The payload, and all faults with their paths in it."""
    if unwrapped.path:
        faults = [fault._replace(path=unwrapped.within(fault.path)) for fault in faults]
    if unwrapped.fault is None:
        return unwrapped.payload, faults
    return (unwrapped.payload if unwrapped.fault.path else decode.UNREAD), [*faults, unwrapped.fault]


def _no_payload(reason: str) -> TextFault:
    return TextFault("envelope", f"there is no payload in the response: {reason}", ())


def require_warnings(rule_ids: Iterable[str]) -> None:
    """Checks that the ids are those of warnings.

    Raises:
        OptionError: one of them is not the id of a rule, or its violations are errors.

    """
    if isinstance(rule_ids, str):
        raise OptionError(f"{rule_ids!r} is a string, not a collection of rule ids", hint=f"give [{rule_ids!r}]")
    warnings = [rule.id for rule in catalog.rules() if rule.severity is Severity.WARNING]
    for rule_id in rule_ids:
        if rule_id in warnings:
            continue
        what = "is an error, not a warning" if rule_id in catalog.rules_by_id() else "is not a rule"
        why = f"{rule_id!r} {what}, and cannot be disabled{did_you_mean(closest(rule_id, warnings))}"
        raise OptionError(why, hint=f"only warnings can: {', '.join(warnings)}")
