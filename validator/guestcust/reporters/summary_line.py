"""The line that closes the text report, made of numbers alone.

Light to import, for what is told at first look ends with it too; no result and no other report may enter here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

BOLD, DIM, RED, YELLOW, GREEN, BLUE = "1", "2", "1;31", "1;33", "32", "1;34"


class Painter:
    """Wraps text in an ANSI sequence, or leaves it alone."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, code: str, text: str) -> str:
        """The text in the colour of a code."""
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text


def counted(number: int, word: str) -> str:
    """A number of things."""
    return f"{number} {word}{'s' * (number != 1)}"


def closing(counts: Mapping[str, int], api: str, judged_by: str, paint: Painter, rest: Sequence[str] = ()) -> str:
    """The line.

    Args:
        counts: the numbers of a `model.Summary` by their names; those that are left out are 0.
        api: the API version to speak of.
        judged_by: the version of the schema.
        paint: the colours.
        rest: what else there is to say.

    """
    names = ("valid", "invalid", "skipped", "unreadable", "sources", "errors", "warnings")
    valid, invalid, skipped, unreadable, sources, errors, warnings = (counts.get(name, 0) for name in names)
    parts = [paint(GREEN, f"{valid} valid") if valid else "0 valid"]
    parts.append(paint(RED, f"{invalid} invalid") if invalid else "0 invalid")
    if skipped:
        parts.append(f"{skipped} skipped")
    if unreadable:
        parts.append(paint(RED, f"{unreadable} unreadable"))
    version = api if api == judged_by else f"{api} (by the rules of {judged_by})"
    judged = f"{counted(valid + invalid, 'payload')} in {counted(sources, 'source')}, API {version}"
    found = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    return f"{judged}: {', '.join(parts)} ({found}){''.join(f'; {each}' for each in rest)}\n"
