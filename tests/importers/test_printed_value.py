"""One cell with a number, its unit and its mark."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.importers.cda.printed_value import PrintedValue, read

PIECES = st.sampled_from(
    ["5", "5,2", "12.30", "<", ">=", " ", "H", "LL", "L", "↑", "(", ")", "г/л", "%", "10^9/л", "мм", "*", "отр", "/"]
)


@given(st.lists(PIECES, max_size=6).map("".join), st.sampled_from([None, "г/л"]))
def test_every_letter_of_a_cell_is_in_one_of_its_parts(cell: str, unit: str | None) -> None:
    parts = read(cell, unit)
    assert all(part is None or part in cell for part in parts)
    assert _letters("".join(filter(None, parts))) == _letters(cell)


def _letters(text: str) -> list[str]:
    return sorted(re.sub(r"[\s()]", "", text))


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("88,1 fL", PrintedValue("88,1", "fL")),
        ("4,5 х10⁹/л L", PrintedValue("4,5", "х10⁹/л", "L")),
        ("6,5 x10^9/л (N)", PrintedValue("6,5", "x10^9/л", "N")),
        ("120 мм рт.ст.", PrintedValue("120", "мм рт.ст.")),
        ("3 в п/зр", PrintedValue("3", "в п/зр")),
        ("250 тыс/мкл", PrintedValue("250", "тыс/мкл")),
        ("2,31 мкМЕ/мл повышен", PrintedValue("2,31", "мкМЕ/мл", "повышен")),
        ("H 5,2", PrintedValue("5,2", None, "H")),
        ("5,2 ↑ ммоль/л", PrintedValue("5,2", "ммоль/л", "↑")),
    ],
)
def test_units_and_marks_as_laboratories_print_them(cell: str, parts: PrintedValue) -> None:
    assert read(cell) == parts


@pytest.mark.parametrize("cell", ["", "5", "отрицательно", "5 A", "5 S", "5 N", "5,2 (3,3-5,5)", "5 отр", "1e5 г"])
def test_anything_else_is_the_text_alone(cell: str) -> None:
    assert read(cell) == PrintedValue(cell)
