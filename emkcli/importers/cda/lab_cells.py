"""What a row of a table of results says of one value, under the names of its columns, in its unit and with its ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator

from emkcli.fhir.reference_range import same_unit
from emkcli.importers.cda import printed_value
from emkcli.importers.cda.column_head import RANGES
from emkcli.importers.cda.grid import Row
from emkcli.importers.cda.lab_columns import Column
from emkcli.importers.cda.values import Value

_DIGIT = re.compile(r"\d")
_TAIL = re.compile(r"[,;(\[]")
"""Where the head of a column goes on to say more than what it is: «Результат, у. е.»."""


def cells_of(row: Row, value: Column, own: list[tuple[int, Column]]) -> dict[str, str]:
    """What a row says of one value: what has its day, and what all of them share."""
    days = {column.day for _place, column in own if column.name == "value"}
    about = [(place, column) for place, column in own if column.is_about(value, is_alone=len(days) == 1)]
    said = [(column, cell) for place, column in about if (cell := cell_in(row, place))]
    own_units = {value.unit, *(cell for column, cell in said if column.name == "unit"), _printed_unit(said)} - {None}
    of_ranges = {column.unit for column, _cell in said if column.name in RANGES} - {None}
    units = own_units or of_ranges if len(of_ranges) < 2 else own_units
    cells = {column.name: _in_unit(cell, column, units) for column, cell in said if column.name and not column.whom}
    remarks = [_labelled(column, cell) for column, cell in said if column.name in (None, "comment")]
    tails = [value.label] if value.label and not (value.day or value.unit) and _TAIL.search(value.label) else []
    joined = {
        "comment": "; ".join([*remarks, *tails]),
        "reference": "; ".join(_ranges(row, about, units)),
        "collected": cells.get("collected") or value.day or "",
    }
    measured = _with_unit(cells, value.unit or _of_range(cells, own_units, of_ranges))
    return measured | {name: words for name, words in joined.items() if words}


def _printed_unit(said: list[tuple[Column, str]]) -> str | None:
    return next((printed_value.read(cell).unit for column, cell in said if column.name == "value"), None)


def _of_range(cells: dict[str, str], own: set[str | None], of_ranges: set[str | None]) -> str | None:
    """The unit of the heads of its ranges, for a number that has none of its own."""
    is_bare = (
        not own and len(of_ranges) == 1 and Value(printed_value.read(cells.get("value", "")).text).number is not None
    )
    return next(iter(of_ranges)) if is_bare else None


def _labelled(column: Column, cell: str) -> str:
    return f"{column.label}: {cell}" if column.label else cell


def _with_unit(cells: dict[str, str], unit: str | None) -> dict[str, str]:
    """The unit of the column's head, where the row has none; another one stays beside the value."""
    if unit is None or not _DIGIT.search(cells.get("value", "")):
        return cells
    if "unit" not in cells:
        return cells | {"unit": unit}
    is_same = same_unit({"unit": unit}, {"unit": cells["unit"]})
    return cells if is_same else cells | {"value": f"{cells['value']} {unit}"}


def _in_unit(cell: str, column: Column, units: set[str | None]) -> str:
    """A range in the unit of its head, where that is not one of its value."""
    return f"{cell} {column.unit}" if column.name in RANGES and column.unit and column.unit not in units else cell


def _ranges(row: Row, about: list[tuple[int, Column]], units: set[str | None]) -> Iterator[str]:
    """The ranges of a result, each after those for whom it is; one that reaches over all of them is for everybody."""
    divided = {place: column.whom for place, column in about if column.whom}
    written = {
        place: _in_unit(cell, column, units)
        for place, column in about
        if column.name in RANGES and (cell := cell_in(row, place))
    }
    yield from (written[place] for place, column in about if column[1:3] == ("reference", None) and place in written)
    for place in divided:
        if cell := written.get(place):
            reached = [whom for other, whom in divided.items() if row.starts[other : other + 1] == (place,)]
            is_for_all = len(divided) > 1 and len(reached) == len(divided)
            yield cell if is_for_all else f"{'; '.join(dict.fromkeys(filter(None, reached)))}: {cell}"


def cell_in(row: Row, place: int) -> str | None:
    return row.cells[place] if place < len(row.cells) else None
