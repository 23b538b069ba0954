"""Documents that are no FHIR leave as FHIR: what they say stands there as they say it, and they go along themselves."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emkcli import models
from tests.conftest import Emk
from tests.exporters import papers
from tests.exporters.test_round_trip import exported, import_anew

__all__ = ["import_anew"]
LAB = ("analyte", "value", "unit", "unit_code", "reference", "flag", "out_of_range", "code")
SAME = {
    "labs": (*LAB, "panel", "comment", "clinic"),
    "vitals": ("display", "code", "value", "unit", "clinic"),
    "studies": ("title", "description", "conclusion", "clinic"),
    "prescriptions": ("medicine", "dose", "number", "kind", "expires_on", "clinic"),
    "vaccinations": ("vaccine", "lot", "reaction", "infections", "clinic"),
    "diagnoses": ("code", "system", "display", "kind", "clinic"),
    "referrals": ("code", "display", "clinic"),
    "visits": ("reason", "diagnoses", "conclusion", "recommendations", "clinic"),
    "prevention": ("kind", "health_group", "conclusion", "recommendations", "clinic"),
    "documents": ("title", "type", "type_code", "sections", "diagnoses", "author", "version", "clinic"),
}
"""What reads the same from the document and from the FHIR made of it."""


@pytest.fixture
def card(emk: Emk, import_anew: Callable[[Path], None], tmp_path: Path) -> Emk:
    import_anew(papers.folder(tmp_path / "papers"))
    return emk


def by_type(path: Path) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for entry in json.loads(path.read_bytes())["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def test_every_list_leaves_and_nothing_dangles(card: Emk, tmp_path: Path) -> None:
    counted = {name: len(card("card", name, "--json").items) for name in models.CATEGORIES}
    done = card("card", "export", "--format", "fhir", "--to", str(tmp_path / "x"), "--json")
    assert (done.code, done.item["missing"]) == (0, [])
    assert done.item["records"] == {name: count for name, count in counted.items() if count}
    found = by_type(tmp_path / "x")
    (patient,) = found["Patient"]
    assert {"system": "https://fhir.ru/ig/core/systems/snils", "value": "00000010224"} in patient["identifier"]
    assert {"system": "http://hl7.org/fhir/sid/icd-10", "code": "I10"} in found["Condition"][0]["code"]["coding"]
    assert b'"value":5.40,' in (tmp_path / "x").read_bytes()
    whole = {b64decode(one["content"][0]["attachment"]["data"]) for one in found["DocumentReference"]}
    assert whole == {path.read_bytes() for path in (tmp_path / "papers").iterdir()}


def test_what_was_made_reads_as_the_document_did(
    card: Emk, import_anew: Callable[[Path], None], tmp_path: Path
) -> None:
    before = {name: card("card", name, "--json").items for name in SAME}
    first = exported(card, "fhir", tmp_path / "first.json")
    bulk = exported(card, "ndjson", tmp_path / "bulk")
    import_anew(first)
    assert exported(card, "fhir", tmp_path / "second.json").read_bytes() == first.read_bytes()
    for name, fields in SAME.items():
        assert before[name], name
        told = [{field: one[field] for field in fields} for one in before[name]]
        again = [{field: one[field] for field in fields} for one in card("card", name, "--json").items]
        key = json.dumps
        assert sorted(map(key, again)) == sorted(map(key, told))
    import_anew(bulk)
    assert len(card("card", "labs", "--json").items) == len(before["labs"])


def test_the_summary_of_papers(card: Emk, tmp_path: Path) -> None:
    done = card("card", "export", "--format", "ips", "--to", str(tmp_path / "x"), "--lang", "ru", "--json")
    assert done.code == 0
    assert {"labs", "diagnoses", "prescriptions", "vaccinations", "vitals"} <= set(done.item["records"])
    assert "5.40" in (tmp_path / "x").read_text(encoding="utf-8")


def test_a_list_and_a_time(card: Emk, tmp_path: Path) -> None:
    line = ("card", "export", "--format", "fhir", "--to", str(tmp_path / "x"), "--json", "--category")
    assert card(*line, "labs").item["records"] == {"labs": 4}
    assert set(by_type(tmp_path / "x")) == {
        "Patient",
        "Practitioner",
        "Organization",
        "Observation",
        "DiagnosticReport",
    }
    assert card(*line, "studies", "--since", "2026-02-01", "--force").item["records"] == {}
