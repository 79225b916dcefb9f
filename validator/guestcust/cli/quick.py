"""The quick lane of the command: small files that all plainly conform are judged before anything large is imported.

It reads, judges by `plain` and sums up, or leaves the command line alone without a word, and `cli` does all of it. No
option is known here but those that make no difference to what plainly conforms.
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

# What is larger is worth more preparation.
_SMALL = 1024 * 1024
_INDIFFERENT = ("--allow-empty", "--skip-unrelated", "--strict", "--no-config")
_QUIET = ("--quiet", "-q")


def run(arguments: Sequence[str]) -> int | None:
    """Runs a command line and gives its exit status; None where it was left alone, and nothing was said."""
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
        judge = Plain(shape(files.schema(version)))
        valid = sum(_conforming(path, judge) for path in paths)
        if options.isdisjoint(_QUIET):
            counts = {"valid": valid, "sources": len(paths)}
            sys.stdout.write(closing(counts, version, version, Painter(wants_color())))
            sys.stdout.flush()
    except (OSError, ValueError, RecursionError, UnknownKeywordError):
        return None
    return CONFORMS


def _conforming(path: str, judge: Plain) -> int:
    """How many payloads a file holds that all plainly conform.

    Raises:
        OSError, ValueError, RecursionError: that cannot be said, or not here.

    """
    if not path.lower().endswith(".json"):
        raise ValueError(path)
    with open(path, "rb") as file:
        # What is read from a pipe is gone.
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError(path)
        text = file.read(_SMALL + 1)
    instance = fast.read(text) if len(text) <= _SMALL else None
    payloads = instance if isinstance(instance, list) else [instance]
    if not payloads or not all(map(judge.accepts_without_warning, payloads)):
        raise ValueError(path)
    return len(payloads)
