"""What is said of the results: one room a format, results in as they come, text out as it is ready.

Reporters write nothing themselves and never see a schema, an engine or a terminal. A new format is a new room and a row
of `REPORTERS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guestcust.reporters.protocol import Circumstances, Reporter


def _in(room: str, name: str) -> Callable[[Circumstances], Reporter]:
    """A reporter by its class in a room, which is imported once there is to be a report."""

    def begun(circumstances: Circumstances) -> Reporter:
        reporter: Reporter = getattr(importlib.import_module(f"{__name__}.{room}"), name)(circumstances)
        return reporter

    return begun


#: The formats of reports by name.
REPORTERS: Mapping[str, Callable[[Circumstances], Reporter]] = {
    "text": _in("text", "TextReporter"),
    "json": _in("json_report", "JsonReporter"),
    "ndjson": _in("ndjson", "NdjsonReporter"),
    "junit": _in("junit", "JUnitReporter"),
    "sarif": _in("sarif", "SarifReporter"),
    "github": _in("github", "GithubReporter"),
    "tap": _in("tap", "TapReporter"),
    "markdown": _in("markdown", "MarkdownReporter"),
    "html": _in("html.page", "HtmlReporter"),
}
