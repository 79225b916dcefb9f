"""The functions of the library. Each keeps the validator of its options for the next call."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator

from guestcust.model import Instance, Violation
from guestcust.validator import Validator


def is_valid(
    instance: Instance, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> bool:
    """Whether a parsed payload conforms. Options and errors as for `Validator`."""
    return _validator(api_version, forward_compatible, strict).is_valid(instance)


def iter_violations(
    instance: Instance, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> Iterator[Violation]:
    """All that is wrong with a parsed payload, warnings too. Options and errors as for `Validator`."""
    return _validator(api_version, forward_compatible, strict).iter_violations(instance)


def validate(
    instance: Instance, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> None:
    """Passes a parsed payload that conforms. Options and errors as for `Validator`.

    Raises:
        ConformanceError: it does not conform; the error carries the violations.

    """
    _validator(api_version, forward_compatible, strict).validate(instance)


def is_valid_text(
    text: bytes | str, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> bool:
    """Whether the JSON text of a payload conforms. Options and errors as for `Validator`."""
    return _validator(api_version, forward_compatible, strict).is_valid_text(text)


def iter_text_violations(
    text: bytes | str, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> Iterator[Violation]:
    """All that is wrong with the JSON text of a payload, warnings too. Options and errors as for `Validator`."""
    return _validator(api_version, forward_compatible, strict).iter_text_violations(text)


def validate_text(
    text: bytes | str, *, api_version: str = "latest", forward_compatible: bool = False, strict: bool = False
) -> None:
    """Passes the JSON text of a payload that conforms. Options and errors as for `Validator`.

    Raises:
        ConformanceError: it does not conform; the error carries the violations.

    """
    _validator(api_version, forward_compatible, strict).validate_text(text)


def _validator(api_version: str, forward_compatible: bool, strict: bool) -> Validator:
    validator = _built(api_version, forward_compatible, strict)
    if validator.resolution.notice:
        warnings.warn(validator.resolution.notice, stacklevel=3)
    return validator


@functools.lru_cache(maxsize=32)
def _built(api_version: str, forward_compatible: bool, strict: bool) -> Validator:
    return Validator(api_version, forward_compatible=forward_compatible, strict=strict)
