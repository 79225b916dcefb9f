"""The timeline of the customizations with a well-formed time, drawn to scale as SVG."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from guestcust.model import Instance, Result
from guestcust.reporters.html import excerpt
from guestcust.reporters.html.markup import LONG, counted, escaped
from guestcust.ruleset import times

#: The most customizations to draw; the most with which the timeline is unfolded; the most others to count.
_BARS, _UNFOLDED, _COUNTED = 100, 24, 100_000


@dataclass(slots=True)
class _Bar:
    """One customization, reported by one or several payloads."""

    status: str
    start: float | None
    end: float | None
    place: str
    request: str | None
    entry: str | None
    payloads: int = 1


class Timeline:
    """The customizations with a well-formed time, in order of their start, drawn to scale.

    Equal payloads for one request, or in one source, are one customization seen several times. So are a running one and
    one that has ended, with the same start.
    """

    def __init__(self) -> None:
        self._bars: dict[tuple[str, str, float | None, float | None], _Bar] = {}
        #: Hashes that identify the customizations that are not drawn.
        self._undrawn: set[int] = set()

    def add(self, result: Result, entry: str | None) -> None:
        """Adds the customization that a payload reports."""
        payload = result.instance
        if not isinstance(payload, dict):
            return
        start, end = (_seconds(payload.get(name)) for name in ("start_time", "end_time"))
        if start is None and end is None:
            return
        status = excerpt.status_of(payload)
        where = result.origin.request or result.origin.source
        key = (where, status, start, end)
        if key in self._bars:
            self._bars[key].payloads += 1
        elif len(self._bars) < _BARS or (where, "RUNNING", start, None) in self._bars:
            self._bars[key] = _Bar(status, start, end, excerpt.where(result), result.origin.request, entry)
        elif len(self._undrawn) < _COUNTED:
            self._undrawn.add(_identity(where, start, end))

    def svg(self) -> str:
        """The timeline with its legend; empty if no payload has a well-formed time."""
        bars = self._merged()
        if not bars:
            return ""
        moments = [moment for bar in bars for moment in (bar.start, bar.end) if moment is not None]
        axis = _Axis(min(moments), max(moments))
        height = _AXIS + _ROW * len(bars)
        rows = "".join(axis.row(bar, number) for number, bar in enumerate(bars))
        drawn = {_identity(where, start, end) for where, _, start, end in self._bars}
        total = len(bars) + len(self._undrawn - drawn)
        facts = counted(total, "customization")
        if total > len(bars):
            at_least = "at least " * (len(self._undrawn) == _COUNTED)
            facts = f"the first {len(bars)} of {at_least}{facts}"
        legend = "".join(
            f'<li class="{name}"><svg width="28" height="12" aria-hidden="true">{shape}</svg> {label}</li>'
            for name, shape, label in _LEGEND
            if name in {_tone(bar) for bar in bars} or (name == "point" and any(map(_is_point, bars)))
        )
        return (
            f'<section aria-labelledby="timeline-title"><details class="times"{" open" * (len(bars) <= _UNFOLDED)}>'
            '<summary><h2 id="timeline-title">Timeline</h2>'
            f'<span class="facts">{facts}</span></summary>\n'
            f'<figure><svg class="timeline" width="100%" height="{height}" role="group" '
            'aria-label="Customizations from start to end" aria-describedby="timeline-note">'
            f"{axis.grid(height)}{rows}</svg>\n"
            f'<ul class="legend">{legend}</ul><figcaption id="timeline-note">Times are in UTC, bars in order of start. '
            "Payloads from one place that report the same customization share a bar. Invalid payloads are drawn "
            "too, as far as their times are well-formed.</figcaption></figure></details></section>"
        )

    def _merged(self) -> list[_Bar]:
        over = {(where, start): bar for (where, _, start, _), bar in self._bars.items() if not _is_open(bar)}
        bars = []
        for (where, _, start, _), bar in self._bars.items():
            whole = over.get((where, start)) if _is_open(bar) else None
            if whole:
                whole.payloads += bar.payloads
            else:
                bars.append(bar)
        return sorted(bars, key=lambda bar: _edges(bar)[0])


_AXIS, _ROW, _THICK = 40, 36, 10
_DAY = 86400
_STEPS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200),
    *(_DAY * days for days in (1, 2, 7, 14, 28, 91, 182, 365, 730, 1826, 3652, 18262, 36524, 182621, 365242, 1826211)),
)
_BAR = f'<rect y="1" width="28" height="{_THICK}"/>'
_CROSS = '<path class="cross" d="M5 2 l6 6 m0 -6 l-6 6"/>'
# The bar reaches the edge; its last part is covered to form the point of the arrow.
_ARROW = '<path class="gap" d="M-9 -2 h11 v14 h-11 z"/><path d="M-9 -1 L0 5 L-9 11 Z"/>'
_POINT = '<circle class="hollow" r="4" cy="5"/>'
_LEGEND = (
    ("SUCCEEDED", _BAR, "SUCCEEDED"),
    (
        "FAILED",
        f'<rect y="1" width="15" height="{_THICK}"/><svg x="16" y="1" overflow="visible">{_CROSS}</svg>',
        "FAILED",
    ),
    (
        "RUNNING",
        f'{_BAR}<svg x="28" y="1" overflow="visible">{_ARROW}</svg>',
        "RUNNING, no end yet",
    ),
    ("unclear", _BAR, "any other status, or an end before the start"),
    ("point", f'<svg x="14" y="1" overflow="visible">{_POINT}</svg>', "only one of the two times given"),
)


def _identity(where: str, start: float | None, end: float | None) -> int:
    """The same for all payloads that report one customization."""
    return hash((where, start, end if start is None else None))


def _vm(request: str | None) -> str:
    """The VM that a request asks about, as "vm-12"; empty if the URL does not name it."""
    found = re.search(r"/vm/([^/?#]{1,100})/guest/customization", request or "")
    return found[1] if found else ""


def _tone(bar: _Bar) -> str:
    """The name of a bar's colour."""
    if bar.start is not None and bar.end is not None and bar.end < bar.start:
        return "unclear"
    return bar.status if bar.status in ("SUCCEEDED", "FAILED", "RUNNING") else "unclear"


