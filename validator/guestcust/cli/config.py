"""The settings of a check: what the command line says, before what a file says, before the defaults.

Finds and reads that one file; what the command line says, it is told. No payload may enter here.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from guestcust.captures import FORMATS
from guestcust.captures.envelopes import ENVELOPES
from guestcust.cli.environment import PROJECT_FILE, candidates, may_hold_settings, speaks_of_us
from guestcust.errors import ConfigError, GuestcustError, OptionError
from guestcust.jsontext.decode import MAX_SIZE
from guestcust.jsontext.display import brief, printable
from guestcust.ruleset import catalog
from guestcust.sources import Exclusion
from guestcust.validator import require_warnings

COMMAND_LINE = "command line"
DEFAULT = "default"

_WITHOUT = "--no-config does without it"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a check goes by. Each field but the last two is a setting, in files written with hyphens."""

    api_version: str = "latest"
    strict: bool = False
    forward_compatible: bool = False
    format: str = "auto"
    envelope: str = "auto"
    max_size: int = MAX_SIZE
    exclude: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    allow_empty: bool = False
    skip_unrelated: bool = False
    #: The folder that the patterns of `exclude` are relative to.
    folder: str = "."
    #: Where each field was set that has not its default: a path, or `COMMAND_LINE`.
    origins: Mapping[str, str] = field(default_factory=dict)


def settings(given: Mapping[str, Any], *, file: str | None = None, search: bool = True) -> Settings:
    """The settings that hold.

    Args:
        given: what the command line says, by the names of the fields; a list takes the place of a file's list.
        file: the file to read, instead of looking for one.
        search: whether to look for one, from the working folder upwards; the nearest holds.

    Raises:
        ConfigError: a file cannot be read, is no TOML, or says something that makes no sense.

    """
    found: tuple[str, dict[str, Any]] | None = None
    if file is not None:
        found = file, _named(file)
    elif search:
        found = _nearest()
    if found is None:
        return Settings(**given, origins=dict.fromkeys(given, COMMAND_LINE))
    path, table = found
    said = _checked(path, table)
    origins = dict.fromkeys(said, path) | dict.fromkeys(given, COMMAND_LINE)
    folder = "." if "exclude" in given else os.path.dirname(path)
    return Settings(**{**said, **given}, folder=folder, origins=origins)


def as_toml(settings: Settings) -> str:
    """The settings as a file that says the same, each with a comment that says where it was set."""
    lines = []
    for name in _READERS:
        value, origin = getattr(settings, _field(name)), settings.origins.get(_field(name), DEFAULT)
        lines.append(f"{name} = {_toml(value)}  # {printable(origin)}\n")
    return "".join(lines)


def _nearest() -> tuple[str, dict[str, Any]] | None:
    for path in candidates():
        if may_hold_settings(path) and (table := _table(path)) is not None:
            return path, table
    return None


def _named(path: str) -> dict[str, Any]:
    table = _table(path)
    if table is None:
        raise ConfigError(f"{path} has no table [tool.guestcust]", hint="name another file, or leave --config out")
    return table


def _table(path: str) -> dict[str, Any] | None:
    """What a file says, before any check; None where it is a project's file and says nothing of guestcust."""
    is_project = os.path.basename(path) == PROJECT_FILE
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}", hint=_WITHOUT) from None
    if is_project and not speaks_of_us(content):
        return None
    document = _parsed(path, content)
    if not is_project:
        return document
    tool = document.get("tool")
    table = tool.get("guestcust") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.guestcust is {_kind(table)}", hint="make it a table: [tool.guestcust]")
    return table


def _parsed(path: str, content: bytes) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document: dict[str, Any] = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path} is not encoded in UTF-8 (at line {line})", hint="save it as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is no TOML: {error}", hint=_WITHOUT) from None
    return document


def _checked(path: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a file sets."""
    fields = {}
    for name, value in table.items():
        if name not in _READERS:
            raise ConfigError(
                f"{path}: no setting is called {brief(name)}{_meant(name)}", hint=f"one of {', '.join(_READERS)}"
            )
        try:
            fields[_field(name)] = _READERS[name](value)
        except GuestcustError as error:
            raise ConfigError(f"{path}: {name}: {error}", hint=error.hint) from None
    return fields


def _field(name: str) -> str:
    return name.replace("-", "_")


def _meant(name: str) -> str:
    close = difflib.get_close_matches(name[:40].casefold().replace("_", "-"), _READERS, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise OptionError(f"it is true or false, not {_kind(value)}")
    return value


def _string(value: object, hint: str = "") -> str:
    if not isinstance(value, str):
        raise OptionError(f"it is a string, not {_kind(value)}", hint=hint)
    return value


def _api_version(value: object) -> str:
    version = _string(value, 'write it in quotes, such as "8.0.2.0"')
    catalog.resolve(version)
    return version


def _one_of(names: Iterable[str]) -> Callable[[object], str]:
    choices = tuple(names)

    def chosen(value: object) -> str:
        hint = f"one of {', '.join(choices)}"
        if _string(value, hint) not in choices:
            raise OptionError(f"{brief(value)} is none of its values", hint=hint)
        return str(value)

    return chosen


def _size(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise OptionError(f"it is a number of bytes, not {_kind(value)}")
    if value < 1:
        raise OptionError(f"a limit of {value} bytes lets nothing through", hint="give a positive number")
    return value


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise OptionError(f"it is a list of strings, not {_kind(value)}", hint="put it in brackets")
    for number, item in enumerate(value, 1):
        if not isinstance(item, str):
            raise OptionError(f"it is a list of strings, and number {number} is {_kind(item)}")
    return tuple(value)


def _patterns(value: object) -> tuple[str, ...]:
    patterns = _strings(value)
    Exclusion(patterns)
    return patterns


def _warnings(value: object) -> tuple[str, ...]:
    rule_ids = _strings(value)
    require_warnings(rule_ids)
    return rule_ids


#: How the value of each setting is read; raises GuestcustError where it makes no sense.
_READERS: dict[str, Callable[[object], object]] = {
    "api-version": _api_version,
    "strict": _flag,
    "forward-compatible": _flag,
    "format": _one_of(("auto", *FORMATS)),
    "envelope": _one_of(ENVELOPES),
    "max-size": _size,
    "exclude": _patterns,
    "disable": _warnings,
    "allow-empty": _flag,
    "skip-unrelated": _flag,
}


def _kind(value: object) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "a boolean"),
        (str, "a string"),
        ((int, float), "a number"),
        (list, "a list"),
        (dict, "a table"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "a date or a time")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{printable(escaped)}"'
    return str(value)
