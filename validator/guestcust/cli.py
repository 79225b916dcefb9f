"""The command: arguments in, reports on stdout, chatter on stderr, and an exit status.

The only room that prints or exits. What it does is done by others; here it is only asked for and shown.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import io
import os
import sys
import textwrap
from collections.abc import Iterator
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem, get_completion_class, shell_complete

from guestcust import __version__, catalog
from guestcust.captures import EXTENSIONS, FORMATS
from guestcust.captures.decode import MAX_SIZE
from guestcust.captures.envelopes import ENVELOPES
from guestcust.check import Check
from guestcust.errors import GuestcustError, OptionError, UnknownNameError
from guestcust.examples import Example, examples
from guestcust.model import Circumstances, Reporter, Rule, Source, Summary
from guestcust.reporters import REPORTERS
from guestcust.shown import printable
from guestcust.sources import sources, total_size
from guestcust.targets import Target
from guestcust.validator import Validator

#: Everything conforms.
CONFORMS = 0
#: At least one payload does not.
DOES_NOT_CONFORM = 1
#: Something could not be judged: bad usage, unreadable input, nothing found.
COULD_NOT_JUDGE = 2
#: As shells say it of a command that Ctrl-C ended.
INTERRUPTED = 130

# Below this, nobody has the time to see a bar.
_LARGE = 16 * 1024 * 1024
_COMPLETE = "_GUESTCUST_COMPLETE"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def main() -> NoReturn:
    """The entry point: runs the command line and exits."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs a command line and gives its exit status; whatever goes wrong is said in a line or two on stderr."""
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, "stdout is closed")
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        status = _invoke(arguments)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return COULD_NOT_JUDGE
    except GuestcustError as error:
        _complain(str(error), error.hint)
        return COULD_NOT_JUDGE
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        _abandon_stdout()
        _complain("interrupted; what was not reported was not judged")
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return COULD_NOT_JUDGE
    except OSError as error:
        _abandon_stdout()
        _complain(f"the report could not be written: {error.strerror or error}")
        return COULD_NOT_JUDGE
    return status if isinstance(status, int) else CONFORMS


def _invoke(arguments: list[str]) -> Any:
    """What click's own `main` does, but for closed pipes and Ctrl-C, which it would take for failing payloads."""
    if completing := os.environ.get(_COMPLETE):
        return shell_complete(command, {}, "guestcust", _COMPLETE, completing)
    try:
        with command.make_context("guestcust", arguments) as context:
            return command.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code


