"""Checks a column of payloads with Dask: one task per row group, on all cores of this machine or of a cluster.

    python on_dask.py captures/ --out verdicts/
    python on_dask.py /shared/captures --out /shared/verdicts --scheduler tcp://scheduler:8786

The output is the input with the columns `verdict`, `rules` and `messages`, one file per row group. Every worker needs
guestcust[arrow] and the two folders under the same names. No payload passes through the scheduler.
"""

from __future__ import annotations

import argparse
import collections
import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from dask.distributed import Client, as_completed
from guestcust.arrow import ColumnValidator
from guestcust.errors import GuestcustError


def check_row_group(validator: ColumnValidator, source: str, number: int, target: str) -> collections.Counter[str]:
    """Writes a row group with its verdicts, completely or not at all, and counts them."""
    counts: collections.Counter[str] = collections.Counter()
    # Readers of a folder ignore names with a dot, in case this process dies.
    partial = Path(target).with_name(f".{os.getpid()}-{Path(target).name}")
    with pq.ParquetFile(source) as file, pq.ParquetWriter(partial, validator.schema(file.schema_arrow)) as writer:
        for batch in validator.batches(file.iter_batches(row_groups=[number])):
            writer.write_batch(batch)
            counts.update(batch.column(validator.verdict).to_pylist())
    os.replace(partial, target)
    return counts


def row_groups(validator: ColumnValidator, captures: Path, out: Path) -> list[tuple[str, int, str]]:
    """Each row group as its file, its number, and its output file. Raises what `ColumnValidator.schema` raises."""
    files = sorted(captures.rglob("*.parquet")) if captures.is_dir() else [captures]
    found = []
    for place, file in enumerate(files):
        metadata = pq.read_metadata(file)
        validator.schema(metadata.schema.to_arrow_schema())
        found += [
            (str(file.resolve()), number, str(out.resolve() / f"{place:05}-{number:05}.parquet"))
            for number in range(metadata.num_row_groups)
        ]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures", type=Path, help="a Parquet file, or a folder of them")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write Parquet to; must not exist")
    parser.add_argument("--column", default="payload", help="the column of payloads")
    parser.add_argument("--api-version", default="latest")
    parser.add_argument("--scheduler", help="address of a cluster's scheduler; default: this machine's cores")
    arguments = parser.parse_args()
    counts: collections.Counter[str] = collections.Counter()
    try:
        validator = ColumnValidator(arguments.column, api_version=arguments.api_version)
        tasks = row_groups(validator, arguments.captures, arguments.out)
        if not tasks:
            sys.exit(f"on_dask.py: there is nothing in {arguments.captures}\n  only files ending in .parquet are read")
        arguments.out.mkdir(parents=True)
        # Checking holds the GIL, so a worker has one thread.
        cluster = {"address": arguments.scheduler} if arguments.scheduler else {"threads_per_worker": 1}
        with Client(**cluster) as client:
            futures = [client.submit(check_row_group, validator, *task, pure=False) for task in tasks]
            for future in as_completed(futures):
                counts += future.result()
    except GuestcustError as error:
        sys.exit(f"on_dask.py: {error}\n  {error.hint}")
    except (OSError, pa.ArrowException) as error:
        sys.exit(f"on_dask.py: {error}")
    for verdict, count in sorted(counts.items()):
        print(f"{count:12,} {verdict}")


if __name__ == "__main__":
    main()
