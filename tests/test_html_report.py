"""The HTML report, read by a parser and opened in Chromium."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import io
import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import guestcust
import oracle
import pytest
from command import run
from guestcust.jsontext.display import printable
from guestcust.model import Origin, Result, Severity, Source, Span, Verdict, Violation
from guestcust.pipeline import Check
from guestcust.reporters.html import page as html_page
from guestcust.reporters.html import timeline
from guestcust.reporters.html.page import HtmlReporter
from guestcust.reporters.protocol import Circumstances, Summary
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
HOSTILE = (
    "</script></pre><img src=x onerror=alert(1)>\"'><svg onload=alert(2)><!-- ]]> &lt; \u202egnp \ud800 \x00\x1b[31m"
)
URL = "GET https://vcenter.example/api/vcenter/vm/vm-1/guest/customization"


def checked(*texts: str | bytes, name: str = "a.json", api_version: str = "latest") -> list[Result]:
    """The results of a check of texts, each a source of its own."""
    streams = [text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass") for text in texts]
    sources = [Source(name, lambda stream=stream: io.BytesIO(stream)) for stream in streams]  # type: ignore[misc]
    return list(Check(sources, guestcust.Validator(api_version)))


def payload(status: str, start: str | None = None, end: str | None = None, **more: Any) -> str:
    times = {"start_time": start, "end_time": end}
    given_times = {name: f"2026-03-01T{time}Z" for name, time in times.items() if time}
    return json.dumps({"status": status, **given_times, **more}, ensure_ascii=False)


def written(results: Iterable[Result], **circumstances: Any) -> str:
    """The page for some results."""
    reporter = HtmlReporter(Circumstances(guestcust.Validator().resolution, "0", **circumstances))
    summary, pieces = Summary(sources=1), [reporter.begin()]
    for result in results:
        summary = summary.add(result)
        pieces.append(reporter.add(result))
    return "".join([*pieces, reporter.end(summary)])


class Element:
    """An element of a page with its content."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.content: list[Element | str] = []

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        found = []
        for child in self.content:
            if isinstance(child, Element):
                if tag in ("", child.tag) and all(
                    value in child.attributes.get(name, "").split() for name, value in wanted.items()
                ):
                    found.append(child)
                found += child.all(tag, **attributes)
        return found

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.content)


class Reader(HTMLParser):
    """Reads a page strictly: elements must be closed in order, and attributes must be unique."""

    VOID = ("meta", "input")
    #: SVG elements that are self-closing.
    EMPTY = ("rect", "path", "circle", "line")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.top = self.here = Element("", {}, None)
        self.feed(page)
        self.close()
        assert self.here is self.top, f"<{self.here.tag}> is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        assert len(attributes) == len(attrs), f"<{tag}> has an attribute twice"
        element = Element(tag, attributes, self.here)
        self.here.content.append(element)
        if tag not in self.VOID:
            self.here = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.EMPTY
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.content.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")


#: All elements that the reporter writes; any other comes from injected text.
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "script", "header", "main", "section", "footer"),
    *("h1", "h2", "h3", "p", "a", "b", "i", "bdi", "span", "time", "code", "pre", "mark", "div"),
    *("dl", "dt", "dd", "ul", "ol", "li", "details", "summary", "figure", "figcaption"),
    *("form", "label", "input", "select", "option", "button", "output"),
    *("svg", "g", "text", "tspan", "line", "rect", "path", "circle"),
}


