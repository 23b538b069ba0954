"""A snapshot is the whole state: loading it gives that very state, and anything else is refused with nothing changed."""

from __future__ import annotations

import json
import random
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from emkcli.mock import schema, snapshots
from emkcli.mock.application import Mock, open_mock
from tests.conftest import Emk, login

from .conftest import START
from .person import Person, in_process


@pytest.fixture
def another() -> Iterator[Person]:
    """A mock of another world, where somebody is already."""
    mock = open_mock(":memory:", seed=9, speed=0)
    person = in_process(mock)
    person.seeded("verified")
    yield person
    person.close()
    mock.close()


def saved(person: Person) -> bytes:
    answer = person.http.get("/mock/state").raise_for_status()
    assert answer.headers["content-type"] == "application/jsonl"
    return answer.content


def loaded(person: Person, content: bytes) -> httpx.Response:
    return person.http.put("/mock/state", content=content, headers={"Content-Type": "application/jsonl"})


def sealed(lines: list[bytes]) -> bytes:
    """Lines with the last one that belongs to them."""
    content = b"".join(lines)
    end = {"rows": len(lines) - 1, "sha256": sha256(content).hexdigest()}
    return content + json.dumps(end).encode() + b"\n"


def _steps(someone: Person, chance: random.Random) -> None:
    """Somebody lives in it, by chance."""
    http = someone.http
    deeds: tuple[Callable[[], object], ...] = (
        lambda: http.post("/mock/seed", json={"state": chance.choice(("verified", "activated"))}),
        lambda: http.put(f"/api/v1/services/{chance.choice(('oms-policy', 'sick-leave'))}/pin"),
        lambda: http.post("/mock/clock", json={"advance": chance.randrange(10**6)}),
        lambda: http.put("/mock/scenario", json={"name": chance.choice(("refusal", "new-consent", "empty-card"))}),
        lambda: http.post("/mock/faults", json={"kind": "slow", "seconds": 0.25, "path": "/nothing"}),
        lambda: http.get("/oauth2/jwks"),
        lambda: http.post("/oauth2/challenges", json={"method": "sms", "login": "+79000000101"}),
        lambda: http.delete("/mock/log"),
        lambda: http.get("/api/v1/applications"),
    )
    someone.seeded(chance.choice(("registered", "verified", "activated")))
    for _turn in range(6):
        chance.choice(deeds)()


@pytest.mark.parametrize("turn", range(8))
def test_what_is_loaded_is_what_was_saved(someone: Person, another: Person, turn: int) -> None:
    _steps(someone, random.Random(turn))
    snapshot = saved(someone)
    assert saved(another) != snapshot
    answer = loaded(another, snapshot).raise_for_status()
    assert answer.json()["rows"] == snapshot.count(b"\n") - 2
    assert answer.headers["date"] == someone.http.get("/healthz").headers["date"]
    assert saved(another) == snapshot == saved(someone)
    another.use(someone.tokens)
    for path in ("/api/v1/applications", "/api/v1/notifications", "/fhir/R4/Observation?_count=5", "/mock/inbox"):
        here, there = (person.http.get(path) for person in (someone, another))
        assert (here.status_code, _without_ids(here)) == (there.status_code, _without_ids(there))


def _without_ids(answer: httpx.Response) -> Any:
    return {name: value for name, value in answer.json().items() if name not in ("request_id", "meta")}


def test_a_session_goes_on_and_one_begun_later_is_gone(someone: Person) -> None:
    someone.seeded()
    before, snapshot = dict(someone.tokens), saved(someone)
    someone.seeded()
    later = dict(someone.tokens)
    assert before["access_token"] != later["access_token"]
    for token in before.values():
        assert str(token).encode() not in snapshot or len(str(token)) < 30
    loaded(someone, snapshot).raise_for_status()
    someone.use(later)
    assert someone.http.get("/api/v1/account").json()["code"] == "session_lost"
    someone.use(before)
    assert someone.http.get("/api/v1/account").status_code == 200


def test_the_private_key_stays_at_its_server(someone: Person, another: Person) -> None:
    keys = [person.http.get("/oauth2/jwks").json() for person in (someone, another)]
    assert keys[0] != keys[1]
    snapshot = saved(someone)
    assert b"PRIVATE" not in snapshot
    loaded(another, snapshot).raise_for_status()
    assert another.http.get("/oauth2/jwks").json() == keys[1]


