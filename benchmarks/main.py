"""Measures guestcust and other tools in one run, and checks which targets are met.

benchmarks/run                      set up what is missing, measure, print the tables
benchmarks/run --part first,memory  only these parts
benchmarks/run --quick              on small inputs, to see that everything works; not for quoting
benchmarks/run --write              write tables to RESULTS.md and docs/performance.md, figures to results.json
benchmarks/run --from FILE          measure nothing, use the figures of an earlier run

Exits with 1 if a target is not met, and names it. Needs Python 3.10 or newer, pip, and for Ajv node and npm.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import everyday
import others
import parts as against
import tables
from measure import Figure, Table, WrongVerdictError
from parts import QUICK, Sizes
from targets import Outcome, outcomes

PARTS = {**everyday.PARTS, **against.PARTS}
HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "performance.md"
README = HERE.parent / "README.md"
RESULTS = HERE / "RESULTS.md"
FIGURES = HERE / "results.json"
#: The rows in README.md: a table, our figure in it, and the one that it is compared with.
ROWS = (
    ("plain/lines", "guestcust", "lines"),
    ("plain/first", "conforming", "bare-python"),
    ("captures/har", "guestcust", "document"),
    ("million", "guestcust", "orjson"),
)
BEGIN, END = "<!-- benchmarks/run --write -->\n", "<!-- end -->\n"
#: The tables that the page quotes.
QUOTED = ("plain/lines", "plain/first", "captures/har", "folder", "first/one", "million", "in-process/text", "jobs")


@dataclasses.dataclass
class Results:
    """What a run measured."""

    machine: dict[str, str]
    tables: list[Table]
    #: Whether it was measured on inputs too small to conclude anything.
    quick: bool = False

    def parts(self) -> set[str]:
        """The parts that were measured."""
        return {table.id.partition("/")[0] for table in self.tables}

    def is_whole(self) -> bool:
        """Whether all parts were measured, on inputs of a meaningful size."""
        return not self.quick and self.parts() == PARTS.keys()

    def renewed(self, newer: Results) -> Results:
        """The same, with the parts in `newer` replaced.

        Raises:
            UnreadableError: they were measured on another machine.

        """
        ours, theirs = ({**each.machine, "guestcust": ""} for each in (self, newer))
        if ours != theirs:
            raise UnreadableError("these figures are from another machine than those of the pages: measure all parts")
        kept = [table for table in self.tables if table.id.partition("/")[0] not in newer.parts()]
        order = [*PARTS]
        found = sorted([*kept, *newer.tables], key=lambda table: order.index(table.id.partition("/")[0]))
        return Results(newer.machine, found, newer.quick)

    def outcomes(self) -> list[Outcome]:
        return outcomes(self.tables)

    def page(self) -> str:
        """The content of RESULTS.md."""
        found = [(one.target.says, one.measured, "yes" if one.met else "**no**") for one in self.outcomes()]
        return tables.page(self.machine, self.tables, found)

    def rows(self) -> str:
        """The table in README.md."""
        by_id = {table.id: table for table in self.tables}
        rows = ["| whole process, one core | guestcust | for comparison |", "|---|---|---|"]
        for id, *names in ROWS:
            own, other = (next(each for each in by_id[id].figures if each.id == name) for name in names)
            title = by_id[id].title + (", extra `fast`" if id == "million" else "")
            theirs = f"{other.name}: {tables.shown(other.median)} {other.unit}"
            rows.append(f"| {title} | {tables.shown(own.median)} {own.unit} | {theirs} |")
        return "\n".join(rows) + "\n"

    def quoted(self) -> str:
        """The tables in docs/performance.md."""
        chosen = [tables.table(one) for one in self.tables if one.id in QUOTED]
        return "\n".join([*chosen, tables.on(self.machine)])


def saved(results: Results) -> str:
    return json.dumps(dataclasses.asdict(results), indent=1, ensure_ascii=False) + "\n"


def loaded(path: Path) -> Results:
    """Figures as `saved` wrote them.

    Raises:
        OSError: the file cannot be read.
        UnreadableError: the file does not have that form.

    """
    try:
        document = json.loads(path.read_text("utf-8"))
        found = [Table(**{**one, "figures": [Figure(**each) for each in one["figures"]]}) for one in document["tables"]]
        return Results(**{**document, "tables": found})
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"{path} does not have the figures of an earlier run: {error}") from error


class UnreadableError(Exception):
    """A file does not have the form it should have."""


def measured(parts: list[str], sizes: Sizes, *, quick: bool) -> Results:
    """Measures these parts.

    Raises:
        CalledProcessError: something could not be set up.
        WrongVerdictError: a tool gave wrong verdicts.

    """
    others.set_up()
    others.clear()
    versions = others.versions()
    results = Results(
        {**others.machine(), "guestcust": f"{versions['guestcust']}, its engine for texts {others.engine()}"}, [], quick
    )
    for part in parts:
        print(f"{part} ", end="", file=sys.stderr, flush=True)
        results.tables += PARTS[part](sizes, versions)
        # A long run is not lost if a later part fails.
        (others.DATA / "last.json").write_text(saved(results), "utf-8")
    return results


def split(page: str) -> tuple[str, str, str]:
    """A page before its tables, the tables, and what follows."""
    head, begin, rest = page.partition(BEGIN)
    old, end, tail = rest.partition(END)
    if not (begin and end):
        sys.exit(f"{PAGE.name} and {README.name} need the markers {BEGIN.strip()} and {END.strip()}")
    return head + begin, old, end + tail


def write(results: Results) -> None:
    """Writes figures and pages."""
    FIGURES.write_text(saved(results), "utf-8")
    RESULTS.write_text(results.page(), "utf-8")
    for page, content in ((PAGE, results.quoted()), (README, results.rows())):
        head, _, tail = split(page.read_text("utf-8"))
        page.write_text(head + content + tail, "utf-8")


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    usage = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__, formatter_class=usage)
    parser.add_argument("--part", metavar="PARTS", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="measure on small inputs, and check no targets")
    parser.add_argument("--write", action="store_true", help="write the tables into RESULTS.md and docs/performance.md")
    parser.add_argument("--from", dest="figures", type=Path, metavar="FILE", help="figures of an earlier run")
    for field in dataclasses.fields(Sizes):
        options: dict[str, Any] = {"metavar": "N", "help": f"default: {field.default}"}
        if isinstance(field.default, tuple):
            options = {"metavar": "MB", "nargs": 3, "help": f"default: {' '.join(map(str, field.default))}"}
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=_positive, **options)
    return parser


def main() -> int:
    parser = _parser()
    options = parser.parse_args()
    parts = options.part.split(",") if options.part else [*PARTS]
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"unknown part {unknown[0]}; the parts are {', '.join(PARTS)}")
    if options.write and options.quick:
        parser.error("figures of --quick are not written into the pages: omit --quick")
    given = {field.name: getattr(options, field.name) for field in dataclasses.fields(Sizes)}
    changed: dict[str, Any] = {
        name: tuple(each) if isinstance(each, list) else each for name, each in given.items() if each
    }
    sizes = dataclasses.replace(QUICK if options.quick else Sizes(), **changed)

    try:
        results = loaded(options.figures) if options.figures else measured(parts, sizes, quick=options.quick)
        if options.write and not results.is_whole() and not results.quick:
            # Figures are compared only within a part, and a part is measured in one run.
            results = loaded(FIGURES).renewed(results)
    except WrongVerdictError as error:
        return _failed(f"a tool gave wrong verdicts, so its time means nothing\n{error}")
    except (subprocess.CalledProcessError, OSError, UnreadableError) as error:
        return _failed(str(error))
    print(results.page())
    if options.write and not results.is_whole():
        return _failed("nothing was written: the pages show all parts, and these figures do not have all")
    if options.write:
        write(results)
    if results.quick:
        print("These figures are from --quick and not for quoting; no target was checked.")
        return 0
    missed = [one for one in results.outcomes() if not one.met]
    for one in missed:
        print(f"not met: {one.target.says}: {one.measured}")
    print(f"{len(results.outcomes()) - len(missed)} targets met, {len(missed)} not")
    return 1 if missed else 0


def _failed(why: str) -> int:
    print(f"benchmarks/run: {why}", file=sys.stderr)
    return 2
