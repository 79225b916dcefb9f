"""The words of the house as frozen types: what a rule is, what was found, where, and what was concluded.

Only types and their derived properties; nothing here reads, writes, judges or formats.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from io import BufferedIOBase
from typing import Any, NamedTuple

#: Where a value lies in an instance: member names and array indices from the root, as JSON Pointer has them
#: (RFC 6901), not yet escaped.
Path = tuple[str | int, ...]

#: An instance: what a JSON text becomes in Python.
Instance = Any


class Severity(str, enum.Enum):
    """How much a violation weighs: an error makes a payload invalid, a warning does so on request."""

    ERROR = "error"
    WARNING = "warning"


class Verdict(str, enum.Enum):
    """What was concluded about one payload, or about a source in which payloads were sought."""

    #: The payload conforms.
    VALID = "valid"
    #: The payload does not conform.
    INVALID = "invalid"
    #: It was not to be judged; the reason is given.
    SKIPPED = "skipped"
    #: It could not be read, so nothing is known of it.
    UNREADABLE = "unreadable"


class _Sent:
    """What goes from process to process: pickled by its fields, sooner than dataclasses do it."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple([getattr(self, name) for name in self.__slots__])


@dataclass(frozen=True, slots=True)
class Span(_Sent):
    """A stretch of text: characters from `start` up to and without `end`, 0-based."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class TextFault:
    """What the JSON text itself has wrong, before any schema is asked."""

    rule: str
    message: str
    path: Path
    span: Span | None = None
    value: str = ""
    #: Line and column in the file, for what lies before the payload's own text.
    ahead: tuple[int, int] | None = None


class KeywordFailure(NamedTuple):
    """A keyword that an instance fails."""

    rule: str
    #: Where the offending value lies.
    path: Path
    keyword_location: str
    absolute_keyword_location: str
    #: The values that the failure rests on; doubt about one of them is doubt about the failure.
    rests_on: tuple[Path, ...]
    #: The schema object in which the keyword stands.
    subschema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Violation(_Sent):
    """One rule broken at one place."""

    rule: str
    severity: Severity
    #: What is wrong, why, and what would be right.
    message: str
    #: JSON Pointer (RFC 6901) to the offending value, from the payload's root.
    instance_location: str
    #: As in JSON Schema 2020-12 core, section 12.3; None for what no schema keyword says.
    keyword_location: str | None = None
    absolute_keyword_location: str | None = None
    #: The offending value as JSON text, shortened.
    value: str = ""
    #: 1-based, in characters; None where an instance and no text was judged.
    line: int | None = None
    column: int | None = None
    #: The end of the marked text: the same line or a later one, the column just behind.
    end_line: int | None = None
    end_column: int | None = None
    #: The marked characters of the payload's own text, where a text was judged.
    span: Span | None = None

    def placed(self, start: tuple[int, int], end: tuple[int, int], span: Span | None) -> Violation:
        """The same between two places, each a line and a column."""
        # Not by `replace`, which takes several times as long.
        return Violation(
            self.rule,
            self.severity,
            self.message,
            self.instance_location,
            self.keyword_location,
            self.absolute_keyword_location,
            self.value,
            *start,
            *end,
            span,
        )

    def moved(self, lines: int) -> Violation:
        """The same, so many lines further down."""
        if self.line is None or self.column is None or self.end_line is None or self.end_column is None:
            return self
        return self.placed((self.line + lines, self.column), (self.end_line + lines, self.end_column), self.span)


@dataclass(frozen=True, slots=True)
class Origin(_Sent):
    """Where a payload's text begins."""

    #: The file's name as it was given, or `<stdin>`.
    source: str
    #: 1-based, in characters.
    line: int = 1
    column: int = 1
    #: JSON Pointer, in YAML too, to the payload or to the exchange it was captured with; empty for a whole document.
    pointer: str = ""
    #: The request line of the exchange, as "GET https://vcenter.example/api/...".
    request: str | None = None
    #: The status code of the response.
    status: int | None = None


