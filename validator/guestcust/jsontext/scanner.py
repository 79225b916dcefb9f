"""Where values are in a JSON text, found by the standard library's scanner, which skips everything else in C.

It accepts what other tools accept. What it does not accept, and a member that is duplicated on the way to a value, is
left to the strict reader, which explains it.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Collection

from guestcust.jsontext.reader import Spans
from guestcust.model import Instance, Path, Span

#: The value that begins at an offset of a text, and the offset of its end. Raises ValueError or RecursionError.
scan = json.JSONDecoder().raw_decode
#: White space of RFC 8259, section 2.
SPACE = re.compile(r"[ \t\n\r]*")


# A letter or a digit of ASCII, or one of the signs "_", "-", "." and "/", written as an escape.
_ESCAPED = re.compile(r"\\u00(?:[4-7]|3[0-9]|2[d-fD-F])")
# Names that are written with those alone.
_NAME = re.compile(r"[A-Za-z0-9_./-]+")


class _Wanted:
    """What is wanted at one place of a text and below it."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.inner: dict[str | int, _Wanted] = {}


def locate(text: str, paths: Collection[Path]) -> dict[Path, Span]:
    """Where the values at paths are in a text. Paths that the text does not have are missing from the answer.

    Raises:
        ValueError: the text is not valid JSON, or has a duplicated member on the way to one of the paths.
        RecursionError: it is nested too deep.

    """
    wanted = _Wanted()
    for path in paths:
        node = wanted
        for step in path:
            node = node.inner.setdefault(step, _Wanted())
        node.path = path
    found: dict[Path, Span] = {}
    end = _locate(text, _skip(text, 0), wanted, found)
    if _skip(text, end) != len(text):
        raise ValueError("text after the value")
    return found


def _locate(text: str, start: int, wanted: _Wanted, found: dict[Path, Span]) -> int:
    """Locates what is wanted in the value that begins at an offset; returns the offset of its end."""
    opening = text[start : start + 1]
    if not wanted.inner or opening not in ("{", "["):
        end = scan(text, start)[1]
    elif opening == "{":
        end = _locate_members(text, _skip(text, start + 1), wanted, found)
    else:
        end = _locate_items(text, _skip(text, start + 1), wanted, found)
    if wanted.path is not None:
        found[wanted.path] = Span(start, end)
    return end


def _locate_members(text: str, at: int, wanted: _Wanted, found: dict[Path, Span]) -> int:
    seen: set[str] = set()
    if text[at : at + 1] == "}":
        return at + 1
    while True:
        if text[at : at + 1] != '"':
            raise ValueError(f"no name at {at}")
        name, at = scan(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise ValueError(f"no colon at {at}")
        at = _skip(text, at + 1)
        inner = wanted.inner.get(name)
        if inner is None:
            at = scan(text, at)[1]
        elif name in seen:
            raise ValueError(f"{name!r} is duplicated")
        else:
            seen.add(name)
            at = _locate(text, at, inner, found)
        at, is_last = _separator(text, at, "}")
        if is_last:
            return at


def _locate_items(text: str, at: int, wanted: _Wanted, found: dict[Path, Span]) -> int:
    if text[at : at + 1] == "]":
        return at + 1
    number = 0
    while True:
        inner = wanted.inner.get(number)
        at = scan(text, at)[1] if inner is None else _locate(text, at, inner, found)
        at, is_last = _separator(text, at, "]")
        if is_last:
            return at
        number += 1


def _separator(text: str, at: int, closing: str) -> tuple[int, bool]:
    """The offset after the comma or the closing bracket at an offset, and whether it is the bracket."""
    at = _skip(text, at)
    mark = text[at : at + 1]
    if mark == closing:
        return at + 1, True
    if mark != ",":
        raise ValueError(f"no comma at {at}")
    return _skip(text, at + 1), False


def _skip(text: str, at: int) -> int:
    return SPACE.match(text, at).end()  # type: ignore[union-attr]


def has_one_way(text: str, path: Path) -> bool:
    """Whether no member on the way to a path can be duplicated, seen without reading the text.

    False where that cannot be seen, because a name also occurs elsewhere, or may be written with escapes, and where the
    path does not end at a member.
    """
    names = _names(path)
    if names is None or _ESCAPED.search(text):
        return False
    for name in names:  # noqa: SIM110 - `all` takes twice as long
        if text.count(name) != 1:
            return False
    return True


@functools.lru_cache
def _names(path: Path) -> tuple[str, ...] | None:
    """The names in a path, in quotes; None if one of them can be written in several ways."""
    names = [step for step in path if isinstance(step, str)]
    is_plain = path[-1:] == tuple(names[-1:]) and all(map(_NAME.fullmatch, names))
    return tuple(f'"{name}"' for name in names) if is_plain else None


def only_member(text: str, name: str | int) -> Spans | None:
    """Finds a member of valid JSON. Its quoted name must occur exactly once; None if it occurs as a value."""
    quoted = f'"{name}"'
    start = text.index(quoted)
    end = start + len(quoted)
    colon = _skip(text, end)
    if text[colon : colon + 1] != ":":
        return None
    value = _skip(text, colon + 1)
    return Spans(Span(value, scan(text, value)[1]), Span(start, end))


def may_go_on(error: json.JSONDecodeError, size: int) -> bool:
    """Whether a text of `size` characters may be valid so far, and go on after its end."""
    # No literal, number or pair of escapes is longer.
    return error.msg.startswith("Unterminated string") or error.pos >= size - 16


def instance_at(text: str, span: Span) -> Instance:
    """The value at a span that `locate` found."""
    return scan(text, span.start)[0]
