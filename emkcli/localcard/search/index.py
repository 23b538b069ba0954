"""The index beside the records: kept in step by triggers, filled by whoever wrote records, or before a search.

An entry's rowid is the day of its record above the record's number, so that the newest come first at no cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import apsw

from emkcli.clinical.dates import span
from emkcli.localcard.search.query import Query
from emkcli.localcard.search.searchable_text import reader
from emkcli.localcard.search.stems import stems
from emkcli.models import CATEGORIES

MOST_RANKED = 5_000
"""Of more hits only the newest are ranked: a word that is nearly everywhere tells nothing about rank."""
_NUMBER, _LAST = (1 << 40) - 1, (1 << 63) - 1
_ROWID = "(CAST(coalesce(julianday(substr({0}.moment, 1, 10)), 0) AS INTEGER) << 40) | {0}.number"
_FITS = "search MATCH ? AND rowid BETWEEN ? AND ?"
_DAY_NOUGHT = 1_721_424
"""The Julian day at whose noon ended the day before Python's first."""
_OPEN_DAYS = 367
"""A date may leave its year open, and a zone its day."""
_TABLES = f"""
CREATE VIRTUAL TABLE search USING fts5(
    title, body, scope, content = '', contentless_delete = 1, prefix = '3', tokenize = "ascii tokenchars '.'"
);
CREATE TABLE search_pending (number INTEGER PRIMARY KEY);
INSERT INTO search_pending SELECT number FROM record;
CREATE TRIGGER search_insert AFTER INSERT ON record BEGIN
    INSERT OR IGNORE INTO search_pending VALUES (new.number);
END;
CREATE TRIGGER search_delete AFTER DELETE ON record BEGIN
    DELETE FROM search WHERE rowid = {_ROWID.format("old")};
    DELETE FROM search_pending WHERE number = old.number;
END;
CREATE TRIGGER search_update AFTER UPDATE ON record BEGIN
    DELETE FROM search WHERE rowid = {_ROWID.format("old")};
    INSERT OR IGNORE INTO search_pending VALUES (new.number);
END;
"""  # noqa: S608
_RECORDS = """
CREATE TABLE record (number INTEGER PRIMARY KEY, person TEXT, id TEXT, category TEXT, moment TEXT, json BLOB)
"""


class _Condition(NamedTuple):
    expression: str
    first: int
    last: int


class Index:
    """The index of the database `db`, which has a table `record`."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    @classmethod
    def in_memory(cls, records: Iterable[tuple[str, str, str, bytes]]) -> Index:
        """Of records (id, category, moment, JSON) that are nowhere else; they never touch a disk."""
        db = apsw.Connection(":memory:")
        db.pragma("temp_store", "memory")
        db.execute(_RECORDS)
        with db:
            db.executemany("INSERT INTO record (person, id, category, moment, json) VALUES ('', ?, ?, ?, ?)", records)
            index = cls(db)
            index.catch_up()
        return index

    @property
    def behind(self) -> bool:
        """Whether records are not indexed yet."""
        made = self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'search_pending'").fetchone()
        return made is None or self._db.execute("SELECT 1 FROM search_pending LIMIT 1").fetchone() is not None

    def catch_up(self) -> None:
        """Index what is not yet; the caller holds a transaction."""
        if not self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'search_pending'").fetchone():
            self._db.execute(_TABLES)
        self._db.executemany("INSERT INTO search (rowid, title, body, scope) VALUES (?, ?, ?, ?)", self._entries())
        self._db.execute("DELETE FROM search_pending")

    def search(
        self,
        query: Query,
        limit: int,
        person: str | None = None,
        categories: Sequence[str] = (),
        dates: tuple[str | None, str | None] = (None, None),
    ) -> tuple[int, Iterator[tuple[str, bytes, float]]]:
        """How many fit, and the best of them: category, JSON and score; equally good ones newest first. Of `dates`
        (since, until) it keeps all that may lie between them, and some at the edges that do not."""
        condition = _Condition(self._expression(query, person, categories), *_places(*dates))
        counted = int(self._db.execute(f"SELECT count(*) FROM search WHERE {_FITS}", condition).get)  # noqa: S608
        total = int(self._db.execute("SELECT coalesce(max(number), 0) FROM record").get)
        # BM25 gives no weight to words that more than half of the records have: then all scores are nought
        alike = counted > MOST_RANKED and counted * 2 > total
        return counted, self._newest(condition, limit) if alike else self._best(condition, limit)

    def _newest(self, condition: _Condition, limit: int) -> Iterator[tuple[str, bytes, float]]:
        sql = f"""SELECT r.category, r.json, 0.0 FROM (
                      SELECT rowid AS place FROM search WHERE {_FITS} ORDER BY rowid DESC LIMIT ?
                  ) AS found CROSS JOIN record r ON r.number = found.place & {_NUMBER}"""  # noqa: S608
        yield from self._db.execute(sql, (*condition, limit))

    def _best(self, condition: _Condition, limit: int) -> Iterator[tuple[str, bytes, float]]:
        sql = f"""SELECT r.category, r.json, found.score FROM (
                      SELECT place, score FROM (
                          SELECT rowid AS place, round(-bm25(search, 4, 1, 0), 3) AS score FROM search
                          WHERE {_FITS} ORDER BY rowid DESC LIMIT ?
                      ) ORDER BY score DESC, place DESC LIMIT ?
                  ) AS found CROSS JOIN record r ON r.number = found.place & {_NUMBER}"""  # noqa: S608
        yield from self._db.execute(sql, (*condition, max(MOST_RANKED, limit), limit))

    def _expression(self, query: Query, person: str | None, categories: Sequence[str]) -> str:
        parts = [f"{{title body}} : ({query.expression})"]
        if person is not None and not self._is_alone(person):
            parts.append(f'scope : "{_whose(person)}"')
        if categories:
            parts.append("scope : (" + " OR ".join(f'"{name}"' for name in categories) + ")")
        return " AND ".join(parts)

    def _is_alone(self, person: str) -> bool:
        """Whether nobody else's records are here; both questions are answered by the records' own index."""
        sql = (
            "SELECT EXISTS (SELECT 1 FROM record WHERE person < ?1) OR EXISTS (SELECT 1 FROM record WHERE person > ?1)"
        )
        return not self._db.execute(sql, (person,)).get

    def _entries(self) -> Iterator[tuple[int, str, str, str]]:
        sql = f"""SELECT {_ROWID.format("r")}, r.person, r.category, r.json
                  FROM search_pending JOIN record r USING (number)"""  # noqa: S608
        for rowid, person, category, content in self._db.execute(sql):
            title, texts = reader(CATEGORIES[category].from_json(content))
            yield rowid, _stems(title), _stems(*texts), f"{_whose(person)} {category}"


def _places(since: str | None, until: str | None) -> tuple[int, int]:
    first, last = (span(date) if date else None for date in (since, until))
    return (
        (first[0].toordinal() + _DAY_NOUGHT - _OPEN_DAYS) << 40 if first else 0,
        (last[1].toordinal() + _DAY_NOUGHT + 2) << 40 if last else _LAST,
    )


def _stems(*texts: str) -> str:
    """A word that stands between texts keeps a phrase from reaching over their ends."""
    return " . ".join(" ".join(stems(text)) for text in texts)


def _whose(person: Any) -> str:
    return "p" + sha256(str(person).encode("utf-8", "replace")).hexdigest()[:16]
