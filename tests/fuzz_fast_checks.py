"""Fuzzes the fast checks with atheris, guided by coverage: searches for texts that get a wrong result.

python tests/fuzz_fast_checks.py                search until stopped or until a text is found
python tests/fuzz_fast_checks.py --runs 30000   search briefly
python tests/fuzz_fast_checks.py --keep         add the texts that reach more code to the corpus

Starts with the raw-text vectors and the corpus, which has one Python bytes literal per line. Only Python code guides
the search: the strict reader, the evaluator and the pipeline. RE2 checks every text, but gives no coverage.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib.util
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve()
VECTORS = HERE.parent.parent / "schemas" / "vectors" / "text"
CORPUS = HERE.parent / "fuzz" / "corpus.txt"
TOKENS = HERE.parent / "fuzz" / "tokens.dict"
_LONGEST = 512
_AS_LIBFUZZER = "--as-libfuzzer"
# Runs this script as libFuzzer; the arguments of libFuzzer follow.
_LIBFUZZER = (sys.executable, str(HERE), _AS_LIBFUZZER)
_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|[ \t\r\n]+|[A-Za-z0-9.+-]+|.', re.DOTALL)


def vectors() -> list[bytes]:
    return [path.read_bytes() for path in sorted(VECTORS.iterdir())]


def corpus() -> list[bytes]:
    return [ast.literal_eval(line) for line in CORPUS.read_text("ascii").splitlines()]


def tokens() -> list[bytes]:
    """The tokens of the dictionary; libFuzzer and Python read the escapes alike."""
    return [ast.literal_eval(f"b{line}") for line in TOKENS.read_text("ascii").splitlines() if line.startswith('"')]


class Mutator:
    """Mutates texts by tokens, or half of the time by bytes, as libFuzzer does.

    Args:
        by_bytes: mutates a text; takes the text and its maximum length.

    """

    def __init__(self, by_bytes: Callable[[bytes, int], bytes]) -> None:
        self._by_bytes = by_bytes
        self._tokens = tokens()
        self._texts = [*vectors(), *corpus()]

    def __call__(self, text: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.5:
            return self._by_bytes(text, longest)
        for _ in range(chance.choice((1, 1, 2, 4))):
            text = self._changed(text, chance)
        return text[:longest]

    def _changed(self, text: bytes, chance: random.Random) -> bytes:
        parts = _TOKEN.findall(text) or [b""]
        at, to = chance.randrange(len(parts)), chance.randrange(len(parts))
        how = chance.randrange(8)
        if how == 0:
            parts[at] = chance.choice(self._tokens)
        elif how == 1:
            parts.insert(at, chance.choice(self._tokens))
        elif how == 2:
            parts[at], parts[to] = parts[to], parts[at]
        elif how == 3:
            del parts[min(at, to) : min(at, to) + chance.choice((1, 2, 4))]
        elif how == 4:
            # Copy a member, a line or a bracket to another position.
            parts[at:at] = parts[to : to + chance.choice((1, 3, 4, 9))]
        elif how == 5:
            parts[at] = _escaped(parts[at], chance)
        elif how == 6:
            # Insert inside a token, such as an escape in a string or a digit in a time.
            within = chance.randrange(len(parts[at]) + 1)
            parts[at] = parts[at][:within] + chance.choice(self._tokens) + parts[at][within + chance.randrange(2) :]
        else:
            other = _TOKEN.findall(chance.choice(self._texts))
            parts[at:] = other[min(to, len(other)) :]
        return b"".join(parts)


def _escaped(token: bytes, chance: random.Random) -> bytes:
    """The token with one of its characters escaped."""
    at = chance.randrange(len(token) or 1)
    return token[:at] + b"".join(b"\\u%04x" % byte for byte in token[at : at + 1]) + token[at + 1 :]


def write(texts: Iterable[bytes], folder: Path) -> None:
    """Writes one file per text, named as by libFuzzer."""
    folder.mkdir(parents=True, exist_ok=True)
    for text in texts:
        (folder / hashlib.sha1(text).hexdigest()).write_bytes(text)


def told(text: bytes) -> str:
    """The message about a text with a wrong result."""
    return (
        f"\nA fast check is wrong about this text:\n\n{text!r}\n\n"
        f"Add it as a line to {CORPUS.relative_to(HERE.parent.parent)}: tests/test_fuzz.py fails until it is fixed.\n"
    )


def as_libfuzzer(arguments: Sequence[str]) -> None:
    """Runs libFuzzer in this process, and does not return."""
    import atheris

    with atheris.instrument_imports(include=["guestcust", "fast_checks"]):
        from cases import VERSIONS
        from fast_checks import hold_all

        def target(text: bytes) -> None:
            try:
                # The reference is slow, so violations and reports are compared under one version.
                hold_all(text, [VERSIONS[len(text) % len(VERSIONS)]])
            except Exception:
                print(told(text), file=sys.stderr, flush=True)
                raise

        mutator = Mutator(lambda text, longest: atheris.Mutate(text, longest))
        # To merge, libFuzzer restarts itself with a shell command made from its first argument.
        atheris.Setup([shlex.join(_LIBFUZZER), *arguments], target, custom_mutator=mutator)
        # Inside the context, because some modules are imported lazily.
        atheris.Fuzz()


def keep(folder: Path) -> int:
    with tempfile.TemporaryDirectory() as kept:
        write([*vectors(), *corpus()], Path(kept))
        status = subprocess.run([*_LIBFUZZER, "-merge=1", kept, folder]).returncode
        if status == 0:
            texts = {path.read_bytes() for path in Path(kept).iterdir()}.difference(vectors())
            lines = sorted(map(repr, texts), key=lambda line: (len(line), line))
            CORPUS.write_text("".join(f"{line}\n" for line in lines), "ascii")
            print(f"{len(lines)} texts, {CORPUS.stat().st_size} bytes")
    return status


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Other options, such as -seed=7, are passed to libFuzzer.",
    )
    parser.add_argument("--folder", type=Path, default=HERE.parent.parent / ".fuzz", help="where texts are collected")
    parser.add_argument("--runs", type=int, help="how many texts to try; default: unlimited")
    parser.add_argument("--keep", action="store_true", help="update the corpus; not while another search runs")
    arguments, for_libfuzzer = parser.parse_known_args()
    if importlib.util.find_spec("atheris") is None:
        parser.error("atheris is not installed; the extra dev has it for Linux on x86-64, Python 3.11 to 3.14")
    write([*vectors(), *corpus()], arguments.folder)
    if arguments.keep:
        return keep(arguments.folder)
    if arguments.runs is not None:
        # Makes runs similar, but not identical.
        for_libfuzzer = [f"-runs={arguments.runs}", "-seed=1", "-verbosity=0", "-print_final_stats=1", *for_libfuzzer]
    # Texts with wrong results are collected too, so that the next run tries them first.
    prefix = f"-artifact_prefix={arguments.folder}/"
    options = [f"-dict={TOKENS}", f"-max_len={_LONGEST}", prefix, *for_libfuzzer]
    os.execv(sys.executable, [*_LIBFUZZER, *options, str(arguments.folder)])


if __name__ == "__main__":
    if sys.argv[1:2] == [_AS_LIBFUZZER]:
        as_libfuzzer(sys.argv[2:])
    sys.exit(main())
