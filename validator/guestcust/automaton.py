"""A shape as one regular expression over JSON texts, which RE2 runs through thousands of lines at once.

What it accepts is a text that plainly conforms and about which nothing is odd; what it does not, others decide. It sees
members twice, wrong UTF-8, lone surrogates and times to their last character, for all that is in the expression. No
instance may enter here: nothing is ever parsed.
"""

from __future__ import annotations

import functools
import itertools
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from guestcust import times
from guestcust.shape import STATUS, Shape, UnknownKeywordError, Values

# White space of RFC 8259, section 2; a line has no line feed within, and most lines have none at all.
_IN_TEXT = r"[ \t\n\r]*"
_IN_LINE = r"[ \t\r]*"
_NONE = ""
_HEX = "[0-9A-Fa-f]"
# RFC 8259, section 7, escapes of surrogates in pairs only, and RFC 3629, section 4, byte by byte.
_STRING = (
    r'"(?:[ !#-\[\]-\x7f]'
    rf'|\\(?:["\\/bfnrt]|u(?:[0-9A-CEFa-cef]{_HEX}{{3}}|[Dd][0-7]{_HEX}{{2}}|[Dd][89ABab]{_HEX}{{2}}\\u[Dd][C-Fc-f]{_HEX}{{2}}))'
    r"|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    r'|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*"'
)
# For the states of the automaton; a few MiB are used.
_MEMORY = 64 * 1024 * 1024


class Automaton:
    """The expressions of one shape, compiled. Immutable, and safe to use from many threads.

    Raises:
        ImportError: the package google-re2 is not there.
        UnknownKeywordError: the shape has a pattern that is not one of times.

    """

    def __init__(self, shape: Shape) -> None:
        import re2

        self._shape = shape
        self._options = re2.Options()
        # Bytes as they are: RE2 itself takes more for UTF-8 than is.
        self._options.encoding = re2.Options.Encoding.LATIN1
        self._options.max_mem = _MEMORY
        self._options.never_capture = True
        # An expression that knows less is run through sooner, and its times are found sooner.
        self._lines = [self._of_lines(_NONE, ""), self._of_lines(_IN_LINE, " ?")]

    @functools.cached_property
    def accepts(self) -> Callable[[bytes], object]:
        """Tells whether a text plainly conforms, odd or not, by something that is true, or false."""
        import re2

        texts = re2.Set.FullMatchSet(self._options)
        texts.Add(_Grammar(_IN_TEXT).of(self._shape).encode("latin-1"))
        texts.Compile()
        found: Callable[[bytes], object] = texts.Match
        return found

    def conforming(self, lines: bytes, start: int) -> int:
        """How far from `start` on there are whole lines of which each plainly conforms, and none is odd."""
        for expression, times_in in self._lines:
            end: int = expression.match(lines, start).end()
            if end > start and all(itertools.starmap(operator.le, times_in(lines, start, end))):
                return end
        return start

    def _of_lines(self, space: str, gap: str) -> tuple[Any, Callable[[bytes, int, int], list[tuple[bytes, bytes]]]]:
        """The expression for many lines, and how to find the pairs of times in what it accepts."""
        import re2

        line = _Grammar(space, gap).of(self._shape)
        pair = re.compile(rf'"{times.START}":{gap}"(.{{24}})",{gap}"{times.END}":{gap}"(.{{24}})'.encode())
        return re2.compile(f"(?:{line}\n)*".encode("latin-1"), self._options), pair.findall


class _Grammar:
    """Writes expressions for payloads in JSON.

    Args:
        space: what may stand between tokens.
        gap: if not None, times are as a server writes them, and where there are two, they stand side by side, the start
            before the end, with no more than this between tokens, so that they can be compared.

    """

    def __init__(self, space: str, gap: str | None = None) -> None:
        self._space = space
        self._gap = gap

    def of(self, shape: Shape) -> str:
        """The expression for all payloads of a shape."""
        alike: dict[tuple[tuple[str, Values], ...], list[str]] = {}
        for status, members in shape.items():
            alike.setdefault(tuple(members.items()), []).append(status)
        objects = (
            self._members(f'"{_any(map(re.escape, statuses))}"', dict(members)) for members, statuses in alike.items()
        )
        return rf"{self._space}\{{{self._space}{_any(objects)}\}}{self._space}"

    def _members(self, status: str | None, others: Mapping[str, Values]) -> str:
        """The members of an object in any order: the status, unless it is there already, and any of the others."""
        comma = f",{self._space}"
        choices = []
        if status is not None:
            choices.append(self._member(STATUS, status) + _maybe(comma, self._members(None, others)))
        for name in others:
            for member, rest in self._written(name, others):
                behind = self._members(status, rest)
                choices.append(member + (_maybe(comma, behind) if status is None else comma + behind))
        return _any(choices) if choices else ""

    def _written(self, name: str, others: Mapping[str, Values]) -> Sequence[tuple[str, Mapping[str, Values]]]:
        """Each way to write a member, with what may follow then."""
        values, rest = others[name], {other: one for other, one in others.items() if other != name}
        written = [(self._member(name, "null"), rest)] if values.null else []
        if not values.string:
            return written
        string = self._string(values)
        pair = (times.START, times.END)
        if self._gap is not None and name in pair:
            other = pair[name == times.START]
            alone = {one: each._replace(string=False) if one == other else each for one, each in rest.items()}
            written.append((self._member(name, string), alone))
            if name == times.START and other in rest and rest[other].string:
                del rest[other]
                gap = self._gap
                both = f'"{name}":{gap}{string},{gap}"{other}":{gap}{self._string(others[other])}{self._space}'
                written.append((both, rest))
        else:
            written.append((self._member(name, string), rest))
        return written

    def _string(self, values: Values) -> str:
        if values.pattern is None:
            return _STRING
        pattern: str | None = values.pattern
        if self._gap is not None:
            pattern = times.in_server_form(values.pattern)
        if pattern is None:
            raise UnknownKeywordError(f"pattern: {values.pattern!r}")
        return f'"(?:{pattern})"'

    def _member(self, name: str, value: str) -> str:
        return f'"{re.escape(name)}"{self._space}:{self._space}{value}{self._space}'


def _any(choices: Iterable[str]) -> str:
    return f"(?:{'|'.join(choices)})"


def _maybe(comma: str, behind: str) -> str:
    return f"(?:{comma}{behind})?" if behind else ""
