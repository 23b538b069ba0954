"""A trend as shapes on a page, whatever draws them: boxes, lines, marks and words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from emkcli.locale import _, ngettext
from emkcli.models import Trend, TrendPoint
from emkcli.plots.panels import LARGEST, Panel, Scale, day, panels, plain, scale, ticks

WIDTH = 860.0
_LEFT, _RIGHT, _TOP, _PLOT, _BELOW = 76.0, 24.0, 34.0, 240.0, 62.0
_HEAD = 52.0


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True)
class Line:
    points: tuple[tuple[float, float], ...]
    kind: str


@dataclass(frozen=True)
class Mark:
    """`side` as `out_of_range.side` tells it, None for what is no number; `caption` is what it stands for."""

    x: float
    y: float
    side: int | None
    caption: str


@dataclass(frozen=True)
class Words:
    """`at` is the place of the text: `start`, `middle` or `end`."""

    x: float
    y: float
    text: str
    at: str = "start"
    kind: str = "label"


Shape = Box | Line | Mark | Words


@dataclass(frozen=True)
class Picture:
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]


def picture(trend: Trend) -> Picture:
    """A panel for each unit below the name of the analyte. Only positions are computed; what is told is as sent."""
    plots = panels(trend)
    room = _TOP + _PLOT + _BELOW
    shapes = [_panel(panel, _HEAD + number * room) for number, panel in enumerate(plots)]
    count = len(trend.points)
    counted = ngettext("{count} result", "{count} results", count).format(count=count)
    dated = [point.at for point in trend.points if point.at]
    description = f"{trend.analyte}: {counted}" + (f", {dated[0][:10]} – {dated[-1][:10]}" if dated else "")
    foot = Words(_LEFT, _HEAD + len(plots) * room, _("As sent by the laboratories. Not a medical document."))
    head = Words(_LEFT, 34, trend.analyte, kind="title")
    return Picture(foot.y + 20, trend.analyte, description, (head, *chain.from_iterable(shapes), foot))


def _panel(panel: Panel, top: float) -> Iterator[Shape]:
    place = _Place(panel, scale(panel), top + _TOP)
    yield Words(_LEFT, top + _TOP - 12, _unit(panel))
    yield from place.bands()
    if panel.lines:
        yield from place.axis()
    yield Line(((_LEFT, place.floor), (WIDTH - _RIGHT, place.floor)), "axis")
    for line in panel.lines:
        if len(line) > 1:
            yield Line(tuple((place.x(dot.at), place.y(dot.value)) for dot in line), "line")
    yield from place.marks()
    yield from place.days()


def _unit(panel: Panel) -> str:
    if not panel.scaled:
        return panel.unit
    message = _("{unit}; drawn in it by an exact factor: {others}")
    return message.format(unit=panel.unit, others=", ".join(panel.scaled))


class _Place:
    """Moments and values of a panel onto the page."""

    def __init__(self, panel: Panel, axis: Scale, top: float) -> None:
        self._panel, self._scale, self._top = panel, axis, top
        self._first, self._last = panel.times
        self.floor = top + _PLOT

    def x(self, at: float) -> float:
        return _LEFT + 12 + (at - self._first) / (self._last - self._first) * (WIDTH - _LEFT - _RIGHT - 24)

    def y(self, value: float) -> float:
        return self.floor - min(max(self._scale(value), 0.0), 1.0) * _PLOT

    def bands(self) -> Iterator[Shape]:
        for band in self._panel.bands:
            first = _LEFT if band.since <= self._first else self.x(band.since)
            last = WIDTH - _RIGHT if band.until >= self._last else self.x(band.until)
            upper = self._top if band.high is None or abs(band.high) > LARGEST else self.y(band.high)
            lower = self.floor if band.low is None or abs(band.low) > LARGEST else self.y(band.low)
            yield Box(first, upper, max(last - first, 2.0), max(lower - upper, 1.0), "band")

    def axis(self) -> Iterator[Shape]:
        for value in ticks(self._scale, 6):
            yield Line(((_LEFT, self.y(value)), (WIDTH - _RIGHT, self.y(value))), "grid")
            yield Words(_LEFT - 8, self.y(value) + 4, plain(value), "end")

    def marks(self) -> Iterator[Shape]:
        for dot in self._panel.dots:
            yield Mark(self.x(dot.at), self.y(dot.value), dot.side, _caption(dot.point))
        for at, point in self._panel.marks:
            yield Mark(self.x(at), self.floor, None, _caption(point))
            yield Words(self.x(at), self.floor - 8, (point.value or "")[:24], "middle", "small")

    def days(self) -> Iterator[Shape]:
        yield Words(_LEFT, self.floor + 22, day(self._first))
        yield Words((_LEFT + WIDTH - _RIGHT) / 2, self.floor + 22, day((self._first + self._last) / 2), "middle")
        yield Words(WIDTH - _RIGHT, self.floor + 22, day(self._last), "end")


def _caption(point: TrendPoint) -> str:
    """One result in words, as it was sent."""
    reference = point.reference
    spread = ""
    if reference:
        spread = reference.text or f"{reference.low or '…'} – {reference.high or '…'}"
    measured = " ".join(filter(None, (point.value, point.unit, point.flag or point.interpretation)))
    return f"{(point.at or '')[:10]}: {measured}" + (f" [{spread}]" if spread else "")
