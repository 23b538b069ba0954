"""The document itself as a record: what its header says, and its text."""

from __future__ import annotations

from msgspec.structs import replace

from emkcli import models
from emkcli.importers.cda import document_parties as parties
from emkcli.importers.cda.addresses import address
from emkcli.importers.cda.diagnoses import codings
from emkcli.importers.cda.document_body import Scene
from emkcli.importers.cda.document_header import Header
from emkcli.importers.cda.document_kind import kind_of
from emkcli.importers.cda.document_validity import expires_on
from emkcli.importers.cda.times import time_in
from emkcli.importers.cda.tree import Element, child, coded, get


def document_of(
    root: Element, scene: Scene, diagnosed: list[models.Diagnosis], sections: list[models.Section]
) -> models.Document:
    """Its name is the one it gives itself; where it has a number alone, the register's."""
    header, author = scene.header, scene.header.author
    template = get(child(root, "templateId"), "root")
    kind = kind_of(header.kind, template)
    return models.Document(
        id=scene.name,
        date=header.date,
        date_text=header.time.written,
        clinic=header.clinic,
        doctor=author,
        source=scene.source,
        type=header.kind.name or header.translation.name or (kind and kind.name) or header.title,
        type_code=header.kind.code,
        title=header.title or header.kind.name or (kind and kind.name),
        author=models.Author(name=author.name, specialty=author.specialty) if author else None,
        patient=_patient(root, header),
        diagnoses=codings(diagnosed),
        sections=sections,
        version=header.version,
        edition=kind.edition or None if kind else None,
        expires_on=expires_on(scene),
        template=template,
        confidentiality=coded(child(root, "confidentialityCode")).name,
        language=get(child(root, "languageCode"), "code"),
        participants=parties.participants(root),
        encounter=parties.encounter(root),
        services=parties.services(root),
        orders=parties.orders(root),
    )


def _patient(root: Element, header: Header) -> models.DocumentPatient:
    role = child(root, "recordTarget", "patientRole")
    birth_time = time_in(child(role, "patient", "birthTime")).iso
    return replace(
        header.patient,
        sex=coded(child(role, "patient", "administrativeGenderCode")).name,
        ids=parties.ids(role),
        contacts=parties.contacts(role),
        addresses=parties.addresses(role),
        birth_time=birth_time if birth_time and "T" in birth_time else None,
        birth_place=address(child(role, "patient", "birthplace", "place", "addr")),
        documents=parties.documents(role),
    )
