"""Who a record speaks of: the patient, physicians and clinics, each once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from emkcli.api.making.elements import filled, ident, moment, reference
from emkcli.api.mapping.elements import Resource
from emkcli.api.mapping.people import Identity

SNILS, OMS = "https://fhir.ru/ig/core/systems/snils", "https://fhir.ru/ig/core/systems/oms"
SYSTEMS = {"1.2.643.100.3": SNILS, SNILS: SNILS, "urn:emk:oms-policy": OMS, OMS: OMS}
"""What a document calls the two numbers → RU Core."""
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")


def patient(name: str, identity: Identity) -> Resource:
    """Of a date of birth that is no date, nothing is said."""
    names = filled(text=identity.name, family=identity.family, given=list(identity.given))
    return filled(
        resourceType="Patient",
        id=ident(name),
        identifier=[_number(system, value) for system, value in identity.identifiers],
        name=[names] if names else None,
        gender=identity.sex if identity.sex in ("male", "female", "other", "unknown") else None,
        birthDate=(moment(identity.birth_date) or "")[:10],
    )


@dataclass
class Parties:
    """`patient` is the id of the person; `met` are those that the records named so far."""

    patient: str
    met: dict[str, Resource] = field(default_factory=dict)

    @property
    def subject(self) -> Resource:
        return reference("Patient", self.patient)

    def doctor(self, record: Any) -> Resource | None:
        found = record.doctor
        if not found:
            return None
        numbers, skills = _numbered(found.id), filled(code=filled(text=found.specialty))
        named = filled(identifier=numbers, name=[{"text": found.name}], qualification=[skills] if skills else None)
        return self._meet("Practitioner", found.id, named)

    def clinic(self, record: Any) -> Resource | None:
        found = record.clinic
        return (
            self._meet("Organization", found.id, filled(identifier=_numbered(found.id), name=found.name))
            if found
            else None
        )

    def all(self, record: Any) -> list[Resource]:
        return [one for one in (self.doctor(record), self.clinic(record)) if one]

    def _meet(self, kind: str, name: str, told: Resource) -> Resource:
        found = reference(kind, name)
        self.met.setdefault(found["reference"], {"resourceType": kind, "id": ident(name), **told})
        return found


def _number(system: str, value: str) -> Resource:
    """СНИЛС as digits, the way RU Core has it; a system that is an OID is written as one."""
    known = SYSTEMS.get(system)
    if known == SNILS:
        value = re.sub(r"\D", "", value) or value
    return filled(system=known or _system(system), value=value)


def _system(name: str) -> str | None:
    if _OID.fullmatch(name):
        return f"urn:oid:{name}"
    return name if name and not re.search(r"\s", name) else None


def _numbered(name: str) -> list[Resource]:
    """`root^extension` of a document, or the OID of a clinic."""
    root, _mark, extension = name.partition("^")
    if not _OID.fullmatch(root):
        return []
    return [{"system": f"urn:oid:{root}", "value": extension}] if extension else [_oid(root)]


def _oid(root: str) -> Resource:
    return {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{root}"}


def numbered(name: str | None) -> Resource | None:
    """The same of a document."""
    return next(iter(_numbered(name or "")), None)
