"""The check of a column of Arrow batches gives the results of the command, whatever the layout and the batches."""

from __future__ import annotations

import doctest
import itertools
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import guestcust
import pytest
from columns import NULL, Told, lines, told, vectors
from command import BROKEN, EARLY_ERROR, IDLE, ODD_TIME, PENDING, UNKNOWN
from guestcust.errors import ApiVersionError, GuestcustError, OptionError, UnknownNameError
from hypothesis import given
from hypothesis import strategies as st

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'guestcust[arrow]'")
from guestcust import arrow  # noqa: E402
from guestcust.arrow import ColumnValidator  # noqa: E402

LAYOUTS = {
    layout.__name__: layout
    for layout in (pa.string, pa.large_string, pa.string_view, pa.binary, pa.large_binary, pa.binary_view)
}
#: One of each verdict, one with a warning, and one that is not UTF-8.
FEW = [PENDING, EARLY_ERROR, None, ODD_TIME, b'"\xff"', b"", IDLE, BROKEN]


def batch(texts: Sequence[bytes | None], type: Any = None) -> Any:
    return pa.record_batch({"payload": pa.array(texts, pa.binary() if type is None else type)})


def rows(checked: Any) -> list[Told]:
    checked.validate(full=True)
    return [Told(row["verdict"], row["rules"], row["messages"]) for row in checked.to_pylist()]


def of_library(text: bytes | None, **options: Any) -> Told:
    if text is None:
        return NULL
    examination = guestcust.Validator(**options).examine(text)
    verdict = "valid" if examination.valid else "invalid"
    violations = examination.violations
    return Told(verdict, [each.rule for each in violations], [each.message for each in violations])


def test_every_vector_gets_the_result_of_the_command() -> None:
    expected = told(lines())
    assert {each.verdict for each in expected} == {"valid", "invalid", "skipped"}
    assert rows(ColumnValidator()(batch(lines()))) == expected


@pytest.mark.parametrize(
    ("validator", "options"),
    [
        (ColumnValidator(api_version="7.0.2"), ["--api-version", "7.0.2"]),
        (ColumnValidator(forward_compatible=True), ["--forward-compatible"]),
        (ColumnValidator(strict=True), ["--strict"]),
        (ColumnValidator(envelope="api"), ["--envelope", "api"]),
        (ColumnValidator(envelope="rest"), ["--envelope", "rest"]),
        (ColumnValidator(envelope="json-rpc"), ["--envelope", "json-rpc"]),
    ],
    ids=lambda each: "" if isinstance(each, ColumnValidator) else " ".join(each),
)
def test_options_work_as_for_the_command(validator: ColumnValidator, options: list[str]) -> None:
    texts = [*lines()[::29], *lines()[-80:]]
    expected = told(texts, *options)
    assert expected != told(texts)
    assert rows(validator(batch(texts))) == expected


def test_multiline_and_blank_texts_get_the_result_of_the_library() -> None:
    texts = [text for text in vectors() if text not in lines()]
    assert b"" in texts and any(b"\n" in text for text in texts)
    assert rows(ColumnValidator()(batch(texts))) == [of_library(text) for text in texts]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_results_do_not_depend_on_the_layout_of_the_column(layout: str) -> None:
    # pyarrow makes no string of invalid UTF-8.
    texts = [text for text in FEW if text != b'"\xff"' or "binary" in layout]
    type = LAYOUTS[layout]()
    column = pa.array(texts, pa.binary())
    checked = ColumnValidator()(pa.record_batch({"payload": column.cast(type)}))
    assert checked.schema.field("payload").type == type
    assert rows(checked) == [of_library(text) for text in texts]


