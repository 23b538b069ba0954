"""Search on a type: one page as a searchset Bundle, keyset paged so that rows may be added meanwhile.

A page brings along what it refers to (`_include`) and what refers to it (`_revinclude`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from emkcli.mock.fhir.bundle import RESOURCE, Cursor, Entry, Params, bundle, closing, joined, opening
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.kinds import KINDS, references
from emkcli.mock.fhir.query import Query, parse_query
from emkcli.mock.fhir.store import dumps

if TYPE_CHECKING:
    from sqlite3 import Connection

_REFERENCE = re.compile(rb'"reference":"([^"]+)"')
_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


def search(
    db: Connection, kind: str, params: Params, base_url: str, patients: Collection[str], *, lenient: bool = False
) -> bytes:
    """The Bundle as JSON bytes. Only resources of `patients` (and directory entries) are ever found.

    Raises `FhirError` 400 for a parameter that is unknown (unless `lenient`) or malformed, 404 for an unknown type.
    """
    query = parse_query(kind, params, patients, lenient)
    # told once: a total that changes from page to page would look like a lost record
    total = query.after.total if query.after else _total(db, query)
    if query.count == 0:
        return bundle(kind, base_url, params, total, b"", None)
    found = _Found(query)
    after = found.after(db, total)
    if not (query.elements or query.includes or query.revincludes):
        return bundle(kind, base_url, params, total, found.joined(db, base_url), after)
    page = found.entries(db)
    extra = _included(db, page, query.includes, query.revincludes, patients)
    if query.elements:
        page = [entry._replace(json=_subset(entry.json, query.elements)) for entry in page]
    return bundle(kind, base_url, params, total, joined([*page, *extra], base_url), after)


def _total(db: Connection, query: Query) -> int:
    sql = f"SELECT count(*) FROM fhir_resource WHERE {' AND '.join(query.where)}"  # noqa: S608
    return int(db.execute(sql, query.args).fetchone()[0])


class _Found:
    """The rows of one page."""

    def __init__(self, query: Query) -> None:
        where, self._args = list(query.where), list[str | int](query.args)
        order, sign = ("DESC", "<") if query.descending else ("ASC", ">")
        tie = "seq" if query.sort == "seq" else "id"
        if query.after:
            if not isinstance(query.after.tie, int if tie == "seq" else str):
                raise FhirError(400, "invalid", "the page cursor belongs to another order")
            where.append(f"({query.sort}, {tie}) {sign} (?, ?)")
            self._args += [query.after.key, query.after.tie]
        self._query = query
        self._place = f"{query.sort}, {tie}"
        self._rows = (
            f"FROM fhir_resource WHERE {' AND '.join(where)} ORDER BY {query.sort} {order}, {tie} {order} LIMIT ?"
        )

    def after(self, db: Connection, total: int) -> Cursor | None:
        """Where the page ends, if there is another."""
        sql = f"SELECT {self._place} {self._rows} OFFSET ?"
        last = db.execute(sql, (*self._args, 2, self._query.count - 1)).fetchall()
        return Cursor(last[0][0], last[0][1], total) if len(last) > 1 else None

    def entries(self, db: Connection) -> list[Entry]:
        rows = db.execute(f"SELECT id, json {self._rows}", (*self._args, self._query.count))
        return [Entry(self._query.kind, row[0], row[1]) for row in rows]

    def joined(self, db: Connection, base_url: str) -> bytes:
        """The same, put together where they lie: two hundred steps out of SQLite and back cost more than all the rest."""
        sql = f"SELECT CAST(group_concat(? || id || ? || json || ?) AS BLOB) FROM (SELECT id, json {self._rows})"  # noqa: S608
        around = (opening(base_url, self._query.kind), RESOURCE, closing("match"))
        row = db.execute(sql, (*around, *self._args, self._query.count)).fetchone()
        return row[0] or b""


def _subset(content: bytes, elements: Collection[str]) -> bytes:
    """Of a resource only these elements and what is always there, marked as a part of it."""
    resource = json.loads(content, parse_float=Decimal)
    part = {name: value for name, value in resource.items() if name in {"resourceType", "id", "meta", *elements}}
    meta = part.get("meta", {})
    return dumps(part | {"meta": meta | {"tag": [*meta.get("tag", []), _SUBSETTED]}})


def _included(
    db: Connection, page: list[Entry], includes: Iterable[str], revincludes: Iterable[str], patients: Collection[str]
) -> Iterator[Entry]:
    """What a page refers to and what refers to it: each resource once, and none that is on the page already."""
    keys = {(entry.kind, entry.id) for entry in page}
    forward = (ref for include in includes for ref in _targets(page, *_path(include)))
    backward = (entry for include in revincludes for entry in _sources(db, page, *_path(include), patients))
    for entry in (*_fetched(db, forward, patients), *backward):
        if (entry.kind, entry.id) not in keys:
            keys.add((entry.kind, entry.id))
            yield entry


def _path(include: str) -> tuple[str, str, str]:
    """`Observation:performer[:Organization]` → source type, element path, wanted target type."""
    source, _, rest = include.partition(":")
    name, _, target = rest.partition(":")
    path = KINDS[source].references.get(name) if source in KINDS else None
    if path is None:
        raise FhirError(400, "not-supported", f"include {include!r} is not supported")
    return source, path, target


def _targets(page: list[Entry], source: str, path: str, target: str) -> Iterator[str]:
    for entry in page:
        if entry.kind == source:
            yield from (ref for ref in references(json.loads(entry.json), path) if ref.startswith(target))


def _fetched(db: Connection, refs: Iterable[str], patients: Collection[str]) -> Iterator[Entry]:
    for ref in dict.fromkeys(refs):
        kind, _, ident = ref.partition("/")
        sql = "SELECT json, patient FROM fhir_resource WHERE type = ? AND id = ?"
        for body, owner in db.execute(sql, (kind, ident)):
            # a reference may lead into somebody else's card
            if not owner or owner in patients:
                yield Entry(kind, ident, bytes(body), "include")


def _sources(
    db: Connection, page: list[Entry], source: str, path: str, target: str, patients: Collection[str]
) -> Iterator[Entry]:
    """The stored bytes are looked through first; only what mentions the page is parsed."""
    wanted = {f"{entry.kind}/{entry.id}" for entry in page if not target or entry.kind == target}
    needles = {ref.encode() for ref in wanted}
    owners = ",".join("?" * len(patients))
    sql = f"SELECT id, json FROM fhir_resource WHERE patient IN ({owners}) AND type = ? ORDER BY seq"  # noqa: S608
    for ident, body in db.execute(sql, (*patients, source)):
        mentioned = not needles.isdisjoint(_REFERENCE.findall(body))
        if mentioned and not wanted.isdisjoint(references(json.loads(body), path)):
            yield Entry(source, ident, bytes(body), "include")
