"""The GitHub Action: runs its steps as the runner does, also with malicious inputs."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from command import EARLY_ERROR, IDLE, ODD_TIME, PENDING, REPOSITORY
from scratch import copy_tree, hermetic

ACTION: dict[str, Any] = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
_EXPRESSION = re.compile(r"\$\{\{\s*(\S+)\s*\}\}")

NEW = b'{"status": "NEW", "start_time": null}'

needs_bash = pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")


class Ended(NamedTuple):
    """The result of a step: its log, and what it wrote for the runner."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str


class Runner:
    """A machine of a job, with the action installed."""

    def __init__(self, folder: Path) -> None:
        self.home, self.temporary, self.action = folder / "home", folder / "temporary files", folder / "action"
        for one in (self.home, self.temporary, self.action):
            one.mkdir()
        copy_tree(self.action)
        (folder / "installing").mkdir()
        installed = self.step(0, folder / "installing", {"python": sys.executable})
        assert installed.status == 0, installed.log

    def step(self, number: int, cwd: Path, inputs: dict[str, str], **changes: str) -> Ended:
        step, work = STEPS[number], self.temporary / "runner"
        values = {f"inputs.{name}": inputs.get(name, one["default"]) for name, one in ACTION["inputs"].items()}
        own = {name: _EXPRESSION.sub(lambda found: values[found[1]], text) for name, text in step["env"].items()}
        work.mkdir(exist_ok=True)
        (work / "output").write_text("")
        (work / "summary").write_text("before\n")
        (work / "script.sh").write_text(step["run"])
        given = {
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_OUTPUT": str(work / "output"),
            "GITHUB_STEP_SUMMARY": str(work / "summary"),
            "GITHUB_WORKSPACE": str(cwd),
            "RUNNER_TEMP": str(self.temporary),
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(work / "script.sh")],
            cwd=cwd,
            env=hermetic(self.home, **given, **own, **changes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        lines = (work / "output").read_text().splitlines()
        outputs = dict(line.split("=", 1) for line in lines)
        assert len(outputs) == len(lines)
        return Ended(done.returncode, done.stdout.decode(), outputs, (work / "summary").read_text("utf-8"))

    def check(self, cwd: Path, **inputs: str) -> Ended:
        return self.step(1, cwd, {name.replace("_", "-"): value for name, value in inputs.items()})


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("runner"))


