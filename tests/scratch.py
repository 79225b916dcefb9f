"""Scratch git repositories, independent of the user's settings, and copies of the working tree."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from command import REPOSITORY, environment


def hermetic(home: Path, **changes: str) -> dict[str, str]:
    """Environment variables that hide the user, the machine and this run from git and Python's tools."""
    foreign = ("GIT_", "PRE_COMMIT", "GITHUB_", "RUNNER_", "PYTHON", "COV", "VIRTUAL_ENV", "XDG_")
    kept = {name: value for name, value in environment().items() if not name.startswith(foreign)}
    return {
        **kept,
        "HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_NAME": "Nobody" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "nobody@example.invalid" for who in ("AUTHOR", "COMMITTER")},
        **changes,
    }


def git(*arguments: str, cwd: Path, home: Path) -> str:
    done = subprocess.run(["git", *arguments], cwd=cwd, env=hermetic(home), capture_output=True, text=True, check=True)
    return done.stdout


def copy_tree(target: Path) -> None:
    """Copies the files of the working tree that git does not ignore, committed or not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True).stdout
    for name in filter(None, os.fsdecode(listed).split("\0")):
        # Deleted files are listed until the deletion is staged.
        if (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, target / name)


def commit_all(folder: Path, home: Path) -> None:
    git("init", "-q", cwd=folder, home=home)
    git("add", "--all", cwd=folder, home=home)
    git("commit", "-q", "--message", "all", cwd=folder, home=home)
