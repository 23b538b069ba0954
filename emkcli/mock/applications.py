"""Applications for the card: drafted, submitted with a clinic, taken, decided; the clock decides when."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from emkcli.mock import chance, clock, consents, events, family, notifications, schema
from emkcli.mock.clock import HOUR, iso
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem
from emkcli.mock.texts import PORTAL, STATUS_NAMES, text

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

    from emkcli.mock.clinics import Clinic

WAITING = ("submitted", "in_progress")
_SERVICE = {"id": consents.SERVICE, "name": "Электронная медицинская карта"}


def applications(call: Call) -> Reply:
    person = family.chosen(call)
    rows = call.db.execute("SELECT * FROM applications WHERE person = ? ORDER BY id DESC", (person["id"],)).fetchall()
    items = [shown(call, row, person) for row in rows]
    return answer({"person": family.named(person), "items": items, "total": len(items), "next": None})


def application(call: Call) -> Reply:
    return answer(shown(call, _own(call)))


def cancel(call: Call) -> Reply:
    row = _own(call)
    if row["status"] in ("activated", "refused"):
        raise Problem("conflict", "already_activated" if row["status"] == "activated" else "already_decided")
    if row["status"] != "cancelled":
        forget_plans(call, row["id"])
        move_on(call, row["id"], "cancelled", expected_by=None)
        _tell(call, row["id"], "note.cancelled", notifications.support())
    return answer(shown(call, _own(call)))


def draft(call: Call, person: Row) -> str:
    number = schema.number(call.db, "applications") + chance.draw(100, 900, call.seed, "applications")
    name = f"{clock.moment(call.now).year}-{number:07d}"
    history = json.dumps([_step(call.now, "draft", None)], ensure_ascii=False)
    call.db.execute(
        "INSERT INTO applications (id, person, account, status, history) VALUES (?, ?, ?, 'draft', ?)",
        (name, person["id"], person["account"], history),
    )
    return name


def submit(call: Call, name: str, clinic: Clinic, *, fast: bool) -> None:
    """Send a draft that has its clinic: decided in 24–48 h, in 4–12 h when the physician is known."""
    due = call.now + decision_in(call, name, fast=fast)
    taken = call.now + chance.draw(1 * HOUR, (3 if fast else 6) * HOUR, call.seed, name, "taken")
    move_on(call, name, "submitted", submitted_at=call.now, expected_by=call.now + (12 if fast else 48) * HOUR)
    events.plan(call.db, taken, "application_taken", name)
    events.plan(call.db, due, "application_decided", name)
    _tell(call, name, "note.submitted", notifications.registry(clinic.name, clinic.phone))


def speed_up(call: Call, row: Row) -> None:
    """A physician chosen later brings the decision nearer, never further."""
    due = call.now + decision_in(call, row["id"], fast=True)
    planned = call.db.execute(
        "SELECT at FROM events WHERE what = 'application_decided' AND subject = ?", (row["id"],)
    ).fetchone()["at"]
    if due < planned:
        events.plan(call.db, due, "application_decided", row["id"])
        expected = min(row["expected_by"], call.now + 12 * HOUR)
        move_on(call, row["id"], row["status"], "comment.sped_up", expected_by=expected)


def decision_in(call: Call, name: str, *, fast: bool) -> int:
    low, high = (4, 12) if fast else (24, 48)
    return chance.draw(low * HOUR, high * HOUR, call.seed, name, "decision", fast)


def forget_plans(call: Call, name: str) -> None:
    for event in ("application_taken", "application_decided"):
        events.cancel(call.db, event, name)


def taken(call: Call, name: str) -> None:
    move_on(call, name, "in_progress", "comment.taken")
    _tell(call, name, "note.in_progress", _registry(call, name))


def decided(call: Call, name: str) -> None:
    events.cancel(call.db, "application_taken", name)
    if call.scenario == "refusal":
        move_on(call, name, "refused", "reason.refused", expected_by=None, reason="reason.refused")
        _tell(call, name, "note.refused", _registry(call, name))
    else:
        activate(call, name)


def activate(call: Call, name: str) -> None:
    """Open the card: the person's record is written now and the application is done."""
    from emkcli.mock import card, scenarios

    row = find(call.db, name)
    card.write(call, family.row(call, row["person"]), json.loads(row["clinic"])["id"])
    move_on(call, name, "activated", activated_at=call.now, expected_by=None)
    _tell(call, name, "note.activated", notifications.support())
    scenarios.befall(call, row["person"])


def move_on(call: Call, name: str, status: str, comment: str | None = None, **columns: Any) -> None:
    """A new entry of the history, and the columns that go with it."""
    history = json.loads(find(call.db, name)["history"])
    history.append(_step(call.now, status, comment))
    values = {"status": status, "history": json.dumps(history, ensure_ascii=False), **columns}
    settings = ", ".join(f"{column} = ?" for column in values)
    call.db.execute(f"UPDATE applications SET {settings} WHERE id = ?", (*values.values(), name))  # noqa: S608


def find(db: Connection, name: str) -> Row:
    row: Row = db.execute("SELECT * FROM applications WHERE id = ?", (name,)).fetchone()
    return row


def shown(call: Call, row: Row | None, person: Row | None = None) -> dict[str, Any]:
    if row is None:
        raise Problem("not_found")
    return {
        "id": row["id"],
        "service": _SERVICE,
        "person": family.named(person or family.row(call, row["person"])),
        "status": row["status"],
        "status_name": STATUS_NAMES[row["status"]],
        "clinic": loaded(row["clinic"]),
        "doctor": loaded(row["doctor"]),
        "submitted_at": iso(row["submitted_at"]),
        "expected_by": iso(row["expected_by"]),
        "activated_at": iso(row["activated_at"]),
        "reason": text(row["reason"], PORTAL) if row["reason"] else None,
        "history": _shown_history(row["history"]),
    }


@lru_cache(maxsize=256)
def loaded(column: str | None) -> dict[str, str] | None:
    """What a column of JSON says, for reading only."""
    value: dict[str, str] | None = json.loads(column) if column else None
    return value


def _own(call: Call) -> Row:
    row: Row | None = call.db.execute(
        "SELECT * FROM applications WHERE id = ? AND account = ?", (call.args["id"], call.owner["id"])
    ).fetchone()
    if row is None:
        raise Problem("not_found", "no_application", names=call.args)
    family.require_access(call, family.row(call, row["person"]))
    return row


def _step(at: int, status: str, comment: str | None) -> dict[str, Any]:
    return {"at": at, "status": status, "comment": comment}


@lru_cache(maxsize=256)
def _shown_history(history: str) -> list[dict[str, Any]]:
    return [_shown_step(step) for step in json.loads(history)]


def _shown_step(step: dict[str, Any]) -> dict[str, Any]:
    comment = text(step["comment"], PORTAL) if step["comment"] else None
    return {
        "at": iso(step["at"]),
        "status": step["status"],
        "status_name": STATUS_NAMES[step["status"]],
        "comment": comment,
    }


def _registry(call: Call, name: str) -> notifications.Contact:
    from emkcli.mock import directory

    clinic = directory.find_clinic(call, json.loads(find(call.db, name)["clinic"])["id"])
    return notifications.registry(clinic.name, clinic.phone)


def _tell(call: Call, name: str, key: str, contact: notifications.Contact) -> None:
    row = find(call.db, name)
    clinic = json.loads(row["clinic"])["name"] if row["clinic"] else None
    names = {"id": name, "clinic": clinic, "expected_by": row["expected_by"]}
    notifications.notify(call, row["account"], key, names, contact)
