"""What a resource says beside the fields of its record is shown, in a list or with the one record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Emk
from tests.invented import PATIENT, Resource, bundle, encoded

Shown = Callable[..., Any]
BY_PATIENT = {"AllergyIntolerance", "Immunization", "Device"}
PLACES: dict[str, tuple[str, str]] = {
    "Condition": ("diagnoses", "display"),
    "AllergyIntolerance": ("allergies", "display"),
    "MedicationRequest": ("prescriptions", "medicine"),
    "MedicationStatement": ("prescriptions", "medicine"),
    "Observation": ("labs", "analyte"),
    "DiagnosticReport": ("studies", "title"),
    "Procedure": ("procedures", "display"),
    "Immunization": ("vaccinations", "vaccine"),
    "ServiceRequest": ("referrals", "display"),
}
"""The list of a type, and the field that names its records."""


def page(words: str, status: str = "generated") -> Resource:
    return {"status": status, "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'}


def resource(kind: str, **more: Any) -> Resource:
    whose = "patient" if kind in BY_PATIENT else "subject"
    return {"resourceType": kind, "id": "x", whose: {"reference": "Patient/p1"}, **more}


@pytest.fixture
def imported(emk: Emk, tmp_path: Path) -> Callable[..., Any]:
    """Takes resources into the card; the answer of the import."""

    def imported(*resources: Resource) -> Any:
        path = tmp_path / "one.json"
        path.write_bytes(encoded(bundle(PATIENT, *resources)))
        answer = emk("card", "import", str(path), "--insecure-storage", "--json")
        assert answer.code == 0
        return answer

    return imported


def only_of(emk: Emk, listed: str) -> Any:
    (item,) = emk("card", listed, "--json").items
    return item


@pytest.mark.parametrize("kind", PLACES)
@pytest.mark.parametrize("status", ["generated", "additional"])
def test_a_narrative_names_what_nothing_else_names(emk: Emk, imported: Shown, kind: str, status: str) -> None:
    listed, name = PLACES[kind]
    imported(resource(kind, text=page("<p>Сказано</p><p>словами</p>", status)))
    assert only_of(emk, listed)[name] == "Сказано; словами"
    assert "Сказано; словами" in emk("card", listed).out


@pytest.mark.parametrize("kind", ["Condition", "Immunization"])
def test_a_narrative_takes_no_name_away(emk: Emk, imported: Shown, kind: str) -> None:
    listed, name = PLACES[kind]
    place = "vaccineCode" if kind == "Immunization" else "code"
    imported(resource(kind, **{place: {"text": "Имя"}}, text=page("Иначе")))
    assert only_of(emk, listed)[name] == "Имя"


@pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationStatement"])
def test_a_medicine_without_a_name_is_told_by_its_ingredients(emk: Emk, imported: Shown, kind: str) -> None:
    strength = {"numerator": {"value": 500, "unit": "мг"}, "denominator": {"value": 1, "unit": "таб."}}
    parts = [
        {"itemCodeableConcept": {"text": "Амоксициллин"}, "strength": strength},
        {"itemReference": {"display": "Клавулановая кислота"}},
    ]
    medication = {"resourceType": "Medication", "id": "m", "ingredient": parts}
    imported(medication, resource(kind, medicationReference={"reference": "Medication/m"}))
    medicine = only_of(emk, "prescriptions")["medicine"]
    assert medicine == "Амоксициллин 500 мг / 1 таб. + Клавулановая кислота"
