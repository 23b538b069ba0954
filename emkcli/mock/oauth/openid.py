"""The mock as an OpenID provider and a SMART server: discovery, the way to the login page, the id token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, Any

from emkcli.mock import sessions
from emkcli.mock.exchange import Reply, answer
from emkcli.mock.oauth import clients, logins, page, scopes
from emkcli.mock.problems import Problem
from emkcli.mock.texts import text

if TYPE_CHECKING:
    from sqlite3 import Row

    from emkcli.mock.exchange import Call

DOOR, FHIR = "openid", "/fhir/R4"
_CHALLENGE = r"[A-Za-z0-9_-]{43}"
_SCOPES = [*scopes.WORDS, "patient/*.rs", "patient/*.read", "user/*.rs", "user/*.read"]
_PERSON = {"fhirUser", "profile"}
_CAPABILITIES = [
    "launch-standalone",
    "client-public",
    "context-standalone-patient",
    "permission-patient",
    "permission-user",
    "permission-offline",
    "permission-online",
    "permission-v1",
    "permission-v2",
    "sso-openid-connect",
]


def configuration(call: Call) -> Reply:
    return answer(_endpoints(call.request.base) | {"id_token_signing_alg_values_supported": ["RS256"]})


def smart_configuration(call: Call) -> Reply:
    return answer(_endpoints(call.request.base) | {"capabilities": _CAPABILITIES})


def keys(call: Call) -> Reply:
    from emkcli.mock.oauth import keys

    return answer(keys.published(call.db))


def authorize(call: Call) -> Reply:
    """RFC 6749 §4.1 with PKCE: to the page, or back with what was wrong; a stranger's address gets nothing."""
    request = dict(call.request.query)
    client = clients.find(call, request.get("client_id", ""))
    if client is None or not client.allows(request.get("redirect_uri", "")):
        return page.notice(call, text("page.stranger", call.language))
    wrong = _wrong(call, request)
    if wrong:
        return page.redirect(request["redirect_uri"], _signed(call, request, error=wrong), 302)
    handle = logins.begin(call, DOOR, client.name, request)
    login = logins.find(call, handle)
    assert login
    return page.ask(call, login, handle)


def objection(call: Call, login: Row, account: str) -> None:
    """Whoever has proven who they are is let in here; what they may do is the session's affair."""


def granted(call: Call, login: Row, account: str) -> Reply:
    code, request = secrets.token_urlsafe(32), logins.request_of(login)
    logins.give_code(call, login, account, code)
    return page.redirect(request["redirect_uri"], _signed(call, request, code=code))


def denied(call: Call, login: Row, reason: str) -> Reply:
    request = logins.request_of(login)
    description = text(f"page.{reason}", call.language)
    return page.redirect(
        request["redirect_uri"], _signed(call, request, error="access_denied", error_description=description)
    )


def exchange(call: Call, form: dict[str, str]) -> dict[str, Any]:
    """Tokens for a code; the id token only where it was asked for."""
    client = clients.find(call, form.get("client_id", ""))
    if client is None or client.certificate:
        raise Problem("invalid_input", "invalid_client")
    login = logins.redeem(call, DOOR, client.name, form.get("code", ""))
    if login is None or not _proves(logins.request_of(login), form):
        raise Problem("invalid_input", "grant_invalid")
    account, request = sessions.account_of(call.db, login["account"]), logins.request_of(login)
    scope = scopes.granted(request.get("scope", ""))
    tokens = sessions.open_session(call.db, call.now, account, proven=True, client=client.name, scope=scope)
    session = call.db.execute("SELECT max(id) FROM sessions").fetchone()[0]
    logins.change(call, login, session=session)
    if "openid" in scope.split():
        tokens["id_token"] = _id_token(call, client.name, account["id"], request, tokens)
    return tokens


def _wrong(call: Call, request: dict[str, str]) -> str | None:
    # a parameter may not be repeated (RFC 6749 §3.1)
    if len(request) != len(call.request.query):
        return "invalid_request"
    if request.get("response_type") != "code":
        return "unsupported_response_type"
    # nobody ever is logged in on this page beforehand (OpenID Connect Core §3.1.2.1)
    if request.get("prompt") == "none":
        return "login_required"
    challenge = request.get("code_challenge") or ""
    if request.get("code_challenge_method") != "S256" or not re.fullmatch(_CHALLENGE, challenge):
        return "invalid_request"
    if request.get("aud") not in (None, call.request.base + FHIR):
        return "invalid_request"
    return None if scopes.granted(request.get("scope", "")) else "invalid_scope"


def _proves(request: dict[str, str], form: dict[str, str]) -> bool:
    """The same return address, and the verifier behind the challenge (RFC 7636)."""
    verifier = form.get("code_verifier", "")
    if form.get("redirect_uri") != request["redirect_uri"] or not re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier):
        return False
    return hmac.compare_digest(_base64url(hashlib.sha256(verifier.encode()).digest()), request["code_challenge"])


def _id_token(call: Call, client: str, account: str, request: dict[str, str], tokens: dict[str, Any]) -> str:
    from emkcli.mock.oauth import keys

    claims = {
        "iss": call.request.base,
        "aud": client,
        "sub": account,
        "iat": call.now,
        "auth_time": call.now,
        "exp": call.now + sessions.ACCESS_LIFE,
        # the left half of the digest (OpenID Connect Core §3.1.3.6)
        "at_hash": _base64url(hashlib.sha256(tokens["access_token"].encode()).digest()[:16]),
    }
    if _PERSON & set(tokens["scope"].split()):
        claims["fhirUser"] = f"{call.request.base}{FHIR}/Patient/{account}"
    nonce = {"nonce": request["nonce"]} if "nonce" in request else {}
    return keys.signed(call.db, claims | nonce)


def _signed(call: Call, request: dict[str, str], **members: str) -> dict[str, str]:
    """An answer with the state it belongs to and the name of who gives it (RFC 9207)."""
    return members | ({"state": request["state"]} if "state" in request else {}) | {"iss": call.request.base}


def _endpoints(base: str) -> dict[str, Any]:
    return {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth2/authorize",
        "token_endpoint": f"{base}/oauth2/token",
        "revocation_endpoint": f"{base}/oauth2/revoke",
        "jwks_uri": f"{base}/oauth2/jwks",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": _SCOPES,
    }


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