def read(page: str) -> Element:
    """Parses a page, and checks what must hold for every page."""
    assert page.isascii()
    top = Reader(page).top
    elements = top.all()
    assert {element.tag for element in elements} <= TAGS
    ids = [element.attributes["id"] for element in elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in elements:
        names = set(element.attributes)
        assert not [name for name in names if name.startswith("on")] and not names & {"style", "src"}
        targets = [element.attributes.get(name, "") for name in ("aria-labelledby", "aria-describedby")]
        href = element.attributes.get("href")
        assert href is None or href.startswith("#")
        assert {*" ".join(targets).split(), *([href[1:]] if href else [])} <= set(ids)
    (style,), (script,) = top.all("style"), top.all("script")
    (policy,) = (meta.attributes["content"] for meta in top.all("meta", http_equiv="Content-Security-Policy"))
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src '{digest(style.text)}'" in policy
    assert f"script-src '{digest(script.text)}'" in policy
    return top


def digest(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def entries(top: Element) -> list[Element]:
    return top.all("details", class_="entry")


def seen(text: str) -> str:
    """A payload's text as shown on a page."""
    return "".join(
        character if character in "\n\t" else printable(character) for character in text.replace("\r\n", "\n")
    )


# The page as read by a parser


def test_the_command_writes_a_page(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(payload("PENDING"))
    (tmp_path / '"><svg onload=alert(3)>\u202egnp.json').write_text('{"status": "RUNNING",\n "error": "x"}')
    done = run("check", "--output", "html=report.html", ".", cwd=tmp_path)
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("2 payloads in 2 sources")
    top = read((tmp_path / "report.html").read_text())
    assert top.all("h1")[0].text == "1 of 2 payloads does not conform"
    assert [entry.all(class_="place")[0].text for entry in entries(top)] == [
        './"><svg onload=alert(3)>\\u202egnp.json:1:1',
        "./good.json:1:1",
    ]
    (mark,) = top.all("mark")
    assert mark.text == '"error"'
    (rule,) = top.all("code", class_="rule")
    assert rule.text == "error-only-when-failed"


@pytest.mark.parametrize(
    ("texts", "headline", "tone"),
    [
        ([], "No payload was checked", "empty"),
        (["[]"], "No payload was checked", "empty"),
        ([payload("PENDING")], "The payload conforms", "good"),
        ([payload("PENDING")] * 1200, "All 1,200 payloads conform", "good"),
        ([payload("BROKEN")] * 2, "2 of 2 payloads do not conform", "bad"),
    ],
)
def test_the_headline_is_the_overall_verdict(texts: list[str], headline: str, tone: str) -> None:
    top = read(written(checked(*texts)))
    assert top.all("h1")[0].text == headline
    assert top.all("header")[0].attributes["class"] == tone
    assert top.all("title")[0].text == f"{headline} \u2013 guestcust"


def test_notes_about_the_whole_report_are_shown() -> None:
    resolution = guestcust.Validator("99.0").resolution
    reporter = HtmlReporter(Circumstances(resolution, "1.2.3"))
    top = read(reporter.end(Summary(sources=1, invalid=1, omitted=2, complete=False)))
    said = top.all("header")[0].text
    assert resolution.notice is not None and resolution.notice in said
    assert f"Checked against API 99.0 (by the rules of {resolution.version})" in said
    assert "2 violations are counted, but not shown" in said
    assert "The check stopped at the first failure" in said


def test_a_payload_is_shown_with_its_exchange_and_other_versions() -> None:
    (idle,) = checked('{"status": "IDLE"}', api_version="7.0.2.0")
    (newer,) = checked('{"status": "IDLE", "error": "x"}', api_version="7.0.2.0")
    origin = Origin("a.har", 7, 3, "/log/entries/0", URL, 200)
    unescaped = Result(
        origin, newer.verdict, "7.0.0.0", newer.violations, text=newer.text, verbatim=False, instance=newer.instance
    )
    first, second = entries(read(written([idle, unescaped])))
    assert "The payload conforms to API 7.0.3.0." in first.text
    assert "conforms to" not in second.text
    for part in (
        f"{URL} \u2192 200",
        "JSON Pointer /log/entries/0",
        "a.har:7:3",
        "its lines are not those of the file",
    ):
        assert part in second.text


def test_unreadable_sources_are_shown_with_a_reason() -> None:
    lost = Result(Origin("gone.json"), Verdict.UNREADABLE, "7.0.3.0", reason="Permission denied", detail="ask")
    inner = Result(Origin("a.har", 2, 3, "/x"), Verdict.UNREADABLE, "7.0.3.0", reason="no body")
    top = read(written([lost, inner]))
    assert top.all("h1")[0].text == "No payload was checked; 2 could not be read"
    assert [entry.all(class_="place")[0].text for entry in entries(top)] == ["gone.json", "a.har:2:3"]
    assert "Permission denied" in entries(top)[0].text and "ask" in entries(top)[0].text


def test_omitted_violations_are_counted() -> None:
    (broken,) = checked(payload("BROKEN"))
    cut = Result(broken.origin, broken.verdict, broken.api_version, text=broken.text, omitted=3)
    assert "3 violations of it not shown" in entries(read(written([cut])))[0].text


WORDS = st.text(st.characters(codec="utf-8")) | st.text(
    st.sampled_from(["<", ">", "&", '"', "'", "-", "!", "/", "a", " "])
)
STRINGS = WORDS | st.text(st.characters()) | st.just(HOSTILE)


@given(st.lists(STRINGS, min_size=6, max_size=6))
def test_untrusted_strings_are_escaped(strings: list[str]) -> None:
    source, request, pointer, first, second, text = strings
    violation = Violation("json-syntax", Severity.ERROR, first, pointer, line=1, column=1, span=Span(0, 1))
    origin = Origin(source, 1, 1, pointer, request, 200)
    times = {"status": second, "start_time": "2026-03-01T09:30:00.000Z"}
    page = written(
        [
            Result(origin, Verdict.INVALID, "7.0.3.0", (violation,), (second,), text=text, instance=times),
            Result(origin, Verdict.UNREADABLE, "7.0.3.0", reason=first, detail=second),
            Result(origin, Verdict.SKIPPED, "7.0.3.0", reason=first, detail=second),
        ]
    )
    top = read(page)
    assert len(entries(top)) == 2 and len(top.all("li", data_verdict="skipped")) == 1
    assert entries(top)[0].all(class_="place")[0].text == f"{printable(source)}:1:1"
    assert top.all(class_="request")[0].text == f"{printable(request)} \u2192 200"
    assert top.all(class_="message")[0].text == printable(first)
    assert [shown.text for shown in top.all("pre")] == ([seen(text)] if text else [])


@given(
    text=st.text(st.sampled_from('ab{"<&\n\r\t\u202e\x00é\ud800 '), max_size=40),
    spans=st.lists(st.tuples(st.integers(0, 42), st.integers(0, 12), st.sampled_from(Severity)), max_size=6),
)
def test_marks_cover_the_violations(text: str, spans: list[tuple[int, int, Severity]]) -> None:
    violations = tuple(
        Violation("json-syntax", severity, "m", "", span=Span(start, start + length))
        for start, length, severity in spans
    )
    top = read(written([Result(Origin("a"), Verdict.INVALID, "7.0.3.0", violations, text=text)]))
    for number, (start, length, _) in enumerate(spans if text else [], 1):
        marks = top.all("mark", aria_describedby=f"p1v{number}")
        # A mark may start or end inside a CRLF.
        wanted = seen(text[start : start + length])
        if not re.search(r"\r\n", text):
            assert "".join(mark.text for mark in marks) == wanted
        assert marks and len(top.all("mark", data_numbers=f"{number}")) == 1
    assert "".join(shown.text for shown in top.all("pre")) == seen(text) or "\r\n" in text


def test_a_long_text_is_shortened_around_its_marks() -> None:
    text = json.dumps({"status": "FAILED", "error": "x" * 100_000, "odd": 1, "end_time": "y" * 50_000})
    (entry,) = entries(read(written(checked(text))))
    assert [mark.text for mark in entry.all("mark", aria_describedby="p1v1")] == ['"odd"']
    long_mark = entry.all("mark", aria_describedby="p1v2")
    assert long_mark[0].text.startswith('"yyy') and long_mark[-1].text.endswith('yyy"')
    left_out = [int(cut.text.split()[1].replace(",", "")) for cut in entry.all(class_="cut")]
    shown = sum(len(line.text) for line in entry.all("span", class_="line"))
    assert len(left_out) == 2 and shown < 2000 and sum(left_out) + shown == len(text)


def test_violations_of_one_payload_are_limited_and_counted() -> None:
    text = "{" + ",".join(f'"x{number}": NaN' for number in range(400)) + "}"
    (result,) = checked(text)
    (entry,) = entries(read(written([result])))
    assert len(entry.all("li")) == 200
    assert f"{len(result.violations) - 200} more violations in this payload, not shown here." in entry.text
    assert len(entry.all(class_="cut")) and len(entry.all("pre")[0].text) < 20_000


def test_skipped_sources_are_grouped_and_limited() -> None:
    results = [
        Result(
            Origin(f"{number}.json"), Verdict.SKIPPED, "7.0.3.0", reason=f"reason {number % 2}" if number % 3 else None
        )
        for number in range(100_000)
    ]
    page = written(results)
    top = read(page)
    assert len(page) < 200_000
    groups = [group.all("summary")[0].text for group in top.all("details", class_="reason")]
    assert groups == ["33,334 no reason given", "33,333 reason 0", "33,333 reason 1"]
    assert [len(group.all("li")) for group in top.all("details", class_="reason")] == [100, 100, 100]
    assert "and 33,234 more, not listed here" in top.text


def test_reasons_over_the_limit_are_counted_together() -> None:
    results = [Result(Origin("a"), Verdict.SKIPPED, "7.0.3.0", reason=f"r{number}") for number in range(350)]
    top = read(written(results))
    assert len(top.all("details", class_="reason")) == 100
    assert "250 more, for 250 other reasons." in top.text


def test_valid_payloads_over_the_limit_are_counted() -> None:
    (good,), (odd,) = checked(payload("PENDING")), checked(payload("RUNNING", "09:30:00"))
    results = [good] * 250 + [odd]
    top = read(written(results))
    assert len(entries(top)) == 201
    assert "50 more payloads conform and are not shown" in top.text and "with --all, the first 5,000" in top.text
    assert len(entries(read(written(results, everything=True)))) == 251


def test_payloads_with_violations_over_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    results = checked(payload("BROKEN")) * 30
    monkeypatch.setattr(html_page, "_FINDINGS", 20)
    assert "10 more payloads that need attention are counted above" in read(written(results)).text
    monkeypatch.setattr(html_page, "_PAGE", 10_000)
    page = written(results * 1000)
    assert len(page) < 40_000 and 1 < len(entries(read(page))) < 20


@given(
    st.from_regex(
        r"(000[0-2]|2024|9999)-(0[0-3]|1[0-3])-(0[01]|2[89]|3[0-2])T([01][0-9]|2[34]):[0-6]0:(59|60)(\.[0-9]{0,12})?"
        r"(Z|[+-](00|14|2[34]):(00|59|60))?",
        fullmatch=True,
    )
    | st.text(max_size=30)
)
def test_exactly_the_valid_times_are_drawn(time: str) -> None:
    text = json.dumps({"status": "SUCCEEDED", "start_time": time, "end_time": [time]})
    assert len(read(written(checked(text))).all("g", class_="bar")) == oracle.is_date_time(time)


def labels(results: Iterable[Result]) -> list[str]:
    return [bar.all("text")[0].text for bar in read(written(results)).all("g", class_="bar")]


def test_payloads_of_the_same_customization_share_a_bar() -> None:
    polled = "\n".join(
        [
            payload("PENDING"),
            payload("RUNNING", "09:30:00.000"),
            payload("RUNNING", "09:30:00.000"),
            payload("SUCCEEDED", "09:30:00.000", "09:32:14.250"),
        ]
    )
    results = checked(polled, name="a.ndjson")
    assert labels(results) == ["SUCCEEDED 2 min 14 s a.ndjson:4:1"]
    (title,) = (title.text for title in read(written(results)).all("title")[1:])
    assert title.splitlines() == [
        "SUCCEEDED, 2 min 14 s",
        "start 2026-03-01 09:30:00",
        "end 2026-03-01 09:32:14.250",
        "a.ndjson:4:1",
        "reported by 3 payloads",
    ]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (payload("RUNNING", "09:30:00"), "RUNNING no end yet"),
        (payload("FAILED", "09:30:00"), "FAILED end not given"),
        (payload("FAILED", None, "09:30:00"), "FAILED start not given"),
        (payload("FAILED", "09:30:00", "09:29:00"), "FAILED ends 1 min before it starts"),
        (payload("PAUSED", "09:30:00", "09:30:00.040"), "other status 40 ms"),
        ('{"start_time": "0001-01-01T00:00:00+14:00"}', "no status end not given"),
        (payload("FAILED", "09:30:00", "10:30:00"), "FAILED 1 h"),
        (payload("FAILED", "09:30:00", "09:30:41.500"), "FAILED 41.5 s"),
        ('{"status": [], "start_time": "2026-03-01T00:00:00Z", "end_time": "9999-12-31T23:59:59.9999-14:00"}', ""),
    ],
)
def test_the_timeline_handles_every_combination_of_times(text: str, label: str) -> None:
    (shown,) = labels(checked(text))
    assert shown.startswith(label)


@pytest.mark.parametrize("seconds", [0.001, 0.04, 1, 7, 100, 5000, 90_000, 10**6, 10**7, 10**9, 3 * 10**11])
def test_an_axis_has_one_to_five_labels(seconds: float) -> None:
    axis = timeline._Axis(86400.0, 86400.0 + seconds)
    top = Reader(axis.grid(100)).top
    assert 1 <= len(top.all("line")) <= 5
    places = [float(line.attributes["x1"].rstrip("%")) for line in top.all("line")]
    assert places == sorted(places) and places[0] >= 0 and places[-1] <= 100


def test_a_bar_of_an_omitted_payload_has_no_link() -> None:
    top = read(written(checked(*[payload("PENDING")] * 200, payload("SUCCEEDED", "09:30:00.000"))))
    (bar,) = top.all("g", class_="bar")
    assert not bar.all("a") and bar.all("title")


def test_customizations_over_the_limit_are_counted() -> None:
    texts = [payload("SUCCEEDED", f"{hour:02}:{minute:02}:00.000") for hour in range(3) for minute in range(60)]
    top = read(written(checked(*texts)))
    assert len(top.all("g", class_="bar")) == 100
    assert top.all("details", class_="times")[0].all(class_="facts")[0].text == "the first 100 of 180 customizations"
    assert "open" not in top.all("details", class_="times")[0].attributes


# The page in Chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None or importlib.util.find_spec("playwright") is None:
        pytest.skip("needs Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


Open = Callable[..., "Page"]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a page as a file; fails if the page logs an error or makes a request."""
    contexts, wrong, requests, own = [], [], [], []

    def open_page(page: str, fragment: str = "", **options: Any) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        context.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.error(event.blockedURI))"
        )
        context.on("request", lambda request: requests.append(request.url))
        context.on("console", lambda message: wrong.append(message.text))
        context.on("weberror", lambda error: wrong.append(str(error.error)))
        context.on("dialog", lambda dialog: wrong.append(dialog.message))
        file = tmp_path / f"{len(contexts)}.html"
        file.write_text(page, "ascii")
        own.append(file.as_uri())
        tab = context.new_page()
        tab.goto(file.as_uri() + fragment)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert not wrong
    assert {url.partition("#")[0] for url in requests} == set(own)


def sample() -> list[Result]:
    """One result of each kind, in an order that the tests rely on."""
    texts = [
        payload("PENDING"),
        payload("RUNNING", "09:29:00.000", error="too early"),
        payload("FAILED", "09:31:00.000", "09:33:00.000", error=HOSTILE.replace("\ud800", "")),
        json.dumps({"status": "FAILED", HOSTILE: HOSTILE}),
        payload("BROKEN"),
        payload("SUCCEEDED", "09:30:00.000", "09:34:00.000"),
        '{\r\n\t"status": "RUNNING",\r\n\t"error": "two\nlines"',
        payload("RUNNING", "09:32:00"),
        payload("SUCCEEDED", "09:33:00.000"),
        json.dumps({"status": "FAILED", "error": "x" * 9000, "y" * 3000: 1}),
    ]
    exchange = Origin("c.har", 4, 2, f"/log/{'z' * 900}", f"{URL}?{'q' * 900}", 500)
    return [
        *checked(*texts, name=f"dir/{HOSTILE}.json"),
        Result(exchange, Verdict.UNREADABLE, "7.0.3.0", reason="no body", detail="d" * 900),
        *(
            Result(Origin(f"{number}.json"), Verdict.SKIPPED, "7.0.3.0", reason="no payload in it")
            for number in range(3)
        ),
    ]


def visible(tab: Page) -> list[str]:
    """The verdicts of the visible entries."""
    found: list[str] = tab.evaluate(
        "[...document.querySelectorAll('[data-verdict]:not([hidden])')].map((entry) => entry.dataset.verdict)"
    )
    return found


@pytest.mark.slow
def test_the_filter_hides_other_entries(opened: Open) -> None:
    tab = opened(written(sample()))
    everything = visible(tab)
    assert len(everything) == 14 and tab.locator("output").inner_text() == "14 entries"

    tab.select_option("[name=verdict]", "unreadable")
    assert visible(tab) == ["unreadable"] and tab.locator("output").inner_text() == "1 of 14 entries shown"
    assert not tab.locator("#skipped").is_visible()
    tab.select_option("[name=verdict]", "skipped")
    assert visible(tab) == ["skipped"] * 3 and tab.locator("#skipped li").first.is_visible()
    tab.get_by_role("button", name="Show all").click()
    tab.get_by_text("14 entries", exact=True).wait_for()

    tab.select_option("[name=rule]", "status-known")
    assert visible(tab) == ["invalid"]
    tab.select_option("[name=status]", "FAILED")
    assert visible(tab) == []
    tab.select_option("[name=rule]", "")
    assert visible(tab) == ["invalid", "invalid", "valid"]
    tab.fill("[name=text]", "<!-- ]]> &lt; \\U202EGNP")
    assert len(visible(tab)) == 3
    tab.fill("[name=text]", "YYYY")
    assert visible(tab) == ["invalid"]


@pytest.mark.slow
def test_the_filter_is_kept_in_the_url(opened: Open) -> None:
    tab = opened(written(sample()), "#verdict=valid&text=%22pending&rule=no-such-rule")
    assert visible(tab) == ["valid"]
    tab.fill("[name=text]", "a&b=c #")
    assert tab.evaluate("location.hash") == "#text=a%26b%3Dc+%23&verdict=valid"
    tab.reload()
    assert tab.locator("[name=text]").input_value() == "a&b=c #" and visible(tab) == []
    # A link to a hidden entry clears the filter.
    tab.evaluate("location.hash = '#p5'")
    tab.locator("#p5:not([hidden])").wait_for(state="attached")
    assert len(visible(tab)) == 14


@pytest.mark.slow
def test_the_page_works_with_the_keyboard_alone(opened: Open) -> None:
    tab = opened(written(sample()))
    focused = "document.activeElement"
    tab.keyboard.press("Tab")
    assert tab.evaluate(f"{focused}.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("location.hash") == "#payloads"
    tab.keyboard.press("/")
    assert tab.evaluate(f"{focused}.name") == "text"
    tab.keyboard.type('"pending"}/')
    assert tab.locator("[name=text]").input_value() == '"pending"}/' and visible(tab) == []
    tab.keyboard.press("Backspace")
    assert visible(tab) == ["valid"]
    tab.keyboard.press("Escape")
    tab.get_by_text("14 entries", exact=True).wait_for()
    tab.locator("#p1 > summary").focus()
    assert tab.locator("#p1").get_attribute("open") is None
    tab.keyboard.press("Enter")
    assert tab.locator("#p1 pre").is_visible()
    tab.locator(".timeline a").first.focus()
    tab.keyboard.press("Enter")
    tab.locator("#p2 > summary:focus").wait_for(state="attached")
    tab.get_by_role("button", name="Fold", exact=True).press("Space")
    assert tab.locator("details.entry[open]").count() == 0
    tab.get_by_role("button", name="Unfold").press("Space")
    assert tab.locator("details.entry[open]").count() == 11


@pytest.mark.slow
def test_hostile_strings_are_shown_as_text(opened: Open) -> None:
    tab = opened(written(sample()))
    assert tab.locator("img, iframe, object, [onload], [onerror]").count() == 0
    assert tab.locator("script").count() == 1
    tab.get_by_role("button", name="Unfold").click()
    shown = tab.locator("#p3 pre").text_content() or ""
    assert "</script></pre><img src=x onerror=alert(1)>" in shown and "\u202e" not in tab.locator("body").inner_text()
    assert tab.locator("#p3 .place").text_content() == f"dir/{printable(HOSTILE)}.json:1:1"


@pytest.mark.slow
def test_the_browser_marks_the_violations(opened: Open) -> None:
    results = sample()
    tab = opened(written(results))
    compared = 0
    for number, result in enumerate(results[:9], 1):
        for place, violation in enumerate(result.violations, 1):
            assert violation.span is not None
            marks = tab.locator(f'#p{number} mark[aria-describedby~="p{number}v{place}"]')
            offending = result.text[violation.span.start : violation.span.end]
            assert "".join(marks.all_text_contents()) == seen(offending)
            assert tab.locator(f"#p{number}v{place} .rule").text_content() == violation.rule
            assert tab.locator(f"#p{number}v{place} .message").text_content() == printable(violation.message)
            compared += 1
    assert compared >= 5
    tab.locator("#p5v1 a.number").click()
    assert tab.evaluate("document.querySelector(':target').textContent") == '"BROKEN"'


@pytest.mark.slow
def test_the_timeline_is_drawn_to_scale(opened: Open) -> None:
    tab = opened(written(sample()), viewport={"width": 1000, "height": 800})
    bars = tab.locator("g.bar")
    assert [bars.nth(number).locator(".status").text_content() for number in range(bars.count())] == [
        *("RUNNING", "SUCCEEDED", "FAILED", "RUNNING", "SUCCEEDED"),
    ]
    boxes = tab.evaluate(
        "[...document.querySelectorAll('g.bar > a')].map((bar) => {"
        " const shape = bar.querySelector(':scope > rect') ?? bar.querySelector('circle');"
        " const box = shape.getBoundingClientRect(); return [box.left, box.right, box.top]})"
    )
    frame = tab.evaluate("document.querySelector('.timeline').getBoundingClientRect().toJSON()")
    running, succeeded, failed, late, point = boxes
    minute = (succeeded[1] - succeeded[0]) / 4
    assert succeeded[0] - running[0] == pytest.approx(minute, abs=2)
    assert failed[0] - succeeded[0] == pytest.approx(minute, abs=2)
    assert failed[1] - failed[0] == pytest.approx(2 * minute, abs=3)
    assert late[0] - succeeded[0] == pytest.approx(2 * minute, abs=2)
    assert (point[0] + point[1]) / 2 - succeeded[0] == pytest.approx(3 * minute, abs=3)
    assert running[1] == pytest.approx(frame["right"], abs=2) and late[1] == pytest.approx(frame["right"], abs=2)
    assert frame["left"] < succeeded[0] < succeeded[1] < frame["right"]
    tops = [box[2] for box in boxes]
    assert tops == sorted(tops)
    ticks = tab.locator(".axis text").all_text_contents()
    assert "2026-03-01" in ticks and "09:32" in ticks
    names = (
        tab.locator(".timeline")
        .get_by_role("link")
        .evaluate_all("(links) => links.map((link) => link.querySelector('title').textContent.split('\\n')[0])")
    )
    assert names[1:3] == ["SUCCEEDED, 4 min", "FAILED, 2 min"]
    assert tab.locator(".legend").inner_text().split()[:2] == ["SUCCEEDED", "FAILED"]


@pytest.mark.slow
def test_the_page_is_complete_without_scripts(opened: Open) -> None:
    tab = opened(written(sample()), java_script_enabled=False)
    assert tab.locator("details.entry").count() == 11
    assert tab.locator("#p2 pre").is_visible() and tab.locator("g.bar").first.is_visible()
    assert not tab.locator("#filter").is_visible()
    tab.locator("#p1 > summary").click()
    assert tab.locator("#p1 pre").is_visible()


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 400, 700, 1280])
def test_the_page_fits_narrow_screens(opened: Open, width: int) -> None:
    tab = opened(written(sample()), viewport={"width": width, "height": 700})
    tab.get_by_role("button", name="Unfold").click()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    too_wide = tab.evaluate(
        "[...document.querySelectorAll('.entry *, #filter *, header *')]"
        f".filter((one) => one.getBoundingClientRect().right > {width}).map((one) => one.outerHTML.slice(0, 80))"
    )
    assert too_wide == []


#: Text and background colours of each element with text of its own, and of CSS ::before content.
COLOURS = """() => {
  const isClear = (colour) => colour.startsWith("rgba") && colour.endsWith(", 0)");
  const backdrop = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!isClear(colour)) return colour;
    }
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const isDrawn = element.closest("svg") !== null;
    const name = `${element.localName}.${element.getAttribute("class")}`;
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (hasText && element.localName !== "title")
      found.push([name, isDrawn ? style.fill : style.color, backdrop(element)]);
    const before = getComputedStyle(element, "::before");
    if (before.content.startsWith('"') && before.content !== '""') {
      const own = before.backgroundColor;
      found.push([element.localName + "::before", before.color, isClear(own) ? backdrop(element) : own]);
    }
    if (isDrawn && ["rect", "circle"].includes(element.localName) && !element.closest(".gap"))
      found.push(["shape." + element.closest("[class]").getAttribute("class"), style.stroke, backdrop(element)]);
  }
  return found;
}"""


def rgb(colour: str) -> tuple[float, float, float]:
    """Linear red, green and blue, from 0 to 1."""
    red, green, blue = (int(number) / 255 for number in re.findall(r"\d+", colour)[:3])
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return linear[0], linear[1], linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio as defined by WCAG 2."""
    light, dark = sorted(
        (sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), rgb(colour), strict=True)) + 0.05
         for colour in (one, other)), reverse=True,
    )  # fmt: skip
    return light / dark


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_have_sufficient_contrast(opened: Open, scheme: str) -> None:
    tab = opened(written(sample()), color_scheme=scheme)
    tab.get_by_role("button", name="Unfold").click()
    found = tab.evaluate(COLOURS)
    assert len(found) > 100
    assert {name for name, _, _ in found} >= {"mark.error", "mark::before", "i.escape", "span.verdict"}
    # 4.5 for text, 3 for graphics (WCAG 2, 1.4.3 and 1.4.11, level AA).
    weak = {
        (name, text, ground)
        for name, text, ground in found
        if contrast(text, ground) < (3 if name.startswith("shape") else 4.5)
    }
    assert weak == set()
    page = tab.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(rgb(page)) > 1.5) == (scheme == "light")


