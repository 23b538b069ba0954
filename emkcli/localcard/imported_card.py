"""The local card through the same port as a server's: lists, records and their raw bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from emkcli import errors, models
from emkcli.api.card_lists import Listed
from emkcli.api.filters import SUPPORTING, kept, wanted
from emkcli.api.ports import EVERYTHING, CardQuery, Items, of_kind
from emkcli.clinical.dates import moscow
from emkcli.fhir import Identity
from emkcli.fhir.medication_request import as_it_stands
from emkcli.localcard import persons
from emkcli.localcard.fingerprints import FHIR
from emkcli.localcard.search.hits import Found
from emkcli.localcard.store import Store, translated
from emkcli.localcard.stored_placements import ARRIVED, StoredHoldings
from emkcli.locale import _
from emkcli.models import CATEGORIES
from emkcli.models.content_account import Holdings

if TYPE_CHECKING:
    from emkcli.localcard.search.query import Query

Results = tuple[int, Iterator[Found]]
NEW = f"""AND piece IN (SELECT p.number FROM piece p LEFT JOIN document d ON d.number = p.document
          WHERE {ARRIVED} >= datetime(?))"""  # noqa: S608
SUPPORTED = json.dumps(sorted(SUPPORTING))


def _today() -> str:
    return datetime.now(moscow()).date().isoformat()


class LocalCard(Listed):
    """What was imported. Ids stay the same when a document is imported again. `today` is a day in Moscow."""

    def __init__(self, store: Store, today: Callable[[], str] = _today) -> None:
        self.store = store
        self._today = today

    def close(self) -> None:
        self.store.close()

    def persons(self) -> list[models.Person]:
        """Everybody whose documents are here, the owner first."""
        identities = persons.persons(self.store)
        return [_person(ident, identity, first=place == 0) for place, (ident, identity) in enumerate(identities)]

    def person(self, person: str | None = None) -> models.Person:
        ident = self.owner(person)
        return next(candidate for candidate in self.persons() if candidate.id == ident)

    def owner(self, person: str | None = None) -> str:
        """The id of the person of that id or, without one, of the first. `NotFound`."""
        return persons.find(self.store, person)[0]

    def record(self, record: str, person: str | None = None, *, kind: str | None = None) -> Any:
        sql = "SELECT category, json FROM record WHERE person = ? AND (id = ? OR id = ? || '#1') ORDER BY id LIMIT 1"
        row = self.store.row(sql, self.owner(person), record, record)
        if row is None:
            raise errors.NotFound(_("There is no record {id}.").format(id=record))
        model: models.Model = _model(row[0], row[1], self._today())
        return of_kind(model, record, kind)

    def ids(self, person: str | None = None) -> Iterator[str]:
        """Those of all records of a person."""
        return (row[0] for row in self.store.rows("SELECT id FROM record WHERE person = ?", self.owner(person)))

    def named(self, record: str, person: str) -> str:
        """The id of the record that the only document with it calls `Type/id`; any other name as it is."""
        key, mark, part = record.partition("#")
        rows = list(self.store.rows("SELECT id FROM piece WHERE person = ? AND key = ?", person, key))
        return f"{rows[0][0]}{mark}{part}" if len(rows) == 1 else record

    def raw(self, record: str, person: str | None = None) -> models.Raw:
        sql = """SELECT p.media_type, p.content, coalesce(p.fetched_at, d.imported_at)
                 FROM piece p LEFT JOIN document d ON d.number = p.document WHERE p.person = ? AND p.id = ?"""
        row = self.store.row(sql, self.owner(person), record.partition("#")[0])
        if row is None:
            raise errors.NotFound(_("There is no record {id}.").format(id=record))
        return models.Raw(id=record, media_type=row[0], content=row[1], fetched_at=row[2])

    def resources(self, query: CardQuery = EVERYTHING, without: Collection[str] = ()) -> Iterator[models.Raw]:
        """FHIR as it was imported, then what is made of documents of another form but for the records `without`."""
        ident = self.owner(query.person)
        since = query.updated_since or ""
        sql = f"""SELECT p.key, p.type, p.full_url, p.date, p.category, p.content,
                         coalesce(p.fetched_at, d.imported_at), d.date
                  FROM piece p LEFT JOIN document d ON d.number = p.document
                  WHERE p.person = ? AND p.media_type = ?
                      AND (? = '' OR {ARRIVED} >= datetime(?) OR p.type IN (SELECT value FROM json_each(?)))
                  ORDER BY p.number"""  # noqa: S608
        for row in self.store.rows(sql, ident, FHIR, since, since, SUPPORTED):
            if kept(row[1], row[4], row[3], query):
                yield _raw(*row)
        yield from self._made(query, without)

    def holdings(
        self, query: CardQuery = EVERYTHING, passed: Holdings | None = None, doubled: Collection[str] = ()
    ) -> Holdings:
        """As it was counted when it came; the records `doubled` are those that another card has too."""
        return StoredHoldings(self.store, self.owner(query.person), query, doubled).all()

    def _made(self, query: CardQuery, without: Collection[str]) -> Iterator[models.Raw]:
        ident, identity = persons.find(self.store, query.person)
        since = query.updated_since or ""
        sql = f"""SELECT p.number, p.content, p.media_type, coalesce(d.date, p.fetched_at, d.imported_at)
                  FROM piece p LEFT JOIN document d ON d.number = p.document
                  WHERE p.person = ? AND p.media_type <> ? AND (? = '' OR {ARRIVED} >= datetime(?))
                  ORDER BY p.number"""  # noqa: S608
        writer = None
        for number, content, media_type, as_of in self.store.rows(sql, ident, FHIR, since, since):
            from emkcli.fhir.resource_writer import ResourceWriter
            from emkcli.fhir.write_context import SourceDocument

            writer = writer or ResourceWriter(ident, identity)
            records = [record for record in self._of_piece(number) if record.id not in without]
            for raw in writer.resources(SourceDocument(content, media_type, as_of, records)):
                data = raw.data
                if kept(data["type"], data["category"], data["date"], query):
                    yield raw

    def _of_piece(self, number: int) -> Iterator[Any]:
        """The records of a piece, in the order of the document."""
        sql = "SELECT category, json FROM record WHERE piece = ? ORDER BY number"
        return (_model(name, content, self._today()) for name, content in self.store.rows(sql, number))

    def search(
        self,
        query: Query,
        person: str | None,
        categories: Sequence[str],
        limit: int,
        dates: tuple[str | None, str | None] = (None, None),
    ) -> Results:
        """The records that fit, the best first; of `dates` (since, until) the edges are not sharp."""
        ident, _identity = persons.find(self.store, person)
        with translated(self.store.path):
            total, rows = self.store.index().search(query, limit, ident, categories, dates)
            hits = list(rows)
        return total, (Found(_model(category, content, self._today()), score) for category, content, score in hits)

    def _list(self, category: str, query: CardQuery) -> Items[Any]:
        owner = self.person(query.person)
        plain = not (query.since or query.until or query.clinic or query.doctor or query.updated_since)
        counted = self.store.row("SELECT count(*) FROM record WHERE person = ? AND category = ?", owner.id, category)
        named = models.Named(id=owner.id, name=owner.name)
        return Items(self._records(owner.id, category, query), named, counted[0] if plain and counted else None)

    def _records(self, person: str, category: str, query: CardQuery) -> Iterator[Any]:
        today, since = self._today(), query.updated_since
        new = NEW if since else ""
        sql = f"""SELECT category, json FROM record WHERE person = ? AND category = ? {new}
                  ORDER BY moment DESC, id"""  # noqa: S608
        records = (
            _model(name, content, today)
            for name, content in self.store.rows(sql, person, category, *filter(None, (since,)))
        )
        return (record for record in records if wanted(record, query))


def _model(category: str, content: bytes, today: str) -> Any:
    record = CATEGORIES[category].from_json(content)
    return as_it_stands(record, today) if isinstance(record, models.Prescription) else record


def _person(ident: str, identity: Identity, *, first: bool) -> models.Person:
    relation = "self" if first else "other"
    born, sex, deceased = identity.birth_date, identity.sex, identity.deceased
    return models.Person(
        id=ident, name=identity.name or ident, relation=relation, birth_date=born, sex=sex, deceased=deceased
    )


def _raw(
    key: str,
    kind: str,
    full_url: str | None,
    date: str | None,
    category: str | None,
    content: bytes,
    at: str,
    as_of: str | None,
) -> models.Raw:
    """`as_of` is how old the document says it is; when it was imported says nothing about that."""
    data = {"category": category, "type": kind, "full_url": full_url, "date": date, "as_of": as_of}
    return models.Raw(id=key, media_type=FHIR, content=content, fetched_at=at, data=data)
