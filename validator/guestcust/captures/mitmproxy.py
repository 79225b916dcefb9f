"""Flows of mitmproxy, as `mitmdump -w` writes them, read one by one.

A flow is a tnetstring: `LENGTH:DATA` and a letter for the type. No length is trusted: that of a flow is limited, and
each within it must fit into what contains it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from functools import partial
from io import BufferedIOBase
from typing import NamedTuple

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError, compression
from guestcust.captures.documents import limit
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, broken, header, payload_of
from guestcust.jsontext.decode import UNREAD
from guestcust.jsontext.display import brief
from guestcust.jsontext.splitting import CHUNK, Position
from guestcust.model import Instance, Path, Payload, Source, Unchecked

# A flow begins with its length, the length of a name, and the name. The file may be cut off at any byte.
_BEGIN = re.compile(rb"[0-9]{1,12}:[0-9]{1,2}:[a-z_]+[;,]")
_CUT_OFF = re.compile(rb"[0-9]{1,12}(?::(?:[0-9]{1,2}(?::[a-z_]*)?)?)?")
_LENGTH = re.compile(rb"([0-9]{1,12}):")
_LONGEST = 13
_LIST, _OBJECT, _NULL = b"]", b"}", b"~"
_PORTS = {"http": "80", "https": "443"}
_KINDS = ("http", "tcp", "udp", "dns", "websocket", "old")
_OLD = "the flows were written by mitmproxy 3 or older; convert them with `mitmdump -nr OLD -w NEW`"


class _Element(NamedTuple):
    """A value in the text of a flow."""

    text: bytes
    start: int
    end: int
    #: The letter of its type.
    kind: bytes

    @property
    def data(self) -> bytes:
        """Its data."""
        return self.text[self.start : self.end]


_ABSENT = _Element(b"", 0, 0, _NULL)


def begins(head: bytes, is_likely: bool) -> bool:
    """Whether a text begins like a flow; if that is likely, it may also be only the beginning of one."""
    return _BEGIN.match(head) is not None or (is_likely and _CUT_OFF.fullmatch(head) is not None)


def payloads(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of every HTTP flow, or the reason why it has none."""
    position, most = Position(), limit(max_size)
    number, has_old = 0, False
    while prefix := _prefix(stream):
        place = position.line, position.column
        try:
            text = _flow(stream, prefix, most, position)
        except UnreadableError as error:
            yield broken(source.name, (number,), place, f"{error}; the rest was not read")
            return
        start = _Start(text, position.line, position.column)
        position.skip(text)
        try:
            if len(text) > most:
                raise UnreadableError(f"the flow is longer than {most} bytes; raise --max-size")
            flow = _members(_Element(text, 0, len(text) - 1, text[-1:]))
            is_old = flow.get("version", _ABSENT).kind == _LIST
            if is_old and not has_old:
                yield broken(source.name, (number,), place, _OLD)
            has_old = has_old or is_old
            kind = "old" if is_old else _text(flow, "type")
            if kind not in _KINDS:
                raise UnreadableError(
                    f"the flow has an unknown type: {brief(kind)}" if kind else "the flow has no type"
                )
            if kind == "http":
                yield payload_of(_exchange(flow, (number,), place, start), source.name, max_size)
        except UnreadableError as error:
            yield broken(source.name, (number,), place, str(error))
        number += 1


def _prefix(stream: BufferedIOBase) -> bytes:
    """The next length with its colon; empty at the end of the stream, incomplete if there is none."""
    prefix = b""
    while not prefix.endswith(b":") and len(prefix) < _LONGEST and (more := stream.read(1)):
        prefix += more
    return prefix


def _flow(stream: BufferedIOBase, prefix: bytes, most: int, position: Position) -> bytes:
    """The text of a flow with the letter at its end; if it is longer than the limit, only its beginning.

    Raises:
        UnreadableError: it is not certain where the next flow begins.

    """
    length = _LENGTH.fullmatch(prefix)
    if length is None:
        raise UnreadableError("there is no flow here, or the file was cut off")
    position.skip(prefix)
    size = int(length[1]) + 1
    text = letter = stream.read(min(size, most + 1))
    left = size - len(text)
    while left and letter:
        letter = stream.read(min(left, CHUNK))
        position.skip(letter)
        left -= len(letter)
    if left:
        raise UnreadableError("the file ends within the flow; it was cut off")
    if letter[-1:] != _OBJECT:
        raise UnreadableError("the flow does not end where its length says")
    return text


