"""Codes by SMS: sent, entered, worn out; the same rules for a login, a verification and a new phone."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from emkcli.mock import masks
from emkcli.mock.clock import MINUTE, iso
from emkcli.mock.problems import Problem
from emkcli.mock.texts import SMS_CODE

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

    from emkcli.mock.exchange import Call

LIFE, RESEND_AFTER, ATTEMPTS = 5 * MINUTE, MINUTE, 3


def send(
    call: Call, purpose: str, subject: str, account: str | None, phone: str | None, masked_phone: str | None
) -> str:
    """Open a challenge and send its code; without a phone (an unknown login) everything but the SMS happens."""
    subject = hashlib.sha256(f"{purpose}:{subject}".encode()).hexdigest()
    _refuse_early(call, subject)
    code = f"{secrets.randbelow(1_000_000):06d}"
    expires = call.now if call.scenario == "expired-sms" else call.now + LIFE
    challenge = f"ch-{secrets.token_hex(8)}"
    call.db.execute(
        "INSERT INTO challenges (id, purpose, method, subject, account, secret, phone, sent_at, expires_at)"
        " VALUES (?, ?, 'sms', ?, ?, ?, ?, ?, ?)",
        (challenge, purpose, subject, account, code, masked_phone, call.now, expires),
    )
    if phone:
        deliver(call.db, call.now, phone, SMS_CODE.format(code=code), code)
    return challenge


def deliver(db: Connection, now: int, phone: str, text: str, code: str | None = None) -> None:
    """Into the inbox that stands for the person's telephone."""
    db.execute("INSERT INTO inbox (at, phone, text, code) VALUES (?, ?, ?, ?)", (now, masks.phone(phone), text, code))


def show(call: Call, challenge: str) -> dict[str, Any]:
    row = call.db.execute("SELECT * FROM challenges WHERE id = ?", (challenge,)).fetchone()
    by_sms = row["method"] == "sms"
    return {
        "id": row["id"],
        "method": row["method"],
        "expires_at": iso(row["expires_at"]),
        "phone": row["phone"],
        "resend_after": iso(row["sent_at"] + RESEND_AFTER) if by_sms else None,
        "attempts_left": ATTEMPTS - row["attempts"] if by_sms else None,
        "data": None if by_sms else row["secret"],
    }


def find(call: Call, challenge: str, purpose: str, method: str = "sms") -> Row:
    """An open challenge; one that was answered or is too old says so."""
    row: Row | None = call.db.execute(
        "SELECT * FROM challenges WHERE id = ? AND purpose = ? AND method = ?", (challenge, purpose, method)
    ).fetchone()
    if row is None:
        raise Problem("invalid_input", "challenge_unknown")
    if row["used"]:
        raise Problem("invalid_input", "challenge_used")
    return row


def answer(call: Call, challenge: str, code: str, purpose: str) -> Row:
    """The challenge, when the code is right; every wrong one is counted."""
    row = find(call, challenge, purpose)
    if row["attempts"] >= ATTEMPTS:
        raise Problem("rate_limited", "too_many_attempts")
    if call.now >= row["expires_at"]:
        raise Problem("invalid_input", "code_expired")
    # compared also where nobody has this login, so that the time tells nothing
    right = secrets.compare_digest(row["secret"].encode(), code.encode()) and row["account"] is not None
    if not right:
        call.db.execute("UPDATE challenges SET attempts = attempts + 1 WHERE id = ?", (challenge,))
        raise Problem("invalid_input", "code_invalid", attempts_left=ATTEMPTS - row["attempts"] - 1)
    use(call, challenge)
    return row


def use(call: Call, challenge: str) -> None:
    call.db.execute("UPDATE challenges SET used = 1 WHERE id = ?", (challenge,))


def _refuse_early(call: Call, subject: str) -> None:
    """A code that was answered does not hold up the next one; one that waits does for a minute."""
    row = call.db.execute("SELECT max(sent_at) FROM challenges WHERE subject = ? AND used = 0", (subject,)).fetchone()
    wait = (row[0] or 0) + RESEND_AFTER - call.now
    if row[0] is not None and wait > 0:
        raise Problem("rate_limited", "resend_too_early", headers={"Retry-After": str(wait)}, names={"seconds": wait})
