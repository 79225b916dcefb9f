"""Detects templates in bodies: Handlebars, as used by WireMock, Postman and many mocks, ERB, Jinja and shell variables.

A body that a server still has to fill in is not a payload. Works on text; capture formats must not enter here.
"""

from __future__ import annotations

import re

from guestcust.captures.bodies import is_json

_OPENING = re.compile(r"\{[{%]|\$\{|<%")
# Braces followed by a name; followed by a quote, they are a mistake in the JSON.
_VALUE = r"\{\{\{\s*[&A-Za-z@.$_][^{}]*\}\}\}|\{\{[~&\s]*[A-Za-z@.$_][^{}]*\}\}|\$\{[^{}]*\}|<%=[^%]*%>"
_VALUES = re.compile(_VALUE)
_BLOCK = re.compile(r"\{\{[~\s]*[#/!>^][^{}]*\}\}|\{%[^%]*%\}|<%[^=%][^%]*%>")
# These members cannot contain braces. An error can, because it is arbitrary text.
_MEMBERS = re.compile(
    r'"(?:status|start_time|end_time)"\s*:\s*(?:\{\s*"OPTIONAL"\s*:\s*)?"[^"\\{$<]*(?:' + _VALUE + r")"
)


def has_template(text: str) -> bool:
    """Whether a text contains a template."""
    return bool(_VALUES.search(text) or _BLOCK.search(text))


def is_templated(body: str | bytes) -> bool:
    """Whether a body is a template: valid JSON only with its values filled in, or with a template as status or time."""
    text = body if isinstance(body, str) else body.decode(errors="replace")
    if not _OPENING.search(text) or not has_template(text):
        return False
    if _MEMBERS.search(text):
        return True
    if is_json(text):
        return False
    # A block may produce anything. A value replaces one JSON value or a part of a string, so a body that is still
    # broken with all values filled in is a broken payload.
    return bool(_BLOCK.search(text)) or is_json(_VALUES.sub("0", text))
