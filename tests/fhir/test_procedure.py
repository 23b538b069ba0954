"""Procedures: when, by whom, why or why not, and what came of them."""

from __future__ import annotations

from typing import Any

import pytest

from emkcli import models
from emkcli.clinical import current
from tests.invented import Resource, only, read

SUBJECT = {"reference": "Patient/p1"}


def procedure(**elements: Any) -> Resource:
    stated = {"status": "completed", "code": {"text": "Аппендэктомия"}, "subject": SUBJECT}
    return {"resourceType": "Procedure", "id": "x", **stated, **elements}


@pytest.mark.parametrize(
    ("performed", "date", "words"),
    [
        ({"performedDateTime": "2010-05"}, "2010-05", None),
        (
            {"performedPeriod": {"start": "2010-05-05T10:00:00Z", "end": "2010-05-05T11:00:00Z"}},
            "2010-05-05T10:00:00Z",
            None,
        ),
        ({"performedString": "в детстве"}, None, "в детстве"),
        ({"performedAge": {"value": 12, "unit": "лет"}}, None, "12 лет"),
        ({"performedRange": {"low": {"value": 10}, "high": {"value": 12, "unit": "лет"}}}, None, "10–12 лет"),
        ({}, None, None),
    ],
)
def test_when(performed: Resource, date: str | None, words: str | None) -> None:
    record = only(procedure(**performed))
    assert (record.date, record.date_text) == (date, words)


def test_what_was_not_done_says_why() -> None:
    record = only(procedure(status="not-done", statusReason={"text": "отказ"}, reasonCode=[{"text": "анемия"}]))
    assert (record.status, record.reason) == ("not-done", "анемия; отказ")
    assert record.outcome is None


def test_what_it_says() -> None:
    diagnosis = {"resourceType": "Condition", "id": "c1", "code": {"text": "Аппендицит"}, "subject": SUBJECT}
    code = {"coding": [{"system": "urn:oid:1.2.643.5.1.13.13.11.1070", "code": "A16.18.009"}], "text": "Аппендэктомия"}
    sent = procedure(
        code=code,
        reasonReference=[{"reference": "Condition/c1"}],
        bodySite=[{"text": "живот"}, {"text": "справа"}],
        outcome={"text": "успешно"},
        complication=[{"text": "кровотечение"}],
        followUp=[{"text": "снять швы"}],
        note=[{"text": "без особенностей"}],
    )
    (record,) = (one for one in read(sent, diagnosis) if isinstance(one, models.Procedure))
    assert (record.code, record.display, record.reason) == ("A16.18.009", "Аппендэктомия", "Аппендицит")
    assert record.system == "urn:oid:1.2.643.5.1.13.13.11.1070"
    assert (record.body_site, record.outcome) == ("живот; справа", "успешно")
    assert record.note == "без особенностей\nкровотечение\nснять швы"


def test_whoever_saw_the_patient_did_not_do_it() -> None:
    seen_by = {"individual": {"reference": "Practitioner/d1", "display": "Терапевтов"}}
    visit = {"resourceType": "Encounter", "id": "e1", "participant": [seen_by]}
    visit["serviceProvider"] = {"reference": "Organization/o1", "display": "Больница"}
    at_visit = {"encounter": {"reference": "Encounter/e1"}}
    surgeon = {"performer": [{"actor": {"reference": "Practitioner/d2", "display": "Хирургов"}}]}
    (unnamed,) = (one for one in read(procedure(**at_visit), visit) if isinstance(one, models.Procedure))
    (named,) = (one for one in read(procedure(**at_visit, **surgeon), visit) if isinstance(one, models.Procedure))
    assert (unnamed.doctor, unnamed.clinic) == (None, models.Named(id="o1", name="Больница"))
    assert named.doctor == models.DoctorRef(id="d2", name="Хирургов")
    assert named.to_builtins()["performer"]["name"] == "Хирургов"
    assert "doctor" not in named.to_builtins()


def test_what_was_done_is_what_neither_failed_to_begin_nor_was_a_mistake() -> None:
    statuses = ("completed", "stopped", "in-progress", "not-done", "preparation", "entered-in-error")
    records = [models.Procedure(id=status, status=status) for status in statuses]
    assert [record.id for record in current.procedures(records)] == ["completed", "stopped", "in-progress"]


def test_what_no_field_holds_is_in_the_note() -> None:
    sent = procedure(
        performedPeriod={"start": "2020-02-01", "end": "2020-02-02"},
        performer=[
            {"function": {"text": "хирург"}, "actor": {"display": "Пробнов П. П.", "type": "Practitioner"}},
            {"actor": {"display": "Опытов О. О.", "type": "Practitioner"}},
        ],
        note=[{"text": "спокойно"}],
        complicationDetail=[{"display": "гематома"}],
        followUp=[{"text": "контроль"}],
        location={"display": "Операционная 3"},
        usedCode=[{"text": "стент"}],
        report=[{"display": "Протокол 17"}],
        extension=[{"url": "http://x.example/allergy", "valueString": "латекс"}],
    )
    record = only(sent)
    assert record.doctor
    assert record.doctor.name == "Пробнов П. П."
    assert str(record.note).splitlines() == [
        *("спокойно", "гематома", "контроль", "performedPeriod: 2020-02-01/2020-02-02"),
        *("performer.function: хирург", "performer.actor: Опытов О. О.", "location: Операционная 3"),
        *("usedCode: стент", "report: Протокол 17", "allergy: латекс"),
    ]


@pytest.mark.parametrize(
    ("status", "code", "note"),
    [
        ("generated", {"text": "Пункция"}, None),
        ("additional", {"text": "Пункция"}, "Прошла легко"),
        ("generated", {"coding": [{"code": "A16"}]}, "Прошла легко"),
        ("generated", None, None),
    ],
)
def test_a_narrative_is_told_where_it_says_more(status: str, code: Resource | None, note: str | None) -> None:
    page = {"status": status, "div": "<div>Прошла легко</div>"}
    assert only({**procedure(text=page), "code": code}).note == note
