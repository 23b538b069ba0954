"""FHIR Condition, AllergyIntolerance, Immunization, ServiceRequest, MedicationRequest, AuditEvent → models."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from emkcli import models
from emkcli.api.mapping.elements import (
    Resource,
    amount,
    code_of,
    coding,
    concept,
    element,
    elements,
    identifier,
    joined,
    label,
    labels,
    text,
    when,
)
from emkcli.api.mapping.graph import Node
from emkcli.api.mapping.scene import Scene

STATUSES = {
    "active": "active",
    "completed": "dispensed",
    "stopped": "cancelled",
    "cancelled": "cancelled",
    "entered-in-error": "cancelled",
    "not-taken": "cancelled",
}
"""R4 status of a MedicationRequest → the card's; what has no word there (on-hold, draft, unknown, intended) is null."""


def _shared(resource: Resource, node: Node, scene: Scene, dates: tuple[str, ...], *staff: str) -> dict[str, Any]:
    clinic, doctor = scene.staff(resource, *staff)
    return {
        "id": scene.name(node),
        "date": when(resource, *dates),
        "clinic": clinic,
        "doctor": doctor,
        "status": text(resource, "status"),
        "source": scene.source,
    }


def diagnosis(resource: Resource, node: Node, scene: Scene) -> models.Diagnosis:
    shared = _shared(resource, node, scene, ("onsetDateTime", "onsetPeriod", "recordedDate"), "recorder", "asserter")
    first = coding(element(resource, "code"))
    category = element(resource, "category")
    return models.Diagnosis(
        **shared | {"status": code_of(resource.get("clinicalStatus")) or code_of(resource.get("verificationStatus"))},
        code=first.code,
        system=first.system,
        display=first.display,
        type=code_of(category) or concept(category),
        document_id=None,
    )


def allergy(resource: Resource, node: Node, scene: Scene) -> models.Allergy:
    shared = _shared(
        resource,
        node,
        scene,
        ("onsetDateTime", "onsetPeriod", "recordedDate", "lastOccurrence"),
        "recorder",
        "asserter",
    )
    first = coding(element(resource, "code"))
    return models.Allergy(
        **shared | {"status": code_of(resource.get("clinicalStatus")) or code_of(resource.get("verificationStatus"))},
        code=first.code,
        display=first.display or label(element(resource, "reaction", "substance")),
    )


def referral(resource: Resource, node: Node, scene: Scene) -> models.Referral:
    first = coding(element(resource, "code"))
    shared = _shared(resource, node, scene, ("authoredOn", "occurrenceDateTime", "occurrencePeriod"), "requester")
    return models.Referral(**shared, code=first.code, display=first.display)


def vaccination(resource: Resource, node: Node, scene: Scene) -> models.Vaccination:
    places = [element(one, "actor") for one in elements(resource, "performer")]
    protocol = elements(resource, "protocolApplied")
    maker = element(resource, "manufacturer")
    named = scene.clinic(maker, resource) if maker else None
    return models.Vaccination(
        **_shared(
            {**resource, "performer": places},
            node,
            scene,
            ("occurrenceDateTime", "occurrenceString", "recorded"),
            "performer",
        ),
        vaccine=concept(element(resource, "vaccineCode")),
        infections=[known for one in protocol for known in labels(one, "targetDisease")],
        dose_number=joined(
            text(one, name) for one in protocol for name in ("doseNumberPositiveInt", "doseNumberString")
        ),
        lot=text(resource, "lotNumber"),
        manufacturer=named.name if named else text(maker, "display"),
        reaction=joined(_reaction(one, resource, scene) for one in elements(resource, "reaction")),
    )


def _reaction(one: Resource, owner: Resource, scene: Scene) -> str | None:
    seen = scene.graph.get(element(one, "detail"), owner) or {}
    return (
        text(element(one, "detail"), "display")
        or concept(element(seen, "valueCodeableConcept"))
        or text(seen, "valueString")
    )


def prescription(resource: Resource, node: Node, scene: Scene) -> models.Prescription:
    """A MedicationRequest, or a MedicationStatement: that too names a medicine somebody ordered, but is no recipe."""
    number = identifier(element(resource, "groupIdentifier")) or identifier(resource.get("identifier"))
    doses = elements(resource, "dosageInstruction") or elements(resource, "dosage")
    supply = element(resource, "dispenseRequest")
    dates = ("authoredOn", "effectiveDateTime", "effectivePeriod", "dateAsserted")
    shared = _shared(resource, node, scene, dates, "requester", "recorder", "informationSource")
    found = models.Prescription(
        **shared | {"status": STATUSES.get(text(resource, "status") or "")},
        type=_paper(resource, number),
        number=number,
        medicine=concept(_medicine(resource, scene)),
        form=_form(resource, scene),
        dose=joined(amount(element(one, "doseAndRate", "doseQuantity")) for one in doses),
        instructions=joined(text(one, "text") or text(one, "patientInstruction") for one in doses),
        quantity=amount(element(supply, "quantity")),
        expires_on=text(supply, "validityPeriod", "end"),
    )
    return expired(found, scene.today)


def expired(found: models.Prescription, today: str | None) -> models.Prescription:
    """The prescription as it stands today: R4 has no status for one whose time has run out."""
    if (
        found.status == "active"
        and found.expires_on
        and today
        and found.expires_on[:10] < today[: len(found.expires_on)]
    ):
        return replace(found, status="expired")
    return found


def _paper(resource: Resource, number: str | None) -> str:
    if text(resource, "resourceType") != "MedicationRequest":
        return "order"
    blank = any("рецепт" in kind.casefold() for kind in labels(resource, "category"))
    return "recipe" if number or blank else "order"


def _medicine(resource: Resource, scene: Scene) -> Resource:
    """R5 puts the concept or the reference into one element."""
    pointer = element(resource, "medicationReference") or element(resource, "medication", "reference")
    told = element(resource, "medicationCodeableConcept") or element(resource, "medication", "concept")
    return told or scene.concept_at(pointer, resource)


def _form(resource: Resource, scene: Scene) -> str | None:
    medication = scene.graph.get(element(resource, "medicationReference"), resource) or {}
    return concept(element(medication, "form"))


def access(resource: Resource, scene: Scene) -> models.Access | None:
    """Who looked at the card; an entry without a time says nothing."""
    at = text(resource, "recorded") or when(resource, "period")
    if at is None:
        return None
    agents = elements(resource, "agent")
    agent = next((one for one in agents if one.get("requestor") is True), agents[0] if agents else {})
    pointer = element(agent, "who")
    doctor, place = scene.doctor(pointer, resource), scene.clinic(pointer, resource)
    source = scene.clinic(element(resource, "source", "observer"), resource)
    return models.Access(
        at=at,
        who=text(agent, "name") or (doctor.name if doctor else None) or text(pointer, "display"),
        organisation=place.name if place else source.name if source else None,
        what=_what(resource),
        basis=joined(dict.fromkeys([*labels(resource, "purposeOfEvent"), *labels(agent, "purposeOfUse")])),
    )


def _what(resource: Resource) -> str | None:
    seen = joined(
        text(one, "description") or text(one, "name") or text(one, "what", "display")
        for one in elements(resource, "entity")
    )
    kinds = [*elements(resource, "subtype"), *elements(resource, "type")]
    return seen or next(filter(None, (text(one, "display") or text(one, "code") for one in kinds)), None)
