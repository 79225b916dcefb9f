"""Checks payloads in this process and prints how long one takes: `in_process.py CONFORMING BROKEN FAILING`.

Each line of standard input names a library and a form, {"library": "orjson", "form": "text"}. The answer is one line
with the nanoseconds per payload, the mean over all payloads of a file. The files are NDJSON: payloads in BROKEN violate
rules of the schema, payloads in FAILING also rules of the text.
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

from libraries import LIBRARIES, Library

#: The shortest duration of one measurement.
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


def timed(check: Callable[[Any], object], payloads: Sequence[object]) -> float:
    """The mean time per payload in nanoseconds, over as many passes as the time allows."""
    passes, taken = 0, 0
    while taken < _NANOSECONDS:
        began = time.perf_counter_ns()
        for payload in payloads:
            check(payload)
        taken += time.perf_counter_ns() - began
        passes += 1
    return taken / passes / len(payloads)


def wrong(library: Library, conforming: Iterable[bytes], broken: Iterable[bytes]) -> str | None:
    """The first wrong verdict of a library, in words; None if there is none."""
    for texts, expected in ((conforming, True), (broken, False)):
        for text in texts:
            if library.validates or expected:
                verdicts = [library.text(text)] if library.text else []
                verdicts += [library.object(json.loads(text))] if library.object else []
                if set(verdicts) != {expected}:
                    return f"returns {verdicts} for {text!r}"
    return None


def main() -> None:
    conforming, broken, failing = (Path(name).read_bytes().splitlines() for name in sys.argv[1:])
    payloads = {"text": conforming, "object": [json.loads(text) for text in conforming]}
    libraries: dict[str, Library] = {}
    for line in sys.stdin:
        name, form = (json.loads(line)[key] for key in ("library", "form"))
        error = None
        if name not in libraries and name not in EXPLANATIONS:
            libraries[name] = LIBRARIES[name]()
            error = wrong(libraries[name], conforming, broken)
        # Objects that live as long as the process need not be collected while a library is timed.
        gc.freeze()
        if name in EXPLANATIONS:
            nanoseconds = timed(EXPLANATIONS[name], failing)
        else:
            nanoseconds = timed(getattr(libraries[name], form), payloads[form])
        print(json.dumps({"error": error} if error else {"nanoseconds": nanoseconds}), flush=True)


if __name__ == "__main__":
    main()
