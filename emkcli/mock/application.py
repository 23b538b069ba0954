"""The WSGI application: one request, one transaction, one reply."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emkcli import errors
from emkcli.mock import (
    browsers,
    circumstances,
    clock,
    events,
    faults,
    idempotency,
    log,
    problems,
    router,
    schema,
    sessions,
)
from emkcli.mock.exchange import Call, Reply, Request
from emkcli.mock.problems import Problem
from emkcli.mock.reader import MustWriteError
from emkcli.mock.state import State
from emkcli.mock.texts import PORTAL

if TYPE_CHECKING:
    from sqlite3 import Connection, Row

    from emkcli.mock.circumstances import Circumstances

StartResponse = Callable[..., Any]
_REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 302: "Found", 303: "See Other", 304: "Not Modified",
    400: "Bad Request", 401: "Unauthorized",
    403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 410: "Gone",
    413: "Content Too Large",
    429: "Too Many Requests", 503: "Service Unavailable",
}  # fmt: skip


def open_mock(
    state: str | Path,
    *,
    seed: int = 1,
    records: int | None = None,
    speed: float | None = None,
    notice: Callable[[str], None] | None = None,
) -> Mock:
    """The mock over a state file (made when missing) or `:memory:`; the seed counts only for a new state.

    `records` is how many laboratory results a card activated from now on has; `speed` how fast the clock runs. `notice`
    is told when a damaged file was moved aside. Raises `errors.Storage`, `errors.Busy`.
    """
    mock = Mock(State(state, notice or (lambda text: None), seed=seed))
    try:
        mock.configure(records, speed)
    except BaseException:
        mock.close()
        raise
    return mock


class Mock:
    """A plain WSGI callable, safe to share between threads."""

    def __init__(self, state: State) -> None:
        self.state = state

    def configure(self, records: int | None, speed: float | None) -> None:
        if records is None and speed is None:
            return
        with self.state.transaction() as db:
            if records is not None:
                schema.put_setting(db, "records", records)
            if speed is not None:
                clock.set_speed(db, speed)

    def close(self) -> None:
        self.state.close()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        reply = browsers.preflight(request) or self.answer(request)
        browsers.let_in(request, reply)
        return sent(reply, start_response, with_body=environ["REQUEST_METHOD"] != "HEAD")

    def answer(self, request: Request) -> Reply:
        request_id = request.headers.get("x-request-id", "")[:64] or f"{random.getrandbits(64):016x}"
        try:
            call, reply, fault = self._exchange(request, request_id)
        except Exception as error:
            self._note_failure(request, 503 if isinstance(error, errors.Storage) else 500, request_id)
            raise
        reply.headers = {
            "Date": clock.header(call.now),
            "Content-Language": request.language if reply.status >= 400 else PORTAL,
            "X-Request-Id": request_id,
        } | reply.headers
        faults.spoil(fault, reply)
        return reply

    def _exchange(self, request: Request, request_id: str) -> tuple[Call, Reply, faults.Fault | None]:
        fault = faults.asked_for(request)
        is_foreseen = fault is not None or faults.is_spared(request)
        answered = None if fault else self._read(request, None, request_id, is_foreseen=is_foreseen)
        if answered is None:
            fault = fault if is_foreseen else self._planned(request)
            if fault and fault.kind == "slow":
                time.sleep(fault.seconds)
            answered = self._read(request, fault, request_id) or self._done(request, fault, request_id)
        return *answered, fault

    def _read(
        self, request: Request, fault: faults.Fault | None, request_id: str, *, is_foreseen: bool = True
    ) -> tuple[Call, Reply] | None:
        """The answer to who only reads; None where something must be written first, or a fault may strike unforeseen."""
        # who looks behind the scenes sees everything that waits to be written
        if request.method != "GET" or request.path == "/" or request.path.startswith("/mock/"):
            return None
        try:
            with self.state.reading() as db:
                around = circumstances.of(db)
                if around.has_faults and not is_foreseen:
                    return None
                call, reply = _exchanged(db, around, request, fault, request_id)
        except MustWriteError:
            return None
        self.state.log.add(log.lines(call.now, request, reply.status, request_id))
        return call, reply

    def _done(self, request: Request, fault: faults.Fault | None, request_id: str) -> tuple[Call, Reply]:
        """The answer, with everything that it changed and its line of the log in one transaction."""
        with self.state.transaction() as db:
            call, reply = _exchanged(db, circumstances.of(db), request, fault, request_id)
            log.write(db, log.lines(call.now, request, reply.status, request_id))
        return call, reply

    def _note_failure(self, request: Request, status: int, request_id: str) -> None:
        """A request that came is in the log, whatever became of it."""
        try:
            with self.state.reading() as db:
                at = clock.now(db)
        except errors.Storage:
            self.state.log.lose()
        else:
            self.state.log.add(log.lines(at, request, status, request_id))

    def _planned(self, request: Request) -> faults.Fault | None:
        if not self.state.glance("SELECT count(*) FROM faults"):
            return None
        with self.state.transaction() as db:
            return faults.due(db, request, int(schema.settings(db)["seed"]))


def sent(reply: Reply, start_response: StartResponse, *, with_body: bool = True) -> Iterable[bytes]:
    """The reply as WSGI has it; to `HEAD` without its body."""
    headers = [*reply.headers.items(), ("Content-Length", str(len(reply.body)))]
    start_response(f"{reply.status} {_REASONS.get(reply.status, 'Unknown')}", headers)
    return [reply.body] if with_body else []


def _exchanged(
    db: Connection, around: Circumstances, request: Request, fault: faults.Fault | None, request_id: str
) -> tuple[Call, Reply]:
    call = Call(db, around.now, request)
    if around.is_event_due:
        events.settle(call)
    reply = _answered(call, fault, request_id)
    reply.delay = faults.delay(request, around.scenario)
    return call, reply


def _answered(call: Call, fault: faults.Fault | None, request_id: str) -> Reply:
    try:
        return faults.instead(fault) or _routed(call)
    except Problem as problem:
        return problems.render(problem, call.request.path, call.language, request_id)


def _routed(call: Call) -> Reply:
    route, call.args = router.match(call.request.method, call.request.path)
    if call.request.oversized and not route.takes_more:
        raise Problem("invalid_input", "too_large", status=413)
    if route.access != router.OPEN:
        _admit(call, route.access)
    reply = idempotency.once(call, route, route.load())
    if reply.session_for:
        account = sessions.account_of(call.db, reply.session_for)
        tokens = sessions.open_session(call.db, call.now, account, proven=False)
        reply.body = json.dumps(json.loads(reply.body) | {"tokens": tokens}, ensure_ascii=False).encode()
    return reply


def _admit(call: Call, access: int) -> None:
    """Let the session in, or say what it lacks: a proof of the person, a confirmed account."""
    sessions.authenticate(call)
    if access == router.ACCOUNT or call.session is None:
        return
    if call.owner["trust"] == "confirmed" and not call.session["proven"]:
        raise Problem("login_required", "code_login_required")
    if access == router.CONFIRMED:
        _require_confirmed(call.owner)


def _require_confirmed(account: Row) -> None:
    """403 `not_verified` until the review has ended; while it runs, with the time by which it will."""
    if account["trust"] == "confirmed":
        return
    if account["expected_by"] is None:
        raise Problem("not_verified")
    expected = clock.iso(account["expected_by"])
    raise Problem("not_verified", "in_review", names={"expected_by": expected}, expected_by=expected)
