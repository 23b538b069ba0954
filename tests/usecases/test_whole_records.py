"""What makes a record whole stands wherever a person or a program reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Emk
from tests.invented import VITAL, Resource, lab, quantity
from tests.usecases.conftest import Card

P = {"reference": "Patient/p1"}
EGG: Resource = {
    "resourceType": "AllergyIntolerance",
    "id": "egg",
    "patient": P,
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "criticality": "high",
    "code": {"text": "Куриное яйцо"},
    "reaction": [{"manifestation": [{"text": "отёк гортани"}], "severity": "severe"}],
    "note": [{"text": "была реанимация"}],
}
MISTAKE: Resource = {
    "resourceType": "AllergyIntolerance",
    "id": "mistake",
    "patient": P,
    "verificationStatus": {"coding": [{"code": "entered-in-error"}]},
    "criticality": "low",
    "code": {"text": "Новокаин"},
}
ASTHMA: Resource = {
    "resourceType": "Condition",
    "id": "asthma",
    "subject": P,
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "code": {"text": "Астма"},
    "severity": {"text": "тяжёлое течение"},
    "onsetAge": {"value": 3, "code": "a"},
    "note": [{"text": "ночные приступы"}],
}
INHALER: Resource = {
    "resourceType": "MedicationRequest",
    "id": "inhaler",
    "subject": P,
    "status": "active",
    "intent": "order",
    "medicationCodeableConcept": {"text": "Пробутамол"},
    "reasonReference": [{"reference": "Condition/asthma"}],
    "dosageInstruction": [
        {
            "timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d", "when": ["MORN", "NIGHT"]}},
            "route": {"text": "ингаляционно"},
            "asNeededCodeableConcept": {"text": "приступ"},
            "doseAndRate": [{"doseRange": {"low": quantity(1, "вдох"), "high": quantity(2, "вдох")}}],
            "maxDosePerPeriod": {"numerator": quantity(8, "вдох"), "denominator": quantity(1, None, "d")},
        }
    ],
}
PULSE = lab(
    "pulse",
    category=VITAL,
    code={"text": "Пульс"},
    referenceRange=[{"low": {"value": 60}, "high": {"value": 90}}],
    interpretation=[{"coding": [{"code": "H"}]}],
    note=[{"text": "после ходьбы"}],
)
REFUSED: Resource = {
    "resourceType": "Immunization",
    "id": "refused",
    "patient": P,
    "status": "not-done",
    "vaccineCode": {"text": "Пробовак"},
    "statusReason": {"text": "отказ пациента"},
}
RUSSIAN = "1–2 вдох, 3 раза в день (утром и ночью), ингаляционно, при необходимости (приступ), не больше 8 вдох в сутки"
ENGLISH = (
    "1–2 вдох, 3 times a day (in the morning and at night), ингаляционно, as needed (приступ), at most 8 вдох a day"
)


@pytest.fixture
def whole(card: Callable[..., Card]) -> Card:
    return card(EGG, MISTAKE, ASTHMA, INHALER, PULSE, REFUSED)


def table(emk: Emk, *line: str, language: str = "en") -> str:
    return emk("--lang", language, "card", *line, "--backend", "local", "-o", "table").out


def ident(card: Card, name: str) -> str:
    return str(card(name).items[0]["id"])


def test_the_list_of_allergies_says_how_dangerous_they_are(emk: Emk, whole: Card) -> None:
    lines = table(emk, "allergies").splitlines()
    egg = next(line for line in lines if "яйцо" in line)
    assert "high" in egg
    assert "отёк гортани (severe)" in egg
    assert "отёк" not in next(line for line in lines if "Новокаин" in line)
    russian = table(emk, "allergies", language="ru")
    assert "отёк гортани (тяжёлая)" in russian
    assert "severe" not in russian


def test_a_summary_warns(emk: Emk, whole: Card) -> None:
    summary = table(emk, "summary")
    assert "Куриное яйцо  criticality: high  отёк гортани (severe)  была реанимация" in summary
    assert "Астма  тяжёлое течение" in summary
    assert "Новокаин" not in summary


def test_show_says_the_record_in_full(emk: Emk, whole: Card) -> None:
    condition = " ".join(table(emk, "show", ident(whole, "diagnoses")).split())
    assert "Severity тяжёлое течение" in condition
    assert "Began 3 years" in condition
    assert "Note ночные приступы" in condition
    assert "Ended" not in condition
    pulse = " ".join(table(emk, "show", ident(whole, "vitals")).split())
    assert "Range 60–90 Flag ↑H" in pulse
    assert "Note после ходьбы" in pulse
    medicine = " ".join(table(emk, "show", ident(whole, "prescriptions")).split())
    assert f"Instructions {ENGLISH}" in medicine
    assert "Reason Астма" in medicine
    assert "repeat" not in medicine
    assert f"Как принимать {RUSSIAN}" in " ".join(
        table(emk, "show", ident(whole, "prescriptions"), language="ru").split()
    )


def test_the_list_of_vaccinations_says_why_one_was_not_given(emk: Emk, whole: Card) -> None:
    listed = table(emk, "vaccinations")
    assert "Why not given" in listed
    assert "not done" in listed
    assert "отказ пациента" in listed


def test_json_does_not_depend_on_the_language(emk: Emk, whole: Card) -> None:
    """What is said of a structure is Russian, like the card."""
    english, russian = (
        emk("--lang", language, "card", "prescriptions", "--backend", "local", "--json").items
        for language in ("en", "ru")
    )
    assert english == russian
    (medicine,) = english
    assert medicine["instructions"] == RUSSIAN
    (step,) = medicine["dosage"]
    assert step["timing"] == "3 раза в день (утром и ночью)"
    assert json.loads(step["schedule"])["repeat"]["when"] == ["MORN", "NIGHT"]
    assert {name: step[name] for name in ("route", "as_needed", "dose", "max", "text", "patient_instruction")} == {
        "route": "ингаляционно",
        "as_needed": "приступ",
        "dose": "1–2 вдох",
        "max": "8 вдох / 1 d",
        "text": None,
        "patient_instruction": None,
    }


def exported(emk: Emk, place: Path, form: str, *more: str) -> Path:
    target = place / f"card.{form}"
    assert emk("card", "export", "--format", form, "--to", str(target), "--backend", "local", *more).code == 0
    return target


def test_pages(emk: Emk, whole: Card, tmp_path: Path) -> None:
    page = exported(emk, tmp_path, "html").read_text(encoding="utf-8")
    for words in (ENGLISH, "отёк гортани (severe)", "была реанимация", "тяжёлое течение", "3 years", "отказ пациента"):
        assert words in page
    assert "в день" not in page


@pytest.mark.parametrize("more", [(), ("--preset", "doctor-visit")])
def test_papers(emk: Emk, whole: Card, tmp_path: Path, more: tuple[str, ...]) -> None:
    from pypdf import PdfReader

    reader = PdfReader(exported(emk, tmp_path, "pdf", *more))
    printed = " ".join("".join(page.extract_text() for page in reader.pages).split())
    for words in ("отёк гортани (severe)", "criticality: high" if more else "high", "реанимация", "тяжёлое течение"):
        assert words in printed
    assert "3 times a day" in printed
    assert "раза в день" not in printed


def narratives(document: dict[str, Any]) -> str:
    return "".join(section["text"]["div"] for section in document["entry"][0]["resource"]["section"])


def test_the_narrative_of_the_patient_summary(emk: Emk, whole: Card, tmp_path: Path) -> None:
    told = narratives(json.loads(exported(emk, tmp_path, "ips").read_bytes()))
    for words in (
        "criticality: high",
        "отёк гортани (severe)",
        "была реанимация",
        "тяжёлое течение",
        "Began: 3 years",
        ENGLISH,
    ):
        assert words in told
    assert "reference 60 – 90" in told
    assert "после ходьбы" in told
    assert "Новокаин" not in told


def test_tables_of_files(emk: Emk, whole: Card, tmp_path: Path) -> None:
    folder = exported(emk, tmp_path, "csv")
    medicines = (folder / "prescriptions.csv").read_text(encoding="utf-8")
    assert "dosage.timing" in medicines
    assert "3 раза в день (утром и ночью)" in medicines
    allergies = (folder / "allergies.csv").read_text(encoding="utf-8")
    assert "reactions.manifestations" in allergies
    assert "отёк гортани" in allergies


def test_what_is_said_of_a_structure_is_found(whole: Card) -> None:
    hits = whole("search", "утром").items
    assert [hit["kind"] for hit in hits] == ["prescription"]
    assert whole("search", "MORN").items == []
