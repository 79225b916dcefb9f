"""What every reporter is given and how it answers; no report format may enter here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from guestcust.model import Result, Summary
from guestcust.ruleset.catalog import Resolution


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for a whole report."""

    #: The API version and the schema that judge.
    resolution: Resolution
    #: That of guestcust.
    version: str
    #: Whether what conforms and what was skipped is listed too.
    everything: bool = False
    #: A line a violation and nothing else; for the text report alone.
    quiet: bool = False
    #: Whether ANSI sequences are welcome.
    color: bool = False


class Reporter(Protocol):
    """One report in the making: told results one by one as they come, it answers with the text that is ready."""

    @property
    def wants_conforming(self) -> bool:
        """Whether it has to be told of payloads that conform, and of which nothing more is to be said."""

    def begin(self) -> str:
        """What comes before any result."""

    def add(self, result: Result) -> str:
        """What there is to write once a result is known; may be empty."""

    def end(self, summary: Summary) -> str:
        """What comes behind the last result."""
