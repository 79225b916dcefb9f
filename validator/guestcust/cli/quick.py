"""The fast start of the command: checks a few small files before the command line's library is imported.

If every payload conforms without a warning, it prints the summary line and imports nothing else. If all could be
checked and some do not conform, it prints the text report. Otherwise it prints nothing and leaves the command line to
`main`. It accepts only options that make no difference here.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence

from guestcust.cli.environment import CONFORMS, DOES_NOT_CONFORM, candidates, may_hold_settings, wants_color
from guestcust.engine.acceptor import Plain
from guestcust.engine.status_table import UnknownKeywordError, shape
from guestcust.jsontext import fast
from guestcust.reporters.summary_line import Painter, closing
from guestcust.ruleset import files

# Larger files are worth the imports, in bytes.
_SMALL = 1024 * 1024
_INDIFFERENT = ("--allow-empty", "--skip-unrelated", "--strict", "--no-config")
_QUIET = ("--quiet", "-q")


def run(arguments: Sequence[str]) -> int | None:
    """Runs a command line and returns its exit status; None, with nothing printed, if `main` has to run it."""
    if not arguments or arguments[0] != "check" or "_GUESTCUST_COMPLETE" in os.environ or sys.stdout is None:
        return None
    options = {argument for argument in arguments[1:] if argument.startswith("-")}
    paths = [argument for argument in arguments[1:] if not argument.startswith("-")]
    if not paths or not options <= {*_INDIFFERENT, *_QUIET}:
        return None
    if "--no-config" not in options and any(map(may_hold_settings, candidates())):
        return None
    if not all(map(_is_small_file, paths)):
        return None
    is_quiet = not options.isdisjoint(_QUIET)
    version = files.index()["versions"][-1]["version"]
    try:
        plain = Plain(shape(files.schema(version)))
        valid = sum(_conforming(path, plain) for path in paths)
    except OSError:
        return None
    except (ValueError, RecursionError, UnknownKeywordError):
        return None if "--strict" in options else _reported(paths, is_quiet, "--skip-unrelated" in options)
    counts = {"valid": valid, "sources": len(paths)}
    return _printed("" if is_quiet else closing(counts, version, version, Painter(wants_color())), CONFORMS)


def _is_small_file(path: str) -> bool:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return False
    # A pipe can be read only once.
    return fast.is_lone_json(path) and stat.S_ISREG(found.st_mode) and found.st_size <= _SMALL


def _conforming(path: str, plain: Plain) -> int:
    """The number of payloads in a file, all of which conform without a warning.

    Raises:
        OSError: it cannot be read.
        ValueError, RecursionError: one does not, or it cannot be decided here.

    """
    with open(path, "rb") as file:
        instance = fast.read(file.read())
    payloads = instance if isinstance(instance, list) else [instance]
    if not payloads or not all(map(plain.accepts_without_warning, payloads)):
        raise ValueError(path)
    return len(payloads)


def _reported(paths: Sequence[str], is_quiet: bool, skip_unrelated: bool) -> int | None:
    """Prints the report of `main` if every file could be checked, and not all conform."""
    from guestcust import __version__
    from guestcust.pipeline import Check
    from guestcust.reporters.protocol import Circumstances
    from guestcust.reporters.text import TextReporter
    from guestcust.sources import sources
    from guestcust.validator import Validator

    check = Check(sources(paths), Validator(), everything=False, skip_unrelated=skip_unrelated)
    circumstances = Circumstances(check.resolution, __version__, quiet=is_quiet, color=wants_color())
    reporter = TextReporter(circumstances)
    report = "".join([reporter.begin(), *map(reporter.add, check), reporter.end(check.summary)])
    return _printed(report, DOES_NOT_CONFORM) if check.summary.invalid and not check.summary.unreadable else None


def _printed(report: str, status: int) -> int | None:
    try:
        sys.stdout.write(report)
        sys.stdout.flush()
    except (OSError, ValueError):
        # `main` explains what is wrong with stdout.
        return None
    return status