@pytest.mark.skipif(
    not importlib.util.find_spec("check_jsonschema"), reason="needs check-jsonschema: pip install -e '.[dev]'"
)
def test_the_action_conforms_to_githubs_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions"]
    done = subprocess.run([*command, REPOSITORY / "action.yml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_scripts_contain_no_expressions() -> None:
    assert not [step["name"] for step in STEPS if "${{" in step["run"]]


def test_every_input_and_output_is_used_by_a_script() -> None:
    used = {name for step in STEPS for text in step["env"].values() for name in _EXPRESSION.findall(text)}
    assert used == {f"inputs.{name}" for name in ACTION["inputs"]}
    for step in STEPS:
        assert all(re.search(rf"\${name}\b", step["run"]) for name in step["env"])
    for name, output in ACTION["outputs"].items():
        assert output["value"] == f"${{{{ steps.check.outputs.{name} }}}}"
        assert f"{name}=" in next(step for step in STEPS if step.get("id") == "check")["run"]


@pytest.mark.slow
@needs_bash
def test_conforming_files_pass_with_a_summary(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PENDING)
    done = runner.check(tmp_path)
    assert (done.status, done.outputs) == (0, {"exit-status": "0"})
    assert done.summary.startswith("before\n## guestcust: 1 valid, 0 invalid\n")


@pytest.mark.slow
@needs_bash
def test_a_file_of_another_program_does_not_fail(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(PENDING)
    (tmp_path / "package.json").write_text('{"name": "x", "version": "1.0.0"}')
    done = runner.check(tmp_path)
    assert (done.status, done.outputs) == (0, {"exit-status": "0"})
    assert "1 skipped" in done.summary


@pytest.mark.slow
@needs_bash
def test_nonconforming_files_fail_with_annotations(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "a b.json").write_bytes(PENDING)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "c.json").write_bytes(EARLY_ERROR)
    done = runner.check(tmp_path, paths="a b.json\n\ninner\n", sarif_file="out put.sarif")
    assert (done.status, done.outputs) == (1, {"exit-status": "1", "sarif-file": "out put.sarif"})
    assert re.search(r"^::error file=inner/c\.json,line=1,.*title=error-only-when-failed::", done.log, re.MULTILINE)
    assert "1 valid, 1 invalid" in done.summary
    assert "inner/c.json" in done.summary
    assert json.loads((tmp_path / "out put.sarif").read_text("utf-8"))["version"] == "2.1.0"


@pytest.mark.slow
@needs_bash
def test_unreadable_files_fail_with_a_reason(runner: Runner, tmp_path: Path) -> None:
    done = runner.check(tmp_path, paths="nowhere.json")
    assert (done.status, done.outputs) == (2, {"exit-status": "2"})
    assert "No such file or directory" in done.summary
    empty = runner.check(tmp_path)
    assert (empty.status, empty.outputs["exit-status"]) == (2, "2")
    assert "guestcust: no payload was found\n" in empty.log
    assert runner.check(tmp_path, args="--allow-empty").status == 0


@pytest.mark.slow
@needs_bash
@pytest.mark.parametrize(
    ("text", "inputs", "status"),
    [
        (IDLE, {}, 0),
        (IDLE, {"api_version": "7.0.2.0"}, 1),
        (IDLE, {"api_version": "seven"}, 2),
        (ODD_TIME, {}, 0),
        (ODD_TIME, {"strict": "true"}, 1),
        (ODD_TIME, {"strict": "false"}, 0),
        (ODD_TIME, {"strict": "yes"}, 2),
        (NEW, {}, 1),
        (NEW, {"forward_compatible": "true"}, 0),
        (NEW, {"forward_compatible": "true", "args": "--strict\n--max-size\n100"}, 1),
        (PENDING, {"args": "--max-size=5", "skip_unrelated": "false"}, 1),
        (PENDING, {"args": "--max-size 5"}, 2),
        (PENDING, {"args": "--envelope\nrest\n"}, 1),
        (PENDING, {"paths": ""}, 2),
        (b'{"status": "ok"}', {}, 2),
        (b'{"status": "ok"}', {"args": "--allow-empty"}, 0),
        (b'{"status": "ok"}', {"skip_unrelated": "false"}, 1),
    ],
)
def test_inputs_become_options(
    text: bytes, inputs: dict[str, str], status: int, runner: Runner, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_bytes(text)
    done = runner.check(tmp_path, **inputs)
    assert (done.status, done.outputs) == (status, {"exit-status": str(status)}), done.log


@pytest.mark.slow
@needs_bash
def test_inputs_override_the_settings_file_of_the_repository(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "guestcust.toml").write_text("strict = true\n")
    (tmp_path / "a.json").write_bytes(ODD_TIME)
    assert runner.check(tmp_path).status == 1
    assert runner.check(tmp_path, strict="false").status == 0


HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned",
    '"; touch pwned; "',
    "'; touch pwned; '",
    "a\ntouch pwned",
    "${PATH}$(touch${IFS}pwned)",
    "a\nexit-status=0",
    "a\rexit-status=0",
    "::set-output name=exit-status::0",
    "*",
    "--help",
]


@pytest.mark.slow
@needs_bash
@pytest.mark.parametrize("name", [name for name in ACTION["inputs"] if name != "python"])
@pytest.mark.parametrize("value", HOSTILE)
def test_inputs_are_never_executed(name: str, value: str, runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(EARLY_ERROR)
    done = runner.step(1, tmp_path, {"paths": "a.json", name: value})
    assert not (tmp_path / "pwned").exists()
    assert done.outputs["exit-status"] == str(done.status)
    assert set(done.outputs) <= {"exit-status", "sarif-file"}
    if name == "paths":
        # Patterns are not expanded, and a path may look like an option.
        assert done.status == 2
    if "sarif-file" in done.outputs:
        assert (name, done.outputs["sarif-file"]) == ("sarif-file", value)
        assert (tmp_path / value).is_file()


@pytest.mark.slow
@needs_bash
@pytest.mark.parametrize("value", [*HOSTILE, "", "nowhere/python"])
def test_the_python_input_is_a_single_word(value: str, runner: Runner, tmp_path: Path) -> None:
    assert runner.step(0, tmp_path, {"python": value}).status != 0
    assert not (tmp_path / "pwned").exists()


@pytest.mark.slow
@needs_bash
def test_modules_in_the_repository_are_not_imported(runner: Runner, tmp_path: Path) -> None:
    for name in ("guestcust", "click", "secrets", "json", "sitecustomize", "venv", "pip"):
        (tmp_path / f"{name}.py").write_text("open('pwned', 'w')\n")
    (tmp_path / "a.json").write_bytes(PENDING)
    assert runner.step(1, tmp_path, {}, PYTHONPATH=".").status == 0
    assert runner.step(0, tmp_path, {"python": sys.executable}, PYTHONPATH=".").status == 0
    assert not (tmp_path / "pwned").exists()


@pytest.mark.slow
@needs_bash
def test_file_contents_cannot_issue_workflow_commands(runner: Runner, tmp_path: Path) -> None:
    key = "##[set-output name=exit-status]0"
    (tmp_path / "guestcust.toml").write_text(f'"{key}" = 1\n"::add-mask::x" = 2\n')
    done = runner.check(tmp_path)
    assert done.status == 2
    stopped = re.search(r"^::stop-commands::(\w{64})\n(.*)^::\1::\n", done.log, re.MULTILINE | re.DOTALL)
    assert stopped is not None
    assert key in stopped[2]
    assert key not in done.log.replace(stopped[0], "")
    assert runner.check(tmp_path, args="--no-config\n--allow-empty").log.count("::stop-commands::") == 1
    again = runner.check(tmp_path)
    assert stopped[1] not in again.log


@pytest.mark.slow
@needs_bash
def test_a_report_of_an_earlier_run_is_not_an_output(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "a.sarif").write_text("{}")
    done = runner.check(tmp_path, sarif_file="a.sarif", args="--frobnicate")
    assert (done.status, done.outputs, done.summary) == (2, {"exit-status": "2"}, "before\n")
    assert (tmp_path / "a.sarif").read_text() == "{}"


@pytest.mark.slow
@needs_bash
def test_installing_twice_on_the_same_machine_works(runner: Runner, tmp_path: Path) -> None:
    assert runner.step(0, tmp_path, {"python": sys.executable}).status == 0
    (tmp_path / "a.json").write_bytes(PENDING)
    assert runner.check(tmp_path).status == 0
