"""The libraries that are measured, each as a judge of one payload, by the same rules as strictly as it can.

Runs in the benchmarks' own virtual environment. A library is imported only where it is asked for, so that a process
pays for no other's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

SCHEMAS = Path(__file__).resolve().parent.parent / "schemas"
_NAME = "vcenter.vm.guest.customization.info/7.0.3.0.schema.json"
SCHEMA = SCHEMAS / _NAME
#: For tools that stop at draft-07.
SCHEMA_DRAFT_07 = SCHEMAS / "draft-07" / _NAME


class Judge(NamedTuple):
    """Whether a payload conforms, from its bytes and from what a parser made of them; None where it takes no such."""

    text: Callable[[bytes], bool] | None = None
    object: Callable[[Any], bool] | None = None
    #: Whether it says what is wrong as the schema does, and not only whether it can read the text.
    judges: bool = True


def guestcust() -> Judge:
    from guestcust import Validator

    validator = Validator()
    return Judge(validator.is_valid_text, validator.is_valid)


def orjson() -> Judge:
    from orjson import loads

    def parsed(text: bytes) -> bool:
        loads(text)
        return True

    return Judge(parsed, judges=False)


def jsonschema_rs() -> Judge:
    from jsonschema_rs import validator_for
    from orjson import loads

    is_valid = validator_for(json.loads(SCHEMA.read_text("utf-8"))).is_valid

    def from_text(text: bytes) -> bool:
        return is_valid(loads(text))

    return Judge(from_text, is_valid)


def fastjsonschema() -> Judge:
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

    return Judge(from_text, from_object)


def jsonschema() -> Judge:
    from jsonschema import Draft202012Validator
    from orjson import loads

    is_valid = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).is_valid

    def from_text(text: bytes) -> bool:
        return is_valid(loads(text))

    return Judge(from_text, is_valid)


def pydantic() -> Judge:
    """A union told apart by the status, of typed dictionaries, as pydantic's own advice on speed has it."""
    from typing import Annotated, Literal

    from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
    from typing_extensions import NotRequired, TypedDict

    closed = with_config(ConfigDict(extra="forbid", strict=True))
    # Rust's `$` matches at the end and nowhere else: the schema's second, negated pattern is not needed.
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

    return Judge(from_text, from_object)


def msgspec() -> Judge:
    """A union of structures told apart by the status, with times as msgspec itself reads them."""
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

    return Judge(from_text, from_object)


JUDGES: dict[str, Callable[[], Judge]] = {
    judge.__name__: judge for judge in (guestcust, orjson, jsonschema_rs, fastjsonschema, pydantic, msgspec, jsonschema)
}
