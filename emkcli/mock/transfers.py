"""«Передать данные»: chosen records for another clinic, for a time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emkcli.mock import activation, card, clock, directory, family, fields, schema
from emkcli.mock.clock import DAY, iso
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem, invalid

if TYPE_CHECKING:
    from sqlite3 import Row

LIFE = 30 * DAY


def transfers(call: Call) -> Reply:
    person = family.chosen(call)
    rows = call.db.execute("SELECT * FROM transfers WHERE person = ? ORDER BY id DESC", (person["id"],)).fetchall()
    items = [_shown(call, row) for row in rows]
    return answer({"person": family.named(person), "items": items, "total": len(items), "next": None})


def create(call: Call) -> Reply:
    value = fields.body(call, "Transfer")
    person = family.chosen(call)
    activation.require_activated(call, person["id"])
    expires = _expiry(call, value.get("expires_at"))
    clinic = directory.named_clinic(directory.find_clinic(call, value["to"]))
    records = json.dumps(_checked(call, person["id"], value["records"]), ensure_ascii=False)
    if existing := _in_force(call, person["id"], clinic, records):
        return answer(_shown(call, existing))
    number = schema.number(call.db, "transfers")
    receipt = f"ПД-{clock.moment(call.now).year}-{number:06d}"
    call.db.execute(
        "INSERT INTO transfers VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?)",
        (f"t-{number:06d}", person["id"], person["account"], clinic, records, call.now, expires, receipt),
    )
    return answer(_shown(call, _find(call, f"t-{number:06d}")), 201)


def transfer(call: Call) -> Reply:
    return answer(_shown(call, _own(call)))


def revoke(call: Call) -> Reply:
    call.db.execute(
        "UPDATE transfers SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (call.now, _own(call)["id"])
    )
    return answer(_shown(call, _own(call)))


def _expiry(call: Call, expires_at: str | None) -> int:
    if expires_at is None:
        return call.now + LIFE
    try:
        expires = clock.parse(expires_at)
    except ValueError as error:
        raise invalid("expires_at", "date-time") from error
    if expires <= call.now:
        raise Problem("invalid_input", "past_expiry", fields=[{"field": "expires_at", "rule": "future"}])
    return expires


def _checked(call: Call, person: str, records: list[dict[str, str]]) -> list[dict[str, str]]:
    """The records in one order and once each; a stranger's or an unknown one is 404."""
    wanted = {record["id"]: {"id": record["id"], "kind": record["kind"]} for record in records}
    for reference in wanted:
        if card.owned(call, person, reference) is None:
            raise Problem("not_found", "no_record", names={"id": reference}, id=reference)
    return [wanted[reference] for reference in sorted(wanted)]


def _in_force(call: Call, person: str, clinic: str, records: str) -> Row | None:
    row: Row | None = call.db.execute(
        "SELECT * FROM transfers WHERE person = ? AND clinic = ? AND records = ? AND revoked_at IS NULL"
        " AND expires_at > ?",
        (person, clinic, records, call.now),
    ).fetchone()
    return row


def _find(call: Call, name: str) -> Row:
    row: Row = call.db.execute("SELECT * FROM transfers WHERE id = ?", (name,)).fetchone()
    return row


def _own(call: Call) -> Row:
    row: Row | None = call.db.execute(
        "SELECT * FROM transfers WHERE id = ? AND account = ?", (call.args["id"], call.owner["id"])
    ).fetchone()
    if row is None:
        raise Problem("not_found", "no_transfer", names=call.args)
    return row


def _status(call: Call, row: Row) -> str:
    if row["revoked_at"] is not None:
        return "revoked"
    return "active" if call.now < row["expires_at"] else "expired"


def _shown(call: Call, row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "to": json.loads(row["clinic"]),
        "records": json.loads(row["records"]),
        "created_at": iso(row["created_at"]),
        "expires_at": iso(row["expires_at"]),
        "revoked_at": iso(row["revoked_at"]),
        "status": _status(call, row),
        "receipt": row["receipt"],
    }
