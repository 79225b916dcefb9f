"""The snippets in docs/ci.md for pre-commit, GitHub, GitLab and Jenkins are valid for these tools."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import guestcust
import pytest
import yaml
from command import PENDING, REPOSITORY, run

_SCHEMA = ("check_jsonschema", "--builtin-schema")
#: The snippets by first line, each with the module that checks it and its arguments.
CHECKERS = {
    ".pre-commit-config.yaml": ("pre_commit", "validate-config"),
    ".github/workflows/guestcust.yml": (*_SCHEMA, "vendor.github-workflows"),
    # With GitLab's own tags, such as !reference.
    ".gitlab-ci.yml": (*_SCHEMA, "vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
}
PAGE = (REPOSITORY / "docs" / "ci.md").read_text("utf-8")
_BLOCK = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_JENKINSFILE = re.compile(r"^```groovy\n// Jenkinsfile\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def snippets() -> dict[str, str]:
    return dict(_BLOCK.findall(PAGE))


def snippet(name: str) -> Any:
    return yaml.safe_load(snippets()[name])


def test_the_page_has_every_snippet() -> None:
    assert snippets().keys() == CHECKERS.keys()


@pytest.mark.parametrize("name", CHECKERS)
def test_snippets_conform_to_the_schema_of_their_tool(name: str, tmp_path: Path) -> None:
    if not importlib.util.find_spec(CHECKERS[name][0]):
        pytest.skip(f"needs {CHECKERS[name][0]}: pip install -e '.[dev]'")
    file = tmp_path / Path(name).name
    file.write_text(snippets()[name], "utf-8")
    command = [sys.executable, "-m", *CHECKERS[name], str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_hook_in_the_snippet_exists() -> None:
    offered = {hook["id"] for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    ((used,),) = [entry["hooks"] for entry in snippet(".pre-commit-config.yaml")["repos"]]
    assert used["id"] in offered
    # The command must accept all other arguments of the hook.
    assert run("check", "--show-config", *used.get("args", [])).status == 0


def test_the_inputs_in_the_snippet_exist() -> None:
    jobs = snippet(".github/workflows/guestcust.yml")["jobs"]
    (step,) = [step for job in jobs.values() for step in job["steps"] if "/guestcust@" in step.get("uses", "")]
    inputs = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))["inputs"]
    assert step["with"].keys() <= inputs.keys()
    assert run("check", "--show-config", "--api-version", str(step["with"].get("api-version", "latest"))).status == 0


def writes_the_report(line: str, name: str, folder: Path) -> None:
    arguments = shlex.split(line)[1:]
    (folder / arguments[-1]).mkdir(parents=True)
    (folder / arguments[-1] / "a.json").write_bytes(PENDING)
    done = run(*arguments, cwd=folder)
    assert (done.status, done.err) == (0, "")
    assert (folder / name).read_text("utf-8").startswith("<?xml")


def test_the_job_writes_the_report_that_gitlab_collects(tmp_path: Path) -> None:
    (job,) = snippet(".gitlab-ci.yml").values()
    (line,) = [line for line in job["script"] if line.startswith("guestcust check ")]
    writes_the_report(line, job["artifacts"]["reports"]["junit"], tmp_path)
    assert job["artifacts"]["when"] == "always"


def test_the_job_writes_the_report_that_jenkins_collects(tmp_path: Path) -> None:
    (pipeline,) = _JENKINSFILE.findall(PAGE)
    ((line, name),) = re.findall(r"sh '\S*(guestcust check .*)'.*always \{ junit '(.*)' \}", pipeline, re.DOTALL)
    writes_the_report(line, name, tmp_path)


def test_all_snippets_name_this_release() -> None:
    assert set(re.findall(r"\bv\d+\.\d+\.\d+\b", PAGE)) == {f"v{guestcust.__version__}"}
