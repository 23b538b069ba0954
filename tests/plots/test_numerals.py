"""Numbers on an axis as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.plots.characters import plot
from emkcli.plots.numerals import in_ascii, plain
from emkcli.plots.picture import picture
from emkcli.plots.series import panels
from emkcli.plots.shapes import Words
from emkcli.plots.svg import svg
from tests.clinical.results import result
from tests.plots.test_characters import of

E_NOTATION = re.compile(r"\de[+-]?\d")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-5.1, "-5.1"),
        (0.1 + 0.2, "0.3"),
        (9999.5, "9999.5"),
        (12000, "12 000"),
        (999999.6, "1 000 000"),
        (1234567, "1 234 567"),
        (1e7, "10^7"),
        (-2.5e12, "-2.5*10^12"),
        (3e-5, "0.00003"),
        (2e-8, "2*10^-8"),
    ],
)
def test_a_number(value: float, written: str) -> None:
    assert in_ascii(plain(value)) == written


@given(st.floats(-1e15, 1e15))
def test_no_number_is_written_as_a_computer_does(value: float) -> None:
    written = in_ascii(plain(value))
    assert "e" not in written
    assert written.isascii()
    read = float(written.replace(" ", "").replace("*10^", "e").replace("10^", "1e"))
    assert read == pytest.approx(value, rel=1e-5)


def test_an_axis_of_millions() -> None:
    trend = of(result("a", "1000000", 2020), result("b", "3000000", 2021), result("c", "2500000", 2022))
    (panel,) = panels(trend)
    for unicode in (False, True):
        drawn = "\n".join("".join(text for text, _side in line) for line in plot(panel, 60, unicode=unicode))
        assert "2 000 000" in drawn.replace("\N{NO-BREAK SPACE}", " ")
        assert not E_NOTATION.search(drawn)
        assert unicode or drawn.isascii()
    words = [shape.text for shape in picture(trend).shapes if isinstance(shape, Words)]
    assert "2\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}000" in words
    assert not E_NOTATION.search(svg(picture(trend)).decode())
