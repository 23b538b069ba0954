"""Which prescriptions are in force on a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from emkcli.clinical.dates import day
from emkcli.clinical.status import NOT_IN_FORCE, is_withdrawn, statuses
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
    return not over and not has_run_out(prescription, today)


def has_run_out(prescription: Prescription, today: date) -> bool:
    """Whether its last day is over; a month lasts to its end, and a date that nobody can read ends nothing."""
    last = day(prescription.expires_on, last=True)
    return last is not None and last < today


def runs_out_by(prescription: Prescription, last: date) -> bool:
    """Whether it is known to end on that day or before."""
    ends = day(prescription.expires_on, last=True)
    return ends is not None and ends <= last
