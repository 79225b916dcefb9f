"""The command `guestcust check`: its options, the reports they ask for, and the exit status."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
from collections.abc import Iterable
from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from guestcust import __version__
from guestcust.captures import FORMATS
from guestcust.captures.envelopes import ENVELOPES
from guestcust.cli.config import Settings, as_toml, settings
from guestcust.cli.console import complain
from guestcust.cli.environment import CONFORMS, COULD_NOT_JUDGE, DOES_NOT_CONFORM, wants_color
from guestcust.cli.nothing_found import hint
from guestcust.cli.progress import Silent, progress
from guestcust.cli.targets import Target
from guestcust.cli.workers import LARGE, Crew, available
from guestcust.errors import OptionError, UnknownNameError
from guestcust.model import Severity, Source, Summary
from guestcust.pipeline import Check
from guestcust.reporters import REPORTERS
from guestcust.reporters.protocol import Circumstances, Reporter
from guestcust.ruleset import catalog
from guestcust.sources import Exclusion, sources
from guestcust.validator import Validator

_DEFAULTS = Settings()


def _complete_output(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in REPORTERS if name.startswith(incomplete)]


def _complete_warning(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    found = (rule for rule in catalog.rules() if rule.severity is Severity.WARNING and rule.id.startswith(incomplete))
    return [CompletionItem(rule.id, help=rule.title) for rule in found]


@click.command(short_help="Judge payloads in files, folders or stdin.")
@click.argument("paths", metavar="PATH...", nargs=-1, type=click.Path())
@click.option(
    "--api-version",
    metavar="VERSION",
    default=_DEFAULTS.api_version,
    show_default=True,
    help="The vSphere API version of the server: one to four numbers, such as 8.0.2.0.",
)
@click.option("--strict/--no-strict", help="Let warnings make a payload invalid too.")
@click.option(
    "--forward-compatible/--no-forward-compatible",
    help="Take unknown members and unknown statuses, which newer servers may send, for warnings.",
)
@click.option(
    "--disable",
    metavar="RULE",
    multiple=True,
    shell_complete=_complete_warning,
    help="A rule whose warnings are not wanted. May be given several times.",
)
@click.option(
    "--format",
    type=click.Choice(["auto", *FORMATS]),
    default=_DEFAULTS.format,
    show_default=True,
    help="What the files are; auto goes by their endings, then by their first bytes.",
)
@click.option(
    "--envelope",
    type=click.Choice(ENVELOPES),
    default=_DEFAULTS.envelope,
    show_default=True,
    help='What the payloads stand in: nothing (api), {"value": PAYLOAD} (rest), or whichever it is.',
)
@click.option(
    "--exclude",
    metavar="PATTERN",
    multiple=True,
    help="Files to pass over, as in a .gitignore in the working folder. May be given several times.",
)
@click.option(
    "--skip-unrelated/--no-skip-unrelated",
    help="Pass over JSON that is no capture and does not look like the structure, as most of a repository.",
)
@click.option(
    "--output",
    "outputs",
    metavar="FORMAT[=FILE]",
    multiple=True,
    default=["text"],
    show_default=True,
    shell_complete=_complete_output,
    help=f"A report, on stdout or in FILE: {', '.join(REPORTERS)}. May be given several times.",
)
@click.option("--all", "everything", is_flag=True, help="List conforming payloads too, and what was passed over.")
@click.option("--quiet", "-q", is_flag=True, help="Text report: a line a violation, nothing else.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first payload that fails.")
@click.option(
    "--max-violations",
    metavar="N",
    type=click.IntRange(min=0),
    help="Show no more than N violations; count the others.",
)
@click.option(
    "--max-size",
    metavar="BYTES",
    type=click.IntRange(min=1),
    default=_DEFAULTS.max_size,
    show_default=True,
    help="How long the text of one payload may be.",
)
@click.option(
    "--jobs",
    "-j",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many processes check a large NDJSON file; as many as there are processors unless said.",
)
@click.option("--allow-empty/--no-allow-empty", help="Exit with 0 where no payload is found.")
@click.option("--config", metavar="FILE", type=click.Path(), help="The file of settings, instead of the nearest.")
@click.option("--no-config", is_flag=True, help="Read no file of settings.")
@click.option("--show-config", is_flag=True, help="Print the settings that hold, and where each was set, and exit.")
@click.pass_context
def check(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    outputs: tuple[str, ...],
    everything: bool,
    quiet: bool,
    fail_fast: bool,
    max_violations: int | None,
    jobs: int | None,
    config: str | None,
    no_config: bool,
    show_config: bool,
    **options: Any,
) -> int:
    """Judges the payloads in each PATH: a file, a folder (searched for files of known endings), or - for stdin.

    A JSON file holds one payload or an array of payloads, an NDJSON file one a line, a capture one an exchange.

    Settings come from the nearest guestcust.toml, or [tool.guestcust] in pyproject.toml, from the working folder
    upwards; what is said here comes before.

    Exit status: 0 everything conforms, 1 something does not, 2 something could not be judged (bad usage, a file that
    cannot be read, no payload found).
    """
    if config is not None and no_config:
        raise OptionError("--config and --no-config exclude each other", hint="leave one of them out")
    given = {
        name: value
        for name, value in options.items()
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT
    }
    chosen = settings(given, file=config, search=not no_config)
    # Whatever makes no sense is refused before anything is opened.
    resolution = _check(chosen).resolution
    written = _files(outputs, paths)
    exclusion = Exclusion(chosen.exclude, chosen.folder, written)
    if show_config:
        click.echo(as_toml(chosen), nl=False)
        return CONFORMS
    if not paths:
        raise click.MissingParameter(
            ctx=context, param=next(one for one in context.command.params if one.name == "paths")
        )
    circumstances = Circumstances(resolution, __version__, everything=everything, quiet=quiet)
    with contextlib.ExitStack() as stack:
        reports = _reports(outputs, circumstances, stack)
        bar = stack.enter_context(progress(paths, exclusion))
        make = functools.partial(_check, chosen, everything=any(report.reporter.wants_conforming for report in reports))
        processes = 1 if fail_fast else jobs or available()
        crew = stack.enter_context(Crew(processes, make, format=chosen.format, large=1 if jobs else LARGE))
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
    return _status(results.summary, paths, chosen)


def _check(chosen: Settings, sources: Iterable[Source] = (), **options: Any) -> Check:
    """The check that the settings ask for."""
    validator = Validator(
        chosen.api_version,
        forward_compatible=chosen.forward_compatible,
        strict=chosen.strict,
        max_size=chosen.max_size,
        disabled=chosen.disable,
    )
    return Check(
        sources,
        validator,
        format=chosen.format,
        envelope=chosen.envelope,
        skip_unrelated=chosen.skip_unrelated,
        **options,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Report:
    """A reporter and the file that its text goes to; stdout where there is none."""

    reporter: Reporter
    target: Target | None

    def write(self, piece: str, bar: Silent) -> None:
        if self.target:
            self.target.write(piece)
        elif piece:
            bar.write(piece)


def _files(outputs: tuple[str, ...], paths: tuple[str, ...]) -> frozenset[str]:
    """The real paths of the reports' files, which are not judged where they lie in a folder that is.

    Raises:
        OptionError: a report would replace what is to be judged.

    """
    files = {os.path.realpath(path): path for _, _, path in (output.partition("=") for output in outputs) if path}
    for path in paths if files else ():
        report = files.get(os.path.realpath(path))
        if report is not None and os.path.isfile(path):
            raise OptionError(
                f"the report {report} would replace {path}, which is to be judged", hint="name another file"
            )
    return frozenset(files)


def _reports(outputs: tuple[str, ...], circumstances: Circumstances, stack: contextlib.ExitStack) -> list[_Report]:
    reports: list[_Report] = []
    places: set[str] = set()
    for output in outputs:
        name, equals, path = output.partition("=")
        if name not in REPORTERS:
            raise UnknownNameError(f"no report is called {name!r}", hint=f"one of {', '.join(REPORTERS)}")
        if equals and not path:
            raise OptionError(f"--output {output} names no file", hint=f"--output {name}=FILE, or {name} for stdout")
        if not path and any(report.target is None for report in reports):
            raise OptionError("two reports cannot share stdout", hint=f"give one of them a file: --output {name}=FILE")
        place = os.path.realpath(path) if path else ""
        if path and place in places:
            raise OptionError(f"two reports cannot share the file {path}", hint="name another file for one of them")
        places.add(place)
        target = stack.enter_context(Target(path)) if path else None
        color = target is None and wants_color()
        reports.append(_Report(REPORTERS[name](dataclasses.replace(circumstances, color=color)), target))
    return reports


def _status(summary: Summary, paths: tuple[str, ...], chosen: Settings) -> int:
    if summary.unreadable:
        return COULD_NOT_JUDGE
    if summary.invalid:
        return DOES_NOT_CONFORM
    if summary.checked == 0 and not chosen.allow_empty:
        complain("no payload was found", hint(summary, paths, chosen.format))
        return COULD_NOT_JUDGE
    return CONFORMS
