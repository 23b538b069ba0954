"""Several processes at once, and processes that are killed: real ones, on one state."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.contract.world import CODE, World


def start(*line: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "emkcli", *line]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def together(lines: Sequence[Sequence[str]]) -> list[tuple[int, bytes, bytes]]:
    running = [start(*line) for line in lines]
    answers = [process.communicate(timeout=60) for process in running]
    return [(process.returncode, *answer) for process, answer in zip(running, answers, strict=True)]


def sound(state: Path) -> bool:
    with closing(sqlite3.connect(state)) as db:
        return bool(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


def test_a_fresh_home_used_by_several_at_once(embedded: World) -> None:
    embedded.home.mkdir(parents=True, exist_ok=True)
    lines = [
        ("register", "--from", embedded.person, "--json"),
        ("clinic", "list", "--json"),
        ("mock", "clock", "--json"),
    ]
    for code, _out, err in together([*lines, *lines]):
        assert code in (0, 4, 5), err
        assert b"busy" not in err
        assert b"damaged" not in err
    assert sound(embedded.home / "state" / "mock.sqlite3")
    assert embedded.ok("whoami").item["trust"] == "simplified"


def test_the_same_change_from_several_processes_happens_once(world: World) -> None:
    world.at("connected")
    choose = ("clinic", "choose", "gp-005", "--yes", "--json")
    found = together([choose, choose, choose, ("status", "--json"), ("doctor", "list", "--limit", "2", "--json")])
    assert [code for code, _out, _err in found] == [0, 0, 0, 0, 0], found
    assert len({json.loads(out)["item"]["id"] for _code, out, _err in found[:3]}) == 1
    assert len(world.ok("application", "list").items) == 1


def test_an_expired_token_is_refreshed_once_by_many(world: World) -> None:
    world.at("activated").advance("90m")
    world.ok("mock", "log", "--clear")
    found = together([("status", "--json")] * 8)
    assert [code for code, _out, _err in found] == [0] * 8, found
    refreshes = [entry for entry in world.ok("mock", "log").items if entry["path"] == "/oauth2/token"]
    assert len(refreshes) == 1


@pytest.mark.parametrize("line", ["register", "choose"])
def test_killed_in_the_middle_nothing_is_half_done(embedded: World, line: str) -> None:
    embedded.at("new" if line == "register" else "connected")
    command = ("register", "--from", embedded.person) if line == "register" else ("clinic", "choose", "gp-005", "--yes")
    for pause in (0.1, 0.2, 0.3, 0.4):
        process = start(*command)
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert embedded.ok(*command).item
    assert sound(embedded.home / "state" / "mock.sqlite3")
    assert len(embedded("application", "list", "--json").items) == (0 if line == "register" else 1)


def test_the_server_killed_and_started_again_goes_on(embedded: World, tmp_path: Path) -> None:
    state = tmp_path / "served.sqlite3"

    def serve() -> tuple[subprocess.Popen[bytes], str]:
        process = start("mock", "serve", "--port", "0", "--state", str(state))
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())["url"]

    first, url = serve()
    registered = embedded.at("new")("register", "--from", embedded.person, "--json", env={"EMK_URL": url})
    first.send_signal(signal.SIGKILL)
    first.communicate()
    second, url = serve()
    try:
        again = embedded("login", "--from", embedded.person, "--code-command", CODE, "--json", env={"EMK_URL": url})
        assert again.error["code"] == "not_verified"
        assert embedded("whoami", "--json", env={"EMK_URL": url}).item["id"] == registered.item["id"]
    finally:
        second.terminate()
        second.communicate()
    assert second.returncode == 0


@pytest.mark.parametrize(
    "content", [b"this is no database, and never was one" * 100, b"", b"SQLite format 3\x00" + b"\xff" * 5000]
)
def test_a_damaged_state_is_moved_aside_and_said(embedded: World, content: bytes) -> None:
    state = embedded.at("activated").home / "state" / "mock.sqlite3"
    for journal in state.parent.glob("mock.sqlite3-*"):
        journal.unlink()
    state.write_bytes(content)
    done = embedded("whoami")
    assert done.code in (4, 13)
    kept = list(state.parent.glob("mock.sqlite3.corrupt-*"))
    if content:
        assert "damaged" in done.err
        assert [path.read_bytes() for path in kept] == [content]
        assert str(kept[0]) in done.err
    assert embedded("mock", "clock").code == 0


def test_a_state_damaged_in_the_middle_is_never_read_as_another(embedded: World) -> None:
    state = embedded.at("activated").home / "state" / "mock.sqlite3"
    with closing(sqlite3.connect(state)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(state.read_bytes())
    for page in range(3, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = b"\xa5" * 64
    state.write_bytes(bytes(content))
    done = embedded("card", "labs", "--json")
    assert done.code in (4, 13)
    assert "Traceback" not in done.err
    assert list(state.parent.glob("mock.sqlite3.corrupt-*"))
    assert embedded("mock", "clock").code == 0


def test_a_state_of_a_newer_emk_is_left_alone(embedded: World) -> None:
    state = embedded.at("new").home / "state" / "mock.sqlite3"
    with closing(sqlite3.connect(state)) as db:
        db.execute("PRAGMA user_version = 9999")
    error = embedded.fails(13, "storage", "whoami")
    assert "newer" in error["message"]
    assert state.exists()
    assert not list(state.parent.glob("mock.sqlite3.corrupt-*"))


def test_a_home_that_cannot_be_written(embedded: World, tmp_path: Path) -> None:
    embedded.at("new")
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    for home in (in_the_way, in_the_way / "below", Path("/proc/emk")):
        for line in (
            ("whoami",),
            ("register", "--from", embedded.person),
            ("mock", "clock"),
            ("config", "set", "lang", "ru"),
        ):
            failed = embedded(*line, "--json", env={"EMK_HOME": str(home)})
            assert (failed.code, failed.out, failed.error["code"]) == (13, "", "storage"), line
    assert embedded("--help", env={"EMK_HOME": "/proc/emk"}).code == 0
    assert embedded("config", "list", env={"EMK_HOME": "/proc/emk"}).code == 0
    assert embedded("help", "exit-codes", env={"EMK_HOME": "/proc/emk"}).code == 0


def test_a_session_that_others_may_read_is_narrowed_and_said_once(embedded: World) -> None:
    session = next((embedded.at("activated").home / "state" / "sessions").glob("*.json"))
    session.chmod(0o644)
    first, second = embedded.ok("status"), embedded.ok("status")
    assert [str(session) in warning for warning in first.json["warnings"]] == [True]
    assert second.json["warnings"] == []
    assert session.stat().st_mode & 0o777 == 0o600


def test_a_session_that_cannot_be_read_is_a_login_away(embedded: World) -> None:
    session = next((embedded.at("activated").home / "state" / "sessions").glob("*.json"))
    for content in ("{", "[]", '{"access_token": 1}', ""):
        session.write_text(content)
        embedded.fails(4, "login_required", "status")
    embedded.ok(*embedded.login())
    assert embedded.ok("status").item["status"] == "activated"


def test_marks_that_cannot_be_read_are_begun_anew(embedded: World) -> None:
    embedded.at("activated").ok("card", "labs", "--new")
    marks = list((embedded.home / "state" / "marks").glob("*.json"))
    assert marks
    for mark in marks:
        mark.write_text("{broken")
    assert embedded.ok("card", "labs", "--new").items
    for mark in marks:
        mark.write_text("[1, 2]")
    assert embedded("card", "labs", "--new", "--json").code == 0
    assert embedded("status", "--if-changed").code == 0
