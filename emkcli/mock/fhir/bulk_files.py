"""A bulk export as it is kept: what was asked for, and the lines of its files as they were at that moment."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from emkcli.mock.fhir.bundle import Params, given
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.instants import span
from emkcli.mock.fhir.kinds import KINDS, UNOWNED
from emkcli.mock.fhir.query import parse_query, served
from emkcli.mock.fhir.search import Whose, follow, owners

if TYPE_CHECKING:
    from sqlite3 import Connection

LINES = 1000
"""Resources in one file; a type with more has several."""
FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")


class File(NamedTuple):
    """One file of newline-delimited JSON: `name` is the last segment of its address."""

    name: str
    type: str
    resources: int
    body: bytes


class Wanted(NamedTuple):
    """What an export was asked for: types, of which none means every one, and searches that narrow single types."""

    kinds: list[str]
    since: str
    filters: list[tuple[str, Params]]

    @property
    def named(self) -> list[str]:
        """Every type that was asked for by its name."""
        return [*self.kinds, *(kind for kind, _ in self.filters)]


def wanted(params: Params) -> Wanted:
    """Read the parameters of a kick-off; an unknown one is refused, as a narrower export than asked for would look whole."""
    kinds, since, filters = list[str](), "", list[tuple[str, Params]]()
    for name, value in given(params):
        match name:
            case "_outputFormat" if value in FORMATS:
                pass
            case "_type":
                kinds += served(value.split(","))
            case "_since":
                since = _instant(value)
            case "_typeFilter":
                filters += [_filter(part) for part in value.split(",") if part]
            case _:
                raise FhirError(400, "not-supported", f"parameter {name!r} with this value is not supported by $export")
    return Wanted(kinds, since, filters)


def files(
    db: Connection, wish: Wanted, patients: Collection[str], whose: Whose | None, base_url: str
) -> Iterator[File]:
    """What these patients' records have now, and the clinics and physicians they speak of; no empty file.

    `whose` are the types that may be read, and of whom, where not all may of all.
    """
    for kind in (kind for kind in KINDS if kind in (wish.kinds or KINDS) and (whose is None or kind in whose)):
        lines = (bytes(row[0]) for row in _rows(db, kind, wish, patients, whose, base_url))
        for number, part in enumerate(_parts(lines), 1):
            yield File(f"{kind}-{number}.ndjson", kind, len(part), b"\n".join(part) + b"\n")


def _instant(value: str) -> str:
    try:
        return span(value.replace(" ", "+")).start
    except (ValueError, OverflowError):
        raise FhirError(400, "invalid", f"_since: not an instant: {value!r}") from None


def _filter(text: str) -> tuple[str, Params]:
    """`Observation?category=laboratory`: the type, and the parameters of a search on it."""
    from urllib.parse import parse_qsl

    kind, _, search = text.partition("?")
    params = parse_qsl(search, keep_blank_values=True)
    parse_query(kind, params, [], lenient=False)  # refused before anything is begun
    if odd := [name for name, _ in params if name.startswith("_") and name not in ("_id", "_lastUpdated")]:
        raise FhirError(400, "not-supported", f"_typeFilter: {odd[0]} is of a page, and an export has none")
    return kind, params


def _rows(
    db: Connection, kind: str, wish: Wanted, patients: Collection[str], whose: Whose | None, base_url: str
) -> Iterable[tuple[bytes]]:
    """The resources of a type; where searches narrow it, those that any of them finds."""
    own = [params for name, params in wish.filters if name == kind] or [[]]
    queries = [parse_query(kind, params, owners(kind, patients, whose), False, base_url) for params in own]
    for query in queries:
        follow(db, query, patients, whose)
    where = " OR ".join(f"({' AND '.join(query.where)})" for query in queries)
    args = [arg for query in queries for arg in query.args]
    sql = f"SELECT json FROM fhir_resource WHERE ({where}) AND last_updated >= ?{_reached(kind, patients)} ORDER BY seq"  # noqa: S608
    about = [f"Patient/{patient}" for patient in sorted(patients)] if kind in UNOWNED else []
    return db.execute(sql, [*args, wish.since, *about])


def _reached(kind: str, patients: Collection[str]) -> str:
    """Of the directory only what the records speak of, and what that speaks of."""
    if kind not in UNOWNED:
        return ""
    marks = ",".join("?" * len(patients))
    return (
        " AND type || '/' || id IN (WITH RECURSIVE reached(ref) AS ("  # noqa: S608
        f"SELECT target FROM fhir_link WHERE source IN ({marks}) "
        "UNION SELECT target FROM fhir_link JOIN reached ON source = ref) SELECT ref FROM reached)"
    )


def _parts(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    while part := list(islice(lines, LINES)):
        yield part


def keep(db: Connection, export: str, made: Iterable[File]) -> None:
    db.executemany("INSERT INTO bulk_files VALUES (?, ?, ?, ?, ?)", ((export, *file) for file in made))


def manifest(db: Connection, export: str, request: str, moment: str, address: str) -> bytes:
    """What a client downloads: each file with its type and how many resources it has."""
    rows = db.execute(
        "SELECT name, type, resources FROM bulk_files WHERE export = ? ORDER BY rowid", (export,)
    ).fetchall()
    output = [{"type": row[1], "url": f"{address}/{row[0]}", "count": row[2]} for row in rows]
    shape = {
        "transactionTime": moment, "request": request, "requiresAccessToken": True, "output": output, "error": [],
    }  # fmt: skip
    return json.dumps(shape, ensure_ascii=False).encode()
