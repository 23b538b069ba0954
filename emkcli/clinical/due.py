"""What is due: the ends of prescriptions in force, what prevention plans next, and what is booked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from emkcli.clinical import medicines
from emkcli.clinical.dates import day
from emkcli.clinical.status import NOT_IN_FORCE, PLANNED, REPLACED, SETTLED, Stated, is_withdrawn, statuses
from emkcli.models import Due, Prescription, Prevention


def due(prescriptions: Iterable[Prescription], prevention: Iterable[Prevention], today: date) -> list[Due]:
    """What lies ahead of a day or is overdue, the soonest first; `prevention` with the newest record first."""
    ends = [
        Due(date=ends_on, what=record.medicine or record.number or record.id, record_id=record.id)
        for record in medicines.current(prescriptions, today)
        if (ends_on := medicines.end(record))
    ]
    coming = [
        Due(date=record.next_due, what=record.type or record.conclusion or record.id, record_id=record.id)
        for record in planned(prevention)
        if record.next_due and is_open(record, today)
    ]
    return sorted([*ends, *coming], key=lambda entry: entry.date)


def planned(newest_first: Iterable[Prevention]) -> Iterator[Prevention]:
    """Those that set a date: of each kind, an examination or a vaccination, the newest record decides."""
    types: set[str | None] = set()
    for record in newest_first:
        if is_withdrawn(record) or record.type in types:
            continue
        types.add(record.type)
        if record.next_due and statuses(record).isdisjoint(SETTLED):
            yield record


def is_open(record: Prevention, today: date) -> bool:
    """Whether it is still to be done: a month or a year lasts to its end, and what is called overdue is not over."""
    last = day(record.next_due, last=True)
    return "overdue" in statuses(record) or last is None or last >= today


def is_booked(record: Stated) -> bool:
    """Whether a visit, an appointment or a procedure is still to come, as far as its status tells."""
    return not (is_withdrawn(record) or statuses(record).isdisjoint(PLANNED))


def is_usable(record: Stated) -> bool:
    """Whether a referral or a certificate was neither used up, taken back nor replaced."""
    return not is_withdrawn(record) and statuses(record).isdisjoint(NOT_IN_FORCE | REPLACED)
