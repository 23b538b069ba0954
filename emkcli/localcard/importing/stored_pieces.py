"""What a document consists of, in the tables of the card: pieces, their records, and what is known of each record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from emkcli.clinical.dates import sort_key
from emkcli.importers.source_document import Piece
from emkcli.localcard import fingerprints
from emkcli.localcard.states import State, is_newer, says_the_same
from emkcli.localcard.store import Store
from emkcli.localcard.stored_placements import written
from emkcli.models import CATEGORY_OF


@dataclass(frozen=True)
class StoredPieces:
    """Those of one person."""

    store: Store
    person: str

    def add(self, document: int, piece: Piece, date: str | None) -> str:
        """Whether it was `added`, is a `duplicate`, or `superseded` by the state that is in the card; `date` is that of the
        document."""
        if self._is_inserted(document, piece):
            return "added"
        sql = """SELECT p.number, p.content, d.date FROM piece p JOIN document d ON d.number = p.document
                 WHERE p.person = ? AND p.id = ?"""
        ((number, *stored),) = self.store.rows(sql, self.person, piece.id)
        before, state = State(*stored), State(piece.content, date)
        if says_the_same(before, state):
            return "duplicate"
        if is_newer(before, state):
            return "superseded"
        self.store.run("DELETE FROM piece WHERE number = ?", number)
        self._is_inserted(document, piece)
        return "added"

    def _is_inserted(self, document: int, piece: Piece) -> bool:
        """Whether it is in the card now; nothing changes where one of its id is there."""
        columns = "person, id, document, key, type, full_url, date, category, media_type, content, placements"
        row = self.store.row(
            f"""INSERT INTO piece ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (person, id) DO NOTHING RETURNING number""",  # noqa: S608
            *(self.person, piece.id, document, piece.key, piece.type, piece.full_url, piece.date, piece.category),
            *(piece.media_type, piece.content, _placements(piece)),
        )
        if row is None:
            return False
        for record in piece.records:
            self._add_record(row[0], piece, record)
        return True

    def replace(self, number: int, piece: Piece, records: tuple[Any, ...]) -> None:
        """The piece with that number is as it was read anew, with these records."""
        self.store.run("DELETE FROM record WHERE piece = ?", number)
        sql = "UPDATE piece SET id = ?, date = ?, category = ?, placements = ? WHERE number = ?"
        self.store.run(sql, piece.id, piece.date, piece.category, _placements(piece), number)
        for record in records:
            self._add_record(number, piece, record)

    def _add_record(self, number: int, piece: Piece, record: Any) -> None:
        category = CATEGORY_OF[type(record)]
        stored = self.store.run(
            "INSERT INTO record (piece, person, id, category, moment, json) VALUES (?, ?, ?, ?, ?, ?)",
            *(number, self.person, record.id, category, sort_key(record.date)),
            record.to_json(),
        )
        facts = fingerprints.digests(category, record, piece.media_type, piece.content, piece.full_url)
        fingerprints.note(self.store, stored, facts)


def _placements(piece: Piece) -> str | None:
    return written(piece.placements, piece.media_type, piece.type, piece.category)
