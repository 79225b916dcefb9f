"""Validates a column of payloads in Arrow's format, in which Spark, Dask, DuckDB and others pass data to Python.

Needs the extra `arrow`. Nothing else in the package may import this module, and it may import none of those engines.

>>> import pyarrow
>>> from guestcust.arrow import ColumnValidator
>>> validator = ColumnValidator("body", api_version="8.0.2.0")
>>> batch = pyarrow.record_batch({"body": ['{"status": "RUNNING"}', '{"status": "RUNNING", "error": "x"}', None]})
>>> for row in validator(batch).select(["verdict", "rules"]).to_pylist():
...     print(row)
{'verdict': 'valid', 'rules': []}
{'verdict': 'invalid', 'rules': ['error-only-when-failed']}
{'verdict': 'skipped', 'rules': []}
"""

from __future__ import annotations

import array
import functools
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from guestcust.captures.envelopes import require_envelope
from guestcust.captures.ndjson import Lines
from guestcust.errors import OptionError, UnknownNameError
from guestcust.model import Origin, Verdict
from guestcust.validator import Examination, Validator

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(f"{error}; guestcust.arrow needs the extra: pip install 'guestcust[arrow]'") from None

# How many rows of a table become Python objects at a time.
_ROWS = 64 * 1024
_TEXTS = (
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
    # The type of a column in which every cell is null.
    pa.null(),
)
_VERDICTS = tuple(Verdict)
_VALID, _INVALID, _SKIPPED = map(_VERDICTS.index, (Verdict.VALID, Verdict.INVALID, Verdict.SKIPPED))


@dataclass(frozen=True)
class ColumnValidator:
    """Validates a column of payloads and adds three columns to each batch.

    Each cell contains the text of one payload and is checked as `guestcust check` checks a line of NDJSON; text that
    the command does not understand is invalid. The new columns are the verdict ("valid", "invalid" or "skipped"), the
    ids of the violated rules, warnings included, and the message of each violation. They contain no nulls: a null
    payload is skipped, as is a json-rpc error, and the only message gives the reason.

    It is a pure function and can be pickled; each worker process builds its validator once. If the API version is newer
    than any known one, a warning is issued when the object is created.

    Raises:
        ApiVersionError: as for `guestcust.Validator`.
        UnknownNameError: there is no such envelope.

    """

    #: The column of payloads: strings or binary in any of Arrow's layouts, or a dictionary of them.
    column: str = "payload"
    _: KW_ONLY
    #: As for `guestcust.Validator`.
    api_version: str = "latest"
    #: As for `guestcust.Validator`.
    forward_compatible: bool = False
    #: As for `guestcust.Validator`.
    strict: bool = False
    #: As for `guestcust.Validator`; default: "auto".
    envelope: str = "auto"
    #: The name of the column of verdicts.
    verdict: str = "verdict"
    #: The name of the column of lists of rule ids.
    rules: str = "rules"
    #: The name of the column of lists of messages.
    messages: str = "messages"

    def __post_init__(self) -> None:
        require_envelope(self.envelope)
        if notice := self._validator().resolution.notice:
            warnings.warn(notice, stacklevel=3)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with the new columns. Raises the exceptions of `schema`."""
        schema = self.schema(batch.schema)
        texts = _texts(batch.column(self.column))
        columns = _columns(len(texts), _examined(self._validator(), texts, self.envelope))
        return pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)

    def batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches with the new columns, one by one, as for `mapInArrow`. Raises the exceptions of `schema`."""
        return map(self, batches)

    def table(self, table: pa.Table) -> pa.Table:
        """The table with the new columns. Raises the exceptions of `schema`."""
        return pa.Table.from_batches(
            self.batches(table.to_batches(max_chunksize=_ROWS)), schema=self.schema(table.schema)
        )

    def schema(self, schema: pa.Schema) -> pa.Schema:
        """The schema of the result, from the schema of the input.

        Raises:
            UnknownNameError: there is no such column.
            OptionError: the column does not contain text, or its name or that of a new column is not unique.

        """
        names = ", ".join(map(repr, schema.names))
        if self.column not in schema.names:
            raise UnknownNameError(f"no column is called {self.column!r}", hint=f"there are {names or 'no columns'}")
        if schema.names.count(self.column) > 1:
            raise OptionError(f"several columns are called {self.column!r}", hint="rename all but one of them")
        type = schema.field(self.column).type
        if not _is_text(type):
            raise OptionError(
                f"the column {self.column!r} is of type {type}",
                hint="payloads are strings or binary: cast the column, or name another one",
            )
        for option, name in (("verdict", self.verdict), ("rules", self.rules), ("messages", self.messages)):
            if name in schema.names:
                raise OptionError(
                    f"there is already a column {name!r}",
                    hint=f"give another name: ColumnValidator(..., {option}=...)",
                )
            schema = schema.append(pa.field(name, pa.string() if option == "verdict" else pa.list_(pa.string())))
        return schema

    def _validator(self) -> Validator:
        return _validator(self.api_version, self.forward_compatible, self.strict)


