"""From nothing to a card that a person reads: what the first commands leave behind, and what they say comes next."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from tests.conftest import Emk

DEMO = ("demo", "--keep", "--to", "out")


def test_a_kept_demo_leaves_the_card_activated(emk: Emk, process: Emk, tmp_path: Path) -> None:
    kept = process("demo", "--keep", "--to", str(tmp_path / "out"), "-o", "json")
    assert kept.code == 0, kept.err
    assert kept.item["next"] == "emk card summary"
    assert {path.name for path in (tmp_path / "out").iterdir()} > {"card.html", "card.json", "card-csv"}
    assert emk("status", "-o", "json").item["status"] == "activated"
    assert emk("card", "labs", "--limit", "1", "-o", "json").json["total"] > 100
    assert emk("next", "-o", "json").item["command"] == "emk card summary"


def test_a_demo_is_not_kept_where_an_account_is(emk: Emk, seeded: Callable[[str], None], tmp_path: Path) -> None:
    seeded("registered")
    refused = emk(*DEMO, "-o", "json")
    assert (refused.code, refused.error["hint"]) == (6, "emk next")
    assert not (tmp_path / "out").exists()


def test_a_demo_is_not_kept_on_another_server(emk: Emk) -> None:
    refused = emk(*DEMO, "--backend", "fhir", "--url", "https://fhir.example/R4")
    assert refused.code == 2
    assert "--keep" in refused.err


def test_the_pictures_are_good_for_verify(emk: Emk, tmp_path: Path) -> None:
    folder = tmp_path / "мои снимки"
    made = emk("mock", "pictures", str(folder), "-o", "json").item
    with Image.open(made["passport_scan"]) as scan, Image.open(made["selfie"]) as selfie:
        assert (scan.format, scan.size, selfie.format, selfie.size) == ("PNG", (1500, 1050), "JPEG", (900, 1200))
    (tmp_path / "person.toml").write_text(emk("register", "--template").out)
    assert emk("register", "--from", str(tmp_path / "person.toml")).code == 0
    words = shlex.split(made["next"])
    assert words[:2] == ["emk", "verify"]
    handed_in = emk(*words[1:], "--code-stdin", stdin="")
    assert "passport" not in handed_in.err
    assert emk("mock", "pictures", str(folder)).code == 0, "the same again changes nothing"


def test_pictures_of_somebody_are_left_alone(emk: Emk, tmp_path: Path) -> None:
    mine = tmp_path / "selfie.jpg"
    mine.write_bytes(b"mine")
    assert emk("mock", "pictures", str(tmp_path)).code == 6
    assert mine.read_bytes() == b"mine"
    assert not (tmp_path / "passport.png").exists()


def test_a_registration_remembers_the_phone(emk: Emk, tmp_path: Path) -> None:
    (tmp_path / "person.toml").write_text(emk("register", "--template").out)
    emk("register", "--from", str(tmp_path / "person.toml"))
    emk("logout")
    assert emk("next", "-o", "json").item["command"] == "emk login"
    login = emk("login", "--code-command", "false")
    assert "--from" not in login.err, "the phone is known; the code alone is missing"


def test_a_seeded_person_logs_in_next(emk: Emk) -> None:
    assert emk("mock", "seed", "-o", "json").item["next"] == "emk login"
    assert emk("next", "-o", "json").item["command"] == "emk login"


def test_a_seed_leaves_the_name_of_who_is_logged_in(emk: Emk, seeded: Callable[[str], None]) -> None:
    seeded("activated")
    assert "next" not in emk("mock", "seed", "-o", "json").item
    assert emk("next", "-o", "json").item["command"] == "emk card summary"
