"""What the command prints and how it fails: options, reports and exit statuses."""

from __future__ import annotations

import datetime
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command import BROKEN, PENDING, SCHEMAS, Done, environment
from guestcust.cli import workers
from guestcust.cli.main import run as run_command
from guestcust.errors import JobError, OptionError
from guestcust.model import Result, Source
from guestcust.pipeline import Check
from guestcust.reporters import REPORTERS
from guestcust.reporters.html import timeline
from guestcust.reporters.html.page import HtmlReporter
from guestcust.reporters.protocol import Circumstances, Summary
from guestcust.sources import sources
from guestcust.validator import Validator

Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Done:
        status = run_command(list(arguments))
        return Done(status, *capsys.readouterr())

    return run


# Usage


@pytest.mark.parametrize(
    ("size", "count"),
    [("21", 21), ("1kB", 1000), ("1 MB", 10**6), ("64MiB", 2**26), ("2gib", 2**31), ("7b", 7), ("3KB", 3000)],
)
def test_a_size_may_have_a_unit(size: str, count: int, run: Run) -> None:
    assert f"\nmax-size = {count}  # command line\n" in run("check", "--max-size", size, "--show-config").out
    Path("guestcust.toml").write_text(f'max-size = "{size}"\n')
    assert f"\nmax-size = {count}  # guestcust.toml\n" in run("check", "--show-config").out


@pytest.mark.parametrize("size", ["1M", "1 parsec", "MB", "-1", "1.5MB", "", "1e6", "٣"])
def test_what_is_not_a_size_is_an_error_that_shows_one(size: str, run: Run) -> None:
    done = run("check", "--max-size", size, "a.json")
    assert (done.status, done.out) == (2, "")
    assert "is not a size; write a number of bytes, or a size such as 500kB, 1MB or 64MiB" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a.json"], "'a.json' is not a command; did you mean `guestcust check a.json`?"),
        (["missing.har"], "'missing.har' is not a command; did you mean `guestcust check missing.har`?"),
        (["folder"], "'folder' is not a command; did you mean `guestcust check folder`?"),
        (["-"], "'-' is not a command; did you mean `guestcust check -`?"),
        (["chekc", "a.json"], "'chekc' is not a command; did you mean check?"),
        (["expor", "a.json"], "'expor' is not a command; did you mean export?"),
        (["frobnicate"], "'frobnicate' is not a command; `guestcust --help` lists the commands"),
        (["--strict", "a.json"], "--strict is an option of check; did you mean `guestcust check --strict …`?"),
    ],
)
def test_a_forgotten_or_misspelt_command_is_suggested(arguments: list[str], said: str, run: Run) -> None:
    Path("a.json").write_bytes(PENDING)
    Path("folder").mkdir()
    assert run(*arguments) == Done(2, "", f"guestcust: {said}\n")


def test_settings_files_are_not_read_for_help_and_two_ways_to_choose_one_exclude_each_other(run: Run) -> None:
    Path("guestcust.toml").write_text("strict = 1\n")
    assert run("check", "--help").status == 0
    Path("good.toml").write_text("strict = true\n")
    for arguments in (["--config", "good.toml", "--no-config"], ["--no-config", "--config", "good.toml"]):
        done = run("check", *arguments, "--show-config")
        assert (done.status, done.err.splitlines()[0]) == (2, "guestcust: --config and --no-config exclude each other")


