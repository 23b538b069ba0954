"""Login: challenges, the token endpoint (RFC 6749) and revocation (RFC 7009)."""

from __future__ import annotations

import base64
import re
import secrets
from typing import TYPE_CHECKING, Any

from emkcli.mock import codes, fields, masks, sessions
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Row

SMS_GRANT, SIGNATURE_GRANT = "urn:emk:grant-type:sms-code", "urn:emk:grant-type:signature"


def challenge(call: Call) -> Reply:
    """The same answer for a known and an unknown login: nobody learns who has an account."""
    value = fields.body(call, "Login")
    if value["method"] == "signature":
        return answer(codes.show(call, _signing(call, _account(call, value["login"]))), 201)
    return answer(codes.show(call, send_code(call, value["login"])), 201)


def send_code(call: Call, login: str) -> str:
    """The challenge whose code goes to the phone of this login, where there is such an account."""
    account = _account(call, login)
    masked_phone = masks.phone(login) if login.startswith("+") else None
    account_id, phone = (account["id"], account["phone"]) if account else (None, None)
    return codes.send(call, "login", login, account_id, phone, masked_phone)


def token(call: Call) -> Reply:
    form = fields.form(call)
    grant = form.get("grant_type", "")
    if grant == SMS_GRANT:
        tokens = _by_code(call, form)
    elif grant == SIGNATURE_GRANT:
        tokens = _by_signature(call, form)
    elif grant == "authorization_code":
        from emkcli.mock.oauth import openid

        tokens = openid.exchange(call, form)
    elif grant == "refresh_token":
        tokens = sessions.refresh(call, _needed(form, "refresh_token"), form.get("client_id"), form.get("scope", ""))
    elif grant:
        raise Problem("invalid_input", "unsupported_grant_type")
    else:
        raise _missing("grant_type")
    return answer(tokens, Cache_Control="no-store")


def revoke(call: Call) -> Reply:
    sessions.revoke(call.db, _needed(fields.form(call), "token"))
    return answer({})


def _by_code(call: Call, form: dict[str, str]) -> dict[str, Any]:
    row = codes.answer(call, _needed(form, "challenge_id"), _needed(form, "code"), "login")
    return sessions.open_session(call.db, call.now, sessions.account_of(call.db, row["account"]), proven=True)


def _by_signature(call: Call, form: dict[str, str]) -> dict[str, Any]:
    from emkcli.mock import signature

    row = codes.find(call, _needed(form, "challenge_id"), "login", "signature")
    encoded = _needed(form, "signature")
    if call.now >= row["expires_at"]:
        raise Problem("invalid_input", "code_expired")
    # before it is checked: bytes to sign are good for one try, or a signature could be guessed at
    codes.use(call, row["id"])
    signer = signature.verify(encoded, base64.b64decode(row["secret"]))
    if row["account"] is None:
        raise Problem("invalid_input", "signature_invalid")
    account = sessions.account_of(call.db, row["account"])
    if signer != re.sub(r"\D", "", account["snils"]):
        raise Problem("invalid_input", "signature_invalid")
    return sessions.open_session(call.db, call.now, account, proven=True)


def _signing(call: Call, account: Row | None) -> str:
    data = base64.b64encode(secrets.token_bytes(32) + call.request.base.encode()).decode()
    name = f"ch-{secrets.token_hex(8)}"
    call.db.execute(
        "INSERT INTO challenges (id, purpose, method, subject, account, secret, sent_at, expires_at)"
        " VALUES (?, 'login', 'signature', '', ?, ?, ?, ?)",
        (name, account["id"] if account else None, data, call.now, call.now + codes.LIFE),
    )
    return name


def _account(call: Call, login: str) -> Row | None:
    row: Row | None = call.db.execute("SELECT * FROM accounts WHERE ? IN (phone, snils)", (login,)).fetchone()
    return row


def _needed(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise _missing(name)
    return form[name]


def _missing(name: str) -> Problem:
    return Problem("invalid_input", "invalid_request", names={"field": name})
