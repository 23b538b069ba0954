"""Documents into the local card: whose they are, whether they are there already, one transaction each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from emkcli import errors, models
from emkcli.clinical import contradictions
from emkcli.clinical.dates import span
from emkcli.fhir.identity import Identity
from emkcli.importers.source_document import Parsed, Piece
from emkcli.localcard import fingerprints, persons
from emkcli.localcard.schema import READER
from emkcli.localcard.states import State, is_newer, says_the_same
from emkcli.localcard.store import Store
from emkcli.localcard.stored_placements import unread_of, written, written_unread
from emkcli.localcard.versions import StoredDocument, Versions, prepare
from emkcli.locale import _
from emkcli.models import CATEGORY_OF
from emkcli.models.content_account import Ledger, Place, Placements

_PLACES: dict[str, Place] = {
    "duplicate": "duplicate",
    "superseded": "superseded",
    "other_person": "other_person",
}
"""Status of a document that is not taken → where everything in it is."""


class _Refused(Exception):
    """The document is not taken, and why."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class _Noted(_Refused):
    """Nothing in it is taken, but something about it is kept."""


@dataclass
class Intake:
    """One run. `person`: an id, `new` (the first document's), `auto` (each document's own) or None (the owner)."""

    store: Store
    person: str | None = None

    def take(self, documents: Iterable[Parsed]) -> Iterator[models.ImportResult]:
        """One result per document; a document that cannot be taken does not stop the others."""
        prepare(self.store)
        self._check()
        for document in documents:
            yield from map(self._one, self._by_person(document))

    def _by_person(self, document: Parsed) -> Iterable[Parsed]:
        """A file about several people as a document of each, as long as it is known whose is taken: of an empty card the
        first of them might be anybody."""
        if document.people is None or self.person == persons.NEW:
            return [document]
        is_known = self.person == persons.AUTO or persons.persons(self.store)
        return document.people() if is_known else [document]

    def _check(self) -> None:
        if self.person not in (None, persons.NEW, persons.AUTO) and persons.persons(self.store):
            persons.find(self.store, self.person)

    def _one(self, document: Parsed) -> models.ImportResult:
        if document.problem:
            return _not_taken(document, document.problem, document.reason)
        ledger, warnings = Ledger(Counter(document.counted)), list(document.warnings)
        try:
            person, counts, reason = self._store(document, ledger, warnings)
        except _Refused as refused:
            return _not_taken(document, refused.status, refused.reason, ledger)
        except (errors.EmkError, ValueError) as cause:
            if isinstance(cause, errors.Storage):
                raise
            return _not_taken(document, "failed", _("a part of it cannot be read: {why}").format(why=cause))
        if self.person == persons.NEW:
            self.person = person
        _ident, identity = persons.find(self.store, person)
        owner = models.Named(id=person, name=identity.name or person)
        result = _result(document, "added", reason, ledger)
        warnings += _left_out(ledger)
        return replace(result, person=owner, records=dict(counts), warnings=contradictions.told(warnings))

    def _store(self, document: Parsed, ledger: Ledger, warnings: list[str]) -> tuple[str, Counter[str], str | None]:
        noted: _Noted | None = None
        with self.store.transaction():
            person = self._owner(document)
            writer = _Writer(self.store, person, document, ledger, warnings)
            try:
                counts = writer.write()
            except _Noted as refusal:
                noted = refusal
        if noted:
            raise noted
        return person, counts, _("it replaces an older version") if writer.replaced else None

    def _owner(self, document: Parsed) -> str:
        """Whose card the document goes to. Raises when it is somebody else's, or nobody says whose it is."""
        if document.patient is None:
            return self._unnamed()
        if self.person == persons.AUTO:
            fitting = persons.fitting(self.store, document.patient)
        elif self.person == persons.NEW or not persons.persons(self.store):
            fitting = []
        else:
            fitting = [self._named_or_owner(document.patient, sure=document.of_several or self.person is None)]
        if not fitting:
            named = self.person if self.person not in (None, persons.NEW, persons.AUTO) else None
            return persons.add(self.store, document.patient, named)
        persons.complete(self.store, fitting[0], document.patient)
        return fitting[0]

    def _named_or_owner(self, patient: Identity, *, sure: bool) -> str:
        """The person named by the user takes what does not contradict, the owner what is theirs for sure."""
        ident, identity = persons.find(self.store, self.person)
        verdict = persons.is_same(identity, patient)
        if verdict is False:
            raise _Refused(
                "other_person", _("the document names another patient; --person auto files each under its own")
            )
        if verdict is None and sure:
            reason = _("too little is told of its patient to be sure who it is; if it is yours, say so: --person {id}")
            raise _Refused("other_person", reason.format(id=ident))
        return ident

    def _unnamed(self) -> str:
        if self.person in (None, persons.AUTO):
            raise _Refused("failed", _("no_patient: the document names no patient; say whose it is with --person"))
        if self.person == persons.NEW or not persons.persons(self.store):
            return persons.add(self.store, Identity(), None if self.person == persons.NEW else self.person)
        return persons.find(self.store, self.person)[0]


