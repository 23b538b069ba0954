"""Units of measurement: when two are the same, and the few that differ by an exact power of ten."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_LITRE = re.compile(r"(?<![A-Za-z])([dcmunpfµμ]?)l(?![A-Za-z])")
_POWERS = {"": 0, "k": 3, "d": -1, "m": -3, "u": -6, "n": -9, "p": -12}
_SIZES = {prefix + base: (base, power) for base in ("g", "mol", "L") for prefix, power in _POWERS.items()}
"""The table of exact factors: decimal prefixes of gram, mole and litre. Gram and mole are never exchanged."""
_RUSSIAN = {"": "", "к": "k", "д": "d", "м": "m", "мк": "u", "н": "n", "п": "p"}
_BASES = {"г": "g", "моль": "mol", "л": "L"}
_PRINTED = {ours + base: latin + _BASES[base] for base in _BASES for ours, latin in _RUSSIAN.items()}
"""How Russian laboratories print what UCUM writes with Latin letters; anything else is compared as it is printed."""


@lru_cache(maxsize=512)
def normal(written: str | None) -> str:
    """UCUM allows `l` and `L` for the litre, `^` and `*` for a power of ten; people print blanks and two kinds of µ."""
    bare = (written or "").replace(" ", "").replace("^", "*").replace("µ", "u").replace("μ", "u")
    return _LITRE.sub(r"\1L", bare)


@lru_cache(maxsize=512)
def known(printed: str | None, code: str | None) -> str:
    """What a unit is compared by: its UCUM code, else what is printed, in UCUM's letters where they are certain."""
    if code:
        return normal(code)
    return "/".join(_PRINTED.get(part, part) for part in normal(printed).split("/"))


def measure(printed: str | None, code: str | None) -> str:
    """What is measured in a unit: the same for units that an exact factor joins (`mg/dL`, `g/L`), else the unit itself."""
    unit = known(printed, code)
    size = _size(unit)
    return "/".join(size[0]) if size else unit


def factor(unit: str, other: str) -> Decimal | None:
    """What takes a number of `unit` to `other` (both from `known`), by the table alone; None where it does not say."""
    if unit == other:
        return Decimal(1)
    size, other_size = _size(unit), _size(other)
    return Decimal(1).scaleb(size[1] - other_size[1]) if size and other_size and size[0] == other_size[0] else None


@lru_cache(maxsize=512)
def differ(printed: str | None, code: str | None) -> bool:
    """Whether a unit as printed and its code are known to be two units."""
    sizes = [_size(known(printed, None)), _size(known(None, code))]
    return None not in sizes and sizes[0] != sizes[1]


def _size(unit: str) -> tuple[tuple[str, ...], int] | None:
    """What is measured and its power of ten: `mg/dL` is gram per litre, -2."""
    above, slash, below = unit.partition("/")
    upper, lower = _SIZES.get(above), _SIZES.get(below) if slash else ("", 0)
    return ((upper[0], lower[0]), upper[1] - lower[1]) if upper and lower else None
