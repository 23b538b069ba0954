"""Who looked at the record: AuditEvents of the last three years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from emkcli.mock.medical.plan import Visit
from emkcli.mock.medical.scene import Scene
from emkcli.mock.medical.shape import Resource, coding, concept, hl7, resource

_YEARS = 3
_BASES = {
    "care": ("TREAT", "Оказание медицинской помощи"),
    "expert": ("HQUALIMP", "Контроль качества медицинской помощи"),
    "self": ("PATRQT", "Обращение пациента (законного представителя) к своей карте"),
}


def access(scene: Scene, visits: list[Visit]) -> Iterator[Resource]:
    """The attending physician before every visit, the patient after some, an expert rarely."""
    first = scene.until - timedelta(days=365 * _YEARS)
    for number, visit in enumerate(visit for visit in visits if visit.day >= first):
        yield _event(scene, visit.start - timedelta(minutes=3), "care", scene.practitioner(visit.doctor))
        if number % 3 == 1:
            yield _event(scene, visit.end + timedelta(hours=5), "self", scene.subject() | {"display": "Пациент"})
        if number % 11 == 6:
            expert = scene.practitioner(scene.doctors[-1])
            yield _event(scene, visit.end + timedelta(days=1), "expert", expert)


def _event(scene: Scene, when: datetime, purpose: str, viewer: Resource) -> Resource:
    code, basis = _BASES[purpose]
    recorded = scene.settled(when)
    return resource(
        "AuditEvent",
        scene.new_id("access"),
        recorded,
        type=coding("http://dicom.nema.org/resources/ontology/DCM", "110110", "Patient Record"),
        subtype=[coding("http://hl7.org/fhir/restful-interaction", "read", "read")],
        action="R",
        recorded=recorded.isoformat(),
        outcome="0",
        purposeOfEvent=[hl7("v3-ActReason", code, basis)],
        agent=[{"who": viewer, "requestor": True, "purposeOfUse": [concept(basis)]}],
        source={"observer": scene.organization()},
        entity=[{"what": scene.subject(), "description": "Электронная медицинская карта"}],
    )
