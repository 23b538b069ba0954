"""Faults on demand: planned through /mock/faults, or asked for by a header: `X-Mock-Fault`, `Prefer: code=…`."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, NamedTuple

from emkcli.mock import chance
from emkcli.mock.exchange import Reply, Request
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

KINDS = (
    "5xx", "429", "html", "truncated-json", "drop-after-commit", "401-mid-paging", "stale-page", "slow", "200-with-error",
    "empty",
)  # fmt: skip
SLOW = 2.0
"""Seconds that an answer takes longer, where nobody said how many; so long takes each in the scenario `slow`."""
_LATER_PAGES = ("401-mid-paging", "stale-page")
_PREFERRED = re.compile(r"code\s*=\s*\"?([45]\d\d)\"?", re.ASCII)
_CODES = {
    401: "session_lost", 403: "forbidden", 404: "not_found", 405: "unsupported", 409: "conflict", 410: "not_found",
    429: "rate_limited", 507: "storage",
}  # fmt: skip
_RATES = 1_000_000
_PAGES = ("cursor", "page", "_page", "_cursor", "_getpages", "_offset")
_HTML = "<!doctype html><title>Вход в сеть</title><h1>Войдите в сеть Wi-Fi</h1>"
_ERROR = {"errorCode": 505, "errorMessage": "Внутренняя ошибка сервиса"}


class Fault(NamedTuple):
    """What goes wrong with this request."""

    kind: str
    seconds: float = SLOW
    status: int = 0


class Dropped(ConnectionResetError):
    """The connection breaks after everything was done: in process this leaves the application."""


def is_spared(request: Request) -> bool:
    """Whether nothing ever goes wrong here, or nobody could end a fault again."""
    return request.path.startswith("/mock/") or request.path == "/healthz"


def asked_for(request: Request) -> Fault | None:
    """The fault that a header of this one request names."""
    if is_spared(request):
        return None
    kind = request.headers.get("x-mock-fault")
    if kind in KINDS:
        return Fault(kind)
    for preference in request.headers.get("prefer", "").split(","):
        if found := _PREFERRED.fullmatch(preference.partition(";")[0].strip()):
            return Fault("status", status=int(found[1]))
    return None


def due(db: Connection, request: Request, seed: int) -> Fault | None:
    """The first planned fault that strikes this request, counted off."""
    for row in db.execute("SELECT * FROM faults ORDER BY id").fetchall():
        if _matches(row, request) and _counts(db, row, seed):
            return Fault(row["kind"], row["seconds"])
    return None


def instead(fault: Fault | None) -> Reply | None:
    """The faults that keep the handler from running."""
    kind = fault.kind if fault else None
    if fault and kind == "status":
        raise _preferred(fault.status)
    if kind == "stale-page":
        raise Problem("not_found", "page_expired", status=410)
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


def _preferred(status: int) -> Problem:
    code = _CODES.get(status) or ("server_error" if status >= 500 else "invalid_input")
    headers = {"Preference-Applied": f"code={status}"} | ({"Retry-After": "1"} if status == 429 else {})
    return Problem(code, "preferred", status=status, headers=headers)


def delay(request: Request, scenario: str) -> float:
    """How much longer any answer takes, in seconds."""
    return SLOW if scenario == "slow" and not is_spared(request) else 0.0


def spoil(fault: Fault | None, reply: Reply) -> None:
    """What meets a reply on its way out; what was done stays done."""
    if reply.delay:
        time.sleep(reply.delay)
    if fault and fault.kind == "truncated-json":
        reply.body = reply.body[: len(reply.body) // 2]
    if fault and fault.kind == "drop-after-commit":
        raise Dropped("the connection was closed before the response")


def _matches(row: Row, request: Request) -> bool:
    if row["method"] and row["method"] != request.method:
        return False
    if row["path"] and not request.path.startswith(row["path"]):
        return False
    return row["kind"] not in _LATER_PAGES or _is_later_page(request)


def _is_later_page(request: Request) -> bool:
    return any(name in _PAGES and value not in ("", "0", "1") for name, value in request.query)


def _counts(db: Connection, row: Row, seed: int) -> bool:
    """Let the first `after` matches pass, then strike at the rate, `times` times in all (0: until cleared)."""
    if row["after"] > 0:
        db.execute("UPDATE faults SET after = after - 1 WHERE id = ?", (row["id"],))
        return False
    if row["rate"] < 1:
        db.execute("UPDATE faults SET drawn = drawn + 1 WHERE id = ?", (row["id"],))
        if chance.draw(1, _RATES, seed, "fault", row["id"], row["drawn"]) > row["rate"] * _RATES:
            return False
    if row["times"] == 1:
        db.execute("DELETE FROM faults WHERE id = ?", (row["id"],))
    elif row["times"] > 1:
        db.execute("UPDATE faults SET times = times - 1 WHERE id = ?", (row["id"],))
    return True
