"""What happens when virtual time passes: planned in the state, carried out in order before the next request."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from emkcli.mock.clock import iso

if TYPE_CHECKING:
    from sqlite3 import Connection

    from emkcli.mock.exchange import Call

_HANDLERS = {
    "verification_reviewed": "accounts.reviewed",
    "application_taken": "applications.taken",
    "application_decided": "applications.decided",
    "request_taken": "requests.taken",
    "request_done": "requests.done",
}


def plan(db: Connection, at: int, event: str, subject: str) -> None:
    """Something that will happen to the subject; planning it again moves it."""
    cancel(db, event, subject)
    db.execute("INSERT INTO events (at, what, subject) VALUES (?, ?, ?)", (at, event, subject))


def cancel(db: Connection, event: str, subject: str) -> None:
    db.execute("DELETE FROM events WHERE what = ? AND subject = ?", (event, subject))


def settle(call: Call) -> None:
    """Carry out everything that was due by now, each at its own moment; what it plans may be due too."""
    while due := call.db.execute("SELECT * FROM events WHERE at <= ? ORDER BY at, id LIMIT 1", (call.now,)).fetchone():
        # before it happens: what happens may plan the same again
        call.db.execute("DELETE FROM events WHERE id = ?", (due["id"],))
        module, _, name = _HANDLERS[due["what"]].partition(".")
        getattr(import_module(f"emkcli.mock.{module}"), name)(call.at(due["at"]), due["subject"])


def upcoming(db: Connection) -> dict[str, Any] | None:
    """The next thing to happen, for whoever wants to move the clock there."""
    row = db.execute("SELECT at, what FROM events ORDER BY at, id LIMIT 1").fetchone()
    return {"at": iso(row["at"]), "what": row["what"]} if row else None
