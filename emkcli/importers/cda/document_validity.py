"""Until when a certificate, a referral or a recipe is good: a day, a term from a day on, or words, in a coded field."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from emkcli.importers.cda import printed_day
from emkcli.importers.cda.document_body import Scene
from emkcli.importers.cda.times import Moment, iso, moment, time_in, time_of
from emkcli.importers.cda.tree import Code, Element, child, children, get
from emkcli.importers.cda.values import entry_value

FIELDS = frozenset({"10001", "6004", "6005"})
"""Срок действия документа, срок действия рецепта, дата окончания действия рецепта (НСИ 1.2.643.5.1.13.13.99.2.166)."""
_NAME = re.compile(r"(срок|окончани\w*|истечени\w*) (срока )?действия|действител\w* до|годен до", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d(T.*)?)?)?")
_LAST_DAY = re.compile(
    r"(?:.*\b(?:до|по)\s+)?(?P<day>\d\d\.\d\d\.\d{4}|\d{4}-\d\d-\d\d)\s*(?:г\.?|года)?\s*(?:\(?включительно\)?)?",
    re.IGNORECASE,
)
_TERM = re.compile(
    r"(?P<count>\d{1,4})\s*(?:\([а-яё ]+\)\s*)?(?P<unit>д|сут|нед|мес|г|л|d|wk|mo|a)[а-яё]*\.?"
    r"(?:\s+со?\s+(?:дня|даты|момента)\s+(?:выдачи|выписки|оформления|подписания))?",
    re.IGNORECASE,
)
_DAYS = {"д": 1, "сут": 1, "d": 1, "нед": 7, "wk": 7}
_MONTHS = {"мес": 1, "mo": 1, "г": 12, "л": 12, "a": 12}


def expires_on(scene: Scene) -> str | None:
    """The last day of the document; where none can be computed, what is stated as it was sent; None where nothing is."""
    ends = [_end(element, scene) for element, code in scene.coded_fields if _is_validity(code)]
    days = (end.iso for end in ends if end.iso and _DATE.fullmatch(end.iso))
    return next(days, None) or next((end.written for end in ends if end.written), None)


def _is_validity(code: Code) -> bool:
    return code.code in FIELDS or bool(_NAME.search(code.name or ""))


def _end(element: Element, scene: Scene) -> Moment:
    """The end of a span, else the value: a day, or a term from the beginning of the span or the day of the document on."""
    ends = (get(child(time, "high"), "value") for time in children(element, "effectiveTime"))
    if end := next(filter(None, ends), None):
        return Moment(iso(end))
    own, told, issued = time_in(child(element, "value")), time_of(element), scene.header.date
    stated = entry_value(element)
    if own.iso or not stated or _is_after(told, issued):
        return own if own.iso else told
    return _in_words(stated, told.iso or issued)


def _is_after(told: Moment, issued: str | None) -> bool:
    """Whether the time of the field is the last day sooner than the one that the term begins with."""
    return bool(told.iso) and (told.iso or "")[:10] > (issued or "")[:10]


def _in_words(stated: str, begin: str | None) -> Moment:
    if (last := _LAST_DAY.fullmatch(stated)) and (day := printed_day.moment(last["day"])).iso:
        return day
    if (term := _TERM.fullmatch(stated)) and (end := _after(begin, int(term["count"]), term["unit"].casefold())):
        return Moment(end)
    read = moment(stated)
    return read if read.iso else Moment(None, stated if any(map(str.isalnum, stated)) else None)


def _after(begin: str | None, count: int, unit: str) -> str | None:
    """The day on which a term ends that begins so; of months it has the same number, or is the last."""
    try:
        first = date.fromisoformat((begin or "")[:10])
        if unit in _DAYS:
            return (first + timedelta(days=count * _DAYS[unit])).isoformat()
        years, month = divmod(first.month - 1 + count * _MONTHS[unit], 12)
        year = first.year + years
        return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1])).isoformat()
    except (ValueError, OverflowError):
        return None
