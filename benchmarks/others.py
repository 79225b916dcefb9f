"""The other tools: how they are set up, which versions they have, and the commands that run them.

Each gets the published schema, or its draft-07 edition if it supports nothing newer. Formats are not asserted, because
the schema's pattern defines a time. What is measured must not enter here.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

from libraries import SCHEMA, SCHEMA_DRAFT_07

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
DATA = HERE / ".data"
_VENV = HERE / ".venv"
_BIN = _VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = _BIN / "python"
GUESTCUST = _BIN / "guestcust"
# A plain install, without the other tools and without the extra for RE2.
_PLAIN = HERE / ".plain"
PLAIN = _PLAIN / _BIN.name / "python"
_NODE_MODULES = HERE / "node_modules"
AJV_CLI = _NODE_MODULES / "ajv-cli" / "dist" / "index.js"


def set_up() -> None:
    """Installs what is missing in the folder of the benchmarks, and guestcust from this checkout.

    Raises:
        subprocess.CalledProcessError: a package manager failed; its output has the reason.

    """
    # Not editable: users install a wheel. Of the extras, `arrow` leaves the engine for texts as it is.
    _install(_VENV, "-r", HERE / "requirements.txt", ROOT)
    _install(_PLAIN, f"{ROOT}[arrow]")
    if has_node() and not _is_current(_NODE_MODULES / "stamp", HERE / "package-lock.json"):
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=HERE, check=True)
        (_NODE_MODULES / "stamp").write_text(_digest(HERE / "package-lock.json"))


def _install(environment: Path, *what: str | Path) -> None:
    made_by = environment / "pyvenv.cfg"
    if not made_by.exists() or f"version = {platform.python_version()}\n" not in made_by.read_text("utf-8"):
        venv.create(environment, with_pip=True, clear=True)
    python = environment / _BIN.name / "python"
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *what], check=True)


def clear() -> None:
    """Creates the folder for inputs; removes inputs made by another version of the generators."""
    stamp, generators = DATA / "stamp", HERE / "inputs.py"
    if not _is_current(stamp, generators):
        shutil.rmtree(DATA, ignore_errors=True)
        DATA.mkdir()
        stamp.write_text(_digest(generators))


def _is_current(stamp: Path, file: Path) -> bool:
    return stamp.exists() and stamp.read_text() == _digest(file)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def has_node() -> bool:
    """Whether this machine has node and npm."""
    return bool(shutil.which("node") and shutil.which("npm"))


def versions() -> dict[str, str]:
    """The version of every package in the virtual environment, and of Ajv and ajv-cli where there is node."""
    listed = subprocess.check_output([PYTHON, "-m", "pip", "list", "--format=json", "--disable-pip-version-check"])
    found = {package["name"].lower().replace("_", "-"): package["version"] for package in json.loads(listed)}
    if has_node():
        for name in ("ajv", "ajv-cli"):
            found[name] = json.loads((_NODE_MODULES / name / "package.json").read_text("utf-8"))["version"]
    return found


def machine() -> dict[str, str]:
    """A description of the machine, without anything that identifies its owner."""
    found = {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
    }
    if has_node():
        found["node"] = subprocess.check_output(["node", "--version"], text=True).strip().removeprefix("v")
    return found


def _processor() -> str:
    try:
        names = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        names = []
    return names[0] if names else platform.processor() or "unknown"


def engine() -> str:
    """The engine for texts, from `guestcust --version -v`."""
    said = subprocess.check_output([GUESTCUST, "--version", "-v"], text=True)
    return said.partition("Engine for texts: ")[2].strip()


def jobs(count: int | None) -> list[str]:
    """The options for this many processes; None leaves the number to guestcust."""
    return [] if count is None else ["--jobs", str(count)]


def guestcust(*arguments: str | Path) -> list[str | Path]:
    return [GUESTCUST, "check", "--no-config", *arguments]


def plain(*arguments: str | Path) -> list[str | Path]:
    """The same command of the plain install."""
    return [PLAIN.with_name(GUESTCUST.name), "check", "--no-config", *arguments]


def hook() -> list[str | Path]:
    """The command that pre-commit runs, from `.pre-commit-hooks.yaml`."""
    entry = re.search(r"^  entry: guestcust (.*)$", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE)
    assert entry is not None
    return [GUESTCUST, *entry.group(1).split()]


def jsonvet(*files: Path) -> list[str | Path]:
    return [_BIN / "jsonvet", "--no-config", "--schema", SCHEMA, *files]


def sourcemeta(*files: Path) -> list[str | Path]:
    """The native program without its Python wrapper, which would take as long as bare Python."""
    name = f"jsonschema-{platform.system().lower()}-{platform.machine().lower().replace('amd64', 'x86_64')}"
    (program,) = Path(sysconfig.get_path("purelib", vars={"base": str(_VENV)})).glob(f"sourcemeta_jsonschema/{name}*")
    # Without --continue it stops at the first failure.
    return [program, "validate", "--fast", "--continue", SCHEMA, *files]


def check_jsonschema(*files: Path, schema: Path = SCHEMA) -> list[str | Path]:
    return [_BIN / "check-jsonschema", "--disable-formats", "*", "--schemafile", schema, *files]


def ajv_cli(*files: Path) -> list[str | Path]:
    """Without npx and its shell."""
    options: list[str | Path] = ["--spec=draft7", "--strict=false", "--validate-formats=false", "-s", SCHEMA_DRAFT_07]
    data: list[str | Path] = [part for file in files for part in ("-d", file)]
    return ["node", AJV_CLI, "validate", *options, *data]


def loop(library: str, file: Path, *, python: Path = PYTHON) -> list[str | Path]:
    return [python, HERE / "loop.py", library, file]


def array_schema(path: Path) -> Path:
    """A schema for an array of payloads, for a tool that does not read NDJSON."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    whole = {"$schema": schema["$schema"], "type": "array", "items": {"$ref": schema["$id"]}, "$defs": {"one": schema}}
    path.write_text(json.dumps(whole), "utf-8")
    return path


def bare_python(python: Path = PYTHON) -> list[str | Path]:
    return [python, "-c", "pass"]
