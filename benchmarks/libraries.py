"""The libraries to measure: each checks one payload against the same rules, as strictly as it can.

Runs in the benchmarks' own virtual environment. A library is imported only when it is used, so that a process does not
pay for the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
_NAME = "vcenter.vm.guest.customization.info/7.0.3.0.schema.json"
SCHEMA = SCHEMAS / _NAME
#: For tools that support no dialect after draft-07.
SCHEMA_DRAFT_07 = SCHEMAS / "draft-07" / _NAME


class Library(NamedTuple):
    """Functions that check a payload, given as bytes and as a parsed object; None for a form that is not supported."""

    text: Callable[[bytes], bool] | None = None
    object: Callable[[Any], bool] | None = None
    #: Whether it checks the rules of the schema, and does not only parse.
    validates: bool = True


def guestcust() -> Library:
    from guestcust import Validator

    validator = Validator()
    return Library(validator.is_valid_text, validator.is_valid)


def orjson() -> Library:
    from orjson import loads

    def parsed(text: bytes) -> bool:
        loads(text)
        return True

    return Library(parsed, validates=False)


def jsonschema_rs() -> Library:
    from jsonschema_rs import validator_for
    from orjson import loads

    is_valid = validator_for(json.loads(SCHEMA.read_text("utf-8"))).is_valid

    def from_text(text: bytes) -> bool:
        return is_valid(loads(text))

    return Library(from_text, is_valid)


def fastjsonschema() -> Library:
    from fastjsonschema import JsonSchemaValueException
    from fastjsonschema import compile as compiled
    from orjson import loads

    schema = json.loads(SCHEMA_DRAFT_07.read_text("utf-8"))
    validate = compiled(schema, use_default=False, use_formats=False)

    def from_object(instance: Any) -> bool:
        try:
            validate(instance)
        except JsonSchemaValueException:
            return False
        return True

    def from_text(text: bytes) -> bool:
        return from_object(loads(text))

    return Library(from_text, from_object)


def jsonschema() -> Library:
    from jsonschema import Draft202012Validator
    from orjson import loads

    is_valid = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).is_valid

    def from_text(text: bytes) -> bool:
        return is_valid(loads(text))

    return Library(from_text, is_valid)


def pydantic() -> Library:
    """A union of typed dictionaries, discriminated by the status, as pydantic's documentation recommends for speed."""
    from typing import Annotated, Literal

    from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
    from typing_extensions import NotRequired, TypedDict

    closed = with_config(ConfigDict(extra="forbid", strict=True))
    # Rust's `$` matches only at the very end, so the schema's second, negated pattern is not needed.
    pattern = json.loads(SCHEMA.read_text("utf-8"))["$defs"]["date_time"]["pattern"]
    Time = Annotated[str, Field(pattern=pattern)] | None  # noqa: N806

    @closed
    class Unstarted(TypedDict):
        status: Literal["IDLE", "PENDING"]
        error: NotRequired[None]
        start_time: NotRequired[None]
        end_time: NotRequired[None]

    @closed
    class Running(TypedDict):
        status: Literal["RUNNING"]
        error: NotRequired[None]
        start_time: NotRequired[Time]
        end_time: NotRequired[None]

    @closed
    class Succeeded(TypedDict):
        status: Literal["SUCCEEDED"]
        error: NotRequired[None]
        start_time: NotRequired[Time]
        end_time: NotRequired[Time]

    @closed
    class Failed(TypedDict):
        status: Literal["FAILED"]
        error: NotRequired[str | None]
        start_time: NotRequired[Time]
        end_time: NotRequired[Time]

    payload = Annotated[Unstarted | Running | Succeeded | Failed, Field(discriminator="status")]
    adapter: Any = TypeAdapter(payload)

    def from_text(text: bytes) -> bool:
        try:
            adapter.validate_json(text)
        except ValidationError:
            return False
        return True

    def from_object(instance: Any) -> bool:
        try:
            adapter.validate_python(instance)
        except ValidationError:
            return False
        return True

    return Library(from_text, from_object)


def msgspec() -> Library:
    """A union of structures, discriminated by the status; msgspec parses the times itself."""
    import datetime
    from typing import Annotated

    from msgspec import Meta, MsgspecError, convert, defstruct
    from msgspec.json import Decoder

    time = Annotated[datetime.datetime, Meta(tz=True)] | None
    guarded: dict[str, Any] = {"error": str | None, "start_time": time, "end_time": time}
    settable = {
        "IDLE": (),
        "PENDING": (),
        "RUNNING": ("start_time",),
        "SUCCEEDED": ("start_time", "end_time"),
        "FAILED": ("error", "start_time", "end_time"),
    }
    forms = [
        defstruct(
            status.title(),
            [(name, kind if name in settable[status] else None, None) for name, kind in guarded.items()],
            tag_field="status",
            tag=status,
            forbid_unknown_fields=True,
        )
        for status in settable
    ]
    union: Any = forms[0]
    for form in forms[1:]:
        union = union | form
    decode = Decoder(union).decode

    def from_text(text: bytes) -> bool:
        try:
            decode(text)
        except MsgspecError:
            return False
        return True

    def from_object(instance: Any) -> bool:
        try:
            convert(instance, union)
        except MsgspecError:
            return False
        return True

    return Library(from_text, from_object)


LIBRARIES: dict[str, Callable[[], Library]] = {
    make.__name__: make for make in (guestcust, orjson, jsonschema_rs, fastjsonschema, pydantic, msgspec, jsonschema)
}
