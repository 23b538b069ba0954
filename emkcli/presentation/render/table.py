"""Tables for people: cells wrapped before they are laid out, block by block, never wider than the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from emkcli.presentation.render import detail
from emkcli.presentation.render.delimited import PLAIN
from emkcli.presentation.render.grid import Cell, Row, cell_of, laid_out, of_places, widths_of, with_room, write_records
from emkcli.presentation.render.writers import Cells, TextWriter, Write

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context
    from emkcli.presentation.render.flow import Flow, Thing
    from emkcli.presentation.render.shape import Shape
    from emkcli.views.columns import Column

BLOCK = 1000


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
    """Widths are decided by the first block and kept; memory holds one block.

    A column that is empty from the first row to the last is left out, which is known when there is one block only. Rows are
    made when they are asked for: those of later blocks have the columns that were left for the first.
    """
    columns = _shown(shape.columns)
    cells = ([cell_of(column, item, context) for column in columns] for item in flow)
    blocks = _blocks(cells)
    first = next(blocks, [])
    if len(first) < BLOCK:
        filled = [place for place, cells_of in enumerate(zip(*first, strict=True)) if any(c.text for c in cells_of)]
        columns, first = [columns[place] for place in filled], [[row[place] for place in filled] for row in first]
    headers = [Cell(context.clean(column.header), "bold") for column in columns]
    places = with_room([headers, *first], columns, shape.leaving, context.width)
    columns, (headers, *first) = [columns[place] for place in places], of_places(places, [headers, *first])
    unbroken = [column.unbroken for column in columns]
    widths: list[int] | None = None
    for number, block in enumerate(chain([first] if first else [], blocks)):
        widths = widths or widths_of([headers, *block], unbroken, context.width)
        if not widths:
            write_records(headers, block, context, write)
        else:
            write(laid_out([] if number else [headers], block, widths, context))


def _shown(columns: Sequence[Column]) -> list[Column]:
    """Where there is a flag it says an unusual status, and the status needs no column."""
    flagged = any(column.path == "flag" for column in columns)
    return [column for column in columns if not (flagged and column.path == "status")]


def _one_by_one(flow: Flow, shape: Shape, context: Context, write: Write) -> None:
    """Live items read as single things."""
    for item in flow:
        detail.write_parts(shape.parts(item), context, write)
        write("\n")


def _blocks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while block := list(islice(rows, BLOCK)):
        yield block
