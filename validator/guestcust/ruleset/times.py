"""What a `date_time` means once the schema accepts it, and what is wrong with it where the schema does not.

The verdict is the schema's; nothing here may overrule it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guestcust.model import Instance, Path

#: A time as the server writes it.
EXAMPLE = "2026-03-01T09:30:00.000Z"

#: The members that are times.
START, END = "start_time", "end_time"

# How the schemas' pattern ends, and how it would if it were about servers alone.
_ANY_END = r"(?:[.][0-9]+)?(?:Z|[+\-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_SERVER_END = r"[.][0-9]{3}Z"
# The form of the sample times on the vendor's page.
_SERVER_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_LOOSE = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})T"
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})(?:\.[0-9]+)?"
    r"(?:Z|[+-](?P<offset_hour>[0-9]{2}):(?P<offset_minute>[0-9]{2}))"
)
# What stands in no time at all.
_FOREIGN = re.compile(r"[^-+.0-9:TZ]")
_NO_ZONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?")


def warnings(payload: Instance, spoilt: Collection[Path]) -> Iterator[tuple[str, Path, str]]:
    """What is odd about the times of a payload though it conforms: rule id, place and message.

    Args:
        payload: the instance.
        spoilt: the places where something is wrong already; of them nothing is said.

    """
    if not isinstance(payload, dict):
        return
    times = {
        name: payload[name] for name in (START, END) if isinstance(payload.get(name), str) and (name,) not in spoilt
    }
    if len(times) == 2 and _is_before(times[END], times[START]):
        start, end = (text if len(text) <= 40 else f"{text[:40]}…" for text in times.values())
        message = f'"{END}" is {end}, before "{START}" {start}; a customization ends after it starts'
        yield "end-not-before-start", (END,), message
    for name, text in times.items():
        if not is_server_form(text):
            message = f'"{name}" conforms, but a server writes UTC with three fraction digits: {EXAMPLE}'
            yield "time-in-server-form", (name,), message


def is_server_form(text: str) -> bool:
    """Whether a conforming time is written as the server writes it: UTC, three fraction digits, `Z`."""
    return _SERVER_FORM.fullmatch(text) is not None


def in_server_form(pattern: str) -> str | None:
    """The pattern of those times alone that a server writes; None where it is not the schemas' pattern of times."""
    begin = pattern.removesuffix(_ANY_END)
    return None if begin == pattern else begin + _SERVER_END


def usual_first(pattern: str) -> str:
    """A pattern that matches what this one matches, and those times the sooner that a server writes."""
    begin = pattern.removesuffix(_ANY_END)
    return pattern if begin == pattern else f"{begin}(?:{_SERVER_END}|{_ANY_END})"


def _is_before(one: str, other: str) -> bool:
    if is_server_form(one) and is_server_form(other):
        # Written alike, times compare as text.
        return one < other
    return instant(one) < instant(other)


def instant(text: str) -> tuple[int, str]:
    """A conforming time as a key that sorts by instant: seconds from the start of year 1 in UTC, then the fraction.

    The fraction is its digits without trailing zeros, which compare as text, to any precision.
    """
    # Costs milliseconds, and few times need it.
    import datetime

    date, clock = text[:10], text[11:19]
    days = datetime.date(int(date[:4]), int(date[5:7]), int(date[8:])).toordinal()
    seconds = days * 86400 + int(clock[:2]) * 3600 + int(clock[3:5]) * 60 + int(clock[6:])
    rest = text[19:]
    if rest.endswith("Z"):
        fraction = rest[:-1]
    else:
        fraction, offset = rest[:-6], rest[-6:]
        shift = int(offset[1:3]) * 3600 + int(offset[4:]) * 60
        seconds += shift if offset[0] == "-" else -shift
    return seconds, fraction.lstrip(".").rstrip("0")


def diagnose(text: str) -> str:
    """What keeps a string from being a `date_time`, as a clause; the first thing found, or a plain statement."""
    import calendar

    if not text:
        return "it is empty; unset is null or a missing member"
    if text != text.strip():
        return "white space stands around it"
    odd = _FOREIGN.search(text)
    if odd and odd.group().isdigit():
        return f"U+{ord(odd.group()):04X} is a digit, but not an ASCII one"
    parts = _LOOSE.fullmatch(text)
    if parts is None:
        if _LOOSE.fullmatch(text.upper()):
            return "T and Z are upper-case"
        if len(text) > 10 and text[10] in " _" and _LOOSE.fullmatch(f"{text[:10]}T{text[11:]}"):
            return "T stands between date and time"
        if _NO_ZONE.fullmatch(text):
            return "the zone is missing: Z, or an offset such as +01:00"
        return "it has another form"
    number = {name: int(digits) for name, digits in parts.groupdict().items() if digits}
    if not number["year"]:
        return "years begin at 0001"
    if not 1 <= number["month"] <= 12:
        return f"there is no month {number['month']:02}"
    if not 1 <= number["day"] <= calendar.monthrange(number["year"], number["month"])[1]:
        return f"there is no {text[:10]}"
    if number["second"] == 60:
        return "leap seconds are not accepted"
    return "the time of day or the offset is out of range"
