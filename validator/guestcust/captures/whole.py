"""Whole documents as trees, in JSON or in YAML. For captures that refer to other parts of themselves."""

from __future__ import annotations

import re
from io import BufferedIOBase, BytesIO
from typing import TYPE_CHECKING

from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import limit
from guestcust.captures.naming import names_operation
from guestcust.captures.trees import JsonTree, beginning, json_tree
from guestcust.captures.vcr import is_flow
from guestcust.jsontext.marks import value_start
from guestcust.jsontext.splitting import CHUNK

if TYPE_CHECKING:
    from guestcust.captures.yaml_trees import YamlTree

_ESCAPES = re.compile(rb"\\(?:[xX]|[uU]00)")


def read(stream: BufferedIOBase, max_size: int) -> bytes:
    """A whole document. Raises `UnreadableError` if it is longer than a capture with a payload of `max_size` may be."""
    most = limit(max_size)
    data = stream.read(most + 1)
    if len(data) > most:
        raise UnreadableError(f"the document is longer than {most} bytes; raise --max-size")
    return data


def is_json(data: bytes) -> bool:
    """Whether a document begins like JSON, and not like YAML in flow style."""
    head = data[:CHUNK]
    return value_start(head)[:1] in (b"{", b"[") and not is_flow(head)


def may_name_operation(data: bytes) -> bool:
    """Whether a document names the operation, or may do so with escapes, in which any name can be written."""
    return names_operation(data) or _ESCAPES.search(data) is not None


def tree(data: bytes, max_size: int) -> JsonTree | YamlTree:
    """The tree of a document. Raises `UnreadableError` if it is neither valid JSON nor valid YAML."""
    if is_json(data):
        return json_tree(data, (), beginning)
    # Importing PyYAML is slow.
    from guestcust.captures import yaml_trees

    return yaml_trees.document(BytesIO(data), limit(max_size))
