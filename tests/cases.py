"""The tables behind the vectors: every instance in the published vectors, and the rules that it violates.

The expectations of hand-picked cases are literals. Those of enumerated cases (calendar, truth table) come from the
calendar module and the oracle. Nothing here may use the schemas or guestcust.
"""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import oracle

VERSIONS = ("7.0.0.0", "7.0.3.0")
START, END = "2026-03-01T09:30:00.000Z", "2026-03-01T09:31:12.345Z"


class Case(NamedTuple):
    """One instance and the ids of the rules that it breaks."""

    description: str
    data: Any
    rules: tuple[str, ...] = ()


class Group(NamedTuple):
    """Cases about one topic."""

    description: str
    cases: list[Case]


def suite(version: str) -> dict[str, list[Group]]:
    """The vector files of one API version, keyed by file name without extension."""
    return {
        "payload": payload(version),
        "status": status(version),
        "error": error(version),
        "times": times(version),
        "date-time": date_time(),
        "calendar": [calendar_days(), leap_days()],
        "near-times": [near_times()],
        "combined": [combined(version), set_to_anything()],
        "truth-table": [truth_table(version)],
    }


def payload(version: str) -> list[Group]:
    sample = {"start_time": "2015-01-01T22:13:05.651Z", "end_time": "2015-01-01T22:13:05.651Z", "error": "string"}
    no_object = ("payload-is-object",)
    unknown = ("no-unknown-members",)
    return [
        Group(
            "a payload is an object",
            [
                Case("the smallest payload", {"status": "PENDING"}),
                Case("null", None, no_object),
                Case("true", True, no_object),
                Case("false", False, no_object),
                Case("a number", 7, no_object),
                Case("a string that is a status", "FAILED", no_object),
                Case("an empty array", [], no_object),
                Case("an array that holds a payload", [{"status": "PENDING"}], no_object),
                Case("an empty object", {}, ("status-required",)),
            ],
        ),
        Group(
            "only the four members",
            [
                Case("all four members", {"status": "FAILED", "error": "x", "start_time": START, "end_time": END}),
                Case("an unknown member", {"status": "PENDING", "progress": 50}, unknown),
                Case("an unknown member that is null", {"status": "PENDING", "progress": None}, unknown),
                Case("two unknown members", {"status": "PENDING", "progress": 50, "phase": "disk"}, unknown),
                Case("a member with an empty name", {"status": "PENDING", "": ""}, unknown),
                Case("a known name in capitals", {"status": "FAILED", "ERROR": "x"}, unknown),
                Case("a known name in camel case", {"status": "RUNNING", "startTime": START}, unknown),
                Case("a known name with a trailing space", {"status": "RUNNING", "start_time ": START}, unknown),
                Case(
                    "a longer name that starts with a known one", {"status": "PENDING", "status_detail": "x"}, unknown
                ),
                Case(
                    "the envelope of /rest", {"value": {"status": "PENDING"}}, ("no-unknown-members", "status-required")
                ),
            ],
        ),
        Group(
            "the sample of the vendor's page, with colons added",
            [
                Case(
                    "as printed, with status PENDING",
                    {**sample, "status": "PENDING"},
                    ("end-time-only-when-ended", "error-only-when-failed", "start-time-only-when-started"),
                ),
                Case("with status FAILED", {**sample, "status": "FAILED"}),
            ],
        ),
    ]


