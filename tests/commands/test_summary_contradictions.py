"""«No known …» beside something known is not shown in the summary, and that is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Emk
from tests.invented import PATIENT, Resource, bundle, encoded

ACTIVE = {"clinicalStatus": {"coding": [{"code": "active"}]}}
ABSENCES = [
    ("AllergyIntolerance", "allergies", "no-known-allergies", "Нет известных аллергий"),
    ("AllergyIntolerance", "allergies", "716186003", "No known allergy"),
    ("Condition", "diagnoses", "no-known-problems", "Нет известных проблем"),
]
NOT_SHOWN = {
    "en": "Not shown, because other records say otherwise: {}",
    "ru": "Не показано, потому что другие записи говорят иначе: {}",
}


def stated(kind: str, ident: str, code: str, words: str, **more: Any) -> Resource:
    whose = "subject" if kind == "Condition" else "patient"
    coded = {"coding": [{"system": "urn:x", "code": code, "display": words}]}
    return {"resourceType": kind, "id": ident, whose: {"reference": "Patient/p1"}, "code": coded, **ACTIVE, **more}


@pytest.fixture
def imported(emk: Emk, tmp_path: Path) -> Callable[..., None]:
    def imported(*resources: Resource) -> None:
        path = tmp_path / "one.json"
        path.write_bytes(encoded(bundle(PATIENT, *resources)))
        assert emk("card", "import", str(path), "--insecure-storage").code == 0

    return imported


@pytest.mark.parametrize("lang", NOT_SHOWN)
@pytest.mark.parametrize(("kind", "listed", "code", "words"), ABSENCES)
def test_an_absence_beside_a_fact_is_said(
    emk: Emk, imported: Callable[..., None], kind: str, listed: str, code: str, words: str, lang: str
) -> None:
    imported(stated(kind, "none", code, words), stated(kind, "some", "1", "Арахис"))
    answer = emk("card", "summary", "--json", "--lang", lang)
    assert [record["display"] for record in answer.json["item"][listed]] == ["Арахис"]
    assert NOT_SHOWN[lang].format(words) in answer.json["warnings"]


@pytest.mark.parametrize(("kind", "listed", "code", "words"), ABSENCES)
def test_an_absence_alone_is_shown(
    emk: Emk, imported: Callable[..., None], kind: str, listed: str, code: str, words: str
) -> None:
    imported(stated(kind, "none", code, words), stated(kind, "again", code, words))
    answer = emk("card", "summary", "--json")
    assert {record["display"] for record in answer.json["item"][listed]} == {words}
    assert not [said for said in answer.json["warnings"] if words in said]


def test_an_absence_that_was_taken_back_contradicts_nothing(emk: Emk, imported: Callable[..., None]) -> None:
    wrong = {"verificationStatus": {"coding": [{"code": "entered-in-error"}]}}
    kind, _listed, code, words = ABSENCES[0]
    imported(stated(kind, "none", code, words, **wrong), stated(kind, "some", "1", "Арахис"))
    assert not [said for said in emk("card", "summary", "--json").json["warnings"] if words in said]
