"""Whose card a document goes to: what the user says, what the document says of its patient, and who is known already."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emkcli.fhir.identity import Identity
from emkcli.importers.source_document import Parsed
from emkcli.localcard import persons
from emkcli.localcard.importing.refusals import Refused
from emkcli.localcard.store import Store
from emkcli.locale import _


@dataclass(frozen=True)
class Recipient:
    """`person`: an id, `new` (the first document's), `auto` (each document's own) or None (the owner)."""

    store: Store
    person: str | None

    def of(self, document: Parsed) -> str:
        """Whose card the document goes to. Raises when it is somebody else's, or nobody says whose it is."""
        if document.patient is None:
            return self._unnamed()
        if self.person == persons.AUTO:
            fitting = persons.fitting(self.store, document.patient)
        elif self.person == persons.NEW or not persons.persons(self.store):
            fitting = []
        else:
            fitting = [self._named_or_owner(document.patient, sure=document.of_several or self.person is None)]
        told = replace(document.patient, told_at=document.patient.told_at or document.date)
        if not fitting:
            named = self.person if self.person not in (None, persons.NEW, persons.AUTO) else None
            return persons.add(self.store, told, named)
        persons.complete(self.store, fitting[0], told)
        return fitting[0]

    def _named_or_owner(self, patient: Identity, *, sure: bool) -> str:
        """The person named by the user takes what does not contradict, the owner what is theirs for sure."""
        ident, identity = persons.find(self.store, self.person)
        verdict = persons.is_same(identity, patient)
        if verdict is False:
            raise Refused(
                "other_person", _("the document names another patient; --person auto files each under its own")
            )
        if verdict is None and sure:
            reason = _("too little is told of its patient to be sure who it is; if it is yours, say so: --person {id}")
            raise Refused("other_person", reason.format(id=ident))
        return ident

    def _unnamed(self) -> str:
        if self.person in (None, persons.AUTO):
            raise Refused("failed", _("no_patient: the document names no patient; say whose it is with --person"))
        if self.person == persons.NEW or not persons.persons(self.store):
            return persons.add(self.store, Identity(), None if self.person == persons.NEW else self.person)
        return persons.find(self.store, self.person)[0]
