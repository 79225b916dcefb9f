"""The edges of the library: unsupported schemas, wrong arguments, pickling, options, `check` and the test helpers."""

from __future__ import annotations

import builtins
import datetime
import doctest
import inspect
import json
import multiprocessing
import pickle
import re
import subprocess
import sys
from collections import UserDict, UserString
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import guestcust
import pytest
from guestcust import library, testing
from guestcust.engine.engine import Engine, rule_ids
from guestcust.errors import ApiVersionError, ConformanceError, GuestcustError, OptionError, UnknownNameError
from guestcust.model import Severity, Verdict
from guestcust.ruleset import catalog
from guestcust.testing import strategies as strategies_module
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis_jsonschema import from_schema

pytest_plugins = ["pytester"]

LATEST = catalog.versions()[-1]


@pytest.fixture
def nested() -> Engine:
    """The engine for a schema with nested members, as a future version might have."""
    schema = catalog.schema()
    details = {
        "type": "object",
        "required": ["code"],
        "properties": {"code": {"type": "integer"}, "causes": {"items": {"type": "string"}}},
        "additionalProperties": False,
        "if": {"properties": {"code": {"const": 0}}, "required": ["code"]},
        "then": {"properties": {"causes": {"maxItems": 0}}},
    }
    schema["properties"]["details"] = {"$ref": "#/$defs/details"}
    schema["$defs"]["details"] = details
    at = "/properties/details/$ref"
    rules = dict.fromkeys(
        (
            f"{at}/{path}"
            for path in (
                "type",
                "required",
                "properties/code/type",
                "properties/causes/items/type",
                "additionalProperties",
                "then/properties/causes/maxItems",
            )
        ),
        "details",
    )
    return Engine(schema, {**rule_ids(LATEST), **rules})


@pytest.mark.parametrize(
    ("details", "paths"),
    [
        ({"code": 1, "causes": ["x", "y"]}, []),
        ({}, [()]),
        ({"code": 1, "causes": ["x", 7]}, [("causes", 1)]),
        ({"code": "1", "more": 0}, [("code",), ("more",)]),
    ],
)
def test_a_schema_with_nested_members_gets_the_right_verdict(
    nested: Engine, details: Any, paths: list[tuple[str | int, ...]]
) -> None:
    assert not nested.is_derived
    payload = {"status": "FAILED", "details": details}
    found = sorted(failure.path for failure in nested.failures(payload))
    assert found == [("details", *path) for path in paths]
    assert nested.is_valid(payload) == (not paths)


def test_a_nested_failure_rests_on_the_members_beside_it(nested: Engine) -> None:
    (failure,) = nested.failures({"status": "FAILED", "details": {"code": 0, "causes": ["x"]}})
    assert failure.keyword_location == "/properties/details/$ref/then/properties/causes/maxItems"
    assert failure.absolute_keyword_location.endswith("#/$defs/details/then/properties/causes/maxItems")
    assert failure.path == ("details", "causes")
    assert failure.rests_on == (("details", "code"),)


def test_an_instance_that_contains_itself_many_times_over_costs_little(nested: Engine) -> None:
    node: list[Any] = ["x"]
    for _ in range(60):
        node = [node, node]
    (failure,) = nested.failures({"status": "FAILED", "details": node})
    assert failure.path == ("details",)


class Words(dict[str, Any]):
    """A kind of dict."""


def deep(depth: int) -> Any:
    return [deep(depth - 1)] if depth else []


