"""What `FhirCard` asks for, list by list: types, filters, what should come along. R4 defines every parameter."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emkcli.fhir.resource_types import OF_A_PATIENT, OF_A_SUBJECT

PAGE_SIZE = "200"
Params = list[tuple[str, str]]


def updated(since: str | None) -> Params:
    """Only what was written or changed since a moment."""
    return [("_lastUpdated", f"ge{since}")] if since else []


@dataclass(frozen=True)
class Search:
    """A search on a type. `date` is the parameter that filters by the date a list shows, if R4 has one; a `spare` type
    adds to a list and need not be served; `owner` is the parameter that names whose it is."""

    type: str
    date: str | None = None
    sort: bool = False
    category: str | None = None
    include: tuple[str, ...] = ()
    revinclude: tuple[str, ...] = ()
    spare: bool = False
    owner: str = "patient"

    def params(self, patient: str, dates: Params, always: Params | None = None) -> list[Params]:
        """The search in full, then without what should come along, then bare: servers refuse what they do not know.
        `always` is never left out."""
        whose = patient if self.owner == "patient" else f"Patient/{patient}"
        bare = [(self.owner, whose)] + ([("category", self.category)] if self.category else []) + (always or [])
        paged = [*bare, *dates, ("_count", PAGE_SIZE)]
        ordered = [*paged, *([("_sort", "-date")] if self.sort else [])]
        includes = [("_include", f"{self.type}:{name}") for name in self.include] + [
            ("_revinclude", reference) for reference in self.revinclude
        ]
        return [[*ordered, *includes], ordered, bare] if includes else [ordered, bare]


OBSERVATIONS = Search(
    "Observation",
    "date",
    sort=True,
    include=("performer", "specimen", "encounter"),
    revinclude=("DiagnosticReport:result",),
)
"""Of every category: many servers leave it out or have words of their own, and such a result is a result all the same."""
VITALS = Search("Observation", "date", sort=True, category="vital-signs", include=("performer", "encounter"))
ENCOUNTERS = Search(
    "Encounter",
    "date",
    sort=True,
    include=("service-provider", "participant", "diagnosis"),
    revinclude=("Composition:encounter", "CarePlan:encounter"),
)
REPORTS = Search("DiagnosticReport", "date", sort=True, include=("performer", "results-interpreter", "encounter"))
REQUESTS = Search("MedicationRequest", "authoredon", include=("requester", "medication", "encounter"))
STATEMENTS = Search("MedicationStatement", include=("medication",), spare=True)
IMMUNIZATIONS = Search("Immunization", "date", sort=True, include=("performer", "reaction"))
FORECASTS = Search("ImmunizationRecommendation", "date", sort=True, spare=True)
DOCUMENTS = Search("DocumentReference", "date", sort=True, include=("author", "custodian", "related"))
COMPOSITIONS = Search(
    "Composition", "date", sort=True, include=("author",), revinclude=("DocumentReference:related",), spare=True
)
CONDITIONS = Search("Condition", include=("asserter", "encounter"))
ALLERGIES = Search("AllergyIntolerance", include=("recorder",))
REFERRALS = Search("ServiceRequest", "authored", include=("requester", "encounter"))
PROCEDURES = Search("Procedure", "date", include=("performer", "encounter"))
OTHERS = {kind: Search(kind, spare=True) for kind in sorted(OF_A_PATIENT)} | {
    kind: Search(kind, spare=True, owner="subject") for kind in sorted(OF_A_SUBJECT)
}
"""Type → its search, of those that no other list shows; a server is asked for what it keeps."""
AUDIT = Search("AuditEvent", "date", sort=True, include=("agent", "source"))

LISTS: dict[str, tuple[Search, ...]] = {
    "visits": (ENCOUNTERS,),
    "labs": (OBSERVATIONS,),
    "studies": (REPORTS,),
    "prescriptions": (REQUESTS, STATEMENTS),
    "vaccinations": (IMMUNIZATIONS,),
    "prevention": (ENCOUNTERS, FORECASTS),
    "documents": (DOCUMENTS, COMPOSITIONS),
    "diagnoses": (CONDITIONS,),
    "allergies": (ALLERGIES,),
    "vitals": (VITALS,),
    "procedures": (PROCEDURES,),
    "referrals": (REFERRALS,),
    "other": (replace(OBSERVATIONS, spare=True), *OTHERS.values()),
}
BY_TYPE: dict[str, Search] = {search.type: search for searches in LISTS.values() for search in searches} | {
    "Observation": OBSERVATIONS
}
_ELEMENTS = {
    "service-provider": "serviceProvider",
    "results-interpreter": "resultsInterpreter",
    "medication": "medicationReference",
    "related": "context",
}
ALONG: dict[str, tuple[str, ...]] = {
    kind: tuple(_ELEMENTS.get(name, name) for name in search.include)
    for kind, search in (BY_TYPE | {"AuditEvent": AUDIT}).items()
}
"""The elements whose targets come along with a type; other parameters are named as their element is."""
EVERYTHING = (
    "Encounter",
    "Condition",
    "Observation",
    "DiagnosticReport",
    "Specimen",
    "MedicationRequest",
    "MedicationStatement",
    "Immunization",
    "ImmunizationRecommendation",
    "AllergyIntolerance",
    "ServiceRequest",
    "Procedure",
    "CarePlan",
    "Composition",
    "DocumentReference",
    "FamilyMemberHistory",
    "ImagingStudy",
    "Coverage",
    "Appointment",
)
"""Types that make up a card where the server has no `$everything`, and does not tell which others it keeps."""
BESIDE = ("RelatedPerson", "Person", "Provenance", "AuditEvent")
"""What R4 counts among a patient's resources beside those that lists show: the family, where things come from, and who
looked at them. Group and Schedule are of many people."""
