"""Settings files: how one is found and read, and how it becomes the defaults of a command line.

An option that a settings file can set is declared as a `Setting`, once, in the command: its name, type, default and
help serve both. No payload may enter here.
"""

from __future__ import annotations

import difflib
import os
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import click
from click.core import ParameterSource

from guestcust.cli.environment import PROJECT_FILE, candidates, may_hold_settings, names_guestcust
from guestcust.errors import ConfigError, GuestcustError, OptionError
from guestcust.jsontext.display import brief, printable

_WITHOUT = "use --no-config to ignore settings files"
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


class Setting(click.Option):
    """An option that a settings file can set too, under its long name without the dashes."""

    @property
    def key(self) -> str:
        """The name in a settings file, as "max-size"."""
        return str(self.name).replace("_", "-")


class Checked(click.ParamType):  # type: ignore[type-arg]
    """Text that a function checks by raising GuestcustError."""

    def __init__(self, name: str, check: Callable[[str], object]) -> None:
        self.name = name
        self._check = check

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text as it is."""
        self._check(value)
        return value


class Size(click.ParamType):  # type: ignore[type-arg]
    """A positive number of bytes, as a number or as text with a unit, such as "64MiB"."""

    name = "size"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number of bytes."""
        found = re.fullmatch(r"([0-9]{1,18}) ?([a-z]{0,3})", str(value).strip().casefold())
        unit = _UNITS.get(found[2]) if found else None
        if found is None or unit is None:
            self.fail(f"{brief(value)} is not a size; write a number of bytes, or a size such as 500kB, 1MB or 64MiB")
        if int(found[1]) == 0:
            self.fail("no payload fits into 0 bytes; give a positive size")
        return int(found[1]) * unit


def load(context: click.Context, file: str | None) -> None:
    """Makes a settings file the source of the context's defaults; `context.obj` becomes its path.

    Args:
        context: that of a command with settings.
        file: the file to read; None to read the nearest, from the working folder upwards.

    Raises:
        ConfigError: a file cannot be read, is not valid TOML, or has an unknown setting or a wrong value.

    """
    found = _nearest() if file is None else (file, _named(file))
    if found is not None:
        context.obj, table = found
        context.default_map = dict(_checked(context, context.obj, table))


def folder_of(context: click.Context, name: str) -> str:
    """The folder to which the paths in a setting are relative: that of the file that sets it, or the working folder."""
    is_from_file = context.get_parameter_source(name) is ParameterSource.DEFAULT_MAP
    return os.path.dirname(context.obj) if is_from_file else "."


def as_toml(context: click.Context) -> str:
    """The settings in effect as a settings file, with a comment on each line that names where it was set."""
    origins = {ParameterSource.COMMANDLINE: "command line", ParameterSource.DEFAULT_MAP: context.obj}
    lines = []
    for key, option in _settings(context.command).items():
        origin = origins.get(context.get_parameter_source(str(option.name)), "default")  # type: ignore[arg-type]
        lines.append(f"{key} = {_toml(context.params[str(option.name)])}  # {printable(origin)}\n")
    return "".join(lines)


def _settings(command: click.Command) -> dict[str, Setting]:
    return {option.key: option for option in command.params if isinstance(option, Setting)}


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
    """The settings in a file, unchecked; None for a project file without any."""
    is_project = os.path.basename(path) == PROJECT_FILE
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}", hint=_WITHOUT) from None
    if is_project and not names_guestcust(content):
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
        raise ConfigError(f"{path} is not valid TOML: {error}", hint=_WITHOUT) from None
    return document


def _checked(context: click.Context, path: str, table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The name and the converted value of each option that a file sets."""
    settings = _settings(context.command)
    for key, value in table.items():
        option = settings.get(key)
        if option is None:
            close = difflib.get_close_matches(key[:40].casefold().replace("_", "-"), settings, n=1)
            meant = f"; did you mean {close[0]}?" if close else ""
            raise ConfigError(f"{path}: unknown setting {brief(key)}{meant}", hint=f"settings: {', '.join(settings)}")
        try:
            _require_type(option, value)
            yield str(option.name), option.type_cast_value(context, value)
        except GuestcustError as error:
            raise ConfigError(f"{path}: {key}: {error}", hint=error.hint) from None
        except click.BadParameter as error:
            raise ConfigError(f"{path}: {key}: {error.message}") from None


def _require_type(option: Setting, value: object) -> None:
    """Refuses what click would convert, such as 1 or "yes" for true."""
    if option.is_flag:
        if not isinstance(value, bool):
            raise OptionError(f"must be true or false, not {_kind(value)}")
    elif option.multiple:
        if not isinstance(value, list):
            raise OptionError(f"must be a list of strings, not {_kind(value)}", hint="put it in brackets")
        for number, item in enumerate(value, 1):
            if not isinstance(item, str):
                raise OptionError(f"must be a list of strings, but item {number} is {_kind(item)}")
    elif isinstance(option.type, Size):
        if isinstance(value, bool) or not isinstance(value, (int, str)):
            raise OptionError(f'must be a number of bytes or a size such as "64MiB", not {_kind(value)}')
    elif not isinstance(value, str):
        raise OptionError(f"must be a string, not {_kind(value)}", hint="put it in quotes")


def _kind(value: object) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "a boolean"),
        (str, "a string"),
        (int, "an integer"),
        (float, "a float"),
        (list, "a list"),
        (dict, "a table"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "a date or time")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{printable(escaped)}"'
    return str(value)
