"""The page at `/` for a person: who is in the mock, its clock, inbox and journal, and the buttons of `emk mock`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

from emkcli.mock import clock, control, discovery, events, family, fields, html, schema, seeding
from emkcli.mock.exchange import Reply
from emkcli.mock.problems import Problem
from emkcli.mock.texts import text

if TYPE_CHECKING:
    from emkcli.mock.exchange import Call

_LATEST = 20
_HOUR = 3600
_FORMS = "; form-action 'self'"
# The browser says where a form comes from only where it may say where a person comes from.
_REFERRER = "same-origin"


def front(call: Call) -> Reply:
    """What this server is: for a program as JSON, for a browser as a page."""
    accepted = call.request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip()
    reply = show(call) if accepted == html.MEDIA else discovery.discovery(call)
    reply.headers["Vary"] = "Accept, Accept-Language"
    return reply


def show(call: Call) -> Reply:
    if not control.may_control(call.request):
        return html.page(call, "front.title", [f"<p>{escape(text('front.closed', call.language))}</p>"])
    parts = [_clock(call), _scenario(call), _people(call), _inbox(call), _journal(call)]
    return html.page(call, "front.title", parts, forms=_FORMS, referrer=_REFERRER, wide=True)


def act(call: Call) -> Reply:
    """A button of the page; only of this very page, since a page of others could send the same form."""
    if not control.is_own_page(call.request):
        raise Problem("forbidden", "front.foreign")
    form = fields.form(call)
    action = _ACTIONS.get(form.get("action", ""))
    if action is None:
        raise Problem("invalid_input", "front.no_action")
    action(call, form)
    return Reply(303, b"", "text/plain", Location=f"{call.request.base}/")


def _advance(call: Call, form: dict[str, str]) -> None:
    hours = form.get("hours", "")
    if hours not in ("1", "24", "48"):
        raise Problem("invalid_input", "front.no_action")
    control.move_clock(call, {"advance": int(hours) * _HOUR})


def _seed(call: Call, form: dict[str, str]) -> None:
    seeding.seed(call, {"another": True})


def _enter(call: Call, form: dict[str, str]) -> None:
    name = form.get("name", "")
    if name not in control.SCENARIOS:
        raise Problem("invalid_input", "front.no_action")
    control.enter_scenario(call, name)


_ACTIONS: dict[str, Callable[[Call, dict[str, str]], None]] = {
    "advance": _advance,
    "next": lambda call, form: control.move_clock(call, {"next": True}),
    "seed": _seed,
    "scenario": _enter,
    "reset": lambda call, form: schema.erase(call.db, call.seed),
}


def _clock(call: Call) -> str:
    upcoming = events.upcoming(call.db)
    told = text("front.now", call.language, now=clock.iso(call.now), speed=f"{clock.speed(call.db):g}")
    due = text("front.upcoming", call.language, **upcoming) if upcoming else text("front.quiet", call.language)
    buttons = [_button(call, "advance", f"front.hours_{hours}", hours=str(hours)) for hours in (1, 24, 48)]
    if upcoming:
        buttons.append(_button(call, "next", "front.next"))
    return _section(call, "clock", f"<p>{escape(told)} {escape(due)}</p><div class='row'>{''.join(buttons)}</div>")


def _scenario(call: Call) -> str:
    names = "".join(
        f"<option{' selected' if name == call.scenario else ''}>{name}</option>" for name in control.SCENARIOS
    )
    label = escape(text("front.scenario", call.language))
    enter = escape(text("front.enter", call.language))
    form = (
        f'<form method="post"><label for="name">{label}</label><select id="name" name="name">{names}</select>'
        f'<button name="action" value="scenario">{enter}</button></form>'
    )
    return _section(call, "scenario", form)


def _people(call: Call) -> str:
    rows = call.db.execute("SELECT id, phone, trust, data FROM accounts ORDER BY id").fetchall()
    told = [
        (family.full_name(json.loads(row["data"])), row["phone"], row["trust"], _card(call, row["id"])) for row in rows
    ]
    table = _table(call, "people", ("name", "phone", "trust", "card"), told)
    return _section(
        call,
        "people",
        f"{table}<div class='row'>{_button(call, 'seed', 'front.seed')}{_button(call, 'reset', 'front.reset')}</div>",
    )


def _card(call: Call, person: str) -> str:
    """How far the application is, or how many records there are."""
    row = call.db.execute("SELECT status FROM applications WHERE person = ? ORDER BY id DESC", (person,)).fetchone()
    if row is None or row["status"] != "activated":
        return row["status"] if row else "–"
    count = call.db.execute("SELECT count(*) FROM fhir_resource WHERE patient = ?", (person,)).fetchone()[0]
    return text("front.records", call.language, count=count)


def _inbox(call: Call) -> str:
    rows = call.db.execute("SELECT at, phone, text FROM inbox ORDER BY id DESC LIMIT ?", (_LATEST,)).fetchall()
    told = [(clock.iso(row["at"]), row["phone"], row["text"]) for row in rows]
    return _section(call, "inbox", _table(call, "inbox", ("at", "phone", "text"), told))


def _journal(call: Call) -> str:
    rows = call.db.execute("SELECT at, method, path, status FROM log ORDER BY id DESC LIMIT ?", (_LATEST,)).fetchall()
    told = [(clock.iso(row["at"]), row["method"], row["path"], row["status"]) for row in rows]
    return _section(call, "journal", _table(call, "journal", ("at", "method", "path", "status"), told))


def _section(call: Call, name: str, content: str) -> str:
    return f"<section><h2>{escape(text(f'front.{name}', call.language))}</h2>\n{content}</section>"


def _table(call: Call, name: str, columns: Iterable[str], rows: Sequence[tuple[object, ...]]) -> str:
    if not rows:
        return f"<p>{escape(text('front.nothing', call.language))}</p>"
    head = "".join(f'<th scope="col">{escape(text(f"front.column_{name}", call.language))}</th>' for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>\n" for row in rows)
    label = escape(text(f"front.{name}", call.language))  # a region that scrolls is reached by the keyboard too
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{table}</div>'


def _button(call: Call, action: str, label: str, **values: str) -> str:
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in values.items())
    return f'<form method="post">{hidden}<button name="action" value="{action}">{escape(text(label, call.language))}</button></form>'
