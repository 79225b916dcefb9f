"""OpenAPI 3 and Swagger 2 documents in JSON and YAML: the examples of the operation's response.

An example is in the response, in a component that it refers to, or in the schema of the response. References into other
files are not followed.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BufferedReader
from typing import Any

from guestcust.captures import whole
from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, broken, payload_of
from guestcust.captures.naming import named, names_operation
from guestcust.captures.references import ElsewhereError, References, unquoted
from guestcust.captures.relevance import NOT_UNDERSTOOD, Answer, classify, looks_like_payload
from guestcust.captures.trees import Tree, at, items_at, text_at
from guestcust.model import Instance, Origin, Path, Payload, Source, Unchecked, Verdict, pointer

_VARIABLE = re.compile(r"\{([^{}]*)\}")
# The member that every document has.
_ROOT = re.compile(rb"[\"'](?:openapi|swagger)[\"']\s*:")
_KNOWN = re.compile(r"/(api|rest)/vcenter/vm/")
_RPC = re.compile(r"(?:.*/)?api/?")
# A quick look at a path; that of json-rpc may be in the URL of the server.
_MAY_BE_OURS = re.compile(r"customization|api/?\Z|\A/?\Z")
# Where paths are; some tools use extensions for paths with queries.
_HOLDERS = ("paths", "webhooks", "x-ms-paths")
_SUCCESS = ("200", "2XX", "2xx", "default")
_OTHER_STATUS = re.compile(r"(?i)(?!200|2XX)[1-5][0-9X]{2}")
_JSON = re.compile(r"(?i)\*|application/\*|[^;]*[/+]json\b")
_NONE = "the document has no example of the response"


@dataclass(frozen=True, slots=True)
class _Example:
    """An example of a response, or the place where there is none."""

    path: Path
    #: Why there is nothing to check; empty for an example.
    missing: str = ""
    #: Why it cannot be read.
    broken: str = ""
    #: Whether it is the structure without an envelope.
    is_bare: bool = False


def payloads(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every example of the operation, or the reason why there is none; empty without the operation."""
    is_named = True
    try:
        data = whole.read(stream, max_size)
        if whole.is_json(data) and not _ROOT.search(data):
            # It only begins like one.
            yield Payload(data[: max_size + 1], partial(Origin, source.name))
            return
        # Most documents are about something else.
        is_named = names_operation(data)
        if not whole.may_name_operation(data):
            return
        tree = whole.tree(data, max_size)
        if not isinstance(tree.instance, dict) or tree.instance.keys().isdisjoint(("openapi", "swagger")):
            raise UnreadableError(named("it is not an OpenAPI document"))
        found = list(_Document(tree.instance).operations())
        paths = [example.path for _, _, example in found]
        whole.check_unique(tree, [path for path, (_, _, one) in zip(paths, found, strict=True) if not one.missing])
        parts: Sequence[Tree] = tree.parts(paths, are_unique=True)
    except UnreadableError as error:
        if is_named:
            yield broken(source.name, (), (1, 1), str(error))
        return
    for one, part in zip(found, parts, strict=True):
        yield _result(one, part, source.name, max_size)
    if is_named and not found:
        yield _nothing(_Document(tree.instance), tree.instance, source.name)


def _nothing(document: _Document, root: dict[str, Instance], source: str) -> Unchecked:
    """The result for a document that names the operation but does not describe it where it belongs."""
    roots: list[Path] = [(name,) for name in root if name not in (*_HOLDERS, "components")]
    place = next(iter(document.payloads_in(roots)), None)
    if place is None:
        return Unchecked(Origin(source), Verdict.SKIPPED, NOT_INCLUDED.reason, _NONE)
    detail = f"what looks like a payload is at {pointer(place)}, but no path of the document is the operation's"
    return Unchecked(Origin(source), Verdict.UNREADABLE, NOT_UNDERSTOOD, detail)


def _result(found: tuple[str, str, _Example], part: Tree, source: str, max_size: int) -> Payload | Unchecked:
    method, url, example = found
    body = partial(_body, example, part)
    exchange = Exchange(example.path, part.start, method, url, 200, body)
    one = payload_of(exchange, source, max_size)
    return one._replace(envelope="api") if example.is_bare and isinstance(one, Payload) else one


def _body(example: _Example, part: Tree) -> Body | Missing:
    if example.broken:
        raise UnreadableError(example.broken)
    if example.missing:
        return Missing(NOT_INCLUDED.reason, example.missing)
    # People write JSON as text, too.
    is_text = isinstance(part.instance, str) and part.instance.lstrip().startswith(("{", "["))
    return part.body((), verbatim=not is_text)


