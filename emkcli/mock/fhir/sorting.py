"""The order of a search, key after key, and which rows come after a page in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.kinds import Kind

UNSORTED = "seq"
"""The order without `_sort`: as the resources were written."""
_COLUMNS = {"date": "date", "_lastUpdated": "last_updated", "_id": "id"}


class Key(NamedTuple):
    column: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.column}" if self.descending else self.column

    @property
    def sql(self) -> str:
        return f"{self.column} {'DESC' if self.descending else 'ASC'}"

    @property
    def beyond(self) -> str:
        return "<" if self.descending else ">"


class Order(NamedTuple):
    """Keys whose last one no two rows share, so that every page has one place to go on from."""

    keys: tuple[Key, ...] = (Key(UNSORTED),)

    def __str__(self) -> str:
        return ",".join(map(str, self.keys))

    @property
    def columns(self) -> str:
        return ", ".join(key.column for key in self.keys)

    @property
    def sql(self) -> str:
        return ", ".join(key.sql for key in self.keys)

    def fits(self, values: Sequence[str | int]) -> bool:
        """Whether a row can have these values: the order of writing is a number, everything else is text."""
        return [type(value) for value in values] == [int if key.column == UNSORTED else str for key in self.keys]

    def after(self, values: Sequence[str | int]) -> tuple[str, list[str | int]]:
        """SQL for the rows after the one with these values; one comparison where an index can follow it."""
        first, places = self.keys[0], ", ".join("?" * len(self.keys))
        if all(key.descending == first.descending for key in self.keys):
            return f"({self.columns}) {first.beyond} ({places})", list(values)
        steps, args = [], list[str | int]()
        for number, key in enumerate(self.keys):
            equal = [f"{earlier.column} = ?" for earlier in self.keys[:number]]
            steps.append(f"({' AND '.join([*equal, f'{key.column} {key.beyond} ?'])})")
            args += values[: number + 1]
        # the first key alone bounds the range that an index is walked in
        return f"{first.column} {first.beyond}= ? AND ({' OR '.join(steps)})", [values[0], *args]


def order(value: str, kind: Kind) -> Order:
    """What `_sort` asks for; the id decides between rows that are the same in all its keys."""
    names = _COLUMNS | dict.fromkeys(kind.date_parameters, "date")
    keys: dict[str, Key] = {}
    for part in value.split(","):
        name = part.removeprefix("-")
        if name not in names:
            known = ", ".join(names)
            raise FhirError(400, "not-supported", f"_sort: {part!r}; one or more of {known}, each with or without '-'")
        keys.setdefault(names[name], Key(names[name], part.startswith("-")))
    last = [*keys.values()][-1]
    keys.setdefault("id", Key("id", last.descending))
    return Order(tuple(keys.values()))
