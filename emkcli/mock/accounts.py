"""Accounts: registration, the two pictures, the code, the review."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

from emkcli.mock import chance, codes, events, family, fields, masks, notifications, sessions
from emkcli.mock.clock import MINUTE, iso
from emkcli.mock.exchange import MAX_BODY, Call, Reply, answer
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Row

PARTS = ("passport_scan", "selfie")
_MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def snils_is_sound(snils: str) -> bool:
    """The check number, which numbers up to 001-001-998 do not have."""
    digits = re.sub(r"\D", "", snils)
    if int(digits[:9]) <= 1_001_998:
        return True
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(9, 0, -1), strict=False)) % 101 % 100
    return total == int(digits[9:])


def register(call: Call) -> Reply:
    data = check(fields.json_object(call))
    row = call.db.execute("SELECT * FROM accounts WHERE snils = ?", (data["snils"],)).fetchone()
    if row and not _same(json.loads(row["data"]), data):
        raise Problem("exists")
    account = row["id"] if row else open_account(call, data)
    reply = answer({"account": shown(call, sessions.account_of(call.db, account))}, 200 if row else 201)
    reply.session_for = account
    return reply


def check(data: dict[str, Any]) -> dict[str, Any]:
    """The same data when they are those of a person; 400 names the fields that are not."""
    fields.checked(data, "Person")
    fields.checked(data["passport"], "Passport")
    return data


def open_account(call: Call, data: dict[str, Any]) -> str:
    """A simplified account and its person; the id comes from a counter, never from the person's data."""
    if call.db.execute("SELECT 1 FROM accounts WHERE phone = ?", (data["phone"],)).fetchone():
        raise Problem("conflict", "phone_taken")
    account = family.new_id(call)
    text = json.dumps(data, ensure_ascii=False)
    call.db.execute(
        "INSERT INTO accounts (id, snils, phone, trust, data, verification, pins)"
        " VALUES (?, ?, ?, 'simplified', ?, 'none', '[]')",
        (account, data["snils"], data["phone"], text),
    )
    family.add(call, account, account, "self", data)
    return account


def account(call: Call) -> Reply:
    return answer(shown(call, call.owner))


def upload(call: Call) -> Reply:
    part, kind, body = call.args["part"], call.request.content_type, call.request.body
    if part not in PARTS:
        raise Problem("not_found")
    if len(body) > MAX_BODY:
        raise Problem("invalid_input", "too_large", status=413)
    if kind not in _MAGIC or not body.startswith(_MAGIC[kind]):
        raise Problem("invalid_input", "not_a_picture")
    _refuse_after_code(call)
    digest = hashlib.sha256(body).hexdigest()
    call.db.execute("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?)", (call.owner["id"], part, len(body), digest))
    call.db.execute("UPDATE accounts SET verification = 'uploading' WHERE id = ?", (call.owner["id"],))
    return answer({"part": part, "bytes": len(body), "sha256": digest})


def request_verification(call: Call) -> Reply:
    _refuse_after_code(call)
    if set(_uploaded(call, call.owner["id"])) != set(PARTS):
        raise Problem("invalid_input", "pictures_missing")
    owner = call.owner
    sent = codes.send(call, "verification", owner["id"], owner["id"], owner["phone"], masks.phone(owner["phone"]))
    call.db.execute("UPDATE accounts SET verification = 'awaiting_code' WHERE id = ?", (owner["id"],))
    return answer(codes.show(call, sent), 201)


def confirm_verification(call: Call) -> Reply:
    value = fields.body(call, "Code")
    _refuse_after_code(call)
    codes.answer(call, value["challenge_id"], value["code"], "verification")
    sessions.prove(call)
    hand_in(call, call.owner["id"])
    return answer(shown(call, sessions.account_of(call.db, call.owner["id"])))


def hand_in(call: Call, account: str) -> None:
    """Start of the review, which lasts 10 to 60 minutes."""
    due = call.now + chance.draw(10, 60, call.seed, account, "review") * MINUTE
    call.db.execute(
        "UPDATE accounts SET trust = 'standard', verification = 'in_review', expected_by = ? WHERE id = ?",
        (call.now + 60 * MINUTE, account),
    )
    events.plan(call.db, due, "verification_reviewed", account)


def reviewed(call: Call, account: str) -> None:
    """The review has ended well: the account is confirmed and the person's child becomes visible."""
    call.db.execute(
        "UPDATE accounts SET trust = 'confirmed', verification = 'confirmed', expected_by = NULL WHERE id = ?",
        (account,),
    )
    family.add_child(call, account)
    notifications.notify(call, account, "note.verified", {}, notifications.support())


def shown(call: Call, row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "trust": row["trust"],
        "name": family.full_name(json.loads(row["data"])),
        "snils": masks.snils(row["snils"]),
        "phone": masks.phone(row["phone"]),
        "verification": {
            "status": row["verification"],
            "uploaded": _uploaded(call, row["id"]),
            "expected_by": iso(row["expected_by"]),
            "reason": None,
        },
    }


def _uploaded(call: Call, account: str) -> list[str]:
    rows = call.db.execute("SELECT part FROM uploads WHERE account = ? ORDER BY part", (account,)).fetchall()
    return [row["part"] for row in rows]


def _refuse_after_code(call: Call) -> None:
    if call.owner["verification"] in ("in_review", "confirmed"):
        raise Problem("conflict", "verification_started")


def _same(stored: dict[str, Any], submitted: dict[str, Any]) -> bool:
    """Whether two registrations say the same; an absent name and null are one."""
    return {name: val for name, val in stored.items() if val} == {name: val for name, val in submitted.items() if val}
