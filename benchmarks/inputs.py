"""The inputs: payloads and captures as a server and a browser write them, drawn from a seed.

No two lines are the same where the structure lets them differ: a conforming IDLE or PENDING payload contains nothing
but nulls. Must not import guestcust.
"""

from __future__ import annotations

import base64
import datetime
import functools
import itertools
import json
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

SEED = 5
STATUSES = ("IDLE", "PENDING", "RUNNING", "SUCCEEDED", "FAILED")
MEGABYTE = 1_000_000
_ORDERS = tuple(itertools.permutations(STATUSES))
_FIRST_DAY = datetime.date(2020, 1, 1).toordinal()
#: Milliseconds from one payload's start to the next one's.
_STEP = 37_003

#: Sentences as JSON text; some have escapes, some are not ASCII.
_ERRORS = (
    "The guest of vm-{n} did not answer within {s} seconds.",
    'Customization of \\"web-{n}\\" failed: C:\\\\Windows\\\\Temp\\\\deploy-{n}.log ends with 0x{s:08x}.',
    "Der Gast „db-{n}“ hat nach {s} Sekunden nicht geantwortet.",
    "The script of vm-{n} ended with status {s}.\\nSee /var/log/vmware-imc/toolsDeployPkg.log in the guest.",
    "Joining \\u201ccorp.example\\u201d failed for app-{n}: access denied after {s} attempts.",
    "An error occurred while customizing VM vm-{n}. For details, reference the log file in the guest OS; "
    "the package needed {s} kB, the adapters 00:50:56:00:00:01 and 00:50:56:00:00:02 were not found.",
)

#: For each rule of the schema, JSON text that violates only this rule: <n> is the line number, <t> the line's time.
SCHEMA_FAULTS: dict[str, tuple[str, ...]] = {
    "payload-is-object": ('["RUNNING","<t>"]', '"vm-<n> is RUNNING"', "<n>"),
    "status-required": ('{"start_time":"<t>"}', '{"error":"vm-<n> did not answer."}'),
    "status-is-string": ('{"status":<n>}', '{"status":["RUNNING",<n>]}', '{"status":null,"start_time":"<t>"}'),
    "status-known": (
        '{"status":"STEP_<n>"}',
        '{"status":"Running","start_time":"<t>"}',
        '{"status":"","start_time":"<t>"}',
    ),
    "no-unknown-members": (
        '{"status":"RUNNING","startTime":"<t>"}',
        '{"status":"PENDING","vm":"vm-<n>"}',
        '{"status":"IDLE","error":null,"progress":<n>}',
    ),
    "error-is-string": (
        '{"status":"FAILED","error":<n>}',
        '{"status":"FAILED","error":{"default_message":"vm-<n>"}}',
    ),
    "date-time": (
        '{"status":"RUNNING","start_time":"2026-02-30, vm-<n>"}',
        '{"status":"RUNNING","start_time":"<t>+01:00"}',
        '{"status":"SUCCEEDED","start_time":"<t>","end_time":"2026-13-01T09:30:00.000Z"}',
        '{"status":"SUCCEEDED","start_time":<n>}',
    ),
    "error-only-when-failed": (
        '{"status":"RUNNING","error":"vm-<n> did not answer.","start_time":"<t>"}',
        '{"status":"IDLE","error":"vm-<n>"}',
    ),
    "start-time-only-when-started": (
        '{"status":"PENDING","start_time":"<t>"}',
        '{"status":"IDLE","error":null,"start_time":"<t>"}',
    ),
    "end-time-only-when-ended": (
        '{"status":"RUNNING","start_time":"<t>","end_time":"<t>"}',
        '{"status":"IDLE","end_time":"<t>"}',
    ),
}
#: The same for the rules of the text, which a schema cannot express.
TEXT_FAULTS: dict[str, tuple[str, ...]] = {
    "json-utf-8": ('{"status":"FAILED","error":"vm-<n>: \udcff"}',),
    "json-syntax": (
        '{"status":"RUNNING","start_time":"<t>",}',
        '{"status" "RUNNING","start_time":"<t>"}',
        '{"status":"FAILED","error":"vm-<n>',
    ),
    "json-depth": ('{"status":"FAILED","error":' + "[" * 70 + "<n>" + "]" * 70 + "}",),
    "json-unique-members": (
        '{"status":"RUNNING","status":"FAILED","start_time":"<t>"}',
        '{"status":"FAILED","error":"vm-<n>","error":"vm-<n>"}',
    ),
    "json-finite-numbers": (
        '{"status":"FAILED","error":1e9<n>}',
        '{"status":"FAILED","start_time":"<t>","error":NaN}',
    ),
    "json-paired-surrogates": ('{"status":"FAILED","error":"vm-<n>: \\ud83d"}',),
}


