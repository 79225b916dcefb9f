r"""Helpers for other projects' tests: an assertion for pytest or unittest, and Hypothesis strategies for payloads.

The strategies need the extra `testing`; they are imported on first use, so `assert_conforms` works without it.

>>> from guestcust.testing import assert_conforms
>>> assert_conforms({"status": "RUNNING"}, api_version="8.0.2.0")
>>> assert_conforms('{"status": "RUNNING",\n "error": "x"}')
Traceback (most recent call last):
  ...
AssertionError: the payload does not conform to API 7.0.3.0
payload:2:2: error: error-only-when-failed
  "error" is set, but status is "RUNNING"; error is relevant only when status is FAILED
  1 | {"status": "RUNNING",
  2 |  "error": "x"}
    |  ^^^^^^^
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from guestcust.errors import ConformanceError
from guestcust.library import Options, validate, validate_text
from guestcust.validator import Text, Validator

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from guestcust.model import Instance
    from guestcust.testing.strategies import (
        date_times,
        faulty_payloads,
        json_texts,
        json_values,
        near_date_times,
        payloads,
    )

__all__ = [
    "assert_conforms",
    "date_times",
    "faulty_payloads",
    "json_texts",
    "json_values",
    "near_date_times",
    "payloads",
]


def assert_conforms(payload: Instance | Text, **options: Unpack[Options]) -> None:
    """Asserts that a payload conforms.

    Args:
        payload: JSON text (str, bytes, bytearray or memoryview) or a parsed payload (anything else).
        options: as for `guestcust.Validator`; it raises the same exceptions.

    Raises:
        AssertionError: it does not conform; the message is the text report. A parsed payload is shown as JSON text.
        TypeError: a parsed payload contains something that JSON does not have.

    """
    __tracebackhide__ = True
    is_text = isinstance(payload, (str, bytes, bytearray, memoryview))
    try:
        (validate_text if is_text else validate)(payload, **options)
    except ConformanceError as error:
        raise AssertionError(_report(payload if is_text else _text_of(payload), options) or str(error)) from None


def _text_of(payload: Instance) -> str:
    """A payload as JSON text; empty if JSON cannot hold it, because it contains itself, for example."""
    try:
        return json.dumps(payload, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return ""


def _report(text: Text, options: Options) -> str:
    """The text report; empty if there is nothing to show."""
    from guestcust import __version__
    from guestcust.model import Origin, Result, Verdict
    from guestcust.reporters.protocol import Circumstances
    from guestcust.reporters.text import TextReporter

    validator = Validator(**options)
    data = text if isinstance(text, (str, bytes)) else bytes(text)
    found = validator.examine(data, envelope=options.get("envelope", "api"))
    if not (data and found.violations):
        return ""
    resolution = validator.resolution
    result = Result(Origin("payload"), Verdict.INVALID, resolution.version, found.violations, text=found.text)
    report = TextReporter(Circumstances(resolution, __version__)).add(result)
    return f"the payload does not conform to API {resolution.name}\n{report}".rstrip()


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from guestcust.testing import strategies

    return getattr(strategies, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
