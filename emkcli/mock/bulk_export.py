"""Bulk Data `$export`: begun by one request, asked after until it is ready, then fetched file by file and removed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from emkcli.mock import card, gate
from emkcli.mock.clock import iso
from emkcli.mock.exchange import JSON, Call, Reply
from emkcli.mock.fhir import bulk_files
from emkcli.mock.fhir.kinds import KINDS
from emkcli.mock.oauth import scopes
from emkcli.mock.problems import Problem, invalid

if TYPE_CHECKING:
    from sqlite3 import Row

SECONDS = 2
"""Until an export is ready, so that a client meets the answer «in progress» too."""
KEPT = 10
"""Exports of one account; the oldest goes first."""


def begin(call: Call) -> Reply:
    """202 with the address to ask at: the records of everybody of the account whose card is open, as they are now."""
    if "respond-async" not in call.request.headers.get("prefer", ""):
        raise invalid("Prefer", "respond-async")
    wish = gate.run(lambda: bulk_files.wanted(gate.parameters(call)))
    for kind in wish.named:
        scopes.require(call, kind, scopes.SEARCH)
    patients = gate.open_records(call)
    whose = scopes.reach(call, patients)
    if whose is not None:
        patients = {patient for found in whose.values() for patient in found}
    if not patients:
        raise scopes.lacking("patient/*.rs")
    made = gate.run(lambda: list(bulk_files.files(call.db, wish, patients, whose, gate.base(call))))
    name = os.urandom(12).hex()
    request = f"{call.request.base}{call.request.path}" + (f"?{query}" if (query := call.request.query_string) else "")
    row = (name, call.owner["id"], _shares(patients, whose), request, call.now, call.now + SECONDS)
    call.db.execute("INSERT INTO bulk_exports VALUES (?, ?, ?, ?, ?, ?)", row)
    bulk_files.keep(call.db, name, made)
    _make_room(call)
    for patient in sorted(patients):
        card.audit_read(call, patient)
    return Reply(202, b"", JSON, Content_Location=_address(call, name))


def status(call: Call) -> Reply:
    """202 with the seconds to wait while it is made; then the manifest."""
    row = _readable(call)
    if (left := row["ready_at"] - call.now) > 0:
        return Reply(202, b"", JSON, Retry_After=str(left), X_Progress="in progress")
    address = _address(call, row["id"])
    return Reply(200, bulk_files.manifest(call.db, row["id"], row["request"], iso(row["begun_at"]), address), JSON)


def file(call: Call) -> Reply:
    row = _readable(call)
    found = call.db.execute(
        "SELECT type, body FROM bulk_files WHERE export = ? AND name = ?", (row["id"], call.args["file"])
    ).fetchone()
    if found is None or row["ready_at"] > call.now:
        raise Problem("not_found")
    scopes.require(call, found["type"], scopes.SEARCH)
    for kind, patient in _held(row):
        if kind in ("", found["type"]):
            gate.require(call, patient, found["type"], scopes.SEARCH)
    return Reply(200, bytes(found["body"]), bulk_files.FORMATS[0])


def remove(call: Call) -> Reply:
    """Cancel it, or say that its files were fetched; afterwards it is unknown."""
    _forget(call, _own(call)["id"])
    return Reply(202, b"", JSON)


def _readable(call: Call) -> Row:
    """One of one's own, of cards that may still be read: a consent may have been revoked since it was begun."""
    row = _own(call)
    for patient in {patient for _, patient in _held(row)}:
        gate.require_open(call, patient)
    return row


def _shares(patients: set[str], whose: dict[str, frozenset[str]] | None) -> str:
    """What is in it of whom, as it is kept: `Type/patient` each."""
    kinds = dict.fromkeys(KINDS, frozenset(patients)) if whose is None else whose
    return " ".join(f"{kind}/{patient}" for kind, found in kinds.items() for patient in sorted(found))


def _held(row: Row) -> list[tuple[str, str]]:
    """An export of an older state names no types: whatever is in it is of each patient."""
    pairs = (share.rpartition("/") for share in row["patients"].split())
    return [(kind, patient) for kind, _, patient in pairs]


def _own(call: Call) -> Row:
    row: Row | None = call.db.execute(
        "SELECT * FROM bulk_exports WHERE id = ? AND account = ?", (call.args["id"], call.owner["id"])
    ).fetchone()
    if row is None:
        raise Problem("not_found")
    return row


def _make_room(call: Call) -> None:
    rows = call.db.execute(
        "SELECT id FROM bulk_exports WHERE account = ? ORDER BY begun_at DESC, id LIMIT -1 OFFSET ?",
        (call.owner["id"], KEPT),
    ).fetchall()
    for row in rows:
        _forget(call, row["id"])


def _forget(call: Call, name: str) -> None:
    call.db.execute("DELETE FROM bulk_files WHERE export = ?", (name,))
    call.db.execute("DELETE FROM bulk_exports WHERE id = ?", (name,))


def _address(call: Call, name: str) -> str:
    return f"{gate.base(call)}/$export/{name}"
