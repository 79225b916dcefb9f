"""Checks a column of payloads with DuckDB, on one core of one machine, in little memory.

    python on_duckdb.py captures/ --out verdicts.parquet

The output is the input with the columns `verdict`, `rules` and `messages`. DuckDB runs the query in `main`, which may
filter and join, Python checks the result batch by batch, and DuckDB writes it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
from guestcust.arrow import ColumnValidator
from guestcust.errors import GuestcustError

ROWS = 64 * 1024


def checked(relation: duckdb.DuckDBPyRelation, validator: ColumnValidator) -> pa.RecordBatchReader:
    """The relation with its verdicts, as it is read. Raises what `ColumnValidator.schema` raises."""
    reader = relation.to_arrow_reader(ROWS)
    return pa.RecordBatchReader.from_batches(validator.schema(reader.schema), validator.batches(reader))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures", type=Path, help="a Parquet file, or a folder of them")
    parser.add_argument("--out", required=True, help="the Parquet file to write")
    parser.add_argument("--column", default="payload", help="the column of payloads")
    parser.add_argument("--api-version", default="latest")
    arguments = parser.parse_args()
    pattern = arguments.captures / "**" / "*.parquet" if arguments.captures.is_dir() else arguments.captures
    # One connection reads while the other writes.
    reading, writing = duckdb.connect(), duckdb.connect()
    try:
        validator = ColumnValidator(arguments.column, api_version=arguments.api_version)
        relation = reading.sql("from read_parquet($files)", params={"files": str(pattern)})
        writing.from_arrow(checked(relation, validator)).write_parquet(arguments.out)
    except GuestcustError as error:
        sys.exit(f"on_duckdb.py: {error}\n  {error.hint}")
    except duckdb.Error as error:
        sys.exit(f"on_duckdb.py: {error}")
    counts = (
        writing.read_parquet(arguments.out).aggregate(f'"{validator.verdict}" as verdict, count(*)').order("verdict")
    )
    for verdict, count in counts.fetchall():
        print(f"{count:12,} {verdict}")


if __name__ == "__main__":
    main()
