"""What every reporter is given and what it returns; no report format may enter here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from guestcust.model import Result, Severity, Verdict
from guestcust.ruleset.catalog import Resolution

if TYPE_CHECKING:
    import datetime

_NONE: Mapping[str, int] = {}


class Summary(NamedTuple):
    """Counts over results."""

    sources: int = 0
    valid: int = 0
    invalid: int = 0
    skipped: int = 0
    unreadable: int = 0
    errors: int = 0
    warnings: int = 0
    omitted: int = 0
    #: False if the check stopped before the end of the input.
    complete: bool = True
    #: How many results were skipped for each reason.
    reasons: Mapping[str, int] = _NONE
    #: How many files of folders were not opened, by the ending of their names; empty where a name has none.
    unopened: Mapping[str, int] = _NONE

    @property
    def checked(self) -> int:
        """How many payloads are valid or invalid."""
        return self.valid + self.invalid

    def add_valid(self, count: int) -> Summary:
        """The counts with a number of conforming payloads more."""
        return self._replace(valid=self.valid + count) if count else self

    def add(self, result: Result) -> Summary:
        """The counts with one result more."""
        errors = [violation.severity for violation in result.violations].count(Severity.ERROR)
        reasons = self.reasons
        if result.verdict is Verdict.SKIPPED and result.reason:
            reasons = {**reasons, result.reason: reasons.get(result.reason, 0) + 1}
        return Summary(
            sources=self.sources,
            valid=self.valid + (result.verdict is Verdict.VALID),
            invalid=self.invalid + (result.verdict is Verdict.INVALID),
            skipped=self.skipped + (result.verdict is Verdict.SKIPPED),
            unreadable=self.unreadable + (result.verdict is Verdict.UNREADABLE),
            errors=self.errors + errors,
            warnings=self.warnings + len(result.violations) - errors,
            omitted=self.omitted,
            complete=self.complete,
            reasons=reasons,
            unopened=self.unopened,
        )


class Circumstances(NamedTuple):
    """What is the same for a whole report."""

    #: The API version asked for, and that of the schema.
    resolution: Resolution
    #: The version of guestcust.
    version: str
    #: Whether to list conforming payloads and skipped ones too.
    everything: bool = False
    #: One line per violation and nothing else; for the text report alone.
    quiet: bool = False
    #: Whether to use ANSI colours.
    color: bool = False
    #: When the run started, with a time zone; None if unknown.
    started: datetime.datetime | None = None
    #: The command line, quoted for a shell; empty if there is none.
    command_line: str = ""


class Reporter(Protocol):
    """One report in progress: gets results one by one as they come, and returns the text that is ready."""

    @property
    def wants_conforming(self) -> bool:
        """Whether it needs payloads that conform without a violation; otherwise they are only counted."""

    def begin(self) -> str:
        """The text before the first result."""

    def add(self, result: Result) -> str:
        """The text that is ready once a result is known; may be empty."""

    def end(self, summary: Summary) -> str:
        """The text after the last result."""
