"""Which results are one analyte, where they are comparable, and how they are drawn in characters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import units
from emkcli.api.models import LabResult, Reference, Trend
from emkcli.output.wrapping import width
from emkcli.plots.characters import legend, plot
from emkcli.plots.panels import panels
from emkcli.trends.analytes import Analyte, chosen, grouped
from emkcli.trends.series import trend

FSLI, LOINC = "urn:oid:1.2.643.5.1.13.13.11.1080", "http://loinc.org"
NORMAL = Reference(low="3.9", high="6.1")


def result(ident: str, value: str, year: int | None = None, **more: Any) -> LabResult:
    try:
        number: float | None = float(value)
    except ValueError:
        number = None
    fields = {
        "id": ident,
        "analyte": "Глюкоза",
        "collected_at": f"{year}-01-01" if year else None,
        "value": value,
        "value_number": number,
        "unit": "ммоль/л",
        "unit_code": "mmol/l",
        "reference": NORMAL,
        "specimen": "Сыворотка крови",
        "status": "final",
    }
    return LabResult(**fields | more)


def of(*results: LabResult) -> Trend:
    (analyte,) = grouped(results)
    return trend(analyte)


@pytest.mark.parametrize(
    ("one", "other", "times"),
    [
        ("g/dl", "g/L", "10"),
        ("г/дл", "g/l", "10"),
        ("г/л", "г/дл", "0.1"),
        ("mg/l", "ug/mL", "1"),
        ("мкмоль/л", "ммоль/л", "0.001"),
        ("10^9/л", "10*9/L", "1"),
        ("%", "%", "1"),
        ("mg/dl", "mmol/l", None),
        ("%", "г/л", None),
        ("Ед/л", "МЕ/мл", None),
        ("г", "г/л", None),
    ],
)
def test_exact_factors(one: str, other: str, times: str | None) -> None:
    found = units.factor(units.known(one, None), units.known(other, None))
    assert found == (Decimal(times) if times else None)


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_unit_is_itself_and_factors_are_inverse(one: str, other: str) -> None:
    assert units.factor(units.known(one, None), units.known(one, None)) == 1
    there, back = units.factor(one, other), units.factor(other, one)
    assert (there is None) == (back is None)
    assert there is None or back is None or there * back == 1


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


def test_oldest_first_whatever_came_first_and_values_untouched() -> None:
    found = of(result("new", "5.40", 2026), result("none", "<0,1"), result("old", "отрицательно", 2020))
    assert [one.record_id for one in found.points] == ["none", "old", "new"]
    assert [one.value for one in found.points] == ["<0,1", "отрицательно", "5.40"]
    assert [one.value_number for one in found.points] == [None, None, 5.4]
    assert found.points[2].reference == NORMAL


def test_split_where_results_cannot_be_compared() -> None:
    found = of(
        result("a", "5", 2020),
        result("b", "90", 2021, unit="мг/дл", unit_code="mg/dL"),
        result("c", "5", 2022, unit="mmol/L", unit_code="mmol/L"),
        result("d", "5", 2023, specimen="Кровь капиллярная"),
        result("e", "5", 2024, code="2345-7"),
        result("f", "5", 2025, method="Глюкозооксидазный"),
    )
    assert [one.segment for one in found.points] == [0, 1, 0, 2, 3, 4]
    assert [one.count for one in found.segments] == [2, 1, 1, 1, 1]
    assert [one.factor for one in found.segments] == [1, None, 1, 1, 1]
    assert [one.method for one in found.segments] == [None, None, None, None, "Глюкозооксидазный"]
    assert [panel.unit for panel in panels(found)] == ["ммоль/л", "мг/дл"]


def test_an_exact_factor_moves_the_dot_and_not_the_value() -> None:
    more = {"analyte": "Гемоглобин", "reference": Reference(low="12.0", high="14.0")}
    found = of(
        result("a", "12.7", 2020, unit="г/дл", unit_code=None, **more),
        result("b", "130", 2021, unit="г/л", unit_code="g/l", analyte="Гемоглобин", reference=None),
    )
    (panel,) = panels(found)
    assert [dot.value for dot in panel.dots] == [127, 130]
    assert (panel.bands[0].low, panel.bands[0].high, panel.scaled) == (120, 140, ["г/дл"])
    assert [one.value for one in found.points] == ["12.7", "130"]


def test_what_was_taken_back_is_listed_and_not_drawn() -> None:
    found = of(result("a", "5", 2020), result("b", "50", 2021, status="entered-in-error"), result("c", "6", 2022))
    assert [one.status for one in found.points] == ["final", "entered-in-error", "final"]
    (panel,) = panels(found)
    assert [dot.value for dot in panel.dots] == [5, 6]


FIXED = (
    result("a", "5", 2020),
    result("b", "7", 2021, flag="H"),
    result("c", "3", 2022, out_of_range=True, reference=Reference(low="4", high="8")),
    result("d", "отрицательно", 2023),
    result("e", "6", 2024, flag="A"),
)
ASCII_GOLDEN = """\
8 +            :::::::::::::
  |            :::::::::::::
  |            :::::::::::::
  |       .^   :::::::::::::
  |      .  .  :::::::::::::
