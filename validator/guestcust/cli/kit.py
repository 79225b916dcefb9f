"""The kit for other repositories: which files it has, its manifest, and how a copy of it differs.

Pure: knows what files should hold, and touches none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from guestcust.errors import OptionError
from guestcust.ruleset import catalog
from guestcust.ruleset import files as schema_files

#: The file in which a copy says what it is.
MANIFEST = "manifest.json"


class Manifest(NamedTuple):
    """What a copy of the kit was made of."""

    #: Of guestcust, as "0.1.0".
    version: str
    api_versions: tuple[str, ...]
    dialects: tuple[str, ...]
    #: The SHA-256 of each file, in hexadecimal digits, by its path in the kit with slashes.
    hashes: Mapping[str, str]

    def text(self) -> str:
        """The manifest as the text of its file."""
        document = {
            "guestcust": self.version,
            "apiVersions": self.api_versions,
            "dialects": self.dialects,
            "files": {name: f"sha256:{digest}" for name, digest in sorted(self.hashes.items())},
        }
        return json.dumps(document, indent=2) + "\n"


class Difference(NamedTuple):
    """A file of a copy that is not as it should be."""

    name: str
    #: "missing" or "altered" against its manifest; "stale" where this guestcust has another, or none.
    kind: str


def files(api_versions: Iterable[str], dialects: Iterable[str]) -> dict[str, bytes]:
    """The schemas, rules and vectors of some of `catalog.versions()`, by their paths in the kit.

    The OpenAPI documents, which refer to the schemas of 2020-12, come with those. The vectors of raw text, which are
    judged by the newest version, come with that one.
    """
    wanted = set(api_versions)
    chosen = set(dialects)
    found = ["README.md", "rules.json"]
    found += (catalog.schema_name(version, dialect) for version in wanted for dialect in chosen)
    if "2020-12" in chosen:
        found += (f"openapi/{version}.openapi.json" for version in wanted)
    for kind in ("suite", "rules"):
        for version in wanted:
            found += schema_files.names(f"vectors/{kind}/{version}")
    if catalog.versions()[-1] in wanted:
        found += ("vectors/text.json", *schema_files.names("vectors/text"))
    return {name: schema_files.read(name) for name in sorted(found)}


def manifest(version: str, api_versions: Iterable[str], dialects: Iterable[str]) -> Manifest:
    """The manifest of the kit as this guestcust has it."""
    chosen = tuple(sorted(api_versions, key=catalog.versions().index))
    editions = tuple(sorted(dialects, key=list(catalog.DIALECTS).index))
    hashes = {name: digest(data) for name, data in files(chosen, editions).items()}
    return Manifest(version, chosen, editions, hashes)


def digest(data: bytes) -> str:
    """The SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def parsed(text: bytes) -> Manifest:
    """A manifest from the text of its file.

    Raises:
        OptionError: it is none, or names a version or a dialect that this guestcust does not have.

    """
    try:
        document: Any = json.loads(text)
        if any(".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute() for name in document["files"]):
            raise ValueError("a file outside the folder")
        hashes = {str(name): str(value).removeprefix("sha256:") for name, value in document["files"].items()}
        found = Manifest(
            str(document["guestcust"]), tuple(document["apiVersions"]), tuple(document["dialects"]), hashes
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise OptionError(
            f"{MANIFEST} is not as `guestcust export` writes it", hint="export into a new folder"
        ) from None
    strange = [name for name in found.api_versions if name not in catalog.versions()]
    strange += [name for name in found.dialects if name not in catalog.DIALECTS]
    if strange:
        raise OptionError(
            f"{MANIFEST} names {', '.join(map(str, strange))}, which this guestcust does not have",
            hint="a newer guestcust may have written it: use that one",
        )
    return found


def differences(copy: Manifest, current: Manifest, present: Mapping[str, str]) -> Iterator[Difference]:
    """How a copy differs from its manifest, and that from the kit as this guestcust has it.

    Args:
        copy: the manifest of the copy.
        current: the manifest that it would get now.
        present: the digests of the files that are there, by their paths in the kit.

    """
    for name in sorted(copy.hashes.keys() | current.hashes.keys()):
        if name in copy.hashes and name not in present:
            yield Difference(name, "missing")
        elif name in copy.hashes and present[name] != copy.hashes[name]:
            yield Difference(name, "altered")
        elif copy.hashes.get(name) != current.hashes.get(name):
            yield Difference(name, "stale")
