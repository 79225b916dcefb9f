"""A loop over the lines of a file, as a user of a library would write it: `loop.py LIBRARY FILE`.

Prints how many lines are invalid. With the name of a parser, the file is only parsed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from libraries import LIBRARIES


def with_orjson(path: Path) -> None:
    import orjson

    with path.open("rb") as file:
        for line in file:
            orjson.loads(line)


def lines(path: Path) -> None:
    with path.open("rb") as file:
        for line in file:
            json.loads(line)


def document(path: Path) -> None:
    with path.open("rb") as file:
        json.load(file)


def bodies(path: Path) -> None:
    for piece in path.read_bytes().split(b"\r\n\r\n")[1:]:
        json.loads(piece.partition(b"HTTP/1.1 200")[0])


def folder(path: Path) -> None:
    for name in os.listdir(path):
        with open(path / name, "rb") as file:
            json.loads(file.read())


def as_yaml(path: Path) -> None:
    import yaml

    with path.open("rb") as file:
        yaml.load(file, Loader=yaml.CSafeLoader)


PARSERS: dict[str, Callable[[Path], None]] = {
    "orjson": with_orjson,
    "lines": lines,
    "document": document,
    "bodies": bodies,
    "folder": folder,
    "yaml": as_yaml,
}


def invalid(library: str, lines: Iterable[bytes]) -> int:
    is_valid = LIBRARIES[library]().text
    assert is_valid is not None
    count = 0
    for line in lines:
        if not is_valid(line):
            count += 1
    return count


if __name__ == "__main__":
    if sys.argv[1] in PARSERS:
        PARSERS[sys.argv[1]](Path(sys.argv[2]))
    else:
        with open(sys.argv[2], "rb") as payloads:
            print(invalid(sys.argv[1], payloads))
