"""A synced card and the imported documents of the same person as one card; a record of both is one with two sources.

The two stay apart on disk: which records are the same is found while reading, so that what the server replaced or
removed is there again as the document has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from msgspec import structs

from emkcli import errors, models
from emkcli.api.card_lists import Listed, together
from emkcli.api.ports import EVERYTHING, CardQuery, Items, of_kind
from emkcli.fhir import same_person
from emkcli.localcard import fingerprints, persons
from emkcli.localcard.imported_card import LocalCard
from emkcli.localcard.synced_card import Mirror
from emkcli.locale import _
from emkcli.models import CATEGORIES
from emkcli.models.content_account import Holdings


class MergedCard(Listed):
    """The server's ids win; an imported record that the server has not keeps its own."""

    def __init__(self, mirror: Mirror, imports: LocalCard, *, imports_first: bool = False) -> None:
        """Without an id it is the server's person, or with `imports_first` the owner of the documents."""
        self.mirror, self.imports, self._imports_first = mirror, imports, imports_first
        self._pairs = lru_cache(maxsize=None)(self._same)

    def persons(self) -> list[models.Person]:
        """Those of the server, then those whom only documents name."""
        doubled = {self._imported(person.id) for person in self.mirror.persons()}
        return [*self.mirror.persons(), *(person for person in self.imports.persons() if person.id not in doubled)]

    def person(self, person: str | None = None) -> models.Person:
        synced, imported = self._whose(person)
        return self.mirror.person(synced) if synced else self.imports.person(imported)

    def ids(self, person: str | None = None) -> Iterator[str]:
        """The server's, and those of the documents."""
        synced, imported = self._whose(person)
        yield from self.mirror.ids(synced) if synced else ()
        yield from self.imports.ids(imported) if imported else ()

    def record(self, record: str, person: str | None = None, *, kind: str | None = None) -> Any:
        synced, imported = self._whose(person)
        try:
            model: models.Model | None = self.mirror.record(record, synced) if synced else None
        except errors.NotFound:
            model = None
        if model is None and imported:
            model = self._of_imports(record, synced, imported)
        if model is None:
            raise errors.NotFound(_("There is no record {id}.").format(id=record))
        category = next(name for name, kind in CATEGORIES.items() if kind is type(model))
        joined: models.Model = self._joined(category, model, synced, imported)
        return of_kind(joined, record, kind)

    def _of_imports(self, record: str, synced: str | None, imported: str) -> models.Model | None:
        """A record by the id it has as an import, or had on the server; the server's, where that is the same."""
        model: Any = self.imports.record(self.imports.named(record, imported), imported)
        category = next(name for name, kind in CATEGORIES.items() if kind is type(model))
        synced_id = next(
            (
                ident
                for ident, imported_id in self._pairs(category, synced, imported).items()
                if imported_id == model.id
            ),
            None,
        )
        found: models.Model = self.mirror.record(synced_id, synced) if synced_id else model
        return found

    def raw(self, record: str, person: str | None = None) -> models.Raw:
        synced, imported = self._whose(person)
        if synced:
            try:
                return self.mirror.raw(record, synced)
            except errors.NotFound:
                if not imported:
                    raise
        return self.imports.raw(record, imported)

    def resources(self, query: CardQuery = EVERYTHING) -> Iterator[models.Raw]:
        synced, imported = self._whose(query.person)
        digests: set[bytes] = set()
        for raw in self.mirror.resources(replace(query, person=synced)) if synced else ():
            digests.add(_print(raw))
            yield raw
        doubled = {ident for name in CATEGORIES for ident in self._pairs(name, synced, imported).values()}
        for raw in self.imports.resources(replace(query, person=imported), doubled) if imported else ():
            if _print(raw) not in digests:
                yield raw

    def holdings(self, query: CardQuery = EVERYTHING, passed: Holdings | None = None) -> Holdings:
        """What documents have and the server has too is a duplicate."""
        synced, imported = self._whose(query.person)
        held = self.mirror.holdings(replace(query, person=synced)) if synced else Holdings()
        doubled = {ident for name in CATEGORIES for ident in self._pairs(name, synced, imported).values()}
        if imported:
            held.join(self.imports.holdings(replace(query, person=imported), doubled=doubled))
        return held

    def access_log(self, person: str | None = None) -> Items[models.Access]:
        synced, _imported = self._whose(person)
        if synced is None:
            raise errors.Unsupported(_("Imported documents do not tell who looked at them."))
        return self.mirror.access_log(synced)

    def _list(self, category: str, query: CardQuery) -> Items[Any]:
        synced, imported = self._whose(query.person)
        if not synced or not imported:
            card: LocalCard = self.mirror if synced else self.imports
            return getattr(card, category)(replace(query, person=synced or imported))  # type: ignore[no-any-return]
        doubled = set(self._pairs(category, synced, imported).values())
        synced_items: Items[Any] = getattr(self.mirror, category)(replace(query, person=synced))
        imported_items: Items[Any] = getattr(self.imports, category)(replace(query, person=imported))
        joined = (self._joined(category, record, synced, imported) for record in synced_items)
        rest = (record for record in imported_items if record.id not in doubled)
        counted = synced_items.total is not None and imported_items.total is not None
        total = (synced_items.total or 0) + (imported_items.total or 0) - len(doubled) if counted else None
        return Items(together([joined, rest]), synced_items.person, total)

    def _joined(self, category: str, record: Any, synced: str | None, imported: str | None) -> Any:
        """The record with every place it is in."""
        other = self._pairs(category, synced, imported).get(record.id)
        if other is None:
            return record
        place: Any = self.imports.record(other, imported)
        return structs.replace(record, sources=[record.source, place.source])

    def _same(self, category: str, synced: str | None, imported: str | None) -> dict[str, str]:
        if not synced or not imported:
            return {}
        return fingerprints.pairs(self.mirror.store, synced, self.imports.store, imported, category)

    def _whose(self, person: str | None) -> tuple[str | None, str | None]:
        """The same person on both sides, as far as either knows them."""
        if person is None and self._imports_first:
            person = self.imports.owner()
        if person is not None and not self.mirror.knows(person):
            imported = self.imports.owner(person)
            return self._synced(imported), imported
        synced = self.mirror.owner(person)
        return synced, self._imported(synced)

    def _synced(self, imported: str) -> str | None:
        """Who on the server has these documents; whose card may not be read any more keeps the documents."""
        for person in self.mirror.persons():
            if self._imported(person.id) == imported:
                try:
                    return self.mirror.owner(person.id)
                except errors.Forbidden:
                    return None
        return None

    def _imported(self, synced: str) -> str | None:
        """Who of the documents it is, beyond doubt; invented or not, a likeness is not enough."""
        identity = self.mirror.identity(synced)
        fitting = [
            ident
            for ident, candidate in persons.persons(self.imports.store)
            if same_person(identity, candidate) is True
        ]
        return fitting[0] if len(fitting) == 1 else None


def _print(raw: models.Raw) -> bytes:
    return blake2b(raw.id.encode() + b"\x00" + raw.content, digest_size=16).digest()
