"""Dates of any precision on the calendar of Moscow."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emkcli.clinical.dates import day, day_beside, local, order, span, within
from emkcli.views import show


@pytest.mark.parametrize(
    ("text", "since", "until", "inside"),
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
def test_within(text: str | None, since: str | None, until: str | None, inside: bool) -> None:
    assert within(text, since, until) is inside


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


# the clock of Moscow has a history

MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        ("2012-03-09T20:30:00Z", "2012-03-10 00:30"),
        ("2012-03-09T19:59:59Z", "2012-03-09 23:59"),
        ("2009-07-09T20:30:00Z", "2009-07-10 00:30"),
        ("2015-03-09T20:30:00Z", "2015-03-09 23:30"),
        ("1905-03-01T00:15:00+03:00", "1905-03-01 00:15"),
    ],
)
def test_a_result_is_found_on_the_day_it_is_shown_on(moment: str, shown: str) -> None:
    assert show.date(moment) == shown
    found = shown[:10]
    before, after = day_beside(found, -1), day_beside(found, 1)
    assert within(moment, found, found)
    assert not within(moment, None, before)
    assert not within(moment, after, None)


@given(MOMENTS)
@example(datetime(2011, 3, 26, 23, 30, tzinfo=UTC))
@example(datetime(2014, 10, 25, 22, 30, tzinfo=UTC))
@example(datetime(1981, 9, 30, 19, 30, tzinfo=UTC))
def test_the_day_shown_is_the_day_found(moment: datetime) -> None:
    text = moment.isoformat()
    shown = day(text)
    assert shown is not None
    assert show.date(text)[:10] == shown.isoformat()
    assert within(text, shown.isoformat(), shown.isoformat())


@given(st.dates(date(2, 1, 1), date(9998, 12, 30)))
@example(date(2011, 3, 27))
@example(date(2014, 10, 26))
@example(date(1969, 12, 31))
@example(date(1919, 6, 30))
def test_days_follow_each_other_without_a_gap(today: date) -> None:
    here, following = span(today.isoformat()), span((today + timedelta(days=1)).isoformat())
    assert here is not None
    assert following is not None
    assert here[1] + timedelta(microseconds=1) == following[0]
    assert (day(today.isoformat()), day(today.isoformat(), last=True)) == (today, today)


@pytest.mark.parametrize(
    ("written", "hours"), [("2011-03-27", 23), ("2014-10-26", 25), ("2014-10-27", 24), ("1969-04-01", 24)]
)
def test_a_change_of_the_clock_makes_a_day_shorter_or_longer(written: str, hours: int) -> None:
    found = span(written)
    assert found is not None
    assert found[1] - found[0] + timedelta(microseconds=1) == timedelta(hours=hours)


def test_order_over_the_changes() -> None:
    written = [
        "2011-03-27T01:59:59",
        "2011-03-27T03:00:00",  # one second later
        "2011-03-27T00:00:00Z",
        "2014-10-26T01:30:00+04:00",
        "2014-10-26T01:30:00+03:00",
        "2014-10-26T02:00:00",
    ]
    turned = written[::-1]
    assert sorted(turned, key=order) == written
    assert order(written[1]) - order(written[0]) == timedelta(seconds=1)


@given(MOMENTS)
def test_no_offset_is_one_that_nobody_could_read(moment: datetime) -> None:
    """ISO 8601 and FHIR know hours and minutes; the zone's own history begins with +02:30:17."""
    assert re.search(r"[+]0[2-4]:00$", local(moment).isoformat())


@pytest.mark.parametrize(("text", "first", "last"), [("2026-02", 1, 28), ("2026-02-03", 3, 3), ("20260203", 3, 3)])
def test_the_days_of_a_date(text: str, first: int, last: int) -> None:
    assert (day(text), day(text, last=True)) == (date(2026, 2, first), date(2026, 2, last))


@pytest.mark.parametrize("text", [None, "", "вчера", "9999-12-31", "9999-12-31T23:59:59Z", "0001-01-01"])
def test_what_is_no_date_has_no_day(text: str | None) -> None:
    assert day(text) is None
