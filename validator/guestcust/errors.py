"""The exceptions of the library, each with a code to match on and a hint.

What is wrong with a payload is a violation, not an exception; only `validate` and `validate_text` raise for violations.
"""

from __future__ import annotations

import functools
from typing import Any

from guestcust.model import Severity, Violation


class GuestcustError(Exception):
    """The base of all exceptions here. `str()` says what is wrong, `hint` says what to do about it."""

    #: Stable across releases.
    code = "guestcust"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ApiVersionError(GuestcustError, ValueError):
    """The API version is not valid, or is older than the structure."""

    code = "api-version"


class UnknownNameError(GuestcustError, LookupError):
    """There is no dialect, rule, format, envelope, status or column with this name."""

    code = "unknown-name"


class OptionError(GuestcustError, ValueError):
    """An option has a value that is not valid."""

    code = "option"


class ConfigError(GuestcustError, ValueError):
    """A settings file cannot be read, or is not valid."""

    code = "config"


class JobError(GuestcustError, RuntimeError):
    """A worker process ended before it had checked its part of the input."""

    code = "jobs"


class ConformanceError(GuestcustError):
    """A payload does not conform. `str()` has one line per violation."""

    code = "conformance"

    def __init__(self, violations: tuple[Violation, ...], *, api_version: str) -> None:
        errors = sum(violation.severity is Severity.ERROR for violation in violations)
        counts = [
            f"{count} {word}{'s' * (count != 1)}"
            for count, word in ((errors, "error"), (len(violations) - errors, "warning"))
            if count
        ]
        lines = [f"the payload does not conform to API {api_version} ({', '.join(counts)})"]
        lines += (f"  {violation}" for violation in violations)
        super().__init__("\n".join(lines))
        #: Every violation, warnings included, in the order of the report.
        self.violations = violations
        #: The API version that the payload was validated against.
        self.api_version = api_version

    def __reduce__(self) -> tuple[Any, ...]:
        # By default an exception is rebuilt from its message.
        make = functools.partial(type(self), api_version=self.api_version)
        return make, (self.violations,), self.__dict__