@pytest.mark.parametrize("command", ["", "check", "export", "schema", "versions", "completion"])
def test_help_fits_80_columns(command: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = run(*command.split(), "--help")
    assert done.status == 0
    assert max(map(len, done.out.splitlines())) <= 80


# Colour


@pytest.mark.parametrize(
    ("arguments", "variables", "is_coloured"),
    [
        ([], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": ""}, False),
        ([], {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--color", "auto"], {"FORCE_COLOR": "1"}, True),
    ],
)
def test_colour_is_chosen_by_the_option_then_by_the_environment(
    arguments: list[str], variables: dict[str, str], is_coloured: bool, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    Path("a.json").write_bytes(BROKEN)
    Path("b.json").write_bytes(PENDING)
    assert ("\x1b[" in run("check", *arguments, "a.json").out) is is_coloured
    assert ("\x1b[" in run("check", *arguments, "b.json").out) is is_coloured
    run("check", *arguments, "--output", "text=report.txt", "a.json")
    assert b"\x1b[" not in Path("report.txt").read_bytes()


# Reports


@pytest.mark.parametrize("name", REPORTERS)
def test_the_summary_is_on_stderr_if_every_report_goes_to_a_file(name: str, run: Run) -> None:
    Path("a.json").write_bytes(BROKEN)
    line = "1 payload in 1 source, API 7.0.3.0: 0 valid, 1 invalid (1 error, 0 warnings)\n"
    assert run("check", "--output", f"{name}=report", "a.json") == Done(1, "", line)
    assert run("check", "--output", f"{name}=report", "--quiet", "a.json") == Done(1, "", "")


def test_all_names_the_line_of_what_was_skipped(run: Run) -> None:
    error = b'{"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "no"}}'
    Path("a.ndjson").write_bytes(b"\n".join([error, PENDING, error]))
    done = run("check", "--all", "a.ndjson")
    heads = [line.rpartition(": skipped: ")[0] for line in done.out.splitlines() if ": skipped: " in line]
    assert heads[:2] == ["a.ndjson:1:1", "a.ndjson:3:1"]


def test_the_json_report_has_a_version_and_calls_the_http_status_so(run: Run) -> None:
    schema = json.loads((SCHEMAS / "meta/report.schema.json").read_text())
    Path("a.har").write_text(
        json.dumps(
            {
                "log": {
                    "version": "1.2",
                    "entries": [
                        {
                            "request": {
                                "method": "GET",
                                "url": "https://vc.example/api/vcenter/vm/vm-1/guest/customization",
                            },
                            "response": {"status": 200, "content": {"text": BROKEN.decode()}},
                        }
                    ],
                }
            }
        )
    )
    for name in ("json", "ndjson"):
        lines = run("check", "--output", name, "a.har").out
        found = json.loads(lines) if name == "json" else json.loads(lines.splitlines()[-1])
        assert found["reportVersion"] == schema["properties"]["reportVersion"]["const"]
        payload = found["payloads"][0] if name == "json" else json.loads(lines.splitlines()[0])
        assert payload["httpStatus"] == 200
        assert "status" not in payload


# The page


def page(results: list[Result], command_line: str = "guestcust check a.json") -> str:
    started = datetime.datetime(2026, 3, 1, 9, 30, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    reporter = HtmlReporter(Circumstances(Validator().resolution, "0", started=started, command_line=command_line))
    pieces = [reporter.add(result) for result in results]
    return "".join([*pieces, reporter.end(Summary(sources=1, warnings=1))])


def checked(*texts: bytes, request: str | None = None) -> list[Result]:
    streams = [Source("a.json", lambda text=text: io.BytesIO(text)) for text in texts]  # type: ignore[misc]
    found = Check(streams, Validator())
    return [one._replace(origin=one.origin._replace(request=request)) for one in found]


def test_the_page_shows_when_and_how_it_was_made() -> None:
    shown = page([], "guestcust check 'https://user:p@ss@vc.example/<b>?a=p@ss#c' --output html=a.html")
    assert '<time datetime="2026-03-01T08:30:05Z">2026-03-01 08:30:05 UTC</time>' in shown
    assert "guestcust check &#x27;https://vc.example/&lt;b&gt;?a=***&#x27; --output html=a.html" in shown
    assert "p@ss" not in shown
    # Quotes belong to the password, and other protocols have secrets too.
    shown = page([], """guestcust check "https://user:p'ss@vc.example" 'ftp://vc.example/x?a=p@ss'""")
    assert "vc.example" in shown and "ss" not in shown.partition("guestcust check")[2].partition("</code>")[0]


def test_the_page_puts_first_what_needs_attention() -> None:
    shown = page(checked(PENDING, BROKEN, PENDING, BROKEN))
    assert re.findall(r'class="entry (\w+)" id="(\w+)"', shown) == [
        ("invalid", "p2"),
        ("invalid", "p4"),
        ("valid", "p1"),
        ("valid", "p3"),
    ]
    assert "Payloads that need attention come first" in shown
    assert "come first" not in page(checked(BROKEN))


def test_the_page_counts_one_in_the_singular() -> None:
    shown = page([])
    assert "<dt>warning</dt><dd>1</dd>" in shown
    assert "<dt>errors</dt><dd>0</dd>" in shown


def succeeded(minute: int, status: str = "SUCCEEDED") -> bytes:
    end = "" if status == "RUNNING" else f', "end_time": "2026-03-01T10:{minute:02}:00.000Z"'
    return f'{{"status": "{status}", "start_time": "2026-03-01T09:{minute:02}:00.000Z"{end}}}'.encode()


def test_the_timeline_names_the_vm_if_the_request_does() -> None:
    url = "GET https://vc.example/api/vcenter/vm/vm-%3C12/guest/customization?a=b"
    assert "<tspan>vm-%3C12</tspan> " in page(checked(succeeded(1), request=url))
    assert "<tspan>" not in page(checked(succeeded(1), request="POST https://vc.example/api"))


def test_the_timeline_says_how_many_customizations_it_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "_BARS", 2)
    texts = [succeeded(1, "RUNNING"), succeeded(2), succeeded(3), succeeded(3), succeeded(4), succeeded(1)]
    shown = page(checked(*texts))
    assert '<span class="facts">the first 2 of 4 customizations</span>' in shown
    # The end of one that is drawn is drawn, however late it comes.
    assert shown.count('<tspan class="status">SUCCEEDED') == 2
    assert '<span class="facts">2 customizations</span>' in page(checked(*texts[:2]))


# Failures


def fail() -> Check:
    raise ZeroDivisionError("planted")


def refuse() -> Check:
    raise OptionError("no such thing", hint="try another")


@pytest.mark.parametrize(
    ("make", "kind", "message", "hint"),
    [
        (fail, JobError, "a worker process failed on .*a.ndjson: ZeroDivisionError: planted", "report it"),
        (refuse, OptionError, "^no such thing$", "^try another$"),
    ],
)
def test_an_exception_in_a_worker_is_reported_as_such(
    make: Callable[[], Check],
    kind: type[OptionError | JobError],
    message: str,
    hint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The process of the tests may have threads.
    monkeypatch.setattr(workers, "_METHOD", "spawn")
    path = tmp_path / "a.ndjson"
    path.write_bytes(BROKEN)
    with workers.Crew(2, make, large=1) as crew, pytest.raises(kind, match=message) as caught:
        list(Check(sources([str(path)]), Validator(), share=crew.share))
    assert re.search(hint, caught.value.hint)


@pytest.mark.parametrize("options", [["--exclude", "b.json"], ["--output", "json=report.json"]])
def test_a_deleted_working_folder_is_named(options: list[str], tmp_path: Path) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" -m guestcust check "$@"'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable, *options, "-"],
        cwd=tmp_path,
        input=PENDING,
        capture_output=True,
        check=False,
        env=environment(),
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"guestcust: the working folder no longer exists")
    assert done.stderr.endswith(b"\n  change to another folder\n")
