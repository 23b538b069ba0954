"""Opaque tokens: issued, looked up, rotated, revoked; the state holds only their hashes."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any

from emkcli.mock.clock import DAY, HOUR
from emkcli.mock.oauth import scopes
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

    from emkcli.mock.exchange import Call

ACCESS_LIFE, REFRESH_LIFE = HOUR, 60 * DAY
RETRY_WINDOW = 30
_FROM_HASH = (
    "SELECT sessions.*, expires_at, scope FROM tokens JOIN sessions ON sessions.id = tokens.session"
    " LEFT JOIN grants ON grants.session = sessions.id WHERE hash = ? AND kind = 'access'"
)


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    db: Connection, now: int, account: Row, *, proven: bool, client: str | None = None, scope: str = scopes.FULL
) -> dict[str, Any]:
    """A new session and its tokens; `proven` when the person answered a code or signed. A `client` is bound to its scope."""
    cursor = db.execute("INSERT INTO sessions (account, proven) VALUES (?, ?)", (account["id"], proven))
    session = int(cursor.lastrowid or 0)
    if client is not None:
        db.execute("INSERT INTO grants VALUES (?, ?, ?)", (session, client, scope))
    told = _told(account, scope, proven=proven)
    return _issue(db, now, account, session, told, renewed=client is None or scopes.is_renewed(scope))


def _told(account: Row, scope: str, *, proven: bool) -> str:
    return scope if proven and account["trust"] == "confirmed" else scopes.without_card(scope)


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
    if not call.request.path.startswith("/fhir/"):
        scopes.require_portal(call)


def prove(call: Call) -> None:
    """The person answered a code within this session, which is as good as a login."""
    if call.session is not None:
        call.db.execute("UPDATE sessions SET proven = 1 WHERE id = ?", (call.session["id"],))


def refresh(call: Call, token: str, client: str | None = None, asked: str = "") -> dict[str, Any]:
    """A new pair for an old refresh token; the old one used again ends the session, save for an honest retry.

    It is of no use to another client, and no way to more than was granted (RFC 6749 §6).
    """
    row = _token(call.db, token, "refresh")
    if row is None:
        raise Problem("session_lost", "token_invalid", status=400)
    if call.now >= row["expires_at"]:
        raise Problem("session_lost", "token_expired", status=400)
    session = _session(call.db, row["session"], status=400)
    owner, scope = scopes.of_session(call, session["id"])
    if client is not None and owner not in (None, client):
        raise Problem("invalid_input", "grant_invalid")
    if not set(asked.split()) <= set(scope.split()):
        raise Problem("invalid_input", "invalid_scope")
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
    told = _told(account, scope, proven=bool(session["proven"]))
    return _issue(call.db, call.now, account, session["id"], told, renewed=True, parent=row["hash"])


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


def _issue(
    db: Connection, now: int, account: Row, session: int, scope: str, *, renewed: bool, parent: str | None = None
) -> dict[str, Any]:
    tokens = {
        "access_token": _kept(db, "access", session, now + ACCESS_LIFE, parent),
        "token_type": "Bearer",
        "expires_in": ACCESS_LIFE,
        "scope": scope,
        "patient": account["id"],
        "trust": account["trust"],
    }
    if renewed:
        tokens["refresh_token"] = _kept(db, "refresh", session, now + REFRESH_LIFE, parent)
    return tokens


def _kept(db: Connection, kind: str, session: int, until: int, parent: str | None) -> str:
    token = secrets.token_urlsafe(32)
    row = "INSERT INTO tokens (hash, kind, session, expires_at, parent) VALUES (?, ?, ?, ?, ?)"
    db.execute(row, (hashed(token), kind, session, until, parent))
    return token


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
