"""Says whether payloads of vSphere's `vcenter.vm.guest.customization.info` conform, and if not, why and where.

>>> import guestcust
>>> guestcust.is_valid({"status": "RUNNING", "start_time": "2026-03-01T09:30:00.000Z"})
True
>>> for violation in guestcust.iter_violations({"status": "RUNNING", "error": "x"}):
...     print(violation.instance_location, violation.message)
/error "error" is set, but status is "RUNNING"; error is relevant only when status is FAILED

The functions with `text` in their names take the JSON text (`bytes` or `str`), see what only a text can have wrong,
and give line and column. All take the same options as `Validator`, which they keep for the next call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guestcust.errors import ApiVersionError, ConformanceError, GuestcustError
    from guestcust.model import Severity, Violation
    from guestcust.ruleset.catalog import Rule, rules, schema, versions
    from guestcust.validator import (
        Validator,
        is_valid,
        is_valid_text,
        iter_text_violations,
        iter_violations,
        validate,
        validate_text,
    )

__version__ = "0.1.0"
__all__ = [
    "ApiVersionError",
    "ConformanceError",
    "GuestcustError",
    "Rule",
    "Severity",
    "Validator",
    "Violation",
    "is_valid",
    "is_valid_text",
    "iter_text_violations",
    "iter_violations",
    "rules",
    "schema",
    "validate",
    "validate_text",
    "versions",
]

# The room that each public name is in, imported once the name is asked for.
_ROOMS = {
    **dict.fromkeys(("Rule", "rules", "schema", "versions"), "ruleset.catalog"),
    **dict.fromkeys(("ApiVersionError", "ConformanceError", "GuestcustError"), "errors"),
    **dict.fromkeys(("Severity", "Violation"), "model"),
    "Validator": "validator",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    room = import_module(f"guestcust.{_ROOMS.get(name, 'validator')}")
    globals()[name] = value = getattr(room, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
