"""MedicationRequest ↔ prescriptions; a MedicationStatement too names a medicine somebody ordered, but is no recipe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from emkcli import models
from emkcli.clinical.dates import order
from emkcli.clinical.dosage_words import instructions
from emkcli.clinical.medicines import has_run_out
from emkcli.clinical.status import WITHDRAWN
from emkcli.fhir import dosage
from emkcli.fhir.building import (
    code_among,
    codeable,
    codeable_or_unknown,
    coded_among,
    dated,
    filled,
    notes,
    quantity_of,
)
from emkcli.fhir.elements import (
    Resource,
    amount,
    code_of,
    concept,
    element,
    elements,
    identifier,
    joined,
    labels,
    original_text,
    text,
)
from emkcli.fhir.graph import Node
from emkcli.fhir.references import fhir_id, inner_reference
from emkcli.fhir.scene import Scene
from emkcli.locale import CARD_LANGUAGE

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

STATUSES = {
    "active": "active",
    "completed": "completed",
    "stopped": "stopped",
    "on-hold": "on_hold",
    "cancelled": "cancelled",
    "entered-in-error": "cancelled",
    "not-taken": "cancelled",
    "draft": "draft",
    "intended": "draft",
}
"""R4 status of a medicine → the card's; what has no word there (unknown) is null."""
_STATUSES_OF_R4 = {
    "active": "active",
    "expired": "active",
    "prohibited": "active",
    "new": "draft",
    "draft": "draft",
    "dispensed": "completed",
    "completed": "completed",
    "on_hold": "on-hold",
    "stopped": "stopped",
    "obsolete": "stopped",
    **dict.fromkeys(WITHDRAWN, "cancelled"),
    "entered-in-error": "entered-in-error",
    "nullified": "entered-in-error",
}
"""What the card or a document (HL7 v3 ActStatus) calls a prescription → R4; a prohibition is `doNotPerform` besides."""
_INTENTS = re.compile("proposal|plan|order|original-order|reflex-order|filler-order|instance-order|option")
_COURSES = re.compile("continuous|acute|seasonal")
_NUMBER = re.compile(r"(0|[1-9]\d{0,8})", re.ASCII)
_COURSE = "http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy"
_RECIPE = "Рецепт"
_DATES = ("authoredOn", "effectiveDateTime", "effectivePeriod", "dateAsserted")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Prescription]:
    """One prescription as it stands today."""
    number = identifier(element(resource, "groupIdentifier")) or identifier(resource.get("identifier"))
    doses = elements(resource, "dosageInstruction") or elements(resource, "dosage")
    steps, supply = dosage.steps(doses), element(resource, "dispenseRequest")
    shared = scene.fields(resource, node, _DATES, "requester", "recorder", "informationSource")
    kind = _kind(resource, number)
    prescription = models.Prescription(
        **shared | {"status": _status(resource, kind)},
        type=kind,
        number=number,
        medicine=concept(_medicine(resource, scene)),
        form=_form(resource, scene),
        dose=joined(step.dose for step in steps),
        instructions=instructions(steps, CARD_LANGUAGE),
        dosage=steps,
        quantity=amount(element(supply, "quantity")),
        reason=scene.reasons(resource),
        note=joined(text(note, "text") for note in elements(resource, "note")),
        intent=text(resource, "intent"),
        course=code_of(element(resource, "courseOfTherapyType")),
        refills=text(supply, "numberOfRepeatsAllowed"),
        ends_on=_end(element(resource, "effectivePeriod")) or _last_end(doses),
        expires_on=_end(element(supply, "validityPeriod")),
    )
    yield as_it_stands(prescription, scene.today)


