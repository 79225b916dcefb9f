"""Verdicts on a column of payloads in Arrow's memory, which Spark, Dask, DuckDB and their like hand to Python.

Needs the extra `arrow`. Nothing else of the library may import this room, and none of those engines may enter it.

>>> import pyarrow
>>> from guestcust.arrow import Judge
>>> judge = Judge("body", api_version="8.0.2.0")
>>> batch = pyarrow.record_batch({"body": ['{"status": "RUNNING"}', '{"status": "RUNNING", "error": "x"}', None]})
>>> for row in judge(batch).select(["verdict", "rules"]).to_pylist():
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

from guestcust.captures.envelopes import ENVELOPES
from guestcust.captures.ndjson import Lines
from guestcust.errors import OptionError, UnknownNameError
from guestcust.model import Origin, Verdict
from guestcust.validator import Examination, Validator

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(f"{error}; guestcust.arrow needs the extra: pip install 'guestcust[arrow]'") from None

# Of a table, so many rows at a time become Python's objects.
_ROWS = 64 * 1024
_TEXTS = (
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
    # A column in which every cell is null may have no other type.
    pa.null(),
)
_VERDICTS = tuple(Verdict)
_VALID, _INVALID, _SKIPPED = map(_VERDICTS.index, (Verdict.VALID, Verdict.INVALID, Verdict.SKIPPED))


@dataclass(frozen=True)
class Judge:
    """Judges a column of payloads: a batch goes in, the batch with three more columns comes out.

    Each cell is the text of one payload, judged to the byte as `guestcust check` judges a line of NDJSON. The columns
    are the verdict ("valid", "invalid" or "skipped"), the ids of broken rules, warnings too, and a message for each.
    None of their cells is null: null instead of a payload is skipped, as is a json-rpc error, and the only message says
    which.

    A pure function that can be pickled: workers build the validator once a process. Where the API version is newer than
    any known, a warning says so, once, where the judge is made.

    Raises:
        ApiVersionError: `api_version` is no API version, or is older than the structure.
        UnknownNameError: there is no such envelope.

    """

    #: The column of payloads: of strings or binary, of any of Arrow's layouts, or a dictionary of them.
    column: str = "payload"
    _: KW_ONLY
    #: As for `guestcust.Validator`.
    api_version: str = "latest"
    #: As for `guestcust.Validator`.
    forward_compatible: bool = False
    #: As for `guestcust.Validator`.
    strict: bool = False
    #: "api", "rest" or "json-rpc" to insist on one of the encodings; "auto" recognises each.
    envelope: str = "auto"
    #: The name of the column of verdicts.
    verdict: str = "verdict"
    #: The name of the column of lists of rule ids.
    rules: str = "rules"
    #: The name of the column of lists of messages.
    messages: str = "messages"

    def __post_init__(self) -> None:
        if self.envelope not in ENVELOPES:
            raise UnknownNameError(f"no envelope is called {self.envelope!r}", hint=f"one of {', '.join(ENVELOPES)}")
        if notice := self._validator().resolution.notice:
            warnings.warn(notice, stacklevel=3)

    def __call__(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The batch with its verdicts. Raises as `schema` does."""
        schema = self.schema(batch.schema)
        texts = _texts(batch.column(self.column))
        columns = _columns(len(texts), _examined(self._validator(), texts, self.envelope))
        return pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)

    def batches(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches with their verdicts, one by one, as `mapInArrow` wants it. Raises as `schema` does."""
        return map(self, batches)

    def table(self, table: pa.Table) -> pa.Table:
        """The table with its verdicts. Raises as `schema` does."""
        return pa.Table.from_batches(
            self.batches(table.to_batches(max_chunksize=_ROWS)), schema=self.schema(table.schema)
        )

    def schema(self, schema: pa.Schema) -> pa.Schema:
        """The schema of what comes out, by the schema of what goes in.

        Raises:
            UnknownNameError: there is no such column.
            OptionError: it is not of text, or a name is there twice.

        """
        there = ", ".join(map(repr, schema.names))
        if self.column not in schema.names:
            raise UnknownNameError(f"no column is called {self.column!r}", hint=f"there are {there or 'no columns'}")
        if schema.names.count(self.column) > 1:
            raise OptionError(f"several columns are called {self.column!r}", hint="rename all but one of them")
        type = schema.field(self.column).type
        if not _is_text(type):
            raise OptionError(
                f"the column {self.column!r} is of type {type}",
                hint="payloads are strings or binary: cast it, or name another",
            )
        for option, name in (("verdict", self.verdict), ("rules", self.rules), ("messages", self.messages)):
            if name in schema.names:
                raise OptionError(
                    f"there is a column {name!r} already", hint=f"give another name: Judge(..., {option}=...)"
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
    # As Parquet's columns of JSON are read.
    return (type.storage_type if isinstance(type, pa.JsonType) else type) in _TEXTS


def _texts(column: pa.Array) -> list[bytes | None]:
    """The cells as bytes: a string becomes binary as it is, well-formed or not."""
    if pa.types.is_dictionary(column.type):
        return _texts(column.dictionary.cast(pa.large_binary()).take(column.indices))
    texts: list[bytes | None] = column.cast(pa.large_binary()).to_pylist()
    return texts


_NULL = Examination(violations=(), valid=False, conforms_to=(), text="", instance=None, skipped="null")


def _doubtful(validator: Validator, texts: Sequence[bytes | None], envelope: str) -> Iterable[int]:
    """The numbers of the rows that need a closer look."""
    lines = Lines(b"".join([(text or b"") + b"\n" for text in texts]), Origin(""))
    # Where a text holds a line feed of its own, the lines are not the rows.
    if envelope not in ("auto", "api") or len(lines.text) > validator.max_size or lines.count != len(texts):
        return range(len(texts))
    return (lines.before(start) for start, _ in validator.doubtful_lines(lines.text))


def _examined(validator: Validator, texts: Sequence[bytes | None], envelope: str) -> Iterator[tuple[int, Examination]]:
    """The number of each row of which there is more to say than that it conforms, with what there is to say."""
    for row in _doubtful(validator, texts, envelope):
        text = texts[row]
        examination = _NULL if text is None else validator.examine(text, envelope=envelope)
        if examination.violations or not examination.valid:
            yield row, examination


def _columns(rows: int, examined: Iterable[tuple[int, Examination]]) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The columns of verdicts, rule ids and messages; a row that was not examined is valid, and costs no object."""
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
    """A column of lists of strings in the making, most of them empty; put in the order of the rows."""

    def __init__(self, rows: int) -> None:
        self._strings: list[str] = []
        # How many strings each row has, behind a zero: where a list ends is the sum of all up to it.
        self._counts = array.array("i", [0]) * (rows + 1)

    def put(self, row: int, strings: list[str]) -> None:
        self._strings += strings
        self._counts[row + 1] = len(strings)

    def column(self) -> pa.ListArray:
        counts = pa.Array.from_buffers(pa.int32(), len(self._counts), [None, pa.py_buffer(self._counts)])
        return pa.ListArray.from_arrays(pc.cumulative_sum(counts), pa.array(self._strings, pa.string()))
