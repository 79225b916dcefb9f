"""What all commands share: how they end, and how they speak on stderr."""

from __future__ import annotations

import click

from guestcust.shown import printable

#: Everything conforms.
CONFORMS = 0
#: At least one payload does not.
DOES_NOT_CONFORM = 1
#: Something could not be judged: bad usage, unreadable input, nothing found.
COULD_NOT_JUDGE = 2
#: As shells say it of a command that Ctrl-C ended.
INTERRUPTED = 130


def complain(message: str, hint: str = "") -> None:
    """Says on stderr what is wrong, and on a line of its own what would help."""
    click.echo(f"guestcust: {printable(message)}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)
