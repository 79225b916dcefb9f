"""The command's interface to its environment: exit statuses, colour, and the places of settings files.

Light to import, because the fast start uses it. Writes nothing; `config` reads settings files.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

#: Everything conforms.
CONFORMS = 0
#: At least one payload does not conform.
DOES_NOT_CONFORM = 1
#: Something could not be checked: bad usage, unreadable input, no payload found.
COULD_NOT_CHECK = 2
#: The exit status that shells report for a command that Ctrl-C ended.
INTERRUPTED = 130
#: The file that contains only settings.
OWN_FILE = "guestcust.toml"
#: The file that may contain settings in their own table.
PROJECT_FILE = "pyproject.toml"


def wants_color(choice: str = "auto") -> bool:
    """Whether to colour stdout.

    Args:
        choice: "always", "never", or "auto": as NO_COLOR (no-color.org) or else FORCE_COLOR (force-color.org) says, or
            else on a terminal.

    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def candidates() -> Iterator[str]:
    """The paths at which a settings file counts, nearest first: from the working folder upwards."""
    try:
        depth = os.getcwd().rstrip(os.sep).count(os.sep)
    except OSError:
        # The working folder was deleted.
        return
    for up in range(depth + 1):
        for name in (OWN_FILE, PROJECT_FILE):
            yield os.path.join(*[os.pardir] * up, name)


def names_guestcust(content: bytes) -> bool:
    """Whether a project file can have a table for guestcust; the syntax of any other is left to its own tools."""
    return b"guestcust" in content


def may_hold_settings(path: str) -> bool:
    """Whether a file at one of the candidate paths may hold settings."""
    # A dangling link was meant to hold something.
    if not os.path.lexists(path):
        return False
    if os.path.basename(path) == OWN_FILE:
        return True
    try:
        with open(path, "rb") as file:
            return names_guestcust(file.read())
    except OSError:
        return True
