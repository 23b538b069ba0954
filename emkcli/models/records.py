"""The records of the card."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import UNSET

from emkcli.models.document_parties import Address, Encounter, IdentityDocument, Order, Participant, ServiceEvent
from emkcli.models.elements import Author, Coding, DoctorRef, Model, Named, Source, Sources, shown
from emkcli.models.portal import Person
from emkcli.models.record_parts import Details, Dosage, Reaction


class Record(Model):
    """One record of the card; `id` is unique across the card and stable, `status` is as sent; `date_text` is the date
    as the source wrote it where `date` cannot say the same."""

    id: Annotated[str, "stable id of the record, unique across the card; `#n` numbers those of one resource"]
    date: Annotated[str | None, "when it happened, as the source wrote it (ISO 8601 of any precision)"] = None
    date_text: Annotated[str | None, "the date in the source's own words, where `date` cannot say the same"] = None
    clinic: Annotated[Named | None, "where: the clinic or department the source names"] = None
    doctor: Annotated[DoctorRef | None, "who: the physician the source names"] = None
    status: Annotated[str | None, "status as sent; cancelled and amended records are here too"] = None
    source: Annotated[Source, "server, or the file the record was imported from"] = "server"
    sources: Annotated[Sources, "places of a record that is in several, `source` first; else left out"] = UNSET
    details: Annotated[Details, "what the source says beside these fields, element by element; else left out"] = UNSET


class Visit(Record):
    """FHIR Encounter."""

    kind: ClassVar[str] = "visit"
    reason: Annotated[str | None, "why the person came (FHIR Encounter.reasonCode, reasonReference, else its type)"] = (
        None
    )
    diagnoses: Annotated[list[Coding], "diagnoses of the visit: code, system, display (FHIR Encounter.diagnosis)"] = []
    conclusion: Annotated[str | None, "conclusion of the protocol, as written (LOINC 51848-0)"] = None
    recommendations: Annotated[str | None, "recommendations of the protocol, as written (LOINC 18776-5)"] = None


class Reference(Model):
    """A reference range as sent: strings, never recomputed."""

    low: Annotated[str | None, "lower limit as sent (text)"] = None
    high: Annotated[str | None, "upper limit as sent (text)"] = None
    text: Annotated[str | None, "the range in words as sent, with whom it is for"] = None


class LabResult(Model):
    """FHIR Observation of a laboratory. `value` is the source's text; `flag` the HL7 code as sent; `out_of_range` is
    computed from a numeric range of the same unit only, also one in words, else null; `interpretation` is words where the
    source sent words."""

    kind: ClassVar[str] = "lab_result"
    id: Annotated[str, "stable id of the record, unique across the card; `#n` numbers those of one resource"]
    report_id: Annotated[str | None, "the laboratory report the result belongs to (FHIR DiagnosticReport)"] = None
    collected_at: Annotated[str | None, "when the specimen was taken, as sent (ISO 8601 of any precision)"] = None
    collected_at_text: Annotated[str | None, "that time in the source's words, where `collected_at` says less"] = None
    analyte: Annotated[str | None, "what was measured, in the laboratory's words (FHIR Observation.code)"] = None
    code: Annotated[str | None, "code of what was measured"] = None
    code_system: Annotated[str | None, "URI of the code's system (LOINC, ФСЛИ, …)"] = None
    value: Annotated[str | None, "the source's text, untouched (FHIR Observation.value[x])"] = None
    value_number: Annotated[float | None, "the value where it is a plain number, in `unit`; `<0.1` is none"] = None
    unit: Annotated[str | None, "unit as printed (FHIR Quantity.unit)"] = None
    unit_code: Annotated[str | None, "UCUM code of the unit, where sent (FHIR Quantity.code)"] = None
    reference: Annotated[Reference | None, "reference range as sent (FHIR Observation.referenceRange)"] = None
    flag: Annotated[str | None, "HL7 code as sent (`L`, `H`, `LL`, `HH`, `N`, `A`, …); null when none was sent"] = None
    interpretation: Annotated[str | None, "the interpretation in the source's words, when it sent words"] = None
    out_of_range: Annotated[bool | None, "computed from a numeric range of the same unit only; otherwise null"] = None
    specimen: Annotated[str | None, "what was examined, in the source's words (FHIR Specimen.type)"] = None
    method: Annotated[str | None, "how it was measured, where that was said (FHIR Observation.method)"] = None
    panel: Annotated[
        list[str], "the panels that the laboratory prints it in, the outermost first (СЭМД, FHIR Observation.hasMember)"
    ] = []
    comment: Annotated[str | None, "remarks, and why there is no value (FHIR note, dataAbsentReason)"] = None
    clinic: Annotated[Named | None, "where: the laboratory or clinic the source names"] = None
    doctor: Annotated[DoctorRef | None, "who: the physician the source names"] = None
    status: Annotated[str | None, "status as sent; cancelled and amended records are here too"] = None
    source: Annotated[Source, "server, or the file the record was imported from"] = "server"
    sources: Annotated[Sources, "places of a record that is in several, `source` first; else left out"] = UNSET
    details: Annotated[Details, "what the source says beside these fields, element by element; else left out"] = UNSET

    @property
    def date(self) -> str | None:
        return self.collected_at


class Study(Record, rename={"type": "kind"}):
    """FHIR DiagnosticReport that is more than the frame of a laboratory's results: ЭКГ, флюорография, УЗИ, histology."""

    kind: ClassVar[str] = "study"
    type: Annotated[str | None, "kind of study as sent (FHIR DiagnosticReport.category)"] = None
    title: Annotated[str | None, "what was done, in the source's words (FHIR DiagnosticReport.code)"] = None
    description: Annotated[str | None, "what was seen: the protocol as written"] = None
    conclusion: Annotated[str | None, "conclusion as written (FHIR DiagnosticReport.conclusion)"] = None


