"""The first look at a payload: whether it plainly conforms, told quickly, or not told at all.

What it says yes to, the strict reader finds no fault in and the schema accepts; where it says no, it may be wrong, and
others decide. Light to import: no other room of the package but the shape and the times may enter here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from guestcust.engine.status_table import STATUS, Shape, Values
from guestcust.ruleset import times

if TYPE_CHECKING:
    from guestcust.model import Instance


class Plain:
    """The quick verdicts by one shape. Immutable, and safe to use from many threads."""

    def __init__(self, shape: Shape) -> None:
        #: Whether an instance plainly conforms.
        self.accepts = _acceptor(shape)

    def accepts_without_warning(self, instance: Instance) -> bool:
        """Whether an instance plainly conforms, and nothing about it is odd."""
        return self.accepts(instance) and not any(times.warnings(instance, ()))


def _acceptor(shape: Shape) -> Callable[[Instance], bool]:
    """One function for what every payload goes through, written out member by member, for a loop would take longer."""
    names = dict.fromkeys(name for members in shape.values() for name in members)
    known: dict[str, object] = {"statuses": frozenset(shape)}
    lines = [
        "def accepts(instance):",
        "    if type(instance) is not dict:",
        "        return False",
        "    try:",
        f"        status = instance[{STATUS!r}]",
        # What is equal to a status need not be one.
        "        if type(status) is not str or status not in statuses:",
        "            return False",
        "        count = 1",
    ]
    for number, name in enumerate(names):
        values = {status: members[name] for status, members in shape.items() if name in members}
        nullable = tuple(status for status, each in values.items() if each.null)
        known[f"checks_{number}"] = {
            status: _check(values[status]) if status in values and values[status].string else nothing
            for status in shape
        }
        is_null = "value is None" if len(nullable) == len(shape) else f"value is None and status in {nullable!r}"
        lines += [
            f"        if {name!r} in instance:",
            "            count += 1",
            f"            value = instance[{name!r}]",
            f"            if not ({is_null} or checks_{number}[status](value)):",
            "                return False",
        ]
    lines += [
        "        return len(instance) == count",
        # A value of another type.
        "    except (LookupError, TypeError, ValueError):",
        "        return False",
    ]
    # The names and statuses of a schema stand in it as literals.
    exec("\n".join(lines), known)
    accepts: Callable[[Instance], bool] = known["accepts"]  # type: ignore[assignment]
    return accepts


def nothing(_: object) -> bool:
    """Accepts nothing."""
    return False


def _check(values: Values) -> Callable[[str], object]:
    """How to look at a string: what conforms gives something true.

    What is no string raises TypeError; a surrogate that stands alone raises ValueError, and an empty string is left to
    others, for that is what `str.encode` does, and a function around it would take longer than it.
    """
    return str.encode if values.pattern is None else re.compile(times.usual_first(values.pattern)).fullmatch
