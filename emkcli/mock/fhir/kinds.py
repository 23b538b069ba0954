"""What each resource type is indexed by: its patient, its date, its tokens and its references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

# Columns that hold tokens; each search parameter of a type names one of them.
TOKEN_COLUMNS = ("identifier", "category", "code", "status", "type", "class")
PATIENT_PARAMETERS = ("patient", "subject")
UNOWNED = ("Organization", "Practitioner", "PractitionerRole")


class Kind(NamedTuple):
    """How one type is found: element paths, dotted; `dates` is tried in order."""

    patient: str | None
    dates: tuple[str, ...] = ()
    tokens: Mapping[str, str] = {}
    references: Mapping[str, str] = {}
    date_name: str | None = None

    @property
    def date_parameters(self) -> tuple[str, ...]:
        """`date` everywhere, and the name R4 itself gives it."""
        return (("date",) if self.dates else ()) + ((self.date_name,) if self.date_name else ())

    @property
    def parameters(self) -> dict[str, str]:
        """Every search parameter with its type."""
        typed = {"_id": "token", "_lastUpdated": "date"}
        typed |= dict.fromkeys(self.references, "reference")
        typed |= dict.fromkeys(self.tokens, "token")
        return typed | dict.fromkeys(self.date_parameters, "date")


_NUMBERED = {"identifier": "identifier", "status": "status"}
_CLASSIFIED = _NUMBERED | {"category": "category"}
_ABOUT = {"patient": "subject", "subject": "subject"}

KINDS: dict[str, Kind] = {
    "Patient": Kind(
        "id",
        ("birthDate",),
        {"identifier": "identifier"},
        {"organization": "managingOrganization", "general-practitioner": "generalPractitioner"},
        "birthdate",
    ),
    "Organization": Kind(None, (), {"identifier": "identifier", "type": "type"}),
    "Practitioner": Kind(None, (), {"identifier": "identifier"}),
    "PractitionerRole": Kind(
        None, (), {"specialty": "code:specialty"}, {"practitioner": "practitioner", "organization": "organization"}
    ),
    "Encounter": Kind(
        "subject",
        ("period",),
        _NUMBERED | {"class": "class", "type": "type", "reason-code": "code:reasonCode"},
        _ABOUT
        | {
            "service-provider": "serviceProvider",
            "practitioner": "participant.individual",
            "participant": "participant.individual",
            "diagnosis": "diagnosis.condition",
        },
    ),
    "Condition": Kind(
        "subject",
        ("recordedDate", "onsetDateTime"),
        {"category": "category", "code": "code", "clinical-status": "status:clinicalStatus"},
        _ABOUT | {"encounter": "encounter", "asserter": "asserter"},
        "recorded-date",
    ),
    "Composition": Kind(
        "subject",
        ("date",),
        _CLASSIFIED | {"type": "type"},
        _ABOUT | {"encounter": "encounter", "author": "author"},
    ),
    "DocumentReference": Kind(
        "subject",
        ("date",),
        _CLASSIFIED | {"identifier": "identifier:masterIdentifier", "type": "type"},
        _ABOUT
        | {
            "encounter": "context.encounter",
            "author": "author",
            "custodian": "custodian",
            "related": "context.related",
        },
    ),
    "Observation": Kind(
        "subject",
        ("effectiveDateTime", "effectivePeriod", "issued"),
        _CLASSIFIED | {"code": "code"},
        _ABOUT | {"encounter": "encounter", "performer": "performer", "specimen": "specimen"},
    ),
    "DiagnosticReport": Kind(
        "subject",
        ("effectiveDateTime", "effectivePeriod", "issued"),
        _CLASSIFIED | {"code": "code"},
        _ABOUT
        | {
            "encounter": "encounter",
            "performer": "performer",
            "result": "result",
            "results-interpreter": "resultsInterpreter",
            "specimen": "specimen",
        },
    ),
    "Specimen": Kind(
        "subject",
        ("collection.collectedDateTime",),
        _NUMBERED | {"type": "type"},
        _ABOUT,
        "collected",
    ),
    "MedicationRequest": Kind(
        "subject",
        ("authoredOn",),
        _CLASSIFIED | {"code": "code:medicationCodeableConcept"},
        _ABOUT | {"encounter": "encounter", "requester": "requester", "medication": "medicationReference"},
        "authoredon",
    ),
    "Immunization": Kind(
        "patient",
        ("occurrenceDateTime",),
        _NUMBERED | {"vaccine-code": "code:vaccineCode"},
        {"patient": "patient", "performer": "performer.actor", "reaction": "reaction.detail"},
    ),
    "ImmunizationRecommendation": Kind(
        "patient",
        ("date",),
        {"identifier": "identifier", "status": "status:recommendation.forecastStatus"},
        {"patient": "patient"},
    ),
    "AllergyIntolerance": Kind(
        "patient",
        ("recordedDate",),
        {"category": "category", "code": "code", "clinical-status": "status:clinicalStatus", "type": "type"},
        {"patient": "patient", "recorder": "recorder"},
    ),
    "ServiceRequest": Kind(
        "subject",
        ("authoredOn",),
        _CLASSIFIED | {"code": "code"},
        _ABOUT | {"encounter": "encounter", "requester": "requester", "performer": "performer"},
        "authored",
    ),
    "CarePlan": Kind(
        "subject",
        ("period",),
        _CLASSIFIED,
        _ABOUT | {"encounter": "encounter"},
    ),
    "Procedure": Kind(
        "subject",
        ("performedDateTime",),
        {"status": "status", "code": "code"},
        _ABOUT | {"encounter": "encounter", "performer": "performer.actor"},
    ),
    "FamilyMemberHistory": Kind("patient", ("date",), {"status": "status"}, {"patient": "patient"}),
    "AuditEvent": Kind(
        "entity.what",
        ("recorded",),
        {"type": "type"},
        {"patient": "entity.what", "agent": "agent.who", "source": "source.observer"},
    ),
}


# What the references of a type may lead to, by the names of their parameters.
TARGETS = {
    "Patient": ("patient", "subject"),
    "Encounter": ("encounter",),
    "Condition": ("diagnosis",),
    "Specimen": ("specimen",),
    "Observation": ("result", "reaction"),
    "Composition": ("related",),
    "Organization": ("organization", "service-provider", "custodian", "performer", "source"),
    "Practitioner": (
        "practitioner", "general-practitioner", "participant", "performer", "requester", "recorder", "asserter", "author",
        "agent", "results-interpreter",
    ),
}  # fmt: skip


def walk(node: Any, path: str) -> Iterator[Any]:
    """Every value at a dotted path, lists opened."""
    if isinstance(node, list):
        for item in node:
            yield from walk(item, path)
    elif not path:
        yield node
    elif isinstance(node, dict):
        name, _, rest = path.partition(".")
        if name in node:
            yield from walk(node[name], rest)


def references(resource: Mapping[str, Any], path: str) -> Iterator[str]:
    """What the references at a path point to (`Organization/gp-001`)."""
    return (value["reference"] for value in walk(resource, path) if "reference" in value)
