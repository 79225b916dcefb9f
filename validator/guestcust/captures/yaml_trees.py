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
from guestcust.captures.decode import MAX_DEPTH
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

    def __init__(self, node: Any, path: Path, line: int, column: int) -> None:
        self.path = path
        self.line, self.column = line, column
        self._node = node
        self.instance: Instance = _instance(node, {})

    def body(
        self, path: Path, *, is_base64: bool = False, encodings: tuple[str, ...] = (), verbatim: bool = False
    ) -> Body:
        """As `Tree.body` has it; only scalars hold bodies, and none of them is JSON as it stands."""
        node = self._node
        for step in path:
            node = node[step]
        if not isinstance(node, _Scalar):
            raise UnreadableError("the body is no scalar; it holds a structure of YAML")
        value = _instance(node, {})
        if isinstance(value, Refused):
            raise UnreadableError(f"the body has the tag {value.tag}, which is not followed: nothing is executed")
        line, column = node.start
        column += node.style in ("'", '"')
        data = value if isinstance(value, bytes) else node.value
        return Body(data, line, column, _inside(node), is_base64, encodings)


def items(stream: BufferedIOBase, key: str, max_size: int) -> Iterator[YamlTree]:
    """The items of the sequence that a member of the document's root mapping holds, one by one.

    Args:
        stream: the document.
        key: the member's name.
        max_size: how many bytes to read for one item before giving up.

    Raises:
        UnreadableError: the document is no YAML, or an item is too long, too deep or refers to itself.

    """
    composer = _Composer(stream, max_size)
    try:
        yield from composer.items(key)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UnreadableError(f"the capture is no YAML{place}: {error.problem or error.context}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableError(f"the capture is no YAML: {' '.join(str(error).split())}") from None


class _Composer:
    """Puts nodes together from events: dicts, lists, scalars."""

    def __init__(self, stream: BufferedIOBase, max_size: int) -> None:
        self._watched = _Watched(stream, max_size)
        self._events: Any = yaml.parse(self._watched, Loader=_LOADER)
        self._anchors: dict[str, Any] = {}

    def items(self, key: str) -> Iterator[YamlTree]:
        for event in self._events:
            if isinstance(event, yaml.MappingStartEvent):
                break
            if isinstance(event, (yaml.ScalarEvent, yaml.SequenceStartEvent)):
                return
        while (event := next(self._events, None)) and not isinstance(event, yaml.MappingEndEvent):
            name = self._node(event, 1)
            event = next(self._events)
            if getattr(name, "value", None) == key and isinstance(event, yaml.SequenceStartEvent):
                number = 0
                while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                    self._watched.since = 0
                    yield YamlTree(self._node(event, 3), (key, number), *_place(event.start_mark))
                    number += 1
            else:
                self._watched.since = 0
                self._node(event, 2)

    def _node(self, event: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise UnreadableError(f"the capture is nested more than {MAX_DEPTH} deep; nothing deeper is read")
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise UnreadableError(
                    f"the alias *{event.anchor} in line {_place(event.start_mark)[0]} refers to nothing before it"
                )
            return self._anchors[event.anchor]
        node: Any
        if isinstance(event, yaml.ScalarEvent):
            start, end = _place(event.start_mark), _place(event.end_mark)
            node = _Scalar(event.value, event.tag, event.implicit[0], event.style, start, end)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = []
            while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
                node.append(self._node(inner, depth + 1))
        else:
            node = {}
            while not isinstance(inner := next(self._events), yaml.MappingEndEvent):
                name = self._node(inner, depth + 1)
                value = self._node(next(self._events), depth + 1)
                if isinstance(name, _Scalar):
                    node[name.value] = value
        # Set behind its end, an anchor cannot refer to itself.
        if event.anchor:
            self._anchors[event.anchor] = node
        return node


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


def _instance(node: Any, known: dict[int, Instance]) -> Instance:
    """A node as an instance; what is shared stays shared."""
    if isinstance(node, _Scalar):
        return _value(node)
    if id(node) in known:
        return known[id(node)]
    found: Instance
    if isinstance(node, list):
        found = [_instance(item, known) for item in node]
    else:
        found = {name: _instance(item, known) for name, item in node.items()}
    known[id(node)] = found
    return found


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
