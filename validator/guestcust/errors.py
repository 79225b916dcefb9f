"""The one tree of errors that the library raises on purpose; each has a code to match on and a hint that helps.

What is wrong with a payload is no error but a violation: only `validate` turns violations into one.
"""

from __future__ import annotations

from guestcust.jsontext.display import printable
from guestcust.model import Severity, Violation


class GuestcustError(Exception):
    """The root of the tree. `str()` gives what is wrong; `hint` says what to do about it."""

    #: Stable across releases, for programs.
    code = "guestcust"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ApiVersionError(GuestcustError, ValueError):
    """Somebody asked for an API version that is none, or that is older than the structure."""

    code = "api-version"


class UnknownNameError(GuestcustError, LookupError):
    """Somebody asked for a dialect, a rule or a format by a name that nothing here has."""

    code = "unknown-name"


class OptionError(GuestcustError, ValueError):
    """An option was given a value that makes no sense."""

    code = "option"


class ConfigError(GuestcustError, ValueError):
    """A file of settings cannot be read, or says something that makes no sense."""

    code = "config"


class JobError(GuestcustError, RuntimeError):
    """A process that was to check a part of the input did not live to the end of it."""

    code = "jobs"


class ConformanceError(GuestcustError):
    """A payload does not conform. `violations` has all that was found, warnings too; `str()` reads like a report."""

    code = "conformance"

    def __init__(self, violations: tuple[Violation, ...], *, api_version: str) -> None:
        errors = sum(violation.severity is Severity.ERROR for violation in violations)
        counts = [
            f"{count} {word}{'s' * (count != 1)}"
            for count, word in ((errors, "error"), (len(violations) - errors, "warning"))
            if count
        ]
        lines = [f"the payload does not conform to API {api_version} ({', '.join(counts)})"]
        lines += (f"  {_place(violation)}: {violation.rule}: {violation.message}" for violation in violations)
        super().__init__("\n".join(lines))
        #: Every violation, in the order of the report.
        self.violations = violations
        #: The API version that the payload was judged under.
        self.api_version = api_version


def _place(violation: Violation) -> str:
    location = printable(violation.instance_location) or "the payload"
    return location if violation.line is None else f"{location} (line {violation.line}, column {violation.column})"
