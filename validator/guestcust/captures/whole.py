"""Whole documents as trees, in JSON or in YAML. For captures that refer to other parts of themselves."""

from __future__ import annotations

import re
from collections.abc import Collection
from io import BufferedIOBase, BytesIO
from typing import TYPE_CHECKING

from guestcust.captures.containers import UnreadableError
from guestcust.captures.documents import is_unique, limit
from guestcust.captures.naming import names_operation
from guestcust.captures.trees import JsonTree, beginning, json_tree
from guestcust.captures.vcr import is_flow
from guestcust.jsontext.decode import UNREAD, decode
from guestcust.jsontext.marks import value_start
from guestcust.jsontext.splitting import CHUNK
from guestcust.model import Path

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


def check_unique(tree: JsonTree | YamlTree, payloads: Collection[Path]) -> None:
    """Raises `UnreadableError` if a member is duplicated, which may hide an example, except inside the payloads.

    The strict reader reports duplicates inside a payload. In YAML, `tree` has refused every duplicate.
    """
    if not isinstance(tree, JsonTree) or is_unique(tree.text):
        return
    decoded = decode(tree.text, max_size=len(tree.text) * 4)
    for fault in decoded.faults:
        is_inside = any(fault.path[: len(path)] == path != fault.path for path in payloads)
        if decoded.instance is UNREAD or (fault.rule == "json-unique-members" and not is_inside):
            raise UnreadableError(f"the capture is broken: {fault.message}")
