"""The functions of the library: one payload, or the files and folders of `check`, in one call.

They keep the validators that they build. Everything else is done by `Validator` and the pipeline.
"""

from __future__ import annotations

import functools
import os
import warnings
from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypedDict

from guestcust.errors import UnknownNameError
from guestcust.jsontext.decode import MAX_SIZE
from guestcust.validator import Text, Validator

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from guestcust.model import Instance, Result, Violation


class _Status(TypedDict):
    #: A string, not a `Literal`: newer servers may send statuses that this package does not define.
    status: str


class CustomizationInfo(_Status, total=False):
    """The type of a payload, for type checkers: the structure `vcenter.vm.guest.customization.info`."""

    error: str | None
    start_time: str | None
    end_time: str | None


class Options(TypedDict, total=False):
    """The options of `Validator`, which the functions take too."""

    api_version: str
    forward_compatible: bool
    strict: bool
    max_size: int
    disabled: Collection[str]
    envelope: str
    engine: str


def is_valid(instance: Instance, **options: Unpack[Options]) -> bool:
    """Whether a parsed payload conforms. Options and exceptions as for `Validator` and `Validator.is_valid`."""
    return _validator(options).is_valid(instance)


def iter_violations(instance: Instance, **options: Unpack[Options]) -> Iterator[Violation]:
    """All violations of a parsed payload, warnings included. Options and exceptions as for `is_valid`."""
    return _validator(options).iter_violations(instance)


def validate(instance: Instance, **options: Unpack[Options]) -> None:
    """Raises an exception if a parsed payload does not conform. Options and exceptions as for `is_valid`.

    Raises:
        ConformanceError: it does not conform; the exception has the violations.

    """
    _validator(options).validate(instance)


def is_valid_text(text: Text, **options: Unpack[Options]) -> bool:
    """Whether the JSON text of a payload conforms.

    Options and exceptions as for `Validator` and `Validator.is_valid_text`.
    """
    return _validator(options).is_valid_text(text)


def iter_text_violations(text: Text, **options: Unpack[Options]) -> Iterator[Violation]:
    """All violations of the JSON text of a payload, warnings included. Options, exceptions as for `is_valid_text`."""
    return _validator(options).iter_text_violations(text)


def validate_text(text: Text, **options: Unpack[Options]) -> None:
    """Raises an exception if the JSON text of a payload does not conform. Options, exceptions as for `is_valid_text`.

    Raises:
        ConformanceError: it does not conform; the exception has the violations.

    """
    _validator(options).validate_text(text)


def check(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    api_version: str = "latest",
    forward_compatible: bool = False,
    strict: bool = False,
    max_size: int = MAX_SIZE,
    disabled: Collection[str] = (),
    envelope: str = "auto",
    engine: str = "guestcust",
    format: str = "auto",
    exclude: Collection[str] = (),
    skip_unrelated: bool = False,
) -> Iterator[Result]:
    """Checks the payloads in files, folders and captures, as `guestcust check` does; settings files are not read.

    Yields one `Result` per payload, in input order and as it is checked, with its verdict, origin and violations. What
    is not a payload is a result too: an exchange that is skipped, a file that cannot be read or contains no payload.
    A folder is searched for files with the endings of known formats; if it has none, it yields nothing.

    Args:
        paths: one path or several; "-" is standard input.
        api_version: as for `Validator`.
        forward_compatible: as for `Validator`.
        strict: as for `Validator`.
        max_size: as for `Validator`.
        disabled: as for `Validator`.
        envelope: as for `Validator`; default: "auto".
        engine: as for `Validator`.
        format: "auto" (default) to detect the format of each file, or a format as for `guestcust check --format`.
        exclude: one pattern or several of files to exclude, as in a .gitignore in the working folder.
        skip_unrelated: skip JSON that does not look like the structure.

    Raises:
        ApiVersionError: as for `Validator`.
        OptionError: as for `Validator`, or a pattern is not valid.
        UnknownNameError: there is no such envelope, engine or format.
        TypeError: a path is not a str or os.PathLike[str].

    """
    # Importing these takes longer than importing all the rest.
    from guestcust.captures.formats import FORMATS
    from guestcust.pipeline import Check
    from guestcust.sources import Exclusion, sources

    validator = Validator(
        api_version,
        forward_compatible=forward_compatible,
        strict=strict,
        max_size=max_size,
        disabled=disabled,
        envelope=envelope,
        engine=engine,
    )
    if format not in ("auto", *FORMATS):
        raise UnknownNameError(f"no format is called {format!r}", hint=f"one of auto, {', '.join(FORMATS)}")
    found = sources(_names(paths), Exclusion([exclude] if isinstance(exclude, str) else exclude))
    if validator.resolution.notice:
        warnings.warn(validator.resolution.notice, stacklevel=2)
    return iter(Check(found, validator, format=format, envelope=envelope, skip_unrelated=skip_unrelated))


def _names(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[str]:
    names = [os.fspath(path) for path in ([paths] if isinstance(paths, (str, bytes, os.PathLike)) else paths)]
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"a path is a str or os.PathLike[str], not {name!r}")
    return names


def _validator(options: Options) -> Validator:
    if not options:
        return _built(())
    if "disabled" in options and not isinstance(options["disabled"], str):
        options = {**options, "disabled": frozenset(options["disabled"])}
    validator = _built(tuple(options.items()))
    if validator.resolution.notice:
        warnings.warn(validator.resolution.notice, stacklevel=3)
    return validator


@functools.lru_cache(maxsize=32)
def _built(options: tuple[tuple[str, Any], ...]) -> Validator:
    return Validator(**dict(options))
