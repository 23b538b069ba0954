"""The lists as flat tables of typed, described columns: what SQLite and Parquet share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from emkcli.api.dates import MOSCOW, span
from emkcli.api.mapping import CATEGORIES
from emkcli.api.models import FileSource, Model
from emkcli.exporters.meanings import meaning

TEXT, NUMBER, BOOLEAN, DAY, MOMENT = "text", "number", "boolean", "day", "moment"


@dataclass(frozen=True)
class Column:
    """`type` is one of the words above, or for a list a tuple with what is in it: `(TEXT,)`, or columns."""

    name: str
    type: str | tuple[Any, ...]
    path: tuple[str, ...]

    @property
    def meaning(self) -> str:
        return meaning(self.name)


PERSON = Column("person_id", TEXT, ())
"""For tables where several people meet."""


@cache
def columns(category: str) -> tuple[Column, ...]:
    """Every field of a list; what is nested is joined by `_`, then where the record came from and when it was."""
    found = [one for one in _fields(CATEGORIES[category]) if one.name != "source"]
    from_file = [Column(f"source_{name}", TEXT, ("source", name)) for name in FileSource.model_fields if name != "file"]
    return (
        *found,
        Column("source", TEXT, ("source",)),
        *from_file,
        Column("day", DAY, ()),
        Column("moment", MOMENT, ()),
    )


def values(record: Any, category: str) -> list[Any]:
    """A record as the values of its columns."""
    item = record.model_dump(by_alias=True, mode="json")
    if isinstance(item["source"], str):
        item["source"] = {"file": item["source"]}
    when = _when(record.date)
    return [when.get(str(column.type)) if not column.path else _at(item, column) for column in columns(category)]


def year(record: Any) -> int | None:
    """The year in Moscow; None without a date, or with one that nobody can read."""
    found = span(record.date) if record.date else None
    return found[0].astimezone(MOSCOW).year if found else None


def _when(date: str | None) -> dict[str, Any]:
    """The day where the date is that precise, the moment where a time was given."""
    found = span(date) if date else None
    if not found:
        return {}
    days = [one.astimezone(MOSCOW).date() for one in found]
    return {DAY: days[0] if days[0] == days[1] else None, MOMENT: found[0] if found[0] == found[1] else None}


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
        return [_clean(one) for one in value]
    return {name: _clean(one) for name, one in value.items()} if isinstance(value, dict) else value


def _fields(kind: type[Model], *before: str) -> Iterator[Column]:
    for name, field in kind.model_fields.items():
        path = (*before, field.serialization_alias or name)
        found = _type(field.annotation)
        if isinstance(found, type):
            yield from _fields(found, *path)
        else:
            yield Column("_".join(path), found, path)


def _type(annotation: Any) -> Any:
    """The word for a plain type, a tuple for a list, the class itself for a model."""
    if get_origin(annotation) in (Union, UnionType):
        return _type(next(one for one in get_args(annotation) if one is not NoneType))
    if get_origin(annotation) is list:
        inner = _type(get_args(annotation)[0])
        return tuple(_fields(inner)) if isinstance(inner, type) else (inner,)
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    return {float: NUMBER, bool: BOOLEAN}.get(annotation, TEXT)
