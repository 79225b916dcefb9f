"""The reports that the command line selects: their formats, and their files or stdout."""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

from guestcust.cli.progress import Silent
from guestcust.cli.targets import Target
from guestcust.errors import OptionError, UnknownNameError
from guestcust.reporters import REPORTERS
from guestcust.reporters.protocol import Circumstances, Reporter


class Report(NamedTuple):
    """A reporter and the file that its text goes to; None for stdout."""

    reporter: Reporter
    target: Target | None

    def write(self, piece: str, bar: Silent) -> None:
        """Writes a piece of the report. Raises OSError if that fails."""
        if self.target:
            self.target.write(piece)
        elif piece:
            bar.write(piece)


def real_paths(outputs: tuple[str, ...], paths: tuple[str, ...]) -> frozenset[str]:
    """The real paths of the report files, which are not checked even if they lie in a folder that is.

    Raises:
        OptionError: a report would replace an input file.

    """
    files = {os.path.realpath(path): path for _, _, path in (output.partition("=") for output in outputs) if path}
    for path in paths if files else ():
        report = files.get(os.path.realpath(path))
        if report is not None and os.path.isfile(path):
            raise OptionError(
                f"the report {report} would replace the input file {path}", hint="write the report to another file"
            )
    return frozenset(files)


def begun(
    outputs: tuple[str, ...], circumstances: Circumstances, color: bool, stack: contextlib.ExitStack
) -> list[Report]:
    """The reports that the values of `--output` ask for, each with its file open.

    Raises:
        UnknownNameError: there is no such report format.
        OptionError: a file cannot be written, or two reports go to the same place.

    """
    reports: list[Report] = []
    places: set[str] = set()
    for output in outputs:
        name, equals, path = output.partition("=")
        if name not in REPORTERS:
            raise UnknownNameError(f"unknown report format {name!r}", hint=f"one of {', '.join(REPORTERS)}")
        if equals and not path:
            raise OptionError(f"--output {output} names no file", hint=f"--output {name}=FILE, or {name} for stdout")
        if not path and any(report.target is None for report in reports):
            raise OptionError("two reports cannot share stdout", hint=f"write one to a file: --output {name}=FILE")
        place = os.path.realpath(path) if path else ""
        if path and place in places:
            raise OptionError(f"two reports cannot share the file {path}", hint="write one of them to another file")
        places.add(place)
        target = stack.enter_context(Target(path)) if path else None
        shown = circumstances._replace(color=color and target is None)
        reports.append(Report(REPORTERS[name](shown), target))
    return reports
