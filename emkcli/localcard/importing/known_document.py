"""A document that is in the card and comes again: read anew where the reader is newer, signed since, or written otherwise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from emkcli import models
from emkcli.importers.source_document import Parsed, Piece
from emkcli.localcard.importing.stored_pieces import StoredPieces
from emkcli.localcard.schema import READER
from emkcli.localcard.store import Store
from emkcli.localcard.stored_placements import note_unread
from emkcli.localcard.versions import StoredDocument
from emkcli.models.content_account import Ledger


@dataclass(frozen=True)
class KnownDocument:
    """One that arrives, beside those of the person that it may be."""

    store: Store
    person: str
    document: Parsed

    def renew(self, stored: StoredDocument) -> None:
        """What an older emk read from the same bytes is read again; a signature that lay beside them then stays."""
        sql = """SELECT number FROM piece WHERE document = ?1 AND (id = ?2 OR key = ?3 AND NOT EXISTS
                 (SELECT 1 FROM piece WHERE person = ?4 AND id = ?2))"""
        ledger = Ledger(Counter(self.document.counted))
        for piece in self._pieces_of(stored):
            ledger.note(piece.placements)
            if row := self.store.row(sql, stored.number, piece.id, piece.key, self.person):
                self._reread(row[0], piece)
        ledger.note(self.document.left_out())
        note_unread(self.store, stored.number, ledger)
        self.store.run("UPDATE document SET reader = ? WHERE number = ?", READER, stored.number)
        self.store.index()

    def _reread(self, number: int, piece: Piece) -> None:
        stored_records = dict(self.store.rows("SELECT id, json FROM record WHERE piece = ?", number))
        records: tuple[Any, ...] = piece.records
        signed = tuple(_signed_as(record, stored_records.get(record.id)) for record in records)
        StoredPieces(self.store, self.person).replace(number, piece, signed)

    def sign(self, stored: StoredDocument) -> bool:
        """A signature that was not beside the document when it came first."""
        piece = next(iter(self._pieces_of(stored)))
        sql = """SELECT r.number, r.json FROM record r JOIN piece p ON p.number = r.piece
                 WHERE p.document = ? AND r.id = ?"""
        row = self.store.row(sql, stored.number, piece.id)
        if row is None or json.loads(row[1]).get("signature"):
            return False
        signed = json.loads(row[1]) | {"signature": json.loads(piece.records[0].to_json())["signature"]}
        content = json.dumps(signed, ensure_ascii=False).encode()
        self.store.run("UPDATE record SET json = ? WHERE number = ?", content, row[0])
        return True

    def _pieces_of(self, stored: StoredDocument) -> Iterator[Piece]:
        """Under the names that the stored ones have."""
        if apart := self.document.pieces_apart:
            (piece,) = apart()
            if self.store.row("SELECT 1 FROM piece WHERE document = ? AND id = ?", stored.number, piece.id):
                return iter((piece,))
        return self.document.pieces()

    def says_the_same(self, stored: StoredDocument) -> bool:
        """Whether both make the same records, whatever their bytes."""
        sql = "SELECT r.json FROM record r JOIN piece p ON p.number = r.piece WHERE p.document = ?"
        stored_records = {_without_source(row[0]) for row in self.store.rows(sql, stored.number)}
        records = {_without_source(record.to_json()) for piece in self.document.pieces() for record in piece.records}
        return stored_records == records


def _signed_as(record: Any, before: bytes | None) -> Any:
    if not isinstance(record, models.Document) or record.signature or before is None:
        return record
    return replace(record, signature=models.Document.from_json(before).signature)


def _without_source(record: bytes) -> str:
    """What a record says, whichever file said it."""
    return json.dumps(json.loads(record) | {"source": None}, sort_keys=True)
