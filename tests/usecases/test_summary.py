"""The summary says what counts today: each thing once, as it was said last, and nothing that was taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.invented import Resource, lab, quantity
from tests.usecases.conftest import Card

ICD = "http://hl7.org/fhir/sid/icd-10"
SUBJECT = {"reference": "Patient/p1"}
LOW = [{"low": {"value": 3.9, "unit": "ммоль/л"}, "high": {"value": 6.1, "unit": "ммоль/л"}}]


def ago(days: int) -> str:
    return (date.today() - timedelta(days=days)).isoformat()


def condition(ident: str, code: str | None, days: int, **more: Any) -> Resource:
    coding = {"coding": [{"system": ICD, "code": code}]} if code else {}
    named = coding | {"text": "Гипертензия"}
    return {
        "resourceType": "Condition",
        "id": ident,
        "subject": SUBJECT,
        "code": named,
        "recordedDate": ago(days),
    } | more


def glucose(ident: str, value: float, days: int, **more: Any) -> Resource:
    return lab(ident, quantity(value), effectiveDateTime=ago(days), referenceRange=LOW, **more)


def dates(found: list[dict[str, Any]], name: str = "date") -> list[str]:
    return [one[name] for one in found]


@pytest.mark.parametrize("code", ["I10", None], ids=["by its code", "by its words"])
def test_a_diagnosis_is_told_once_as_it_was_recorded_last(card: Callable[..., Card], code: str | None) -> None:
    again = [condition(f"d{days}", code, days) for days in (400, 30, 90)]
    other = condition("other", "J45.0", 200) | {"code": {"coding": [{"system": ICD, "code": "J45.0"}], "text": "Астма"}}
    shown = card(*again, other)("summary").item["diagnoses"]
    assert [(one["code"], one["date"]) for one in shown] == [(code, ago(30)), ("J45.0", ago(200))]


def test_a_result_that_was_mended_by_a_newer_one_is_over(card: Callable[..., Card]) -> None:
    summary = card(glucose("old", 15.2, 300), glucose("new", 5.0, 20))("summary").item
    assert summary["labs_out_of_range"] == []


def test_of_an_analyte_the_newest_result_is_shown(card: Callable[..., Card]) -> None:
    results = (glucose("older", 12.0, 300), glucose("newest", 7.5, 20), glucose("good", 5.0, 600))
    shown = card(*results)("summary").item["labs_out_of_range"]
    assert [(one["value"], one["collected_at"]) for one in shown] == [("7.5", ago(20))]


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_result_that_was_taken_back_neither_shows_nor_hides_another(card: Callable[..., Card], status: str) -> None:
    alarming = glucose("wrong", 30.0, 5, status=status)
    assert card(alarming)("summary").item["labs_out_of_range"] == []
    calming = glucose("calming", 5.0, 4, status=status)
    shown = card(glucose("true", 8.0, 10), alarming, calming)("summary").item["labs_out_of_range"]
    assert [(one["value"], one["status"]) for one in shown] == [("8.0", "final")]


def test_what_was_entered_in_error_is_nowhere(card: Callable[..., Card]) -> None:
    wrong = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    allergy = {"resourceType": "AllergyIntolerance", "patient": SUBJECT, "code": {"text": "Пенициллин"}}
    vaccine = {"resourceType": "Immunization", "patient": SUBJECT, "vaccineCode": {"text": "Вакцина"}}
    pairs = [
        condition("d-wrong", "I10", 3, **wrong),
        condition("d-true", "I11", 4),
        allergy | {"id": "a-wrong", "recordedDate": ago(3)} | wrong,
        allergy | {"id": "a-true", "recordedDate": ago(4)},
        vaccine | {"id": "v-wrong", "occurrenceDateTime": ago(3), "status": "entered-in-error"},
        vaccine | {"id": "v-true", "occurrenceDateTime": ago(4), "status": "completed"},
    ]
    of = card(*pairs)
    summary = of("summary").item
    for name in ("diagnoses", "allergies", "vaccinations"):
        assert dates(of(name).items) == [ago(3), ago(4)], "the list shows both"
        assert dates(summary[name]) == [ago(4)]
