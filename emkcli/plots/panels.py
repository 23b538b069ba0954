"""A series made ready to be drawn: one panel for each unit, with its lines, its range in time and its marks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from math import ceil, floor, isfinite, log10

from emkcli.clinical import units
from emkcli.clinical.dates import local, order, span
from emkcli.clinical.out_of_range import bounds, side
from emkcli.clinical.status import is_withdrawn
from emkcli.models import Trend, TrendPoint

LARGEST = 1e15
"""What is greater is no measurement; a picture of it would show nothing else."""


@dataclass(frozen=True)
class Dot:
    """A number at a moment; `side` as `out_of_range.side` tells it."""

    at: float
    value: float
    side: int
    point: TrendPoint


@dataclass(frozen=True)
class Band:
    """The range that was sent, around the moments it was sent with; an end that was not sent is None."""

    since: float
    until: float
    low: float | None
    high: float | None


@dataclass
class Panel:
    """`scaled`: units whose numbers were taken to the panel's unit by an exact factor."""

    unit: str
    lines: list[list[Dot]] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    marks: list[tuple[float, TrendPoint]] = field(default_factory=list)
    scaled: list[str] = field(default_factory=list)

    @property
    def dots(self) -> list[Dot]:
        return sorted(chain.from_iterable(self.lines), key=lambda dot: dot.at)

    @property
    def times(self) -> tuple[float, float]:
        """The first and the last moment; a single one gets a day on both sides."""
        moments = [dot.at for dot in self.dots] + [at for at, _point in self.marks]
        first, last = min(moments), max(moments)
        return (first, last) if last > first else (first - 86400, last + 86400)


@dataclass(frozen=True)
class Scale:
    """Values onto 0 (the lowest) to 1."""

    low: float
    high: float

    def __call__(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low)

    def back(self, share: float) -> float:
        return self.low + share * (self.high - self.low)


def panels(trend: Trend) -> list[Panel]:
    """A panel for the trend's unit and what an exact factor takes there, and one for each other unit."""
    by_unit: dict[str, Panel] = {}
    for number, segment in enumerate(trend.segments):
        points = [p for p in trend.points if p.segment == number and not is_withdrawn(p) and span(p.at or "")]
        own = segment.unit or ""
        name = "" if segment.factor is not None else units.known(segment.unit, segment.unit_code)
        panel = by_unit.setdefault(name, Panel((trend.unit or own) if segment.factor is not None else own))
        _fill(panel, points, segment.factor or 1.0)
        if segment.factor not in (None, 1.0) and own not in panel.scaled:
            panel.scaled.append(own)
    return [panel for panel in by_unit.values() if panel.lines or panel.marks]


def _fill(panel: Panel, points: Sequence[TrendPoint], factor: float) -> None:
    dots = []
    for point in points:
        at = order(point.at).timestamp()
        value = None if point.value_number is None else point.value_number * factor
        if value is None or not isfinite(value) or abs(value) > LARGEST:
            panel.marks.append((at, point))
        else:
            dots.append(Dot(at, value, side(point), point))
    if dots:
        panel.lines.append(dots)
        panel.bands += _bands(dots, factor)


def _bands(dots: Sequence[Dot], factor: float) -> Iterator[Band]:
    """Each range holds halfway to the neighbours; none is drawn where none was sent."""
    for place, dot in enumerate(dots):
        low, high = (None if end is None else end * factor for end in bounds(dot.point.reference))
        if low is None and high is None:
            continue
        before, after = dots[max(place - 1, 0)].at, dots[min(place + 1, len(dots) - 1)].at
        yield Band((before + dot.at) / 2, (dot.at + after) / 2, low, high)


def scale(panel: Panel) -> Scale:
    """Every value and every end of a range has room."""
    ends = [end for band in panel.bands for end in (band.low, band.high) if end is not None and abs(end) <= LARGEST]
    values = [*(dot.value for dot in panel.dots), *ends] or [0.0, 1.0]
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return Scale(max(low - room, 0.0) if low >= 0 else low - room, high + room)


def ticks(axis: Scale, most: int) -> list[float]:
    """Round values for an axis, at most so many."""
    step = _step((axis.high - axis.low) / max(most - 1, 1))
    first, last = ceil(axis.low / step), floor(axis.high / step)
    return [number * step for number in range(first, last + 1)][: max(most, 1)]


def _step(least: float) -> float:
    power = 10.0 ** floor(log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least * 0.999)


def plain(value: float) -> str:
    return f"{value:.6g}"


def day(at: float) -> str:
    try:
        return local(datetime.fromtimestamp(at, UTC)).strftime("%d.%m.%Y")
    except (ValueError, OverflowError, OSError):
        return ""
