"""Every word of a resource that no other list shows is said, whatever its narrative says."""

from __future__ import annotations

from base64 import b64encode
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import models
from tests.invented import encoded, only

Resource = dict[str, Any]
ELEMENTS = ("activity", "detail", "payload", "item", "type", "category", "note", "action", "dosage", "event", "part")


def other(kind: str, **more: Any) -> models.Other:
    record = only({"resourceType": kind, "id": "o", "subject": {"reference": "Patient/p1"}, **more})
    assert isinstance(record, models.Other)
    return record


def page(words: str) -> Resource:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'}


def words_of(record: models.Other) -> str:
    return "\n".join(filter(None, (record.title, record.value, record.unit, record.status, record.text)))


DATATYPES = (
    lambda word: word,
    lambda word: {"text": word},
    lambda word: {"coding": [{"system": "urn:x", "code": "1", "display": word}]},
    lambda word: {"coding": [{"system": "urn:x", "code": word}]},
    lambda word: {"system": "urn:x", "code": "1", "display": word},
    lambda word: {"value": 7, "unit": word},
    lambda word: {"low": {"value": 1, "unit": word}, "high": {"value": 2, "unit": word}},
    lambda word: {"display": word},
    lambda word: {"type": {"text": word}},
    lambda word: {"type": word},
    lambda word: {"code": {"text": "вопрос"}, "valueString": word},
    lambda word: {"text": "вопрос", "answer": [{"valueCoding": {"display": word}}]},
    lambda word: {"extension": [{"url": "http://x.example/why", "valueString": word}]},
    lambda word: {"text": word, "authorString": "кто-то"},
    lambda word: {"contentType": "text/plain", "data": b64encode(word.encode()).decode()},
)
"""Where FHIR may keep a word."""


@st.composite
def resources(draw: st.DrawFn) -> tuple[Resource, list[str]]:
    """A resource of parts within parts, and the words in it."""
    numbers = count()
    written: list[str] = []

    def leaf() -> Any:
        written.append(f"слово{next(numbers)}х")
        return draw(st.sampled_from(DATATYPES))(written[-1])

    def part(depth: int) -> Any:
        if depth == 0 or draw(st.booleans()):
            return leaf()
        inner = {name: part(depth - 1) for name in draw(st.sets(st.sampled_from(ELEMENTS), min_size=2, max_size=3))}
        return [inner, leaf()] if draw(st.booleans()) else inner

    names = draw(st.sets(st.sampled_from(ELEMENTS), min_size=1, max_size=4))
    readable = {"text": page("Записано 2020-01-01: 7, вопрос.")} if draw(st.booleans()) else {}
    return {"resourceType": "Basic", "id": "o", **readable, **{name: part(3) for name in sorted(names)}}, written


@given(resources())
def test_every_word_of_a_resource_is_in_its_record(drawn: tuple[Resource, list[str]]) -> None:
    resource, written = drawn
    record = words_of(only(resource))
    assert [word for word in written if word not in record] == []


def test_a_narrative_takes_the_place_of_what_it_says() -> None:
    plan = other(
        "CarePlan",
        text=page("План: ходить с 01.02.2023, пить воду, балл 30"),
        description="пить воду",
        period={"start": "2023-02-01"},
        activity=[{"detail": {"description": "ходить", "scheduledPeriod": {"start": "2023-02-01"}}}],
    )
    assert plan.text == "План: ходить с 01.02.2023, пить воду, балл 30"


def test_a_narrative_hides_no_other_date_number_or_answer() -> None:
    response = other(
        "QuestionnaireResponse",
        text=page("Анкета от 2020-01-08. Курит: Да. Баллов 2."),
        item=[
            {"text": "Пьёт", "answer": [{"valueString": "Да"}]},
            {"text": "Бросил", "answer": [{"valueDate": "2010-01-01"}]},
            {"text": "Курит", "answer": [{"valueString": "Да"}]},
            {"text": "Дыхание", "answer": [{"valueInteger": 2}]},
        ],
    )
    assert response.text == "\n".join(
        ("Анкета от 2020-01-08. Курит: Да. Баллов 2.", "Пьёт: Да", "Бросил: 2010-01-01", "Дыхание: 2")
    )