class Prescription(Record, rename={"type": "kind"}):
    """FHIR MedicationRequest or MedicationStatement; `status` active, dispensed, completed, stopped, on_hold, draft,
    prohibited, expired, cancelled or null."""

    kind: ClassVar[str] = "prescription"
    type: Annotated[str | None, "recipe; order for a medicine that is on none; statement that one is taken"] = None
    number: Annotated[str | None, "number of the prescription (FHIR MedicationRequest.groupIdentifier)"] = None
    medicine: Annotated[str | None, "the medicine as prescribed"] = None
    form: Annotated[str | None, "pharmaceutical form, in the source's words"] = None
    dose: Annotated[str | None, "one dose with its unit, as sent"] = None
    instructions: Annotated[str | None, "how to take it, as written; what came as structure alone in Russian words"] = (
        None
    )
    dosage: Annotated[list[Dosage], "how to take it, step by step (FHIR MedicationRequest.dosageInstruction)"] = []
    quantity: Annotated[str | None, "how much was prescribed, with its unit, as sent"] = None
    reason: Annotated[str | None, "what it is taken for, in the source's words (FHIR reasonCode, reasonReference)"] = (
        None
    )
    note: Annotated[str | None, "remarks, as sent (FHIR MedicationRequest.note)"] = None
    intent: Annotated[str | None, "order, proposal, plan, … as sent (FHIR MedicationRequest.intent)"] = None
    course: Annotated[
        str | None, "continuous, acute, seasonal, … as sent (FHIR MedicationRequest.courseOfTherapyType)"
    ] = None
    refills: Annotated[
        str | None, "how often it may be handed out again (FHIR dispenseRequest.numberOfRepeatsAllowed)"
    ] = None
    ends_on: Annotated[str | None, "last day of the course, where it has one"] = None
    expires_on: Annotated[str | None, "last day of the prescription (FHIR dispenseRequest.validityPeriod.end)"] = None


