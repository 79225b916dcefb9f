"""What the command and its surroundings tell each other: exit statuses, colour, and where settings files may lie.

Light to import; nothing is written here, and `config` reads what stands in a settings file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

#: Everything conforms.
CONFORMS = 0
#: At least one payload does not.
DOES_NOT_CONFORM = 1
#: Something could not be judged: bad usage, unreadable input, nothing found.
COULD_NOT_JUDGE = 2
#: As shells say it of a command that Ctrl-C ended.
INTERRUPTED = 130
#: The file that has nothing but settings.
OWN_FILE = "guestcust.toml"
#: The file that has them in a table of their own, if any.
PROJECT_FILE = "pyproject.toml"


def wants_color() -> bool:
    """On a terminal, unless NO_COLOR is set to something (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def candidates() -> Iterator[str]:
    """The paths at which a file counts, the nearest first: from the working folder upwards."""
    try:
        depth = os.getcwd().rstrip(os.sep).count(os.sep)
    except OSError:
        # The working folder is gone.
        return
    for up in range(depth + 1):
        for name in (OWN_FILE, PROJECT_FILE):
            yield os.path.join(*[os.pardir] * up, name)


def speaks_of_us(content: bytes) -> bool:
    """Whether a project's file can have a table for us; what other tools make of it is no business of ours."""
    return b"guestcust" in content


def may_hold_settings(path: str) -> bool:
    """Whether there is something at one of the paths that may have settings in it."""
    # A link to nowhere was meant to hold something.
    if not os.path.lexists(path):
        return False
    if os.path.basename(path) == OWN_FILE:
        return True
    try:
        with open(path, "rb") as file:
            return speaks_of_us(file.read())
    except OSError:
        return True
