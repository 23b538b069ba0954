"""A picture says no more than was measured: no line across what is no number, nothing outside the frame, all named."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given, settings

from emkcli.clinical import units
from emkcli.clinical.dates import order
from emkcli.models import Trend
from emkcli.plots import wording
from emkcli.plots.characters import ROWS, plot
from emkcli.plots.picture import LEFT, RIGHT, WIDTH, Frame, picture
from emkcli.plots.series import MOST_SERIES, Panel, Series, panels
from emkcli.plots.shapes import Box, Line, Mark, Words, colour_of, form_of
from emkcli.plots.signs import legend, letter
from emkcli.plots.svg import svg
from tests.clinical.results import result
from tests.plots.drawn import TRENDS
from tests.plots.test_characters import of

LIMITED = (
    result("a", "0.12", 2020),
    result("b", "<0.10", 2021),
    result("c", "0.13", 2022),
    result("d", "<0.10", 2023),
)
TWO = (
    *(result(f"s{year}", str(5 + year % 2), year) for year in range(2018, 2023)),
    *(result(f"c{year}", str(6 - year % 2), year, specimen="Кровь капиллярная", method="ГОД") for year in (2019, 2021)),
)


def gaps(trend: Trend, series: Series) -> list[float]:
    """The moments of a series' results that are no numbers."""
    numbers = {dot.point.record_id for dot in series.numbers}
    others = (p for p in trend.points if p.segment == series.number and p.at and p.record_id not in numbers)
    return [order(point.at).timestamp() for point in others]


def text(panel: Panel, columns: int, *, unicode: bool) -> str:
    drawn = [*plot(panel, columns, unicode=unicode), *legend(panel, columns, unicode=unicode)]
    return "\n".join("".join(piece for piece, _side in line) for line in drawn)


@given(TRENDS)
@settings(deadline=None)
def test_no_line_crosses_what_is_no_number(trend: Trend) -> None:
    for panel in panels(trend):
        for series in panel.series:
            crossed = [
                (before.at, gap, after.at)
                for line in series.lines
                for before, after in pairwise(line)
                for gap in gaps(trend, series)
                if before.at < gap < after.at
            ]
            assert crossed == []
            assert all(line for line in series.lines)


@given(TRENDS)
@settings(deadline=None)
def test_every_result_is_drawn_or_listed_once(trend: Trend) -> None:
    shown = [
        point.record_id for panel in panels(trend) for point in (*(dot.point for dot in panel.dots), *panel.undrawn)
    ]
    assert sorted(shown) == sorted(point.record_id for point in trend.points)


@given(TRENDS)
@settings(deadline=None)
def test_one_axis_is_of_one_unit(trend: Trend) -> None:
    for panel in panels(trend):
        assert 1 <= len(panel.series) <= MOST_SERIES
        known = {units.known(series.segment.unit, series.segment.unit_code) for series in panel.series}
        factors = {series.segment.factor for series in panel.series}
        assert len(known) == 1 or None not in factors


@given(TRENDS)
@settings(deadline=None)
def test_no_point_is_outside_the_frame(trend: Trend) -> None:
    for panel in panels(trend):
        if not panel.dots:
            continue
        frame = Frame(panel, 100)
        for shape in frame.shapes():
            points = {
                Box: lambda s: [(s.x, s.y), (s.x + s.width, s.y + s.height)],
                Line: lambda s: list(s.points) if s.kind != "axis" else [],
                Mark: lambda s: [(s.x, s.y)],
                Words: lambda s: [],
            }[type(shape)](shape)
            for x, y in points:
                assert LEFT - 0.01 <= x <= WIDTH - RIGHT + 2.01
                assert 99.99 <= y <= frame.floor + 1.01


@given(TRENDS)
@settings(deadline=None)
def test_every_series_is_in_the_legend_and_none_looks_like_another(trend: Trend) -> None:
    drawn = picture(trend)
    words = " ".join(shape.text for shape in drawn.shapes if isinstance(shape, Words))
    for panel in panels(trend):
        names = wording.names(panel)
        assert len(set(names)) == len(names) == len(panel.series)
        told = " ".join(text(panel, 90, unicode=True).split())
        for series, name in zip(panel.series, names, strict=True):
            assert " ".join(name.split()) in " ".join(words.split())
            assert name in told
            assert len(panel.series) == 1 or f"{letter(series.number)} {name}" in told
        assert len({letter(series.number) for series in panel.series}) == len(panel.series)
    marks = {(shape.form, shape.colour) for shape in drawn.shapes if isinstance(shape, Mark) and shape.caption}
    drawn_series = [series for panel in panels(trend) for series in panel.series if panel.dots and series.dots]
    assert len(marks) == len(drawn_series)
    assert svg(drawn).startswith(b"<?xml")


@given(TRENDS)
@settings(deadline=None)
def test_every_limit_is_an_arrow_in_characters(trend: Trend) -> None:
    for panel in panels(trend):
        body = "\n".join("".join(piece for piece, _side in line) for line in plot(panel, 100, unicode=True)[:ROWS])
        for direction, arrow in ((-1, "↓"), (1, "↑")):
            has_limit = any(dot.direction == direction for dot in panel.dots)
            assert has_limit or arrow not in body


