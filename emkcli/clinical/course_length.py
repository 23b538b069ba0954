"""When a course is over at the latest, by the schedule of its doses (FHIR Timing.repeat)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from math import ceil
from typing import Any

from emkcli.clinical.dates import day
from emkcli.models import Dosage

_DAYS = {
    "s": Decimal(1) / 86400,
    "min": Decimal(1) / 1440,
    "h": Decimal(1) / 24,
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal(31),
    "a": Decimal(366),
}
"""Units of time (UCUM) in days, the longest where they differ."""
_OPEN = frozenset({">", ">="})
_LONGEST = Decimal(36_600)
_LAST_START = date(9000, 1, 1)


def latest_end(steps: Sequence[Dosage], start: date, times: int = 1) -> date | None:
    """The day by which all steps are over, which may follow each other and be repeated; None where one has no end."""
    repeats = [json.loads(step.schedule or "{}").get("repeat", {}) for step in steps]
    dated = [day(repeat.get("boundsPeriod", {}).get("end"), last=True) for repeat in repeats]
    lengths = [_days(repeat) for repeat, ends in zip(repeats, dated, strict=True) if ends is None]
    if not steps or None in lengths or start > _LAST_START:
        return None
    days = ceil(sum(length * times for length in lengths if length is not None))
    return max([*filter(None, dated), *([start + timedelta(days=days)] if lengths else [])])


def _days(repeat: dict[str, Any]) -> Decimal | None:
    """How long a step is; None for one without a value or a known unit, and for `at least so long`."""
    bound = repeat.get("boundsDuration") or repeat.get("boundsRange", {}).get("high", {})
    if bound:
        return None if bound.get("comparator") in _OPEN else _product(bound.get("value"), 1, _unit(bound))
    if "count" not in repeat:
        return None
    period, frequency = repeat.get("period", 1), repeat.get("frequency", 1)
    most = repeat.get("countMax", repeat["count"])
    return _product(
        most, _product(period, 1, Decimal(1)), _DAYS.get(repeat.get("periodUnit", "")), divided_by=frequency
    )


def _unit(length: dict[str, Any]) -> Decimal | None:
    return _DAYS.get(length.get("code") or length.get("unit") or "")


def _product(value: Any, factor: Any, unit: Decimal | None, *, divided_by: Any = 1) -> Decimal | None:
    """In days; None for what is no number, or longer than a life."""
    try:
        days = Decimal(str(value)) * Decimal(str(factor)) * (unit or Decimal("NaN")) / Decimal(str(divided_by))
        return days if 0 <= days <= _LONGEST else None
    except (InvalidOperation, ZeroDivisionError):
        return None
