"""Templates in bodies: of Handlebars, as WireMock, Postman and many mocks use it, ERB, Jinja and shells.

A body that a server still has to fill in is not a payload. Works on text and has nothing to do with formats.
"""

from __future__ import annotations

import re

from guestcust.captures.bodies import is_json

_OPENINGS = ("{{", "${", "<%", "{%")
# Braces before a name; before a quote they are a mistake in the JSON.
_VALUE = r"\{\{\{\s*[&A-Za-z@.$_][^{}]*\}\}\}|\{\{[~&\s]*[A-Za-z@.$_][^{}]*\}\}|\$\{[^{}]*\}|<%=[^%]*%>"
_VALUES = re.compile(_VALUE)
_BLOCK = re.compile(r"\{\{[~\s]*[#/!>^][^{}]*\}\}|\{%[^%]*%\}|<%[^=%][^%]*%>")
# None of these members may hold braces. An error may: it is text of any kind.
_MEMBERS = re.compile(
    r'"(?:status|start_time|end_time)"\s*:\s*(?:\{\s*"OPTIONAL"\s*:\s*)?"[^"\\{$<]*(?:' + _VALUE + r")"
)


def has_template(text: str) -> bool:
    """Whether a text has a template in it."""
    return bool(_VALUES.search(text) or _BLOCK.search(text))


def is_templated(body: str | bytes) -> bool:
    """Whether a body is a template: JSON only once its values are filled in, or with one for a status or a time."""
    text = body if isinstance(body, str) else body.decode(errors="replace")
    if not any(opening in text for opening in _OPENINGS) or not has_template(text):
        return False
    if _MEMBERS.search(text):
        return True
    if is_json(text):
        return False
    # A block may produce anything. A value takes the place of one JSON value or of a part of a string, so that a body
    # which is still broken with all values filled in is a broken payload.
    return bool(_BLOCK.search(text)) or is_json(_VALUES.sub("0", text))
