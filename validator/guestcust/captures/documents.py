"""Captures in JSON, read whole or one exchange at a time, and the bodies that they keep in files of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from io import BufferedIOBase

from guestcust.captures.bodies import Body, UnreadableError
from guestcust.captures.exchanges import Exchange, broken, payload_of
from guestcust.captures.trees import JsonTree, Tree, at, json_tree
from guestcust.jsontext.decode import MAX_SIZE, UNREAD, decode
from guestcust.jsontext.elements import elements
from guestcust.jsontext.peek import members
from guestcust.jsontext.splitting import CHUNK, Break
from guestcust.model import Path, Payload, Source, Unchecked


def limit(max_size: int) -> int:
    """How many bytes one exchange may have around a payload of bounded size."""
    return max(MAX_SIZE, 2 * max_size)


def exchanges_in(
    stream: BufferedIOBase,
    path: tuple[str, ...],
    source: str,
    max_size: int,
    exchange: Callable[[Tree], Exchange],
) -> Iterator[Payload | Unchecked]:
    """What the exchanges of the array at a path hold, by a format's own way to read one."""
    most = limit(max_size)
    for piece in elements(stream, path, most):
        if isinstance(piece, Break):
            yield broken(source, path, piece.line, piece.column, piece.message)
            return
        place: Path = (*path, piece.index)
        try:
            if len(piece.text) > most:
                # What it is about stands at its beginning, as a rule.
                tree = JsonTree("", members(piece.text[:CHUNK]), place, piece.line, piece.column)
                found = payload_of(exchange(tree), source, max_size)
                if isinstance(found, Unchecked) and found.reason == "other URL" and tree.instance.get("request"):
                    yield found
                    continue
                raise UnreadableError(f"the exchange is longer than {most} bytes; raise --max-size")
            tree = json_tree(piece.text, place, piece.line, piece.column)
        except UnreadableError as error:
            yield broken(source, place, piece.line, piece.column, str(error))
            continue
        yield payload_of(exchange(tree), source, max_size)


def document(stream: BufferedIOBase, max_size: int, lists: Collection[str]) -> JsonTree:
    """A whole document, which is an object, as a tree.

    Args:
        stream: its text.
        max_size: the bound on a payload's size.
        lists: the names of the members that hold lists with exchanges, or with such lists.

    Raises:
        UnreadableError: it is too long, no JSON, or has such a member twice.

    """
    most = limit(max_size)
    text = bytearray()
    while len(text) <= most and (chunk := stream.read1(CHUNK)):
        text += chunk
    if len(text) > most:
        raise UnreadableError(f"the capture is longer than {most} bytes; raise --max-size, or split it")
    decoded = decode(bytes(text), max_size=len(text))
    for fault in decoded.faults:
        is_on_the_way = all(isinstance(step, int) or step in lists for step in fault.path)
        if decoded.instance is UNREAD or (fault.rule == "json-unique-members" and is_on_the_way):
            raise UnreadableError(f"the capture is broken: {fault.message}")
    if not isinstance(decoded.instance, dict):
        raise UnreadableError("the capture is broken: it is no JSON object")
    return JsonTree(decoded.text, decoded.instance)


def body_file(
    tree: Tree, path: Path, source: Source, folder: str, max_size: int, encodings: tuple[str, ...] = ()
) -> Body:
    """The body in the file whose name lies at a path; its place is that of the name.

    Args:
        tree: the exchange.
        path: where the name lies in it.
        source: the capture, which reaches the file.
        folder: what the folder of such files is called; empty for that of the capture.
        max_size: how many bytes to read; of what is longer, one more.
        encodings: how the body may be compressed.

    Raises:
        UnreadableError: the file cannot be read, or lies where none may be read.

    """
    name = at(tree.instance, *path)
    if source.beside is None:
        raise UnreadableError(f"the body stands in the file {name}, which cannot be reached from here")
    try:
        with source.beside(name, folder) as stream:
            data = stream.read(max_size + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UnreadableError(f"the body stands in the file {name}: {why}") from None
    place = tree.body(path)
    return Body(data, place.line, place.column, encodings=encodings)