def status(version: str) -> list[Group]:
    since_7_0_3_0 = () if version == "7.0.3.0" else ("status-known",)
    unknown = ("status-known",)
    no_string = ("status-is-string",)
    return [
        Group(
            "every status alone",
            [
                Case("IDLE", {"status": "IDLE"}, since_7_0_3_0),
                *(Case(name, {"status": name}) for name in ("PENDING", "RUNNING", "SUCCEEDED", "FAILED")),
            ],
        ),
        Group(
            "any other string is unknown",
            [
                Case("a status", {"status": "RUNNING"}),
                Case("a status of another structure", {"status": "NOT_AVAILABLE"}, unknown),
                Case("lower case", {"status": "running"}, unknown),
                Case("a status and a space", {"status": "RUNNING "}, unknown),
                Case("a status and a line feed", {"status": "RUNNING\n"}, unknown),
                Case("an empty string", {"status": ""}, unknown),
                Case("a status of a later version", {"status": "CANCELLED", "error": None}, unknown),
            ],
        ),
        Group(
            "a status is required and is a string",
            [
                Case("a string", {"status": "RUNNING"}),
                Case("missing", {"error": "x"}, ("status-required",)),
                Case("null", {"status": None}, no_string),
                Case("null beside an error", {"status": None, "error": "x"}, no_string),
                Case("a number", {"status": 1}, no_string),
                Case("zero", {"status": 0}, no_string),
                Case("true", {"status": True}, no_string),
                Case("false", {"status": False}, no_string),
                Case("an array that holds a status", {"status": ["RUNNING"]}, no_string),
                Case("an object", {"status": {"value": "RUNNING"}}, no_string),
            ],
        ),
    ]


def error(version: str) -> list[Group]:
    no_string = ("error-is-string",)
    not_allowed = ("error-only-when-failed",)
    return [
        Group(
            "an error is a string or unset",
            [
                Case("a string", {"status": "FAILED", "error": "The guest did not answer."}),
                Case("an empty string", {"status": "FAILED", "error": ""}),
                Case(
                    "a string with a character outside the basic plane",
                    {"status": "FAILED", "error": "\N{MUSICAL SYMBOL G CLEF} \u0000"},
                ),
                Case("null", {"status": "FAILED", "error": None}),
                Case("missing", {"status": "FAILED"}),
                Case("a number", {"status": "FAILED", "error": 404}, no_string),
                Case("a number with a fraction", {"status": "FAILED", "error": 4.04}, no_string),
                Case("true", {"status": "FAILED", "error": True}, no_string),
                Case("false", {"status": "FAILED", "error": False}, no_string),
                Case("an array", {"status": "FAILED", "error": ["x"]}, no_string),
                Case("an object, as in other structures", {"status": "FAILED", "error": {"id": "x"}}, no_string),
            ],
        ),
        Group(
            "an error is set only with status FAILED",
            [
                Case("RUNNING, null", {"status": "RUNNING", "error": None}),
                Case("RUNNING, a string", {"status": "RUNNING", "error": "x"}, not_allowed),
                Case("RUNNING, an empty string", {"status": "RUNNING", "error": ""}, not_allowed),
                Case("PENDING, null", {"status": "PENDING", "error": None}),
                Case("PENDING, a string", {"status": "PENDING", "error": "x"}, not_allowed),
                Case("SUCCEEDED, null", {"status": "SUCCEEDED", "error": None}),
                Case("SUCCEEDED, a string", {"status": "SUCCEEDED", "error": "x"}, not_allowed),
                Case("no status, a string", {"error": "x"}, ("status-required",)),
                Case("an unknown status, a string", {"status": "BROKEN", "error": "x"}, ("status-known",)),
            ],
        ),
    ]


def times(version: str) -> list[Group]:
    no_start = ("start-time-only-when-started",)
    no_end = ("end-time-only-when-ended",)
    return [
        Group(
            "a start time is set only with status RUNNING, SUCCEEDED or FAILED",
            [
                Case("PENDING, missing", {"status": "PENDING"}),
                Case("PENDING, null", {"status": "PENDING", "start_time": None}),
                Case("PENDING, set", {"status": "PENDING", "start_time": START}, no_start),
                Case("RUNNING, set", {"status": "RUNNING", "start_time": START}),
                Case("SUCCEEDED, set", {"status": "SUCCEEDED", "start_time": START}),
                Case("FAILED, set", {"status": "FAILED", "start_time": START}),
                Case("FAILED, null", {"status": "FAILED", "start_time": None}),
                Case("no status, set", {"start_time": START}, ("status-required",)),
            ],
        ),
        Group(
            "an end time is set only with status SUCCEEDED or FAILED",
            [
                Case("PENDING, null", {"status": "PENDING", "end_time": None}),
                Case("PENDING, set", {"status": "PENDING", "end_time": END}, no_end),
                Case("RUNNING, null", {"status": "RUNNING", "end_time": None}),
                Case("RUNNING, set", {"status": "RUNNING", "end_time": END}, no_end),
                Case("SUCCEEDED, set", {"status": "SUCCEEDED", "end_time": END}),
                Case("SUCCEEDED, null", {"status": "SUCCEEDED", "end_time": None}),
                Case("FAILED, set", {"status": "FAILED", "end_time": END}),
                Case("FAILED, without a start time", {"status": "FAILED", "start_time": None, "end_time": END}),
                Case("FAILED, before the start time", {"status": "FAILED", "start_time": END, "end_time": START}),
                Case("no status, set", {"end_time": END}, ("status-required",)),
            ],
        ),
    ]


