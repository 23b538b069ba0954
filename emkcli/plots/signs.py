"""What a plot in characters is made of, and the legend that says what each sign stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from textwrap import wrap

from emkcli.locale import _
from emkcli.plots import wording
from emkcli.plots.series import Dot, Panel

Span = tuple[str, int]
"""A piece of a line, and the side of the range it speaks of (`out_of_range.side`); 0 for everything else."""
_SIDES = {0: "in", 1: "above", -1: "below", 2: "flagged"}


@dataclass(frozen=True)
class Signs:
    shapes: dict[int, str]
    arrows: dict[int, str]
    band: str
    side: str
    tick: str
    floor: str
    turn: str
    corner: str


UNICODE = Signs({0: "●", 1: "▲", -1: "▼", 2: "◆"}, {-1: "↓", 1: "↑"}, "░", "│", "┤", "─", "┴", "└")
ASCII = Signs({0: "o", 1: "^", -1: "v", 2: "*"}, {-1: "<", 1: ">"}, ":", "|", "+", "-", "+", "+")


def signs_of(*, unicode: bool) -> Signs:
    return UNICODE if unicode else ASCII


def letter(number: int) -> str:
    """What a series is marked with where a panel has several: six in a row are never alike."""
    return ascii_lowercase[number % len(ascii_lowercase)]


def shape(panel: Panel, number: int, dot: Dot, signs: Signs) -> str:
    """A limit is an arrow. A number alone says its side by its shape, one of several series whose it is, large when out of
    its range."""
    if dot.direction:
        return signs.arrows[dot.direction]
    if len(panel.series) == 1:
        return signs.shapes[dot.side]
    return letter(number).upper() if dot.side else letter(number)


def legend(panel: Panel, columns: int, *, unicode: bool) -> list[list[Span]]:
    """Lines that name every series and every sign in use."""
    signs = signs_of(unicode=unicode)
    several = len(panel.series) > 1
    lines: list[list[Span]] = []
    for series, name in zip(panel.series, wording.names(panel), strict=True):
        mark = f"{letter(series.number)} " if several else ""
        lines += ([(line, 0)] for line in wrap(mark + name, max(columns, 8), subsequent_indent="  "))
    return lines + _flowed(list(_entries(panel, signs)), columns)


def _entries(panel: Panel, signs: Signs) -> Iterator[Span]:
    yield from _side_entries(panel, signs)
    directions = {dot.direction for dot in panel.dots}
    for direction, name in ((-1, "less"), (1, "more")):
        if direction in directions:
            yield f"{signs.arrows[direction]} {_(wording.SIGNS[name])}", 0
    if panel.newest.bands:
        whose = f": {letter(panel.newest.number)}" if len(panel.series) > 1 else ""
        yield f"{signs.band} {_(wording.SIGNS['range'])}{whose}", 0


def _side_entries(panel: Panel, signs: Signs) -> Iterator[Span]:
    """The shapes of a lone series; of several, the letters that are large."""
    if len(panel.series) == 1:
        sides = {dot.side for dot in panel.series[0].numbers}
        yield from (
            (f"{signs.shapes[side]} {_(wording.SIGNS[_SIDES[side]])}", side) for side in _SIDES if side in sides
        )
        return
    flagged = [series for series in panel.series if any(dot.side for dot in series.numbers)]
    if flagged:
        yield f"{'/'.join(letter(series.number).upper() for series in flagged)} {_(wording.SIGNS['out'])}", 0


def _flowed(entries: Sequence[Span], columns: int) -> list[list[Span]]:
    """Entries side by side as far as they go; one that is wider than all there is stands alone and is broken."""
    lines: list[list[Span]] = []
    used = columns
    for text, side in entries:
        if lines and used + 2 + len(text) <= columns:
            lines[-1] += [("  ", 0), (text, side)]
            used += 2 + len(text)
        else:
            pieces = wrap(text, max(columns, 8), subsequent_indent="  ")
            lines += ([(piece, side)] for piece in pieces)
            used = len(pieces[-1])
    return lines
