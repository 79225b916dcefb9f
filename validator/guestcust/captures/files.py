"""Bodies that captures keep in files of their own, and only name: read where the source lets them be reached."""

from __future__ import annotations

from guestcust.captures.bodies import Body, UnreadableError
from guestcust.captures.trees import Tree, at
from guestcust.model import Path, Source


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