def test_time_goes_on_from_the_moment_of_the_snapshot(someone: Person, another: Person) -> None:
    someone.clock(set=START)
    someone.clock(speed=3600)
    head = json.loads(saved(someone).partition(b"\n")[0])
    assert (head["now"][:10], head["speed"]) == (START[:10], 3600)
    snapshot = saved(someone)
    saved_at = json.loads(snapshot.partition(b"\n")[0])["now"]
    another.clock(speed=10**9)
    assert loaded(another, snapshot).json()["now"] >= saved_at
    clock = another.http.get("/mock/clock").json()
    assert (clock["now"][:10], clock["speed"]) == (START[:10], 3600)


def _damaged(snapshot: bytes) -> Iterator[tuple[str, str, bytes]]:
    """What it is, the reason it is refused for, and the content."""
    lines = snapshot.splitlines(keepends=True)
    head = json.loads(lines[0])
    for name, foreign in {
        "nothing": b"",
        "a picture": b"\x89PNG\r\n\x1a\n\x00\x00",
        "a bundle": b'{"resourceType": "Bundle", "version": 2}\n',
        "a list": b"[1]\n",
        "deep": b"[" * 100_000,
        "SQLite": b"SQLite format 3\x00" + b"\0" * 100,
        "of no version": json.dumps(head | {"version": None}).encode() + b"\n" + b"".join(lines[1:]),
        "of version 0": json.dumps(head | {"version": 0}).encode() + b"\n" + b"".join(lines[1:]),
        "another's": sealed([json.dumps(head | {"format": "emk"}).encode() + b"\n", *lines[1:-1]]),
    }.items():
        yield name, "snapshot_foreign", foreign
    newer = json.dumps(head | {"version": schema.VERSION + 1}).encode() + b"\n"
    yield "newer", "snapshot_newer", sealed([newer, *lines[1:-1]])
    yield "newer, and otherwise ended", "snapshot_newer", newer + b"something else"
    for cut in (
        len(lines[0]),
        len(lines[0]) + 1,
        len(snapshot) // 2,
        len(snapshot) - len(lines[-1]),
        len(snapshot) - 9,
    ):
        yield f"cut at {cut}", "snapshot_damaged", snapshot[:cut]
    yield "without a line", "snapshot_damaged", b"".join([*lines[:5], *lines[6:]])
    yield "with a line twice", "snapshot_damaged", b"".join([*lines[:5], lines[4], *lines[5:]])
    yield "with a changed byte", "snapshot_damaged", snapshot.replace(b"+79000000101", b"+79000000102", 1)
    odd: dict[str, Any] = {
        "no row": {"table": "accounts"},
        "an empty row": {"table": "accounts", "row": {}},
        "an unknown table": {"table": "sqlite_master", "row": {"name": "x"}},
        "the key": {"table": "keys", "row": {"private": "x", "certificate": "x"}},
        "an unknown column": {"table": "settings", "row": {"name": "x", "value": "y", "more": "z"}},
        "SQL": {"table": "settings; DROP TABLE settings", "row": {"name": "x"}},
        "SQL for a column": {"table": "settings", "row": {"name) VALUES (1); --": "x"}},
        "too little": {"table": "accounts", "row": {"id": "x"}},
        "the same again": json.loads(lines[1]),
        "a list": {"table": "settings", "row": {"name": "x", "value": [1]}},
        "no base64": {"table": "settings", "row": {"name": "x", "value": {"base64": "?"}}},
        "a boolean": {"table": "settings", "row": {"name": "x", "value": True}},
        "half a surrogate pair": {"table": "settings", "row": {"name": "x", "value": "\ud800"}},
        "a number beyond 64 bits": {"table": "settings", "row": {"name": "x", "value": 2**70}},
    }
    for name, line in odd.items():
        yield name, "snapshot_damaged", sealed([*lines[:-1], json.dumps(line).encode() + b"\n"])
    yield "no settings", "snapshot_damaged", sealed([line for line in lines[:-1] if b'"settings"' not in line])
    for name, change in {"no moment": {"now": None}, "no time": {"now": "soon"}, "no pace": {"speed": "x"}}.items():
        yield name, "", sealed([json.dumps(head | change).encode() + b"\n", *lines[1:-1]])


def test_whatever_else_it_is_it_is_refused_and_nothing_is_lost(someone: Person, another: Person) -> None:
    someone.seeded("verified")
    before = saved(another)
    seen = set()
    for what, reason, content in _damaged(saved(someone)):
        answer = loaded(another, content)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input"), what
        assert not reason or answer.json()["reason"] == reason, what
        assert saved(another) == before, what
        seen.add(reason)
    assert len(seen) == 4