NOT_JSON: list[tuple[Any, str]] = [
    (("status",), "the payload is of type tuple,"),
    (b'{"status": "RUNNING"}', 'the payload is of type bytes, .* use the functions with "text" in their names'),
    ({"status": "RUNNING", "start_time": datetime.datetime(2026, 3, 1)}, "/start_time is of type datetime.datetime,"),
    ({"status": "FAILED", "error": {"a/b": [1, {2}]}}, "/error/a~1b/1 is of type set,"),
    ({"status": "FAILED", "x": Decimal(1)}, "/x is of type decimal.Decimal,"),
    (UserDict(status="RUNNING"), "the payload is of type collections.UserDict,"),
    ({"status": UserString("RUNNING")}, "/status is of type collections.UserString,"),
    ({"status": "PENDING", 2: 3}, "the payload has a member whose name is of type int: 2;"),
    ({"status": "PENDING", UserString("error"): None}, "the payload has a member whose name is of type collections."),
    ({"status": "PENDING", "x": {None: 1}}, "/x has a member whose name is of type NoneType: null;"),
    (Words(status=iter(())), "/status is of type tuple_iterator,"),
    ({"status": "PENDING", "x": [[[[]] * 70], ()], "y": deep(100)}, "/x/1 is of type tuple,"),
]


@pytest.mark.parametrize(("instance", "message"), NOT_JSON)
def test_what_json_does_not_have_is_a_type_error_with_its_place(instance: Any, message: str) -> None:
    for function in (guestcust.is_valid, guestcust.iter_violations, guestcust.validate):
        with pytest.raises(TypeError, match=f"^{message}"):
            function(instance)
        with pytest.raises(TypeError, match=f"^{message}"):
            function(instance, strict=True)


@pytest.mark.parametrize("text", [None, {"status": "RUNNING"}, [], 7, Path("payload.json")])
def test_text_of_another_type_is_a_type_error(text: Any) -> None:
    message = f"^JSON text is a str, bytes, bytearray or memoryview, not {type(text).__name__};"
    for function in (guestcust.is_valid_text, guestcust.iter_text_violations, guestcust.validate_text):
        with pytest.raises(TypeError, match=message):
            function(text)


@pytest.mark.parametrize("kind", [bytearray, memoryview, bytes, bytes.decode])
def test_text_of_every_type_is_validated(kind: Callable[[bytes], Any]) -> None:
    assert guestcust.is_valid_text(kind(b'{"status": "RUNNING"}'))
    (found,) = guestcust.iter_text_violations(kind(b'{"status": "PAUSED"}'))
    assert (found.rule, found.column) == ("status-known", 12)


def test_text_given_as_an_instance_does_not_conform_and_the_message_says_why() -> None:
    text = '{"status": "RUNNING"}'
    assert not guestcust.is_valid(text)
    (found,) = guestcust.iter_violations(text)
    assert found.message.endswith("the string holds JSON text: parse it first (it may have been encoded twice)")
    (found,) = guestcust.iter_violations("RUNNING")
    assert found.message.endswith("an object that has a status")


def test_words_print_as_they_are_written() -> None:
    assert f"{Severity.ERROR} {Verdict.UNREADABLE!s} {Severity.WARNING:>8}" == "error unreadable  warning"


def test_a_violation_is_one_readable_line() -> None:
    (found,) = guestcust.iter_text_violations('{"status": "RUNNING",\n "a\\u001b/b": 1}')
    assert str(found) == (
        "/a\\u001b~1b (line 2, column 2): no-unknown-members: "
        '"a\\u001b/b" is not a member of the structure; its members are status, error, start_time and end_time'
    )
    (found,) = guestcust.iter_violations({"status": "RUNNING", "start_time": "2026-03-01T09:30:00Z"})
    assert str(found).startswith("/start_time: warning: time-in-server-form: ")
    (found,) = guestcust.iter_violations([])
    assert str(found).startswith("the payload: payload-is-object: ")


def errors(kind: type[GuestcustError] = GuestcustError) -> list[type[GuestcustError]]:
    return [kind, *(each for child in kind.__subclasses__() for each in errors(child))]


