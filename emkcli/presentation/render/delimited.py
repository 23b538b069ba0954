"""One record per line: csv and tsv with a header, `plain` without one."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from emkcli.presentation.render.writers import Cells, TextWriter, Write
from emkcli.security.safe_text import sanitise
from emkcli.views.paths import pick, select
from emkcli.views.show import text

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context
    from emkcli.presentation.render.flow import Flow, Thing
    from emkcli.presentation.render.shape import ItemDict, Shape

TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Rows(TextWriter):
    """A format that is rows of cells under a header, made of the one function that writes them."""

    def __init__(self, write_rows: Callable[[Iterable[Cells], Context, Write], None]) -> None:
        self._write_rows = write_rows

    def rows(self, rows: Iterable[Cells], context: Context, write: Write) -> None:
        self._write_rows(rows, context, write)

    def listing(self, flow: Flow, shape: Shape, context: Context, write: Write) -> None:
        self.rows(_rows(flow, shape), context, write)

    def single(self, thing: Thing, context: Context, write: Write) -> None:
        self.rows(_single_rows(thing), context, write)


class Plain(Rows):
    """Rows without a header, as a table shows them; a single thing is keys and values."""

    def listing(self, flow: Flow, shape: Shape, context: Context, write: Write) -> None:
        self.rows(([text(pick(item, column.path)) for column in shape.columns] for item in flow), context, write)

    def single(self, thing: Thing, context: Context, write: Write) -> None:
        shape, within = thing.shape, thing.shape.body
        if within:
            rows = thing.item.get(within) or []
            cells = ([text(pick({within: row}, path)) for path in shape.view.columns] for row in rows)
            self.rows(cells, context, write)
        else:
            self.rows(_pairs(thing.item, shape.single), context, write)


class _Lines:
    """What `csv.writer` takes for a file."""

    def __init__(self, write: Write) -> None:
        self.write = write


@Rows
def CSV(rows: Iterable[Cells], context: Context, write: Write) -> None:
    """RFC 4180; the data is kept, except that a terminal is shown no control characters."""
    writer = csv.writer(_Lines(write))
    for row in rows:
        writer.writerow([_shown(cell, context) for cell in row])


@Rows
def TSV(rows: Iterable[Cells], context: Context, write: Write) -> None:
    for row in rows:
        write("\t".join(_shown(cell.translate(TSV_ESCAPES), context) for cell in row) + "\n")


@Plain
def PLAIN(rows: Iterable[Cells], context: Context, write: Write) -> None:
    for row in rows:
        write("\t".join(context.clean(cell) for cell in row) + "\n")


def _single_rows(thing: Thing) -> Iterable[list[str]]:
    """A thing that consists of a list is that list, under the names it has in the thing."""
    within = thing.shape.body
    if not within:
        yield from _rows([thing.item], thing.shape)
        return
    yield [name.removeprefix(f"{within}.") for name in thing.shape.flat if name.startswith(f"{within}.")]
    for row in thing.item.get(within) or []:
        yield [text(pick({within: row}, name)) for name in thing.shape.flat if name.startswith(f"{within}.")]


def _pairs(item: ItemDict, names: Iterable[str]) -> Iterable[list[str]]:
    """Key and value; the things of a list one by one (`history.0.at`), so that no line mixes two of them."""
    wanted = select(item, list(names))
    listed: set[str] = set()
    for name in names:
        top = name.partition(".")[0]
        value = wanted.get(top)
        if not isinstance(value, list) or (value and not isinstance(value[0], Mapping)):
            yield [name, text(pick(wanted, name))]
        elif top not in listed:
            listed.add(top)
            yield from _inner(top, value) if value else [[top, ""]]


def _inner(name: str, value: Any) -> Iterable[list[str]]:
    """What is there below `name`; gaps are left out, the whole says them."""
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        for position, part in enumerate(value):
            yield from _inner(f"{name}.{position}", part)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _inner(f"{name}.{key}", part)
    elif value not in (None, []):
        yield [name, text(value)]


def _rows(items: Iterable[ItemDict], shape: Shape) -> Iterable[list[str]]:
    yield list(shape.flat)
    split = {name.rpartition(".")[0] for name in shape.flat}
    for item in items:
        yield [_cell(pick(item, name), alone=name not in split) for name in shape.flat]


def _cell(value: Any, *, alone: bool) -> str:
    """A file that a record came from has columns of its own; the column of the plain word stays empty then."""
    return "" if isinstance(value, Mapping) and not alone else text(value)


def _shown(cell: str, context: Context) -> str:
    return sanitise(cell, multiline=True) if context.is_tty else cell
