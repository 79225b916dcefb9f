"""Describes what an unreadable file seems to be, and how to fix it.

Recognises kinds of files by how they begin. `relevance` decides whether a file may contain payloads.
"""

from __future__ import annotations

import json
import re
from typing import Any

from guestcust.jsontext.display import printable
from guestcust.model import Instance

_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
_DATE = r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ,]"
_LOG = rf"\[?(?:{_DATE}|[A-Z][a-z]{{2}} +[0-9]{{1,2}} +{_CLOCK}|{_CLOCK}|[A-Z]{{4,8}}[ :\]])"
#: How a log line begins.
LOG = re.compile(_LOG)
_BODY = "save the body of the response alone"
_HAR = "export a HAR there"
_REST = "save the response to GET /api/vcenter/vm/{vm}/guest/customization"

#: The message about a vSphere error.
VSPHERE_ERROR = "it is an error of vSphere, not the payload; record a request that is answered with status 200"

# How a text begins, what it is, and the remedy.
_TEXTS = tuple(
    (re.compile(pattern), kind, remedy)
    for pattern, kind, remedy in (
        (r"HTTP/[0-9]|[A-Z]+ \S+ HTTP/[0-9]", "HTTP as text", f"read it with --format http-text, or {_BODY}"),
        (r"(?:[*<>] |\s*% Total)", "the output of `curl -v` without a request", "record it again with `curl -i`"),
        (r"DL% UL%", "the output of `curl --parallel`", "record one request at a time"),
        (r"--[0-9]{4}-[0-9]{2}-", "the output of wget", "record it again with `curl -i`"),
        (r"curl: \([0-9]", "an error of curl, not a response", "check the URL and the network"),
        (r"(?:\S+ )?(?:== Info:|=> Send )", "the output of `curl --trace` without a request",
         "record it again with `curl -i`"),
        (r"[A-Z]+: https?://\S+\r?\nheaders: ", "a log of vmware.vmware_rest", "read it with --format http-text"),
        (r"(?s)<\?xml.{0,4000}?<items burpVersion", "items of Burp", _HAR),
        (r"(?s)<\?xml.{0,200}?<charles-session", "a session of Charles", _HAR),
        (r"\(vim\.", "the output of pyVmomi", _REST),
        (r"(?i)<(?:!--|!doctype html|html)", "an HTML page, such as a login page",
         "log in, or bypass the proxy, and request the payload again"),
        (r"<", "XML", f"{_BODY} of a request to /api or /rest"),
        (r"WARC/1", "a WARC archive", "record a HAR"),
        (r"[0-9]+:[0-9]+:", "flows of mitmproxy", "use --format mitmproxy"),
        (r"type: \S*insomnia", "an export of Insomnia, which holds no responses", _HAR),
        (r"meta \{", "a Bruno request", "save the response alone"),
        (r"(?:[a-z]\w*\.)+[A-Z]\w*(?:Exception|Error)\b", "an exception of Java instead of an answer",
         "MockServer 7 fails like this on a body with broken JSON; record with another tool, or read its log"),
        (_LOG, "log lines, with other text before the JSON",
         "cut off the text before the JSON of each line, and save the rest as .ndjson"),
        (r"---\s|[A-Za-z_$][\w$-]*:(?:\s|$)", "YAML or another text that is not JSON",
         "write the payload as JSON, or use the ending .yaml for a cassette"),
    )
)  # fmt: skip
# The first bytes of pcap and pcapng.
_PACKETS = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"M<\xb2\xa1", b"\n\r\r\n")
# How JSON begins, valid or not: also with comments, literals of other languages and other quotes.
_LITERALS = r"(?:true|false|null|True|False|None|nil|undefined|NaN|Infinity)\b"
_JSON = re.compile(rf"""[\[{{"'/#0-9+.-]|[\u2018-\u201d]|{_LITERALS}""")

_ERROR_MEMBERS = {"error_type", "messages", "data"}

# Members that identify a kind of document; the first row whose members are all present counts.
_DOCUMENTS = (
    ({"openapi"}, "it was not read as an OpenAPI document; leave --format out"),
    ({"swagger"}, "it was not read as an OpenAPI document; leave --format out"),
    ({"__export_format"}, "it seems to be an export of Insomnia, which holds no responses"),
    ({"v", "folders", "requests"}, "it seems to be a collection of Hoppscotch, which holds no responses"),
    ({"protocolVersion", "scheme", "host", "path"}, "it seems to be a session of Charles, which is not read"),
    ({"constants", "events"}, "it seems to be a NetLog of Chrome, which is not read"),
    ({"$schema"}, "it is a schema or follows one, and is in no format that is read"),
    ({"guestcust", "payloads"}, "it is a report of guestcust"),
)  # fmt: skip


def text_kind(text: str, data: bytes | str = "") -> str:
    """What a text that is not JSON seems to be, and the remedy; empty if it may be JSON with a fault.

    `data` has the bytes that it was decoded from.
    """
    if isinstance(data, bytes) and data.startswith(_PACKETS):
        return "it seems to be a capture of packets (pcap); record a HAR in the client or in a proxy"
    begun = text.removeprefix("\ufeff").lstrip()
    for pattern, kind, remedy in _TEXTS:
        if pattern.match(begun):
            return f"it seems to be {kind}; {remedy}"
    if _is_several_values(begun):
        return "it holds several JSON values in a row; write them as an array, or one per line in a .ndjson file"
    if begun[:1].isprintable() and begun and not _JSON.match(begun):
        return f"it is not JSON: it begins with {json.dumps(printable(begun[:20]), ensure_ascii=False)}"
    return ""


def document_kind(instance: Instance) -> str:
    """What a JSON document seems to be, to follow "it names guest/customization, but"; empty if unknown."""
    if isinstance(instance, list) and instance:
        instance = instance[0]
    names = instance.keys() if isinstance(instance, dict) else set[Any]()
    return next((kind for members, kind in _DOCUMENTS if members <= names), "")


def sibling(instance: Instance, text: bytes | str) -> str:
    """Which related structure of vSphere a document holds, and the remedy; empty if none."""
    if isinstance(instance, dict) and {"Response", "StatusCode", "Headers"} <= instance.keys():
        return f"it is an object of PowerCLI (-WithHttpInfo), not the response; {_REST}"
    signs = ("customizationStatus", "TOOLSDEPLOYPKG_")
    if any((sign.encode() if isinstance(text, bytes) else sign) in text for sign in signs):  # type: ignore[operator]
        return f"it holds GuestInfoCustomizationInfo of the VIM API, a different structure; {_REST}"
    return ""


def is_vsphere_error(instance: Instance) -> bool:
    """Whether a document is an error response of vSphere, under /api or /rest."""
    if isinstance(instance, dict) and instance.keys() == {"type", "value"}:
        instance = instance["value"]
    return (
        isinstance(instance, dict) and isinstance(instance.get("messages"), list) and instance.keys() <= _ERROR_MEMBERS
    )


def _is_several_values(text: str) -> bool:
    """Whether a text begins with two arrays or objects, one after the other."""
    end = 0
    for _ in range(2):
        start = len(text) - len(text[end:].lstrip())
        if text[start : start + 1] not in ("{", "["):
            return False
        try:
            end = json.JSONDecoder().raw_decode(text, start)[1]
        except (ValueError, RecursionError):
            return False
    return True