GOOD_TIMES = {
    "in the server's form": "2026-03-01T09:30:00.000Z",
    "no fraction": "2026-03-01T09:30:00Z",
    "one fraction digit": "2026-03-01T09:30:00.5Z",
    "nine fraction digits": "2026-03-01T09:30:00.123456789Z",
    "thirty fraction digits": "2026-03-01T09:30:00.123456789012345678901234567890Z",
    "all fraction digits zero": "2026-03-01T09:30:00.0000Z",
    "offset +00:00": "2026-03-01T09:30:00+00:00",
    "offset -00:00": "2026-03-01T09:30:00-00:00",
    "offset +05:30": "2026-03-01T09:30:00+05:30",
    "offset +19:59": "2026-03-01T09:30:00+19:59",
    "offset +20:00": "2026-03-01T09:30:00+20:00",
    "offset +23:59": "2026-03-01T09:30:00+23:59",
    "offset -23:59": "2026-03-01T09:30:00-23:59",
    "offset after a fraction": "2026-03-01T09:30:00.000-08:00",
    "first second of a day": "2026-03-01T00:00:00Z",
    "last second of a day": "2026-03-01T23:59:59Z",
    "hour 19": "2026-03-01T19:30:00Z",
    "hour 20": "2026-03-01T20:30:00Z",
    "the first year": "0001-01-01T00:00:00Z",
    "the first year, year 0 in UTC": "0001-01-01T00:00:00+23:59",
    "the last year": "9999-12-31T23:59:59.999Z",
    "the last year, year 10000 in UTC": "9999-12-31T23:59:59-23:59",
    "year 0010": "0010-06-15T12:00:00Z",
    "year 0090": "0090-06-15T12:00:00Z",
    "year 0100": "0100-06-15T12:00:00Z",
    "year 0900": "0900-06-15T12:00:00Z",
    "year 1000": "1000-06-15T12:00:00Z",
    "year 1009": "1009-06-15T12:00:00Z",
    "year 1990": "1990-06-15T12:00:00Z",
    "year 9000": "9000-06-15T12:00:00Z",
    "year 9090": "9090-06-15T12:00:00Z",
    "year 9900": "9900-06-15T12:00:00Z",
    "year 9990": "9990-06-15T12:00:00Z",
}
BAD_TIMES = {
    "an empty string": "",
    "a word": "yesterday",
    "a Unix time as text": "1772357400",
    "a date alone": "2026-03-01",
    "a time alone": "09:30:00Z",
    "no offset": "2026-03-01T09:30:00.000",
    "no seconds": "2026-03-01T09:30Z",
    "a space instead of T": "2026-03-01 09:30:00Z",
    "an underscore instead of T": "2026-03-01_09:30:00Z",
    "nothing instead of T": "2026-03-0109:30:00Z",
    "lower-case t": "2026-03-01t09:30:00Z",
    "lower-case z": "2026-03-01T09:30:00z",
    "two Z": "2026-03-01T09:30:00ZZ",
    "Z and an offset": "2026-03-01T09:30:00Z+00:00",
    "an offset and Z": "2026-03-01T09:30:00+00:00Z",
    "two times": "2026-03-01T09:30:00Z2026-03-01T09:30:00Z",
    "T at the end": "2026-03-01T09:30:00ZT",
    "T at the start": "T2026-03-01T09:30:00Z",
    "a trailing line feed": "2026-03-01T09:30:00Z\n",
    "a trailing line feed after an offset": "2026-03-01T09:30:00+00:00\n",
    "a trailing carriage return": "2026-03-01T09:30:00Z\r",
    "a trailing CR LF": "2026-03-01T09:30:00Z\r\n",
    "a trailing next line (U+0085)": "2026-03-01T09:30:00Z\u0085",
    "a trailing line separator (U+2028)": "2026-03-01T09:30:00Z\u2028",
    "a trailing paragraph separator (U+2029)": "2026-03-01T09:30:00Z\u2029",
    "a trailing space": "2026-03-01T09:30:00Z ",
    "a trailing NUL": "2026-03-01T09:30:00Z\u0000",
    "a trailing digit": "2026-03-01T09:30:00Z0",
    "a leading space": " 2026-03-01T09:30:00Z",
    "a leading line feed": "\n2026-03-01T09:30:00Z",
    "a leading digit": "12026-03-01T09:30:00Z",
    "a second line that is a time": "x\n2026-03-01T09:30:00Z",
    "a first line that is a time": "2026-03-01T09:30:00Z\nx",
    "a byte order mark": "\ufeff2026-03-01T09:30:00Z",
    "Arabic-Indic digits": "\u0662\u0660\u0662\u0666-03-01T09:30:00Z",
    "an Arabic-Indic digit in the seconds": "2026-03-01T09:30:0\u0660Z",
    "an Arabic-Indic digit in the fraction": "2026-03-01T09:30:00.00\u0660Z",
    "full-width digits": "\uff12\uff10\uff12\uff16-03-01T09:30:00Z",
    "a mathematical digit": "2026-03-0\U0001d7cfT09:30:00Z",
    "a minus sign (U+2212) in the offset": "2026-03-01T09:30:00\u221208:00",
    "a full-width colon": "2026-03-01T09\uff1a30:00Z",
    "a Kelvin sign at the end": "2026-03-01T09:30:00\u212a",
    "offset without colon": "2026-03-01T09:30:00+0000",
    "offset with hours only": "2026-03-01T09:30:00+00",
    "offset with one hour digit": "2026-03-01T09:30:00+0:00",
    "offset with seconds": "2026-03-01T09:30:00+00:00:00",
    "offset without sign": "2026-03-01T09:30:0000:00",
    "offset hours 24": "2026-03-01T09:30:00+24:00",
    "offset hours 30": "2026-03-01T09:30:00+30:00",
    "offset +23:60": "2026-03-01T09:30:00+23:60",
    "offset minutes 60": "2026-03-01T09:30:00+00:60",
    "offset minutes 99": "2026-03-01T09:30:00-00:99",
    "a zone name": "2026-03-01T09:30:00UTC",
    "a space before Z": "2026-03-01T09:30:00 Z",
    "hour 24": "2026-03-01T24:00:00Z",
    "hour 30": "2026-03-01T30:00:00Z",
    "one hour digit": "2026-03-01T9:30:00Z",
    "minute 60": "2026-03-01T09:60:00Z",
    "one minute digit": "2026-03-01T09:3:00Z",
    "second 60, at a past leap second": "2016-12-31T23:59:60Z",
    "second 60, at a past leap second with an offset": "1990-12-31T15:59:60-08:00",
    "second 61": "2026-03-01T09:30:61Z",
    "one second digit": "2026-03-01T09:30:0Z",
    "three second digits": "2026-03-01T09:30:000Z",
    "three minute digits": "2026-03-01T09:300:00Z",
    "three hour digits": "2026-03-01T009:30:00Z",
    "a point without digits": "2026-03-01T09:30:00.Z",
    "a point without digits before an offset": "2026-03-01T09:30:00.+00:00",
    "a comma instead of the point": "2026-03-01T09:30:00,000Z",
    "a colon instead of the point": "2026-03-01T09:30:00:000Z",
    "two fractions": "2026-03-01T09:30:00.0.0Z",
    "a letter in the fraction": "2026-03-01T09:30:00.0T0Z",
    "year 0000": "0000-01-01T00:00:00Z",
    "a leap day of year 0000": "0000-02-29T00:00:00Z",
    "a year of three digits": "999-12-31T00:00:00Z",
    "a year of five digits": "10000-01-01T00:00:00Z",
    "a year with a plus sign": "+2026-03-01T09:30:00Z",
    "a negative year": "-0001-01-01T00:00:00Z",
    "a year of two digits": "26-03-01T09:30:00Z",
    "a leap day of a year of two digits": "20-02-29T09:30:00Z",
    "a leap day of the year 00": "00-02-29T09:30:00Z",
    "a year without month and day": "2026-T09:30:00Z",
    "month 00": "2026-00-01T09:30:00Z",
    "month 13": "2026-13-01T09:30:00Z",
    "month 20": "2026-20-01T09:30:00Z",
    "one month digit": "2026-3-01T09:30:00Z",
    "one day digit": "2026-03-1T09:30:00Z",
    "day 00 of a long month": "2026-01-00T09:30:00Z",
    "day 00 of a short month": "2026-04-00T09:30:00Z",
    "day 00 of February": "2026-02-00T09:30:00Z",
    "day 40": "2026-01-40T09:30:00Z",
    "slashes in the date": "2026/03/01T09:30:00Z",
    "no hyphens in the date": "20260301T09:30:00Z",
    "no colons in the time": "2026-03-01T093000Z",
    "points in the time": "2026-03-01T09.30.00Z",
    "a day of the year": "2026-060T09:30:00Z",
    "a week date": "2026-W09-7T09:30:00Z",
    "a duration": "P1D",
    "an HTTP date": "Sun, 01 Mar 2026 09:30:00 GMT",
}
NOT_STRINGS = {
    "a Unix time": 1772357400,
    "a number with a fraction": 1772357400.5,
    "true": True,
    "false": False,
    "an array that holds a time": [START],
    "an object": {"value": START},
}


