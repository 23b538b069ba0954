"""A panel in characters: values by their shape, lines in braille, the reference range shaded; or in plain ASCII."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from emkcli.plots.panels import Dot, Panel, Scale, day, plain, scale, ticks

ROWS = 13
LEAST, MOST = 16, 110
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


@dataclass(frozen=True)
class Signs:
    """What a plot is made of."""

    shapes: dict[int, str]
    mark: str
    band: str
    side: str
    tick: str
    floor: str
    corner: str


UNICODE = Signs({0: "●", 1: "▲", -1: "▼", 2: "◆"}, "◇", "░", "│", "┤", "─", "└")
ASCII = Signs({0: "o", 1: "^", -1: "v", 2: "*"}, "?", ":", "|", "+", "-", "+")


def plot(panel: Panel, columns: int, *, unicode: bool) -> list[str]:
    """At most `columns` wide; nothing where there are no two numbers to compare, or no room."""
    signs, axis = UNICODE if unicode else ASCII, scale(panel)
    marked = ticks(axis, 5)
    margin = max((len(plain(value)) for value in marked), default=1) + 1
    width = min(columns - margin - 1, MOST)
    if len(panel.dots) < 2 or width < LEAST:
        return []
    grid = _Grid(panel, axis, width, signs, braille=unicode)
    labels = {grid.row(value): plain(value) for value in marked}
    lines = [
        f"{labels.get(row, ''):>{margin - 1}} {signs.tick if row in labels else signs.side}{''.join(cells)}".rstrip()
        for row, cells in enumerate(grid.cells())
    ]
    lines.append(" " * margin + signs.corner + grid.floor())
    return [*lines, " " * margin + " " + _days(panel, width)]


def legend(panel: Panel, *, unicode: bool) -> list[tuple[str, str]]:
    """The signs in use, and the word each of them stands for (`in`, `above`, `below`, `flagged`, `text`, `range`)."""
    signs, names = UNICODE if unicode else ASCII, {0: "in", 1: "above", -1: "below", 2: "flagged"}
    used = {dot.side for dot in panel.dots}
    entries = [(signs.shapes[side], names[side]) for side in names if side in used]
    entries += [(signs.mark, "text")] if panel.marks else []
    return [*entries, (signs.band, "range")] if panel.bands else entries


class _Grid:
    """Cells from the top down."""

    def __init__(self, panel: Panel, axis: Scale, width: int, signs: Signs, *, braille: bool) -> None:
        self._panel, self._scale, self._width, self._signs = panel, axis, width, signs
        self._parts = (2, 4) if braille else (1, 1)
        self._first, self._last = panel.times
        self._drawn = braille

    def row(self, value: float) -> int:
        return ROWS - 1 - min(max(int(self._scale(value) * ROWS), 0), ROWS - 1)

    def column(self, at: float) -> int:
        return min(max(int((at - self._first) / (self._last - self._first) * self._width), 0), self._width - 1)

    def cells(self) -> list[list[str]]:
        cells = [[" "] * self._width for _row in range(ROWS)]
        for row, column in self._shaded():
            cells[row][column] = self._signs.band
        for (row, column), bits in self._lines().items():
            cells[row][column] = chr(0x2800 + bits) if self._drawn else "."
        for dot in sorted(self._panel.dots, key=lambda dot: abs(dot.side)):  # what is out of range is on top
            cells[self.row(dot.value)][self.column(dot.at)] = self._signs.shapes[dot.side]
        return cells

    def floor(self) -> str:
        """The time axis; what is no number stands on it."""
        line = [self._signs.floor] * self._width
        for at, _point in self._panel.marks:
            line[self.column(at)] = self._signs.mark
        return "".join(line)

    def _shaded(self) -> Iterator[tuple[int, int]]:
        for band in self._panel.bands:
            top = 0 if band.high is None else self.row(band.high)
            bottom = ROWS - 1 if band.low is None else self.row(band.low)
            for column in range(self.column(band.since), self.column(band.until) + 1):
                yield from ((row, column) for row in range(top, bottom + 1))

    def _lines(self) -> dict[tuple[int, int], int]:
        """The dots of braille cells that lines run through."""
        dots: dict[tuple[int, int], int] = {}
        wide, high = self._parts
        for line in self._panel.lines:
            for x, y in _run([self._place(dot) for dot in line]):
                cell = (y // high, x // wide)
                dots[cell] = dots.get(cell, 0) | (_BRAILLE[y % high][x % wide] if self._drawn else 1)
        return dots

    def _place(self, dot: Dot) -> tuple[int, int]:
        wide, high = self._parts
        share = (dot.at - self._first) / (self._last - self._first)
        x = min(int(share * self._width * wide), self._width * wide - 1)
        return x, min(max(int((1 - self._scale(dot.value)) * ROWS * high), 0), ROWS * high - 1)


def _run(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Every step on the straight lines from place to place."""
    for (x, y), (to_x, to_y) in pairwise(places):
        steps = max(abs(to_x - x), abs(to_y - y), 1)
        for step in range(steps + 1):
            yield x + round((to_x - x) * step / steps), y + round((to_y - y) * step / steps)


def _days(panel: Panel, width: int) -> str:
    """The first and the last day below the axis, and the one between them where there is room."""
    first, last = panel.times
    labels = [day(first), day((first + last) / 2), day(last)] if width >= 40 else [day(first), day(last)]
    if width < 22:
        labels = labels[:1]
    room = width - sum(map(len, labels))
    gaps = [room // max(len(labels) - 1, 1)] * (len(labels) - 1)
    return "".join(day + " " * gap for day, gap in zip(labels, [*gaps, 0], strict=True)).rstrip()
