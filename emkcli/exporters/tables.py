"""The lists as flat tables of typed, described columns: what SQLite and Parquet share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

from emkcli.clinical.dates import day, span
from emkcli.models import CATEGORIES
from emkcli.models.fields import Leaf, arms, is_model, leaves

TEXT, NUMBER, BOOLEAN, DAY, MOMENT = "text", "number", "boolean", "day", "moment"


@dataclass(frozen=True)
class Column:
    """`type` is one of the words above, or for a list a tuple with what is in it: `(TEXT,)`, or columns."""

    name: str
    type: str | tuple[Any, ...]
    path: tuple[str, ...]
    meaning: str


PERSON = Column("person_id", TEXT, (), "whose card it is")
"""For tables where several people meet."""
DATED = (
    Column("day", DAY, (), "calendar day in Moscow; null where the source is less precise than a day"),
    Column("moment", MOMENT, (), "the same in UTC; null where the source gave no time of day"),
)


@cache
def columns(category: str) -> tuple[Column, ...]:
    """Every field of a list; what is nested is joined by `_`, then where the record came from and when it was."""
    all_columns = [_column(leaf) for leaf in leaves(CATEGORIES[category], into_lists=False)]
    places = [column for column in all_columns if column.path[0] == "source" and column.name != "source_file"]
    return (*(column for column in all_columns if column.path[0] != "source"), *places, *DATED)


def _column(leaf: Leaf) -> Column:
    return Column("_".join(leaf.path), _type(leaf.type), leaf.path, leaf.meaning)


def values(record: Any, category: str) -> list[Any]:
    """A record as the values of its columns."""
    item = record.to_builtins()
    if isinstance(item["source"], str):
        item["source"] = {"file": item["source"]}
    when = _when(record.date)
    return [when.get(str(column.type)) if not column.path else _at(item, column) for column in columns(category)]


def year(record: Any) -> int | None:
    """The year in Moscow; None without a date, or with one that nobody can read."""
    calendar_day = day(record.date)
    return calendar_day.year if calendar_day else None


def _when(date: str | None) -> dict[str, Any]:
    """The day where the date is that precise, the moment where a time was given."""
    bounds = span(date) if date else None
    if not bounds:
        return {}
    first, last = day(date), day(date, last=True)
    return {DAY: first if first == last else None, MOMENT: bounds[0] if bounds[0] == bounds[1] else None}


def _at(item: Any, column: Column) -> Any:
    for name in column.path:
        item = item.get(name) if isinstance(item, dict) else None
    if column.path == ("source",):
        item = item["file"]
    return _clean(item)


def _clean(value: Any) -> Any:
    """Half a surrogate pair is no text to any database."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return {name: _clean(item) for name, item in value.items()} if isinstance(value, dict) else value


def _type(annotation: Any) -> Any:
    """The word for a plain type, a tuple for a list: of one word, or of the columns of what is in it."""
    if get_origin(annotation) is not list:
        return {float: NUMBER, bool: BOOLEAN}.get(annotation, TEXT)
    held = arms(get_args(annotation)[0])[0]
    return tuple(map(_column, leaves(held, into_lists=False))) if is_model(held) else (_type(held),)
