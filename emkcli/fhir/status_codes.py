"""The statuses that R4 and R4B know, of the types whose records have one (required bindings of the StructureDefinitions)."""

from __future__ import annotations

_EVENT = frozenset(
    {"preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error", "unknown"}
)
_REQUEST = frozenset({"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"})
_RESULT = frozenset(
    {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"}
)
STATUSES: dict[str, frozenset[str]] = {
    "CarePlan": _REQUEST,
    "Composition": frozenset({"preliminary", "final", "amended", "entered-in-error"}),
    "DiagnosticReport": _RESULT | {"partial", "appended"},
    "DocumentReference": frozenset({"current", "superseded", "entered-in-error"}),
    "Encounter": frozenset(
        {
            "planned",
            "arrived",
            "triaged",
            "in-progress",
            "onleave",
            "finished",
            "cancelled",
            "entered-in-error",
            "unknown",
        }
    ),
    "Immunization": frozenset({"completed", "entered-in-error", "not-done"}),
    "MedicationRequest": (_REQUEST - {"revoked"}) | {"cancelled", "stopped"},
    "MedicationStatement": frozenset(
        {"active", "completed", "entered-in-error", "intended", "stopped", "on-hold", "unknown", "not-taken"}
    ),
    "Observation": _RESULT,
    "Procedure": _EVENT,
    "ServiceRequest": _REQUEST,
}
"""Type → codes of its `status`."""
_DOUBT = frozenset({"unconfirmed", "confirmed", "refuted", "entered-in-error"})
_COURSE = frozenset({"active", "inactive", "resolved"})
CLINICAL: dict[str, dict[str, frozenset[str]]] = {
    "AllergyIntolerance": {"clinicalStatus": _COURSE, "verificationStatus": _DOUBT},
    "Condition": {
        "clinicalStatus": _COURSE | {"recurrence", "relapse", "remission"},
        "verificationStatus": _DOUBT | {"provisional", "differential"},
    },
}
"""Type → codes of the elements that are CodeableConcepts."""
