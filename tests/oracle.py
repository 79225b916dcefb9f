"""The rules again, as a table written from the vendor's documentation, to compare the schemas to.

Must not import guestcust or read `schemas/`: an oracle that shares code with what it checks
repeats its mistakes.
"""

from __future__ import annotations

import datetime
import string

#: The members that may be set under each status, and the API version that added the status.
TABLE = {
    # status       since      error  start_time  end_time
    "IDLE": ((7, 0, 3, 0), False, False, False),
    "PENDING": ((7, 0, 0, 0), False, False, False),
    "RUNNING": ((7, 0, 0, 0), False, True, False),
    "SUCCEEDED": ((7, 0, 0, 0), False, True, True),
    "FAILED": ((7, 0, 0, 0), True, True, True),
}
MEMBERS = {"status", "error", "start_time", "end_time"}


def broken_rules(payload: object, version: str) -> set[str]:
    """The ids of the rules that a JSON value breaks under one API version; empty if it conforms."""
    if not isinstance(payload, dict):
        return {"payload-is-object"}
    broken = set()
    if set(payload) - MEMBERS:
        broken.add("no-unknown-members")

    error, start, end = (payload.get(name) for name in ("error", "start_time", "end_time"))
    if error is not None and not isinstance(error, str):
        broken.add("error-is-string")
    if any(time is not None and not is_date_time(time) for time in (start, end)):
        broken.add("date-time")

    if "status" not in payload:
        return broken | {"status-required"}
    status = payload["status"]
    if not isinstance(status, str):
        return broken | {"status-is-string"}
    if status not in TABLE or TABLE[status][0] > tuple(map(int, version.split("."))):
        return broken | {"status-known"}

    _, may_error, may_start, may_end = TABLE[status]
    if error is not None and not may_error:
        broken.add("error-only-when-failed")
    if start is not None and not may_start:
        broken.add("start-time-only-when-started")
    if end is not None and not may_end:
        broken.add("end-time-only-when-ended")
    return broken


def is_date_time(value: object) -> bool:
    """Whether a JSON value is an RFC 3339 date-time as the vendor's clients read it; uses a calendar, not a pattern."""
    if not isinstance(value, str) or set(value) - set(string.digits + "-:.+TZ"):
        return False
    date, _, rest = value.partition("T")
    if rest.endswith("Z"):
        clock, offset = rest[:-1], "00:00"
    else:
        clock, offset = rest[:-6], rest[-5:]
        if rest[-6:-5] not in {"+", "-"}:
            return False
    clock, point, fraction = clock.partition(".")
    return _is_date(date) and _is_clock(clock, 3) and (fraction.isdigit() if point else True) and _is_clock(offset, 2)


def _is_date(text: str) -> bool:
    parts = text.split("-")
    if [len(part) for part in parts] != [4, 2, 2] or not all(part.isdigit() for part in parts):
        return False
    try:
        datetime.date(*map(int, parts))
    except ValueError:
        return False
    return True


def _is_clock(text: str, count: int) -> bool:
    parts = text.split(":")
    if [len(part) for part in parts] != [2] * count or not all(part.isdigit() for part in parts):
        return False
    return int(parts[0]) <= 23 and all(int(part) <= 59 for part in parts[1:])