#: Finds the line and column in the file for character offsets in a payload's text.
Places = Callable[[str, Iterable[int]], dict[int, tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Payload:
    """The text of one payload as captured, envelope included, with its origin."""

    #: None where the document breaks off before another payload begins.
    text: bytes | str | None
    origin: Origin
    #: What is wrong with the document around it; spans count from the origin.
    faults: tuple[TextFault, ...] = ()
    #: The envelope that its request calls for; "auto" where there is no request to tell.
    envelope: str = "auto"
    #: None where the text stands in the file as it is, from the origin on.
    places: Places | None = None


@dataclass(frozen=True, slots=True)
class Unchecked:
    """What a capture holds instead of a payload that could be judged."""

    origin: Origin
    #: `SKIPPED` or `UNREADABLE`.
    verdict: Verdict
    #: A few words, the same for all of a kind, for they are counted.
    reason: str
    #: What more there is to say of this one, and what would help.
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Result(_Sent):
    """What was concluded about one payload, and from what."""

    origin: Origin
    verdict: Verdict
    #: The API version whose schema judged.
    api_version: str
    violations: tuple[Violation, ...] = ()
    #: Other API versions to which an invalid payload conforms.
    conforms_to: tuple[str, ...] = ()
    #: Why it was skipped or could not be read, in a few words.
    reason: str | None = None
    #: What more there is to say of that.
    detail: str = ""
    #: The payload's text, without its envelope's capture.
    text: str = ""
    #: Whether the text stands in the file as it is, so that its lines are the file's.
    verbatim: bool = True
    #: The payload out of its envelope, where the text could be read.
    instance: Instance = None
    #: How many of its violations a limit has cut.
    omitted: int = 0

    def moved(self, lines: int) -> Result:
        """The same, so many lines further down in its source."""
        if not lines:
            return self
        origin = self.origin
        # Not by `replace`, which takes several times as long.
        return Result(
            Origin(origin.source, origin.line + lines, origin.column, origin.pointer, origin.request, origin.status),
            self.verdict,
            self.api_version,
            tuple([violation.moved(lines) for violation in self.violations]),
            self.conforms_to,
            self.reason,
            self.detail,
            self.text,
            self.verbatim,
            self.instance,
            self.omitted,
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over results; `add` gives the counts with one more."""

    sources: int = 0
    valid: int = 0
    invalid: int = 0
    skipped: int = 0
    unreadable: int = 0
    errors: int = 0
    warnings: int = 0
    omitted: int = 0
    #: False where judging stopped before the end of the input.
    complete: bool = True
    #: How many were skipped for each reason.
    reasons: Mapping[str, int] = field(default_factory=dict)

    @property
    def checked(self) -> int:
        """How many payloads got a verdict."""
        return self.valid + self.invalid

    def add_valid(self, count: int) -> Summary:
        """The counts with so many more payloads that conform, and of which nothing more is to be said."""
        return replace(self, valid=self.valid + count)

    def add(self, result: Result) -> Summary:
        """The counts with one more result."""
        errors = [violation.severity for violation in result.violations].count(Severity.ERROR)
        reasons = self.reasons
        if result.verdict is Verdict.SKIPPED and result.reason:
            reasons = {**reasons, result.reason: reasons.get(result.reason, 0) + 1}
        # Not by `replace`, which takes several times as long.
        return Summary(
            sources=self.sources,
            valid=self.valid + (result.verdict is Verdict.VALID),
            invalid=self.invalid + (result.verdict is Verdict.INVALID),
            skipped=self.skipped + (result.verdict is Verdict.SKIPPED),
            unreadable=self.unreadable + (result.verdict is Verdict.UNREADABLE),
            errors=self.errors + errors,
            warnings=self.warnings + len(result.violations) - errors,
            omitted=self.omitted,
            complete=self.complete,
            reasons=reasons,
        )


@dataclass(frozen=True, slots=True)
class Source:
    """A named stream of bytes that is opened when its turn comes."""

    name: str
    #: Raises OSError where it cannot be read.
    open: Callable[[], BufferedIOBase]
    #: Opens a file that a capture names as the place of a body, from its name and that of the folder of such files,
    #: which is the capture's own where empty; raises OSError, also for what lies outside it.
    beside: Callable[[str, str], BufferedIOBase] | None = None
    #: Why it is not to be read at all.
    skipped: str | None = None
    #: Where it lies, if it is a file, so that others can open it too.
    path: str | None = None
    #: Wants to be told how many bytes others have read of it.
    told: Callable[[int], object] | None = None


def pointer(path: Path) -> str:
    """A path as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
