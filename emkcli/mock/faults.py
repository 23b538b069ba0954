"""Faults on demand: planned through /mock/faults, or asked for by the header `X-Mock-Fault`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from emkcli.mock.exchange import Reply, Request
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

KINDS = (
    "5xx", "429", "html", "truncated-json", "drop-after-commit", "401-mid-paging", "slow", "200-with-error", "empty",
)  # fmt: skip
SLOW = 2.0
_PAGES = ("cursor", "page", "_page", "_cursor", "_getpages", "_offset")
_HTML = "<!doctype html><title>Вход в сеть</title><h1>Войдите в сеть Wi-Fi</h1>"
_ERROR = {"errorCode": 505, "errorMessage": "Внутренняя ошибка сервиса"}


class Fault(NamedTuple):
    """What goes wrong with this request."""

    kind: str
    seconds: float = SLOW


class Dropped(ConnectionResetError):
    """The connection breaks after everything was done: in process this leaves the application."""


def due(db: Connection, request: Request) -> Fault | None:
    """The fault for this request, counted off; the header comes first."""
    # or nobody could clear the fault again
    if request.path.startswith("/mock/"):
        return None
    kind = request.headers.get("x-mock-fault")
    if kind in KINDS:
        return Fault(kind)
    for row in db.execute("SELECT * FROM faults ORDER BY id").fetchall():
        if _matches(row, request) and _counts(db, row):
            return Fault(row["kind"], row["seconds"])
    return None


def instead(fault: Fault | None) -> Reply | None:
    """The faults that keep the handler from running."""
    kind = fault.kind if fault else None
    if kind == "5xx":
        raise Problem("server_error")
    if kind == "429":
        raise Problem("rate_limited", headers={"Retry-After": "1"})
    if kind == "401-mid-paging":
        raise Problem("session_lost", "token_expired")
    if kind == "html":
        return Reply(200, _HTML.encode(), "text/html; charset=utf-8")
    if kind == "200-with-error":
        return Reply(200, json.dumps(_ERROR, ensure_ascii=False).encode())
    return Reply(200) if kind == "empty" else None


def spoil(fault: Fault | None, reply: Reply) -> None:
    """The faults that meet a reply on its way out; what was done stays done."""
    if fault and fault.kind == "truncated-json":
        reply.body = reply.body[: len(reply.body) // 2]
    if fault and fault.kind == "drop-after-commit":
        raise Dropped("the connection was closed before the response")


def _matches(row: Row, request: Request) -> bool:
    if row["method"] and row["method"] != request.method:
        return False
    if row["path"] and not request.path.startswith(row["path"]):
        return False
    return row["kind"] != "401-mid-paging" or _is_later_page(request)


def _is_later_page(request: Request) -> bool:
    return any(name in _PAGES and value not in ("", "0", "1") for name, value in request.query)


def _counts(db: Connection, row: Row) -> bool:
    """Let the first `after` matches pass, then strike `times` times (0: until cleared)."""
    if row["after"] > 0:
        db.execute("UPDATE faults SET after = after - 1 WHERE id = ?", (row["id"],))
        return False
    if row["times"] == 1:
        db.execute("DELETE FROM faults WHERE id = ?", (row["id"],))
    elif row["times"] > 1:
        db.execute("UPDATE faults SET times = times - 1 WHERE id = ?", (row["id"],))
    return True
