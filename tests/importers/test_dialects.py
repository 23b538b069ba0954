"""Other releases of FHIR and documents of other countries are refused by name; R4, R4B and every СЭМД are read."""

from __future__ import annotations

import io
from typing import Any

import pytest

from emkcli.importers.document_reader import read
from emkcli.importers.source_document import Parsed
from tests.importers import semd_invented
from tests.invented import PATIENT, Resource, bundle, encoded, lab, plain

SUBJECT = {"reference": "Patient/p1"}
CODE = {"text": "Против гриппа"}


def one(content: bytes) -> Parsed:
    (parsed,) = read("-", io.BytesIO(content))
    return parsed


def resource(kind: str, **elements: Any) -> Resource:
    return {"resourceType": kind, "id": "r1", **elements}


def profiled(*profiles: str) -> Resource:
    return lab("o1", meta={"profile": list(profiles)})


def refusal(release: str) -> tuple[str, str]:
    return "unsupported", f"FHIR {release} is not read: ask for it in FHIR R4"


STU3 = [
    resource("Immunization", status="completed", notGiven=True, date="2018-10-05", vaccineCode=CODE, patient=SUBJECT),
    resource("Condition", clinicalStatus="active", verificationStatus="refuted", code=CODE, subject=SUBJECT),
    resource("AllergyIntolerance", assertedDate="2018-01-01", code=CODE, patient=SUBJECT),
    resource("MedicationStatement", status="active", taken="n", medicationCodeableConcept=CODE, subject=SUBJECT),
    resource("Procedure", status="completed", notDone=True, code=CODE, subject=SUBJECT),
    resource("ReferralRequest", status="active", intent="order", subject=SUBJECT),
    resource("CapabilityStatement", fhirVersion="3.0.1"),
    profiled("http://hl7.org/fhir/StructureDefinition/Observation|3.0.2"),
    profiled("https://fhir.example/STU3/StructureDefinition/Observation-1"),
    lab("o1", meta={"fhirVersion": "3.0.2"}),
    lab("o1", contained=[resource("MedicationStatement", taken="n")]),
]
DSTU2 = [
    resource("Immunization", status="completed", wasNotGiven=True, vaccineCode=CODE, patient=SUBJECT),
    resource("AllergyIntolerance", status="active", substance=CODE, patient=SUBJECT),
    resource("Condition", clinicalStatus="active", dateRecorded="2016-01-01", code=CODE, patient=SUBJECT),
    resource("MedicationOrder", status="active", medicationCodeableConcept=CODE, patient=SUBJECT),
    resource("DiagnosticOrder", status="requested", subject=SUBJECT),
    resource("Encounter", status="finished", **{"class": "ambulatory"}),
    PATIENT | {"name": [{"family": ["Пробная"], "given": ["Анна"]}]},
    resource("Conformance", fhirVersion="1.0.2"),
    profiled("http://hl7.org/fhir/StructureDefinition/daf-observation"),
]
R5 = [
    resource("MedicationRequest", status="active", medication={"concept": CODE}, subject=SUBJECT),
    resource("Procedure", status="completed", occurrenceDateTime="2026-01-01", code=CODE, subject=SUBJECT),
    resource("Encounter", status="completed", **{"class": [{"coding": [{"code": "AMB"}]}]}),
    resource("ServiceRequest", status="active", code={"concept": CODE}, subject=SUBJECT),
    resource("NutritionIntake", status="completed", subject=SUBJECT),
    profiled("http://hl7.org/fhir/5.0/StructureDefinition/Observation"),
]
RELEASES = [
    *(pytest.param(refused, "STU3", id=f"STU3 {place}") for place, refused in enumerate(STU3)),
    *(pytest.param(refused, "DSTU2", id=f"DSTU2 {place}") for place, refused in enumerate(DSTU2)),
    *(pytest.param(refused, "R5", id=f"R5 {place}") for place, refused in enumerate(R5)),
]


@pytest.mark.parametrize(("refused", "release"), RELEASES)
def test_another_release_is_refused_by_name(refused: Resource, release: str) -> None:
    for content in (
        encoded(refused),
        encoded(bundle(lab("o2"), refused)),
        b"\n".join([encoded(lab("o2")), encoded(refused)]),
    ):
        parsed = one(content)
        assert (parsed.problem, parsed.reason) == refusal(release)
        assert list(parsed.pieces()) == []


def test_a_bundle_says_its_release_itself() -> None:
    parsed = one(encoded(bundle(PATIENT, lab("o1"), fhirVersion="5.0.0")))
    assert (parsed.problem, parsed.reason) == refusal("R5")


def test_the_release_of_most_resources_is_named() -> None:
    """A vaccine entered in the older way stands among those of its time."""
    older = resource("Immunization", wasNotGiven=True, date="2016-02-02")
    parsed = one(encoded(bundle(STU3[0], STU3[0] | {"id": "r2"}, older)))
    assert (parsed.problem, parsed.reason) == refusal("STU3")


