"""What is said of the results: one room a format, results in as they come, text out as it is ready.

Reporters write nothing themselves and never see a schema, an engine or a terminal. A new format is a new room and a row
of `REPORTERS`.
"""

from __future__ import annotations

from collections.abc import Callable

from guestcust.model import Circumstances, Reporter
from guestcust.reporters.github import GithubReporter
from guestcust.reporters.html_report import HtmlReporter
from guestcust.reporters.json_report import JsonReporter
from guestcust.reporters.junit import JUnitReporter
from guestcust.reporters.markdown import MarkdownReporter
from guestcust.reporters.ndjson import NdjsonReporter
from guestcust.reporters.sarif import SarifReporter
from guestcust.reporters.tap import TapReporter
from guestcust.reporters.text import TextReporter

#: The formats of reports by name.
REPORTERS: dict[str, Callable[[Circumstances], Reporter]] = {
    "text": TextReporter,
    "json": JsonReporter,
    "ndjson": NdjsonReporter,
    "junit": JUnitReporter,
    "sarif": SarifReporter,
    "github": GithubReporter,
    "tap": TapReporter,
    "markdown": MarkdownReporter,
    "html": HtmlReporter,
}
