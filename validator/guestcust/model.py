"""The words of the house as frozen types: what a rule is, what was found, where, and what was concluded.

Only types and their derived properties; nothing here reads, writes, judges or formats.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from io import BufferedIOBase
from typing import Any, NamedTuple, Protocol

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
class Keyword:
    """A keyword of the schemas that a rule covers."""

    #: The API versions whose schemas hold the keyword, as `("7.0.0.0", "7.0.3.0")`.
    versions: tuple[str, ...]
    #: The path to it as evaluation takes it, through `$ref` (JSON Schema 2020-12 core, section 12.3.1).
    keyword_location: str
    #: The JSON Pointer to it in the 2020-12 schema file.
    schema_location: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of `rules.json`."""

    id: str
    title: str
    description: str
    severity: Severity
    #: The severity under forward compatibility; mostly the same.
    forward_compatible_severity: Severity
    #: The first API version to which the rule applies.
    since: str
    #: Who sees it broken: "schema", "text" (the JSON reader) or "guestcust" (the library).
    checked_by: str
    #: The document and the place in it that the rule comes from.
    source: tuple[str, str]
    #: Rules of whose failure this rule's failure would be a mere consequence.
    superseded_by: tuple[str, ...] = ()
    keywords: tuple[Keyword, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which schema judges under an API version."""

    #: What was asked for; it may be "latest".
    requested: str
    #: The version of the schema that answers, as "7.0.3.0".
    version: str
    #: What the asker should know, where the answer is an extrapolation.
    notice: str | None = None

    @property
    def name(self) -> str:
        """The API version to speak of: the one asked for."""
        return self.version if self.requested == "latest" else self.requested


@dataclass(frozen=True, slots=True)
class Span(_Sent):
    """A stretch of text: characters from `start` up to and without `end`, 0-based."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What the JSON text itself has wrong, before any schema is asked."""

    rule: str
    message: str
    path: Path
    span: Span | None = None
    value: str = ""
    #: Line and column in the file, for what lies before the payload's own text.
    ahead: tuple[int, int] | None = None


class Failure(NamedTuple):
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
    faults: tuple[Fault, ...] = ()
    #: The envelope that its request calls for; "auto" where there is no request to tell.
    envelope: str = "auto"
    #: None where the text stands in the file as it is, from the origin on.
    places: Places | None = None


@dataclass(slots=True)
class Lines:
    """A block of whole lines, of which each is blank or the text of a payload."""

    #: Each line with the line feed that ends it.
    text: bytes
    #: Where the first line begins.
    origin: Origin
    # How far the lines are counted, and how many they are so far: each is counted once. Nothing else here changes.
    _counted: tuple[int, int] = field(default=(0, 0), init=False, repr=False, compare=False)

    @property
    def count(self) -> int:
        """How many lines there are."""
        return self.before(len(self.text))

    def before(self, place: int) -> int:
        """How many lines end before a place; asked from place to place in their order, it takes least time."""
        at, count = self._counted if self._counted[0] <= place else (0, 0)
        self._counted = place, count + self.text.count(b"\n", at, place)
        return self._counted[1]


@dataclass(frozen=True, slots=True)
class Unjudged:
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
    def judged(self) -> int:
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


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What holds for a whole report."""

    #: The API version and the schema that judge.
    resolution: Resolution
    #: That of guestcust.
    version: str
    #: Whether what conforms and what was skipped is listed too.
    everything: bool = False
    #: A line a violation and nothing else; for the text report alone.
    quiet: bool = False
    #: Whether ANSI sequences are welcome.
    color: bool = False


class Reporter(Protocol):
    """One report in the making: told results one by one as they come, it answers with the text that is ready."""

    @property
    def wants_conforming(self) -> bool:
        """Whether it has to be told of payloads that conform, and of which nothing more is to be said."""

    def begin(self) -> str:
        """What comes before any result."""

    def add(self, result: Result) -> str:
        """What there is to write once a result is known; may be empty."""

    def end(self, summary: Summary) -> str:
        """What comes behind the last result."""


def pointer(path: Path) -> str:
    """A path as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
