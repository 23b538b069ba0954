"""Units: which are the same, and which an exact factor joins."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.clinical import units


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
