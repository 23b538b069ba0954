"""`emk card export` and `emk card open` as they are typed, through both doors."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pyrage
import pytest

from tests.contract.world import World
from tests.invented import bundle, encoded, lab


def export(world: World, form: str, to: Path | str, *more: str) -> Any:
    return world.ok("card", "export", "--format", form, "--to", str(to), *more).item


def prescribed(world: World) -> None:
    """A new prescription appears in the card."""
    old = world.ok("card", "prescriptions", "--limit", "1").items[0]["id"]
    world.ok("request", "create", "prescription", "--repeat", old, "--yes")
    world.advance("48h")


@pytest.mark.parametrize("form", ["ndjson", "sqlite"])
def test_what_is_new_since_the_last_time(world: World, tmp_path: Path, form: str) -> None:
    """By resources, and by lists."""
    world.at("activated").advance("1h")
    first = export(world, form, tmp_path / "1", "--since", "last")
    assert first["records"]["labs"] > 10
    assert export(world, form, tmp_path / "2", "--since", "last")["records"] == {}
    prescribed(world)
    third = export(world, form, tmp_path / "3", "--since", "last")
    assert third["records"] == {"prescriptions": 1}
    assert third["complete"]
    assert export(world, form, tmp_path / "4", "--since", "last")["records"] == {}


def test_a_whole_export_counts_as_the_last_one(embedded: World, tmp_path: Path) -> None:
    embedded.at("activated")
    export(embedded, "json", tmp_path / "1")
    prescribed(embedded)
    assert export(embedded, "json", tmp_path / "2", "--since", "last")["records"] == {"prescriptions": 1}


def test_each_kind_of_export_has_its_own_mark(embedded: World, tmp_path: Path) -> None:
    embedded.at("activated")
    export(embedded, "json", tmp_path / "1", "--category", "labs")
    export(embedded, "json", tmp_path / "2", "--since", "1y")
    whole = export(embedded, "json", tmp_path / "3", "--since", "last")
    assert {"labs", "visits"} <= set(whole["records"]), "neither a part nor a period is the whole"
    streamed = embedded("card", "export", "--format", "json", "--to", "-", "--since", "last")
    assert json.loads(streamed.out)["records"]["visits"]
    assert "everything is exported" in streamed.err
    again = embedded("card", "export", "--format", "json", "--to", "-", "--since", "last")
    assert not any(json.loads(again.out)["records"].values())


def test_an_export_that_failed_moves_no_mark(embedded: World, tmp_path: Path) -> None:
    embedded.at("activated")
    export(embedded, "json", tmp_path / "1", "--since", "last")
    prescribed(embedded)
    (tmp_path / "2").write_text("mine")
    command = ("card", "export", "--format", "json", "--since", "last", "--to", str(tmp_path / "2"))
    embedded.fails(6, "exists", *command)
    embedded.ok("mock", "fault", "add", "5xx", "--path", "/fhir/R4/Observation", "--times", "0")
    partial = embedded(*command, "--force", "--json")
    assert (partial.code, partial.item["complete"]) == (12, False)
    embedded.ok("mock", "fault", "clear")
    assert embedded.ok(*command, "--force").item["records"] == {"prescriptions": 1}


def test_the_local_card_goes_by_the_import(emk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result of years ago that was imported today is new."""
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(tmp_path / "secret"))
    (tmp_path / "secret").write_text("верная лошадь")
    (tmp_path / "secret").chmod(0o600)
    for number, name in enumerate(("a", "b")):
        patient = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Пробная"}], "birthDate": "1979-06-01"}
        document = bundle(patient, lab(name, effectiveDateTime=f"{2020 - number}-01-01"))
        (tmp_path / f"{name}.json").write_bytes(encoded(document))
    line = ("card", "export", "--backend", "local", "--since", "last", "--format", "fhir", "--json", "--to")
    assert emk("card", "import", str(tmp_path / "a.json")).code == 0
    assert emk(*line, str(tmp_path / "1")).item["records"] == {"labs": 1}
    assert emk(*line, str(tmp_path / "2")).item["records"] == {}
    assert emk("card", "import", str(tmp_path / "b.json")).code == 0
    assert emk(*line, str(tmp_path / "3")).item["records"] == {"labs": 1}
    kinds = [one["resource"]["resourceType"] for one in json.loads((tmp_path / "3").read_bytes())["entry"]]
    assert kinds == ["Patient", "Observation"], "with whose it is"


def test_encrypted(world: World, tmp_path: Path) -> None:
    world.at("activated")
    identity = pyrage.x25519.Identity.generate()
    export(world, "sqlite", tmp_path / "card.age", "--encrypt", str(identity.to_public()), "--category", "labs")
    (tmp_path / "card.db").write_bytes(pyrage.decrypt((tmp_path / "card.age").read_bytes(), [identity]))
    with closing(sqlite3.connect(tmp_path / "card.db")) as db:
        assert db.execute("SELECT count(*) FROM labs").fetchone()[0] > 10


def test_a_passphrase_comes_from_a_private_file_or_a_person(
    embedded: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded.at("activated")
    line = ("card", "export", "--format", "ics", "--to", str(tmp_path / "x"), "--encrypt", "passphrase")
    error = embedded.fails(2, "usage", *line)
    assert "EMK_PASSPHRASE_FILE" in error["message"]
    (tmp_path / "secret").write_text("верная лошадь\n")
    (tmp_path / "secret").chmod(0o644)
    monkeypatch.setenv("EMK_PASSPHRASE_FILE", str(tmp_path / "secret"))
    embedded.fails(13, "storage", *line)
    assert not (tmp_path / "x").exists()


def test_a_wrong_recipient_is_found_before_anything_is_read(embedded: World, tmp_path: Path) -> None:
    embedded.at("activated")
    embedded.ok("mock", "log", "--clear")
    embedded.fails(2, "usage", "card", "export", "--format", "csv", "--to", str(tmp_path / "x"), "--encrypt", "age1x")
    assert embedded.ok("mock", "log").items == []
    assert not (tmp_path / "x").exists()
