"""The public functions, used as the README shows."""

from __future__ import annotations

import doctest
import io
import json
from typing import Any

import guestcust
import pytest
from guestcust.captures.formats import FORMATS
from guestcust.errors import ApiVersionError, ConformanceError, GuestcustError, OptionError, UnknownNameError
from guestcust.model import KeywordFailure, Severity, Source
from guestcust.pipeline import Check
from guestcust.reporters import REPORTERS
from guestcust.reporters.protocol import Circumstances
from guestcust.ruleset import catalog, files

START, END = "2026-03-01T09:30:00.000Z", "2026-03-01T09:31:12.345Z"
BROKEN = {"status": "RUNNING", "error": "x"}
MESSAGE = '"error" is set, but status is "RUNNING"; error is relevant only when status is FAILED'


def rules(instance: Any, **options: Any) -> list[tuple[str, str]]:
    return [(found.rule, found.severity.value) for found in guestcust.iter_violations(instance, **options)]


def messages(instance: Any, **options: Any) -> list[str]:
    return [found.message for found in guestcust.iter_violations(instance, **options)]


def test_the_docstring_of_the_package_works() -> None:
    assert doctest.testmod(guestcust).failed == 0
    assert doctest.testmod(guestcust).attempted == 3


def test_every_public_name_exists() -> None:
    assert all(hasattr(guestcust, name) for name in guestcust.__all__)


def test_a_violation_has_a_message_and_a_location() -> None:
    (found,) = guestcust.iter_text_violations('{\n  "status": "RUNNING",\n  "error": "x"\n}')
    assert found == guestcust.Violation(
        rule="error-only-when-failed",
        severity=Severity.ERROR,
        message=MESSAGE,
        instance_location="/error",
        keyword_location="/allOf/0/then/properties/error/type",
        absolute_keyword_location="https://guestcust.example/vcenter.vm.guest.customization.info/7.0.3.0.schema.json"
        "#/allOf/0/then/properties/error/type",
        value='"x"',
        line=3,
        column=3,
        end_line=3,
        end_column=10,
        span=guestcust.model.Span(27, 34),
    )


def test_an_instance_has_no_lines() -> None:
    (found,) = guestcust.iter_violations(BROKEN)
    assert (found.line, found.column, found.end_line, found.end_column) == (None, None, None, None)


def test_validate_accepts_conforming_payloads() -> None:
    guestcust.validate({"status": "RUNNING"})
    guestcust.validate_text(b'{"status": "RUNNING"}')


def test_conformance_errors_list_and_carry_the_violations() -> None:
    with pytest.raises(ConformanceError) as caught:
        guestcust.validate_text('{"status": "RUNNING",\n "error": "x", "end_time": "soon"}')
    assert str(caught.value).splitlines() == [
        "the payload does not conform to API 7.0.3.0 (3 errors)",
        f"  /error (line 2, column 2): error-only-when-failed: {MESSAGE}",
        '  /end_time (line 2, column 16): end-time-only-when-ended: "end_time" is set, but status is "RUNNING"; '
        "end_time is relevant only when status is SUCCEEDED or FAILED",
        '  /end_time (line 2, column 28): date-time: "end_time" is "soon": it is not an RFC 3339 date-time; '
        'expected a time such as "2026-03-01T09:30:00.000Z"',
    ]
    assert [found.rule for found in caught.value.violations] == [
        "error-only-when-failed", "end-time-only-when-ended", "date-time",
    ]  # fmt: skip
    assert caught.value.api_version == "7.0.3.0"
    with pytest.raises(GuestcustError, match="/error: error-only-when-failed"):
        guestcust.validate(BROKEN)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("latest", "7.0.3.0"), ("7", "7.0.0.0"), ("7.0", "7.0.0.0"), ("7.0.0", "7.0.0.0"), ("7.0.0.0", "7.0.0.0"),
        ("7.0.2.00300", "7.0.0.0"), ("7.0.3", "7.0.3.0"), ("7.0.3.0", "7.0.3.0"), ("7.0.3.1", "7.0.3.0"),
        ("7.1", "7.0.3.0"), ("8.0.2.0", "7.0.3.0"), ("9.1.0.0", "7.0.3.0"), ("007.0.03", "7.0.3.0"),
    ],
)  # fmt: skip
def test_an_api_version_uses_the_newest_schema_up_to_it(asked: str, answer: str) -> None:
    resolution = catalog.resolve(asked)
    assert (resolution.version, resolution.notice) == (answer, None)


@pytest.mark.parametrize("asked", ["9.1.0.1", "9.2", "10", "999999999.0.0.0"])
def test_a_newer_api_version_works_with_a_notice(asked: str) -> None:
    with pytest.warns(UserWarning, match=f"API {asked} is newer than 9.1.0.0"):
        assert guestcust.is_valid({"status": "IDLE"}, api_version=asked)
    assert guestcust.Validator(asked).resolution.notice


