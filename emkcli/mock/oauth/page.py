"""The pages of a login: plain forms without a script, in the reader's language; nothing secret is in an address."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from emkcli.mock import html
from emkcli.mock.exchange import Reply
from emkcli.mock.oauth import logins
from emkcli.mock.texts import text

if TYPE_CHECKING:
    from sqlite3 import Row

    from emkcli.mock.exchange import Call

_FORM = '<form method="post" action="/login" autocomplete="off"><input type="hidden" name="login" value="{handle}">'
_ASK = {
    "who": 'type="text" autocomplete="username" maxlength="40"',
    "code": 'type="text" autocomplete="one-time-code" inputmode="numeric" maxlength="6"',
}


def ask(call: Call, login: Row, handle: str, *, problem: str = "", status: int = 200) -> Reply:
    """The form of the present step: who it is, the code that was sent, or the way back after a refusal."""
    asks = text("page.asks", call.language, client=login["client"], scope=logins.request_of(login).get("scope", ""))
    parts = [f"<p>{escape(asks)}</p>"]
    if problem:
        parts.append(f'<p role="alert" id="problem">{escape(problem)}</p>')
    parts.append(_FORM.format(handle=escape(handle)))
    if login["refused"]:
        parts.append(_button(call, "back"))
    elif login["challenge"]:
        parts += [
            _field(call, "code", problem),
            *(_button(call, name) for name in ("enter", "again", "other", "cancel")),
        ]
    else:
        parts += [_field(call, "who", problem), *(_button(call, name) for name in ("send", "cancel"))]
    return html.page(
        call, "page.title", [*parts, "</form>"], status, forms=_target(logins.request_of(login)["redirect_uri"])
    )


def notice(call: Call, message: str, status: int = 400) -> Reply:
    """A page that leads nowhere: the address of a program that is not trusted gets no answer (RFC 6749 §4.1.2.1)."""
    role = "alert" if status >= 400 else "status"
    return html.page(call, "page.title", [f'<p role="{role}">{escape(message)}</p>'], status)


def redirect(address: str, answer: dict[str, str], status: int = 303) -> Reply:
    """Back to the program, with the answer in the query as the standard has it."""
    place = address + ("&" if urlsplit(address).query else "?") + urlencode(answer)
    return Reply(status, b"", "text/plain", Location=place, Cache_Control="no-store", Referrer_Policy="no-referrer")


def _target(redirect_uri: str) -> str:
    """Browsers hold redirects after a form to `form-action`; it cannot name an IPv6 address."""
    parts = urlsplit(redirect_uri)
    if "[" in parts.netloc or any(sign in parts.netloc for sign in ";, '"):
        return ""
    return f"; form-action 'self' {parts.scheme}://{parts.netloc}"


def _field(call: Call, name: str, problem: str) -> str:
    attributes = ' aria-invalid="true" aria-describedby="problem"' if problem else ""
    label = escape(text(f"page.{name}", call.language))
    return f'<label for="{name}">{label}</label><input id="{name}" name="{name}" {_ASK[name]}{attributes} autofocus>'


def _button(call: Call, name: str) -> str:
    return f'<button name="action" value="{name}">{escape(text(f"page.{name}", call.language))}</button>'
