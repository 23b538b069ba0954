"""What of a resource cannot be so is said, and only that."""

from __future__ import annotations

from typing import Any

import pytest

from emkcli.fhir import Graph
from emkcli.fhir.contradictions import of_resource
from tests.invented import encoded, lab, plain, quantity

Resource = dict[str, Any]
STATUS = "its status is none of FHIR: {}"
TWO = "it is about two subjects"
BACKWARDS = "it ends before it begins"
UPSIDE_DOWN = "its range is upside down"
NO_NUMBER = "a quantity of it is no number"


def told(resource: Resource) -> list[str]:
    graph = Graph()
    node = graph.add(encoded(resource))
    assert node
    return list(of_resource(graph.resource(node), node))


def of(kind: str, **more: Any) -> Resource:
    return {"resourceType": kind, "id": "x", "subject": {"reference": "Patient/p1"}, **more}


def period(start: str, end: str) -> Resource:
    return {"start": start, "end": end}


def spread(low: float, high: float) -> Resource:
    return {"low": {"value": low}, "high": {"value": high}}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (lab("o", status="Final"), STATUS.format("Final")),
        (of("Encounter", status="done"), STATUS.format("done")),
        (of("Condition", clinicalStatus={"coding": [{"code": "ill"}]}), STATUS.format("ill")),
        (of("AllergyIntolerance", verificationStatus={"coding": [{"code": "sure"}]}), STATUS.format("sure")),
        (lab("o", subject=[{"reference": "Patient/p1"}, {"reference": "Patient/p2"}]), TWO),
        (lab("o", patient={"reference": "Patient/p2"}), TWO),
        (lab("o", valueString="мутная"), "it has two values"),
        (of("Encounter", period=period("2026-03-02", "2026-03-01")), BACKWARDS),
        (lab("o", effectivePeriod=period("2026-03-01T10:00:00Z", "2026-03-01T09:00:00Z")), BACKWARDS),
        (of("CarePlan", activity=[{"detail": {"scheduledPeriod": period("2026-03", "2026-02")}}]), BACKWARDS),
        (of("MedicationRequest", dosageInstruction=[{"doseAndRate": [{"doseRange": spread(3, 1)}]}]), UPSIDE_DOWN),
        (plain(lab("o", valueRange=spread(5.5, 5.4)), "valueQuantity"), UPSIDE_DOWN),
        (lab("o", quantity("5,4")), NO_NUMBER),
        (lab("o", component=[{"valueQuantity": {"value": "много"}}]), NO_NUMBER),
        (of("MedicationRequest", dispenseRequest={"quantity": {"value": "30"}}), NO_NUMBER),
    ],
)
def test_each_contradiction(resource: Resource, expected: str) -> None:
    assert told(resource) == [expected]


@pytest.mark.parametrize(
    "resource",
    [
        lab("o"),
        lab("o", 5.40, patient={"reference": "Patient/p1"}),
        lab("o", status="amended", identifier=[{"system": "urn:x", "value": "12"}]),
        lab("o", effectivePeriod=period("2026-03-01T10:00:00Z", "2026-03-01")),
        lab("o", effectivePeriod=period("2026-03-01", "2026-03-01")),
        lab("o", effectivePeriod=period("вчера", "2026-03-01")),
        lab("o", referenceRange=[{"low": {"value": 9}, "high": {"value": 9}}]),
        of("Encounter", status="planned", period=period("2026-03", "2026-03-15")),
        of("Condition", clinicalStatus={"text": "болен"}),
        of("Horoscope", status="Скорпион"),
        of("MedicationRequest", status="stopped"),
        of("Claim", contained=[lab("o", quantity("5,4"))], item=[{"quantity": {"value": 1e-7}}]),
    ],
)
def test_what_may_be_so_is_let_be(resource: Resource) -> None:
    assert told(resource) == []


def test_several_are_all_told() -> None:
    resource = lab("o", quantity("5,4"), status="ok", effectivePeriod=period("2026", "2025"))
    assert sorted(told(resource)) == sorted((STATUS.format("ok"), BACKWARDS, NO_NUMBER))
