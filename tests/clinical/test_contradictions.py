"""What of a record cannot be so is said, and only that; nothing here reads a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from emkcli import models
from emkcli.clinical.contradictions import MOST, of_record, told

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
FUTURE, BACKWARDS = "its date is in the future", "it ends before it begins"
UPSIDE_DOWN = "its range is upside down"


FLAGGED_OTHERWISE = "its flag and its range say different things"


def lab(**more: Any) -> models.LabResult:
    return models.LabResult(id="l", **more)


def ranged(low: str | None, high: str | None) -> models.LabResult:
    return lab(reference=models.Reference(low=low, high=high))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (lab(collected_at="2026-03-12"), FUTURE),
        (models.Vaccination(id="v", date="2027"), FUTURE),
        (models.Visit(id="v", date="2026-04-01", status="finished"), FUTURE),
        (models.Diagnosis(id="d", date="2026-02-30"), "its date is none"),
        (lab(collected_at="вчера"), "its date is none"),
        (ranged("5.1", "3.5"), UPSIDE_DOWN),
        (ranged("5,1", "3,5"), UPSIDE_DOWN),
        (lab(flag="N", out_of_range=True), FLAGGED_OTHERWISE),
        (lab(flag="HH", out_of_range=False), FLAGGED_OTHERWISE),
        (lab(unit="ммоль/л", unit_code="mg/dL"), "its unit and the code of its unit say different things"),
        (models.Prescription(id="p", date="2026-03-01", ends_on="2026-02-28"), BACKWARDS),
        (models.Prescription(id="p", date="2026-03-01", expires_on="2026-02"), BACKWARDS),
    ],
)
def test_each_contradiction(record: Any, expected: str) -> None:
    assert list(of_record(record, NOW)) == [expected]


@pytest.mark.parametrize(
    "record",
    [
        lab(),
        lab(collected_at="2026-03-11T11:00:00Z"),
        lab(collected_at="2026"),
        models.Visit(id="v", date="2026-04-01", status="planned"),
        models.Prevention(id="p", date="2026-04-01"),
        models.Referral(id="r", date="2026-04-01"),
        models.Prescription(id="p", date="2026-04-01", ends_on="2026-04-01"),
        models.Prescription(id="p", date="2026-03-01", expires_on="2026-03"),
        lab(flag="N", out_of_range=False),
        lab(flag="L", out_of_range=True),
        lab(flag="N"),
        lab(flag="A", out_of_range=False),
        lab(out_of_range=False),
        lab(unit="ммоль/л", unit_code="mmol/L"),
        lab(unit="ед", unit_code="mg/dL"),
        ranged("3.5", "5.1"),
        ranged("3.5", None),
        ranged("отр.", "5"),
        ranged("nan", "inf"),
    ],
)
def test_what_may_be_so_is_let_be(record: Any) -> None:
    assert list(of_record(record, NOW)) == []


def test_each_is_told_once_and_many_are_counted() -> None:
    assert told(["a", "b", "a"]) == ["a", "b"]
    assert told([]) == []
    assert told(str(number) for number in range(MOST)) == [str(number) for number in range(MOST)]
    many = told(str(number) for number in range(MOST + 3))
    assert (len(many), many[0], many[-2:]) == (MOST + 1, "0", [str(MOST - 1), "and 3 more"])
