"""The fast check of JSON texts: one regular expression, derived from a status table, that matches thousands of lines.

It matches a text that conforms without a warning, and may miss some: the strict reader and the evaluator check what it
does not match. Duplicate members, wrong UTF-8, lone surrogates and every character of a time are in the expression, so
nothing is parsed. RE2 runs it where google-re2 is installed, Python's `re` elsewhere.
"""

from __future__ import annotations

import functools
import itertools
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

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
_UNESCAPED = r"[ !#-\[\]-\x7f]*"
# RFC 8259, section 7, escapes of surrogates in pairs only, and RFC 3629, section 4, byte by byte. {} bounds how often.
_STRING = (
    rf'"{_UNESCAPED}(?:(?:'
    rf'\\(?:["\\/bfnrt]|u(?:[0-9A-CEFa-cef]{_HEX}{{{{3}}}}|[Dd][0-7]{_HEX}{{{{2}}}}'
    rf"|[Dd][89ABab]{_HEX}{{{{2}}}}\\u[Dd][C-Fc-f]{_HEX}{{{{2}}}}))"
    r"|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{{2}}|\xed[\x80-\x9f][\x80-\xbf]"
    r"|\xf0[\x90-\xbf][\x80-\xbf]{{2}}|[\xf1-\xf3][\x80-\xbf]{{3}}|\xf4[\x80-\x8f][\x80-\xbf]{{2}}"
    rf'){_UNESCAPED}){{}}"'
)
# If lines with members in another order are closer together than this, in bytes, the expression for any order pays off.
_SELDOM = 4096
# The limit for RE2's states; a few MiB are used.
_MEMORY = 64 * 1024 * 1024

# Returns where the whole lines that match from an offset on end.
_Matcher = Callable[[bytes, int], int]


class Runner(Protocol):
    """Runs expressions over bytes."""

    #: What runs them, in words.
    name: str
    #: How often escapes and characters beyond ASCII may occur in one string, as a quantifier.
    escapes: str

    def lines(self, payload: str) -> _Matcher:
        """Compiles the expression of a payload for lines that each hold one."""

    def text(self, payload: str) -> Callable[[bytes], object]:
        """Compiles the expression of a payload for whole texts; what it returns is true or false."""


class Re2:
    """RE2, through google-re2. Its Python wrapper, which takes as long as matching a line, is skipped if possible."""

    name = "RE2"
    escapes = "*"

    def __init__(self) -> None:
        import re2

        self._options = re2.Options()
        # RE2's own UTF-8 accepts bytes that are not UTF-8.
        self._options.encoding = re2.Options.Encoding.LATIN1
        self._options.max_mem = _MEMORY
        self._options.never_capture = True

    def lines(self, payload: str) -> _Matcher:  # noqa: D102 - as in `Runner`
        import re2

        compiled = re2.compile(rf"(?:{payload}\n)*".encode("latin-1"), self._options)
        try:
            match, start_of_text = compiled._regexp.Match, re2._Anchor.ANCHOR_START
        except AttributeError:
            return lambda lines, start: int(compiled.match(lines, start).end())
        return lambda lines, start: int(match(start_of_text, lines, start, len(lines))[0][1])

    def text(self, payload: str) -> Callable[[bytes], object]:  # noqa: D102 - as in `Runner`
        import re2

        texts = re2.Set.FullMatchSet(self._options)
        texts.Add(payload.encode("latin-1"))
        texts.Compile()
        found: Callable[[bytes], object] = getattr(texts, "_set", texts).Match
        return found


class Re:
    """Python's own `re`, which backtracks.

    Each repetition in the expression can match a text in one way only, so the time for a line is proportional to its
    length. `re` keeps some hundred bytes per escape, in case it has to go back, so the number of escapes is bounded.
    """

    name = "Python's re"
    escapes = "{0,1000}"

    def lines(self, payload: str) -> _Matcher:  # noqa: D102 - as in `Runner`
        match = re.compile(rf"(?:{payload}\n)*".encode("latin-1")).match
        return lambda lines, start: match(lines, start).end()  # type: ignore[union-attr]

    def text(self, payload: str) -> Callable[[bytes], object]:  # noqa: D102 - as in `Runner`
        return re.compile(payload.encode("latin-1")).fullmatch


def _runner() -> Runner:
    try:
        return Re2()
    except ImportError:
        return Re()


class Automaton:
    """The compiled expressions of one status table. Immutable and thread-safe.

    Raises:
        UnknownKeywordError: the table has no status, or an unknown pattern for a time.

    """

    def __init__(self, shape: Shape, runner: Runner | None = None) -> None:
        if not shape:
            raise UnknownKeywordError("no status conforms")
        self._shape = shape
        self._runner = runner or _runner()
        self._in_order = self._runner.lines(self._grammar(_IN_LINE, as_by_servers=True).in_order(shape))

    @property
    def runner(self) -> str:
        """What runs the expressions, in words."""
        return self._runner.name

    @functools.cached_property
    def _in_any_order(self) -> _Matcher:
        return self._runner.lines(self._grammar(_IN_LINE, as_by_servers=True).of(self._shape))

    def _grammar(self, space: str, *, as_by_servers: bool = False) -> _Grammar:
        return _Grammar(space, _STRING.format(self._runner.escapes), as_by_servers=as_by_servers)

    @functools.cached_property
    def accepts(self) -> Callable[[bytes], object]:
        """Whether a text conforms, with or without a warning; returns something true or false."""
        grammar = self._grammar(_IN_TEXT)
        # Python's `re` takes a tenth of a second to compile the expression for any order.
        written = grammar.in_order if isinstance(self._runner, Re) else grammar.of
        return self._runner.text(written(self._shape))

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
        string: the expression of a string.
        as_by_servers: accept only times in the form that servers write; the other forms get a warning.

    """

    def __init__(self, space: str, string: str, *, as_by_servers: bool = False) -> None:
        self._space = space
        self._any_string = string
        self._as_by_servers = as_by_servers

    def in_order(self, shape: Shape) -> str:
        """The expression for payloads with the status first and the other members in the table's order.

        It matches two times only next to each other, where `_TIMES_OF_PAIR` finds them to compare them.
        """
        # The quote is written once, so that the first letter decides between statuses.
        statuses = _any(f"{_quoted(status)[1:]}{self._space}{self._rest(others)}" for status, others in shape.items())
        return self._object(f'{_quoted(STATUS)}{self._space}:{self._space}"{statuses}')

    def _rest(self, others: Mapping[str, Values]) -> str:
        members = list(others.items())
        compared = [name for name, values in members if _is_time(name) and values.string]
        written = []
        while members:
            name, values = members.pop(0)
            if name not in compared or len(compared) == 1:
                written.append(self._optional(name, values))
                continue
            compared = []
            if name != times.START or not members or members[0][0] != times.END:
                raise UnknownKeywordError("an end that does not follow the start")
            end = members.pop(0)[1]
            start_is_null, end_is_null = (each._replace(string=False) for each in (values, end))
            pair = _PAIR.format(self._string(times.START, values), self._string(times.END, end))
            written.append(
                _any(
                    (
                        f",{self._space}{pair}{self._space}",
                        self._optional(times.START, values) + self._optional(times.END, end_is_null),
                        self._optional(times.START, start_is_null) + self._optional(times.END, end),
                    )
                )
            )
        return "".join(written)

    def _optional(self, name: str, values: Values) -> str:
        return f"(?:,{self._space}{self._member(name, self._value(name, values))})?" if any(values[:2]) else ""

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
        return self._any_string if pattern is None else f'"(?:{pattern})"'

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
