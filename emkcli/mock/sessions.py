"""Opaque tokens: issued, looked up, rotated, revoked; the state holds only their hashes."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any

from emkcli.mock.clock import DAY, HOUR
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

    from emkcli.mock.exchange import Call

ACCESS_LIFE, REFRESH_LIFE = HOUR, 60 * DAY
RETRY_WINDOW = 30
FULL_SCOPE = "patient/*.read portal"
_FROM_HASH = "SELECT sessions.*, expires_at FROM tokens JOIN sessions ON sessions.id = session WHERE hash = ? AND kind = 'access'"


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(db: Connection, now: int, account: Row, *, proven: bool) -> dict[str, Any]:
    """A new session and its tokens; `proven` when the person answered a code or signed."""
    cursor = db.execute("INSERT INTO sessions (account, proven) VALUES (?, ?)", (account["id"], proven))
    return _issue(db, now, account, int(cursor.lastrowid or 0), proven=proven, parent=None)


def scope(account: Row, *, proven: bool) -> str:
    return FULL_SCOPE if proven and account["trust"] == "confirmed" else "limited"


def authenticate(call: Call) -> None:
    """Fill `call.account` and `call.session` from the bearer token."""
    scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem("login_required")
    row = call.db.execute(_FROM_HASH, (hashed(token.strip()),)).fetchone()
    if row is None:
        raise Problem("session_lost", "token_invalid")
    if call.now >= row["expires_at"]:
        raise Problem("session_lost", "token_expired")
    call.session = _unrevoked(row)
    call.account = account_of(call.db, call.session["account"])


def prove(call: Call) -> None:
    """The person answered a code within this session, which is as good as a login."""
    if call.session is not None:
        call.db.execute("UPDATE sessions SET proven = 1 WHERE id = ?", (call.session["id"],))


def refresh(call: Call, token: str) -> dict[str, Any]:
    """A new pair for an old refresh token; the old one used again ends the session, save for an honest retry."""
    row = _token(call.db, token, "refresh")
    if row is None:
        raise Problem("session_lost", "token_invalid", status=400)
    if call.now >= row["expires_at"]:
        raise Problem("session_lost", "token_expired", status=400)
    session = _session(call.db, row["session"], status=400)
    key = call.request.headers.get("idempotency-key")
    if row["rotated_at"] is not None and not _is_retry(row, key):
        revoke_session(call.db, session["id"])
        raise Problem("session_lost", "refresh_reused", status=400)
    # an honest retry: what the lost answer had given is taken back
    call.db.execute("DELETE FROM tokens WHERE parent = ?", (row["hash"],))
    call.db.execute(
        "UPDATE tokens SET rotated_at = coalesce(rotated_at, ?), rotation_key = ? WHERE hash = ?",
        (time.time(), key, row["hash"]),
    )
    account = account_of(call.db, session["account"])
    return _issue(call.db, call.now, account, session["id"], proven=bool(session["proven"]), parent=row["hash"])


def revoke(db: Connection, token: str) -> None:
    """End the session of any of its tokens; unknown tokens are no error."""
    row = db.execute("SELECT session FROM tokens WHERE hash = ?", (hashed(token),)).fetchone()
    if row:
        revoke_session(db, row["session"])


def revoke_session(db: Connection, session: int) -> None:
    db.execute("UPDATE sessions SET revoked = 1 WHERE id = ?", (session,))


def account_of(db: Connection, account: str) -> Row:
    row: Row = db.execute("SELECT * FROM accounts WHERE id = ?", (account,)).fetchone()
    return row


def _issue(db: Connection, now: int, account: Row, session: int, *, proven: bool, parent: str | None) -> dict[str, Any]:
    access, renewal = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    row = "INSERT INTO tokens (hash, kind, session, expires_at, parent) VALUES (?, ?, ?, ?, ?)"
    db.execute(row, (hashed(access), "access", session, now + ACCESS_LIFE, parent))
    db.execute(row, (hashed(renewal), "refresh", session, now + REFRESH_LIFE, parent))
    return {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": ACCESS_LIFE,
        "refresh_token": renewal,
        "scope": scope(account, proven=proven),
        "patient": account["id"],
        "trust": account["trust"],
    }


def _token(db: Connection, token: str, kind: str) -> Row | None:
    row: Row | None = db.execute("SELECT * FROM tokens WHERE hash = ? AND kind = ?", (hashed(token), kind)).fetchone()
    return row


def _session(db: Connection, session: int, status: int) -> Row:
    return _unrevoked(db.execute("SELECT * FROM sessions WHERE id = ?", (session,)).fetchone(), status)


def _unrevoked(session: Row, status: int | None = None) -> Row:
    if session["revoked"]:
        raise Problem("session_lost", "session_revoked", status=status)
    return session


def _is_retry(token: Row, key: str | None) -> bool:
    return key is not None and key == token["rotation_key"] and time.time() - token["rotated_at"] <= RETRY_WINDOW
