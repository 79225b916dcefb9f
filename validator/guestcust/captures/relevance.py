"""What a document that stands by itself is: a payload, something with payloads inside, unrelated, or not understood.

Most JSON of a repository is about something else, and what is only *probably* about something else must not pass. Works
on one text; nothing is validated here. `docs/what-is-checked.md` has the rule in words.
"""

from __future__ import annotations

import enum
import functools
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from guestcust.captures.envelopes import STRUCTURE, unwrap
from guestcust.captures.naming import names_operation
from guestcust.captures.recognition import VSPHERE_ERROR, document_kind, is_vsphere_error, text_kind
from guestcust.model import Instance, Path, pointer
from guestcust.ruleset import catalog

#: The reason given for what may hold a payload but could not be read.
NOT_UNDERSTOOD = "not understood"
#: What to do about a file that names the operation.
REMEDY = (
    "record it in a format that is read, such as HAR, or exclude it with --exclude or `exclude` in the settings file"
)

_TIMES = frozenset({"starttime", "endtime"})
_NOT_LETTERS = re.compile(r"[^a-z]+")
_STATUS_MEMBER = re.compile(r"""(["'])status\1\s*:\s*(?:["']\s*([A-Za-z_. -]{1,40}))?""", re.IGNORECASE)
_NAME = re.compile(r"""(["'])([\w-]{1,40})\1\s*:""")
_COMMENT_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
_DECODER = json.JSONDecoder(parse_int=float)
# A text that is not JSON is repaired up to this size; in a longer one, its fragments are looked at.
_REPAIRED = 1024 * 1024
_FRAGMENT = 4096
# More members than this are never mostly ours.
_MANY = 8


class Answer(enum.Enum):
    """What a document is."""

    #: It is to be validated as it stands, envelope and all.
    PAYLOAD = enum.auto()
    #: It is not a payload, but payloads lie in it.
    INSIDE = enum.auto()
    #: It may hold a payload, but there is no certain way to it.
    NOT_UNDERSTOOD = enum.auto()
    #: It certainly holds none.
    UNRELATED = enum.auto()


class Look(NamedTuple):
    """An answer and what it rests on."""

    answer: Answer
    #: Where the payloads lie in the document, each with its envelope, in the document's order.
    inside: tuple[tuple[Path, str], ...] = ()
    #: What the document seems to be and what to do about it; empty where nothing can be said.
    detail: str = ""


_PAYLOAD = Look(Answer.PAYLOAD)


def look(text: bytes | str, *, is_element: bool = False) -> Look:
    """What a document is, or an element of an array. Time and memory grow with its length."""
    try:
        instance = json.loads(text)
    except (ValueError, RecursionError):
        return _look_at_other_text(text, is_element)
    found = _look_at(instance, text)
    if found.answer is Answer.NOT_UNDERSTOOD and isinstance(text, bytes) and b"\0" in text[:4]:
        return found._replace(
            detail="it is in UTF-16 or UTF-32, in which no capture is recognised; convert it to UTF-8"
        )
    return found


def looks_like_payload(instance: Instance) -> bool:
    """Whether a document looks like the payload, well written or not, without any envelope.

    It does if it has a status, all members beside it are ours, and the status is one of ours, a time stands beside it,
    or it is in capitals with an error text beside it. With a status of ours and a time, fewer foreign members than own
    ones are allowed. Case, `_` and `-` do not count in names, nor do case and the order and number of letters in a
    status.
    """
    if not isinstance(instance, dict) or len(instance) > _MANY:
        return False
    members = {_bare(name): value for name, value in instance.items()}
    # An object as a status is that of Kubernetes, or a schema.
    if isinstance(members.get("status", {}), (dict, list)):
        return False
    own = sum(name in _members() for name in map(_bare, instance))
    status, has_time = members["status"], not _TIMES.isdisjoint(members)
    is_known = isinstance(status, str) and _letters(status) in _statuses()
    if own < len(instance):
        return is_known and has_time and len(instance) - own < own
    is_in_capitals = isinstance(status, str) and status.isupper()
    return is_known or has_time or (is_in_capitals and isinstance(members.get("error"), str))


def _look_at(instance: Instance, text: bytes | str) -> Look:
    if _is_well_spelled(instance):
        # As most payloads are, and there may be many.
        return _PAYLOAD
    unwrapped = unwrap(instance)
    is_json_rpc = isinstance(instance, dict) and instance.get("jsonrpc") == "2.0"
    if STRUCTURE in unwrapped.path or (unwrapped.skipped and names_operation(text)):
        return _PAYLOAD
    looks_ours = not is_json_rpc and looks_like_payload(unwrapped.payload)
    if looks_ours and all(_bare(name) in _members() for name in unwrapped.payload):
        return _PAYLOAD
    if isinstance(instance, str):
        return _look_at_encoded(instance)
    inside, encoded = _walk(instance) if _may_have_status(text) else ((), None)
    if inside:
        return Look(Answer.INSIDE, inside)
    if encoded is not None:
        detail = f"the string at {pointer(encoded)} holds a payload as text; write the payload itself there"
        return Look(Answer.NOT_UNDERSTOOD, detail=detail)
    if looks_ours:
        return _PAYLOAD
    if is_vsphere_error(instance):
        return Look(Answer.NOT_UNDERSTOOD if names_operation(text) else Answer.UNRELATED, detail=VSPHERE_ERROR)
    return _named_or_unrelated(text, document_kind(instance))


def _is_well_spelled(instance: Instance) -> bool:
    if not isinstance(instance, dict) or not instance.keys() <= _exact_members():
        return False
    status = instance.get("status")
    return isinstance(status, str) and status in catalog.statuses(_newest())


