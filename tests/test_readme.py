"""The README tells the truth: its commands print what it shows, and its Python runs.

python tests/test_readme.py      write what the commands print into the README
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
_CONSOLE = re.compile(r"(?<=```console\n)(.*?)(?=```)", re.DOTALL)
_PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)


def printed(command: str) -> str:
    """What a command line of the README prints, with `guestcust` as this Python has it."""
    line = command.replace("guestcust", f"{sys.executable} -m guestcust", 1)
    environment = {**os.environ, "NO_COLOR": "1"}
    found = subprocess.run(
        line, shell=True, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    return found.stdout + found.stderr


def rendered(page: str) -> str:
    """The page with every console block as its commands print it now."""

    def block(match: re.Match[str]) -> str:
        commands = re.findall(r"^\$ (.*)$", match.group(), re.MULTILINE)
        return "".join(f"$ {command}\n{printed(command)}" for command in commands)

    return _CONSOLE.sub(block, page)


def test_every_command_prints_what_the_page_shows() -> None:
    page = README.read_text("utf-8")
    assert len(_CONSOLE.findall(page)) >= 3
    assert rendered(page) == page, "run `python tests/test_readme.py`"


def test_the_python_of_the_page_runs() -> None:
    blocks = _PYTHON.findall(README.read_text("utf-8"))
    assert blocks
    for block in blocks:
        done = subprocess.run([sys.executable, "-W", "error", "-c", block], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_first_command_stands_on_the_first_screen() -> None:
    first = README.read_text("utf-8").splitlines()[:12]
    assert any("&& .venv/bin/guestcust check examples" in line for line in first)


if __name__ == "__main__":
    README.write_text(rendered(README.read_text("utf-8")), "utf-8")
