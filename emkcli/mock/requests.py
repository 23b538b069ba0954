"""«Создать запрос»: a prescription asked for, taken by the physician, written into the card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emkcli.mock import activation, applications, card, chance, events, family, fields, notifications, schema
from emkcli.mock.clock import HOUR, iso
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem, invalid

if TYPE_CHECKING:
    from sqlite3 import Row

OPEN = ("submitted", "in_progress")


def requests(call: Call) -> Reply:
    person = family.chosen(call)
    rows = call.db.execute("SELECT * FROM requests WHERE person = ? ORDER BY id DESC", (person["id"],)).fetchall()
    items = [_shown(row) for row in rows]
    return answer({"person": family.named(person), "items": items, "total": len(items), "next": None})


def create(call: Call) -> Reply:
    value = fields.body(call, "Request")
    person = family.chosen(call)
    application = activation.require_activated(call, person["id"])
    repeats = _repeated(call, person["id"], value.get("repeat"))
    medicine = (value.get("medicine") or "").strip() or (card.medicine(repeats) if repeats else "")
    if not medicine:
        raise invalid("medicine", "required")
    if existing := _open_one(call, person["id"], medicine):
        return answer(_shown(existing))
    name = f"r-{schema.number(call.db, 'requests'):06d}"
    call.db.execute(
        "INSERT INTO requests VALUES (?, ?, ?, 'submitted', ?, ?, ?, ?, ?, ?, NULL)",
        (
            name, person["id"], person["account"], medicine, value.get("comment"), repeats["id"] if repeats else None,
            call.now, application["doctor"], application["clinic"],
        ),
    )  # fmt: skip
    events.plan(call.db, call.now + HOUR, "request_taken", name)
    done_at = call.now + chance.draw(4 * HOUR, 24 * HOUR, call.seed, name, "done")
    events.plan(call.db, done_at, "request_done", name)
    return answer(_shown(_find(call, name)), 201)


def request(call: Call) -> Reply:
    return answer(_shown(_own(call)))


def cancel(call: Call) -> Reply:
    row = _own(call)
    if row["status"] in ("done", "refused"):
        raise Problem("conflict", "already_decided")
    for event in ("request_taken", "request_done"):
        events.cancel(call.db, event, row["id"])
    call.db.execute("UPDATE requests SET status = 'cancelled' WHERE id = ?", (row["id"],))
    return answer(_shown(_own(call)))


def taken(call: Call, name: str) -> None:
    call.db.execute("UPDATE requests SET status = 'in_progress' WHERE id = ?", (name,))


def done(call: Call, name: str) -> None:
    """The physician has written the prescription."""
    row = _find(call, name)
    result = card.prescribe(call, row)
    call.db.execute("UPDATE requests SET status = 'done', result_id = ? WHERE id = ?", (result, name))
    names = {"id": name, "medicine": row["medicine"]}
    notifications.notify(call, row["account"], "note.prescribed", names, notifications.support())


def _repeated(call: Call, person: str, reference: str | None) -> dict[str, Any] | None:
    if not reference:
        return None
    prescription = card.owned(call, person, f"MedicationRequest/{reference.removeprefix('MedicationRequest/')}")
    if prescription is None:
        raise Problem("not_found", "no_record", names={"id": reference})
    return prescription


def _open_one(call: Call, person: str, medicine: str) -> Row | None:
    rows = call.db.execute("SELECT * FROM requests WHERE person = ?", (person,)).fetchall()
    wanted = medicine.casefold()
    return next((row for row in rows if row["status"] in OPEN and row["medicine"].casefold() == wanted), None)


def _find(call: Call, name: str) -> Row:
    row: Row = call.db.execute("SELECT * FROM requests WHERE id = ?", (name,)).fetchone()
    return row


def _own(call: Call) -> Row:
    row: Row | None = call.db.execute(
        "SELECT * FROM requests WHERE id = ? AND account = ?", (call.args["id"], call.owner["id"])
    ).fetchone()
    if row is None:
        raise Problem("not_found", "no_request", names=call.args)
    return row


def _shown(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "kind": "prescription",
        "status": row["status"],
        "medicine": row["medicine"],
        "comment": row["comment"],
        "created_at": iso(row["created_at"]),
        "doctor": applications.loaded(row["doctor"]),
        "clinic": applications.loaded(row["clinic"]),
        "result_id": row["result_id"],
    }
