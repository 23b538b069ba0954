"""A panel in characters: values by their shape, lines in braille, the reference range shaded; or in plain ASCII."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from emkcli.plots.numerals import in_ascii, plain
from emkcli.plots.scales import Scale, scale, ticks
from emkcli.plots.series import Dot, Panel
from emkcli.plots.signs import Signs, Span, letter, shape, signs_of
from emkcli.plots.time_axis import TimeTick, time_ticks

ROWS = 13
LEAST, MOST = 16, 110
_ROOMY = 40
"""Where less is left for the plot, the labels on its right give way."""
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))

Cell = tuple[str, int]
Note = tuple[float, Span]
"""A label, and the value that it stands beside."""


def plot(panel: Panel, columns: int, *, unicode: bool) -> list[list[Span]]:
    """At most `columns` wide; nothing where there are no two values to compare, or no room."""
    signs, axis, spelled = signs_of(unicode=unicode), scale(panel), str if unicode else in_ascii
    marked = [(value, spelled(plain(value))) for value in ticks(axis, 5)]
    margin = max((len(text) for _value, text in marked), default=1) + 1
    width, notes = _room(
        min(columns - margin - 1, MOST), [(value, (spelled(text), side)) for value, (text, side) in _notes(panel)]
    )
    if len(panel.dots) < 2 or width < LEAST:
        return []
    grid = _Grid(panel, axis, width, signs, braille=unicode)
    labels = {grid.row(value): text for value, text in marked}
    beside = _beside(grid, notes)
    lines = [
        _line(
            f"{labels.get(row, ''):>{margin - 1}} {signs.tick if row in labels else signs.side}", cells, beside.get(row)
        )
        for row, cells in enumerate(grid.cells())
    ]
    return [*lines, *_time_axis(grid, time_ticks(*panel.times, width), signs, margin)]


def _room(width: int, notes: list[Note]) -> tuple[int, list[Note]]:
    """The columns of the plot, and the notes on its right where these leave enough."""
    rest = width - 1 - max((len(text) for _value, (text, _side) in notes), default=0)
    return (rest, notes) if rest >= _ROOMY else (width, [])


def _line(head: str, cells: Sequence[Cell], note: Span | None) -> list[Span]:
    """Neighbours of one side are one piece; nothing trails."""
    spans = [
        (head, 0),
        *(("".join(sign for sign, _s in run), side) for side, run in groupby(cells, lambda cell: cell[1])),
    ]
    spans += [(" ", 0), note] if note else []
    while len(spans) > 1 and not spans[-1][0].strip():
        spans.pop()
    return [*spans[:-1], (spans[-1][0].rstrip(), spans[-1][1])]


def _notes(panel: Panel) -> list[Note]:
    """What is labelled on the right: the last value of each series, and the newest range."""
    notes: list[Note] = []
    for series in sorted(panel.series, key=lambda series: series is not panel.newest):
        for last in series.dots[-1:]:
            mark = f"{letter(series.number)} " if len(panel.series) > 1 else ""
            notes.append((last.value, (mark + last.label, last.side)))
    for band in panel.newest.bands[-1:]:
        notes.append((band.middle, (band.label, 0)))
    return notes


def _beside(grid: _Grid, notes: Sequence[Note]) -> dict[int, Span]:
    """Each note in its row, or in the nearest that is free."""
    rows: dict[int, Span] = {}
    for value, note in notes:
        free = [row for row in range(ROWS) if row not in rows]
        rows[min(free, key=lambda row: abs(row - grid.row(value)))] = note
    return rows


class _Grid:
    """Cells from the top down."""

    def __init__(self, panel: Panel, axis: Scale, width: int, signs: Signs, *, braille: bool) -> None:
        self._panel, self._scale, self.width, self._signs = panel, axis, width, signs
        self._parts = (2, 4) if braille else (1, 1)
        self._first, self._last = panel.times
        self._drawn = braille

    def row(self, value: float) -> int:
        return ROWS - 1 - min(max(int(self._scale(value) * ROWS), 0), ROWS - 1)

    def column(self, at: float) -> int:
        return min(max(int((at - self._first) / (self._last - self._first) * self.width), 0), self.width - 1)

    def cells(self) -> list[list[Cell]]:
        cells: list[list[Cell]] = [[(" ", 0)] * self.width for _row in range(ROWS)]
        for row, column in self._shaded():
            cells[row][column] = (self._signs.band, 0)
        for (row, column), bits in self._lines().items():
            cells[row][column] = (chr(0x2800 + bits) if self._drawn else ".", 0)
        placed = self._placed()
        for row, column, sign, dot in placed:
            cells[row][column] = (sign, dot.side)
        for (row, column), name in self._names({(row, column) for row, column, _sign, _dot in placed}):
            cells[row][column] = (name, 0)
        return cells

    def _placed(self) -> list[tuple[int, int, str, Dot]]:
        """What is out of range is on top."""
        drawn = [(dot, series) for series in self._panel.series for dot in series.dots]
        drawn.sort(key=lambda pair: (abs(pair[0].side), abs(pair[0].direction)))
        return [
            (
                self.row(dot.value),
                self.column(dot.at),
                shape(self._panel, series.number, dot, self._signs),
                dot,
            )
            for dot, series in drawn
        ]

    def _names(self, taken: set[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], str]]:
        """An arrow does not say whose it is: where there are several series its letter stands beside it, if that is free."""
        if len(self._panel.series) == 1:
            return
        for series in self._panel.series:
            for dot in series.censored:
                column = self.column(dot.at)
                place = (self.row(dot.value), column - 1 if column else column + 1)
                if place not in taken:
                    yield place, letter(series.number)

    def _shaded(self) -> Iterator[tuple[int, int]]:
        for band in self._panel.newest.bands:
            top = 0 if band.high is None else self.row(band.high)
            bottom = ROWS - 1 if band.low is None else self.row(band.low)
            for column in range(self.column(band.since), self.column(band.until) + 1):
                yield from ((row, column) for row in range(top, bottom + 1))

    def _lines(self) -> dict[tuple[int, int], int]:
        """The dots of braille cells that lines run through."""
        dots: dict[tuple[int, int], int] = {}
        wide, high = self._parts
        for line in self._runs():
            for x, y in _steps([self._place(dot) for dot in line]):
                cell = (y // high, x // wide)
                dots[cell] = dots.get(cell, 0) | (_BRAILLE[y % high][x % wide] if self._drawn else 1)
        return dots

    def _runs(self) -> Iterator[list[Dot]]:
        return (line for series in self._panel.series for line in series.lines if len(line) > 1)

    def _place(self, dot: Dot) -> tuple[int, int]:
        wide, high = self._parts
        share = (dot.at - self._first) / (self._last - self._first)
        x = min(int(share * self.width * wide), self.width * wide - 1)
        return x, min(max(int((1 - self._scale(dot.value)) * ROWS * high), 0), ROWS * high - 1)


def _steps(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Every step on the straight lines from place to place."""
    for (x, y), (to_x, to_y) in pairwise(places):
        steps = max(abs(to_x - x), abs(to_y - y), 1)
        for step in range(steps + 1):
            yield x + round((to_x - x) * step / steps), y + round((to_y - y) * step / steps)


def _time_axis(grid: _Grid, marked: Sequence[TimeTick], signs: Signs, margin: int) -> list[list[Span]]:
    """The floor with the turns of the years on it, and their names below as far as they have room."""
    floor, names = [signs.floor] * grid.width, ""
    for tick in marked:
        column = grid.column(tick.at)
        start = min(max(column - len(tick.text) // 2, 0), grid.width - len(tick.text))
        if start >= len(names) + bool(names):
            floor[column] = signs.turn
            names = names.ljust(start) + tick.text
    below = (" " * (margin + 1) + names).rstrip()
    return [[(" " * margin + signs.corner + "".join(floor), 0)], [(below, 0)]]
