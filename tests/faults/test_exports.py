"""Exports through the command line while the server breaks: exit 12, and the manifest says what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.contract.world import World
from tests.faults.test_faults import LASTING, add

EVERYTHING = "/fhir/R4/Patient/"


@pytest.mark.parametrize("kind", sorted(LASTING))
@pytest.mark.parametrize("form", ["fhir", "ndjson", "ips"])
def test_a_later_page_that_fails(embedded: World, pauses: list[float], tmp_path: Path, form: str, kind: str) -> None:
    add(embedded.at("activated"), kind, EVERYTHING, times=0, after=3)
    done = embedded("card", "export", "--format", form, "--to", str(tmp_path / "x"), "--json")
    assert (done.code, done.item["complete"]) == (12, False), done.err
    note = json.loads(Path(done.item["manifest"]).read_bytes())
    assert (note["complete"], note["missing"]) == (False, done.item["missing"])
    assert note["missing"][0]["why"]
    embedded.ok("mock", "fault", "clear")
    again = embedded.ok("card", "export", "--format", form, "--to", str(tmp_path / "x"), "--force").item
    assert again["complete"]
    assert sum(again["records"].values()) > sum(done.item["records"].values())


@pytest.mark.parametrize("kind", sorted(LASTING))
def test_a_first_page_that_fails_leaves_nothing(
    embedded: World, pauses: list[float], tmp_path: Path, kind: str
) -> None:
    add(embedded.at("activated"), kind, "/fhir/R4/", times=0)
    code, slug = LASTING[kind]
    for form in ("fhir", "ndjson", "ips"):
        embedded.fails(code, slug, "card", "export", "--format", form, "--to", str(tmp_path / "out" / form))
    assert not (tmp_path / "out").exists()
