"""/mock/*: the strings that tests and `emk mock` pull; only for who sits at the same machine, or has the control token."""

from __future__ import annotations

import math
import re
from fnmatch import fnmatchcase
from functools import wraps
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from emkcli.mock import clock, events, faults, fields, schema
from emkcli.mock.exchange import Call, Reply, Request, answer
from emkcli.mock.problems import Problem, invalid

if TYPE_CHECKING:
    from collections.abc import Callable
    from sqlite3 import Row

    from emkcli.mock.router import Handler

EMBEDDED_HOSTS = ("embedded", "mock", "emk")
_LOGGED = ("method", "path", "status", "request_id")
_QUERIES = {
    "method": re.compile(r"[A-Za-z]+", re.ASCII),
    "path": re.compile(r"[/*].*", re.DOTALL),
    "status": re.compile(r"[1-5]\d\d", re.ASCII),
}
_LOOPBACK = re.compile(r"localhost|\[::1\]|127(\.\d{1,3}){3}")
SCENARIOS = (
    "happy", "refusal", "expired-sms", "empty-card", "new-consent", "closed-panels", "slow", "child",
    "consent-withdrawn",
)  # fmt: skip


def local(handler: Handler) -> Handler:
    """Refused unless the caller may control the mock."""

    @wraps(handler)
    def guarded(call: Call) -> Reply:
        check_control(call.request)
        return handler(call)

    return guarded


def check_control(request: Request) -> None:
    """403 without the token of a server that has one; elsewhere 404 unless the caller came over loopback. Never a web page."""
    if "origin" in request.headers:
        raise Problem("not_found")
    if request.control_token is not None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not compare_digest(given.encode(), request.control_token.encode()):
            raise Problem("forbidden", "control_token")
    elif not _is_near(request):
        raise Problem("not_found")


def may_control(request: Request) -> bool:
    """Whether a person at this machine asks, and no page that they have open: it could read codes."""
    return "origin" not in request.headers and request.control_token is None and _is_near(request)


def is_own_page(request: Request) -> bool:
    """Whether a form of our own page at this very address was sent."""
    own = "/".join(request.base.split("/")[:3])  # a tenant's page has the origin of its server
    return request.headers.get("origin") == own and request.control_token is None and _is_near(request)


def _is_near(request: Request) -> bool:
    """Whether the caller came over loopback, and named it."""
    host = re.sub(r":\d+$", "", request.host)
    is_local = host in EMBEDDED_HOSTS or _LOOPBACK.fullmatch(host) is not None
    is_near = request.remote in ("", "::1") or request.remote.startswith("127.")
    return is_local and is_near


@local
def reset(call: Call) -> Reply:
    """Forget everybody; the seed and the size of cards stay unless given anew."""
    value = fields.checked(fields.json_object(call), "Reset")
    settings = call.settings
    seed = value.get("seed", call.seed)
    records = value.get("records", int(settings["records"]) if "records" in settings else None)
    schema.erase(call.db, seed)
    if records is not None:
        schema.put_setting(call.db, "records", records)
    return answer({"seed": seed, "records": records})


@local
def seed(call: Call) -> Reply:
    from emkcli.mock import seeding

    return answer(seeding.seed(call, fields.checked(fields.json_object(call), "Seed")), 201)


@local
def clock_now(call: Call) -> Reply:
    return answer(_clock(call))


@local
def clock_move(call: Call) -> Reply:
    move_clock(call, fields.body(call, "Clock"))
    return answer(_clock(call))


def move_clock(call: Call, value: dict[str, Any]) -> None:
    """Move or pace the clock; what became due happens before the answer."""
    if "speed" in value:
        clock.set_speed(call.db, value["speed"])
    if "set" in value:
        clock.set_to(call.db, moment(value["set"]))
    if "advance" in value:
        clock.advance(call.db, math.ceil(value["advance"]))
    if "next" in value and (upcoming := events.upcoming(call.db)):
        clock.set_to(call.db, max(clock.now(call.db), clock.parse(upcoming["at"])))
    call.now = clock.now(call.db)
    events.settle(call)


@local
def inbox(call: Call) -> Reply:
    rows = call.db.execute("SELECT * FROM inbox ORDER BY id DESC").fetchall()
    items = [
        {"at": clock.iso(row["at"]), "phone": row["phone"], "text": row["text"], "code": row["code"]} for row in rows
    ]
    return answer({"items": items})


