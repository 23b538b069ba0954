"""What no other list shows: every resource of R4 is one record, and says in words what its elements say."""

from __future__ import annotations

from typing import Any

import pytest

from emkcli import models
from emkcli.fhir.codecs import KIND_OF_TYPE, TOLD_BY_CONTENT
from emkcli.fhir.resource_types import OTHER, SUPPORTING
from tests.invented import Resource, only, read

SUBJECT = {"reference": "Patient/p1"}


def resource(kind: str, **elements: Any) -> Resource:
    return {"resourceType": kind, "id": "x", "subject": SUBJECT, **elements}


def observation(**elements: Any) -> Resource:
    return resource("Observation", category=[{"coding": [{"code": "survey"}]}], code={"text": "Анкета"}, **elements)


@pytest.mark.parametrize("kind", sorted(OTHER))
def test_a_resource_of_any_type_is_one_record(kind: str) -> None:
    record = only(resource(kind, status="entered-in-error", code={"text": "Что это"}))
    assert isinstance(record, models.Other)
    assert (record.id, record.type, record.title) == (f"{kind}/x", kind, "Что это")
    assert (record.status, record.text) == ("entered-in-error", None)


@pytest.mark.parametrize("kind", [*sorted(SUPPORTING), "Bundle", "Parameters", "NoSuchType"])
def test_what_is_referred_to_or_unknown_is_no_record(kind: str) -> None:
    assert read(resource(kind, status="active", code={"text": "Что это"})) == []


def test_a_type_stands_in_one_place() -> None:
    taken = {kind for kind, model in KIND_OF_TYPE.items() if model is not models.Other} | set(TOLD_BY_CONTENT)
    assert OTHER.isdisjoint(SUPPORTING)
    assert taken.isdisjoint(OTHER | SUPPORTING)


@pytest.mark.parametrize(
    ("elements", "date"),
    [
        ({"period": {"start": "2026-01-02"}, "created": "2026-02-01"}, "2026-01-02"),
        ({"start": "2026-01-02T08:00:00Z", "created": "2025-12-01"}, "2026-01-02T08:00:00Z"),
        ({"whenHandedOver": "2026-01-02", "whenPrepared": "2026-01-01"}, "2026-01-02"),
        ({"authored": "2026-01-02"}, "2026-01-02"),
        ({"billablePeriod": {"end": "2026-01-02"}, "created": "2026-01-09"}, "2026-01-02"),
        ({"started": "2026-01-02"}, "2026-01-02"),
        ({"effectiveTiming": {"event": ["2026-01-02"]}}, "2026-01-02"),
        ({}, None),
    ],
)
def test_the_date_is_the_clinical_one(elements: Resource, date: str | None) -> None:
    assert only(resource("Basic", **elements)).date == date


@pytest.mark.parametrize(
    ("measured", "value", "unit"),
    [
        ({"valueQuantity": {"value": 34.5, "comparator": "<", "unit": "%"}}, "<34.5", "%"),
        ({"valueInteger": 19}, "19", None),
        ({"valueBoolean": False}, "false", None),
        ({"valueCodeableConcept": {"text": "никогда"}}, "никогда", None),
    ],
)
def test_a_value_has_its_unit(measured: Resource, value: str, unit: str | None) -> None:
    record = only(observation(**measured))
    assert (record.title, record.value, record.unit, record.text) == ("Анкета", value, unit, None)


def test_components_are_said_with_their_values() -> None:
    parts = [
        {"code": {"text": "Сон"}, "valueQuantity": {"value": 3, "unit": "балла"}},
        {"code": {"text": "Аппетит"}, "dataAbsentReason": {"coding": [{"code": "asked-declined"}]}},
    ]
    record = only(observation(component=parts, note=[{"text": "Заполнено дома"}]))
    assert record.value is None
    assert str(record.text).split("\n") == [
        "Сон: 3 балла",
        "component.code: Аппетит",
        "component.dataAbsentReason: asked-declined",
        "note: Заполнено дома",
    ]