def date_time() -> list[Group]:
    def under_failed(member: str) -> list[Case]:
        return [
            *(Case(f"valid: {name}", {"status": "FAILED", member: text}) for name, text in GOOD_TIMES.items()),
            *(
                Case(f"invalid: {name}", {"status": "FAILED", member: text}, ("date-time",))
                for name, text in BAD_TIMES.items()
            ),
            *(
                Case(f"not a string: {name}", {"status": "FAILED", member: value}, ("date-time",))
                for name, value in NOT_STRINGS.items()
            ),
            Case("unset: null", {"status": "FAILED", member: None}),
            Case("unset: missing", {"status": "FAILED"}),
        ]

    return [Group(f"{member} is a date_time", under_failed(member)) for member in ("start_time", "end_time")]


def _day(year: int, month: int, day: int) -> Case:
    exists = 1 <= day <= calendar.monthrange(year, month)[1]
    text = f"{year:04}-{month:02}-{day:02}"
    data = {"status": "RUNNING", "start_time": f"{text}T12:00:00.000Z"}
    return Case(f"{text} {'exists' if exists else 'does not exist'}", data, () if exists else ("date-time",))


def calendar_days() -> Group:
    days = (1, 9, 10, 19, 20, 28, 29, 30, 31, 32)
    return Group("days that exist", [_day(2026, month, day) for month in range(1, 13) for day in days])


