"""Draws the payloads on which the contract kit compares validators in addition to the vectors, with a fixed seed.

python tests/draw.py            rewrite `contract/drawn/`

What Hypothesis draws changes with its version, so the files are committed, and the tests compare them to the oracle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cases
import generate
import oracle
from guestcust import testing
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

DRAWN = Path(__file__).resolve().parent.parent / "contract" / "drawn"
COUNT = 2_000
_SEED = 7_030


def drawn(version: str) -> list[Any]:
    """Distinct JSON values: one third conforming, one third with one fault, one third arbitrary."""
    faulty = testing.faulty_payloads(version).map(lambda pair: pair[0])
    found: dict[str, Any] = {}
    for strategy in (testing.payloads(version), faulty, testing.json_values()):
        found |= _some(strategy)
    return list(found.values())


def _some(strategy: st.SearchStrategy[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}

    @seed(_SEED)
    @settings(max_examples=COUNT, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strategy)
    def draw(value: Any) -> None:
        if len(found) < COUNT // 3:
            found.setdefault(generate.compact(value), value)

    draw()
    return found


def main() -> None:
    for version in cases.VERSIONS:
        made = [
            cases.Case(f"drawn {number}", value, tuple(oracle.broken_rules(value, version)))
            for number, value in enumerate(drawn(version))
        ]
        groups = [cases.Group("drawn by the property tests", made)]
        for kind, text in (
            ("suite", generate.suite_file(version, groups)),
            ("rules", generate.rules_file(groups)),
        ):
            file = DRAWN / kind / version / "drawn.json"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
            print(f"{len(made)} payloads in {file.relative_to(DRAWN.parent.parent)}")


if __name__ == "__main__":
    main()
