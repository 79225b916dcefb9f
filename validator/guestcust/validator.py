"""The judge of one payload: text or instance in, violations out, under one API version and one set of options.

Puts the reader's faults, the engine's failures and the library's warnings together, and sees that one cause gives one
violation. No file, no stream and no report may enter here.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from guestcust.captures import ndjson
from guestcust.captures.envelopes import unwrap
from guestcust.engine import acceptor
from guestcust.engine.engine import engine
from guestcust.errors import ConformanceError, OptionError
from guestcust.explanation import Explainer
from guestcust.jsontext import decode, fast, instances
from guestcust.jsontext.decode import Decoded
from guestcust.model import Instance, Places, Severity, TextFault, Violation
from guestcust.ruleset import catalog


class Examination(NamedTuple):
    """All that was found in one text."""

    violations: tuple[Violation, ...]
    valid: bool
    #: Other API versions to which an invalid payload conforms.
    conforms_to: tuple[str, ...]
    #: The text as characters.
    text: str
    #: The payload out of its envelope; None where none could be read.
    instance: Instance
    #: Why the text is no payload to be judged, if so.
    skipped: str | None = None


class Validator:
    """Judges payloads under one API version. Built once, immutable, safe to use from many threads.

    Args:
        api_version: one to four numbers ("8.0.2.0", "7"), or "latest".
        forward_compatible: unknown members and unknown statuses are warnings, as clients are told to expect them.
        strict: warnings make a payload invalid too.
        max_size: how many bytes the text of one payload may have.
        disabled: ids of rules that are warnings, which are then not given.

    Raises:
        ApiVersionError: `api_version` is no API version, or is older than the structure.
        OptionError: `max_size` is not positive, or `disabled` has what is no warning.

    """

    def __init__(
        self,
        api_version: str = "latest",
        *,
        forward_compatible: bool = False,
        strict: bool = False,
        max_size: int = decode.MAX_SIZE,
        disabled: Collection[str] = (),
    ) -> None:
        if max_size <= 0:
            raise OptionError(f"a limit of {max_size} bytes lets nothing through", hint="give a positive number")
        require_warnings(disabled)
        #: The API version asked for, the schema that judges, and a notice where the one is newer than any known.
        self.resolution = catalog.resolve(api_version)
        self._strict = strict
        #: How many bytes the text of one payload may have.
        self.max_size = max_size
        self._engine = engine(self.resolution.version)
        self._plain = self._engine.plain
        # Under strictness a warning has a say, of which these know nothing.
        self._at_first_look = acceptor.nothing if strict else self._plain.accepts
        self._explainer = Explainer(
            self.resolution, self._engine, forward_compatible=forward_compatible, disabled=disabled
        )

    @functools.cached_property
    def _text_at_first_look(self) -> Callable[[bytes], object]:
        automaton = None if self._strict else self._engine.automaton
        return automaton.accepts if automaton else acceptor.nothing

    def is_valid(self, instance: Instance) -> bool:
        """Whether a parsed payload conforms."""
        return self._at_first_look(instance) or self._accepts(self.iter_violations(instance))

    def iter_violations(self, instance: Instance) -> Iterator[Violation]:
        """All that is wrong with a parsed payload, warnings too, in the order of `rules.json`."""
        inspected = instances.inspect(instance)
        yield from self._explainer.of_instance(inspected.instance, inspected.faults)

    def validate(self, instance: Instance) -> None:
        """Passes a parsed payload that conforms.

        Raises:
            ConformanceError: it does not; the error carries the violations.

        """
        self._require(tuple(self.iter_violations(instance)))

    def is_valid_text(self, text: bytes | str) -> bool:
        """Whether the JSON text of a payload conforms."""
        if isinstance(text, bytes) and len(text) <= self.max_size and self._text_at_first_look(text):
            return True
        return self.examine(text, envelope="api").valid

    def doubtful_lines(self, lines: bytes) -> Iterable[tuple[int, int]]:
        """The lines that need a closer look, by `examine`; of the others it is known that they conform and are not odd.

        Args:
            lines: each with the line feed that ends it.

        Returns:
            Where each begins and ends.

        """
        automaton = self._engine.automaton
        return automaton.doubtful(lines) if automaton else ndjson.spans(lines)

    def iter_text_violations(self, text: bytes | str) -> Iterator[Violation]:
        """All that is wrong with the JSON text of a payload, warnings too, in the order of the text."""
        yield from self.examine(text, envelope="api").violations

    def validate_text(self, text: bytes | str) -> None:
        """Passes the JSON text of a payload that conforms.

        Raises:
            ConformanceError: it does not; the error carries the violations.

        """
        self._require(self.examine(text, envelope="api").violations)

    def examine(
        self,
        text: bytes | str | None,
        *,
        envelope: str = "auto",
        places: Places = decode.lines_and_columns,
        around: tuple[TextFault, ...] = (),
    ) -> Examination:
        """Judges a captured text, envelope and all.

        Args:
            text: the JSON text; None where there is none, only faults around it.
            envelope: one of `captures.envelopes.ENVELOPES`.
            places: finds lines and columns for offsets in the text; where its first character is that of a file unless
                said.
            around: what is wrong with the document around it.

        """
        decoded = decode.NOTHING if text is None else self._decoded(text)
        unwrapped = unwrap(decoded.instance, envelope)
        payload = unwrapped.payload
        if unwrapped.skipped:
            return Examination((), False, (), decoded.text, None, unwrapped.skipped)
        faults = [*around, *decoded.faults]
        if unwrapped.path:
            faults = [replace(fault, path=unwrapped.within(fault.path)) for fault in faults]
        if not faults and not unwrapped.fault and self._plain.accepts_without_warning(payload):
            return Examination((), True, (), decoded.text, payload)
        if unwrapped.fault:
            faults.append(unwrapped.fault)
            payload = payload if unwrapped.fault.path else decode.UNREAD
        violations = self._explainer.of_text(payload, faults, decoded.text, unwrapped, places)
        valid = self._accepts(violations)
        sound = payload is not decode.UNREAD and not any(map(self._is_error, faults))
        return Examination(
            violations=violations,
            valid=valid,
            conforms_to=self._other_versions(payload) if sound and not valid else (),
            text=decoded.text,
            instance=None if payload is decode.UNREAD else payload,
        )

    def _decoded(self, text: bytes | str) -> Decoded:
        """What a text says, read quickly where that is sure to find what the strict reader finds."""
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
        return tuple(version for version in others if engine(version).is_valid(payload))

    def _accepts(self, violations: Iterable[Violation]) -> bool:
        return not any(self._strict or violation.severity is Severity.ERROR for violation in violations)

    def _require(self, violations: tuple[Violation, ...]) -> None:
        if not self._accepts(violations):
            raise ConformanceError(violations, api_version=self.resolution.name)


def require_warnings(rule_ids: Iterable[str]) -> None:
    """Passes ids of rules that are warnings.

    Raises:
        OptionError: one of them is no rule, or one whose violation is an error.

    """
    known = catalog.rules_by_id()
    for rule_id in rule_ids:
        if rule_id in known and known[rule_id].severity is Severity.WARNING:
            continue
        names = ", ".join(rule.id for rule in catalog.rules() if rule.severity is Severity.WARNING)
        what = "is an error, not a warning" if rule_id in known else "is no rule"
        raise OptionError(f"{rule_id!r} {what}, and cannot be disabled", hint=f"only warnings can: {names}")


def is_valid(
    instance: Instance, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> bool:
    """Whether a parsed payload conforms. Options and errors as for `Validator`."""
    return _validator(api_version, forward_compatible, strict).is_valid(instance)


def iter_violations(
    instance: Instance, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> Iterator[Violation]:
    """All that is wrong with a parsed payload, warnings too. Options and errors as for `Validator`."""
    return _validator(api_version, forward_compatible, strict).iter_violations(instance)


def validate(
    instance: Instance, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> None:
    """Passes a parsed payload that conforms. Options and errors as for `Validator`.

    Raises:
        ConformanceError: it does not conform; the error carries the violations.

    """
    _validator(api_version, forward_compatible, strict).validate(instance)


def is_valid_text(
    text: bytes | str, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> bool:
    """Whether the JSON text of a payload conforms. Options and errors as for `Validator`."""
    return _validator(api_version, forward_compatible, strict).is_valid_text(text)


def iter_text_violations(
    text: bytes | str, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> Iterator[Violation]:
    """All that is wrong with the JSON text of a payload, warnings too. Options and errors as for `Validator`."""
    return _validator(api_version, forward_compatible, strict).iter_text_violations(text)


def validate_text(
    text: bytes | str, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> None:
    """Passes the JSON text of a payload that conforms. Options and errors as for `Validator`.

    Raises:
        ConformanceError: it does not conform; the error carries the violations.

    """
    _validator(api_version, forward_compatible, strict).validate_text(text)


def _validator(api_version: str, forward_compatible: bool, strict: bool) -> Validator:
    validator = _built(api_version, forward_compatible, strict)
    if validator.resolution.notice:
        warnings.warn(validator.resolution.notice, stacklevel=3)
    return validator


@functools.lru_cache(maxsize=32)
def _built(api_version: str, forward_compatible: bool, strict: bool) -> Validator:
    return Validator(api_version, forward_compatible=forward_compatible, strict=strict)
