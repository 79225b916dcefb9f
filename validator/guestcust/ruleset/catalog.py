"""The content of the files under `schemas/`: schemas by API version and dialect, rules by id.

Reads package data only. It does not use the network and does not validate.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from guestcust.errors import ApiVersionError, UnknownNameError
from guestcust.jsontext.decode import MAX_SIZE
from guestcust.model import Severity
from guestcust.ruleset import files
from guestcust.ruleset.suggestions import closest

if TYPE_CHECKING:
    from referencing import Registry

#: The editions of the schemas, each with its folder under `schemas/`: one for each dialect of JSON Schema, and one for
#: editors, which is draft-07 with messages and other texts to show.
DIALECTS = {"2020-12": "", "draft-07": "draft-07/", "draft-04": "draft-04/", "editor": "editor/"}

_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}")


class Keyword(NamedTuple):
    """A schema keyword that a rule covers."""

    #: The API versions whose schemas have the keyword, such as `("7.0.0.0", "7.0.3.0")`.
    versions: tuple[str, ...]
    #: The path that evaluation takes to the keyword, through `$ref` (JSON Schema 2020-12 core, section 12.3.1).
    keyword_location: str
    #: The JSON Pointer to the keyword in the schema file, where `$defs` is called `definitions` before 2020-12.
    schema_location: str
    #: The only dialect whose schemas have this keyword, such as "draft-04"; None for the rules as the engine sees them.
    dialect: str | None = None


class Example(NamedTuple):
    """The text of a payload, and the options of `Validator` and `Validator.examine` to check it with."""

    text: bytes
    #: The encoding of the text: "utf-8", or another one in the example of a wrong encoding.
    encoding: str = "utf-8"
    max_size: int = MAX_SIZE
    envelope: str = "api"


class Rule(NamedTuple):
    """One rule of `rules.json`."""

    id: str
    title: str
    #: What the rule checks. Markdown, as are `why` and `fix`.
    description: str
    #: What goes wrong when the rule is broken.
    why: str
    #: How to repair a payload that breaks the rule.
    fix: str
    severity: Severity
    #: The severity with `forward_compatible`; the same for most rules.
    forward_compatible_severity: Severity
    #: The first API version to which the rule applies.
    since: str
    #: What checks the rule: "schema", "text" (the reader of JSON text) or "guestcust" (the library).
    checked_by: str
    #: The document that the rule comes from, and the place in it.
    source: tuple[str, str]
    #: A payload that conforms under the newest API version.
    passing: Example
    #: A payload that breaks this rule and no other.
    failing: Example
    #: Rules that hide this one: if one of them is broken as an error, this rule is not reported.
    superseded_by: tuple[str, ...] = ()
    keywords: tuple[Keyword, ...] = ()


class Resolution(NamedTuple):
    """The schema that applies to an API version."""

    #: The API version that was requested; may be "latest".
    requested: str
    #: The version of the schema, such as "7.0.3.0".
    version: str
    #: A notice for the user if the requested version is newer than `known_through()`.
    notice: str | None = None

    @property
    def name(self) -> str:
        """The API version to name in messages: the requested one, or the schema's for "latest"."""
        return self.version if self.requested == "latest" else self.requested


def versions() -> tuple[str, ...]:
    """The API versions that have a schema of their own, oldest first: ("7.0.0.0", "7.0.3.0")."""
    return tuple(entry["version"] for entry in files.index()["versions"])


def changes() -> tuple[tuple[str, str], ...]:
    """For each of `versions()`, the version and what it changed."""
    return tuple((entry["version"], entry["change"]) for entry in files.index()["versions"])


def known_through() -> str:
    """The newest API version whose documentation this package was compared with."""
    return str(files.index()["knownThrough"])


def resolve(api_version: str) -> Resolution:
    """Finds the schema that applies to an API version: the newest one that is not newer than it.

    Args:
        api_version: one to four numbers separated by dots ("8", "7.0.3", "8.0.2.0"), or "latest".

    Raises:
        ApiVersionError: `api_version` has another form, or is older than the structure.

    """
    if api_version == "latest":
        return Resolution("latest", versions()[-1])
    if not isinstance(api_version, str) or not _VERSION.fullmatch(api_version):
        raise ApiVersionError(
            f"{api_version!r} is not an API version",
            hint='give one to four numbers separated by dots, in quotes, such as "8.0.2.0", or "latest"',
        )
    numbers = _numbers(api_version)
    candidates = [version for version in versions() if _numbers(version) <= numbers]
    if not candidates:
        raise ApiVersionError(
            f"API {api_version} is older than the structure, which was introduced in {versions()[0]}",
            hint=f"give {versions()[0]} or newer",
        )
    notice = None
    if numbers > _numbers(known_through()):
        notice = (
            f"API {api_version} is newer than {known_through()}, the newest version that this release of guestcust "
            f"covers; using the rules of {candidates[-1]}"
        )
    return Resolution(api_version, candidates[-1], notice)


