"""What the reading connection keeps is what the state says, whoever writes."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from emkcli.mock.reader import MOST_ROWS, MustWriteError, Reader

ALL = "SELECT name, value FROM things ORDER BY name"
ONE = "SELECT value FROM things WHERE name = ?"


def opened(place: Path) -> Reader:
    return sqlite3.connect(place, isolation_level=None, timeout=1, factory=Reader)


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[tuple[Reader, Reader]]:
    """One that writes and one that reads, on one file."""
    writer = opened(tmp_path / "state.sqlite3")
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("CREATE TABLE things (name TEXT PRIMARY KEY, value INTEGER)")
    reader = opened(tmp_path / "state.sqlite3")
    yield writer, reader
    reader.close()
    writer.close()


def statements(connection: Reader) -> list[str]:
    seen: list[str] = []
    connection.set_trace_callback(seen.append)
    return seen


@pytest.mark.parametrize("seed", range(5))
def test_it_answers_what_stands_there(connections: tuple[Reader, Reader], seed: int) -> None:
    writer, reader = connections
    chance = random.Random(seed)
    for _ in range(200):
        name = chance.choice("abc")
        if chance.random() < 0.4:
            writer.execute("INSERT OR REPLACE INTO things VALUES (?, ?)", (name, chance.randrange(100)))
        elif chance.random() < 0.1:
            writer.execute("DELETE FROM things WHERE name = ?", (name,))
        with reader.reading() as db:
            assert db.execute(ALL).fetchall() == writer.execute(ALL).fetchall()
            assert db.execute(ONE, (name,)).fetchone() == writer.execute(ONE, (name,)).fetchone()
            assert [*db.execute(ALL)] == writer.execute(ALL).fetchall()


def test_what_was_asked_before_costs_one_look(connections: tuple[Reader, Reader]) -> None:
    writer, reader = connections
    writer.execute("INSERT INTO things VALUES ('a', 1)")
    with reader.reading() as db:
        db.execute(ALL).fetchall()
    seen = statements(reader)
    with reader.reading() as db:
        assert db.execute(ALL).fetchall() == [("a", 1)]
    assert seen == ["PRAGMA data_version"]


def test_one_reading_is_of_one_moment(connections: tuple[Reader, Reader]) -> None:
    """What was kept and what is asked now would be of two: then it is done again elsewhere."""
    writer, reader = connections
    with reader.reading() as db:
        db.execute(ALL).fetchall()

    def read_while_it_moves() -> None:
        with reader.reading() as db:
            assert db.execute(ALL).fetchall() == []
            writer.execute("INSERT INTO things VALUES ('a', 1)")
            db.execute(ONE, ("a",))

    with pytest.raises(MustWriteError):
        read_while_it_moves()
    assert not reader.in_transaction
    with reader.reading() as db:
        assert db.execute(ALL).fetchall() == [("a", 1)]
        writer.execute("INSERT INTO things VALUES ('b', 2)")
        assert db.execute(ONE, ("b",)).fetchone() is None
    with reader.reading() as db:
        assert db.execute(ONE, ("b",)).fetchone() == (2,)


def test_changes_of_its_own_are_seen_and_taken_back(tmp_path: Path) -> None:
    """In memory the connection that reads is the one that writes."""
    both = opened(Path(":memory:"))
    both.is_shared = False
    both.execute("CREATE TABLE things (name TEXT PRIMARY KEY, value INTEGER)")
    with both.reading() as db:
        assert db.execute(ALL).fetchall() == []
        db.execute("INSERT INTO things VALUES ('a', 1)")
        assert db.execute(ALL).fetchall() == [("a", 1)]
        db.executemany("INSERT INTO things VALUES (?, ?)", [("b", 2)])
        assert len(db.execute(ALL).fetchall()) == 2

    def deleted_and_failed() -> None:
        with both.reading() as db:
            db.execute("DELETE FROM things")
            assert db.execute(ALL).fetchall() == []
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deleted_and_failed()
    with both.reading() as db:
        assert len(db.execute(ALL).fetchall()) == 2
    both.execute("BEGIN")
    both.execute("DELETE FROM things")
    both.execute("ROLLBACK")
    with both.reading() as db:
        assert len(db.execute(ALL).fetchall()) == 2
    both.close()


def test_long_answers_and_records_are_not_kept(connections: tuple[Reader, Reader]) -> None:
    writer, reader = connections
    writer.executemany("INSERT INTO things VALUES (?, ?)", [(str(n), n) for n in range(MOST_ROWS + 1)])
    for query in (ALL, "SELECT CAST(name AS BLOB) FROM things LIMIT 1"):
        with reader.reading() as db:
            first = db.execute(query).fetchall()
        seen = statements(reader)
        with reader.reading() as db:
            assert db.execute(query).fetchall() == first
        assert query in seen
