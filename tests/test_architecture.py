"""The package's structure: imports follow the order of the folders, and each dependency stays in its place."""

from __future__ import annotations

import ast
from pathlib import Path

import guestcust

PACKAGE = Path(guestcust.__file__).parent
#: Each module or folder imports only those before it, and, in a folder, its own modules.
ORDER = (
    ("",),
    ("model",),
    ("jsontext",),
    ("errors",),
    ("ruleset",),
    ("captures", "engine", "reporters"),
    ("explanation",),
    ("validator",),
    ("sources", "pipeline"),
    ("library", "arrow"),
    ("testing",),
    ("cli",),
    ("__main__",),
)
MODULES = {path.relative_to(PACKAGE): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def imported(tree: ast.Module) -> set[str]:
    """The dotted names that a module imports, wherever in the file."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def part(path: Path) -> str:
    return path.parts[0].removesuffix(".py").replace("__init__", "")


def test_imports_follow_the_order() -> None:
    ranks = {name: rank for rank, names in enumerate(ORDER) for name in names}
    assert ranks.keys() == {part(path) for path in MODULES}
    for path, tree in MODULES.items():
        if part(path) == "":
            continue
        for name in imported(tree):
            package, _, rest = name.partition(".")
            other = rest.split(".")[0] if rest.split(".")[0] in ranks else ""
            if package == "guestcust" and other != part(path):
                assert ranks[other] < ranks[part(path)], f"{path} imports {name}"


def test_the_fast_start_pays_for_no_package_it_does_not_use() -> None:
    for folder in ("cli", "engine", "jsontext", "ruleset"):
        assert imported(MODULES[Path(folder, "__init__.py")]) == set(), folder


def test_dependencies_stay_in_their_places() -> None:
    owners = {
        "click": "cli/",
        "hypothesis": "testing/strategies.py",
        "jsonschema": "engine/reference.py",
        "multiprocessing": "cli/workers.py",
        "pyarrow": "arrow.py",
        "re2": "engine/automaton.py",
        "yaml": "captures/yaml_trees.py",
    }
    for path, tree in MODULES.items():
        used = {name.split(".")[0] for name in imported(tree)}
        for package in used & owners.keys():
            assert path.as_posix().startswith(owners[package]), f"{path} imports {package}"
        assert not used & {"socket", "urllib", "http", "requests", "ssl", "pyspark", "dask", "duckdb", "pandas"}
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if part(path) not in ("cli", "__main__"):
            assert not calls & {"print", "sys.exit", "exit", "quit", "sys.stdout.write"}, path
        if part(path) == "captures":
            assert not used & {"os", "pathlib", "tempfile", "shutil"} and "open" not in calls, path


def test_modules_are_short_and_say_what_they_are_for() -> None:
    for path, tree in MODULES.items():
        assert ast.get_docstring(tree), path
        assert len((PACKAGE / path).read_text("utf-8").splitlines()) <= 300, path
