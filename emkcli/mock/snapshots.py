"""Snapshots: a whole state as lines of JSON, which another version of the mock reads or refuses by name.

The first line names the format, its version (that of the tables) and the moment; then comes one line for each row, by the names of
its columns; the last line has how many there were and the SHA-256 of all before it. What a version did not have yet is as in a new
state. Accounts, codes and the hashes of tokens are in it, so sessions go on; the key this server signs with is not, and stays.
"""

from __future__ import annotations

import base64
import json
from binascii import Error as Malformed
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from sqlite3 import DataError, IntegrityError
from typing import TYPE_CHECKING, Any, NamedTuple

from emkcli.mock import card, clock, control, fhir, fields, schema
from emkcli.mock.control import local
from emkcli.mock.exchange import Call, Reply, answer
from emkcli.mock.problems import Problem

if TYPE_CHECKING:
    from sqlite3 import Connection

FORMAT = "emk mock state"
LARGEST = 64 * 1024 * 1024
MEDIA = "application/jsonl"
_NOT_KEPT = ("keys", "clock", "fhir_version")
"""The private key stays where it is; the clock is told in the first line, as a moment and not as this machine's time. The version of
the records is drawn anew, or pages of before would be taken for those of the snapshot."""
_JSON = {"fhir_resource": ("json",), "accounts": ("data", "pins"), "persons": ("data",), "applications": ("history",)}
"""Columns that are JSON, which nobody looks into before they are needed."""
_SETTINGS = ("seed", "scenario", "egisz_version")


class Snapshot(NamedTuple):
    """What stands in one: the moment, and rows by table."""

    version: int
    now: str
    speed: float
    rows: list[tuple[str, dict[str, Any]]]


@local
def save(call: Call) -> Reply:
    content = written(call.db)
    if len(content) > LARGEST:
        raise Problem("invalid_input", "snapshot_large", status=413)
    return Reply(200, content, MEDIA)


@local
def load(call: Call) -> Reply:
    """Everything in it, instead of everything that is there, or nothing at all."""
    content = call.request.whole_body(LARGEST)
    if content is None:
        raise Problem("invalid_input", "snapshot_large", status=413)
    snapshot = _read(content)
    with _undone_on_error(call.db):
        _put(call.db, snapshot)
    call.now = clock.now(call.db)
    return answer({"version": snapshot.version, "rows": len(snapshot.rows), "now": clock.iso(call.now)})


def written(db: Connection) -> bytes:
    """The same bytes for the same state at the same moment."""
    head = {
        "format": FORMAT, "version": schema.VERSION, "now": clock.iso(clock.now(db)), "speed": clock.speed(db),
    }  # fmt: skip
    lines = [_line(head), *_rows(db)]
    content = b"".join(lines)
    return content + _line({"rows": len(lines) - 1, "sha256": sha256(content).hexdigest()})


def _rows(db: Connection) -> Iterator[bytes]:
    for table, columns in _tables(db).items():
        order = ", ".join(map(str, range(1, len(columns) + 1)))
        for row in db.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}"):  # noqa: S608
            yield _line({"table": table, "row": {name: _cell(row[name]) for name in columns}})


def _tables(db: Connection) -> dict[str, list[str]]:
    """The columns of each table that is kept."""
    found = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    names = [row["name"] for row in found if row["name"] not in _NOT_KEPT]
    return {name: [column["name"] for column in db.execute(f"PRAGMA table_info({name})")] for name in names}


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def _cell(value: Any) -> Any:
    """JSON has no bytes: those that are text are written as such."""
    if not isinstance(value, bytes):
        return value
    try:
        return {"utf8": value.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


def _value(cell: Any) -> Any:
    match cell:
        case {"utf8": str(text)} if len(cell) == 1:
            return text.encode()
        case {"base64": str(text)} if len(cell) == 1:
            return base64.b64decode(text, validate=True)
        case None | str() | float():
            return cell
        case int() if not isinstance(cell, bool):
            return cell
    raise ValueError


def _read(content: bytes) -> Snapshot:
    """Refused as foreign, as newer, or as cut or damaged, in this order: a newer one may end otherwise."""
    first, _, _ = content.partition(b"\n")
    head = _parsed(first, "snapshot_foreign")
    if head.get("format") != FORMAT or type(version := head.get("version")) is not int or version < 1:
        raise Problem("invalid_input", "snapshot_foreign")
    if version > schema.VERSION:
        names = {"version": version, "known": schema.VERSION}
        raise Problem("invalid_input", "snapshot_newer", names=names)
    lines = content.splitlines(keepends=True)
    total = _parsed(lines[-1], "snapshot_damaged")
    before = content.removesuffix(lines[-1])
    if total.get("sha256") != sha256(before).hexdigest() or total.get("rows") != len(lines) - 2:
        raise Problem("invalid_input", "snapshot_damaged")
    moment = fields.checked({"set": head.get("now"), "speed": head.get("speed")}, "Clock")
    return Snapshot(version, moment["set"], moment["speed"], [_row(line) for line in lines[1:-1]])


def _row(line: bytes) -> tuple[str, dict[str, Any]]:
    match _parsed(line, "snapshot_damaged"):
        case {"table": str(table), "row": {} as row} if row:
            try:
                return table, {name: _value(cell) for name, cell in row.items()}
            except (ValueError, Malformed):
                pass
    raise Problem("invalid_input", "snapshot_damaged")


def _parsed(line: bytes, reason: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Problem("invalid_input", reason)
    return value


def _put(db: Connection, snapshot: Snapshot) -> None:
    tables = _tables(db)
    for table in tables:
        db.execute(f"DELETE FROM {table}")  # noqa: S608
    for table, row in snapshot.rows:
        if not row.keys() <= set(tables.get(table, ())):
            raise Problem("invalid_input", "snapshot_damaged")
        for name in _JSON.get(table, ()):
            json.loads(row.get(name) or "")  # a ValueError is a refusal, as of any other row that does not fit
        marks = ", ".join("?" * len(row))
        db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))  # noqa: S608
    settings = schema.settings(db)
    if not (settings.get("seed", "").isdecimal() and settings.keys() >= set(_SETTINGS)):
        raise Problem("invalid_input", "snapshot_damaged")
    if int(settings.get("records", "0")) not in range(card.MOST_RECORDS + 1):
        raise Problem("invalid_input", "snapshot_damaged")
    fhir.changed(db)
    # the speed first: until it is that of the snapshot, the moment would run away
    clock.set_speed(db, snapshot.speed)
    clock.set_to(db, control.moment(snapshot.now))


@contextmanager
def _undone_on_error(db: Connection) -> Iterator[None]:
    """A refusal is an answer like any other, and its transaction is kept: what was begun here is taken back before."""
    db.execute("SAVEPOINT load")
    try:
        yield
    except BaseException as error:
        db.execute("ROLLBACK TO load")
        db.execute("RELEASE load")
        if isinstance(error, (IntegrityError, DataError, OverflowError, ValueError)):
            raise Problem("invalid_input", "snapshot_damaged") from error
        raise
    db.execute("RELEASE load")
