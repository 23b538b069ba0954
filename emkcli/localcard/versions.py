"""Which of a document's versions counts: by its set and number, by what says it replaces it, whatever came first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from emkcli.clinical.dates import order
from emkcli.importers.source_document import Parsed
from emkcli.localcard.states import version_number
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


class StoredDocument(NamedTuple):
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
        return {name for name in (self.document_id, self.series) if name}


@dataclass(frozen=True)
class Versions:
    """A document that arrives, among those of the same person that it has to do with."""

    store: Store
    person: str
    document: Parsed

    @property
    def same_bytes(self) -> StoredDocument | None:
        return next(self._select("sha256 = ?", self.document.sha256), None)

    @property
    def twins(self) -> list[StoredDocument]:
        """The same version of the same document in other bytes."""
        key = (self.document.document_id, self.document.version)
        return [document for document in self._current if key[0] and (document.document_id, document.version) == key]

    @property
    def is_outdated(self) -> bool:
        """Whether a newer version is here already, or something that replaces it; of two that say so of each other
        the later one stays."""
        return bool(self._newer or (self._later if self.in_circle else self._replacing))

    @property
    def outdated(self) -> list[StoredDocument]:
        """What no longer counts now; an older version that arrives late still ends what it replaced itself."""
        staying = [*self._newer, *self._later, *self.beside]
        return [document for document in self._current if document not in staying]

    @cached_property
    def beside(self) -> list[StoredDocument]:
        """What has the same number or set and is no version of it: both count."""
        return [document for document in self._rivals if self._is_another(document)]

    @property
    def beside_has_number(self) -> bool:
        """Whether one of those has its number, and not the set alone."""
        return any(document.document_id == self.document.document_id for document in self.beside)

    def note(self, number: int) -> None:
        """Remember what the document, now stored, replaces."""
        for name in sorted(self._replaces):
            self.store.run("INSERT OR IGNORE INTO replacement (document, replaced) VALUES (?, ?)", number, name)

    @cached_property
    def _current(self) -> list[StoredDocument]:
        """What still counts of the same set, of what it replaces, and of its circle."""
        names = self._replaces | {self.document.series} | (self._before if self.in_circle else set())
        documents = {document.number: document for document in self._documents(names) if not document.superseded}
        # an addition (relatedDocument APND) leaves what it adds to in force
        return [document for document in documents.values() if not document.names & set(self.document.appends)]

    @cached_property
    def _replaces(self) -> set[str]:
        # some documents name themselves; nothing replaces itself
        return set(self.document.replaces) - {self.document.document_id, self.document.series}

    @property
    def _newer(self) -> list[StoredDocument]:
        """Higher versions of the same set, unless it says itself that it replaces them."""
        versions = [document for document in self._rivals if document not in self.beside]
        return [document for document in versions if _age(document) > _age(self.document)]

    @property
    def _rivals(self) -> list[StoredDocument]:
        """The others of its set, as far as it does not say itself that it replaces them."""
        ended = self._replaces | (self._before if self.in_circle else set())
        return [
            document
            for document in self._current
            if document.series == self.document.series and not document.names & ended
        ]

    def _is_another(self, document: StoredDocument) -> bool:
        """Of another type, or with other content under the same version, of which nobody knows what is right."""
        type_code = self._type_code(document)
        if type_code and self.document.type_code and type_code != self.document.type_code:
            return True
        has_its_number = document.document_id == self.document.document_id and version_number(document.version) > 0
        is_same_version = has_its_number and document.version == self.document.version
        return is_same_version or _age(document) == _age(self.document)

    def _type_code(self, document: StoredDocument) -> str | None:
        sql = """SELECT json_extract(r.json, '$.type_code') FROM record r JOIN piece p ON p.number = r.piece
                 WHERE p.document = ? AND r.category = 'documents'"""
        row = self.store.row(sql, document.number)
        return row[0] if row else None

    @property
    def _replacing(self) -> list[StoredDocument]:
        sql = "number IN (SELECT document FROM replacement WHERE replaced = ?)"
        return [document for name in sorted(self._own) for document in self._select(sql, name)]

    @cached_property
    def _before(self) -> set[str]:
        """The names of everything it replaces, also through what that replaced in its turn."""
        names: set[str] = set()
        ahead = set(self._replaces)
        while ahead:
            names |= ahead
            ahead = {name for document in self._documents(ahead) for name in self._replaced_by(document)} - names
        return names

    @property
    def in_circle(self) -> bool:
        """Whether it replaces, also through others, what replaces it: of such documents only the latest counts."""
        return bool(self._own & self._before)

    @property
    def _later(self) -> list[StoredDocument]:
        """Of its circle, what is dated later."""
        position = (order(self.document.date), self.document.document_id or "")
        circle = self._current if self.in_circle else []
        return [document for document in circle if (order(document.date), document.document_id or "") > position]

    @property
    def _own(self) -> set[str]:
        return {name for name in (self.document.document_id, self.document.series) if name}

    def _documents(self, names: Iterable[str | None]) -> Iterator[StoredDocument]:
        for name in sorted(filter(None, names)):
            yield from self._select("series = ?", name)
            yield from self._select("document_id = ? AND series IS NOT ?", name, name)

    def _replaced_by(self, document: StoredDocument) -> Iterator[str]:
        return (
            row[0] for row in self.store.rows("SELECT replaced FROM replacement WHERE document = ?", document.number)
        )

    def _select(self, condition: str, *args: str) -> Iterator[StoredDocument]:
        sql = f"""SELECT number, sha256, document_id, series, version, date, superseded, reader FROM document
                  WHERE person = ? AND {condition} ORDER BY number"""  # noqa: S608
        return (StoredDocument(*row) for row in self.store.rows(sql, self.person, *args))


def prepare(store: Store) -> None:
    """A card made before this was noted gets the table."""
    if store.row("SELECT 1 FROM sqlite_master WHERE name = 'replacement'") is None:
        with store.transaction():
            store.db.execute(SCHEMA)


def _age(document: StoredDocument | Parsed) -> tuple[int, datetime]:
    return version_number(document.version), order(document.date)
