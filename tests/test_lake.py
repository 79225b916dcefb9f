"""The scripts of `examples/lake` give every cell the verdict, rules and messages of the command."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from columns import NULL, lines, told
from command import REPOSITORY, environment

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'guestcust[lake]'")
import pyarrow.parquet as pq  # noqa: E402

pytestmark = pytest.mark.slow

LAKE = REPOSITORY / "examples" / "lake"
COUNT = 1_000_000


class Table:
    """A folder of Parquet files, and the expected result of each row."""

    def __init__(self, folder: Path) -> None:
        texts = lines()
        pool = [NULL, *told(texts)]
        drawn = random.Random(7_030)
        # 63 of 64 rows conform; the others are drawn from all texts and null.
        valid = [number for number, each in enumerate(pool) if each.verdict == "valid"]
        rows = [drawn.choice(valid) if drawn.random() < 63 / 64 else drawn.randrange(len(pool)) for _ in range(COUNT)]
        self.folder = folder
        self.rows = pa.table({"number": range(COUNT), "payload": pa.array([None, *texts], pa.binary()).take(rows)})
        self.counts = Counter(pool[row].verdict for row in rows)
        self.expected = self.rows
        for name in ("verdict", "rules", "messages"):
            column = pa.array([getattr(each, name) for each in pool])
            self.expected = self.expected.append_column(name, column.take(pa.array(rows)))
        # Files and row groups of different sizes, one file empty.
        cuts = [0, COUNT // 2, COUNT // 2, COUNT * 5 // 6, COUNT]
        for number, (start, end) in enumerate(itertools.pairwise(cuts)):
            file = folder / f"day={number}.parquet"
            pq.write_table(self.rows.slice(start, end - start), file, row_group_size=COUNT // (7 + number))

    def assert_checked(self, checked: Path) -> None:
        """Checks that every row is there once, in any order, with its expected result."""
        found = pq.read_table(checked).sort_by("number").cast(self.expected.schema)
        assert found.num_rows == COUNT
        assert found.equals(self.expected)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Table:
    return Table(tmp_path_factory.mktemp("captures"))


def run(script: Path, *arguments: str | Path, **changes: str) -> subprocess.CompletedProcess[str]:
    # Executors and workers must find each other whatever the host name resolves to.
    surroundings = environment(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable, **changes)
    done = subprocess.run(
        [sys.executable, script, *arguments], env=surroundings, capture_output=True, text=True, check=False
    )
    return done


def printed(counts: Counter[str]) -> str:
    return "".join(f"{count:12,} {verdict}\n" for verdict, count in sorted(counts.items()))


def needs_spark() -> None:
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'guestcust[lake]'")
    if not shutil.which("java"):
        pytest.skip("Spark needs Java, which is not installed")


def test_the_drawn_rows_contain_every_text(table: Table) -> None:
    assert set(table.counts) == {"valid", "invalid", "skipped"}
    assert table.counts["valid"] > COUNT * 3 // 4
    rules = {rule for rules in table.expected.column("rules").to_pylist() for rule in rules}
    assert len(rules) > 12


def test_duckdb_checks_a_folder(table: Table, tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="duckdb is not installed: pip install 'guestcust[lake]'")
    done = run(LAKE / "on_duckdb.py", table.folder, "--out", tmp_path / "verdicts.parquet")
    assert (done.returncode, done.stdout, done.stderr) == (0, printed(table.counts), "")
    table.assert_checked(tmp_path / "verdicts.parquet")


def test_dask_checks_a_folder(table: Table, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="dask is not installed: pip install 'guestcust[lake]'")
    done = run(LAKE / "on_dask.py", table.folder, "--out", tmp_path / "verdicts")
    assert (done.returncode, done.stdout, done.stderr) == (0, printed(table.counts), "")
    table.assert_checked(tmp_path / "verdicts")


def test_spark_checks_a_folder(table: Table, tmp_path: Path) -> None:
    needs_spark()
    done = run(LAKE / "on_spark.py", table.folder, "--out", tmp_path / "verdicts")
    assert (done.returncode, done.stdout) == (0, printed(table.counts)), done.stderr
    table.assert_checked(tmp_path / "verdicts")


def test_spark_checks_lines(tmp_path: Path) -> None:
    needs_spark()
    texts = lines()[-100:]
    # Blank lines are skipped, and lines may end with CRLF.
    (tmp_path / "captured.ndjson").write_bytes(b"\n \t\n" + b"\r\n".join(texts) + b"\n\r\n")
    script = LAKE / "on_spark.py"
    done = run(script, tmp_path / "captured.ndjson", "--format", "ndjson", "--out", tmp_path / "verdicts")
    assert done.returncode == 0, done.stderr
    found = {row.pop("payload"): tuple(row.values()) for row in pq.read_table(tmp_path / "verdicts").to_pylist()}
    assert found == dict(zip(texts, told(texts), strict=True))


@pytest.fixture(scope="module")
def cluster(table: Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of Spark with two executors, in several partitionings, and with one executor lost."""
    needs_spark()
    import pyspark

    home, out = tmp_path_factory.mktemp("spark"), tmp_path_factory.mktemp("checked")
    # Executors write into SPARK_HOME, which may be read-only.
    for name in ("bin", "jars", "python", "sbin"):
        (home / name).symlink_to(Path(pyspark.__file__).parent / name)
    done = run(Path(__file__).with_name("lake_spark.py"), table.folder, out, SPARK_HOME=str(home))
    assert done.returncode == 0, done.stderr
    return out


@pytest.mark.parametrize("partitioning", ["as-read", "one", "seven", "by-text"])
def test_results_do_not_depend_on_the_partitioning(table: Table, cluster: Path, partitioning: str) -> None:
    table.assert_checked(cluster / partitioning)


def test_results_do_not_change_if_an_executor_is_lost(table: Table, cluster: Path) -> None:
    events = [
        json.loads(line) for file in cluster.glob("events/*/events_*") for line in file.read_text("utf-8").splitlines()
    ]
    added = [event["Executor ID"] for event in events if event["Event"] == "SparkListenerExecutorAdded"]
    removed = [event["Removed Reason"] for event in events if event["Event"] == "SparkListenerExecutorRemoved"]
    assert len(added) >= 2
    # 128 plus the number of SIGKILL.
    assert sum(reason.endswith("code 137") for reason in removed) == 1
    assert int((cluster / "killed").read_text())
    failed = [event for event in events if event["Event"] == "SparkListenerTaskEnd" and event["Task Info"]["Failed"]]
    assert any(event["Task End Reason"]["Reason"] == "ExecutorLostFailure" for event in failed)
    table.assert_checked(cluster / "executor-lost")


@pytest.mark.parametrize("script", ["on_duckdb.py", "on_dask.py", "on_spark.py"])
def test_a_missing_column_is_named(script: str, tmp_path: Path) -> None:
    if script == "on_spark.py":
        needs_spark()
    pytest.importorskip({"on_duckdb.py": "duckdb", "on_dask.py": "distributed"}.get(script, "pyspark"))
    pq.write_table(pa.table({"body": ["{}"], "at": [1]}), tmp_path / "one.parquet")
    done = run(LAKE / script, tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert not (tmp_path / "out").exists()
    error = f"{script}: no column is called 'payload'\n  there are 'body', 'at'\n"
    assert done.stderr.endswith(error), done.stderr
    assert "Traceback" not in done.stderr
