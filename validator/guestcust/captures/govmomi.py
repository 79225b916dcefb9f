"""The debug folders of govmomi (govc, Terraform): four files per exchange, of which `*.res.json` is the body.

The others are `*.req.headers`, `*.req.json` and `*.res.headers`; they are read with it. Without the first, it is
plain JSON.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from io import BufferedReader

from guestcust.captures.bodies import Body
from guestcust.captures.containers import UnreadableError
from guestcust.captures.exchanges import NOT_INCLUDED, Exchange, Missing, payload_of
from guestcust.model import Payload, Source, Unchecked

_NAME = re.compile(r"([0-9]+-[0-9]+\.)(req|res)\.json")
_REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/")
_STATUS = re.compile(rb"HTTP/\S+ ([0-9]{3})\b")
_HEADERS = ("req.headers", "res.headers")
# The first line of a head is not longer, except for a URL that is not ours.
_LONGEST = 64 * 1024


def parts(names: Collection[str]) -> frozenset[str]:
    """Which of the files in a folder are parts of exchanges, but not the bodies of responses."""
    found: set[str] = set()
    names = set(names)
    for name in names:
        exchange = _NAME.fullmatch(name)
        if exchange and f"{exchange[1]}req.headers" in names:
            found |= {f"{exchange[1]}{each}" for each in ("req.json", *_HEADERS)}
    return frozenset(found)


def is_part(source: Source) -> bool:
    """Whether a file is part of an exchange, by its name and the head of the request beside it."""
    name = _NAME.fullmatch(_own(source))
    return name is not None and _beside(source, f"{name[1]}req.headers") is not None


def payloads(stream: BufferedReader, source: Source, max_size: int) -> Iterator[Payload | Unchecked]:
    """The payload of the exchange whose response this is, or the reason why it has none; nothing for a request."""
    name = _NAME.fullmatch(_own(source))
    if name and name[2] == "req":
        return
    stem = name[1] if name else ""
    heads = [_beside(source, stem + each) or b"" for each in _HEADERS]
    request, status = _REQUEST.match(heads[0]), _STATUS.match(heads[1])
    if request is None:
        raise UnreadableError(f"the file {stem}req.headers is missing or broken; keep the four files of an exchange")
    yield payload_of(
        Exchange(
            path=(),
            start=_start,
            method=request[1].decode(),
            url=request[2].decode(errors="replace"),
            status=int(status[1]) if status else None,
            body=partial(_body, stream, max_size),
            asked=lambda: _beside(source, f"{stem}req.json", max_size),
        ),
        source.name,
        max_size,
    )


def _body(stream: BufferedReader, max_size: int) -> Body | Missing:
    data = stream.read(max_size + 1)
    if not data.strip():
        return Missing(NOT_INCLUDED.reason, "the client did not read the body, so it was not saved")
    try:
        return Body(data.decode(), _start)
    except UnicodeDecodeError:
        return Body(data, _start)


def _start() -> tuple[int, int]:
    return 1, 1


def _own(source: Source) -> str:
    return re.split(r"[/\\]", source.name)[-1]


def _beside(source: Source, name: str, size: int = _LONGEST) -> bytes | None:
    """The beginning of a file beside this one; None if it cannot be read."""
    if source.beside is None:
        return None
    try:
        with source.beside(name, "") as stream:
            return stream.read(size)
    except (OSError, ValueError):
        return None
