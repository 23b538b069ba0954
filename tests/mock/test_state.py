"""The state file: private, shared by processes, never silently replaced."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from emkcli import errors
from emkcli.mock import clock, fhir, log
from emkcli.mock import state as state_module
from emkcli.mock.application import Mock, open_mock
from emkcli.mock.fhir.pages import MOST, Pages
from emkcli.mock.state import MustWriteError, State

from .person import Person, in_process


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "home" / "mock.db"


def test_the_file_and_its_directory_are_private(place: Path) -> None:
    mock = open_mock(place)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    for journal in place.parent.iterdir():
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600
    mock.close()


def test_what_was_done_is_there_the_next_time(place: Path) -> None:
    first = open_mock(place, seed=4, speed=0, records=30)
    person = in_process(first)
    patient = person.seeded()["person_id"]
    person.close()
    first.close()
    second = open_mock(place, seed=9)
    again = in_process(second)
    again.use(person.tokens)
    assert again.get("/account")["id"] == patient
    assert again.send("POST", "/mock/reset", json={}) == {"seed": 4, "records": 30}
    again.close()
    second.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all, only some words " * 40, b"SQLite format 3\x00" + b"\xff" * 4000]
)
def test_a_damaged_file_is_moved_aside(place: Path, content: bytes) -> None:
    place.parent.mkdir()
    place.write_bytes(content)
    said: list[str] = []
    mock = open_mock(place, notice=said.append)
    aside = [found for found in place.parent.iterdir() if ".corrupt-" in found.name]
    assert [found.read_bytes() for found in aside] == [content]
    assert len(said) == 1
    assert str(aside[0]) in said[0]
    mock.close()


def _spoil_page(place: Path, table: str) -> None:
    db = sqlite3.connect(place)
    page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    with place.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


def test_damage_found_later_is_moved_aside_too(place: Path) -> None:
    first = open_mock(place, speed=0)
    person = in_process(first)
    person.seeded()
    person.close()
    first.close()
    _spoil_page(place, "inbox")
    said: list[str] = []
    second = open_mock(place, notice=said.append)
    broken = in_process(second)
    with pytest.raises(errors.Storage, match="moved aside"):
        broken.http.get("/mock/inbox")
    assert len(said) == 1
    assert broken.send("POST", "/mock/seed", 201, json={})["trust"] == "confirmed"
    broken.close()
    second.close()


def test_a_state_of_a_newer_emk_is_left_alone(place: Path) -> None:
    open_mock(place).close()
    with sqlite3.connect(place) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(errors.Storage, match="newer"):
        open_mock(place)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(errors.Storage, match="cannot be used"):
        open_mock(tmp_path / "file" / "mock.db")
    (tmp_path / "directory").mkdir()
    with pytest.raises(errors.Storage, match="cannot be used"):
        open_mock(tmp_path / "directory")


def test_a_state_that_may_only_be_read(place: Path) -> None:
    mock = open_mock(place)
    person = in_process(mock)
    with mock.state.transaction() as db:
        db.execute("PRAGMA query_only = 1")
    with pytest.raises(errors.Storage, match="cannot be used"):
        person.http.post("/mock/seed", json={})
    person.close()
    mock.close()


def test_a_locked_state_is_busy(place: Path) -> None:
    open_mock(place).close()
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = State(place, print, timeout=0.05)
    with pytest.raises(errors.Busy, match="locked"), waiting.transaction():
        pass
    other.execute("ROLLBACK")
    with waiting.transaction() as db:
        assert db.execute("SELECT 1").fetchone()[0] == 1
    waiting.close()
    other.close()


def test_a_failed_transaction_leaves_nothing(place: Path) -> None:
    mock = open_mock(place)

    def fail() -> None:
        with mock.state.transaction() as db:
            db.execute("INSERT INTO counters VALUES ('x', 1)")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert mock.state.glance("SELECT count(*) FROM counters") == 0
    mock.close()


def test_a_read_waits_for_no_writer_and_changes_nothing(place: Path) -> None:
    mock = open_mock(place)
    with mock.state.transaction() as writing:
        writing.execute("INSERT INTO counters VALUES ('x', 1)")
        with mock.state.reading() as db:
            assert db.execute("SELECT count(*) FROM counters").fetchone()[0] == 0
    with pytest.raises(MustWriteError), mock.state.reading() as db:
        db.execute("DELETE FROM counters")
    with mock.state.reading() as db:
        assert db.execute("SELECT count(*) FROM counters").fetchone()[0] == 1
    mock.close()


@pytest.mark.parametrize("on_disk", [False, True])
def test_what_is_due_and_traces_of_access_are_written_by_a_read(place: Path, on_disk: bool) -> None:
    mock = open_mock(place if on_disk else ":memory:", speed=0)
    person = in_process(mock)
    patient = person.seeded()["person_id"]
    wish = {"kind": "prescription", "medicine": "Ибупрофен"}
    name = person.send("POST", "/requests", 201, json=wish)["id"]
    with mock.state.transaction() as db:  # time goes by and nobody settles what is due
        clock.advance(db, 50 * 60)
        db.execute("UPDATE events SET at = ? WHERE subject = ?", (clock.now(db), name))
    assert person.get(f"/requests/{name}")["status"] == "done"
    assert mock.state.glance("SELECT count(*) FROM events") == 0
    totals = [person.get("/fhir/R4/AuditEvent", patient=patient)["total"] for _turn in range(3)]
    assert totals == [totals[0], totals[0] + 1, totals[0] + 1], "noted once, after the first look"
    person.close()
    mock.close()


def test_the_log_is_whole_for_who_asks_and_at_the_end(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LATEST", 60)
    mock = open_mock(place)
    person = in_process(mock)
    person.get("/services", 401)
    assert mock.state.glance("SELECT count(*) FROM log") == 0, "no answer waits for its line"
    assert [line["path"] for line in person.send("GET", "/mock/log")["items"]] == ["/api/v1/services"]
    person.get("/clinics", 401)
    person.register()
    assert mock.state.glance("SELECT count(*) FROM log") == 3, "whoever writes takes along what waits"
    person.get("/doctors", 403)
    mock.close()
    with closing(sqlite3.connect(place)) as db:
        assert [path for (path,) in db.execute("SELECT path FROM log ORDER BY id")] == [
            "/api/v1/services", "/api/v1/clinics", "/api/v1/accounts", "/api/v1/doctors",
        ]  # fmt: skip
    person.close()


def test_the_log_is_written_down_a_moment_later_and_bounded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LATEST", 0.01)
    mock = open_mock(place)
    for number in range(log.LENGTH + 20):
        mock.state.log.add([log.Line(number, "GET", "/", 200, "")])
    until = time.monotonic() + 30
    with closing(sqlite3.connect(place)) as db:
        while db.execute("SELECT max(at) FROM log").fetchone()[0] != log.LENGTH + 19:
            assert time.monotonic() < until
        assert db.execute("SELECT count(*), min(at) FROM log").fetchone() == (log.LENGTH, 20)
    mock.close()


def test_a_full_disk_is_told_and_nothing_is_lost(place: Path) -> None:
    mock = open_mock(place, speed=0)
    person = in_process(mock)
    person.register()
    person.get("/services", 403)
    with mock.state.transaction() as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(errors.Storage, match="full"):
        person.http.post("/mock/seed", json={"person": {"snils": "000-000-555 00", "phone": "+79000000555"}})
    assert person.get("/account")["trust"] == "simplified"
    with mock.state.transaction() as db:
        db.execute("PRAGMA max_page_count = 1000000")
    assert person.send("POST", "/mock/seed", 201, json={})["trust"] == "confirmed"
    paths = [line["path"] for line in person.send("GET", "/mock/log")["items"]]
    assert paths == ["/api/v1/accounts", "/api/v1/services", "/api/v1/account"]
    person.close()
    mock.close()


def test_a_page_is_kept_only_as_long_as_no_record_changes(someone: Person) -> None:
    patient = someone.seeded()["person_id"]

    def page(tag: str = "") -> httpx.Response:
        address = f"/fhir/R4/Observation?patient={patient}&_count=3"
        return someone.http.get(address, headers={"If-None-Match": tag} if tag else {})

    first = page()
    assert (page().content, page(first.headers["etag"]).status_code) == (first.content, 304)
    name = first.json()["entry"][1]["resource"]["id"]
    someone.send("PATCH", f"/mock/fhir/Observation/{name}", json={"status": "amended"})
    second = page(first.headers["etag"])
    assert second.status_code == 200
    assert [entry["resource"]["status"] for entry in second.json()["entry"]].count("amended") == 1
    someone.send("DELETE", f"/mock/fhir/Observation/{name}")
    assert page().json()["total"] == first.json()["total"] - 1


def test_a_change_that_was_taken_back_is_on_no_page(mock: Mock, someone: Person) -> None:
    patient = someone.seeded()["person_id"]
    asked = {"patient": patient, "_count": 3}
    before = someone.get("/fhir/R4/Observation", **asked)

    def fail() -> None:
        with mock.state.transaction() as db:
            fhir.remove(db, "Observation", before["entry"][0]["resource"]["id"])
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert someone.get("/fhir/R4/Observation", **asked) == before


def test_kept_pages_have_a_bound() -> None:
    pages = Pages()
    for number in range(5):
        pages.page(number, lambda: bytes(MOST // 4))
    assert pages.page(4, bytes).body == bytes(MOST // 4)
    assert pages.page(0, bytes).body == b""
    assert pages.page("large", lambda: bytes(MOST + 1)).body == bytes(MOST + 1)
    assert pages.page("large", bytes).body == b"", "what is larger than all the room is not kept"


def test_names_for_damaged_files_do_not_collide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda form: "20260302T100000")
    first = state_module._aside(tmp_path / "mock.db")
    first.touch()
    assert first.name == "mock.db.corrupt-20260302T100000"
    assert state_module._aside(tmp_path / "mock.db").name == "mock.db.corrupt-20260302T100000-2"


def test_threads_share_one_mock(place: Path) -> None:
    mock = open_mock(place, speed=0)
    person = in_process(mock)
    person.seeded("verified")
    wrong: list[int] = []

    def pins(service: str) -> None:
        for _ in range(10):
            response = person.http.put(f"/api/v1/services/{service}/pin")
            wrong.extend([response.status_code] * (response.status_code != 200))

    names = ("sick-leave", "oms-policy", "child-health", "tax-deduction")
    threads = [threading.Thread(target=pins, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert {item["id"] for item in person.get("/services")["items"] if item["pinned"]} == set(names)
    person.close()
    mock.close()


_REGISTER = """
import json, sys
import httpx
from emkcli.mock.application import open_mock
from emkcli.mock.seeding import PERSON
mock = open_mock(sys.argv[1])
client = httpx.Client(transport=httpx.WSGITransport(app=mock), base_url="http://embedded")
for turn in range(10):
    number = f"{sys.argv[2]}{turn:02d}"
    body = PERSON | {"snils": f"000-000-{number} 00", "phone": f"+79000000{number}"}
    print(client.post("/api/v1/accounts", json=body).raise_for_status().json()["account"]["id"])
mock.close()
"""


def test_two_processes_begin_and_work_at_once(place: Path) -> None:
    command = [sys.executable, "-c", _REGISTER, str(place)]
    running = [
        subprocess.Popen([*command, digit], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for digit in "1234"
    ]
    outcomes = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0, 0], [err for _, err in outcomes]
    ids = [line for out, _ in outcomes for line in out.split()]
    assert len(set(ids)) == 40
