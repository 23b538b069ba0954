"""Documents into the local card: whose they are, whether they are there already, one transaction each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from emkcli import errors
from emkcli.api import mapping, models
from emkcli.api.dates import order, span
from emkcli.api.documents import Parsed, Piece
from emkcli.api.filters import CATEGORY_OF
from emkcli.api.mapping.people import Identity
from emkcli.locale import _
from emkcli.record import people, sameness
from emkcli.record.store import Store


class _Refused(Exception):
    """The document is not taken, and why."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass
class Intake:
    """One run. `person`: an id, `new` (the first document's), `auto` (each document's own) or None (the owner)."""

    store: Store
    person: str | None = None

    def take(self, documents: Iterable[Parsed]) -> Iterator[models.ImportResult]:
        """One result per document; a document that cannot be taken does not stop the others."""
        self._check()
        for document in documents:
            yield self._one(document)

    def _check(self) -> None:
        if self.person not in (None, people.NEW, people.AUTO) and people.persons(self.store):
            people.find(self.store, self.person)

    def _one(self, document: Parsed) -> models.ImportResult:
        if document.problem:
            return _result(document, document.problem, document.reason)
        try:
            with self.store.transaction():
                person = self._owner(document)
                counts = _Writer(self.store, person, document).write()
        except _Refused as refused:
            return _result(document, refused.status, refused.reason)
        except (errors.EmkError, ValueError) as cause:
            if isinstance(cause, errors.Storage):
                raise
            return _result(document, "failed", _("a part of it cannot be read: {why}").format(why=cause))
        if self.person == people.NEW:
            self.person = person
        return _result(document, "added", None, counts)

    def _owner(self, document: Parsed) -> str:
        """Whose card the document goes to. Raises when it is somebody else's, or nobody says whose it is."""
        known = people.persons(self.store)
        if document.patient is None:
            return self._unnamed(known)
        if self.person == people.AUTO:
            fitting = [ident for ident, who in known if people.is_same(who, document.patient, named=False)]
        elif self.person == people.NEW or not known:
            fitting = []
        else:
            ident, who = people.find(self.store, self.person)
            fitting = [ident] if people.is_same(who, document.patient, named=self.person is not None) else []
            if not fitting:
                raise _Refused("other_person", _("the document names another patient"))
        if not fitting:
            named = self.person if self.person not in (None, people.NEW, people.AUTO) else None
            return people.add(self.store, document.patient, named)
        people.complete(self.store, fitting[0], document.patient)
        return fitting[0]

    def _unnamed(self, known: list[tuple[str, Identity]]) -> str:
        if self.person in (None, people.AUTO):
            raise _Refused("failed", _("no_patient: the document names no patient; say whose it is with --person"))
        if self.person == people.NEW or not known:
            return people.add(self.store, Identity(), None if self.person == people.NEW else self.person)
        return people.find(self.store, self.person)[0]


@dataclass
class _Writer:
    """One document of one person."""

    store: Store
    person: str
    document: Parsed

    def write(self) -> Counter[str]:
        older = self._older()
        columns = "person, file, sha256, document_id, series, version, date, imported_at"
        found = self.document
        number = self.store.run(
            f"INSERT INTO document ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            *(self.person, found.file, found.sha256, found.document_id, found.series, found.version, found.date),
            datetime.now(UTC).isoformat(timespec="seconds"),
        )
        for replaced in older:
            self.store.run("DELETE FROM piece WHERE document = ?", replaced)
            self.store.run("UPDATE document SET superseded = 1 WHERE number = ?", replaced)
        counts: Counter[str] = Counter()
        changed = [self._piece(number, piece, counts) for piece in found.pieces()]
        if changed and not any(changed) and not older:
            raise _Refused("duplicate", _("everything in it is in the card already"))
        return counts

    def _older(self) -> list[int]:
        """Versions of the document that this one replaces. Raises when it is there already, or a newer version is."""
        rows = list(self._related())
        for _number, digest, _version, _date, superseded, _ident in rows:
            if digest == self.document.sha256:
                told = _("a newer version is in the card") if superseded else _("it is in the card already")
                raise _Refused("superseded" if superseded else "duplicate", told)
        current = [row for row in rows if not row[4]]
        rivals = [row for row in current if row[5] not in self.document.replaces]
        if any(_age(row[2], row[3]) > _age(self.document.version, self.document.date) for row in rivals):
            raise _Refused("superseded", _("a newer version is in the card"))
        return [row[0] for row in current]

    def _related(self) -> Iterator[tuple[Any, ...]]:
        """The same bytes, versions of the same document, and what it says it replaces."""
        found = self.document
        marks = ", ".join("?" * len(found.replaces))
        sql = f"""SELECT number, sha256, version, date, superseded, document_id FROM document
                  WHERE person = ? AND (sha256 = ? OR series = ? OR document_id IN ({marks}))"""  # noqa: S608
        return self.store.rows(sql, self.person, found.sha256, found.series, *found.replaces)

    def _piece(self, document: int, piece: Piece, counts: Counter[str]) -> bool:
        """Whether something new was stored. Of two states of one resource the one from the later document stays."""
        counts.update(CATEGORY_OF[type(record)] for record in piece.records)
        sql = """SELECT p.number, p.content, d.date FROM piece p JOIN document d ON d.number = p.document
                 WHERE p.person = ? AND p.id = ?"""
        known = self.store.row(sql, self.person, piece.id)
        if known and (_same(known[1], piece.content) or order(known[2]) > order(self.document.date)):
            return False
        if known:
            self.store.run("DELETE FROM piece WHERE number = ?", known[0])
        columns = "person, id, document, key, type, full_url, date, category, media_type, content"
        number = self.store.run(
            f"INSERT INTO piece ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            *(self.person, piece.id, document, piece.key, piece.type, piece.full_url, piece.date, piece.category),
            *(piece.media_type, piece.content),
        )
        for record in piece.records:
            self._record(number, piece, record)
        return True

    def _record(self, number: int, piece: Piece, record: Any) -> None:
        category = CATEGORY_OF[type(record)]
        stored = self.store.run(
            "INSERT INTO record (piece, person, id, category, moment, json) VALUES (?, ?, ?, ?, ?, ?)",
            *(number, self.person, record.id, category, moment(record.date)),
            record.model_dump_json(by_alias=True).encode(),
        )
        facts = sameness.digests(category, record, piece.media_type, piece.content, piece.full_url)
        sameness.note(self.store, stored, facts)


def _same(one: bytes, other: bytes) -> bool:
    """Word for word, or the same JSON written in another way."""
    if one == other:
        return True
    try:
        same: bool = mapping.decode(one) == mapping.decode(other)
    except ValueError:
        return False
    return same


def moment(date: str | None) -> str:
    """What records are sorted by, as text; what has no date is the oldest."""
    known = span(date) if date else None
    return known[0].isoformat() if known else ""


def _age(version: str | None, date: str | None) -> tuple[int, datetime]:
    return int(version) if version and version.isascii() and version.isdigit() and len(version) < 10 else 0, order(date)


def _result(
    document: Parsed, status: str, reason: str | None, counts: Counter[str] | None = None
) -> models.ImportResult:
    return models.ImportResult(
        file=document.file,
        status=status,
        reason=reason,
        document_id=document.document_id,
        type=document.type,
        title=document.title,
        date=document.date,
        records=dict(counts or {}),
    )
