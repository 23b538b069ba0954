"""When something happened: FHIR and HL7 dates of any precision, compared on the calendar of Moscow."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

MOSCOW = timezone(timedelta(hours=3), "MSK")
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_HL7 = re.compile(r"(\d{4})(\d{2})?(\d{2})?(\d{2})?(\d{2})?(\d{2})?(?:\.\d+)?([+-]\d{4})?")

Span = tuple[datetime, datetime]


@lru_cache(maxsize=4096)
def span(text: str) -> Span | None:
    """The first and the last moment a date may mean (`2015-03` is the whole of March), or None when it is no date."""
    try:
        first, last = _read(text)
        return first.astimezone(UTC), last.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _read(text: str) -> Span:
    if match := _PARTIAL.fullmatch(text):
        return _calendar(*match.groups())
    if match := _HL7.fullmatch(text):
        return _hl7(match)
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=MOSCOW)
    return moment, moment


def _calendar(year: str, month: str | None, day: str | None) -> Span:
    first = datetime(int(year), int(month or 1), int(day or 1), tzinfo=MOSCOW)
    if day:
        following = first + timedelta(days=1)
    elif month:
        following = (first + timedelta(days=32)).replace(day=1)
    else:
        following = first.replace(year=first.year + 1)
    return first, following - timedelta(microseconds=1)


def _hl7(match: re.Match[str]) -> Span:
    year, month, day, hour, minute, second, offset = match.groups()
    if hour is None:
        return _calendar(year, month, day)
    zone = datetime.strptime(offset, "%z").tzinfo if offset else MOSCOW
    moment = datetime(int(year), int(month), int(day), int(hour), int(minute or 0), int(second or 0), tzinfo=zone)
    return moment, moment


def order(text: str | None) -> datetime:
    """What a list is sorted by; a record without a date is older than every other."""
    found = span(text) if text else None
    return found[0] if found else _EARLIEST


def within(text: str | None, since: str | None, until: str | None) -> bool:
    """Whether a date may lie between two others (both included); an unknown date lies between none."""
    if not since and not until:
        return True
    found = span(text) if text else None
    if not found:
        return False
    first, last = span(since) if since else None, span(until) if until else None
    return not (first and found[1] < first[0]) and not (last and found[0] > last[1])


def day_beside(text: str, days: int) -> str | None:
    """The calendar day so many days away: a server that counts in another zone must not lose a record at the edge."""
    found = span(text)
    if not found:
        return None
    moment = found[0] if days < 0 else found[1]
    return (moment.astimezone(MOSCOW) + timedelta(days=days)).date().isoformat()
