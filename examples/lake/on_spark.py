"""Checks a column of payloads with Spark, on as many machines as it has.

    python on_spark.py captures/ --out verdicts/
    spark-submit --master yarn on_spark.py hdfs:///captures --format ndjson --out hdfs:///verdicts

The output is the input with the columns `verdict`, `rules` and `messages`. Nothing is shuffled: each task checks what
it reads, so there are as many tasks as the files can be split into. Every worker needs guestcust[arrow].
"""

from __future__ import annotations

import argparse
import os
import sys

from guestcust.arrow import ColumnValidator
from guestcust.errors import GuestcustError
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import ArrayType, StringType, StructField, StructType


def checked(frame: DataFrame, validator: ColumnValidator) -> DataFrame:
    """The frame with its verdicts. Raises what `ColumnValidator.schema` raises, here and not in every task."""
    validator.schema(to_arrow_schema(frame.schema))
    name, names = StringType(), ArrayType(StringType())
    added = [
        StructField(validator.verdict, name),
        StructField(validator.rules, names),
        StructField(validator.messages, names),
    ]
    return frame.mapInArrow(validator.batches, StructType([*frame.schema, *added]))


def lines(spark: SparkSession, path: str, column: str) -> DataFrame:
    """The lines of NDJSON that are not blank, as bytes, because a line need not be UTF-8.

    Spark removes a byte order mark at the start of a file, so there is no warning about it.
    """
    text = spark.read.text(path, lineSep="\n", recursiveFileLookup=True).where(f.col("value").rlike(r"[^ \t\r]"))
    line = f.col("value").cast("binary")
    ends_as_in_windows = f.endswith(line, f.lit(b"\r"))
    return text.select(
        f.when(ends_as_in_windows, line.substr(f.lit(1), f.length(line) - 1)).otherwise(line).alias(column)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures", help="a file or folder, wherever Spark can read it")
    parser.add_argument("--out", required=True, help="the folder to write Parquet to; must not exist")
    parser.add_argument("--format", choices=("parquet", "ndjson"), default="parquet")
    parser.add_argument("--column", default="payload", help="the column of payloads; for ndjson, its name to be")
    parser.add_argument("--api-version", default="latest")
    arguments = parser.parse_args()
    # Workers run this Python, unless PYSPARK_PYTHON names another.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = SparkSession.builder.appName("guestcust").getOrCreate()
    try:
        validator = ColumnValidator(arguments.column, api_version=arguments.api_version)
        if arguments.format == "ndjson":
            frame = lines(spark, arguments.captures, arguments.column)
        else:
            frame = spark.read.parquet(arguments.captures)
        checked(frame, validator).write.parquet(arguments.out)
    except GuestcustError as error:
        sys.exit(f"on_spark.py: {error}\n  {error.hint}")
    except AnalysisException as error:
        sys.exit(f"on_spark.py: {error.getMessage()}")
    for row in (
        spark.read.parquet(arguments.out).groupBy(validator.verdict).count().orderBy(validator.verdict).collect()
    ):
        print(f"{row['count']:12,} {row[validator.verdict]}")
    spark.stop()


if __name__ == "__main__":
    main()
