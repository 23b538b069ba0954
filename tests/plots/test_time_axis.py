"""Moments are marked at the turn of years, of months in a short span, of days in a shorter one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.clinical.dates import order
from emkcli.plots.time_axis import day, time_ticks


def at(date: str) -> float:
    return order(date).timestamp()


@pytest.mark.parametrize(
    ("first", "last", "letters", "turns"),
    [
        ("2018-05-01", "2024-02-01", 60, ["2019", "2020", "2021", "2022", "2023", "2024"]),
        ("2018-05-01", "2024-02-01", 24, ["2020", "2022", "2024"]),
        ("1950-05-01", "2024-02-01", 40, ["1960", "1980", "2000", "2020"]),
        ("2024-01-15", "2024-05-20", 60, ["2024-02", "2024-03", "2024-04", "2024-05"]),
        ("2024-01-15", "2024-01-19", 80, ["2024-01-15", "2024-01-16", "2024-01-17", "2024-01-18", "2024-01-19"]),
        ("2024-01-15", "2024-01-15", 60, ["2024-01-15"]),
    ],
)
def test_turns(first: str, last: str, letters: int, turns: list[str]) -> None:
    assert [tick.text for tick in time_ticks(at(first), at(last), letters)] == turns


@given(st.floats(-7e10, 3e11), st.floats(1, 3e11), st.integers(1, 200))
def test_turns_of_any_span_are_within_it_and_have_room(first: float, length: float, letters: int) -> None:
    found = time_ticks(first, first + length, letters)
    assert [tick.at for tick in found] == sorted({tick.at for tick in found})
    assert all(first <= tick.at <= first + length for tick in found)
    assert len(found) <= 1 or sum(len(tick.text) for tick in found) <= letters


def test_a_moment_beyond_the_calendar_has_no_day() -> None:
    assert (day(1e300), day(at("2024-03-01"))) == ("", "2024-03-01")
