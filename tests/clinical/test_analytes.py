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
