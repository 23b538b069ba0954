"""The people and organisations of a record: Patient, Organization, Practitioner, PractitionerRole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from emkcli.mock.clinics import hospital_of
from emkcli.mock.medical.scene import STAFF, Scene
from emkcli.mock.medical.shape import OMS, SNILS, Resource, at, concept, hl7, identifier, reference, resource

# Directory entries are the same in every record, so their version must not depend on the person.
_DIRECTORY = at(date(2016, 1, 11), 9)


def parties(scene: Scene) -> Iterator[Resource]:
    """Who a record refers to, the patient first."""
    yield _patient(scene)
    yield _organization(scene.clinic)
    yield _organization(hospital(scene))
    for doctor in scene.doctors:
        yield from _practitioner(doctor["id"], doctor["name"], doctor["specialty"], scene)
    for prefix, specialty, name in STAFF.values():
        yield from _practitioner(f"d-{prefix}-{scene.clinic['id']}", name, specialty, scene)


def hospital(scene: Scene) -> dict[str, Any]:
    """Where the person would be taken to."""
    clinic = hospital_of(scene.clinic["district"], scene.seed)
    names = ("id", "oid", "name", "phone", "address", "kind")
    return {name: getattr(clinic, name) for name in names}


def _numbers(person: dict[str, Any]) -> list[Resource]:
    numbers = [(SNILS, "".join(filter(str.isdigit, person.get("snils") or ""))), (OMS, person.get("oms_policy") or "")]
    return [identifier(system, value) for system, value in numbers if value]


def _patient(scene: Scene) -> Resource:
    person = scene.person
    given = [name for name in (person["first_name"], person.get("middle_name")) if name]
    return resource(
        "Patient",
        scene.id,
        at(max(scene.start, scene.birth), 9),
        identifier=_numbers(person),
        active=True,
        name=[{"use": "official", "text": _full_name(person), "family": person["last_name"], "given": given}],
        telecom=[{"system": "phone", "value": person["phone"], "use": "mobile"}] if person.get("phone") else None,
        gender=person["sex"],
        birthDate=person["birth_date"],
        address=[{"use": "home", "text": person["address"], "country": "RU"}] if person.get("address") else None,
        generalPractitioner=[scene.practitioner(scene.family_doctor())],
        managingOrganization=scene.organization(),
    )


def _full_name(person: dict[str, Any]) -> str:
    return " ".join(filter(None, (person["last_name"], person["first_name"], person.get("middle_name"))))


def _organization(clinic: dict[str, Any]) -> Resource:
    return resource(
        "Organization",
        clinic["id"],
        _DIRECTORY,
        identifier=[identifier("urn:ietf:rfc:3986", f"urn:oid:{clinic['oid']}")],
        active=True,
        type=[hl7("organization-type", "prov", "Медицинская организация")],
        name=clinic["name"],
        telecom=[{"system": "phone", "value": clinic["phone"], "use": "work"}],
        address=[{"use": "work", "text": clinic["address"], "city": "Москва", "country": "RU"}],
    )


def _practitioner(ident: str, name: str, specialty: str, scene: Scene) -> Iterator[Resource]:
    family, *given = name.split()
    yield resource(
        "Practitioner",
        ident,
        _DIRECTORY,
        active=True,
        name=[{"use": "official", "text": name, "family": family, "given": given}],
        qualification=[{"code": concept(specialty)}],
    )
    yield resource(
        "PractitionerRole",
        f"role-{ident}",
        _DIRECTORY,
        active=True,
        practitioner=reference("Practitioner", ident, name),
        organization=scene.organization(),
        code=[hl7("practitioner-role", "doctor", "Врач")],
        specialty=[concept(specialty)],
    )