@pytest.mark.parametrize("kind", errors())
def test_every_exception_can_be_pickled(kind: type[GuestcustError]) -> None:
    if kind is ConformanceError:
        error: GuestcustError = ConformanceError(
            tuple(guestcust.iter_text_violations('{"status": 7}')), api_version="8.0.2.0"
        )
    else:
        error = kind("what is wrong", hint="what to do")
    returned = pickle.loads(pickle.dumps(error))
    assert type(returned) is kind
    assert (str(returned), vars(returned)) == (str(error), vars(error))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"api_version": "7.0.2", "forward_compatible": True},
        {"strict": True, "max_size": 30, "disabled": ["json-no-bom"], "envelope": "rest"},
    ],
)
def test_a_validator_can_be_pickled_with_its_options(options: Any) -> None:
    validator = guestcust.Validator(**options)
    returned = pickle.loads(pickle.dumps(validator))
    assert vars(returned)["_options"] == vars(validator)["_options"]
    for text in ('{"status": "IDLE", "x": 1}', '\ufeff{"value": {"status": "PENDING"}}', " " * 31):
        assert [*returned.iter_text_violations(text)] == [*validator.iter_text_violations(text)]


def test_a_worker_process_returns_the_exception() -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        with pytest.raises(ConformanceError, match="status-known") as caught:
            pool.submit(guestcust.Validator("8.0.2.0").validate, {"status": "PAUSED"}).result()
        assert pool.submit(guestcust.is_valid, {"status": "IDLE"}).result()
    assert caught.value.api_version == "8.0.2.0"
    assert [found.rule for found in caught.value.violations] == ["status-known"]


FUNCTIONS: tuple[Callable[..., Any], ...] = (
    guestcust.is_valid,
    guestcust.iter_violations,
    guestcust.validate,
    guestcust.is_valid_text,
    guestcust.iter_text_violations,
    guestcust.validate_text,
)


def test_the_functions_take_the_options_of_the_validator() -> None:
    options = inspect.signature(guestcust.Validator).parameters.keys()
    assert library.Options.__annotations__.keys() == options
    assert inspect.signature(guestcust.check).parameters.keys() > options
    for function in FUNCTIONS:
        payload = '{"status": "IDLE"}' if "text" in function.__name__ else {"status": "IDLE"}
        with pytest.raises(ApiVersionError):
            function(payload, api_version="6.7")
        with pytest.raises(OptionError):
            function(payload, max_size=0)
        with pytest.raises(UnknownNameError):
            function(payload, envelope="soap")
        with pytest.raises(OptionError, match="is a string, not a collection"):
            function(payload, disabled="json-no-bom")
        with pytest.raises(TypeError, match="unknown"):
            function(payload, unknown=1)


def test_each_option_has_its_effect() -> None:
    marked, odd = '\ufeff{"status": "IDLE"}', {"status": "RUNNING", "start_time": "2026-03-01T09:30:00Z"}
    assert not guestcust.is_valid_text(marked, strict=True)
    assert guestcust.is_valid_text(marked, strict=True, disabled=["json-no-bom"])
    assert guestcust.is_valid(odd, strict=True, disabled={"time-in-server-form"})
    assert not guestcust.is_valid_text('{"status": "IDLE"}', max_size=17)
    assert guestcust.is_valid_text('{"status": "IDLE"}', max_size=18)


RPC = {"jsonrpc": "2.0", "id": "1"}
OUTPUT = {"STRUCTURE": {"com.vmware.vcenter.vm.guest.customization.info": {"status": "IDLE"}}}
RPC_ERROR = {**RPC, "error": {"code": 1}}


