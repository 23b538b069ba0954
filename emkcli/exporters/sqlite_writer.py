"""The card as one SQLite database: a table for each list, and in it what every column means and what is missing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from typing import Any

from emkcli import __version__, errors
from emkcli.exporters import tables
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.tables import BOOLEAN, NUMBER, Column
from emkcli.exporters.targets import Output, Writable
from emkcli.locale import _
from emkcli.models import Missing

VERSION = 1
INDEXES = {
    "labs": ("code, day", "analyte, day"),
    "vitals": ("code, day",),
    "diagnoses": ("code",),
    "prescriptions": ("status, expires_on",),
}
_TYPES = {NUMBER: "REAL", BOOLEAN: "BOOLEAN"}
_ABOUT = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE missing (what TEXT NOT NULL, why TEXT NOT NULL);
CREATE TABLE _columns ("table" TEXT NOT NULL, "column" TEXT NOT NULL, type TEXT NOT NULL, meaning TEXT NOT NULL,
    PRIMARY KEY ("table", "column")) WITHOUT ROWID;
"""


def write(job: ExportJob, output: Writable) -> None:
    """Built in the file itself where there is one; for a stream, or to be encrypted, in memory."""
    path = output.path if isinstance(output, Output) else None
    try:
        with closing(sqlite3.connect(path or ":memory:", isolation_level=None)) as db:
            _fill(db, job)
            if path is None:
                output.write(db.serialize())
    except sqlite3.OperationalError as cause:
        raise errors.Storage(_("The database cannot be written: {why}").format(why=cause)) from cause
    if isinstance(output, Output) and path is not None:
        output.built(path)


def _fill(db: sqlite3.Connection, job: ExportJob) -> None:
    """Nothing beside the file: no journal (an unfinished file is thrown away), no temporary tables on the disk."""
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY", f"user_version = {VERSION}"):
        db.execute(f"PRAGMA {pragma}")
    db.executescript(_ABOUT)
    db.execute("BEGIN")
    for category in job.names:
        _create(db, category)
        for record in job.records(category):
            _insert(db, job, category, record)
    db.executemany("INSERT INTO about VALUES (?, ?)", _about(job))
    db.executemany("INSERT INTO missing VALUES (?, ?)", [(part.what, part.why) for part in job.lacking])
    db.execute("COMMIT")


def _create(db: sqlite3.Connection, category: str) -> None:
    """Indexes come before the rows: made afterwards they would have to sort them somewhere."""
    columns = tables.columns(category)
    typed = (f'"{column.name}" {_sql(column)}{" PRIMARY KEY" if column.name == "id" else ""}' for column in columns)
    db.execute(f"CREATE TABLE {category} ({', '.join(typed)})")
    for number, fields in enumerate(("day", *INDEXES.get(category, ()))):
        db.execute(f"CREATE INDEX {category}_{number + 1} ON {category} ({fields})")
    descriptions = [(category, column.name, _sql(column), column.meaning + _form(column)) for column in columns]
    db.executemany("INSERT INTO _columns VALUES (?, ?, ?, ?)", descriptions)


def _insert(db: sqlite3.Connection, job: ExportJob, category: str, record: Any) -> None:
    """A record that comes twice stands there once; another one of the same id is told as missing."""
    row = [_value(value) for value in tables.values(record, category)]
    marks = ", ".join("?" * len(row))
    if db.execute(f"INSERT OR IGNORE INTO {category} VALUES ({marks})", row).rowcount:  # noqa: S608
        return
    stored = db.execute(f"SELECT * FROM {category} WHERE id = ?", (record.id,)).fetchone()  # noqa: S608
    if stored != tuple(row):
        job.lacks(Missing(what=str(record.id), why=_("another record has the same id")))


def _sql(column: Column) -> str:
    return _TYPES.get(str(column.type), "TEXT")


def _form(column: Column) -> str:
    return " (JSON, see json_each)" if isinstance(column.type, tuple) else ""


def _value(value: Any) -> Any:
    """Lists are JSON text: a record stays one row, and `json_each` of SQLite itself takes it apart."""
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, bool):
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def _about(job: ExportJob) -> Iterator[tuple[str, str | None]]:
    person = job.envelope.get("person") or {}
    facts = {
        **job.envelope,
        "person": None,
        "person_id": person.get("id"),
        "person_name": person.get("name"),
        "schema_version": VERSION,
        "emk_version": __version__,
        "since": job.query.since,
        "until": job.query.until,
        "changed_since": job.query.updated_since,
        "categories": ", ".join(job.names),
        "complete": job.complete,
    }
    for name, value in facts.items():
        if value is not None:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
