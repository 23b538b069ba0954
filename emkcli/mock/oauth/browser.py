"""What a person does on the login page: a phone or a СНИЛС, the code from the SMS, or no."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

from emkcli.mock import auth, codes, fields
from emkcli.mock.oauth import logins, page
from emkcli.mock.problems import Problem
from emkcli.mock.texts import text

if TYPE_CHECKING:
    from sqlite3 import Row

    from emkcli.mock.exchange import Call, Reply

_DOORS = {"openid": "emkcli.mock.oauth.openid", "esia": "emkcli.mock.esia.door"}
"""A door has `objection(login, account)`, `granted(call, login, account)` and `denied(call, login, reason)`."""
CANCELLED = "cancelled"


def proceed(call: Call) -> Reply:
    form = fields.form(call)
    handle = form.get("login", "")
    login = logins.find(call, handle)
    if login is None:
        return page.notice(call, text("page.gone", call.language))
    door, action = import_module(_DOORS[login["door"]]), form.get("action", "")
    if login["refused"] or action == "cancel":
        reply: Reply = door.denied(call, login, login["refused"] or CANCELLED)
        call.db.execute("DELETE FROM logins WHERE id = ?", (login["id"],))
        return reply
    try:
        return _step(call, login, handle, door, form)
    except Problem as problem:
        return _again(call, login, handle, problem.detail(call.language), problem.status)


def _step(call: Call, login: Row, handle: str, door: Any, form: dict[str, str]) -> Reply:
    action = form.get("action", "")
    if action == "other":
        logins.change(call, login, challenge=None, who=None)
    elif login["challenge"] is None or action == "again":
        login_name = login["who"] or _login_name(form.get("who", ""))
        logins.change(call, login, who=login_name, challenge=auth.send_code(call, login_name))
    else:
        code = re.sub(r"\D", "", form.get("code", ""))
        return _proven(call, login, handle, door, codes.answer(call, login["challenge"], code, "login")["account"])
    return _again(call, login, handle)


def _proven(call: Call, login: Row, handle: str, door: Any, account: str) -> Reply:
    reason = "blocked" if logins.is_blocked(call, account) else door.objection(call, login, account)
    if reason:
        logins.change(call, login, refused=reason)
        return _again(call, login, handle, text(f"page.{reason}", call.language), 403)
    reply: Reply = door.granted(call, login, account)
    return reply


def _again(call: Call, login: Row, handle: str, problem: str = "", status: int = 200) -> Reply:
    return page.ask(call, logins.find(call, handle) or login, handle, problem=problem, status=status)


def _login_name(typed: str) -> str:
    """A phone or a СНИЛС in whatever way people write them."""
    digits = re.sub(r"\D", "", typed)
    snils = f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"
    if re.fullmatch(r"\d{3}-\d{3}-\d{3}[ -]?\d{2}", typed.strip()) or (
        len(digits) == 11 and digits[:2] not in ("79", "89")
    ):
        return snils
    if len(digits) in (10, 11) and digits[-10] == "9":
        return f"+7{digits[-10:]}"
    raise Problem("invalid_input", "page.who_wrong")