def lines(count: int, *, failing: int = 0, faults: dict[str, tuple[str, ...]] = SCHEMA_FAULTS) -> Iterator[bytes]:
    """`count` payloads as lines, all statuses evenly in random order; `failing` of them violate a rule."""
    draw = random.Random(SEED).random
    broken = _faulty(faults)
    order: tuple[str, ...] = ()
    for number in range(count):
        if number % len(STATUSES) == 0:
            order = _ORDERS[int(draw() * len(_ORDERS))]
        if number * failing // count != (number + 1) * failing // count:
            text = next(broken)(number)
        else:
            text = conforming(number, order[number % len(STATUSES)], draw)
        yield text.encode("utf-8", "surrogateescape") + b"\n"


def conforming(number: int, status: str, draw: Callable[[], float]) -> str:
    """A payload that conforms, with its own times and error if its status allows them."""
    chance = int(draw() * 1_048_576)
    started = number * _STEP + (chance & 1023)
    text = f'{{"status":"{status}"'
    if status == "FAILED":
        text += f',"error":"{_ERRORS[chance % len(_ERRORS)].format(n=number, s=30 + (chance >> 8))}"'
    elif chance & 1024:
        text += ',"error":null'
    if status in ("RUNNING", "SUCCEEDED", "FAILED"):
        text += f',"start_time":"{_time(started)}"'
    elif chance & 2048:
        text += ',"start_time":null'
    if status in ("SUCCEEDED", "FAILED"):
        text += f',"end_time":"{_time(started + 20_000 + (chance >> 1))}"'
    elif chance & 4096:
        text += ',"end_time":null'
    # One in ten is spaced as Python's json writes it.
    return text + "}" if chance % 10 else text.replace('":', '": ').replace(',"', ', "') + "}"


def _faulty(faults: dict[str, tuple[str, ...]]) -> Iterator[Callable[[int], str]]:
    """Cycles through the rules, and for each rule through its forms."""
    for forms in itertools.cycle([itertools.cycle(forms) for forms in faults.values()]):
        yield functools.partial(_filled, next(forms))


def _filled(form: str, number: int) -> str:
    return form.replace("<n>", str(1000 + number)).replace("<t>", _time(number * _STEP))


def _time(milliseconds: int) -> str:
    """The time this long after the first day, as a server writes it."""
    seconds, milliseconds = divmod(milliseconds, 1000)
    days, seconds = divmod(seconds, 86_400)
    return f"{_day(days)}T{_clock(seconds)}.{milliseconds:03}Z"


@functools.lru_cache(maxsize=1024)
def _day(days: int) -> str:
    return datetime.date.fromordinal(_FIRST_DAY + days).isoformat()