@pytest.mark.parametrize("asked", ["6.7", "6.9.9.9", "0", "0.0.0.0"])
def test_an_older_api_version_is_an_error(asked: str) -> None:
    with pytest.raises(ApiVersionError, match="older than the structure"):
        guestcust.is_valid({}, api_version=asked)


@pytest.mark.parametrize(
    "asked",
    ["", "v7", "7.0U3", "7.0.0.0.0", "7.", ".7", "7..0", "7.0\n", " 7", "-7", "latest ", "\u0667", "7,0", "1" * 10],
)
def test_an_invalid_api_version_is_an_error(asked: str) -> None:
    with pytest.raises(ApiVersionError, match="is not an API version") as caught:
        guestcust.is_valid({}, api_version=asked)
    assert "8.0.2.0" in caught.value.hint


@pytest.mark.parametrize("asked", [7, 7.0, None, ("7", "0")])
def test_an_api_version_must_be_a_string(asked: Any) -> None:
    with pytest.raises(ApiVersionError, match="is not an API version"):
        guestcust.Validator(asked)


def test_a_size_limit_must_be_positive() -> None:
    with pytest.raises(OptionError, match="lets nothing through"):
        guestcust.Validator(max_size=0)


def test_idle_is_unknown_before_7_0_3_0() -> None:
    assert messages({"status": "IDLE"}, api_version="7.0.2.0") == [
        '"status" is "IDLE", which API 7.0.2.0 does not define (added in 7.0.3.0); '
        "it defines PENDING, RUNNING, SUCCEEDED and FAILED"
    ]
    examination = guestcust.Validator("7.0.0.0").examine('{"status": "IDLE"}')
    assert examination.conforms_to == ("7.0.3.0",)
    assert guestcust.Validator("7.0.0.0").examine('{"status": "IDLE", "error": "x"}').conforms_to == ()
    assert guestcust.Validator("7.0.0.0").examine('{"status": "IDLE", "status": "IDLE"}').conforms_to == ()


def test_forward_compatibility_turns_unknown_names_into_warnings() -> None:
    newer = {"status": "CANCELLED", "progress": 50}
    assert rules(newer) == [("status-known", "error"), ("no-unknown-members", "error")]
    assert rules(newer, forward_compatible=True) == [("status-known", "warning"), ("no-unknown-members", "warning")]
    assert guestcust.is_valid(newer, forward_compatible=True)
    assert not guestcust.is_valid(newer, forward_compatible=True, strict=True)


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("error", "x", "error-only-when-failed"),
        ("start_time", START, "start-time-only-when-started"),
        ("end_time", END, "end-time-only-when-ended"),
    ],
)
def test_a_guarded_member_under_an_unknown_status_stays_an_error(name: str, value: str, rule: str) -> None:
    payload = {"status": "CANCELLED", name: value}
    assert rules(payload, forward_compatible=True) == [("status-known", "warning"), (rule, "error")]
    assert rules(payload) == [("status-known", "error")]


@pytest.mark.parametrize("payload", [{}, {"status": None}, {"status": 7}, {"status": "FAILED", "error": 7}, []])
def test_forward_compatibility_allows_nothing_else(payload: Any) -> None:
    assert rules(payload, forward_compatible=True) == rules(payload)
    assert not guestcust.is_valid(payload, forward_compatible=True)


def test_warnings_count_only_when_strict() -> None:
    payload = {"status": "SUCCEEDED", "start_time": END, "end_time": "2026-03-01T10:30:00+01:00"}
    assert rules(payload) == [("end-not-before-start", "warning"), ("time-in-server-form", "warning")]
    assert guestcust.is_valid(payload)
    assert not guestcust.is_valid(payload, strict=True)
    with pytest.raises(ConformanceError, match=r"\(2 warnings\)"):
        guestcust.validate(payload, strict=True)
    assert guestcust.is_valid_text(b'\xef\xbb\xbf{"status": "PENDING"}')
    assert not guestcust.is_valid_text(b'\xef\xbb\xbf{"status": "PENDING"}', strict=True)


def test_instances_get_the_faults_of_their_texts() -> None:
    assert rules({"status": "FAILED", "error": float("nan")}) == [("json-finite-numbers", "error")]
    assert rules({"status": "FAILED", "error": 10**5000}) == [("json-finite-numbers", "error")]
    assert rules(10**5000) == [("json-finite-numbers", "error")]
    assert rules({"status": "FAILED", "error": "\ud800"}) == [("json-paired-surrogates", "error")]
    assert rules({"status": "FAILED", "error": ["x", 10**5000]}) == [
        ("error-is-string", "error"), ("json-finite-numbers", "error"),
    ]  # fmt: skip


def test_subclasses_of_dict_are_objects() -> None:
    class Members(dict[str, Any]):
        def __init__(self, first: str, value: Any) -> None:
            super().__init__({first: value})

    assert rules(Members("status", "RUNNING")) == []
    assert rules({"status": "FAILED", "error": Members("id", 7)}) == [("error-is-string", "error")]


