"""A conforming and a failing example of each rule, taken from the published vectors."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from guestcust.jsontext.decode import MAX_SIZE
from guestcust.ruleset import catalog, files
from guestcust.ruleset.catalog import Rule


@dataclass(frozen=True, slots=True)
class Example:
    """The text of a payload, and the options of `Validator.examine` under which it is one."""

    text: bytes
    max_size: int = MAX_SIZE
    envelope: str = "api"


def examples(rule: Rule) -> tuple[Example, Example]:
    """One text in which all is well, and one that breaks this rule alone, under the newest API version.

    Raises:
        LookupError: the vectors hold none, which a test keeps from happening.

    """
    return _from_suite(rule.id) if rule.checked_by == "schema" else _from_texts(rule.id)


def _from_suite(rule_id: str) -> tuple[Example, Example]:
    version = catalog.versions()[-1]
    for name in ("payload", "status", "error", "times", "date-time"):
        broken = _load(f"vectors/rules/{version}/{name}.json")
        for group in _load(f"vectors/suite/{version}/{name}.json"):
            tests = group["tests"]
            failing = [test for test in tests if broken[group["description"]].get(test["description"]) == [rule_id]]
            passing = [test for test in tests if test["valid"]]
            if failing and passing:
                return _example(passing[0]["data"]), _example(failing[0]["data"])
    raise LookupError(f"no vectors for {rule_id}")


def _from_texts(rule_id: str) -> tuple[Example, Example]:
    vectors = _load("vectors/text.json")
    failing = next(vector for vector in vectors if [found["rule"] for found in vector["violations"]] == [rule_id])
    alike = (
        vector
        for vector in vectors
        if not vector["violations"] and vector.get("options", {}).keys() == failing.get("options", {}).keys()
    )
    # Neighbours are about the same thing.
    passing = min(alike, key=lambda vector: abs(vectors.index(vector) - vectors.index(failing)))
    return _read(passing), _read(failing)


def _read(vector: dict[str, Any]) -> Example:
    options = vector.get("options", {})
    return Example(
        files.read(f"vectors/{vector['file']}"), options.get("maxSize", MAX_SIZE), options.get("envelope", "api")
    )


def _example(data: Any) -> Example:
    return Example(json.dumps(data).encode())


def _load(name: str) -> Any:
    return json.loads(files.read(name))
