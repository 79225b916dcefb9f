"""The command `guestcust export`: the contract kit in another repository, and whether it is still as it was."""

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
from guestcust.ruleset import catalog


@click.command(short_help="Write schemas, vectors and rules into another repository.")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--api-version",
    "api_versions",
    metavar="VERSION",
    multiple=True,
    help="Only what judges this API version. May be given several times; all unless said.",
)
@click.option(
    "--dialect",
    "dialects",
    type=click.Choice(list(catalog.DIALECTS)),
    multiple=True,
    help="Only this dialect of JSON Schema. May be given several times; all unless said.",
)
@click.option("--check", is_flag=True, help="Write nothing; say what is missing, altered or stale, and exit with 1.")
@click.option("--force", is_flag=True, help="Write over files that somebody has altered.")
def export(folder: Path, api_versions: tuple[str, ...], dialects: tuple[str, ...], check: bool, force: bool) -> int:
    """Writes the schemas, rules and vectors into DIR, with a manifest of versions and hashes.

    Other files in DIR are left alone. --check goes by the manifest that is there: which versions and dialects were
    exported need not be said again.

    Exit status: 0 written, or as it should be; 1 with --check something is not; 2 it could not be done.
    """
    if check and (api_versions or dialects or force):
        raise OptionError("--check goes by the manifest alone", hint="leave the other options out")
    return _check(folder) if check else _write(folder, api_versions, dialects, force=force)


def _check(folder: Path) -> int:
    copy = _manifest_in(folder)
    if copy is None:
        raise OptionError(f"there is no {kit.MANIFEST} in {folder}", hint=f"guestcust export {folder} writes one")
    current = kit.manifest(__version__, copy.api_versions, copy.dialects)
    found = list(kit.differences(copy, current, _digests(folder, copy.hashes)))
    for difference in found:
        click.echo(f"{difference.kind}: {os.path.join(folder, difference.name)}")
    if found:
        complain(f"{folder} is not what this guestcust, {__version__}, would export", f"guestcust export {folder}")
        return DOES_NOT_CONFORM
    click.echo(f"{folder}: {len(copy.hashes)} files are as guestcust {__version__} has them")
    return CONFORMS


def _write(folder: Path, api_versions: tuple[str, ...], dialects: tuple[str, ...], *, force: bool) -> int:
    chosen = {catalog.resolve(each).version for each in api_versions} or set(catalog.versions())
    editions = dialects or tuple(catalog.DIALECTS)
    files = kit.files(chosen, editions)
    wanted = kit.manifest(__version__, chosen, set(editions))
    before = _manifest_in(folder)
    old = before.hashes if before else {}
    present = _digests(folder, old.keys() | files.keys())
    # What is there, is not what was exported, and is not what will be.
    altered = sorted(name for name, digest in present.items() if digest not in (old.get(name), wanted.hashes.get(name)))
    if altered and not force:
        raise OptionError(
            f"{os.path.join(folder, altered[0])} has been altered, or is not of this kit"
            + (f"; so have {len(altered) - 1} more" if len(altered) > 1 else ""),
            hint="export into another folder, or write over it with --force",
        )
    try:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for name in present.keys() - files.keys():
            (folder / name).unlink()
        # Last, so that a copy that was broken off is not taken for a whole one.
        (folder / kit.MANIFEST).write_text(wanted.text(), "utf-8", newline="\n")
    except OSError as error:
        raise OptionError(f"{error.filename} cannot be written: {error.strerror}", hint="name another folder") from None
    click.echo(
        f"{folder}: {len(files)} files, API {' and '.join(wanted.api_versions)}, {' and '.join(wanted.dialects)}"
    )
    return CONFORMS


def _manifest_in(folder: Path) -> kit.Manifest | None:
    try:
        return kit.parsed((folder / kit.MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OptionError(f"{error.filename} cannot be read: {error.strerror}", hint="name a folder") from None


def _digests(folder: Path, names: Collection[str]) -> dict[str, str]:
    """The digests of the files that are there."""
    found = {}
    try:
        for name in names:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                found[name] = kit.digest((folder / name).read_bytes())
    except OSError as error:
        raise OptionError(f"{error.filename} cannot be read: {error.strerror}", hint="name another folder") from None
    return found
