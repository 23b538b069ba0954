"""A document as one piece: its own bytes, and every record read from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from msgspec.structs import replace

from emkcli import models
from emkcli.importers import signature_check
from emkcli.importers.cda import document_parties as parties
from emkcli.importers.cda.care import allergies, prevention, referrals
from emkcli.importers.cda.diagnoses import codings, diagnoses
from emkcli.importers.cda.document_body import Scene
from emkcli.importers.cda.document_header import Header
from emkcli.importers.cda.document_text import DocumentText
from emkcli.importers.cda.labs import labs, vitals
from emkcli.importers.cda.prescriptions import prescriptions
from emkcli.importers.cda.statement_places import RecordWords, StatementPlaces
from emkcli.importers.cda.studies import studies
from emkcli.importers.cda.tree import Element, child, coded, get
from emkcli.importers.cda.vaccinations import vaccinations
from emkcli.importers.cda.visits import visits
from emkcli.importers.source_document import Piece

MEDIA_TYPE = "application/xml"


def piece_of(
    root: Element, scene: Scene, content: bytes, unread: dict[str, str], *, signatures: Sequence[bytes | None]
) -> Piece:
    """The document record has the piece's id, the others count from it; `unread` is told why some statements are."""
    diagnosed = list(diagnoses(scene))
    records = [*diagnosed, *_records(scene, diagnosed)]
    record_words = RecordWords(scene.taken, records)
    text = DocumentText(record_words.have)
    plain = _document(scene, diagnosed, text.sections(scene.parts), content, signatures=signatures)
    document = replace(plain, **_header(root, scene.header))
    places = StatementPlaces(record_words, text)
    placements = places.of(scene.parts)
    unread.update(places.reasons())
    return Piece(
        id=scene.name,
        key=scene.header.document_id or scene.name,
        type="ClinicalDocument",
        media_type=MEDIA_TYPE,
        content=content,
        date=scene.header.date,
        category="documents",
        records=(document, *records),
        placements=placements,
    )


def _header(root: Element, header: Header) -> dict[str, Any]:
    """What the header says besides what it is, whose, by whom, when and where."""
    role = child(root, "recordTarget", "patientRole")
    patient = replace(
        header.patient,
        sex=coded(child(role, "patient", "administrativeGenderCode")).name,
        ids=parties.ids(role),
        contacts=parties.contacts(role),
        addresses=parties.addresses(role),
        documents=parties.documents(role),
    )
    return {
        "patient": patient,
        "template": get(child(root, "templateId"), "root"),
        "confidentiality": coded(child(root, "confidentialityCode")).name,
        "language": get(child(root, "languageCode"), "code"),
        "participants": parties.participants(root),
        "encounter": parties.encounter(root),
        "services": parties.services(root),
        "orders": parties.orders(root),
    }


def _records(scene: Scene, diagnosed: list[models.Diagnosis]) -> Iterator[models.Model]:
    yield from visits(scene, diagnosed)
    yield from chain(labs(scene), vitals(scene), studies(scene), prescriptions(scene))
    yield from chain(vaccinations(scene), allergies(scene), referrals(scene), prevention(scene))


def _document(
    scene: Scene,
    diagnosed: list[models.Diagnosis],
    sections: list[models.Section],
    content: bytes,
    *,
    signatures: Sequence[bytes | None],
) -> models.Document:
    header = scene.header
    author = header.author
    return models.Document(
        id=scene.name,
        date=header.date,
        date_text=header.time.written,
        clinic=header.clinic,
        doctor=author,
        source=scene.source,
        type=header.kind.name or header.translation.name or header.title,
        type_code=header.kind.code,
        title=header.title or header.kind.name,
        author=models.Author(name=author.name, specialty=author.specialty) if author else None,
        patient=header.patient,
        diagnoses=codings(diagnosed),
        sections=sections,
        version=header.version,
        signature=signature_check.signature_of(content, signatures),
    )