@pytest.mark.parametrize(
    ("body", "envelope", "rules"),
    [
        ({"status": "IDLE"}, "auto", []),
        ({"value": {"status": "IDLE"}}, "auto", []),
        ({"value": {"status": "IDLE"}}, "rest", []),
        ({"value": {"status": "PAUSED"}}, "rest", ["status-known"]),
        ({"status": "IDLE"}, "rest", ["envelope"]),
        ({"value": {"status": "IDLE"}}, "api", ["status-required", "no-unknown-members"]),
        ({**RPC, "result": {"output": OUTPUT}}, "json-rpc", []),
        ({**RPC, "result": {"output": OUTPUT}}, "auto", []),
        (RPC_ERROR, "json-rpc", ["envelope"]),
    ],
)
def test_a_payload_is_validated_in_its_envelope(body: Any, envelope: str, rules: list[str]) -> None:
    text = json.dumps(body)
    found = [each.rule for each in guestcust.iter_violations(body, envelope=envelope)]
    assert sorted(found) == sorted(rules)
    assert sorted(each.rule for each in guestcust.iter_text_violations(text, envelope=envelope)) == sorted(rules)
    assert (
        guestcust.is_valid(body, envelope=envelope) == guestcust.is_valid_text(text, envelope=envelope) == (not rules)
    )


def test_a_location_in_an_envelope_is_that_in_the_payload() -> None:
    body = {"value": {"status": "RUNNING", "error": "x"}}
    (found,) = guestcust.iter_violations(body, envelope="rest")
    assert found.instance_location == "/error"


def test_every_exception_in_a_docstring_is_public() -> None:
    for name in guestcust.__all__:
        thing = getattr(guestcust, name)
        parts = [thing, *vars(thing).values()] if inspect.isclass(thing) else [thing]
        for error in re.findall(r"\b[A-Z]\w+Error\b", "\n".join(inspect.getdoc(each) or "" for each in parts)):
            assert error in guestcust.__all__ or hasattr(builtins, error), (name, error)


def test_a_payload_has_a_type_for_type_checkers() -> None:
    # mypy, which checks the tests too, complains of an unused "ignore" if it accepts the second one.
    payload: guestcust.CustomizationInfo = {"status": "RUNNING", "error": None}
    wrong: guestcust.CustomizationInfo = {"error": 7}  # type: ignore[typeddict-item]
    assert guestcust.is_valid(payload) and not guestcust.is_valid(wrong)
    assert guestcust.CustomizationInfo.__required_keys__ == {"status"}
    assert guestcust.CustomizationInfo.__annotations__.keys() == catalog.schema()["properties"].keys()


def test_files_are_checked_from_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.json").write_text('{"status": "RUNNING",\n "error": "x"}', "utf-8")
    (tmp_path / "b.ndjson").write_text('{"status": "IDLE"}\n{"value": {"status": "PENDING"}}\n', "utf-8")
    (tmp_path / "c.json").write_text("[]", "utf-8")
    results = list(guestcust.check(tmp_path))
    names = [(Path(each.origin.source).name, each.origin.line, str(each.verdict)) for each in results]
    assert names == [
        ("a.json", 1, "invalid"),
        ("b.ndjson", 1, "valid"),
        ("b.ndjson", 2, "valid"),
        ("c.json", 1, "skipped"),
    ]
    assert [str(each).partition(": ")[0] for each in results[0].violations] == ["/error (line 2, column 2)"]
    monkeypatch.chdir(tmp_path)
    verdicts = [each.verdict for each in guestcust.check(["a.json", Path("missing.json")], api_version="7.0")]
    assert verdicts == [Verdict.INVALID, Verdict.UNREADABLE]
    assert [each.verdict for each in guestcust.check("b.ndjson", api_version="7.0.2", envelope="api")] == [
        Verdict.INVALID, Verdict.INVALID,
    ]  # fmt: skip
    assert [each.reason for each in guestcust.check("a.json", exclude=["*.json"])] == ["excluded"]
    assert [each.verdict for each in guestcust.check("a.json", format="ndjson")] == [Verdict.INVALID] * 2


