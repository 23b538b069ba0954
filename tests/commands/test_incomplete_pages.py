"""What pages bring against what the server announces, and what it says beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commands.fhir_door import served
from tests.conftest import Emk
from tests.invented import Server, encoded, lab

WORDS = "half of it is elsewhere"
RESULTS = [lab(f"o{number}", effectiveDateTime=f"2026-01-{number:02}") for number in range(1, 6)]


class Announcing(Server):
    """Tells another total than the number of what it sends."""

    total: int | None = None

    def page(self, *arguments: Any) -> httpx.Response:
        document = json.loads(super().page(*arguments).content)
        is_of_results = any(entry["resource"]["resourceType"] == "Observation" for entry in document["entry"])
        return httpx.Response(200, content=encoded(document | ({"total": self.total} if is_of_results else {})))


def announcing(total: int | None, *results: Any, everything: bool = True) -> Server:
    server = Announcing(*(results or RESULTS))
    server.total, server.everything = total, everything
    return server


@pytest.mark.parametrize(("total", "code"), [(9, 12), (5, 0), (3, 0), (None, 0)])
def test_a_list_that_ends_before_its_total(emk: Emk, total: int | None, code: int) -> None:
    with served(announcing(total)) as env:
        result = emk("card", "labs", "--json", env=env)
        table = emk("card", "labs", env=env)
    assert (result.code, table.code) == (code, code)
    assert len(result.items) == 5
    assert result.json["truncated"] is (code == 12)
    assert any("9" in warning for warning in result.json["warnings"]) is (code == 12)
    assert ("incomplete" in table.err) is (code == 12)


@pytest.mark.parametrize(("total", "code"), [(9, 12), (5, 0)])
def test_a_trend_of_a_list_that_ends_before_its_total(emk: Emk, total: int, code: int) -> None:
    with served(announcing(total)) as env:
        result = emk("card", "trend", "глюкоза", "--json", env=env)
        unknown = emk("card", "trend", "унобтаний", "--json", env=env)
    assert (result.code, len(result.item["points"]), unknown.code) == (code, 5, 3)
    assert any("9" in warning for warning in result.json["warnings"]) is (code == 12)
    assert ("The list is incomplete" in unknown.err) is (code == 12)


@pytest.mark.parametrize("everything", [True, False])
@pytest.mark.parametrize("form", ["fhir", "ndjson", "csv"])
def test_an_export_that_ends_before_its_total(emk: Emk, tmp_path: Path, form: str, everything: bool) -> None:
    with served(announcing(9, everything=everything)) as env:
        result = emk("card", "export", "--format", form, "--to", str(tmp_path / "out"), "--json", env=env)
    assert (result.code, result.item["complete"], result.item["records"]) == (12, False, {"labs": 5})
    assert any("9" in part["why"] for part in result.item["missing"])


def test_a_summary_keeps_what_came_and_names_the_list(emk: Emk) -> None:
    high = {"referenceRange": [{"high": {"value": 1, "unit": "ммоль/л"}}]}
    with served(announcing(9, *(lab(f"o{number}", **high) for number in range(3)))) as env:
        result = emk("card", "summary", "--json", env=env)
    assert (result.code, [part["what"] for part in result.item["missing"]]) == (12, ["labs"])
    assert result.item["labs_out_of_range"] != []


@pytest.mark.parametrize("everything", [True, False])
def test_what_stands_on_two_pages_counts_once(emk: Emk, tmp_path: Path, everything: bool) -> None:
    server = announcing(5, *RESULTS[:4], RESULTS[0], RESULTS[4], everything=everything)
    with served(server) as env:
        listed = emk("card", "labs", "--json", env=env)
        exports = [
            emk("card", "export", "--format", form, "--to", str(tmp_path / form), "--json", env=env)
            for form in ("fhir", "ndjson", "csv")
        ]
    assert (listed.code, listed.json["total"]) == (0, 5)
    assert [item["id"][-2:] for item in listed.items] == ["o5", "o4", "o3", "o2", "o1"]
    for export in exports:
        assert (export.code, export.item["records"]) == (0, {"labs": 5})


@pytest.mark.parametrize(("severity", "code"), [("error", 12), ("warning", 0), ("information", 0)])
def test_an_outcome_beside_the_results(emk: Emk, tmp_path: Path, severity: str, code: int) -> None:
    issue = {"severity": severity, "code": "processing", "diagnostics": WORDS}
    server = Server(*RESULTS)
    server.extra_entries = [{"resource": {"resourceType": "OperationOutcome", "issue": [issue]}}]
    with served(server) as env:
        listed = emk("card", "labs", "--json", env=env)
        export = emk("card", "export", "--format", "fhir", "--to", str(tmp_path / "out"), "--json", env=env)
    assert (listed.code, len(listed.items), export.code) == (code, 5, code)
    for result in (listed, export):
        assert any(WORDS in warning for warning in result.json["warnings"]) is (
            severity == "warning" or (severity == "error" and result is listed)
        )
    assert (WORDS in json.dumps(export.item["missing"])) is (severity == "error")
    assert "OperationOutcome" not in (tmp_path / "out").read_text()
