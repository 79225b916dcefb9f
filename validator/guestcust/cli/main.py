"""The command: arguments in, reports on stdout, chatter on stderr, and an exit status.

Prints and exits, as only the rooms of `commands` may besides. What it does is done by others; here it is only asked for
and shown.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem, get_completion_class, shell_complete

from guestcust import __version__
from guestcust.cli.check import check
from guestcust.cli.console import complain
from guestcust.cli.environment import CONFORMS, COULD_NOT_CHECK, INTERRUPTED
from guestcust.engine.engine import engine
from guestcust.errors import GuestcustError
from guestcust.ruleset import catalog, files

# As shells say it of a command that a signal ended.
_TERMINATED = 128 + signal.SIGTERM
_COMPLETE = "_GUESTCUST_COMPLETE"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def main() -> NoReturn:
    """The entry point: runs the command line and exits."""
    # Unwinds, so that no half report is left behind.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(_TERMINATED))
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
        return COULD_NOT_CHECK
    except GuestcustError as error:
        complain(str(error), error.hint)
        return COULD_NOT_CHECK
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        _abandon_stdout()
        complain("interrupted; what was not reported was not judged")
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
    """What click's own `main` does, but for closed pipes and Ctrl-C, which it would take for failing payloads."""
    if completing := os.environ.get(_COMPLETE):
        return shell_complete(command, {}, "guestcust", _COMPLETE, completing)
    try:
        with command.make_context("guestcust", arguments) as context:
            return command.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code


def _abandon_stdout() -> None:
    """Points stdout nowhere, so that what is still buffered cannot fail again when Python ends."""
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
        without = "Python; RE2 is faster: install guestcust[fast]"
        click.echo(f"Engine for texts: {'derived from the schemas, run by RE2' if used.automaton else without}")
    context.exit()


class _Commands(click.Group):
    """The commands, of which one that is large and seldom wanted is imported once it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all."""
        return sorted([*super().list_commands(ctx), "export"])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One by its name."""
        if cmd_name == "export":
            from guestcust.cli.export import export

            return export
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Commands, context_settings=_CONTEXT)
@click.option("--verbose", "-v", is_flag=True, is_eager=True, help="With --version: name the engine in use, too.")
@click.option(
    "--version", "-V", is_flag=True, expose_value=False, callback=_show_version, help="Show the version and exit."
)
def command(verbose: bool) -> None:
    """Says whether payloads of vSphere's guest customization status conform, and if not, why and where.

    \b
    Begin with:
      guestcust check response.json          judge a payload in a file
      guestcust check captures/              judge every JSON and NDJSON file in a folder
      curl ... | guestcust check -           judge what comes in
      guestcust explain RULE                 explain a rule, with examples
    """


command.add_command(check)


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


@command.command(short_help="List the API versions, or find the schema for one.")
@click.argument("api_version", metavar="[VERSION]", required=False)
def versions(api_version: str | None) -> None:
    """Lists the API versions that brought a schema of their own; with VERSION, says which of them judges it."""
    if api_version is not None:
        resolution = catalog.resolve(api_version)
        click.echo(resolution.version)
        if resolution.notice:
            complain(resolution.notice)
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
