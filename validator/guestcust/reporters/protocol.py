"""What every reporter is given and what it returns; no report format may enter here."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Protocol

from guestcust.model import Result, Summary
from guestcust.ruleset.catalog import Resolution


@dataclass(frozen=True, slots=True)
class Circumstances:
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
