"""The strict reader's pass over one text: values, faults of the text, and the positions of values.

It never recurses. `decode` calls it, and handles bytes, encodings and the size limit.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from guestcust.jsontext.advice import advice, after_value
from guestcust.jsontext.display import printable
from guestcust.model import Instance, Path, Span, TextFault

#: How deep arrays and objects may be nested.
MAX_DEPTH = 64

_SPACE = re.compile(r"[ \t\n\r]*")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_HEX4 = re.compile(r"[0-9a-fA-F]{4}")
_LOW_SURROGATE = re.compile(r"\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"-?[A-Za-z_][A-Za-z0-9_]*")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LITERALS = {"true": True, "false": False, "null": None}
_NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
# Reading stops after this number of faults, so that memory stays bounded.
_MAX_FAULTS = 1000
_EXCERPT = 40
# An integer with at most this number of digits is within the range of a double.
_SAFE_DIGITS = 308


class Spans(NamedTuple):
    """The position of a value and of its member name. The span of an array or object is its opening bracket."""

    value: Span
    name: Span | None = None


class StopError(Exception):
    """Nothing can be read after this fault."""

    def __init__(self, fault: TextFault) -> None:
        self.fault = fault


class Reader:
    """One pass over a text, with a loop and a stack of open containers."""

    def __init__(self, text: str, wanted: frozenset[Path] = frozenset()) -> None:
        self.text = text
        self.faults: list[TextFault] = []
        self.found: dict[Path, Spans] = {}
        self._wanted = wanted
        self._wanted_depth = max(map(len, wanted), default=-1)
        self._may_have_surrogates = not text.isascii() and _SURROGATE.search(text) is not None
        self._steps: list[str | int] = []
        self._name: Span | None = None

    def read(self) -> Instance:
        """The value of the text. Raises StopError if the rest cannot be read."""
        text, steps = self.text, self._steps
        open_containers: list[Instance] = []
        at = self._skip(0)
        while True:
            start, character = at, text[at : at + 1]
            value: Instance
            if character == '"':
                value, at, lone = self._string(at)
                if lone:
                    self._lone_surrogate(lone)
            elif character == "{" or character == "[":
                if len(open_containers) == MAX_DEPTH:
                    raise self._stop(
                        "json-depth", at, f"nesting is deeper than {MAX_DEPTH} levels; deeper values are not read"
                    )
                value, at = {} if character == "{" else [], self._skip(at + 1)
                if text[at : at + 1] != ("}" if character == "{" else "]"):
                    self._mark(start, start + 1)
                    open_containers.append(value)
                    if character == "{":
                        at = self._member_name(at, value)
                    else:
                        steps.append(0)
                        self._name = None
                    continue
                at += 1
            elif character and character in "-0123456789":
                value, at = self._number(at)
            else:
                value, at = self._word(at)
            self._mark(start, start + 1 if isinstance(value, (dict, list)) else at)

            # The value is complete: add it to its container, and close the containers that end after it.
            while open_containers:
                container = open_containers[-1]
                at = self._skip(at)
                character = text[at : at + 1]
                if isinstance(container, dict):
                    container[steps[-1]] = value
                    if character == ",":
                        steps.pop()
                        at = self._member_name(self._skip(at + 1), container)
                        break
                    closer = "}"
                else:
                    container.append(value)
                    if character == ",":
                        steps[-1] += 1  # type: ignore[operator]
                        at = self._skip(at + 1)
                        self._name = None
                        break
                    closer = "]"
                if character != closer:
                    raise self._unexpected(at, f'"," or "{closer}" after the value')
                at += 1
                value = open_containers.pop()
                steps.pop()
            else:
                at = self._skip(at)
                if at < len(text):
                    raise self._after_value(at)
                return value

    def _skip(self, at: int) -> int:
        return _SPACE.match(self.text, at).end()  # type: ignore[union-attr]

    def _mark(self, start: int, end: int) -> None:
        if len(self._steps) <= self._wanted_depth:
            path = tuple(self._steps)
            if path in self._wanted:
                self.found[path] = Spans(Span(start, end), self._name)

    def _member_name(self, at: int, container: dict[str, Instance]) -> int:
        """Reads a name and its colon, steps into the member, and returns the offset of its value."""
        if self.text[at : at + 1] != '"':
            raise self._unexpected(at, "a member name in double quotes")
        name, end, lone = self._string(at)
        self._steps.append(name)
        self._name = Span(at, end)
        if lone:
            self._lone_surrogate(lone)
        if name in container:
            quoted = self._quote(at, end)
            message = f"{quoted} is duplicated in this object; parsers differ in which value they keep: remove one"
            self._fault("json-unique-members", at, end, message)
        colon = self._skip(end)
        if self.text[colon : colon + 1] != ":":
            raise self._unexpected(colon, '":" after the member name')
        return self._skip(colon + 1)

    def _string(self, start: int) -> tuple[str, int, Span | None]:
        """Reads a string; returns its value, the offset after it, and the span of its first lone surrogate."""
        text, at, parts = self.text, start + 1, []
        lone: Span | None = None
        while True:
            plain = _PLAIN.match(text, at)
            assert plain is not None
            parts.append(plain.group())
            if self._may_have_surrogates and not lone:
                raw = _SURROGATE.search(text, at, plain.end())
                lone = Span(*raw.span()) if raw else None
            at = plain.end()
            stop = text[at : at + 1]
            if stop == '"':
                break
            if not stop:
                raise self._stop(
                    "json-syntax",
                    at,
                    "unexpected end of text inside a string; the text was cut off, or a quote is missing",
                )
            if stop != "\\":
                name = f"U+{ord(stop):04X}"
                raise self._stop(
                    "json-syntax", at, f"unescaped control character {name} in a string; write it as an escape"
                )
            escape = text[at + 1 : at + 2]
            if escape == "u":
                unit = self._unit(at)
                low = _LOW_SURROGATE.match(text, at + 6) if 0xD800 <= unit <= 0xDBFF else None
                if low:
                    parts.append(chr(0x10000 + (unit - 0xD800) * 0x400 + int(low.group(1), 16) - 0xDC00))
                    at += 12
                    continue
                if 0xD800 <= unit <= 0xDFFF and not lone:
                    lone = Span(at, at + 6)
                parts.append(chr(unit))
                at += 6
            elif escape in _ESCAPES:
                parts.append(_ESCAPES[escape])
                at += 2
            else:
                raise self._bad_escape(at)
        return "".join(parts), at + 1, lone

    def _lone_surrogate(self, span: Span) -> None:
        half = self._quote(span.start, span.end)
        message = f"{half} is half of a surrogate pair, which is not a character; write both halves or neither"
        self._fault("json-paired-surrogates", span.start, span.end, message)

    def _unit(self, at: int) -> int:
        digits = _HEX4.match(self.text, at + 2)
        if not digits:
            raise self._bad_escape(at)
        return int(digits.group(), 16)

    def _bad_escape(self, at: int) -> StopError:
        if at + 6 > len(self.text) and '"' not in self.text[at:]:
            return self._stop("json-syntax", at, "unexpected end of text inside an escape; the text was cut off")
        escapes = r"\" \\ \/ \b \f \n \r \t and \u with four hexadecimal digits"
        message = f"{self._quote(at, at + 2)} is not a JSON escape; the escapes are {escapes}"
        return self._stop("json-syntax", at, message)

    def _number(self, start: int) -> tuple[float, int]:
        match = _NUMBER.match(self.text, start)
        if not match:
            return self._word(start)
        token = match.group()
        if match.group(1) is None and match.group(2) is None and len(token) <= _SAFE_DIGITS:
            return int(token), match.end()
        number = float(token)
        if math.isinf(number):
            quoted = self._quote(start, match.end())
            message = f"{quoted} is beyond the range of a double; most parsers read it as infinity"
            self._fault("json-finite-numbers", start, match.end(), message)
        return number, match.end()

    def _word(self, start: int) -> tuple[Instance, int]:
        match = _WORD.match(self.text, start)
        word = match.group() if match else ""
        if word in _LITERALS:
            return _LITERALS[word], start + len(word)
        if word in _NON_FINITE:
            message = f"{word} is not valid JSON; write null for an unknown value"
            self._fault("json-finite-numbers", start, start + len(word), message)
            return _NON_FINITE[word], start + len(word)
        raise self._unexpected(start, "a value")

    def _fault(self, rule: str, start: int, end: int, message: str) -> None:
        fault = TextFault(
            rule, message, tuple(self._steps), Span(start, end), self.text[start : min(end, start + _EXCERPT)]
        )
        if len(self.faults) == _MAX_FAULTS:
            raise StopError(fault)
        self.faults.append(fault)

    def _stop(self, rule: str, at: int, message: str) -> StopError:
        # Without an instance there is no instance location.
        return StopError(TextFault(rule, message, (), Span(at, at + 1)))

    def _unexpected(self, at: int, wanted: str) -> StopError:
        if at >= len(self.text):
            blank = not self.text.strip(" \t\n\r")
            message = "the text is empty" if blank else f"unexpected end of text; expected {wanted}"
            return self._stop("json-syntax", at, message)
        return self._stop(
            "json-syntax", at, _joined(f"unexpected {self._token(at)}; expected {wanted}", advice(self.text, at))
        )

    def _after_value(self, at: int) -> StopError:
        message = f"unexpected {self._token(at)} after the end of the JSON value"
        return self._stop("json-syntax", at, _joined(message, after_value(self.text, at)))

    def _token(self, at: int) -> str:
        word = _WORD.match(self.text, at)
        return "string" if self.text[at] == '"' else self._quote(at, word.end() if word else at + 1)

    def _quote(self, start: int, end: int) -> str:
        """A part of the text for a message, cut to a readable length."""
        excerpt = self.text[start : min(end, start + _EXCERPT)]
        if len(excerpt) == 1 and not excerpt.isprintable():
            return f"U+{ord(excerpt):04X}"
        quoted = printable(excerpt) if excerpt.startswith('"') else f'"{printable(excerpt)}"'
        return quoted if end - start <= _EXCERPT else f"{quoted}…"


def _joined(message: str, advice: str) -> str:
    return f"{message}; {advice}" if advice else message
