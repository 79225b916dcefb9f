"""The command `guestcust export`: writes the contract kit into another repository, and checks it there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from pathlib import Path

import click

from guestcust import __version__
from guestcust.cli import kit
from guestcust.cli.console import complain
from guestcust.cli.environment import CONFORMS, DOES_NOT_CONFORM
from guestcust.errors import OptionError
from guestcust.reporters.summary_line import counted
from guestcust.ruleset import catalog


@click.command(short_help="Write schemas, vectors and rules into another repository.")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--api-version",
    "api_versions",
    metavar="VERSION",
    multiple=True,
    help="Export only the files for this API version (default: all). Can be repeated.",
)
@click.option(
    "--dialect",
    "dialects",
    type=click.Choice(list(catalog.DIALECTS)),
    multiple=True,
    help="Export only this dialect of JSON Schema (default: all). Can be repeated.",
)
@click.option(
    "--for",
    "languages",
    metavar="LANGUAGE",
    type=click.Choice(list(kit.RUNNERS)),
    multiple=True,
    help=f"Write a test suite too: {', '.join(kit.RUNNERS)}. Can be repeated.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing; list missing, altered and stale files, and exit with 1 if there are any.",
)
@click.option("--force", is_flag=True, help="Overwrite files that were altered.")
def export(
    folder: Path,
    api_versions: tuple[str, ...],
    dialects: tuple[str, ...],
    languages: tuple[str, ...],
    check: bool,
    force: bool,
) -> int:
    """Write the schemas, rules and vectors into DIR, with a manifest of versions and hashes.

    With --for, DIR/LANGUAGE gets a test suite that runs the vectors, and your own payloads in DIR/payloads/valid and
    DIR/payloads/invalid/RULE, with JSON Schema validators of that language. A later export keeps it.

    Other files in DIR are left alone. --check reads from the manifest in DIR which versions and dialects were exported.

    Exit status: 0 if the files were written, or are up to date; 1 if --check finds a difference; 2 on an error.
    """
    if check and (api_versions or dialects or languages or force):
        raise OptionError("--check takes versions and dialects from the manifest", hint="leave the other options out")
    return _check(folder) if check else _write(folder, api_versions, dialects, languages, force=force)


def _check(folder: Path) -> int:
    copy = _manifest_in(folder)
    if copy is None:
        raise OptionError(f"there is no {kit.MANIFEST} in {folder}", hint=f"guestcust export {folder} writes one")
    current = kit.manifest(__version__, copy.api_versions, copy.dialects, copy.languages)
    found = list(kit.differences(copy, current, _digests(folder, copy.hashes)))
    for difference in found:
        click.echo(f"{difference.kind}: {os.path.join(folder, difference.name)}")
    if found:
        complain(
            f"{folder} differs from what guestcust {__version__} exports", f"update it with: guestcust export {folder}"
        )
        return DOES_NOT_CONFORM
    click.echo(f"{folder}: all {counted(len(copy.hashes), 'file')} up to date with guestcust {__version__}")
    return CONFORMS


def _write(
    folder: Path, api_versions: tuple[str, ...], dialects: tuple[str, ...], languages: tuple[str, ...], *, force: bool
) -> int:
    chosen = {catalog.resolve(each).version for each in api_versions} or set(catalog.versions())
    editions = dialects or tuple(catalog.DIALECTS)
    before = _manifest_in(folder)
    suites = set(languages) or set(before.languages if before else ())
    if suites and set(editions) != set(catalog.DIALECTS):
        raise OptionError("the test suites of --for need all dialects", hint="leave --dialect out")
    files = kit.files(chosen, editions, suites)
    wanted = kit.manifest(__version__, chosen, set(editions), suites)
    old = before.hashes if before else {}
    present = _digests(folder, old.keys() | files.keys())
    # Neither what was exported nor what will be.
    altered = sorted(name for name, digest in present.items() if digest not in (old.get(name), wanted.hashes.get(name)))
    if altered and not force:
        raise OptionError(
            f"{os.path.join(folder, altered[0])} was altered, or is not part of the kit"
            + (f"; so were {len(altered) - 1} more" if len(altered) > 1 else ""),
            hint="export into another folder, or use --force to overwrite",
        )
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if suites:
            for name in ("valid", "invalid"):
                (folder / "payloads" / name).mkdir(parents=True, exist_ok=True)
        for name in present.keys() - files.keys():
            (folder / name).unlink()
        # Last, so that an interrupted export is not mistaken for a complete one.
        (folder / kit.MANIFEST).write_text(wanted.text(), "utf-8", newline="\n")
    except OSError as error:
        raise OptionError(f"{error.filename} cannot be written: {error.strerror}", hint="name another folder") from None
    chosen_versions, chosen_dialects = " and ".join(wanted.api_versions), " and ".join(wanted.dialects)
    click.echo(f"{folder}: {counted(len(files), 'file')}, API {chosen_versions}, {chosen_dialects}")
    return CONFORMS


def _manifest_in(folder: Path) -> kit.Manifest | None:
    try:
        return kit.parsed((folder / kit.MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OptionError(f"{error.filename} cannot be read: {error.strerror}", hint="name a folder") from None


def _digests(folder: Path, names: Collection[str]) -> dict[str, str]:
    """The digests of those files that exist."""
    found = {}
    try:
        for name in names:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                found[name] = kit.digest((folder / name).read_bytes())
    except OSError as error:
        raise OptionError(f"{error.filename} cannot be read: {error.strerror}", hint="name another folder") from None
    return found
