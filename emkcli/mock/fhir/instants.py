"""Dates as FHIR means them: every value is a span of time; searches compare spans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, NamedTuple

from emkcli.mock.fhir.failure import FhirError

_LOCAL = timezone(timedelta(hours=3))
_OPEN = "9999-12-31T23:59:59Z"


class Span(NamedTuple):
    """First moment and the first moment after, as UTC text that sorts."""

    start: str
    end: str


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=4096)
def span(value: str) -> Span:
    """The span a year, month, day or moment covers; a day without a zone is a day in Moscow."""
    if len(value) <= 10:
        start, length = _calendar(value)
    else:
        start = datetime.fromisoformat(value)
        start = start if start.tzinfo else start.replace(tzinfo=_LOCAL)
        length = timedelta(seconds=1)
    return Span(_text(start), _text(start + length))


def _calendar(value: str) -> tuple[datetime, timedelta]:
    year, month, day = (*(int(part) for part in value.split("-")), None, None)[:3]
    start = datetime(year or 0, month or 1, day or 1, tzinfo=_LOCAL)
    if day:
        return start, timedelta(days=1)
    following = (start + timedelta(days=32 if month else 367)).replace(day=1)
    return start, (following if month else following.replace(month=1)) - start


def stored(value: Any) -> Span:
    """The span of an element: a date, an instant or a Period with open ends."""
    if isinstance(value, Mapping):
        start = span(value["start"]).start if "start" in value else ""
        return Span(start, span(value["end"]).end if "end" in value else _OPEN)
    return span(value)


# How the span of a resource (a row's two columns) stands to the asked span, by prefix.
_RULES = {
    "eq": ("{0} >= ? AND {1} <= ?", "se"),
    "ne": ("NOT ({0} >= ? AND {1} <= ?)", "se"),
    "gt": ("{1} > ?", "e"),
    "ge": ("{1} > ?", "s"),
    "lt": ("{0} < ?", "s"),
    "le": ("{0} < ?", "e"),
    "sa": ("{0} >= ?", "e"),
    "eb": ("{1} <= ?", "s"),
}


def condition(name: str, value: str, start: str, end: str) -> tuple[str, list[str]]:
    """SQL for one date parameter over the columns `start` and `end` of a row."""
    if value[:2] == "ap":
        raise FhirError(400, "not-supported", f"{name}: the prefix 'ap' is not supported; one of {', '.join(_RULES)}")
    prefix, text = (value[:2], value[2:]) if value[:2] in _RULES else ("eq", value)
    try:
        # a client that does not escape `+03:00` in an address sends a space
        period = span(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise FhirError(400, "invalid", f"{name}: not a date: {value!r}") from None
    rule, bounds = _RULES[prefix]
    values = [period.start if bound == "s" else period.end for bound in bounds]
    return f"{start} <> '' AND " + rule.format(start, end), values
