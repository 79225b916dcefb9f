"""Captures in JSON, read whole or one exchange at a time, and their bodies in separate files."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from io import BufferedIOBase

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError, UnrelatedError
from guestcust.captures.exchanges import Exchange, broken, payload_of
from guestcust.captures.relevance import has_signs
from guestcust.captures.trees import JsonTree, Tree, at, json_tree
from guestcust.jsontext.comments import without_comments
from guestcust.jsontext.decode import MAX_SIZE, UNREAD, decode
from guestcust.jsontext.display import brief
from guestcust.jsontext.elements import elements
from guestcust.jsontext.peek import members
from guestcust.jsontext.splitting import CHUNK, Break
from guestcust.model import Instance, Path, Payload, Source, Unchecked

#: Reads an item of a list: its exchange or exchanges, or documents in it without a request; None if there are none.
ReadItem = Callable[[JsonTree], "Exchange | Iterator[Exchange | Payload] | None"]


def limit(max_size: int) -> int:
    """The size limit of an exchange in bytes, from that of its payload."""
    return max(MAX_SIZE, 2 * max_size)


def exchanges_in(
    stream: BufferedIOBase, path: tuple[str, ...], source: str, max_size: int, read: ReadItem
) -> Iterator[Payload | Unchecked]:
    """The payloads of the exchanges in the array at a path, or the reasons why they have none.

    Raises:
        UnrelatedError: the document is not valid JSON, has no exchange before the error and no sign of a payload.

    """
    begun = _Begun(stream)
    is_empty = True
    for one in _exchanges_in(begun, path, source, max_size, read):
        if isinstance(one, Break):
            if is_empty and begun.is_unrelated():
                raise UnrelatedError(one.message)
            one = broken(source, path, (one.line, one.column), one.message)
        is_empty = False
        yield one


class _Begun(BufferedIOBase):
    """A stream that keeps its first bytes."""

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self._data = b""

    def read1(self, size: int = -1) -> bytes:
        """Reads the next bytes."""
        chunk = self._stream.read1(size)
        if len(self._data) <= CHUNK:
            self._data += chunk
        return chunk

    def is_unrelated(self) -> bool:
        """Whether the whole text is short, is not cut off, and has no sign of a payload; reads the rest of it."""
        while len(self._data) <= CHUNK and self.read1(CHUNK):
            pass
        is_whole = len(self._data) <= CHUNK and self._data.rstrip().endswith((b"}", b"]"))
        return is_whole and not _has_signs(self._data)


def _exchanges_in(
    stream: BufferedIOBase, path: tuple[str, ...], source: str, max_size: int, read: ReadItem
) -> Iterator[Payload | Unchecked | Break]:
    most = limit(max_size)
    for piece in elements(stream, path, most):
        if isinstance(piece, Break):
            yield piece
            return
        place: Path = (*path, piece.number)
        try:
            if isinstance(piece.text, str):
                tree = JsonTree(piece.text, piece.instance, place, piece.start)
            elif len(piece.text) > most:
                # The request usually comes first, and may show that the exchange returns no payload.
                begun = read(JsonTree("", members(piece.text[:CHUNK]), place, piece.start))
                found = list(_found(begun, source, max_size))
                if found and all(isinstance(one, Unchecked) and one.reason == "other URL" for one in found):
                    yield from found
                    continue
                raise UnreadableError(f"the exchange is longer than {most} bytes; raise --max-size")
            else:
                tree = json_tree(piece.text, place, piece.start)
            item = read(tree)
        except UnreadableError as error:
            yield broken(source, place, piece.start(), str(error))
            continue
        yield from _found(item, source, max_size)


def _found(
    item: Exchange | Iterator[Exchange | Payload] | None, source: str, max_size: int
) -> Iterator[Payload | Unchecked]:
    if isinstance(item, Exchange):
        yield payload_of(item, source, max_size)
        return
    for one in item or ():
        yield payload_of(one, source, max_size) if isinstance(one, Exchange) else one


def lone_exchange(
    stream: BufferedIOBase, source: str, max_size: int, read: ReadItem, lists: Collection[str] = ()
) -> Iterator[Payload | Unchecked]:
    """The payload of a document that is read whole, or the reason why it has none; `lists` as for `document`."""
    try:
        item = read(document(stream, max_size, lists))
    except UnreadableError as error:
        yield broken(source, (), (1, 1), str(error))
        return
    yield from _found(item, source, max_size)


def document(stream: BufferedIOBase, max_size: int, lists: Collection[str], *, has_comments: bool = False) -> JsonTree:
    """A whole document, which must be an object, as a tree.

    Args:
        stream: its text.
        max_size: the size limit of a payload.
        lists: the names of the members with lists of exchanges, or with lists of such lists.
        has_comments: whether the documents may contain comments.

    Raises:
        UnreadableError: it is too long, is not valid JSON, or duplicates such a member.
        UnrelatedError: it is not valid JSON, and has no sign of a payload.

    """
    most = limit(max_size)
    data = bytearray()
    while len(data) <= most and (chunk := stream.read1(CHUNK)):
        data += chunk
    if len(data) > most:
        raise UnreadableError(f"the capture is longer than {most} bytes; raise --max-size, or split it")
    text: bytes | str = bytes(data)
    if has_comments and (b"//" in data or b"/*" in data):
        text = without_comments(data.decode("utf-8", "surrogateescape"))
        # The strict reader reports a broken encoding.
        text = text if text.isascii() else text.encode("utf-8", "surrogateescape")
    try:
        characters = text if isinstance(text, str) else text.decode("utf-8-sig")
        instance = _DECODER.decode(characters)
    except (ValueError, RecursionError):
        return _strict_document(text, bytes(data), lists)
    return _tree(characters, instance)


def _unique(pairs: list[tuple[str, Instance]]) -> dict[str, Instance]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member is duplicated")
    return members


# For documents without duplicated members, and without integers that are longer than Python reads.
_DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def is_unique(text: str) -> bool:
    """Whether a text certainly is JSON without duplicated members; faster than the strict reader."""
    try:
        _DECODER.decode(text)
    except (ValueError, RecursionError):
        return False
    return True


def _strict_document(text: bytes | str, data: bytes, lists: Collection[str]) -> JsonTree:
    decoded = decode(text, max_size=len(data))
    for fault in decoded.faults:
        is_on_the_way = all(isinstance(step, int) or step in lists for step in fault.path)
        # Other programs have files with the same members, and often with comments or commas that JSON does not allow.
        if decoded.instance is UNREAD and not _has_signs(data):
            raise UnrelatedError(fault.message)
        if decoded.instance is UNREAD or (fault.rule == "json-unique-members" and is_on_the_way):
            raise UnreadableError(f"the capture is broken: {fault.message}")
    return _tree(decoded.text, decoded.instance)


def _tree(text: str, instance: Instance) -> JsonTree:
    if not isinstance(instance, dict):
        raise UnreadableError("the capture is broken: it is not a JSON object")
    return JsonTree(text, instance)


def _has_signs(data: bytes) -> bool:
    # Bodies may be strings.
    return has_signs(data) or has_signs(data.replace(b'\\"', b'"'))


def body_file(
    tree: Tree, path: Path, source: Source, folder: str, max_size: int, encodings: tuple[str, ...] = ()
) -> Body:
    """The body in the file whose name is at a path; its position is that of the name.

    Args:
        tree: the exchange.
        path: the path of the name.
        source: the capture, which opens the file.
        folder: the name of the folder for such files; empty for the capture's own folder.
        max_size: how many bytes to read; of a longer file, one more.
        encodings: the possible compressions of the body.

    Raises:
        UnreadableError: the file cannot be read, or is in a place where none may be read.

    """
    name = at(tree.instance, *path)
    if not isinstance(name, str):
        raise UnreadableError(f"the body is in a file whose name is not a string: {brief(name)}")
    if source.beside is None:
        raise UnreadableError(f"the body is in the file {name}, which cannot be reached from here")
    try:
        with source.beside(name, folder) as stream:
            data = stream.read(max_size + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UnreadableError(f"the body is in the file {name}: {why}") from None
    return Body(data, tree.body(path).start, encodings=encodings)