def to_fhir(record: models.Prescription, context: WriteContext) -> Resource:
    """A quantity that is no amount is a note."""
    medication = _medication(record)
    requester, role = context.parties.requester(record)
    return filled(
        resourceType="MedicationRequest",
        id=fhir_id(record.id),
        contained=[*([medication] if medication else []), *role],
        groupIdentifier=filled(value=record.number),
        status=_STATUSES_OF_R4.get(record.status or "", "unknown"),
        intent=code_among(_INTENTS, record.intent, "order"),
        reportedBoolean=True if record.type == "statement" else None,
        doNotPerform=True if record.status == "prohibited" else None,
        category=[codeable(_RECIPE)] if record.type == "recipe" and not record.number else None,
        medicationCodeableConcept=None if medication else codeable_or_unknown(record.medicine),
        medicationReference=inner_reference(medication) if medication else None,
        subject=context.subject,
        **dated("authoredOn", record.date, record.date_text),
        requester=requester,
        courseOfTherapyType=coded_among(_COURSES, _COURSE, record.course) or codeable(record.course),
        reasonCode=[codeable(record.reason)] if record.reason else None,
        dosageInstruction=_dosages(record),
        dispenseRequest=_supply(record),
        note=notes(record.note, None if quantity_of(record.quantity) else record.quantity),
    )


def _supply(record: models.Prescription) -> Resource:
    refills = record.refills or ""
    return filled(
        quantity=quantity_of(record.quantity),
        numberOfRepeatsAllowed=int(refills) if _NUMBER.fullmatch(refills) else None,
        validityPeriod=dated("end", record.expires_on),
    )


def as_it_stands(prescription: models.Prescription, today: str | None) -> models.Prescription:
    """The prescription on a day: R4 has no status for one whose time has run out; a course is completed then."""
    if prescription.status != "active" or not today or not has_run_out(prescription, date.fromisoformat(today)):
        return prescription
    course = replace(prescription, expires_on=None)
    return replace(prescription, status="completed" if has_run_out(course, date.fromisoformat(today)) else "expired")


def _status(resource: Resource, kind: str) -> str | None:
    """In the card's words. What must not be taken is prohibited unless that was taken back; a recipe is completed when
    its medicine was handed out, every other one when the course is over."""
    status = STATUSES.get(text(resource, "status") or "")
    if resource.get("doNotPerform") is True and status not in ("cancelled", "stopped"):
        return "prohibited"
    return "dispensed" if status == "completed" and kind == "recipe" else status


def _kind(resource: Resource, number: str | None) -> str:
    """What somebody only reports, R4 says by a type of its own or by an element."""
    reported = resource.get("reportedBoolean") is True or bool(element(resource, "reportedReference"))
    if reported or text(resource, "resourceType") != "MedicationRequest":
        return "statement"
    is_blank = any("рецепт" in category.casefold() for category in labels(resource, "category"))
    return "recipe" if number or is_blank else "order"


def _medicine(resource: Resource, scene: Scene) -> Resource:
    """R5 puts the concept or the reference into one element."""
    reference = element(resource, "medicationReference") or element(resource, "medication", "reference")
    stated = element(resource, "medicationCodeableConcept") or element(resource, "medication", "concept")
    return stated or scene.concept_at(reference, resource)


def _form(resource: Resource, scene: Scene) -> str | None:
    medication = scene.graph.get(element(resource, "medicationReference"), resource) or {}
    return concept(element(medication, "form"))


def _medication(record: models.Prescription) -> Resource | None:
    """R4 tells the form by a Medication alone."""
    if not record.form:
        return None
    code, form = codeable(record.medicine), codeable(record.form)
    return filled(resourceType="Medication", id="medicine", code=code, form=form)


def _end(validity: Resource) -> str | None:
    return text(validity, "end") or original_text(element(validity, "_end"))


def _last_end(doses: list[Resource]) -> str | None:
    """When the last of its steps ends; one without an end goes on."""
    ends = [_end(element(dose, "timing", "repeat", "boundsPeriod")) for dose in doses]
    return max((end for end in ends if end), key=order) if ends and all(ends) else None


def _dosages(record: models.Prescription) -> list[Resource]:
    """The steps, or the one that a document without steps has; the course ends with its doses."""
    steps = record.dosage or [models.Dosage(text=record.instructions, dose=record.dose)]
    return [step for step in (_until(dosage.to_fhir(step), record.ends_on) for step in steps) if step]


def _until(step: Resource, ends_on: str | None) -> Resource:
    repeat = element(step, "timing", "repeat")
    if ends_on is None or "boundsPeriod" in repeat:
        return step
    timing = {**element(step, "timing"), "repeat": {**repeat, "boundsPeriod": dated("end", ends_on)}}
    return {**step, "timing": timing}