def test_strings_that_are_not_utf_8_are_checked_as_bytes() -> None:
    texts = pa.array(FEW, pa.binary())
    column = pa.Array.from_buffers(pa.string(), len(texts), texts.buffers())
    checked = ColumnValidator()(pa.record_batch({"payload": column}))
    assert checked.column("rules").to_pylist() == [of_library(text).rules for text in FEW]
    assert ["json-utf-8"] in checked.column("rules").to_pylist()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_dictionary_arrays_are_checked_as_their_texts(layout: str) -> None:
    values = pa.array([PENDING, EARLY_ERROR, None], pa.binary()).cast(LAYOUTS[layout]())
    column = pa.DictionaryArray.from_arrays(pa.array([1, None, 0, 2, 1], pa.int8()), values)
    texts = [EARLY_ERROR, None, PENDING, None, EARLY_ERROR]
    assert rows(ColumnValidator()(pa.record_batch({"payload": column}))) == [of_library(text) for text in texts]
    assert rows(ColumnValidator()(pa.record_batch({"payload": column.slice(1, 3)}))) == [
        of_library(text) for text in texts[1:4]
    ]


def test_json_columns_are_checked_as_their_texts() -> None:
    column = pa.array([PENDING.decode(), None, EARLY_ERROR.decode()], pa.json_())
    checked = ColumnValidator()(pa.record_batch({"payload": column}))
    assert rows(checked) == [of_library(text) for text in (PENDING, None, EARLY_ERROR)]


def test_nulls_are_reported_as_skipped() -> None:
    for type in (pa.null(), pa.string()):
        assert rows(ColumnValidator()(batch([None, None], type))) == [NULL, NULL]


def test_an_empty_batch_gets_the_columns_too() -> None:
    checked = ColumnValidator()(batch([]))
    assert (checked.num_rows, checked.schema) == (0, ColumnValidator().schema(batch([]).schema))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_slice_is_checked_from_its_offset(layout: str) -> None:
    texts = [PENDING, EARLY_ERROR, None, ODD_TIME, b"", BROKEN]
    whole = pa.record_batch({"number": range(6), "payload": pa.array(texts, pa.binary()).cast(LAYOUTS[layout]())})
    checked = ColumnValidator()(whole.slice(1, 4))
    assert checked.column("number").to_pylist() == [1, 2, 3, 4]
    assert rows(checked) == [of_library(text) for text in texts[1:5]]


def test_other_columns_and_metadata_are_unchanged() -> None:
    schema = pa.schema(
        [pa.field("a", pa.int8(), nullable=False, metadata={"k": "v"}), ("payload", pa.string())], {"x": "y"}
    )
    before = pa.record_batch([pa.array([7], pa.int8()), pa.array([PENDING.decode()])], schema=schema)
    after = ColumnValidator()(before)
    assert after.select(["a", "payload"]).equals(before, check_metadata=True)
    assert after.schema.names == ["a", "payload", "verdict", "rules", "messages"]
    assert [str(after.schema.field(name).type) for name in ("verdict", "rules")] == ["string", "list<item: string>"]


def test_column_names_can_be_chosen() -> None:
    validator = ColumnValidator("body", verdict="v", rules="r", messages="m")
    checked = validator(pa.record_batch({"body": [BROKEN.decode()], "verdict": [1]}))
    assert checked.drop_columns(["body"]).to_pylist() == [
        {"verdict": 1, "v": "invalid", "r": ["status-known"], "m": [UNKNOWN]}
    ]


def test_lone_surrogates_are_escaped_in_messages() -> None:
    text = json.dumps({"status": "\ud800", "\ud800": 1}).encode()
    assert rows(ColumnValidator()(batch([text]))) == told([text])


@given(data=st.data())
def test_results_do_not_depend_on_how_batches_are_cut(data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.sampled_from([None, *TEXTS]), max_size=40))
    table = batch(texts)
    cuts = sorted({0, len(texts), *data.draw(st.lists(st.integers(0, len(texts)), max_size=6))})
    pieces = [table.slice(start, end - start) for start, end in itertools.pairwise(cuts)]
    checked = list(ColumnValidator().batches(pieces))
    assert [row for piece in checked for row in rows(piece)] == [SAID[text] for text in texts]
    assert (
        ColumnValidator().table(pa.Table.from_batches(pieces, table.schema)).to_pylist()
        == ColumnValidator()(table).to_pylist()
    )


