"""What crosses a layer: the documents of the portal and the records of the card, as the JSON contract names them.

Unknown fields are ignored and unknown enum values pass through: a newer server must not break an older client.
Times are ISO 8601 strings as the server sent them (a FHIR date may be partial: `2015`, `2015-03`). Medical values,
units, ranges and flags are the source's own text.
"""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """A frozen value; schemas are built when first used, so importing this module stays cheap."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
    kind: ClassVar[str] = ""


class Named(Model):
    """A thing by its id and name: a clinic, a service, a person."""

    id: str
    name: str


class DoctorRef(Named):
    specialty: str | None = None


class Author(Model):
    name: str
    specialty: str | None = None


class Coding(Model):
    code: str | None = None
    system: str | None = None
    display: str | None = None


class FileSource(Model):
    """Where an imported record came from; `version` is the document's own, `sha256` of the bytes read."""

    file: str
    document_id: str | None = None
    version: str | None = None
    sha256: str


Source = str | FileSource
"""`server`, or the file a record was read from."""


# The portal


class Verification(Model):
    status: str
    uploaded: list[str] = []
    expected_by: str | None = None
    reason: str | None = None


class Account(Model):
    """The portal account; `snils` and `phone` are masked by the server."""

    kind: ClassVar[str] = "account"
    id: str
    trust: str
    name: str
    snils: str | None = None
    phone: str | None = None
    verification: Verification | None = None
    next: str | None = None


class Challenge(Model):
    """A code sent or bytes to sign; `data` is base64. Never printed."""

    id: str
    method: str
    expires_at: str
    phone: str | None = None
    resend_after: str | None = None
    attempts_left: int | None = None
    data: str | None = None


