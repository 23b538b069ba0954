"""What of a record cannot be so, one rule each. The record is shown as it was sent; that it contradicts itself is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from math import isfinite
from typing import Any

from emkcli.clinical import units
from emkcli.clinical.dates import span
from emkcli.clinical.status import PLANNED
from emkcli.locale import _, ngettext

MOST = 20
"""How many are told of one source."""
_TOLERANCE = timedelta(days=1)
"""Clocks go wrong, and a date without a zone may be meant in any."""
_PAST = frozenset({"lab_result", "study", "vaccination", "diagnosis", "vital", "document", "visit", "procedure"})
"""Kinds of what has happened when it is written down."""
_OUTSIDE = frozenset({"H", "HH", "HU", "L", "LL", "LU"})
_SPANS = (("onset", "abatement"), ("date", "ends_on"), ("date", "expires_on"))
"""Fields of which the second is not before the first."""


def of_record(record: Any, now: datetime) -> Iterator[str]:
    """What is wrong with a record that is taken at a moment."""
    if _is_no_date(record.date):
        yield _("its date is none")
    if _is_future(record, now):
        yield _("its date is in the future")
    if any(ends_before(getattr(record, start), getattr(record, end)) for start, end in _spans(record.__class__)):
        yield _("it ends before it begins")
    reference = getattr(record, "reference", None)
    if reference and is_upside_down(reference.low, reference.high):
        yield _("its range is upside down")
    if _is_flagged_otherwise(getattr(record, "flag", None), getattr(record, "out_of_range", None)):
        yield _("its flag and its range say different things")
    if units.differ(getattr(record, "unit", None), getattr(record, "unit_code", None)):
        yield _("its unit and the code of its unit say different things")


def of_source(name: str, own: Iterable[str], records: Iterable[Any], now: datetime) -> Iterator[str]:
    """What cannot be so of a source and of its records, each after the id that it is shown by."""
    yield from (f"{name}: {words}" for words in own)
    for record in records:
        yield from (f"{record.id}: {words}" for words in of_record(record, now))


def _is_flagged_otherwise(flag: str | None, is_outside: bool | None) -> bool:
    return (flag == "N" and is_outside is True) or (flag in _OUTSIDE and is_outside is False)


@cache
def _spans(kind: type) -> list[tuple[str, str]]:
    """Those that records of a kind have."""
    return [(start, end) for start, end in _SPANS if hasattr(kind, start) and hasattr(kind, end)]


def ends_before(start: str | None, end: str | None) -> bool:
    """Whether all of an end lies before all of a start."""
    first, last = start and span(start), end and span(end)
    return bool(first and last and last[1] < first[0])


def is_upside_down(low: str | None, high: str | None) -> bool:
    """Whether the lower of two numbers is the higher one."""
    lower, upper = _number(low), _number(high)
    return lower is not None and upper is not None and lower > upper


def told(contradictions: Iterable[str]) -> list[str]:
    """Each once, and how many more there are of a source that has many."""
    each = list(dict.fromkeys(contradictions))
    more = len(each) - MOST
    rest = [ngettext("and {count} more", "and {count} more", more).format(count=more)] if more > 0 else []
    return [*islice(each, MOST), *rest]


def _is_no_date(date: str | None) -> bool:
    return bool(date) and span(str(date)) is None


def _is_future(record: Any, now: datetime) -> bool:
    moments = span(record.date) if record.date and type(record).kind in _PAST else None
    return bool(moments and moments[0] > now + _TOLERANCE and getattr(record, "status", None) not in PLANNED)


def _number(text: str | None) -> float | None:
    try:
        number = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return number if isfinite(number) else None
