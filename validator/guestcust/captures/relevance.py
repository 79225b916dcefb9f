"""Classifies a document without a request: a payload, a document with payloads inside, unrelated, or not understood.

Most JSON in a repository is unrelated, but a document that is only *probably* unrelated must not pass. Works on one
text; validation must not enter here. `docs/what-is-checked.md` has the rule in words.
"""

from __future__ import annotations

import enum
import functools
import json
import re
from typing import Any, NamedTuple

from guestcust.captures.envelopes import STRUCTURE, unwrap
from guestcust.captures.fragments import bare, characters, fragments, repaired
from guestcust.captures.naming import named, names_operation
from guestcust.captures.recognition import VSPHERE_ERROR, document_kind, is_vsphere_error, sibling, text_kind
from guestcust.jsontext.marks import BOM_CHARACTER
from guestcust.model import Instance, Path, pointer
from guestcust.ruleset import catalog

#: The reason for a document that may contain a payload but could not be read.
NOT_UNDERSTOOD = "not understood"

_TIMES = frozenset({"starttime", "endtime"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")  # As times usually begin, exact or not.
_SYNONYMS = frozenset({"SUCCESS", "FAILURE"})  # Other words that people write.
_MANY = 8  # An object with more members is never a payload.


class Answer(enum.Enum):
    """The kinds of documents."""

    #: To be validated as a whole, envelope included.
    PAYLOAD = enum.auto()
    #: Not a payload, but it contains payloads.
    INSIDE = enum.auto()
    #: It may contain a payload, but none that can be located with certainty.
    NOT_UNDERSTOOD = enum.auto()
    #: It certainly contains no payload.
    UNRELATED = enum.auto()


class Classification(NamedTuple):
    """An answer with its details."""

    answer: Answer
    #: The instance locations and envelopes of the payloads inside, in the document's order.
    inside: tuple[tuple[Path, str], ...] = ()
    #: What the document seems to be and how to fix it; empty if unknown.
    detail: str = ""


_PAYLOAD = Classification(Answer.PAYLOAD)


def classify(text: bytes | str, *, is_element: bool = False) -> Classification:
    """Classifies a document or an element of an array. Time and memory are linear in its length."""
    try:
        instance = _parsed(text)
    except (ValueError, RecursionError):
        return _classify_other_text(text, is_element)
    found = _classify_value(instance, text)
    if found.answer is Answer.NOT_UNDERSTOOD and isinstance(text, bytes) and b"\0" in text[:4]:
        return found._replace(
            detail="it is in UTF-16 or UTF-32, in which no capture is recognised; convert it to UTF-8"
        )
    return found


def _parsed(text: bytes | str) -> Instance:
    """What a text says, read leniently. A duplicated member stands beside the last one, under a name with a NUL."""
    decoded = text if isinstance(text, str) else text.decode(json.detect_encoding(text), "surrogatepass")
    return json.loads(decoded.removeprefix(BOM_CHARACTER), parse_int=float, object_pairs_hook=_members_of)


def _members_of(pairs: list[tuple[str, Instance]]) -> dict[str, Instance]:
    members = dict(pairs)
    if len(members) < len(pairs):
        last = {name: number for number, (name, _) in enumerate(pairs)}
        members |= {f"{name}\0{number}": value for number, (name, value) in enumerate(pairs) if last[name] != number}
    return members


def looks_like_payload(instance: Instance) -> bool:
    """Whether a document without an envelope looks like a payload, conforming or not.

    It does if it has a status and otherwise only members of the schema, and if the status is a known one, or is not in
    small letters and next to a date. Without other members, a status in small letters does not count. With a known
    status and a time, there may be unknown members, but fewer than known ones. Names are compared without case, `_` and
    `-`; a status is compared without case and by its set of letters.
    """
    if not isinstance(instance, dict) or len(instance) > _MANY:
        return False
    # Of members that are named alike, a scalar counts. A status that is an object is Kubernetes's, or this is a schema.
    scalars_last = sorted(instance.items(), key=lambda pair: not isinstance(pair[1], (dict, list)))
    members = {bare(name): value for name, value in scalars_last}
    if isinstance(members.get("status", {}), (dict, list)):
        return False
    own = sum(name in _members() for name in map(bare, instance))
    status, has_time = members["status"], not _TIMES.isdisjoint(members)
    is_known = isinstance(status, str) and _letters(status) in _statuses()
    if own < len(instance):
        return is_known and has_time and len(instance) - own < own
    is_known = is_known or status in _SYNONYMS
    if len(instance) == 1:
        # Many programs report a status in small letters and nothing else.
        return is_known and not status.islower()
    is_dated = any(_is_date(members[name]) for name in _TIMES & members.keys())
    return is_known or (is_dated and (not isinstance(status, str) or status.isupper()))


def _is_date(value: Instance) -> bool:
    return value is None or (isinstance(value, str) and _DATE.match(value) is not None)


def _classify_value(instance: Instance, text: bytes | str) -> Classification:
    if is_well_spelled(instance):
        # A shortcut for most payloads, of which there may be many.
        return _PAYLOAD
    is_doubled = isinstance(instance, dict) and any("\0" in name for name in instance)
    unwrapped = unwrap({name: instance[name] for name in instance if "\0" not in name} if is_doubled else instance)
    is_json_rpc = isinstance(instance, dict) and instance.get("jsonrpc") == "2.0"
    if STRUCTURE in unwrapped.path or (unwrapped.skipped and names_operation(text)):
        return _PAYLOAD
    looks_ours = not is_json_rpc and (
        looks_like_payload(unwrapped.payload) or (is_doubled and looks_like_payload(instance))
    )
    if looks_ours and all(bare(name) in _members() for name in unwrapped.payload):
        return _PAYLOAD
    if isinstance(instance, str):
        return _classify_string(instance)
    other = sibling(instance, text)
    inside, detail = _walk(instance) if _may_have_status(text) else ((), "")
    if inside and not other.startswith("it is"):
        return Classification(Answer.INSIDE, inside, detail)
    if inside or detail:
        return Classification(Answer.NOT_UNDERSTOOD, detail=detail or other)
    if looks_ours:
        return _PAYLOAD
    if is_vsphere_error(instance):
        answer = Answer.NOT_UNDERSTOOD if names_operation(text) else Answer.UNRELATED
        return Classification(answer, detail=VSPHERE_ERROR)
    return _named_or_unrelated(text, document_kind(instance), other)


def is_well_spelled(instance: Instance) -> bool:
    """Whether an instance has a known status and only members of the schema."""
    if not isinstance(instance, dict) or not instance.keys() <= _exact_members():
        return False
    status = instance.get("status")
    return isinstance(status, str) and status in catalog.statuses(_newest())


def _classify_string(inner: str) -> Classification:
    """Classifies a document that is a single string."""
    if not inner.lstrip().startswith(("{", "[")):
        return Classification(Answer.UNRELATED)
    detail = "JSON within a JSON string: it was encoded twice; decode it once, for example with jq fromjson"
    is_ours = classify(inner).answer is not Answer.UNRELATED
    return Classification(Answer.NOT_UNDERSTOOD if is_ours else Answer.UNRELATED, detail=detail)


def _named_or_unrelated(text: bytes | str, kind: str, other: str = "") -> Classification:
    if names_operation(text):
        return Classification(Answer.NOT_UNDERSTOOD, detail=other or named(kind))
    return Classification(Answer.UNRELATED, detail=other)


def has_signs(text: bytes) -> bool:
    """Whether broken text names the operation or has a fragment that looks like a payload."""
    return names_operation(text) or any(map(looks_like_payload, fragments(characters(text))))


def _classify_other_text(data: bytes | str, is_element: bool) -> Classification:
    text = data if isinstance(data, str) else characters(data)
    kind = "" if is_element else text_kind(text, data)
    if kind:
        is_ours = names_operation(data) or any(map(looks_like_payload, fragments(text)))
        return Classification(Answer.NOT_UNDERSTOOD if is_ours else Answer.UNRELATED, detail=kind)
    try:
        instance = _parsed(repaired(text))
    except (ValueError, RecursionError):
        if any(map(looks_like_payload, fragments(text))):
            return _PAYLOAD
        return _named_or_unrelated(data, "")
    found = _classify_value(instance, text)
    # The strict reader reports the fault in the text, wherever the payload is.
    return _PAYLOAD if found.answer is Answer.INSIDE else found


def _may_have_status(text: bytes | str) -> bool:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return b"tatus" in data or b"TATUS" in data or b"\0" in data or b"\\u" in data


# The place of a value: that of its container and the last step; None for the root.
_Place = tuple[Any, str | int] | None


def _walk(root: Instance) -> tuple[tuple[tuple[Path, str], ...], str]:
    """The paths of the payloads in a document, and what else in it may be one."""
    inside: list[tuple[Path, str]] = []
    encoded: Path | None = None
    if not isinstance(root, (dict, list, str)):
        return (), ""
    # Objects with a status that are not payloads, by the places that they are in.
    others: dict[Path, Path] = {}
    todo: list[tuple[_Place, Any]] = [(None, root)]
    while todo:
        place, value = todo.pop()
        if isinstance(value, str):
            if encoded is None and classify(value).answer in (Answer.PAYLOAD, Answer.INSIDE):
                encoded = _path(place)
            continue
        if isinstance(value, dict):
            if place is not None and _is_payload_inside(value):
                inside.append((_path(place), "api"))
                continue
            if place is not None and value.get("jsonrpc") == "2.0" and STRUCTURE in unwrap(value).path:
                inside.append((_path(place), "json-rpc"))
                continue
            if place is not None and isinstance(value.get("status", value.get("Status")), str):
                path = _path(place)
                others.setdefault(path[:-1], path)
            steps: Any = reversed(value.items())
            # The instance of a test vector need not conform.
            passed = {"data"} if _is_vector(value) else {STRUCTURE}
        else:
            steps, passed = zip(range(len(value) - 1, -1, -1), reversed(value), strict=True), set()
        todo += [
            ((place, step), one)
            for step, one in steps
            if (isinstance(one, (dict, list)) or _may_be_payload_as_text(one)) and step not in passed
        ]
    doubled = next((path for path, _ in inside if any("\0" in str(step) for step in path)), None)
    beside = next((others[path[:-1]] for path, _ in inside if path[:-1] in others), None)
    if doubled is not None:
        shown = pointer(doubled).partition("\0")[0]
        certain = tuple(each for each in inside if not any("\0" in str(step) for step in each[0]))
        # If there are others, the duplicate is reported with them.
        return certain, "" if certain else f"a payload is in a duplicated member, at {shown}; remove one of the two"
    if encoded is not None:
        return tuple(
            inside
        ), f"the string at {pointer(encoded)} holds a payload as text; write the payload itself there"
    if beside is not None:
        return tuple(inside), f"the object at {pointer(beside)} is next to a payload and has a status, but is not one"
    return tuple(inside), ""


def _is_payload_inside(value: dict[str, Any]) -> bool:
    """Whether an object inside a document is a payload: it has only members of the schema, and more than a status."""
    if not 1 < len(value) <= len(_members()) or not looks_like_payload(value):
        return False
    names = set(map(bare, value))
    return names <= _members() and (value.get("status") in catalog.statuses(_newest()) or not _TIMES.isdisjoint(names))


def _is_vector(value: dict[str, Any]) -> bool:
    return isinstance(value.get("valid"), bool) and isinstance(value.get("description"), str)


def _may_be_payload_as_text(value: Any) -> bool:
    return isinstance(value, str) and "tatus" in value and value.lstrip()[:1] in ("{", "[")


def _path(place: _Place) -> Path:
    steps: list[str | int] = []
    while place is not None:
        place, step = place
        steps.append(step)
    return tuple(reversed(steps))


def _letters(status: str) -> frozenset[str]:
    return frozenset(bare(status))


def _newest() -> Any:
    return catalog.versions()[-1]


@functools.cache
def _exact_members() -> frozenset[str]:
    """The members of the newest schema."""
    return frozenset(catalog.schema()["properties"])


@functools.cache
def _members() -> frozenset[str]:
    """The same, reduced to letters."""
    return frozenset(map(bare, _exact_members()))


@functools.cache
def _statuses() -> frozenset[frozenset[str]]:
    """The letters of each status of the newest schema, because most typos double or swap letters."""
    return frozenset(map(_letters, catalog.statuses(_newest())))
