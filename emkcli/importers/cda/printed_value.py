"""One cell of a printed table that holds a number with its unit, its mark, or both: `5,2 ммоль/л H`, `↑ 12.3 г/л`."""

from __future__ import annotations

import re
from typing import NamedTuple

FLAGS = frozenset(
    {"L", "H", "LL", "HH", "LU", "HU", "VL", "VH", "N", "A", "AA", "S", "I", "R", "POS", "NEG", "DET", "ND"}
)
"""HL7 codes of an interpretation, as laboratories print them."""
_ALSO_UNITS = frozenset({"L", "A", "S", "N"})
"""Codes that are units as well: `5 L` may be five litres, `5 г/л L` is low."""

_RUSSIAN = (
    r"(?:мк|[кмднпф])?(?:г|л|моль|МЕ|[Ее]д|ЕД|экв|[оО]см|м|Па|кат)|гр|см|кл|клеток|тыс|млн|млрд|копий|КОЕ|"
    r"сек|с|мин|час|ч|сут|сутки|мес"
)
_LATIN = r"(?:mc|[kmunpfdcµμ])?(?:g|[Ll]|mol|I?U|[Ee]q|Osm|m|kat|Pa)|sec|s|min|hr?|cells?|CFU|S/CO|COI|BAU"
_POWER = r"(?:[xXхХ×*·]\s?)?10(?:\s?[\^*Ee]\s?\d{1,2}|[⁰¹²³⁴-⁹]{1,2})"
_ONE = rf"(?:(?:{_RUSSIAN})\.?|{_LATIN}|{_POWER}|(?:1[.,]73\s?)?[мm](?:\^?2|²)|%|‰)"
UNIT = rf"{_ONE}(?:\s?/\s?{_ONE}){{0,3}}|мм\s?рт\.?\s?ст\.?|mm\s?Hg|°\s?[CС]|в п/зр?\.?|в поле зрения"
_MARK = (
    rf"[↑↓]{{1,3}}|\(?(?<![A-Z])(?:{'|'.join(sorted(FLAGS, key=len, reverse=True))})(?![A-Z])\)?|"
    r"(?:выше|ниже)(?: нормы)?|(?:повышен|понижен|снижен)[оа]?|норма"
)
_CELL = re.compile(
    rf"(?:(?P<before>{_MARK})\s*)?(?P<text>(?:[<>]=?|[≤≥])?\s*[+-]?\d+(?:[.,]\d+)?)"
    rf"(?:\s*(?P<between>{_MARK})(?=\s|$))?(?:\s*(?P<unit>{UNIT}))?(?:\s*(?P<after>{_MARK}))?"
)


class PrintedValue(NamedTuple):
    """The number with what stands before it (`<0,10`), the unit and the mark (`H`, `↑`, `выше нормы`), each as printed."""

    text: str
    unit: str | None = None
    mark: str | None = None


def read(cell: str, unit: str | None = None) -> PrintedValue:
    """The parts of a cell, `unit` being that of its row; the whole cell as the text where it can be read in two ways."""
    match = _CELL.fullmatch(cell)
    if match is None:
        return PrintedValue(cell)
    marks = [mark.strip("()") for mark in match.group("before", "between", "after") if mark]
    has_unit = bool(unit or match["unit"])
    if len(marks) > 1 or (not has_unit and not _ALSO_UNITS.isdisjoint((*marks, match["unit"]))):
        return PrintedValue(cell)
    return PrintedValue(match["text"], match["unit"], next(iter(marks), None))
