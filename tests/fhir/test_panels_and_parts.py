"""Results that stand together: in a report, in a panel, as components; and what is said where a value should be."""

from __future__ import annotations

from typing import Any

import pytest

from emkcli import models
from emkcli.fhir import Graph, Scene
from emkcli.fhir.placement import read as placed
from tests.fhir.test_what_a_result_is import observation, report
from tests.invented import LAB, VITAL, encoded, only, plain, read

Resource = dict[str, Any]


def head(ident: str = "p", name: str = "ОАК", members: tuple[str, ...] = ("Observation/o",), **more: Any) -> Resource:
    return plain(
        observation(id=ident, code={"text": name}, hasMember=[{"reference": member} for member in members], **more),
        "valueQuantity",
    )


def all_of(*resources: Resource) -> list[Any]:
    """The records of resources and of those inside them."""
    graph = Graph()
    for resource in resources:
        graph.add(encoded(resource))
    return [record for node in graph.nodes for record in placed(node, Scene(graph)).records]


def test_a_panel_without_a_value_is_the_name_of_its_members_and_no_result() -> None:
    records = read(head(), observation(), observation(id="alone"))
    assert {record.id: record.panel for record in records} == {"Observation/o": ["ОАК"], "Observation/alone": []}


@pytest.mark.parametrize(
    "said",
    [
        {"valueString": "снижен"},
        {"valueBoolean": True},
        {"note": [{"text": "гемолиз"}]},
        {"interpretation": [{"text": "ниже нормы"}]},
        {"dataAbsentReason": {"text": "мало крови"}},
    ],
)
def test_a_panel_that_says_something_is_a_result_too(said: Resource) -> None:
    records = read(head(**said), observation())
    assert [(record.analyte, record.panel) for record in records] == [("ОАК", []), ("Гемоглобин", ["ОАК"])]


def test_a_panel_whose_members_are_not_there_is_not_lost() -> None:
    assert only(head(members=("Observation/elsewhere",))).analyte == "ОАК"


def test_a_result_in_words_is_told() -> None:
    listed = report(category=LAB, result=[{"reference": "Observation/o"}, {"display": "Калий 5.5"}])
    (study, result) = read(listed, observation())
    assert (study.description, type(result)) == ("Калий 5.5", models.LabResult)


def test_a_report_whose_results_are_nowhere_is_not_lost() -> None:
    assert only(report(category=LAB)).title == "Отчёт"
    assert [type(record) for record in read(report(category=LAB), observation())] == [models.LabResult]


@pytest.mark.parametrize("frame", [head(members=("Observation/elsewhere",)), report(category=LAB)])
def test_of_a_page_nobody_knows_what_another_page_has(frame: Resource) -> None:
    graph = Graph()
    node = graph.add(encoded(frame))
    assert node is not None
    assert placed(node, Scene(graph, is_page=True)).records == ()


def test_a_panel_of_vital_signs_is_no_sign() -> None:
    (sign,) = read(head(category=VITAL), observation(category=VITAL))
    assert (type(sign), sign.display) == (models.Vital, "Гемоглобин")


def test_panels_in_a_panel() -> None:
    blood = head("blood", "ОАК", ("Observation/formula", "Observation/o"))
    formula = head("formula", "Лейкоформула", ("Observation/neutrophils",))
    records = read(blood, formula, observation(), observation(id="neutrophils", code={"text": "Нейтрофилы"}))
    assert {record.analyte: record.panel for record in records} == {
        "Гемоглобин": ["ОАК"],
        "Нейтрофилы": ["ОАК", "Лейкоформула"],
    }


def test_members_have_the_time_sample_and_makers_of_their_panel() -> None:
    around = {
        "effectiveDateTime": "2026-03-01",
        "specimen": {"display": "Кровь"},
        "performer": [{"type": "Practitioner", "display": "Врачева И."}, {"type": "Organization", "display": "КДЛ"}],
    }
    (member,) = read(head(**around), observation())
    assert (member.collected_at, member.specimen, member.doctor.name, member.clinic.name, member.comment) == (
        *("2026-03-01", "Кровь", "Врачева И.", "КДЛ", None),
    )


