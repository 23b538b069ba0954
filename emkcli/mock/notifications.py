"""Messages: each step is told in the cabinet and by SMS, with whom to ask; kept as keys, worded when read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from emkcli.mock import clock, codes, fields, schema
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem, invalid
from emkcli.mock.texts import PORTAL, text

if TYPE_CHECKING:
    from sqlite3 import Row

Contact = dict[str, str]
SUPPORT_PHONE = "8 800 000-00-00"


def support() -> Contact:
    return {"key": "support", "phone": SUPPORT_PHONE}


def registry(clinic: str, phone: str) -> Contact:
    return {"key": "registry", "clinic": clinic, "phone": phone}


def notify(call: Call, account: str, key: str, names: dict[str, Any], contact: Contact) -> None:
    """Tell the person: one message in the cabinet, one to the phone."""
    for channel in ("cabinet", "sms"):
        call.db.execute(
            "INSERT INTO notifications (id, account, at, channel, text, names, contact) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                f"n-{schema.number(call.db, 'notifications'):06d}", account, call.now, channel, key,
                json.dumps(names, ensure_ascii=False), json.dumps(contact, ensure_ascii=False),
            ),
        )  # fmt: skip
    phone = call.db.execute("SELECT phone FROM accounts WHERE id = ?", (account,)).fetchone()["phone"]
    codes.deliver(call.db, call.now, phone, _worded(f"{key}.text", names, "ru"))


def notifications(call: Call) -> Reply:
    unread = call.request.param("unread")
    if unread not in (None, "true", "false"):
        raise invalid("unread", "boolean")
    rows = call.db.execute(
        "SELECT * FROM notifications WHERE account = ? ORDER BY at DESC, id DESC", (call.owner["id"],)
    ).fetchall()
    matches = [row for row in rows if unread is None or row["read"] == (unread == "false")]
    page = fields.page(call, matches)
    page["items"] = [_shown(call, row) for row in page["items"]]
    return answer(page)


def notification(call: Call) -> Reply:
    return answer(_shown(call, _own(call)))


def read(call: Call) -> Reply:
    call.db.execute("UPDATE notifications SET read = 1 WHERE id = ?", (_own(call)["id"],))
    return answer(_shown(call, _own(call)))


def _own(call: Call) -> Row:
    row: Row | None = call.db.execute(
        "SELECT * FROM notifications WHERE id = ? AND account = ?", (call.args["id"], call.owner["id"])
    ).fetchone()
    if row is None:
        raise Problem("not_found", "no_notification", names=call.args)
    return row


def _shown(call: Call, row: Row) -> dict[str, Any]:
    names, contact = json.loads(row["names"]), json.loads(row["contact"])
    return {
        "id": row["id"],
        "at": clock.iso(row["at"]),
        "channel": row["channel"],
        "title": _worded(row["text"], names, PORTAL),
        "text": _worded(f"{row['text']}.text", names, PORTAL),
        "read": bool(row["read"]),
        "contact": {"name": text(contact["key"], PORTAL, **contact), "phone": contact["phone"]},
    }


def _worded(key: str, names: dict[str, Any], language: str) -> str:
    values = names | ({"expected_by": _readable(names["expected_by"])} if names.get("expected_by") else {})
    return text(key, language, **values)


def _readable(at: int) -> str:
    return f"{clock.moment(at):%d.%m.%Y %H:%M}"
