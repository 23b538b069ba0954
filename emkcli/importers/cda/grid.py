"""A table of a narrative as rows of cells, each in every place that it spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from emkcli.importers.cda.tree import Element, get, local, words

_WIDEST = 60
"""Columns; nobody prints more, and a span of millions would fill memory."""
_LONGEST = 20_000


@dataclass(frozen=True)
class Row:
    """`cells` by their columns, None where nothing stands; `is_head` where the clinic says that it is one; `starts` is the
    column where that begins which reaches over each."""

    cells: tuple[str | None, ...]
    is_head: bool
    starts: tuple[int, ...]

    @property
    def spread(self) -> tuple[str | None, ...]:
        """The cells with their words in every column that they reach over."""
        return tuple(self.cells[start] for start in self.starts)

    @property
    def said(self) -> list[str]:
        """The cells that say something."""
        return [cell for cell in self.cells if cell]

    @property
    def alone(self) -> str | None:
        """The words of a row that has one cell to read, in the first column: the title of what follows."""
        said = [place for place, cell in enumerate(self.cells) if cell]
        return self.cells[0] if len(said) == 1 and said[0] == 0 else None


def rows(table: Element) -> Iterator[Row]:
    """In their order; those of a table inside a cell are words of that cell."""
    hanging: dict[int, _Hanging] = {}
    for line in _lines(table):
        cells: list[str | None] = []
        starts: list[int] = []
        inside = [cell for cell in line if local(cell) in ("td", "th")]
        for cell in inside:
            _hang(cells, starts, hanging)
            text, width, height = words(cell), _span(cell, "colspan"), _span(cell, "rowspan")
            start = len(cells)
            for place in range(start, min(start + width, _WIDEST)):
                cells.append(text if place == start else None)
                starts.append(start)
                if height > 1:
                    hanging[place] = _Hanging(height - 1, cells[-1], start)
        _hang(cells, starts, hanging)
        is_head = bool(inside) and (_is_in_head(line) or all(local(cell) == "th" for cell in inside))
        yield Row(tuple(cells), is_head, tuple(starts))


class _Hanging(NamedTuple):
    """What reaches down into `left` more rows, from the column `start` on."""

    left: int
    text: str | None
    start: int


def _hang(cells: list[str | None], starts: list[int], hanging: dict[int, _Hanging]) -> None:
    """What a cell of a row above reaches down to here."""
    while len(cells) in hanging:
        above = hanging.pop(len(cells))
        if above.left > 1:
            hanging[len(cells)] = above._replace(left=above.left - 1)
        cells.append(above.text)
        starts.append(above.start)


def _lines(table: Element) -> Iterator[Element]:
    """The rows of this table alone."""
    waiting = [table]
    taken = 0
    while waiting and taken < _LONGEST:
        element = waiting.pop(0)
        if local(element) == "tr":
            taken += 1
            yield element
        else:
            waiting[:0] = [inner for inner in element if local(inner) in ("thead", "tbody", "tfoot", "tr")]


def _is_in_head(line: Element) -> bool:
    parent = line.getparent()
    return parent is not None and local(parent) == "thead"


def _span(cell: Element, name: str) -> int:
    written = get(cell, name) or "1"
    return min(int(written), _WIDEST) if written.isascii() and written.isdigit() and len(written) < 5 else 1