@dataclass
class _Writer:
    """One document of one person; `ledger` is told where each part of it went, `warnings` what cannot be so."""

    store: Store
    person: str
    document: Parsed
    ledger: Ledger
    warnings: list[str]
    replaced: bool = False

    def write(self) -> Counter[str]:
        """Store the document, or raise why not. An outdated one is noted, and nothing in it is stored."""
        versions = Versions(self.store, self.person, self.document)
        self._refuse_again(versions)
        if versions.is_outdated:
            self._document(versions)
            raise _Noted("superseded", _("a newer version is in the card"))
        self.replaced = bool(versions.outdated)
        number = self._document(versions)
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
        for piece in self.document.pieces():
            outcome = self._piece(document, piece, counts)
            outcomes[outcome] += 1
            if outcome != "added":
                self._note_left(piece.placements, _PLACES[outcome], is_twice=piece.id in added)
                continue
            self.warnings += contradictions_of(piece.id, piece.contradictions, piece.records, datetime.now(UTC))
            self.ledger.note(added.get(piece.id, {}), "superseded")
            added[piece.id] = piece.placements
        for placements in added.values():
            self.ledger.note(placements)
        self.ledger.note(self.document.left_out)
        self._note_unread(document, self.ledger)
        return outcomes

    def _note_left(self, placements: Placements, place: Place, *, is_twice: bool) -> None:
        """Of what is in the card from before, only what could be read is there; what stands here twice is told once."""
        unread = {placed: count for placed, count in placements.items() if placed.place == "unread" and not is_twice}
        self.ledger.note(unread)
        self.ledger.note({placed: count for placed, count in placements.items() if placed not in unread}, place)

    def _note_unread(self, document: int, ledger: Ledger) -> None:
        """What was counted and never met is remembered with the document."""
        column = written_unread(ledger.lacking())
        self.store.run("UPDATE document SET unread = ? WHERE number = ?", column, document)

    def _refuse_known(self, outcomes: Counter[str]) -> None:
        if outcomes["superseded"]:
            raise _Refused("superseded", _("a newer state of what is in it is in the card"))
        if outcomes["duplicate"]:
            raise _Refused("duplicate", _("everything in it is in the card already"))

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
        if stored := versions.same_bytes:
            if stored.superseded:
                self._refuse_superseded(stored, versions)
                return
            is_outdated = stored.reader < READER
            if is_outdated:
                self._renew(stored)
            # what nothing could read is not in the card the second time either
            self.ledger.note(unread_of(self.store, stored.number))
            if is_outdated:
                raise _Noted("duplicate", _("it is in the card already; it was read anew"))
            if self.document.signed and self._sign(stored):
                raise _Noted("duplicate", _("it is in the card already; its signature was added"))
            raise _Refused("duplicate", _("it is in the card already"))
        if twin := next(filter(self._says_the_same, versions.twins), None):
            self.ledger.note(unread_of(self.store, twin.number))
            raise _Refused("duplicate", _("the same version, written in another way, is in the card already"))

    def _refuse_superseded(self, stored: StoredDocument, versions: Versions) -> None:
        """An older emk held the number of an order for that of a document: what nothing replaces today is taken."""
        if stored.reader >= READER or versions.is_outdated:
            raise _Refused("superseded", _("a newer version is in the card"))
        self.store.run("DELETE FROM document WHERE number = ?", stored.number)

    def _renew(self, stored: StoredDocument) -> None:
        """What an older emk read from the same bytes is read again; a signature that lay beside them then stays."""
        sql = """SELECT number FROM piece WHERE document = ?1 AND (id = ?2 OR key = ?3 AND NOT EXISTS
                 (SELECT 1 FROM piece WHERE person = ?4 AND id = ?2))"""
        ledger = Ledger(Counter(self.document.counted))
        for piece in self.document.pieces():
            ledger.note(piece.placements)
            if row := self.store.row(sql, stored.number, piece.id, piece.key, self.person):
                self._reread(row[0], piece)
        ledger.note(self.document.left_out)
        self._note_unread(stored.number, ledger)
        self.store.run("UPDATE document SET reader = ? WHERE number = ?", READER, stored.number)
        self.store.index()

    def _reread(self, number: int, piece: Piece) -> None:
        stored_records = dict(self.store.rows("SELECT id, json FROM record WHERE piece = ?", number))
        self.store.run("DELETE FROM record WHERE piece = ?", number)
        sql = "UPDATE piece SET id = ?, date = ?, category = ?, placements = ? WHERE number = ?"
        self.store.run(sql, piece.id, piece.date, piece.category, _placements(piece), number)
        records: tuple[Any, ...] = piece.records
        for record in records:
            self._record(number, piece, _signed_as(record, stored_records.get(record.id)))

    def _sign(self, stored: StoredDocument) -> bool:
        """A signature that was not beside the document when it came first."""
        piece = next(iter(self.document.pieces()))
        sql = """SELECT r.number, r.json FROM record r JOIN piece p ON p.number = r.piece
                 WHERE p.document = ? AND r.id = ?"""
        row = self.store.row(sql, stored.number, piece.id)
        if row is None or json.loads(row[1]).get("signature"):
            return False
        signed = json.loads(row[1]) | {"signature": json.loads(piece.records[0].to_json())["signature"]}
        content = json.dumps(signed, ensure_ascii=False).encode()
        self.store.run("UPDATE record SET json = ? WHERE number = ?", content, row[0])
        return True

    def _says_the_same(self, stored: StoredDocument) -> bool:
        sql = "SELECT r.json FROM record r JOIN piece p ON p.number = r.piece WHERE p.document = ?"
        stored_records = {_without_source(row[0]) for row in self.store.rows(sql, stored.number)}
        records = {_without_source(record.to_json()) for piece in self.document.pieces() for record in piece.records}
        return stored_records == records

    def _piece(self, document: int, piece: Piece, counts: Counter[str]) -> str:
        """Whether it was `added`, is a `duplicate`, or `superseded` by the state that is in the card."""
        counts.update(CATEGORY_OF[type(record)] for record in piece.records)
        sql = """SELECT p.number, p.content, d.date FROM piece p JOIN document d ON d.number = p.document
                 WHERE p.person = ? AND p.id = ?"""
        row = self.store.row(sql, self.person, piece.id)
        state = State(piece.content, self.document.date)
        if row and says_the_same(stored := State(row[1], row[2]), state):
            return "duplicate"
        if row and is_newer(stored, state):
            return "superseded"
        if row:
            self.store.run("DELETE FROM piece WHERE number = ?", row[0])
        columns = "person, id, document, key, type, full_url, date, category, media_type, content, placements"
        number = self.store.run(
            f"INSERT INTO piece ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            *(self.person, piece.id, document, piece.key, piece.type, piece.full_url, piece.date, piece.category),
            *(piece.media_type, piece.content, _placements(piece)),
        )
        for record in piece.records:
            self._record(number, piece, record)
        return "added"

    def _record(self, number: int, piece: Piece, record: Any) -> None:
        category = CATEGORY_OF[type(record)]
        stored = self.store.run(
            "INSERT INTO record (piece, person, id, category, moment, json) VALUES (?, ?, ?, ?, ?, ?)",
            *(number, self.person, record.id, category, moment(record.date)),
            record.to_json(),
        )
        facts = fingerprints.digests(category, record, piece.media_type, piece.content, piece.full_url)
        fingerprints.note(self.store, stored, facts)