def test_every_datatype_in_words() -> None:
    elements = {
        "title": "План",
        "period": {"start": "2026-01-01", "end": "2026-06-01"},
        "category": [{"coding": [{"system": "urn:c", "code": "assess-plan", "display": "Оценка"}]}],
        "type": {"system": "urn:c", "code": "AMB", "display": "амбулаторно"},
        "amount": {"value": 120.50, "currency": "RUB"},
        "range": {"low": {"value": 60}, "high": {"value": 80, "unit": "кг"}},
        "content": {"contentType": "application/pdf", "title": "Скан", "data": "AAAA"},
        "addresses": [{"reference": "#c1"}, {"display": "Ожирение"}],
        "contained": [{"resourceType": "Condition", "id": "c1", "code": {"text": "Диабет"}}],
        "extension": [{"url": "https://e.example/priority", "valueString": "срочно"}],
        "active": True,
    }
    record = only(resource("CarePlan", **elements))
    assert (record.date, record.title) == ("2026-01-01", "План")
    assert str(record.text).split("\n") == [
        "period: 2026-01-01/2026-06-01",
        "category: Оценка",
        "type: амбулаторно",
        "amount: 120.5 RUB",
        "range: 60–80 кг",
        "content: Скан, application/pdf",
        "addresses: Диабет",
        "addresses: Ожирение",
        "priority: срочно",
        "active: true",
        "Condition.code: Диабет",
    ]


def test_a_question_stands_with_its_answers() -> None:
    below = {"linkId": "1.1", "text": "Сколько", "answer": [{"valueInteger": 20}]}
    asked = {"linkId": "1", "text": "Курите ли вы", "answer": [{"valueCoding": {"display": "да"}, "item": [below]}]}
    record = only(resource("QuestionnaireResponse", item=[asked, {"linkId": "2", "text": "Без ответа"}]))
    assert str(record.text).split("\n") == ["Курите ли вы: да", "Сколько: 20", "item.text: Без ответа"]


def narrated(words: str, status: str = "generated") -> Resource:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{words}</p></div>'
    return {"text": {"status": status, "div": div}, "code": {"text": "Осторожно"}, "note": [{"text": "пенициллин"}]}


def test_what_a_narrative_leaves_out_is_said_after_it() -> None:
    said = only(resource("Flag", **narrated("Осторожно: Пенициллин")))
    assert said.text == "Осторожно: Пенициллин"
    silent = only(resource("Flag", **narrated("Пометка")))
    assert silent.text == "Пометка\nnote: пенициллин"
    empty = only(resource("Flag", **narrated("нет текста", "empty")))
    assert empty.text == "note: пенициллин"


def test_who_and_where() -> None:
    doctor = {"resourceType": "Practitioner", "id": "d1", "name": [{"text": "Врачев Иван"}]}
    handed = resource(
        "MedicationDispense",
        medicationCodeableConcept={"text": "Капецитабин"},
        quantity={"value": 120, "unit": "таб."},
        performer=[{"actor": {"reference": "Practitioner/d1"}}],
    )
    (record,) = read(handed, doctor)
    assert (record.title, record.value, record.unit) == ("Капецитабин", "120", "таб.")
    assert record.doctor == models.DoctorRef(id="d1", name="Врачев Иван")
    assert record.text is None, "whoever stands in a field of its own is not said again"


def test_the_words_have_an_end() -> None:
    many = only(resource("Basic", note=[{"text": f"слово {number}"} for number in range(2000)]))
    lines = str(many.text).split("\n")
    assert (lines[0], lines[-1], len(lines)) == ("note: слово 0", "…", 501)
    long = only(resource("Basic", note=[{"text": "я" * 5000}]))
    assert long.text == f"note: {'я' * 4000}…"
    listed: Any = "дно"
    for _level in range(200):
        listed = [listed]
    assert only(resource("Basic", note=listed)).text is None
    deep: Resource = {"text": "дно", "more": "дно"}
    for _level in range(60):
        deep = {"item": deep}
    assert only(resource("Basic", item=deep)).text is None
