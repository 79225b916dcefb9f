"""Messages: each names what is wrong and the remedy."""

from __future__ import annotations

import json
from typing import Any

import guestcust
import pytest
from guestcust.errors import UnknownNameError
from guestcust.model import Severity


def messages(instance: Any, **options: Any) -> list[str]:
    return [found.message for found in guestcust.iter_violations(instance, **options)]


def text_messages(text: bytes | str) -> list[str]:
    return [found.message for found in guestcust.iter_text_violations(text)]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("", "it is empty; to leave it unset, use null or omit the member"),
        ("2026-03-01T09:30:00Z\n", "it has white space before or after the time"),
        ("2026-03-01 09:30:00Z", 'a space separates date and time; write "T"'),
        ("2026-03-01T09:30:00", 'the offset from UTC is missing; append "Z" for UTC, or an offset such as "+01:00"'),
        ("2026-03-01t09:30:00Z", 'the "t" is lower-case; write "T"'),
        ("2026-03-01T09:30:00z", 'the "z" is lower-case; write "Z"'),
        ("2026-03-01T09:30:00+0100", 'the offset has no colon; write "+01:00"'),
        ("2026-03-01T09:30:00-08", 'the offset has no minutes; write "-08:00"'),
        ("2026-03-01T09:30:00UTC", '"UTC" is not an offset; write "Z"'),
        (
            "2026-03-01 09:30:00 +0100",
            'a space separates date and time; write "T"; a space precedes the offset; remove it; '
            'the offset has no colon; write "+01:00"',
        ),
        ("2026-03-01T09:30Z", "the seconds are missing"),
        ("2026-03-01T09:30:00,5Z", "a comma begins the fraction; write a point"),
        ("2026-03-01T09:30:00.Z", "the fraction has no digits"),
        ("2026-03-01", "the time of day is missing"),
        ("09:30:00Z", "the date is missing"),
        ("2026-02-29T09:30:00Z", "the day 2026-02-29 does not exist"),
        ("2026-04-00T09:30:00Z", "the day 2026-04-00 does not exist"),
        ("2026-13-01T09:30:00Z", "the month 13 does not exist"),
        ("0000-01-01T09:30:00Z", "the year 0000 is out of range; years begin at 0001"),
        ("2016-12-31T23:59:60Z", "second 60 is a leap second, which is not accepted"),
        ("2026-03-01T24:00:00Z", "the hour 24 is out of range; write 00:00 of the next day"),
        ("2026-03-01T25:00:00Z", "the hour 25 is out of range"),
        ("2026-03-01T09:60:61Z", "the minute 60 is out of range; the second 61 is out of range"),
        ("2026-03-01T09:30:00+00:60", "the offset +00:60 is out of range"),
        ("2026-03-01T09:30:00-24:00", "the offset -24:00 is out of range"),
        ("2026-03-01T09:30:0\u0660Z", "U+0660 is a digit, but not an ASCII digit"),
        ("03/01/2026 9:30", "it has a local date format; write the date as year-month-day"),
        ("1.3.2026", "it has a local date format; write the date as year-month-day"),
        (1772357400, "it is a Unix time in seconds, which means 2026-03-01T09:30:00.000Z"),
        (1772357400.25, "it is a Unix time in seconds, which means 2026-03-01T09:30:00.250Z"),
        (1772357400123, "it is a Unix time in milliseconds, which means 2026-03-01T09:30:00.123Z"),
        ("1772357400", "it is a Unix time in seconds, which means 2026-03-01T09:30:00.000Z"),
        ("1772357400123", "it is a Unix time in milliseconds, which means 2026-03-01T09:30:00.123Z"),
        ("1772357400123456", "it is a Unix time in microseconds, which means 2026-03-01T09:30:00.123Z"),
        ("20260301093000", "it is not an RFC 3339 date-time"),
        ("yesterday", "it is not an RFC 3339 date-time"),
        (7, "it is a number, not a string"),
        (True, "it is true, not a string"),
    ],
)
def test_a_time_that_does_not_conform(value: Any, why: str) -> None:
    expected = f'"start_time" is {json.dumps(value, ensure_ascii=False)}: {why}; expected a time such as '
    assert messages({"status": "RUNNING", "start_time": value}) == [expected + '"2026-03-01T09:30:00.000Z"']


