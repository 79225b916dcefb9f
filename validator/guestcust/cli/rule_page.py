"""The page of a rule: what it checks, why, an example with its message, and how to fix it.

`guestcust explain` prints a page; `docs/rules.md` has all of them.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from guestcust.jsontext.decode import MAX_SIZE
from guestcust.jsontext.display import printable
from guestcust.ruleset.catalog import Example, Keyword, Rule
from guestcust.validator import Validator

_WIDTH = 88


def markdown(rule: Rule) -> str:
    """The page of a rule in Markdown."""
    return "\n\n".join(_blocks(rule)) + "\n"


def plain(rule: Rule) -> str:
    """The same page for a terminal: without headings and fences, in lines of readable length."""
    return "\n\n".join(map(_plain, _blocks(rule))) + "\n"


def _blocks(rule: Rule) -> Iterator[str]:
    """The page as blocks of Markdown: headings, paragraphs, lists and code blocks."""
    yield f"## {rule.id}"
    yield f"{rule.title}."
    document, place = rule.source
    yield f"- Severity: {_severities(rule)}\n- Since: API {rule.since}\n- Source: {document}, {place}"
    yield "### What it does"
    yield rule.description
    yield "### Why is this bad?"
    yield rule.why
    yield "### Example"
    yield from _example(rule.failing)
    yield "guestcust reports:"
    yield _code("text", _messages(rule.failing))
    yield "### How to fix"
    yield rule.fix
    yield "This conforms:"
    yield from _example(rule.passing)
    if rule.keywords:
        yield "### Schema keywords"
        yield "\n".join(map(_keyword, rule.keywords))


def _keyword(keyword: Keyword) -> str:
    where = ", ".join(keyword.versions) + (f"; {keyword.dialect}" if keyword.dialect else "")
    return f"- `{keyword.keyword_location}` ({where})"


def _severities(rule: Rule) -> str:
    if rule.severity is rule.forward_compatible_severity:
        return rule.severity.value
    return f"{rule.severity.value}, or {rule.forward_compatible_severity.value} with `--forward-compatible`"


def _example(example: Example) -> Iterator[str]:
    options = []
    if example.encoding != "utf-8":
        options.append(f"saved as {example.encoding.upper()}")
    if example.max_size != MAX_SIZE:
        options.append(f"with `--max-size {example.max_size}`")
    if example.envelope != "api":
        options.append(f"with `--envelope {example.envelope}`")
    if options:
        yield f"This file, {' and '.join(options)}:"
    yield _code("json", example.text.decode(example.encoding))


def _messages(example: Example) -> str:
    validator = Validator(max_size=example.max_size)
    found = validator.examine(example.text, envelope=example.envelope).violations
    return "\n".join(f"{each.line}:{each.column}: {each.message}" for each in found)


def _code(language: str, text: str) -> str:
    return f"```{language}\n{printable(text)}\n```"


def _plain(block: str) -> str:
    if block.startswith("```"):
        return textwrap.indent("\n".join(block.split("\n")[1:-1]), "    ")
    text = re.sub(r"^#+ ", "", block)
    hanging = "  " if text.startswith("- ") else ""
    wrapped = (
        textwrap.fill(line, _WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
    return "\n".join(wrapped)
