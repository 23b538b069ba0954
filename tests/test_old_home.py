"""A home that version 0.1.0 left behind opens with everything in it (`tests/fixtures/old_home.py` made it)."""

from __future__ import annotations

import shlex
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Emk
from tests.contract.world import CODE
from tests.fixtures import old_home
from tests.golden.house import PASSPHRASE

Old = Callable[[str], Any]
"""What the present version prints of the old home, as JSON."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the old home lies unpacked, with its exports; the passphrase comes from a file as it did then."""
    with tarfile.open(old_home.ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    (tmp_path / "passphrase").touch(0o600)
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n")
    for name, value in old_home.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def old(place: Path, emk: Emk) -> Old:
    def run(line: str) -> Any:
        done = emk(*shlex.split(line))
        assert done.code in (0, 12), (line, done.err)
        return done.json

    return run


def contents(place: Path) -> dict[str, bytes]:
    """What lies in the home, but for the mock's own state, where a server would be, and the files that locks leave."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in (place / "emk").rglob("*")
        if path.is_file() and path.suffix not in (".lock", "-shm") and not path.name.startswith("mock.sqlite3")
    }


def agree(kept: Any, found: Any) -> bool:
    """Whether everything that was said then is said now; a field that came later says nothing against it."""
    if isinstance(kept, dict) and isinstance(found, dict):
        return all(name in found and agree(one, found[name]) for name, one in kept.items())
    if isinstance(kept, list) and isinstance(found, list):
        return len(kept) == len(found) and all(map(agree, kept, found))
    return bool(kept == found) or found == ([] if kept is None else [kept])


def unexpired(record: dict[str, Any]) -> dict[str, Any]:
    """A prescription that was good when the card was synced runs out meanwhile."""
    return record | {"status": "active"} if record["status"] == "expired" else record


def test_the_settings_of_both_profiles(place: Path, old: Old) -> None:
    for name in ("config", "sealed-config"):
        before, now = (
            {row["key"]: row for row in document["items"]}
            for document in (old_home.shown(place, name), old(old_home.SHOWN[name]))
        )
        assert agree(before, now)


def test_both_sessions_are_accepted(place: Path, old: Old) -> None:
    for name in ("whoami", "sealed-whoami"):
        assert agree(old_home.shown(place, name)["item"], old(old_home.SHOWN[name])["item"])
    sources = [old(f"-p {profile} auth status --json")["item"]["storage"] for profile in ("default", "sealed")]
    assert sources == ["plain_file", "encrypted_file"]


def test_the_encrypted_session_opens_with_its_passphrase_alone(place: Path, emk: Emk) -> None:
    (place / "passphrase").write_text("another one\n")
    refused = emk("-p", "sealed", "whoami", "--json")
    assert (refused.code, refused.error["code"]) == (13, "storage")


@pytest.mark.parametrize("name", old_home.LISTS)
def test_the_synced_copy_and_the_local_card_hold_the_same_records(place: Path, old: Old, name: str) -> None:
    for kept in (name, f"local-{name}"):
        before, now = old_home.shown(place, kept), old(old_home.SHOWN[kept])
        assert agree(before["person"], now["person"])
        if name == "prescriptions":
            before["items"], now["items"] = map(unexpired, before["items"]), map(unexpired, now["items"])
        assert agree(list(before["items"]), list(now["items"]))


def test_what_was_seen_is_not_new(old: Old, emk: Emk) -> None:
    for line in ("card labs --new", "card visits --new", "notification list --new"):
        assert old(f"{line} --json")["items"] == []
    assert emk("status", "--if-changed", "--json").out == ""
    since = old("card export --format json --since last --to fresh.json --json")["item"]
    assert (since["records"], since["complete"]) == ({}, True)


def test_the_name_for_logging_in_is_remembered(old: Old) -> None:
    old("logout --json")
    assert old(f"login --code-command {shlex.quote(CODE)} --json")["item"]["trust"] == "confirmed"


def test_the_log_is_shown_and_goes_on(place: Path, old: Old) -> None:
    before = old_home.shown(place, "audit")["items"]
    assert agree(before, old(old_home.SHOWN["audit"])["items"])
    old("logout --json")
    now = old(old_home.SHOWN["audit"])["items"]
    assert now[0]["action"] == "logout"
    assert agree(before, now[1:])


def test_what_it_exported_is_taken_in_again(place: Path, old: Old) -> None:
    before, now = old_home.shown(place, "import")["items"], old(old_home.SHOWN["import"])["items"]
    assert sum(bool(one["records"]) for one in before) == 3
    assert agree(_of_files(before), _of_files(now))


def _of_files(results: list[dict[str, Any]]) -> dict[str, Any]:
    """What became of each file; why one was refused is a sentence for people."""
    return {one["file"]: {name: one[name] for name in ("status", "person", "records")} for one in results}


def test_the_documents_are_known_when_they_come_again(old: Old) -> None:
    old("-p again card import exports/card.fhir --json")
    (again,) = old("-p again card import exports/card.fhir --json")["items"]
    assert again["status"] == "duplicate"


def test_an_exported_database_is_read_by_its_own_tables(place: Path) -> None:
    with closing(sqlite3.connect(place / "exports/card.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM labs").fetchone() == (3,)


def test_looking_rewrites_nothing(place: Path, old: Old) -> None:
    old("card summary --offline --json")  # the tables of both cards are brought up to date once
    before = contents(place)
    assert {Path(name).suffix for name in before} >= {".toml", ".jsonl", ".json", ".sealed", ".sqlite3"}
    for name in ("config", "audit", "whoami", "sealed-whoami", "labs", "documents", "local-prescriptions"):
        old(old_home.SHOWN[name])
    old("card summary --offline --json")
    old("card search глюкоза --offline --json")
    assert contents(place) == before
