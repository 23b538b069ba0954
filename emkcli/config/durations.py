"""Durations (`36h`, `2d`) and points in time (`30d`, `2026-01-01`, `last`) as people write them."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from emkcli.locale import _

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_MONTHS = {"mo": 1, "y": 12}
WRITTEN = re.compile(r"(\d{1,9})(s|mo|m|h|d|w|y)")


def duration(text: str) -> timedelta:
    """`90s`, `15m`, `36h`, `2d`, `1w`."""
    match = WRITTEN.fullmatch(text.strip())
    if match is None or match[2] not in UNITS:
        raise ValueError(_("a duration such as 90s, 15m, 36h, 2d or 1w"))
    return timedelta(seconds=int(match[1]) * UNITS[match[2]])


@dataclass(frozen=True)
class Period:
    """A time ahead as people write it: `14d`, `6mo`, `2y`; months and years are those of the calendar."""

    count: int
    unit: str

    def after(self, now: datetime) -> date:
        """The day of its end; the last one there is where it would lie behind that."""
        try:
            if self.unit in _MONTHS:
                return _months_from(now, self.count * _MONTHS[self.unit])
            return (now + timedelta(seconds=self.count * UNITS[self.unit])).date()
        except (OverflowError, ValueError):
            return date.max

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def period(text: str) -> Period:
    """`36h`, `14d`, `2w`, `6mo`, `2y`."""
    match = WRITTEN.fullmatch(text.strip())
    if match is None:
        raise ValueError(_("a time such as 36h, 14d, 2w, 6mo or 2y"))
    return Period(int(match[1]), match[2])


def moment(text: str, now: datetime) -> str:
    """An ISO date or time as it stands, `31.01.2026` as the ISO date, or a duration (also `6mo`, `2y`) before `now` as an ISO date."""
    text = text.strip()
    if (match := WRITTEN.fullmatch(text)) is not None:
        return _before(now, int(match[1]), match[2])
    try:
        if re.fullmatch(r"\d{4}(-\d{2})?", text):
            return text
        text = re.sub(r"^(\d{2})\.(\d{2})\.(\d{4})$", r"\3-\2-\1", text)
        return date.fromisoformat(text).isoformat() if len(text) <= 10 else datetime.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(_("a date such as 2026-01-31, or how long ago: 30d, 6mo, 2y")) from None


def _before(now: datetime, count: int, unit: str) -> str:
    try:
        if unit in _MONTHS:
            return _months_from(now, -count * _MONTHS[unit]).isoformat()
        # With the offset of now: the calendar of years ago has another one, and hours are counted, not read off a clock.
        point = now.replace(tzinfo=timezone(now.utcoffset() or timedelta())) - timedelta(seconds=count * UNITS[unit])
    except (OverflowError, ValueError):
        raise ValueError(_("a date after the year 1")) from None
    return point.date().isoformat() if unit in {"d", "w"} else point.isoformat(timespec="seconds")


def _months_from(now: datetime, count: int) -> date:
    """The same day of another month, or the last one of it. `ValueError`."""
    year, month = divmod(now.year * 12 + now.month - 1 + count, 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError(year)
    return date(year, month + 1, min(now.day, calendar.monthrange(year, month + 1)[1]))
