"""A procedure says what was done, when, by whom, how it ended, and everything else that was sent."""

from __future__ import annotations

from typing import Any

import pytest

from emkcli import models
from tests.invented import read

Resource = dict[str, Any]


def procedure(*around: Resource, **more: Any) -> models.Procedure:
    known = {"resourceType": "Procedure", "id": "a", "status": "completed", "subject": {"reference": "Patient/p1"}}
    (record,) = (one for one in read({**known, **more}, *around) if isinstance(one, models.Procedure))
    return record


def test_the_fields_of_a_procedure() -> None:
    surgeon = {"resourceType": "Practitioner", "id": "s", "name": [{"text": "Пробнов П. П."}]}
    clinic = {"resourceType": "Organization", "id": "c", "name": "Клиника"}
    record = procedure(
        surgeon,
        clinic,
        code={"coding": [{"system": "urn:oid:1.2", "code": "A16", "display": "Аппендэктомия"}]},
        performedDateTime="2020-02-01",
        performer=[{"actor": {"reference": "Practitioner/s"}, "onBehalfOf": {"reference": "Organization/c"}}],
        bodySite=[{"text": "живот"}, {"text": "бок"}],
        reasonCode=[{"text": "аппендицит"}],
        outcome={"text": "успешно"},
        note=[{"text": "без осложнений"}],
    )
    assert (record.code, record.system, record.display) == ("A16", "urn:oid:1.2", "Аппендэктомия")
    assert (record.date, record.body_site, record.reason) == ("2020-02-01", "живот; бок", "аппендицит")
    assert (record.outcome, record.note, record.status) == ("успешно", "без осложнений", "completed")
    assert record.doctor
    assert record.clinic
    assert (record.doctor.name, record.clinic.name) == ("Пробнов П. П.", "Клиника")


@pytest.mark.parametrize("status", ["not-done", "entered-in-error", "preparation", "stopped"])
def test_what_was_not_done_says_so_and_why(status: str) -> None:
    record = procedure(status=status, statusReason={"text": "отказ"}, code={"text": "Колоноскопия"})
    assert (record.status, record.reason, record.note) == (status, "отказ", None)


@pytest.mark.parametrize(
    ("performed", "date", "words"),
    [
        ({"performedString": "в детстве"}, None, "в детстве"),
        ({"performedAge": {"value": 7, "unit": "лет"}}, None, "7 лет"),
        (
            {"performedRange": {"low": {"value": 20, "unit": "лет"}, "high": {"value": 25, "unit": "лет"}}},
            None,
            "20–25 лет",
        ),
        ({"performedPeriod": {"start": "2020-02-01"}}, "2020-02-01", None),
    ],
)
def test_when_it_was_done(performed: Resource, date: str | None, words: str | None) -> None:
    record = procedure(code={"text": "Пункция"}, **performed)
    assert (record.date, record.date_text, record.note) == (date, words, None)


def test_what_no_field_holds_is_in_the_note() -> None:
    record = procedure(
        code={"text": "Стентирование"},
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
        ("generated", None, "Прошла легко"),
    ],
)
def test_a_narrative_is_told_where_it_says_more(status: str, code: Resource | None, note: str | None) -> None:
    page = {"status": status, "div": "<div>Прошла легко</div>"}
    assert procedure(text=page, **({"code": code} if code else {})).note == note
