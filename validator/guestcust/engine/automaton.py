"""The fast check of JSON text: the status table as a regular expression, which RE2 runs over thousands of lines.

It accepts only text that conforms beyond doubt; anything else is left to the strict reader. The expression rules out
duplicate members, invalid UTF-8 and lone surrogates, and covers every character of a time. Nothing is parsed.
"""

from __future__ import annotations

import functools
import itertools
import operator
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from guestcust.engine.status_table import STATUS, Shape, UnknownKeywordError, Values
from guestcust.ruleset import times

# White space of RFC 8259, section 2; a line has no line feed within.
_IN_TEXT = r"[ \t\n\r]*"
_IN_LINE = r"[ \t\r]*"
# Two adjacent times, with at most the white space that Python's json writes, and how to find them again in text that
# has matched: by the Z of the first, because `re` is fast at finding an expression that begins with one character.
_PAIR = rf'"{times.START}": ?{{}}, ?"{times.END}": ?{{}}'
_TIMES_OF_PAIR = re.compile(rf'(?s)Z.,(?<=(.{{24}}).,) ?"{times.END}": ?"(.{{24}})'.encode())
# Two times anywhere in one line, and which of them comes second. In text that has matched, `_time"` and a colon can
# only be the end of a name: in a string, the quote would have a backslash before it.
_TIME = rf'_time"{_IN_LINE}:{_IN_LINE}"(.{{24}})"'
_TIMES = re.compile(rf"{_TIME}.*?(start|end){_TIME}".encode())
_HEX = "[0-9A-Fa-f]"
# RFC 8259, section 7, with surrogates escaped only in pairs, and RFC 3629, section 4, byte by byte.
_STRING = (
    r'"(?:[ !#-\[\]-\x7f]'
    rf'|\\(?:["\\/bfnrt]|u(?:[0-9A-CEFa-cef]{_HEX}{{3}}|[Dd][0-7]{_HEX}{{2}}|[Dd][89ABab]{_HEX}{{2}}\\u[Dd][C-Fc-f]{_HEX}{{2}}))'
    r"|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]"
    r'|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})*"'
)
# If lines with members in another order are closer together than this, in bytes, the expression for any order pays off.
_SELDOM = 4096
# The limit for RE2's states; a few MiB are used.
_MEMORY = 64 * 1024 * 1024


# Returns where the whole lines that match from an offset on end.
_Matcher = Callable[[bytes, int], int]


class Automaton:
    """The compiled expressions of one status table. Immutable and thread-safe.

    Raises:
        ImportError: the package google-re2 is not installed.
        UnknownKeywordError: the table has no status, or an unknown pattern for a time.

    """

    def __init__(self, shape: Shape) -> None:
        import re2

        if not shape:
            raise UnknownKeywordError("no status conforms")
        self._shape = shape
        self._options = re2.Options()
        # Bytes as they are: as UTF-8, RE2 accepts more than is valid.
        self._options.encoding = re2.Options.Encoding.LATIN1
        self._options.max_mem = _MEMORY
        self._options.never_capture = True
        self._in_order = self._lines(_Grammar(_IN_LINE, as_by_servers=True).in_order(shape))

    @functools.cached_property
    def _in_any_order(self) -> _Matcher:
        return self._lines(_Grammar(_IN_LINE, as_by_servers=True).of(self._shape))

    def _lines(self, payload: str) -> _Matcher:
        import re2

        compiled = re2.compile(rf"(?:{payload}\n)*".encode("latin-1"), self._options)
        try:
            # Skips the Python wrapper, which takes as long as matching a line.
            match, start_of_text = compiled._regexp.Match, re2._Anchor.ANCHOR_START
        except AttributeError:
            return lambda lines, start: int(compiled.match(lines, start).end())
        return lambda lines, start: int(match(start_of_text, lines, start, len(lines))[0][1])

    @functools.cached_property
    def accepts(self) -> Callable[[bytes], object]:
        """Returns something true for a text that conforms beyond doubt, with or without a warning."""
        import re2

        texts = re2.Set.FullMatchSet(self._options)
        texts.Add(_Grammar(_IN_TEXT).of(self._shape).encode("latin-1"))
        texts.Compile()
        # Skips the Python wrapper, if there is one; it takes as long as the match.
        found: Callable[[bytes], object] = getattr(texts, "_set", texts).Match
        return found

    def doubtful(self, lines: bytes) -> Iterator[tuple[int, int]]:
        """The start and end of each line that may not conform or may get a warning."""
        start = doubts = 0
        while start < len(lines):
            # Members are mostly in one order, and the states for that order alone fit into the processor's cache.
            end = self._in_order(lines, start)
            if end > start and not all(itertools.starmap(operator.le, _TIMES_OF_PAIR.findall(lines, start, end))):
                yield from _backwards(lines, start, end)
            if doubts * _SELDOM > end:
                start, end = end, self._in_any_order(lines, end)
                if end > start:
                    yield from _backwards(lines, start, end)
            start = end
            if end < len(lines):
                line_end = lines.index(b"\n", end)
                yield end, line_end
                start = line_end + 1
                doubts += 1


