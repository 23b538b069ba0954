"""ESIA's tokens: JWTs with its headers and claims, a refresh token that is good once, who a token stands for."""

from __future__ import annotations

import base64
import re
import uuid
from typing import TYPE_CHECKING, Any

from emkcli.mock import sessions
from emkcli.mock.clock import DAY, HOUR
from emkcli.mock.esia.refusals import Refused
from emkcli.mock.oauth import keys, logins

if TYPE_CHECKING:
    from sqlite3 import Row

    from emkcli.mock.exchange import Call

ISSUER = "http://esia.gosuslugi.ru/"
ACCESS_LIFE, REFRESH_LIFE = HOUR, 60 * DAY
ACCESS, REFRESH = "esia", "esia-refresh"
"""Kinds of their own: they open person data and nothing else here."""
FIRST_OID = 1_000_000_000
SUBJECT = "urn:esia:sbj"


def oid(person: str) -> int:
    """A person's number in ESIA."""
    return FIRST_OID + int(person.removeprefix("p-"))


def code(call: Call, client: str, request: dict[str, str]) -> str:
    """An authorization code, which in ESIA is a JWT as well."""
    claims = {"client_id": client, "scope": request["scope"], "urn:esia:client:state": request["state"]}
    return _jwt(call, "authorization_code", claims | {"urn:esia:sid": str(uuid.uuid4())}, logins.CODE_LIFE)


def open_session(call: Call, client: str, scope: str, account: str) -> int:
    cursor = call.db.execute("INSERT INTO sessions (account, proven) VALUES (?, 1)", (account,))
    session = int(cursor.lastrowid or 0)
    call.db.execute("INSERT INTO grants VALUES (?, ?, ?)", (session, client, scope))
    return session


def issue(call: Call, session: int, *, renewable: bool) -> dict[str, Any]:
    """What the token endpoint answers; the id token only with the scope `openid`."""
    grant = call.db.execute("SELECT * FROM grants WHERE session = ?", (session,)).fetchone()
    account = _session(call, session)["account"]
    access = _access(call, grant, account, session)
    _keep(call, access, ACCESS, session, ACCESS_LIFE)
    response: dict[str, Any] = {"access_token": access, "expires_in": ACCESS_LIFE, "token_type": "Bearer"}
    if renewable:
        response["refresh_token"] = str(uuid.uuid4())
        _keep(call, response["refresh_token"], REFRESH, session, REFRESH_LIFE)
    if "openid" in grant["scope"].split():
        response["id_token"] = _id_token(call, grant["client"], account, session)
    return response


def refresh(call: Call, client: str, token: str) -> dict[str, Any]:
    """A new pair; a token that was used before ends the session, as somebody may have stolen it."""
    row = _find(call, token, REFRESH)
    if row is None or row["client"] != client:
        raise Refused("007011")
    if row["rotated_at"] is not None:
        sessions.revoke_session(call.db, row["session"])
    session = _session(call, row["session"])
    if session["revoked"]:
        raise Refused("007028")
    if call.now >= row["expires_at"]:
        raise Refused("007027")
    if logins.is_blocked(call, session["account"]):
        raise Refused("007036")
    call.db.execute("UPDATE tokens SET rotated_at = ? WHERE hash = ?", (call.now, row["hash"]))
    return issue(call, row["session"], renewable=True)


def bearer(call: Call) -> tuple[Row, set[str]]:
    """The account of the access token, and the scopes it was given."""
    scheme, _, token = call.request.headers.get("authorization", "").partition(" ")
    row = _find(call, token.strip(), ACCESS) if scheme.lower() == "bearer" else None
    if row is None or call.now >= row["expires_at"] or _session(call, row["session"])["revoked"]:
        raise Refused("005013")
    account = sessions.account_of(call.db, _session(call, row["session"])["account"])
    return account, set(row["scope"].split())


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _access(call: Call, grant: Row, account: str, session: int) -> str:
    person = oid(account)
    scope = re.sub(r"(?<=\S)(?= |$)", f"?oid={person}", grant["scope"].replace("openid", "").strip())
    words = ["openid"] if "openid" in grant["scope"].split() else []
    claims = {"client_id": grant["client"], "scope": " ".join([*words, scope]).strip(), "urn:esia:sid": str(session)}
    return _jwt(call, "access", claims | {SUBJECT + "_id": person}, ACCESS_LIFE)


def _id_token(call: Call, client: str, account: str, session: int) -> str:
    person, confirmed = oid(account), sessions.account_of(call.db, account)["trust"] == "confirmed"
    subject: dict[str, Any] = {f"{SUBJECT}:typ": "P", f"{SUBJECT}:oid": person, f"{SUBJECT}:nam": f"OID.{person}"}
    subject |= {f"{SUBJECT}:lvl": "PR", f"{SUBJECT}:is_tru": True} if confirmed else {f"{SUBJECT}:lvl": "P"}
    claims = {"aud": client, "sub": person, "auth_time": call.now, "amr": "PWD", "urn:esia:sid": str(session)}
    return _jwt(call, "id", claims | {SUBJECT: subject}, ACCESS_LIFE)


def _jwt(call: Call, kind: str, claims: dict[str, Any], life: int) -> str:
    times = {"iss": ISSUER, "nbf": call.now, "iat": call.now, "exp": call.now + life, "jti": str(uuid.uuid4())}
    return keys.signed(call.db, times | claims, ver=0, sbt=kind)


def _keep(call: Call, token: str, kind: str, session: int, life: int) -> None:
    row = (sessions.hashed(token), kind, session, call.now + life)
    call.db.execute("INSERT INTO tokens (hash, kind, session, expires_at) VALUES (?, ?, ?, ?)", row)


def _find(call: Call, token: str, kind: str) -> Row | None:
    row: Row | None = call.db.execute(
        "SELECT * FROM tokens JOIN grants USING (session) WHERE hash = ? AND kind = ?", (sessions.hashed(token), kind)
    ).fetchone()
    return row


def _session(call: Call, session: int) -> Row:
    row: Row = call.db.execute("SELECT * FROM sessions WHERE id = ?", (session,)).fetchone()
    return row
