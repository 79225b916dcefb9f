"""The documentation is true: commands print what the pages show, code in them runs, and links lead somewhere.

python tests/test_docs.py      write into every page what its commands print
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from command import REPOSITORY, SCHEMAS, run

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md")), SCHEMAS / "README.md"]
LINKING = [*PAGES, *(REPOSITORY / name for name in ("CONTRIBUTING.md", "CHANGELOG.md"))]
LINKING += [page for folder in ("benchmarks", "contract", "tests") for page in (REPOSITORY / folder).rglob("README.md")]
LINKING = [page for page in LINKING if not {"node_modules", ".venv"} & set(page.parts)]

_CONSOLE = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"^```(\w+)\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
# Outside code, which may have lines that look like headings.
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def named(page: Path) -> str:
    return page.relative_to(REPOSITORY).as_posix()


def blocks(page: Path, language: str) -> list[tuple[str, str]]:
    """The code blocks in a language, each with the text block that follows it."""
    return [found[1:] for found in _CODE.findall(page.read_text("utf-8")) if found[0] == language]


@functools.cache
def printed(line: str) -> str:
    """What a command line prints on stdout, then on stderr."""
    if line.startswith("guestcust ") and not re.search(r"[|;<>]", line):
        done = run(*shlex.split(line)[1:], cwd=REPOSITORY)
        return done.out + done.err
    shell = re.sub(r"(^|[|] *)guestcust\b", lambda found: f"{found[1]}{sys.executable} -m guestcust", line)
    environment = {**os.environ, "NO_COLOR": "1"}
    ended = subprocess.run(
        shell, shell=True, cwd=REPOSITORY, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    return ended.stdout + ended.stderr


def home() -> str:
    """The repository's address in pyproject.toml; empty as long as it has none."""
    (found,) = re.findall(r'^home = "(.*)"$', (REPOSITORY / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    return str(found)


def rendered(page: str) -> str:
    """A page with what its commands print now, and with the repository's address once it has one."""
    if home():
        page = page.replace("github.com/OWNER/guestcust", home().partition("://")[2])
        page = page.replace("OWNER/guestcust", home().partition("://")[2].partition("/")[2])

    def block(match: re.Match[str]) -> str:
        lines = re.findall(r"^\$ (.*)$", match.group(), re.MULTILINE)
        return "".join(f"$ {line}\n{printed(line)}" for line in lines)

    return _CONSOLE.sub(block, page)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_prints_what_the_page_shows(page: Path) -> None:
    text = page.read_text("utf-8")
    assert rendered(text) == text, "run `python tests/test_docs.py`"


PYTHON = [(page, code, shown) for page in PAGES for code, shown in blocks(page, "python")]


@pytest.mark.parametrize(
    ("page", "code", "shown"), PYTHON, ids=[f"{named(page)}-{number}" for number, (page, *_) in enumerate(PYTHON)]
)
def test_python_runs_and_prints_what_the_page_shows(
    page: Path, code: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "block.py"
    program.write_text(code, "utf-8")
    # The code of the pages is run from the repository, that of the exported README from its own folder.
    monkeypatch.chdir(SCHEMAS if page.parent == SCHEMAS else REPOSITORY)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(str(program))
    if shown:
        assert out.getvalue() == shown


def test_links_of_the_readme_work_on_pypi(monkeypatch: pytest.MonkeyPatch) -> None:
    # Only a build has hatchling.
    monkeypatch.setitem(
        sys.modules, "hatchling.metadata.plugin.interface", SimpleNamespace(MetadataHookInterface=object)
    )
    hook = SimpleNamespace(**runpy.run_path(str(REPOSITORY / "hatch_build.py")))
    text = "[a](docs/a.md#b) and [c](https://c.example) and [d](#e)"
    address = "https://github.com/someone/guestcust"
    absolute = f"[a]({address}/blob/v1.2.3/docs/a.md#b) and [c](https://c.example) and [d](#e)"
    assert hook.readme(text, address, "1.2.3") == absolute
    assert hook.readme(text, "", "1.2.3") == "a and [c](https://c.example) and [d](#e)"
    left = _LINK.findall(hook.readme((REPOSITORY / "README.md").read_text("utf-8"), address, "1.2.3"))
    assert left and all("://" in link for link in left)


def scratch(tmp_path: Path) -> Path:
    """A folder with the payload that the snippets validate; it does not conform."""
    shutil.copytree(SCHEMAS / "vcenter.vm.guest.customization.info", tmp_path / "vcenter.vm.guest.customization.info")
    shutil.copy2(REPOSITORY / "examples" / "broken" / "error-while-running.json", tmp_path / "payload.json")
    return tmp_path


def snippet(language: str) -> str:
    ((code, _),) = blocks(SCHEMAS / "README.md", language)
    return code


def names_the_rule(printed: str) -> bool:
    """Whether a printed location is, in rules.json, one of the rule that the payload of `scratch` breaks."""
    rules = json.loads((SCHEMAS / "rules.json").read_text("utf-8"))["rules"]
    (broken,) = (rule for rule in rules if rule["id"] == "error-only-when-failed")
    return any(keyword["schemaLocation"] in printed for keyword in broken["keywords"])


def wrapped(code: str, is_import: str, before: str, after: str) -> str:
    """A program of a snippet whose imports come first."""
    lines = code.splitlines()
    last = max(number for number, line in enumerate(lines) if re.match(is_import, line)) + 1
    return "\n".join([*lines[:last], before, *lines[last:], after, ""])


def output(*command: str | Path, cwd: Path, **changes: str) -> str:
    """What a program prints that must succeed."""
    environment = {**os.environ, **changes}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if "GOPROXY=off" in done.stderr:
        pytest.skip("needs the packages of contract/go: contract/run --languages go")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_snippet_for_ajv_finds_the_rule(tmp_path: Path) -> None:
    modules = REPOSITORY / "contract" / "javascript" / "node_modules"
    if not (shutil.which("node") and modules.exists()):
        pytest.skip("needs node and the packages of contract/javascript: contract/run --languages javascript")
    scratch(tmp_path).joinpath("node_modules").symlink_to(modules)
    (tmp_path / "snippet.mjs").write_text(snippet("js"), "utf-8")
    assert names_the_rule(output("node", "snippet.mjs", cwd=tmp_path))


@pytest.mark.slow
def test_the_snippet_for_go_finds_the_rule(tmp_path: Path) -> None:
    if not shutil.which("go"):
        pytest.skip("needs go")
    scratch(tmp_path)
    for name in ("go.mod", "go.sum"):
        shutil.copy2(REPOSITORY / "contract" / "go" / name, tmp_path / name)
    program = wrapped(snippet("go"), r"\)", "func main() {", "}")
    (tmp_path / "main.go").write_text(f"package main\n{program}", "utf-8")
    assert names_the_rule(output("go", "run", ".", cwd=tmp_path, GOPROXY="off", GOFLAGS="-mod=mod"))


@pytest.mark.slow
def test_the_snippet_for_java_finds_the_rule(tmp_path: Path) -> None:
    listed = tmp_path / "classpath"
    project = REPOSITORY / "contract" / "java"
    if not shutil.which("mvn"):
        pytest.skip("needs java and mvn")
    command = ("mvn", "-q", "-B", "dependency:build-classpath", f"-Dmdep.outputFile={listed}")
    subprocess.run(command, cwd=project, capture_output=True, check=True)
    before = "class Snippet { public static void main(String[] arguments) throws Exception {"
    (scratch(tmp_path) / "Snippet.java").write_text(wrapped(snippet("java"), "import ", before, "}}"), "utf-8")
    options = ("-Dslf4j.internal.verbosity=ERROR", "-cp", listed.read_text("utf-8"))
    assert names_the_rule(output("java", *options, "Snippet.java", cwd=tmp_path))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in _HEADING.findall(text)}


@pytest.mark.parametrize("page", LINKING, ids=named)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text("utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_readme_is_short_and_begins_with_the_command() -> None:
    lines = (REPOSITORY / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= 200
    assert any("&& .venv/bin/guestcust check examples" in line for line in lines[:12])


if __name__ == "__main__":
    for each in PAGES:
        each.write_text(rendered(each.read_text("utf-8")), "utf-8")
