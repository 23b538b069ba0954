"""A trend as a small picture: the values in time over the band of the reference range, series and limits told apart."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli.locale import _
from emkcli.plots import wording
from emkcli.plots.markup import safe
from emkcli.plots.picture import WIDTH, panel_shapes
from emkcli.plots.scales import scale
from emkcli.plots.series import Dot, Panel, Series
from emkcli.plots.shapes import Box, Line, Mark, Shape, Words, colour_of, form_of
from emkcli.plots.svg import element

_WIDE, _HIGH, _EDGE = 160.0, 36.0, 5.0
_SIZE = 2.6


def sparkline(panel: Panel) -> str:
    """An inline SVG; nothing when there are fewer than two values to compare."""
    if len(panel.dots) < 2:
        return ""
    shapes = "".join(map(element, _Small(panel).shapes()))
    return f'<svg class="trend" viewBox="0 0 {_WIDE:.0f} {_HIGH:.0f}" role="img" aria-label="{_told(panel)}">{shapes}</svg>'


def large(panel: Panel) -> str:
    """The same with axes and legend, where a small picture cannot say all: several series, limits, what was not drawn."""
    is_plain = len(panel.series) == 1 and not panel.undrawn and not panel.series[0].censored
    if is_plain or len(panel.dots) < 2:
        return ""
    shapes = list(panel_shapes(panel, 0))
    height = max(shape.y for shape in shapes if isinstance(shape, Words)) + 12
    size = f'viewBox="0 0 {WIDTH:.0f} {height:.0f}"'
    return f'<svg class="picture" {size} role="img" aria-label="{_told(panel)}">{"".join(map(element, shapes))}</svg>'


def _told(panel: Panel) -> str:
    return safe(_("Trend: {caption}").format(caption=wording.caption(panel)))


class _Small:
    """Moments and values onto the small picture."""

    def __init__(self, panel: Panel) -> None:
        self._panel, self._scale = panel, scale(panel)
        self._first, self._last = panel.times

    def shapes(self) -> Iterator[Shape]:
        for band in self._panel.newest.bands:
            upper = 0.0 if band.high is None else self._y(band.high)
            lower = _HIGH if band.low is None else self._y(band.low)
            left, right = self._x(band.since), self._x(band.until)
            yield Box(left, upper, max(right - left, 1.0), max(lower - upper, 1.0), colour_of(self._panel.newest.look))
        for series in self._panel.series:
            for line in series.lines:
                if len(line) > 1:
                    yield Line(
                        tuple((self._x(dot.at), self._y(dot.value)) for dot in line), "line", colour_of(series.look)
                    )
            yield from (self._mark(dot, series.look) for dot in self._marked(series))

    def _marked(self, series: Series) -> list[Dot]:
        """A lone series is marked where it ends and where no line is; of several each value is, to tell them apart."""
        dots = series.dots
        if len(self._panel.series) > 1:
            return dots
        joined = {id(dot) for line in series.lines if len(line) > 1 for dot in line}
        return [dot for dot in dots if dot is dots[-1] or id(dot) not in joined]

    def _mark(self, dot: Dot, look: int) -> Mark:
        """A limit is a hollow triangle that points to where the value lies."""
        form = {0: form_of(look), 1: "up", -1: "down"}[dot.direction]
        return Mark(self._x(dot.at), self._y(dot.value), form, colour_of(look), hollow=bool(dot.direction), size=_SIZE)

    def _x(self, at: float) -> float:
        return _EDGE + (at - self._first) / (self._last - self._first) * (_WIDE - 2 * _EDGE)

    def _y(self, value: float) -> float:
        return _HIGH - _EDGE - self._scale(value) * (_HIGH - 2 * _EDGE)
