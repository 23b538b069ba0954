"""Dates of any precision on the calendar of Moscow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.clinical.dates import day_beside, order, span, within


@pytest.mark.parametrize(
    ("date", "since", "until", "inside"),
    [
        ("2026-03-01T00:30:00+03:00", "2026-03-01", "2026-03-01", True),
        ("2026-02-28T22:30:00Z", "2026-03-01", None, True),
        ("2026-02-28T20:30:00Z", "2026-03-01", None, False),
        ("2026-03-01", None, "2026-03-01", True),
        ("2026", "2026-06-01", "2026-06-30", True),
        ("2025", "2026-06-01", None, False),
        ("2026-05", None, "2026-05-02", True),
        ("201812200830+0300", "2018-12-20", "2018-12-20", True),
        (None, "2026-01-01", None, False),
        ("вчера", "2026-01-01", None, False),
        (None, None, None, True),
    ],
)
def test_within(date: str | None, since: str | None, until: str | None, inside: bool) -> None:
    assert within(date, since, until) is inside


def test_order_puts_the_unknown_last() -> None:
    dates = [None, "2020", "nonsense", "2026-01-01T10:00:00Z", "0001-01-01"]
    assert sorted(dates, key=order, reverse=True)[:2] == ["2026-01-01T10:00:00Z", "2020"]


def test_a_day_beside() -> None:
    assert day_beside("2026-03-01", -1) == "2026-02-28"
    assert day_beside("2026-03-31", 1) == "2026-04-01"
    assert day_beside("no date", 1) is None


@given(st.text(max_size=20))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = span(text)
    assert found is None or found[0] <= found[1]
