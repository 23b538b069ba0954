"""Patient ↔ whose card it is."""

from __future__ import annotations

import re

from emkcli import models
from emkcli.fhir.building import fhir_date, filled
from emkcli.fhir.elements import Resource, elements, text, texts
from emkcli.fhir.identity import Identity
from emkcli.fhir.references import OID, fhir_id
from emkcli.fhir.scene import human_name

SNILS, OMS = "https://fhir.ru/ig/core/systems/snils", "https://fhir.ru/ig/core/systems/oms"
SYSTEMS = {"1.2.643.100.3": SNILS, SNILS: SNILS, "urn:emk:oms-policy": OMS, OMS: OMS}
"""What a document calls the two numbers → RU Core."""
_GENDERS = ("male", "female", "other", "unknown")


def identity_of(patient: Resource) -> Identity:
    """Name, birth date, sex, identifiers, and whether the person died."""
    numbers = {
        ((text(number, "system") or "").removeprefix("urn:oid:"), value)
        for number in elements(patient, "identifier")
        if (value := text(number, "value"))
    }
    best = min(elements(patient, "name"), key=lambda name: text(name, "use") != "official", default={})
    return Identity(
        name=human_name(patient),
        family=text(best, "family"),
        given=tuple(texts(best, "given")),
        birth_date=text(patient, "birthDate"),
        sex=text(patient, "gender"),
        deceased=_deceased(patient),
        told_at=text(patient, "meta", "lastUpdated"),
        identifiers=tuple(sorted(numbers)),
    )


def to_fhir(ident: str, identity: Identity) -> Resource:
    """Of a date of birth that is no date, nothing is said."""
    name = filled(text=identity.name, family=identity.family, given=list(identity.given))
    return filled(
        resourceType="Patient",
        id=fhir_id(ident),
        identifier=[_identifier(system, value) for system, value in identity.identifiers],
        name=[name] if name else None,
        gender=identity.sex if identity.sex in _GENDERS else None,
        birthDate=(fhir_date(identity.birth_date) or "")[:10],
    )


def person_of(patient: Resource, ident: str) -> models.Person:
    """The person as the envelope names it; oneself, as a FHIR server knows no relation."""
    name = human_name(patient) or ident
    born, sex = text(patient, "birthDate"), text(patient, "gender")
    return models.Person(id=ident, name=name, relation="self", birth_date=born, sex=sex, deceased=_deceased(patient))


def _deceased(patient: Resource) -> str | None:
    """When the person died, else that they did."""
    return text(patient, "deceasedDateTime") or ("true" if text(patient, "deceasedBoolean") == "true" else None)


def _identifier(system: str, value: str) -> Resource:
    """СНИЛС as digits, the way RU Core has it; a system that is an OID is written as one."""
    address = SYSTEMS.get(system)
    if address == SNILS:
        value = re.sub(r"\D", "", value) or value
    return filled(system=address or _address(system), value=value)


def _address(system: str) -> str | None:
    if OID.fullmatch(system):
        return f"urn:oid:{system}"
    return system if system and not re.search(r"\s", system) else None