TEXTS = lines()[:: len(lines()) // 150]
SAID: dict[bytes | None, Told] = {None: NULL, **{text: of_library(text) for text in TEXTS}}


def test_a_table_longer_than_a_chunk_is_checked_completely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrow, "_ROWS", 3)
    table = pa.table({"payload": pa.chunked_array([pa.array(FEW, pa.binary())] * 2)})
    checked = ColumnValidator().table(table)
    assert checked.column("verdict").num_chunks == 6
    assert rows(checked) == [of_library(text) for text in FEW * 2]


def test_batches_are_checked_lazily() -> None:
    def batches() -> Any:
        yield batch([PENDING])
        raise AssertionError("read too early")

    assert rows(next(ColumnValidator().batches(batches()))) == [Told("valid", [], [])]


@pytest.mark.parametrize(
    ("fails", "kind", "message", "hint"),
    [
        (
            lambda: ColumnValidator("body").schema(pa.schema([("payload", pa.string()), ("at", pa.int64())])),
            UnknownNameError, "no column is called 'body'", "there are 'payload', 'at'",
        ),
        (
            lambda: ColumnValidator().schema(pa.schema([])),
            UnknownNameError, "no column is called 'payload'", "there are no columns",
        ),
        (
            lambda: ColumnValidator()(pa.record_batch({"payload": [1]})),
            OptionError, "the column 'payload' is of type int64",
            "payloads are strings or binary: cast the column, or name another one",
        ),
        (
            lambda: ColumnValidator()(pa.record_batch({"payload": [{"status": "RUNNING"}]})),
            OptionError, "the column 'payload' is of type struct<status: string>",
            "payloads are strings or binary: cast the column, or name another one",
        ),
        (
            lambda: ColumnValidator()(pa.record_batch([["x"], ["y"]], names=["payload", "payload"])),
            OptionError, "several columns are called 'payload'", "rename all but one of them",
        ),
        (
            lambda: ColumnValidator()(pa.record_batch({"payload": ["x"], "rules": ["y"]})),
            OptionError, "there is already a column 'rules'", "give another name: ColumnValidator(..., rules=...)",
        ),
        (
            lambda: ColumnValidator(messages="verdict")(batch([])),
            OptionError, "there is already a column 'verdict'", "give another name: ColumnValidator(..., messages=...)",
        ),
        (
            lambda: ColumnValidator(envelope="soap"),
            UnknownNameError, "no envelope is called 'soap'", "one of auto, api, rest, json-rpc",
        ),
    ],
)  # fmt: skip
def test_unusable_columns_raise_an_error_with_a_remedy(
    fails: Callable[[], Any], kind: type[GuestcustError], message: str, hint: str
) -> None:
    with pytest.raises(kind) as caught:
        fails()
    # As received from another process.
    returned = pickle.loads(pickle.dumps(caught.value))
    assert (str(returned), returned.hint) == (message, hint)


def test_a_bad_api_version_is_reported_on_construction() -> None:
    with pytest.raises(ApiVersionError):
        ColumnValidator(api_version="6.7")
    with pytest.warns(UserWarning, match="99") as caught:
        validator = ColumnValidator(api_version="99")
    assert caught[0].filename == __file__
    # Otherwise every process would repeat it.
    assert rows(pickle.loads(pickle.dumps(validator))(batch([IDLE]))) == [Told("valid", [], [])]


def test_a_pickled_column_validator_builds_one_validator_per_process() -> None:
    validator = ColumnValidator(
        "body", api_version="7.0.2", forward_compatible=True, strict=True, envelope="rest", rules="r"
    )
    returned = pickle.loads(pickle.dumps(validator))
    assert (returned, hash(returned)) == (validator, hash(validator))
    assert returned._validator() is validator._validator()
    assert len(pickle.dumps(validator)) < 1000


def test_the_library_works_without_pyarrow() -> None:
    bare = "import sys; sys.modules['pyarrow'] = None; import guestcust; "
    assert subprocess.run([sys.executable, "-c", bare], check=False).returncode == 0
    done = subprocess.run(
        [sys.executable, "-c", bare + "import guestcust.arrow"], capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1].startswith("ModuleNotFoundError")
    assert "guestcust.arrow needs the extra: pip install 'guestcust[arrow]'" in done.stderr


def test_the_examples_in_the_docstrings_work() -> None:
    result = doctest.testmod(arrow)
    assert result.attempted and not result.failed
