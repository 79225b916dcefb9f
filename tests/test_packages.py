"""The packages for other languages: each contains schemas/, and works when it is installed into an empty project."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Collection
from pathlib import Path

import guestcust
import pytest
from command import REPOSITORY, SCHEMAS
from test_docs import blocks, wrapped

pytestmark = pytest.mark.slow

PACKAGES = REPOSITORY / "packages"
CONTRACT = REPOSITORY / "contract"
FILES = {path.relative_to(SCHEMAS).as_posix() for path in SCHEMAS.rglob("*") if path.is_file()}


def run(*command: str | Path, cwd: Path, **changes: str) -> str:
    """What a program prints that must succeed."""
    environment = {**os.environ, **changes}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def built(name: str, tool: str, folder: Path) -> Path:
    """A package that was built into a folder."""
    if not shutil.which(tool):
        pytest.skip(f"needs {tool}")
    return Path(run(sys.executable, PACKAGES / "build", name, "--out", folder, cwd=folder).splitlines()[0])


def snippet(language: str) -> str:
    ((code, _),) = blocks(REPOSITORY / "docs" / "languages.md", language)
    return code


def lacking(names: Collection[str], prefix: str) -> set[str]:
    """The files of schemas/ that are not in an archive."""
    return {name for name in FILES if prefix + name not in names}


def test_the_package_for_npm(tmp_path: Path) -> None:
    tarball = built("npm", "npm", tmp_path)
    with tarfile.open(tarball) as archive:
        assert lacking(archive.getnames(), "package/") == set()
    versions = json.loads((CONTRACT / "javascript" / "package.json").read_text("utf-8"))["devDependencies"]
    versions |= json.loads((CONTRACT / "tools" / "package.json").read_text("utf-8"))["devDependencies"]
    packages = [f"{name}@{versions[name]}" for name in ("ajv", "typescript")]
    project = tmp_path / "project"
    project.mkdir()
    run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", project, tarball, *packages, cwd=project)
    (project / "snippet.mjs").write_text(snippet("js"), "utf-8")
    assert run("node", "snippet.mjs", cwd=project) == "true false"
    compiles = ("node", "node_modules/typescript/bin/tsc", "--noEmit", "--strict", "--module", "nodenext", "use.ts")
    (project / "use.ts").write_text(snippet("ts"), "utf-8")
    run(*compiles, cwd=project)
    (project / "use.ts").write_text(re.sub('"(RUNNING|error-.*)"', '"unknown"', snippet("ts")), "utf-8")
    refused = subprocess.run(compiles, cwd=project, capture_output=True, text=True, check=False).stdout
    assert len(re.findall(r"""Type '"unknown"' is not assignable""", refused)) == 2


def test_the_package_for_go(tmp_path: Path) -> None:
    module = built("go", "go", tmp_path)
    names = zipfile.ZipFile(module).namelist()
    version = f"v{guestcust.__version__}"
    name = names[0].partition(f"@{version}/")[0]
    assert lacking(names, f"{name}@{version}/") == set()
    # What is not embedded does not reach a program.
    embedded = re.findall("^//go:embed (.*)$", (PACKAGES / "go" / "guestcust.go").read_text("utf-8"), re.MULTILINE)
    assert set(embedded[0].split()) == {file.partition("/")[0] for file in FILES}
    # A proxy of modules is a folder with fixed names, in which "!" marks capital letters.
    offered = tmp_path / "proxy" / re.sub("[A-Z]", lambda found: f"!{found[0].lower()}", name) / "@v"
    offered.mkdir(parents=True)
    (offered / f"{version}.info").write_text(json.dumps({"Version": version}), "utf-8")
    (offered / f"{version}.mod").write_bytes(zipfile.ZipFile(module).read(f"{name}@{version}/go.mod"))
    shutil.copy2(module, offered / f"{version}.zip")
    project = tmp_path / "project"
    project.mkdir()
    for each in ("go.mod", "go.sum"):
        shutil.copy2(CONTRACT / "go" / each, project)
    (project / "main.go").write_text(f"package main\n{wrapped(snippet('go'), r'[)]', 'func main() {', '}')}", "utf-8")
    usual = run("go", "env", "GOPROXY", cwd=project)
    changes = {"GOPROXY": f"{(tmp_path / 'proxy').as_uri()},{usual}", "GONOSUMDB": name}
    # The usual cache would keep an older build of the same version; it must be possible to delete this one.
    changes |= {"GOMODCACHE": str(tmp_path / "cache"), "GOFLAGS": "-modcacherw"}
    run("go", "get", f"{name}@{version}", cwd=project, **changes)
    assert run("go", "run", ".", cwd=project, **changes) == "true false"


def test_the_package_for_maven(tmp_path: Path) -> None:
    repository = built("maven", "mvn", tmp_path)
    (pom,) = repository.rglob("*.pom")
    jars = sorted(pom.parent.glob("*.jar"))
    assert [jar.stem.removeprefix(pom.stem) for jar in jars] == ["-javadoc", "-sources", ""]
    assert lacking(zipfile.ZipFile(jars[-1]).namelist(), "guestcust/") == set()
    project = tmp_path / "project"
    project.mkdir()
    (group,) = re.findall("<groupId>(.*)</groupId>", pom.read_text("utf-8"))
    text = (CONTRACT / "java" / "pom.xml").read_text("utf-8")
    used = f"<groupId>{group}</groupId><artifactId>guestcust</artifactId><version>{guestcust.__version__}</version>"
    text = text.replace("<dependencies>", f"<dependencies><dependency>{used}</dependency>", 1)
    source = f"<repositories><repository><id>built</id><url>{repository.as_uri()}</url></repository></repositories>"
    (project / "pom.xml").write_text(text.replace("<dependencies>", f"{source}<dependencies>", 1), "utf-8")
    # Maven would take an older build of the same version from its cache.
    cached = Path.home() / ".m2" / "repository" / group.replace(".", "/") / "guestcust"
    shutil.rmtree(cached, ignore_errors=True)
    run("mvn", "-q", "-B", "dependency:build-classpath", "-Dmdep.outputFile=classpath", cwd=project)
    before = "class Snippet { public static void main(String[] arguments) throws Exception {"
    (project / "Snippet.java").write_text(wrapped(snippet("java"), "import ", before, "}}"), "utf-8")
    classes = (project / "classpath").read_text("utf-8")
    assert str(cached) in classes
    assert run("java", "-cp", classes, "Snippet.java", cwd=project) == "true false"
    shutil.rmtree(cached)


def test_the_package_for_cargo(tmp_path: Path) -> None:
    crate = built("crate", "cargo", tmp_path)
    with tarfile.open(crate) as archive:
        assert lacking(archive.getnames(), f"{crate.stem}/") == set()
        archive.extractall(tmp_path, filter="data")
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    text = (CONTRACT / "rust" / "Cargo.toml").read_text("utf-8")
    dependencies = re.findall(r"^(?:jsonschema|serde_json) .*$", text, re.MULTILINE)
    manifest = ["[package]", 'name = "project"', 'edition = "2021"', "[dependencies]", *dependencies]
    manifest.append(f"guestcust = {{ path = {json.dumps(str(tmp_path / crate.stem))} }}")
    (project / "Cargo.toml").write_text("\n".join(manifest), "utf-8")
    (project / "src" / "main.rs").write_text(wrapped(snippet("rust"), "use ", "fn main() {", "}"), "utf-8")
    # The contract for Rust has built the validator already.
    shutil.copy2(CONTRACT / "rust" / "Cargo.lock", project)
    target = str(CONTRACT / "rust" / "target")
    assert run("cargo", "run", "--quiet", cwd=project, CARGO_TARGET_DIR=target) == "true false"
