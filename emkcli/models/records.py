"""The records of the card."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from msgspec import UNSET

from emkcli.models.elements import Author, Coding, DoctorRef, Model, Named, Source, Sources, shown
from emkcli.models.portal import Person


class Record(Model):
    """One record of the card; `id` is unique across the card and stable, `status` is as sent; `date_text` is the date
    as the source wrote it where `date` cannot say the same."""

    id: str
    date: str | None = None
    date_text: str | None = None
    clinic: Named | None = None
    doctor: DoctorRef | None = None
    status: str | None = None
    source: Source = "server"
    sources: Sources = UNSET


class Visit(Record):
    """FHIR Encounter."""

    kind: ClassVar[str] = "visit"
    reason: str | None = None
    diagnoses: list[Coding] = []
    conclusion: str | None = None
    recommendations: str | None = None


class Reference(Model):
    """A reference range as sent: strings, never recomputed."""

    low: str | None = None
    high: str | None = None
    text: str | None = None


class LabResult(Model):
    """FHIR Observation of a laboratory. `value` is the source's text; `flag` the HL7 code as sent; `out_of_range` is
    computed from a numeric range of the same unit only, else null; `method` how it was measured, where that was said."""

    kind: ClassVar[str] = "lab_result"
    id: str
    report_id: str | None = None
    collected_at: str | None = None
    collected_at_text: str | None = None
    analyte: str | None = None
    code: str | None = None
    code_system: str | None = None
    value: str | None = None
    value_number: float | None = None
    unit: str | None = None
    unit_code: str | None = None
    reference: Reference | None = None
    flag: str | None = None
    out_of_range: bool | None = None
    specimen: str | None = None
    method: str | None = None
    panel: str | None = None
    comment: str | None = None
    clinic: Named | None = None
    doctor: DoctorRef | None = None
    status: str | None = None
    source: Source = "server"
    sources: Sources = UNSET

    @property
    def date(self) -> str | None:
        return self.collected_at

    @property
    def abnormal(self) -> bool:
        """A flag other than `N`, or without a flag a value out of its range."""
        return self.flag != "N" if self.flag else bool(self.out_of_range)


class Study(Record):
    """FHIR DiagnosticReport that is no laboratory report: ЭКГ, флюорография, УЗИ."""

    kind: ClassVar[str] = "study"
    type: str | None = msgspec.field(default=None, name="kind")
    title: str | None = None
    description: str | None = None
    conclusion: str | None = None


class Prescription(Record):
    """FHIR MedicationRequest; `status` active, dispensed, expired, cancelled or null."""

    kind: ClassVar[str] = "prescription"
    type: str | None = msgspec.field(default=None, name="kind")
    number: str | None = None
    medicine: str | None = None
    form: str | None = None
    dose: str | None = None
    instructions: str | None = None
    quantity: str | None = None
    expires_on: str | None = None


class Vaccination(Record):
    """FHIR Immunization."""

    kind: ClassVar[str] = "vaccination"
    vaccine: str | None = None
    infections: list[str] = []
    dose_number: str | None = None
    lot: str | None = None
    manufacturer: str | None = None
    reaction: str | None = None


class Prevention(Record):
    """Диспансеризация, preventive examinations, and the vaccinations that are due (FHIR ImmunizationRecommendation)."""

    kind: ClassVar[str] = "prevention"
    type: str | None = msgspec.field(default=None, name="kind")
    health_group: str | None = None
    conclusion: str | None = None
    recommendations: list[str] = []
    next_due: str | None = None


class DocumentPatient(Model):
    name: str | None = None
    birth_date: str | None = None
    snils: str | None = None

    def __repr__(self) -> str:
        return shown(self, but={"snils"})


class Section(Model):
    title: str | None = None
    text: str


class Signature(Model):
    """`valid`: whether the signature is that of the document's bytes; null when nobody checked. The chain of the signer's
    certificate is never checked, as `certificate_checked` says."""

    present: bool
    signer: str | None = None
    valid: bool | None = None
    certificate_checked: bool = False


class Document(Record):
    """FHIR DocumentReference or Composition; a СЭМД."""

    kind: ClassVar[str] = "document"
    type: str | None = None
    type_code: str | None = None
    title: str | None = None
    author: Author | None = None
    patient: DocumentPatient | None = None
    diagnoses: list[Coding] = []
    sections: list[Section] = []
    version: str | None = None
    signature: Signature | None = None


class Diagnosis(Record):
    """FHIR Condition."""

    kind: ClassVar[str] = "diagnosis"
    code: str | None = None
    system: str | None = None
    display: str | None = None
    type: str | None = msgspec.field(default=None, name="kind")
    document_id: str | None = None


class Allergy(Record):
    """FHIR AllergyIntolerance."""

    kind: ClassVar[str] = "allergy"
    code: str | None = None
    display: str | None = None


class Vital(Record):
    """FHIR Observation of vital signs."""

    kind: ClassVar[str] = "vital"
    code: str | None = None
    display: str | None = None
    value: str | None = None
    unit: str | None = None


class Referral(Record):
    """FHIR ServiceRequest."""

    kind: ClassVar[str] = "referral"
    code: str | None = None
    display: str | None = None


class Access(Model):
    """FHIR AuditEvent: who looked at the card."""

    kind: ClassVar[str] = "access"
    at: str
    who: str | None = None
    organisation: str | None = None
    what: str | None = None
    basis: str | None = None


class Missing(Model):
    """What an export, import, sync or summary could not bring, and why."""

    what: str
    why: str


class Due(Model):
    """Something with a date ahead: an examination, the end of a prescription."""

    date: str
    what: str
    record_id: str | None = None


class Summary(Model):
    """`missing`: lists that could not be read, so that what is made of them lacks something."""

    kind: ClassVar[str] = "summary"
    person: Person | Named | None = None
    clinic: Named | None = None
    doctor: DoctorRef | None = None
    diagnoses: list[Diagnosis] = []
    allergies: list[Allergy] = []
    medicines: list[Prescription] = []
    labs_out_of_range: list[LabResult] = []
    vaccinations: list[Vaccination] = []
    due: list[Due] = []
    missing: list[Missing] = []


CATEGORIES: dict[str, type[Model]] = {
    "visits": Visit,
    "labs": LabResult,
    "studies": Study,
    "prescriptions": Prescription,
    "vaccinations": Vaccination,
    "prevention": Prevention,
    "documents": Document,
    "diagnoses": Diagnosis,
    "allergies": Allergy,
    "vitals": Vital,
    "referrals": Referral,
}
"""The eleven lists of the card: the word of the command, which is the method of the port, and its model."""
