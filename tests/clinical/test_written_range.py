"""Reference ranges that a laboratory wrote as text."""

from __future__ import annotations

import pytest

from emkcli.clinical.out_of_range import bounds
from emkcli.clinical.written_range import read, with_comma
from emkcli.models import Reference


@pytest.mark.parametrize(
    ("words", "low", "high", "unit"),
    [
        ("65-99", 65, 99, None),
        ("3,5 - 5,1", 3.5, 5.1, None),
        ("0,150 - 1,0005", 0.15, 1.0005, None),
        ("[3.9–6.1]", 3.9, 6.1, None),
        ("-2 - 2", -2, 2, None),
        ("от 3 до 5 Ед/л", 3, 5, "Ед/л"),
        ("65-99mg/dL", 65, 99, "mg/dL"),
        ("4,0-9,0 10*9/л", 4, 9, "10*9/л"),
        ("< 34,0", None, 34, None),
        ("до 5,2 ммоль/л", None, 5.2, "ммоль/л"),
        ("≥60", 60, None, None),
        ("Не менее 60", 60, None, None),
    ],
)
def test_what_is_a_range(words: str, low: float | None, high: float | None, unit: str | None) -> None:
    spread = read(words)
    assert spread
    assert (spread.low, spread.high, spread.unit) == (low, high, unit)
    assert bounds(Reference(text=words)) == ((None, None) if unit else (low, high))


@pytest.mark.parametrize(
    "words",
    [
        None,
        "",
        "не обнаруживаются",
        "99-65",
        "1-2-3",
        "150 000-400 000",
        "мужчины: 3-5",
        "3-5; 6-7",
        "5",
        "0 - 1,000",
        "до 12,500",
    ],
)
def test_what_is_none(words: str | None) -> None:
    assert read(words) is None
    assert bounds(Reference(text=words)) == (None, None)


@pytest.mark.parametrize(
    ("words", "number", "outside"),
    [
        ("65-99", 65, False),
        ("65-99", 99.5, True),
        ("65-99", 64, True),
        ("< 34,0", 34, True),
        ("<= 34,0", 34, False),
        ("до 34", 34, False),
        ("> 60", 60, True),
        ("> 60", 61, False),
    ],
)
def test_what_lies_outside(words: str, number: float, outside: bool) -> None:
    spread = read(words)
    assert spread
    assert spread.excludes(number) is outside


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("5,1", 5.1),
        (" -0,25 ", -0.25),
        ("0,123", 0.123),
        ("1234,567", 1234.567),
        ("1,000", None),
        ("-12,345", None),
        ("1,000,000", None),
        ("5,1 - 6", None),
        ("5,1 ммоль/л", None),
        ("5.1", None),
        ("5,", None),
        (None, None),
    ],
)
def test_a_decimal_comma(written: str | None, number: float | None) -> None:
    assert with_comma(written) == number
