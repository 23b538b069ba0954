"""Idempotency-Key: the same key with the same request answers with what was answered first; nothing happens twice."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from emkcli.mock.exchange import JSON, Call, Reply
from emkcli.mock.problems import Problem, invalid

if TYPE_CHECKING:
    from emkcli.mock.router import Handler, Route

MAX_KEY = 128


def once(call: Call, route: Route, handler: Handler) -> Reply:
    """Answer through the handler, or from memory; only what was done is remembered, a refusal can be tried again."""
    key = call.request.headers.get("idempotency-key")
    if key is None or call.request.method == "GET" or not route.replayed:
        return handler(call)
    if not 0 < len(key) <= MAX_KEY:
        raise invalid("Idempotency-Key", f"1..{MAX_KEY}")
    owner = call.account["id"] if call.account else ""
    # the same key for something else is a mistake of the caller, and an old answer would hide it
    digest = _digest(call)
    row = call.db.execute("SELECT * FROM idempotency WHERE owner = ? AND key = ?", (owner, key)).fetchone()
    if row:
        if row["digest"] != digest:
            raise Problem("conflict", "key_reused")
        reply = Reply(row["status"], bytes(row["body"]), JSON)
        reply.session_for = row["session_for"]
        return reply
    reply = handler(call)
    call.db.execute(
        "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)",
        (owner, key, digest, reply.status, reply.body, reply.session_for),
    )
    return reply


def _digest(call: Call) -> str:
    request = call.request
    head = f"{request.method} {request.path}?{request.query_string}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()
