"""A login from the request of a program to the code it is exchanged by; handles and codes are kept as hashes."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

from emkcli.mock import sessions
from emkcli.mock.clock import DAY, MINUTE

if TYPE_CHECKING:
    from sqlite3 import Row

    from emkcli.mock.exchange import Call

LIFE, CODE_LIFE, KEPT = 30 * MINUTE, 240, DAY
"""How long the page may stay open, a code is good, and a code that comes twice is recognised."""


def begin(call: Call, door: str, client: str, request: dict[str, str]) -> str:
    """The handle that the page carries in its forms, never in an address."""
    handle = secrets.token_urlsafe(24)
    call.db.execute("DELETE FROM logins WHERE began_at < ?", (call.now - KEPT,))
    call.db.execute(
        "INSERT INTO logins (id, door, client, request, began_at) VALUES (?, ?, ?, ?, ?)",
        (sessions.hashed(handle), door, client, json.dumps(request), call.now),
    )
    return handle


def find(call: Call, handle: str) -> Row | None:
    """A login that is still going on."""
    row: Row | None = call.db.execute(
        "SELECT * FROM logins WHERE id = ? AND code IS NULL AND began_at > ?",
        (sessions.hashed(handle), call.now - LIFE),
    ).fetchone()
    return row


def request_of(login: Row) -> dict[str, str]:
    request: dict[str, str] = json.loads(login["request"])
    return request


def change(call: Call, login: Row, **columns: Any) -> None:
    names = ", ".join(f"{name} = ?" for name in columns)
    call.db.execute(f"UPDATE logins SET {names} WHERE id = ?", (*columns.values(), login["id"]))  # noqa: S608


def give_code(call: Call, login: Row, account: str, code: str) -> None:
    """The login ends with this code, which is good once and for four minutes."""
    change(call, login, account=account, code=sessions.hashed(code), code_until=call.now + CODE_LIFE)


def redeem(call: Call, door: str, client: str, code: str) -> Row | None:
    """The login behind a good code. One that comes twice ends the session it opened (RFC 6749 §4.1.2)."""
    row: Row | None = call.db.execute("SELECT * FROM logins WHERE code = ?", (sessions.hashed(code),)).fetchone()
    if row is None or (row["door"], row["client"]) != (door, client):
        return None
    if row["used"]:
        if row["session"] is not None:
            sessions.revoke_session(call.db, row["session"])
        return None
    change(call, row, used=1)
    return row if call.now < row["code_until"] else None


def is_blocked(call: Call, account: str) -> bool:
    return call.db.execute("SELECT 1 FROM blocked WHERE account = ?", (account,)).fetchone() is not None
