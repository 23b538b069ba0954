"""Resources in SQLite: the bytes as they are served, beside the columns they are found by."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.instants import stored
from emkcli.mock.fhir.kinds import KINDS, TOKEN_COLUMNS, UNOWNED, Kind, references, walk

if TYPE_CHECKING:
    from sqlite3 import Connection

SCHEMA = """
CREATE TABLE IF NOT EXISTS fhir_resource (
    seq INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    patient TEXT NOT NULL,
    date TEXT NOT NULL,
    date_end TEXT NOT NULL,
    last_updated TEXT NOT NULL,
    token_identifier TEXT NOT NULL,
    token_category TEXT NOT NULL,
    token_code TEXT NOT NULL,
    token_status TEXT NOT NULL,
    token_type TEXT NOT NULL,
    token_class TEXT NOT NULL,
    json BLOB NOT NULL,
    UNIQUE (type, id)
);
CREATE INDEX IF NOT EXISTS fhir_by_patient ON fhir_resource (patient, type, date, id, token_category, token_status);
CREATE INDEX IF NOT EXISTS fhir_by_update ON fhir_resource (patient, type, last_updated, id);
CREATE INDEX IF NOT EXISTS fhir_by_order ON fhir_resource (patient, type, seq, token_category, token_status);
CREATE INDEX IF NOT EXISTS fhir_of_patient ON fhir_resource (patient, seq);
-- which directory entries (clinics, physicians) a record or another entry speaks of
CREATE TABLE IF NOT EXISTS fhir_link (
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    PRIMARY KEY (source, target)
) WITHOUT ROWID;
-- another number whenever a resource has changed, and never the same in two states
CREATE TABLE IF NOT EXISTS fhir_version (only INTEGER PRIMARY KEY, version INTEGER NOT NULL);
INSERT OR REPLACE INTO fhir_version VALUES (1, random());
"""

_TOKENS = tuple(f"token_{name}" for name in TOKEN_COLUMNS)
_COLUMNS = ("type", "id", "patient", "date", "date_end", "last_updated", *_TOKENS, "json")
_UPSERT = (
    f"INSERT INTO fhir_resource ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "  # noqa: S608
    f"ON CONFLICT (type, id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[2:])}"
)
_BATCH = 500
# Tokens are kept as `␟token␟token␟`, so that one instr() finds a whole token and nothing else.
MARK = "\x1f"


class Prepared(NamedTuple):
    """A resource as it is kept: its row, and its links to the directory."""

    row: tuple[str | bytes, ...]
    links: tuple[tuple[str, str], ...]


def prepared(resource: Mapping[str, Any]) -> Prepared:
    return Prepared(_row(resource), tuple(_links(resource)))


def put_all(db: Connection, resources: Iterable[dict[str, Any]]) -> int:
    """Insert or replace resources, in batches; the caller commits. Returns how many there were."""
    return put_prepared(db, map(prepared, resources))


def put_prepared(db: Connection, resources: Iterable[Prepared]) -> int:
    stream, count = iter(resources), 0
    linked: set[tuple[str, str]] = set()
    while batch := list(islice(stream, _BATCH)):
        db.executemany(_UPSERT, [resource.row for resource in batch])
        links = {link for resource in batch for link in resource.links} - linked
        db.executemany("INSERT OR IGNORE INTO fhir_link VALUES (?, ?)", sorted(links))
        linked |= links
        count += len(batch)
    changed(db)
    return count


def read(db: Connection, kind: str, ident: str, patients: Collection[str] | None = None) -> bytes:
    """One resource as JSON; another patient's is as unknown as a missing one (`None`: every patient's is readable)."""
    row = db.execute("SELECT json, patient FROM fhir_resource WHERE type = ? AND id = ?", (kind, ident)).fetchone()
    if row is None or (row[1] and patients is not None and row[1] not in patients):
        raise FhirError(404, "not-found", f"{kind}/{ident} is not known")
    return bytes(row[0])


def remove(db: Connection, kind: str, ident: str) -> None:
    """Delete one resource for good; it is then as unknown as one that never was."""
    if not db.execute("DELETE FROM fhir_resource WHERE type = ? AND id = ?", (kind, ident)).rowcount:
        raise FhirError(404, "not-found", f"{kind}/{ident} is not known")
    changed(db)


def version(db: Connection) -> int:
    """The number of what all records are now; no other state has or had it."""
    return int(db.execute("SELECT version FROM fhir_version").fetchone()[0])


def changed(db: Connection) -> None:
    """Give the records another number."""
    db.execute("UPDATE fhir_version SET version = random()")


@lru_cache(maxsize=1)
def _encode() -> Callable[[Any], bytes]:
    import msgspec  # slow to load, and only a server that seeds needs it

    return msgspec.json.Encoder(decimal_format="number").encode


def dumps(resource: Any) -> bytes:
    """A resource as compact UTF-8 JSON; decimals keep every digit (`5.40` stays `5.40`)."""
    return _encode()(resource)


def _row(resource: Mapping[str, Any]) -> tuple[str | bytes, ...]:
    name = resource["resourceType"]
    if name not in KINDS:
        raise FhirError(400, "not-supported", f"{name} is not kept here")
    kind = KINDS[name]
    start, end = _dates(resource, kind)
    updated = stored(resource["meta"]["lastUpdated"]).start
    tokens = _tokens(resource, kind)
    columns = (tokens.get(column, "") for column in TOKEN_COLUMNS)
    return name, resource["id"], _owner(resource, kind), start, end, updated, *columns, dumps(resource)


def _owner(resource: Mapping[str, Any], kind: Kind) -> str:
    if kind.patient is None:
        return ""
    if kind.patient == "id":
        return str(resource["id"])
    owners = (ref for ref in references(resource, kind.patient) if ref.startswith("Patient/"))
    owner = next(owners, "").rpartition("/")[2]
    if not owner:  # without an owner everybody could read it
        raise FhirError(400, "required", f"{resource['resourceType']}/{resource['id']} names no patient")
    return owner


def _dates(resource: Mapping[str, Any], kind: Kind) -> tuple[str, str]:
    return next((stored(value) for path in kind.dates for value in walk(resource, path)), ("", ""))


def _tokens(resource: Mapping[str, Any], kind: Kind) -> dict[str, str]:
    """Packed tokens by column."""
    packed = {}
    for name, target in kind.tokens.items():
        column, path = token_target(name, target)
        tokens = list(dict.fromkeys(token for value in walk(resource, path) for token in _token(value)))
        if tokens:
            packed[column] = MARK + MARK.join(tokens) + MARK
    return packed


def token_target(name: str, target: str) -> tuple[str, str]:
    """Column and element path of a token parameter (`code:vaccineCode`, or the path alone)."""
    column, colon, path = target.partition(":")
    return (column, path) if colon else (name, target)


def _token(value: Any) -> Iterator[str]:
    """`code` and `system|code` of a code, Coding, CodeableConcept or Identifier."""
    if isinstance(value, str):
        yield value
        return
    for item in value.get("coding") or [value]:
        code = item.get("code") or item.get("value")
        if code:
            yield code
            yield f"{item.get('system', '')}|{code}"


def _links(resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = KINDS[resource["resourceType"]]
    owner = _owner(resource, kind)
    source = f"Patient/{owner}" if owner else f"{resource['resourceType']}/{resource['id']}"
    for path in kind.references.values():
        for ref in references(resource, path):
            if ref.partition("/")[0] in UNOWNED:
                yield source, ref
