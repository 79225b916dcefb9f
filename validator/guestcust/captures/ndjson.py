"""Newline-delimited JSON: one payload a line. Lines that are blank are passed over, as the format allows."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedIOBase

from guestcust.model import Origin, Payload, Source


def payloads(stream: BufferedIOBase, source: Source, max_size: int) -> Iterator[Payload]:
    """Each line that is not blank, without its end."""
    number = 0
    # Room for the end of a line that is just within the bound.
    most = max_size + 2
    while line := stream.readline(most):
        number += 1
        text = line.rstrip(b"\r\n")
        is_blank = not text.strip(b" \t\r")
        while len(line) == most and not line.endswith(b"\n"):
            line = stream.readline(most)
            is_blank = is_blank and not line.strip(b" \t\r\n")
        if not is_blank:
            yield Payload(text, Origin(source.name, line=number))
