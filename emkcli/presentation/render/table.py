"""Tables for people: cells wrapped before they are laid out, block by block, never wider than the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING

from emkcli.models import short_ids
from emkcli.presentation.render import detail
from emkcli.presentation.render.delimited import PLAIN
from emkcli.presentation.render.grid import (
    IDS,
    Cell,
    Row,
    cell_of,
    laid_out,
    of_places,
    widths_of,
    with_room,
    write_records,
)
from emkcli.presentation.render.wrapping import write_lines
from emkcli.presentation.render.writers import Cells, TextWriter, Write

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context
    from emkcli.presentation.render.flow import Flow, Thing
    from emkcli.presentation.render.shape import ItemDict, Shape
    from emkcli.views.columns import Column

BLOCK = 1000
Line = tuple[str, Row]
"""What stands above a row, and its cells."""


class TableWriter(TextWriter):
    """Columns for a list, labelled values for a single thing."""

    def listing(self, flow: Flow, shape: Shape, context: Context, write: Write) -> None:
        (_one_by_one if flow.live else _table)(flow, shape, context, write)

    def single(self, thing: Thing, context: Context, write: Write) -> None:
        detail.write_parts(thing.shape.parts(thing.item), context, write)

    def rows(self, rows: Iterable[Cells], context: Context, write: Write) -> None:
        PLAIN.rows(rows, context, write)


TABLE = TableWriter()


def _table(flow: Flow, shape: Shape, context: Context, write: Write) -> None:
    """Columns and widths are decided by the first block and kept; memory holds one block.

    Rows are made when they are asked for: those of later blocks have the columns that were left for the first.
    """
    heading = shape.heading if context.is_tty else None
    columns = _shown(shape.columns, shape.elsewhere if context.is_tty else ())
    on_screen = shape.on_screen if context.is_tty else {}
    lines = (
        (
            context.clean(heading(item)) if heading else "",
            [_cell(column, item, on_screen, context) for column in columns],
        )
        for item in flow
    )
    blocks = (_with_short_ids(block, columns) if context.is_tty else block for block in _blocks(lines))
    first = next(blocks, [])
    filled = _filled([row for _above, row in first], len(columns))
    places = _places(filled, [row for _above, row in first], columns, shape.leaving, context)
    flow.without = [columns[place].header for place in filled if place not in places]
    columns = [columns[place] for place in places]
    first = [(above, [row[place] for place in places]) for above, row in first]
    headers = _headers(columns, context)
    widths = widths_of([headers, *(row for _above, row in first)], columns, context.width)
    if widths and first:
        write(laid_out([headers], [], widths, context))
    for block in chain([first], blocks):
        _write(block, headers, widths, context, write)


def _shown(columns: Sequence[Column], elsewhere: Sequence[str]) -> list[Column]:
    """Where there is a flag it says an unusual status, and the status needs no column."""
    flagged = any(column.path == "flag" for column in columns)
    return [column for column in columns if not (flagged and column.path == "status") and column.path not in elsewhere]


def _cell(column: Column, item: ItemDict, on_screen: Mapping[str, Callable[[ItemDict], str]], context: Context) -> Cell:
    cell = cell_of(column, item, context)
    shown = on_screen.get(column.path)
    return replace(cell, text=context.clean(shown(item)).strip()) if shown else cell


def _headers(columns: Sequence[Column], context: Context) -> Row:
    return [Cell(context.clean(column.header), "bold") for column in columns]


def _filled(rows: Sequence[Row], count: int) -> list[int]:
    """Without the columns that are empty from the first row to the last, which is known when there is one block only."""
    return [place for place in range(count) if len(rows) >= BLOCK or any(row[place].text for row in rows)]


def _places(
    filled: Sequence[int], rows: Sequence[Row], columns: Sequence[Column], leaving: Sequence[str], context: Context
) -> list[int]:
    """Of the columns that have something those for which there is room."""
    left = [columns[place] for place in filled]
    room = with_room([_headers(left, context), *of_places(filled, rows)], left, leaving, context.width)
    return [filled[place] for place in room]


def _with_short_ids(block: list[Line], columns: Sequence[Column]) -> list[Line]:
    """As a person types them; those that would be alike stay whole."""
    for place in [place for place, column in enumerate(columns) if column.path in IDS]:
        names = Counter(short_ids.shortened(row[place].text) for _above, row in block)
        for _above, row in block:
            short = short_ids.shortened(row[place].text)
            row[place] = replace(row[place], text=short) if names[short] == 1 else row[place]
    return block


def _write(block: list[Line], headers: Row, widths: list[int] | None, context: Context, write: Write) -> None:
    for above, lines in groupby(block, key=itemgetter(0)):
        rows = [row for _above, row in lines]
        if above:
            write_lines(above, "bold", context, write)
        if widths:
            write(laid_out([], rows, widths, context))
        else:
            write_records(headers, rows, context, write)


def _one_by_one(flow: Flow, shape: Shape, context: Context, write: Write) -> None:
    """Live items read as single things."""
    for item in flow:
        detail.write_parts(shape.parts(item), context, write)
        write("\n")


def _blocks(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while block := list(islice(lines, BLOCK)):
        yield block
