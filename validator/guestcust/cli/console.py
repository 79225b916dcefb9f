"""What all commands share: how they end, and how they speak on stderr."""

from __future__ import annotations

import click

from guestcust.jsontext.display import printable


def complain(message: str, hint: str = "") -> None:
    """Says on stderr what is wrong, and on a line of its own what would help."""
    click.echo(f"guestcust: {printable(message)}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)