def _look_at_encoded(inner: str) -> Look:
    """What a document is that is a single string."""
    if not inner.lstrip().startswith(("{", "[")):
        return Look(Answer.UNRELATED)
    detail = "JSON within a JSON string: it was encoded twice; decode it once, for example with jq fromjson"
    is_ours = look(inner).answer is not Answer.UNRELATED
    return Look(Answer.NOT_UNDERSTOOD if is_ours else Answer.UNRELATED, detail=detail)


def _named_or_unrelated(text: bytes | str, kind: str) -> Look:
    return Look(Answer.NOT_UNDERSTOOD, detail=named(kind)) if names_operation(text) else Look(Answer.UNRELATED)


def named(kind: str = "") -> str:
    """What is said of a file that names the operation; `kind` says what it is, if that is known."""
    return f"it names guest/customization, but {kind or 'it is in no format that is read'}; {REMEDY}"


def _look_at_other_text(data: bytes | str, is_element: bool) -> Look:
    """What a text is that is not JSON."""
    text = data if isinstance(data, str) else _characters(data)
    kind = "" if is_element else text_kind(text)
    if kind:
        is_ours = names_operation(data) or any(map(looks_like_payload, _fragments(text)))
        return Look(Answer.NOT_UNDERSTOOD if is_ours else Answer.UNRELATED, detail=kind)
    try:
        instance = _DECODER.decode(_repaired(text))
    except (ValueError, RecursionError):
        if any(map(looks_like_payload, _fragments(text))):
            return _PAYLOAD
        return _named_or_unrelated(data, "")
    found = _look_at(instance, text)
    # What is wrong with the text is for the reader to say, wherever in it the payload lies.
    return _PAYLOAD if found.answer is Answer.INSIDE else found


def _characters(data: bytes) -> str:
    """A text as far as it can be read, without the zeros and the mark of UTF-16 and UTF-32."""
    return data.replace(b"\0", b"").decode(errors="replace").lstrip("\ufffd\ufeff")


def _repaired(text: str) -> str:
    """A text without comments and without commas that nothing follows."""
    if len(text) > _REPAIRED:
        raise ValueError("too long")
    return _COMMENT_OR_COMMA.sub(lambda found: found.group(1) or "", text)


def _fragments(text: str) -> Iterator[dict[str, Any]]:
    """The innermost objects of a text that have a status, as far as they can be made out."""
    for found in _STATUS_MEMBER.finditer(text):
        start = max(text.rfind("{", max(0, found.start() - _FRAGMENT), found.start()), found.start() - _FRAGMENT, 0)
        end = text.find("}", found.end(), found.end() + _FRAGMENT)
        fragment = text[start : end if end > 0 else found.end() + _FRAGMENT]
        names = (name.group(2) for name in _NAME.finditer(fragment))
        yield {**{name: "" for name in names if _bare(name) != "status"}, "status": (found.group(2) or "").strip()}


def _may_have_status(text: bytes | str) -> bool:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return b"tatus" in data or b"TATUS" in data or b"\0" in data or b"\\u" in data


# Where a value lies: its container's place and its step there; None for the root.
_Place = tuple[Any, str | int] | None


def _walk(root: Instance) -> tuple[tuple[tuple[Path, str], ...], Path | None]:
    """Where payloads lie in a document, and where the first string lies that holds one as text."""
    inside: list[tuple[Path, str]] = []
    encoded: Path | None = None
    todo: list[tuple[_Place, Any]] = [(None, root)]
    while todo:
        place, value = todo.pop()
        if isinstance(value, str):
            if encoded is None and look(value).answer in (Answer.PAYLOAD, Answer.INSIDE):
                encoded = _path(place)
            continue
        if isinstance(value, dict):
            if place is not None and _is_payload_inside(value):
                inside.append((_path(place), "api"))
                continue
            if place is not None and value.get("jsonrpc") == "2.0" and STRUCTURE in unwrap(value).path:
                inside.append((_path(place), "json-rpc"))
                continue
            steps: Any = reversed(value.items())
            # A vector says itself whether its instance conforms.
            passed = {"data"} if _is_vector(value) else {STRUCTURE}
        else:
            steps, passed = zip(range(len(value) - 1, -1, -1), reversed(value), strict=True), set()
        todo += [
            ((place, step), one)
            for step, one in steps
            if (isinstance(one, (dict, list)) or _may_be_payload_as_text(one)) and step not in passed
        ]
    return tuple(inside), encoded


def _is_payload_inside(value: dict[str, Any]) -> bool:
    """Whether an object inside a document is a payload: looks like one, is nothing else, and has more than a status."""
    if not 1 < len(value) <= len(_members()) or not looks_like_payload(value):
        return False
    names = set(map(_bare, value))
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


def _bare(name: str) -> str:
    return _NOT_LETTERS.sub("", name.lower()) if not name.isalpha() or not name.islower() else name


def _letters(status: str) -> frozenset[str]:
    return frozenset(_bare(status))


def _newest() -> Any:
    return catalog.versions()[-1]


@functools.cache
def _exact_members() -> frozenset[str]:
    """The members of the newest schema."""
    return frozenset(catalog.schema()["properties"])


@functools.cache
def _members() -> frozenset[str]:
    """The same, reduced to letters."""
    return frozenset(map(_bare, _exact_members()))


@functools.cache
def _statuses() -> frozenset[frozenset[str]]:
    """The letters of each status of the newest schema: a slip of the pen doubles, drops or swaps one, as a rule."""
    return frozenset(map(_letters, catalog.statuses(_newest())))
