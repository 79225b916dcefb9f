"""A loop over the lines of a file, as a user of a library would write it: `loop.py LIBRARY FILE`.

Prints how many lines are invalid. With `orjson`, lines are only parsed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from libraries import LIBRARIES


def parse(lines: Iterable[bytes]) -> None:
    import orjson

    for line in lines:
        orjson.loads(line)


def invalid(library: str, lines: Iterable[bytes]) -> int:
    is_valid = LIBRARIES[library]().text
    assert is_valid is not None
    count = 0
    for line in lines:
        if not is_valid(line):
            count += 1
    return count


if __name__ == "__main__":
    with open(sys.argv[2], "rb") as file:
        if sys.argv[1] == "orjson":
            parse(file)
        else:
            print(invalid(sys.argv[1], file))