def test_a_line_never_rises_from_limit_to_limit() -> None:
    (panel,) = panels(of(*LIMITED))
    (series,) = panel.series
    assert [[dot.label for dot in line] for line in series.lines] == [["0.12"], ["0.13"]]
    assert [(dot.label, dot.value, dot.direction) for dot in series.censored] == [("<0.10", 0.1, -1)] * 2
    body = text(panel, 80, unicode=True)
    assert body.count("↓") == 3  # two of them, and the legend
    assert not any(0x2800 < ord(sign) < 0x2900 for sign in body)
    assert "." not in "".join(piece for line in plot(panel, 30, unicode=False)[:ROWS] for piece, _side in line[1:]), (
        "no line in ASCII either"
    )
    assert not [shape for shape in picture(of(*LIMITED)).shapes if isinstance(shape, Line) and shape.colour is not None]


def test_the_words_say_the_range_and_count_the_limits() -> None:
    (panel,) = panels(of(*LIMITED, result("e", "отрицательно", 2019)))
    said = wording.caption(panel)
    assert said == (
        "values from 0.12 to 0.13; last <0.10 on 2023-01-01; range 3.9–6.1; "
        "beyond a limit of measurement: 2 (<0.10); not drawn: 1"
    )
    assert said in picture(of(*LIMITED, result("e", "отрицательно", 2019))).description
    assert wording.undrawn(panel.undrawn) == "Not drawn: 2019-01-01 отрицательно"


def test_each_series_has_its_own_words() -> None:
    """Of blood and urine together "from 0.2 to 5.4" is true of neither."""
    (panel,) = panels(of(*TWO))
    serum, capillary = wording.names(panel)
    assert wording.caption(panel) == (
        f"{serum}: values from 5 to 6; last 5 on 2022-01-01; range 3.9–6.1. "
        f"{capillary}: values from 5 to 5; last 5 on 2021-01-01; range 3.9–6.1"
    )


def test_what_was_taken_to_another_unit_is_said_as_it_was_sent() -> None:
    """5.3 mg/dL is drawn at 0.053 g/L; its name says mg/dL, and so do its values."""
    found = of(
        *(result(f"g{year}", "0.9", year, unit="г/л", unit_code="g/L") for year in (2020, 2021, 2022)),
        result("m", "5.3", 2021, unit="мг/дл", unit_code="mg/dL"),
    )
    (panel,) = [panel for panel in panels(found) if panel.scaled]
    said = wording.caption(panel)
    assert "мг/дл: values from 5.3 to 5.3; last 5.3" in said
    assert "0.053" not in said


def test_a_limit_keeps_the_sign_that_was_sent() -> None:
    (panel,) = panels(of(result("a", ">=3.1", 2020), result("b", "<=2,1", 2021), result("c", ">= 1234567.25", 2022)))
    (series,) = panel.series
    labels = [dot.label for dot in series.censored]
    assert labels[:2] == [">=3.1", "<=2,1"]
    assert labels[2].startswith(">=")


def test_limits_alone_are_no_line_from_to() -> None:
    (panel,) = panels(of(result("a", "<0.10", 2020), result("b", "<0.05", 2021)))
    assert (
        wording.caption(panel)
        == "last <0.05 on 2021-01-01; range 3.9–6.1; beyond a limit of measurement: 2 (<0.10, <0.05)"
    )
    assert "↓" in text(panel, 80, unicode=True)


def test_two_series_have_two_marks_in_characters_and_in_pictures() -> None:
    (panel,) = panels(of(*TWO))
    body = text(panel, 90, unicode=True)
    rows = body.splitlines()[:ROWS]
    assert sum(row.count("a") for row in rows) >= 5
    assert sum(row.count("b") for row in rows) >= 2
    assert "a Сыворотка крови · ммоль/л\n" in body
    assert "b Кровь капиллярная · ммоль/л · ГОД\n" in body
    assert "●" not in body
    marks = {(m.form, m.colour) for m in picture(of(*TWO)).shapes if isinstance(m, Mark) and m.caption}
    assert marks == {("circle", 0), ("square", 1)}


def test_series_of_two_units_have_two_marks_and_two_colours() -> None:
    """Blood in mg/dL and blood in mmol/L stand in two panels of one picture."""
    found = of(*TWO, result("m1", "90", 2020, unit="мг/дл", unit_code="mg/dL"), result("p", "5", 2021, code="2345-7"))
    drawn = picture(found)
    marks = {(m.form, m.colour) for m in drawn.shapes if isinstance(m, Mark) and m.colour is not None}
    assert len(panels(found)) == 2
    assert marks == {("circle", 0), ("square", 1), ("diamond", 2), ("triangle", 3)}
    svg_marks = re.findall(r'class="mark s(\d)"', svg(drawn).decode())
    assert set(svg_marks) == {"0", "1", "2", "3"}


def test_no_two_of_many_series_look_alike() -> None:
    looks = [(form_of(number), colour_of(number)) for number in range(36)]
    assert len(set(looks)) == 36
    for first in range(31):
        assert len({form for form, _colour in looks[first : first + 6]}) == 6


def test_a_flag_is_large_where_several_series_are_and_has_a_side_of_its_own() -> None:
    (panel,) = panels(of(*TWO, result("h", "9", 2024, flag="H")))
    drawn = plot(panel, 90, unicode=True)
    flagged = [(piece, side) for line in drawn[:ROWS] for piece, side in line if side]
    assert ("A", 1) in flagged
    assert all(piece == "A" or piece.startswith("a 9") for piece, _side in flagged)
    assert "A out of the range, or flagged" in text(panel, 90, unicode=True)


def test_a_series_without_a_unit_has_an_axis_of_its_own() -> None:
    found = panels(
        of(result("a", "5", 2020), result("b", "500", 2021, unit=None, unit_code=None), result("c", "6", 2022))
    )
    assert [(panel.unit, [dot.value for dot in panel.dots]) for panel in found] == [("ммоль/л", [5, 6]), ("", [500])]