class Vaccination(Record):
    """FHIR Immunization."""

    kind: ClassVar[str] = "vaccination"
    vaccine: Annotated[str | None, "the vaccine as the source names it (FHIR Immunization.vaccineCode)"] = None
    dose: Annotated[str | None, "how much was given, with its unit, as sent (FHIR Immunization.doseQuantity)"] = None
    infections: Annotated[list[str], "what the vaccine protects from: a list of names"] = []
    dose_number: Annotated[str | None, "number of the dose as sent: `1`, `V2`, `R1`"] = None
    lot: Annotated[str | None, "lot of the vaccine"] = None
    manufacturer: Annotated[str | None, "who made the vaccine"] = None
    reaction: Annotated[str | None, "reaction to it, as written"] = None
    status_reason: Annotated[str | None, "why it was not given, in the source's words"] = None


class Prevention(Record, rename={"type": "kind"}):
    """Диспансеризация, preventive examinations, and the vaccinations that are due (FHIR ImmunizationRecommendation)."""

    kind: ClassVar[str] = "prevention"
    type: Annotated[str | None, "kind of examination or due vaccination, as sent"] = None
    health_group: Annotated[str | None, "health group as sent: I, II, IIIа, IIIб (Minzdrav order 404н)"] = None
    conclusion: Annotated[str | None, "conclusion as written"] = None
    recommendations: Annotated[list[str], "recommendations as written: a list of texts"] = []
    next_due: Annotated[str | None, "when the next one is due (ISO 8601 of any precision)"] = None


class DocumentPatient(Model):
    name: Annotated[str | None, "the patient's name as the document wrote it"] = None
    birth_date: Annotated[str | None, "date of birth (ISO 8601)"] = None
    snils: Annotated[str | None, "СНИЛС as the document wrote it"] = None
    sex: Annotated[str | None, "sex, in the source's words"] = None
    ids: Annotated[list[str], "what the clinic knows the patient by: root^extension"] = []
    contacts: Annotated[list[str], "telephone, e-mail and other contacts, as URIs"] = []
    addresses: Annotated[list[Address], "addresses"] = []
    birth_time: Annotated[str | None, "time of birth, where it was told (ISO 8601)"] = None
    birth_place: Annotated[Address | None, "where the patient was born"] = None
    documents: Annotated[list[IdentityDocument], "passport and policy"] = []

    def __repr__(self) -> str:
        return shown(self, but={"snils"})


class Fact(Model):
    """A clinical statement of a document, typed as far as the document types it."""

    section: Annotated[str | None, "kind of the section it stands in, in words"] = None
    id: Annotated[str | None, "its number in the document: root^extension"] = None
    name: Annotated[str | None, "what it is about, in words"] = None
    code: Annotated[str | None, "its code"] = None
    system: Annotated[str | None, "URI of the code's system"] = None
    values: Annotated[list[str], "what it says, with units, as sent"] = []
    date: Annotated[str | None, "when (ISO 8601)"] = None
    ends_at: Annotated[str | None, "until when (ISO 8601)"] = None
    negated: Annotated[bool, "whether it says that this is not so"] = False


class Section(Model):
    title: Annotated[str | None, "title of the section; null of one without"] = None
    text: Annotated[str, "plain text; paragraphs and rows of tables are lines"]


class Signature(Model):
    """`valid`: whether the signature is that of the document's bytes; null when nobody checked. The chain of the signer's
    certificate is never checked, as `certificate_checked` says."""

    present: Annotated[bool, "whether the document was signed"]
    signer: Annotated[str | None, "who signed: the name in the certificate"] = None
    valid: Annotated[bool | None, "whether it signs the document's very bytes; null when nobody checked"] = None
    certificate_checked: Annotated[bool, "whether the chain of the certificate was checked: never"] = False


