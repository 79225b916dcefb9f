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
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from guestcust import times
from guestcust.shape import STATUS, Shape, UnknownKeywordError, Values

# White space of RFC 8259, section 2; a line has no line feed within.
_IN_TEXT = r"[ \t\n\r]*"
_IN_LINE = r"[ \t\r]*"
# Two times side by side, with no more white space than Python's json puts there, and how they are found again in what
# has matched: by the Z of the first, for a regular expression that begins with one character alone is quick to find it.
_PAIR = rf'"{times.START}": ?{{}}, ?"{times.END}": ?{{}}'
_TIMES_OF_PAIR = re.compile(rf'(?s)Z.,(?<=(.{{24}}).,) ?"{times.END}": ?"(.{{24}})'.encode())
_HEX = "[0-9A-Fa-f]"
# RFC 8259, section 7, escapes of surrogates in pairs only, and RFC 3629, section 4, byte by byte.
_STRING = (
    r'"(?:[ !#-\[\]-\x7f]'
    rf'|\\(?:["\\/bfnrt]|u(?:[0-9A-CEFa-cef]{_HEX}{{3}}|[Dd][0-7]{_HEX}{{2}}|[Dd][89ABab]{_HEX}{{2}}\\u[Dd][C-Fc-f]{_HEX}{{2}}))'
    r"|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    r'|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*"'
)
# Fewer bytes than this from one line to the next that is not in that order, and an automaton for all is worth while.
_SELDOM = 4096
# For the states of the automaton; a few MiB are used.
_MEMORY = 64 * 1024 * 1024


class Automaton:
    """The expressions of one shape, compiled. Immutable, and safe to use from many threads.

    Raises:
        ImportError: the package google-re2 is not there.
        UnknownKeywordError: the shape has no status, or a pattern that is not one of times.

    """

    def __init__(self, shape: Shape) -> None:
        import re2

        if not shape:
            raise UnknownKeywordError("no status conforms")
        self._shape = shape
        self._options = re2.Options()
        # Bytes as they are: RE2 itself takes more for UTF-8 than is.
        self._options.encoding = re2.Options.Encoding.LATIN1
        self._options.max_mem = _MEMORY
        self._options.never_capture = True
        self._in_order = self._lines(_Grammar(_IN_LINE, without_warnings=True).in_order(shape))

    @functools.cached_property
    def _in_any_order(self) -> Any:
        return self._lines(_Grammar(_IN_LINE, without_warnings=True).of(self._shape))

    def _lines(self, payload: str) -> Any:
        import re2

        return re2.compile(rf"(?:{payload}\n)*".encode("latin-1"), self._options)

    @functools.cached_property
    def accepts(self) -> Callable[[bytes], object]:
        """Tells whether a text plainly conforms, odd or not, by something that is true, or false."""
        import re2

        texts = re2.Set.FullMatchSet(self._options)
        texts.Add(_Grammar(_IN_TEXT).of(self._shape).encode("latin-1"))
        texts.Compile()
        # Without the Python around it, where there is such, which takes as long as the match.
        found: Callable[[bytes], object] = getattr(texts, "_set", texts).Match
        return found

    def doubtful(self, lines: bytes) -> Iterator[tuple[int, int]]:
        """Where those of the lines begin and end that do not plainly conform, or are odd."""
        start = doubts = 0
        while start < len(lines):
            # Members mostly come in one order, and an automaton for it alone fits into a processor's cache.
            end: int = self._in_order.match(lines, start).end()
            if doubts * _SELDOM > end:
                end = self._in_any_order.match(lines, end).end()
            if not all(itertools.starmap(operator.le, _TIMES_OF_PAIR.findall(lines, start, end))):
                for pair in _TIMES_OF_PAIR.finditer(lines, start, end):
                    if not operator.le(*pair.groups()):
                        yield lines.rfind(b"\n", start, pair.start()) + 1 or start, lines.index(b"\n", pair.end())
            start = end
            if end < len(lines):
                behind = lines.index(b"\n", end)
                yield end, behind
                start = behind + 1
                doubts += 1


class _Grammar:
    """Writes expressions for payloads in JSON.

    Args:
        space: what may stand between tokens.
        without_warnings: times are as a server writes them, and where there are two, they are written as a pair, which
            can be found and compared.

    """

    def __init__(self, space: str, *, without_warnings: bool = False) -> None:
        self._space = space
        self._without_warnings = without_warnings

    def in_order(self, shape: Shape) -> str:
        """The expression for payloads with the status first, and the others as the shape has them.

        What may follow the same way is written once, whatever stands before it.
        """
        begun: defaultdict[tuple[tuple[str, Values], ...], list[str]] = defaultdict(list)
        for status, others in shape.items():
            begun[tuple(others.items())].append(self._member(STATUS, _quoted(status)))
        while longest := max(begun, key=len):
            before = _any(begun.pop(longest))
            name, _ = longest[0]
            begun[longest[1:]].append(before)
            for member, rest in self._written(name, dict(longest)):
                begun[tuple(rest.items())].append(f"{before},{self._space}{member}")
        return self._object(_any(begun[()]))

    def of(self, shape: Shape) -> str:
        """The expression for all payloads of a shape."""
        alike: dict[tuple[tuple[str, Values], ...], list[str]] = {}
        for status, members in shape.items():
            alike.setdefault(tuple(members.items()), []).append(status)
        objects = (self._members(_any(map(_quoted, statuses)), dict(members)) for members, statuses in alike.items())
        return self._object(_any(objects))

    def _object(self, members: str) -> str:
        return rf"{self._space}\{{{self._space}{members}\}}{self._space}"

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
        pair = (times.START, times.END)
        is_time = self._without_warnings and name in pair
        string = self._string(values, is_time)
        if is_time:
            other = pair[name == times.START]
            alone = {one: each._replace(string=False) if one == other else each for one, each in rest.items()}
            written.append((self._member(name, string), alone))
            if name == times.START and other in rest and rest[other].string:
                both = _PAIR.format(string, self._string(rest[other], is_time)) + self._space
                written.append((both, {one: each for one, each in rest.items() if one != other}))
        else:
            written.append((self._member(name, string), rest))
        return written

    def _string(self, values: Values, is_time: bool) -> str:
        pattern = values.pattern
        if is_time:
            pattern = times.in_server_form(pattern or "")
            if pattern is None:
                raise UnknownKeywordError(f"pattern: {values.pattern!r}")
        return _STRING if pattern is None else f'"(?:{pattern})"'

    def _member(self, name: str, value: str) -> str:
        return f"{_quoted(name)}{self._space}:{self._space}{value}{self._space}"


def _quoted(word: str) -> str:
    """A name or a status as it stands in a text without escapes."""
    if not (word.isascii() and word.isprintable()) or set(word) & set('"\\'):
        raise UnknownKeywordError(f"a name that JSON text escapes: {word!r}")
    return f'"{re.escape(word)}"'


def _any(choices: Iterable[str]) -> str:
    return f"(?:{'|'.join(choices)})"


def _maybe(comma: str, behind: str) -> str:
    return f"(?:{comma}{behind})?" if behind else ""
