"""Which prescriptions are in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from emkcli.clinical.course_length import latest_end
from emkcli.clinical.dates import day
from emkcli.clinical.status import NOT_IN_FORCE, NOT_ORDERED, is_withdrawn, statuses
from emkcli.models import Prescription


def current(prescriptions: Iterable[Prescription], today: date) -> list[Prescription]:
    """Those in force, the ones that say so before the others."""
    return sorted(
        (prescription for prescription in prescriptions if is_in_force(prescription, today)),
        key=lambda prescription: "active" not in statuses(prescription),
    )


def is_in_force(prescription: Prescription, today: date) -> bool:
    """Whether it is good on a day. One whose status nobody knows, as in most documents, counts until it has run out:
    a medicine that is taken and missing here does harm."""
    over = is_withdrawn(prescription) or not statuses(prescription).isdisjoint(NOT_IN_FORCE)
    return not over and is_ordered(prescription) and not has_run_out(prescription, today)


def is_ordered(prescription: Prescription) -> bool:
    """Whether somebody ordered it or says that it is taken: what a person takes on their own is sent as a plan."""
    is_taken = prescription.type == "statement" and prescription.intent == "plan"
    return is_taken or prescription.intent not in NOT_ORDERED


def has_run_out(prescription: Prescription, today: date) -> bool:
    """Whether its last day is over; a month lasts to its end, and a date that nobody can read ends nothing."""
    last = _last_day(prescription)
    return last is not None and last < today


def _last_day(prescription: Prescription) -> date | None:
    """When it is taken for the last time: a stated end of the course decides, then its length from the last day on which it
    may be fetched. Where the course says nothing, that day itself, unless it is taken without end: then a new recipe is due."""
    last = day(prescription.ends_on, last=True) or _latest_end(prescription)
    if last is None and "continuous" not in (prescription.course or "").casefold():
        return day(prescription.expires_on, last=True)
    return last


def runs_out_by(prescription: Prescription, last: date) -> bool:
    """Whether the recipe or the course is known to end on that day or before."""
    ends = day(end(prescription), last=True) or _latest_end(prescription)
    return ends is not None and ends <= last


def _latest_end(prescription: Prescription) -> date | None:
    """Of a course with a length and no dates, each time that it may be handed out."""
    start = day(prescription.expires_on, last=True) or day(prescription.date, last=True)
    refills = prescription.refills or "0"
    if start is None or not (refills.isascii() and refills.isdigit() and len(refills) < 3):
        return None
    return latest_end(prescription.dosage, start, int(refills) + 1)


def end(prescription: Prescription) -> str | None:
    """The last day of the recipe or of the course as it was sent, whichever comes first."""
    stated = [sent for sent in (prescription.expires_on, prescription.ends_on) if sent]
    readable = {last_day: sent for sent in stated if (last_day := day(sent, last=True))}
    return readable[min(readable)] if readable else next(iter(stated), None)
