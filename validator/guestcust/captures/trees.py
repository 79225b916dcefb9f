"""What the readers of captures read: a document, or one exchange of it, with the places of its bodies.

This is the tree for JSON; `yaml_trees` has the one for YAML. Nothing here may depend on a format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.jsontext import decode
from guestcust.model import Instance, Path, Places, Span

_BOM = "\ufeff"
# Other tools read integers of any length; Python does not.
_DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits) if len(digits) < 400 else float(digits))
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)")


class Tree(Protocol):
    """What captures need of a document."""

    @property
    def path(self) -> Path:
        """Where it is in its file."""

    @property
    def line(self) -> int:
        """Where it begins in its file, 1-based."""

    @property
    def column(self) -> int:
        """Likewise."""

    @property
    def instance(self) -> Instance:
        """Its value, in dicts, lists and scalars."""

    def body(
        self, path: Path, *, is_base64: bool = False, encodings: tuple[str, ...] = (), verbatim: bool = False
    ) -> Body:
        """The body at a path: the text that a string holds, or the JSON text of any other value.

        Args:
            path: where it is.
            is_base64: whether the capture says so.
            encodings: the values of Content-Encoding that the capture has.
            verbatim: whether to take the JSON text of a string too.

        Raises:
            UnreadableError: the body cannot be found for certain.

        """


def at(instance: Instance, *path: str | int) -> Instance:
    """The value at a path; None where there is none."""
    for step in path:
        if isinstance(step, str) and isinstance(instance, dict):
            instance = instance.get(step)
        elif isinstance(step, int) and isinstance(instance, list) and step < len(instance):
            instance = instance[step]
        else:
            return None
    return instance


def text_at(instance: Instance, *path: str | int) -> str:
    """The string at a path; empty where there is none."""
    found = at(instance, *path)
    return found if isinstance(found, str) else ""


def items_at(instance: Instance, *path: str | int) -> list[Any]:
    """The array at a path; empty where there is none."""
    found = at(instance, *path)
    return found if isinstance(found, list) else []


@dataclass(frozen=True, slots=True)
class JsonTree:
    """A JSON text that is not a payload itself, so that it is read leniently, as other tools read it."""

    text: str
    instance: Instance
    path: Path = ()
    line: int = 1
    column: int = 1

    def body(
        self, path: Path, *, is_base64: bool = False, encodings: tuple[str, ...] = (), verbatim: bool = False
    ) -> Body:
        """As `Tree.body`."""
        value = at(self.instance, *path)
        if is_base64 and not isinstance(value, str):
            raise UnreadableError(f"the body is declared as base64, but {path[-1]} is not a string")
        span = self._span(path)
        places = partial(decode.lines_and_columns, start=(self.line, self.column))
        line, column = places(self.text, (span.start,))[span.start]
        literal = self.text[span.start : _DECODER.raw_decode(self.text, span.start)[1]]
        if verbatim or not isinstance(value, str):
            return Body(literal, line, column, None, False, encodings)
        inside = _inside_literal(literal, line, column)
        return Body(value, line, column + 1, inside, is_base64, encodings)

    def parts(self, paths: Sequence[Path]) -> list[JsonTree]:
        """The trees at paths of which none contains another; found in one pass."""
        found = decode.locate(self.text, paths)
        starts = [found[path].value.start for path in paths]
        places = decode.lines_and_columns(self.text, starts, (self.line, self.column))
        trees = []
        for path, start in zip(paths, starts, strict=True):
            instance, end = _DECODER.raw_decode(self.text, start)
            trees.append(JsonTree(self.text[start:end], instance, self.path + path, *places[start]))
        return trees

    def _span(self, path: Path) -> Span:
        decoded = decode.decode(self.text, max_size=len(self.text.encode("utf-8", "surrogatepass")))
        for fault in decoded.faults:
            on_the_way = fault.rule == "json-unique-members" and path[: len(fault.path)] == fault.path
            if on_the_way or decoded.instance is decode.UNREAD:
                raise UnreadableError(f"the capture around the body is broken: {fault.message}")
        return decode.locate(self.text, {path})[path].value


def json_tree(text: bytes, path: Path = (), line: int = 1, column: int = 1) -> JsonTree:
    """The tree of a JSON text.

    Raises:
        UnreadableError: it is not valid JSON.

    """
    try:
        characters = text.decode("utf-8-sig")
        return JsonTree(characters, _DECODER.decode(characters), path, line, column)
    except (ValueError, RecursionError):
        faults = decode.decode(text, max_size=len(text)).faults
        why = faults[-1].message if faults else "its nesting is too deep"
        raise UnreadableError(f"the capture is broken here: {why}") from None


def _inside_literal(literal: str, line: int, column: int) -> Places:
    """Places in the file for the characters of a JSON string whose literal begins at a line and column."""
    return partial(_places_in_literal, literal=literal, line=line, column=column)


def _places_in_literal(
    text: str, offsets: Iterable[int], literal: str, line: int, column: int
) -> dict[int, tuple[int, int]]:
    # The reader removes a byte order mark from the text.
    ahead = 1 if literal[:7].lower().startswith((f'"{_BOM}', '"\\ufeff')) else 0
    places: dict[int, tuple[int, int]] = {}
    raw, behind = 1, 0
    escapes = _ESCAPE.finditer(literal)
    escape = next(escapes, None)
    for offset in sorted(set(offsets)):
        wanted = offset + ahead
        while escape is not None and behind + escape.start() - raw < wanted:
            behind += escape.start() - raw + 1
            raw = escape.end()
            escape = next(escapes, None)
        places[offset] = (line, column + raw + wanted - behind)
    return places
