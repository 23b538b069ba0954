"""Tables for people: cells wrapped before they are laid out, block by block, never wider than the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from emkcli.output import detail
from emkcli.output.wrapping import NARROWEST, longest_word, width, wrap
from emkcli.views.columns import Column

if TYPE_CHECKING:
    from emkcli.output.context import Context
    from emkcli.output.flow import Flow
    from emkcli.output.shape import ItemDict, Shape
    from emkcli.output.thing import Thing
    from emkcli.views.parts import Rows

Write = Callable[[str], Any]
BLOCK = 1000
GAP = 2
UNBROKEN_WORDS = (16, 12, 10)
"""Up to what length words stay in one piece, tried in turn until the table fits the terminal."""


@dataclass(frozen=True)
class Cell:
    text: str
    style: str | None = None


Row = list[Cell]


def table_list(flow: Flow, shape: Shape, context: Context, write: Write) -> None:
    """Widths are decided by the first block and kept; memory holds one block. Live items read as single things.

    A column that is empty from the first row to the last is left out, which is known when there is one block only.
    """
    if flow.live:
        return _one_by_one(flow, shape, context, write)
    columns = _shown(shape.columns)
    cells = ([_cell(column, item, context) for column in columns] for item in flow)
    blocks = _blocks(cells)
    first = next(blocks, [])
    if len(first) < BLOCK:
        filled = [place for place, cells_of in enumerate(zip(*first, strict=True)) if any(c.text for c in cells_of)]
        columns, first = [columns[place] for place in filled], [[row[place] for place in filled] for row in first]
    headers = [Cell(context.clean(column.header), "bold") for column in columns]
    unbroken = [column.unbroken for column in columns]
    widths: list[int] | None = None
    for number, block in enumerate(chain([first] if first else [], blocks)):
        widths = widths or _widths([headers, *block], unbroken, context.width)
        if not widths:
            _records(headers, block, context, write)
        else:
            write(_laid_out([] if number else [headers], block, widths, context))
    return None


def _shown(columns: Sequence[Column]) -> list[Column]:
    """Where there is a flag it says an unusual status, and the status needs no column."""
    flagged = any(column.path == "flag" for column in columns)
    return [column for column in columns if not (flagged and column.path == "status")]


def _one_by_one(flow: Flow, shape: Shape, context: Context, write: Write) -> None:
    for item in flow:
        detail.write_parts(shape.parts(item), context, write)
        write("\n")


def table_single(thing: Thing, context: Context, write: Write) -> None:
    detail.write_parts(thing.shape.parts(thing.item), context, write)


def write_rows(part: Rows, context: Context, write: Write) -> None:
    """A small table inside a single thing, as a list of its own would be written."""
    columns = [Column(path) for path in part.columns]
    rows = [[_cell(column, item, context) for column in columns] for item in part.items]
    filled = [place for place, cells in enumerate(zip(*rows, strict=True)) if any(cell.text for cell in cells)]
    for end in range(len(filled), 0, -1):
        places = filled[:end]
        headers = [Cell(context.clean(columns[place].header), "bold") for place in places]
        block = [[row[place] for place in places] for row in rows]
        widths = _widths([headers, *block], [columns[place].unbroken for place in places], context.width)
        if widths:
            write(_laid_out([headers], block, widths, context))
            break
        if places[-1] < part.least:
            _records(headers, block, context, write)
            break


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while block := list(islice(rows, BLOCK)):
        yield block


def _cell(column: Any, item: ItemDict, context: Context) -> Cell:
    return Cell(context.clean(column.table_cell(item)).strip(), column.style(item))


def _widths(rows: Sequence[Row], unbroken: Sequence[bool], room: int | None) -> list[int] | None:
    """The width of each column; None when the terminal is too narrow for a table."""
    columns = list(zip(*rows, strict=True))
    natural = [max(NARROWEST, *(width(cell.text) for cell in column)) for column in columns]
    if room is None or sum(natural) + GAP * (len(natural) - 1) <= room:
        return natural
    words = [max(NARROWEST, *(longest_word(cell.text) for cell in column)) for column in columns]
    for limit in UNBROKEN_WORDS:
        least = [word if whole else min(word, limit) for word, whole in zip(words, unbroken, strict=True)]
        if sum(least) + GAP * (len(least) - 1) <= room:
            return _shared(natural, least, room - GAP * (len(least) - 1))
    return None


def _shared(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Every column gets what it needs up to one common cap, the largest that fits."""
    for cap in range(room, 0, -1):
        widths = [max(low, min(wanted, cap)) for wanted, low in zip(natural, least, strict=True)]
        if sum(widths) <= room:
            return widths
    return list(least)


def _laid_out(headers: Sequence[Row], block: Iterable[Row], widths: Sequence[int], context: Context) -> str:
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
        "\n".join(context.painted(line, cell.style) for line in wrap(cell.text, room))
        for cell, room in zip(row, widths, strict=True)
    ]


def _records(headers: Row, block: Iterable[Row], context: Context, write: Write) -> None:
    """A terminal too narrow for columns gets one block of labelled values per record."""
    for row in block:
        pairs = [(head.text, cell.text, cell.style) for head, cell in zip(headers, row, strict=True)]
        detail.write_pairs(pairs, context, write)
        write("\n")
