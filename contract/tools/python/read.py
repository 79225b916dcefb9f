"""Reads vectors with the generated models."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

from generated.info import GuestCustomizationInfo, Status
from pydantic import ValidationError


def main() -> None:
    for vector in map(json.dumps, json.loads(Path(sys.argv[1]).read_text("utf-8"))):
        if not is_read(vector):
            print(vector)
    print(" ".join(status.value for status in Status))


def is_read(vector: str) -> bool:
    try:
        info = GuestCustomizationInfo.model_validate_json(vector)
    except ValidationError:
        return False
    return all(time is None or isinstance(time.root, datetime | None) for time in (info.start_time, info.end_time))


main()
