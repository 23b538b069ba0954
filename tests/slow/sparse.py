"""An invented document that is right by R4 and leaves out everything it may: what IPS wants must be said to be unknown."""

from __future__ import annotations

from typing import Any

from tests.invented import BASE, PATIENT, lab, plain

P = {"reference": "Patient/p1"}
ACTIVE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]}
ALLERGIC = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]
}
VITALS = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}
RESOURCES: tuple[dict[str, Any], ...] = (
    plain(PATIENT, "birthDate", "gender"),
    plain(lab("bare", code={"text": "Проба"}), "category", "effectiveDateTime", "valueQuantity"),
    lab("coded", category=[{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "HM"}]}]),
    lab(
        "said",
        performer=[{"reference": "Organization/c1"}, {"reference": "Practitioner/d1"}],
        specimen={"reference": "Specimen/s1"},
    ),
    lab("weight", category=[VITALS], code={"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}),
    {"resourceType": "Organization", "id": "c1", "identifier": [{"value": "1"}]},
    {"resourceType": "Practitioner", "id": "d1"},
    {"resourceType": "Specimen", "id": "s1"},
    {"resourceType": "Condition", "id": "x1", "clinicalStatus": ACTIVE, "subject": P},
    {"resourceType": "Condition", "id": "x2", "clinicalStatus": ACTIVE, "subject": P, "code": {"text": "Гипотиреоз"}},
    {"resourceType": "AllergyIntolerance", "id": "a1", "clinicalStatus": ALLERGIC, "patient": P},
    {"resourceType": "Medication", "id": "m1"},
    {
        "resourceType": "MedicationRequest",
        "id": "r1",
        "status": "active",
        "intent": "order",
        "subject": P,
        "medicationReference": {"reference": "Medication/m1"},
    },
    {
        "resourceType": "MedicationStatement",
        "id": "t1",
        "status": "active",
        "subject": P,
        "medicationCodeableConcept": {"text": "Йодид"},
    },
    {
        "resourceType": "Immunization",
        "id": "i1",
        "status": "completed",
        "patient": P,
        "vaccineCode": {"text": "БЦЖ"},
        "occurrenceString": "в роддоме",
    },
    {"resourceType": "DiagnosticReport", "id": "e1", "status": "final", "subject": P, "code": {"text": "ЭКГ"}},
    {"resourceType": "Procedure", "id": "p2", "status": "completed", "subject": P},
)


def document() -> dict[str, Any]:
    entries = [{"fullUrl": f"{BASE}/{one['resourceType']}/{one['id']}", "resource": one} for one in RESOURCES]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}
