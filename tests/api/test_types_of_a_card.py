"""Which types a card is made of where a server has no `$everything`: every one of a patient that the server keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from emkcli.api.fhir.card import FhirCard
from emkcli.api.fhir.changes import KINDS
from emkcli.api.fhir.searches import BESIDE, BY_TYPE, EVERYTHING, OTHERS
from emkcli.api.ports import CardQuery
from emkcli.api.wire import Wire
from tests.invented import BASE, PATIENT, Server, bundle, encoded, lab

ALL = CardQuery()
_NAMES = """
Account AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic BodyStructure CarePlan
CareTeam ChargeItem Claim ClaimResponse ClinicalImpression Communication CommunicationRequest Composition Condition
Consent Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue DeviceRequest DeviceUseStatement
DiagnosticReport DocumentManifest DocumentReference Encounter EnrollmentRequest EpisodeOfCare ExplanationOfBenefit
FamilyMemberHistory Flag Goal Group ImagingStudy Immunization ImmunizationEvaluation ImmunizationRecommendation Invoice
List MeasureReport Media MedicationAdministration MedicationDispense MedicationRequest MedicationStatement
MolecularSequence NutritionOrder Observation Patient Person Procedure Provenance QuestionnaireResponse RelatedPerson
RequestGroup ResearchSubject RiskAssessment Schedule ServiceRequest Specimen SupplyDelivery SupplyRequest
VisionPrescription"""
COMPARTMENT = frozenset(_NAMES.split())
"""R4's CompartmentDefinition/patient."""
NOT_ASKED = {"Group", "Schedule", "Patient"}
"""Of many people, and what is read by its id."""


def listing(server: Server, parameters: Mapping[str, list[str]]) -> Server:
    """A server that lists these types, each with its search parameters."""
    kinds = [
        {"type": kind, "searchParam": [{"name": name, "type": "reference"} for name in names]}
        for kind, names in parameters.items()
    ]
    statement = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"resource": kinds}]}
    server.capability = lambda: httpx.Response(200, json=statement)  # type: ignore[method-assign]
    server.everything = False
    return server


def resource(kind: str, element: str = "subject") -> dict[str, Any]:
    return {"resourceType": kind, "id": kind.lower(), element: {"reference": "Patient/p1"}}


def asked(server: Server) -> dict[str, dict[str, str]]:
    return {path: dict(params) for path, params in server.asked if "/" not in path and path != "metadata"}


def test_a_card_may_have_every_type_of_the_compartment() -> None:
    assert {*BY_TYPE, *EVERYTHING, *BESIDE} >= COMPARTMENT - NOT_ASKED
    assert not NOT_ASKED & {*OTHERS, *EVERYTHING, *BESIDE, *KINDS}


@pytest.mark.parametrize("form", ["resources", "batches"])
def test_an_export_asks_for_every_type_that_is_listed(form: str) -> None:
    kinds = sorted(COMPARTMENT - NOT_ASKED)
    elements = {"Coverage": "beneficiary", "EnrollmentRequest": "candidate", "RelatedPerson": "patient"}
    server = listing(
        Server(*(resource(kind, elements.get(kind, "subject")) for kind in kinds)),
        {kind: ["patient", "subject"] for kind in kinds},
    )
    card = server.card()
    if form == "resources":
        found = [raw.id.partition("/")[0] for raw in card.resources(ALL)]
    else:
        found = [kind for batch in card.batches(ALL) for kind in batch.kinds]
    assert sorted(found) == sorted([*kinds, "Patient"])
    assert list(asked(server))[-1] == "AuditEvent"


def test_what_is_not_a_patients_or_not_listed_is_not_asked_for() -> None:
    server = listing(
        Server(),
        {"Goal": ["patient"], "Task": ["status"], "AdverseEvent": ["subject"], "Flag": [], "Organization": ["name"]},
    )
    assert [raw.id for raw in server.card().resources(ALL)] == ["Patient/p1"]
    further = {kind: params for kind, params in asked(server).items() if kind not in EVERYTHING}
    assert further.keys() == {"Goal", "AdverseEvent", "Flag"}
    assert (further["Goal"]["patient"], further["Flag"]["patient"]) == ("p1", "p1")
    assert further["AdverseEvent"]["subject"] == "Patient/p1"


