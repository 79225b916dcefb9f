"""The command `guestcust check`: its options, the reports they ask for, and the exit status."""

from __future__ import annotations

import contextlib
import datetime
import functools
import os
import shlex
import sys
from collections.abc import Callable, Iterable
from typing import Any

import click
from click.shell_completion import CompletionItem

from guestcust import __version__
from guestcust.captures.envelopes import ENVELOPES
from guestcust.captures.formats import FORMATS
from guestcust.cli import config as settings
from guestcust.cli.config import Checked, Setting, Size
from guestcust.cli.console import complain
from guestcust.cli.environment import CONFORMS, COULD_NOT_CHECK, DOES_NOT_CONFORM, wants_color
from guestcust.cli.nothing_found import hint
from guestcust.cli.outputs import begun, real_paths
from guestcust.cli.progress import progress
from guestcust.cli.workers import LARGE, Crew, available
from guestcust.engine.engine import ENGINES
from guestcust.errors import OptionError
from guestcust.jsontext.decode import MAX_SIZE
from guestcust.model import Severity, Source
from guestcust.pipeline import Check
from guestcust.reporters import REPORTERS
from guestcust.reporters.protocol import Circumstances, Summary
from guestcust.ruleset import catalog
from guestcust.sources import Exclusion, sources
from guestcust.validator import Validator, require_warnings


def _complete_output(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in REPORTERS if name.startswith(incomplete)]


