"""What no older list takes is imported, listed, shown, found and exported like everything else."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.invented import PATIENT, bundle, encoded

DONE = {
    "resourceType": "Procedure",
    "id": "done",
    "status": "completed",
    "code": {"coding": [{"system": "urn:oid:1.2", "code": "A16", "display": "Аппендэктомия"}]},
    "performedDateTime": "2010-05-05",
    "bodySite": [{"text": "живот"}],
}
REFUSED = {
    "resourceType": "Procedure",
    "id": "refused",
    "status": "not-done",
    "statusReason": {"text": "отказ пациента"},
    "code": {"text": "Колоноскопия"},
    "performedDateTime": "2021-02-01",
}
PLAN = {
    "resourceType": "CarePlan",
    "id": "plan",
    "status": "active",
    "intent": "plan",
    "title": "План лечения",
    "period": {"start": "2023-01-01"},
    "activity": [{"detail": {"status": "scheduled", "description": "Скандинавская ходьба"}}],
}
HABIT = {
    "resourceType": "Observation",
    "id": "habit",
    "status": "final",
    "category": [{"coding": [{"code": "social-history"}]}],
    "code": {"text": "Курение"},
    "effectiveDateTime": "2020-01-15",
    "valueQuantity": {"value": 20, "unit": "сигарет в день"},
}
STRANGER = {"resourceType": "Horoscope", "id": "stars", "status": "final"}


@pytest.fixture
def card(emk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The local card of one imported Bundle."""
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(tmp_path / "secret"))
    (tmp_path / "secret").write_text("верная лошадь")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "card.json").write_bytes(encoded(bundle(PATIENT, DONE, REFUSED, PLAN, HABIT)))
    imported = emk("card", "import", str(tmp_path / "card.json"), "--json")
    assert imported.code == 0, imported.err
    assert imported.items[0]["records"] == {"procedures": 2, "other": 2}
    return lambda *line: emk("card", *line, "--backend", "local", "--json")


def exported(card: Any, form: str, target: Path) -> Any:
    done = card("export", "--format", form, "--to", str(target))
    assert done.code == 0, done.err
    return done.item


def test_procedures_are_listed_with_their_status(card: Any) -> None:
    refused, done = card("procedures").items
    assert (done["display"], done["code"], done["status"], done["reason"]) == (
        "Аппендэктомия",
        "A16",
        "completed",
        None,
    )
    assert (refused["display"], refused["status"], refused["reason"]) == ("Колоноскопия", "not-done", "отказ пациента")
    assert card("show", refused["id"]).item == refused


def test_other_records_are_listed_by_their_type(card: Any) -> None:
    plan, habit = card("other").items
    assert (plan["type"], plan["title"], plan["date"]) == ("CarePlan", "План лечения", "2023-01-01")
    assert "activity.detail.description: Скандинавская ходьба" in plan["text"].splitlines()
    assert (habit["type"], habit["title"], habit["text"]) == ("Observation", "Курение", None)
    assert (habit["value"], habit["unit"]) == ("20", "сигарет в день")
    assert card("show", plan["id"]).item == plan


def test_filters_and_columns_are_those_of_every_list(card: Any) -> None:
    assert [item["type"] for item in card("other", "--since", "2022-01-01").items] == ["CarePlan"]
    assert [item["display"] for item in card("procedures", "--until", "2011").items] == ["Аппендэктомия"]
    assert card("procedures", "--fields", "status").items == [{"status": "not-done"}, {"status": "completed"}]


@pytest.mark.parametrize(
    ("words", "kind"),
    [("ходьба", "other"), ("CarePlan", "other"), ("аппендэктомия", "procedure"), ("отказ", "procedure")],
)
def test_search_finds_them(card: Any, words: str, kind: str) -> None:
    assert [hit["kind"] for hit in card("search", words).items] == [kind]


def test_exports_of_records_hold_them(card: Any, tmp_path: Path) -> None:
    whole = exported(card, "json", tmp_path / "card.out")
    assert (whole["records"], whole["complete"], whole["missing"]) == ({"procedures": 2, "other": 2}, True, [])
    records = json.loads((tmp_path / "card.out").read_bytes())["records"]
    assert [one["status"] for one in records["procedures"]] == ["not-done", "completed"]
    assert [one["type"] for one in records["other"]] == ["CarePlan", "Observation"]
    exported(card, "csv", tmp_path / "tables")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "tables" / "procedures.csv").read_text("utf-8-sig"))))
    assert [(row["display"], row["status"]) for row in rows] == [
        ("Колоноскопия", "not-done"),
        ("Аппендэктомия", "completed"),
    ]
    assert "Скандинавская ходьба" in (tmp_path / "tables" / "other.csv").read_text("utf-8-sig")


def test_a_page_says_what_was_not_done(card: Any, tmp_path: Path) -> None:
    exported(card, "html", tmp_path / "card.html")
    page = (tmp_path / "card.html").read_text("utf-8")
    assert all(words in page for words in ("Аппендэктомия", "Колоноскопия", "отказ пациента", "Скандинавская ходьба"))
    row = page[page.index("Колоноскопия") : page.index("Аппендэктомия")]
    assert ">not done<" in row
    assert ">completed<" not in row


def test_resources_pass_on_as_they_came(card: Any, tmp_path: Path) -> None:
    exported(card, "fhir", tmp_path / "bundle.json")
    resources = [entry["resource"] for entry in json.loads((tmp_path / "bundle.json").read_bytes())["entry"]]
    assert all(resource in resources for resource in (DONE, REFUSED, PLAN, HABIT))


def test_what_fhir_does_not_know_is_said_to_be_unread(emk: Any, card: Any, tmp_path: Path) -> None:
    (tmp_path / "stars.json").write_bytes(encoded(bundle(PATIENT, STRANGER)))
    imported = emk("card", "import", str(tmp_path / "stars.json"), "--json")
    (item,) = imported.items
    assert (imported.code, item["records"], item["account"]["unread"]) == (12, {}, 1)
    assert [part["what"] for part in item["unread"]] == ["Horoscope"]
    assert "Horoscope" not in [record["type"] for record in card("other").items]
