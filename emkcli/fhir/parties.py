"""Who a record speaks of: the patient, physicians and clinics, each once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from emkcli.fhir.building import filled
from emkcli.fhir.elements import Resource
from emkcli.fhir.references import fhir_id, identifiers, inner_reference, reference


@dataclass
class Parties:
    """`patient` is the id of the person; `met` are those that the records named so far, by `Type/id`. Every method takes
    a record."""

    patient: str
    met: dict[str, Resource] = field(default_factory=dict)

    @property
    def subject(self) -> Resource:
        """The patient."""
        return reference("Patient", self.patient)

    def doctor(self, record: Any) -> Resource | None:
        """The physician as a Practitioner."""
        doctor = record.doctor
        if not doctor:
            return None
        specialty = filled(code=filled(text=doctor.specialty))
        stated = {"name": [{"text": doctor.name}], "qualification": [specialty] if specialty else None}
        return self._meet("Practitioner", doctor.id, identifier=identifiers(doctor.id), **stated)

    def clinic(self, record: Any) -> Resource | None:
        """The clinic as an Organization."""
        clinic = record.clinic
        if not clinic:
            return None
        return self._meet("Organization", clinic.id, identifier=identifiers(clinic.id), name=clinic.name)

    def performers(self, record: Any) -> list[Resource]:
        """Both, where an element may be repeated."""
        return [party for party in (self.doctor(record), self.clinic(record)) if party]

    def recorder(self, record: Any) -> tuple[Resource | None, list[Resource]]:
        """Both in one, where R4 has room for a person alone: a Reference, and the PractitionerRole to contain that it
        leads to, of the physician at the clinic or of whoever it was there."""
        doctor, clinic = self.doctor(record), self.clinic(record)
        if not clinic:
            return doctor, []
        role = filled(resourceType="PractitionerRole", id="role", practitioner=doctor, organization=clinic)
        return inner_reference(role), [role]

    def requester(self, record: Any) -> tuple[Resource | None, list[Resource]]:
        """The same where R4 takes a clinic as well."""
        return self.recorder(record) if record.doctor else (self.clinic(record), [])

    def _meet(self, kind: str, ident: str, **stated: Any) -> Resource:
        party = reference(kind, ident)
        resource = {"resourceType": kind, "id": fhir_id(ident), **filled(**stated)}
        self.met.setdefault(party["reference"], resource)
        return party