def _complete_warning(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    found = (rule for rule in catalog.rules() if rule.severity is Severity.WARNING and rule.id.startswith(incomplete))
    return [CompletionItem(rule.id, help=rule.title) for rule in found]


def _forbid_both(context: click.Context) -> None:
    if context.params.get("no_config") and context.params.get("config") is not None:
        raise OptionError("--config and --no-config exclude each other", hint="leave one of them out")


def _without_settings(context: click.Context, parameter: click.Parameter, is_wanted: bool) -> bool:
    context.params["no_config"] = is_wanted
    _forbid_both(context)
    return is_wanted


def _with_settings(context: click.Context, parameter: click.Parameter, file: str | None) -> str | None:
    context.params["config"] = file
    _forbid_both(context)
    if not context.params.get("no_config") and not context.resilient_parsing:
        settings.load(context, file)
    return file


@click.command(short_help="Check payloads in files, folders or stdin.")
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path())
@click.option(
    "--api-version",
    metavar="VERSION",
    cls=Setting,
    type=Checked("version", catalog.resolve),
    default="latest",
    show_default=True,
    help="vSphere API version of the server: one to four numbers, such as 8.0.2.0.",
)
@click.option("--strict/--no-strict", cls=Setting, help="Let warnings make a payload invalid too.")
@click.option(
    "--forward-compatible/--no-forward-compatible",
    cls=Setting,
    help="Report unknown members and unknown statuses, which newer servers may send, as warnings.",
)
@click.option(
    "--disable",
    metavar="RULE",
    cls=Setting,
    type=Checked("rule", lambda rule: require_warnings([rule])),
    multiple=True,
    shell_complete=_complete_warning,
    help="Do not report this warning. Can be repeated.",
)
@click.option(
    "--format",
    metavar="FORMAT",
    cls=Setting,
    type=click.Choice(["auto", *FORMATS]),
    default="auto",
    show_default=True,
    help=f"Format of the files: {', '.join(FORMATS)}, or auto, which goes by the ending and the first bytes.",
)
@click.option(
    "--envelope",
    metavar="ENVELOPE",
    cls=Setting,
    type=click.Choice(ENVELOPES),
    default="auto",
    show_default=True,
    help='What surrounds a payload: api (nothing), rest ({"value": PAYLOAD}), json-rpc, or auto, any of them.',
)
@click.option(
    "--exclude",
    metavar="PATTERN",
    cls=Setting,
    type=Checked("pattern", lambda pattern: Exclusion([pattern], os.sep)),
    multiple=True,
    help="Skip matching files; patterns are those of a .gitignore in the working folder. Can be repeated.",
)
@click.option(
    "--skip-unrelated/--no-skip-unrelated",
    cls=Setting,
    help="Skip JSON that has nothing to do with guest customization. Use it on a whole repository.",
)
@click.option(
    "--max-size",
    metavar="SIZE",
    cls=Setting,
    type=Size(),
    default=MAX_SIZE,
    help=f"Largest payload to accept, in bytes or with a unit (kB, MB, MiB).  [default: {MAX_SIZE >> 20}MiB]",
)
@click.option("--allow-empty/--no-allow-empty", cls=Setting, help="Exit with 0 even if no payload was found.")
@click.option(
    "--output",
    "outputs",
    metavar="FORMAT[=FILE]",
    multiple=True,
    default=["text"],
    show_default=True,
    shell_complete=_complete_output,
    help=f"Write a report to stdout or FILE: {', '.join(REPORTERS)}. Can be repeated.",
)
@click.option("--all", "everything", is_flag=True, help="List conforming payloads and skipped ones too.")
@click.option("--quiet", "-q", is_flag=True, help="Print one line per violation and no summary (text report).")
@click.option(
    "--color",
    metavar="WHEN",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour the text report: always, never, or auto, which respects NO_COLOR and FORCE_COLOR.",
)
@click.option("--fail-fast", is_flag=True, help="Stop at the first failure.")
@click.option(
    "--max-violations",
    metavar="N",
    type=click.IntRange(min=0),
    help="List at most N violations; count the rest.",
)
@click.option(
    "--jobs",
    "-j",
    metavar="N",
    type=click.IntRange(min=1),
    help="Number of processes for large NDJSON files (default: one per processor).",
)
@click.option(
    "--engine",
    metavar="ENGINE",
    type=click.Choice(ENGINES),
    default="guestcust",
    show_default=True,
    help="What evaluates the schema: guestcust, or jsonschema, the reference implementation, which is slower.",
)
@click.option("--no-config", is_flag=True, is_eager=True, callback=_without_settings, help="Ignore settings files.")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(),
    is_eager=True,
    callback=_with_settings,
    help="Settings file to use instead of the nearest one.",
)
@click.option("--show-config", is_flag=True, help="Print the settings in effect and where each was set, then exit.")
@click.pass_context
def check(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    exclude: tuple[str, ...],
    allow_empty: bool,
    outputs: tuple[str, ...],
    everything: bool,
    quiet: bool,
    color: str,
    fail_fast: bool,
    max_violations: int | None,
    jobs: int | None,
    no_config: bool,
    config: str | None,
    show_config: bool,
    **options: Any,
) -> int:
    """Check the payloads in each PATH: a file, a folder, or - for stdin.

    A JSON file holds one payload or an array of payloads, an NDJSON file one payload per line, a capture one payload
    per exchange. Folders are searched for files with a known ending.

    Defaults come from the nearest guestcust.toml, or [tool.guestcust] in pyproject.toml, from the working folder
    upwards. Options on the command line take precedence.

    Exit status: 0 if everything conforms, 1 if something does not, 2 if something could not be checked (bad usage, an
    unreadable file, no payload found).
    """
    _require_working_folder(exclude, outputs)
    # Bad usage is an error before anything is opened.
    exclusion = Exclusion(exclude, settings.folder_of(context, "exclude"), real_paths(outputs, paths))
    if show_config:
        click.echo(settings.as_toml(context), nl=False)
        return CONFORMS
    if not paths:
        raise click.MissingParameter(
            ctx=context, param=next(one for one in context.command.params if one.name == "paths")
        )
    resolution = catalog.resolve(options["api_version"])
    circumstances = Circumstances(
        resolution,
        __version__,
        everything=everything,
        quiet=quiet,
        started=datetime.datetime.now(datetime.timezone.utc),
        command_line=shlex.join(["guestcust", *sys.argv[1:]]),
    )
    with contextlib.ExitStack() as stack:
        reports = begun(outputs, circumstances, wants_color(color), stack)
        bar = stack.enter_context(progress(paths, exclusion))
        wants_conforming = any(report.reporter.wants_conforming for report in reports)
        make: Callable[..., Check] = functools.partial(_check, **options, everything=wants_conforming)
        processes = 1 if fail_fast else jobs or available()
        crew = stack.enter_context(Crew(processes, make, format=options["format"], large=1 if jobs else LARGE))
        results = make(
            (bar.watched(source) for source in sources(paths, exclusion)),
            fail_fast=fail_fast,
            max_violations=max_violations,
            share=crew.share,
        )
        if resolution.notice:
            complain(resolution.notice)
        for report in reports:
            report.write(report.reporter.begin(), bar)
        for result in results:
            for report in reports:
                report.write(report.reporter.add(result), bar)
        for report in reports:
            report.write(report.reporter.end(results.summary), bar)
        for report in reports:
            if report.target:
                report.target.commit()
    if not quiet and all(report.target for report in reports):
        # Its end is the summary line.
        click.echo(REPORTERS["text"](circumstances).end(results.summary), err=True, nl=False)
    return _status(results.summary, paths, options["format"], allow_empty=allow_empty)


def _check(sources: Iterable[Source] = (), *, disable: tuple[str, ...], **options: Any) -> Check:
    """The check that the options ask for; those that are not of `Validator` are of `Check`."""
    names = ("api_version", "engine", "forward_compatible", "max_size", "strict")
    validator = Validator(**{name: options.pop(name) for name in names}, disabled=disable)
    return Check(sources, validator, **options)


def _require_working_folder(exclude: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    """Refuses what depends on a working folder if that was deleted."""
    if exclude or any("=" in output for output in outputs):
        try:
            os.getcwd()
        except OSError:
            raise OptionError(
                "the working folder no longer exists, so --exclude and --output FORMAT=FILE cannot be used",
                hint="change to another folder",
            ) from None


def _status(summary: Summary, paths: tuple[str, ...], format: str, *, allow_empty: bool) -> int:
    if summary.unreadable:
        return COULD_NOT_CHECK
    if summary.invalid:
        return DOES_NOT_CONFORM
    if summary.checked == 0 and not allow_empty:
        complain("no payload was found", hint(summary, paths, format))
        return COULD_NOT_CHECK
    return CONFORMS
