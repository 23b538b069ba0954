"""How long a course lasts at most, by the schedule of its doses (FHIR Timing.repeat.boundsDuration and boundsRange)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from math import ceil
from typing import Any

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


def longest_days(steps: Sequence[Dosage]) -> int | None:
    """Whole days of all steps, which may follow each other; None where one of them has no end."""
    lengths = [_days(_bound(json.loads(step.schedule or "{}"))) for step in steps]
    known = [length for length in lengths if length is not None]
    return ceil(sum(known)) if known and len(known) == len(lengths) else None


def _bound(schedule: dict[str, Any]) -> dict[str, Any]:
    repeat = schedule.get("repeat", {})
    bound: dict[str, Any] = repeat.get("boundsDuration") or repeat.get("boundsRange", {}).get("high", {})
    return bound


def _days(length: dict[str, Any]) -> Decimal | None:
    """None for one without a value or a known unit, and for `at least so long`."""
    unit = _DAYS.get(length.get("code") or length.get("unit") or "")
    if unit is None or length.get("comparator") in _OPEN:
        return None
    try:
        days = Decimal(str(length.get("value"))) * unit
        return days if 0 <= days <= _LONGEST else None
    except InvalidOperation:
        return None
