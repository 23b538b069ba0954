"""ESIA's doors: to the login page, from a code or a refresh token to tokens, and out again; both generations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emkcli.mock import sessions
from emkcli.mock.esia import gost, refusals, requests, tokens
from emkcli.mock.esia.refusals import Refused
from emkcli.mock.exchange import Reply, answer, pairs
from emkcli.mock.oauth import clients, logins, page
from emkcli.mock.texts import text

if TYPE_CHECKING:
    from sqlite3 import Row

    from emkcli.mock.exchange import Call
    from emkcli.mock.oauth.clients import Client

DOOR = "esia"


def authorize(call: Call) -> Reply:
    return _authorize(call, legacy=False)


def authorize_legacy(call: Call) -> Reply:
    return _authorize(call, legacy=True)


def token(call: Call) -> Reply:
    return _token(call, legacy=False)


def token_legacy(call: Call) -> Reply:
    return _token(call, legacy=True)


def logout(call: Call) -> Reply:
    """The end of a session in the browser; our page keeps none, so that only the way back is left to do."""
    client = clients.find(call, call.request.param("client_id") or "")
    if not call.request.param("client_id"):
        return page.notice(call, "ESIA-007014: [client_id]", 400)
    redirect_url = call.request.param("redirect_url")
    if client is None or (redirect_url and not client.allows(redirect_url)):
        return page.notice(call, "ESIA-008010" if client is None else "ESIA-007023", 403)
    if not redirect_url:
        return page.notice(call, text("page.left", call.language), 200)
    return Reply(302, b"", "text/plain", Location=redirect_url)


def objection(call: Call, login: Row, account: str) -> str | None:
    """Why a person who has proven who they are is not let in all the same."""
    filters = requests.filters(logins.request_of(login))
    confirmed = sessions.account_of(call.db, account)["trust"] == "confirmed"
    return "unconfirmed" if "conf_acc" in filters and not confirmed else None


def granted(call: Call, login: Row, account: str) -> Reply:
    request = logins.request_of(login)
    code = tokens.code(call, login["client"], request)
    logins.give_code(call, login, account, code)
    return page.redirect(request["redirect_uri"], {"code": code, "state": request["state"]})


def denied(call: Call, login: Row, reason: str) -> Reply:
    request = logins.request_of(login)
    return page.redirect(request["redirect_uri"], Refused(refusals.REASONS[reason]).answer(request["state"]))


def _authorize(call: Call, *, legacy: bool) -> Reply:
    try:
        request = requests.once(call.request.query)
        client = requests.system(call, request)
    except Refused as refused:
        return page.notice(call, f"ESIA-{refused.esia}: {refused.sentence}")
    try:
        requests.check(call, request, client, "response_type", "access_type", legacy=legacy)
        requests.check_authorization(request)
    except Refused as refused:
        return page.redirect(request["redirect_uri"], refused.answer(request.get("state")), 302)
    handle = logins.begin(call, DOOR, client.name, request)
    login = logins.find(call, handle)
    assert login
    return page.ask(call, login, handle)


def _token(call: Call, *, legacy: bool) -> Reply:
    state = None
    try:
        form = requests.once(pairs(call.request.body.decode("utf-8", "replace")))
        state = form.get("state")
        client = requests.system(call, form)
        requests.check(call, form, client, "grant_type", legacy=legacy)
        return answer(_granted(call, client, form) | {"state": state}, Cache_Control="no-store")
    except Refused as refused:
        return refusals.refuse(refused, state)


def _granted(call: Call, client: Client, form: dict[str, str]) -> dict[str, object]:
    if form["grant_type"] == "refresh_token":
        return tokens.refresh(call, client.name, form.get("refresh_token", ""))
    if form["grant_type"] != "authorization_code":
        raise Refused("007012")
    login = logins.redeem(call, DOOR, client.name, form.get("code", ""))
    if login is None or logins.request_of(login)["redirect_uri"] != form["redirect_uri"]:
        raise Refused("007011")
    request = logins.request_of(login)
    _check_proof(request, form.get("code_verifier", ""))
    session = tokens.open_session(call, client.name, request["scope"], login["account"])
    logins.change(call, login, session=session)
    return tokens.issue(call, session, renewable=request["access_type"] == "offline")


def _check_proof(request: dict[str, str], verifier: str) -> None:
    """PKCE with Streebog; without the engine nothing can be proven here."""
    if "code_challenge" not in request:
        return
    digest = gost.streebog(verifier.encode()) if re.fullmatch(r"[A-Za-z0-9._~-]{43,128}", verifier) else None
    if digest is None or tokens.base64url(digest) != request["code_challenge"]:
        raise Refused("007040")
