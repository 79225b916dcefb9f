"""Newline-delimited JSON: one payload a line. Lines that are blank are passed over, as the format allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from guestcust.model import Origin, Payload


def payloads(stream: BinaryIO, source: str, max_size: int) -> Iterator[Payload]:
    """Each line that is not blank, without its end."""
    number = 0
    # Room for the end of a line that is just within the bound.
    most = max_size + 2
    while line := stream.readline(most):
        number += 1
        text = line.rstrip(b"\r\n")
        while len(line) == most and not line.endswith(b"\n"):
            line = stream.readline(most)
        if text.strip(b" \t\r"):
            yield Payload(text, Origin(source, line=number))
