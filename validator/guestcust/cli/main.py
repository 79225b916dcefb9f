"""The command: arguments in, reports on stdout, notices and errors on stderr, and an exit status.

Only the modules of `cli` print and exit. The work is done elsewhere; here it is requested and shown.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import io
import os
import shlex
import signal
import sys
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem, get_completion_class, shell_complete

from guestcust import __version__
from guestcust.captures.formats import ALL_EXTENSIONS
from guestcust.cli.check import check
from guestcust.cli.console import complain
from guestcust.cli.environment import CONFORMS, COULD_NOT_CHECK, INTERRUPTED
from guestcust.engine.engine import engine
from guestcust.errors import GuestcustError, OptionError, UnknownNameError
from guestcust.ruleset import catalog, files

# What shells report of a command that a signal ended.
_TERMINATED = 128 + signal.SIGTERM
_COMPLETE = "_GUESTCUST_COMPLETE"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def main() -> NoReturn:
    """The entry point: runs the command line and exits."""
    # Unwinds the stack, so that no partial report is left.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(_TERMINATED))
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Runs a command line and returns its exit status; errors are reported on stderr in a line or two."""
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
        return COULD_NOT_CHECK
    except GuestcustError as error:
        complain(str(error), error.hint)
        return COULD_NOT_CHECK
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        _abandon_stdout()
        complain("interrupted; the rest was not checked")
        return INTERRUPTED
    except BrokenPipeError:
        _abandon_stdout()
        return COULD_NOT_CHECK
    except OSError as error:
        _abandon_stdout()
        complain(f"the report could not be written: {error.strerror or error}")
        return COULD_NOT_CHECK
    return status if isinstance(status, int) else CONFORMS


def _invoke(arguments: list[str]) -> Any:
    """What click's own `main` does, except that it exits with 1 on a closed pipe or Ctrl-C, as for failing payloads."""
    if completing := os.environ.get(_COMPLETE):
        return shell_complete(command, {}, "guestcust", _COMPLETE, completing)
    try:
        with command.make_context("guestcust", arguments) as context:
            return command.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code


def _abandon_stdout() -> None:
    """Redirects stdout to nowhere, so that flushing its buffer cannot fail again when Python ends."""
    with contextlib.suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_version(context: click.Context, parameter: click.Parameter, is_wanted: bool) -> None:
    if not is_wanted:
        return
    click.echo(f"guestcust {__version__}")
    if context.params["verbose"]:
        import platform

        used = engine(catalog.versions()[-1])
        click.echo(f"Python {platform.python_version()}")
        click.echo(f"Engine for instances: {'derived from the schemas' if used.is_derived else 'jsonschema'}")
        runner = used.automaton.runner if used.automaton else "jsonschema"
        click.echo(f"Engine for texts: {'derived from the schemas, run by ' if used.automaton else ''}{runner}")
    context.exit()


class _Commands(click.Group):
    """The commands. `export`, which is large and rarely used, is imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted([*super().list_commands(ctx), "export"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its name."""
        if cmd_name == "export":
            from guestcust.cli.export import export

            return export
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of a command line; a path instead of a command was meant for `check`."""
        first = args[0]
        if self.get_command(ctx, first) is None and not ctx.resilient_parsing:
            looks_like_path = first == "-" or os.path.exists(first) or first.lower().endswith(ALL_EXTENSIONS)
            close = difflib.get_close_matches(first, self.list_commands(ctx), n=1)
            if first.startswith(("http://", "https://")):
                meant = f"did you mean `curl -sS -i {shlex.quote(first)} | guestcust check -`?"
            elif looks_like_path:
                meant = f"did you mean `{shlex.join(['guestcust', 'check', first])}`?"
            else:
                meant = f"did you mean {close[0]}?" if close else "`guestcust --help` lists the commands"
            if looks_like_path or not first.startswith("-"):
                raise UnknownNameError(f"{first!r} is not a command; {meant}")
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the options before the command; those of `check` belong after it."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if any(error.option_name in option.opts for option in check.params):
                raise OptionError(
                    f"{error.option_name} is an option of check; did you mean `guestcust check {error.option_name} …`?"
                ) from None
            raise


@click.group(cls=_Commands, context_settings=_CONTEXT)
@click.option(
    "--verbose",
    "-v",
    is_flag=True,
    is_eager=True,
    help="With --version: show the Python version and the engine in use too.",
)
@click.option(
    "--version", "-V", is_flag=True, expose_value=False, callback=_show_version, help="Show the version and exit."
)
def command(verbose: bool) -> None:
    """Check payloads of vSphere's guest customization status, and show why and where they do not conform.

    \b
    Examples:
      guestcust check response.json    check a payload in a file
      guestcust check captures/        check the captures in a folder
      curl ... | guestcust check -     check standard input
      guestcust explain RULE           explain a rule, with examples
    """


command.add_command(check)


@command.command(short_help="Print a JSON Schema.")
@click.argument("name", type=click.Choice(["payload", "report", "rules"]), default="payload")
@click.option(
    "--api-version", metavar="VERSION", default="latest", show_default=True, help="API version of the payload schema."
)
@click.option(
    "--dialect",
    type=click.Choice(list(catalog.DIALECTS)),
    default="2020-12",
    show_default=True,
    help="JSON Schema dialect of the payload schema; editor is draft-07 with messages for editors.",
)
def schema(name: str, api_version: str, dialect: str) -> None:
    """Print the schema of the payload, of the JSON report, or of rules.json."""
    notice = catalog.resolve(api_version).notice
    if notice:
        complain(notice)
    if name == "payload":
        click.echo(catalog.schema_text(api_version, dialect), nl=False)
    else:
        click.echo(files.read(f"meta/{name}.schema.json").decode(), nl=False)


@command.command(short_help="List the rules.")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(output: str) -> None:
    """Lists all rules with severity and title, or prints rules.json."""
    if output == "json":
        click.echo(files.read("rules.json").decode(), nl=False)
        return
    width = max(len(rule.id) for rule in catalog.rules())
    for rule in catalog.rules():
        click.echo(f"{rule.id:<{width}}  {rule.severity.value:<7}  {rule.title}")


def _complete_rule(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(rule.id, help=rule.title) for rule in catalog.rules() if rule.id.startswith(incomplete)]


@command.command(short_help="Explain a rule, with examples.")
@click.argument("rule_id", metavar="RULE", shell_complete=_complete_rule)
def explain(rule_id: str) -> None:
    """Prints the page of RULE: what it checks, why, an example with its message, and how to fix it."""
    rule = catalog.rule(rule_id)
    from guestcust.cli import rule_page

    click.echo(rule_page.plain(rule), nl=False)


@command.command(short_help="List API versions, or find the schema for one.")
@click.argument("api_version", metavar="[VERSION]", required=False)
def versions(api_version: str | None) -> None:
    """List the API versions that have a schema of their own, or print the one whose schema applies to VERSION."""
    if api_version is not None:
        resolution = catalog.resolve(api_version)
        click.echo(resolution.version)
        if resolution.notice:
            complain(resolution.notice)
        return
    for version, change in catalog.changes():
        click.echo(f"{version}  {change}")
    click.echo(f"No other change up to {catalog.known_through()}.")


@command.command(short_help="Print a script for shell completion.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a script that makes SHELL complete commands, options and rules.

    \b
    bash: add to ~/.bashrc
      eval "$(guestcust completion bash)"
    zsh: add to ~/.zshrc
      eval "$(guestcust completion zsh)"
    fish: run once
      guestcust completion fish > ~/.config/fish/completions/guestcust.fish
    """
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(command, {}, "guestcust", _COMPLETE).source())
