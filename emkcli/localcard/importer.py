"""Documents into the local card, one transaction each, and what became of each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from msgspec.structs import replace

from emkcli import errors, models
from emkcli.clinical import contradictions
from emkcli.importers.source_document import Parsed
from emkcli.localcard import persons
from emkcli.localcard.importing.document_writer import DocumentWriter
from emkcli.localcard.importing.recipient import Recipient
from emkcli.localcard.importing.refusals import PLACES, Noted, Refused
from emkcli.localcard.store import Store
from emkcli.localcard.versions import prepare
from emkcli.locale import _
from emkcli.models.content_account import Ledger


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
        except Refused as refused:
            told = warnings if isinstance(refused, Noted) else []  # of the others nothing is kept
            return _not_taken(document, refused.status, refused.reason, ledger, told)
        except (errors.EmkError, ValueError) as cause:
            if isinstance(cause, errors.Storage):
                raise
            return _not_taken(document, "failed", _("a part of it cannot be read: {why}").format(why=cause))
        if self.person == persons.NEW:
            self.person = person
        _ident, identity = persons.find(self.store, person)
        owner = models.Named(id=person, name=identity.name or person)
        warnings += _left_out(ledger)
        result = _result(document, "added", reason, ledger, warnings)
        return replace(result, person=owner, records=dict(counts))

    def _store(self, document: Parsed, ledger: Ledger, warnings: list[str]) -> tuple[str, Counter[str], str | None]:
        noted: Noted | None = None
        with self.store.transaction():
            person = Recipient(self.store, self.person).of(document)
            writer = DocumentWriter(self.store, person, document, ledger, warnings)
            try:
                counts = writer.write()
            except Noted as refusal:
                noted = refusal
        if noted:
            raise noted
        return person, counts, _("it replaces an older version") if writer.replaced else None


def _left_out(ledger: Ledger) -> Iterator[str]:
    """What a document about one person says of others."""
    kinds = [f"{what} {count}" for (what, place), count in sorted(ledger.settled().items()) if place == "other_person"]
    if kinds:
        yield _("Records of another person were left out: {kinds}.").format(kinds=", ".join(kinds))


def _not_taken(
    document: Parsed, status: str, reason: str | None, ledger: Ledger | None = None, told: Iterable[str] = ()
) -> models.ImportResult:
    """Everything that has no place yet is where the whole document is, or is lacking with it."""
    ledger = ledger or Ledger(Counter(document.counted))
    warnings = [*(told or document.warnings), *_left_out(ledger)]
    if status in PLACES:
        ledger.rest(PLACES[status])
    elif reason:
        ledger.reasons = dict.fromkeys(document.counted, reason)
    return _result(document, status, reason, ledger, warnings)


def _result(
    document: Parsed, status: str, reason: str | None, ledger: Ledger, warnings: list[str]
) -> models.ImportResult:
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
        warnings=contradictions.told(warnings),
    )
