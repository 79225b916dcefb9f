"""The parts: what is compared, on which input, and how the verdicts of a run are verified."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import inputs
import others
from libraries import SCHEMA
from measure import Figure, Run, Table, Worker, WrongVerdictError, in_turn, one_core, run
from others import DATA

Versions = Mapping[str, str]


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    rounds: int = 5
    #: More, because these runs are short.
    first_rounds: int = 15
    hook_files: int = 50
    payloads: int = 1_000_000
    failing_payloads: int = 200_000
    jobs_payloads: int = 10_000_000
    exchanges: int = 20_000
    files: int = 10_000
    findings: int = 100_000
    #: File sizes in MB: small, middle and large.
    ndjson: tuple[int, ...] = (200, 700, 2000)
    har: tuple[int, ...] = (50, 150, 500)


QUICK = Sizes(
    rounds=1,
    first_rounds=1,
    hook_files=5,
    payloads=10_000,
    failing_payloads=1600,
    jobs_payloads=10_000,
    exchanges=200,
    files=50,
    findings=100,
    ndjson=(1, 2, 3),
    har=(1, 2, 3),
)

#: One payload in this many fails.
_ONE_FAILS_OF = 1000
#: check-jsonschema gets one payload in this many; all of them would take it an hour.
_SPARED = 50
#: Modules that the check of a conforming file does not need, submodules included.
_NEEDLESS = (
    *("attr", "brotli", "hypothesis", "jsonschema", "jsonschema_specifications", "pathspec", "referencing", "rpds"),
    *("tqdm", "yaml", "zstandard", "guestcust.cli.kit", "guestcust.testing", "guestcust.cli.export"),
    *(f"guestcust.reporters.{name}" for name in ("github", "html", "junit", "markdown", "ndjson", "sarif", "tap")),
)


#: The libraries of libraries.py, with their names in the tables.
_LIBRARIES = {
    "guestcust": "guestcust",
    "orjson": "orjson, which only parses",
    "jsonschema_rs": "jsonschema-rs",
    "fastjsonschema": "fastjsonschema",
    "pydantic": "pydantic",
    "msgspec": "msgspec, which is lax about times",
    "jsonschema": "jsonschema",
}
_NEED_A_PARSER = {"jsonschema_rs", "fastjsonschema", "jsonschema"}
_NO_NODE = "this machine has no node"


class Candidate(NamedTuple):
    """A command to measure, and a function that tells whether a run gave the right verdicts."""

    id: str
    name: str
    version: str
    command: Sequence[str | Path]
    right: Callable[[Run], bool]
    note: str = ""
    #: Extrapolates its seconds if it got a smaller input than the others.
    scaled: Callable[[float], float] = float


def passed(done: Run) -> bool:
    return done.status == 0


def found(pattern: str, failing: int, *, status: int = 1) -> Callable[[Run], bool]:
    """Whether a run counted exactly this many failing payloads; the last number that the pattern finds is its count."""

    def right(done: Run) -> bool:
        numbers = re.findall(pattern, done.output, re.MULTILINE)
        return done.status == (status if failing else 0) and numbers[-1:] == [str(failing)]

    return right


def listed(pattern: str, failing: int) -> Callable[[Run], bool]:
    """Whether a run named exactly this many payloads; it may name one more than once."""

    def right(done: Run) -> bool:
        return done.status == min(failing, 1) and len(set(re.findall(pattern, done.output, re.MULTILINE))) == failing

    return right


OURS = r"(\d+) invalid"
SOURCEMETA = r"(\d+) failed"
JSONVET = r"^\S+?:(\d+):\d+: error\["


def _seconds(one: Candidate) -> float:
    done = run(one.command, scratch=DATA)
    if not one.right(done):
        command = " ".join(map(str, one.command))[:500]
        raise WrongVerdictError(f"{one.name}: {command}\nexit status {done.status}:\n{done.output[-2000:]}")
    return done.seconds


def figures(candidates: Sequence[Candidate], rounds: int, unit: str, factor: float) -> list[Figure]:
    """The figures of commands that are run in turn on one core; `factor` converts seconds to the unit."""

    def measured(one: Candidate) -> Callable[[], float]:
        return lambda: one.scaled(_seconds(one)) * factor

    with one_core():
        values = in_turn({one.id: measured(one) for one in candidates}, rounds)
    return [Figure(one.id, one.name, unit, values[one.id], one.version, one.note) for one in candidates]


def first(sizes: Sizes, versions: Versions) -> list[Table]:
    """One small file, and fifty as with the pre-commit hook."""
    folder = DATA / "small"
    files = [
        inputs.written(folder / f"{number}.json", [line]) for number, line in enumerate(inputs.lines(sizes.hook_files))
    ]
    # A payload with all members.
    one = next(file for file in files if b"FAILED" in file.read_bytes())

    bare = Candidate("bare-python", "`python -c pass`", others.machine()["Python"], others.bare_python(), passed)

    def compared(files: Sequence[Path], ours: Sequence[str | Path], *more: Candidate) -> list[Figure]:
        candidates = [
            Candidate("guestcust", "guestcust", versions["guestcust"], [*ours, *files], passed),
            _check_jsonschema(versions, others.check_jsonschema(*files)),
            Candidate("jsonvet", "jsonvet", versions["jsonvet"], others.jsonvet(*files), passed),
            _sourcemeta(versions, others.sourcemeta(*files), passed),
            *more,
        ]
        if not others.has_node():
            missing = Figure("ajv-cli", "ajv-cli", "ms", note=_NO_NODE)
            return [*figures(candidates, sizes.first_rounds, "ms", 1000), missing]
        ajv_cli = Candidate("ajv-cli", "ajv-cli", versions["ajv-cli"], others.ajv_cli(*files), passed)
        return figures([*candidates, ajv_cli], sizes.first_rounds, "ms", 1000)

    hooked = f"{sizes.hook_files} small files, as a hook"
    return [
        Table("first/one", "one small file", compared([one], others.guestcust(), bare), "guestcust"),
        Table("first/hook", hooked, compared(files, others.hook()), "guestcust"),
        _imports(one, versions),
    ]


def _sourcemeta(versions: Versions, command: Sequence[str | Path], right: Callable[[Run], bool]) -> Candidate:
    version = versions["sourcemeta-jsonschema"]
    return Candidate("sourcemeta", "sourcemeta's jsonschema --fast", version, command, right)


def _check_jsonschema(versions: Versions, command: Sequence[str | Path]) -> Candidate:
    return Candidate("check-jsonschema", "check-jsonschema", versions["check-jsonschema"], command, passed)


def _imports(file: Path, versions: Versions) -> Table:
    """How many modules a check of one conforming file imports, and which of them it does not need."""
    command = [others.PYTHON, "-X", "importtime", "-m", "guestcust", *others.guestcust(file)[1:]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    names = re.findall(r"^import time:[^|]*\|[^|]*\| *(\S+)$", done.stderr, re.MULTILINE)
    names = [name for name in names if name != "package"]
    needless = [name for name in names if any(name == each or name.startswith(each + ".") for each in _NEEDLESS)]
    roots = sorted({name if name.startswith("guestcust.") else name.partition(".")[0] for name in needless})
    version = versions["guestcust"]
    figures = [
        Figure("all", "all", "modules", [len(names)], version),
        Figure("guestcust", "not needed", "modules", [len(needless)], version, ", ".join(roots)),
    ]
    return Table("first/imports", "imported by `guestcust check`", figures)


def million(sizes: Sizes, versions: Versions) -> list[Table]:
    """Many payloads in one file, a few of them failing, on one core."""
    count, failing = sizes.payloads, sizes.payloads // _ONE_FAILS_OF
    file = inputs.written(DATA / f"payloads-{count}.jsonl", inputs.lines(count, failing=failing))
    candidates = [
        *_line_readers(file, failing, versions),
        _spared(count, versions),
        Candidate(
            "orjson", "a loop that only parses, with orjson", versions["orjson"], others.loop("orjson", file), passed
        ),
    ]
    for library, name in (
        ("jsonschema_rs", "a loop with orjson and jsonschema-rs"),
        ("pydantic", "a loop with pydantic"),
        ("fastjsonschema", "a loop with orjson and fastjsonschema"),
    ):
        id = library.replace("_", "-")
        right = found(r"^(\d+)$", failing, status=0)
        candidates.append(Candidate(id, name, versions[id], others.loop(library, file), right))
    measured = figures(candidates, sizes.rounds, "s", 1)
    return [Table("million", f"{count:,} payloads, {failing:,} of them failing", measured, "guestcust")]


def _line_readers(file: Path, failing: int, versions: Versions) -> list[Candidate]:
    """guestcust, in one process, and the other commands that read lines."""
    ours = others.guestcust(*others.jobs(1), file)
    return [
        Candidate("guestcust", "guestcust", versions["guestcust"], ours, found(OURS, failing)),
        Candidate("jsonvet", "jsonvet", versions["jsonvet"], others.jsonvet(file), listed(JSONVET, failing)),
        _sourcemeta(versions, others.sourcemeta(file), found(SOURCEMETA, failing, status=2)),
    ]


def _spared(count: int, versions: Versions) -> Candidate:
    """check-jsonschema on an array with a part of the payloads, because it does not read NDJSON."""
    part = count // _SPARED
    failing = part // _ONE_FAILS_OF
    schema = others.array_schema(DATA / "array.schema.json")
    array = inputs.written(DATA / f"array-{part}.json", inputs.array(inputs.lines(part, failing=failing)))
    one = _check_jsonschema(versions, others.check_jsonschema(array, schema=schema))
    single = inputs.written(DATA / "array-1.json", inputs.array(inputs.lines(1)))
    start = min(_seconds(_check_jsonschema(versions, others.check_jsonschema(single, schema=schema))) for _ in range(3))
    return one._replace(
        right=listed(r"\$\[(\d+)\]", failing),
        note=f"does not read NDJSON: measured on an array of {part:,}, "
        f"with the time beyond the start multiplied by {_SPARED}",
        scaled=lambda seconds: start + (seconds - start) * _SPARED,
    )


def _in_process_files() -> list[Path]:
    """Payloads that conform, that violate rules of the schema, and that violate any rule."""
    every = inputs.SCHEMA_FAULTS | inputs.TEXT_FAULTS
    return [
        inputs.written(DATA / "conforming.jsonl", inputs.lines(5000)),
        inputs.written(DATA / "broken.jsonl", inputs.lines(500, failing=500)),
        inputs.written(DATA / "failing.jsonl", inputs.lines(1600, failing=1600, faults=every)),
    ]


def in_process(sizes: Sizes, versions: Versions) -> list[Table]:
    """One payload in a process that checks many, from bytes and from a parsed object."""
    files = _in_process_files()
    with one_core(), ExitStack() as ended:
        python = ended.enter_context(closing(Worker([others.PYTHON, others.HERE / "in_process.py", *files])))
        workers = dict.fromkeys(_LIBRARIES, python)
        if others.has_node():
            node = ended.enter_context(closing(Worker(["node", others.HERE / "in_process.mjs", SCHEMA, *files])))
            workers["ajv"] = node
        text = _library_figures(workers, "text", sizes.rounds, versions)
        # orjson takes only text.
        del workers["orjson"]
        parsed = _library_figures(workers, "object", sizes.rounds, versions)
    return [
        Table("in-process/text", "one payload from bytes", text, "guestcust"),
        Table("in-process/object", "one payload from a dict or an object", parsed, "guestcust"),
    ]


def _library_figures(workers: Mapping[str, Worker], form: str, rounds: int, versions: Versions) -> list[Figure]:
    values = in_turn({library: _one(worker, library, form) for library, worker in workers.items()}, rounds)
    figures = []
    for library in workers:
        id = library.replace("_", "-")
        name = {**_LIBRARIES, "ajv": "Ajv"}[library]
        if form == "text" and library in _NEED_A_PARSER:
            name = f"orjson and {id}"
        figures.append(Figure(id, name, "µs", values[library], versions[id]))
    if "ajv" not in workers:
        figures.append(Figure("ajv", "Ajv", "µs", note=_NO_NODE))
    return figures


def _one(worker: Worker, library: str, form: str) -> Callable[[], float]:
    return lambda: worker.nanoseconds(library, form) / 1000


def failing(sizes: Sizes, versions: Versions) -> list[Table]:
    """Payloads that all fail, each with one violation."""
    count = sizes.failing_payloads
    every = inputs.SCHEMA_FAULTS | inputs.TEXT_FAULTS
    any_rule = inputs.written(DATA / f"failing-{count}.jsonl", inputs.lines(count, failing=count, faults=every))
    of_schema = inputs.written(DATA / f"broken-{count}.jsonl", inputs.lines(count, failing=count))

    ours, *_ = _line_readers(any_rule, count, versions)
    readers = _line_readers(of_schema, count, versions)
    names = {"explain": "list(validator.iter_text_violations(text))", "examine": "validator.examine(text)"}
    with one_core(), closing(Worker([others.PYTHON, others.HERE / "in_process.py", *_in_process_files()])) as worker:
        values = in_turn({name: _one(worker, name, "text") for name in names}, sizes.rounds)
    explained = [Figure(id, f"`{name}`", "µs", values[id], versions["guestcust"]) for id, name in names.items()]
    return [
        Table(
            "failing/any",
            f"one of {count:,} payloads that all fail, by any rule",
            figures([ours], sizes.rounds, "µs", 1e6 / count),
        ),
        Table(
            "failing/schema",
            f"one of {count:,} payloads that all fail, by rules of the schema",
            figures(readers, sizes.rounds, "µs", 1e6 / count),
            "guestcust",
        ),
        Table("failing/explained", "one failing payload, in process", explained),
    ]


def memory(sizes: Sizes, versions: Versions) -> list[Table]:
    """The peak memory of a check, for files of three sizes."""
    tables = []
    kinds = (
        ("ndjson", "lines", "jsonl", sizes.ndjson, inputs.lines_of_size),
        ("har", "a HAR", "har", sizes.har, inputs.har),
    )
    for id, what, ending, megabytes, pieces in kinds:
        files = [inputs.written(DATA / f"memory-{size}.{ending}", pieces(size * inputs.MEGABYTE)) for size in megabytes]
        for suffix, how, jobs in (("", "one process", 1), ("-jobs", "all cores", None)):
            figures = []
            for name, size, file in zip(("small", "middle", "large"), megabytes, files, strict=True):
                done = run(others.guestcust(*others.jobs(jobs), file), scratch=DATA, sampled=True)
                if done.status not in (0, 1):
                    raise WrongVerdictError(f"{file.name}: exit status {done.status}:\n{done.output[-2000:]}")
                peak = done.peak if jobs == 1 else done.together
                title = f"{size:,} MB, read in {done.seconds:,.1f} s"
                note = "" if peak else "the memory is read from Linux's /proc"
                figures.append(Figure(name, title, "MiB", [peak] if peak else [], versions["guestcust"], note))
            tables.append(Table(f"memory/{id}{suffix}", f"peak with {what}, {how}", figures))
    return tables


def jobs(sizes: Sizes, versions: Versions) -> list[Table]:
    """The same file on one core and on two."""
    count, failing = sizes.jobs_payloads, sizes.jobs_payloads // _ONE_FAILS_OF
    table = Table("jobs", f"{count:,} payloads", [])
    names = {1: "one", 2: "two"}
    file = inputs.written(DATA / f"payloads-{count}.jsonl", inputs.lines(count, failing=failing))

    def measured(number: int) -> Callable[[], float]:
        command = others.guestcust(*others.jobs(number), file)
        one = Candidate(names[number], f"--jobs {number}", versions["guestcust"], command, found(OURS, failing))
        return lambda: _seconds(one)

    values = in_turn({id: measured(number) for number, id in names.items()}, sizes.rounds)
    for number, id in names.items():
        table.figures.append(Figure(id, f"`--jobs {number}`", "s", values[id], versions["guestcust"]))
    table.ours = "one"
    return [table]


PARTS: dict[str, Callable[[Sizes, Versions], list[Table]]] = {
    "first": first,
    "million": million,
    "in-process": in_process,
    "failing": failing,
    "memory": memory,
    "jobs": jobs,
}
