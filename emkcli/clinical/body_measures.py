"""The measurements that a physician asks for first: blood pressure and weight, by LOINC or by what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable

from emkcli.clinical.dates import order
from emkcli.clinical.status import is_withdrawn
from emkcli.models import Vital

_BLOOD_PRESSURE = frozenset({"85354-9", "55284-4", "8480-6", "8462-4"})
_WEIGHT = frozenset({"29463-7", "3141-9", "8335-2"})
_NAMED = (
    (re.compile(r"артериальн\w+ давлени|^ад\b|blood pressure", re.IGNORECASE), 0),
    (re.compile(r"^масса тела|^вес\b|^(?:body )?weight", re.IGNORECASE), 1),
)


def newest_first(vitals: Iterable[Vital]) -> list[list[Vital]]:
    """Series of one measurement and unit: pressures before weights, each with its newest first; withdrawn ones are left out."""
    series: dict[tuple[int, str, str], list[Vital]] = {}
    for vital in sorted(vitals, key=lambda vital: order(vital.date), reverse=True):
        rank = _rank(vital)
        if rank is not None and vital.value and not is_withdrawn(vital):
            series.setdefault((rank, vital.display or vital.code or "", vital.unit or ""), []).append(vital)
    return [series[key] for key in sorted(series)]


def _rank(vital: Vital) -> int | None:
    """0 for a blood pressure, 1 for a weight; a code of LOINC decides, a name only without one."""
    if vital.code in _BLOOD_PRESSURE | _WEIGHT:
        return int(vital.code in _WEIGHT)
    return next((rank for name, rank in _NAMED if name.search(vital.display or "")), None)
