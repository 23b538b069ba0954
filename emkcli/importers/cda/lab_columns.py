"""What each column of a table of results is, told by its head: a head may stand in several rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from emkcli.importers.cda.grid import Row

HEADS: tuple[tuple[str, str], ...] = (
    ("collected", r"дат[аы]|время"),
    ("method", r"метод"),
    ("low", r"нижн|\bмин"),
    ("high", r"верхн|\bмакс"),
    ("reference", r"\bреф|норм|допустим|диапазон|интервал|границ|^n$"),
    ("unit", r"\bед\b|\bед\.|единиц|размерн|^еи$"),
    ("interpretation", r"отклон|флаг|признак|интерпрет|патолог"),
    ("comment", r"коммент|примеч"),
    ("specimen", r"материал|проба|образец"),
    ("value", r"результат|значени|\bрез"),
    ("analyte", r"показател|исследован|тест|наименован|анализ|параметр|компонент|определени|название"),
)
"""Column → how clinics head it; the first that fits, so that «Нормальные значения» are a range and «Дата исследования» a
date."""
_RANGES = frozenset({"reference", "low", "high"})
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


class Column(NamedTuple):
    """Which result of a row it is of, as some print two side by side, what it says of that, and for whom if for some."""

    result: int
    name: str | None
    whom: str | None = None


class TableHead:
    """The head of a table while its rows come by."""

    def __init__(self) -> None:
        self.columns: list[Column] = []
        self._above: list[tuple[str | None, ...]] = []

    def takes(self, row: Row) -> bool:
        """Whether a row belongs to the head, or is a head again; the columns are then as it says."""
        heads = row.spread
        is_answered = bool(self.columns) and any(map(_ANSWER.search, filter(None, row.cells)))
        if is_answered or not (row.is_head or not self.columns or _is_head_again(row) or self._divides(heads)):
            self._above = []
            return False
        above = [*self._above[1 - _DEEPEST :], heads]
        columns = _columns(above) or _columns([heads])
        if (row.is_head and not row.alone) or columns:
            self._above = above
        self.columns = columns or self.columns
        return bool(columns)

    def _divides(self, heads: tuple[str | None, ...]) -> bool:
        """A second row of a head, of cells that look like others: it says for whom the ranges above it are."""
        if not self._above:
            return False
        names = list(map(name_of, self._above[-1]))
        beside = [head for name, head in zip(names, heads, strict=False) if head and name not in _RANGES]
        below = [head for name, head in zip(names, heads, strict=False) if head and name in _RANGES]
        return any(map(_FOR_WHOM.search, below)) and all(map(name_of, beside))


def name_of(head: str | None) -> str | None:
    """What a head says that stands alone."""
    fits = (name for name, pattern in HEADS if head and re.search(pattern, head, re.IGNORECASE))
    return next(fits, None)


def _columns(rows: Sequence[tuple[str | None, ...]]) -> list[Column]:
    """What each column is, when these rows say so: at least what was measured and what came out."""
    columns: list[Column] = []
    result = 0
    for place in range(max(map(len, rows))):
        heads = [row[place] for row in rows if place < len(row) and row[place]]
        name, whom = _named([head for head, _same in groupby(filter(None, heads))])
        result += name == "analyte" and Column(result, name) in columns
        column = Column(result, name, whom)
        columns.append(Column(result, None) if column in columns and not whom else column)
    return columns if {Column(0, "analyte"), Column(0, "value")} <= set(columns) else []


def _named(heads: list[str]) -> tuple[str | None, str | None]:
    """By the lowest head; below the head of a range, what has no name of its own tells for whom it is."""
    names = list(map(name_of, heads))
    name = names[-1] if names else None
    top = next((place for place, above in enumerate(names) if above in _RANGES), None)
    if top is None or (name and name not in _RANGES):
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
