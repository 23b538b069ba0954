"""What the local copy has of one type of resource, and what it speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from emkcli.api.changes import Sent
from emkcli.clinical.dates import order
from emkcli.localcard.store import Store

_RESULT = "Observation"


@dataclass(frozen=True)
class CopiedType:
    """The resources of a type in one person's copy, by their keys (`Observation/1`)."""

    store: Store
    person: str
    kind: str

    def count(self) -> int:
        row = self.store.row("SELECT count(*) FROM piece WHERE person = ? AND type = ?", self.person, self.kind)
        return int(row[0]) if row else 0

    def has(self, key: str) -> bool:
        sql = "SELECT 1 FROM piece WHERE person = ? AND id = ?"
        return self.store.row(sql, self.person, key) is not None

    def keys(self) -> set[str]:
        sql = "SELECT id FROM piece WHERE person = ? AND type = ?"
        return {key for (key,) in self.store.rows(sql, self.person, self.kind)}

    def not_met_since(self, run: int | None) -> list[str]:
        """What that run and later ones did not meet."""
        sql = "SELECT id FROM piece WHERE person = ? AND type = ? AND run < ?"
        return [key for (key,) in self.store.rows(sql, self.person, self.kind, run)]

    def last_change(self) -> str:
        """When the server changed one of them last; empty when it tells of none."""
        sql = "SELECT updated FROM piece WHERE person = ? AND type = ? AND updated IS NOT NULL"
        updates = (row[0] for row in self.store.rows(sql, self.person, self.kind))
        return max(updates, key=order, default="")

    def is_last(self, resource: Sent, mark: str | None) -> bool:
        """The copy has it as the server does, and it changed at the moment of the last change known."""
        sql = "SELECT version, updated FROM piece WHERE person = ? AND id = ?"
        stored = self.store.row(sql, self.person, resource.key)
        return stored == (resource.version, resource.updated) and resource.updated == mark

    def lacking(self) -> Iterator[str]:
        """What the copy refers to and does not have."""
        # `'0'` is the character after `'/'`: all keys of a type in one range of the index
        sql = """SELECT DISTINCT l.target FROM link l JOIN piece p ON p.number = l.source
                 WHERE p.person = ?1 AND l.target >= ?2 || '/' AND l.target < ?2 || '0'
                 AND NOT EXISTS (SELECT 1 FROM piece k WHERE k.person = ?1 AND k.id = l.target)"""
        return (key for (key,) in self.store.rows(sql, self.person, self.kind))

    def results(self) -> Iterator[str]:
        """What reports, and panels, list as their results."""
        if self.kind != _RESULT:
            return iter(())
        sql = """SELECT DISTINCT l.target FROM link l JOIN piece p ON p.number = l.source
                 WHERE p.person = ?1 AND p.type IN ('DiagnosticReport', ?2)
                 AND l.target >= ?2 || '/' AND l.target < ?2 || '0'"""
        return (key for (key,) in self.store.rows(sql, self.person, _RESULT))