class Tokens(Model):
    """An OAuth token answer; its repr shows no secret. `obtained_at` and `expires_at` are seconds of the server's clock."""

    access_token: str = Field(repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    token_type: str = "Bearer"
    expires_in: int | None = None
    expires_at: float | None = None
    scope: str = ""
    patient: str | None = None
    trust: str | None = None


class Registration(Model):
    account: Account
    tokens: Tokens


class Person(Model):
    kind: ClassVar[str] = "person"
    id: str
    name: str
    relation: str
    birth_date: str | None = None
    access_until: str | None = None
    application_status: str | None = None


class Service(Model):
    kind: ClassVar[str] = "service"
    id: str
    title: str
    region: str | None = None
    connected: bool = False
    pinned: bool = False


class Consent(Model):
    kind: ClassVar[str] = "consent"
    id: str
    service: str
    title: str
    text: str
    version: str
    sha256: str
    status: str
    accepted_at: str | None = None
    revoked_at: str | None = None
    receipt: str | None = None


class Clinic(Model):
    kind: ClassVar[str] = "clinic"
    id: str
    oid: str | None = None
    name: str
    short_name: str | None = None
    address: str | None = None
    district: str | None = None
    phone: str | None = None
    accepts: list[str] = []
    distance_km: float | None = None
    approximate: bool | None = None


class Doctor(Model):
    kind: ClassVar[str] = "doctor"
    id: str
    name: str
    specialty: str | None = None
    specialty_code: str | None = None
    clinic: Named | None = None
    panel_open: bool | None = None


class Step(Model):
    """One line of an application's history."""

    at: str
    status: str
    status_name: str
    comment: str | None = None


class Application(Model):
    """«Заявка»: `status` draft, submitted, in_progress, activated, refused or cancelled; `status_name` is the portal's word."""

    kind: ClassVar[str] = "application"
    id: str
    service: Named | None = None
    person: Named | None = None
    status: str
    status_name: str
    clinic: Named | None = None
    doctor: DoctorRef | None = None
    submitted_at: str | None = None
    expected_by: str | None = None
    activated_at: str | None = None
    reason: str | None = None
    history: list[Step] = []
    next: str | None = None


class Request(Model):
    kind: ClassVar[str] = "request"
    id: str | None = None
    type: str = Field(default="prescription", alias="kind", serialization_alias="kind")
    status: str
    medicine: str | None = None
    comment: str | None = None
    created_at: str | None = None
    doctor: DoctorRef | None = None
    clinic: Named | None = None
    result_id: str | None = None


class RecordRef(Model):
    id: str
    kind_: str = Field(alias="kind", serialization_alias="kind")


class Transfer(Model):
    kind: ClassVar[str] = "transfer"
    id: str | None = None
    to: Named
    records: list[RecordRef] = []
    created_at: str | None = None
    expires_at: str | None = None
    revoked_at: str | None = None
    status: str
    receipt: str | None = None


class Profile(Model):
    kind: ClassVar[str] = "profile"
    person: Named | None = None
    name: str
    birth_date: str | None = None
    phone: str | None = None
    email: str | None = None
    registration_address: str | None = None
    residence_address: str | None = None
    clinic: Named | None = None
    doctor: DoctorRef | None = None


class ProfileChange(Model):
    """The profile as it is now, and the challenge when a new phone waits for its code."""

    profile: Profile
    challenge: Challenge | None = None


class Contact(Model):
    name: str
    phone: str | None = None


class Notification(Model):
    kind: ClassVar[str] = "notification"
    id: str
    at: str
    channel: str
    title: str
    text: str
    read: bool = False
    contact: Contact | None = None


class Next(Model):
    """The one command that comes next, and why."""

    kind: ClassVar[str] = "next"
    command: str
    why: str


# The card


class Record(Model):
    """One record of the card; `id` is unique across the card and stable, `status` is as sent."""

    id: str
    date: str | None = None
    clinic: Named | None = None
    doctor: DoctorRef | None = None
    status: str | None = None
    source: Source = "server"


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
    computed from a numeric range of the same unit only, else null."""

    kind: ClassVar[str] = "lab_result"
    id: str
    report_id: str | None = None
    collected_at: str | None = None
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
    clinic: Named | None = None
    doctor: DoctorRef | None = None
    status: str | None = None
    source: Source = "server"

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
    type: str | None = Field(default=None, alias="kind", serialization_alias="kind")
    title: str | None = None
    description: str | None = None
    conclusion: str | None = None


class Prescription(Record):
    """FHIR MedicationRequest; `status` active, dispensed, expired, cancelled or null."""

    kind: ClassVar[str] = "prescription"
    type: str | None = Field(default=None, alias="kind", serialization_alias="kind")
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
    """Диспансеризация and preventive examinations."""

    kind: ClassVar[str] = "prevention"
    type: str | None = Field(default=None, alias="kind", serialization_alias="kind")
    health_group: str | None = None
    conclusion: str | None = None
    recommendations: list[str] = []
    next_due: str | None = None


class DocumentPatient(Model):
    name: str | None = None
    birth_date: str | None = None
    snils: str | None = Field(default=None, repr=False)


class Section(Model):
    title: str | None = None
    text: str


class Signature(Model):
    """`valid` is null when nobody checked."""

    present: bool
    signer: str | None = None
    valid: bool | None = None


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
    type: str | None = Field(default=None, alias="kind", serialization_alias="kind")
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


class Due(Model):
    """Something with a date ahead: an examination, the end of a prescription."""

    date: str
    what: str
    record_id: str | None = None


class Summary(Model):
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


# What the tool reports about its own work


class WrittenFile(Model):
    path: str
    bytes: int
    sha256: str


class Missing(Model):
    """What an export, import or sync could not bring, and why."""

    what: str
    why: str


class ExportResult(Model):
    kind: ClassVar[str] = "export_result"
    format: str
    files: list[WrittenFile] = []
    records: dict[str, int] = {}
    complete: bool = True
    missing: list[Missing] = []
    manifest: str | None = None


class ImportResult(Model):
    """One per document: `added`, `duplicate`, `superseded`, `other_person`, `unsupported` or `failed`."""

    kind: ClassVar[str] = "import_result"
    file: str
    status: str
    reason: str | None = None
    document_id: str | None = None
    type: str | None = None
    title: str | None = None
    date: str | None = None
    records: dict[str, int] = {}


class Raw(Model):
    """A record's own bytes as the source sent them; `patient` owns it."""

    id: str
    media_type: str
    content: bytes = Field(repr=False)
    fetched_at: str | None = None
    data: dict[str, Any] | None = Field(default=None, repr=False)


CARD = (
    Visit,
    LabResult,
    Study,
    Prescription,
    Vaccination,
    Prevention,
    Document,
    Diagnosis,
    Allergy,
    Vital,
    Referral,
)
"""The eleven lists of the card."""