@local
def scenario(call: Call) -> Reply:
    return answer({"name": call.scenario})


@local
def set_scenario(call: Call) -> Reply:
    name = fields.body(call, "Scenario")["name"]
    enter_scenario(call, name)
    return answer({"name": name})


def enter_scenario(call: Call, name: str) -> None:
    """What happens from now on; a new text of a consent stays in force until a reset."""
    from emkcli.mock import scenarios

    schema.put_setting(call.db, "scenario", name)
    call.settings = call.settings | {"scenario": name}
    if name == "new-consent":
        schema.put_setting(call.db, "egisz_version", "2")
    scenarios.befall_all(call)


@local
def faults_now(call: Call) -> Reply:
    rows = call.db.execute("SELECT * FROM faults ORDER BY id").fetchall()
    return answer({"items": [_shown_fault(row) for row in rows]})


@local
def add_fault(call: Call) -> Reply:
    value = fields.body(call, "Fault")
    method = value.get("method")
    call.db.execute(
        "INSERT INTO faults (kind, method, path, times, after, seconds, rate) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            value["kind"], method.upper() if method else None, value.get("path"),
            # one that strikes now and then goes on doing so
            value.get("times", 0 if "rate" in value else 1), value.get("after", 0), value.get("seconds", faults.SLOW),
            value.get("rate", 1.0),
        ),
    )  # fmt: skip
    row = call.db.execute("SELECT * FROM faults ORDER BY id DESC LIMIT 1").fetchone()
    return answer(_shown_fault(row), 201)


def _shown_fault(row: Row) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if name != "drawn"}


@local
def clear_faults(call: Call) -> Reply:
    call.db.execute("DELETE FROM faults")
    return answer({"items": []})


@local
def block(call: Call) -> Reply:
    """Block an account, as ESIA does after a theft, or open it again."""
    value = fields.body(call, "Block")
    row = call.db.execute("SELECT id FROM accounts WHERE phone = ?", (value["phone"],)).fetchone()
    if row is None:
        raise Problem("not_found", "no_account", names={"phone": value["phone"]})
    change = "INSERT OR IGNORE INTO blocked VALUES (?)" if value["blocked"] else "DELETE FROM blocked WHERE account = ?"
    call.db.execute(change, (row["id"],))
    return answer({"person_id": row["id"], "blocked": value["blocked"]})


@local
def log(call: Call) -> Reply:
    """The requests, oldest first: those of a method, a path and a status where these are asked for."""
    wanted = _wanted(call.request)
    rows = call.db.execute("SELECT * FROM log ORDER BY id").fetchall()
    items = [{"at": clock.iso(row["at"])} | {name: row[name] for name in _LOGGED} for row in rows if wanted(row)]
    # numbered from 1 on, also those that were lost
    return answer({"items": items, "total": len(items), "truncated": bool(rows) and rows[-1]["id"] != len(rows)})


def _wanted(request: Request) -> Callable[[Row], bool]:
    """What the query asks for. In a path `*` stands for anything, also for nothing and for slashes."""
    asked = dict(request.query)
    for name, value in request.query:
        if name not in _QUERIES:
            raise invalid(name, "unknown")
        if value != asked[name] or not _QUERIES[name].fullmatch(value):
            raise invalid(name, "format")
    method, status = asked.get("method", "").upper(), asked.get("status", "")
    pattern = re.sub(r"[?[]", r"[\g<0>]", asked.get("path", "*"))

    def fits(row: Row) -> bool:
        path = str(row["path"]).partition("?")[0]
        return method in ("", row["method"]) and status in ("", str(row["status"])) and fnmatchcase(path, pattern)

    return fits


@local
def clear_log(call: Call) -> Reply:
    call.db.execute("DELETE FROM log")
    return answer({"items": [], "total": 0, "truncated": False})


def _clock(call: Call) -> dict[str, Any]:
    upcoming = events.upcoming(call.db)
    return {"now": clock.iso(clock.now(call.db)), "speed": clock.speed(call.db), "next_event": upcoming}


def moment(text: str) -> int:
    """A moment that a body names as `set`, in seconds."""
    try:
        return clock.parse(text)
    except (ValueError, OverflowError) as error:
        raise invalid("set", "date-time") from error
