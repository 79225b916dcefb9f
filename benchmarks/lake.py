"""What `guestcust.arrow` and `examples/lake` cost on one core: to start, to carry a payload, to check one.

python benchmarks/lake.py           prints a table in Markdown: medians of RUNS alternating runs, whole processes

The figures are processor time, which hardly depends on other work on the machine; on an idle machine, wall time is
about the same. Carrying is everything but the check: reading Parquet, the transfer to Python and back, three more
columns, writing Parquet.
"""

from __future__ import annotations

import contextlib
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "examples" / "lake"))

import pyarrow as pa
import pyarrow.parquet as pq
from guestcust import Validator
from guestcust.arrow import ColumnValidator, _columns

RUNS = 5
COUNT = 1_000_000


@dataclass(frozen=True)
class Carrier(ColumnValidator):
    """Reports every payload as valid without checking it."""

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [*batch.columns, *_columns(batch.num_rows, ())]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema(batch.schema))


def payloads(count: int) -> pa.Table:
    """Payloads as a server writes them, all statuses mixed; one in a thousand does not conform."""
    drawn = random.Random(7_030)

    def text() -> str:
        at = f"2026-03-{drawn.randint(1, 28):02}T{drawn.randint(0, 23):02}:30:{drawn.randint(0, 59):02}.345Z"
        late = at.replace(":30:", ":41:")
        status = drawn.choice(["IDLE", "PENDING", "RUNNING", "SUCCEEDED", "FAILED"])
        members = [f'"status":"{status}"']
        if status in ("RUNNING", "SUCCEEDED", "FAILED"):
            members.append(f'"start_time":"{at}"')
        if status in ("SUCCEEDED", "FAILED"):
            members.append(f'"end_time":"{late}"')
        if status == "FAILED" or drawn.random() < 1 / 1000:
            members.append(f'"error":"The guest did not answer within {drawn.randint(1, 600)} seconds."')
        return f"{{{','.join(members)}}}"

    return pa.table({"payload": [text() for _ in range(count)]})


def loop(source: str, out: str, checker: ColumnValidator) -> None:
    """A plain loop over the column's texts."""
    texts = pq.read_table(source).column("payload").cast(pa.binary()).to_pylist()
    validator = Validator()
    for text in texts:
        type(checker) is ColumnValidator and validator.examine(text)


def arrow(source: str, out: str, checker: ColumnValidator) -> None:
    """`ColumnValidator.table` alone."""
    pq.write_table(checker.table(pq.read_table(source)), out)


def duckdb(source: str, out: str, checker: ColumnValidator) -> None:
    """`on_duckdb.py`."""
    import on_duckdb
    from duckdb import connect

    reading, writing = connect(), connect()
    writing.from_arrow(on_duckdb.checked(reading.read_parquet(source), checker)).write_parquet(out)


def dask(source: str, out: str, checker: ColumnValidator) -> None:
    """`on_dask.py`."""
    import on_dask

    _run(on_dask, source, out, checker)


def spark(source: str, out: str, checker: ColumnValidator) -> None:
    """`on_spark.py`."""
    import on_spark

    _run(on_spark, source, out, checker)


def _run(script: ModuleType, source: str, out: str, checker: ColumnValidator) -> None:
    arguments = [f"{script.__name__}.py", source, "--out", out]
    with mock.patch.object(script, "ColumnValidator", return_value=checker), mock.patch.object(sys, "argv", arguments):
        script.main()


WAYS = {way.__name__: way for way in (loop, arrow, duckdb, dask, spark)}


def seconds(way: str, checker: str, source: Path) -> float:
    """The processor time of a process and its descendants; a parent need not wait for its children."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, way, checker, str(source), f"{folder}/out"]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        ticks: dict[str, int] = {}
        while process.poll() is None:
            for stat in Path("/proc").glob("[0-9]*/stat"):
                with contextlib.suppress(OSError):
                    fields = stat.read_text().rpartition(")")[2].split()
                    if int(fields[3]) == process.pid:
                        ticks[str(stat)] = int(fields[11]) + int(fields[12])
            time.sleep(0.02)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        return sum(ticks.values()) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    # One core for this process and its descendants: Dask then has one worker, and Spark runs one task at a time.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable)
    taken: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        one, many = Path(folder, "one"), Path(folder, "many")
        pq.write_table(payloads(1), one)
        pq.write_table(payloads(COUNT), many, row_group_size=COUNT // 8)
        for _ in range(RUNS):
            for way in WAYS:
                for name, checker, source in (
                    ("start", "ColumnValidator", one),
                    ("carry", "Carrier", many),
                    ("check", "ColumnValidator", many),
                ):
                    taken.setdefault((way, name), []).append(seconds(way, checker, source))
    middle: dict[Any, float] = {key: statistics.median(found) for key, found in taken.items()}
    print("| way | version | start (s) | carry (µs per payload) | carry and check (µs per payload) |")
    print("|---|---|---|---|---|")
    packages = {"loop": "guestcust", "arrow": "pyarrow", "duckdb": "duckdb", "dask": "distributed", "spark": "pyspark"}
    for way in WAYS:
        start = middle[way, "start"]
        costs = " | ".join(f"{(middle[way, name] - start) / COUNT * 1e6:.2f}" for name in ("carry", "check"))
        print(f"| {way} | {packages[way]} {version(packages[way])} | {start:.2f} | {costs} |")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        WAYS[sys.argv[1]](
            sys.argv[3], sys.argv[4], {"ColumnValidator": ColumnValidator, "Carrier": Carrier}[sys.argv[2]]()
        )
    else:
        main()
