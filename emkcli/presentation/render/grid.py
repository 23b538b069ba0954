"""Rows of cells laid out in columns no wider than the terminal; where it is too narrow, a block of labelled values each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from emkcli.models import short_ids
from emkcli.presentation import terminal
from emkcli.presentation.render.wrapping import NARROWEST, Write, longest_word, width, wrap, write_pairs
from emkcli.views.columns import Column

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context
    from emkcli.presentation.render.shape import ItemDict
    from emkcli.views.parts import Rows

GAP = 2
IDS = frozenset({"id", "record_id"})
LONGEST_WORD = 24
"""Up to this length words stay in one piece: no table is better than one of halves of words."""


@dataclass(frozen=True)
class Cell:
    text: str
    style: str | None = None
    address: str | None = None


Row = list[Cell]


def write_rows(part: Rows, context: Context, write: Write) -> None:
    """A small table inside a single thing, as a list of its own would be written."""
    columns = [Column(path) for path in part.columns]
    rows = [[_short(cell_of(column, item, context), column, context) for column in columns] for item in part.items]
    filled = [place for place, cells in enumerate(zip(*rows, strict=True)) if any(cell.text for cell in cells)]
    for end in range(len(filled), 0, -1):
        places = filled[:end]
        headers = [Cell(context.clean(columns[place].header), "bold") for place in places]
        block = [[row[place] for place in places] for row in rows]
        widths = widths_of([headers, *block], [columns[place].unbroken for place in places], context.width)
        if widths:
            write(laid_out([headers], block, widths, context))
            break
        if places[-1] < part.least:
            write_records(headers, block, context, write)
            break


def _short(cell: Cell, column: Column, context: Context) -> Cell:
    """An id as a person types it, on a terminal."""
    is_typed = context.is_tty and column.path in IDS
    return replace(cell, text=short_ids.shortened(cell.text)) if is_typed else cell


def cell_of(column: Column, item: ItemDict, context: Context) -> Cell:
    address = column.address(item) if context.has_links else None
    return Cell(context.clean(column.table_cell(item)).strip(), column.style(item), address)


def widths_of(rows: Sequence[Row], unbroken: Sequence[bool], room: int | None) -> list[int] | None:
    """The width of each column; None when the terminal is too narrow for a table."""
    columns = list(zip(*rows, strict=True))
    natural = [max(NARROWEST, *(width(cell.text) for cell in column)) for column in columns]
    if room is None or sum(natural) + GAP * (len(natural) - 1) <= room:
        return natural
    least = [_least(column, keep=keep) for column, keep in zip(columns, unbroken, strict=True)]
    free = room - GAP * (len(least) - 1)
    return _shared(natural, least, free) if sum(least) <= free else None


def _least(column: Sequence[Cell], *, keep: bool) -> int:
    longest = max(NARROWEST, *(longest_word(cell.text, whole=keep) for cell in column))
    return longest if keep else min(longest, LONGEST_WORD)


def with_room(rows: Sequence[Row], columns: Sequence[Column], leaving: Sequence[str], room: int | None) -> list[int]:
    """The places of the columns for which there is room; all stay where no table is possible.

    Columns leave until those that stay are as wide as they are read with ease: one width for all lists of a kind, so that
    the same columns stand there whatever is in them. An id or a day leaves only where there is no table with it.
    """
    places = list(range(len(columns)))
    for path in ("", *leaving):
        is_last_resort = path in IDS or path == "date"
        if is_last_resort and _fits(places, rows, columns, room):
            continue
        places = [place for place in places if columns[place].path != path]
        if _is_comfortable([columns[place] for place in places], room) and _fits(places, rows, columns, room):
            return places
    return places if _fits(places, rows, columns, room) else list(range(len(columns)))


def _fits(places: Sequence[int], rows: Sequence[Row], columns: Sequence[Column], room: int | None) -> bool:
    unbroken = [columns[place].unbroken for place in places]
    return widths_of(of_places(places, rows), unbroken, room) is not None


def _is_comfortable(columns: Sequence[Column], room: int | None) -> bool:
    return room is None or sum(column.comfort for column in columns) + GAP * (len(columns) - 1) <= room


def of_places(places: Sequence[int], rows: Iterable[Row]) -> list[Row]:
    return [[row[place] for place in places] for row in rows]


def _shared(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Every column gets what it needs up to one common cap, the largest that fits."""
    for cap in range(room, 0, -1):
        widths = [max(low, min(wanted, cap)) for wanted, low in zip(natural, least, strict=True)]
        if sum(widths) <= room:
            return widths
    return list(least)


def laid_out(headers: Sequence[Row], block: Iterable[Row], widths: Sequence[int], context: Context) -> str:
    """A rule under the header also fixes the widths; later blocks are laid out with it and then lose it."""
    from tabulate import tabulate

    rule = ["-" * room for room in widths]
    room = widths if context.width else [None] * len(widths)
    rows = [
        *(_wrapped(row, room, context) for row in headers),
        rule,
        *(_wrapped(row, room, context) for row in block),
    ]
    text = tabulate(rows, tablefmt="plain", disable_numparse=True)
    lines = text if headers else text.partition("\n")[2]
    return "\n".join(line.rstrip(" ") for line in lines.split("\n")) + "\n"


def _wrapped(row: Row, widths: Sequence[int | None], context: Context) -> list[str]:
    return [
        "\n".join(_shown(line, cell, context) for line in wrap(cell.text, room))
        for cell, room in zip(row, widths, strict=True)
    ]


def _shown(line: str, cell: Cell, context: Context) -> str:
    painted = context.painted(line, cell.style)
    return terminal.link(painted, cell.address) if cell.address and line else painted


def write_records(headers: Row, block: Iterable[Row], context: Context, write: Write) -> None:
    """A terminal too narrow for columns gets one block of labelled values per record."""
    for row in block:
        pairs = [(head.text, cell.text, cell.style) for head, cell in zip(headers, row, strict=True)]
        write_pairs(pairs, context, write)
        write("\n")
