"""Which prescriptions are good today, and which end soon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.invented import Resource
from tests.usecases.conftest import Card


def prescription(name: str, days: int | None, status: str = "active") -> Resource:
    """One that ends in so many days, or says nothing of an end."""
    period = {"validityPeriod": {"end": (date.today() + timedelta(days=days)).isoformat()}} if days is not None else {}
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "status": status,
        "intent": "order",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {"text": name},
        "authoredOn": "2026-01-31",
        "dispenseRequest": period,
    }


CARD = (
    prescription("soon", 5),
    prescription("later", 100),
    prescription("open", None),
    prescription("over", -5),
    prescription("stopped", 5, "stopped"),
)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), {"soon", "later", "open", "over", "stopped"}),
        (("--active",), {"soon", "later", "open"}),
        (("--expiring", "14d"), {"soon"}),
        (("--expiring", "120d"), {"soon", "later"}),
        (("--expiring", "2y"), {"soon", "later"}),
        (("--expiring", "6mo"), {"soon", "later"}),
        (("--expiring", "1mo"), {"soon"}),
        (("--expiring", "999999999y"), {"soon", "later"}),
        (("--expiring", "999999999w"), {"soon", "later"}),
        (("--active", "--expiring", "14d"), {"soon"}),
        (("--expiring", "1d"), set()),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_asked_for_and_nothing_else(
    card: Callable[..., Card], options: tuple[str, ...], names: set[str]
) -> None:
    assert {one["medicine"] for one in card(*CARD)("prescriptions", *options).items} == names
