"""What each column of a table of results is, told by its head: a head may stand in several rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from emkcli.importers.cda.column_head import RANGES, HeadCell, head_cell, name_of
from emkcli.importers.cda.grid import Row

_DEEPEST = 4
"""Rows of one head; nobody prints more, and a table of nothing else would be read again with every row."""
_BOUNDS = {"от": "low", "до": "high"}
"""What is a bound below the head of a range alone: elsewhere «до» may be what was before."""
_FOR_WHOM = re.compile(
    r"\bмуж|\bжен|\bм\b|\bж\b|мальч|девоч|\bдет|взросл|беремен|новорож|\d\s*(?:лет|год|г\.|мес|дн)", re.IGNORECASE
)
"""How a head says that a range is for some alone."""


_ANSWER = re.compile(r"положител|отрицател|сомнител|обнаруж|выявлен", re.IGNORECASE)
"""What came out, in words: no head of a table says it."""


_OF_ONE = frozenset({"interpretation", "collected"})
"""What is said of one value, not of all that a row has."""


class Column(NamedTuple):
    """Which result of a row it is of, as some print two side by side, what it says of that, and for whom if for some; the
    unit and the day of its head; `label` are the words of a head that say more than what the column is."""

    result: int
    name: str | None
    whom: str | None = None
    day: str | None = None
    unit: str | None = None
    label: str | None = None

    def is_about(self, value: Column, *, is_alone: bool) -> bool:
        """Whether it tells of a value, which may be the only one of its result."""
        if self.day == value.day:
            return True
        return self.day is None and (is_alone or (self.name not in _OF_ONE and self.label is None))


class TableHead:
    """The head of a table while its rows come by."""

    def __init__(self) -> None:
        self.columns: list[Column] = []
        self._above: list[tuple[str | None, ...]] = []

    def takes(self, row: Row) -> bool:
        """Whether a row belongs to the head, or is a head again; the columns are then as it says."""
        heads = row.spread
        if _is_day_alone(row) and not self._divides(heads):
            return False
        is_answered = bool(self.columns) and any(map(_ANSWER.search, filter(None, row.cells)))
        if is_answered or not (row.is_head or not self.columns or _is_head_again(row) or self._divides(heads)):
            self._above = []
            return False
        above = [*self._above[1 - _DEEPEST :], heads]
        columns = _columns(above) or _columns([heads])
        if (row.is_head and not row.alone) or columns or _is_head_again(row):
            self._above = above
        self.columns = columns or self.columns
        return bool(columns)

    def _divides(self, heads: tuple[str | None, ...]) -> bool:
        """A second row of a head, of cells that look like others: it says for whom the ranges above it are, or of which day
        and in which unit the values."""
        if not self._above:
            return False
        pairs = [
            (above, above and head_cell(above).name, head)
            for above, head in zip(self._above[-1], heads, strict=False)
            if head
        ]
        beside = [head for _above, name, head in pairs if name not in RANGES]
        if any(name in RANGES and _FOR_WHOM.search(head) for _above, name, head in pairs):
            return all(map(name_of, beside))
        below = [(name, head) for above, name, head in pairs if head != above]
        return "value" in dict(below) and all(_is_detail(head_cell(head)) for _name, head in below)


def _is_day_alone(row: Row) -> bool:
    """A day with its name, of which no column is; and one in a row that does not say it is a head may be anything."""
    days = [cell for cell in row.said if head_cell(cell).is_day]
    is_named = len(row.said) == 2 and name_of(row.said[0]) != "analyte"
    return len(days) == 1 and (is_named or not row.is_head)


def _is_detail(head: HeadCell) -> bool:
    return head.is_day or bool(head.unit and not head.name)


def _columns(rows: Sequence[tuple[str | None, ...]]) -> list[Column]:
    """What each column is, when these rows say so: at least what was measured and what came out."""
    stacks = [[row[place] for row in rows if place < len(row) and row[place]] for place in range(max(map(len, rows)))]
    columns = list(_numbered(_column([head for head, _same in groupby(filter(None, stack))]) for stack in stacks))
    return _each_once(columns) if _is_understood(columns) else []


def _numbered(columns: Iterable[Column]) -> Iterator[Column]:
    """Another analyte begins another result."""
    analytes = 0
    for column in columns:
        analytes += column.name == "analyte"
        yield column._replace(result=max(analytes - 1, 0))


def _each_once(columns: list[Column]) -> list[Column]:
    """What another column is already is a remark beside it; of several values that is the one with the plainest head."""
    first: dict[tuple[object, ...], Column] = {}
    for column in sorted(columns, key=lambda column: bool(column.label)):
        first.setdefault(column[:4], column)
    return [column if column.whom or first[column[:4]] is column else column._replace(name=None) for column in columns]


def _is_understood(columns: list[Column]) -> bool:
    if not {(0, "analyte"), (0, "value")} <= {column[:2] for column in columns}:
        return False
    return all(map(_are_told_apart, ([*own] for _result, own in groupby(columns, key=lambda column: column.result))))


def _are_told_apart(columns: list[Column]) -> bool:
    """Whether the values of one result are: by their days, or by their heads, of which one is plain. What is said of one of
    them has its day too."""
    labels: dict[str | None, list[str | None]] = {}
    for column in columns:
        if column.name == "value":
            labels.setdefault(column.day, []).append(column.label)
    if any(len(own) > 1 and own.count(None) != 1 for own in labels.values()):
        return False
    shared = [column.name for column in columns if column.day is None and column.name and not column.whom]
    return len(labels) < 2 or (len(set(shared)) == len(shared) and (None in labels or _OF_ONE.isdisjoint(shared)))


def _column(heads: list[str]) -> Column:
    """By the head that is lowest; what it and those above it say of the unit and the day holds for it."""
    cells = list(map(head_cell, heads))
    name, whom = _named([head for head, cell in zip(heads, cells, strict=True) if not _is_detail(cell)])
    name = name or next((cell.name for cell in cells if cell.is_day), None)
    unit = next((cell.unit for cell in reversed(cells) if cell.unit), None)
    day = next((cell.day for cell in reversed(cells) if cell.day and cell.name not in RANGES), None)
    labels = [head for head, cell in zip(heads, cells, strict=True) if cell.name == "value" and not cell.is_plain]
    return Column(0, name, whom, day, unit, "; ".join(labels) or None if name == "value" else None)


def _named(heads: list[str]) -> tuple[str | None, str | None]:
    """By the lowest head; below the head of a range, what has no name of its own tells for whom it is."""
    names = [head_cell(head).name for head in heads]
    name = names[-1] if names else None
    top = next((place for place, above in enumerate(names) if above in RANGES), None)
    if top is None or (name and name not in RANGES):
        return name, None
    below = [name or _BOUNDS.get(head.casefold()) for head, name in zip(heads[top:], names[top:], strict=True)]
    return below[-1] or "reference", _whom(heads, top, is_divided=None in below)


def _whom(heads: list[str], top: int, *, is_divided: bool) -> str | None:
    spoken = list(filter(_FOR_WHOM.search, heads[: top + 1]))
    below = heads[top + 1 :] if spoken or is_divided else []
    return ", ".join([*spoken, *below]) or None


def _is_head_again(row: Row) -> bool:
    """A head in the middle of a table, of cells that look like others."""
    said = [cell for cell in row.cells if cell]
    return len(said) > 1 and all(map(name_of, said))
