"""One export while it runs: what is asked for, what was read so far, what could not be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import compress
from typing import TYPE_CHECKING, Any, TypeVar

from emkcli import errors
from emkcli.api.batches import Batch, count
from emkcli.api.filters import SUPPORTING, ChangesUnknown, SearchRefused, asked_for, kept, limited
from emkcli.api.ports import Card, CardQuery
from emkcli.clinical.dates import order
from emkcli.exporters.already_exported import AlreadyExported
from emkcli.exporters.export_request import ExportRequest
from emkcli.fhir.placement import placements_by, why_unread
from emkcli.models import CATEGORIES, Missing, Person, Profile, Raw, Unread
from emkcli.models.content_account import Holdings

if TYPE_CHECKING:
    from emkcli.exporters.targets.age_encryption import Encryption

T = TypeVar("T")
EVERY = 100
"""After how many records it is told how far the export is."""


@dataclass
class ExportJob:
    """`envelope` is what every document of emk begins with; with an `encryption` all of it is encrypted on the way, and nothing
    readable may touch the disk; `already_exported` leaves out what an earlier export had; `tell` hears how many records
    were read; `beside` is how many came that were not asked for and are left out; `read_profile` asks where the person is
    attached. `is_whole` as long as everything could be read and written."""

    request: ExportRequest
    card: Card
    query: CardQuery
    envelope: Mapping[str, Any] = field(default_factory=dict)
    encryption: Encryption | None = None
    already_exported: AlreadyExported | None = None
    tell: Callable[[int], None] = lambda count: None
    redact: Callable[[str], str] = str
    read_profile: Callable[[], Profile | None] = lambda: None
    counts: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    missing: list[Missing] = field(default_factory=list)
    is_whole: bool = True
    first: str | None = None
    last: str | None = None
    beside: Counter[str] = field(default_factory=Counter)
    _passed: Holdings | None = None
    _read_so_far: int = 0
    _failure: errors.EmkError | None = None
    _within: tuple[str, str] = ("~", "")

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """The lists that were named, each once; none means all."""
        return tuple(dict.fromkeys(self.request.categories))

    @property
    def names(self) -> tuple[str, ...]:
        """The lists to write."""
        return self.categories or tuple(CATEGORIES)

    @property
    def partial(self) -> bool:
        """Whether a part of the card was asked for, and not all of it."""
        query = self.query
        return bool(self.categories or query.since or query.until or query.updated_since)

    @cached_property
    def owner(self) -> Person:
        """Whose card it is."""
        return self.card.person(self.query.person)

    @cached_property
    def profile(self) -> Profile | None:
        """Where that person is attached, and to whom; None where nobody tells."""
        return self.read_profile()

    @property
    def complete(self) -> bool:
        """Whether nothing is lacking of what was asked for; to be asked when all was read."""
        # the account comes first: counting may find that something cannot be read
        return not self.holdings.account().unread and self.is_whole

    @property
    def unread(self) -> list[Unread]:
        """What is in no place of the card."""
        return self.holdings.unread(why_unread)

    @property
    def lacking(self) -> list[Missing]:
        """What is missing and what is unread, for people."""
        return [
            *self.missing,
            *(Missing(what=f"{part.what} ({part.count})", why=_reason(part)) for part in self.unread),
        ]

    @cached_property
    def holdings(self) -> Holdings:
        """Where everything is that was asked for; to be asked when all was read."""
        try:
            holdings = self.card.holdings(self._query, self._passed)
        except errors.Unsupported:
            return Holdings()  # a card that has lists alone: nothing more can be said of it
        except errors.EmkError as cause:
            holdings = Holdings(missing=[Missing(what="card", why=cause.message)])
        # the lists have said themselves what they lack
        for part in holdings.missing if self.is_whole else ():
            self.lacks(Missing(what=part.what, why=self.redact(part.why)))
        return holdings

    @cached_property
    def _query(self) -> CardQuery:
        return replace(self.query, extra={**self.query.extra, "categories": ",".join(self.categories)})

    def records(self, category: str) -> Iterator[Any]:
        """The records of a list; where reading ends early the rest is noted as missing."""
        if isinstance(self._failure, (errors.Unreachable, errors.LoginRequired)):
            return self._note(category, self._failure)
        try:
            came = getattr(self.card, category)(self.query)
            for record in asked_for(came, self.query, partial(self.beside.__setitem__, category)):
                if self.already_exported and not self.already_exported.lacks(record.to_json()):
                    continue
                self._count(category, record.date)
                self._come(1)
                yield record
        except ChangesUnknown:
            raise
        except SearchRefused as cause:
            self._note(category, cause)
        except errors.Unsupported as cause:
            # A server without such records lacks nothing, unless they were asked for by name.
            if self.categories:
                self._note(category, cause)
        except errors.EmkError as cause:
            self._note(category, cause)
        return None

    def resources(self) -> Iterator[Raw]:
        """The resources of the lists asked for with what they refer to."""
        for raw in self._read(lambda query: self.card.resources(query)):
            fields = raw.data
            kind = fields.get("type") or raw.id.partition("/")[0]
            if not (
                self._asks_for(kind, fields.get("category"), fields.get("date")) and self._admits(kind, raw.content)
            ):
                continue
            self._pass().add(placements_by(kind, fields.get("category"), raw.content))
            self.types[kind] += 1
            if category := fields.get("category"):
                self._count(category, fields.get("date"))
            self._come(1)
            yield raw

    def batches(self) -> Iterator[Batch]:
        """The same, many at a time."""
        for batch in self._read(lambda query: self.card.batches(query)):
            if limited(self._query):
                batch = batch.where([*map(self._asks_for, batch.kinds, batch.categories, batch.dates)])
            if self.already_exported:
                batch = batch.where([self._admits(*pair) for pair in zip(batch.kinds, batch.contents, strict=True)])
            count(self._pass(), batch)
            self.types.update(batch.kinds)
            self.counts.update(filter(None, batch.categories))
            for date in compress(batch.dates, batch.categories):
                self._date(date)
            self._come(len(batch.kinds))
            yield batch

    def _asks_for(self, kind: str, category: str | None, date: str | None) -> bool:
        """Whether a resource is of the days and lists that were asked for; a backend may take no notice of them."""
        is_asked_for = kept(kind, category or None, date, self._query)
        self.beside["resources"] += not is_asked_for
        return is_asked_for

    def _pass(self) -> Holdings:
        self._passed = self._passed or Holdings()
        return self._passed

    def _admits(self, kind: str, content: bytes) -> bool:
        """Whether an earlier export lacks it; what others refer to comes every time."""
        return not self.already_exported or kind in SUPPORTING or self.already_exported.lacks(content)

    def _read(self, read: Callable[[CardQuery], Iterator[T]]) -> Iterator[T]:
        try:
            yield from read(self._query)
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
        self.is_whole = False
        self.missing.append(part)

    def _come(self, count: int) -> None:
        """So many more were read; not each is worth a word."""
        before, self._read_so_far = self._read_so_far, self._read_so_far + count
        if before // EVERY != self._read_so_far // EVERY:
            self.tell(self._read_so_far)

    def _count(self, category: str, date: str | None) -> None:
        self.counts[category] += 1
        self._date(date)

    def _date(self, date: str | None) -> None:
        """Widen the span of dates; what lies well within it as text need not be read as a date."""
        if date and not self._within[0] < date < self._within[1]:
            self.first = min(self.first or date, date, key=order)
            self.last = max(self.last or date, date, key=order)
            self._within = (f"{self.first[:7]}~", self.last[:7])

    def _note(self, subject: str, cause: errors.EmkError, why: str | None = None) -> None:
        self.is_whole = False
        self._failure = self._failure or cause
        self.missing.append(Missing(what=subject, why=self.redact(why or cause.message)))


def _reason(part: Unread) -> str:
    return ", ".join(filter(None, (part.reason, part.where)))