def _backwards(lines: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The start and end of each line whose end time is before its start time."""
    for found in _TIMES.finditer(lines, start, end):
        first, name, second = found.groups()
        if not (operator.le(first, second) if name == b"end" else operator.le(second, first)):
            yield lines.rfind(b"\n", start, found.start()) + 1 or start, lines.index(b"\n", found.end())


class _Grammar:
    """Builds expressions for payloads in JSON.

    Args:
        space: the expression for white space between tokens.
        as_by_servers: accept only times in the form that servers write; the other forms get a warning.

    """

    def __init__(self, space: str, *, as_by_servers: bool = False) -> None:
        self._space = space
        self._as_by_servers = as_by_servers

    def in_order(self, shape: Shape) -> str:
        """The expression for payloads with the status first and the other members in the table's order.

        Alternatives with the same continuation share it. Two times are written as a pair.
        """
        begun: defaultdict[tuple[tuple[str, Values], ...], list[str]] = defaultdict(list)
        for status, others in shape.items():
            begun[tuple(others.items())].append(self._member(STATUS, _quoted(status)))
        while longest := max(begun, key=len):
            before = _any(begun.pop(longest))
            begun[longest[1:]].append(before)
            for member, rest in self._in_turn(*longest):
                begun[rest].append(f"{before},{self._space}{member}")
        return self._object(_any(begun[()]))

    def _in_turn(
        self, first: tuple[str, Values], *others: tuple[str, Values]
    ) -> Iterator[tuple[str, tuple[tuple[str, Values], ...]]]:
        """Each way to write a member, with the members that may follow it."""
        name, values = first
        if not _is_time(name):
            yield self._member(name, self._value(name, values)), others
            return
        if values.null:
            yield self._member(name, "null"), others
        if values.string:
            # A second time that is not part of a pair would not be compared with the first.
            alone = tuple((other, each._replace(string=each.string and not _is_time(other))) for other, each in others)
            yield self._member(name, self._string(name, values)), alone
        if name == times.START and values.string and others and others[0][0] == times.END and others[0][1].string:
            both = (self._string(*each) for each in (first, others[0]))
            yield _PAIR.format(*both) + self._space, others[1:]

    def of(self, shape: Shape) -> str:
        """The expression for all payloads, with members in any order."""
        alike: dict[tuple[tuple[str, Values], ...], list[str]] = {}
        for status, members in shape.items():
            alike.setdefault(tuple(members.items()), []).append(status)
        objects = (self._members(_any(map(_quoted, statuses)), dict(members)) for members, statuses in alike.items())
        return self._object(_any(objects))

    def _object(self, members: str) -> str:
        return rf"{self._space}\{{{self._space}{members}\}}{self._space}"

    def _members(self, status: str | None, others: Mapping[str, Values]) -> str:
        """The members of an object in any order: the status, unless it came before, and any of the others."""
        comma = f",{self._space}"
        choices = []
        if status is not None:
            choices.append(self._member(STATUS, status) + _maybe(comma, self._members(None, others)))
        for name, values in others.items():
            member = self._member(name, self._value(name, values))
            rest = self._members(status, {other: each for other, each in others.items() if other != name})
            choices.append(member + (_maybe(comma, rest) if status is None else comma + rest))
        return _any(choices) if choices else ""

    def _value(self, name: str, values: Values) -> str:
        written = ["null"] if values.null else []
        if values.string:
            written.append(self._string(name, values))
        return _any(written)

    def _string(self, name: str, values: Values) -> str:
        pattern = values.pattern
        if self._as_by_servers and _is_time(name):
            pattern = times.in_server_form(pattern or "")
            if pattern is None:
                raise UnknownKeywordError(f"pattern: {values.pattern!r}")
        return _STRING if pattern is None else f'"(?:{pattern})"'

    def _member(self, name: str, value: str) -> str:
        return f"{_quoted(name)}{self._space}:{self._space}{value}{self._space}"


def _is_time(name: str) -> bool:
    return name in (times.START, times.END)


def _quoted(word: str) -> str:
    """A name or a status as JSON text writes it without escapes."""
    if not (word.isascii() and word.isprintable()) or set(word) & set('"\\'):
        raise UnknownKeywordError(f"a name that JSON has to escape: {word!r}")
    return f'"{re.escape(word)}"'


def _any(choices: Iterable[str]) -> str:
    return f"(?:{'|'.join(choices)})"


def _maybe(comma: str, rest: str) -> str:
    return f"(?:{comma}{rest})?" if rest else ""
