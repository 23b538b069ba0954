"""Which elements of a type its codec reads: all others are told beside the fields of the record."""

from __future__ import annotations


def _paths(names: str) -> frozenset[str]:
    return frozenset(names.split())


_ALWAYS = _paths("text contained modifierExtension encounter")
"""Told apart, or no more than what belongs together."""
_STATED = _paths("status code")
_NOTED = _STATED | _paths("note.text")
_MEDICINE = _NOTED | _paths(
    """intent doNotPerform reportedBoolean groupIdentifier medicationCodeableConcept medicationReference medication
    courseOfTherapyType dosageInstruction dosage dispenseRequest.quantity dispenseRequest.numberOfRepeatsAllowed
    reasonCode reasonReference"""
)
_RESULT = _NOTED | _paths(
    """category valueQuantity valueCodeableConcept valueString valueInteger valueBoolean valueDateTime valueTime valueDecimal
    valueRange valueRatio valueSampledData valuePeriod dataAbsentReason interpretation referenceRange component hasMember
    specimen"""
)
_IN_A_SECTION = frozenset(
    f"{'section.' * depth}{name}"
    for depth in range(1, 21)
    for name in ("title", "code", "text", "emptyReason", "entry")
)
"""What a section says, however deep it stands; what it lists are records of their own."""
READ: dict[str, frozenset[str]] = {
    "AllergyIntolerance": _NOTED
    | _paths(
        """clinicalStatus verificationStatus category criticality reaction.substance reaction.manifestation
        reaction.severity reaction.onset reaction.description reaction.exposureRoute reaction.note.text"""
    ),
    "Composition": _STATED | _IN_A_SECTION | _paths("type title"),
    "Condition": _NOTED
    | _paths(
        """clinicalStatus verificationStatus category[0] severity onsetDateTime onsetPeriod onsetAge onsetRange onsetString
        abatementDateTime abatementPeriod abatementAge abatementRange abatementString abatementBoolean"""
    ),
    "DiagnosticReport": _STATED | _paths("category[0] conclusion conclusionCode presentedForm result"),
    "DocumentReference": _STATED
    | _paths("masterIdentifier docStatus type content.attachment context.encounter context.sourcePatientInfo"),
    "Encounter": _STATED | _paths("reason reasonCode reasonReference diagnosis.condition"),
    "Immunization": _STATED
    | _paths(
        """statusReason vaccineCode occurrenceDateTime occurrenceString doseQuantity lotNumber manufacturer
        protocolApplied.targetDisease protocolApplied.doseNumberPositiveInt protocolApplied.doseNumberString reaction.detail"""
    ),
    "MedicationRequest": _MEDICINE,
    "MedicationStatement": _MEDICINE,
    "Observation": _RESULT,
    "ServiceRequest": _STATED
    | _paths("doNotPerform reasonCode reasonReference occurrenceDateTime occurrencePeriod.start"),
}
READ = {kind: paths | _ALWAYS for kind, paths in READ.items()}
"""Type → paths; a type that is missing has its elements in the text of its record."""
REFERRED = {
    "specimen": _paths("type collection.collectedDateTime collection.collectedPeriod"),
    "medicationReference": _paths("code form"),
}
"""What describes a resource and is told with it → the paths that its codec reads."""
CODES = {"code": 1, "type": 1, "vaccineCode": 0, "medicationCodeableConcept": 0}
"""The elements that name a resource where its codec reads them, and how many of their codes the record has a field for."""
NO_SYSTEM = _paths("AllergyIntolerance ServiceRequest")
"""Types whose records have the code and not its system."""
USUAL = frozenset(
    {("intent", "order"), ("priority", "routine"), ("primarySource", "true"), ("isSubpotent", "false")}
    | {("securityLabel", "N"), ("confidentiality", "N")}
)
"""What goes without saying."""
