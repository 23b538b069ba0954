"""Days as a clinic prints them into a table, and which of them is that of a sample."""

from __future__ import annotations

import re
from datetime import date, datetime

from emkcli.clinical.dates import moscow
from emkcli.importers.cda.times import Moment

DAY = re.compile(
    r"(?<![\d.])(?:\d{1,2}[./]\d{1,2}(?:[./](?:\d{4}|\d\d))?|\d{4}-\d\d-\d\d)(?![\d.])"
    r"(?:[ ,г.]*\s\d{1,2}:\d\d(?::\d\d)?(?!\d))?"
)
"""Also without its year, as the columns of one stay in hospital are headed."""
_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})(?:[ ,г.]*\s(\d\d):(\d\d)(?::(\d\d))?)?")
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_OF_SAMPLE = re.compile(r"дата|время|взят|забор|отбор", re.IGNORECASE)
_OF_ANOTHER = re.compile(
    r"заказ|направл|рожд|выда|готов|печат|поступ|регистр|действ|оплат|договор|полис|приказ|предыд|следующ",
    re.IGNORECASE,
)
"""What else has a day: the order, the patient, the form."""


def moment(written: str | None) -> Moment:
    """`28.02.2026 09:40` on the clock of Moscow; as it is written where it is no such date."""
    iso = _iso(written.strip()) if written else None
    return Moment(iso, None if iso else written)


def _iso(written: str) -> str | None:
    match = _DATE.fullmatch(written)
    day, month, year, hour, minute, second = (int(part or 0) for part in match.groups()) if match else (0,) * 6
    try:
        if match is None:
            return date.fromisoformat(written).isoformat() if _ISO_DATE.fullmatch(written) else None
        when = datetime(year, month, day, hour, minute, second, tzinfo=moscow())
    except ValueError:
        return None
    return when.isoformat() if match[4] else when.date().isoformat()


def of_sample(cells: list[str]) -> str | None:
    """The day of a row that is nothing else, «Дата взятия: 12.01.2026», as printed."""
    return of_title(" ".join(cells)) if 0 < len(cells) < 3 and _OF_SAMPLE.search(cells[0]) else None


def of_title(words: str) -> str | None:
    """The day in a title, «Анализ крови от 12.01.2026»; None where it may be that of something else."""
    days = DAY.findall(words)
    return days[0] if len(days) == 1 and moment(days[0]).iso and not _OF_ANOTHER.search(words) else None
