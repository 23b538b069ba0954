"""Where results of an analyte are comparable, and how they are drawn in characters."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emkcli.clinical.analytes import Analyte, grouped
from emkcli.clinical.trends import trend
from emkcli.models import LabResult, Reference, Trend
from emkcli.plots.characters import plot
from emkcli.plots.series import Panel, panels
from emkcli.plots.signs import legend
from emkcli.presentation.render.wrapping import width
from tests.clinical.results import NORMAL, result


def lines(panel: Panel, columns: int, *, unicode: bool) -> list[str]:
    return ["".join(text for text, _side in line) for line in plot(panel, columns, unicode=unicode)]


def of(*results: LabResult) -> Trend:
    (analyte,) = grouped(results)
    return trend(analyte)


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
    assert (panel.series[0].bands[0].low, panel.series[0].bands[0].high, panel.scaled) == (120, 140, ["г/дл"])
    assert [one.value for one in found.points] == ["12.7", "130"]


def test_what_was_taken_back_is_listed_and_not_drawn() -> None:
    found = of(result("a", "5", 2020), result("b", "50", 2021, status="entered-in-error"), result("c", "6", 2022))
    assert [one.status for one in found.points] == ["final", "entered-in-error", "final"]
    (panel,) = panels(found)
    assert [dot.value for dot in panel.dots] == [5, 6]
    assert [segment.count for segment in found.segments] == [2]


def test_a_decimal_comma_is_drawn_and_stays_as_it_was_sent() -> None:
    found = of(result("a", "5,1", 2020), result("b", "1,000", 2021), result("c", "6,2", 2022))
    (panel,) = panels(found)
    assert [(dot.value, dot.label) for dot in panel.dots] == [(5.1, "5,1"), (6.2, "6,2")]
    assert [point.value for point in panel.undrawn] == ["1,000"]
    assert [(one.value, one.value_number) for one in found.points] == [("5,1", None), ("1,000", None), ("6,2", None)]


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
6 +:::...::::.:::::::::::::::::::::*
  |::.::::::::.:::::::::::::::::::::
  |o.::::::::::.::::::::::::::::::::
  |::::::::::::.::::::::::::::::::::
4 +:::::::::::::.:::::::::::::::::::
  |::::::::::::: .         :::::::::
  |               .
  |                v
  ++---------------+---------------+
   2020          2022           2024
""".splitlines()
BRAILLE_GOLDEN = """\
8 ┤            ░░░░░░░░░░░░░
  │            ░░░░░░░░░░░░░
  │            ░░░░░░░░░░░░░
  │      ⢀⠔▲   ░░░░░░░░░░░░░
  │     ⡠⠃  ⢣  ░░░░░░░░░░░░░
6 ┤░░░⡠⠊░░░░░⢣░░░░░░░░░░░░░░░░░░░░░◆
  │░⢀⠎░░░░░░░░⢣░░░░░░░░░░░░░░░░░░░░░
  │●⠁░░░░░░░░░░⢇░░░░░░░░░░░░░░░░░░░░
  │░░░░░░░░░░░░⠈⢆░░░░░░░░░░░░░░░░░░░
4 ┤░░░░░░░░░░░░░⠈⢆░░░░░░░░░░░░░░░░░░
  │░░░░░░░░░░░░░ ⠈⢆        ░░░░░░░░░
  │               ⠈⢆
  │                ▼
  └┴───────────────┴───────────────┴
   2020          2022           2024
""".splitlines()


def test_a_plot_of_a_fixed_series_in_ascii() -> None:
    (panel,) = panels(of(*FIXED))
    assert lines(panel, 36, unicode=False) == ASCII_GOLDEN
    assert ["".join(text for text, _side in line) for line in legend(panel, 60, unicode=False)] == [
        "Сыворотка крови · ммоль/л",
        "o in the range, without one, or not compared with it",
        "^ above the range  v below the range  * flagged otherwise",
        ": the range sent with the results",
    ]


def test_a_plot_of_a_fixed_series_in_braille() -> None:
    (panel,) = panels(of(*FIXED))
    assert lines(panel, 36, unicode=True) == BRAILLE_GOLDEN


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
        for line in lines(panel, columns, unicode=unicode):
            assert width(line) <= columns
            assert unicode or line.isascii()
