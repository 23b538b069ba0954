"""A document of the local card as resources: its records, whom they name, and the document itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha1
from typing import Any

from emkcli import models
from emkcli.api.making import care, measured
from emkcli.api.making.elements import concept, filled, ident, instant, moment
from emkcli.api.making.parties import Parties, numbered, patient
from emkcli.api.mapping.elements import Resource, encode
from emkcli.api.mapping.people import Identity
from emkcli.models import CATEGORY_OF

MEDIA_TYPE = "application/fhir+json"
BASE = "https://local-card.invalid/"
"""Where such resources live: nowhere (RFC 6761), but references between them resolve."""
_MAKERS: dict[type[models.Model], Any] = {
    models.LabResult: measured.lab,
    models.Vital: measured.vital,
    models.Study: measured.study,
    models.Diagnosis: care.diagnosis,
    models.Allergy: care.allergy,
    models.Prescription: care.prescription,
    models.Vaccination: care.vaccination,
    models.Prevention: care.prevention,
    models.Referral: care.referral,
}


@dataclass(frozen=True)
class Paper:
    """A document with the records read from it; `as_of` is how old it says it is, else when it came."""

    content: bytes
    media_type: str
    as_of: str | None
    records: Sequence[Any]


class Maker:
    """The resources of one person: the patient first, every physician and clinic once."""

    def __init__(self, person: str, identity: Identity) -> None:
        self._parties = Parties(person)
        self._patient = patient(person, identity)
        self._told: set[str] = set()

    def resources(self, paper: Paper) -> Iterator[models.Raw]:
        """What is new comes before what speaks of it."""
        for category, date, made in list(self._made(paper)):
            for one in (self._patient, *self._parties.met.values()):
                name = f"{one['resourceType']}/{one['id']}"
                if name not in self._told:
                    self._told.add(name)
                    yield _raw(one, None, None, paper)
            yield _raw(made, category, date, paper)

    def _made(self, paper: Paper) -> Iterator[tuple[str | None, str | None, Resource]]:
        diagnoses = [one for one in paper.records if isinstance(one, models.Diagnosis)]
        makers: dict[type[models.Model], Any] = {
            **_MAKERS,
            models.Visit: lambda one, parties: care.visit(one, diagnoses, parties),
            models.Document: partial(_document, paper),
        }
        for one in paper.records:
            yield CATEGORY_OF[type(one)], one.date, makers[type(one)](one, self._parties)
        labs = [one for one in paper.records if isinstance(one, models.LabResult)]
        title = next((one.title for one in paper.records if isinstance(one, models.Document)), None)
        for made in measured.reports(labs, title, self._parties):
            yield None, made.get("effectiveDateTime"), made


def _document(paper: Paper, record: models.Document, parties: Parties) -> Resource:
    """The document as it was read, byte for byte; FHIR wants its SHA-1."""
    attachment = filled(
        contentType=paper.media_type,
        data=b64encode(paper.content).decode(),
        size=len(paper.content),
        hash=b64encode(sha1(paper.content, usedforsecurity=False).digest()).decode(),
        title=record.title,
        creation=moment(record.date),
    )
    doctor = parties.doctor(record)
    return filled(
        resourceType="DocumentReference",
        id=ident(record.id),
        masterIdentifier=numbered(getattr(record.source, "document_id", None)),
        status="current",
        type=concept(record.type, record.type_code),
        subject=parties.subject,
        date=instant(record.date),
        author=[doctor] if doctor else None,
        custodian=parties.clinic(record),
        description=record.title,
        content=[{"attachment": attachment}],
    )


def _raw(made: Resource, category: str | None, date: str | None, paper: Paper) -> models.Raw:
    name = f"{made['resourceType']}/{made['id']}"
    told = {
        "category": category,
        "type": made["resourceType"],
        "full_url": f"{BASE}{name}",
        "date": date,
        "as_of": paper.as_of,
    }
    return models.Raw(id=name, media_type=MEDIA_TYPE, content=encode(made), fetched_at=None, data=told)