def test_a_narrative_may_break_its_lines_anywhere_but_within_a_word() -> None:
    readable = page("Наблюдение у<br/>кардиолога (раз в год), «вес» &lt; 70 кг")
    said = [{"text": words} for words in ("у кардиолога", "раз в год", "вес", "< 70 кг")]
    assert str(other("Basic", text=readable, note=said).text).splitlines()[2:] == []
    silent = [{"text": words} for words in ("у кардио", "год вес", "> 70 кг", "0 кг")]
    assert str(other("Basic", text=readable, note=silent).text).splitlines()[2:] == [
        *("note: у кардио", "note: год вес", "note: > 70 кг", "note: 0 кг")
    ]


def test_a_part_is_told_though_its_words_are_those_of_a_field() -> None:
    """A score of parts, one of which is as high as the sum."""
    components = [
        {"code": {"text": "дыхание"}, "valueInteger": 2},
        {"code": {"text": "тонус"}, "valueInteger": 0},
        {"code": {"text": "пульс"}, "dataAbsentReason": {"text": "не измерен"}},
    ]
    category = [{"coding": [{"code": "survey"}]}]
    score = other("Observation", category=category, code={"text": "Апгар"}, valueInteger=2, component=components)
    assert (score.title, score.value) == ("Апгар", "2")
    assert score.text == "дыхание: 2\nтонус: 0\ncomponent.code: пульс\ncomponent.dataAbsentReason: не измерен"


def test_equal_parts_stay_where_they_stand() -> None:
    activities = [
        {"detail": {"code": {"text": name}, "doNotPerform": no}} for name, no in (("бег", True), ("сон", True))
    ]
    told = "activity.detail.code: {}\nactivity.detail.doNotPerform: true"
    plan = other("CarePlan", title="План", activity=activities)
    assert plan.text == "\n".join(map(told.format, ("бег", "сон")))


@pytest.mark.parametrize(
    ("kind", "more", "title"),
    [
        ("Communication", {"payload": [{"contentString": "Приходите"}]}, "Приходите"),
        ("NutritionOrder", {"oralDiet": {"type": [{"text": "стол 5"}]}}, "стол 5"),
        ("SupplyDelivery", {"suppliedItem": {"itemCodeableConcept": {"text": "Шприцы"}}}, "Шприцы"),
        ("DeviceUseStatement", {"device": {"display": "Кардиостимулятор"}}, "Кардиостимулятор"),
        ("RiskAssessment", {"prediction": [{"outcome": {"text": "инфаркт"}}]}, "инфаркт"),
        ("CarePlan", {"category": [{"text": "диета"}]}, "диета"),
        ("ImagingStudy", {"modality": [{"code": "CT"}]}, "CT"),
        ("BodyStructure", {"active": True}, None),
    ],
)
def test_a_title_is_found_further_inside(kind: str, more: Resource, title: str | None) -> None:
    assert other(kind, **more).title == title


@pytest.mark.parametrize(
    ("kind", "more", "date"),
    [
        ("DeviceUseStatement", {"recordedOn": "2020-01-02", "timingDateTime": "2019-05"}, "2019-05"),
        ("CoverageEligibilityRequest", {"created": "2020-01-02", "servicedDate": "2020-01-03"}, "2020-01-03"),
        ("Claim", {"created": "2020-01-02", "billablePeriod": {"end": "2020-01-01"}}, "2020-01-01"),
        ("Goal", {"startDate": "2024-01-01", "target": [{"dueDate": "2025-01-01"}]}, "2024-01-01"),
        ("Flag", {"code": {"text": "Риск"}}, None),
    ],
)
def test_a_date_is_that_of_what_it_is_about(kind: str, more: Resource, date: str | None) -> None:
    assert other(kind, **more).date == date


def test_a_sum_has_its_digits_and_its_currency() -> None:
    invoice = only(
        encoded({"resourceType": "Invoice", "id": "o", "status": "issued"})[:-1]
        + b', "totalGross": {"value": 10.50, "currency": "RUB"}}'
    )
    assert (invoice.value, invoice.unit, invoice.text) == ("10.50", "RUB", None)


@pytest.mark.parametrize(("status", "shown"), [("active", "prohibited"), ("entered-in-error", "entered-in-error")])
def test_what_must_not_be_done_is_prohibited(status: str, shown: str) -> None:
    payload = [{"contentString": "Звонить"}]
    assert other("CommunicationRequest", status=status, payload=payload, doNotPerform=True).status == shown
    assert other("CommunicationRequest", status=status, payload=payload, doNotPerform=False).status == status