def _members(element: _Element) -> dict[str, _Element]:
    """The members of an object."""
    if element.kind != _OBJECT:
        raise UnreadableError("a part of the flow is not an object")
    members: dict[str, _Element] = {}
    items = _items(element)
    for name in items:
        decoded = name.data.decode(errors="replace")
        if decoded in members:
            raise UnreadableError(f'"{decoded}" is duplicated in the flow')
        members[decoded] = next(items, _ABSENT)
    return members


def _items(element: _Element) -> Iterator[_Element]:
    """The items of a list or an object."""
    text, at, end = element.text, element.start, element.end
    while at < end:
        length = _LENGTH.match(text, at, end)
        stop = length.end() + int(length[1]) if length else end
        if length is None or stop >= end:
            raise UnreadableError("a length within the flow is wrong")
        yield _Element(text, length.end(), stop, text[stop : stop + 1])
        at = stop + 1


def _exchange(flow: Mapping[str, _Element], path: Path, place: tuple[int, int], start: _Start) -> Exchange:
    request, answer = _members(flow.get("request", _ABSENT)), flow.get("response", _ABSENT)
    response = {} if answer.kind == _NULL else _members(answer)
    return Exchange(
        path=path,
        start=lambda: place,
        method=_value(request.get("method", _ABSENT)),
        url=_url(request),
        status=None
        if answer.kind == _NULL
        else _value(response["status_code"])
        if "status_code" in response
        else UNREAD,
        body=lambda: _body(response, start),
        asked=lambda: request.get("content", _ABSENT).data,
    )


def _url(request: Mapping[str, _Element]) -> str:
    """The URL that was asked for; `host` and `port` say only where the proxy connected to."""
    path, scheme, host, port = (_text(request, name) for name in ("path", "scheme", "host", "port"))
    asked = _text(request, "authority")
    asked = asked or next((value for name, value in _headers(request) if name.lower() == "host"), "")
    if not asked:
        asked = f"[{host}]" if ":" in host else host
        asked += f":{port}" if port and port != _PORTS.get(scheme) else ""
    return f"{scheme}://{asked}{path}"


def _body(response: Mapping[str, _Element], start: _Start) -> Body | Missing:
    body = response.get("content", _ABSENT)
    if body.kind == _NULL:
        return Missing(NOT_INCLUDED.reason, "mitmproxy streamed the body, and did not keep it")
    if body.kind not in (b",", b";"):
        raise UnreadableError("the body of the response is neither bytes nor text")
    encodings = header([{"name": name, "value": value} for name, value in _headers(response)], "content-encoding")
    data: bytes | str = body.data
    if not encodings and compression(body.data) is None:
        # Characters, unlike bytes, are located in the file. The strict reader reports a broken encoding.
        with contextlib.suppress(UnicodeDecodeError):
            data = body.data.decode()
    return Body(data, partial(start.place, body.start), encodings=encodings)


def _headers(message: Mapping[str, _Element]) -> Iterator[tuple[str, str]]:
    """The names and values of the headers."""
    for pair in _items(message.get("headers", _ABSENT)):
        texts = [one.data.decode(errors="replace") for one in _items(pair)]
        if len(texts) == 2:
            yield texts[0], texts[1]


def _text(members: Mapping[str, _Element], name: str) -> str:
    found = _value(members.get(name, _ABSENT))
    return "" if found is None else str(found)


def _value(element: _Element) -> Instance:
    """The value of a scalar, as a string unless it is an integer or null."""
    if element.kind == _NULL:
        return None
    text = element.data.decode(errors="replace")
    return int(text) if element.kind == b"#" and text.isdecimal() and len(text) < _LONGEST else text


class _Start(NamedTuple):
    """The text of a flow, and where it begins in the file."""

    text: bytes
    line: int
    column: int

    def place(self, offset: int) -> tuple[int, int]:
        """The line and column of an offset in the text."""
        position = Position()
        position.line, position.column = self.line, self.column
        position.skip(self.text[:offset])
        return position.line, position.column
