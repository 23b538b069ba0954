"""What a source says of an allergy, a condition, a sign, a reason: read whole, in every form that R4 allows."""

from __future__ import annotations

from typing import Any

import pytest

from emkcli import models
from tests.invented import VITAL, lab, only, plain, quantity, read

P = {"reference": "Patient/p1"}
MILD = {"manifestation": [{"text": "зуд"}, {"coding": [{"code": "1", "display": "сыпь"}]}], "severity": "mild"}


def allergy(**more: Any) -> models.Allergy:
    record: models.Allergy = only({"resourceType": "AllergyIntolerance", "id": "a", "code": {"text": "Арахис"}, **more})
    return record


def condition(**more: Any) -> models.Diagnosis:
    record: models.Diagnosis = only({"resourceType": "Condition", "id": "c", "code": {"text": "Астма"}, **more})
    return record


def test_what_makes_an_allergy_dangerous() -> None:
    reaction = {"substance": {"text": "арахисовое масло"}, "onset": "2019-05", "description": "за минуту", **MILD}
    record = allergy(
        category=["food", "environment"],
        criticality="high",
        note=[{"text": "носит адреналин"}, {"text": "предупредить школу"}],
        reaction=[
            reaction,
            {"manifestation": [{"text": "анафилаксия"}], "severity": "severe", "note": [{"text": "скорая"}]},
        ],
    )
    assert (record.category, record.criticality) == ("food, environment", "high")
    assert record.note == "носит адреналин; предупредить школу"
    assert record.reactions == [
        models.Reaction(
            substance="арахисовое масло",
            manifestations=["зуд", "сыпь"],
            severity="mild",
            date="2019-05",
            note="за минуту",
        ),
        models.Reaction(manifestations=["анафилаксия"], severity="severe", note="скорая"),
    ]


def test_an_allergy_of_which_little_is_known() -> None:
    record = allergy()
    assert (record.category, record.criticality, record.note, record.reactions) == (None, None, None, [])
    assert allergy(criticality="unable-to-assess").criticality == "unable-to-assess"
    assert allergy(criticality="ужасная", reaction=[{"severity": "жуть"}]).reactions[0].severity == "жуть"


FORMS = [
    ({"DateTime": "2015-03"}, "2015-03"),
    ({"Age": {"value": 40, "unit": "лет", "code": "a"}}, "40 лет"),
    ({"Age": {"value": 40, "code": "a"}}, "40 a"),
    ({"Period": {"start": "2015", "end": "2016-02"}}, "2015/2016-02"),
    ({"Period": {"end": "2016-02"}}, "…/2016-02"),
    ({"Range": {"low": {"value": 4, "code": "a"}, "high": {"value": 5, "code": "a"}}}, "4–5 a"),
    ({"String": "в детстве"}, "в детстве"),
    ({"Boolean": True}, "true"),
    ({"Age": "старый"}, None),
]


@pytest.mark.parametrize(("form", "text"), FORMS, ids=str)
@pytest.mark.parametrize("name", ["onset", "abatement"])
def test_when_a_condition_began_and_ended(name: str, form: dict[str, Any], text: str | None) -> None:
    record = condition(**{f"{name}{kind}": value for kind, value in form.items()})
    other = "abatement" if name == "onset" else "onset"
    assert (getattr(record, name), getattr(record, other)) == (text, None)


def test_how_severe_a_condition_is() -> None:
    record = condition(severity={"coding": [{"code": "24484000", "display": "Тяжёлая"}]}, note=[{"text": "с детства"}])
    assert (record.severity, record.note) == ("Тяжёлая", "с детства")
    assert (condition().severity, condition().note) == (None, None)


def test_a_sign_has_its_range_its_flag_and_its_notes() -> None:
    pulse = lab(
        "v",
        category=VITAL,
        referenceRange=[{"low": {"value": 60}, "high": {"value": 90}}],
        interpretation=[{"coding": [{"code": "H", "display": "учащён"}]}],
        note=[{"text": "после ходьбы"}],
    )
    record = only(pulse)
    assert record.reference == models.Reference(low="60", high="90")
    assert (record.flag, record.interpretation, record.note) == ("H", "учащён", "после ходьбы")
    absent = only(plain(lab("v", category=VITAL, dataAbsentReason={"text": "отказ"}), "valueQuantity"))
    assert (absent.value, absent.note, absent.flag, absent.reference) == (None, "отказ", None, None)


def pressure(*codes: str) -> dict[str, Any]:
    upper = {
        "code": {"text": "верхнее", "coding": [{"code": codes[0]}]},
        "valueQuantity": quantity(150, "мм рт. ст."),
        "interpretation": [{"coding": [{"code": "H"}]}],
        "referenceRange": [{"low": {"value": 90}, "high": {"value": 139}}],
    }
    lower = {
        "code": {"text": "нижнее", "coding": [{"code": codes[1]}]},
        "valueQuantity": quantity(80, "мм рт. ст."),
        "note": [{"text": "со второго раза"}],
    }
    whole = lab("v", category=VITAL, code={"text": "АД"}, note=[{"text": "сидя"}], component=[upper, lower])
    return plain(whole, "valueQuantity")


def test_a_pressure_in_one_keeps_what_its_parts_say() -> None:
    record = only(pressure("8480-6", "8462-4"))
    assert (record.value, record.flag, record.interpretation) == ("150/80", None, "верхнее: H")
    assert record.reference == models.Reference(text="верхнее: 90 – 139")
    assert record.note == "сидя; нижнее: со второго раза"


def test_parts_apart_keep_their_own_and_the_common_note() -> None:
    upper, lower = read(pressure("a", "b"))
    assert (upper.flag, upper.note, lower.flag) == ("H", "сидя", None)
    assert lower.note == "со второго раза; сидя"


REASONS = {
    "reasonCode": [{"text": "Кашель"}],
    "reasonReference": [{"reference": "Condition/c"}, {"display": "Со слов"}, {"reference": "Condition/gone"}],
}
REASON = "Кашель; Астма; Со слов"


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement", "Encounter", "ServiceRequest"])
def test_why(kind: str) -> None:
    known = {"resourceType": "Condition", "id": "c", "code": {"text": "Астма"}}
    record, _condition = read({"resourceType": kind, "id": "r", "subject": P, **REASONS}, known)
    assert record.reason == REASON
    assert read({"resourceType": kind, "id": "r", "subject": P}, known)[0].reason is None


def test_what_else_is_said_of_a_medicine_and_a_vaccine() -> None:
    record = only({"resourceType": "MedicationRequest", "id": "m", "note": [{"text": "не с молоком"}]})
    assert (record.note, record.dosage, record.instructions) == ("не с молоком", [], None)
    vaccine = {"resourceType": "Immunization", "id": "i", "doseQuantity": {"value": 0.5, "code": "mL"}}
    assert only(vaccine).dose == "0.5 mL"
