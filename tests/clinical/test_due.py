"""What is due: ends of prescriptions, examinations and vaccinations ahead."""

from __future__ import annotations

from datetime import date

import pytest

from emkcli.clinical.due import due, is_open, planned
from emkcli.models import Prescription, Prevention

TODAY = date(2026, 4, 1)


def exam(ident: str, next_due: str | None, kind: str = "Диспансеризация", status: str | None = None) -> Prevention:
    return Prevention(id=ident, type=kind, next_due=next_due, status=status)


def test_the_soonest_first() -> None:
    known = [
        Prescription(id="late", medicine="Йод", status="active", expires_on="2026-06-01"),
        Prescription(id="today", number="77", expires_on="2026-04-01"),
        Prescription(id="over", status="active", expires_on="2026-03-31"),
        Prescription(id="given", status="dispensed", expires_on="2026-06-01"),
        Prescription(id="endless", status="active"),
    ]
    found = due(known, [exam("p", "2026-05-01"), exam("past", "2026-03-01", "Осмотр")], TODAY)
    assert [(one.date, one.what, one.record_id) for one in found] == [
        ("2026-04-01", "77", "today"),
        ("2026-05-01", "Диспансеризация", "p"),
        ("2026-06-01", "Йод", "late"),
    ]


def test_the_newest_record_of_a_kind_decides() -> None:
    known = [
        exam("mistake", "2029-01-01", status="entered-in-error"),
        exam("new", "2027-01-01"),
        exam("old", "2026-06-01"),
        exam("done", "2026-07-01", "Вакцинация: Корь", "complete"),
        exam("before", "2026-05-01", "Вакцинация: Корь"),
        exam("no date", None, "Осмотр"),
        exam("a date", "2026-08-01", "Осмотр"),
    ]
    assert [one.id for one in planned(known)] == ["new"]


@pytest.mark.parametrize(
    ("next_due", "status", "ahead"),
    [
        ("2026-04-01", None, True),
        ("2026-03-31", None, False),
        ("2026-03-31", "overdue", True),
        ("2026-04", "due", True),
        ("2026-03", "due", False),
        ("весной", None, True),
    ],
)
def test_what_is_still_to_be_done(next_due: str, status: str | None, ahead: bool) -> None:
    assert is_open(exam("p", next_due, status=status), TODAY) is ahead