def test_a_newer_one_is_refused_by_name(someone: Person) -> None:
    head = {"format": snapshots.FORMAT, "version": 42, "now": START, "speed": 0}
    detail = loaded(someone, sealed([json.dumps(head).encode() + b"\n"])).json()["detail"]
    assert "version 42" in detail
    assert f"up to {schema.VERSION}" in detail


def test_an_older_one_is_read(someone: Person, another: Person) -> None:
    someone.seeded()
    someone.http.post("/mock/blocked", json={"phone": "+79000000101", "blocked": True})
    snapshot = saved(someone)
    since_2 = (b'"blocked"', b'"clients"', b'"logins"', b'"grants"', b'"seen_states"')
    lines = [
        line
        for line in snapshot.splitlines(keepends=True)[:-1]
        if not line.startswith(tuple(b'{"table": ' + name for name in since_2))
    ]
    assert len(lines) == snapshot.count(b"\n") - 2
    lines[0] = json.dumps(json.loads(lines[0]) | {"version": 1}).encode() + b"\n"
    assert loaded(another, sealed(lines)).raise_for_status().json()["version"] == 1
    again = saved(another).splitlines(keepends=True)
    assert again[1:-1] == lines[1:]
    assert json.loads(again[0])["version"] == schema.VERSION


def test_one_that_is_larger_than_any_other_body_is_read(someone: Person) -> None:
    someone.http.post("/mock/reset", json={"records": 2500})
    someone.seeded()
    snapshot = saved(someone)
    assert len(snapshot) > 5 * 2**20
    someone.http.post("/mock/reset", json={})
    assert loaded(someone, snapshot).status_code == 200
    assert saved(someone) == snapshot
    assert someone.http.post("/mock/seed", content=snapshot).status_code == 413


