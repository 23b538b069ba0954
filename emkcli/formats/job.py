"""One export while it runs: what is asked for, what was read, what could not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emkcli import errors
from emkcli.api.dates import order
from emkcli.api.filters import SUPPORTING, ChangesUnknown
from emkcli.api.mapping import CATEGORIES
from emkcli.api.models import Missing, Raw
from emkcli.api.ports import Card, CardQuery
from emkcli.formats.fresh import Fresh


@dataclass
class Job:
    """`categories` are the lists asked for, none means all; `envelope` is what every document of emk begins with."""

    card: Card
    query: CardQuery
    categories: tuple[str, ...] = ()
    dialect: str = "rfc4180"
    envelope: Mapping[str, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    missing: list[Missing] = field(default_factory=list)
    complete: bool = True
    first: str | None = None
    last: str | None = None
    fresh: Fresh | None = None
    _failure: errors.EmkError | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return self.categories or tuple(CATEGORIES)

    def records(self, category: str) -> Iterator[Any]:
        """The records of a list; where reading ends early the rest is noted as missing."""
        if isinstance(self._failure, (errors.Unreachable, errors.LoginRequired)):
            return self._note(category, self._failure)
        try:
            for record in getattr(self.card, category)(self.query):
                if self.fresh and not self.fresh.admits(record.model_dump_json(by_alias=True).encode()):
                    continue
                self._count(category, record.date)
                yield record
        except ChangesUnknown:
            raise
        except errors.Unsupported as cause:
            # A server without such records lacks nothing, unless they were asked for by name.
            if self.categories:
                self._note(category, cause)
        except errors.EmkError as cause:
            self._note(category, cause)
        return None

    def resources(self) -> Iterator[Raw]:
        """The resources of the lists asked for with what they refer to."""
        query = replace(self.query, extra={**self.query.extra, "categories": ",".join(self.categories)})
        try:
            for raw in self.card.resources(query):
                told = raw.data or {}
                kind = str(told.get("type") or raw.id.partition("/")[0])
                if self.fresh and kind not in SUPPORTING and not self.fresh.admits(raw.content):
                    continue
                self.types[kind] += 1
                if category := told.get("category"):
                    self._count(str(category), told.get("date"))
                yield raw
        except ChangesUnknown:
            raise
        except errors.EmkError as cause:
            parts = cause.details.get("missing") or [{"what": "card", "why": cause.message}]
            for part in parts:
                self._note(part["what"], cause, part["why"])

    def finish(self) -> None:
        """An export that read nothing at all is no export: the first error stands for it."""
        if self._failure and not (self.counts or self.types):
            raise self._failure

    def lacks(self, part: Missing) -> None:
        """A part that was read but could not be written."""
        self.complete = False
        self.missing.append(part)

    def _count(self, category: str, date: str | None) -> None:
        self.counts[category] += 1
        if date:
            self.first = min(self.first or date, date, key=order)
            self.last = max(self.last or date, date, key=order)

    def _note(self, what: str, cause: errors.EmkError, why: str | None = None) -> None:
        self.complete = False
        self._failure = self._failure or cause
        self.missing.append(Missing(what=what, why=why or cause.message))
