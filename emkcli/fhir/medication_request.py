"""MedicationRequest ↔ prescriptions; a MedicationStatement too names a medicine somebody ordered, but is no recipe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from emkcli import models
from emkcli.clinical.medicines import has_run_out
from emkcli.clinical.status import WITHDRAWN
from emkcli.fhir.building import codeable, codeable_or_unknown, dated, filled, notes, quantity_of
from emkcli.fhir.elements import (
    Resource,
    amount,
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

if TYPE_CHECKING:
    from emkcli.fhir.write_context import WriteContext

STATUSES = {
    "active": "active",
    "completed": "dispensed",
    "stopped": "cancelled",
    "cancelled": "cancelled",
    "entered-in-error": "cancelled",
    "not-taken": "cancelled",
    "draft": "draft",
    "intended": "draft",
}
"""R4 status of a medicine → the card's; what has no word there (on-hold, unknown) is null."""
_STATUSES_OF_R4 = {
    "active": "active",
    "expired": "active",
    "prohibited": "active",
    "new": "draft",
    "draft": "draft",
    "dispensed": "completed",
    "completed": "completed",
    "stopped": "stopped",
    "obsolete": "stopped",
    **dict.fromkeys(WITHDRAWN, "cancelled"),
    "entered-in-error": "entered-in-error",
    "nullified": "entered-in-error",
}
"""What the card or a document (HL7 v3 ActStatus) calls a prescription → R4; a prohibition is `doNotPerform` besides."""
_RECIPE = "Рецепт"
_DATES = ("authoredOn", "effectiveDateTime", "effectivePeriod", "dateAsserted")


def from_fhir(resource: Resource, node: Node, scene: Scene) -> Iterator[models.Prescription]:
    """One prescription as it stands today."""
    number = identifier(element(resource, "groupIdentifier")) or identifier(resource.get("identifier"))
    doses = elements(resource, "dosageInstruction") or elements(resource, "dosage")
    supply = element(resource, "dispenseRequest")
    shared = scene.fields(resource, node, _DATES, "requester", "recorder", "informationSource")
    status = STATUSES.get(text(resource, "status") or "")
    prescription = models.Prescription(
        **shared | {"status": "prohibited" if _forbids(resource, status) else status},
        type=_kind(resource, number),
        number=number,
        medicine=concept(_medicine(resource, scene)),
        form=_form(resource, scene),
        dose=joined(amount(element(dose, "doseAndRate", "doseQuantity")) for dose in doses),
        instructions=joined(text(dose, "text") or text(dose, "patientInstruction") for dose in doses),
        quantity=amount(element(supply, "quantity")),
        expires_on=_end(element(supply, "validityPeriod")) or text(resource, "effectivePeriod", "end"),
    )
    yield expired(prescription, scene.today)


def to_fhir(record: models.Prescription, context: WriteContext) -> Resource:
    """A quantity that is no amount is a note."""
    quantity = quantity_of(record.quantity)
    medication = _medication(record)
    requester, role = context.parties.requester(record)
    return filled(
        resourceType="MedicationRequest",
        id=fhir_id(record.id),
        contained=[*([medication] if medication else []), *role],
        groupIdentifier=filled(value=record.number),
        status=_STATUSES_OF_R4.get(record.status or "", "unknown"),
        intent="order",
        doNotPerform=True if record.status == "prohibited" else None,
        category=[codeable(_RECIPE)] if record.type == "recipe" and not record.number else None,
        medicationCodeableConcept=None if medication else codeable_or_unknown(record.medicine),
        medicationReference=inner_reference(medication) if medication else None,
        subject=context.subject,
        **dated("authoredOn", record.date, record.date_text),
        requester=requester,
        dosageInstruction=_dosage(record),
        dispenseRequest=filled(quantity=quantity, validityPeriod=dated("end", record.expires_on)),
        note=notes(None if quantity else record.quantity),
    )


def expired(prescription: models.Prescription, today: str | None) -> models.Prescription:
    """The prescription as it stands today: R4 has no status for one whose time has run out."""
    if prescription.status == "active" and today and has_run_out(prescription, date.fromisoformat(today)):
        return replace(prescription, status="expired")
    return prescription


def _forbids(resource: Resource, status: str | None) -> bool:
    """Whether it says that the medicine must not be taken; a prohibition that was cancelled says so no more."""
    return resource.get("doNotPerform") is True and status != "cancelled"


def _kind(resource: Resource, number: str | None) -> str:
    if text(resource, "resourceType") != "MedicationRequest":
        return "order"
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


def _dosage(record: models.Prescription) -> list[Resource]:
    """A dose that is no amount is told with the instructions."""
    dose = quantity_of(record.dose)
    words = joined((None if dose else record.dose, record.instructions))
    dosage = filled(text=words, doseAndRate=[{"doseQuantity": dose}] if dose else None)
    return [dosage] if dosage else []
