"""What is due: the ends of prescriptions in force, and what prevention plans next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from emkcli.clinical import medicines
from emkcli.clinical.dates import day
from emkcli.clinical.status import SETTLED, is_withdrawn, statuses
from emkcli.models import Due, Prescription, Prevention


def due(prescriptions: Iterable[Prescription], prevention: Iterable[Prevention], today: date) -> list[Due]:
    """What lies ahead of a day or is overdue, the soonest first; `prevention` with the newest record first."""
    ends = [
        Due(date=one.expires_on, what=one.medicine or one.number or one.id, record_id=one.id)
        for one in medicines.current(prescriptions, today)
        if one.expires_on
    ]
    coming = [
        Due(date=one.next_due, what=one.type or one.conclusion or one.id, record_id=one.id)
        for one in planned(prevention)
        if one.next_due and is_open(one, today)
    ]
    return sorted([*ends, *coming], key=lambda one: one.date)


def planned(newest_first: Iterable[Prevention]) -> Iterator[Prevention]:
    """Those that set a date: of each kind, an examination or a vaccination, the newest record decides."""
    seen: set[str | None] = set()
    for record in newest_first:
        if is_withdrawn(record) or record.type in seen:
            continue
        seen.add(record.type)
        if record.next_due and statuses(record).isdisjoint(SETTLED):
            yield record


def is_open(record: Prevention, today: date) -> bool:
    """Whether it is still to be done: a month or a year lasts to its end, and what is called overdue is not over."""
    last = day(record.next_due, last=True)
    return "overdue" in statuses(record) or last is None or last >= today