def schema(api_version: str = "latest", dialect: str = "2020-12") -> dict[str, Any]:
    """The schema that applies to an API version, as a new dict that the caller may change.

    Raises:
        ApiVersionError: see `resolve`.
        UnknownNameError: there is no such dialect.

    """
    copied: dict[str, Any] = copy.deepcopy(_schema(resolve(api_version).version, dialect))
    return copied


def schema_text(api_version: str = "latest", dialect: str = "2020-12") -> str:
    """The text of the same schema's file. Raises the same errors as `schema`."""
    return files.read(schema_name(resolve(api_version).version, dialect)).decode()


@functools.cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order of `rules.json`."""
    return tuple(_rule(entry) for entry in files.index()["rules"])


@functools.cache
def rules_by_id() -> dict[str, Rule]:
    """All rules by id."""
    return {rule.id: rule for rule in rules()}


def rule(rule_id: str) -> Rule:
    """One rule.

    Raises:
        UnknownNameError: no rule has this id. The hint suggests a similar one.

    """
    try:
        return rules_by_id()[rule_id]
    except KeyError:
        close = closest(rule_id, rules_by_id())
        hint = f"did you mean {close}? " if close else ""
        raise UnknownNameError(f"unknown rule {rule_id!r}", hint=f"{hint}`guestcust rules` lists all rules") from None


@functools.cache
def statuses(version: str) -> tuple[str, ...]:
    """The statuses that one of `versions()` defines, from its schema."""
    return tuple(_at(version, _location("status-known", version)))


@functools.cache
def relevant_statuses(rule_id: str, version: str) -> tuple[str, ...]:
    """The statuses for which the member of a conditional rule may be set, from the `if` beside the rule's `then`."""
    guard, _, _ = _location(rule_id, version).partition("/then/")
    excluded = _at(version, f"{guard}/if/properties/status/not")
    return tuple(excluded["enum"]) if "enum" in excluded else (excluded["const"],)


def _location(rule_id: str, version: str) -> str:
    """The JSON Pointer to the first keyword of a rule in the 2020-12 schema of a version."""
    return next(keyword.schema_location for keyword in rule(rule_id).keywords if version in keyword.versions)


def _at(version: str, pointer: str) -> Any:
    """The value at a JSON Pointer in the 2020-12 schema of a version."""
    node = _schema(version, "2020-12")
    for step in pointer.split("/")[1:]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    return node


@functools.cache
def registry() -> Registry[Any]:
    """The schemas of all versions in all editions, each under its `$id` (`id` in draft-04).

    A schema of your own that jsonschema evaluates with this registry can refer to them. Looking up any other URI fails;
    nothing is downloaded.
    """
    from referencing import Registry, Resource

    resources = (Resource.from_contents(schema(version, dialect)) for version in versions() for dialect in DIALECTS)
    return resources @ Registry()


def _schema(version: str, dialect: str) -> Any:
    return files.schema(version, _dialect_folder(dialect))


def schema_name(version: str, dialect: str) -> str:
    """The path under `schemas/` of the schema of one of `versions()`.

    Raises:
        UnknownNameError: there is no such dialect.

    """
    return files.schema_name(version, _dialect_folder(dialect))


def _dialect_folder(dialect: str) -> str:
    if dialect not in DIALECTS:
        raise UnknownNameError(f"unknown dialect {dialect!r}", hint=f"choose one of {', '.join(DIALECTS)}")
    return DIALECTS[dialect]


def _numbers(version: str) -> tuple[int, ...]:
    numbers = tuple(map(int, version.split(".")))
    return numbers + (0,) * (4 - len(numbers))


def _rule(entry: dict[str, Any]) -> Rule:
    return Rule(
        id=entry["id"],
        title=entry["title"],
        description=entry["description"],
        why=entry["why"],
        fix=entry["fix"],
        severity=Severity(entry["severity"]),
        forward_compatible_severity=Severity(entry.get("forwardCompatibleSeverity", entry["severity"])),
        since=entry["since"],
        checked_by=entry["checkedBy"],
        source=(entry["source"]["document"], entry["source"]["place"]),
        passing=_example(entry["examples"]["passing"]),
        failing=_example(entry["examples"]["failing"]),
        superseded_by=tuple(entry.get("supersededBy", ())),
        keywords=tuple(
            Keyword(
                tuple(keyword["versions"]),
                keyword["keywordLocation"],
                keyword["schemaLocation"],
                keyword.get("dialect"),
            )
            for keyword in entry.get("keywords", ())
        ),
    )


def _example(entry: dict[str, Any]) -> Example:
    text = entry["text"] if "text" in entry else json.dumps(entry["data"])
    encoding, options = entry.get("encoding", "utf-8"), entry.get("options", {})
    return Example(text.encode(encoding), encoding, options.get("maxSize", MAX_SIZE), options.get("envelope", "api"))
