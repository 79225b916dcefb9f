"""The files under `schemas/` as packaged: bytes by name, and the rules and schemas as JSON.

The fast start imports this module, so it imports only the standard library. What the files mean is up to `catalog`.
"""

from __future__ import annotations

import functools
import json
import os
from typing import Any

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@functools.cache
def folder() -> str:
    """The path of the folder."""
    carried = os.path.join(_PACKAGE, "schemas")
    # In an editable install, schemas/ is in the checkout.
    return carried if os.path.isdir(carried) else os.path.join(_PACKAGE, os.pardir, os.pardir, "schemas")


@functools.cache
def runners() -> str:
    """The path of the folder with the runners of the contract kit."""
    carried = os.path.join(_PACKAGE, "contract")
    return carried if os.path.isdir(carried) else os.path.join(_PACKAGE, os.pardir, os.pardir, "contract")


def read(name: str) -> bytes:
    """The bytes of a file, given its path under `schemas/`.

    Raises:
        FileNotFoundError: there is no such file.

    """
    with open(os.path.join(folder(), name), "rb") as file:
        return file.read()


def names(below: str) -> tuple[str, ...]:
    """The paths under `schemas/` of all files in one of its folders and below, sorted."""
    root = folder()
    found = (os.path.join(at, name) for at, _, files in os.walk(os.path.join(root, below)) for name in files)
    return tuple(sorted(os.path.relpath(path, root).replace(os.sep, "/") for path in found))


@functools.cache
def index() -> Any:
    """The content of `rules.json`."""
    return json.loads(read("rules.json"))


@functools.cache
def schema(version: str, dialect_folder: str = "") -> Any:
    """The schema of one of the versions in `rules.json`, from the folder of a dialect, such as "draft-07/"."""
    return json.loads(read(schema_name(version, dialect_folder)))


def schema_name(version: str, dialect_folder: str = "") -> str:
    """The path of that schema under `schemas/`."""
    name: str = next(entry["schema"] for entry in index()["versions"] if entry["version"] == version)
    return dialect_folder + name
