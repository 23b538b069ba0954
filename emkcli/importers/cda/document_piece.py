"""A document as one piece: its own bytes, and every record read from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from msgspec.structs import replace

from emkcli import models
from emkcli.importers import signature_check
from emkcli.importers.cda.care import allergies, prevention, referrals
from emkcli.importers.cda.diagnoses import diagnoses, unread_diagnoses
from emkcli.importers.cda.document_body import Scene
from emkcli.importers.cda.document_kind import unknown
from emkcli.importers.cda.document_record import document_of
from emkcli.importers.cda.document_text import DocumentText
from emkcli.importers.cda.document_validity import not_understood
from emkcli.importers.cda.lab_text import results_in_text_alone
from emkcli.importers.cda.labs import labs, vitals
from emkcli.importers.cda.prescriptions import prescriptions
from emkcli.importers.cda.procedures import procedures
from emkcli.importers.cda.statement_places import RecordWords, StatementPlaces
from emkcli.importers.cda.studies import studies
from emkcli.importers.cda.tree import Element
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
    plain = document_of(root, scene, diagnosed, text.sections(scene.parts))
    signature = signature_check.signature_of(content, signatures)
    document = replace(plain, facts=list(text.facts(scene.parts)), signature=signature)
    places = StatementPlaces(record_words, text)
    placements = places.of(scene.parts)
    unread.update(places.reasons())
    template = document.template
    told = (
        unknown(scene.header.kind, template),
        results_in_text_alone(scene, template, text, records, record_words),
        unread_diagnoses(scene),
        not_understood(scene),
    )
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
        contradictions=tuple(filter(None, told)),
    )


def _records(scene: Scene, diagnosed: list[models.Diagnosis]) -> Iterator[models.Model]:
    yield from visits(scene, diagnosed)
    yield from chain(labs(scene), vitals(scene), studies(scene), prescriptions(scene))
    yield from chain(vaccinations(scene), allergies(scene), referrals(scene), prevention(scene))
    yield from procedures(scene)
