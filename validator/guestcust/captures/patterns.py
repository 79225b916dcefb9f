"""The requests that stubs of mock servers match: paths, methods and queries as literals, patterns and matchers.

Patterns are compared, not matched: only the path of the operation with wildcards for a part of it counts.
"""

from __future__ import annotations

import re

from guestcust.captures.exchanges import ANY_PATH, may_be_ours
from guestcust.captures.naming import may_name_operation
from guestcust.model import Instance

# The ways in which a pattern allows text after the path.
_OPEN_ENDS = ("$", "/?", r"\?.*", ".*", r"(\?.*)?", r"(?:\?.*)?")
_SEGMENT = re.compile(r"\[\^/[^\[\]]*\]")


def path_of(pattern: str) -> str:
    """The path that a regular expression matches, with wildcards."""
    pattern = pattern.removeprefix("^")
    end = len(pattern)
    while open_end := next((len(one) for one in _OPEN_ENDS if pattern.endswith(one, 0, end)), 0):
        end -= open_end
    return re.sub(r"\\(.)", r"\1", _SEGMENT.sub("*", pattern[:end])) or ANY_PATH


def is_open_url(url: str) -> bool:
    """Whether a URL may or may not be that of the operation: there is none, or a pattern that only names it."""
    return url == ANY_PATH or (may_name_operation(url) and not may_be_ours(url))


def query_of(parameters: Instance) -> str:
    """Parameters, given as a query or by name, as a query; empty if there are none."""
    if isinstance(parameters, str):
        return f"?{parameters.removeprefix('?')}" if parameters else ""
    if not isinstance(parameters, dict) or not parameters:
        return ""
    return "?" + "&".join(f"{name}={_literal(value)}" for name, value in parameters.items())


def _literal(value: Instance) -> str:
    """The value that a parameter must have, or a wildcard."""
    while isinstance(value, (list, dict)) and value:
        if isinstance(value, list):
            value = value[0]
        else:
            exact = ("equalTo", "hasExactly", "exactMatch", "value", "values")
            value = next((value[name] for name in exact if name in value), None)
    return str(value) if value and isinstance(value, (str, int)) else "*"