def test_files_are_checked_one_at_a_time(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"status": "IDLE"}', "utf-8")
    results = guestcust.check([tmp_path / "a.json", tmp_path / "b.json"])
    assert next(results).verdict is Verdict.VALID
    (tmp_path / "b.json").write_text('{"status": "IDLE"}', "utf-8")
    assert next(results).verdict is Verdict.VALID


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"format": "xml"}, UnknownNameError, "no format is called 'xml'"),
        ({"envelope": "soap"}, UnknownNameError, "no envelope is called 'soap'"),
        ({"api_version": "6.7"}, ApiVersionError, "older than the structure"),
        ({"disabled": ["date-time"]}, OptionError, "'date-time' is an error"),
        ({"exclude": ["!"]}, OptionError, "pattern"),
    ],
)
def test_wrong_options_of_a_check_are_errors_at_the_call(options: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        guestcust.check("missing.json", **options)


def test_an_unknown_format_is_answered_with_all_that_are_accepted() -> None:
    with pytest.raises(UnknownNameError) as caught:
        guestcust.check("missing.json", format="xml")
    assert caught.value.hint.startswith("one of auto, har, ")


@pytest.mark.parametrize("paths", [b"a.json", ["a.json", b"b.json"], 7, None])
def test_a_path_of_another_type_is_a_type_error(paths: Any) -> None:
    with pytest.raises(TypeError):
        guestcust.check(paths)


def test_a_newer_api_version_is_a_warning_at_the_caller() -> None:
    for call in (lambda: guestcust.check([], api_version="99"), lambda: guestcust.is_valid({}, api_version="99")):
        with pytest.warns(UserWarning, match="99") as caught:
            call()
        assert caught[0].filename == __file__


def strategies() -> dict[str, Any]:
    return {
        "payloads": testing.payloads(),
        "payloads of 7.0": testing.payloads("7.0", statuses=["FAILED"]),
        "faulty payloads": testing.faulty_payloads(),
        **{rule: testing.faulty_payloads("7.0", rule=rule) for rule in sorted(strategies_module._FAULTS)},
        "times": testing.date_times(),
        "near times": testing.near_date_times(),
        "values": testing.json_values(),
        "texts": testing.json_values().flatmap(testing.json_texts),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", strategies())
def test_every_strategy_passes_the_health_checks_of_hypothesis(name: str) -> None:
    seen = []

    @settings(get_default(), database=None)
    @given(strategies()[name])
    def draw(value: Any) -> None:
        seen.append(value)

    draw()
    assert len(seen) >= 50


def get_default() -> settings:
    """The settings of somebody who sets nothing."""
    return settings(max_examples=100, suppress_health_check=(), derandomize=False)


def test_every_strategy_is_built_once() -> None:
    assert testing.payloads() is testing.payloads("latest", statuses=None)
    assert testing.payloads("7.0") is testing.payloads("7.0.2.0")
    assert testing.faulty_payloads(rule="date-time") is testing.faulty_payloads(rule="date-time")


@pytest.mark.parametrize(
    ("call", "kind", "message", "hint"),
    [
        (lambda: testing.payloads(statuses=["PAUSED"]), UnknownNameError, "API latest has no status 'PAUSED'", "IDLE"),
        (
            lambda: testing.payloads("7.0", statuses=["IDLE"]),
            UnknownNameError,
            "API 7.0 has no status 'IDLE'",
            "FAILED",
        ),
        (lambda: testing.payloads(statuses="IDLE"), OptionError, "is a string", "give ['IDLE']"),
        (lambda: testing.payloads(statuses=[]), OptionError, "no status", "IDLE"),
        (lambda: testing.faulty_payloads(rule="json-syntax"), UnknownNameError, "no rule 'json-syntax'", "date-time"),
        (lambda: testing.faulty_payloads(rule=""), UnknownNameError, "no rule ''", "date-time"),
        (lambda: testing.payloads("6.7"), ApiVersionError, "older", "7.0.0.0"),
    ],
)
def test_a_strategy_of_what_does_not_exist_is_an_error_at_the_call(
    call: Callable[[], Any], kind: type[GuestcustError], message: str, hint: str
) -> None:
    with pytest.raises(kind, match=message) as caught:
        call()
    assert hint in caught.value.hint


@pytest.mark.slow
@pytest.mark.parametrize("version", catalog.versions())
@settings(max_examples=50)
@given(data=st.data())
def test_what_is_drawn_from_the_schema_itself_is_valid(version: str, data: st.DataObject) -> None:
    schema = catalog.schema(version, "draft-07")
    # hypothesis-jsonschema resolves references against the identifier, and would look for it in the network.
    del schema["$id"]
    payload = data.draw(FROM_SCHEMA.setdefault(version, from_schema(schema)))
    assert guestcust.is_valid(payload, api_version=version)


FROM_SCHEMA: dict[str, Any] = {}


def test_the_examples_of_the_test_helpers_are_true() -> None:
    assert doctest.testmod(testing).attempted == 3
    assert not doctest.testmod(testing).failed


def test_what_conforms_is_asserted() -> None:
    for payload in ({"status": "IDLE"}, '{"status": "IDLE"}', bytearray(b'{"status": "IDLE"}')):
        testing.assert_conforms(payload)
    testing.assert_conforms({"value": {"status": "IDLE"}}, envelope="rest")
    with pytest.raises(AssertionError, match=r"API 7\.0\.2"):
        testing.assert_conforms({"status": "IDLE"}, api_version="7.0.2")
    with pytest.raises(TypeError, match="of type tuple"):
        testing.assert_conforms(())


def test_a_failed_assertion_is_the_report_at_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from guestcust.testing import assert_conforms

        def test_payload():
            assert_conforms({"status": "RUNNING", "error": "x"})
        """
    )
    lines = pytester.runpytest_subprocess("-p", "no:cacheprovider").outlines
    report = [line[1:].removeprefix(" " * 7) for line in lines if line.startswith("E ")]
    assert report == [
        "AssertionError: the payload does not conform to API 7.0.3.0",
        "payload:3:3: error: error-only-when-failed",
        '  "error" is set, but status is "RUNNING"; error is relevant only when status is FAILED',
        '  2 |   "status": "RUNNING",',
        '  3 |   "error": "x"',
        "    |   ^^^^^^^",
        "  4 | }",
    ]
    assert not any("testing/__init__.py" in line for line in lines)


@pytest.mark.parametrize(
    ("payload", "options", "line"),
    [
        ({"status": "FAILED", "error": 10**5000}, {}, "  /error: json-finite-numbers: "),
        ({"jsonrpc": "2.0", "error": {}}, {"envelope": "json-rpc"}, "  the payload: envelope: there is no payload"),
        ("", {}, "  the payload (line 1, column 1): json-syntax: "),
    ],
)
def test_without_text_to_show_the_violations_are_listed(payload: Any, options: Any, line: str) -> None:
    with pytest.raises(AssertionError) as caught:
        testing.assert_conforms(payload, **options)
    assert str(caught.value).splitlines()[1].startswith(line)


def test_the_assertion_needs_no_hypothesis() -> None:
    script = (
        "import sys; sys.modules['hypothesis'] = None; from guestcust.testing import assert_conforms as a;"
        "a({'status': 'IDLE'}); from guestcust.testing import payloads"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "need the extra: pip install 'guestcust[testing]'" in done.stderr.splitlines()[-1]


def test_only_the_schema_makes_a_payload_conform_to_another_version() -> None:
    warned = '{"status": "RUNNING", "start_time": "2026-03-01T09:30:00Z"}'
    for version in ("7.0.0.0", "latest"):
        assert guestcust.Validator(version, strict=True).examine(warned).conforms_to == ()
    assert guestcust.Validator("7.0.0.0", strict=True).examine('{"status": "IDLE"}').conforms_to == ("7.0.3.0",)
