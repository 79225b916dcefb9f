"""The parts for a plain install on what people have: lines, captures, folders, failing files, reports and columns.

Without an extra, Python's `re` checks texts. The other side is what a script would do at least: parse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import inputs
import others
from measure import Figure, Run, Table, one_core, run
from others import DATA
from parts import JSONVET, OURS, Candidate, Sizes, Versions, figures, found, listed, passed

_ONE_ENTRY_FAILS_OF = 8
_PARSERS = {
    "lines": "a loop that only parses, with json.loads",
    "document": "json.load, which only parses",
    "yaml": "PyYAML's CSafeLoader, which only parses",
    "bodies": "a loop that splits the text and calls json.loads",
    "folder": "a loop that opens each file and calls json.loads",
}
_REPORTS = ("text", "json", "sarif", "junit", "html")
_ARROW = """
import sys, time, pyarrow
from guestcust.arrow import ColumnValidator
lines = open(sys.argv[1], "rb").read().decode().splitlines()
table, check = pyarrow.table({"payload": lines}), ColumnValidator("payload")
check.table(table.slice(0, 10_000))
began = time.perf_counter()
check.table(table)
print((time.perf_counter() - began) / len(lines) * 1e6)
"""


def _ours(versions: Versions, right: Callable[[Run], bool], *arguments: str | Path) -> Candidate:
    return Candidate("guestcust", "guestcust", versions["guestcust"], others.plain(*others.jobs(1), *arguments), right)


def _parser(kind: str, file: Path) -> Candidate:
    command = others.loop(kind, file, python=others.PLAIN)
    return Candidate(kind, _PARSERS[kind], others.machine()["Python"], command, passed)


def plain(sizes: Sizes, versions: Versions) -> list[Table]:
    """Many payloads in one file, as in the part `million`; one small file that conforms, or fails; all failing."""
    count, failing = sizes.payloads, sizes.payloads // 1000
    file = inputs.written(DATA / f"payloads-{count}.jsonl", inputs.lines(count, failing=failing))
    lines = [
        _ours(versions, found(OURS, failing), file),
        Candidate("jsonvet", "jsonvet", versions["jsonvet"], others.jsonvet(file), listed(JSONVET, failing)),
        _parser("lines", file),
    ]
    conforming = inputs.written(DATA / "one.json", inputs.lines(1))
    broken = inputs.written(DATA / "one-broken.json", [b'{"status":"RUNNING","error":"The guest did not answer."}\n'])
    bare = others.bare_python(others.PLAIN)
    starts = [
        Candidate("bare-python", "`python -c pass`", others.machine()["Python"], bare, passed),
        _ours(versions, passed)._replace(
            id="conforming", name="a file that conforms", command=others.plain(conforming)
        ),
        _ours(versions, found(OURS, 1))._replace(
            id="failing", name="a file that does not", command=others.plain(broken)
        ),
    ]
    many = sizes.failing_payloads
    all_fail = inputs.written(DATA / f"broken-{many}.jsonl", inputs.lines(many, failing=many))
    reported = [_ours(versions, found(OURS, many), all_fail)]
    title = f"{count:,} payloads, {failing:,} of them failing, plain install"
    return [
        Table("plain/lines", title, figures(lines, sizes.rounds, "s", 1), "guestcust"),
        Table("plain/first", "one small file, plain install", figures(starts, sizes.first_rounds, "ms", 1000)),
        Table(
            "plain/failing",
            f"one of {many:,} payloads that all fail, plain install",
            figures(reported, sizes.rounds, "µs", 1e6 / many),
        ),
    ]


def captures(sizes: Sizes, versions: Versions) -> list[Table]:
    """Captures of payloads alone, and a HAR with other bodies that are large; json.load or PyYAML for comparison."""
    count = sizes.exchanges
    part = count // _ONE_ENTRY_FAILS_OF
    conform, fail = found(r"(\d+) valid", count, status=0), found(OURS, part)
    kinds: list[tuple[str, str, str, Path, Callable[[Run], bool]]] = []

    def add(id: str, title: str, name: str, pieces: Iterable[bytes], right: Callable[[Run], bool]) -> None:
        parser = {"yaml": "yaml", "txt": "bodies"}.get(name.rpartition(".")[2], "document")
        kinds.append((id, title, parser, inputs.written(DATA / name, pieces), right))

    add("har", f"a HAR of {count:,} small entries", f"entries-{count}.har", inputs.small_har(count), conform)
    title = f"the same, one in {_ONE_ENTRY_FAILS_OF} failing"
    add("har-failing", title, f"failing-{count}.har", inputs.small_har(count, failing=part), fail)
    megabytes = sizes.har[1]
    pieces = inputs.har(megabytes * inputs.MEGABYTE)
    add("har-large", f"a HAR of {megabytes} MB, large bodies", f"memory-{megabytes}.har", pieces, _decided)
    for name, document in (("WireMock", inputs.wiremock), ("Pact", inputs.pact), ("Postman", inputs.postman)):
        add(name.lower(), f"{name}, {count:,} exchanges", f"{name.lower()}-{count}.json", document(count), conform)
    add("ansible", f"Ansible's results, {count:,} exchanges", f"ansible-{count}.json", inputs.ansible(count), conform)
    add("http-text", f"curl -i, {count:,} responses", f"curl-{count}.txt", inputs.responses(count), conform)
    add("cassette", f"vcrpy, {count:,} interactions", f"cassette-{count}.yaml", inputs.cassette(count), conform)
    return [
        Table(
            f"captures/{id}",
            f"{title}, plain install",
            figures([_ours(versions, right, file), _parser(parser, file)], sizes.rounds, "s", 1),
            "guestcust",
        )
        for id, title, parser, file, right in kinds
    ]


def _decided(done: Run) -> bool:
    return done.status in (0, 1)


def folder(sizes: Sizes, versions: Versions) -> list[Table]:
    """A folder with many small files, as a check and as a hook."""
    place = DATA / f"files-{sizes.files}"
    for number, line in enumerate(inputs.lines(sizes.files)):
        inputs.written(place / f"{number}.json", [line])
    right = found(r"(\d+) valid", sizes.files, status=0)
    hook = _ours(versions, right, "--allow-empty", "--skip-unrelated", place)
    candidates = [
        _ours(versions, right, place),
        hook._replace(id="hook", name="guestcust, as a hook"),
        _parser("folder", place),
    ]
    title = f"a folder of {sizes.files:,} small files, plain install"
    return [Table("folder", title, figures(candidates, sizes.rounds, "s", 1), "guestcust")]


def reports(sizes: Sizes, versions: Versions) -> list[Table]:
    """Every report format on payloads that all fail."""
    count = sizes.findings
    file = inputs.written(DATA / f"broken-{count}.jsonl", inputs.lines(count, failing=count))
    right = found(OURS, count)
    candidates = [
        _ours(versions, right, "--output", f"{name}={DATA / f'report.{name}'}", file)._replace(id=name, name=name)
        for name in _REPORTS
    ]
    title = f"one of {count:,} findings, whole process, plain install"
    return [Table("reports", title, figures(candidates, sizes.rounds, "µs", 1e6 / count))]


def columns(sizes: Sizes, versions: Versions) -> list[Table]:
    """A column of payloads in Arrow, in process."""
    file = inputs.written(DATA / f"payloads-{sizes.payloads}.jsonl", inputs.lines(sizes.payloads))
    with one_core():
        values = [float(run([others.PLAIN, "-c", _ARROW, file], scratch=DATA).output) for _ in range(sizes.rounds)]
    figure = Figure("guestcust", "`ColumnValidator.table`", "µs", values, versions["guestcust"])
    return [Table("columns", "one payload of a column, plain install", [figure])]


PARTS: dict[str, Callable[[Sizes, Versions], list[Table]]] = {
    "plain": plain,
    "captures": captures,
    "folder": folder,
    "reports": reports,
    "columns": columns,
}
