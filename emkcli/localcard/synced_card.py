"""The synced copy of a server's card: the same records under the same ids, without the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from emkcli import errors, models
from emkcli.api.card_lists import newest_first
from emkcli.api.ports import Items
from emkcli.clinical.dates import local, readable
from emkcli.fhir import Identity, Scene, audit_event
from emkcli.localcard import persons
from emkcli.localcard.imported_card import LocalCard
from emkcli.localcard.store import Store
from emkcli.localcard.syncing import neighbours
from emkcli.locale import _, language
from emkcli.models import short_ids

_LOG = "AuditEvent"


class Mirror(LocalCard):
    """One server's cards. The clock is this machine's, put right by what the server's said at the last sync."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, lambda: self.now().date().isoformat())

    def now(self) -> datetime:
        ahead = self._setting("ahead")
        return local(datetime.now(UTC) + timedelta(seconds=float(ahead or 0)))

    @property
    def demo(self) -> bool:
        return self._setting("demo") == "true"

    def persons(self) -> list[models.Person]:
        identities = dict(persons.persons(self.store))
        sql = "SELECT id, relation, access_until FROM person ORDER BY number"
        return [_person(row[0], row[1], row[2], identities[row[0]]) for row in self.store.rows(sql)]

    def identity(self, person: str) -> Identity:
        return dict(persons.persons(self.store))[person]

    def knows(self, person: str) -> bool:
        return self.store.row("SELECT 1 FROM person WHERE id = ?", person) is not None

    def owner(self, person: str | None = None) -> str:
        """That person or, without an id, who was last synced as oneself. `NotFound`, `Forbidden` once access has ended."""
        ident = person.removeprefix("Patient/") if person else self._oneself()
        row = self.store.row("SELECT access_until FROM person WHERE id = ?", ident) if ident else None
        if row is None:
            command = f"emk card sync --person {person}" if person else "emk card sync"
            raise errors.NotFound(_("This card was not synced yet."), hint=command)
        if row[0] and self._today() > row[0]:
            raise errors.Forbidden(_("Access to this card ended on {date}.").format(date=readable(row[0], language())))
        return str(ident)

    def record(self, record: str, person: str | None = None, *, kind: str | None = None) -> Any:
        """Also by the short id that a table shows."""
        if "/" in record:
            return super().record(record, person, kind=kind)
        sql = "SELECT id FROM piece WHERE person = ? AND substr(id, instr(id, '/') + 1) = ? AND category IS NOT NULL"
        ids = [row[0] for row in self.store.rows(sql, self.owner(person), record.partition("#")[0])]
        if len(ids) > 1:
            raise short_ids.ambiguous(ids)
        part = record.partition("#")[1:]
        return super().record(f"{ids[0]}{''.join(part)}" if ids else record, person, kind=kind)

    def access_log(self, person: str | None = None) -> Items[models.Access]:
        """Who had looked at the card by the last sync."""
        owner = self.person(person)
        rows = list(
            self.store.rows("SELECT id FROM piece WHERE person = ? AND type = ? ORDER BY number", owner.id, _LOG)
        )
        if not rows:
            raise errors.Unsupported(_("The server kept no log of who looked at the card when it was synced."))
        entries = self._accesses(owner.id, [row[0] for row in rows])
        return Items(newest_first([list(entries)]), models.Named(id=owner.id, name=owner.name))

    def _accesses(self, person: str, keys: list[str]) -> Iterator[models.Access]:
        for graph, rows in neighbours.graphs(self.store, person, keys):
            for node in filter(None, (graph.node(row.key) for row in rows)):
                if entry := audit_event.from_fhir(graph.resource(node), Scene(graph)):
                    yield entry

    def profile(self, person: str | None = None) -> models.Profile | None:
        """«Мои данные» as they were at the last sync."""
        row = self.store.row("SELECT profile FROM person WHERE id = ?", self.owner(person))
        return models.Profile.from_json(row[0]) if row and row[0] else None

    def fetched_at(self, person: str | None = None) -> str | None:
        """When that person's card was synced last."""
        row = self._last_run(person)
        return str(row[1] or row[0]) if row else None

    def gaps(self, person: str | None = None) -> str | None:
        """What the last sync did not bring, or that it never came to its end."""
        row = self._last_run(person)
        if row is None:
            return None
        if row[1] is None:
            return _("it was interrupted")
        from emkcli.locale import first_few
        from emkcli.views.columns import resource_type

        return first_few([resource_type(gap["what"]) for gap in json.loads(row[2])]) or None

    def _last_run(self, person: str | None) -> tuple[Any, ...] | None:
        try:
            owner = self.owner(person)
        except errors.EmkError:
            return None
        sql = "SELECT started_at, ended_at, missing FROM run WHERE person = ? ORDER BY number DESC LIMIT 1"
        return self.store.row(sql, owner)

    def latest(self) -> str:
        """When anybody's card was synced last; empty for never."""
        row = self.store.row("SELECT max(coalesce(ended_at, started_at)) FROM run")
        return str(row[0] or "") if row else ""

    def admit(self, person: models.Person, identity: Identity | None, profile: models.Profile | None) -> None:
        """Whose card is about to be synced, where the server says it, and what the portal says of that person."""
        values = (profile.to_json().decode() if profile else None, person.relation, person.access_until, person.id)
        with self.store.transaction():
            if not self.knows(person.id):
                persons.add(self.store, identity or Identity(), person.id)
            sql = "UPDATE person SET profile = coalesce(?, profile), relation = ?, access_until = ? WHERE id = ?"
            self.store.run(sql, *values)
            if identity:
                persons.replace(self.store, person.id, identity)

    def hear(self, server: datetime, *, demo: bool) -> None:
        """Note the server's clock, and whether its people are invented."""
        ahead = (server - datetime.now(UTC)).total_seconds()
        with self.store.transaction():
            sql = "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)"
            self.store.run(sql, "ahead", f"{ahead:.0f}")
            self.store.run(sql, "demo", "true" if demo else "false")

    def _oneself(self) -> str | None:
        sql = """SELECT p.id FROM person p JOIN run r ON r.person = p.id WHERE p.relation = 'self'
                 ORDER BY r.number DESC LIMIT 1"""
        row = self.store.row(sql)
        return str(row[0]) if row else None

    def _setting(self, name: str) -> str | None:
        row = self.store.row("SELECT value FROM setting WHERE name = ?", name)
        return str(row[0]) if row else None


def _person(ident: str, relation: str | None, access_until: str | None, identity: Identity) -> models.Person:
    return models.Person(
        id=ident,
        name=identity.name or ident,
        relation=relation or "self",
        birth_date=identity.birth_date,
        deceased=identity.deceased,
        access_until=access_until,
    )
