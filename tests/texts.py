"""The raw-text vectors: faults that only the text of a payload shows, with line and column.

The texts are bytes, because a JSON writer would repair them. Expectations are literals.
"""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """One file of raw text. `places` has (rule id, line, column) for each violation, in the order of the text."""

    description: str
    data: bytes
    places: tuple[tuple[str, int, int], ...] = ()
    #: Options to check the text with: `maxSize` in bytes, `envelope`.
    options: tuple[tuple[str, int | str], ...] = ()


def _unpaired(escape: str) -> bytes:
    return b'{"status": "FAILED", "error": "' + escape.encode() + b'"}'


def _nested(depth: int) -> bytes:
    return b'{"status": "PENDING", "progress": ' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def _answer(structure: str) -> bytes:
    """A response of json-rpc."""
    name = '"com.vmware.vcenter.vm.guest.customization.info"'
    output = f'{{"STRUCTURE": {{{name}: {structure}}}}}'
    return f'{{"jsonrpc": "2.0", "id": "1", "result": {{"output": {output}}}}}'.encode()


BOM = b"\xef\xbb\xbf"
PENDING = '{"status": "PENDING"}'

TEXTS = {
    "plain": Text("a payload on one line", PENDING.encode()),
    "white-space": Text(
        "all four white space characters around every token", b'\t\r\n { "status" :\t"PENDING"\r\n}\n\n'
    ),
    "escapes": Text("a name and a value written with escapes", b'{"\\u0073tatus": "\\u0050ENDING"}'),
    "escaped-pair": Text("an escaped surrogate pair", _unpaired("\\ud834\\udd1e")),
    "unescaped-pair": Text(
        "a character outside the basic plane", '{"status": "FAILED", "error": "\N{MUSICAL SYMBOL G CLEF}"}'.encode()
    ),
    "bom": Text("a byte order mark", BOM + PENDING.encode(), (("json-no-bom", 1, 1),)),
    "two-boms": Text(
        "two byte order marks", BOM + BOM + PENDING.encode(), (("json-syntax", 1, 1), ("json-no-bom", 1, 1))
    ),
    "bom-before-fault": Text(
        "a byte order mark before a fault",
        BOM + b'{"status": "RUNNING", "error": "x"}',
        (("json-no-bom", 1, 1), ("error-only-when-failed", 1, 23)),
    ),
    "duplicate-status": Text(
        "two statuses", b'{"status": "RUNNING",\n "status": "FAILED", "error": "x"}', (("json-unique-members", 2, 2),)
    ),
    "duplicate-same": Text(
        "a duplicated member", b'{"status": "PENDING", "status": "PENDING"}', (("json-unique-members", 1, 23),)
    ),
    "duplicate-escaped": Text(
        "a duplicated name, once with an escape",
        b'{"status": "PENDING", "statu\\u0073": "PENDING"}',
        (("json-unique-members", 1, 23),),
    ),
    "duplicate-thrice": Text(
        "one member three times",
        b'{"status": "FAILED", "error": "a", "error": "b", "error": "c"}',
        (("json-unique-members", 1, 36), ("json-unique-members", 1, 50)),
    ),
    "duplicate-beside-fault": Text(
        "two errors with a status that allows none",
        b'{"status": "RUNNING", "error": "a", "error": "b"}',
        (("error-only-when-failed", 1, 37), ("json-unique-members", 1, 37)),
    ),
    "trailing-comma": Text("a comma before the brace", b'{"status": "PENDING",}', (("json-syntax", 1, 22),)),
    "empty": Text("an empty text", b"", (("json-syntax", 1, 1),)),
    "blank": Text("only white space", b" \n\n", (("json-syntax", 3, 1),)),
    "cut-in-object": Text("truncated in an object", b'{"status": "PENDING",\n', (("json-syntax", 2, 1),)),
    "cut-in-string": Text("truncated in a string", b'{"status": "PEND', (("json-syntax", 1, 17),)),
    "cut-in-escape": Text("truncated in an escape", b'{"status": "\\u00', (("json-syntax", 1, 13),)),
    "cut-in-literal": Text("truncated in a literal", b"tru", (("json-syntax", 1, 1),)),
    "not-json": Text("an HTML page instead of a payload", b"<html></html>", (("json-syntax", 1, 1),)),
    "trailing-value": Text("a second payload", (PENDING + PENDING).encode(), (("json-syntax", 1, 22),)),
    "trailing-brace": Text("an extra brace", b'{"status": "PENDING"}}', (("json-syntax", 1, 22),)),
    "trailing-nul": Text("a NUL after the payload", PENDING.encode() + b"\0", (("json-syntax", 1, 22),)),
    "leading-nuls": Text(
        "NULs before the payload, which do not make it UTF-32", b"\0" * 8 + PENDING.encode(), (("json-syntax", 1, 1),)
    ),
    "inner-nul": Text(
        "a NUL in the payload, which does not make it UTF-16", b'{\0"status": "PENDING"}', (("json-syntax", 1, 2),)
    ),
    "trailing-next-line": Text(
        "white space that is not part of JSON", (PENDING + "\u0085").encode(), (("json-syntax", 1, 22),)
    ),
    "missing-comma": Text(
        "no comma between two members", b'{"status": "FAILED"\n "error": "x"}', (("json-syntax", 2, 2),)
    ),
    "missing-colon": Text("no colon, as on the vendor's page", b'{"status""PENDING"}', (("json-syntax", 1, 10),)),
    "missing-value": Text("no value", b'{"status": }', (("json-syntax", 1, 12),)),
    "mismatched-bracket": Text("a bracket instead of the brace", b'{"status": "PENDING"]', (("json-syntax", 1, 21),)),
    "inner-bom": Text(
        "a byte order mark between tokens", b'{"status":\xef\xbb\xbf"PENDING"}', (("json-syntax", 1, 11),)
    ),
    "single-quotes": Text("single quotes", b"{'status': 'PENDING'}", (("json-syntax", 1, 2),)),
    "bare-name": Text("a name without quotes", b'{status: "PENDING"}', (("json-syntax", 1, 2),)),
    "comment": Text("a comment", b'{"status": "PENDING" /* so far */}', (("json-syntax", 1, 22),)),
    "python-literal": Text("a literal of Python", b'{"status": None}', (("json-syntax", 1, 12),)),
    "raw-line-feed": Text(
        "a line feed in a string", b'{"status": "FAILED", "error": "a\nb"}', (("json-syntax", 1, 33),)
    ),
    "raw-tab": Text("a tab in a string", b'{"status": "FAILED", "error": "a\tb"}', (("json-syntax", 1, 33),)),
    "bad-escape": Text(
        "an escape that is not part of JSON", b'{"status": "FAILED", "error": "\\x41"}', (("json-syntax", 1, 32),)
    ),
    "bad-hex-escape": Text(
        "an escape with a letter after F", b'{"status": "FAILED", "error": "\\u00g0"}', (("json-syntax", 1, 32),)
    ),
    "leading-zero": Text(
        "a number with a leading zero", b'{"status": "PENDING", "error": 01}', (("json-syntax", 1, 33),)
    ),
    "leading-plus": Text("a number with a plus sign", b'{"status": "PENDING", "error": +1}', (("json-syntax", 1, 32),)),
    "bare-point": Text(
        "a number that ends in a point", b'{"status": "PENDING", "error": 1.}', (("json-syntax", 1, 33),)
    ),
    "nan": Text("NaN", b'{"status": "FAILED", "error": NaN}', (("json-finite-numbers", 1, 31),)),
    "infinity": Text("Infinity", b'{"status": "FAILED", "error": Infinity}', (("json-finite-numbers", 1, 31),)),
    "minus-infinity": Text("-Infinity", b'{"status": "FAILED", "error": -Infinity}', (("json-finite-numbers", 1, 31),)),
    "huge-exponent": Text(
        "a number beyond the range of a double",
        b'{"status": "FAILED", "error": 1e400}',
        (("json-finite-numbers", 1, 31),),
    ),
    "huge-integer": Text(
        "an integer beyond the range of a double",
        b'{"status": "FAILED", "error": -1' + b"0" * 400 + b"}",
        (("json-finite-numbers", 1, 31),),
    ),
    "nan-beside-fault": Text(
        "NaN in a member that the status does not allow",
        b'{"status": "PENDING", "error": NaN}',
        (("error-only-when-failed", 1, 23), ("json-finite-numbers", 1, 32)),
    ),
    "lone-high-surrogate": Text("a lone high surrogate", _unpaired("a\\ud834"), (("json-paired-surrogates", 1, 33),)),
    "lone-low-surrogate": Text("a lone low surrogate", _unpaired("\\uDD1E"), (("json-paired-surrogates", 1, 32),)),
    "swapped-surrogates": Text(
        "a surrogate pair in the wrong order",
        _unpaired("\\udd1e\\ud834"),
        (("json-paired-surrogates", 1, 32),),
    ),
    "lone-surrogate-in-status": Text(
        "a lone surrogate in the status", b'{"status": "\\ud800"}', (("json-paired-surrogates", 1, 13),)
    ),
    "lone-surrogate-in-name": Text(
        "a lone surrogate in a name",
        b'{"status": "PENDING", "\\udfff": 1}',
        (("no-unknown-members", 1, 23), ("json-paired-surrogates", 1, 24)),
    ),
    "latin-1": Text(
        "Latin-1", '{"status": "FAILED", "error": "r\xe9seau"}'.encode("latin-1"), (("json-utf-8", 1, 33),)
    ),
    "overlong": Text("an overlong encoding", b'{"status": "FAILED", "error": "\xc0\xaf"}', (("json-utf-8", 1, 32),)),
    "encoded-surrogate": Text(
        "a surrogate encoded in UTF-8", b'{"status": "FAILED", "error": "\xed\xa0\x80"}', (("json-utf-8", 1, 32),)
    ),
    "cut-in-character": Text(
        "truncated in a character", b'{"status": "FAILED", "error": "\xe2\x82', (("json-utf-8", 1, 32),)
    ),
    "utf-16-le": Text("UTF-16, little-endian", PENDING.encode("utf-16-le"), (("json-utf-8", 1, 1),)),
    "utf-16-be": Text("UTF-16, big-endian", PENDING.encode("utf-16-be"), (("json-utf-8", 1, 1),)),
    "utf-16-bom": Text(
        "UTF-16 with a byte order mark", b"\xff\xfe" + PENDING.encode("utf-16-le"), (("json-utf-8", 1, 1),)
    ),
    "utf-32-le": Text("UTF-32, little-endian", PENDING.encode("utf-32-le"), (("json-utf-8", 1, 1),)),
    "characters-not-bytes": Text(
        "a column counts characters",
        '{"error": "\N{MUSICAL SYMBOL G CLEF}\xe9", "status": "RUNNING"}'.encode(),
        (("error-only-when-failed", 1, 2),),
    ),
    "depth-64": Text("64 deep", _nested(64), (("no-unknown-members", 1, 23),)),
    "depth-65": Text("65 deep", _nested(65), (("json-depth", 1, 98),)),
    "two-lines": Text(
        "violations on two lines",
        b'{\n  "status": "RUNNING",\n  "error": "x",\n  "start_time": "soon"\n}\n',
        (("error-only-when-failed", 3, 3), ("date-time", 4, 17)),
    ),
    "missing-status": Text("no status", b'\n  {"error": "x"}', (("status-required", 2, 3),)),
    "within-size": Text("as long as the limit", PENDING.encode(), options=(("maxSize", 21),)),
    "beyond-size": Text("one byte longer than the limit", PENDING.encode(), (("json-size", 1, 1),), (("maxSize", 20),)),
    "rest-envelope": Text(
        "the required envelope rest", b'{"value": {"status": "PENDING"}}', options=(("envelope", "rest"),)
    ),
    "no-rest-envelope": Text(
        "the required envelope rest is missing",
        b'\n{"status": "PENDING"}',
        (("envelope", 2, 1),),
        (("envelope", "rest"),),
    ),
    "fault-in-rest-envelope": Text(
        "a violation in the envelope rest",
        b'{"value": {"status": "RUNNING",\n "error": "x"}}',
        (("error-only-when-failed", 2, 2),),
        (("envelope", "rest"),),
    ),
    "json-rpc-envelope": Text(
        "the required envelope json-rpc",
        _answer('{"status": "RUNNING", "start_time": {"OPTIONAL": "2026-03-01T09:30:00.000Z"}}'),
        options=(("envelope", "json-rpc"),),
    ),
    "no-json-rpc-envelope": Text(
        "the required envelope json-rpc is missing",
        PENDING.encode(),
        (("envelope", 1, 1),),
        (("envelope", "json-rpc"),),
    ),
    "fault-in-json-rpc-envelope": Text(
        "violations in the envelope json-rpc, one of them an optional member that is not wrapped",
        _answer('\n{"status": "RUNNING",\n "error": {"OPTIONAL": "x"},\n "start_time": null}'),
        (("error-only-when-failed", 3, 2), ("envelope", 4, 16)),
        (("envelope", "json-rpc"),),
    ),
    "unknown-member": Text(
        "an unknown member", b'{"status": "PENDING",\n "progress": 50}', (("no-unknown-members", 2, 2),)
    ),
    "unknown-status": Text("an unknown status", b'{"status": "BROKEN"}', (("status-known", 1, 12),)),
    "not-an-object": Text("an array", b' ["PENDING"]', (("payload-is-object", 1, 2),)),
    "end-before-start": Text(
        "an end time before the start time",
        b'{"status": "SUCCEEDED", "start_time": "2026-03-01T09:31:00.000Z", "end_time": "2026-03-01T09:30:00.000Z"}',
        (("end-not-before-start", 1, 79),),
    ),
    "end-before-start-by-offset": Text(
        "an end time before the start time because of its offset",
        b'{"status": "SUCCEEDED", "start_time": "2026-03-01T09:30:00.000Z", '
        b'"end_time": "2026-03-01T10:00:00.000+02:00"}',
        (("end-not-before-start", 1, 79), ("time-in-server-form", 1, 79)),
    ),
    "end-at-start": Text(
        "an end time equal to the start time because of its offset",
        b'{"status": "SUCCEEDED", "start_time": "2026-03-01T09:30:00.000Z", "end_time": "2026-03-01T11:30:00.0+02:00"}',
        (("time-in-server-form", 1, 79),),
    ),
    "server-form": Text(
        "both times in the server's form",
        b'{"status": "SUCCEEDED", "start_time": "2026-03-01T09:30:00.000Z", "end_time": "2026-03-01T09:31:12.345Z"}',
    ),
    "no-fraction": Text(
        "a time without a fraction",
        b'{"status": "RUNNING", "start_time": "2026-03-01T09:30:00Z"}',
        (("time-in-server-form", 1, 37),),
    ),
}
