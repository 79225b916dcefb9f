"""The hook, run by pre-commit in scratch repositories from a clone of the working tree."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from command import EARLY_ERROR, PENDING, REPOSITORY, TOO_EARLY
from guestcust.captures.formats import EXTENSIONS
from scratch import commit_all, copy_tree, git, hermetic

HOOKS: list[dict[str, Any]] = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))
needs_pre_commit = pytest.mark.skipif(
    not importlib.util.find_spec("pre_commit"), reason="needs pre-commit: pip install -e '.[dev]'"
)


class Ended(NamedTuple):
    status: int
    out: str


class Workshop(NamedTuple):
    """A clone of the working tree, and a home folder in which the hook is installed once."""

    home: Path
    clone: Path

    def run(self, cwd: Path, *arguments: str) -> Ended:
        environment = hermetic(self.home, PRE_COMMIT_HOME=str(self.home / "pre-commit"), PRE_COMMIT_COLOR="never")
        command = [sys.executable, "-m", "pre_commit", "run", *arguments]
        done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, check=False)
        return Ended(done.returncode, (done.stdout + done.stderr).decode())

    def repository(self, folder: Path, files: dict[str, bytes], **hook: Any) -> Path:
        """A repository with staged files and the hook configured."""
        config = {"repos": [{"repo": str(self.clone), "rev": "v1.0", "hooks": [{"id": "guestcust", **hook}]}]}
        for name, content in {**files, ".pre-commit-config.yaml": yaml.safe_dump(config).encode()}.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        git("init", "-q", cwd=folder, home=self.home)
        git("add", "--all", cwd=folder, home=self.home)
        return folder


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    home, clone = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("clone")
    copy_tree(clone)
    commit_all(clone, home)
    git("tag", "v1.0", cwd=clone, home=home)
    return Workshop(home, clone)


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("a.json", True),
        ("inner/deep/a.json", True),
        ("a.har", True),
        ("a.jsonl", True),
        ("a.ndjson", True),
        ("a.yaml", True),
        ("a.yml", True),
        ("a.flow", True),
        ("a.mitm", True),
        ("a b.json", True),
        ("json", False),
        ("ajson", False),
        ("a.json5", False),
        ("a.geojson", False),
        ("a.json.gz", False),
        ("a.json/b", False),
        ("a.yaaml", False),
        ("a.toml", False),
        ("a.py", False),
    ],
)
def test_the_hook_selects_files_by_extension(path: str, taken: bool) -> None:
    (hook,) = HOOKS
    assert bool(re.search(hook["files"], path)) is taken


def test_the_hook_selects_every_extension_of_the_command() -> None:
    (hook,) = HOOKS
    assert all(re.search(hook["files"], f"a{extension}") for extension in EXTENSIONS)


@pytest.mark.slow
@needs_pre_commit
def test_conforming_files_pass_and_others_are_not_given_to_the_hook(workshop: Workshop, tmp_path: Path) -> None:
    files = {
        "fixtures/a.json": PENDING,
        "fixtures/polled.ndjson": PENDING + b"\n" + PENDING,
        "package.json": b'{"name": "x"}',
        "ci.yml": b"jobs: {}\n",
        "broken.txt": EARLY_ERROR,
    }
    done = workshop.run(workshop.repository(tmp_path, files, args=["--all"]), "--all-files")
    assert done.status == 0, done.out
    assert re.search(r"^guestcust\.+Passed$", done.out, re.MULTILINE)
    sources = set(re.findall(r"^(\S+?)(?::\d+:\d+)?: (?:valid|skipped)", done.out, re.MULTILINE))
    assert sources == {"fixtures/a.json", "fixtures/polled.ndjson", "package.json", "ci.yml", ".pre-commit-config.yaml"}


@pytest.mark.slow
@needs_pre_commit
def test_nonconforming_files_fail_with_an_explanation(workshop: Workshop, tmp_path: Path) -> None:
    repository = workshop.repository(tmp_path, {"fixtures/a.json": EARLY_ERROR, "fixtures/b.json": PENDING})
    done = workshop.run(repository)
    assert done.status == 1
    assert re.search(r"^guestcust\.+Failed$", done.out, re.MULTILINE)
    assert f"fixtures/a.json:1:23: error: error-only-when-failed\n  {TOO_EARLY}\n" in done.out
    assert workshop.run(repository, "--files", "fixtures/b.json").status == 0
    # The staged content is checked, not that of the folder.
    (repository / "fixtures/a.json").write_bytes(PENDING)
    assert workshop.run(repository).status == 1
    git("add", "fixtures/a.json", cwd=repository, home=workshop.home)
    assert workshop.run(repository).status == 0


@pytest.mark.slow
@needs_pre_commit
def test_a_repository_without_payloads_passes(workshop: Workshop, tmp_path: Path) -> None:
    files = {"package.json": b'{"name": "x"}', "tsconfig.json": b"{ // a comment\n}", "a.py": b"pass\n"}
    done = workshop.run(workshop.repository(tmp_path, files), "--all-files")
    assert done.status == 0, done.out
    assert "unrelated" in done.out


@pytest.mark.slow
@needs_pre_commit
def test_a_repository_with_each_kind_of_capture_that_is_not_read_fails(workshop: Workshop, tmp_path: Path) -> None:
    url = "https://vcenter.example/api/vcenter/vm/vm-1/guest/customization"
    files = {
        "nock.json": f'[{{"scope": "x", "path": "{url}", "status": 200, "response": {{}}}}]'.encode(),
        "inside.json": b'{"vm-1": ' + EARLY_ERROR + b"}",
        "calls.yaml": f"calls:\n- {url}\n".encode(),
        "escaped.json": b'{"url": "\\/guest\\/customization"}',
        "head.json": b"HTTP/1.1 200 OK\r\n\r\n" + EARLY_ERROR,
        "package.json": b'{"name": "x"}',
    }
    done = workshop.run(workshop.repository(tmp_path, files), "--all-files")
    assert done.status == 1
    told = set(re.findall(r"^(\S+?)(?::\d+:\d+)?: (?:unreadable|error)", done.out, re.MULTILINE))
    assert told == files.keys() - {"package.json"}


@pytest.mark.slow
@needs_pre_commit
def test_every_batch_of_a_long_file_list_is_checked(workshop: Workshop, tmp_path: Path) -> None:
    # More names than one command line takes: pre-commit stays below 128 KiB.
    names = [f"fixtures/{'a-long-name-' * 15}{number:04}.json" for number in range(2000)]
    files = dict.fromkeys(names, PENDING)
    repository = workshop.repository(tmp_path, files)
    done = workshop.run(repository, "--all-files")
    assert done.status == 0, done.out
    # One after the other, so that no summary breaks into another.
    assert HOOKS[0]["require_serial"] is True
    parts = [int(number) for number in re.findall(r"^(\d+) payloads? in", done.out, re.MULTILINE)]
    assert len(parts) > 1
    assert sum(parts) == len(names)
    (repository / names[-1]).write_bytes(EARLY_ERROR)
    git("add", "--all", cwd=repository, home=workshop.home)
    done = workshop.run(repository, "--all-files")
    assert done.status == 1
    assert f"{names[-1]}:1:23: error: error-only-when-failed\n" in done.out


@pytest.mark.slow
@needs_pre_commit
def test_the_settings_of_the_repository_apply(workshop: Workshop, tmp_path: Path) -> None:
    files = {"broken/a.json": EARLY_ERROR, "a.json": PENDING, "guestcust.toml": b'exclude = ["broken/"]\n'}
    repository = workshop.repository(tmp_path, files)
    done = workshop.run(repository, "--all-files")
    assert done.status == 0, done.out
    assert "excluded" in done.out
    (repository / "guestcust.toml").write_text("exclude = 1\n")
    git("add", "--all", cwd=repository, home=workshop.home)
    done = workshop.run(repository, "--all-files")
    assert done.status == 1
    assert "guestcust: guestcust.toml: exclude: must be a list of strings, not an integer\n" in done.out


@pytest.mark.slow
@needs_pre_commit
def test_the_hook_accepts_arguments(workshop: Workshop, tmp_path: Path) -> None:
    files = {"a.json": b'{"status": "IDLE"}'}
    repository = workshop.repository(tmp_path, files, args=["--api-version=7.0.2.0"])
    done = workshop.run(repository)
    assert done.status == 1
    assert "added in 7.0.3.0" in done.out


@needs_pre_commit
def test_pre_commit_accepts_the_manifest() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(REPOSITORY / ".pre-commit-hooks.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
