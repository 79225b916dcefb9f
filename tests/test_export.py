"""`guestcust export` writes the published files, and `--check` detects every change to them."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from command import REPOSITORY, SCHEMAS, Done, run
from guestcust.cli.kit import RUNNERS
from guestcust.ruleset import catalog

CONTRACT = REPOSITORY / "contract"
MANIFEST = "manifest.json"


def export(folder: Path, *options: str) -> Done:
    return run("export", str(folder), *options)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    assert export(tmp_path / "kit").status == 0
    return tmp_path / "kit"


def test_exported_files_are_identical_to_the_published_ones(kit: Path) -> None:
    published = {name: data for name, data in files(SCHEMAS).items() if not name.startswith("meta/")}
    exported = files(kit)
    manifest = json.loads(exported.pop(MANIFEST))
    assert exported == published
    assert manifest["files"].keys() == published.keys()
    assert (manifest["apiVersions"], manifest["dialects"]) == (["7.0.0.0", "7.0.3.0"], [*catalog.DIALECTS])


def test_one_version_and_dialect_can_be_exported(tmp_path: Path) -> None:
    assert export(tmp_path, "--api-version", "7.0.2", "--dialect", "draft-07").status == 0
    schemas = [name for name in files(tmp_path) if name.endswith((".schema.json", ".openapi.json"))]
    assert schemas == ["draft-07/vcenter.vm.guest.customization.info/7.0.0.0.schema.json"]
    assert not [name for name in files(tmp_path) if "7.0.3.0" in name]
    assert export(tmp_path, "--check").status == 0


def test_an_unchanged_copy_is_up_to_date(kit: Path) -> None:
    before = files(kit)
    done = export(kit, "--check")
    assert (done.status, done.err) == (0, "")
    assert export(kit).status == 0
    assert files(kit) == before


def test_a_change_of_any_file_is_detected(kit: Path) -> None:
    for name in [name for name in files(kit) if name != MANIFEST][::20]:
        whole = (kit / name).read_bytes()
        (kit / name).write_bytes(whole + b" ")
        assert f"altered: {kit / name}\n" in export(kit, "--check").out
        (kit / name).unlink()
        done = export(kit, "--check")
        assert (done.status, done.out) == (1, f"missing: {kit / name}\n")
        (kit / name).write_bytes(whole)
    assert export(kit, "--check").status == 0


def test_files_of_an_older_guestcust_are_stale(kit: Path) -> None:
    manifest = json.loads((kit / MANIFEST).read_text())
    (kit / "rules.json").write_text("{}")
    # The digest of these bytes.
    manifest["files"]["rules.json"] = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    (kit / "gone.json").write_text("{}")
    manifest["files"]["gone.json"] = manifest["files"]["rules.json"]
    (kit / MANIFEST).write_text(json.dumps(manifest))
    done = export(kit, "--check")
    assert (done.status, done.out) == (1, f"stale: {kit / 'gone.json'}\nstale: {kit / 'rules.json'}\n")
    assert f"guestcust export {kit}" in done.err
    assert export(kit).status == 0
    assert not (kit / "gone.json").exists()
    assert export(kit, "--check").status == 0


def test_modified_files_are_not_overwritten(kit: Path) -> None:
    (kit / "rules.json").write_text("mine")
    done = export(kit)
    assert (done.status, (kit / "rules.json").read_text()) == (2, "mine")
    assert "--force" in done.err
    assert export(kit, "--force").status == 0
    assert export(kit, "--check").status == 0


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("mine")
    (tmp_path / "README.md").write_text("mine")
    assert export(tmp_path).status == 2
    (tmp_path / "README.md").unlink()
    assert export(tmp_path).status == 0
    assert (tmp_path / "mine.json").read_text() == "mine"


def test_files_outside_the_folder_are_neither_read_nor_removed(tmp_path: Path) -> None:
    (tmp_path / "kit").mkdir()
    (tmp_path / "outside.json").write_text("{}")
    for name in ("../outside.json", str(tmp_path / "outside.json")):
        manifest = {"guestcust": "0.1.0", "apiVersions": [], "dialects": [], "files": {name: "sha256:0"}}
        (tmp_path / "kit" / MANIFEST).write_text(json.dumps(manifest))
        for options in ((), ("--check",), ("--force",)):
            assert export(tmp_path / "kit", *options).status == 2
    assert (tmp_path / "outside.json").exists()


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("", "was not written by `guestcust export`"),
        ("[]", "was not written by `guestcust export`"),
        ('{"guestcust": "0.1.0", "apiVersions": [[]], "dialects": [], "files": {}}', "does not have"),
        ('{"guestcust": "9", "apiVersions": ["99.0.0.0"], "dialects": [], "files": {}}', "99.0.0.0, which this guest"),
    ],
)
def test_an_invalid_manifest_is_reported(tmp_path: Path, manifest: str, said: str) -> None:
    (tmp_path / MANIFEST).write_text(manifest)
    done = export(tmp_path, "--check")
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert "Traceback" not in done.err


def test_usage_errors_are_reported(tmp_path: Path) -> None:
    assert "no manifest.json" in export(tmp_path, "--check").err
    assert "--check takes versions and dialects from the manifest" in export(tmp_path, "--check", "--force").err
    (tmp_path / "file").touch()
    assert export(tmp_path / "file" / "kit").status == 2
    assert export(tmp_path / "kit", "--api-version", "6.5").status == 2
    assert not (tmp_path / "kit").exists()


def test_a_test_suite_is_exported_and_kept_and_payloads_are_left_alone(tmp_path: Path) -> None:
    assert export(tmp_path, "--for", "python", "--for", "javascript").status == 0
    assert (tmp_path / "python/test_contract.py").read_bytes() == (CONTRACT / "python/test_contract.py").read_bytes()
    mine = tmp_path / "payloads/valid/mine.json"
    mine.write_text("{}")
    assert export(tmp_path, "--check").status == 0
    assert export(tmp_path).status == 0
    assert (tmp_path / "javascript/package-lock.json").exists()
    assert export(tmp_path, "--for", "go").status == 0
    assert (sorted(path.name for path in tmp_path.glob("*/*contract*")), mine.read_text()) == (
        ["contract_test.go"],
        "{}",
    )
    assert "need all dialects" in export(tmp_path, "--for", "go", "--dialect", "draft-07").err


@pytest.mark.parametrize("language", RUNNERS)
def test_every_file_of_a_runner_is_in_the_kit_and_in_the_wheel(language: str) -> None:
    listed = subprocess.run(["git", "ls-files", language], cwd=CONTRACT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("needs a git checkout")
    tracked = {name.removeprefix(f"{language}/") for name in listed.stdout.split()} - {"rustfmt.toml"}
    assert set(RUNNERS[language]) == tracked
    project = (CONTRACT.parent / "pyproject.toml").read_text("utf-8")
    for name in tracked:
        assert f'"contract/{language}/{name}" = "guestcust/contract/{language}/{name}"\n' in project


def test_the_python_suite_checks_the_payloads_of_its_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert export(tmp_path, "--for", "python", "--api-version", "7.0.3.0").status == 0
    (tmp_path / "payloads/valid/mine.json").write_text('{"status": "RUNNING", "error": "x"}')
    (tmp_path / "payloads/invalid/status-known").mkdir()
    (tmp_path / "payloads/invalid/status-known/mine.json").write_text('{"status": "DONE"}')
    # What the suite imports besides jsonschema.
    for name in (
        *(
            "fastjsonschema",
            "jsonschema_rs",
            "openapi_schema_validator",
            "com",
            "com.vmware",
            "com.vmware.vcenter",
            "com.vmware.vcenter.vm",
        ),
        *("com.vmware.vcenter.vm.guest_client", "vmware", "vmware.vapi", "vmware.vapi.bindings"),
        *("vmware.vapi.bindings.converter", "vmware.vapi.data", "vmware.vapi.data.serializers"),
        *("vmware.vapi.data.serializers.cleanjson", "vmware.vapi.exception"),
    ):
        monkeypatch.setitem(sys.modules, name, MagicMock())
    suite = runpy.run_path(str(tmp_path / "python/test_contract.py"))
    run = suite["Run"]("jsonschema", "2020-12", "asserted")
    batches = sorted(suite["payloads"](), key=lambda batch: str(batch.name))
    invalid, valid = (vector for batch in batches for vector in batch.vectors)
    assert (invalid.name, invalid.valid, invalid.rules) == (
        *("payloads/invalid/status-known/mine.json", False),
        frozenset({"status-known"}),
    )
    assert (valid.name, valid.valid, valid.rules) == ("payloads/valid/mine.json", True, frozenset())
    assert {run.validator for run, batch in suite["CASES"] if batch in batches} == {*suite["VALIDATORS"]}
    broken = [suite["rules"](suite["check_of"](run, "7.0.3.0")(each.data)[1], "7.0.3.0") for each in (valid, invalid)]
    assert broken == [{"error-only-when-failed"}, {"status-known"}]