#: Linear colours as seen by dichromats (Machado, Oliveira and Fernandes 2009, severity 1.0).
DICHROMACY = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def lab(colour: Iterable[float]) -> tuple[float, float, float]:
    """CIE L*a*b* under D65."""
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    linear = tuple(colour)
    x, y, z = (
        (lambda t: t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116)(max(0, dot(row, linear)) / reference)
        for row, reference in zip(matrix, white, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def dot(one: Iterable[float], other: Iterable[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sight", DICHROMACY)
def test_bars_differ_for_colour_blind_readers(opened: Open, scheme: str, sight: str) -> None:
    tab = opened(written(sample()), color_scheme=scheme)
    fills = tab.evaluate(
        "['SUCCEEDED', 'FAILED', 'RUNNING'].map((name) =>"
        " getComputedStyle(document.querySelector(`g.bar.${name} rect`)).fill)"
    )
    seen_as = [lab([dot(row, rgb(fill)) for row in DICHROMACY[sight]]) for fill in fills]
    for one, other in itertools.combinations(seen_as, 2):
        assert sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5 > 20


@pytest.mark.slow
def test_the_page_can_be_printed(opened: Open) -> None:
    tab = opened(written(sample()))
    tab.emulate_media(media="print")
    assert not tab.locator("#filter").is_visible()
    assert tab.locator("#p2 pre").is_visible() and tab.locator("h1").is_visible()
    assert tab.pdf(format="A4").startswith(b"%PDF")