class _Document(References):
    """A document, as far as the examples of the operation need it."""

    def operations(self) -> Iterator[tuple[str, str, _Example]]:
        """The method and the URL of each operation that may be ours, with each of its examples."""
        for holder in _HOLDERS:
            paths = at(self.root, holder)
            for name in paths if isinstance(paths, dict) else ():
                if _MAY_BE_OURS.search(name):
                    yield from self._operations_at((holder, name), name)

    def _operations_at(self, item: Path, name: str) -> Iterator[tuple[str, str, _Example]]:
        for method in ("get", "post"):
            url = self._url(name, (*item, method), item, ())
            is_rpc = method == "post"
            if _RPC.fullmatch(url) if is_rpc else names_operation(unquoted(url)):
                found = self._examples_at(self._in_operation, item, method, "/rest/" in url)
                # Any operation may use json-rpc.
                yield from ((method, url, one) for one in found if not (is_rpc and one.missing))

    def _url(self, name: str, *holders: Path) -> str:
        """The URL of a path. With no server, or with several for different envelopes, a variable stands for it."""
        servers = next((found for holder in holders if (found := items_at(self.root, *holder, "servers"))), [])
        host = text_at(self.root, "host")
        bases = [_filled(server) for server in servers] or [host and f"https://{host}"]
        prefix = text_at(self.root, "basePath").rstrip("/")
        urls = [f"{base.rstrip('/')}{prefix}{name}" for base in bases]
        known = {under[1]: url for url in urls if (under := _KNOWN.search(url))}
        return f"{{{{server}}}}{name}" if "/vcenter/vm/" in name and len(known) != 1 else [*known.values(), *urls][0]

    def _examples_at(self, find: Callable[..., Iterable[_Example]], path: Path, *arguments: Any) -> list[_Example]:
        """What a function finds at a path; an example without a value if it fails."""
        try:
            return list(find(path, *arguments))
        except ElsewhereError as elsewhere:
            return [_Example(path, missing=str(elsewhere))]
        except UnreadableError as error:
            return [_Example(path, broken=str(error))]

    def _in_operation(self, item: Path, method: str, is_rest: bool) -> Iterator[_Example]:
        """The examples of the response with status 200."""
        operation = self.member(item, method) or self.member(item, method.upper())
        if operation is None:
            return
        codes = (self.member(operation, "responses", code) for code in _SUCCESS)
        response = next(filter(None, codes), None)
        found = [*self._in_response(response, is_rest)] if response else []
        if all(one.missing for one in found):
            found = [
                _Example(place, is_bare=is_bare) for place, is_bare in self.payloads_in([operation]).items()
            ] or found
        yield from found or [_Example(operation, missing=_NONE)]

    def payloads_in(self, roots: Iterable[Path]) -> dict[Path, bool]:
        """The places that look like payloads, with references followed; for each, whether it has no envelope."""
        found: dict[Path, bool] = {}
        todo, seen = [*roots], set[Path]()
        while todo:
            path = todo.pop()
            value = at(self.root, *path)
            if isinstance(value, str):
                if value.lstrip()[:1] == "{" and classify(value, is_element=True).answer is Answer.PAYLOAD:
                    found[path] = False
            elif looks_like_payload(value):
                found[path] = True
            elif isinstance(value, (dict, list)) and path not in seen:
                seen.add(path)
                steps: Iterable[Any] = range(len(value)) if isinstance(value, list) else value
                # Responses with another status have other bodies.
                is_other = _OTHER_STATUS.fullmatch if path[-1:] == ("responses",) else lambda name: None
                todo += reversed([(*path, step) for step in steps if not is_other(str(step))])
                with contextlib.suppress(ElsewhereError, UnreadableError):
                    todo.append(self.resolved(path))
        return found

    def _in_response(self, response: Path, is_rest: bool) -> Iterator[_Example]:
        for place in self._kinds((*response, "examples")):
            yield from self._examples_at(self._value, place)
        content = self.member(response, "content")
        media = self._kinds(content) if content else []
        for place in media:
            yield from self._examples_at(self._in_media, place)
        for place in (response, *media):
            yield from self._examples_at(self._in_schema, place, is_rest)

    def _kinds(self, path: Path) -> list[Path]:
        """The members for JSON in an object whose members are media types."""
        kinds = at(self.root, *path)
        return [(*path, kind) for kind in kinds if _JSON.match(kind)] if isinstance(kinds, dict) else []

    def _in_media(self, media: Path) -> Iterator[_Example]:
        media = self.resolved(media)
        if self.has(media, "example"):
            yield from self._value((*media, "example"))
        listed = at(self.root, *media, "examples")
        if listed is not None and not isinstance(listed, dict):
            raise UnreadableError("its examples are not an object, in which each has a name")
        for name in listed or ():
            yield from self._examples_at(self._named, (*media, "examples", name))

    def _named(self, example: Path) -> Iterator[_Example]:
        example = self.resolved(example)
        value = next((name for name in ("value", "dataValue", "serializedValue") if self.has(example, name)), None)
        if value is not None:
            yield from self._value((*example, value))
        elif self.has(example, "externalValue"):
            yield _Example(example, missing=f"it is in another file, {at(self.root, *example, 'externalValue')}")
        else:
            raise UnreadableError("the example has neither value nor externalValue")

    def _value(self, value: Path) -> Iterator[_Example]:
        # A reference is not allowed here, but some tools write and resolve it.
        target = self.resolved(value)
        yield _Example((*target, "value") if target != value and self.has(target, "value") else target)

    def _in_schema(self, holder: Path, is_rest: bool) -> Iterator[_Example]:
        """The examples of a response's schema, and, under /rest, of the structure in its envelope."""
        try:
            schema = self._sole(self.member(self.resolved(holder), "schema"))
            structure = self.member(schema, "properties", "value") if schema and is_rest else None
        except ElsewhereError:
            return
        for place, is_bare in ((schema, False), (structure, True)):
            if place is None:
                continue
            if self.has(place, "example"):
                yield _Example((*place, "example"), is_bare=is_bare)
            for number in range(len(items_at(self.root, *place, "examples"))):
                yield _Example((*place, "examples", number), is_bare=is_bare)

    def _sole(self, schema: Path | None) -> Path | None:
        """The only schema in a schema that combines others, as generators write references, or the schema itself."""
        lists = ((*schema, name) for name in ("allOf", "oneOf", "anyOf")) if schema else ()
        sole = next((path for path in lists if len(items_at(self.root, *path)) == 1), None)
        return self.resolved((*sole, 0)) if sole and schema and not self.has(schema, "example") else schema


def _filled(server: Instance) -> str:
    """The URL of a server with the default values of its variables."""
    variables = at(server, "variables")

    def default(found: re.Match[str]) -> str:
        return text_at(variables, found[1], "default") or found[0]

    return _VARIABLE.sub(default, text_at(server, "url"))
