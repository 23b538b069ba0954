"""A reference range that a laboratory wrote as text: `65-99`, `< 34,0`, `до 5,2 ммоль/л`."""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBER = r"[+-]?\d+(?:[.,]\d+)?"
_UNIT = r"(?:\s+(\S.*)|([^\d\s.,;–—−-].*))?"
_BETWEEN = re.compile(rf"(?:от\s+)?({_NUMBER})\s*(?:[-‐–—−…]|\.\.+|до|to)\s*({_NUMBER}){_UNIT}", re.IGNORECASE)
_TWO_WAYS = re.compile(r"[1-9]\d{0,2},\d{3}")
"""`1,000` is one with a decimal comma and a thousand without."""
_COMMA = re.compile(r"[+-]?\d+,\d+")
_WORDS = "<=?|>=?|≤|≥|до|от|не менее|не более|менее|более|less than|up to"
_LIMIT = re.compile(rf"({_WORDS})\s*({_NUMBER}){_UNIT}", re.IGNORECASE)
_LOWER = frozenset({">", ">=", "≥", "от", "более", "не менее"})
_EXCLUDING = frozenset({"<", ">", "менее", "более", "less than"})


class WrittenRange(NamedTuple):
    """Its bounds, the unit written behind them, and whether a bound itself lies outside."""

    low: float | None
    high: float | None
    unit: str | None = None
    excluding: bool = False

    def excludes(self, number: float) -> bool:
        """Whether a number of the same unit lies outside."""
        if self.excluding and number in (self.low, self.high):
            return True
        return (self.low is not None and number < self.low) or (self.high is not None and number > self.high)


def read(words: str | None, value: str | None = None) -> WrittenRange | None:
    """The range, where the words are one and nothing else; one that is upside down is none, nor one with a bound that can be
    read in two ways (`0 - 1,000`), unless all of them and the `value` beside it are written so: then both ways compare alike
    (`1,015` in `1,003 - 1,035`)."""
    written = " ".join((words or "").split()).strip("[]() ")
    match = _BETWEEN.fullmatch(written)
    if match and _is_certain(value, match[1], match[2]):
        low, high = _float(match[1]), _float(match[2])
        return WrittenRange(low, high, match[3] or match[4]) if low <= high else None
    match = _LIMIT.fullmatch(written)
    if match and _is_certain(value, match[2]):
        return _limited(match[1].casefold(), _float(match[2]), match[3] or match[4])
    return None


def with_comma(written: str | None) -> float | None:
    """The number that is written with a decimal comma and nothing else; None where the comma may be one of thousands."""
    bare = (written or "").strip()
    return _float(bare) if _COMMA.fullmatch(bare) and _is_certain(None, bare) else None


def in_words(low: str | None, high: str | None, text: str | None) -> str:
    """A range as a person reads it: in its own words, else by its bounds as sent."""
    if text:
        return text
    if low and high:
        return f"{low}–{high}"
    return f"≥ {low}" if low else f"≤ {high}" if high else ""


def _is_certain(value: str | None, *bounds: str) -> bool:
    doubtful = [bool(_TWO_WAYS.fullmatch(bound.lstrip("+-"))) for bound in (*bounds, value or "")]
    return all(doubtful) or not any(doubtful[:-1])


def _limited(how: str, bound: float, unit: str | None) -> WrittenRange:
    low, high = (bound, None) if how in _LOWER else (None, bound)
    return WrittenRange(low, high, unit, how in _EXCLUDING)


def _float(written: str) -> float:
    return float(written.replace(",", "."))