def test_recursive_lists_are_nested_too_deep() -> None:
    endless: list[Any] = []
    endless += [endless, endless]
    assert rules(endless) == [("json-depth", "error")]
    assert rules({"status": "PENDING", "x": endless}) == [("json-depth", "error")]


def test_an_instance_is_read_to_a_depth_of_64() -> None:
    def nested(depth: int) -> Any:
        value: Any = {} if depth % 2 else []
        for level in range(depth - 1, 0, -1):
            value = {"x": value} if level % 2 else [value]
        return value

    assert rules(nested(64)) == [("status-required", "error"), ("no-unknown-members", "error")]
    assert rules(nested(65)) == [("json-depth", "error")]
    for depth in (64, 65):
        text = guestcust.iter_text_violations(json.dumps(nested(depth)))
        assert [(found.rule, found.severity.value) for found in text] == rules(nested(depth))


def test_shared_values_are_visited_once_per_depth() -> None:
    node: list[Any] = ["x"]
    for _ in range(60):
        node = [node, node]
    assert rules({"status": "PENDING", "x": node}) == [("no-unknown-members", "error")]


def test_nothing_is_reported_inside_a_value_that_is_in_doubt() -> None:
    # The member "value" is the payload, so its duplicate puts all of the payload in doubt.
    text = '{"value": {"status": "FAILED"}, "value": {"status": "BROKEN"}}'
    found = guestcust.Validator().examine(text).violations
    assert [(violation.rule, violation.instance_location) for violation in found] == [("json-unique-members", "")]


@pytest.mark.parametrize("doubtful", [(), ("a",), ("a", 0), ("a", 0, "b")])
def test_a_failure_follows_from_a_fault_at_its_location_or_at_any_ancestor(doubtful: tuple[str | int, ...]) -> None:
    path = ("a", 0, "b")
    failure = KeywordFailure("error-is-string", path, "/type", "#/type", (("c",), path), {})
    explainer = guestcust.Validator()._explainer
    assert explainer._causes([failure], {doubtful}) == []
    assert explainer._causes([failure], {("a", 1), (0,), ("a", 0, "b", "d"), ("c", 0)}) == [failure]


def test_the_number_of_faults_in_a_text_is_limited() -> None:
    text = '{"status": "PENDING"' + ', "status": "PENDING"' * 5000 + "}"
    assert len(list(guestcust.iter_text_violations(text))) == 1001


def test_long_values_are_shortened() -> None:
    (found,) = guestcust.iter_violations({"status": "RUNNING", "error": "x" * 10_000})
    assert found.value == '"' + "x" * 60 + "…"
    (found,) = guestcust.iter_violations({"status": "FAILED", "error": {"a": [1, 2, 3, 4], "b": {"c": {"d": 1}}}})
    assert found.value == '{"a": [1, 2, 3, …], "b": {"c": {…}}}'


def test_schemas_are_copies_in_every_dialect() -> None:
    schema = guestcust.schema("8.0.2.0")
    assert schema["$id"].endswith("/7.0.3.0.schema.json")
    schema.clear()
    assert guestcust.schema("8.0.2.0")
    assert guestcust.schema("7.0.1.0", dialect="draft-07")["$schema"] == "http://json-schema.org/draft-07/schema#"
    with pytest.raises(UnknownNameError) as caught:
        guestcust.schema(dialect="draft-03")
    assert caught.value.hint == "choose one of 2020-12, draft-07, draft-04, editor"


def test_versions_and_rules_are_listed() -> None:
    assert guestcust.versions() == ("7.0.0.0", "7.0.3.0")
    listed = json.loads(files.read("rules.json"))["rules"]
    assert [rule.id for rule in guestcust.rules()] == [rule["id"] for rule in listed]
    with pytest.raises(UnknownNameError, match="unknown rule 'nonsense'"):
        catalog.rule("nonsense")


def test_every_error_class_has_its_own_code() -> None:
    tree: list[type[GuestcustError]] = [GuestcustError, *GuestcustError.__subclasses__()]
    codes = [error.code for error in tree]
    assert len(codes) == len(set(codes))


def test_unescaped_surrogates_in_a_str_are_found() -> None:
    (found,) = guestcust.iter_text_violations('{"status": "FAILED", "error": "é\ud800"}')
    assert (found.rule, found.line, found.column) == ("json-paired-surrogates", 1, 33)


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(UnknownNameError) as caught:
        list(Check([Source("x", io.BytesIO)], guestcust.Validator(), format="xml"))
    assert caught.value.hint == f"one of auto, {', '.join(FORMATS)}"


def test_a_byte_order_mark_before_an_array_has_no_excerpt() -> None:
    source = Source("x.json", lambda: io.BytesIO(b'\xef\xbb\xbf[\n{"status": "PENDING"}]'))
    check = Check([source], guestcust.Validator())
    reporter = REPORTERS["text"](Circumstances(check.resolution, guestcust.__version__))
    report = "".join(map(reporter.add, check))
    assert report.splitlines()[0] == "x.json:1:1: warning: json-no-bom"
    assert "|" not in report
