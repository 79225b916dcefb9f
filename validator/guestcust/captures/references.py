"""References within a document: `$ref` with a JSON Pointer. What the members of a document mean must not enter here."""

from __future__ import annotations

import re

from guestcust.captures.containers import UnreadableError
from guestcust.captures.trees import at
from guestcust.model import Instance, Path

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
# Chains of references are shorter in practice.
_MOST_REFERENCES = 50


class ElsewhereError(Exception):
    """Something is in another file."""


class References:
    """A document, and what its references lead to."""

    def __init__(self, root: Instance) -> None:
        self.root = root

    def has(self, path: Path, name: str) -> bool:
        """Whether there is an object at a path, and it has a member."""
        holder = at(self.root, *path)
        return isinstance(holder, dict) and name in holder

    def member(self, path: Path, *names: str) -> Path | None:
        """The place of a member, found through references; None if there is none. Raises as `resolved`."""
        for name in names:
            if not self.has(path, name):
                path = self.resolved(path)
            if not self.has(path, name):
                return None
            path = (*path, name)
        return self.resolved(path)

    def resolved(self, path: Path) -> Path:
        """The place that a value refers to, or its own.

        Raises:
            ElsewhereError: it refers to another file.
            UnreadableError: it refers to nothing or in a circle.

        """
        for _ in range(_MOST_REFERENCES):
            reference = at(self.root, *path, "$ref")
            if not isinstance(reference, str):
                return path
            if not reference.startswith("#"):
                raise ElsewhereError(f"it is in another file, {reference}")
            path = self._pointed(reference)
        raise UnreadableError("its reference leads in a circle")

    def _pointed(self, reference: str) -> Path:
        path: Path = ()
        for part in unquoted(reference[1:]).split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            holder = at(self.root, *path)
            step = int(name) if isinstance(holder, list) and name.isdecimal() and len(name) < 9 else name
            is_there = name in holder if isinstance(holder, dict) else isinstance(step, int) and step < len(holder)
            if not is_there:
                raise UnreadableError(f"its reference {reference} refers to nothing")
            path = (*path, step)
        return path


def unquoted(text: str) -> str:
    """A part of a URL without percent-encoding."""
    return _ENCODED.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode(errors="replace"), text)
