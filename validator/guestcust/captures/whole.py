"""Whole documents as trees, in JSON or in YAML. For captures that refer to other parts of themselves."""

from __future__ import annotations

from io import BufferedIOBase, BytesIO
from typing import TYPE_CHECKING

from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import limit
from guestcust.captures.trees import JsonTree, json_tree
from guestcust.captures.vcr import is_flow
from guestcust.jsontext.marks import value_start
from guestcust.jsontext.splitting import CHUNK

if TYPE_CHECKING:
    from guestcust.captures.yaml_trees import YamlTree


def read(stream: BufferedIOBase, max_size: int) -> bytes:
    """A whole document. Raises `UnreadableError` if it is longer than a capture with a payload of `max_size` may be."""
    most = limit(max_size)
    data = stream.read(most + 1)
    if len(data) > most:
        raise UnreadableError(f"the document is longer than {most} bytes; raise --max-size")
    return data


def tree(data: bytes, max_size: int) -> JsonTree | YamlTree:
    """The tree of a document. Raises `UnreadableError` if it is neither valid JSON nor valid YAML."""
    if value_start(data[:CHUNK])[:1] in (b"{", b"[") and not is_flow(data[:CHUNK]):
        return json_tree(data)
    # Importing PyYAML is slow.
    from guestcust.captures import yaml_trees

    return yaml_trees.document(BytesIO(data), limit(max_size))
