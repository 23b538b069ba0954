"""The small FHIR R4 shapes every part of the record is made of."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from html import escape
from typing import Any

Resource = dict[str, Any]

MOSCOW = timezone(timedelta(hours=3))
HL7 = "http://terminology.hl7.org/CodeSystem/"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
ATC = "http://www.whocc.no/atc"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
NSI_ICD_10 = "urn:oid:1.2.643.5.1.13.13.11.1005"
NSI_LAB_TESTS = "urn:oid:1.2.643.5.1.13.13.11.1080"
NSI_DOCUMENTS = "urn:oid:1.2.643.5.1.13.13.11.1522"
NSI_SECTIONS = "urn:oid:1.2.643.5.1.13.13.99.2.197"
NSI_FIELDS = "urn:oid:1.2.643.5.1.13.13.99.2.166"
NSI_SERVICES = "urn:oid:1.2.643.5.1.13.13.11.1070"
NSI_DIAGNOSIS_KINDS = "urn:oid:1.2.643.5.1.13.13.11.1077"
SNILS = "https://fhir.ru/ig/core/systems/snils"
OMS = "https://fhir.ru/ig/core/systems/oms"
# Numbers that exist only inside the mock; .example can belong to nobody.
OWN = "https://emk.example/fhir/"

_TEST_DATA = {"system": HL7 + "v3-ActReason", "code": "HTEST", "display": "test health data"}


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day in Moscow."""
    return datetime.combine(day, time(hour, minute), MOSCOW)


def workday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])


def resource(kind: str, ident: str, updated: datetime, /, version: int = 1, **elements: Any) -> Resource:
    """A resource with its id and meta; elements that are None or empty are left out, as FHIR demands."""
    head: Resource = {
        "resourceType": kind,
        "id": ident,
        "meta": {"versionId": str(version), "lastUpdated": updated.isoformat(), "security": [_TEST_DATA]},
    }
    return head | {name: value for name, value in elements.items() if value not in (None, [], {})}


def coding(system: str, code: str, display: str | None = None) -> Resource:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def concept(text: str | None, *codings: Resource) -> Resource:
    return ({"coding": list(codings)} if codings else {}) | ({"text": text} if text else {})


def hl7(system: str, code: str, text: str | None = None) -> Resource:
    """A CodeableConcept from one of HL7's own code systems."""
    return concept(text, coding(HL7 + system, code))


def diagnosis_code(code: str, display: str) -> Resource:
    return concept(display, coding(ICD_10, code, display), coding(NSI_ICD_10, code, display))


def reference(kind: str, ident: str, display: str | None = None) -> Resource:
    return {"reference": f"{kind}/{ident}"} | ({"display": display} if display else {})


def identifier(system: str, value: str) -> Resource:
    return {"system": system, "value": value}


def narrative(*paragraphs: str) -> Resource:
    body = "".join(f"<p>{escape(text, quote=False)}</p>" for text in paragraphs)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}


def section(title: str, text: str, *codings: Resource) -> Resource:
    """A section of a document; without text nothing."""
    return {"title": title} | ({"code": concept(title, *codings)} if codings else {}) | {"text": narrative(text)}
