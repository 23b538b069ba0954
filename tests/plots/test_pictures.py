"""A trend as SVG and PNG: hostile texts stay text, Russian letters are drawn."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emkcli.models import Trend, TrendPoint, TrendSegment
from emkcli.plots.picture import picture
from emkcli.plots.png import png
from emkcli.plots.svg import svg
from emkcli.presentation.render import render
from tests.presentation.render.samples import printed, terminal_context

ODD = '<script>"&]]>\x1b[31m\u202e'
HOSTILE = st.text(st.characters(exclude_categories=()), max_size=30) | st.just(ODD)


@given(HOSTILE, HOSTILE, HOSTILE, st.lists(st.floats(), max_size=5))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_hostile_names_stay_text(name: str, unit: str, value: str, numbers: list[float]) -> None:
    points = [
        TrendPoint(at=f"20{10 + n}-01-01", value=value, value_number=number, unit=unit, record_id=str(n))
        for n, number in enumerate(numbers)
    ]
    points.append(TrendPoint(at="2030-01-01", value=value, unit=unit, record_id="text"))
    found = Trend(
        analyte=name, unit=unit, points=points, segments=[TrendSegment(unit=unit, count=len(points), factor=1)]
    )
    drawn = picture(found)
    root = ElementTree.fromstring(svg(drawn))
    tags = {one.tag.rpartition("}")[2] for one in root.iter()}
    assert tags <= {"svg", "title", "desc", "style", "rect", "polyline", "polygon", "circle", "g", "text"}
    assert all("\x1b" not in (one.text or "") and "\u202e" not in (one.text or "") for one in root.iter())
    context = terminal_context(60)
    render(found, context)
    assert "\x1b" not in printed(context)


def test_a_picture_of_hostile_texts_is_drawn() -> None:
    found = Trend(
        analyte=ODD * 100,
        points=[TrendPoint(at="2030", value=ODD, unit=ODD, record_id="1")],
        segments=[TrendSegment(unit=ODD, factor=1)],
    )
    assert png(picture(found)).startswith(b"\x89PNG")


def test_the_font_has_russian_letters() -> None:
    def drawn(letter: str) -> bytes:
        return png(picture(Trend(analyte=letter)))

    assert drawn("Ж") != drawn("Ю") != drawn("\uffff")
