"""Suggestions for misspelled names: members, statuses and rule ids."""

from __future__ import annotations

from collections.abc import Iterable

# How words from other APIs begin, folded, and the status that they mean.
_STATUS_STEMS = {
    "SUCCEEDED": ("succ", "complete", "done", "finish", "ok"),
    "FAILED": ("fail", "err"),
    "RUNNING": ("run", "inprog", "started", "active", "processing"),
    "PENDING": ("pend", "wait", "queue", "notstarted", "scheduled"),
}


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known name that a word most likely means; None if no name is similar."""
    folded = _folded(word)
    names = {_folded(name): name for name in known}
    # Names of too different a length cannot be similar enough, and difflib is slow, to import too.
    names = {each: name for each, name in names.items() if 5 * min(len(each), len(folded)) >= 2 * len(each + folded)}
    if folded in names or not names:
        return names.get(folded)
    import difflib

    close = difflib.get_close_matches(folded, names, n=1, cutoff=0.8)
    return names[close[0]] if close else None


def closest_status(word: str, known: Iterable[str]) -> str | None:
    """The same for a status; also recognises what other APIs call it, such as SUCCESS or ERROR."""
    known = tuple(known)
    folded = _folded(word)
    meant = (status for status, stems in _STATUS_STEMS.items() if folded.startswith(stems) and status in known)
    return closest(word, known) or next(meant, None)


def did_you_mean(name: str | None) -> str:
    """A suggestion as the end of a message; empty if there is none."""
    return f"; did you mean {name}?" if name else ""


def _folded(name: str) -> str:
    return name[:40].casefold().replace("_", "").replace("-", "").replace(" ", "")
