"""Which results are noticeable: by the laboratory's flag or, where it sent none, by the range it sent."""

from __future__ import annotations

from math import isfinite

from emkcli.models import LabResult, Reference, TrendPoint

ABOVE = frozenset({"H", "HH", "HU", "VH", ">"})
BELOW = frozenset({"L", "LL", "LU", "VL", "<"})
UNREMARKABLE = frozenset({"N", "S", "ND", "NEG"})
"""Flags that nobody is alarmed by: normal, susceptible, not detected, negative."""


def is_abnormal(result: LabResult) -> bool:
    """What `--abnormal` lists: a flag other than `N`, or without a flag a value out of its range."""
    return result.flag != "N" if result.flag else bool(result.out_of_range)


def side(result: LabResult | TrendPoint) -> int:
    """1 above its range, -1 below, 2 otherwise noticeable, 0 within it or unknown; the laboratory's flag decides."""
    if result.flag:
        return flag_side(result.flag)
    high = number(result.reference.high) if result.reference else None
    if not result.out_of_range or result.value_number is None:
        return 0
    return 1 if high is not None and result.value_number > high else -1


def flag_side(flag: str) -> int:
    """The same of a flag alone."""
    if flag in ABOVE or flag in BELOW:
        return 1 if flag in ABOVE else -1
    return 0 if flag in UNREMARKABLE else 2


def bounds(reference: Reference | None) -> tuple[float | None, float | None]:
    """The ends of a range, where they are numbers."""
    return (number(reference.low), number(reference.high)) if reference else (None, None)


def number(text: str | None) -> float | None:
    """A bound of a range as a number; None for anything else."""
    try:
        value = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return value if isfinite(value) else None
