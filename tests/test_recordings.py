"""Recordings that real tools made of a simulated vCenter are read, checked and skipped correctly."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import guestcust
import pytest
import vcenter
from guestcust.model import Result, Verdict
from guestcust.pipeline import Check
from guestcust.sources import sources

RECORDINGS = Path(__file__).resolve().parent / "recordings"
EXPECTED: dict[str, list[dict[str, Any]]] = json.loads((RECORDINGS / "expected.json").read_text("utf-8"))
#: Why an exchange is skipped: guestcust's reason for each reason of the script that made the recordings.
REASONS = {
    "action=check": "other method",
    "method PUT": "other method",
    "another URL": "other URL",
    "another operation": "other operation",
    "operation check": "other operation",
    "operation set": "other operation",
    "no body in the recording": "body not included",
}
#: The VM whose customization breaks a rule.
BROKEN = "vm-broken"


def results(name: str) -> list[Result]:
    return list(Check(sources([str(RECORDINGS / name)]), guestcust.Validator()))


def content(source: str) -> bytes:
    """The bytes of a file, which may be one in an archive."""
    archive, is_packed, member = source.partition(".zip/")
    if not is_packed:
        return Path(source).read_bytes()
    with zipfile.ZipFile(f"{archive}.zip") as opened:
        return opened.read(member)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_exchange_of_a_recording_is_accounted_for(name: str) -> None:
    found = [result for result in results(name) if result.reason not in ("message", "no payload in it")]
    assert len(found) == len(EXPECTED[name])
    for result, expected in zip(found, EXPECTED[name], strict=True):
        assert result.origin.request == expected["request"]
        assert (result.origin.status or 0) == (expected["status"] or 0)
        if expected["checked"]:
            vm = expected["vm"]
            broken = ["error-only-when-failed"] * (vm == BROKEN) + [vm.removeprefix("vm-")] * (vm in vcenter.FAULTY)
            assert result.verdict is (Verdict.INVALID if broken else Verdict.VALID), result
            assert [each.rule for each in result.violations] == broken
        elif result.verdict is Verdict.INVALID:
            # A contract with an empty body has no payload, which is an error in the contract.
            assert name.startswith("pact/")
            assert [each.rule for each in result.violations] == ["json-syntax"]
            assert result.text == ""
        else:
            assert result.verdict is Verdict.SKIPPED
            assert result.reason == REASONS.get(expected["why_not"], expected["why_not"])


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_location_of_every_payload_is_exact(name: str) -> None:
    for result in results(name):
        if result.text:
            # One letter per character, also where a flow has bytes that are not text.
            letters = content(result.origin.source).translate(None, bytes(range(0x80, 0xC0)))
            lines = letters.decode("latin-1").split("\n")
            rest = lines[result.origin.line - 1][result.origin.column - 1 :]
            # JSON, base64, a YAML block scalar, hexadecimal digits, bytes of gzip, or a file name.
            starts = ("{", "[", "7b 22", "5b 22", "1f 8b", "\\", "H4sI", "eyJ", "!!binary", "!binary", "|", ">", "\x1f")
            assert rest.startswith(starts) or re.match(r'[\w/-]+\.json"', rest), rest[:80]
