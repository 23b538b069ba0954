"""The tables of a local card, and how an older file becomes a newer one: each step starts where the one before ended."""

from __future__ import annotations

from collections.abc import Callable

import apsw

_FIRST = """
CREATE TABLE person (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    identity TEXT NOT NULL
);
CREATE TABLE document (
    number INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    file TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    document_id TEXT,
    series TEXT,
    version TEXT,
    date TEXT,
    imported_at TEXT NOT NULL,
    superseded INTEGER NOT NULL DEFAULT 0,
    UNIQUE (person, sha256)
);
CREATE INDEX document_by_series ON document (person, series);
CREATE TABLE piece (
    number INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    id TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES document,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    full_url TEXT,
    date TEXT,
    category TEXT,
    media_type TEXT NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (person, id)
);
CREATE INDEX piece_by_document ON piece (document);
CREATE TABLE record (
    number INTEGER PRIMARY KEY,
    piece INTEGER NOT NULL REFERENCES piece ON DELETE CASCADE,
    person TEXT NOT NULL,
    id TEXT NOT NULL,
    category TEXT NOT NULL,
    moment TEXT NOT NULL,
    json BLOB NOT NULL,
    UNIQUE (person, id)
);
CREATE INDEX record_by_moment ON record (person, category, moment DESC, id);
CREATE INDEX record_by_piece ON record (piece);
"""
_SYNCED = """
ALTER TABLE person ADD COLUMN relation TEXT;
ALTER TABLE person ADD COLUMN access_until TEXT;
ALTER TABLE person ADD COLUMN profile TEXT;
CREATE TABLE new_piece (
    number INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    id TEXT NOT NULL,
    -- null when a server sent it
    document INTEGER REFERENCES document,
    key TEXT NOT NULL,
    type TEXT NOT NULL,
    full_url TEXT,
    date TEXT,
    category TEXT,
    media_type TEXT NOT NULL,
    content BLOB NOT NULL,
    fetched_at TEXT,
    version TEXT,
    updated TEXT,
    -- the sync that saw it last
    run INTEGER,
    UNIQUE (person, id)
);
INSERT INTO new_piece (number, person, id, document, key, type, full_url, date, category, media_type, content)
    SELECT number, person, id, document, key, type, full_url, date, category, media_type, content FROM piece;
DROP TABLE piece;
ALTER TABLE new_piece RENAME TO piece;
CREATE INDEX piece_by_document ON piece (document);
CREATE INDEX piece_by_type ON piece (person, type, updated);
-- the syncs that added and last changed it
ALTER TABLE record ADD COLUMN added INTEGER;
ALTER TABLE record ADD COLUMN changed INTEGER;
CREATE INDEX record_by_run ON record (person, category, added, changed);
-- what a record of another source has too when it is the same one
CREATE TABLE same (
    record INTEGER NOT NULL REFERENCES record ON DELETE CASCADE,
    digest BLOB NOT NULL
);
CREATE INDEX same_of_record ON same (record);
-- which resource speaks of which
CREATE TABLE link (
    source INTEGER NOT NULL REFERENCES piece ON DELETE CASCADE,
    target TEXT NOT NULL
);
CREATE INDEX link_by_source ON link (source);
CREATE INDEX link_by_target ON link (target);
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE run (
    number INTEGER PRIMARY KEY,
    person TEXT NOT NULL,
    started_at TEXT NOT NULL,
    -- null while it runs, or when it was killed
    ended_at TEXT,
    "full" INTEGER NOT NULL DEFAULT 0,
    removed TEXT NOT NULL DEFAULT '{}',
    missing TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE progress (
    person TEXT NOT NULL,
    type TEXT NOT NULL,
    -- the newest change known, once all of the type was fetched; empty when there is none
    mark TEXT,
    ordered INTEGER NOT NULL DEFAULT 0,
    settled INTEGER NOT NULL DEFAULT 0,
    etag TEXT,
    -- a way through the whole type that has not ended: the run it began with, the change it has come to
    walk INTEGER,
    cursor TEXT,
    -- the run that is through with the type
    done INTEGER,
    PRIMARY KEY (person, type)
) WITHOUT ROWID;
"""
_REREAD = """
-- the reader that made the records of a document, or of a synced card
ALTER TABLE document ADD COLUMN reader INTEGER NOT NULL DEFAULT 0;
ALTER TABLE person ADD COLUMN reader INTEGER NOT NULL DEFAULT 0;
-- what was once held for sorted may have hidden changes: the next sync asks for everything
UPDATE progress SET mark = NULL, ordered = 0, etag = NULL, walk = NULL, cursor = NULL;
"""
_ACCOUNTED = """
-- where its resources or statements are, as JSON: [[type, place, number], …]; null where its type and list tell
ALTER TABLE piece ADD COLUMN placements TEXT;
-- what of it is in no piece and was not read, as JSON: [[type, number], …]
ALTER TABLE document ADD COLUMN unread TEXT;
CREATE INDEX piece_by_place ON piece (person, media_type, type, category, placements, document);
-- a result may be in a panel of a panel
UPDATE record SET json = CAST(json_set(CAST(json AS TEXT), '$.panel', json(CASE json_type(CAST(json AS TEXT), '$.panel')
    WHEN 'text' THEN json_array(json_extract(CAST(json AS TEXT), '$.panel')) ELSE '[]' END)) AS BLOB)
    WHERE category = 'labs' AND coalesce(json_type(CAST(json AS TEXT), '$.panel'), '') != 'array';
"""


def _first(db: apsw.Connection) -> None:
    db.execute(_FIRST)


def _synced(db: apsw.Connection) -> None:
    from emkcli.localcard.fingerprints import note_all

    db.execute(_SYNCED)
    note_all(db)


def _reread(db: apsw.Connection) -> None:
    db.execute(_REREAD)


def _accounted(db: apsw.Connection) -> None:
    from emkcli.localcard.stored_placements import note_all

    db.execute(_ACCOUNTED)
    note_all(db)


STEPS: tuple[Callable[[apsw.Connection], None], ...] = (_first, _synced, _reread, _accounted)
VERSION = len(STEPS)
READER = 6
"""Goes up when more is read from the same bytes: then what is kept is read anew."""


def upgrade(db: apsw.Connection) -> None:
    """Bring the tables to `VERSION`, inside the caller's transaction."""
    for step in STEPS[db.pragma("user_version") :]:
        step(db)
    db.pragma("user_version", VERSION)
