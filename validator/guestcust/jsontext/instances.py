"""What a Python value has wrong that a JSON text could not hold or should not, found before a schema is asked.

The counterpart of `captures.decode` for instances that are already parsed: the same rules, so the same verdict.
"""

from __future__ import annotations

import math
import sys

from guestcust.jsontext.decode import UNREAD, Decoded
from guestcust.jsontext.reader import MAX_DEPTH
from guestcust.model import Instance, Path, TextFault

#: The greatest integer that a double reaches.
MAX_INTEGER = int(sys.float_info.max)


def inspect(instance: Instance) -> Decoded:
    """Reads an instance as `decode` reads a text. Integers that cannot be printed give way to infinity."""
    faults: list[TextFault] = []
    infinite: list[Path] = []
    seen: dict[int, int] = {}
    todo: list[tuple[Path, Instance]] = [((), instance)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, str):
            _check_string(value, path, faults)
        elif isinstance(value, float) and not math.isfinite(value):
            message = f"{value} is no JSON; numbers are finite, and a value that is not known is null"
            faults.append(TextFault("json-finite-numbers", message, path))
        elif isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
            message = "the integer is beyond the range of a double and becomes infinite in most parsers"
            faults.append(TextFault("json-finite-numbers", message, path))
            infinite.append(path)
        elif isinstance(value, (dict, list)):
            if len(path) >= MAX_DEPTH:
                message = f"nesting is more than {MAX_DEPTH} deep here; nothing deeper is read"
                return Decoded(UNREAD, "", (*faults, TextFault("json-depth", message, ())))
            # A container that others share is walked once a depth, or aliases would multiply the work.
            if seen.get(id(value), -1) >= len(path):
                continue
            seen[id(value)] = len(path)
            if isinstance(value, dict):
                for name in value:
                    _check_string(str(name), (*path, name), faults)
                todo.extend(((*path, name), member) for name, member in value.items())
            else:
                todo.extend(((*path, index), item) for index, item in enumerate(value))
    for path in infinite:
        instance = _with_infinity(instance, path)
    return Decoded(instance, "", tuple(faults))


def _check_string(value: str, path: Path, faults: list[TextFault]) -> None:
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(value[error.start]):04X}"
        message = f"{half} is half of a surrogate pair, which is no character; write both halves or neither"
        faults.append(TextFault("json-paired-surrogates", message, path))


def _with_infinity(instance: Instance, path: Path) -> Instance:
    if not path:
        return math.inf
    step, copied = path[0], instance.copy()
    copied[step] = _with_infinity(copied[step], path[1:])
    return copied