@pytest.mark.parametrize(
    ("text", "deviation"),
    [
        ("2026-03-01T09:30:00Z", "has no fraction of a second"),
        ("2026-03-01T09:30:00.5Z", "has 1 fraction digit, as Go writes it without trailing zeros"),
        ("2026-03-01T09:30:00.1234567Z", "has 7 fraction digits, as PowerShell and .NET write it"),
        ("2026-03-01T09:30:00.000+01:00", "has the offset +01:00 instead of Z"),
        (
            "2026-03-01T09:30:00.123456+00:00",
            "has the offset +00:00 instead of Z and has 6 fraction digits, as Python writes it",
        ),
    ],
)
def test_a_time_that_no_server_writes(text: str, deviation: str) -> None:
    assert messages({"status": "RUNNING", "start_time": text}) == [
        f'"start_time" conforms, but {deviation}; '
        "the server writes UTC with three fraction digits, such as 2026-03-01T09:30:00.000Z"
    ]


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("SUCCESS", "SUCCEEDED"),
        ("SUCCEDED", "SUCCEEDED"),
        ("COMPLETED", "SUCCEEDED"),
        ("ERROR", "FAILED"),
        ("FAILURE", "FAILED"),
        ("running", "RUNNING"),
        ("In Progress", "RUNNING"),
        ("pending ", "PENDING"),
        ("Idle", "IDLE"),
    ],
)
def test_a_status_that_is_close_to_a_known_one(status: str, meant: str) -> None:
    (message,) = messages({"status": status})
    assert message.endswith(f"SUCCEEDED and FAILED; did you mean {meant}?")


def test_nothing_is_suggested_for_what_is_close_to_nothing() -> None:
    for status in ("CANCELLED", "NOT_AVAILABLE", ""):
        (message,) = messages({"status": status})
        assert message.endswith("IDLE, PENDING, RUNNING, SUCCEEDED and FAILED")
    (message,) = messages({"status": "idle"}, api_version="7.0.0.0")
    assert message.endswith("SUCCEEDED and FAILED")
    (message,) = messages({"status": "RUNNING", "zebra": 1})
    assert message.endswith("start_time and end_time")
    with pytest.raises(UnknownNameError, match="unknown rule 'zebra'") as caught:
        guestcust.ruleset.catalog.rule("zebra")
    assert "did you mean" not in caught.value.hint


@pytest.mark.parametrize("name", ["Status", "STATUS", "state_us", "satus", "status "])
def test_a_misspelled_status_is_one_violation(name: str) -> None:
    (found,) = guestcust.iter_violations({name: "SUCCEEDED", "error": None})
    assert (found.rule, found.instance_location) == ("no-unknown-members", f"/{name}")
    assert found.message.endswith("did you mean status?")
    assert not guestcust.is_valid({name: "SUCCEEDED"})


def test_a_misspelled_status_is_an_error_under_forward_compatibility_too() -> None:
    (found,) = guestcust.iter_violations({"Status": "SUCCEEDED"}, forward_compatible=True)
    assert (found.rule, found.severity) == ("status-required", Severity.ERROR)
    assert found.message.endswith('; did you misspell it as "Status"?')


def test_an_unknown_member_beside_a_missing_status_is_a_violation_of_its_own() -> None:
    assert [found.rule for found in guestcust.iter_violations({"progress": 50})] == [
        "status-required",
        "no-unknown-members",
    ]


