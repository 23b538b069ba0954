"""When something happened: FHIR and HL7 dates of any precision, compared on the calendar of Moscow."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_BEFORE_1970 = timezone(timedelta(hours=3), "MSK")
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
_HL7 = re.compile(r"(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.\d+)?([+-]\d{4})?")

Span = tuple[datetime, datetime]


@cache
def moscow() -> ZoneInfo:
    """Europe/Moscow with its history. `zoneinfo` is loaded when first asked for: many a command needs no calendar."""
    from zoneinfo import ZoneInfo

    return ZoneInfo("Europe/Moscow")


def _zone(year: int) -> tzinfo:
    """The offset is +3 throughout before 1970: the zone's own begins with 2:30:17, which no other program could read."""
    return moscow() if year >= 1970 else _BEFORE_1970


def local(moment: datetime) -> datetime:
    """A moment with an offset on the clock of Moscow. `OverflowError` at either end of the calendar."""
    return moment.astimezone(_zone(moment.year))


def day(text: str | None, *, last: bool = False) -> date | None:
    """The first or the last calendar day in Moscow that a date may mean; None when it is no date."""
    bounds = span(text) if text else None
    try:
        return local(bounds[last]).date() if bounds else None
    except OverflowError:
        return None


@lru_cache(maxsize=4096)
def span(text: str) -> Span | None:
    """The first and the last moment a date may mean (`2015-03` is the whole of March), or None when it is no date."""
    try:
        return _read(text)
    except (ValueError, OverflowError):
        return None


def _read(text: str) -> Span:
    if match := _PARTIAL.fullmatch(text):
        return _calendar(*match.groups())
    if match := _HL7.fullmatch(text):
        return _hl7(match)
    return _instant(datetime.fromisoformat(text))


def _calendar(year: str, month: str | None, day: str | None) -> Span:
    first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=_zone(int(year)))
    if day:
        following = first + timedelta(days=1)
    elif month:
        following = (first + timedelta(days=32)).replace(day=1)
    else:
        following = first.replace(year=first.year + 1)
    # Counted back in UTC: an hour that a change of the clock repeats belongs to the day too.
    return first.astimezone(UTC), following.astimezone(UTC) - timedelta.resolution


def _hl7(match: re.Match[str]) -> Span:
    year, month, day, hour, minute, second, offset = match.groups()
    if hour is None:
        return _calendar(year, month, day)
    moment = datetime(int(year), int(month), int(day), int(hour), int(minute or 0), int(second or 0))
    return _instant(moment.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo if offset else None))


def _instant(moment: datetime) -> Span:
    """A moment as a span; one that names no offset is meant as in Moscow."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=_zone(moment.year))
    exact = aware.astimezone(UTC)
    return exact, exact


def readable(written: str, language: str) -> str:
    """`02.03.2026 08:15` in Russian, `2026-03-02 08:15` in English, where 02.03 may be the third of February.

    The time is that of Moscow and stands there when it is known; a partial date stays partial, other text as it is.
    """
    on, *at = _day_and_time(written) if _ISO_TIME.fullmatch(written) else [written]
    match = _PARTIAL.fullmatch(on) if language == "ru" else None
    return " ".join([".".join(filter(None, reversed(match.groups()))) if match else on, *at])


def _day_and_time(written: str) -> list[str]:
    """To the minute in Moscow; what no calendar has stays whole."""
    try:
        moment = datetime.fromisoformat(written)
        return (local(moment) if moment.tzinfo else moment).isoformat(" ")[:16].split(" ")
    except (ValueError, OverflowError):
        return [written]


def order(text: str | None) -> datetime:
    """What a list is sorted by; a record without a date is older than every other."""
    bounds = span(text) if text else None
    return bounds[0] if bounds else _EARLIEST


def sort_key(text: str | None) -> str:
    """What records are sorted by, as text; what has no date is the oldest."""
    interval = span(text) if text else None
    return interval[0].isoformat() if interval else ""


def within(text: str | None, since: str | None, until: str | None) -> bool:
    """Whether a date may lie between two others (both included); an unknown date lies between none."""
    if not since and not until:
        return True
    bounds = span(text) if text else None
    if not bounds:
        return False
    first, last = span(since) if since else None, span(until) if until else None
    return not (first and bounds[1] < first[0]) and not (last and bounds[0] > last[1])


def day_beside(text: str, days: int) -> str | None:
    """The calendar day so many days away: a server that counts in another zone must not lose a record at the edge."""
    start = day(text, last=days >= 0)
    return (start + timedelta(days=days)).isoformat() if start else None
