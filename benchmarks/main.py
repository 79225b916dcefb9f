"""Measures guestcust against the others in one run, and says whether it keeps what issue 5 demands.

benchmarks/run                      set up what is missing, measure, print the tables
benchmarks/run --part first,memory  only these parts
benchmarks/run --quick              on little, to see that all works; its figures are not for quoting
benchmarks/run --write              put the tables into RESULTS.md and the README, the figures into results.json
benchmarks/run --from FILE          measure nothing, take the figures of an earlier run

Exits with 1 where a demand is not kept, and names it. Needs Python 3.10 or newer, pip, and for Ajv node and npm.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import others
import tables
from demands import Outcome, outcomes
from measure import Figure, Table, WrongVerdictError
from parts import PARTS, QUICK, Sizes

HERE = Path(__file__).resolve().parent
README = HERE.parent / "README.md"
RESULTS = HERE / "RESULTS.md"
FIGURES = HERE / "results.json"
BEGIN, END = "<!-- benchmarks/run --write -->\n", "<!-- end -->\n"
#: The tables that the README quotes.
QUOTED = ("first/one", "million", "in-process/text", "jobs")


@dataclasses.dataclass
class Results:
    """All that a run found."""

    machine: dict[str, str]
    tables: list[Table]
    #: Whether it was measured on so little that nothing follows.
    quick: bool = False

    def parts(self) -> set[str]:
        """The parts that it is of."""
        return {table.id.partition("/")[0] for table in self.tables}

    def is_whole(self) -> bool:
        """Whether it is of all parts, at a size that tells something."""
        return not self.quick and self.parts() == PARTS.keys()

    def renewed(self, newer: Results) -> Results:
        """The same, with the parts of newer figures in the place of the old ones.

        Raises:
            UnreadableError: they were measured elsewhere.

        """
        ours, theirs = ({**each.machine, "guestcust": ""} for each in (self, newer))
        if ours != theirs:
            raise UnreadableError("the pages are of one machine, and these figures are of another: measure all parts")
        kept = [table for table in self.tables if table.id.partition("/")[0] not in newer.parts()]
        order = [*PARTS]
        found = sorted([*kept, *newer.tables], key=lambda table: order.index(table.id.partition("/")[0]))
        return Results(newer.machine, found, newer.quick)

    def outcomes(self) -> list[Outcome]:
        return outcomes(self.tables)

    def page(self) -> str:
        """What stands in RESULTS.md."""
        found = [(one.demand.says, one.measured, "yes" if one.kept else "**no**") for one in self.outcomes()]
        return tables.page(self.machine, self.tables, found)

    def quoted(self) -> str:
        """What the README quotes."""
        chosen = [tables.table(one) for one in self.tables if one.id in QUOTED]
        return "\n".join([*chosen, tables.on(self.machine)])


def saved(results: Results) -> str:
    return json.dumps(dataclasses.asdict(results), indent=1, ensure_ascii=False) + "\n"


def loaded(path: Path) -> Results:
    """Figures as `saved` wrote them.

    Raises:
        OSError: the file cannot be read.
        UnreadableError: it is no such file.

    """
    try:
        document = json.loads(path.read_text("utf-8"))
        found = [Table(**{**one, "figures": [Figure(**each) for each in one["figures"]]}) for one in document["tables"]]
        return Results(**{**document, "tables": found})
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableError(f"{path}: no figures of an earlier run: {error}") from error


class UnreadableError(Exception):
    """A file is not what it was said to be."""


def measured(parts: list[str], sizes: Sizes, *, quick: bool) -> Results:
    """Measures these parts.

    Raises:
        CalledProcessError: something could not be set up.
        WrongVerdictError: a run did not give the right verdicts.

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
        # What a long run has found is not lost with what comes after it.
        (others.DATA / "last.json").write_text(saved(results), "utf-8")
    return results


def split(page: str) -> tuple[str, str, str]:
    """The README before its tables, the tables, and what follows."""
    head, begin, rest = page.partition(BEGIN)
    old, end, tail = rest.partition(END)
    if not (begin and end):
        sys.exit(f"{README.name}: the marks {BEGIN.strip()} and {END.strip()} are not both there")
    return head + begin, old, end + tail


def write(results: Results) -> None:
    """Puts the results where they are kept."""
    FIGURES.write_text(saved(results), "utf-8")
    RESULTS.write_text(results.page(), "utf-8")
    head, _, tail = split(README.read_text("utf-8"))
    README.write_text(head + results.quoted() + tail, "utf-8")


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text} is no positive number")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    usage = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="benchmarks/run", description=__doc__, formatter_class=usage)
    parser.add_argument("--part", metavar="PARTS", help=f"some of {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="measure on little, and judge nothing by it")
    parser.add_argument("--write", action="store_true", help="put the tables into RESULTS.md and the README")
    parser.add_argument("--from", dest="figures", type=Path, metavar="FILE", help="figures of an earlier run")
    for field in dataclasses.fields(Sizes):
        options: dict[str, Any] = {"metavar": "N", "help": f"{field.default} unless said"}
        if isinstance(field.default, tuple):
            options = {"metavar": "MB", "nargs": 3, "help": f"{' '.join(map(str, field.default))} unless said"}
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=_positive, **options)
    return parser


def main() -> int:
    parser = _parser()
    options = parser.parse_args()
    parts = options.part.split(",") if options.part else [*PARTS]
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"no part is called {unknown[0]}; there are {', '.join(PARTS)}")
    if options.write and options.quick:
        parser.error("the pages are of figures that tell something: leave --quick out")
    given = {field.name: getattr(options, field.name) for field in dataclasses.fields(Sizes)}
    changed: dict[str, Any] = {
        name: tuple(each) if isinstance(each, list) else each for name, each in given.items() if each
    }
    sizes = dataclasses.replace(QUICK if options.quick else Sizes(), **changed)

    try:
        results = loaded(options.figures) if options.figures else measured(parts, sizes, quick=options.quick)
        if options.write and not results.is_whole() and not results.quick:
            # A part stands by itself: whatever is compared in it was measured in one run.
            results = loaded(FIGURES).renewed(results)
    except WrongVerdictError as error:
        return _failed(f"a run did not give the right verdicts, so its time means nothing\n{error}")
    except (subprocess.CalledProcessError, OSError, UnreadableError) as error:
        return _failed(str(error))
    print(results.page())
    if options.write and not results.is_whole():
        return _failed("nothing was written: the pages are of all parts, and these figures are not")
    if options.write:
        write(results)
    if results.quick:
        print("These figures are of --quick, and not for quoting; no demand was held against them.")
        return 0
    missed = [one for one in results.outcomes() if not one.kept]
    for one in missed:
        print(f"not kept: {one.demand.says}: {one.measured}")
    print(f"{len(results.outcomes()) - len(missed)} demands kept, {len(missed)} not")
    return 1 if missed else 0


def _failed(why: str) -> int:
    print(f"benchmarks/run: {why}", file=sys.stderr)
    return 2
