"""One record per line: csv and tsv with a header, `plain` without one."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from emkcli.security import untrusted_text
from emkcli.views.paths import pick, select
from emkcli.views.show import text

if TYPE_CHECKING:
    from emkcli.output.context import Context
    from emkcli.output.shape import ItemDict, Shape
    from emkcli.output.thing import Thing

Write = Callable[[str], Any]
TSV_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class _Lines:
    """What `csv.writer` takes for a file."""

    def __init__(self, write: Write) -> None:
        self.write = write


def csv_list(flow: Iterable[ItemDict], shape: Shape, context: Context, write: Write) -> None:
    csv_rows(_rows(flow, shape), context, write)


def csv_rows(rows: Iterable[Iterable[str]], context: Context, write: Write) -> None:
    """RFC 4180; the data is kept, except that a terminal is shown no control characters."""
    writer = csv.writer(_Lines(write))
    for row in rows:
        writer.writerow([_shown(cell, context) for cell in row])


def tsv_list(flow: Iterable[ItemDict], shape: Shape, context: Context, write: Write) -> None:
    tsv_rows(_rows(flow, shape), context, write)


def tsv_rows(rows: Iterable[Iterable[str]], context: Context, write: Write) -> None:
    for row in rows:
        write("\t".join(_shown(cell.translate(TSV_ESCAPES), context) for cell in row) + "\n")


def csv_single(thing: Thing, context: Context, write: Write) -> None:
    csv_rows(_single_rows(thing), context, write)


def tsv_single(thing: Thing, context: Context, write: Write) -> None:
    tsv_rows(_single_rows(thing), context, write)


def _single_rows(thing: Thing) -> Iterable[list[str]]:
    """A thing that consists of a list is that list, under the names it has in the thing."""
    within = thing.shape.body
    if not within:
        yield from _rows([thing.item], thing.shape)
        return
    yield [name.removeprefix(f"{within}.") for name in thing.shape.flat if name.startswith(f"{within}.")]
    for row in thing.item.get(within) or []:
        yield [text(pick({within: row}, name)) for name in thing.shape.flat if name.startswith(f"{within}.")]


def plain_list(flow: Iterable[ItemDict], shape: Shape, context: Context, write: Write) -> None:
    plain_rows(([text(pick(item, column.path)) for column in shape.columns] for item in flow), context, write)


def plain_single(thing: Thing, context: Context, write: Write) -> None:
    shape, within = thing.shape, thing.shape.body
    if within:
        rows = thing.item.get(within) or []
        plain_rows(([text(pick({within: row}, path)) for path in shape.view.columns] for row in rows), context, write)
    else:
        plain_rows(_pairs(thing.item, shape.single), context, write)


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


def plain_rows(rows: Iterable[Iterable[str]], context: Context, write: Write) -> None:
    for row in rows:
        write("\t".join(context.clean(cell) for cell in row) + "\n")


def _rows(items: Iterable[ItemDict], shape: Shape) -> Iterable[list[str]]:
    yield list(shape.flat)
    split = {name.rpartition(".")[0] for name in shape.flat}
    for item in items:
        yield [_cell(pick(item, name), whole=name not in split) for name in shape.flat]


def _cell(value: Any, *, whole: bool) -> str:
    """A file that a record came from has columns of its own; the column of the plain word stays empty then."""
    return "" if isinstance(value, Mapping) and not whole else text(value)


def _shown(cell: str, context: Context) -> str:
    return untrusted_text.sanitise(cell, multiline=True) if context.is_tty else cell
