"""A connection that knows whether the state has changed since it last looked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable

MOST = 1000


class Connection(sqlite3.Connection):
    """What was found by it holds until anybody, itself included, changes the state."""

    version: object = None
    found: dict[Hashable, int]

    def forget(self) -> None:
        self.version = None


def once(db: sqlite3.Connection, key: Hashable, find: Callable[[], int]) -> int:
    """What `find` gives, which is asked once for each version of the state."""
    if not isinstance(db, Connection):
        return find()
    version = (db.execute("PRAGMA data_version").fetchone()[0], db.total_changes)
    if version != db.version or len(db.found) > MOST:
        db.version, db.found = version, {}
    if key not in db.found:
        db.found[key] = find()
    return db.found[key]
