"""A trend as a page: its panels one below another, each with its axes, its legend and what could not be drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from textwrap import wrap

from emkcli.locale import _, ngettext
from emkcli.models import Trend
from emkcli.plots import wording
from emkcli.plots.marks import arrow, flag, marks
from emkcli.plots.numerals import plain
from emkcli.plots.scales import scale, ticks
from emkcli.plots.series import Panel, Series, panels
from emkcli.plots.shapes import Box, Line, Mark, Shape, Words, colour_of, form_of
from emkcli.plots.time_axis import time_ticks

WIDTH = 860.0
LEFT, RIGHT = 84.0, 132.0
_TOP, _PLOT, _BELOW = 34.0, 240.0, 46.0
_HEAD, _ROW, _LETTERS = 52.0, 19.0, 96
_LETTERS_OF_AXIS = 80


@dataclass(frozen=True)
class Picture:
    height: float
    title: str
    description: str
    shapes: tuple[Shape, ...]


def picture(trend: Trend) -> Picture:
    """A panel for each unit below the name of the analyte. Only positions are computed; what is told is as sent."""
    plots, top = panels(trend), _HEAD
    shapes: list[Shape] = [Words(LEFT, 34, trend.analyte, kind="title")]
    for panel in plots:
        drawn = list(panel_shapes(panel, top))
        shapes += drawn
        top = max(shape.y for shape in drawn if isinstance(shape, Words)) + _ROW
    shapes.append(Words(LEFT, top + _ROW, _("As sent by the laboratories. Not a medical document."), kind="small"))
    return Picture(top + 2 * _ROW, trend.analyte, _description(trend, plots), tuple(shapes))


def _description(trend: Trend, plots: list[Panel]) -> str:
    """What the picture shows, for who cannot see it."""
    count = len(trend.points)
    counted = ngettext("{count} result", "{count} results", count).format(count=count)
    told = (f"{panel.unit}: {wording.caption(panel)}" if panel.unit else wording.caption(panel) for panel in plots)
    return f"{trend.analyte}: {counted}. " + ". ".join(filter(None, told))


def panel_shapes(panel: Panel, top: float) -> Iterator[Shape]:
    """A panel from there downwards, with its legend; the last words are the lowest."""
    yield Words(LEFT, top + _TOP - 12, wording.unit(panel))
    below = top + _TOP
    if panel.dots:
        frame = Frame(panel, top + _TOP)
        yield from frame.shapes()
        below = frame.floor + _BELOW
    for number, row in enumerate(_legend(panel)):
        yield from row.at(below + number * _ROW)


class Frame:
    """Moments and values of a panel onto the page."""

    def __init__(self, panel: Panel, top: float) -> None:
        self._panel, self._scale, self.top = panel, scale(panel), top
        self._first, self._last = panel.times
        self.floor = top + _PLOT

    def x(self, at: float) -> float:
        return LEFT + 16 + (at - self._first) / (self._last - self._first) * (WIDTH - LEFT - RIGHT - 32)

    def y(self, value: float) -> float:
        return self.floor - min(max(self._scale(value), 0.0), 1.0) * _PLOT

    def shapes(self) -> Iterator[Shape]:
        yield from self._bands()
        yield from self._axes()
        for one in self._panel.series:
            for line in one.lines:
                if len(line) > 1:
                    yield Line(tuple((self.x(dot.at), self.y(dot.value)) for dot in line), "line", colour_of(one.look))
        for one in self._panel.series:
            yield from chain.from_iterable(marks(dot, self.x(dot.at), self.y(dot.value), one.look) for dot in one.dots)
        yield from self._labels()

    def _bands(self) -> Iterator[Shape]:
        for series in self._panel.series:
            for band in series.bands:
                first = LEFT if band.since <= self._first else self.x(band.since)
                last = WIDTH - RIGHT if band.until >= self._last else self.x(band.until)
                upper = self.top if band.high is None else self.y(band.high)
                lower = self.floor if band.low is None else self.y(band.low)
                yield Box(first, upper, max(last - first, 2.0), max(lower - upper, 1.0), colour_of(series.look))

    def _axes(self) -> Iterator[Shape]:
        for value in ticks(self._scale, 6):
            yield Line(((LEFT, self.y(value)), (WIDTH - RIGHT, self.y(value))), "grid")
            yield Words(LEFT - 8, self.y(value) + 4, plain(value), "end")
        yield Line(((LEFT, self.floor), (WIDTH - RIGHT, self.floor)), "axis")
        for turn in time_ticks(self._first, self._last, _LETTERS_OF_AXIS):
            yield Line(((self.x(turn.at), self.floor), (self.x(turn.at), self.floor + 6)), "axis")
            yield Words(self.x(turn.at), self.floor + 22, turn.text, "middle")

    def _labels(self) -> Iterator[Shape]:
        """The last value of each series beside it, and the newest range at the edge of the page."""
        taken: list[tuple[float, float]] = []
        for series in sorted(self._panel.series, key=lambda series: series is not self._panel.newest):
            for dot in series.dots[-1:]:
                x, y = self.x(dot.at) + 12, self.y(dot.value) + 5
                while any(abs(x - other_x) < 70 and abs(y - other_y) < 14 for other_x, other_y in taken):
                    y += 14
                taken.append((x, y))
                yield Words(x, min(y, self.floor), dot.label, kind="last")
        for band in self._panel.newest.bands[-1:]:
            yield Words(WIDTH - 6, self.y(band.middle) + 4, band.label, "end", "range")


@dataclass(frozen=True)
class _Row:
    """A line of the legend: signs, and what they stand for."""

    text: str
    signs: tuple[Mark | Box, ...] = ()

    def at(self, y: float) -> Iterator[Shape]:
        for sign in self.signs:
            if isinstance(sign, Box):
                yield Box(sign.x, y - 10, sign.width, 12, sign.colour)
            else:
                yield Mark(sign.x, y - 4 + sign.y, sign.form, sign.colour, sign.hollow, sign.size)
        yield Words(LEFT + (24 if self.signs else 0), y, self.text)


def _legend(panel: Panel) -> Iterator[_Row]:
    """Every series, every sign in use, what the picture shows in words, and what could not be drawn."""
    for series, name in zip(panel.series, wording.names(panel), strict=True):
        yield from _wrapped(name, Mark(LEFT + 8, 0, form_of(series.look), colour_of(series.look)))
    yield from _signs(panel)
    yield from _wrapped(wording.caption(panel))
    if panel.undrawn:
        yield from _wrapped(wording.undrawn(panel.undrawn))


def _signs(panel: Panel) -> Iterator[_Row]:
    sides, directions = {dot.side for dot in panel.dots}, {dot.direction for dot in panel.dots}
    for side, name in ((1, "above"), (-1, "below"), (2, "flagged")):
        if side in sides:
            yield _Row(_(wording.SIGNS[name]), (flag(LEFT + 8, 0, side),))
    for direction, name in ((-1, "less"), (1, "more")):
        if direction in directions:
            look = _first_with(panel, direction).look
            hollow = Mark(LEFT + 3, 0, form_of(look), colour_of(look), hollow=True, size=4)
            yield _Row(_(wording.SIGNS[name]), (hollow, arrow(LEFT + 14, 0, direction, look)))
    for series in panel.series:
        if series.bands:
            sent = f": {wording.range_of(series)}"[:_LETTERS]
            yield _Row(_(wording.SIGNS["range"]) + sent, (Box(LEFT, 0, 16, 0, colour_of(series.look)),))


def _first_with(panel: Panel, direction: int) -> Series:
    return next(series for series in panel.series if any(dot.direction == direction for dot in series.censored))


def _wrapped(text: str, *signs: Mark) -> Iterator[_Row]:
    first, *others = wrap(text, _LETTERS) or [""]
    yield _Row(first, signs)
    yield from (_Row(line) for line in others)
