"""Checks a parsed instance for what JSON text must not contain, such as NaN or lone surrogates.

The counterpart of `decode` for instances: the same rules, so the same verdict.
"""

from __future__ import annotations

import math
import sys

from guestcust.jsontext.decode import UNREAD, Decoded
from guestcust.jsontext.display import brief, printable
from guestcust.jsontext.reader import MAX_DEPTH
from guestcust.model import Instance, Path, TextFault, pointer

#: The greatest integer within the range of a double.
MAX_INTEGER = int(sys.float_info.max)


def inspect(instance: Instance) -> Decoded:
    """Checks an instance as `decode` checks a text. Integers beyond the range of a double become infinity.

    Raises:
        TypeError: the instance contains what JSON does not have; the message says where.

    """
    faults: list[TextFault] = []
    too_deep: Decoded | None = None
    infinite: list[Path] = []
    seen: dict[int, int] = {}
    todo: list[tuple[Path, Instance]] = [((), instance)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, str):
            _check_string(value, path, faults)
        elif isinstance(value, float):
            if not math.isfinite(value):
                message = f"{value} is not valid JSON; write null for an unknown value"
                faults.append(TextFault("json-finite-numbers", message, path))
        elif isinstance(value, int):
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                message = "the integer is beyond the range of a double; most parsers read it as infinity"
                faults.append(TextFault("json-finite-numbers", message, path))
                infinite.append(path)
        elif isinstance(value, (dict, list)):
            if len(path) >= MAX_DEPTH:
                message = f"nesting is deeper than {MAX_DEPTH} levels; deeper values are not read"
                too_deep = too_deep or Decoded(UNREAD, "", (*faults, TextFault("json-depth", message, ())))
                continue
            # Visit a shared container once per depth, so that aliases cannot multiply the work.
            if seen.get(id(value), -1) >= len(path):
                continue
            seen[id(value)] = len(path)
            if isinstance(value, dict):
                for name in value:
                    if not isinstance(name, str):
                        raise TypeError(
                            f"{_place(path)} has a member whose name is of type {_type(name)}: {brief(name)}; "
                            "the names of members are strings"
                        )
                    _check_string(name, (*path, name), faults)
                todo.extend(((*path, name), member) for name, member in value.items())
            else:
                todo.extend(((*path, index), item) for index, item in enumerate(value))
        elif value is not None:
            hint = "" if path else '; for JSON text, use the functions with "text" in their names'
            raise TypeError(
                f"{_place(path)} is of type {_type(value)}, which JSON does not have; "
                f"JSON is made of dict, list, str, int, float, bool and None{hint}"
            )
    if too_deep:
        return too_deep
    for path in infinite:
        instance = _with_infinity(instance, path)
    return Decoded(instance, "", tuple(faults))


def _place(path: Path) -> str:
    return printable(pointer(path)) or "the payload"


def _type(value: object) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _check_string(value: str, path: Path, faults: list[TextFault]) -> None:
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(value[error.start]):04X}"
        message = f"{half} is half of a surrogate pair, which is not a character; write both halves or neither"
        faults.append(TextFault("json-paired-surrogates", message, path))


def _with_infinity(instance: Instance, path: Path) -> Instance:
    if not path:
        return math.inf
    step, copied = path[0], instance.copy()
    copied[step] = _with_infinity(copied[step], path[1:])
    return copied
