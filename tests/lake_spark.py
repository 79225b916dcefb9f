"""Checks one table with Spark in several partitionings, and once more while an executor is killed.

python tests/lake_spark.py TABLE OUT     a folder under OUT for each run, and OUT/killed names the process that was
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "examples" / "lake"))

from guestcust.arrow import ColumnValidator
from on_spark import checked
from pyspark.sql import SparkSession

#: Two executors with one core each, in processes of their own.
MASTER = "local-cluster[2,1,1024]"


@dataclass(frozen=True)
class Killing(ColumnValidator):
    """A validator that kills its executor once, after its task has returned a number of rows."""

    note: Path = Path()
    after: int = 0

    def batches(self, batches: Iterable[Any]) -> Iterator[Any]:
        rows = 0
        for batch in super().batches(batches):
            yield batch
            rows += batch.num_rows
            if rows >= self.after:
                kill_once(self.note)


def kill_once(note: Path) -> None:
    """Kills the parent Java process, unless another task has done so."""
    try:
        file = os.open(note, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        return
    process = os.getpid()
    while Path(f"/proc/{process}/comm").read_text().strip() != "java":
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    os.write(file, str(process).encode())
    os.close(file)
    os.kill(process, signal.SIGKILL)


def main(table: str, out: Path) -> None:
    events = out / "events"
    events.mkdir()
    spark = (
        SparkSession.builder.master(MASTER)
        .config("spark.ui.enabled", "false")
        .config("spark.eventLog.enabled", "true")
        .config("spark.eventLog.dir", events.as_uri())
        .config("spark.eventLog.compress", "false")
        # Small values give a task many batches, and a file many tasks.
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "200")
        .config("spark.sql.files.maxPartitionBytes", "64k")
        .getOrCreate()
    )
    frame = spark.read.parquet(table)
    runs = {
        "as-read": frame,
        "one": frame.coalesce(1),
        "seven": frame.repartition(7),
        "by-text": frame.repartition(16, "payload"),
    }
    for name, partitioned in runs.items():
        checked(partitioned, ColumnValidator()).write.parquet(str(out / name))
    # Half of one task out of four.
    killing = Killing(note=out / "killed", after=frame.count() // 8)
    checked(frame.repartition(4), killing).write.parquet(str(out / "executor-lost"))
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
