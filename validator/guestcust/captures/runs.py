"""What tools report that send requests: runs of Bruno, results of Ansible's module `uri`.

The reader of lists is in `listed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from guestcust.captures.bodies import Body
from guestcust.captures.exchanges import NOT_INCLUDED, Missing, header
from guestcust.captures.inside import not_included
from guestcust.captures.listed import Call, Opened, code_in, reader
from guestcust.captures.trees import JsonTree, at, items_at, text_at
from guestcust.model import Instance, Path

# Bruno: iterations with results, or one list of them in old versions.


def _iterations(element: Instance) -> Iterator[Path]:
    for number in range(len(items_at(element, "results"))):
        yield "results", number


def _bruno(part: JsonTree, around: Instance) -> Call | None:
    request, response = at(part.instance, "request"), at(part.instance, "response")
    if not isinstance(request, dict) or not isinstance(response, dict):
        return None
    # What was skipped or failed has a word for a status.
    has_response = response.get("status") not in ("skipped", "error")
    return Call(
        method=request.get("method"),
        url=text_at(request, "url"),
        status=code_in(response, "status") if has_response else None,
        body=partial(_bruno_body, part) if has_response else lambda opened: NOT_INCLUDED,
        asked=request.get("data"),
    )


def _bruno_body(part: JsonTree, opened: Opened) -> Body | Missing:
    if "data" not in at(part.instance, "response"):
        return not_included("the response has no data", part.text)
    headers = at(part.instance, "response", "headers")
    return part.body(("response", "data"), encodings=header(headers, "content-encoding"))


# Ansible: results of `uri`, alone, in a loop, in a play, or repeated by `debug`.

# Only results of `uri` have these.
_OF_URI = {"invocation", "redirected", "cookies_string", "content_length"}


def _results_of_uri(element: Instance) -> Iterator[Path]:
    todo: list[tuple[Path, Any]] = [((), element)] if isinstance(element, (dict, list)) else []
    while todo:
        path, value = todo.pop()
        if _is_result_of_uri(value):
            yield path
            continue
        steps: Any = value.items() if isinstance(value, dict) else enumerate(value)
        todo += [((*path, step), inner) for step, inner in reversed(list(steps)) if isinstance(inner, (dict, list))]


def _is_result_of_uri(value: Instance) -> bool:
    return isinstance(value, dict) and {"url", "status"} <= value.keys() and not _OF_URI.isdisjoint(value)


def _ansible(part: JsonTree, around: Instance) -> Call | None:
    instance = part.instance
    if not _is_result_of_uri(instance):
        return None
    # Without -v, the result of a task without a loop does not have its arguments.
    call = at(instance, "invocation", "module_args")
    return Call(
        method=text_at(call, "method") or "ANY",
        url=text_at(instance, "url"),
        status=code_in(instance, "status"),
        body=partial(_ansible_body, part),
        asked=at(call, "body"),
    )


def _ansible_body(part: JsonTree, opened: Opened) -> Body | Missing:
    if isinstance(at(part.instance, "content"), str):
        return part.body(("content",))
    if "json" in part.instance:
        return part.body(("json",), verbatim=True)
    return not_included("the result has no content; set return_content", part.text)


ansible = reader(_ansible, ("plays",), ("results",), within=_results_of_uri)
bruno = reader(_bruno, ("results",), within=_iterations)
