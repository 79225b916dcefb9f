"""Advice for texts that are not JSON but look like something else: what the text seems to be, and what to do.

Used only for messages; it never changes a verdict.
"""

from __future__ import annotations

import re

# What a text begins with that is not JSON at all.
_DOCUMENTS = (
    (r"<", "the text is HTML or XML, perhaps a login or error page; check the URL and the credentials of the request"),
    (r"HTTP/[0-9.]+ [0-9]{3}", "the text is an HTTP response with its headers; save only the body (curl without -i)"),
    (
        r"\[?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]",
        "the text begins with a time, like a line of a log; remove everything before the JSON value",
    ),
)
# What is found in the place of a token.
_TOKENS = (
    (r"//|/\*|#", "JSON has no comments; remove the comment"),
    ("\0", "zero bytes are a sign of a damaged file; write the file again"),
    (r"'", "JSON strings are in double quotes; in Python, write JSON with json.dumps instead of str or print"),
    ("[\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb]", 'this is a typographic quotation mark; replace it with "'),
    (r"(?:None|undefined|nil)\b", "in JSON this is null; in Python, write JSON with json.dumps"),
    (r"(?:True|False)\b", "JSON writes true and false in lower case; in Python, write JSON with json.dumps"),
)
_COMMA_BEFORE = re.compile(r",[ \t\n\r]*\Z")
_NEAR = 40


def advice(text: str, at: int) -> str:
    """What to do about an unexpected character at an offset; empty if the cause is not recognised."""
    begin = text[:_NEAR].lstrip(" \t\n\r")
    for pattern, said in _DOCUMENTS:
        if at < _NEAR and re.match(pattern, begin):
            return said
    for pattern, said in _TOKENS:
        if re.compile(pattern).match(text, at):
            return said
    if text[at] in "]}" and _COMMA_BEFORE.search(text, max(0, at - _NEAR), at):
        return "remove the comma before it"
    return ""


def after_value(text: str, at: int) -> str:
    """What to do about text after the end of the JSON value."""
    if text[at] in '{["':
        return "a file holds one value; write several as an array, or one per line in an .ndjson file"
    return advice(text, at)
