"""One document of one person into the tables of the card, or the reason why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from emkcli.clinical import contradictions
from emkcli.importers.source_document import Parsed, Piece
from emkcli.localcard.importing.known_document import KnownDocument
from emkcli.localcard.importing.refusals import PLACES, Noted, Refused
from emkcli.localcard.importing.stored_pieces import StoredPieces
from emkcli.localcard.schema import READER
from emkcli.localcard.store import Store
from emkcli.localcard.stored_placements import note_unread, unread_of
from emkcli.localcard.versions import StoredDocument, Versions
from emkcli.locale import _
from emkcli.models import CATEGORY_OF
from emkcli.models.content_account import Ledger, Place, Placements


@dataclass
class DocumentWriter:
    """One document of one person; `ledger` is told where each part of it went, `warnings` what cannot be so."""

    store: Store
    person: str
    document: Parsed
    ledger: Ledger
    warnings: list[str]
    replaced: bool = False

    def write(self) -> Counter[str]:
        """Store the document, or raise why not. An outdated one is noted, and nothing in it is stored."""
        self.ledger.note(self.document.left_out())
        versions = Versions(self.store, self.person, self.document)
        self._refuse_again(versions)
        if versions.in_circle:
            self.warnings.append(_("Documents in the card say that each replaces the other. Only the latest is kept."))
        if versions.is_outdated:
            self._document(versions)
            raise Noted("superseded", _("a newer version is in the card"))
        self.replaced = bool(versions.outdated)
        number = self._document(versions)
        if versions.beside_has_number:
            self.warnings.append(_("Another document with the same number is in the card. Both are kept."))
        elif versions.beside:
            self.warnings.append(_("Another document of the same set is in the card. Both are kept."))
        counts: Counter[str] = Counter()
        outcomes = self._pieces(number, counts)
        if not outcomes["added"] and not self.replaced:
            self._refuse_known(outcomes)
        self.store.index()
        return counts

    def _pieces(self, document: int, counts: Counter[str]) -> Counter[str]:
        """How many pieces were added and were not; a later state in the document ends an earlier one in it."""
        outcomes: Counter[str] = Counter()
        added: dict[str, Placements] = {}
        pieces = StoredPieces(self.store, self.person)
        for piece in self._named_pieces():
            for record in piece.records:
                counts[CATEGORY_OF[type(record)]] += 1
            outcome = pieces.add(document, piece, self.document.date)
            outcomes[outcome] += 1
            if outcome != "added":
                self._note_left(piece.placements, PLACES[outcome], is_twice=piece.id in added)
                continue
            self.warnings += contradictions.of_source(piece.id, piece.contradictions, piece.records, datetime.now(UTC))
            self.ledger.note(added.get(piece.id, {}), "superseded")
            added[piece.id] = piece.placements
        for placements in added.values():
            self.ledger.note(placements)
        note_unread(self.store, document, self.ledger)
        return outcomes

    def _named_pieces(self) -> Iterator[Piece]:
        """Under names of their own where a document that stays has them."""
        if self.document.pieces_apart is None:
            return self.document.pieces()
        (piece,) = self.document.pieces()
        sql = "SELECT 1 FROM piece WHERE person = ? AND id = ?"
        is_taken = self.store.row(sql, self.person, piece.id) is not None
        return self.document.pieces_apart() if is_taken else iter((piece,))

    def _note_left(self, placements: Placements, place: Place, *, is_twice: bool) -> None:
        """Of what is in the card from before, only what could be read is there; what stands here twice is told once."""
        unread = {placed: count for placed, count in placements.items() if placed.place == "unread" and not is_twice}
        self.ledger.note(unread)
        self.ledger.note({placed: count for placed, count in placements.items() if placed not in unread}, place)

    def _refuse_known(self, outcomes: Counter[str]) -> None:
        # all that has a place was told of: of the rest nothing is in the card
        self.ledger.rest("unread")
        if outcomes["superseded"]:
            raise Refused("superseded", _("a newer state of what is in it is in the card"))
        if outcomes["duplicate"]:
            raise Refused("duplicate", _("everything in it is in the card already"))

    def _document(self, versions: Versions) -> int:
        """The document without its content; what it ends is marked so."""
        for replaced in versions.outdated:
            self.store.run("DELETE FROM piece WHERE document = ?", replaced.number)
            self.store.run("UPDATE document SET superseded = 1 WHERE number = ?", replaced.number)
        columns = "person, file, sha256, document_id, series, version, date, superseded, imported_at, reader"
        document = self.document
        number = self.store.run(
            f"INSERT INTO document ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            *(self.person, document.file, document.sha256, document.document_id, document.series),
            *(document.version, document.date),
            *(versions.is_outdated, datetime.now(UTC).isoformat(timespec="seconds"), READER),
        )
        versions.note(number)
        return number

    def _refuse_again(self, versions: Versions) -> None:
        """The same bytes, or the same version written in another way."""
        known = KnownDocument(self.store, self.person, self.document)
        if stored := versions.same_bytes:
            if stored.superseded:
                self._refuse_superseded(stored, versions)
                return
            is_outdated = stored.reader < READER
            if is_outdated:
                known.renew(stored)
            # what nothing could read is not in the card the second time either
            self.ledger.note(unread_of(self.store, stored.number))
            if is_outdated:
                raise Noted("duplicate", _("it is in the card already; it was read anew"))
            if self.document.signed and known.sign(stored):
                raise Noted("duplicate", _("it is in the card already; its signature was added"))
            raise Refused("duplicate", _("it is in the card already"))
        if twin := next(filter(known.says_the_same, versions.twins), None):
            self.ledger.note(unread_of(self.store, twin.number))
            raise Refused("duplicate", _("the same version, written in another way, is in the card already"))

    def _refuse_superseded(self, stored: StoredDocument, versions: Versions) -> None:
        """An older emk held the number of an order for that of a document: what nothing replaces today is taken."""
        if stored.reader >= READER or versions.is_outdated:
            raise Refused("superseded", _("a newer version is in the card"))
        self.store.run("DELETE FROM document WHERE number = ?", stored.number)
