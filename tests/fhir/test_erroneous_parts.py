"""A medicine or a sample that was entered by mistake marks the record it describes."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from emkcli import models
from tests.invented import lab, only, read


def prescription(status: str) -> models.Prescription:
    medication = {"resourceType": "Medication", "id": "m", "code": {"text": "Аспирин"}, "status": status}
    request = {
        "resourceType": "MedicationRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
        "medicationReference": {"reference": "Medication/m"},
    }
    (record,) = [record for record in read(medication, request) if isinstance(record, models.Prescription)]
    return record


def marks(record: Any) -> list[models.Detail]:
    return [detail for detail in record.details if detail.modifies]


def test_an_erroneous_medicine_marks_its_prescription() -> None:
    mark = models.Detail(element="medicationReference.status", text="entered-in-error", modifies=True)
    record = prescription("entered-in-error")
    assert record.details == [mark]
    assert record.medicine == "Аспирин"


def test_another_status_is_no_mark() -> None:
    assert prescription("active").details is UNSET


def test_an_erroneous_sample_inside_a_result_marks_it() -> None:
    specimen = {"resourceType": "Specimen", "id": "s", "type": {"text": "кровь"}, "status": "entered-in-error"}
    record = only(lab("l", contained=[specimen], specimen={"reference": "#s"}))
    assert [(mark.element, mark.text) for mark in marks(record)] == [("specimen.status", "entered-in-error")]


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("MedicationRequest", "entered-in-error", "entered-in-error"),
        ("MedicationStatement", "not-taken", "not-taken"),
        ("MedicationRequest", "cancelled", None),
        ("MedicationStatement", "active", None),
    ],
)
def test_a_medicine_never_meant_says_so_although_the_card_has_no_word_for_it(
    kind: str, status: str, text: str | None
) -> None:
    resource = {"resourceType": kind, "id": "r", "status": status, "medicationCodeableConcept": {"text": "Варфарин"}}
    (record,) = [record for record in read(resource) if isinstance(record, models.Prescription)]
    assert record.status == ("active" if status == "active" else "cancelled")
    if text is None:
        assert record.details is UNSET
    else:
        assert marks(record) == [models.Detail(element="status", text=text, modifies=True)]
