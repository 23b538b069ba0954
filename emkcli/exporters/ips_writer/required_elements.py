"""What the profiles of IPS insist on and a source may lack: said to be unknown, never invented."""

from __future__ import annotations

from typing import Any

from emkcli.fhir import Resource, elements, text
from emkcli.locale import _

UNKNOWN: Resource = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
}
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_LISTS = {"labs": "laboratory", "vitals": "vital-signs"}
_ABSENT = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}],
}
_NAMED = {
    "AllergyIntolerance": "code",
    "Condition": "code",
    "Medication": "code",
    "Observation": "code",
    "DiagnosticReport": "code",
    "Procedure": "code",
    "Immunization": "vaccineCode",
    "Specimen": "type",
}
_TIMED = {
    "DiagnosticReport": "effectiveDateTime",
    "Immunization": "occurrenceDateTime",
    "MedicationStatement": "effectiveDateTime",
    "Observation": "effectiveDateTime",
    "Procedure": "performedDateTime",
}
_OWNED = {
    "AllergyIntolerance": "patient",
    "Immunization": "patient",
    "Condition": "subject",
    "DeviceUseStatement": "subject",
    "DiagnosticReport": "subject",
    "ImagingStudy": "subject",
    "MedicationRequest": "subject",
    "MedicationStatement": "subject",
    "Observation": "subject",
    "Procedure": "subject",
    "Specimen": "subject",
}


def complete(resource: Resource, patient: str) -> Resource:
    """The resource with the patient of the document as its subject and with every element its profile demands."""
    kind = str(resource.get("resourceType"))
    if owner := _OWNED.get(kind):
        resource[owner] = {**_object(resource.get(owner)), "reference": patient}
    if (name := _NAMED.get(kind)) and not _object(resource.get(name)):
        resource[name] = {"text": _("not stated")}
    if time := _TIMED.get(kind):
        _add_time(resource, time)
    if kind == "Observation":
        _observation(resource)
    elif kind in ("MedicationRequest", "MedicationStatement"):
        _medicine(resource)
    elif kind in ("Organization", "Practitioner") and not resource.get("name"):
        named: Any = _("not stated")
        resource["name"] = [{"text": named}] if kind == "Practitioner" else named
    return resource


def listed(resource: Resource, category: str) -> Resource:
    """An Observation says by its category which list of the card it stands in, also where the source left that open."""
    if resource.get("resourceType") == "Observation" and category in _LISTS:
        _categorise(resource, _LISTS[category])
    return resource


def patient(resource: Resource, name: str) -> Resource:
    """The patient with a name and a date of birth, or the statement that it is unknown."""
    stated = [part for part in elements(resource, "name") if any(map(part.get, ("family", "given", "text")))]
    resource["name"] = stated or [{"text": name or _("not stated")}]
    if not text(resource, "birthDate"):
        resource.pop("birthDate", None)
        resource["_birthDate"] = UNKNOWN
    return resource


def _object(value: Any) -> Resource:
    return value if isinstance(value, dict) else {}


def _add_time(resource: Resource, name: str) -> None:
    stem = name.removesuffix("DateTime")
    if not any(key.lstrip("_").startswith(stem) and value for key, value in resource.items()):
        resource[f"_{name}"] = UNKNOWN


def _observation(resource: Resource) -> None:
    codes = [text(code, "code") for category in elements(resource, "category") for code in elements(category, "coding")]
    if "laboratory" in codes:
        _categorise(resource, "laboratory")
        resource["performer"] = resource.get("performer") or [UNKNOWN]
    elif "vital-signs" in codes:
        _categorise(resource, "vital-signs")
    for part in (resource, *elements(resource, "component")):
        if not any(key.startswith("value") for key in part) and not part.get("dataAbsentReason"):
            if part is resource and (resource.get("component") or resource.get("hasMember")):
                continue
            part["dataAbsentReason"] = _ABSENT


def _categorise(resource: Resource, code: str) -> None:
    """Sources leave out the system of the category, without which its slice is not recognised."""
    codings = [coding for category in elements(resource, "category") for coding in elements(category, "coding")]
    if not any(text(coding, "system") == CATEGORY and text(coding, "code") == code for coding in codings):
        resource["category"] = [*elements(resource, "category"), {"coding": [{"system": CATEGORY, "code": code}]}]


def _medicine(resource: Resource) -> None:
    if not resource.get("medicationCodeableConcept") and not resource.get("medicationReference"):
        resource["medicationCodeableConcept"] = {"text": _("not stated")}
