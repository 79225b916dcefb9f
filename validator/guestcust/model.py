"""The immutable value types that pass from stage to stage: payloads, what was found in them, where, and the verdict.

Only types and their derived properties. Nothing here reads, writes or validates.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterable, Mapping
from io import BufferedIOBase
from typing import Any, NamedTuple

#: Where a value is in an instance: member names and array indices from the root, as in a JSON Pointer (RFC 6901).
Path = tuple[str | int, ...]

#: An instance: parsed JSON.
Instance = Any


class Severity(str, enum.Enum):
    """An error makes a payload invalid; a warning does so only with `strict`."""

    ERROR = "error"
    WARNING = "warning"
    __str__ = str.__str__


class Verdict(str, enum.Enum):
    """The result of checking one payload, or a source in which no payload could be checked."""

    #: The payload conforms.
    VALID = "valid"
    #: The payload does not conform.
    INVALID = "invalid"
    #: It is not a payload to check; the result gives the reason.
    SKIPPED = "skipped"
    #: It could not be read, so it may or may not conform.
    UNREADABLE = "unreadable"
    __str__ = str.__str__


class Span(NamedTuple):
    """A range of characters, 0-based: from `start` up to but not including `end`."""

    start: int
    end: int


class TextFault(NamedTuple):
    """A fault of the JSON text itself, found before it is validated against the schema."""

    rule: str
    message: str
    path: Path
    span: Span | None = None
    value: str = ""
    #: Line and column in the file, if the fault is before the payload's own text.
    ahead: tuple[int, int] | None = None


class KeywordFailure(NamedTuple):
    """A keyword that an instance fails."""

    rule: str
    #: Where the offending value is.
    path: Path
    keyword_location: str
    absolute_keyword_location: str
    #: The values that decide about the failure. If one of them is in doubt, so is the failure.
    rests_on: tuple[Path, ...]
    #: The schema object that contains the keyword.
    subschema: Mapping[str, Any]


class Violation(NamedTuple):
    """One violation of one rule at one place. `str()` gives it as one line."""

    rule: str
    severity: Severity
    #: What is wrong, why, and what would conform; one line.
    message: str
    #: JSON Pointer (RFC 6901) to the offending value, from the payload's root.
    instance_location: str
    #: As in JSON Schema 2020-12 core, section 12.3; None if no keyword of the schema covers the rule.
    keyword_location: str | None = None
    absolute_keyword_location: str | None = None
    #: The offending value as JSON text, shortened.
    value: str = ""
    #: 1-based, in characters; None if an instance was validated, not a text.
    line: int | None = None
    column: int | None = None
    #: The end of the marked text: its line, and the column after its last character.
    end_line: int | None = None
    end_column: int | None = None
    #: The marked characters in the payload's own text; None if an instance was validated.
    span: Span | None = None

    def __str__(self) -> str:
        location = self.instance_location or "the payload"
        location = location if location.isprintable() else json.dumps(location)[1:-1]
        place = "" if self.line is None else f" (line {self.line}, column {self.column})"
        warning = "warning: " if self.severity is Severity.WARNING else ""
        return f"{location}{place}: {warning}{self.rule}: {self.message}"

    def placed(self, start: tuple[int, int], end: tuple[int, int], span: Span | None) -> Violation:
        """A copy with another place: where it starts and ends, each a line and a column."""
        # `replace` takes several times as long, here and below.
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
        """A copy that is a number of lines further down."""
        if self.line is None or self.column is None or self.end_line is None or self.end_column is None:
            return self
        return self.placed((self.line + lines, self.column), (self.end_line + lines, self.end_column), self.span)


class Origin(NamedTuple):
    """Where the text of a payload begins."""

    #: The path of the file as it was given or found, or `<stdin>`.
    source: str
    #: 1-based, in characters.
    line: int = 1
    column: int = 1
    #: JSON Pointer to the payload or to its exchange, in YAML too; empty if the payload is the whole document.
    pointer: str = ""
    #: The request line of the exchange, as "GET https://vcenter.example/api/...", without what may be secret in it.
    request: str | None = None
    #: The status code of the response.
    status: int | None = None


#: Finds the line and column where something begins in the file, 1-based. Called only for what is reported.
Start = Callable[[], tuple[int, int]]
#: Returns the line and column in the file for character offsets in a payload's text.
Places = Callable[[str, Iterable[int]], dict[int, tuple[int, int]]]


class Payload(NamedTuple):
    """The text of one payload as captured, with its envelope and its origin."""

    #: None if the document ends before another payload begins.
    text: bytes | str | None
    #: Finds its origin. Called only for what is reported.
    locate: Callable[[], Origin]
    #: Faults of the document around it; their spans count from the origin.
    faults: tuple[TextFault, ...] = ()
    #: The envelope that its request implies; "auto" if there is no request.
    envelope: str = "auto"
    #: None if the file contains the text as it is, from the origin on.
    places: Places | None = None
    #: Whether the rest of the document, which was not read, may hold a payload.
    is_related: bool = False
    #: Whether it is the response to a request; a document without one need not be a payload.
    is_answer: bool = False

    @property
    def origin(self) -> Origin:
        """Where the text begins."""
        return self.locate()


class Unchecked(NamedTuple):
    """What a capture contains in place of a payload that can be checked."""

    origin: Origin
    #: `SKIPPED` or `UNREADABLE`.
    verdict: Verdict
    #: A few words, the same for all of one kind, because results are counted by them.
    reason: str
    #: Details about this one, and the remedy.
    detail: str = ""


class Result(NamedTuple):
    """The result of checking one payload, or of a source in which no payload could be checked."""

    origin: Origin
    verdict: Verdict
    #: The API version of the schema.
    api_version: str
    violations: tuple[Violation, ...] = ()
    #: Other API versions to which an invalid payload conforms.
    conforms_to: tuple[str, ...] = ()
    #: Why it was skipped or could not be read, in a few words.
    reason: str | None = None
    #: Details on the reason.
    detail: str = ""
    #: The payload's text, with its envelope and without the capture around it.
    text: str = ""
    #: Whether the file contains the text as it is, so that line numbers of the file apply to it.
    verbatim: bool = True
    #: The parsed payload without its envelope; None if the text could not be read.
    instance: Instance = None
    #: How many of its violations are left out because of a limit.
    omitted: int = 0

    def moved(self, lines: int) -> Result:
        """A copy that is a number of lines further down in its source."""
        if not lines:
            return self
        at = self.origin
        return Result(
            Origin(at.source, at.line + lines, at.column, at.pointer, at.request, at.status),
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


class Source(NamedTuple):
    """A named stream of bytes, opened when it is its turn."""

    name: str
    #: Raises OSError if it cannot be read.
    open: Callable[[], BufferedIOBase]
    #: Opens a body's file by its name and its folder (empty: the capture's own); OSError too if it is outside it.
    beside: Callable[[str, str], BufferedIOBase] | None = None
    #: Why it is skipped; None if it is read.
    skipped: str | None = None
    #: Whether only its first bytes are the reason to read it: then only what looks like a payload is checked.
    is_probed: bool = False
    #: For a source that counts the unopened files of a folder: their number, by the ending of their names.
    unopened: Mapping[str, int] | None = None
    #: The path, if it is a file, so that worker processes can open it too.
    path: str | None = None
    #: Called with the number of bytes that other processes have read of it.
    told: Callable[[int], object] | None = None


def pointer(path: Path) -> str:
    """A path as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
