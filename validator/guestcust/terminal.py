"""What the command and its caller tell each other but for words: exit statuses, and whether colours are welcome.

Light to import; nothing is written here.
"""

from __future__ import annotations

import os
import sys

#: Everything conforms.
CONFORMS = 0
#: At least one payload does not.
DOES_NOT_CONFORM = 1
#: Something could not be judged: bad usage, unreadable input, nothing found.
COULD_NOT_JUDGE = 2
#: As shells say it of a command that Ctrl-C ended.
INTERRUPTED = 130


def wants_color() -> bool:
    """On a terminal, unless NO_COLOR is set to something (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
