"""Which of a document's versions counts: by its set and number, by what says it replaces it, whatever came first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from emkcli.clinical.dates import order
from emkcli.importers.source_document import Parsed
from emkcli.localcard.store import Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS replacement (
    document INTEGER NOT NULL REFERENCES document ON DELETE CASCADE,
    replaced TEXT NOT NULL,
    PRIMARY KEY (replaced, document)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS replacement_by_document ON replacement (document);
CREATE INDEX IF NOT EXISTS document_by_id ON document (person, document_id);
"""
"""What each document says it replaces: the older one may arrive later."""


class Known(NamedTuple):
    """A document that is in the card."""

    number: int
    sha256: str
    document_id: str | None
    series: str | None
    version: str | None
    date: str | None
    superseded: int
    reader: int

    @property
    def names(self) -> set[str]:
        return {one for one in (self.document_id, self.series) if one}


@dataclass(frozen=True)
class Versions:
    """A document that arrives, among those of the same person that it has to do with."""

    store: Store
    person: str
    document: Parsed

    @property
    def same_bytes(self) -> Known | None:
        return next(self._select("sha256 = ?", self.document.sha256), None)

    @property
    def twins(self) -> list[Known]:
        """The same version of the same document in other bytes."""
        mine = (self.document.document_id, self.document.version)
        return [one for one in self._current if mine[0] and (one.document_id, one.version) == mine]

    @property
    def is_outdated(self) -> bool:
        """Whether a newer version is here already, or something that replaces it; of two that say so of each other
        the later one stays."""
        return bool(self._newer or (self._later if self._in_circle else self._replacing))

    @property
    def outdated(self) -> list[Known]:
        """What no longer counts now; an older version that arrives late still ends what it replaced itself."""
        return [one for one in self._current if one not in self._newer and one not in self._later]

    def note(self, number: int) -> None:
        """Remember what the document, now stored, replaces."""
        for name in sorted(self._replaces):
            self.store.run("INSERT OR IGNORE INTO replacement (document, replaced) VALUES (?, ?)", number, name)

    @cached_property
    def _current(self) -> list[Known]:
        """What still counts of the same set, of what it replaces, and of its circle."""
        names = self._replaces | {self.document.series} | (self._before if self._in_circle else set())
        found = {one.number: one for one in self._documents(names) if not one.superseded}
        # an addition (relatedDocument APND) leaves what it adds to in force
        return [one for one in found.values() if not one.names & set(self.document.appends)]

    @cached_property
    def _replaces(self) -> set[str]:
        # some documents name themselves; nothing replaces itself
        return set(self.document.replaces) - {self.document.document_id, self.document.series}

    @property
    def _newer(self) -> list[Known]:
        """Higher versions of the same set, unless it says itself that it replaces them."""
        mine = _age(self.document.version, self.document.date)
        rivals = [one for one in self._current if one.series == self.document.series and not one.names & self._replaces]
        return [one for one in rivals if _age(one.version, one.date) > mine]

    @property
    def _replacing(self) -> list[Known]:
        sql = "number IN (SELECT document FROM replacement WHERE replaced = ?)"
        return [one for name in sorted(self._own) for one in self._select(sql, name)]

    @cached_property
    def _before(self) -> set[str]:
        """The names of everything it replaces, also through what that replaced in its turn."""
        found: set[str] = set()
        ahead = set(self._replaces)
        while ahead:
            found |= ahead
            ahead = {name for one in self._documents(ahead) for name in self._replaced_by(one)} - found
        return found

    @property
    def _in_circle(self) -> bool:
        return bool(self._own & self._before)

    @property
    def _later(self) -> list[Known]:
        """Of its circle, what is dated later."""
        mine = (order(self.document.date), self.document.document_id or "")
        circle = self._current if self._in_circle else []
        return [one for one in circle if (order(one.date), one.document_id or "") > mine]

    @property
    def _own(self) -> set[str]:
        return {one for one in (self.document.document_id, self.document.series) if one}

    def _documents(self, names: Iterable[str | None]) -> Iterator[Known]:
        for name in sorted(one for one in names if one):
            yield from self._select("series = ?", name)
            yield from self._select("document_id = ? AND series IS NOT ?", name, name)

    def _replaced_by(self, known: Known) -> Iterator[str]:
        return (row[0] for row in self.store.rows("SELECT replaced FROM replacement WHERE document = ?", known.number))

    def _select(self, condition: str, *args: str) -> Iterator[Known]:
        sql = f"""SELECT number, sha256, document_id, series, version, date, superseded, reader FROM document
                  WHERE person = ? AND {condition} ORDER BY number"""  # noqa: S608
        return (Known(*row) for row in self.store.rows(sql, self.person, *args))


def prepare(store: Store) -> None:
    """A card made before this was noted gets the table."""
    if store.row("SELECT 1 FROM sqlite_master WHERE name = 'replacement'") is None:
        with store.transaction():
            store.db.execute(SCHEMA)


def _age(version: str | None, date: str | None) -> tuple[int, datetime]:
    # isdigit also accepts ², and a number without end would be slow to compare
    return int(version) if version and version.isascii() and version.isdigit() and len(version) < 10 else 0, order(date)
