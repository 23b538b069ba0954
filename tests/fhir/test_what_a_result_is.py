"""What makes an Observation a laboratory result, and what of a report is more than the frame of its results."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from emkcli import models
from tests.invented import LAB, only, read

Resource = dict[str, Any]
FSLI = {"coding": [{"system": "urn:oid:1.2.643.5.1.13.13.11.1080", "code": "1017128", "display": "Гемоглобин"}]}


def category(code: str, system: str = "urn:local") -> list[Resource]:
    return [{"coding": [{"system": system, "code": code}]}]


def observation(**more: Any) -> Resource:
    known = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "Гемоглобин"}}
    return {**known, "valueQuantity": {"value": 166, "unit": "г/л"}, **more}


def report(**more: Any) -> Resource:
    known = {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": {"text": "Отчёт"}}
    return {**known, "result": [{"reference": "Observation/o"}], **more}


def kinds(*resources: Resource) -> list[type[Any]]:
    return [type(record) for record in read(*resources)]


def attached(content: str, kind: str, charset: str = "utf-8") -> Resource:
    return {"contentType": kind, "data": b64encode(content.encode(charset)).decode()}


@pytest.mark.parametrize(
    "stated",
    [
        category("3", "urn:oid:1.2.643.5.1.13.13.11.1476"),
        category("26436-6", "http://loinc.org"),
        category("30954-2", "http://loinc.org"),
        category("haematology"),
        [{"text": "Лаборатория"}],
        LAB,
        None,
    ],
)
def test_a_category_of_any_system_loses_no_result(stated: list[Resource] | None) -> None:
    framed = report(category=stated), observation()
    assert kinds(*framed) == [models.LabResult], "and its report is no empty study"
    assert kinds(observation(category=stated)) == [models.LabResult]


def test_what_is_measured_elsewhere_is_a_result_only_by_the_directory_of_tests() -> None:
    imaging = report(category=category("RAD"))
    assert kinds(imaging, observation()) == [models.Study, models.Other]
    assert kinds(imaging, observation(code=FSLI)) == [models.Study, models.LabResult]
    assert kinds(imaging, observation(category=category("3", "1.2.643.5.1.13.13.11.1476"))) == [
        models.Study,
        models.LabResult,
    ]
    assert kinds(observation(category=category("social-history"))) == [models.Other]
    assert kinds(observation(category=category("exam"), code=FSLI)) == [models.LabResult]
    assert kinds(observation(category=category("vital-signs"))) == [models.Vital]


@pytest.mark.parametrize(
    ("said", "conclusion", "description"),
    [
        ({"conclusion": "Анемия"}, "Анемия", None),
        (
            {"conclusion": "Анемия", "conclusionCode": [{"text": "D50"}, {"text": "тяжёлая"}]},
            "Анемия; D50; тяжёлая",
            None,
        ),
        ({"conclusionCode": [{"coding": [{"code": "D50"}]}]}, "D50", None),
        ({"presentedForm": [attached("Аденокарцинома", "text/plain")]}, None, "Аденокарцинома"),
        ({"presentedForm": [attached("<p>Очаг <b>8</b> мм</p><p>Слева</p>", "text/html")]}, None, "Очаг 8 мм\nСлева"),
        (
            {"presentedForm": [attached("<p>Очаг</p>", "text/html; charset=windows-1251", "windows-1251")]},
            None,
            "Очаг",
        ),
        (
            {
                "presentedForm": [
                    attached("Один", "text/plain"),
                    attached("%PDF", "application/pdf") | {"title": "Бланк"},
                ]
            },
            None,
            "Один\nБланк, application/pdf",
        ),
        ({"text": {"status": "additional", "div": "<div>Гемолиз</div>"}}, None, "Гемолиз"),
    ],
)
def test_the_words_of_a_laboratorys_report_are_a_study(
    said: Resource, conclusion: str | None, description: str | None
) -> None:
    framed = read(report(category=LAB, **said), observation())
    assert [type(record) for record in framed] == [models.Study, models.LabResult]
    assert (framed[0].title, framed[0].conclusion, framed[0].description) == ("Отчёт", conclusion, description)
    assert framed[1].report_id == framed[0].id


def test_a_generated_narrative_of_results_says_no_more_than_they_do() -> None:
    repeated = {"status": "generated", "div": "<div>Гемоглобин 166</div>"}
    assert kinds(report(category=LAB, text=repeated), observation()) == [models.LabResult]


def test_a_laboratorys_report_without_results_is_a_study() -> None:
    histology = only({**report(category=LAB, presentedForm=[attached("G2", "text/plain")]), "result": None})
    assert (type(histology), histology.description) == (models.Study, "G2")


def test_interpretations_in_words_are_kept_and_a_flag_in_their_place_is_none() -> None:
    worded = only(observation(interpretation=[{"text": "Выше нормы"}, {"text": "проверено"}]))
    assert (worded.flag, worded.interpretation) == (None, "Выше нормы; проверено")
    both = only(observation(interpretation=[{"coding": [{"code": "H", "display": "High"}]}]))
    assert (both.flag, both.interpretation) == ("H", "High")
    letter = only(observation(interpretation=[{"text": "HH"}]))
    assert (letter.flag, letter.interpretation) == ("HH", None)


def test_members_are_in_the_panel_of_their_parent() -> None:
    parent = observation(id="p", code={"text": "ОАК"}, hasMember=[{"reference": "Observation/o"}], valueQuantity=None)
    panels = {record.id: record.panel for record in read(parent, observation(), observation(id="alone"))}
    assert panels == {"Observation/p": None, "Observation/o": "ОАК", "Observation/alone": None}


@pytest.mark.parametrize(
    ("measured", "unit"),
    [
        ({"value": 5, "unit": "г/л", "code": "g/L"}, "г/л"),
        ({"value": 5, "system": "http://unitsofmeasure.org", "code": "g/L"}, "g/L"),
        ({"value": 5, "system": "urn:oid:1.2.643.5.1.13.13.11.1358", "code": "60"}, None),
    ],
)
def test_a_unit_that_is_a_code_alone(measured: Resource, unit: str | None) -> None:
    assert only(observation(valueQuantity=measured)).unit == unit
    assert only(observation(valueQuantity=measured, category=category("vital-signs"))).unit == unit


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ({"effectiveTiming": {"event": ["2026-03-01", "2026-03-02"]}}, "2026-03-01"),
        ({"effectiveTiming": {"repeat": {"boundsPeriod": {"start": "2026-03-03"}}}}, "2026-03-03"),
        ({"effectiveDateTime": "2026-03-04", "issued": "2026-03-05T10:00:00Z"}, "2026-03-04"),
        ({"issued": "2026-03-05T10:00:00Z"}, "2026-03-05T10:00:00Z"),
        ({"effectiveTiming": {"code": {"text": "утром"}}}, None),
    ],
)
def test_every_way_to_say_when(time: Resource, expected: str | None) -> None:
    assert only(observation(**time)).collected_at == expected


def test_a_curve_is_described() -> None:
    sampled = {"origin": {"value": 0, "unit": "мВ"}, "period": 10, "data": " ".join(map(str, range(12)))}
    curve = only(observation(valueQuantity=None, valueSampledData=sampled))
    assert (curve.value, curve.unit) == ("12 × 10 ms: 0 1 2 3 4 5 6 7 8 9 …", "мВ")
    assert curve.value_number is None
