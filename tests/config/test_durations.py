"""Durations and dates as people write them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli.config.durations import duration, moment, period

NOW = datetime(2026, 3, 31, 12, 30, tzinfo=timezone(timedelta(hours=3)))


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("15m", 900), ("36h", 129600), ("2d", 172800), ("1w", 604800), ("0s", 0)]
)
def test_durations(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", "2026-01-31"),
        ("31.01.2026", "2026-01-31"),
        ("2015", "2015"),
        ("2015-03", "2015-03"),
        ("2026-01-31T10:00:00+03:00", "2026-01-31T10:00:00+03:00"),
        ("30d", "2026-03-01"),
        ("1mo", "2026-02-28"),
        ("2y", "2024-03-31"),
        ("36h", "2026-03-30T00:30:00+03:00"),
    ],
)
def test_moments(text: str, expected: str) -> None:
    assert moment(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "30", "-1d", "1.5h", "2026-02-30", "3000y", "12mo3d"])
def test_nonsense_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"30d|after the year"):
        moment(text, NOW)


@given(st.text(max_size=20))
def test_any_text_is_a_moment_or_refused(text: str) -> None:
    try:
        found = moment(text, NOW)
    except ValueError:
        return
    assert found[:4].isdecimal()


def test_hours_are_counted_over_a_change_of_the_clock() -> None:
    """With the offset of now, as ever: in 2014 the clock of Moscow stood at +4, and before 1880 at +2:30:17."""
    now = datetime(2026, 3, 31, 12, 30, tzinfo=ZoneInfo("Europe/Moscow"))
    assert moment("105192h", now) == "2014-03-31T12:30:00+03:00"
    assert moment("8000000h", now) == "1113-08-12T04:30:00+03:00"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("14d", "2026-04-14"),
        ("2w", "2026-04-14"),
        ("36h", "2026-04-02"),
        ("1mo", "2026-04-30"),
        ("11mo", "2027-02-28"),
        ("2y", "2028-03-31"),
        ("9000y", "9999-12-31"),
        ("999999999d", "9999-12-31"),
    ],
)
def test_times_ahead(text: str, end: str) -> None:
    assert period(text).after(NOW).isoformat() == end


@pytest.mark.parametrize("text", ["", "2", "y", "-1y", "1.5y", "2y6mo", "tomorrow"])
def test_what_is_no_time_ahead_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="2y"):
        period(text)
