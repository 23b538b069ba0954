"""Resources of a server into the local copy, and the records that follow from them; each call inside one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from emkcli.api.changes import Sent
from emkcli.api.filters import dated
from emkcli.clinical import contradictions
from emkcli.clinical.dates import sort_key
from emkcli.fhir import Graph, Scene
from emkcli.fhir.contradictions import of_resource
from emkcli.fhir.placement import read
from emkcli.fhir.resource_count import counted
from emkcli.localcard import fingerprints
from emkcli.localcard.fingerprints import FHIR
from emkcli.localcard.schema import READER
from emkcli.localcard.store import Store
from emkcli.localcard.stored_placements import written
from emkcli.localcard.syncing import neighbours
from emkcli.localcard.syncing.neighbours import Row
from emkcli.models import CATEGORY_OF
from emkcli.models.content_account import Ledger

_AT_ONCE = 200
"""How many resources are read together, with their neighbours."""


@dataclass
class Copy:
    """The copy of one person's card during one run, at the server's time; `removed` counts the records that went,
    `warnings` tells what of those that came cannot be so."""

    store: Store
    person: str
    run: int
    now: datetime
    removed: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)

    def take(self, batch: Sequence[Sent], fetched_at: str) -> None:
        """Store what is new or different; what is the same was only seen. Of two on one page the last one counts."""
        each = {resource.key: resource for resource in batch}
        stored = self._known(each)
        fresh = [resource for key, resource in each.items() if stored.get(key, (0, None))[1] != resource.content]
        self._seen([number for number, _content in stored.values()])
        if not fresh:
            return
        keys = [resource.key for resource in fresh]
        before = neighbours.affected(self.store, self.person, [key for key in keys if key in stored])
        for resource in fresh:
            self._put(resource, stored[resource.key][0] if resource.key in stored else None, fetched_at)
        self._derive({*keys, *before, *neighbours.affected(self.store, self.person, keys)})

    def renew(self) -> None:
        """Read what is kept anew when an older emk read it last: the server sends the same bytes, which change nothing."""
        if self.store.row("SELECT 1 FROM person WHERE id = ? AND reader < ?", self.person, READER):
            keys = [key for (key,) in self.store.rows("SELECT id FROM piece WHERE person = ?", self.person)]
            self._derive(keys)
            self.store.run("UPDATE person SET reader = ? WHERE id = ?", READER, self.person)

    def drop(self, keys: Collection[str]) -> None:
        """The server has these no longer."""
        before = neighbours.affected(self.store, self.person, keys)
        for key in keys:
            sql = """SELECT r.category, r.added FROM record r JOIN piece p ON p.number = r.piece
                     WHERE p.person = ? AND p.id = ?"""
            for category, added in self.store.rows(sql, self.person, key):
                self._gone(category, added)
            self.store.run("DELETE FROM piece WHERE person = ? AND id = ?", self.person, key)
        self._derive(before - set(keys))

    def _known(self, keys: Iterable[str]) -> dict[str, tuple[int, bytes]]:
        rows = (
            self.store.row("SELECT id, number, content FROM piece WHERE person = ? AND id = ?", self.person, key)
            for key in keys
        )
        return {row[0]: (row[1], row[2]) for row in rows if row}

    def _seen(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self.store.run("UPDATE piece SET run = ? WHERE number = ?", self.run, number)

    def _put(self, resource: Sent, number: int | None, fetched_at: str) -> None:
        values = (resource.full_url, resource.content, fetched_at, resource.version, resource.updated, self.run)
        if number is None:
            sql = """INSERT INTO piece (full_url, content, fetched_at, version, updated, run, person, id, key, type,
                     media_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
            number = self.store.run(sql, *values, self.person, resource.key, resource.key, resource.type, FHIR)
        else:
            sql = """UPDATE piece SET full_url = ?, content = ?, fetched_at = ?, version = ?, updated = ?, run = ?
                     WHERE number = ?"""
            self.store.run(sql, *values, number)
            self.store.run("DELETE FROM link WHERE source = ?", number)
        server = (resource.full_url or "").removesuffix(resource.key)
        self.store.many(
            "INSERT INTO link (source, target) VALUES (?, ?)",
            [(number, target) for target in sorted(neighbours.references(resource.content, server))],
        )

    def _derive(self, keys: Collection[str]) -> None:
        for chunk in chunks(sorted(keys)):
            for graph, rows in neighbours.graphs(self.store, self.person, chunk):
                scene = Scene(graph, is_page=True)
                for row in rows:
                    self._one(row, graph, scene)

    def _one(self, row: Row, graph: Graph, scene: Scene) -> None:
        node = graph.node(row.key)
        records, placements = read(node, scene) if node else ((), {})
        if node:
            category = CATEGORY_OF[type(records[0])] if records else None
            date = records[0].date if records else dated(graph.resource(node))
            ledger = Ledger(counted(row.content))
            ledger.note(placements)
            values = (category, date, written(ledger.settled(), FHIR, node.type, category))
            sql = """UPDATE piece SET category = ?1, date = ?2, placements = ?3 WHERE number = ?4
                     AND (category IS NOT ?1 OR date IS NOT ?2 OR placements IS NOT ?3)"""
            self.store.run(sql, *values, row.number)
            own = of_resource(graph.resource(node), node)
            self.warnings += contradictions.of_source(row.key, own, records, self.now)
        stored = self._kept(row.number)
        for record in records:
            self._record(row, record, stored.pop(record.id, None))
        for number, category, _json, added in stored.values():
            self._gone(category, added)
            self.store.run("DELETE FROM record WHERE number = ?", number)

    def _kept(self, piece: int) -> dict[str, tuple[int, str, bytes, int]]:
        sql = "SELECT id, number, category, json, added FROM record WHERE piece = ?"
        return {row[0]: (row[1], row[2], row[3], row[4]) for row in self.store.rows(sql, piece)}

    def _record(self, row: Row, record: Any, stored: tuple[int, str, bytes, int] | None) -> None:
        category, content = CATEGORY_OF[type(record)], record.to_json()
        if stored and stored[2] == content:
            return
        values = (category, sort_key(record.date), content)
        if stored:
            number = stored[0]
            sql = "UPDATE record SET category = ?, moment = ?, json = ?, changed = ? WHERE number = ?"
            self.store.run(sql, *values, self.run, number)
        else:
            sql = "INSERT INTO record (category, moment, json, added, piece, person, id) VALUES (?, ?, ?, ?, ?, ?, ?)"
            number = self.store.run(sql, *values, self.run, row.number, self.person, record.id)
        facts = fingerprints.digests(category, record, FHIR, row.content, row.full_url)
        fingerprints.note_anew(self.store, number, facts)

    def _gone(self, category: str, added: int | None) -> None:
        """What came and went within one run was never there."""
        if added != self.run:
            self.removed[category] += 1


def chunks(keys: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(keys)
    while chunk := list(islice(rest, _AT_ONCE)):
        yield chunk
