"""Judges payloads in this process and says how long one took: `in_process.py CONFORMING BROKEN FAILING`.

Each line of standard input names a judge and a form, {"judge": "orjson", "form": "text"}; each is answered in a line
with the nanoseconds of one payload, the mean over all that a file holds. The files are lines; those of BROKEN break
rules of the schema, those of FAILING of the text too.
"""

from __future__ import annotations

import functools
import gc
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from libraries import JUDGES, Judge

#: How long one measurement lasts at least.
_NANOSECONDS = 300_000_000


def explain(text: bytes) -> object:
    return list(_validator().iter_text_violations(text))


def examine(text: bytes) -> object:
    return _validator().examine(text)


EXPLANATIONS: dict[str, Callable[[bytes], object]] = {each.__name__: each for each in (explain, examine)}


@functools.cache
def _validator() -> Any:
    from guestcust import Validator

    return Validator()


def timed(judged: Callable[[Any], object], payloads: Sequence[object]) -> float:
    """The mean over all payloads, gone through as often as there is time for."""
    passes, taken = 0, 0
    while taken < _NANOSECONDS:
        began = time.perf_counter_ns()
        for payload in payloads:
            judged(payload)
        taken += time.perf_counter_ns() - began
        passes += 1
    return taken / passes / len(payloads)


def wrong(judge: Judge, conforming: Iterable[bytes], broken: Iterable[bytes]) -> str | None:
    """What a judge says that it should not, if anything."""
    for texts, expected in ((conforming, True), (broken, False)):
        for text in texts:
            if judge.judges or expected:
                said = [judge.text(text)] if judge.text else []
                said += [judge.object(json.loads(text))] if judge.object else []
                if set(said) != {expected}:
                    return f"says {said} of {text!r}"
    return None


def main() -> None:
    conforming, broken, failing = (Path(name).read_bytes().splitlines() for name in sys.argv[1:])
    payloads = {"text": conforming, "object": [json.loads(text) for text in conforming]}
    judges: dict[str, Judge] = {}
    for line in sys.stdin:
        name, form = (json.loads(line)[key] for key in ("judge", "form"))
        said = None
        if name not in judges and name not in EXPLANATIONS:
            judges[name] = JUDGES[name]()
            said = wrong(judges[name], conforming, broken)
        # What lives as long as the process is nothing for the collector to look at while a judge is timed.
        gc.freeze()
        if name in EXPLANATIONS:
            nanoseconds = timed(EXPLANATIONS[name], failing)
        else:
            nanoseconds = timed(getattr(judges[name], form), payloads[form])
        print(json.dumps({"error": said} if said else {"nanoseconds": nanoseconds}), flush=True)


if __name__ == "__main__":
    main()