def leap_days() -> Group:
    years = sorted({*range(2000, 2100), *range(100, 10000, 100), 4, 96, 1904, 9996})
    return Group("leap days", [_day(year, 2, 29) for year in years] + [_day(2024, 2, 30), _day(2000, 2, 30)])


#: Together they cover every branch of the grammar of a date and of the time after it.
DATES = (
    "2026-01-01", "1990-10-19", "1900-04-09", "1900-11-19", "3000-11-30", "2026-12-31", "2026-02-09", "2026-02-19",
    "2026-02-28", "2004-02-29", "2048-02-29", "2016-02-29", "0400-02-29", "2400-02-29", "1600-02-29",
)  # fmt: skip
CLOCKS = ("T09:10:19.25Z", "T19:20:30+09:30", "T23:59:59.9-19:00", "T20:00:00+23:59")


def near_times() -> Group:
    """Every date and every clock with one character replaced, removed or doubled, or with one number removed."""

    def near(text: str) -> Iterator[str]:
        for at, character in enumerate(text):
            for piece in (":", "/", ".", "-", "", character * 2):
                yield text[:at] + piece + text[at + 1 :]
        for number in re.finditer("[0-9]+", text):
            yield text[: number.start()] + text[number.end() :]
        yield ""

    dates = (near_date + "T12:00:00Z" for date in DATES for near_date in near(date))
    clocks = ("2026-03-01" + near_clock for clock in CLOCKS for near_clock in near(clock))
    texts = dict.fromkeys((*dates, *clocks))
    return Group(
        "times that differ from a valid one by one character",
        [
            Case(
                f"{text} is {'valid' if oracle.is_date_time(text) else 'invalid'}",
                {"status": "RUNNING", "start_time": text},
                () if oracle.is_date_time(text) else ("date-time",),
            )
            for text in texts
        ],
    )


