"""A refusal of a server is never an absence: what could not be asked is missing, and is said to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.commands.fhir_door import served
from tests.conftest import Emk
from tests.invented import VITAL, Server, lab

CONDITION = {
    "resourceType": "Condition",
    "id": "c1",
    "code": {"text": "Гипертензия"},
    "subject": {"reference": "Patient/p1"},
}
FORMATS = pytest.mark.parametrize("form", ["fhir", "ndjson", "csv"])


class Refusing(Server):
    """Answers to searches of some types with a status and an issue code, or to every search."""

    def __init__(self, *resources: Any, status: int, code: str = "processing", kinds: set[str] | None = None) -> None:
        super().__init__(*resources)
        self.everything = False
        self.status, self.code, self.kinds = status, code, kinds

    def search(self, kind: str, params: list[tuple[str, str]]) -> httpx.Response:
        if self.kinds is None or kind in self.kinds:
            return self.outcome(self.status, code=self.code)
        return super().search(kind, params)


def by_category() -> Server:
    server = Server(*(lab(f"o{number}") for number in range(1, 8)), lab("v1", category=VITAL), CONDITION)
    server.everything = False
    server.by_category = {"Observation"}
    return server


def synced(emk: Emk, tmp_path: Path, env: Any) -> Any:
    file = tmp_path / "passphrase"
    file.write_text("a quiet word")
    file.chmod(0o600)
    return emk("card", "sync", "--json", env={**env, "EMK_PASSPHRASE_FILE": str(file)})


def test_a_type_that_is_searched_by_category_only_is_synced(emk: Emk, tmp_path: Path) -> None:
    with served(by_category()) as env:
        results = [synced(emk, tmp_path, env) for _again in range(2)]
    assert results[0].item["added"] == {"diagnoses": 1, "labs": 7, "vitals": 1}
    assert results[1].item["unchanged"] == {"diagnoses": 1, "labs": 7, "vitals": 1}
    for result in results:
        assert (result.code, result.item["complete"]) == (12, False)
        assert [part["what"] for part in result.item["missing"]] == ["Observation"]
        assert "laboratory, vital-signs" in result.item["missing"][0]["why"]


@pytest.mark.parametrize("form", ["fhir", "ndjson"])
def test_a_type_that_is_searched_by_category_only_is_exported(emk: Emk, tmp_path: Path, form: str) -> None:
    with served(by_category()) as env:
        result = emk("card", "export", "--format", form, "--to", str(tmp_path / "out"), "--json", env=env)
    assert (result.code, result.item["records"]) == (12, {"diagnoses": 1, "labs": 7, "vitals": 1})
    assert [part["what"] for part in result.item["missing"]] == ["Observation"]


def test_a_list_that_is_searched_by_category_only_is_in_order(emk: Emk) -> None:
    plan = [
        {**CONDITION, "id": f"c{number}", "category": [{"coding": [{"code": category}]}], "recordedDate": day}
        for number, category, day in (
            (1, "problem-list-item", "2026-01-03"),
            (2, "problem-list-item", "2026-01-01"),
            (3, "encounter-diagnosis", "2026-01-02"),
        )
    ]
    server = Server(*plan)
    server.by_category = {"Condition"}
    with served(server) as env:
        result = emk("card", "diagnoses", "--json", env=env)
    assert [item["id"] for item in result.items] == ["Condition/c1", "Condition/c3", "Condition/c2"]
    assert any("problem-list-item" in warning for warning in result.json["warnings"])


@FORMATS
@pytest.mark.parametrize("status", [400, 404, 405, 422, 501])
def test_a_server_that_refuses_every_search_gives_no_whole_export(
    emk: Emk, tmp_path: Path, form: str, status: int
) -> None:
    with served(Refusing(lab("o1"), status=status)) as env:
        result = emk("card", "export", "--format", form, "--to", str(tmp_path / "out"), "--json", env=env)
    assert result.code != 0
    if result.code == 12:
        lacking = {part["what"] for part in result.item["missing"]}
        assert not result.item["complete"]
        assert lacking >= ({"labs", "diagnoses"} if form == "csv" else {"Observation"})


@pytest.mark.parametrize("status", [400, 404, 405, 501])
def test_a_refused_type_is_missing_from_a_copy_and_a_list_says_so(emk: Emk, tmp_path: Path, status: int) -> None:
    with served(Refusing(lab("o1"), CONDITION, status=status, kinds={"Condition"})) as env:
        copy, listed = synced(emk, tmp_path, env), emk("card", "diagnoses", env=env)
        summary = emk("card", "summary", "--json", env=env)
    assert (copy.code, copy.item["added"]) == (12, {"labs": 1})
    assert [part["what"] for part in copy.item["missing"]] == ["Condition"]
    assert (listed.code, listed.out) == (11, "")
    assert (summary.code, [part["what"] for part in summary.item["missing"]]) == (12, ["diagnoses"])


class Silent(Refusing):
    """Does not say what it keeps."""

    def capability(self) -> httpx.Response:
        return self.outcome(404)


@pytest.mark.parametrize("status", [400, 405, 422, 501])
def test_a_way_of_asking_that_is_not_supported_is_a_gap(emk: Emk, tmp_path: Path, status: int) -> None:
    """The server lists the type: what is not supported is how it was asked for."""
    with served(Refusing(lab("o1"), status=status, code="not-supported", kinds={"Condition"})) as env:
        copy = synced(emk, tmp_path, env)
        export = emk("card", "export", "--format", "fhir", "--to", str(tmp_path / "out"), "--json", env=env)
    for result in (copy, export):
        assert (result.code, [part["what"] for part in result.item["missing"]]) == (12, ["Condition"])


@pytest.mark.parametrize(("status", "server"), [(400, Silent), (404, Refusing), (404, Silent), (501, Silent)])
def test_a_type_that_is_not_supported_is_no_gap(emk: Emk, tmp_path: Path, status: int, server: type[Refusing]) -> None:
    with served(server(lab("o1"), status=status, code="not-supported", kinds={"Condition", "Coverage"})) as env:
        copy = synced(emk, tmp_path, env)
        export = emk("card", "export", "--format", "fhir", "--to", str(tmp_path / "out"), "--json", env=env)
    assert (copy.code, copy.item["missing"]) == (0, [])
    assert (export.code, export.item["missing"]) == (0, [])


def test_a_type_that_the_server_does_not_list_is_no_gap(emk: Emk, tmp_path: Path) -> None:
    server = Refusing(lab("o1"), status=405, kinds={"Condition", "MedicationStatement"})
    server.unknown = {"Condition", "MedicationStatement"}
    with served(server) as env:
        copy = synced(emk, tmp_path, env)
    assert (copy.code, copy.item["missing"], copy.item["added"]) == (0, [], {"labs": 1})


def test_a_part_of_a_list_that_is_refused_is_said(emk: Emk) -> None:
    with served(Refusing(lab("o1"), status=400, kinds={"MedicationStatement"})) as env:
        result = emk("card", "prescriptions", "--json", env=env)
    assert result.items == []
    assert any("MedicationStatement" in warning for warning in result.json["warnings"])


def test_nothing_more_is_asked_of_a_server_that_refuses_nothing(emk: Emk, tmp_path: Path) -> None:
    server = Server(lab("o1"), CONDITION)
    with served(server) as env:
        assert synced(emk, tmp_path, env).code == 0
        assert emk("card", "labs", env=env).code == 0
    asked = [path for path, _params in server.asked]
    assert asked.count("metadata") == 2  # each run asks once which release it is
    assert asked.count("Condition") <= 2


def test_a_patient_that_may_not_be_read_closes_no_list(emk: Emk, tmp_path: Path) -> None:
    server = Server(lab("o1"), CONDITION)
    server.everything, server.failing = False, {"Patient/p1": 403}
    with served(server) as env:
        labs, summary = emk("card", "labs", "--json", env=env), emk("card", "summary", "--json", env=env)
        export = emk("card", "export", "--format", "fhir", "--to", str(tmp_path / "out"), "--json", env=env)
    assert (labs.code, [item["id"] for item in labs.items]) == (0, ["Observation/o1"])
    assert (labs.json["person"], len(labs.json["warnings"])) == ({"id": "p1", "name": "p1"}, 1)
    assert (summary.code, len(summary.item["diagnoses"])) == (0, 1)
    assert (export.code, [part["what"] for part in export.item["missing"]]) == (12, ["Patient", "Patient/p1"])


def test_a_card_that_may_not_be_read_at_all_is_closed(emk: Emk, tmp_path: Path) -> None:
    server = Refusing(status=403)
    server.failing = {"Patient/p1": 403}
    with served(server) as env:
        result = emk("card", "labs", env=env)
        export = emk("card", "export", "--format", "ndjson", "--to", str(tmp_path / "out"), env=env)
    assert (result.code, result.out) == (5, "")
    assert (export.code, export.out) == (5, "")


@pytest.mark.parametrize("command", [("labs",), ("vitals",)])
def test_a_server_that_knows_no_categories_is_asked_without(emk: Emk, command: tuple[str, ...]) -> None:
    server = Server(lab("o1"), lab("v1", category=VITAL))
    server.refused = {"category"}
    with served(server) as env:
        result = emk("card", *command, "--json", env=env)
    assert (result.code, len(result.items)) == (0, 1)


def test_a_record_is_found_by_its_short_id_beside_a_type_that_is_refused(emk: Emk) -> None:
    with served(Refusing(lab("o1"), status=501, kinds={"Immunization"})) as env:
        known, unknown = emk("card", "show", "o1", env=env), emk("card", "show", "o2", env=env)
    assert (known.code, unknown.code) == (0, 11)
    assert "Immunization" in unknown.err


def test_a_patient_that_may_not_be_read_does_not_close_a_sync(emk: Emk, tmp_path: Path) -> None:
    server = Server(lab("o1"), CONDITION)
    with served(server) as env:
        assert synced(emk, tmp_path, env).code == 0
        server.failing = {"Patient/p1": 403}
        server.resources.append(lab("o2"))
        again = synced(emk, tmp_path, env)
    assert (again.code, again.item["added"], again.item["removed"]) == (12, {"labs": 1}, {})
    assert [part["what"] for part in again.item["missing"]] == ["Patient"]


def test_a_sync_that_never_read_the_patient_has_the_records(emk: Emk, tmp_path: Path) -> None:
    server = Server(lab("o1"), CONDITION)
    server.failing = {"Patient/p1": 403}
    with served(server) as env:
        result = synced(emk, tmp_path, env)
    assert (result.code, result.item["added"]) == (12, {"diagnoses": 1, "labs": 1})
    assert result.item["account"]["supporting"] == 0


@FORMATS
def test_a_session_that_ends_on_the_way_costs_what_is_left(emk: Emk, tmp_path: Path, form: str) -> None:
    with served(Refusing(lab("o1"), CONDITION, status=401, kinds={"Condition"})) as env:
        result = emk("card", "export", "--format", form, "--to", str(tmp_path / "out"), "--json", env=env)
    assert (result.code, result.item["complete"]) == (12, False)
    lacking = {part["what"] for part in result.item["missing"]}
    assert lacking >= ({"diagnoses"} if form == "csv" else {"Condition", "Observation"})
    assert not lacking & {"Encounter", "visits", "card"}


def test_a_session_that_has_ended_before_anything_came(emk: Emk, tmp_path: Path) -> None:
    with served(Refusing(lab("o1"), status=401)) as env:
        result = emk("card", "export", "--format", "csv", "--to", str(tmp_path / "out"), "--json", env=env)
    assert (result.code, result.out) == (4, "")


def test_a_card_of_which_nothing_may_be_read_is_closed_to_a_sync(emk: Emk, tmp_path: Path) -> None:
    server = Refusing(lab("o1"), status=403)
    server.failing = {"Patient/p1": 403}
    with served(server) as env:
        result = synced(emk, tmp_path, env)
    assert (result.code, result.out) == (5, "")
