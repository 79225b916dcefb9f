"""The summary line at the end of the text report, made from numbers alone.

Light to import, because the fast start prints it too. Results and other reports must not enter here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

BOLD, DIM, RED, YELLOW, GREEN, BLUE = "1", "2", "1;31", "1;33", "32", "1;34"


class Painter:
    """Colours text with ANSI sequences, or leaves it as it is."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, code: str, text: str) -> str:
        """The text in the colour with this code."""
        return f"\x1b[{code}m{text}\x1b[0m" if self._color else text


def counted(number: int, word: str) -> str:
    """A number with a noun, in the plural unless it is 1: "1 payload", "2 payloads"."""
    return f"{number} {word}{'s' * (number != 1)}"


def closing(counts: Mapping[str, int], api: str, schema: str, paint: Painter, rest: Sequence[str] = ()) -> str:
    """The summary line.

    Args:
        counts: the numbers of a `model.Summary` by name; missing ones are 0.
        api: the API version asked for.
        schema: the API version of the schema.
        paint: colours the verdicts.
        rest: notes to append.

    """
    names = ("valid", "invalid", "skipped", "unreadable", "sources", "errors", "warnings")
    valid, invalid, skipped, unreadable, sources, errors, warnings = (counts.get(name, 0) for name in names)
    parts = [paint(GREEN, f"{valid} valid") if valid else "0 valid"]
    parts.append(paint(RED, f"{invalid} invalid") if invalid else "0 invalid")
    if skipped:
        parts.append(f"{skipped} skipped")
    if unreadable:
        parts.append(paint(RED, f"{unreadable} unreadable"))
    version = api if api == schema else f"{api} (by the rules of {schema})"
    checked = f"{counted(valid + invalid, 'payload')} in {counted(sources, 'source')}, API {version}"
    found = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    return f"{checked}: {', '.join(parts)} ({found}){''.join(f'; {each}' for each in rest)}\n"
