"""Which results are one analyte, by everything they are called."""

from __future__ import annotations

import pytest

from emkcli.clinical.analytes import chosen, grouped
from tests.clinical.results import FSLI, LOINC, result


def test_an_analyte_is_a_pair_of_codes_and_its_names() -> None:
    found = grouped(
        [
            result("a", "5", code="1003870", code_system=FSLI),
            result("b", "5", code="14749-6", code_system=LOINC, analyte="Glucose [Moles/volume]", specimen=None),
            result("c", "5", analyte="ГЛЮКОЗА"),
            result("d", "5", specimen="Моча", code="25428-4"),
            result("e", "14", analyte="Гемоглобин", unit="г/дл", unit_code=None),
        ]
    )
    assert [[one.id for one in analyte.results] for analyte in found] == [["a", "b", "c"], ["d"], ["e"]]


@pytest.mark.parametrize("asked", ["сахар", "глюкоза", "Глюкоза ", "1003870", "glucose", "14749-6"])
def test_everyday_names(asked: str) -> None:
    known = grouped([result("a", "5", code="1003870"), result("b", "5", analyte="Гемоглобин", code="1017128")])
    assert [one.name for one in chosen(known, asked)] == ["Глюкоза"]
    assert [one.name for one in chosen(known, "hb")] == ["Гемоглобин"]
    assert chosen(known, "билирубин") == []


def test_the_name_in_full_comes_before_names_that_contain_it() -> None:
    known = grouped([result("a", "5", analyte="Холестерин"), result("b", "2", analyte="Холестерин ЛПНП")])
    assert [one.name for one in chosen(known, "холестерин")] == ["Холестерин"]
    assert len(chosen(known, "холест")) == 2


EVERYDAY = [
    # What a laboratory prints, and what people ask for it by.
    ("Глюкоза", ["glucose", "сахар", "сахар крови", "sugar", "blood sugar"]),
    ("Glucose", ["глюкоза"]),
    ("Гемоглобин", ["hemoglobin", "haemoglobin", "hb", "hgb"]),
    ("Haemoglobin", ["гемоглобин", "hgb"]),
    (
        "Гликированный гемоглобин (HbA1c)",
        ["гликированный гемоглобин", "HbA1c", "hemoglobin a1c", "A1c", "Hb A1c", "glycated hemoglobin"],
    ),
    ("Hemoglobin A1c", ["гликированный", "hba1c"]),
    ("Креатинин", ["creatinine"]),
    ("Creatinine", ["креатинин"]),
    ("Холестерин общий", ["холестерин", "общий холестерин", "cholesterol", "total cholesterol", "холестерол"]),
    ("Total cholesterol", ["холестерин общий"]),
    ("Эритроциты", ["erythrocytes", "RBC", "red cells"]),
    ("Лейкоциты", ["leukocytes", "WBC", "white cells"]),
    ("Тромбоциты", ["platelets", "PLT"]),
    ("Скорость оседания эритроцитов", ["СОЭ", "ESR", "скорость оседания эритроцитов по Панченкову"]),
    ("СОЭ", ["esr"]),
    ("Тиреотропный гормон (ТТГ)", ["тиреотропный гормон", "ТТГ", "TSH", "thyrotropin"]),
    ("TSH", ["ттг"]),
    ("Аланинаминотрансфераза (АЛТ)", ["аланинаминотрансфераза", "АЛТ", "ALT", "АлАТ"]),
    ("ALT", ["алт"]),
    ("Аспартатаминотрансфераза (АСТ)", ["аспартатаминотрансфераза", "АСТ", "AST", "АсАТ"]),
    ("AST", ["аст"]),
    ("С-реактивный белок", ["СРБ", "C-reactive protein", "CRP"]),
    ("CRP", ["срб"]),
    ("Ферритин", ["ferritin"]),
    ("Калий", ["potassium"]),
    ("Натрий", ["sodium"]),
    ("Мочевина", ["urea"]),
    ("Билирубин общий", ["общий билирубин", "total bilirubin", "билирубин", "bilirubin"]),
]


@pytest.mark.parametrize(("printed", "asked"), [(printed, asked) for printed, terms in EVERYDAY for asked in terms])
def test_what_people_call_it(printed: str, asked: str) -> None:
    card = grouped([result("a", "5", analyte=printed, code=None), result("b", "5", analyte="Кальций", code=None)])
    assert [analyte.name for analyte in chosen(card, asked)] == [printed]


@pytest.mark.parametrize(
    ("fsli", "loinc"),
    [("1003870", "14749-6"), ("1017128", "718-7"), ("1003847", "4548-4"), ("1006469", "2160-0"), ("1009455", "2093-3")],
)
def test_a_code_of_the_directory_and_one_of_loinc_are_one_analyte(fsli: str, loinc: str) -> None:
    card = grouped(
        [
            result("a", "5", analyte="Первый", code=fsli, code_system=FSLI),
            result("b", "5", analyte="Second", code=loinc, code_system=LOINC),
        ]
    )
    assert [[record.id for record in analyte.results] for analyte in card] == [["a", "b"]]
