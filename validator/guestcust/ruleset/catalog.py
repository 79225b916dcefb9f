"""What the files under `schemas/` mean: schemas by API version and dialect, rules by id.

Reads package data and nothing else: no network, no instance, no judging.
"""

from __future__ import annotations

import copy
import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from guestcust.errors import ApiVersionError, UnknownNameError
from guestcust.model import Severity
from guestcust.ruleset import files

if TYPE_CHECKING:
    from referencing import Registry

#: The dialects in which a schema is published, each with its folder under `schemas/`.
DIALECTS = {"2020-12": "", "draft-07": "draft-07/"}

_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}")


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


def versions() -> tuple[str, ...]:
    """The API versions that brought a schema of their own, oldest first, as ("7.0.0.0", "7.0.3.0")."""
    return tuple(entry["version"] for entry in files.index()["versions"])


def changes() -> tuple[tuple[str, str], ...]:
    """For each of `versions()`, the version and what changed with it."""
    return tuple((entry["version"], entry["change"]) for entry in files.index()["versions"])


def known_through() -> str:
    """The newest API version whose pages were read when this package was written."""
    return str(files.index()["knownThrough"])


def resolve(api_version: str) -> Resolution:
    """Finds the schema that an API version is judged by: the newest one that is not newer than it.

    Args:
        api_version: one to four numbers with points between ("8", "7.0.3", "8.0.2.0"), or "latest".

    Raises:
        ApiVersionError: it is neither, or is older than the structure.

    """
    if api_version == "latest":
        return Resolution("latest", versions()[-1])
    if not isinstance(api_version, str) or not _VERSION.fullmatch(api_version):
        raise ApiVersionError(
            f"{api_version!r} is no API version",
            hint='give one to four numbers with points between, in quotes, such as "8.0.2.0", or "latest"',
        )
    numbers = _numbers(api_version)
    candidates = [version for version in versions() if _numbers(version) <= numbers]
    if not candidates:
        raise ApiVersionError(
            f"API {api_version} is older than the structure, which came with {versions()[0]}",
            hint=f"give {versions()[0]} or newer",
        )
    notice = None
    if numbers > _numbers(known_through()):
        notice = (
            f"API {api_version} is newer than {known_through()}, the newest that this guestcust knows: "
            f"judged by the rules of {candidates[-1]}; a newer guestcust may know more"
        )
    return Resolution(api_version, candidates[-1], notice)


def schema(api_version: str = "latest", dialect: str = "2020-12") -> dict[str, Any]:
    """A copy of the schema that judges under an API version, as a dict to do with as you like.

    Raises:
        ApiVersionError: as `resolve` does.
        UnknownNameError: no such dialect.

    """
    copied: dict[str, Any] = copy.deepcopy(_schema(resolve(api_version).version, dialect))
    return copied


def schema_text(api_version: str = "latest", dialect: str = "2020-12") -> str:
    """The same schema as the text of its file. Raises as `schema` does."""
    return files.read(schema_name(resolve(api_version).version, dialect)).decode()


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of `rules.json`, which is also the order of reports."""
    return tuple(_rule(entry) for entry in files.index()["rules"])


@functools.cache
def rules_by_id() -> dict[str, Rule]:
    """Every rule by its id."""
    return {rule.id: rule for rule in rules()}


def rule(rule_id: str) -> Rule:
    """One rule.

    Raises:
        UnknownNameError: no rule has this id.

    """
    try:
        return rules_by_id()[rule_id]
    except KeyError:
        raise UnknownNameError(f"no rule is called {rule_id!r}", hint="`guestcust rules` lists them all") from None


@functools.cache
def statuses(version: str) -> tuple[str, ...]:
    """The statuses that one of `versions()` defines, read out of its schema."""
    keyword = next(keyword for keyword in rule("status-known").keywords if version in keyword.versions)
    steps = keyword.schema_location.split("/")[1:]
    node = _schema(version, "2020-12")
    for step in steps:
        node = node[step]
    return tuple(node)


@functools.cache
def relevant_statuses(rule_id: str, version: str) -> tuple[str, ...]:
    """The statuses under which the member that a conditional rule guards may be set, read out of the rule's `if`."""
    excluded = _schema(version, "2020-12")["$defs"][rule_id]["if"]["properties"]["status"]["not"]
    return tuple(excluded["enum"]) if "enum" in excluded else (excluded["const"],)


@functools.cache
def registry() -> Registry[Any]:
    """Every 2020-12 schema under its `$id`; asking it for anything else fails, nothing is fetched."""
    from referencing import Registry, Resource

    resources = (Resource.from_contents(_schema(version, "2020-12")) for version in versions())
    return resources @ Registry()


def _schema(version: str, dialect: str) -> Any:
    return files.schema(version, _dialect_folder(dialect))


def schema_name(version: str, dialect: str) -> str:
    """The path under `schemas/` of the schema of one of `versions()`.

    Raises:
        UnknownNameError: no such dialect.

    """
    return files.schema_name(version, _dialect_folder(dialect))


def _dialect_folder(dialect: str) -> str:
    if dialect not in DIALECTS:
        raise UnknownNameError(f"no dialect is called {dialect!r}", hint=f"one of {', '.join(DIALECTS)}")
    return DIALECTS[dialect]


def _numbers(version: str) -> tuple[int, ...]:
    numbers = tuple(map(int, version.split(".")))
    return numbers + (0,) * (4 - len(numbers))


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(
        id=entry["id"],
        title=entry["title"],
        description=entry["description"],
        severity=Severity(entry["severity"]),
        forward_compatible_severity=Severity(entry.get("forwardCompatibleSeverity", entry["severity"])),
        since=entry["since"],
        checked_by=entry["checkedBy"],
        source=(entry["source"]["document"], entry["source"]["place"]),
        superseded_by=tuple(entry.get("supersededBy", ())),
        keywords=tuple(
            Keyword(tuple(keyword["versions"]), keyword["keywordLocation"], keyword["schemaLocation"])
            for keyword in entry.get("keywords", ())
        ),
    )
