"""AuditEvent → who looked at the card. Only servers keep such a log, so nothing is ever made of a record of it."""

from __future__ import annotations

from emkcli import models
from emkcli.fhir.elements import Resource, element, elements, joined, labels, text, when
from emkcli.fhir.scene import Scene


def from_fhir(resource: Resource, scene: Scene) -> models.Access | None:
    """None for an entry without a time, which says nothing."""
    at = text(resource, "recorded") or when(resource, "period")
    if at is None:
        return None
    agents = elements(resource, "agent")
    agent = next((candidate for candidate in agents if candidate.get("requestor") is True), agents[0] if agents else {})
    who = element(agent, "who")
    doctor, clinic = scene.doctor(who, resource), scene.clinic(who, resource)
    observer = scene.clinic(element(resource, "source", "observer"), resource)
    return models.Access(
        at=at,
        who=text(agent, "name") or (doctor.name if doctor else None) or text(who, "display"),
        organisation=clinic.name if clinic else observer.name if observer else None,
        what=_what(resource),
        basis=joined(dict.fromkeys([*labels(resource, "purposeOfEvent"), *labels(agent, "purposeOfUse")])),
    )


def _what(resource: Resource) -> str | None:
    looked_at = joined(
        text(entity, "description") or text(entity, "name") or text(entity, "what", "display")
        for entity in elements(resource, "entity")
    )
    kinds = [*elements(resource, "subtype"), *elements(resource, "type")]
    return looked_at or next(filter(None, (text(kind, "display") or text(kind, "code") for kind in kinds)), None)
