"""A trend as a small picture: the values in time over the band of the reference range."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

from emkcli.clinical.out_of_range import bounds
from emkcli.locale import _
from emkcli.models import Reference
from emkcli.plots.markup import safe
from emkcli.plots.panels import plain

_WIDTH, _HEIGHT, _EDGE = 160.0, 36.0, 4.0
_MOST = 80


class Point(NamedTuple):
    at: float
    value: float


def trend(points: Sequence[Point], reference: Reference | None) -> str:
    """An inline SVG of the newest eighty numbers; nothing when there are fewer than two."""
    newest = sorted(point for point in points if isfinite(point.value))[-_MOST:]
    if len(newest) < 2:
        return '<span class="trend"></span>'
    low, high = bounds(reference)
    values = [point.value for point in newest]
    scale = _Scale([*values, *(bound for bound in (low, high) if bound is not None)])
    first, last = newest[0].at, newest[-1].at
    span = (last - first) or 1.0
    step = _WIDTH - 2 * _EDGE
    places = [(_EDGE + (point.at - first) / span * step, scale.y(point.value)) for point in newest]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    x, y = places[-1]
    description = _("Trend: from {first} to {last}, least {least}, most {most}").format(
        first=plain(values[0]), last=plain(values[-1]), least=plain(min(values)), most=plain(max(values))
    )
    return (
        f'<svg class="trend" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" aria-label="{safe(description)}">'
        f'{_band(scale, low, high)}<polyline points="{line}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/></svg>'
    )


class _Scale:
    """Values onto the height of the picture, the greatest at the top; by halves, so that no difference overflows."""

    def __init__(self, values: Sequence[float]) -> None:
        self._low = min(values) / 2
        self._room = (max(values) / 2 - self._low) or 1.0

    def y(self, value: float) -> float:
        return _HEIGHT - _EDGE - (value / 2 - self._low) / self._room * (_HEIGHT - 2 * _EDGE)


def _band(scale: _Scale, low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    top = scale.y(high) if high is not None else 0.0
    bottom = scale.y(low) if low is not None else _HEIGHT
    return f'<rect x="0" y="{top:.1f}" width="{_WIDTH:.0f}" height="{max(bottom - top, 1):.1f}"/>'
