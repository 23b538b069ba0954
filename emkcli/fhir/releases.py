"""Which release of FHIR a resource is written in, told by what only another release than R4 and R4B has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import msgspec

from emkcli.fhir.elements import Resource, decode, text, texts
from emkcli.fhir.graph import Node

_FIRST = "STU3"
"""Named when as much speaks for another."""
_OURS = "R4"
"""What speaks for it is held against what speaks for R5."""
_ADDITION = "an addition of R5"
"""Elements that R5 adds and that change the meaning of no other: where they stand in R4 they are strays."""
_TYPES = {
    "DSTU2": """BodySite Conformance DataElement DeviceComponent DeviceUseRequest DiagnosticOrder EligibilityRequest
        EligibilityResponse ImagingObjectSelection MedicationOrder Order OrderResponse ProcedureRequest ProcessRequest
        ProcessResponse ReferralRequest""",
    "STU3": """BodySite DataElement DeviceComponent EligibilityRequest EligibilityResponse ExpansionProfile
        ImagingManifest ProcedureRequest ProcessRequest ProcessResponse ReferralRequest Sequence ServiceDefinition""",
    "R5": """ActorDefinition ArtifactAssessment BiologicallyDerivedProductDispense ConditionDefinition DeviceAssociation
        DeviceDispense DeviceUsage EncounterHistory FormularyItem GenomicStudy ImagingSelection InventoryItem
        InventoryReport NutritionIntake Permission RequestOrchestration Requirements TestPlan Transport""",
}
_ELEMENTS = {
    "DSTU2": """AllergyIntolerance.substance AllergyIntolerance.status AllergyIntolerance.reporter
        AllergyIntolerance.lastOccurence AllergyIntolerance.event Binary.content CarePlan.modified CarePlan.participant
        CarePlan.relatedPlan Composition.class Condition.patient Condition.dateRecorded
        DetectedIssue.category DetectedIssue.date DeviceUseStatement.notes DeviceUseStatement.whenUsed
        DiagnosticReport.requestDetail DiagnosticReport.codedDiagnosis DiagnosticReport.image DocumentReference.class
        DocumentReference.created DocumentReference.indexed Encounter.patient Encounter.indication
        Encounter.incomingReferral Encounter.reason EpisodeOfCare.condition ExplanationOfBenefit.organization
        FamilyMemberHistory.gender Goal.status Immunization.wasNotGiven Immunization.reported Immunization.requester
        Immunization.date Immunization.explanation Immunization.vaccinationProtocol ImagingStudy.accession
        ImagingStudy.uid ImagingStudy.patient ImagingStudy.order MedicationAdministration.patient
        MedicationAdministration.practitioner MedicationAdministration.prescription
        MedicationAdministration.wasNotGiven MedicationAdministration.reasonNotGiven MedicationDispense.dispenser
        MedicationDispense.patient Medication.isBrand Medication.package Medication.product MedicationStatement.patient
        MedicationStatement.wasNotTaken MedicationStatement.reasonNotTaken Observation.comments Observation.related
        Patient.animal Patient.careProvider Practitioner.practitionerRole Procedure.notPerformed
        Procedure.reasonNotPerformed Procedure.notes Provenance.period QuestionnaireResponse.group RiskAssessment.date
        Specimen.treatment VisionPrescription.dispense""",
    "STU3": """AdverseEvent.reaction AllergyIntolerance.assertedDate Binary.content CarePlan.context CarePlan.definition
        CareTeam.context ClinicalImpression.context Communication.context Communication.notDone Composition.class
        Condition.assertedDate Condition.context DetectedIssue.category DetectedIssue.date DeviceRequest.context
        DeviceUseStatement.whenUsed DiagnosticReport.codedDiagnosis DiagnosticReport.context DiagnosticReport.image
        DocumentReference.class DocumentReference.created DocumentReference.indexed Encounter.incomingReferral
        Encounter.reason ExplanationOfBenefit.organization ExplanationOfBenefit.totalCost FamilyMemberHistory.gender
        FamilyMemberHistory.notDone FamilyMemberHistory.notDoneReason Goal.status ImagingStudy.accession
        ImagingStudy.context ImagingStudy.patient ImagingStudy.uid Immunization.notGiven Immunization.date
        Immunization.explanation Immunization.practitioner Immunization.vaccinationProtocol Media.context
        Media.occurrenceDateTime Media.subtype Medication.isBrand Medication.isOverTheCounter Medication.package
        MedicationAdministration.definition MedicationAdministration.notGiven MedicationAdministration.prescription
        MedicationAdministration.reasonNotGiven MedicationDispense.notDone
        MedicationDispense.notDoneReasonCodeableConcept MedicationRequest.context MedicationRequest.definition
        MedicationStatement.reasonNotTaken MedicationStatement.taken Observation.comment Observation.context
        Observation.related Patient.animal Procedure.context Procedure.definition Procedure.notDone
        Procedure.notDoneReason Provenance.period QuestionnaireResponse.context QuestionnaireResponse.parent
        RiskAssessment.comment RiskAssessment.context Specimen.treatment Task.context VisionPrescription.dispense""",
    "R5": """AdverseEvent.occurrenceDateTime AllergyIntolerance.participant AuditEvent.code
        AuditEvent.occurredDateTime BodyStructure.includedStructure CarePlan.custodian CareTeam.reason
        ClinicalImpression.performer Communication.reason Composition.name Composition.note Composition.useContext
        Condition.participant Consent.decision Consent.grantor Consent.subject Coverage.insurer Coverage.kind
        DetectedIssue.category DetectedIssue.encounter DetectedIssue.subject DeviceRequest.code DeviceRequest.reason
        DiagnosticReport.composition DiagnosticReport.note DiagnosticReport.study DiagnosticReport.supportingInfo
        DocumentReference.attester DocumentReference.basedOn DocumentReference.bodySite DocumentReference.event
        DocumentReference.facilityType DocumentReference.modality DocumentReference.period
        DocumentReference.practiceSetting DocumentReference.version Encounter.actualPeriod Encounter.admission
        Encounter.careTeam Encounter.plannedStartDate Encounter.reason Encounter.subjectStatus
        Encounter.virtualService EpisodeOfCare.reason FamilyMemberHistory.participant FamilyMemberHistory.reason
        ImagingStudy.partOf ImagingStudy.procedure ImagingStudy.reason Immunization.administeredProduct
        Immunization.basedOn Immunization.informationSource Immunization.reason Immunization.supportingInformation
        ImmunizationEvaluation.doseNumber Location.characteristic Medication.definition Medication.doseForm
        Medication.marketingAuthorizationHolder Medication.totalVolume MedicationAdministration.basedOn
        MedicationAdministration.encounter MedicationAdministration.medication
        MedicationAdministration.occurenceDateTime MedicationAdministration.occurencePeriod
        MedicationAdministration.reason MedicationDispense.encounter MedicationDispense.medication
        MedicationDispense.notPerformedReason MedicationDispense.recorded MedicationRequest.effectiveDosePeriod
        MedicationRequest.informationSource MedicationRequest.medication MedicationRequest.reason
        MedicationRequest.renderedDosageInstruction MedicationRequest.statusChanged MedicationStatement.adherence
        MedicationStatement.effectiveTiming MedicationStatement.encounter MedicationStatement.medication
        MedicationStatement.reason MedicationStatement.relatedClinicalInformation
        MedicationStatement.renderedDosageInstruction NutritionOrder.subject Observation.bodyStructure
        Observation.instantiatesCanonical Observation.instantiatesReference Observation.triggeredBy
        PractitionerRole.characteristic Procedure.focus
        Procedure.occurrenceAge Procedure.occurrenceDateTime Procedure.occurrencePeriod Procedure.occurrenceRange
        Procedure.occurrenceString Procedure.occurrenceTiming Procedure.reason Procedure.recorded
        Procedure.reportedReference Procedure.supportingInfo Procedure.used RiskAssessment.reason
        ServiceRequest.bodyStructure ServiceRequest.focus ServiceRequest.location ServiceRequest.reason
        Specimen.combined Specimen.feature Specimen.role""",
    _ADDITION: "Observation.valueAttachment Observation.valueReference",
    _OURS: """AllergyIntolerance.asserter AllergyIntolerance.recorder Condition.asserter Condition.recorder
        DiagnosticReport.imagingStudy DocumentReference.masterIdentifier Encounter.hospitalization Encounter.period
        Encounter.reasonCode Encounter.reasonReference ImagingStudy.procedureCode ImagingStudy.reasonCode
        Immunization.reasonCode Immunization.reasonReference Immunization.reportOrigin Medication.form
        Medication.manufacturer MedicationAdministration.medicationCodeableConcept
        MedicationAdministration.medicationReference MedicationDispense.medicationCodeableConcept
        MedicationDispense.medicationReference MedicationRequest.medicationCodeableConcept
        MedicationRequest.medicationReference MedicationRequest.reasonCode MedicationRequest.reasonReference
        MedicationStatement.medicationCodeableConcept MedicationStatement.medicationReference
        Procedure.performedDateTime Procedure.performedPeriod Procedure.performedString Procedure.reasonCode
        Procedure.reasonReference ServiceRequest.reasonCode ServiceRequest.reasonReference""",
}
"""As the definitions of each release name them, where neither R4 nor R4B has the element; those of R4 are not in R5."""
_TEXT, _LIST, _OBJECT = rb'"', rb"\[", rb"\{"
_SHAPES = {
    ("DSTU2", "STU3"): {
        "Condition.clinicalStatus": _TEXT,
        "Condition.verificationStatus": _TEXT,
        "AllergyIntolerance.clinicalStatus": _TEXT,
        "AllergyIntolerance.verificationStatus": _TEXT,
    },
    ("DSTU2",): {"Encounter.class": _TEXT, "Patient.name": rb'.*"family"\s*:\s*\['},
    ("R5",): {
        "AllergyIntolerance.type": _OBJECT,
        "Encounter.class": _LIST,
        "ServiceRequest.code": rb'\{\s*"(?:concept|reference)"\s*:\s*\{',
    },
}
"""How the value of an element begins that all releases have."""
_PROFILES = {
    "DSTU2": re.compile(r"https?://hl7\.org/fhir/(?:1\.0|DSTU2)/|.*/DSTU2/|.*/argonaut/|.*/StructureDefinition/daf-"),
    "STU3": re.compile(r"https?://hl7\.org/fhir/(?:3\.0|STU3)/|.*/STU3/"),
    "R5": re.compile(r"https?://hl7\.org/fhir/(?:5\.0|R5)/|.*/R5/"),
}
_CORE = re.compile(r"https?://hl7\.org/fhir/StructureDefinition/\w+\|([\d.]+)")
"""A profile of the standard itself has the version of the standard."""
_VERSIONS = {"0": "DSTU1", "1": "DSTU2", "3": "STU3", "4.0": "", "4.1": "", "4.3": "", "4": "R5", "5": "R5", "6": "R6"}

_Marks = dict[str, dict[str, list[tuple[str, re.Pattern[bytes] | None]]]]


@cache
def _marks() -> _Marks:
    """Type → element → the releases it speaks for, and how its value then begins."""
    marks: _Marks = {}
    named = [(release, path, None) for release, paths in _ELEMENTS.items() for path in paths.split()]
    shaped = [
        (release, path, re.compile(shape, re.DOTALL))
        for releases, shapes in _SHAPES.items()
        for path, shape in shapes.items()
        for release in releases
    ]
    for release, path, shape in [*named, *shaped]:
        kind, _, name = path.partition(".")
        marks.setdefault(kind, {}).setdefault(name, []).append((release, shape))
    return marks


_RELEASES_OF_TYPE = {
    kind: [release for release, kinds in _TYPES.items() if kind in kinds.split()]
    for kind in " ".join(_TYPES.values()).split()
}
_SAYS_ITSELF = re.compile(rb'"(?:profile|fhirVersion)"')


class _Head(msgspec.Struct):
    resourceType: Any = None  # noqa: N815


_HEAD = msgspec.json.Decoder(_Head)
_RESOURCE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RESOURCES = msgspec.json.Decoder(list[msgspec.Raw])


def release_of_version(version: str | None) -> str | None:
    """The release that a `fhirVersion` names; None for R4, R4B and what is no version."""
    if not version or not version[0].isdigit():
        return None
    major, minor, *_patch = *version.split("."), ""
    return _VERSIONS.get(f"{major}.{minor}", _VERSIONS.get(major, version)) or None


def release_of(nodes: Iterable[Node], version: Any = None, meta: Any = None) -> str | None:
    """The release of resources that came together, None for R4 and R4B; `version` and `meta` are what their Bundle says
    of itself. What most of them are is named: one that was carried over from an older release is no majority. Of what says
    that it is R4, or speaks as much for R4, single elements of R5 are strays."""
    votes = Counter(_claims(text(version), meta))
    for node in nodes:
        votes.update(_signs(node.type, node.content))
    if _is_ours(text(version), meta) or votes[_OURS] >= votes["R5"]:
        del votes["R5"]
    del votes[_OURS], votes[_ADDITION]
    return max(votes, key=lambda release: (votes[release], release == _FIRST), default=None)


def strays(resource: Resource, kind: str) -> Iterator[str]:
    """The elements of a resource, with its type, that no release that is read has."""
    for name in resource.keys() & _marks().get(kind, {}).keys():
        if any(shape is None and release != _OURS for release, shape in _marks()[kind][name]):
            yield f"{kind}.{name}"


def _is_ours(version: str | None, meta: Any) -> bool:
    """Whether it says itself that it is R4 or R4B."""
    profiles = (core[1] for profile in texts(meta, "profile") if (core := _CORE.match(profile)))
    stated = [stated for stated in (version, text(meta, "fhirVersion"), *profiles) if stated and stated[0].isdigit()]
    return bool(stated) and not any(map(release_of_version, stated))


def _claims(version: str | None, meta: Any) -> Iterator[str]:
    """By its version, or the profiles it says it follows."""
    yield from filter(None, map(release_of_version, (version, text(meta, "fhirVersion"))))
    for profile in texts(meta, "profile"):
        yield from (release for release, pattern in _PROFILES.items() if pattern.match(profile))
        if (core := _CORE.match(profile)) and (release := release_of_version(core[1])):
            yield release


def _signs(kind: str, content: Any) -> Iterator[str]:
    """By its type, its elements and what it contains."""
    try:
        # values are not looked into: `Graph` has weighed the resource, and most have nothing that tells
        raw = _RESOURCE.decode(content)
        contained = _RESOURCES.decode(raw.get("contained", b"[]"))
    except (ValueError, RecursionError):
        return
    yield from _RELEASES_OF_TYPE.get(kind, ())
    marks = _marks().get(kind, {})
    for name in raw.keys() & marks.keys():
        yield from (release for release, shape in marks[name] if shape is None or shape.match(bytes(raw[name])))
    if "fhirVersion" in raw or _SAYS_ITSELF.search(bytes(raw.get("meta", b""))):
        yield from _claims(text(_value(raw, "fhirVersion")), _value(raw, "meta"))
    for inner in contained:
        yield from _signs(text(_HEAD.decode(inner).resourceType) or "", inner)


def _value(raw: dict[str, msgspec.Raw], name: str) -> Any:
    return decode(raw[name]) if name in raw else None