6 +:::...::::.::::::::::::::::::::.*
  |::.::::::::.:::::::::::::::::..::
  |o.::::::::::.::::::::::::::..::::
  |::::::::::::.:::::::::::...::::::
4 +:::::::::::::.::::::::..:::::::::
  |::::::::::::: .     ..  :::::::::
  |               .  ..
  |                v.
  +------------------------?--------
   01.01.2020             01.01.2024
""".splitlines()
BRAILLE_GOLDEN = """\
8 ┤            ░░░░░░░░░░░░░
  │            ░░░░░░░░░░░░░
  │            ░░░░░░░░░░░░░
  │      ⢀⠔▲   ░░░░░░░░░░░░░
  │     ⡠⠃  ⢣  ░░░░░░░░░░░░░
6 ┤░░░⡠⠊░░░░░⢣░░░░░░░░░░░░░░░░░░░░⢀◆
  │░⢀⠎░░░░░░░░⢇░░░░░░░░░░░░░░░░░⡠⠒⠁░
  │●⠁░░░░░░░░░⠈⢆░░░░░░░░░░░░░⢀⡠⠊░░░░
  │░░░░░░░░░░░░⠈⢆░░░░░░░░░░⢀⠔⠁░░░░░░
4 ┤░░░░░░░░░░░░░⠘⡄░░░░░░░⣀⠔⠁░░░░░░░░
  │░░░░░░░░░░░░░ ⠘⡄    ⡠⠊  ░░░░░░░░░
  │               ⠘⡄⢀⠔⠊
  │                ▼⠁
  └────────────────────────◇────────
   01.01.2020             01.01.2024
""".splitlines()


def test_a_plot_of_a_fixed_series_in_ascii() -> None:
    (panel,) = panels(of(*FIXED))
    assert plot(panel, 36, unicode=False) == ASCII_GOLDEN
    assert [name for _sign, name in legend(panel, unicode=False)] == [
        "in",
        "above",
        "below",
        "flagged",
        "text",
        "range",
    ]


def test_a_plot_of_a_fixed_series_in_braille() -> None:
    (panel,) = panels(of(*FIXED))
    assert plot(panel, 36, unicode=True) == BRAILLE_GOLDEN


@given(
    st.lists(
        st.tuples(
            st.floats(allow_nan=True),
            st.integers(1, 9999),
            st.sampled_from(["H", "L", "N", None, "?"]),
            st.sampled_from([None, "1", "-5,5", "много", "1e400"]),
        ),
        max_size=12,
    ),
    st.integers(1, 130),
    st.booleans(),
)
def test_any_series_fits_the_terminal(values: list[Any], columns: int, unicode: bool) -> None:
    results = [
        result(
            str(n), "x", value_number=value, collected_at=f"{year:04}-01-01", flag=flag, reference=Reference(low=low)
        )
        for n, (value, year, flag, low) in enumerate(values)
    ]
    for panel in panels(trend(Analyte(results))):
        for line in plot(panel, columns, unicode=unicode):
            assert width(line) <= columns
            assert unicode or line.isascii()
