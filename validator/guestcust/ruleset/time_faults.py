"""Explains why a value is not a `date_time`. Used only for messages; the verdict is the schema's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from guestcust.model import Instance

# A time with common deviations.
_LENIENT = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
    r"(?:(?P<separator>[Tt _]|)(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"(?P<fraction>[.,][0-9]*)?(?P<gap> ?)(?P<zone>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?|))?"
)
_NON_ASCII_DIGIT = re.compile(r"(?![0-9])\d")
_OFFSET = re.compile(r"[+-][0-9]{2}:[0-9]{2}")
_LOCAL = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}(?![0-9T])|[0-9]{4}[./][0-9]{1,2}[./][0-9]{1,2}")
_TIME_ALONE = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
_EPOCH = re.compile(r"[0-9]{9,19}(?:[.][0-9]+)?")
# Units of Unix times: the least value, how many make a second, and the name. They cover the years from 1973 to 2286.
_UNITS = (
    (10**17, 10**9, "nanoseconds"),
    (10**14, 10**6, "microseconds"),
    (10**11, 10**3, "milliseconds"),
    (10**8, 1, "seconds"),
)


def diagnose(value: Instance) -> str | None:
    """Why a value is not a `date_time`, as a clause; None for a value that is neither a string nor a Unix time."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _unix_time(value)
    if not isinstance(value, str):
        return None
    if not value:
        return "it is empty; to leave it unset, use null or omit the member"
    if value != value.strip():
        return "it has white space before or after the time"
    if odd := _NON_ASCII_DIGIT.search(value):
        return f"U+{ord(odd.group()):04X} is a digit, but not an ASCII digit"
    if parts := _LENIENT.fullmatch(value):
        return "; ".join(_of_parts(parts.groupdict(default=""))) or "it is not an RFC 3339 date-time"
    if _EPOCH.fullmatch(value) and (meaning := _unix_time(float(value))):
        return meaning
    if _LOCAL.match(value):
        return "it has a local date format; write the date as year-month-day"
    if _TIME_ALONE.match(value):
        return "the date is missing"
    return "it is not an RFC 3339 date-time"


def _of_parts(parts: dict[str, str]) -> Iterator[str]:
    if parts["hour"]:
        yield from _of_form(parts)
    else:
        yield "the time of day is missing"
    yield from _of_values(parts)


def _of_form(parts: dict[str, str]) -> Iterator[str]:
    separator, zone = parts["separator"], parts["zone"]
    if separator == "t":
        yield 'the "t" is lower-case; write "T"'
    elif separator != "T":
        found = {" ": "a space", "_": "an underscore", "": "nothing"}[separator]
        yield f'{found} separates date and time; write "T"'
    if not parts["second"]:
        yield "the seconds are missing"
    if parts["fraction"].startswith(","):
        yield "a comma begins the fraction; write a point"
    elif parts["fraction"] == ".":
        yield "the fraction has no digits"
    if parts["gap"]:
        yield "a space precedes the offset; remove it"
    if not zone:
        yield 'the offset from UTC is missing; append "Z" for UTC, or an offset such as "+01:00"'
    elif zone == "z":
        yield 'the "z" is lower-case; write "Z"'
    elif zone in ("UTC", "GMT"):
        yield f'"{zone}" is not an offset; write "Z"'
    elif zone != "Z" and not _OFFSET.fullmatch(zone):
        what = "minutes" if len(zone) == 3 else "colon"
        yield f'the offset has no {what}; write "{zone[:3]}:{zone[3:] or "00"}"'


def _is_month(number: dict[str, int]) -> bool:
    return 1 <= number["month"] <= 12


def _is_day(number: dict[str, int]) -> bool:
    # Importing it takes milliseconds, as does datetime.
    import calendar

    return 1 <= number["day"] <= calendar.monthrange(number["year"], number["month"])[1]


_VALUES: tuple[tuple[Callable[[dict[str, int]], bool], str], ...] = (
    (lambda number: number["year"] == 0, "the year 0000 is out of range; years begin at 0001"),
    (lambda number: not _is_month(number), "the month {month} does not exist"),
    (
        lambda number: number["year"] > 0 and _is_month(number) and not _is_day(number),
        "the day {year}-{month}-{day} does not exist",
    ),
    (lambda number: number["hour"] == 24, "the hour 24 is out of range; write 00:00 of the next day"),
    (lambda number: number["hour"] > 24, "the hour {hour} is out of range"),
    (lambda number: number["minute"] > 59, "the minute {minute} is out of range"),
    (lambda number: number["second"] == 60, "second 60 is a leap second, which is not accepted"),
    (lambda number: number["second"] > 60, "the second {second} is out of range"),
)


def _of_values(parts: dict[str, str]) -> Iterator[str]:
    number = {name: int(digits) if digits.isdigit() else 0 for name, digits in parts.items()}
    yield from (message.format(**parts) for is_wrong, message in _VALUES if is_wrong(number))
    zone = parts["zone"]
    if _OFFSET.fullmatch(zone) and (int(zone[1:3]) > 23 or int(zone[4:]) > 59):
        yield f"the offset {zone} is out of range"


def _unix_time(number: float) -> str | None:
    """What a number means as a Unix time; None if it is unlikely to be one."""
    for least, per_second, unit in _UNITS:
        if least <= number < 100 * least:
            import datetime

            moment = datetime.datetime.fromtimestamp(number / per_second, datetime.timezone.utc)
            text = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            return f"it is a Unix time in {unit}, which means {text}"
    return None
