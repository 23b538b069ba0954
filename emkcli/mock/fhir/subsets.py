"""Parts of a resource: what `_elements` names, and what `_summary` keeps."""

from __future__ import annotations

import json
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from emkcli.mock.fhir.bundle import Params, given
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.store import dumps

WITHOUT_EFFECT = ("_format", "_pretty")
"""Without effect: what is served is JSON, and another format is refused."""
SUMMARIES = ("true", "text", "data", "count", "false")
_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_ALWAYS = {"resourceType", "id", "meta", "implicitRules"}

# Of each type what R4 demands to be there, and what it calls its summary beside that; `[x]` stands for every type of a choice.
_MANDATORY = {
    "Encounter": "class status",
    "Condition": "subject",
    "Composition": "author date status title type",
    "DocumentReference": "content status",
    "Observation": "code status",
    "DiagnosticReport": "code status",
    "MedicationRequest": "intent medication[x] status subject",
    "Immunization": "occurrence[x] patient status vaccineCode",
    "ImmunizationRecommendation": "date patient recommendation",
    "AllergyIntolerance": "patient",
    "ServiceRequest": "intent status subject",
    "CarePlan": "intent status subject",
    "Procedure": "status subject",
    "FamilyMemberHistory": "patient relationship status",
    "AuditEvent": "agent recorded source type",
}
_SUMMARY = {
    "Patient": "active address birthDate deceased[x] gender identifier link managingOrganization name telecom",
    "Organization": "active identifier name partOf type",
    "Practitioner": "active address birthDate gender identifier name telecom",
    "PractitionerRole": "active code identifier location organization period practitioner specialty telecom",
    "Encounter": "appointment diagnosis episodeOfCare identifier participant reasonCode reasonReference serviceType subject type",
    "Condition": "asserter bodySite clinicalStatus code encounter identifier onset[x] recordedDate recorder verificationStatus",
    "Composition": "category confidentiality custodian encounter event identifier subject",
    "DocumentReference": "author category context date description docStatus identifier masterIdentifier relatesTo"
    " securityLabel subject type",
    "Observation": "basedOn component derivedFrom effective[x] encounter focus hasMember identifier issued partOf performer"
    " subject value[x]",
    "DiagnosticReport": "basedOn category effective[x] encounter identifier issued media performer resultsInterpreter subject",
    "Specimen": "accessionIdentifier condition identifier receivedTime status subject type",
    "MedicationRequest": "authoredOn basedOn doNotPerform groupIdentifier instantiatesCanonical instantiatesUri performerType"
    " priority reported[x] requester",
    "Immunization": "isSubpotent note performer primarySource",
    "ImmunizationRecommendation": "identifier",
    "AllergyIntolerance": "asserter category clinicalStatus code criticality identifier type verificationStatus",
    "ServiceRequest": "asNeeded[x] authoredOn basedOn bodySite category code doNotPerform encounter identifier"
    " instantiatesCanonical instantiatesUri locationCode locationReference occurrence[x] orderDetail patientInstruction"
    " performer performerType priority quantity[x] reasonCode reasonReference replaces requester requisition specimen",
    "CarePlan": "addresses author basedOn category created description encounter identifier instantiatesCanonical"
    " instantiatesUri partOf period replaces title",
    "Procedure": "asserter basedOn bodySite category code encounter identifier instantiatesCanonical instantiatesUri location"
    " outcome partOf performed[x] performer reasonCode reasonReference recorder statusReason",
    "FamilyMemberHistory": "age[x] dataAbsentReason date deceased[x] estimatedAge identifier instantiatesCanonical"
    " instantiatesUri name reasonCode reasonReference sex",
    "AuditEvent": "action outcome outcomeDesc purposeOfEvent subtype",
}


def of_read(params: Params, *, lenient: bool) -> tuple[list[str], str]:
    """What a read asks for: elements, and a summary; an unknown parameter is refused unless `lenient`."""
    elements, summary = [], "false"
    for name, value in given(params):
        if name == "_elements":
            elements = value.split(",")
        elif name == "_summary":
            summary = checked(value)
        elif name not in WITHOUT_EFFECT and not lenient:
            raise FhirError(400, "not-supported", f"unknown parameter {name!r} for a read")
    if summary == "count":
        raise FhirError(400, "not-supported", "_summary=count is for searches")
    return elements, summary


def checked(summary: str) -> str:
    if summary not in SUMMARIES:
        raise FhirError(400, "invalid", f"_summary: one of {', '.join(SUMMARIES)}")
    return summary


def part(content: bytes, elements: Collection[str], summary: str = "false") -> bytes:
    """The resource as the two parameters ask for it, marked as a part; the stored bytes where they ask for the whole."""
    if not elements and summary in ("false", "count"):
        return content
    resource = json.loads(content, parse_float=Decimal)
    if elements:
        wanted = frozenset(elements)
        kept = {name: value for name, value in resource.items() if name in _ALWAYS or name in wanted}
    elif summary == "data":
        kept = {name: value for name, value in resource.items() if name != "text"}
    else:
        kept = _summarized(resource, summary)
    meta = kept.get("meta", {})
    return dumps(kept | {"meta": meta | {"tag": [*meta.get("tag", []), _SUBSETTED]}})


def _summarized(resource: dict[str, Any], summary: str) -> dict[str, Any]:
    kind = resource["resourceType"]
    names = _MANDATORY.get(kind, "").split()
    names += ["text"] if summary == "text" else _SUMMARY[kind].split()
    return {name: value for name, value in resource.items() if name in _ALWAYS or _is_one_of(name, names)}


def _is_one_of(element: str, names: Collection[str]) -> bool:
    """`onsetDateTime` and its extensions `_onsetDateTime` are the element `onset[x]`."""
    name = element.lstrip("_")
    return any(
        name == one or (one.endswith("[x]") and name.startswith(one[:-3]) and name[len(one) - 3 :][:1].isupper())
        for one in names
    )
