"""Until when something is good, in words: `до 28 февраля 2027 г.`, `1 год 6 месяцев со дня выдачи`, `один год`."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from emkcli.importers.cda import printed_day

_MONTHS = ("январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр")
_COUNTS = {
    **dict.fromkeys(("один", "одна", "одну", "одного", "одной"), 1),
    **dict.fromkeys(("два", "две", "двух"), 2),
    **dict.fromkeys(("три", "трёх", "трех"), 3),
    **dict.fromkeys(("четыре", "четырёх", "четырех"), 4),
    **dict.fromkeys(("пять", "пяти"), 5),
    **dict.fromkeys(("шесть", "шести"), 6),
    **dict.fromkeys(("семь", "семи"), 7),
    **dict.fromkeys(("восемь", "восьми"), 8),
    **dict.fromkeys(("девять", "девяти"), 9),
    **dict.fromkeys(("десять", "десяти"), 10),
    **dict.fromkeys(("двенадцать", "двенадцати"), 12),
    **dict.fromkeys(("четырнадцать", "четырнадцати"), 14),
    **dict.fromkeys(("пятнадцать", "пятнадцати"), 15),
    **dict.fromkeys(("тридцать", "тридцати"), 30),
    **dict.fromkeys(("шестьдесят", "шестидесяти"), 60),
    **dict.fromkeys(("девяносто", "девяноста"), 90),
}
_MONTHS_OF_HALVES = {"полгода": 6, "полутора лет": 18, "полтора года": 18}
_HALVES = re.compile("|".join(_MONTHS_OF_HALVES), re.IGNORECASE)
_ENDLESS = re.compile(r"(?:бессрочн\w*|без (?:ограничения )?срока(?: действия)?|постоянно)\.?", re.IGNORECASE)
_LAST_DAY = re.compile(
    r"(?:(?:.*\b(?:до|по)|.*\bне\s?действител\w*\s+после)\s+)?"
    r"(?P<day>\d\d\.\d\d\.\d{4}|\d{4}-\d\d-\d\d|[«\"]?\d{1,2}[»\"]?\s+[а-я]{3,8}\s+\d{4})\s*(?:г\.?|года)?"
    r"\s*(?:\(?включительно\)?)?\.?",
    re.IGNORECASE,
)
_DAY_OF_MONTH = re.compile(r"\D?(?P<day>\d{1,2})\D?\s+(?P<month>[а-я]+?)(?:а|я|ь|й)?\s+(?P<year>\d{4})", re.IGNORECASE)
_PART = (
    rf"(?:\d{{1,4}}|{'|'.join(_COUNTS)})\s*(?:\([а-яё ]+\)\s*)?(?:календарн\w+\s+)?"
    r"(?:день|дн[а-я]*|сут[а-я]*|нед[а-я]*|мес[а-я]*|год[а-я]*|лет|[дгл]|d|wk|mo|a)\b\.?"
)
_PARTS = re.compile(
    r"(?P<count>\d+|[а-яё]+)\s*(?:\([а-яё ]+\)\s*)?(?:календарн\w+\s+)?"
    r"(?P<unit>день|дн|сут|нед|мес|год|лет|[дгл]\b|d|wk|mo|a)[а-я]*\.?",
    re.IGNORECASE,
)
_TERM = re.compile(
    rf"(?:(?:действител\w*|действует|год[ен]н?[аоы]?)\s+)?(?:(?:сроком\s+)?на\s+|в\s+течение\s+)?"
    rf"(?P<parts>{_PART}(?:\s*(?:,|и)?\s*{_PART})*)"
    r"(?:\s+со?\s+(?:дня|даты|момента)\s+(?:е[её]\s+|его\s+)?(?:выдачи|выписки|оформления|подписания))?\.?",
    re.IGNORECASE,
)
_DAYS = {"день": 1, "дн": 1, "д": 1, "сут": 1, "d": 1, "нед": 7, "wk": 7}
_OF_MONTHS = {"мес": 1, "mo": 1, "год": 12, "лет": 12, "г": 12, "л": 12, "a": 12}


def is_endless(stated: str) -> bool:
    """Whether it says that there is no last day."""
    return bool(_ENDLESS.fullmatch(stated.strip()))


def last_day(stated: str, begin: str | None) -> str | None:
    """The day it names, or the end of the term that begins with the ISO date `begin`; None where it is not understood."""
    if named := _LAST_DAY.fullmatch(stated.strip()):
        return printed_day.moment(named["day"]).iso or _with_month(named["day"])
    term = _TERM.fullmatch(_HALVES.sub(lambda half: f"{_MONTHS_OF_HALVES[half[0].casefold()]} мес", stated.strip()))
    return _after(begin, term["parts"]) if term else None


def _with_month(written: str) -> str | None:
    """`28 февраля 2027`; the name of May has two letters before its ending."""
    match = _DAY_OF_MONTH.fullmatch(written)
    month = match["month"].casefold() if match else None
    try:
        return date(int(match["year"]), _MONTHS.index(month) + 1, int(match["day"])).isoformat() if match else None
    except ValueError:
        return None


def _after(begin: str | None, term: str) -> str | None:
    """The day on which a term ends that begins so; of months it has the same number, or is the last."""
    try:
        months = days = 0
        for part in _PARTS.finditer(term):
            count, unit = _count(part["count"]), part["unit"].casefold()
            months += count * _OF_MONTHS.get(unit, 0)
            days += count * _DAYS.get(unit, 0)
        return (_months_after(date.fromisoformat((begin or "")[:10]), months) + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return None


def _count(written: str) -> int:
    return int(written) if written.isdigit() else _COUNTS[written.casefold()]


def _months_after(first: date, count: int) -> date:
    years, month = divmod(first.month - 1 + count, 12)
    year = first.year + years
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))