def combined(version: str) -> Group:
    return Group(
        "independent violations are all reported",
        [
            Case(
                "an unknown member and an error under RUNNING",
                {"status": "RUNNING", "error": "x", "progress": 50},
                ("error-only-when-failed", "no-unknown-members"),
            ),
            Case(
                "both times invalid",
                {"status": "FAILED", "start_time": "2026-03-01", "end_time": 7},
                ("date-time",),
            ),
            Case(
                "a time that is invalid and not allowed by the status",
                {"status": "PENDING", "start_time": "soon"},
                ("date-time", "start-time-only-when-started"),
            ),
            Case(
                "an error that is not a string and not allowed by the status",
                {"status": "PENDING", "error": 404},
                ("error-is-string", "error-only-when-failed"),
            ),
            Case(
                "no status, an invalid error and an invalid time",
                {"error": 404, "end_time": "soon"},
                ("date-time", "error-is-string", "status-required"),
            ),
            Case(
                "an unknown status hides only the rules that depend on it",
                {"status": "BROKEN", "error": 404, "start_time": START, "end_time": "soon"},
                ("date-time", "error-is-string", "status-known"),
            ),
        ],
    )


def set_to_anything() -> Group:
    """Values other than null count as set, even if their type is wrong."""
    rules = {
        "error": ("error-is-string", "error-only-when-failed"),
        "start_time": ("date-time", "start-time-only-when-started"),
        "end_time": ("date-time", "end-time-only-when-ended"),
    }
    values = {"false": False, "zero": 0, "a fraction": 0.5, "an empty array": [], "an empty object": {}}
    return Group(
        "any value other than null is set",
        [
            Case(f"{member}, {name}", {"status": "PENDING", member: value}, broken)
            for member, broken in rules.items()
            for name, value in values.items()
        ],
    )


ABSENT = object()
STATUSES = {
    "IDLE": "IDLE", "PENDING": "PENDING", "RUNNING": "RUNNING", "SUCCEEDED": "SUCCEEDED", "FAILED": "FAILED",
    "unknown": "BROKEN", "missing": ABSENT, "null": None, "number": 7, "boolean": True, "array": [], "object": {},
}  # fmt: skip
ERRORS = {"absent": ABSENT, "null": None, "valid": "x", "empty": "", "wrong type": 7}
TIMES = {"absent": ABSENT, "null": None, "valid": START, "invalid": "2026-02-30T09:30:00.000Z", "wrong type": 7}


def truth_table(version: str) -> Group:
    def rows() -> Iterator[Case]:
        for cells in itertools.product(STATUSES.items(), ERRORS.items(), TIMES.items(), TIMES.items()):
            names = ("status", "error", "start_time", "end_time")
            words, values = zip(*cells, strict=True)
            data = {name: value for name, value in zip(names, values, strict=True) if value is not ABSENT}
            description = "{}, error {}, start_time {}, end_time {}".format(*words)
            yield Case(description, data, tuple(sorted(oracle.broken_rules(data, version))))

    return Group("every status with every kind of member", list(rows()))
