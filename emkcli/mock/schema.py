"""The tables of the state, and how an older file becomes a newer one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection

VERSION = 3

_TABLES = """
CREATE TABLE clock (point REAL NOT NULL, real REAL NOT NULL, speed REAL NOT NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE accounts (
    id TEXT PRIMARY KEY, snils TEXT NOT NULL UNIQUE, phone TEXT NOT NULL UNIQUE, trust TEXT NOT NULL,
    data TEXT NOT NULL, verification TEXT NOT NULL, expected_by INTEGER, new_phone TEXT, pins TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE uploads (
    account TEXT, part TEXT, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (account, part)
) WITHOUT ROWID;
CREATE TABLE persons (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, relation TEXT NOT NULL, birth_date TEXT NOT NULL, access_until TEXT,
    data TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE challenges (
    id TEXT PRIMARY KEY, purpose TEXT NOT NULL, method TEXT NOT NULL, subject TEXT NOT NULL, account TEXT, secret TEXT,
    phone TEXT, sent_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX challenges_subject ON challenges (subject, purpose, sent_at);
CREATE TABLE sessions (
    id INTEGER PRIMARY KEY, account TEXT NOT NULL, proven INTEGER NOT NULL, revoked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE tokens (
    hash TEXT PRIMARY KEY, kind TEXT NOT NULL, session INTEGER NOT NULL, expires_at INTEGER NOT NULL, parent TEXT,
    rotated_at REAL, rotation_key TEXT
) WITHOUT ROWID;
CREATE TABLE audited (session INTEGER, person TEXT, at INTEGER NOT NULL, PRIMARY KEY (session, person)) WITHOUT ROWID;
CREATE TABLE consents (
    person TEXT, consent TEXT, version TEXT, sha256 TEXT NOT NULL, method TEXT NOT NULL, accepted_at INTEGER NOT NULL,
    revoked_at INTEGER, receipt TEXT NOT NULL, PRIMARY KEY (person, consent, version)
) WITHOUT ROWID;
CREATE TABLE applications (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, account TEXT NOT NULL, status TEXT NOT NULL, clinic TEXT, doctor TEXT,
    submitted_at INTEGER, expected_by INTEGER, activated_at INTEGER, reason TEXT, history TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX applications_person ON applications (person);
CREATE TABLE requests (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, account TEXT NOT NULL, status TEXT NOT NULL, medicine TEXT NOT NULL,
    comment TEXT, repeats TEXT, created_at INTEGER NOT NULL, doctor TEXT, clinic TEXT, result_id TEXT
) WITHOUT ROWID;
CREATE TABLE transfers (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, account TEXT NOT NULL, clinic TEXT NOT NULL, records TEXT NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER, receipt TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE notifications (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, at INTEGER NOT NULL, channel TEXT NOT NULL, text TEXT NOT NULL,
    names TEXT NOT NULL, contact TEXT, read INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE inbox (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, phone TEXT NOT NULL, text TEXT NOT NULL, code TEXT);
CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL);
CREATE INDEX events_at ON events (at, id);
CREATE TABLE idempotency (
    owner TEXT, key TEXT, digest TEXT NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL, session_for TEXT,
    PRIMARY KEY (owner, key)
) WITHOUT ROWID;
CREATE TABLE faults (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, method TEXT, path TEXT, times INTEGER NOT NULL, after INTEGER NOT NULL,
    seconds REAL NOT NULL
);
CREATE TABLE log (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, status INTEGER NOT NULL,
    request_id TEXT NOT NULL
);
"""

_LOGINS = """
CREATE TABLE keys (private TEXT NOT NULL, certificate TEXT NOT NULL);
CREATE TABLE clients (
    name TEXT PRIMARY KEY, redirects TEXT NOT NULL, certificate BLOB, certificate_hash TEXT
) WITHOUT ROWID;
CREATE TABLE logins (
    id TEXT PRIMARY KEY, door TEXT NOT NULL, client TEXT NOT NULL, request TEXT NOT NULL, began_at INTEGER NOT NULL,
    who TEXT, challenge TEXT, account TEXT, refused TEXT, code TEXT UNIQUE, code_until INTEGER,
    used INTEGER NOT NULL DEFAULT 0, session INTEGER
) WITHOUT ROWID;
CREATE TABLE grants (session INTEGER PRIMARY KEY, client TEXT NOT NULL, scope TEXT NOT NULL);
CREATE TABLE seen_states (client TEXT, state TEXT, PRIMARY KEY (client, state)) WITHOUT ROWID;
CREATE TABLE blocked (account TEXT PRIMARY KEY) WITHOUT ROWID;
"""
"""Since version 2: logins in a browser. Since version 3, in `fhir`: the version of the records."""

_RATES = """
ALTER TABLE faults ADD COLUMN rate REAL NOT NULL DEFAULT 1;
ALTER TABLE faults ADD COLUMN drawn INTEGER NOT NULL DEFAULT 0;
"""
"""Since version 3: faults that strike now and then, and how often they were drawn."""
_BULK = """
CREATE TABLE bulk_exports (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, patients TEXT NOT NULL, request TEXT NOT NULL, begun_at INTEGER NOT NULL,
    ready_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE bulk_files (
    export TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, resources INTEGER NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (export, name)
);
"""
"""Since version 3: exports of the record as Bulk Data."""
_STEPS = {2: _LOGINS, 3: _RATES + _BULK}
"""Version → what it has that the one before has not."""


def version(db: Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def upgrade(db: Connection, seed: int) -> None:
    """Bring the tables to `VERSION`; another process may do the same at the same time."""
    from emkcli.mock import fhir

    db.execute("BEGIN IMMEDIATE")
    try:
        if (old := version(db)) == 0:
            create(db, seed)
        for number in range(old + 1, VERSION + 1) if old else ():
            _run(db, _STEPS[number])
        if old < VERSION:
            _run(db, fhir.SCHEMA)
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise


def create(db: Connection, seed: int) -> None:
    from emkcli.mock import clock, fhir

    _run(db, _TABLES + "".join(_STEPS.values()) + fhir.SCHEMA)
    clock.start(db)
    for name, value in {"seed": seed, "scenario": "happy", "egisz_version": "1"}.items():
        put_setting(db, name, value)
    db.execute(f"PRAGMA user_version = {VERSION}")


def _run(db: Connection, script: str) -> None:
    for statement in _statements(script):
        db.execute(statement)


def _statements(script: str) -> Iterator[str]:
    """One by one: `executescript` would end the transaction."""
    from sqlite3 import complete_statement

    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if complete_statement(pending):
            yield pending
            pending = ""


def erase(db: Connection, seed: int) -> None:
    """Drop every table, then create them anew, within the caller's transaction."""
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
    for (name,) in names:
        db.execute(f'DROP TABLE IF EXISTS "{name}"')
    create(db, seed)


def inherit(db: Connection, parent: Connection) -> None:
    """What a new state takes from another: how the server is set to behave, its scenario and its faults; and nobody in it."""
    for name in ("seed", "scenario", "records"):
        if (value := settings(parent).get(name)) is not None:
            put_setting(db, name, value)
    faults = parent.execute("SELECT id, kind, method, path, times, after, seconds, rate FROM faults").fetchall()
    db.executemany("INSERT OR REPLACE INTO faults VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)", map(tuple, faults))


def settings(db: Connection) -> dict[str, str]:
    return dict(db.execute("SELECT name, value FROM settings").fetchall())


def put_setting(db: Connection, name: str, value: object) -> None:
    db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, str(value)))


def number(db: Connection, counter: str) -> int:
    """The next number of a counter, from 1."""
    row = db.execute(
        "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
        (counter,),
    ).fetchone()
    return int(row[0])