class Document(Record):
    """FHIR DocumentReference or Composition; a СЭМД."""

    kind: ClassVar[str] = "document"
    type: Annotated[str | None, "type of the document, in the source's words"] = None
    type_code: Annotated[str | None, "code of the document's type (НСИ 1.2.643.5.1.13.13.11.1522)"] = None
    title: Annotated[str | None, "title as written"] = None
    author: Annotated[Author | None, "who wrote it"] = None
    patient: Annotated[DocumentPatient | None, "whose document it says it is"] = None
    diagnoses: Annotated[list[Coding], "diagnoses stated in it: code, system, display"] = []
    sections: Annotated[list[Section], "sections of the document: title, text"] = []
    version: Annotated[str | None, "version of the document"] = None
    edition: Annotated[str | None, "edition of a СЭМД (НСИ 1.2.643.5.1.13.13.11.1520)"] = None
    expires_on: Annotated[str | None, "last day of a certificate or referral, where it states one"] = None
    template: Annotated[str | None, "guide that it follows (ClinicalDocument.templateId)"] = None
    confidentiality: Annotated[str | None, "how confidential it is, in words"] = None
    language: Annotated[str | None, "its language"] = None
    participants: Annotated[list[Participant], "who wrote, signed, ordered, paid …"] = []
    encounter: Annotated[Encounter | None, "the case of care it belongs to"] = None
    services: Annotated[list[ServiceEvent], "what it is the protocol of"] = []
    orders: Annotated[list[Order], "referrals that it answers"] = []
    facts: Annotated[list[Fact], "the clinical statements of a СЭМД, in its order; `sections` says them in words"] = []
    signature: Annotated[Signature | None, "its electronic signature, where one is known"] = None


class Diagnosis(Record, rename={"type": "kind"}):
    """FHIR Condition."""

    kind: ClassVar[str] = "diagnosis"
    code: Annotated[str | None, "code of the diagnosis"] = None
    system: Annotated[str | None, "URI of the code's system (ICD-10, …)"] = None
    display: Annotated[str | None, "the diagnosis in words"] = None
    type: Annotated[str | None, "kind of diagnosis as sent (FHIR Condition.category)"] = None
    clinical_status: Annotated[str | None, "active, remission, resolved, … as sent"] = None
    verification_status: Annotated[str | None, "confirmed, provisional, refuted, … as sent"] = None
    severity: Annotated[str | None, "how severe it is, as sent (FHIR Condition.severity)"] = None
    onset: Annotated[str | None, "when it began: a date, `from/until`, an age (`40 a`, UCUM) or words, as sent"] = None
    abatement: Annotated[str | None, "when it ended, in the same forms, as sent"] = None
    note: Annotated[str | None, "remarks, as sent (FHIR Condition.note)"] = None
    document_id: Annotated[str | None, "the document the diagnosis stands in"] = None


class Allergy(Record):
    """FHIR AllergyIntolerance."""

    kind: ClassVar[str] = "allergy"
    code: Annotated[str | None, "code of the substance or the reaction"] = None
    display: Annotated[str | None, "what the person is allergic to, in words (FHIR AllergyIntolerance.code)"] = None
    category: Annotated[str | None, "food, medication, environment, biologic, as sent"] = None
    criticality: Annotated[
        str | None, "how dangerous another reaction may be: low, high, unable-to-assess, as sent"
    ] = None
    clinical_status: Annotated[str | None, "active, inactive, resolved, … as sent"] = None
    verification_status: Annotated[str | None, "confirmed, unconfirmed, refuted, … as sent"] = None
    reactions: Annotated[list[Reaction], "what it did: substance, manifestations, severity, date, note"] = []
    note: Annotated[str | None, "remarks, as sent (FHIR AllergyIntolerance.note)"] = None


class Procedure(Record, rename={"doctor": "performer"}):
    """FHIR Procedure; one that was not done or was entered in error is here too, and `status` says so."""

    kind: ClassVar[str] = "procedure"
    doctor: Annotated[DoctorRef | None, "who did it: the physician the source names as the performer"] = None
    code: Annotated[str | None, "code of what was done"] = None
    system: Annotated[str | None, "URI of the code's system (номенклатура 804н, SNOMED CT, …)"] = None
    display: Annotated[str | None, "what was done, in words (FHIR Procedure.code)"] = None
    reason: Annotated[str | None, "why it was done, or why not (FHIR reasonCode, statusReason)"] = None
    body_site: Annotated[str | None, "where on the body, in the source's words (FHIR Procedure.bodySite)"] = None
    outcome: Annotated[str | None, "what came of it, in the source's words (FHIR Procedure.outcome)"] = None
    note: Annotated[str | None, "remarks, complications and what is to follow, as written"] = None