def test_there_is_an_end_to_how_large(someone: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    before = saved(someone)
    monkeypatch.setattr(snapshots, "LARGEST", len(before) - 1)
    for answer in (loaded(someone, before), someone.http.get("/mock/state")):
        assert (answer.status_code, answer.json()["reason"]) == (413, "snapshot_large")
    monkeypatch.setattr(snapshots, "LARGEST", len(before))
    assert loaded(someone, before).status_code == 200


_LOADING = """
import itertools, sys
import httpx
from pathlib import Path
from emkcli.mock.application import open_mock
mock = open_mock(sys.argv[1])
client = httpx.Client(transport=httpx.WSGITransport(app=mock), base_url="http://embedded")
for snapshot in itertools.cycle([Path(name).read_bytes() for name in sys.argv[2:]]):
    print(client.put("/mock/state", content=snapshot).raise_for_status().status_code, flush=True)
"""


def test_a_load_that_is_killed_is_done_or_not_begun(someone: Person, another: Person, tmp_path: Path) -> None:
    someone.seeded()
    contents = {saved(someone), saved(another)}
    files = [tmp_path / "one", tmp_path / "other"]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    chance, found = random.Random(1), []
    for _turn in range(6):
        line = [sys.executable, "-c", _LOADING, str(tmp_path / "mock.sqlite3"), *map(str, files)]
        with subprocess.Popen(line, stdout=subprocess.PIPE) as loading:
            assert loading.stdout
            for _load in range(chance.randrange(1, 6)):
                assert loading.stdout.readline() == b"200\n"
            loading.kill()
        mock: Mock = open_mock(tmp_path / "mock.sqlite3")
        person = in_process(mock)
        found.append(saved(person))
        person.close()
        mock.close()
    assert set(found) <= contents


def _served(emk: Emk, *line: str, url: str = "", stdin: bytes = b"") -> Any:
    done = emk("mock", *line, "--json", stdin=stdin, env={"EMK_URL": url} if url else {})
    assert done.code == 0, done.err
    return done


def test_a_file_goes_from_the_embedded_mock_to_a_server_and_to_a_tenant(emk: Emk, tmp_path: Path) -> None:
    snapshot, again = tmp_path / "snapshot.jsonl", tmp_path / "again.jsonl"
    phone = _served(emk, "seed").item["phone"]
    _served(emk, "clock", "speed", "0")
    login(emk, phone)
    status = emk("status", "--json").item
    item = _served(emk, "state", "save", str(snapshot)).item
    assert (item["path"], item["bytes"]) == (str(snapshot), snapshot.stat().st_size)
    assert item["sha256"] == sha256(snapshot.read_bytes()).hexdigest()
    assert stat.S_IMODE(snapshot.stat().st_mode) == 0o600
    token = next(tmp_path.rglob("sessions/*.json")).read_text()
    assert json.loads(token)["access_token"].encode() not in snapshot.read_bytes()
    server = subprocess.Popen([sys.executable, "-m", "emkcli", "mock", "serve"], stdout=subprocess.PIPE, text=True)
    with server:
        assert server.stdout
        root = json.loads(server.stdout.readline())["url"]
        for url in (root, f"{root}/t/job"):
            _served(emk, "state", "load", str(snapshot), url=url)
            given = {"EMK_URL": url, "EMK_TOKEN": json.loads(token)["access_token"]}
            assert emk("status", "--json", env=given).item == status
            _served(emk, "state", "save", str(again), "--force", url=url)
            lines = [file.read_bytes().splitlines() for file in (snapshot, again)]
            logged = [[line for line in of if b'"table": "log"' not in line][:-1] for of in lines]
            assert logged[0] == logged[1]
        server.terminate()


def test_by_standard_output_and_input(emk: Emk, process: Emk) -> None:
    _served(emk, "seed", "--state", "registered")
    _served(emk, "clock", "speed", "0")
    piped = process("mock", "state", "save", "-")
    assert (piped.code, piped.err) == (0, "")
    assert json.loads(piped.out.partition("\n")[0])["format"] == "emk mock state"
    emk("mock", "reset", "--yes")
    assert process("mock", "state", "load", "-", stdin=piped.out).code == 0
    assert process("mock", "state", "save", "-").out == piped.out


def test_what_is_refused_on_the_command_line(emk: Emk, tmp_path: Path) -> None:
    file = tmp_path / "snapshot.jsonl"
    _served(emk, "state", "save", str(file))
    content = file.read_bytes()
    taken = emk("mock", "state", "save", str(file), "--json")
    assert (taken.code, taken.error["code"]) == (6, "exists")
    assert file.read_bytes() == content
    file.write_bytes(content[:-20])
    for name, code, slug in ((str(file), 2, "invalid_input"), (str(tmp_path / "none"), 2, "invalid_input")):
        run = emk("mock", "state", "load", name, "--json")
        assert (run.code, run.out, run.error["code"]) == (code, "", slug)
    shutil.copy(__file__, tmp_path / "foreign")
    foreign = emk("mock", "state", "load", str(tmp_path / "foreign"), "--json")
    assert (foreign.code, foreign.error["code"]) == (2, "invalid_input")
    local = emk(
        "mock", "state", "save", str(tmp_path / "x"), "--backend", "fhir", "--url", "https://127.0.0.1:1", "--json"
    )
    assert (local.code, local.error["code"]) == (11, "unsupported")
    assert not (tmp_path / "x").exists()


def _rewritten(snapshot: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A snapshot whose rows somebody has changed, with the sum that belongs to it."""
    head, *rows, _ = snapshot.splitlines(keepends=True)
    values = [json.loads(row) for row in rows]
    for value in values:
        change(value)
    return sealed([head, *(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)])


def test_a_page_that_was_read_before_is_not_shown_after(someone: Person) -> None:
    someone.seeded()
    before = someone.get("/fhir/R4/Condition")["entry"][0]["resource"]

    def change(value: dict[str, Any]) -> None:
        if value["table"] == "fhir_resource" and value["row"]["id"] == before["id"]:
            resource = json.loads(value["row"]["json"]["utf8"]) | {"note": [{"text": "другое"}]}
            value["row"]["json"] = {"utf8": json.dumps(resource)}

    assert loaded(someone, _rewritten(saved(someone), change)).status_code == 200
    after = someone.get("/fhir/R4/Condition")["entry"][0]["resource"]
    assert (after["id"], after["note"]) == (before["id"], [{"text": "другое"}])


@pytest.mark.parametrize(("table", "column"), [("fhir_resource", "json"), ("accounts", "data")])
def test_what_is_no_json_within_is_damaged(someone: Person, table: str, column: str) -> None:
    someone.seeded()
    whole = saved(someone)

    def change(value: dict[str, Any]) -> None:
        if value["table"] == table:
            value["row"][column] = {"utf8": "{"} if column == "json" else "{"

    assert loaded(someone, _rewritten(whole, change)).status_code == 400
    assert someone.get("/fhir/R4/Observation", _summary="count")["total"] > 0


def test_a_snapshot_of_the_version_before_is_whole(someone: Person) -> None:
    """It has neither the tables nor the columns that came since."""
    someone.seeded()
    head, *rows, _ = saved(someone).splitlines(keepends=True)
    old = json.loads(head) | {"version": 2}
    kept = [row for row in rows if json.loads(row)["table"] not in ("bulk_exports", "bulk_files", "fhir_version")]
    assert loaded(someone, sealed([json.dumps(old).encode() + b"\n", *kept])).status_code == 200
    assert someone.get("/fhir/R4/Observation")["total"] > 0
