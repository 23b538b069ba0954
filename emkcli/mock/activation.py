"""How far a person's connection of the card is: the application that counts, and whether the card is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emkcli.mock.clock import iso
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

    from emkcli.mock.exchange import Call

OPEN = ("draft", "submitted", "in_progress", "activated")


def current(db: Connection, person: str) -> Row | None:
    """The application that counts: the latest, unless it was refused or cancelled."""
    row = latest(db, person)
    return row if row is not None and row["status"] in OPEN else None


def latest(db: Connection, person: str) -> Row | None:
    row: Row | None = db.execute(
        "SELECT * FROM applications WHERE person = ? ORDER BY id DESC LIMIT 1", (person,)
    ).fetchone()
    return row


def is_activated(db: Connection, person: str) -> bool:
    row = latest(db, person)
    return row is not None and row["status"] == "activated"


def require_activated(call: Call, person: str) -> Row:
    """The activated application; 403 `not_activated` with the expected time before that."""
    row = latest(call.db, person)
    if row is not None and row["status"] == "activated":
        return row
    if row is None:
        raise Problem("not_activated")
    expected = iso(row["expected_by"])
    reason = "activation_pending" if expected else None
    raise Problem(
        "not_activated", reason, names={"expected_by": expected}, expected_by=expected, application_status=row["status"]
    )
