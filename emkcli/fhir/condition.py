"""Condition ↔ diagnoses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from emkcli import models
from emkcli.clinical.status import decisive
from emkcli.fhir import onset
from emkcli.fhir.building import codeable, codeable_or_unknown, coded, coded_among, dated, filled, notes
from emkcli.fhir.elements import Resource, code_of, codes, coding, concept, element, elements, joined, text
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id, inner_reference, reference
from emkcli.fhir.scene import Scene

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

_TERMS = "http://terminology.hl7.org/CodeSystem/"
_CLINICAL = re.compile("active|recurrence|relapse|inactive|remission|resolved")
_VERIFICATION = re.compile("unconfirmed|provisional|differential|confirmed|refuted|entered-in-error")
"""The codes of R4; those of an allergy are among them."""
_STAGES = {"предварит": "provisional", "заключит": "confirmed"}
"""How sure a diagnosis is: the directory of stages (…11.1076) → R4."""


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Diagnosis]:
    """One diagnosis."""
    shared = scene.fields(resource, node, ("onsetDateTime", "onsetPeriod", "recordedDate"), "recorder", "asserter")
    first, category = coding(element(resource, "code")), element(resource, "category")
    yield models.Diagnosis(
        **shared | statuses(resource),
        code=first.code,
        system=first.system,
        display=first.display,
        type=code_of(category) or concept(category),
        severity=concept(element(resource, "severity")),
        onset=onset.from_fhir(resource, "onset"),
        abatement=onset.from_fhir(resource, "abatement"),
        note=joined(text(note, "text") for note in elements(resource, "note")),
        document_id=None,
    )


def statuses(resource: Resource) -> dict[str, str | None]:
    """Both statuses as sent, also of an allergy, and which of them decides."""
    clinical = _stated(resource.get("clinicalStatus"), _CLINICAL)
    verification = _stated(resource.get("verificationStatus"), _VERIFICATION)
    return {
        "status": decisive(clinical, verification),
        "clinical_status": clinical,
        "verification_status": verification,
    }


def _stated(status: Any, known: re.Pattern[str]) -> str | None:
    """The code of R4 where a translation stands before it, else what was sent."""
    return next(filter(known.fullmatch, sorted(codes(status))), None) or code_of(status)


def to_fhir(record: models.Diagnosis, context: WriteContext) -> Resource:
    """A status that R4 has no word for is a note."""
    clinical = coded_among(_CLINICAL, _TERMS + "condition-clinical", record.clinical_status, record.status)
    verification = _verification(record)
    recorder, role = context.parties.recorder(record)
    return filled(
        resourceType="Condition",
        id=fhir_id(record.id),
        contained=role,
        clinicalStatus=clinical,
        verificationStatus=verification,
        category=[codeable(record.type)] if record.type else None,
        severity=codeable(record.severity),
        code=codeable_or_unknown(record.display, record.code, record.system),
        subject=context.subject,
        **onset.to_fhir("onset", record.onset),
        **onset.to_fhir("abatement", record.abatement),
        **dated("recordedDate", record.date, record.date_text),
        recorder=recorder,
        note=notes(record.note, None if clinical or verification else record.status),
    )


def references(diagnoses: Sequence[models.Coding], context: WriteContext) -> tuple[list[Resource], list[Resource]]:
    """References to the Conditions made of the document's diagnoses that say the same, and Conditions to contain for
    those it has no record of."""
    named: list[Resource] = []
    inner: list[Resource] = []
    for stated in diagnoses:
        if record := context.document.diagnoses.get((stated.code, stated.system, stated.display)):
            named.append(reference("Condition", record.id))
        else:
            inner.append(contained(stated, f"diagnosis-{len(inner) + 1}", context))
            named.append(inner_reference(inner[-1]))
    return named, inner


def contained(diagnosis: models.Coding, ident: str, context: WriteContext) -> Resource:
    """A Condition that says no more than what it is."""
    code = codeable_or_unknown(diagnosis.display, diagnosis.code, diagnosis.system)
    return filled(resourceType="Condition", id=ident, code=code, subject=context.subject)


def _verification(record: models.Diagnosis) -> Resource | None:
    """A code of R4, or a stage of the Russian directory under the code that says the same."""
    system = _TERMS + "condition-ver-status"
    if known := coded_among(_VERIFICATION, system, record.verification_status, record.status):
        return known
    stated = record.verification_status or record.status
    stage = next((code for word, code in _STAGES.items() if word in (stated or "").casefold()), None)
    return {**coded(system, stage), "text": stated} if stage else None
