"""Trees: a document or one of its exchanges, with the positions of its bodies.

Has the tree for JSON; `yaml_trees` has the one for YAML. Details of a capture format must not enter here.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.jsontext import decode, scanner
from guestcust.jsontext.marks import BOM_CHARACTER
from guestcust.jsontext.reader import StopError
from guestcust.jsontext.splitting import Marks
from guestcust.model import Instance, Path, Span, Start

# Other tools read integers of any length; Python does not.
_DECODER = json.JSONDecoder(parse_int=lambda digits: int(digits) if len(digits) < 400 else float(digits))
_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)")


class Tree(Protocol):
    """The part of a document that the readers of captures use."""

    @property
    def path(self) -> Path:
        """Its path in the file."""

    @property
    def start(self) -> Start:
        """Finds where it begins in the file."""

    @property
    def instance(self) -> Instance:
        """Its value, in dicts, lists and scalars."""

    def body(
        self, path: Path, *, is_base64: bool = False, encodings: tuple[str, ...] = (), verbatim: bool = False
    ) -> Body:
        """The body at a path: the content of a string, or the JSON text of any other value.

        Args:
            path: the path of the body.
            is_base64: whether the capture declares it as base64.
            encodings: the values of Content-Encoding in the capture.
            verbatim: whether to use the JSON text of a string, too.

        Raises:
            UnreadableError: the body cannot be located with certainty.

        """


def at(instance: Instance, *path: str | int) -> Instance:
    """The value at a path; None if there is none."""
    for step in path:
        if isinstance(instance, dict):
            instance = instance.get(step)
        elif isinstance(instance, list) and isinstance(step, int) and step < len(instance):
            instance = instance[step]
        else:
            return None
    return instance


def text_at(instance: Instance, *path: str | int) -> str:
    """The string at a path; empty if there is none."""
    found = at(instance, *path)
    return found if isinstance(found, str) else ""


def items_at(instance: Instance, *path: str | int) -> list[Any]:
    """The array at a path; empty if there is none."""
    found = at(instance, *path)
    return found if isinstance(found, list) else []


def beginning() -> tuple[int, int]:
    """The first line and column of a file."""
    return 1, 1


class JsonTree(NamedTuple):
    """A JSON text that is not itself a payload; it is read leniently, as other tools read it."""

    text: str
    instance: Instance
    path: Path = ()
    start: Start = beginning

    def body(
        self, path: Path, *, is_base64: bool = False, encodings: tuple[str, ...] = (), verbatim: bool = False
    ) -> Body:
        """As `Tree.body`."""
        value = at(self.instance, *path)
        if is_base64 and not isinstance(value, str):
            raise UnreadableError(f"the body is declared as base64, but {path[-1]} is not a string")
        if verbatim or not isinstance(value, str):
            span = self._span(path)
            start = partial(self._place, span.start)
            return Body(self.text[span.start : span.end], start, None, False, encodings)
        if not scanner.has_one_way(self.text, path):
            # It may be uncertain which of two values counts.
            self._span(path)
        string = _String(self, path)
        return Body(value, string.start, string.places, is_base64, encodings)

    def parts(self, paths: Sequence[Path], *, are_unique: bool = False) -> list[JsonTree]:
        """The trees at paths that do not contain each other, found in one pass.

        Args:
            paths: the paths.
            are_unique: whether members must not be duplicated on the way to them; otherwise the last one counts.

        Raises:
            UnreadableError: one is.

        """
        if are_unique:
            try:
                found: Mapping[Path, Span] = scanner.locate(self.text, paths)
            except (ValueError, RecursionError):
                found = {path: self._strict_span(path) for path in paths}
        else:
            found = _located(self.text, paths) if paths else {}
        starts = [found[path].start for path in paths]
        marks = Marks(self.text, self.start())
        return [
            JsonTree(
                self.text[start : found[path].end], at(self.instance, *path), self.path + path, partial(marks.at, start)
            )
            for path, start in zip(paths, starts, strict=True)
        ]

    def _place(self, offset: int) -> tuple[int, int]:
        return decode.lines_and_columns(self.text, (offset,), self.start())[offset]

    def _span(self, path: Path) -> Span:
        try:
            if path and scanner.has_one_way(self.text, path) and (only := scanner.only_member(self.text, path[-1])):
                return only.value
            return scanner.locate(self.text, (path,))[path]
        except (ValueError, LookupError, RecursionError):
            return self._strict_span(path)

    def _strict_span(self, path: Path) -> Span:
        decoded = decode.decode(self.text, max_size=len(self.text.encode("utf-8", "surrogatepass")))
        for fault in decoded.faults:
            on_the_way = fault.rule == "json-unique-members" and path[: len(fault.path)] == fault.path
            if on_the_way or decoded.instance is decode.UNREAD:
                raise UnreadableError(f"the capture around the body is broken: {fault.message}")
        return _strictly_located(self.text, (path,))[path]


class _String:
    """The literal of a string in a document, located when its position is first needed."""

    def __init__(self, tree: JsonTree, path: Path) -> None:
        self._tree = tree
        self._path = path

    @functools.cached_property
    def _literal(self) -> tuple[str, int, int]:
        span = self._tree._span(self._path)
        return self._tree.text[span.start : span.end], *self._tree._place(span.start)

    def start(self) -> tuple[int, int]:
        _, line, column = self._literal
        # After the quote.
        return line, column + 1

    def places(self, text: str, offsets: Iterable[int]) -> dict[int, tuple[int, int]]:
        return _places_in_literal(offsets, *self._literal)


def json_tree(text: bytes, path: Path, start: Start) -> JsonTree:
    """The tree of a JSON text.

    Raises:
        UnreadableError: it is not valid JSON.

    """
    try:
        characters = text.decode("utf-8-sig")
        return JsonTree(characters, _DECODER.decode(characters), path, start)
    except (ValueError, RecursionError):
        faults = decode.decode(text, max_size=len(text)).faults
        why = faults[-1].message if faults else "its nesting is too deep"
        raise UnreadableError(f"the capture is broken here: {why}") from None


def _located(text: str, paths: Sequence[Path]) -> Mapping[Path, Span]:
    """The positions of values in a text; of duplicated members, the last one counts."""
    try:
        return scanner.locate(text, paths)
    except (ValueError, RecursionError):
        return _strictly_located(text, paths)


def _strictly_located(text: str, paths: Sequence[Path]) -> dict[Path, Span]:
    try:
        starts = {path: spans.value.start for path, spans in decode.locate(text, paths).items()}
    except StopError as stop:
        raise UnreadableError(f"the capture around the body is broken: {stop.fault.message}") from None
    return {path: Span(start, _DECODER.raw_decode(text, start)[1]) for path, start in starts.items()}


def _places_in_literal(offsets: Iterable[int], literal: str, line: int, column: int) -> dict[int, tuple[int, int]]:
    """Positions in the file for the characters of a JSON string whose literal begins at a line and column."""
    # The reader removes a byte order mark from the text.
    ahead = 1 if literal[:7].lower().startswith((f'"{BOM_CHARACTER}', '"\\ufeff')) else 0
    places: dict[int, tuple[int, int]] = {}
    raw, passed = 1, 0
    escapes = _ESCAPE.finditer(literal)
    escape = next(escapes, None)
    for offset in sorted(set(offsets)):
        wanted = offset + ahead
        while escape is not None and passed + escape.start() - raw < wanted:
            passed += escape.start() - raw + 1
            raw = escape.end()
            escape = next(escapes, None)
        places[offset] = (line, column + raw + wanted - passed)
    return places
