"""YAML documents as trees, one item of a sequence at a time.

Uses the events of PyYAML, because its loaders keep the whole document in memory. No object is constructed from a tag;
aliases are shared, not copied, and their expanded size is bounded.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from functools import reduce
from io import BufferedIOBase
from operator import getitem
from typing import Any

import yaml

from guestcust.captures.bodies import Body, fixed
from guestcust.captures.containers import UnreadableError
from guestcust.captures.trees import at
from guestcust.captures.yaml_scalars import Items, Members, Refused, Scalar, inside, json_text, value
from guestcust.jsontext.reader import MAX_DEPTH
from guestcust.model import Instance, Path

_MERGE = "<<"
# The limit for the nodes that the aliases of one exchange expand to, because code that walks headers visits each.
_MOST_REPEATED = 100_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CutOffError(UnreadableError):
    """A document is valid YAML but ends before the cassette is complete."""


class YamlTree:
    """A value in a YAML document."""

    def __init__(self, found: _Found, path: Path, line: int, column: int) -> None:
        self.path = path
        self.start = lambda: (line, column)
        self.instance, self._node = found

    def body(
        self, path: Path, *, is_base64: bool = False, encodings: tuple[str, ...] = (), verbatim: bool = False
    ) -> Body:
        """As `Tree.body`. The text of a scalar is never part of the file unchanged; other values need `verbatim`."""
        (part,) = self.parts([path])
        node = part._node
        if verbatim:
            return Body(json_text(node), lambda: node.start, fixed(lambda: node.start), False, encodings)
        if not isinstance(node, Scalar):
            raise UnreadableError("the body is not a scalar; it is a structure of YAML")
        found = value(node)
        if isinstance(found, Refused):
            raise UnreadableError(f"the body has the tag {found.tag}, which is not supported: nothing is executed")
        line, column = node.start
        column += node.style in ("'", '"')
        data = found if isinstance(found, bytes) else node.value
        return Body(data, lambda: (line, column), inside(node), is_base64, encodings)

    def parts(self, paths: Sequence[Path], *, are_unique: bool = True) -> list[YamlTree]:
        """As `JsonTree.parts`. In YAML, no member may be duplicated."""
        nodes = [reduce(getitem, path, self._node) for path in paths]
        found = zip(paths, nodes, strict=True)
        return [YamlTree((at(self.instance, *path), node), self.path + path, *node.start) for path, node in found]


def document(stream: BufferedIOBase, max_size: int) -> YamlTree:
    """The one document in a stream, as a whole.

    Args:
        stream: the document.
        max_size: how many bytes to read before giving up.

    Raises:
        UnreadableError: as for `items`, or there is none, or another one.

    """
    with _explained():
        return _Composer(stream, max_size).document()


def items(stream: BufferedIOBase, key: str, ends: Collection[str], max_size: int) -> Iterator[YamlTree]:
    """The items of the sequence in a member of the root mapping, one by one, for every document in a stream.

    Args:
        stream: the documents.
        key: the member's name.
        ends: the names of members; the root or the last item has one of them unless the document is truncated. YAML
            itself does not mark the end.
        max_size: how many bytes to read for one item before giving up.

    Raises:
        UnreadableError: a document is not valid YAML or is truncated, or an item is too long or too deep, repeats too
            much by aliases, refers to itself or duplicates a member.

    """
    with _explained():
        yield from _Composer(stream, max_size).items(key, ends)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Turns errors of PyYAML into `UnreadableError`."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UnreadableError(f"the capture is not valid YAML{place}: {error.problem or error.context}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnreadableError(f"the capture is not valid YAML: {' '.join(str(error).split())}") from None


#: A value as an instance, and as dicts and lists with `Scalar`, which has positions.
_Found = tuple[Instance, Any]


# The lists of the kinds of cassettes.
_LISTS = ("interactions", "http_interactions")


class _Composer:
    """Builds values from events."""

    def __init__(self, stream: BufferedIOBase, max_size: int) -> None:
        self._watched = _Watched(stream, max_size)
        self._events: Any = yaml.parse(self._watched, Loader=_LOADER)
        # For each anchor, its value and the number of nodes in it.
        self._anchors: dict[str, tuple[_Found, int]] = {}
        self._nodes = self._repeated = 0

    def document(self) -> YamlTree:
        found = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if found:
                    raise UnreadableError("the file has several YAML documents; split it")
                event = next(self._events)
                found = YamlTree(self._item(event, 1), (), *_place(event.start_mark))
        if found is None:
            raise UnreadableError("the file has no YAML document")
        return found

    def items(self, key: str, ends: Collection[str]) -> Iterator[YamlTree]:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._anchors.clear()
                root = next(self._events)
                if isinstance(root, yaml.MappingStartEvent):
                    yield from self._root(root, key, ends)

    def _root(self, root: Any, key: str, ends: Collection[str]) -> Iterator[YamlTree]:
        names: set[str] = set()
        last: Any = None
        is_last_open = False
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            name = getattr(self._item(event, 1)[1], "value", None)
            event = next(self._events)
            is_last_open = name == key and not root.flow_style
            if name == key and isinstance(event, yaml.SequenceStartEvent):
                is_last_open = is_last_open and not event.flow_style
                if key in names:
                    raise UnreadableError(_duplicated(key, _place(event.start_mark)[0]))
                number = 0
                while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
                    tree = YamlTree(self._item(event, 3), (key, number), *_place(event.start_mark))
                    yield tree
                    last = tree.instance
                    number += 1
            else:
                instance, nodes = self._item(event, 2)
                if name == key and isinstance(instance, list):
                    for number, pair in enumerate(zip(instance, nodes, strict=True)):
                        yield YamlTree(pair, (key, number), *_place(event.start_mark))
                elif name in _LISTS and isinstance(instance, list) and instance:
                    line = _place(event.start_mark)[0]
                    raise UnreadableError(f'"{name}" in line {line} is of another kind of cassette; split the file')
                elif name == _MERGE and isinstance(instance, dict):
                    names.update(instance)
                    if key in instance:
                        raise UnreadableError(f'"{key}" is merged into the document, which is not supported')
            names.add(str(name))
        if (
            key in names
            and names.isdisjoint(ends)
            and not (isinstance(last, dict) and not last.keys().isdisjoint(ends))
        ):
            missing = " or ".join(f'"{end}"' for end in ends)
            raise CutOffError(f"the cassette has no {missing}, which belongs with the exchanges: it was cut off")
        if is_last_open and not self._watched.ends_with_a_break:
            raise CutOffError("the cassette ends within a line: it was cut off, or a line feed is missing")

    def _item(self, event: Any, depth: int) -> _Found:
        """A node, with the counts for its limits set to zero."""
        self._watched.since = self._repeated = 0
        return self._node(event, depth)

    def _node(self, event: Any, depth: int) -> _Found:
        if depth > MAX_DEPTH:
            raise UnreadableError(f"the capture is nested more than {MAX_DEPTH} deep, which is not supported")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self._nodes
        self._nodes += 1
        found: _Found
        if isinstance(event, yaml.ScalarEvent):
            start, end = _place(event.start_mark), _place(event.end_mark)
            scalar = Scalar(event.value, event.tag, event.implicit[0], event.style, start, end)
            found = value(scalar), scalar
        else:
            found = self._sequence(depth) if isinstance(event, yaml.SequenceStartEvent) else self._mapping(depth)
            found[1].start = _place(event.start_mark)
        # Set after its content was read, so that an anchor cannot refer to itself.
        if event.anchor:
            self._anchors[event.anchor] = found, self._nodes - before
        return found

    def _alias(self, event: Any) -> _Found:
        line = _place(event.start_mark)[0]
        if event.anchor not in self._anchors:
            raise UnreadableError(f"the alias *{event.anchor} in line {line} refers to nothing before it")
        found, nodes = self._anchors[event.anchor]
        self._nodes += nodes
        self._repeated += nodes
        if self._repeated > _MOST_REPEATED:
            raise UnreadableError(
                f"the aliases up to line {line} expand to more than {_MOST_REPEATED} values in one exchange"
            )
        return found

    def _sequence(self, depth: int) -> _Found:
        instance, nodes = [], Items()
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            item, node = self._node(event, depth + 1)
            instance.append(item)
            nodes.append(node)
        return instance, nodes

    def _mapping(self, depth: int) -> _Found:
        instance: dict[str, Instance] = {}
        nodes = Members()
        merged: list[_Found] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            _, name = self._node(event, depth + 1)
            found = self._node(next(self._events), depth + 1)
            if not isinstance(name, Scalar):
                continue
            if name.value in nodes or (merged and _is_merge(name)):
                raise UnreadableError(_duplicated(name.value, name.start[0]))
            if _is_merge(name):
                merged = _mergeable(found, name)
            else:
                instance[name.value], nodes[name.value] = found
        # A mapping's own members take precedence over merged ones, and earlier ones over later ones.
        for values, more in merged:
            for key in more.keys() - nodes.keys():
                instance[key], nodes[key] = values[key], more[key]
        return instance, nodes


def _is_merge(name: Scalar) -> bool:
    return name.value == _MERGE and name.is_plain and name.tag is None


def _mergeable(found: _Found, name: Scalar) -> list[_Found]:
    """The mappings that a merge key refers to, one or several."""
    instance, nodes = found
    pairs = list(zip(instance, nodes, strict=True)) if isinstance(instance, list) else [found]
    if not all(isinstance(values, dict) for values, _ in pairs):
        raise UnreadableError(f"the merge key in line {name.start[0]} does not refer to mappings")
    return pairs


def _duplicated(name: str, line: int) -> str:
    return f'"{name}" in line {line} is duplicated in its mapping; leave one'


def _place(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


class _Watched:
    """A stream that raises `UnreadableError` when too much is read for one item."""

    def __init__(self, stream: BufferedIOBase, most: int) -> None:
        self.since = 0
        self.ends_with_a_break = True
        self._stream = stream
        self._most = most

    def read(self, size: int = -1) -> bytes:
        if self.since > self._most:
            raise UnreadableError(f"one exchange of the capture is longer than {self._most} bytes; raise --max-size")
        chunk = self._stream.read(size)
        self.since += len(chunk)
        if chunk:
            # In UTF-16 a zero may come after it.
            self.ends_with_a_break = chunk.rstrip(b"\0").endswith((b"\n", b"\r"))
        return chunk
