"""What no list showed before is in two lists, and goes wherever the card goes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.invented import Resource, lab
from tests.usecases.conftest import Card

P = {"reference": "Patient/p1"}
DONE: Resource = {
    "resourceType": "Procedure",
    "id": "done",
    "status": "completed",
    "subject": P,
    "code": {"text": "Аппендэктомия"},
    "performedDateTime": "2010-05-05",
}
REFUSED = DONE | {
    "id": "refused",
    "status": "not-done",
    "code": {"text": "Колоноскопия"},
    "statusReason": {"text": "отказ"},
}
PLAN: Resource = {
    "resourceType": "CarePlan",
    "id": "plan",
    "status": "active",
    "intent": "plan",
    "subject": P,
    "title": "Снижение веса",
    "period": {"start": "2026-01-01"},
    "activity": [{"detail": {"code": {"text": "Взвешивание"}, "status": "scheduled"}}],
}
SMOKING = lab(
    "habit",
    category=[{"coding": [{"code": "social-history"}]}],
    code={"text": "Курение"},
    valueQuantity={"value": 20, "unit": "сигарет в день"},
)
HELD = (DONE, REFUSED, PLAN, SMOKING)


@pytest.fixture
def held(card: Callable[..., Card]) -> Card:
    return card(*HELD)


def test_both_lists(held: Card) -> None:
    procedures = {item["display"]: (item["status"], item["reason"]) for item in held("procedures").items}
    assert procedures == {"Аппендэктомия": ("completed", None), "Колоноскопия": ("not-done", "отказ")}
    others = {item["title"]: (item["type"], item["value"], item["unit"]) for item in held("other").items}
    assert others == {
        "Снижение веса": ("CarePlan", None, None),
        "Курение": ("Observation", "20", "сигарет в день"),
    }
    assert held("labs").items == [], "a habit is no laboratory result"
    assert [item["title"] for item in held("other", "--since", "2026-02-01").items] == ["Курение"]


def test_one_record_and_the_search(held: Card) -> None:
    (hit,) = held("search", "взвешивания").items
    assert (hit["kind"], hit["title"]) == ("other", "Снижение веса")
    shown = held("show", hit["id"])
    assert shown.json["kind"] == "other"
    assert "activity.detail.code: Взвешивание" in shown.item["text"].split("\n")
    (hit,) = held("search", "колоноскопии").items
    assert held("show", hit["id"]).item["status"] == "not-done"


@pytest.mark.parametrize("form", ["json", "csv", "html", "fhir", "ndjson"])
def test_every_file(held: Card, tmp_path: Path, form: str) -> None:
    target = tmp_path / "out"
    done = held("export", "--format", form, "--to", str(target))
    assert done.item["records"] == {"procedures": 2, "other": 2}
    assert done.item["complete"] is True
    files = sorted(target.iterdir()) if target.is_dir() else [target]
    words = "\n".join(file.read_text() for file in files)
    for said in (
        "Аппендэктомия",
        "Колоноскопия",
        "not-done" if form != "html" else "not done",
        "Взвешивание",
        "Курение",
    ):
        assert said in words
    assert ("DiagnosticReport" in words, "Глюкоза" in words) == (False, False), "nothing is made up beside them"


def test_resources_pass_on_as_they_came(held: Card, tmp_path: Path) -> None:
    held("export", "--format", "fhir", "--to", str(tmp_path / "out"), "--category", "other")
    entries = json.loads((tmp_path / "out").read_bytes())["entry"]
    passed = {entry["resource"]["resourceType"]: entry["resource"] for entry in entries}
    assert passed["CarePlan"] == PLAN
    assert passed["Observation"] == SMOKING
    assert passed.keys() == {"Patient", "CarePlan", "Observation"}


def test_a_page_says_why_something_was_not_done(held: Card, tmp_path: Path) -> None:
    held("export", "--format", "html", "--to", str(tmp_path / "page"))
    done, refused = (tmp_path / "page").read_text("utf-8").split("Аппендэктомия")[1].split("Колоноскопия")
    assert ">not done<" in refused
    assert "<dd>отказ</dd>" in refused
    assert ">completed<" in done
    assert "отказ" not in done
