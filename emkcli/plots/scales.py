"""Values on an axis: what has room on it, and the round values it is marked with."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

from emkcli.plots.series import Panel

_ROOM = 0.08
"""Of the height, above and below: a mark and its arrow stay within the frame."""


@dataclass(frozen=True)
class Scale:
    """Values onto 0 (the lowest) to 1."""

    low: float
    high: float

    def __call__(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low)


def scale(panel: Panel) -> Scale:
    """Every value, every limit and every end of a range has room."""
    bands = [band for series in panel.series for band in series.bands]
    ends = [end for band in bands for end in (band.low, band.high) if end is not None]
    values = [*(dot.value for dot in panel.dots), *ends] or [0.0, 1.0]
    low, high = min(values), max(values)
    room = (high - low) * _ROOM or abs(high) * 0.1 or 1.0
    return Scale(low - room, high + room)


def ticks(axis: Scale, most: int) -> list[float]:
    """Round values for an axis, at most so many."""
    step = _step((axis.high - axis.low) / max(most - 1, 1))
    first, last = ceil(axis.low / step), floor(axis.high / step)
    return [number * step for number in range(first, last + 1)][: max(most, 1)]


def _step(least: float) -> float:
    power = 10.0 ** floor(log10(least))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= least * 0.999)
