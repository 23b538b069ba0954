"""One cell of the head of a table of results: what its column is, in which unit, and of which day."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from emkcli.importers.cda.printed_day import DAY
from emkcli.importers.cda.printed_value import UNIT

HEADS: tuple[tuple[str, str], ...] = (
    ("collected", r"дат[аы]|время"),
    ("method", r"метод"),
    ("low", r"нижн|\bмин"),
    ("high", r"верхн|\bмакс"),
    ("reference", r"\bреф|норм|допустим|диапазон|интервал|границ|^n$"),
    ("unit", r"\bед\b|\bед\.|единиц|размерн|^еи$"),
    ("interpretation", r"отклон|флаг|признак|интерпрет|патолог"),
    ("comment", r"коммент|примеч"),
    ("specimen", r"материал|проба|образец"),
    ("value", r"результат|значени|концентрац|\bрез"),
    ("analyte", r"показател|исследован|тест|наименован|анализ|параметр|компонент|определени|название"),
)
"""Column → how clinics head it; the first that fits, so that «Нормальные значения» are a range and «Дата исследования» a
date."""
RANGES = frozenset({"reference", "low", "high"})
_MEASURED = RANGES | {"value"}
"""What has a unit."""
_WITH_UNIT = re.compile(
    rf"(?P<name>.+?)(?:\s*[,;(\[]\s*(?:в\s+)?|\s+в\s+|\s+(?=\S*[/%^]))(?!ед\.?\s*[)\]]?$)(?P<unit>{UNIT})\s*[)\]]?",
    re.IGNORECASE,
)
"""«Результат, ммоль/л», «Результат (г/л)»; «Результат, ед.» may say that the unit stands in the cells."""
_UNIT_ALONE = re.compile(rf"[(\[]?(?:{UNIT})[)\]]?")
_AROUND_A_DAY = re.compile(r"(?:дата|от|за|на|г|[\s().,:])*", re.IGNORECASE)


_PLAIN = re.compile(
    r"(?:\w+\s)?(?:результат\w*|значени\w*|концентрац\w*|рез[-.\w]*)(?:\s(?:исслед|анализ|тест|показат)\w*)?",
    re.IGNORECASE,
)
_ANOTHER = re.compile(r"предыд|прежн|прошл|\bдо\b|\bпосле\b|\d", re.IGNORECASE)


class HeadCell(NamedTuple):
    """`name` is what the column is; `day` as it is printed, `is_day` where nothing else stands there; `is_plain` where it
    says no more than that."""

    name: str | None = None
    unit: str | None = None
    day: str | None = None
    is_day: bool = False
    is_plain: bool = True


@lru_cache(maxsize=1024)  # laboratories print the same few
def head_cell(words: str) -> HeadCell:
    match = DAY.search(words)
    rest = DAY.sub(" ", words).strip() if match else words
    day, is_day = match and match[0], bool(match and _AROUND_A_DAY.fullmatch(rest))
    with_unit = _WITH_UNIT.fullmatch(rest)
    if with_unit and name_of(with_unit["name"]) in _MEASURED:
        return HeadCell(name_of(with_unit["name"]), with_unit["unit"], day, False, _is_plain(with_unit["name"]))
    if _UNIT_ALONE.fullmatch(words) and not name_of(words):  # «мин» is a bound sooner than minutes
        return HeadCell(unit=words.strip("()[]"))
    return HeadCell("value" if is_day else name_of(words), None, day, is_day, is_day or _is_plain(rest))


def _is_plain(words: str) -> bool:
    return bool(_PLAIN.fullmatch(words.strip(" ,:"))) and not _ANOTHER.search(words)


def name_of(head: str | None) -> str | None:
    """What a head says that stands alone."""
    fits = (name for name, pattern in HEADS if head and re.search(pattern, head, re.IGNORECASE))
    return next(fits, None)
