"""Which prescriptions are in force on a day."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from emkcli.clinical import medicines
from emkcli.models import Dosage, Prescription

TODAY = date(2026, 4, 1)


def prescription(ident: str = "a", status: str | None = "active", expires_on: str | None = None) -> Prescription:
    return Prescription(id=ident, status=status, expires_on=expires_on)


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("active", True),
        (None, True),
        ("on_hold", True),
        ("draft", False),
        ("new", False),
        ("prohibited", False),
        ("dispensed", False),
        ("completed", False),
        ("expired", False),
        ("stopped", False),
        ("cancelled", False),
        ("entered-in-error", False),
        ("aborted", False),
    ],
)
def test_the_status(status: str | None, counts: bool) -> None:
    assert medicines.is_in_force(prescription(status=status), TODAY) is counts


@pytest.mark.parametrize(
    ("kind", "intent", "counts"),
    [
        ("order", None, True),
        ("order", "order", True),
        ("recipe", "instance-order", True),
        ("order", "proposal", False),
        ("statement", "proposal", False),
        ("order", "option", False),
        ("order", "plan", False),
        ("statement", "plan", True),
    ],
)
def test_the_intent(kind: str, intent: str | None, counts: bool) -> None:
    stated = Prescription(id="a", status="active", type=kind, intent=intent)
    assert medicines.is_in_force(stated, TODAY) is counts


@pytest.mark.parametrize(("ends_on", "over"), [("2026-03-31", True), ("2026-04-01", False), ("скоро", False)])
def test_the_end_of_the_course(ends_on: str, over: bool) -> None:
    for status in ("active", None):
        course = Prescription(id="a", status=status, ends_on=ends_on, expires_on="2026-05-01")
        assert medicines.has_run_out(course, TODAY) is over
        assert medicines.is_in_force(course, TODAY) is not over


@pytest.mark.parametrize(
    ("expires_on", "over"),
    [
        (None, False),
        ("2026-04-01", False),
        ("2026-03-31", True),
        ("2026-04", False),
        ("2026-03", True),
        ("2026", False),
        ("2026-03-31T21:30:00Z", False),
        ("2026-03-31T20:30:00Z", True),
        ("скоро", False),
    ],
)
def test_the_last_day(expires_on: str | None, over: bool) -> None:
    for status in ("active", None):
        found = prescription(status=status, expires_on=expires_on)
        assert medicines.has_run_out(found, TODAY) is over
        assert medicines.is_in_force(found, TODAY) is not over


@pytest.mark.parametrize(
    ("course", "over"), [("continuous", False), ("Continuous long term therapy", False), ("acute", True)]
)
def test_a_medicine_without_end_is_taken_when_its_prescription_has_expired(course: str, over: bool) -> None:
    standing = replace(prescription(expires_on="2026-03-31"), course=course)
    assert (medicines.has_run_out(standing, TODAY), medicines.end(standing)) == (over, "2026-03-31")
    assert medicines.has_run_out(replace(standing, ends_on="2026-03-31"), TODAY)


def length(value: Any, unit: str = "d", comparator: str | None = None) -> Dosage:
    bounds = {"value": value, "code": unit} | ({"comparator": comparator} if comparator else {})
    return Dosage(schedule=json.dumps({"repeat": {"boundsDuration": bounds}}))


SPREAD = Dosage(schedule='{"repeat": {"boundsRange": {"low": {"value": 3}, "high": {"value": 5, "unit": "d"}}}}')


@pytest.mark.parametrize(
    ("steps", "over"),
    [
        ([length(5)], True),
        ([length(1, "mo")], False),
        ([length(48, "h"), length(2, "wk")], True),
        ([length(5), Dosage(text="затем по необходимости")], False),
        ([length(5, comparator=">=")], False),
        ([length(5, comparator="<")], True),
        ([SPREAD], True),
        ([length("NaN"), length(5, "курс")], False),
        ([], False),
    ],
)
def test_a_course_of_a_length_ends(steps: list[Dosage], over: bool) -> None:
    ordered = replace(prescription(), date="2026-03-10", dosage=steps)
    assert medicines.has_run_out(ordered, TODAY) is over
    assert medicines.is_in_force(ordered, TODAY) is not over


@pytest.mark.parametrize(
    "more", [{"refills": "сколько нужно"}, {"date": None}, {"expires_on": "2026-06-01"}, {"date": "9999-12-31"}]
)
def test_a_length_alone_does_not_end_a_course(more: dict[str, Any]) -> None:
    ordered = replace(prescription(), **{"date": "2020-03-10", "refills": "0", "dosage": [length(5)]} | more)
    assert not medicines.has_run_out(ordered, TODAY)


COUNTED = Dosage(schedule='{"repeat": {"count": 10, "frequency": 1, "period": 1, "periodUnit": "d"}}')
UNTIL = Dosage(schedule='{"repeat": {"boundsPeriod": {"end": "2026-03-20"}}}')


@pytest.mark.parametrize(
    ("more", "over"),
    [
        ({"expires_on": "2026-02-10", "ends_on": "2027-05-01"}, False),
        ({"expires_on": "2027-02-10", "ends_on": "2026-03-31"}, True),
        ({"expires_on": "2026-02-10", "dosage": [length(1, "a")]}, False),
        ({"expires_on": "2026-02-10", "dosage": [length(5)]}, True),
        ({"date": "2026-01-10", "refills": "2", "dosage": [length(30)]}, False),
        ({"date": "2025-12-10", "refills": "2", "dosage": [length(30)]}, True),
        ({"date": "2026-03-10", "dosage": [length(5), UNTIL]}, True),
        ({"date": "2026-03-30", "dosage": [length(5), UNTIL]}, False),
        ({"date": "2026-03-10", "dosage": [COUNTED]}, True),
        ({"date": "2026-03-30", "dosage": [COUNTED]}, False),
    ],
)
def test_the_course_decides_and_not_the_paper(more: dict[str, Any], over: bool) -> None:
    assert medicines.has_run_out(replace(prescription(), **more), TODAY) is over


def test_those_that_say_so_come_first() -> None:
    known = [prescription("silent", None), prescription("a"), prescription("over", "dispensed"), prescription("b")]
    assert [one.id for one in medicines.current(known, TODAY)] == ["a", "b", "silent"]


@pytest.mark.parametrize(
    ("expires_on", "ends"),
    [("2026-04-15", True), ("2026-04-16", False), ("2026-04", False), (None, False), ("скоро", False)],
)
def test_what_ends_by_a_day(expires_on: str | None, ends: bool) -> None:
    assert medicines.runs_out_by(prescription(expires_on=expires_on), date(2026, 4, 15)) is ends