STRAY = plain(lab("o1"), "valueQuantity") | {"valueAttachment": {"title": "ЭКГ"}}
VISIT = resource("Encounter", status="finished", period={"start": "2026-01-01"}, subject=SUBJECT)


@pytest.mark.parametrize(
    ("more", "claim"),
    [
        ([STRAY], {}),
        ([STRAY, STRAY | {"id": "o2"}], {}),
        ([VISIT, VISIT | {"id": "r2", "actualPeriod": {"start": "2026-01-01"}}], {}),
        ([R5[0]], {"fhirVersion": "4.0.1"}),
        ([R5[0]], {"meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/Bundle|4.0.1"]}}),
    ],
)
def test_a_stray_element_refuses_no_file_of_r4_and_is_said(more: list[Resource], claim: Resource) -> None:
    parsed = one(encoded(bundle(PATIENT, *more, **claim)))
    assert (parsed.problem, parsed.reason) == (None, None)
    contradictions = [words for piece in parsed.pieces() for words in piece.contradictions]
    strange = [words for words in contradictions if "FHIR R4 does not have" in words]
    assert strange
    assert "Patient." not in " ".join(strange)
    assert not [words for words in strange if words.endswith((".status", ".subject", ".period"))]


@pytest.mark.parametrize(
    "taken",
    [
        lab("o1", meta={"profile": ["http://hl7.org/fhir/StructureDefinition/Observation|4.0.1"]}),
        lab("o1", meta={"profile": ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab|3.1.1"]}),
        resource("CapabilityStatement", fhirVersion="4.3.0"),
        resource("CapabilityStatement", fhirVersion="4.0.1"),
        resource("NutritionProduct", status="active"),
        resource("MedicationDispense", context={"reference": "Encounter/e1"}),
        resource("Encounter", **{"class": {"code": "AMB"}}),
    ],
)
def test_r4_and_r4b_are_read(taken: Resource) -> None:
    parsed = one(encoded(bundle(PATIENT, taken)))
    assert (parsed.problem, parsed.reason) == (None, None)
    assert [piece.type for piece in parsed.pieces()] == ["Patient", taken["resourceType"]]


def cda(header: str) -> bytes:
    return (
        f'<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:m="urn:hl7-ru:medService">{header}</ClinicalDocument>'.encode()
    )


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ('<realmCode code="US"/><templateId root="2.16.840.1.113883.10.20.22.1.2"/>', "C-CDA"),
        ('<templateId root="2.16.840.1.113883.10.20.22.1.1"/><id root="1.2.643.5"/>', "C-CDA"),
        (
            '<realmCode code="FR"/><templateId root="1.2.250.1.213.1.1.1.1"/>'
            '<recordTarget><patientRole><id root="1.2.643.100.3"/></patientRole></recordTarget>',
            "CDA of another country (realm FR)",
        ),
        ('<templateId root="2.16.840.1.113883.2.9.10.1.1"/>', "CDA of an unknown country"),
    ],
)
def test_a_document_of_another_country_is_refused_by_name(header: str, kind: str) -> None:
    body = "<entry><act><code/></act></entry><text>Gesund</text>"
    parsed = one(cda(f"{header}<component><structuredBody><section>{body}</section></structuredBody></component>"))
    assert (parsed.problem, parsed.reason) == ("unsupported", f"a CDA document, but no СЭМД: {kind}")
    assert (list(parsed.pieces()), parsed.counted) == ([], {"act": 1, "section": 1})


@pytest.mark.parametrize(
    "header",
    [
        '<realmCode code="RU"/><templateId root="0"/>',
        '<templateId root="1.2.643.5.1.13.2.7.5.1.7.3"/>',
        '<realmCode code="UV"/><code code="5" codeSystem="1.2.643.5.1.13.13.11.1522"/>',
        "<componentOf><encompassingEncounter><m:DocType/></encompassingEncounter></componentOf>",
        '<component><section><code code="ALL" codeSystem="1.2.643.5.1.13.13.99.2.197"/></section></component>',
    ],
)
def test_a_document_of_russia_is_read_whatever_its_generation(header: str) -> None:
    parsed = one(cda(header))
    assert (parsed.problem, len(list(parsed.pieces()))) == (None, 1)


def test_the_others_of_an_import_are_taken(tmp_path: Any) -> None:
    (tmp_path / "a.xml").write_bytes(semd_invented.document())
    (tmp_path / "b.xml").write_bytes(cda('<realmCode code="FR"/>'))
    (tmp_path / "c.json").write_bytes(encoded(STU3[0]))
    assert [parsed.problem for parsed in read(str(tmp_path))] == [None, "unsupported", "unsupported"]
