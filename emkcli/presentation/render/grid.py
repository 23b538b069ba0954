"""Rows of cells laid out in columns no wider than the terminal; where it is too narrow, a block of labelled values each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

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
LAST_RESORT = IDS | {"date", "next_due", "reactions", "value"}
"""What leaves a list only where there is no table with it."""
LONGEST_KEPT, LONGEST_WORD = 36, 24
"""Up to this length (of a UUID) what is not to be parted stays in one piece, and any other word: where there is room."""
LONGEST_ID, SHORTEST_BROKEN = 18, 12
"""Where there is none, longer ones are broken, an id last, so that one long word does not take the table from all the others."""
MOMENT = len("2026-03-09 18:12")


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
        widths = widths_of([headers, *block], [columns[place] for place in places], context.width)
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


class Need(NamedTuple):
    """What a column asks for: its text in one line, moments and words in one piece, words in one piece; and how short words that
    are not to be parted may be broken, where it has such."""

    natural: int
    at_ease: int
    least: int
    kept: int


def widths_of(rows: Sequence[Row], columns: Sequence[Column], room: int | None) -> list[int] | None:
    """The width of each column; None when the terminal is too narrow for a table."""
    return _widths(_needs(rows, columns), room)


def _needs(rows: Sequence[Row], columns: Sequence[Column]) -> list[Need]:
    return [_need(cells, column) for cells, column in zip(zip(*rows, strict=True), columns, strict=True)]


def _need(cells: Sequence[Cell], column: Column) -> Need:
    """A word that no column is wide enough for is broken at any rate, and asks for nothing."""
    natural = max(NARROWEST, *(width(cell.text) for cell in cells))
    words = [longest_word(cell.text, whole=column.unbroken) for cell in cells]
    least = max(NARROWEST, *(size if size <= LONGEST_KEPT else SHORTEST_BROKEN for size in words))
    at_ease = max(least, min(natural, MOMENT)) if column.is_date else least
    kept = (LONGEST_ID if column.path in IDS else SHORTEST_BROKEN) if column.unbroken else 0
    return Need(natural, at_ease, least, kept)


def _widths(needs: Sequence[Need], room: int | None) -> list[int] | None:
    natural = [need.natural for need in needs]
    if room is None or sum(natural) + GAP * (len(natural) - 1) <= room:
        return natural
    free = room - GAP * (len(needs) - 1)
    least = next((least for least in _leasts(needs) if sum(least) <= free), None)
    return _shared(natural, least, free) if least else None


def _leasts(needs: Sequence[Need]) -> Iterator[list[int]]:
    """What the columns may have at the least, the easiest to read first: words give way before what is not to be parted."""
    yield [need.at_ease if need.kept else min(need.least, LONGEST_WORD) for need in needs]
    for cap in range(LONGEST_WORD, SHORTEST_BROKEN, -1):
        yield [need.least if need.kept else min(need.least, cap) for need in needs]
    for cap in range(LONGEST_KEPT, SHORTEST_BROKEN - 1, -1):
        yield [
            min(need.least, max(cap, need.kept)) if need.kept else min(need.least, SHORTEST_BROKEN) for need in needs
        ]


def with_room(rows: Sequence[Row], columns: Sequence[Column], leaving: Sequence[str], room: int | None) -> list[int]:
    """The places of the columns for which there is room; all stay where no table is possible.

    Columns leave until those that stay are as wide as they are read with ease: one width for all lists of a kind, so that
    the same columns stand there whatever is in them.
    """
    needs = _needs(rows, columns)
    places = list(range(len(columns)))
    for path in ("", *leaving):
        if path in LAST_RESORT and _fits(places, needs, room):
            continue
        places = [place for place in places if columns[place].path != path]
        if _is_comfortable([columns[place] for place in places], room) and _fits(places, needs, room):
            return places
    return places if _fits(places, needs, room) else list(range(len(columns)))


def _fits(places: Sequence[int], needs: Sequence[Need], room: int | None) -> bool:
    return _widths([needs[place] for place in places], room) is not None


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
