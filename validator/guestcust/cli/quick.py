"""The fast start of the command: checks small files that all conform before anything large is imported.

It prints the summary line if every payload conforms without a warning. Otherwise it prints nothing and leaves the
command line to `main`. It accepts only options that make no difference to payloads that conform.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence

from guestcust.cli.environment import CONFORMS, candidates, may_hold_settings, wants_color
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
    version = files.index()["versions"][-1]["version"]
    try:
        plain = Plain(shape(files.schema(version)))
        valid = sum(_conforming(path, plain) for path in paths)
        if options.isdisjoint(_QUIET):
            counts = {"valid": valid, "sources": len(paths)}
            sys.stdout.write(closing(counts, version, version, Painter(wants_color())))
            sys.stdout.flush()
    except (OSError, ValueError, RecursionError, UnknownKeywordError):
        return None
    return CONFORMS


def _conforming(path: str, plain: Plain) -> int:
    """The number of payloads in a file, all of which conform without a warning.

    Raises:
        OSError, ValueError, RecursionError: one does not, or it cannot be decided here.

    """
    if not path.lower().endswith(".json"):
        raise ValueError(path)
    with open(path, "rb") as file:
        # A pipe can be read only once.
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError(path)
        text = file.read(_SMALL + 1)
    instance = fast.read(text) if len(text) <= _SMALL else None
    payloads = instance if isinstance(instance, list) else [instance]
    if not payloads or not all(map(plain.accepts_without_warning, payloads)):
        raise ValueError(path)
    return len(payloads)
