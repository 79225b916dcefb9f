"""The fast check of instances.

It accepts only what the strict reader and the schema accept too. It may reject an instance that conforms; the evaluator
then decides. Cheap to import: of the package, only the status table and the times may be imported here.
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
    """The fast check for one schema. Immutable and thread-safe."""

    def __init__(self, shape: Shape) -> None:
        # For each status, how to check each member that is set, and which members may be null.
        self._checks = {
            status: {STATUS: status.__eq__, **{name: _check(values) for name, values in members.items()}}
            for status, members in shape.items()
        }
        self._nullable = {
            status: frozenset(name for name, values in members.items() if values.null)
            for status, members in shape.items()
        }

    def accepts(self, instance: Instance) -> bool:
        """Whether an instance conforms beyond doubt; False if it does not, or if the evaluator has to decide."""
        if type(instance) is not dict:
            return False
        try:
            status = instance[STATUS]
            # A value of another type can be equal to a status without being one.
            if type(status) is not str:
                return False
            checks = self._checks[status]
            for name in instance:
                value = instance[name]
                if type(name) is not str:
                    return False
                if value is None:
                    if name not in self._nullable[status]:
                        return False
                elif not checks[name](value):
                    return False
        except (LookupError, TypeError, ValueError):
            # An unknown status or member, or a value of another type.
            return False
        return True

    def accepts_without_warning(self, instance: Instance) -> bool:
        """Whether an instance conforms beyond doubt and gets no warning."""
        return self.accepts(instance) and not any(times.warnings(instance, ()))


def nothing(_: object) -> bool:
    """Accepts nothing."""
    return False


def _check(values: Values) -> Callable[[str], object]:
    """A function that returns something true for a string that conforms.

    It raises TypeError for other types. `str.encode` raises ValueError for lone surrogates and returns something false
    for the empty string, which the evaluator then accepts; a wrapper around it would cost more than the call itself.
    """
    if not values.string:
        return nothing
    return str.encode if values.pattern is None else re.compile(times.usual_first(values.pattern)).fullmatch
