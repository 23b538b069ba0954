"""A table that flows over pages: its head and the group one is in are repeated, rows break only where they must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emkcli.exporters.pdf_writer import font
from emkcli.exporters.pdf_writer.font import BOLD, REGULAR
from emkcli.exporters.pdf_writer.paper import BOTTOM, DIM, GREY, INK, LEFT, RED, ROOM, TALL, TOP, Paper
from emkcli.locale import _

GAP = 7.0
TOGETHER = (TOP - BOTTOM) / 3
"""A row up to that height stays in one piece."""
_MOST_LINES = 6


@dataclass(frozen=True)
class Column:
    """`width` in points, 0 for a part of what the others leave; a `strong` cell is bold and red in a marked row."""

    header: str
    width: float = 0
    strong: bool = False


@dataclass(frozen=True)
class Row:
    """Cells, and below them labelled paragraphs over the whole width; of how many records it tells."""

    cells: Sequence[str]
    marked: bool = False
    notes: Sequence[tuple[str, Sequence[str]]] = ()
    stands_for: int = 1


class Table:
    def __init__(self, paper: Paper, columns: Sequence[Column], *, dense: bool = False) -> None:
        self._size, self._small, self._pad = (7.3, 6.9, 1.3) if dense else (8.2, 7.6, 2.6)
        self._paper = paper
        self._columns = columns
        free = ROOM - GAP * (len(columns) - 1) - sum(column.width for column in columns)
        each = free / (sum(not column.width for column in columns) or 1)
        self._widths = [column.width or each for column in columns]
        self._starts = [LEFT + sum(self._widths[:place]) + GAP * place for place in range(len(columns))]
        self._group = ""

    def __enter__(self) -> Table:
        self._paper.keep(self.head_height + 24)
        self._head()
        self._paper.running = self._again
        return self

    def __exit__(self, *_raised: object) -> None:
        self._paper.running = None

    @property
    def head_height(self) -> float:
        tallest = max(len(font.lines(c.header, BOLD, self._small, w)) for c, w in self._pairs())
        return tallest * self._small * TALL + 5

    def group(self, title: str, aside: str, first_row: Row) -> None:
        """What the rows from here on belong to; the first of them stands on the same page."""
        self._group = ""
        paper = self._paper
        room = ROOM - font.width(aside, REGULAR, self._small) - GAP
        first, *rest = font.lines(title, BOLD, 9.2, room)
        paper.keep(24 + 9.2 * TALL * min(len(rest), _MOST_LINES) + min(self.height(first_row), TOGETHER))
        paper.y -= 5
        for place, line in enumerate((first, *rest)):
            paper.keep(9.2 * TALL)
            paper.write(LEFT, line, 9.2, BOLD)
            paper.right(LEFT + ROOM, "" if place else aside, self._small)
            paper.y -= 9.2 * TALL
        paper.rule()
        self._group = first if not rest else f"{first} …"

    def height(self, row: Row) -> float:
        lines, notes = self._laid(row)
        below = sum(len(self._note(name, text)) for name, text in notes)
        return max(map(len, lines)) * self._size * TALL + below * self._small * TALL + 2 * self._pad

    def row(self, row: Row) -> None:
        paper, (lines, notes) = self._paper, self._laid(row)
        height = self.height(row)
        paper.keep(height if height <= TOGETHER else max(map(len, lines)) * self._size * TALL + 2 * self._pad)
        paper.y -= self._pad
        for place in range(max(map(len, lines))):
            for column, start, cell in zip(self._columns, self._starts, lines, strict=True):
                if place < len(cell):
                    ink = RED if column.strong and row.marked else INK
                    paper.write(start, cell[place], self._size, self._face(column, row), ink)
            paper.y -= self._size * TALL
        for name, text in notes:
            self._print_note(name, text)
        paper.y -= self._pad
        paper.rule()

    def _laid(self, row: Row) -> tuple[list[Sequence[str]], list[tuple[str, Sequence[str]]]]:
        """The lines of every cell; a text too long for its column goes below, over the whole width."""
        lines: list[Sequence[str]] = []
        notes: list[tuple[str, Sequence[str]]] = []
        for (column, width), cell in zip(self._pairs(), row.cells, strict=True):
            cell_lines = font.lines(cell, self._face(column, row), self._size, width)
            if len(cell_lines) > _MOST_LINES:
                notes.append((column.header, [cell]))
                cell_lines = font.lines(_("see below"), REGULAR, self._size, width)
            lines.append(cell_lines)
        return lines, [*notes, *row.notes]

    def _pairs(self) -> list[tuple[Column, float]]:
        return list(zip(self._columns, self._widths, strict=True))

    def _face(self, column: Column, row: Row) -> str:
        return BOLD if column.strong and row.marked else REGULAR

    def _head(self) -> None:
        paper, top = self._paper, self._paper.y
        for (column, width), start in zip(self._pairs(), self._starts, strict=True):
            paper.y = top
            for line in font.lines(column.header, BOLD, self._small, width):
                paper.write(start, line, self._small, BOLD, GREY)
                paper.y -= self._small * TALL
        paper.y = top - self.head_height + 2
        paper.rule(GREY, 0.7)

    def _again(self) -> None:
        self._head()
        if self._group:
            self._paper.y -= 4
            self._paper.write(LEFT, _("{title} (continued)").format(title=self._group), self._small, BOLD, GREY)
            self._paper.y -= self._small * TALL

    def _note(self, name: str, text: Sequence[str]) -> list[str]:
        taken = font.width(f"{name}: ", BOLD, self._small)
        paragraphs = [
            font.lines(line, REGULAR, self._small, ROOM - 10, 0 if place else taken) for place, line in enumerate(text)
        ]
        return [line for lines in paragraphs for line in lines]

    def _print_note(self, name: str, text: Sequence[str]) -> None:
        paper, start = self._paper, LEFT + 10
        for place, line in enumerate(self._note(name, text)):
            paper.keep(self._small * TALL)
            indent = 0.0
            if place == 0:
                paper.write(start, f"{name}:", self._small, BOLD, GREY)
                indent = font.width(f"{name}: ", BOLD, self._small)
            paper.write(start + indent, line, self._small, REGULAR, DIM)
            paper.y -= self._small * TALL