def _placements(piece: Piece) -> str | None:
    return written(piece.placements, piece.media_type, piece.type, piece.category)


def contradictions_of(name: str, own: Iterable[str], records: Iterable[Any], now: datetime) -> Iterator[str]:
    """What cannot be so of a source and of its records, each after the id that it is shown by."""
    yield from (f"{name}: {words}" for words in own)
    for record in records:
        yield from (f"{record.id}: {words}" for words in contradictions.of_record(record, now))


def _left_out(ledger: Ledger) -> Iterator[str]:
    """What a document about one person says of others."""
    kinds = [f"{what} {count}" for (what, place), count in sorted(ledger.settled().items()) if place == "other_person"]
    if kinds:
        yield _("Records of another person were left out: {kinds}.").format(kinds=", ".join(kinds))


def _signed_as(record: Any, before: bytes | None) -> Any:
    if not isinstance(record, models.Document) or record.signature or before is None:
        return record
    return replace(record, signature=models.Document.from_json(before).signature)


def _without_source(record: bytes) -> str:
    """What a record says, whichever file said it."""
    return json.dumps(json.loads(record) | {"source": None}, sort_keys=True)


def moment(date: str | None) -> str:
    """What records are sorted by, as text; what has no date is the oldest."""
    interval = span(date) if date else None
    return interval[0].isoformat() if interval else ""


def _not_taken(document: Parsed, status: str, reason: str | None, ledger: Ledger | None = None) -> models.ImportResult:
    """Everything that has no place yet is where the whole document is, or is lacking with it."""
    ledger = ledger or Ledger(Counter(document.counted))
    if status in _PLACES:
        ledger.rest(_PLACES[status])
    elif reason:
        ledger.reasons = dict.fromkeys(document.counted, reason)
    return _result(document, status, reason, ledger)


def _result(document: Parsed, status: str, reason: str | None, ledger: Ledger) -> models.ImportResult:
    return models.ImportResult(
        file=document.file,
        status=status,
        reason=reason,
        document_id=document.document_id,
        type=document.type,
        title=document.title,
        date=document.date,
        account=ledger.account(),
        unread=ledger.unread(document.file, document.why_unread),
    )
