"""AllergyIntolerance ↔ allergies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from emkcli import models
from emkcli.fhir.building import UNKNOWN, codeable, codeable_or_unknown, coded_among, dated, filled, notes
from emkcli.fhir.condition import statuses
from emkcli.fhir.elements import Resource, coding, concept, element, elements, joined, label, labels, text, texts
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_TERMS = "http://terminology.hl7.org/CodeSystem/"
_CLINICAL = re.compile("active|inactive|resolved")
_VERIFICATION = re.compile("unconfirmed|confirmed|refuted|entered-in-error")
_CATEGORIES = frozenset({"food", "medication", "environment", "biologic"})
_CRITICALITIES = frozenset({"low", "high", "unable-to-assess"})
_SEVERITIES = frozenset({"mild", "moderate", "severe"})
_DATES = ("onsetDateTime", "onsetPeriod", "recordedDate", "lastOccurrence")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Allergy]:
    """One allergy, by what causes it."""
    shared = scene.fields(resource, node, _DATES, "recorder", "asserter")
    first = coding(element(resource, "code"))
    yield models.Allergy(
        **shared | statuses(resource),
        code=first.code,
        display=first.display or label(element(resource, "reaction", "substance")),
        category=joined(texts(resource, "category"), ", "),
        criticality=text(resource, "criticality"),
        reactions=[_reaction(reaction) for reaction in elements(resource, "reaction")],
        note=_notes(resource),
    )


def to_fhir(record: models.Allergy, context: WriteContext) -> Resource:
    """Whether it is active R4 wants to be told, also where nobody said it."""
    stated = record.clinical_status, record.status
    verified = record.verification_status, record.status
    recorder, role = context.parties.recorder(record)
    return filled(
        resourceType="AllergyIntolerance",
        id=fhir_id(record.id),
        contained=role,
        clinicalStatus=coded_among(_CLINICAL, _TERMS + "allergyintolerance-clinical", *stated) or UNKNOWN,
        verificationStatus=coded_among(_VERIFICATION, _TERMS + "allergyintolerance-verification", *verified),
        category=_codes(record.category),
        criticality=record.criticality if record.criticality in _CRITICALITIES else None,
        code=codeable_or_unknown(record.display, record.code),
        patient=context.subject,
        **dated("recordedDate", record.date, record.date_text),
        recorder=recorder,
        note=notes(record.note, *_unsayable(record)),
        reaction=[_as_fhir(reaction) for reaction in record.reactions],
    )


def _reaction(reaction: Resource) -> models.Reaction:
    return models.Reaction(
        substance=concept(element(reaction, "substance")),
        manifestations=labels(reaction, "manifestation"),
        severity=text(reaction, "severity"),
        date=text(reaction, "onset"),
        note=joined((text(reaction, "description"), concept(element(reaction, "exposureRoute")), _notes(reaction))),
    )


def _as_fhir(reaction: models.Reaction) -> Resource:
    """A severity of other words than R4's is told in the note."""
    severity = reaction.severity if reaction.severity in _SEVERITIES else None
    return filled(
        substance=codeable(reaction.substance),
        manifestation=[codeable(words) for words in reaction.manifestations] or [UNKNOWN],
        **dated("onset", reaction.date),
        severity=severity,
        note=notes(reaction.note, None if severity else reaction.severity),
    )


def _notes(part: Resource) -> str | None:
    return joined(text(note, "text") for note in elements(part, "note"))


def _codes(category: str | None) -> list[str]:
    return [word for word in (category or "").split(", ") if word in _CATEGORIES]


def _unsayable(record: models.Allergy) -> list[str]:
    """What R4 has no code for."""
    criticality = None if record.criticality in _CRITICALITIES else record.criticality
    return [words for words in (None if _codes(record.category) else record.category, criticality) if words]
