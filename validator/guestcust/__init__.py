"""Checks payloads of vSphere's `vcenter.vm.guest.customization.info`, and reports why and where they do not conform.

>>> import guestcust
>>> guestcust.is_valid({"status": "RUNNING", "start_time": "2026-03-01T09:30:00.000Z"})
True
>>> for violation in guestcust.iter_violations({"status": "RUNNING", "error": "x"}):
...     print(violation.instance_location, violation.message)
/error "error" is set, but status is "RUNNING"; error is relevant only when status is FAILED

The functions with `text` in their names take JSON text (`str`, `bytes`, `bytearray` or `memoryview`), find what only
text can have wrong, and give lines and columns. All take the options of `Validator`. `check` checks files and captures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from guestcust.errors import ApiVersionError, ConformanceError, GuestcustError, OptionError, UnknownNameError
    from guestcust.library import (
        CustomizationInfo,
        check,
        is_valid,
        is_valid_text,
        iter_text_violations,
        iter_violations,
        validate,
        validate_text,
    )
    from guestcust.model import Origin, Result, Severity, Span, Verdict, Violation
    from guestcust.ruleset.catalog import Rule, registry, rules, schema, versions
    from guestcust.validator import Validator

__version__ = "0.1.0"
__all__ = [
    "ApiVersionError",
    "ConformanceError",
    "CustomizationInfo",
    "GuestcustError",
    "OptionError",
    "Origin",
    "Result",
    "Rule",
    "Severity",
    "Span",
    "UnknownNameError",
    "Validator",
    "Verdict",
    "Violation",
    "check",
    "is_valid",
    "is_valid_text",
    "iter_text_violations",
    "iter_violations",
    "registry",
    "rules",
    "schema",
    "validate",
    "validate_text",
    "versions",
]

# The modules of the public names that are not in `library`; they are imported on first use.
_MODULES = {
    **dict.fromkeys(("Rule", "registry", "rules", "schema", "versions"), "ruleset.catalog"),
    **dict.fromkeys(
        ("ApiVersionError", "ConformanceError", "GuestcustError", "OptionError", "UnknownNameError"), "errors"
    ),
    **dict.fromkeys(("Origin", "Result", "Severity", "Span", "Verdict", "Violation"), "model"),
    "Validator": "validator",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = import_module(f"guestcust.{_MODULES.get(name, 'library')}")
    globals()[name] = value = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
