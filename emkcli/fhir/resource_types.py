"""The types of R4 and R4B that the card tells apart, and where they keep their dates; the types of its lists stand in `codecs`."""

from __future__ import annotations


def _types(names: str) -> frozenset[str]:
    return frozenset(names.split())


SUPPORTING = _types(
    """AuditEvent Binary CapabilityStatement CodeSystem CompartmentDefinition ConceptMap Device DeviceDefinition
    DeviceMetric Endpoint GraphDefinition HealthcareService ImplementationGuide Location Medication
    MedicationKnowledge MessageDefinition MessageHeader NamingSystem OperationDefinition OperationOutcome Organization
    OrganizationAffiliation Patient Person Practitioner PractitionerRole Provenance RelatedPerson SearchParameter
    Specimen StructureDefinition StructureMap Subscription SubscriptionStatus SubscriptionTopic Substance
    TerminologyCapabilities TestReport TestScript ValueSet"""
)
"""What records refer to or are described by, and what tells of the server: no record by itself."""
OF_A_PATIENT = _types(
    """Account AppointmentResponse Appointment Basic BodyStructure CarePlan CareTeam ChargeItem Claim
    ClaimResponse ClinicalImpression Communication CommunicationRequest Consent Contract Coverage
    CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue DeviceRequest DeviceUseStatement
    DocumentManifest EnrollmentRequest EpisodeOfCare ExplanationOfBenefit FamilyMemberHistory Flag Goal GuidanceResponse
    ImagingStudy ImmunizationEvaluation Invoice List MeasureReport Media MedicationAdministration
    MedicationDispense MolecularSequence NutritionOrder QuestionnaireResponse RequestGroup ResearchSubject RiskAssessment
    SupplyDelivery Task VisionPrescription"""
)
"""What no other list shows and R4 lets be searched by `patient`."""
OF_A_SUBJECT = _types("AdverseEvent SupplyRequest")
"""The same by `subject` alone."""
OF_ONE_PATIENT = (
    OF_A_PATIENT
    | OF_A_SUBJECT
    | _types(
        """AllergyIntolerance Composition Condition DiagnosticReport DocumentReference Encounter Immunization
        ImmunizationRecommendation MedicationRequest MedicationStatement Observation Procedure ServiceRequest"""
    )
)
"""Types whose resources say something of a patient: each is somebody's, also where it does not name them."""
_OF_NOBODY = _types(
    """ActivityDefinition AdministrableProductDefinition BiologicallyDerivedProduct CatalogEntry ChargeItemDefinition
    Citation ClinicalUseDefinition EffectEvidenceSynthesis EnrollmentResponse EventDefinition Evidence EvidenceReport
    EvidenceVariable ExampleScenario Group Ingredient InsurancePlan Library Linkage ManufacturedItemDefinition Measure
    MedicinalProduct MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductDefinition
    MedicinalProductIndication MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured
    MedicinalProductPackaged MedicinalProductPharmaceutical MedicinalProductUndesirableEffect NutritionProduct
    ObservationDefinition PackagedProductDefinition PaymentNotice PaymentReconciliation PlanDefinition Questionnaire
    RegulatedAuthorization ResearchDefinition ResearchElementDefinition ResearchStudy
    RiskEvidenceSynthesis Schedule Slot SpecimenDefinition SubstanceDefinition SubstanceNucleicAcid SubstancePolymer
    SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial SubstanceSpecification
    VerificationResult"""
)
"""What has no patient to be searched by, and comes in files."""
OTHER = OF_A_PATIENT | OF_A_SUBJECT | _OF_NOBODY
"""Types all of whose resources are records of the list `other`."""
DATES = (
    *("effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming"),
    *("occurrenceDateTime", "occurrencePeriod", "occurrenceTiming", "performedDateTime", "performedPeriod"),
    *("timingDateTime", "timingPeriod", "timingTiming", "identifiedDateTime", "identifiedPeriod", "started"),
    *("period", "servicePeriod", "servicedDate", "servicedPeriod", "billablePeriod", "executionPeriod", "applies"),
    *("onsetDateTime", "whenHandedOver", "whenPrepared", "start", "startDate", "authoredOn", "authored", "dateTime"),
    *("sent", "received", "date", "dateWritten", "recordedDate", "recorded", "dateAsserted", "recordedOn", "issued"),
    *("createdDateTime", "createdPeriod", "created", "statusDate"),
)
"""The elements that hold the date of a resource, the time it is about before the time it was written down."""
