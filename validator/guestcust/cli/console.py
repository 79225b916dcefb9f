"""Messages on stderr, in the same form for all commands."""

from __future__ import annotations

import click

from guestcust.jsontext.display import printable


def complain(message: str, hint: str = "") -> None:
    """Print an error or a notice on stderr, and what to do about it on a second line."""
    click.echo(f"guestcust: {printable(message)}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)
