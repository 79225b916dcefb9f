"""Texts for the tables of a data lake, and the result of the command for each of them."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import NamedTuple

from command import SCHEMAS, report


class Told(NamedTuple):
    """The expected result for one cell."""

    verdict: str
    rules: list[str]
    messages: list[str]


NULL = Told("skipped", [], ["null"])
JSON_RPC_ERROR = b'{"jsonrpc": "2.0", "id": "1", "result": {"error": {"ERROR": {}}}}'


def vectors() -> list[bytes]:
    """The text of every vector: the suites of both versions, and the raw texts."""
    found: dict[bytes, None] = {}
    for file in sorted((SCHEMAS / "vectors" / "suite").glob("*/*.json")):
        for group in json.loads(file.read_bytes()):
            found |= dict.fromkeys(json.dumps(test["data"]).encode() for test in group["tests"])
    found |= dict.fromkeys(file.read_bytes() for file in sorted((SCHEMAS / "vectors" / "text").iterdir()))
    return [*found, JSON_RPC_ERROR]


@functools.cache
def lines() -> tuple[bytes, ...]:
    """The texts that can be lines of NDJSON and get a verdict: they are not blank, and the command understands them."""
    texts = [text for text in vectors() if b"\n" not in text and not text.endswith(b"\r") and text.strip(b" \t\r")]
    found = report("--all", "--format", "ndjson", "-", stdin=b"\n".join(texts))["payloads"]
    return tuple(texts[payload["line"] - 1] for payload in found if payload["verdict"] != "unreadable")


def told(texts: Sequence[bytes], *options: str) -> list[Told]:
    """The results of the command for `lines()` or some of them."""
    found = report("--all", "--format", "ndjson", *options, "-", stdin=b"\n".join(texts))["payloads"]
    assert [payload["line"] for payload in found] == list(range(1, len(texts) + 1))
    return [
        Told(
            payload["verdict"],
            [violation["rule"] for violation in payload["violations"]],
            [payload["reason"]]
            if payload["verdict"] == "skipped"
            else [violation["message"] for violation in payload["violations"]],
        )
        for payload in found
    ]
