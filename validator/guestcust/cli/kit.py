"""The contract kit for other repositories: its files, its manifest, and how a copy differs.

Computes what files should contain; reads only the package's own files, and writes none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from guestcust.errors import OptionError
from guestcust.ruleset import catalog
from guestcust.ruleset import files as schema_files

#: The file in a copy that lists versions and hashes.
MANIFEST = "manifest.json"


#: The files of the runner in each language, by its name.
RUNNERS: Mapping[str, tuple[str, ...]] = {
    "cpp": (".gitignore", "contract.py", "requirements.txt"),
    "go": ("contract_test.go", "go.mod", "go.sum"),
    "java": (".gitignore", "faults.json", "pom.xml", "src/test/java/ContractTest.java"),
    "javascript": (".gitignore", "contract.test.js", "package-lock.json", "package.json"),
    "kotlin": (".gitignore", "faults.json", "pom.xml", "src/test/kotlin/ContractTest.kt"),
    "perl": ("contract.t",),
    "php": ("contract.php",),
    "python": (".gitignore", "faults.json", "pytest.ini", "requirements.txt", "test_contract.py"),
    "ruby": ("contract_test.rb",),
    "rust": (".gitignore", "Cargo.lock", "Cargo.toml", "src/lib.rs", "tests/contract.rs"),
}


class Manifest(NamedTuple):
    """The versions, dialects and files of a copy of the kit."""

    #: The version of guestcust, such as "0.1.0".
    version: str
    api_versions: tuple[str, ...]
    dialects: tuple[str, ...]
    #: The languages of the runners, names of `RUNNERS`.
    languages: tuple[str, ...]
    #: The SHA-256 of each file, in hexadecimal digits, by its path in the kit with slashes.
    hashes: Mapping[str, str]

    def text(self) -> str:
        """The text of the manifest file."""
        document = {
            "guestcust": self.version,
            "apiVersions": self.api_versions,
            "dialects": self.dialects,
            "languages": self.languages,
            "files": {name: f"sha256:{digest}" for name, digest in sorted(self.hashes.items())},
        }
        return json.dumps(document, indent=2) + "\n"


class Difference(NamedTuple):
    """A file of a copy that is not up to date."""

    name: str
    #: "missing" or "altered" compared with the manifest; "stale" if this guestcust has another version of it, or none.
    kind: str


def files(api_versions: Iterable[str], dialects: Iterable[str], languages: Iterable[str] = ()) -> dict[str, bytes]:
    """The schemas, rules, vectors and runners of some of `catalog.versions()`, by their paths in the kit.

    The OpenAPI documents come with the dialect that they use: 3.1 with 2020-12, 3.0 with draft-04. The vectors of raw
    text apply to the newest version, so they come with that one.
    """
    wanted = set(api_versions)
    chosen = set(dialects)
    found = ["README.md", "rules.json"]
    found += (catalog.schema_name(version, dialect) for version in wanted for dialect in chosen)
    for dialect, folder in (("2020-12", "openapi"), ("draft-04", "openapi/3.0")):
        if dialect in chosen:
            found += (f"{folder}/{version}.openapi.json" for version in wanted)
    for kind in ("suite", "rules"):
        for version in wanted:
            found += schema_files.names(f"vectors/{kind}/{version}")
    if catalog.versions()[-1] in wanted:
        found += ("vectors/text.json", *schema_files.names("vectors/text"))
    kit = {name: schema_files.read(name) for name in sorted(found)}
    for language in sorted(languages):
        for name in RUNNERS[language]:
            kit[f"{language}/{name}"] = Path(schema_files.runners(), language, name).read_bytes()
    return kit


def manifest(
    version: str, api_versions: Iterable[str], dialects: Iterable[str], languages: Iterable[str] = ()
) -> Manifest:
    """The manifest of the kit in this guestcust."""
    chosen = tuple(sorted(api_versions, key=catalog.versions().index))
    editions = tuple(sorted(dialects, key=list(catalog.DIALECTS).index))
    names = tuple(sorted(languages))
    hashes = {name: digest(data) for name, data in files(chosen, editions, names).items()}
    return Manifest(version, chosen, editions, names, hashes)


def digest(data: bytes) -> str:
    """The SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def parsed(text: bytes) -> Manifest:
    """A manifest from the text of its file.

    Raises:
        OptionError: it is not a manifest, or names a version or dialect that this guestcust does not have.

    """
    try:
        document: Any = json.loads(text)
        if any(".." in PurePosixPath(name).parts or PurePosixPath(name).is_absolute() for name in document["files"]):
            raise ValueError("a file outside the folder")
        hashes = {str(name): str(value).removeprefix("sha256:") for name, value in document["files"].items()}
        found = Manifest(
            str(document["guestcust"]),
            tuple(document["apiVersions"]),
            tuple(document["dialects"]),
            tuple(document.get("languages", ())),
            hashes,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise OptionError(
            f"{MANIFEST} was not written by `guestcust export`", hint="export into a new folder"
        ) from None
    strange = [name for name in found.api_versions if name not in catalog.versions()]
    strange += [name for name in found.dialects if name not in catalog.DIALECTS]
    strange += [name for name in found.languages if name not in RUNNERS]
    if strange:
        raise OptionError(
            f"{MANIFEST} names {', '.join(map(str, strange))}, which this guestcust does not have",
            hint="it may come from a newer guestcust: use that one",
        )
    return found


def differences(copy: Manifest, current: Manifest, present: Mapping[str, str]) -> Iterator[Difference]:
    """How a copy differs from its manifest, and its manifest from that of this guestcust.

    Args:
        copy: the manifest of the copy.
        current: the manifest that an export would write now.
        present: the digests of the files that exist, by their paths in the kit.

    """
    for name in sorted(copy.hashes.keys() | current.hashes.keys()):
        if name in copy.hashes and name not in present:
            yield Difference(name, "missing")
        elif name in copy.hashes and present[name] != copy.hashes[name]:
            yield Difference(name, "altered")
        elif copy.hashes.get(name) != current.hashes.get(name):
            yield Difference(name, "stale")
