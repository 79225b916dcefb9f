"""Why a check found no payload, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection

from guestcust.captures import UNRELATED
from guestcust.captures.formats import EXTENSIONS, FORMATS
from guestcust.reporters import phrases
from guestcust.reporters.protocol import Summary
from guestcust.sources import EXCLUDED

_EMPTY = "no payload in it"
# What to do about each reason for which payloads are skipped.
_REMEDIES = {
    EXCLUDED: 'drop or narrow --exclude, or "exclude" in the settings file',
    UNRELATED: "neither a capture nor JSON that looks like the payload; YAML is read only where it is a capture",
    "body not included": 'record the bodies too; browsers call it "Save all as HAR with content"',
    "other URL": "no request was for /vcenter/vm/{vm}/guest/customization",
    "no response": "record the responses too",
}
_OVERALL = "use --allow-empty to exit with 0 anyway"


def hint(summary: Summary, paths: Collection[str], format: str) -> str:
    """Why nothing was found, reason by reason.

    Args:
        summary: the counts of the check.
        paths: what was checked.
        format: the format that was asked for, or "auto".

    """
    said = []
    if not summary.sources:
        said.append(f"in folders, files ending in {', '.join(EXTENSIONS)} are checked, and there are none")
    if summary.unopened:
        said.append(phrases.unopened(summary))
    for count, reason in phrases.reasons(summary):
        remedy = _read_as(format) if reason == _EMPTY else _REMEDIES.get(reason, "")
        said.append(f"{count} skipped: {reason}{f' ({remedy})' if remedy else ''}")
    if "-" in paths and len(paths) == 1 and said:
        said[0] = f"standard input: {said[0]}"
    return "\n  ".join([*said, _OVERALL])


def _read_as(format: str) -> str:
    """What to do where a file was read to its end and held nothing."""
    if format == "auto":
        return ""
    return f"it was read as {FORMATS[format].title}; leave --format out to go by its name and content"
