"""The fast start prints what the full command prints, and declines everything else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cases import VERSIONS
from command import SCHEMAS, unmeasured
from guestcust import testing
from guestcust.cli import quick
from guestcust.cli.main import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CONFORMING = '{"status": "SUCCEEDED", "start_time": "2026-03-01T09:30:00.000Z", "end_time": "2026-03-01T09:31:12.345Z"}'


def vectors() -> list[object]:
    files = sorted((SCHEMAS / "vectors" / "suite" / VERSIONS[-1]).glob("*.json"))
    return [test["data"] for file in files for group in json.loads(file.read_text("utf-8")) for test in group["tests"]]


@pytest.mark.parametrize(
    "options", [[], ["--quiet"], ["-q", "--strict"], ["--allow-empty", "--skip-unrelated"]], ids=str
)
def test_the_fast_start_prints_what_the_full_command_prints(
    options: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("one.json").write_text(CONFORMING, "utf-8")
    Path("two.JSON").write_text(f" [{CONFORMING},\r\n\t{CONFORMING}]\n", "utf-8")
    Path("broken.json").write_text('{"status": "RUNNING", "error": "x"}', "utf-8")
    for status, names in ((0, ["one.json", "two.JSON"]), (1, ["one.json", "broken.json", "two.JSON"])):
        arguments = ["check", *options, *names]
        # What a warning means depends on --strict.
        assert quick.run(arguments) == (None if status and "--strict" in options else status)
        said = capsys.readouterr()
        assert run(arguments) == status
        assert capsys.readouterr() == said or said == ("", "")
        assert ("3 valid" in said.out) == (not {"--quiet", "-q"} & set(options))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=(st.sampled_from(vectors()) | testing.payloads() | testing.json_values()).flatmap(testing.json_texts)
    | st.binary(max_size=40)
)
def test_the_full_command_accepts_what_the_fast_start_accepts(
    text: bytes | str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path_factory.mktemp("quick") / "a.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    arguments = ["check", "--no-config", str(path)]
    capsys.readouterr()
    status = quick.run(arguments)
    said = capsys.readouterr()
    if status is None:
        assert said == ("", "")
    else:
        assert run(arguments) == status
        assert capsys.readouterr() == said


def test_the_fast_start_accepts_many_vectors(tmp_path: Path) -> None:
    passed = 0
    for vector in vectors()[::3]:
        path = tmp_path / "a.json"
        path.write_text(json.dumps(vector), "utf-8")
        passed += quick.run(["check", "--no-config", "-q", str(path)]) == 0
    assert passed > 50


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["check"],
        ["check", "-"],
        ["check", "a.json", "--output", "json"],
        ["check", "--api-version", "7.0.0.0", "a.json"],
        ["check", "--all", "a.json"],
        ["check", "a.json", "missing.json"],
        ["check", "a.json", "a.har"],
        ["check", "a.json", "folder.json"],
        ["check", "a.json", "large.json"],
        ["check", "--strict", "a.json", "invalid.json"],
        ["check", "a.json", "odd.json"],
        ["check", "a.json", "unrelated.json"],
        ["check", "a.json", "none.json"],
        ["check", "--version"],
        ["--version"],
        ["schema"],
    ],
    ids=" ".join,
)
def test_the_fast_start_declines_everything_else(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.json", "a.har"):
        Path(name).write_text(CONFORMING, "utf-8")
    Path("folder.json").mkdir()
    Path("large.json").write_text(CONFORMING + " " * 2**20, "utf-8")
    Path("invalid.json").write_text('{"status": "DONE"}', "utf-8")
    Path("odd.json").write_text('{"status": "RUNNING", "start_time": "2026-03-01T09:30:00Z"}', "utf-8")
    Path("unrelated.json").write_text('{"openapi": "guest/customization"}', "utf-8")
    Path("none.json").write_text("[]", "utf-8")
    assert quick.run(arguments) is None
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("name", "text", "is_simple"),
    [
        ("guestcust.toml", "", False),
        ("pyproject.toml", "[tool.guestcust]", False),
        ("pyproject.toml", "[tool.other]", True),
    ],
)
def test_the_fast_start_declines_where_settings_may_apply(
    name: str, text: str, is_simple: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    Path("a.json").write_text(CONFORMING, "utf-8")
    assert (quick.run(["check", "-q", "a.json"]) == 0) == is_simple
    assert quick.run(["check", "-q", "a.json", "--no-config"]) == 0


def test_the_fast_start_never_reads_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(pipe, os.O_WRONLY)
    os.write(writer, CONFORMING.encode())
    try:
        assert quick.run(["check", "--no-config", str(pipe)]) is None
        assert os.read(reader, 1000) == CONFORMING.encode()
    finally:
        os.close(reader)
        os.close(writer)


def imported(*arguments: str) -> set[str]:
    """The modules that are imported when the command has ended."""
    script = (
        "import sys\n"
        "from guestcust.__main__ import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "finally: print(*sys.modules, file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, env=unmeasured(), capture_output=True, encoding="utf-8", check=True)
    return set(done.stderr.split())


def test_a_conforming_file_imports_no_large_module(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(CONFORMING, "utf-8")
    found = imported("check", "--no-config", str(path))
    assert not {"click", "dataclasses", "re2"} & found
    assert {name for name in found if name.startswith("guestcust.")} == {
        f"guestcust.{name}"
        for name in (
            *("__main__", "cli", "cli.environment", "cli.quick", "engine", "engine.acceptor", "engine.status_table"),
            *("jsontext", "jsontext.fast", "reporters", "reporters.summary_line"),
            *("ruleset", "ruleset.files", "ruleset.times"),
        )
    }


def test_unused_modules_are_not_imported(tmp_path: Path) -> None:
    lines = tmp_path / "a.ndjson"
    lines.write_text(f"{CONFORMING}\n" * 3, "utf-8")
    found = imported("check", "--no-config", str(lines))
    assert "guestcust.reporters.text" in found
    unwanted = {"jsonschema", "referencing", "hypothesis", "yaml", "tqdm", "pathspec", "brotli", "zstandard", "tomllib"}
    assert not unwanted & {name.partition(".")[0] for name in found}
    assert {name for name in found if name.startswith("guestcust.reporters.")} == {
        f"guestcust.reporters.{name}" for name in ("phrases", "protocol", "summary_line", "text")
    }
    assert not {f"guestcust.captures.{name}" for name in ("har", "vcr", "pact", "postman", "wiremock")} & found
