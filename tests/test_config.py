"""Settings: which file applies, what it may contain, how options override it, and which files are excluded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import guestcust
import pytest
from command import BOM, BROKEN, IDLE, ODD_TIME, PENDING, RULES, Done, report, run, summary, verdicts
from guestcust.errors import ConfigError, GuestcustError
from guestcust.jsontext.decode import MAX_SIZE
from guestcust.sources import Exclusion, sources

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEFAULTS: dict[str, Any] = {
    "api-version": "latest",
    "strict": False,
    "forward-compatible": False,
    "format": "auto",
    "envelope": "auto",
    "max-size": MAX_SIZE,
    "exclude": [],
    "disable": [],
    "allow-empty": False,
    "skip-unrelated": False,
}
OTHERS: dict[str, Any] = {
    "api-version": "7.0.2.0",
    "strict": True,
    "forward-compatible": True,
    "format": "ndjson",
    "envelope": "rest",
    "max-size": 20,
    "exclude": ["build/", '"\\\t é\x7f'],
    "disable": ["json-no-bom", "time-in-server-form"],
    "allow-empty": True,
    "skip-unrelated": True,
}
WARNINGS = [rule["id"] for rule in RULES if rule["severity"] == "warning"]


def shown(*arguments: str | Path, cwd: Path) -> dict[str, tuple[Any, str]]:
    """The value of each setting, and where it was set."""
    done = run("check", "--show-config", *arguments, cwd=cwd)
    assert (done.status, done.err) == (0, "")
    values = tomllib.loads(done.out)
    comments = [line.rpartition("  # ")[2] for line in done.out.splitlines()]
    return {name: (values[name], comment) for name, comment in zip(values, comments, strict=True)}


def test_without_a_file_the_defaults_apply(tmp_path: Path) -> None:
    assert shown(cwd=tmp_path) == {name: (value, "default") for name, value in DEFAULTS.items()}


def test_a_file_can_set_everything(tmp_path: Path) -> None:
    lines = {
        "api-version": '"7.0.2.0"',
        "format": '"ndjson"',
        "envelope": '"rest"',
        "max-size": "20",
        "exclude": r'["build/", "\"\\\t é\u007f"]',
        "disable": '["json-no-bom", "time-in-server-form"]',
    }
    text = "".join(f"{name} = {lines.get(name, 'true')}\n" for name in OTHERS)
    (tmp_path / "guestcust.toml").write_text(text, "utf-8")
    assert shown(cwd=tmp_path) == {name: (value, "guestcust.toml") for name, value in OTHERS.items()}


def test_show_config_prints_a_valid_settings_file(tmp_path: Path) -> None:
    options = ["--exclude", "build/", "--exclude", OTHERS["exclude"][1], "--max-size", "20", "--format", "ndjson"]
    options += ["--disable", "json-no-bom", "--disable", "time-in-server-form", "--envelope", "rest"]
    options += ["--api-version", "7.0.2.0", "--strict", "--forward-compatible", "--allow-empty", "--skip-unrelated"]
    first = run("check", "--show-config", *options, cwd=tmp_path)
    assert shown(*options, cwd=tmp_path) == {name: (value, "command line") for name, value in OTHERS.items()}
    (tmp_path / "guestcust.toml").write_text(first.out, "utf-8")
    second = run("check", "--show-config", cwd=tmp_path)
    assert second.out == first.out.replace("# command line", "# guestcust.toml")


@pytest.mark.parametrize("name", ["strict", "forward-compatible", "allow-empty", "skip-unrelated"])
def test_the_command_line_can_turn_off_a_setting(name: str, tmp_path: Path) -> None:
    (tmp_path / "guestcust.toml").write_text(f"{name} = true\n")
    assert shown(cwd=tmp_path)[name] == (True, "guestcust.toml")
    assert shown(f"--no-{name}", cwd=tmp_path)[name] == (False, "command line")
    assert shown("--no-config", cwd=tmp_path)[name] == (False, "default")


def test_the_command_line_overrides_the_file_even_with_a_default(tmp_path: Path) -> None:
    (tmp_path / "guestcust.toml").write_text('api-version = "7.0.2.0"\nexclude = ["a"]\ndisable = ["json-no-bom"]\n')
    found = shown("--api-version", "latest", "--exclude", "", "--disable", "end-not-before-start", cwd=tmp_path)
    assert found["api-version"] == ("latest", "command line")
    assert found["exclude"] == ([""], "command line")
    assert found["disable"] == (["end-not-before-start"], "command line")


def test_only_the_nearest_file_applies(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "guestcust.toml").write_text("strict = true\n")
    assert shown(cwd=inner)["strict"] == (True, f"..{os.sep}..{os.sep}guestcust.toml")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.guestcust]\nallow-empty = true\n")
    found = shown(cwd=inner)
    assert found["strict"] == (False, "default")
    assert found["allow-empty"] == (True, f"..{os.sep}pyproject.toml")
    (tmp_path / "a" / "guestcust.toml").write_text("")
    assert {comment for _, comment in shown(cwd=inner).values()} == {"default"}


@pytest.mark.parametrize(
    "project",
    [
        b"",
        b"[project]\nname = 'guestcust-fixtures'\n",
        b"tool = 'guestcust'\n",
        b"[tool]\nother = 'guestcust'\n",
        b"[tool.other]\nx = 1\n{{ a template }}\n\xff\n",
    ],
)
def test_a_pyproject_without_our_table_is_skipped(project: bytes, tmp_path: Path) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    (inner / "pyproject.toml").write_bytes(project)
    (tmp_path / "guestcust.toml").write_text("strict = true\n")
    assert shown(cwd=inner)["strict"][0] is True


def test_an_empty_table_of_a_pyproject_applies(tmp_path: Path) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    (inner / "pyproject.toml").write_text("[tool.guestcust]\n")
    (tmp_path / "guestcust.toml").write_text("strict = true\n")
    assert shown(cwd=inner)["strict"] == (False, "default")


def test_a_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "guestcust.toml").write_text("strict = true\n")
    (tmp_path / "other.toml").write_text("allow-empty = true\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "pyproject.toml").write_text("[tool.guestcust]\nmax-size = 7\n")
    found = shown("--config", "other.toml", cwd=tmp_path)
    assert (found["strict"], found["allow-empty"]) == ((False, "default"), (True, "other.toml"))
    assert shown("--config", "inner/pyproject.toml", cwd=tmp_path)["max-size"] == (7, "inner/pyproject.toml")


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "guestcust.toml").write_bytes(BOM + b"strict = true\r\nallow-empty = true\r\n")
    assert shown(cwd=tmp_path)["strict"] == (True, "guestcust.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            b"stric = true",
            'guestcust: guestcust.toml: unknown setting "stric"; did you mean strict?\n  settings: api-',
        ),
        (b"api_version = '8'", 'unknown setting "api_version"; did you mean api-version?\n'),
        (b"output = 'json'", 'unknown setting "output"\n  settings: api-version, strict'),
        (b'"\\u001b[31m" = 1', 'unknown setting "\\u001b[31m"\n'),
        (b"strict = 'yes'", "guestcust.toml: strict: must be true or false, not a string\n"),
        (b"strict = 1", "strict: must be true or false, not an integer\n"),
        (b"api-version = 8.0", "api-version: must be a string, not a float\n  put it in quotes\n"),
        (b"api-version = 'seven'", "guestcust.toml: api-version: 'seven' is not an API version\n  give one to four"),
        (b"api-version = '6.5'", "api-version: API 6.5 is older than the structure"),
        (b"format = 'xml'", "format: 'xml' is not one of 'auto', 'har', "),
        (b"envelope = true", "envelope: must be a string, not a boolean\n  put it in quotes\n"),
        (b"max-size = '1M'", 'max-size: "1M" is not a size; write a number of bytes, or a size such as '),
        (b"max-size = true", 'max-size: must be a number of bytes or a size such as "64MiB", not a boolean\n'),
        (b"max-size = 1.5", 'max-size: must be a number of bytes or a size such as "64MiB", not a float\n'),
        (b"max-size = 0", "max-size: no payload fits into 0 bytes; give a positive size\n"),
        (b"exclude = 'a'", "exclude: must be a list of strings, not a string\n  put it in brackets\n"),
        (b"exclude = ['a', 1979-05-27]", "exclude: must be a list of strings, but item 2 is a date or time\n"),
        (b"exclude = ['a', '!']", "exclude: invalid pattern: "),
        (b"disable = [['a']]", "disable: must be a list of strings, but item 1 is a list\n"),
        (b"[disable]", "disable: must be a list of strings, not a table\n"),
        (
            b"disable = ['nonsense']",
            "disable: 'nonsense' is not a rule, and cannot be disabled\n  only warnings can: json-",
        ),
        (b"disable = ['date-time']", "disable: 'date-time' is an error, not a warning, and cannot be disabled\n"),
        (b"strict = true\nstrict", "guestcust.toml is not valid TOML: "),
        (b"strict = true\nstrict\n", "at line 2"),
        (b"a = " + b"[" * 100_000, "guestcust.toml is not valid TOML: "),
        (b"max-size = " + b"9" * 5000, "guestcust.toml is not valid TOML: "),
        (b"strict = true\n# caf\xe9", "guestcust.toml is not encoded in UTF-8 (at line 2)\n  save it as UTF-8\n"),
        ("strict = true".encode("utf-16"), "guestcust.toml is not encoded in UTF-8 (at line 1)\n"),
    ],
)
def test_invalid_settings_are_reported_in_one_or_two_lines(text: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "guestcust.toml").write_bytes(text)
    done = run("check", "--show-config", cwd=tmp_path)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) <= 2
    assert run("check", "--no-config", "-", stdin=PENDING, cwd=tmp_path).status == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[tool]\nguestcust = 1\n",
            "pyproject.toml: tool.guestcust is an integer\n  make it a table: [tool.guestcust]\n",
        ),
        ("[tool.guestcust]\nstrict = 1\n", "pyproject.toml: strict: must be true or false, not an integer\n"),
        ("[tool.guestcust]\nstrict\n", "pyproject.toml is not valid TOML: "),
    ],
)
def test_the_table_of_a_pyproject_is_validated_too(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    done = run("check", "-", stdin=PENDING, cwd=tmp_path)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--config", "nowhere.toml"], "guestcust: nowhere.toml cannot be read: No such file or directory\n"),
        (["--config", "."], "guestcust: . cannot be read: Is a directory\n"),
        (["--config", "pyproject.toml"], "guestcust: pyproject.toml has no table [tool.guestcust]\n"),
        (["--no-config", "--config", "pyproject.toml"], "guestcust: --config and --no-config exclude each other\n"),
        (["--disable", "nonsense"], "guestcust: 'nonsense' is not a rule, and cannot be disabled\n"),
        (["--disable", "end-not-befor-start"], "cannot be disabled; did you mean end-not-before-start?\n"),
        (["--disable", "json-utf-8"], "'json-utf-8' is an error, not a warning"),
        (["--exclude", "!"], "guestcust: invalid pattern: "),
    ],
)
@pytest.mark.parametrize("rest", [["--show-config"], ["-"]])
def test_usage_errors_are_reported(arguments: list[str], said: str, rest: list[str], tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    done = run("check", *arguments, *rest, stdin=PENDING, cwd=tmp_path)
    assert (done.status, done.out) == (2, "")
    assert said in done.err


def test_an_unreadable_settings_file_is_not_skipped(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "guestcust.toml").mkdir()
    done = run("check", "-", stdin=PENDING, cwd=tmp_path / "a")
    assert done == Done(
        2, "", "guestcust: guestcust.toml cannot be read: Is a directory\n  use --no-config to ignore settings files\n"
    )
    (tmp_path / "guestcust.toml").symlink_to("nowhere")
    done = run("check", "-", stdin=PENDING, cwd=tmp_path)
    assert done.err.startswith("guestcust: guestcust.toml cannot be read: No such file or directory\n")


def test_a_deleted_working_folder_has_no_settings(tmp_path: Path) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" -m guestcust check -'
    done = subprocess.run(
        ["sh", "-c", script, sys.executable], cwd=tmp_path, input=PENDING, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_config_errors_are_guestcust_errors() -> None:
    assert issubclass(ConfigError, GuestcustError)
    assert ConfigError.code == "config"


def test_the_settings_are_applied(tmp_path: Path) -> None:
    (tmp_path / "guestcust.toml").write_text('api-version = "7.0.2.0"\nstrict = true\n')
    assert run("check", "-", stdin=IDLE, cwd=tmp_path).status == 1
    assert run("check", "--api-version", "latest", "-", stdin=IDLE, cwd=tmp_path).status == 0
    assert run("check", "-", stdin=ODD_TIME, cwd=tmp_path).status == 1
    assert run("check", "--no-strict", "-", stdin=ODD_TIME, cwd=tmp_path).status == 0
    (tmp_path / "guestcust.toml").write_text(
        'format = "ndjson"\nenvelope = "rest"\nmax-size = 40\nforward-compatible = true\n'
    )
    lines = b'{"value": {"status": "NEW"}}\n' * 2
    assert summary(run("check", "-", stdin=lines, cwd=tmp_path).out).startswith("2 payloads in 1 source")
    assert run("check", "-", stdin=PENDING, cwd=tmp_path).status == 1
    assert run("check", "-", stdin=b" " * 40 + lines, cwd=tmp_path).status == 1
    (tmp_path / "guestcust.toml").write_text("allow-empty = true\n")
    assert run("check", "-", cwd=tmp_path, stdin=b"[]").status == 0


def test_disabled_warnings_are_not_reported_and_do_not_count(tmp_path: Path) -> None:
    late = b'{"status": "FAILED", "start_time": "2026-03-01T09:30:00Z", "end_time": "2026-02-01T09:30:00Z"}'
    text = BOM + late
    assert {rule for rule, _, _ in _found(text, tmp_path)} == set(WARNINGS)
    for rule in WARNINGS:
        assert {other for other, _, _ in _found(text, tmp_path, "--disable", rule)} == set(WARNINGS) - {rule}
    options = [argument for rule in WARNINGS for argument in ("--disable", rule)]
    assert _found(text, tmp_path, *options) == []
    assert run("check", "--strict", *options, "-", stdin=text).status == 0
    (tmp_path / "guestcust.toml").write_text(f"strict = true\ndisable = {WARNINGS}\n")
    assert run("check", "-", stdin=text, cwd=tmp_path).status == 0
    assert run("check", *options, "-", stdin=BROKEN).status == 1


def _found(text: bytes, cwd: Path, *options: str) -> list[tuple[str, int, int]]:
    payloads = report(*options, "-", stdin=text, cwd=cwd)["payloads"]
    return [(found["rule"], found["line"], found["column"]) for one in payloads for found in one["violations"]]


def test_the_library_can_disable_warnings_too() -> None:
    odd = {"status": "RUNNING", "start_time": "2026-03-01T09:30:00Z"}
    validator = guestcust.Validator(strict=True, disabled=["time-in-server-form"])
    assert validator.is_valid(odd)
    assert list(validator.iter_violations(odd)) == []
    assert not guestcust.Validator(strict=True).is_valid(odd)
    with pytest.raises(GuestcustError, match="is not a rule") as unknown:
        guestcust.Validator(disabled=["nonsense"])
    assert unknown.value.code == "option"
    assert unknown.value.hint == f"only warnings can: {', '.join(WARNINGS)}"
    with pytest.raises(GuestcustError, match="is an error"):
        guestcust.Validator(disabled=["status-known"], forward_compatible=True)


def test_excluded_files_are_reported_as_skipped(tmp_path: Path) -> None:
    for name in ("a.json", "build/b.json", "inner/build/c.json", "inner/d.json", "keep.x.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(PENDING if name == "a.json" else BROKEN)
    patterns = ["build/", "/inner/*.json", "*.x.json"]
    (tmp_path / "guestcust.toml").write_text(f"exclude = {patterns}\n")
    done = run("check", ".", cwd=tmp_path)
    assert done == Done(
        0,
        "1 payload in 5 sources, API 7.0.3.0: 1 valid, 0 invalid, 4 skipped (0 errors, 0 warnings); "
        "skipped: 4 excluded; 1 file with another ending not opened: 1 .toml\n",
        "",
    )
    assert verdicts(report("--all", "a.json", "build/b.json", str(tmp_path / "keep.x.json"), cwd=tmp_path)) == [
        ("a.json", "valid"),
        ("build/b.json", "skipped"),
        (str(tmp_path / "keep.x.json"), "skipped"),
    ]
    everything = run("check", "--all", "inner", cwd=tmp_path)
    assert "excluded" in everything.out
    assert everything.status == 2
    assert run("check", "--allow-empty", "inner", cwd=tmp_path).status == 0
    # Patterns in the file are relative to its folder, those on the command line to the working folder.
    assert run("check", "--allow-empty", "d.json", cwd=tmp_path / "inner").status == 0
    assert run("check", "--allow-empty", "--exclude", "inner/d.json", "d.json", cwd=tmp_path / "inner").status == 1
    assert run("check", "--allow-empty", "--exclude", "/d.json", "d.json", cwd=tmp_path / "inner").status == 0
    assert run("check", "--exclude", "build/", "-", stdin=PENDING, cwd=tmp_path).status == 0


@pytest.mark.parametrize(
    ("patterns", "path", "covered"),
    [
        ([], "a.json", False),
        (["a.json"], "a.json", True),
        (["a.json"], "b/a.json", True),
        (["a.json"], "./b/../a.json", True),
        (["/a.json"], "b/a.json", False),
        (["b/"], "b/c/a.json", True),
        (["b/"], "b", False),
        (["b/"], f"b{os.sep}", True),
        (["b/**/a.json"], "b/c/d/a.json", True),
        (["*.json", "!a.json"], "a.json", False),
        (["*.json", "!a.json"], "b.json", True),
        (["#a", "", " "], "#a", False),
        (["*"], "../a.json", False),
        (["*"], "..a.json", True),
        (["a.json"], "A.json", False),
    ],
)
def test_exclude_patterns_work_as_in_gitignore(
    patterns: list[str], path: str, covered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Exclusion(patterns).covers(path) is covered
    assert Exclusion(patterns, str(tmp_path)).covers(str(tmp_path / path) + os.sep * path.endswith(os.sep)) is covered


def test_an_excluded_folder_may_be_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Simulated, because root may list every folder.
    (tmp_path / "locked").mkdir()
    listed = os.scandir

    def scandir(path: str) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    (found,) = sources([str(tmp_path)], Exclusion(["locked/"], str(tmp_path)))
    assert found.skipped == "excluded"
    (found,) = sources([str(tmp_path)], Exclusion(["other/"], str(tmp_path)))
    assert found.skipped is None
