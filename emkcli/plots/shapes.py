"""What a picture consists of, whatever draws it: boxes, lines, marks and words."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

from emkcli.plots.series import MOST_SERIES

FORMS = ("circle", "square", "diamond", "triangle", "pentagon", "cross")
COLOURS = ("#1f5fa8", "#a85400", "#1b7f4d", "#7a3fa0", "#6b6b00", "#00798c")
"""What tells a series apart, by its look; each colour is 4.5:1 or better on white."""
FLAG = "#b3261e"
assert len(FORMS) == len(COLOURS) == MOST_SERIES


@dataclass(frozen=True)
class Box:
    """`colour` is that of the series whose range it is, by its place in `COLOURS`."""

    x: float
    y: float
    width: float
    height: float
    colour: int = 0


@dataclass(frozen=True)
class Line:
    """`colour` is None for a line of the frame, which is of the `kind` axis or grid."""

    points: tuple[tuple[float, float], ...]
    kind: str
    colour: int | None = None


@dataclass(frozen=True)
class Mark:
    """A value, or the sign beside one. `form` is one of `FORMS` or an arrow: up, down; a hollow mark is no number.

    `colour` is None for a sign that speaks of the range; `caption` is what the mark stands for.
    """

    x: float
    y: float
    form: str
    colour: int | None = None
    hollow: bool = False
    size: float = 5.0
    caption: str = ""


@dataclass(frozen=True)
class Words:
    """`at` is the place of the text: `start`, `middle` or `end`."""

    x: float
    y: float
    text: str
    at: str = "start"
    kind: str = "label"


Shape = Box | Line | Mark | Words


def form_of(look: int) -> str:
    return FORMS[look % MOST_SERIES]


def colour_of(look: int) -> int:
    """Each round of forms has its colours moved on by one: no two of 36 looks are alike."""
    return (look + look // MOST_SERIES) % MOST_SERIES


def corners(mark: Mark) -> tuple[tuple[float, float], ...]:
    """The outline of a mark that is no circle."""
    return tuple((mark.x + x * mark.size, mark.y + y * mark.size) for x, y in _OUTLINES[mark.form])


def _regular(count: int, radius: float) -> tuple[tuple[float, float], ...]:
    return tuple((radius * sin(2 * pi * n / count), -radius * cos(2 * pi * n / count)) for n in range(count))


_THIRD = 0.4
_OUTLINES = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "triangle": _regular(3, 1.3),
    "pentagon": _regular(5, 1.2),
    "cross": (
        *((-_THIRD, -1.2), (_THIRD, -1.2), (_THIRD, -_THIRD), (1.2, -_THIRD), (1.2, _THIRD), (_THIRD, _THIRD)),
        *((_THIRD, 1.2), (-_THIRD, 1.2), (-_THIRD, _THIRD), (-1.2, _THIRD), (-1.2, -_THIRD), (-_THIRD, -_THIRD)),
    ),
    "up": ((0, -1.2), (1, 0.8), (-1, 0.8)),
    "down": ((0, 1.2), (1, -0.8), (-1, -0.8)),
    "noticed": ((0, -1), (1, 0), (0, 1), (-1, 0)),
    "arrow-up": ((0, -1.6), (1, -0.4), (0.3, -0.4), (0.3, 1), (-0.3, 1), (-0.3, -0.4), (-1, -0.4)),
    "arrow-down": ((0, 1.6), (1, 0.4), (0.3, 0.4), (0.3, -1), (-0.3, -1), (-0.3, 0.4), (-1, 0.4)),
}
