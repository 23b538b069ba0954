"""Which results are noticeable: by the laboratory's flag or, where it sent none, by the range it sent."""

from __future__ import annotations

from math import isfinite

from emkcli.clinical.interpretation import side_of
from emkcli.clinical.written_range import read
from emkcli.models import LabResult, Reference, TrendPoint

ABOVE = frozenset({"H", "HH", "HU", "VH", ">"})
BELOW = frozenset({"L", "LL", "LU", "VL", "<"})
UNREMARKABLE = frozenset({"N", "S", "ND", "NEG"})
"""Flags that nobody is alarmed by: normal, susceptible, not detected, negative."""


def is_abnormal(result: LabResult) -> bool:
    """What `--abnormal` lists: a flag other than `N`; without a flag words that say so, or a value out of its range. One
    that was taken back stands there with its status; no summary counts it."""
    if result.flag:
        return result.flag != "N"
    return bool(result.out_of_range) or side_of(result.interpretation) != 0


def side(result: LabResult | TrendPoint) -> int:
    """1 above its range, -1 below, 2 otherwise noticeable, 0 within it or unknown; the laboratory's flag decides, then
    its words."""
    if result.flag:
        return flag_side(result.flag)
    if by_words := side_of(result.interpretation):
        return by_words
    if not result.out_of_range or result.value_number is None:
        return 0
    high = _high(result.reference, result.value)
    return 1 if high is not None and result.value_number > high else -1


def _high(reference: Reference | None, value: str | None) -> float | None:
    """The upper end that was compared with, also of a text with a unit."""
    written = read(reference.text, value) if reference else None
    stated = number(reference.high) if reference else None
    return written.high if stated is None and written else stated


def flag_side(flag: str) -> int:
    """The same of a flag alone."""
    if flag in ABOVE or flag in BELOW:
        return 1 if flag in ABOVE else -1
    return 0 if flag in UNREMARKABLE else 2


def bounds(reference: Reference | None) -> tuple[float | None, float | None]:
    """The ends of a range, where they are numbers or a text says them without a unit of its own."""
    if reference is None:
        return None, None
    if reference.low is None and reference.high is None and (written := read(reference.text)):
        return (None, None) if written.unit else (written.low, written.high)
    return number(reference.low), number(reference.high)


def number(text: str | None) -> float | None:
    """A bound of a range as a number; None for anything else."""
    try:
        value = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return value if isfinite(value) else None
