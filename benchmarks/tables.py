"""Figures as Markdown tables, and the page of all results. Nothing is measured here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from measure import Figure, Table


def shown(value: float) -> str:
    """A number with three significant digits."""
    if value == int(value):
        return f"{value:,.0f}"
    for least, places in ((100, 0), (10, 1), (1, 2)):
        if value >= least:
            return f"{value:,.{places}f}"
    return f"{value:.3f}"


def table(one: Table) -> str:
    """A Markdown table, fastest first; what was not run is listed with the reason."""
    ours = one.figure(one.ours) if one.ours else None
    unit = next(figure.unit for figure in one.figures)
    rows = [f"| {one.title} | version | median, {unit} | least | most | ratio to ours |", "|---|---|---|---|---|---|"]
    figures = sorted(one.figures, key=_order) if ours else one.figures
    rows += ["| " + " | ".join(_cells(figure, ours)) + " |" for figure in figures]
    notes = [f"- {figure.name}: {figure.note}." for figure in figures if figure.note]
    return "\n".join(rows) + "\n" + ("\n" + "\n".join(notes) + "\n" if notes else "")


def _order(figure: Figure) -> float:
    return figure.median if figure.values else float("inf")


def _cells(figure: Figure, ours: Figure | None) -> tuple[str, ...]:
    if not figure.values:
        return (figure.name, figure.version, "not run", "", "", "")
    ratio = shown(figure.median / ours.median) if ours and ours.median else ""
    numbers = (figure.median, min(figure.values), max(figure.values))
    return (figure.name, figure.version, *map(shown, numbers), ratio)


def on(machine: Mapping[str, str]) -> str:
    """The sentence that describes the machine."""
    return "Measured on " + ", ".join(f"{name} {value}" for name, value in machine.items()) + ".\n"


def page(machine: Mapping[str, str], tables: Iterable[Table], targets: Sequence[tuple[str, str, str]]) -> str:
    """The page of results: the machine, one table per part, and whether each target was met."""
    pieces = [
        "# Results\n",
        "Written by `benchmarks/run --write`. [README.md](README.md) explains the figures.\n",
    ]
    pieces += [on(machine), *map(table, tables), "## Targets\n"]
    rows = ["| target | measured | met |", "|---|---|---|"]
    rows += [f"| {says} | {measured} | {met} |" for says, measured, met in targets]
    return "\n".join(pieces) + "\n" + "\n".join(rows) + "\n"
