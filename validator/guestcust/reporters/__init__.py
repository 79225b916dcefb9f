"""Reports: one module per format, which takes results as they come and returns text as it is ready.

Reporters write nothing themselves and never see a schema, an engine or a terminal. A new format is a new module and a
row of `REPORTERS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guestcust.reporters.protocol import Circumstances, Reporter


def _in(module: str, name: str) -> Callable[[Circumstances], Reporter]:
    """Makes a reporter of a class in a module, which is imported only then."""

    def begun(circumstances: Circumstances) -> Reporter:
        reporter: Reporter = getattr(importlib.import_module(f"{__name__}.{module}"), name)(circumstances)
        return reporter

    return begun


#: The report formats by name.
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
