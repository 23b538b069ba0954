"""The documents of a person as resources: their records, whom those name, and the documents themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from emkcli import models
from emkcli.fhir import lab_report, patient
from emkcli.fhir.codecs import codec
from emkcli.fhir.elements import Resource, encode
from emkcli.fhir.identity import Identity
from emkcli.fhir.parties import Parties
from emkcli.fhir.write_context import SourceDocument, WriteContext

MEDIA_TYPE = "application/fhir+json"
BASE = "https://local-card.invalid/"
"""Where such resources live: nowhere (RFC 6761), but references between them resolve."""


class _Written(NamedTuple):
    resource: Resource
    category: str | None
    date: str | None


class ResourceWriter:
    """The resources of one person: the patient first, every physician and clinic once."""

    def __init__(self, person: str, identity: Identity) -> None:
        self._parties = Parties(person)
        self._patient = patient.to_fhir(person, identity)
        self._named: set[str] = set()

    def resources(self, document: SourceDocument) -> Iterator[models.Raw]:
        """What is new comes before what speaks of it. `Raw.data` has the list, the type, the date, the address and
        how old the document is."""
        for written in list(self._written(WriteContext(document, self._parties))):
            for party in (self._patient, *self._parties.met.values()):
                if (name := _name(party)) not in self._named:
                    self._named.add(name)
                    yield _raw(_Written(party, None, None), document)
            yield _raw(written, document)

    def _written(self, context: WriteContext) -> Iterator[_Written]:
        for record in context.document.records:
            kind = type(record)
            yield _Written(codec(kind).to_fhir(record, context), models.CATEGORY_OF[kind], record.date)
        for report in lab_report.to_fhir(context):
            yield _Written(report, None, report.get("effectiveDateTime"))


def _name(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _raw(written: _Written, document: SourceDocument) -> models.Raw:
    name = _name(written.resource)
    data = {
        "category": written.category,
        "type": written.resource["resourceType"],
        "full_url": f"{BASE}{name}",
        "date": written.date,
        "as_of": document.as_of,
    }
    return models.Raw(id=name, media_type=MEDIA_TYPE, content=encode(written.resource), fetched_at=None, data=data)