def _complain(message: str, hint: str = "") -> None:
    click.echo(f"guestcust: {printable(message)}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)


def _abandon_stdout() -> None:
    """Points stdout nowhere, so that what is still buffered cannot fail again when Python ends."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(context_settings=_CONTEXT)
@click.version_option(__version__, "-V", "--version", message="guestcust %(version)s")
def command() -> None:
    """Says whether payloads of vSphere's guest customization status conform, and if not, why and where.

    \b
    Begin with:
      guestcust check response.json          judge a payload in a file
      guestcust check captures/              judge every JSON and NDJSON file in a folder
      curl ... | guestcust check -           judge what comes in
      guestcust explain RULE                 what a rule wants, with examples
    """


def _complete_output(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in REPORTERS if name.startswith(incomplete)]


@command.command(short_help="Judge payloads in files, folders or stdin.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--api-version",
    metavar="VERSION",
    default="latest",
    show_default=True,
    help="The vSphere API version of the server: one to four numbers, such as 8.0.2.0.",
)
@click.option("--strict", is_flag=True, help="Let warnings make a payload invalid too.")
@click.option(
    "--forward-compatible",
    is_flag=True,
    help="Take unknown members and unknown statuses, which newer servers may send, for warnings.",
)
@click.option(
    "--format",
    type=click.Choice(["auto", *FORMATS]),
    default="auto",
    show_default=True,
    help="What the files are; auto goes by their endings, then by their first bytes.",
)
@click.option(
    "--envelope",
    type=click.Choice(ENVELOPES),
    default="auto",
    show_default=True,
    help='What the payloads stand in: nothing (api), {"value": PAYLOAD} (rest), or whichever it is.',
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
@click.option("--all", "everything", is_flag=True, help="List conforming payloads too.")
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
    default=MAX_SIZE,
    show_default=True,
    help="How long the text of one payload may be.",
)
@click.option("--allow-empty", is_flag=True, help="Exit with 0 where no payload is found.")
def check(
    paths: tuple[str, ...],
    api_version: str,
    strict: bool,
    forward_compatible: bool,
    format: str,
    envelope: str,
    outputs: tuple[str, ...],
    everything: bool,
    quiet: bool,
    fail_fast: bool,
    max_violations: int | None,
    max_size: int,
    allow_empty: bool,
) -> int:
    """Judges the payloads in each PATH: a file, a folder (searched for .json, .ndjson and .jsonl), or - for stdin.

    A JSON file holds one payload or an array of payloads, an NDJSON file one a line.

    Exit status: 0 everything conforms, 1 something does not, 2 something could not be judged (bad usage, a file that
    cannot be read, no payload found).
    """
    validator = Validator(api_version, forward_compatible=forward_compatible, strict=strict, max_size=max_size)
    circumstances = Circumstances(validator.resolution, __version__, everything=everything, quiet=quiet)
    with contextlib.ExitStack() as stack:
        reports = _reports(outputs, circumstances, stack)
        bar = stack.enter_context(_progress(paths))
        results = Check(
            (bar.watched(source) for source in sources(paths)),
            validator,
            format=format,
            envelope=envelope,
            fail_fast=fail_fast,
            max_violations=max_violations,
        )
        if validator.resolution.notice:
            _complain(validator.resolution.notice)
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
    return _status(results.summary, allow_empty=allow_empty)


@dataclasses.dataclass(frozen=True, slots=True)
class _Report:
    """A reporter and the file that its text goes to; stdout where there is none."""

    reporter: Reporter
    target: Target | None

    def write(self, piece: str, bar: _Silent) -> None:
        if self.target:
            self.target.write(piece)
        elif piece:
            bar.write(piece)


def _reports(outputs: tuple[str, ...], circumstances: Circumstances, stack: contextlib.ExitStack) -> list[_Report]:
    reports: list[_Report] = []
    for output in outputs:
        name, equals, path = output.partition("=")
        if name not in REPORTERS:
            raise UnknownNameError(f"no report is called {name!r}", hint=f"one of {', '.join(REPORTERS)}")
        if equals and not path:
            raise OptionError(f"--output {output} names no file", hint=f"--output {name}=FILE, or {name} for stdout")
        if not path and any(report.target is None for report in reports):
            raise OptionError("two reports cannot share stdout", hint=f"give one of them a file: --output {name}=FILE")
        target = stack.enter_context(Target(path)) if path else None
        color = target is None and _wants_color()
        reports.append(_Report(REPORTERS[name](dataclasses.replace(circumstances, color=color)), target))
    return reports


def _status(summary: Summary, *, allow_empty: bool) -> int:
    if summary.unreadable:
        return COULD_NOT_JUDGE
    if summary.invalid:
        return DOES_NOT_CONFORM
    if summary.judged == 0 and not allow_empty:
        _complain(
            "no payload was found",
            f"in folders, files ending in {', '.join(EXTENSIONS)} count; --allow-empty accepts none",
        )
        return COULD_NOT_JUDGE
    return CONFORMS


def _wants_color() -> bool:
    """On a terminal, unless NO_COLOR is set to something (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class _Silent:
    """No progress bar: what is written goes straight to stdout."""

    def watched(self, source: Source) -> Source:
        return source

    def write(self, piece: str) -> None:
        sys.stdout.write(piece)
        # Whoever reads along sees what was found at once.
        sys.stdout.flush()


class _Bar(_Silent):
    """A progress bar on stderr that steps aside for what goes to stdout."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def watched(self, source: Source) -> Source:
        return dataclasses.replace(source, open=lambda: io.BufferedReader(_Counted(source.open(), self._bar.update)))

    def write(self, piece: str) -> None:
        # It comes back with the next update.
        self._bar.clear()
        super().write(piece)


class _Counted(io.RawIOBase):
    """A stream that tells how much was read of it."""

    def __init__(self, stream: io.BufferedIOBase, read: Any) -> None:
        self._stream = stream
        self._read = read

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._stream.readinto1(buffer)
        self._read(count)
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


@contextlib.contextmanager
def _progress(paths: tuple[str, ...]) -> Iterator[_Silent]:
    if sys.stderr is None or not sys.stderr.isatty():
        yield _Silent()
        return
    total = total_size(paths)
    if total is not None and total < _LARGE:
        yield _Silent()
        return
    from tqdm import tqdm

    with tqdm(total=total, unit="B", unit_scale=True, leave=False, file=sys.stderr, delay=1) as bar:
        yield _Bar(bar)


@command.command(short_help="Print a JSON Schema.")
@click.argument("name", type=click.Choice(["payload", "report", "rules"]), default="payload")
@click.option(
    "--api-version", metavar="VERSION", default="latest", show_default=True, help="For the payload: which version."
)
@click.option(
    "--dialect",
    type=click.Choice(list(catalog.DIALECTS)),
    default="2020-12",
    show_default=True,
    help="For the payload: which dialect of JSON Schema.",
)
def schema(name: str, api_version: str, dialect: str) -> None:
    """Prints the schema of the payload, of the JSON report, or of rules.json."""
    notice = catalog.resolve(api_version).notice
    if notice:
        _complain(notice)
    if name == "payload":
        click.echo(catalog.schema_text(api_version, dialect), nl=False)
    else:
        click.echo(catalog.read(f"meta/{name}.schema.json").decode(), nl=False)


@command.command(short_help="List the rules.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(output: str) -> None:
    """Lists every rule with its severity and title, or prints rules.json."""
    if output == "json":
        click.echo(catalog.read("rules.json").decode(), nl=False)
        return
    width = max(len(rule.id) for rule in catalog.rules())
    for rule in catalog.rules():
        click.echo(f"{rule.id:<{width}}  {rule.severity.value:<7}  {rule.title}")


def _complete_rule(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(rule.id, help=rule.title) for rule in catalog.rules() if rule.id.startswith(incomplete)]


@command.command(short_help="Say what a rule wants, with examples.")
@click.argument("rule_id", metavar="RULE", shell_complete=_complete_rule)
def explain(rule_id: str) -> None:
    """Says what RULE wants and where it comes from, with a payload that conforms and one that does not."""
    rule = catalog.rule(rule_id)
    passing, failing = examples(rule)
    click.echo(f"{rule.id}: {rule.title}\n")
    click.echo(textwrap.fill(rule.description, width=88))
    click.echo(f"\nSeverity  {_severities(rule)}")
    click.echo(f"Since     API {rule.since}")
    click.echo(f"Source    {rule.source[0]}: {rule.source[1]}")
    for keyword in rule.keywords:
        click.echo(f"Keyword   {keyword.keyword_location} ({', '.join(keyword.versions)})")
    click.echo(f"\nConforms:\n{_shown(passing)}\nDoes not:\n{_shown(failing)}")
    for violation in Validator(max_size=failing.max_size).examine(failing.text, envelope=failing.envelope).violations:
        click.echo(f"  {violation.line}:{violation.column}: {violation.message}")


def _severities(rule: Rule) -> str:
    if rule.severity is rule.forward_compatible_severity:
        return rule.severity.value
    return f"{rule.severity.value}; {rule.forward_compatible_severity.value} with --forward-compatible"


def _shown(example: Example) -> str:
    options = f"  (with --max-size {example.max_size})\n" if example.max_size != MAX_SIZE else ""
    options += f"  (with --envelope {example.envelope})\n" if example.envelope != "api" else ""
    body = example.text.decode(errors="backslashreplace")
    lines = body.splitlines() if len(body) < 300 else [f"{body[:120]}…"]
    return options + "\n".join(f"  {printable(line)}" for line in lines)


@command.command(short_help="List the API versions, or find the schema for one.")
@click.argument("api_version", metavar="[VERSION]", required=False)
def versions(api_version: str | None) -> None:
    """Lists the API versions that brought a schema of their own; with VERSION, says which of them judges it."""
    if api_version is not None:
        resolution = catalog.resolve(api_version)
        click.echo(resolution.version)
        if resolution.notice:
            _complain(resolution.notice)
        return
    for version, change in catalog.changes():
        click.echo(f"{version}  {change}")
    click.echo(f"No other change through {catalog.known_through()}.")


@command.command(short_help="Print a script for shell completion.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Prints a script that teaches SHELL to complete guestcust's commands, options and rules.

    \b
    bash:  eval "$(guestcust completion bash)"                               in ~/.bashrc
    zsh:   eval "$(guestcust completion zsh)"                                in ~/.zshrc
    fish:  guestcust completion fish > ~/.config/fish/completions/guestcust.fish
    """
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(command, {}, "guestcust", _COMPLETE).source())