def test_an_empty_error_counts_as_set() -> None:
    assert messages({"status": "RUNNING", "error": ""}) == [
        '"error" is set, but status is "RUNNING"; error is relevant only when status is FAILED; '
        '"" counts as set: use null or omit the member'
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"status": "PENDING"}\n{"status": "PENDING"}',
            'unexpected "{" after the end of the JSON value; '
            "a file holds one value; write several as an array, or one per line in an .ndjson file",
        ),
        ('{"status": "PENDING"} x', 'unexpected "x" after the end of the JSON value'),
        (
            '{"status": "PENDING" // now\n}',
            'unexpected "/"; expected "," or "}" after the value; JSON has no comments; remove the comment',
        ),
        ('# now\n{"status": "PENDING"}', 'unexpected "#"; expected a value; JSON has no comments; remove the comment'),
        (
            "{'status': 'RUNNING'}",
            'unexpected "\'"; expected a member name in double quotes; JSON strings are in double '
            "quotes; in Python, write JSON with json.dumps instead of str or print",
        ),
        (
            '{"status": None}',
            'unexpected "None"; expected a value; in JSON this is null; in Python, write JSON with json.dumps',
        ),
        (
            '{"status": True}',
            'unexpected "True"; expected a value; JSON writes true and false in lower case; '
            "in Python, write JSON with json.dumps",
        ),
        (
            "{\u201cstatus\u201d: 1}",
            'unexpected "\u201c"; expected a member name in double quotes; '
            'this is a typographic quotation mark; replace it with "',
        ),
        (
            "<!DOCTYPE html>",
            'unexpected "<"; expected a value; the text is HTML or XML, perhaps a login or error page; '
            "check the URL and the credentials of the request",
        ),
        (
            'HTTP/1.1 200 OK\n\n{"status": "PENDING"}',
            'unexpected "HTTP"; expected a value; the text is an HTTP response '
            "with its headers; save only the body (curl without -i)",
        ),
        (
            '2026-03-01T09:30:00Z INFO {"status": "PENDING"}',
            'unexpected "-" after the end of the JSON value; the text '
            "begins with a time, like a line of a log; remove everything before the JSON value",
        ),
        (
            '{"status": "PENDING",}',
            'unexpected "}"; expected a member name in double quotes; remove the comma before it',
        ),
        ('{"status"', 'unexpected end of text; expected ":" after the member name'),
        (" ", "the text is empty"),
    ],
)
def test_a_text_that_is_not_json(text: str, message: str) -> None:
    assert text_messages(text) == [message]


def test_json_that_was_encoded_twice() -> None:
    twice = json.dumps(json.dumps({"status": "PENDING"}))
    (message,) = text_messages(twice)
    assert message.endswith("; the string holds JSON text: parse it first (it may have been encoded twice)")
    assert messages("PENDING") == ["the payload is a string; a payload is an object that has a status"]


@pytest.mark.parametrize(
    ("encoding", "kind", "source"),
    [
        ("utf-16", "UTF-16", "UTF-16"),
        ("utf-16-le", "UTF-16", "UTF-16LE"),
        ("utf-16-be", "UTF-16", "UTF-16BE"),
        ("utf-32", "UTF-32", "UTF-32"),
        ("utf-32-le", "UTF-32", "UTF-32LE"),
        ("utf-32-be", "UTF-32", "UTF-32BE"),
    ],
)
def test_another_unicode_encoding_is_shown_decoded_with_the_way_to_convert_it(
    encoding: str, kind: str, source: str
) -> None:
    text = '{"status": "PENDING", "error": "r\xe9seau"}'
    examination = guestcust.Validator().examine(text.encode(encoding))
    assert (examination.valid, examination.text) == (False, text)
    assert [(found.rule, found.message) for found in examination.violations] == [
        (
            "json-utf-8",
            f"the text is {kind}, but JSON text is UTF-8; convert it with `iconv -f {source} -t UTF-8`, "
            "or in PowerShell with `Out-File -Encoding utf8`",
        )
    ]


@pytest.mark.parametrize(
    "text",
    [b'{\0"status": "PENDING"}', b'\0\0\0\0{"status": "PENDING"}', b'{\0\0\0"status": "PENDING"}', b"\0", b"1\0"],
)
def test_zero_bytes_alone_do_not_make_a_text_utf_16(text: bytes) -> None:
    (found,) = guestcust.iter_text_violations(text)
    assert found.rule == "json-syntax"
    assert "unexpected U+0000" in found.message
    assert found.message.endswith("; zero bytes are a sign of a damaged file; write the file again")
