"""YAML documents as trees, streamed: nothing is ever constructed from a tag, and aliases are shared, never copied.

Built on the events of PyYAML, whose own loaders would hold the whole document.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BufferedIOBase
from typing import Any

import yaml

from guestcust.captures.bodies import Body, UnreadableError, fixed
from guestcust.jsontext.reader import MAX_DEPTH
from guestcust.model import Instance, Path, Places

_CORE = "tag:yaml.org,2002:"
_STRINGS = {f"{_CORE}str", f"{_CORE}python/unicode", f"{_CORE}python/str", "!"}
_BINARY = {f"{_CORE}binary", "!binary"}
_INTEGER = re.compile(r"[-+]?[0-9]{1,9}")
_NULLS = {"", "~", "null", "Null", "NULL"}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Refused:
    """Stands for a value of a tag that is not followed."""

    tag: str


@dataclass(frozen=True, slots=True)
class _Scalar:
    value: str
    tag: str | None
    is_plain: bool
    style: str | None
    start: tuple[int, int]
    end: tuple[int, int]


class YamlTree:
    """One item of a sequence in a YAML document."""

    def __init__(self, found: _Found, path: Path, line: int, column: int) -> None:
        self.path = path
        self.line, self.column = line, column
        self.instance, self._node = found

    def body(
        self, path: Path, *, is_base64: bool = False, encodings: tuple[str, ...] = (), verbatim: bool = False
    ) -> Body:
        """As `Tree.body` has it; only scalars hold bodies, and none of them is JSON as it stands."""
        node = self._node
        for step in path:
            node = node[step]
        if not isinstance(node, _Scalar):
            raise UnreadableError("the body is no scalar; it holds a structure of YAML")
        value = _value(node)
        if isinstance(value, Refused):
            raise UnreadableError(f"the body has the tag {value.tag}, which is not followed: nothing is executed")
        line, column = node.start
        column += node.style in ("'", '"')
        data = value if isinstance(value, bytes) else node.value
        return Body(data, line, column, _inside(node), is_base64, encodings)


def items(stream: BufferedIOBase, key: str, last: str, max_size: int) -> Iterator[YamlTree]:
    """The items of the sequence that a member of the document's root mapping holds, one by one.

    Args:
        stream: the document.
        key: the member's name.
        last: the name of a member without which the document was cut off, as YAML itself has no end.
        max_size: how many bytes to read for one item before giving up.

    Raises:
        UnreadableError: the document is no YAML or was cut off, or an item is too long, too deep, refers to itself or
            has a member twice.

    """
    composer = _Composer(stream, max_size)
    try:
        yield from composer.items(key, last)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UnreadableError(f"the capture is no YAML{place}: {error.problem or error.context}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableError(f"the capture is no YAML: {' '.join(str(error).split())}") from None


#: A value as an instance, and as what has places: dicts, lists and `_Scalar`.
_Found = tuple[Instance, Any]


class _Composer:
    """Puts values together from events."""

    def __init__(self, stream: BufferedIOBase, max_size: int) -> None:
        self._watched = _Watched(stream, max_size)
        self._events: Any = yaml.parse(self._watched, Loader=_LOADER)
        self._anchors: dict[str, _Found] = {}

    def items(self, key: str, last: str) -> Iterator[YamlTree]:
        for event in self._events:
            if isinstance(event, yaml.MappingStartEvent):
                break
            if isinstance(event, (yaml.ScalarEvent, yaml.SequenceStartEvent)):
                return
        names = set()
        while (event := next(self._events, None)) and not isinstance(event, yaml.MappingEndEvent):
            name = getattr(self._node(event, 1)[1], "value", None)
            names.add(name)
            event = next(self._events)
            if name == key and isinstance(event, yaml.SequenceStartEvent):
                number = 0
                while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                    self._watched.since = 0
                    yield YamlTree(self._node(event, 3), (key, number), *_place(event.start_mark))
                    number += 1
            else:
                self._watched.since = 0
                self._node(event, 2)
        if key in names and last not in names:
            raise UnreadableError(
                f'the cassette ends without "{last}", which belongs behind the exchanges: it was cut off, or lacks it'
            )
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise UnreadableError(
                    f"another document begins in line {_place(event.start_mark)[0]}; one file holds one"
                )

    def _node(self, event: Any, depth: int) -> _Found:
        if depth > MAX_DEPTH:
            raise UnreadableError(f"the capture is nested more than {MAX_DEPTH} deep; nothing deeper is read")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise UnreadableError(
                    f"the alias *{event.anchor} in line {_place(event.start_mark)[0]} refers to nothing before it"
                )
            return self._anchors[event.anchor]
        found: _Found
        if isinstance(event, yaml.ScalarEvent):
            start, end = _place(event.start_mark), _place(event.end_mark)
            scalar = _Scalar(event.value, event.tag, event.implicit[0], event.style, start, end)
            found = _value(scalar), scalar
        elif isinstance(event, yaml.SequenceStartEvent):
            found = self._sequence(depth)
        else:
            found = self._mapping(depth)
        # Set behind its end, an anchor cannot refer to itself.
        if event.anchor:
            self._anchors[event.anchor] = found
        return found

    def _sequence(self, depth: int) -> _Found:
        instance, nodes = [], []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            value, node = self._node(event, depth + 1)
            instance.append(value)
            nodes.append(node)
        return instance, nodes

    def _mapping(self, depth: int) -> _Found:
        instance: dict[str, Instance] = {}
        nodes: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            _, name = self._node(event, depth + 1)
            value, node = self._node(next(self._events), depth + 1)
            if not isinstance(name, _Scalar):
                continue
            if name.value in nodes:
                raise UnreadableError(
                    f'"{name.value}" in line {name.start[0]} is there twice in one mapping; leave one'
                )
            instance[name.value], nodes[name.value] = value, node
        return instance, nodes


def _place(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


class _Watched:
    """A stream that gives up where too much was read for one item."""

    def __init__(self, stream: BufferedIOBase, most: int) -> None:
        self.since = 0
        self._stream = stream
        self._most = most

    def read(self, size: int = -1) -> bytes:
        if self.since > self._most:
            raise UnreadableError(f"one exchange of the capture is longer than {self._most} bytes; raise --max-size")
        chunk = self._stream.read(size)
        self.since += len(chunk)
        return chunk


def _value(node: _Scalar) -> Instance:
    if node.tag in _BINARY:
        try:
            return base64.b64decode(node.value)
        except (binascii.Error, ValueError):
            return Refused("!!binary, but is no base64")
    if node.tag is not None and node.tag not in _STRINGS:
        if node.tag == f"{_CORE}int" and _INTEGER.fullmatch(node.value):
            return int(node.value)
        return Refused(node.tag)
    if node.is_plain and node.tag is None:
        if node.value in _NULLS:
            return None
        if _INTEGER.fullmatch(node.value):
            return int(node.value)
    return node.value


def _inside(node: _Scalar) -> Places:
    """Places in the file for the characters of a scalar: exact where it stands on one line as it is."""
    (line, column), (end_line, end_column) = node.start, node.end
    quotes = int(node.style in ("'", '"'))
    if line == end_line and end_column - column == len(node.value) + 2 * quotes:
        return partial(_on_one_line, line=line, column=column + quotes, ahead=node.value.startswith("\ufeff"))
    return fixed(line, column + quotes)


def _on_one_line(text: str, offsets: Iterable[int], line: int, column: int, ahead: bool) -> dict[int, tuple[int, int]]:
    return {offset: (line, column + offset + ahead) for offset in offsets}
