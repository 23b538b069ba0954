"""The card as a SQLite database: typed, told column by column, nothing left out without a word."""

from __future__ import annotations

import io
import json
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emkcli import errors, models
from emkcli.api.ports import Card, CardQuery
from emkcli.exporters import tables
from tests.exporters.running import export_card
from tests.invented import Server, lab, quantity

ALL = CardQuery()
ENVELOPE = {"backend": "fhir", "demo": False, "profile": "default", "person": {"id": "p1", "name": "Пробная Анна"}}


def rows(content: Path | bytes, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(content if isinstance(content, Path) else ":memory:")) as db:
        if isinstance(content, bytes):
            db.deserialize(content)
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return db.execute(sql).fetchall()


class Given(Card):
    """A card of given records."""

    def __init__(self, **lists: list[Any]) -> None:
        self._lists = lists

    def person(self, person: str | None = None) -> models.Person:
        return models.Person(id="p", name="П", relation="self")

    def labs(self, query: CardQuery) -> Any:
        return iter(self._lists.get("labs", ()))

    def visits(self, query: CardQuery) -> Any:
        return iter(self._lists.get("visits", ()))


@pytest.fixture
def server() -> Server:
    return Server(
        lab("a", quantity("5.40"), effectiveDateTime="2026-03-01T01:30:00+03:00", status="amended"),
        lab("b", quantity("6"), effectiveDateTime="2015-03"),
        {"resourceType": "Condition", "id": "d", "code": {"text": "'; DROP TABLE labs; --"}},
    )


def test_read_back(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "card.db"
    result = export_card(server.card(), ALL, "sqlite", str(target), envelope=ENVELOPE)
    assert result.complete
    assert target.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.db", "card.db.manifest.json"]
    found = rows(target, "SELECT id, value, value_number, unit, status, day, moment, source FROM labs")
    assert found == [
        ("Observation/a", "5.40", 5.4, "ммоль/л", "amended", "2026-03-01", "2026-02-28T22:30:00Z", "server"),
        ("Observation/b", "6", 6.0, "ммоль/л", "final", None, None, "server"),
    ]
    assert rows(target, "SELECT display FROM diagnoses") == [("'; DROP TABLE labs; --",)]
    about = dict(rows(target, "SELECT * FROM about"))
    assert (about["person_id"], about["person_name"], about["complete"]) == ("p1", "Пробная Анна", "true")
    assert rows(target, "SELECT * FROM missing") == []


def test_every_column_is_told(server: Server, tmp_path: Path) -> None:
    target = tmp_path / "card.db"
    export_card(server.card(), ALL, "sqlite", str(target))
    for category in tables.CATEGORIES:
        there = {name for _, name, *_ in rows(target, f"PRAGMA table_info({category})")}
        told = {name for (name,) in rows(target, f'SELECT "column" FROM _columns WHERE "table" = \'{category}\'')}
        assert there == told
        plan = rows(target, f"EXPLAIN QUERY PLAN SELECT * FROM {category} WHERE day >= '2026-01-01'")
        assert "INDEX" in plan[0][3]


def test_lists_are_json_that_sqlite_takes_apart() -> None:
    diagnoses = [models.Coding(code="J06.9", display="ОРВИ"), models.Coding(code="I10")]
    card = Given(visits=[models.Visit(id="v", date="2026-01-02", diagnoses=diagnoses)])
    out = io.BytesIO()
    export_card(card, ALL, "sqlite", "-", categories=["visits"], stdout=out)
    sql = "SELECT v.id, d.value ->> 'code' FROM visits v, json_each(v.diagnoses) d"
    assert rows(out.getvalue(), sql) == [("v", "J06.9"), ("v", "I10")]
    assert rows(out.getvalue(), "SELECT count(*) FROM sqlite_master WHERE name = 'labs'") == [(0,)]


def test_a_record_that_comes_twice(tmp_path: Path) -> None:
    one, other = models.LabResult(id="x", value="1"), models.LabResult(id="x", value="2")
    result = export_card(Given(labs=[one, one]), ALL, "sqlite", str(tmp_path / "a"), categories=["labs"])
    assert result.complete
    assert rows(tmp_path / "a", "SELECT id, value FROM labs") == [("x", "1")]
    result = export_card(Given(labs=[one, other]), ALL, "sqlite", str(tmp_path / "b"), categories=["labs"])
    assert not result.complete
    assert [part.what for part in result.missing] == ["x"]
    assert rows(tmp_path / "b", "SELECT what FROM missing") == [("x",)]


def test_what_could_not_be_read_is_told_inside(server: Server, tmp_path: Path) -> None:
    server.failing = {"Condition": 500}
    assert not export_card(server.card(), ALL, "sqlite", str(tmp_path / "x")).complete
    assert [what for what, _why in rows(tmp_path / "x", "SELECT * FROM missing")] == ["diagnoses"]
    assert dict(rows(tmp_path / "x", "SELECT * FROM about"))["complete"] == "false"


@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_text_comes_back(texts: list[str]) -> None:
    card = Given(labs=[models.LabResult(id=str(n), value=one) for n, one in enumerate(texts)])
    out = io.BytesIO()
    export_card(card, ALL, "sqlite", "-", categories=["labs"], stdout=out)
    clean = [one.encode("utf-8", "replace").decode() for one in texts]
    assert [value for (value,) in rows(out.getvalue(), "SELECT value FROM labs ORDER BY rowid")] == clean


LARGE = """
import sys
sys.dont_write_bytecode = True  # CPython before 3.14 leaves half a .pyc where the disk ends
from emkcli import errors
from tests.exporters.running import export_card
from emkcli.api.ports import CardQuery
from tests.exporters.test_sqlite_writer import Given, models
card = Given(labs=[models.LabResult(id=str(n), value="x" * 500) for n in range(2000)])
try:
    export_card(card, CardQuery(), sys.argv[1], sys.argv[2], categories=["labs"])
except errors.Storage as cause:
    print("storage", cause)
"""


@pytest.mark.parametrize("form", ["sqlite", "json"])
def test_no_room(tmp_path: Path, form: str) -> None:
    """A limit on the size of files stands for the full disk: the system refuses the write in the same place."""
    done = subprocess.run(
        [sys.executable, "-c", LARGE, form, str(tmp_path / "out" / "x")],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("storage "), done.stdout + done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_a_directory_without_permission(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("emkcli.exporters.targets.files.os.open", refused)
    for form in ("sqlite", "parquet"):
        with pytest.raises(errors.Storage, match="Permission denied"):
            export_card(server.card(), ALL, form, str(tmp_path / form))


def test_the_manifest_counts(server: Server, tmp_path: Path) -> None:
    result = export_card(server.card(), ALL, "sqlite", str(tmp_path / "x"))
    note = json.loads(Path(str(result.manifest)).read_bytes())
    assert note["records"] == {"labs": 2, "diagnoses": 1}
    assert note["files"][0]["bytes"] == (tmp_path / "x").stat().st_size