def _is_open(bar: _Bar) -> bool:
    return bar.status == "RUNNING" and bar.end is None


def _is_point(bar: _Bar) -> bool:
    return (bar.start is None or bar.end is None) and not _is_open(bar)


def _edges(bar: _Bar) -> tuple[float, float]:
    known = [moment for moment in (bar.start, bar.end) if moment is not None]
    return min(known), max(known)


class _Axis:
    """The scale from moments to positions, in per cent of the width, so that text keeps its size on any screen."""

    def __init__(self, first: float, last: float) -> None:
        # Keeps the outermost bars off the edge.
        margin = (last - first) * 0.04 or 0.5
        self._low, self._high = first - margin, last + margin

    def at(self, moment: float) -> float:
        return 100 * (moment - self._low) / (self._high - self._low)

    def grid(self, height: int) -> str:
        """The grid lines and their labels."""
        step = next((step for step in _STEPS if (self._high - self._low) / step <= 4), _STEPS[-1])
        number, pieces, date_before = int(self._low // step) + 1, [], ""
        while (moment := number * step) < self._high:
            at = self.at(moment)
            anchor = "start" if at < 12 else "end" if at > 88 else "middle"
            date, clock = _written(moment, step)
            pieces.append(f'<line x1="{at:.4f}%" x2="{at:.4f}%" y1="{_AXIS - 6}" y2="{height}"/>')
            for label, y in ((clock, 12), (date if date != date_before else "", 28)):
                pieces.append(f'<text x="{at:.4f}%" y="{y}" text-anchor="{anchor}">{label}</text>' if label else "")
            number, date_before = number + 1, date
        return f'<g class="axis">{"".join(pieces)}</g>'

    def row(self, bar: _Bar, number: int) -> str:
        """A bar with its label above it; a link to the payload if that is on the page."""
        y = _AXIS + _ROW * number
        first, last = _edges(bar)
        left, right = self.at(first), 100 if _is_open(bar) else self.at(last)
        middle = y + 20
        if _is_point(bar):
            shape = f'<svg x="{left:.4f}%" y="{middle}" overflow="visible">{_POINT}</svg>'
        else:
            shape = f'<rect x="{left:.4f}%" y="{middle}" width="{right - left:.4f}%" height="{_THICK}"/>'
            cap = _ARROW if _is_open(bar) else _CROSS if bar.status == "FAILED" else ""
            shape += f'<svg x="{right:.4f}%" y="{middle}" overflow="visible">{cap}</svg>' if cap else ""
        status = excerpt.STATUS_NAMES.get(bar.status, bar.status)
        took = _took(bar)
        place = bar.place if len(bar.place) <= 48 else f"\u2026{bar.place[-47:]}"
        seen = f"reported by {bar.payloads:,} payloads" if bar.payloads > 1 else ""
        vm = _vm(bar.request)
        known = [f"{name} {_moment(moment)}" for name, moment in (("start", bar.start), ("end", bar.end)) if moment]
        # Tooltips keep line breaks.
        title = "\n".join(
            escaped(line, 2 * LONG) for line in (f"{status}, {took}", *known, bar.place, bar.request, seen) if line
        )
        label = (
            f'<text x="0" y="{y + 14}">{f"<tspan>{escaped(vm)}</tspan> " if vm else ""}'
            f'<tspan class="status">{status}</tspan> {escaped(took)} '
            f'<tspan class="place">{escaped(place)}</tspan></text>'
        )
        content = f"<title>{title}</title>{label}{shape}"
        if bar.entry:
            content = f'<a href="#{bar.entry}">{content}</a>'
        return f'<g class="bar {_tone(bar)}">{content}</g>'


def _seconds(value: Instance) -> float | None:
    """A well-formed time in seconds from the start of year 1; None for anything else."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        seconds, fraction = times.instant(value)
    except ValueError:  # There is no such day.
        return None
    return seconds + float(f"0.{fraction[:9] or 0}")


_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def _moment(seconds: float) -> str:
    return " ".join(_written(seconds, 0.001 if seconds % 1 else 1))


def _written(seconds: float, step: float) -> tuple[str, str]:
    """Date and time of day in UTC, as precise as the step between two ticks requires."""
    # An offset can lead beyond the years with four digits.
    inside = min(max(seconds, _DAY), datetime.date.max.toordinal() * _DAY + _DAY - 0.001)
    moment = datetime.datetime(1, 1, 1) + datetime.timedelta(milliseconds=round((inside - _DAY) * 1000))
    precision = "milliseconds" if step < 1 else "seconds" if step < 60 else "minutes"
    date, _, clock = moment.isoformat(timespec=precision).partition("T")
    return date, clock if step < _DAY else ""


def _took(bar: _Bar) -> str:
    if bar.start is None:
        return "start not given"
    if bar.end is None:
        return "no end yet" if _is_open(bar) else "end not given"
    seconds = bar.end - bar.start
    if seconds < 0:
        return f"ends {_duration(-seconds)} before it starts"
    return _duration(seconds)


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
    units = (("d", _DAY, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1))
    unit, size, lesser, part = next(each for each in units if seconds >= each[1])
    whole, rest = divmod(int(seconds), size)
    return f"{whole:,} {unit} {rest // part} {lesser}" if rest // part else f"{whole:,} {unit}"
