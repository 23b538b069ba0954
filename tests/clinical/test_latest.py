"""The last result of each analyte, the last vital sign, the last study."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.clinical import latest
from emkcli.clinical.analytes import key
from emkcli.models import LabResult, Study, Vital
from tests.clinical.results import FSLI, LOINC, result

BLOOD, URINE = {"specimen": "Сыворотка крови"}, {"specimen": "Моча (разовая порция)"}
CODED = {"code": "14749-6", "code_system": LOINC}


def newest(*known: LabResult) -> list[str]:
    return [one.id for one in latest.results().of(known)]


def test_the_newest_of_each_analyte_whatever_came_first() -> None:
    known = (result("old", "9", 2020), result("new", "5", 2026), result("other", "1", 2019, analyte="Калий"))
    for turned in permutations(known):
        assert sorted(newest(*turned)) == ["new", "other"]


def test_glucose_of_the_urine_is_not_glucose_of_the_blood() -> None:
    known = [result("blood", "5", 2026, flag="N", **BLOOD), result("urine", "15.2", 2024, flag="HH", **URINE)]
    assert newest(*known) == ["blood", "urine"]
    assert [one.id for one in latest.out_of_range(known)] == ["urine"]


def test_a_last_result_that_is_normal_hides_what_was_out_of_range_before() -> None:
    assert latest.out_of_range([result("new", "5", 2026, flag="N"), result("old", "9", 2025, flag="H")]) == []


def test_no_result_is_too_old_and_none_too_many() -> None:
    known = [result(f"r{n}", "9", 1950 + n, analyte=f"Показатель {n}", flag="H") for n in range(70)]
    assert latest.out_of_range(known) == known


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (CODED, CODED, True),
        (CODED | BLOOD, CODED | {"specimen": None, "analyte": "Glucose"}, True),
        (CODED, {"code": "1003870", "code_system": FSLI, "specimen": None}, True),
        (CODED, {"code": "2345-7", "code_system": LOINC}, False),
        ({"code": "7", "code_system": "a"}, {"code": "7", "code_system": "b"}, False),
        ({"code": "GLU", **BLOOD}, {"code": "GLU", **URINE}, False),
        ({"code": "GLU", **BLOOD}, {"code": "GLU", "specimen": "Плазма"}, True),
        (CODED, {}, False),
        (BLOOD, {"specimen": "Кровь капиллярная"}, True),
        (BLOOD, {"specimen": None}, False),
        ({"analyte": "ГЛЮКОЗА."}, {}, True),
        ({"analyte": None}, {"analyte": None}, False),
        ({"unit": "%", "unit_code": "%"}, {"unit": "10*9/л", "unit_code": None}, False),
        ({"unit": "мг/дл", "unit_code": None}, {"unit": "g/L", "unit_code": "g/L"}, True),
        ({"unit": "мг/дл", "unit_code": None}, {"unit": "ммоль/л", "unit_code": "mmol/L"}, False),
    ],
)
def test_what_makes_two_results_one_analyte(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (key(result("a", "5", **one)) == key(result("b", "5", **other))) is same


def test_what_was_taken_back_is_no_last_result() -> None:
    known = [
        result("mistake", "9", 2026, status="entered-in-error"),
        result("cancelled", "9", 2025, status="cancelled"),
        result("aborted", "9", 2024, status="aborted"),
        result("stands", "5", 2020, status="amended"),
    ]
    assert newest(*known) == ["stands"]
    assert newest(*known[:3]) == []


def test_a_result_that_says_nothing_hides_none_that_does() -> None:
    refused = result("refused", None, 2026)
    flagged = result("flagged", None, 2025, flag="POS")
    assert newest(refused, result("said", "5", 2024)) == ["said"]
    assert newest(refused, flagged, result("said", "5", 2024)) == ["flagged"]
    assert newest(refused) == ["refused"]


def test_of_one_moment_the_one_out_of_range_stands() -> None:
    known = [result("b", "5", 2026), result("a", "5", 2026), result("high", "9", 2026, flag="H")]
    assert newest(*known) == ["high"]
    assert newest(*known[:2]) == ["a"]


def test_of_one_moment_resistance_is_not_hidden_by_susceptibility() -> None:
    susceptible, resistant = result("a", None, 2026, flag="S"), result("b", None, 2026, flag="R")
    assert newest(susceptible, resistant) == newest(resistant, susceptible) == ["b"]
    assert newest(resistant, result("later", None, 2027, flag="S")) == ["later"]


RESULTS = st.lists(
    st.builds(
        result,
        st.uuids().map(str),
        st.sampled_from(["5", "9"]),
        st.sampled_from([2020, 2026, None]),
        analyte=st.sampled_from(["Калий", "Натрий", None]),
        flag=st.sampled_from(["H", None]),
        status=st.sampled_from(["final", "cancelled"]),
    ),
    max_size=8,
)


@given(RESULTS)
def test_the_order_of_reading_decides_nothing(known: list[LabResult]) -> None:
    turned = sorted(known, key=lambda one: one.id)
    assert sorted(newest(*known)) == sorted(newest(*turned))
    assert {key(one) for one in latest.results().of(known)} == {key(one) for one in known if one.status == "final"}


def test_signs_and_studies() -> None:
    signs = [
        Vital(id="old", code="8867-4", unit="уд/мин", date="2020"),
        Vital(id="new", code="8867-4", unit="уд/мин", date="2026"),
        Vital(id="mistake", code="8867-4", unit="уд/мин", date="2027", status="entered-in-error"),
        Vital(id="named", display="Пульс", unit="уд/мин", date="2010"),
    ]
    assert [one.id for one in latest.vitals().of(signs)] == ["new", "named"]
    seen = [Study(id="a", title="ЭКГ", date="2020"), Study(id="b", title="экг", date="2026"), Study(id="c")]
    assert [one.id for one in latest.studies().of(seen)] == ["b", "c"]