def test_results_that_stand_in_their_report() -> None:
    inside = [
        observation(id="a", hasMember=None, performer=[{"reference": "#lab"}]),
        observation(id="b", code={"text": "СОЭ"}, valueQuantity={"value": 12}),
        head("p", members=("#a",)),
        {"resourceType": "Organization", "id": "lab", "name": "КДЛ"},
    ]
    listed = [{"reference": "#p"}, {"reference": "#b"}]
    frame = report(category=LAB, result=listed, contained=inside, effectiveDateTime="2026-03-02")
    first, second = all_of(frame)
    assert (first.analyte, first.value, first.panel, first.clinic.name) == ("Гемоглобин", "166", ["ОАК"], "КДЛ")
    assert (second.analyte, second.value, second.panel, second.clinic) == ("СОЭ", "12", [], None)
    for result in (first, second):
        assert (result.report_id, result.collected_at) == ("DiagnosticReport/r", "2026-03-02")
    assert len({first.id, second.id, "DiagnosticReport/r"}) == 3
    study, *results = all_of(frame | {"conclusion": "Анемия"})
    assert (study.conclusion, [result.analyte for result in results]) == ("Анемия", ["Гемоглобин", "СОЭ"])


VALUES: list[tuple[Resource, str, str | None]] = [
    ({"valueQuantity": {"value": 5.4, "unit": "г/л"}}, "5.4", "г/л"),
    ({"valueQuantity": {"value": 5, "comparator": "<", "code": "g/L"}}, "<5", "g/L"),
    ({"valueCodeableConcept": {"coding": [{"code": "1", "display": "E. coli"}, {"code": "2"}]}}, "E. coli", None),
    ({"valueCodeableConcept": {"coding": [{"code": "1"}, {"display": "кокки"}], "text": "Рост"}}, "Рост", None),
    ({"valueString": "мутная"}, "мутная", None),
    ({"valueBoolean": False}, "false", None),
    ({"valueInteger": 0}, "0", None),
    ({"valueRange": {"low": {"value": 1}, "high": {"value": 3, "unit": "в п/зр"}}}, "1–3", "в п/зр"),
    ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1:128", None),
    ({"valueTime": "08:30:00"}, "08:30:00", None),
    ({"valueDateTime": "2026-03-01"}, "2026-03-01", None),
    ({"valuePeriod": {"start": "2026-03-01", "end": "2026-03-03"}}, "2026-03-01/2026-03-03", None),
    (
        {"valueSampledData": {"origin": {"value": 0, "unit": "мВ"}, "period": 10, "dimensions": 1, "data": "1 E 3"}},
        "3 × 10 ms: 1 E 3",
        "мВ",
    ),
]


@pytest.mark.parametrize(("value", "written", "unit"), VALUES)
def test_components_of_every_kind_are_results_of_their_panel(value: Resource, written: str, unit: str | None) -> None:
    part = {
        "code": {"text": "Показатель"},
        "interpretation": [{"text": "выше нормы"}],
        "referenceRange": [{"text": "до 3"}],
        **value,
    }
    urine = plain(observation(code={"text": "ОАМ"}, component=[part, {"code": {"text": "pH"}}]), "valueQuantity")
    first, second = read(urine)
    assert (first.id, first.analyte, first.panel, first.value, first.unit) == (
        *("Observation/o#1", "Показатель", ["ОАМ"], written, unit),
    )
    assert (first.interpretation, first.reference.text) == ("выше нормы", "до 3")
    assert (second.id, second.analyte, second.panel, second.value) == ("Observation/o#2", "pH", ["ОАМ"], None)
    whole = only(plain(observation(**value), *([] if "valueQuantity" in value else ["valueQuantity"])))
    assert (whole.value, whole.unit, whole.panel) == (written, unit, [])


def test_components_of_components_are_results_too() -> None:
    formula = {"code": {"text": "Лейкоформула"}, "component": [{"code": {"text": "Нейтрофилы"}, "valueInteger": 40}]}
    parts = [{"code": {"text": "СОЭ"}, "valueInteger": 12}, formula, {"code": {"text": "Цвет"}, "valueString": "алый"}]
    records = read(plain(observation(code={"text": "ОАК"}, component=parts), "valueQuantity"))
    assert [(record.id, record.analyte, record.value, record.panel) for record in records] == [
        ("Observation/o#1", "СОЭ", "12", ["ОАК"]),
        ("Observation/o#2", "Нейтрофилы", "40", ["ОАК", "Лейкоформула"]),
        ("Observation/o#3", "Цвет", "алый", ["ОАК"]),
    ]
    (whole, *_parts) = read(
        plain(observation(component=[formula | {"note": [{"text": "ручной счёт"}]}]), "valueQuantity")
    )
    assert (whole.analyte, whole.value, whole.comment) == ("Лейкоформула", None, "ручной счёт")


def test_what_is_said_of_all_components_is_not_lost() -> None:
    parts = [{"code": {"text": "Белок"}, "valueInteger": 0}]
    urine = observation(code={"text": "ОАМ"}, component=parts, note=[{"text": "собрана не вся"}])
    whole, part = read(plain(urine, "valueQuantity"))
    assert (whole.analyte, whole.value, whole.comment) == ("ОАМ", None, "собрана не вся")
    assert (part.analyte, part.value, part.comment) == ("Белок", "0", None)


