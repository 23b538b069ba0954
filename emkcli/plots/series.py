"""A trend made ready to be drawn: one panel for each unit, and in it the series that words tell apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import isfinite

from emkcli.clinical import units
from emkcli.clinical.censored import censored
from emkcli.clinical.dates import order, span
from emkcli.clinical.out_of_range import bounds, side
from emkcli.clinical.status import is_withdrawn
from emkcli.clinical.written_range import in_words, with_comma
from emkcli.models import Trend, TrendPoint, TrendSegment
from emkcli.plots.numerals import plain

LARGEST = 1e15
"""What is greater is no measurement; a picture of it would show nothing else."""
MOST_SERIES = 6
"""So many an eye tells apart by marker and colour; the rest of a unit's series gets a panel of its own."""

_SIGN = re.compile(r"[<>]=?|[≤≥]")
_SHORT = re.compile(rf"(?:{_SIGN.pattern})?[ ]?[\d.,+-]{{1,8}}", re.ASCII)


@dataclass(frozen=True)
class Dot:
    """A value at a moment, in the panel's unit, and what it is labelled by; `side` as `out_of_range.side` tells it.

    `direction`: 0 for a number; -1 or 1 for a limit that the true value lies below or above, and no line touches that one.
    """

    at: float
    value: float
    side: int
    label: str
    point: TrendPoint
    direction: int = 0


@dataclass(frozen=True)
class Band:
    """The range that was sent, around the moments it was sent with; an end that was not sent is None."""

    since: float
    until: float
    low: float | None
    high: float | None

    @property
    def label(self) -> str:
        """Its ends in the panel's unit."""
        low, high = ("" if end is None else plain(end) for end in (self.low, self.high))
        return in_words(low, high, None)

    @property
    def middle(self) -> float:
        """Where the label stands: at the only end, or between the two."""
        ends = [end for end in (self.low, self.high) if end is not None]
        return sum(ends) / len(ends)


@dataclass
class Series:
    """Results of one code, unit, specimen and method; `number` is its place in the trend's segments, `look` among all that
    are drawn together, by which a picture tells it apart.

    A line is a run of numbers; it ends where a result stands that is no number. What cannot be drawn is no
    number, or has no date.
    """

    number: int
    segment: TrendSegment
    lines: list[list[Dot]] = field(default_factory=list)
    censored: list[Dot] = field(default_factory=list)
    undrawn: list[TrendPoint] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    look: int = 0

    @property
    def numbers(self) -> list[Dot]:
        return list(chain.from_iterable(self.lines))

    @property
    def dots(self) -> list[Dot]:
        """All that is drawn, the oldest first."""
        return sorted([*self.numbers, *self.censored], key=lambda dot: dot.at)


@dataclass
class Panel:
    """What shares an axis. `scaled`: units whose numbers were taken to the panel's unit by an exact factor."""

    unit: str
    series: list[Series] = field(default_factory=list)
    scaled: list[str] = field(default_factory=list)

    @property
    def dots(self) -> list[Dot]:
        return sorted(chain.from_iterable(series.dots for series in self.series), key=lambda dot: dot.at)

    @property
    def undrawn(self) -> list[TrendPoint]:
        return list(chain.from_iterable(series.undrawn for series in self.series))

    @property
    def newest(self) -> Series:
        """The series of the newest value: its range is the one that is labelled."""
        return max(self.series, key=lambda series: max((dot.at for dot in series.dots), default=float("-inf")))

    @property
    def times(self) -> tuple[float, float]:
        """The first and the last moment; a single one gets a day on both sides."""
        moments = [dot.at for dot in self.dots] or [0.0]
        first, last = min(moments), max(moments)
        return (first, last) if last > first else (first - 86400, last + 86400)


def panels(trend: Trend, drawn: int = 0) -> list[Panel]:
    """A panel for the trend's unit and what an exact factor takes there, and one for each other unit; beside so many series that
    are drawn already."""
    by_unit: dict[tuple[str, ...], list[Panel]] = {}
    for number, segment in enumerate(trend.segments):
        points = [p for p in trend.points if p.segment == number and not is_withdrawn(p)]
        if points:
            panel = _panel_of(by_unit, trend, segment)
            panel.series.append(_series(number, segment, points))
            if segment.factor not in (None, 1.0) and segment.unit and segment.unit not in panel.scaled:
                panel.scaled.append(segment.unit)
    found = list(chain.from_iterable(by_unit.values()))
    for look, series in enumerate(chain.from_iterable(panel.series for panel in found), drawn):
        series.look = look
    return found


def _panel_of(by_unit: dict[tuple[str, ...], list[Panel]], trend: Trend, segment: TrendSegment) -> Panel:
    """A series without a unit shares an axis with none that has one."""
    own = segment.unit or ""
    key = () if segment.factor is not None else (units.known(segment.unit, segment.unit_code),)
    of_unit = by_unit.setdefault(key, [])
    if not of_unit or len(of_unit[-1].series) == MOST_SERIES:
        of_unit.append(Panel(own if key else trend.unit or own))
    return of_unit[-1]


def _series(number: int, segment: TrendSegment, points: Sequence[TrendPoint]) -> Series:
    series, run = Series(number, segment), list[Dot]()
    factor = segment.factor or 1.0
    series.undrawn = [point for point in points if not span(point.at or "")]
    for point in sorted(filter(lambda point: span(point.at or ""), points), key=lambda point: order(point.at)):
        dot = _dot(point, segment, factor)
        if dot is not None and not dot.direction:
            run.append(dot)
            continue
        series.lines, run = [*series.lines, *([run] if run else [])], []
        if dot is None:
            series.undrawn.append(point)
        else:
            series.censored.append(dot)
    series.lines += [run] if run else []
    series.bands = _bands(series.dots, factor)
    return series


def _dot(point: TrendPoint, segment: TrendSegment, factor: float) -> Dot | None:
    """None for what has no place on an axis."""
    limit = censored(point.value, point.unit, segment.unit_code)
    value = limit.limit if limit else point.value_number
    value = with_comma(point.value) if value is None else value
    if value is None or not isfinite(value) or abs(value * factor) > LARGEST:
        return None
    direction = limit.direction if limit else 0
    label = _label(point.value or "", value * factor, direction, is_as_sent=factor == 1)
    return Dot(order(point.at).timestamp(), value * factor, side(point), label, point, direction)


def _label(sent: str, value: float, direction: int, *, is_as_sent: bool) -> str:
    """As it was sent, where that is short and in the panel's unit; else with the sign that was sent."""
    if is_as_sent and _SHORT.fullmatch(sent):
        return sent
    sign = _SIGN.match(sent)
    return f"{sign[0] if sign else '<' if direction < 0 else '>' * direction}{plain(value)}"


def _bands(dots: Sequence[Dot], factor: float) -> list[Band]:
    """Each range holds halfway to the neighbours; none is drawn where none was sent, and equal ones are one."""
    bands: list[Band] = []
    for place, dot in enumerate(dots):
        low, high = (_end(end, factor) for end in bounds(dot.point.reference))
        if low is None and high is None:
            continue
        before, after = dots[max(place - 1, 0)].at, dots[min(place + 1, len(dots) - 1)].at
        since, until = (before + dot.at) / 2, (dot.at + after) / 2
        if bands and (bands[-1].until, bands[-1].low, bands[-1].high) == (since, low, high):
            since = bands.pop().since
        bands.append(Band(since, until, low, high))
    return bands


def _end(end: float | None, factor: float) -> float | None:
    return None if end is None or abs(end * factor) > LARGEST else end * factor
