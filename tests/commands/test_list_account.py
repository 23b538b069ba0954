"""A file of lists is held against what the server has: what is counted and was in no list is not complete."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.commands.fhir_door import served
from tests.conftest import Emk
from tests.invented import PATIENT, Server, lab, plain

FORMATS = pytest.mark.parametrize("form", ["json", "csv", "html", "sqlite"])
UNUSUAL = [lab(name, category=[{"coding": [{"code": name}]}]) for name in ("functional-status", "x")]


class Forgetful(Server):
    """Its searches know less than `$everything` has."""

    def search(self, kind: str, params: list[tuple[str, str]]) -> httpx.Response:
        known, self.resources = self.resources, [one for one in self.resources if one["id"] != "lost"]
        try:
            return super().search(kind, params)
        finally:
            self.resources = known


@FORMATS
def test_results_of_no_category_are_in_every_format(emk: Emk, tmp_path: Path, form: str) -> None:
    with served(Server(lab("o1"), plain(lab("bare"), "category"), *UNUSUAL)) as env:
        export = emk("card", "export", "--format", form, "--to", str(tmp_path / "out"), "--json", env=env)
        listed = emk("card", "labs", "--json", env=env)
    assert (export.code, export.item["complete"], export.item["records"]) == (0, True, {"labs": 4})
    assert (listed.code, listed.json["total"]) == (0, 4)


@FORMATS
def test_what_is_counted_and_in_no_list_is_unread(emk: Emk, tmp_path: Path, form: str) -> None:
    server = Forgetful(lab("o1"), lab("lost", 7))
    with served(server) as env:
        export = emk("card", "export", "--format", form, "--to", str(tmp_path / "out"), "--json", env=env)
        whole = emk("card", "export", "--format", "fhir", "--to", str(tmp_path / "whole"), "--json", env=env)
    account = export.item["account"]
    assert (export.code, account["records"], account["unread"], account["total"]) == (12, 1, 1, 3)
    assert [(part["what"], part["count"]) for part in export.item["unread"]] == [("Observation", 1)]
    assert (whole.code, whole.item["account"]["records"]) == (0, 2), "its resources passed by, every one of them"
    exported = json.loads((tmp_path / "whole").read_bytes())
    assert len(exported["entry"]) == len(server.resources) == len([PATIENT, "o1", "lost"])


def test_a_part_of_the_lists_is_held_against_what_belongs_to_it(emk: Emk, tmp_path: Path) -> None:
    condition = {"resourceType": "Condition", "id": "lost", "code": {"text": "Астма"}}
    line = ("card", "export", "--format", "csv", "--json", "--to")
    with served(Forgetful(lab("o1"), condition)) as env:
        labs = emk(*line, str(tmp_path / "labs"), "--category", "labs", env=env)
        diagnoses = emk(*line, str(tmp_path / "diagnoses"), "--category", "diagnoses", env=env)
    assert (labs.code, labs.item["unread"]) == (0, [])
    assert (diagnoses.code, diagnoses.item["account"]["unread"]) == (12, 1)


@pytest.mark.parametrize("target", ["out", "-"])
def test_what_cannot_be_counted_is_missing_and_the_rest_is_counted(emk: Emk, tmp_path: Path, target: str) -> None:
    server = Server(lab("o1"), lab("o2", 7))
    server.everything, server.failing = False, {"Flag": 403, "Patient/p1": 403}
    where = target if target == "-" else str(tmp_path / target)
    with served(server) as env:
        export = emk("card", "export", "--format", "csv", "--category", "labs", "--to", where, "--json", env=env)
    assert export.code == 12
    if target != "-":
        assert [part["what"] for part in export.item["missing"]] == ["Patient"]
        assert (export.item["account"]["records"], export.item["account"]["total"]) == (2, 2)


FOREIGN = lab("o9", subject={"reference": "Patient/p2"})


@pytest.mark.parametrize("form", ["json", "fhir", "ndjson"])
@pytest.mark.parametrize("everything", [True, False])
def test_what_is_of_somebody_else_is_counted(emk: Emk, tmp_path: Path, form: str, everything: bool) -> None:
    server = Server(lab("o1"), FOREIGN)
    server.everything = everything
    with served(server) as env:
        export = emk("card", "export", "--format", form, "--to", str(tmp_path / "out"), "--json", env=env)
    account = export.item["account"]
    assert (export.code, account["records"], account["other_person"], account["total"]) == (0, 1, 1, 3)


@pytest.mark.parametrize("form", ["json", "fhir"])
@pytest.mark.parametrize("everything", [True, False])
def test_an_entry_without_its_resource_is_lacking(emk: Emk, tmp_path: Path, form: str, everything: bool) -> None:
    server = Server(lab("o1"))
    server.everything, server.extra_entries = everything, [{"fullUrl": "https://fhir.example/R4/Observation/o2"}]
    with served(server) as env:
        export = emk("card", "export", "--format", form, "--to", str(tmp_path / "out"), "--json", env=env)
    assert (export.code, export.item["complete"]) == (12, False)
    assert any("without" in part["why"] for part in export.item["missing"])