@functools.lru_cache(maxsize=32)
def _validator(api_version: str, forward_compatible: bool, strict: bool) -> Validator:
    return Validator(api_version, forward_compatible=forward_compatible, strict=strict)


def _is_text(type: pa.DataType) -> bool:
    if pa.types.is_dictionary(type):
        type = type.value_type
    # The type of Parquet's columns of JSON.
    return (type.storage_type if isinstance(type, pa.JsonType) else type) in _TEXTS


def _texts(column: pa.Array) -> list[bytes | None]:
    """The cells as bytes; strings keep their bytes, valid UTF-8 or not."""
    if pa.types.is_dictionary(column.type):
        return _texts(column.dictionary.cast(pa.large_binary()).take(column.indices))
    texts: list[bytes | None] = column.cast(pa.large_binary()).to_pylist()
    return texts


_NULL = Examination(violations=(), valid=False, conforms_to=(), text="", instance=None, skipped="null")


def _doubtful(validator: Validator, texts: Sequence[bytes | None], envelope: str) -> Iterable[int]:
    """The numbers of the rows that have to be examined."""
    lines = Lines(b"".join([(text or b"") + b"\n" for text in texts]), Origin(""))
    # If a text contains a line feed, the lines are not the rows.
    if envelope not in ("auto", "api") or len(lines.text) > validator.max_size or lines.count != len(texts):
        return range(len(texts))
    return (lines.before(start) for start, _ in validator.doubtful_lines(lines.text))


def _examined(validator: Validator, texts: Sequence[bytes | None], envelope: str) -> Iterator[tuple[int, Examination]]:
    """The number and the examination of each row that does not conform or gets a warning."""
    for row in _doubtful(validator, texts, envelope):
        text = texts[row]
        examination = _NULL if text is None else validator.examine(text, envelope=envelope)
        if examination.violations or not examination.valid:
            yield row, examination


def _columns(rows: int, examined: Iterable[tuple[int, Examination]]) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The columns of verdicts, rule ids and messages. Rows that were not examined are valid and cost no objects."""
    verdicts = bytearray([_VALID]) * rows
    rules = _Lists(rows)
    messages = _Lists(rows)
    for row, examination in examined:
        if examination.skipped:
            verdicts[row] = _SKIPPED
            messages.put(row, [examination.skipped])
            continue
        if not examination.valid:
            verdicts[row] = _INVALID
        rules.put(row, [violation.rule for violation in examination.violations])
        messages.put(row, [violation.message for violation in examination.violations])
    numbers = pa.Array.from_buffers(pa.int8(), rows, [None, pa.py_buffer(verdicts)])
    return pa.array([each.value for each in _VERDICTS]).take(numbers), rules.column(), messages.column()


class _Lists:
    """Builds a column of lists of strings, most of them empty, in the order of the rows."""

    def __init__(self, rows: int) -> None:
        self._strings: list[str] = []
        # A zero, then the number of strings of each row: their cumulative sums are the offsets of the lists.
        self._counts = array.array("i", [0]) * (rows + 1)

    def put(self, row: int, strings: list[str]) -> None:
        self._strings += strings
        self._counts[row + 1] = len(strings)

    def column(self) -> pa.ListArray:
        counts = pa.Array.from_buffers(pa.int32(), len(self._counts), [None, pa.py_buffer(self._counts)])
        return pa.ListArray.from_arrays(pc.cumulative_sum(counts), pa.array(self._strings, pa.string()))