@functools.lru_cache(maxsize=86_400)
def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def lines_of_size(size: int) -> Iterator[bytes]:
    """Payloads as lines, one in a thousand failing, until there are `size` bytes."""
    written = 0
    for line in lines(size, failing=size // 1000):
        yield line
        written += len(line)
        if written >= size:
            return


def array(payloads: Iterable[bytes]) -> Iterator[bytes]:
    """An array of these lines."""
    yield b"["
    for number, line in enumerate(payloads):
        yield (b"," if number else b"") + line
    yield b"]"


def har(size: int) -> Iterator[bytes]:
    """What a browser records of a polling client: pages, pictures, lists, and a payload in every fifth response."""
    random_source = random.Random(SEED)
    written = 0
    payloads = lines(size, failing=size // 1000)
    yield b'{"log":{"version":"1.2","creator":{"name":"benchmarks","version":"1"},"pages":[],"entries":[\n'
    for number in itertools.count():
        entry = json.dumps(_entry(number, payloads, random_source), separators=(",", ":")).encode()
        yield (b",\n" if number else b"") + entry
        written += len(entry)
        if written >= size:
            break
    yield b"\n]}}\n"


def _entry(number: int, payloads: Iterator[bytes], random_source: random.Random) -> dict[str, object]:
    kind = number % 5
    if kind == 0:
        path, mime, text = (
            f"/api/vcenter/vm/vm-{number}/guest/customization",
            "application/json",
            next(payloads).decode(),
        )
    elif kind == 1:
        path, mime = "/api/vcenter/vm", "application/json"
        machines = [
            {"vm": f"vm-{number + each}", "name": f"web-{each}", "power_state": "POWERED_ON", "memory_size_MiB": 4096}
            for each in range(int(random_source.random() * 200))
        ]
        text = json.dumps(machines)
    elif kind == 2:
        path, mime = f"/ui/{number}.html", "text/html"
        text = f"<!doctype html>\n<title>{number}</title>\n" + f'<p class="row">„{number}“ \\ / \t &amp;</p>\n' * 100
    else:
        path, mime = f"/ui/{number}.png", "image/png"
        picture = random_source.getrandbits(8 * 20_000).to_bytes(20_000, "big")
        text = base64.b64encode(picture).decode("ascii")
    content = {"size": len(text), "mimeType": mime, "text": text}
    started = _time(number * _STEP)
    return {
        "startedDateTime": started,
        "time": 12.5,
        "request": {
            "method": "GET",
            "url": f"https://vcenter.example{path}",
            "httpVersion": "HTTP/2.0",
            "cookies": [],
            "headers": [{"name": "Accept", "value": "application/json"}, {"name": "Host", "value": "vcenter.example"}],
            "queryString": [],
            "headersSize": -1,
            "bodySize": 0,
        },
        "response": {
            "status": 200,
            "statusText": "",
            "httpVersion": "HTTP/2.0",
            "cookies": [],
            "headers": [{"name": "Content-Type", "value": mime}, {"name": "Server", "value": "envoy"}],
            "content": content | ({"encoding": "base64"} if mime == "image/png" else {}),
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(text),
        },
        "cache": {},
        "timings": {"send": 0.1, "wait": 11.4, "receive": 1.0},
    }


def small_har(count: int, *, failing: int = 0) -> Iterator[bytes]:
    """A HAR with nothing but payloads: `count` entries, `failing` of which violate a rule."""
    payloads = lines(count, failing=failing)
    yield b'{"log":{"version":"1.2","creator":{"name":"benchmarks","version":"1"},"entries":[\n'
    for number in range(count):
        entry = json.dumps(_entry(5 * number, payloads, random.Random(SEED)), separators=(",", ":")).encode()
        yield (b",\n" if number else b"") + entry
    yield b"\n]}}\n"


_HEADERS = {"Content-Type": "application/json", "Date": "Sun, 01 Mar 2026 09:30:00 GMT", "Server": "envoy"}


def _path(number: int) -> str:
    return f"/api/vcenter/vm/vm-{number}/guest/customization"


def _listed(begin: bytes, exchange: Callable[[int, bytes], object], end: bytes, count: int) -> Iterator[bytes]:
    """A document with a list of exchanges, each made from its number and a payload."""
    yield begin
    for number, text in enumerate(lines(count)):
        yield (b",\n" if number else b"") + json.dumps(exchange(number, text)).encode()
    yield end


def wiremock(count: int) -> Iterator[bytes]:
    """WireMock's stubs in one file."""

    def stub(number: int, text: bytes) -> object:
        return {
            "id": f"{number:032x}",
            "request": {"method": "GET", "url": _path(number)},
            "response": {"status": 200, "headers": _HEADERS, "jsonBody": json.loads(text)},
        }

    return _listed(b'{"mappings":[', stub, b"]}", count)


def pact(count: int) -> Iterator[bytes]:
    """A Pact contract, version 2."""

    def interaction(number: int, text: bytes) -> object:
        return {
            "description": f"vm-{number}",
            "request": {"method": "GET", "path": _path(number)},
            "response": {"status": 200, "headers": _HEADERS, "body": json.loads(text)},
        }

    begin = b'{"consumer":{"name":"a"},"provider":{"name":"b"},"interactions":['
    return _listed(begin, interaction, b'],"metadata":{"pactSpecification":{"version":"2.0.0"}}}', count)


def postman(count: int) -> Iterator[bytes]:
    """A Postman collection, version 2.1, with one saved response for each request."""

    def item(number: int, text: bytes) -> object:
        request = {"method": "GET", "url": {"raw": f"https://vcenter.example{_path(number)}"}}
        headers = [{"key": key, "value": value} for key, value in _HEADERS.items()]
        saved = {"name": "200", "originalRequest": request, "code": 200, "header": headers, "body": text.decode()}
        return {"name": f"vm-{number}", "request": request, "response": [saved]}

    return _listed(b'{"info":{"name":"vCenter"},"item":[', item, b"]}", count)


def ansible(count: int) -> Iterator[bytes]:
    """Results of Ansible's module `uri`, registered in a loop."""

    def result(number: int, text: bytes) -> object:
        url = f"https://vcenter.example{_path(number)}"
        arguments = {"method": "GET", "url": url, "return_content": True, "status_code": [200]}
        return {"status": 200, "url": url, "content": text.decode(), "invocation": {"module_args": arguments}}

    return _listed(b'{"results":[', result, b"]}", count)


def responses(count: int) -> Iterator[bytes]:
    """What `curl -i` prints, one response after the other."""
    fields = "".join(f"{name}: {value}\r\n" for name, value in _HEADERS.items())
    for text in lines(count):
        yield f"HTTP/1.1 200 OK\r\n{fields}Content-Length: {len(text)}\r\n\r\n".encode() + text


def cassette(count: int) -> Iterator[bytes]:
    """A cassette as vcrpy writes it."""
    yield b"interactions:\n"
    for number, text in enumerate(lines(count)):
        yield (
            "- request:\n    body: null\n    headers:\n      Accept:\n      - '*/*'\n    method: GET\n"
            f"    uri: https://vcenter.example{_path(number)}\n  response:\n    body:\n      string: "
            f"{json.dumps(text.decode())}\n    headers:\n      content-type:\n      - application/json\n"
            "    status:\n      code: 200\n      message: OK\n"
        ).encode()
    yield b"version: 1\n"


def written(path: Path, pieces: Iterable[bytes]) -> Path:
    """The file with these bytes, written atomically if it does not exist yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".part")
        with unfinished.open("wb") as file:
            file.writelines(pieces)
        unfinished.rename(path)
    return path
