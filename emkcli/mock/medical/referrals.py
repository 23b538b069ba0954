"""Referrals: ServiceRequest from the family doctor to a specialist or to hospital."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from emkcli.mock.medical.parties import hospital
from emkcli.mock.medical.plan import Visit
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import (
    NSI_DOCUMENTS,
    OWN,
    Resource,
    at,
    coding,
    concept,
    diagnosis_code,
    identifier,
    reference,
    resource,
)


def referrals(scene: Scene, visits: list[Visit]) -> Iterator[Resource]:
    """Whoever saw a specialist for the first time, or lay in hospital, had been sent there."""
    family = scene.family_doctor()["id"]
    referred = [
        visit
        for visit in visits
        if visit.illness and visit.stage in ("first", "hospital") and visit.doctor["id"] != family
    ]
    for number, visit in enumerate(referred):
        yield _referral(scene, visit, number)


def _status(number: int) -> str:
    return "entered-in-error" if number % 17 == 9 else "revoked" if number % 7 == 3 else "completed"


def _referral(scene: Scene, visit: Visit, number: int) -> Resource:
    written = max(visit.start - timedelta(days=7), at(scene.start, 8))
    inpatient, illness = visit.stage == "hospital", visit.illness
    code = ("3", "Направление на госпитализацию") if inpatient else ("57", "Направление на консультацию")
    ident = scene.new_id("referral")
    place = hospital(scene)
    performer = reference("Organization", place["id"], place["name"]) if inpatient else scene.practitioner(visit.doctor)
    goal = "Плановая госпитализация" if inpatient else f"Консультация: {visit.doctor['specialty'].lower()}"
    return resource(
        "ServiceRequest",
        ident,
        written,
        identifier=[identifier(OWN + "referral-number", ident)],
        status=_status(number),
        intent="order",
        category=[concept(code[1], coding(NSI_DOCUMENTS, *code))],
        priority="routine",
        code=concept(goal),
        subject=scene.subject(),
        encounter=reference("Encounter", visit.id),
        occurrencePeriod={"start": str(written.date()), "end": str(written.date() + timedelta(days=30))},
        authoredOn=written.isoformat(),
        requester=scene.practitioner(scene.family_doctor()),
        performer=[performer],
        reasonCode=[diagnosis_code(illness.code, illness.display)] if illness else None,
    )
