"""What changes the meaning of a report or a panel changes that of its results."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from emkcli import models
from tests.invented import lab, read

MODIFIER = {"modifierExtension": [{"url": "http://lab.example/not-done", "valueBoolean": True}]}


def report(**more: Any) -> dict[str, Any]:
    listed = [{"reference": "Observation/listed"}]
    return {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "result": listed, **more}


def result(*resources: dict[str, Any]) -> models.LabResult:
    records = read(*resources, lab("listed"), lab("apart"))
    results = {record.id: record for record in records if isinstance(record, models.LabResult)}
    assert results["Observation/apart"].details is UNSET
    return results["Observation/listed"]


@pytest.mark.parametrize("kind", ["report", "panel"])
def test_an_unknown_modifier_is_told_with_the_results(kind: str) -> None:
    panel = {**lab("panel"), "hasMember": [{"reference": "Observation/listed"}]}
    around = report(**MODIFIER) if kind == "report" else {**panel, **MODIFIER}
    assert result(around).details == [models.Detail(element="not-done", text="true", modifies=True)]


def test_a_cancelled_report_marks_its_results() -> None:
    mark = models.Detail(element="DiagnosticReport.status", text="cancelled", modifies=True)
    assert result(report(status="cancelled")).details == [mark]


def test_a_report_that_counts_marks_nothing() -> None:
    assert result(report(status="amended")).details is UNSET


def test_the_mark_of_one_result_inside_a_report_is_not_that_of_another() -> None:
    marked = {**lab("inner"), **MODIFIER}
    listed = [{"reference": "Observation/listed"}, {"reference": "#inner"}]
    assert result(report(contained=[marked], result=listed)).details is UNSET