@pytest.mark.parametrize(
    ("absent", "reason"),
    [
        ({"dataAbsentReason": {"text": "мало крови", "coding": [{"code": "unknown"}]}}, "мало крови"),
        ({"dataAbsentReason": {"coding": [{"code": "not-performed", "display": "Not Performed"}]}}, "Not Performed"),
        ({"dataAbsentReason": {"coding": [{"code": "not-performed"}]}}, "not performed"),
        ({"valueQuantity": {"extension": [{"url": "ABSENT", "valueCode": "masked"}]}}, "masked"),
        ({"_valueString": {"extension": [{"url": "ABSENT", "valueCode": "asked-declined"}]}}, "asked declined"),
    ],
)
def test_why_there_is_no_value(absent: Resource, reason: str) -> None:
    for value in absent.values():
        for extension in value.get("extension", ()):
            extension["url"] = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
    for result in (
        only(plain(observation(), "valueQuantity") | absent),
        only(plain(observation(component=[{"code": {"text": "pH"}, **absent}]), "valueQuantity")),
    ):
        assert (result.value, result.comment) == (None, reason)


def test_whoever_has_no_place_of_their_own_is_named() -> None:
    performers = [
        {"type": "Practitioner", "display": "Врачева И."},
        {"type": "Organization", "display": "КДЛ"},
        {"type": "Practitioner", "display": "Лаборант А."},
        {"type": "Organization", "display": "Филиал 2"},
        {"type": "CareTeam", "display": "Дежурная смена"},
    ]
    result = only(observation(performer=performers, note=[{"text": "гемолиз"}]))
    assert (result.doctor.name, result.clinic.name) == ("Врачева И.", "КДЛ")
    assert result.comment == "гемолиз; Лаборант А., Филиал 2, Дежурная смена"
    assert only(observation(performer=performers[:2])).comment is None


@pytest.mark.parametrize(
    ("framed", "expected", "words"),
    [
        ({"issued": "2026-03-05T10:00:00Z"}, "2026-03-05T10:00:00Z", None),
        ({"effectivePeriod": {"end": "2026-03-02"}, "issued": "2026-03-05T10:00:00Z"}, "2026-03-02", None),
    ],
)
def test_a_result_without_a_time_has_that_of_its_report(framed: Resource, expected: str, words: str | None) -> None:
    (result,) = read(report(category=LAB, **framed), observation())
    assert (result.collected_at, result.collected_at_text) == (expected, words)


def test_no_sample_is_taken_after_its_result_was_released() -> None:
    released = observation(issued="2026-03-05T10:00:00Z")
    for day, expected in (("2026-03-04", "2026-03-04"), ("2026-04-12", "2026-03-05T10:00:00Z")):
        (result,) = read(report(category=LAB, effectiveDateTime=day), released)
        assert result.collected_at == expected
    (member,) = read(head(effectiveDateTime="2026-03-01"), released)
    assert member.collected_at == "2026-03-05T10:00:00Z", "a result says more of itself than its panel does"


def test_both_ends_of_a_time_are_told() -> None:
    day = only(observation(effectivePeriod={"start": "2026-03-01", "end": "2026-03-02"}))
    assert (day.collected_at, day.collected_at_text) == ("2026-03-01", "2026-03-01 – 2026-03-02")
    moment = only(observation(effectivePeriod={"start": "2026-03-01", "end": "2026-03-01"}))
    assert (moment.collected_at, moment.collected_at_text) == ("2026-03-01", None)
    assert only(observation(effectiveInstant="2026-03-01T08:00:00Z")).collected_at == "2026-03-01T08:00:00Z"


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({"contentType": "application/pdf", "data": "JVBERi0xLjQ=", "title": "Бланк"}, "Бланк, application/pdf, 8 B"),
        ({"contentType": "application/rtf", "size": 1200}, "application/rtf, 1200 B"),
        ({"contentType": "image/png", "url": "Binary/7"}, "image/png, Binary/7"),
        ({"contentType": "text/html", "data": "PHA+0J7Rh9Cw0LM8L3A+"}, "Очаг"),
    ],
)
def test_a_report_that_is_a_file_is_named(form: Resource, named: str) -> None:
    histology = only(plain(report(code={"text": "Гистология"}, category=LAB, presentedForm=[form]), "result"))
    assert (type(histology), histology.title, histology.description) == (models.Study, "Гистология", named)
