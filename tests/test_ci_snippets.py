"""The README's snippets for pre-commit, GitHub and GitLab: what they say is taken by those that read it."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from command import PENDING, REPOSITORY, run

_SCHEMA = ("check_jsonschema", "--builtin-schema")
#: The snippets by their first line, each with the module that checks it and the module's arguments.
CHECKERS = {
    ".pre-commit-config.yaml": ("pre_commit", "validate-config"),
    ".github/workflows/guestcust.yml": (*_SCHEMA, "vendor.github-workflows"),
    # With the vendor's own tags, such as !reference.
    ".gitlab-ci.yml": (*_SCHEMA, "vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
}
_BLOCK = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def snippets() -> dict[str, str]:
    return dict(_BLOCK.findall((REPOSITORY / "README.md").read_text("utf-8")))


def snippet(name: str) -> Any:
    return yaml.safe_load(snippets()[name])


def test_the_readme_has_every_snippet() -> None:
    assert snippets().keys() == CHECKERS.keys()


@pytest.mark.parametrize("name", CHECKERS)
def test_a_snippet_keeps_to_the_form_of_its_reader(name: str, tmp_path: Path) -> None:
    if not importlib.util.find_spec(CHECKERS[name][0]):
        pytest.skip(f"needs {CHECKERS[name][0]}: pip install -e '.[dev]'")
    file = tmp_path / Path(name).name
    file.write_text(snippets()[name], "utf-8")
    command = [sys.executable, "-m", *CHECKERS[name], str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hook_is_one_that_there_is() -> None:
    offered = {hook["id"] for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    ((used,),) = [entry["hooks"] for entry in snippet(".pre-commit-config.yaml")["repos"]]
    assert used["id"] in offered
    # Whatever the hook is told besides, the command takes.
    assert run("check", "--show-config", *used.get("args", [])).status == 0


def test_the_action_gets_inputs_that_it_has() -> None:
    jobs = snippet(".github/workflows/guestcust.yml")["jobs"]
    (step,) = [step for job in jobs.values() for step in job["steps"] if "/guestcust@" in step.get("uses", "")]
    inputs = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))["inputs"]
    assert step["with"].keys() <= inputs.keys()
    assert run("check", "--show-config", "--api-version", str(step["with"].get("api-version", "latest"))).status == 0


def test_the_job_writes_the_report_that_gitlab_looks_for(tmp_path: Path) -> None:
    (job,) = snippet(".gitlab-ci.yml").values()
    (line,) = [line for line in job["script"] if line.startswith("guestcust check ")]
    arguments = shlex.split(line)[1:]
    (tmp_path / arguments[-1]).mkdir(parents=True)
    (tmp_path / arguments[-1] / "a.json").write_bytes(PENDING)
    done = run(*arguments, cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).read_text("utf-8").startswith("<?xml")
    assert job["artifacts"]["when"] == "always"


def test_all_snippets_name_the_same_release() -> None:
    releases = {release for text in snippets().values() for release in re.findall(r"\bv\d+\.\d+\.\d+\b", text)}
    assert len(releases) == 1
