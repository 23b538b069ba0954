"""Moments on an axis: marked at the turn of years, of months where the span is short, or of days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from emkcli.clinical.dates import local, readable, span
from emkcli.locale import language

_MONTHS = (1, 2, 3, 6)
_YEARS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
_DAYS = (1, 2, 5, 10, 15)
_FEW_DAYS, _FEW_MONTHS = 60, 72
_APART = 4


class TimeTick(NamedTuple):
    at: float
    text: str


def time_ticks(first: float, last: float, letters: int) -> list[TimeTick]:
    """As many as have room side by side in so many letters, within the span and the oldest first; a span without two turns
    in it is marked where it begins."""
    start, end = _date(first), _date(last)
    if start is None or end is None:
        return []
    for turns in _candidates(start, end):
        marked = [tick for tick in map(_tick, turns) if tick and first <= tick.at <= last]
        if len(marked) >= 2 and sum(len(tick.text) + _APART for tick in marked) <= letters + _APART:
            return marked
    return [TimeTick(first, day(first))]


def day(at: float) -> str:
    """The day as people write it, in Moscow; nothing for a moment beyond the calendar."""
    on = _date(at)
    return readable(on.isoformat(), language()) if on else ""


def _candidates(start: date, end: date) -> Iterator[list[str]]:
    """Turns from the finest that the span allows to the coarsest, as dates of ISO 8601."""
    if (end - start).days <= _FEW_DAYS:
        days = range(start.toordinal(), end.toordinal() + 1)
        yield from ([date.fromordinal(one).isoformat() for one in days if one % step == 0] for step in _DAYS)
    months = range(start.year * 12 + start.month - 1, end.year * 12 + end.month)
    if len(months) <= _FEW_MONTHS:
        yield from ([f"{one // 12:04}-{one % 12 + 1:02}" for one in months if one % 12 % step == 0] for step in _MONTHS)
    years = range(start.year, end.year + 1)
    yield from ([f"{one:04}" for one in years if one % step == 0] for step in _YEARS)


def _tick(turn: str) -> TimeTick | None:
    bounds = span(turn)
    return TimeTick(bounds[0].timestamp(), readable(turn, language())) if bounds else None


def _date(at: float) -> date | None:
    try:
        return local(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)).date()
    except (ValueError, OverflowError):
        return None
