"""How one value is marked in a picture: by its series, its side of the range, and whether it is a number at all."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli.plots.series import Dot
from emkcli.plots.shapes import Mark, colour_of, form_of
from emkcli.plots.wording import measured

SIDES = {1: "up", -1: "down", 2: "noticed"}
_BESIDE, _SMALL = 11.0, 4.0


def marks(dot: Dot, x: float, y: float, look: int) -> Iterator[Mark]:
    """A limit is hollow and has an arrow to where the value lies; what is out of its range has a sign on that side."""
    yield Mark(x, y, form_of(look), colour_of(look), hollow=bool(dot.direction), caption=measured(dot.point))
    if dot.direction:
        yield arrow(x, y - _BESIDE * dot.direction, dot.direction, look)
    if dot.side:
        upwards = dot.side if abs(dot.side) == 1 else 1
        aside = _BESIDE if dot.direction == upwards else 0.0
        yield flag(x + aside, y - (0.0 if aside else _BESIDE * upwards), dot.side)


def arrow(x: float, y: float, direction: int, look: int) -> Mark:
    return Mark(x, y, "arrow-up" if direction > 0 else "arrow-down", colour_of(look), size=_SMALL)


def flag(x: float, y: float, side: int) -> Mark:
    return Mark(x, y, SIDES[side], size=_SMALL)
