"""The built wheel contains the schemas, and works in a clean environment outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_contains_every_schema_file_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "schemas").rglob("*") if path.is_file()}
    assert {f"guestcust/{name}" for name in files} <= names
    assert "guestcust/py.typed" in names
    assert not [name for name in names if name.split("/")[0] not in {"guestcust"} and ".dist-info/" not in name]


def test_the_installed_wheel_works_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    bin_folder = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    installed = run(bin_folder / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    assert installed.returncode == 0, installed.stderr

    (tmp_path / "payload.json").write_text('{"status": "RUNNING", "error": "x"}', "utf-8")
    checked = run(bin_folder / "guestcust", "check", "payload.json", cwd=tmp_path)
    assert (checked.returncode, checked.stderr) == (1, "")
    assert "payload.json:1:23: error: error-only-when-failed" in checked.stdout

    printed = run(bin_folder / "guestcust", "schema", cwd=tmp_path)
    assert json.loads(printed.stdout)["$id"].endswith("/7.0.3.0.schema.json")
    assert run(bin_folder / "guestcust", "explain", "json-utf-8", cwd=tmp_path).returncode == 0
    assertion = "from guestcust.testing import assert_conforms; assert_conforms({'status': 'PAUSED'})"
    assert "AssertionError: the payload does not" in run(bin_folder / "python", "-c", assertion, cwd=tmp_path).stderr
    bare = run(bin_folder / "python", "-c", "from guestcust.testing import payloads", cwd=tmp_path)
    assert "pip install 'guestcust[testing]'" in bare.stderr
