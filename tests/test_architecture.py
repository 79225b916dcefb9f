"""The house: imports go down its floors only, and what belongs to one room stays there."""

from __future__ import annotations

import ast
from pathlib import Path

import guestcust
import pytest

PACKAGE = Path(guestcust.__file__).parent
#: The floors of CONTRIBUTING.md, ground first; a room may import rooms below it and, within `captures`, its equals.
FLOORS = (
    {"model", "shelf", "shape", "terminal", "settings_files", "reporters.closing"},
    {"shown", "times"},
    {"errors", "captures.decode", "plain", "automaton", "evaluator", "reference"},
    {"catalog", "quick"},
    {"captures.bodies", "captures.glance", "captures.splitting", "values", "engine", "examples"},
    {"captures.envelopes", "captures.json_file", "captures.ndjson", "captures.trees", "captures.yaml_trees"},
    {"captures.exchanges"},
    {"captures.streaming", "captures.files"},
    {"captures.cassettes"},
    {"captures.har", "captures.pact", "captures.postman", "captures.ruby_vcr", "captures.vcrpy", "captures.wiremock"},
    {"captures", "wording", "relevance", "reporters.json_report", "reporters.phrases"},
    {"validator", "reporters.html_report", "reporters.text"}
    | {f"reporters.{name}" for name in ("github", "junit", "markdown", "ndjson", "sarif", "tap")},
    {"arrow", "check", "kit", "library", "reporters", "sources", "targets", "testing"},
    {"config", "", "jobs"},
    {"commands"},
    {"commands.progress"},
    {"commands.check", "commands.export"},
    {"cli"},
    {"__main__"},
)
#: The rooms that the quick lane of the command goes through, and the packages that they may import.
LIGHT = {"", "__main__", "plain", "quick", "reporters", "reporters.closing"}
LIGHT |= {"settings_files", "shape", "shelf", "terminal", "times"}
LIGHT_PACKAGES = {"__future__", "collections", "functools", "importlib", "json", "os", "re", "stat", "sys", "typing"}


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def imports(tree: ast.Module) -> set[str]:
    """The rooms of the package that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "guestcust":
            base = node.module.split(".")[1:]
            for alias in node.names:
                inner = PACKAGE.joinpath(*base, alias.name)
                is_room = inner.with_suffix(".py").is_file() or inner.is_dir()
                found.add(".".join([*base, alias.name] if is_room else base))
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[2] for alias in node.names if alias.name.split(".")[0] == "guestcust"}
    return found


def outside(tree: ast.Module) -> set[str]:
    """The other packages that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
        elif isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
    return found


FILES = sorted(PACKAGE.rglob("*.py"))
files = pytest.mark.parametrize("path", FILES, ids=room)


def test_every_room_stands_on_a_floor() -> None:
    assert sorted(map(room, FILES)) == sorted(name for floor in FLOORS for name in floor)


@files
def test_imports_go_down(path: Path) -> None:
    floor = next(number for number, rooms in enumerate(FLOORS) if room(path) in rooms)
    below = set().union(*FLOORS[:floor])
    assert imports(parsed(path)) <= below, f"{room(path)} imports {sorted(imports(parsed(path)) - below)}"


@files
def test_only_the_command_prints_and_exits(path: Path) -> None:
    if room(path) in {"__main__", "cli", "quick"} or room(path).startswith("commands"):
        return
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in {"print", "sys.exit", "exit", "quit", "sys.stdout.write"}
    assert "click" not in outside(parsed(path))


@files
def test_rooms_keep_to_their_packages(path: Path) -> None:
    used = outside(parsed(path))
    assert ("jsonschema" in used) == (room(path) == "reference")
    assert ("re2" in used) == (room(path) == "automaton")
    assert "referencing" not in used or room(path) in {"reference", "catalog"}
    assert "multiprocessing" not in used or room(path) == "jobs"
    assert "hypothesis" not in used or room(path) == "testing"
    assert ("pyarrow" in used) == (room(path) == "arrow")
    assert not used & {"pyspark", "dask", "distributed", "duckdb", "pandas"}
    assert not used & {"socket", "urllib", "http", "requests", "ssl"}
    if room(path).startswith("captures"):
        assert not used & {"os", "pathlib", "tempfile", "shutil"}
        calls = [ast.unparse(node.func) for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)]
        assert "open" not in calls


@pytest.mark.parametrize("path", [path for path in FILES if room(path) in LIGHT], ids=room)
def test_light_rooms_import_nothing_heavy(path: Path) -> None:
    tree = parsed(path)
    at_once = ast.Module([node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))], [])
    assert imports(at_once) <= LIGHT
    assert outside(at_once) <= LIGHT_PACKAGES | {"guestcust"}


@files
def test_every_room_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(parsed(path))
