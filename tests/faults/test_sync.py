"""A sync that is killed, that meets another one, or loses its server or its disk: nothing is lost, and it goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emkcli import localcard
from emkcli.localcard import store
from tests.contract.world import Server, World
from tests.faults.test_processes import start, together

SYNC = ("card", "sync", "--insecure-storage", "--json")
LISTS = ("labs", "visits", "documents", "vitals", "diagnoses")


def ids(world: World, category: str, *more: str) -> list[str]:
    return sorted(item["id"] for item in world.ok("card", category, *more).items)


def is_whole(world: World) -> bool:
    return all(ids(world, name) == ids(world, name, "--offline") for name in LISTS)


def killed(pause: float) -> None:
    process = start(*SYNC)
    time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_killed_anywhere_it_goes_on_where_it_stood(embedded: World) -> None:
    embedded.at("activated")
    for pause in (0.45, 0.6, 0.75):
        killed(pause)
        assert embedded("card", "labs", "--offline", "--json").code in (0, 3)
    assert embedded.ok(*SYNC[:-1]).item["complete"]
    assert is_whole(embedded)
    again = embedded.ok("card", "sync").item
    assert (again["added"], again["changed"], again["removed"]) == ({}, {}, {})
    assert again["unchanged"] == {name: len(embedded.ok("card", name).items) for name in again["unchanged"]}


def test_what_a_killed_sync_brought_is_counted_by_the_one_that_goes_on(embedded: World) -> None:
    embedded.at("activated").ok("mock", "fault", "add", "slow", "--path", "/fhir/R4/Immunization", "--seconds", "5")
    process = start(*SYNC)
    while not any("/MedicationStatement" in entry["path"] for entry in embedded.ok("mock", "log").items):
        time.sleep(0.05)
    process.kill()  # in the middle of the next type, which is slow
    process.communicate()
    some = embedded.ok("card", "labs", "--offline").json
    assert some["items"]
    assert "interrupted" in some["warnings"][0]
    embedded.ok("mock", "fault", "clear")
    embedded.ok("mock", "log", "--clear")
    result = embedded.ok(*SYNC[:-1]).item
    assert result["added"]["labs"] == len(some["items"])
    assert result["added"]["vaccinations"] > 20
    paths = [entry["path"] for entry in embedded.ok("mock", "log").items]
    assert not any("/Encounter" in path for path in paths), "what was through is not asked for again"


def test_two_at_once(served: World) -> None:
    world = served.at("activated")
    found = together([SYNC, SYNC])
    assert {code for code, _out, _err in found} <= {0, 13}, found
    assert 0 in {code for code, _out, _err in found}
    done = [json.loads(out)["item"] for code, out, _err in found if code == 0]
    assert sum(one["added"].get("labs", 0) for one in done) == len(world.ok("card", "labs").items)
    assert is_whole(world)


class OwnServer:
    """A server that a test may kill and start again at the same address."""

    def __init__(self, state: Path) -> None:
        self.state, self.port = state, "0"
        self.start()

    def start(self) -> None:
        line = [sys.executable, "-m", "emkcli", "mock", "serve", "--port", self.port, "--state", str(self.state)]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.port = self.url.rsplit(":", 1)[1]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[OwnServer]:
    server = OwnServer(tmp_path / "own.sqlite3")
    yield server
    server.kill()


def test_the_server_dies_in_the_middle(own: OwnServer, emk: Any, tmp_path: Path, monkeypatch: Any) -> None:
    world = World(emk, tmp_path / "stages", Server(own.url, own.state), tmp_path)
    monkeypatch.setenv("EMK_HOME", str(world.home))
    monkeypatch.setenv("EMK_URL", own.url)
    world.at("activated").ok("mock", "fault", "add", "slow", "--path", "/fhir/R4/Immunization", "--seconds", "20")
    process = start(*SYNC)
    while not any("/Observation" in entry["path"] for entry in world.ok("mock", "log").items):
        time.sleep(0.05)
    time.sleep(0.5)
    own.kill()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 12, err
    missing = [one["what"] for one in json.loads(out)["item"]["missing"]]
    assert "Immunization" in missing
    assert "AuditEvent" in missing, "what was not reached is missing too"
    labs = world.ok("card", "labs", "--offline").json
    assert labs["items"]
    assert "vaccination" in labs["warnings"][0]
    assert world.fails(7, "unreachable", "card", "labs")
    own.start()
    world.ok("mock", "fault", "clear")
    assert world.ok("card", "sync").item["added"]["vaccinations"]
    assert is_whole(world)


def test_a_full_disk(embedded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    open_mirror = localcard.open_mirror

    def small(*args: Any, **options: Any) -> Any:
        mirror = open_mirror(*args, **options)
        mirror.store.db.pragma("max_page_count", 150)
        return mirror

    embedded.at("activated")
    monkeypatch.setattr(localcard, "open_mirror", small)
    assert "full" in embedded.fails(13, "storage", *SYNC[:-1])["message"]
    monkeypatch.setattr(localcard, "open_mirror", open_mirror)
    assert embedded("card", "documents", "--offline", "--json").code == 0
    assert embedded.ok(*SYNC[:-1]).item["complete"]
    assert is_whole(embedded)


def test_a_copy_that_another_process_writes(embedded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded.at("activated").ok(*SYNC[:-1])
    monkeypatch.setattr(store, "BUSY_MILLISECONDS", 100)
    (path,) = (embedded.home / "state" / "cards").rglob("*.sqlite3")
    other = localcard.open_mirror(path, None)
    other.store.db.execute("BEGIN IMMEDIATE")
    try:
        assert embedded.fails(13, "busy", "card", "sync", "--full")["retryable"]
        assert embedded.ok("card", "labs", "--offline").items, "reading goes on"
    finally:
        other.store.db.execute("ROLLBACK")
        other.close()
    assert embedded.ok("card", "sync").item["complete"]