class Vital(Record):
    """FHIR Observation of vital signs."""

    kind: ClassVar[str] = "vital"
    code: Annotated[str | None, "code of what was measured (LOINC, …)"] = None
    display: Annotated[str | None, "what was measured, in words"] = None
    value: Annotated[str | None, "the source's text, untouched"] = None
    unit: Annotated[str | None, "unit as printed"] = None
    reference: Annotated[Reference | None, "reference range as sent (FHIR Observation.referenceRange)"] = None
    flag: Annotated[str | None, "HL7 code as sent (`L`, `H`, `N`, …); null when none was sent"] = None
    interpretation: Annotated[str | None, "the interpretation in the source's words, when it sent words"] = None
    note: Annotated[str | None, "remarks, and why there is no value (FHIR note, dataAbsentReason)"] = None


class Referral(Record):
    """FHIR ServiceRequest."""

    kind: ClassVar[str] = "referral"
    code: Annotated[str | None, "code of what is asked for"] = None
    display: Annotated[str | None, "what is asked for, in words (FHIR ServiceRequest.code)"] = None
    reason: Annotated[str | None, "why, in the source's words (FHIR ServiceRequest.reasonCode, reasonReference)"] = None
    expires_on: Annotated[str | None, "last day it is good, where it states one"] = None
    planned_for: Annotated[str | None, "when it should be done, or from when (FHIR ServiceRequest.occurrence)"] = None


class Other(Record):
    """Whatever the source holds that no other list shows: any other FHIR R4 resource, or a statement of a document."""

    kind: ClassVar[str] = "other"
    type: Annotated[str | None, "type of the resource (`CarePlan`, `Flag`, …), or of the statement"] = None
    title: Annotated[str | None, "what it is about, in the source's words"] = None
    value: Annotated[str | None, "the source's text, untouched, where it has one value"] = None
    unit: Annotated[str | None, "unit as printed"] = None
    text: Annotated[str | None, "what it says: its narrative, else its elements as lines of `element: words`"] = None


class Access(Model):
    """FHIR AuditEvent: who looked at the card."""

    kind: ClassVar[str] = "access"
    at: Annotated[str, "when (ISO 8601; FHIR AuditEvent.recorded)"]
    who: Annotated[str | None, "who looked, as the log wrote it"] = None
    organisation: Annotated[str | None, "on whose behalf: an organisation's name"] = None
    what: Annotated[str | None, "what was looked at, as the log wrote it"] = None
    basis: Annotated[str | None, "on what basis, as the log wrote it (FHIR AuditEvent.purposeOfEvent)"] = None


class Missing(Model):
    """What an export, import, sync or summary could not bring, and why."""

    what: Annotated[str, "a list, or the id of a record or a file"]
    why: Annotated[str, "the reason, in the language of the run"]


class Due(Model):
    """Something with a date ahead: an examination, the end of a prescription."""

    date: Annotated[str, "the day (ISO 8601)"]
    what: Annotated[str, "what is due, in the language of the run"]
    record_id: Annotated[str | None, "the record that says so"] = None


class Summary(Model):
    """`missing`: lists that could not be read, so that what is made of them lacks something."""

    kind: ClassVar[str] = "summary"
    person: Annotated[Person | Named | None, "whose card it is"] = None
    clinic: Annotated[Named | None, "the clinic the person is attached to"] = None
    doctor: Annotated[DoctorRef | None, "the physician of that attachment"] = None
    diagnoses: Annotated[list[Diagnosis], "diagnoses that hold, each once"] = []
    allergies: Annotated[list[Allergy], "allergies and intolerances that hold"] = []
    medicines: Annotated[list[Prescription], "prescriptions that are good today"] = []
    labs_out_of_range: Annotated[list[LabResult], "of each analyte the last result, where it is out of range"] = []
    vaccinations: Annotated[list[Vaccination], "vaccinations that were given"] = []
    due: Annotated[list[Due], "what is ahead, the nearest first"] = []
    missing: Annotated[list[Missing], "lists that could not be read, so that what is made of them lacks something"] = []
