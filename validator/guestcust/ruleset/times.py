"""What times mean that conform to the schema: their order, and whether they are in the server's form.

The verdict is the schema's; nothing here changes it. `time_faults` explains times that do not conform.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guestcust.model import Instance, Path

#: A time in the form that the server writes.
EXAMPLE = "2026-03-01T09:30:00.000Z"

#: The members that are times.
START, END = "start_time", "end_time"

# The end of the schemas' pattern, and the same for the server's form alone.
_ANY_END = r"(?:[.][0-9]+|)(?:Z|[+\-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_SERVER_END = r"[.][0-9]{3}Z"
# The form of the sample times on the vendor's page.
_SERVER_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
# Which programs write times with a number of fraction digits.
_WRITERS = {
    1: ", as Go writes it without trailing zeros",
    2: ", as Go writes it without trailing zeros",
    6: ", as Python writes it",
    7: ", as PowerShell and .NET write it",
    9: ", as Go and Java write it",
}


def warnings(payload: Instance, spoilt: Collection[Path]) -> Iterator[tuple[str, Path, str]]:
    """Warnings about the times of a payload: rule id, path and message.

    Args:
        payload: the instance.
        spoilt: the paths of values that have errors already; they get no warnings.

    """
    if not isinstance(payload, dict):
        return
    times = {
        name: payload[name] for name in (START, END) if isinstance(payload.get(name), str) and (name,) not in spoilt
    }
    if len(times) == 2 and _is_before(times[END], times[START]):
        start, end = (text if len(text) <= 40 else f"{text[:40]}…" for text in times.values())
        message = f'"{END}" is {end}, before "{START}" {start}; a customization cannot end before it starts'
        yield "end-not-before-start", (END,), message
    for name, text in times.items():
        if not is_server_form(text):
            expected = f"the server writes UTC with three fraction digits, such as {EXAMPLE}"
            yield "time-in-server-form", (name,), f'"{name}" conforms, but {_deviation(text)}; {expected}'


def is_server_form(text: str) -> bool:
    """Whether a conforming time is in the form that the server writes: UTC, three fraction digits, `Z`."""
    return _SERVER_FORM.fullmatch(text) is not None


def in_server_form(pattern: str) -> str | None:
    """The pattern of the times that a server writes; None if `pattern` is not the schemas' pattern of times."""
    begin = pattern.removesuffix(_ANY_END)
    return None if begin == pattern else begin + _SERVER_END


def _deviation(text: str) -> str:
    """How a conforming time differs from the server's form, as a clause."""
    fraction, zone = (text[19:-1], "Z") if text.endswith("Z") else (text[19:-6], text[-6:])
    found = []
    if zone != "Z":
        found.append(f"has the offset {zone} instead of Z")
    digits = len(fraction) - 1
    if digits < 0:
        found.append("has no fraction of a second")
    elif digits != 3:
        writer = _WRITERS.get(digits, "")
        found.append(f"has {digits} fraction digit{'s' * (digits != 1)}{writer}")
    return " and ".join(found)


def usual_first(pattern: str) -> str:
    """An equivalent pattern that matches the times that a server writes sooner."""
    begin = pattern.removesuffix(_ANY_END)
    return pattern if begin == pattern else f"{begin}(?:{_SERVER_END}|{_ANY_END})"


def _is_before(one: str, other: str) -> bool:
    if is_server_form(one) and is_server_form(other):
        # Times in the same form compare as text.
        return one < other
    return instant(one) < instant(other)


def instant(text: str) -> tuple[int, str]:
    """A conforming time as a key that sorts by instant: seconds since the start of year 1 in UTC, then the fraction.

    The fraction is a string of digits without trailing zeros, which compare as text at any precision.
    """
    # Importing datetime takes milliseconds, and few times need it.
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