@pytest.mark.parametrize(
    "statement", [Server.outcome(404), httpx.Response(200, content=b'{"resourceType":"CapabilityStatement"}')]
)
def test_a_server_that_does_not_tell_is_asked_for_every_type_and_it_is_said(statement: httpx.Response) -> None:
    server, said = Server(resource("Goal", "subject")), list[str]()
    server.everything, server.capability = False, lambda: statement  # type: ignore[method-assign]
    card = FhirCard(Wire(BASE, transport=httpx.MockTransport(server.answer)), "", lambda: "p1", notice=said.append)
    assert [raw.id for raw in card.resources(ALL)] == ["Patient/p1", "Goal/goal"]
    assert set(asked(server)) == {*EVERYTHING, *OTHERS, *BESIDE}
    assert [words for words in said if "does not say which types" in words] == said[:1]


def test_a_portal_that_does_not_tell_is_asked_for_what_portals_keep() -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path.rpartition("/")[2])
        if paths[-1] == "p1":
            return httpx.Response(200, content=encoded(PATIENT))
        return (
            Server.outcome(404)
            if paths[-1] in ("metadata", "$everything")
            else httpx.Response(200, content=encoded(bundle()))
        )

    card = FhirCard(Wire(BASE, transport=httpx.MockTransport(answer)), "/fhir", lambda: "p1")
    assert [raw.id for raw in card.resources(ALL)] == ["Patient/p1"]
    assert {path for path in paths if path[0].isupper()} == set(EVERYTHING)


def test_a_sync_asks_for_every_type_that_is_listed() -> None:
    server = listing(Server(), {kind: ["patient"] for kind in COMPARTMENT})
    kinds = server.card().changes().kinds
    assert set(kinds) >= COMPARTMENT - NOT_ASKED - {
        "RelatedPerson"
    }  # those that the card speaks of are read by their ids
    assert not NOT_ASKED & set(kinds)
    assert (list(kinds[: len(KINDS) - 1]), kinds[-1]) == (list(KINDS[:-1]), "AuditEvent")
    assert len(set(kinds)) == len(kinds)


def test_a_server_that_calls_the_patient_the_subject_is_asked_so() -> None:
    server = listing(Server(lab("o1")), {"Observation": ["subject", "category"], "Condition": ["patient", "subject"]})
    card = server.card()
    assert [result.id for result in card.labs(ALL)] == ["Observation/o1"]
    assert card.record("Observation/o1").id == "Observation/o1"  # type: ignore[attr-defined]
    changes = card.changes()
    assert changes.newest("Observation", None).total == 1
    assert list(changes.keys("Observation")) == ["Observation/o1"]
    assert [one.key for batch in changes.walk("Observation", None) for one in batch.matches] == ["Observation/o1"]
    list(card.diagnoses(ALL))
    for path, params in server.asked:
        parameters = dict(params)
        if path == "Observation":
            assert (parameters.get("subject"), parameters.get("patient")) == ("Patient/p1", None)
        if path == "Condition":
            assert (parameters.get("subject"), parameters.get("patient")) == (None, "p1")


@pytest.mark.parametrize("kind", ["SupplyRequest", "Provenance", "Person"])
def test_other_peoples_are_left_out_of_further_types(kind: str) -> None:
    element = {"SupplyRequest": "deliverTo", "Provenance": "target", "Person": "link"}[kind]
    own, other = ({"reference": f"Patient/{ident}"} for ident in ("p1", "p2"))
    if kind == "Person":
        own, other = {"target": own}, {"target": other}
    server = listing(
        Server(
            {"resourceType": kind, "id": "own", element: [own]},
            {"resourceType": kind, "id": "other", element: [other]},
            {"resourceType": kind, "id": "both", element: [other, own]},
        ),
        {kind: ["patient", "subject"]},
    )
    assert [raw.id for raw in server.card().resources(ALL)] == ["Patient/p1", f"{kind}/own", f"{kind}/both"]
