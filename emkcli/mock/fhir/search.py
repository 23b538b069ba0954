"""Search on a type: one page as a searchset Bundle, keyset paged so that rows may be added meanwhile.

A page brings along what it refers to (`_include`) and what refers to it (`_revinclude`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from emkcli.mock.fhir.bundle import RESOURCE, Cursor, Entry, Params, bundle, closing, joined, opening
from emkcli.mock.fhir.criteria import NOWHERE, allow_references
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.kinds import KINDS, references
from emkcli.mock.fhir.query import Query, parse_query
from emkcli.mock.fhir.subsets import part

if TYPE_CHECKING:
    from sqlite3 import Connection

Whose = Mapping[str, Collection[str]]
"""The types that may be found, each with the patients whose it may be."""
_REFERENCE = re.compile(rb'"reference":"([^"]+)"')


def search(
    db: Connection,
    kind: str,
    params: Params,
    base_url: str,
    patients: Collection[str],
    *,
    lenient: bool = False,
    whose: Whose | None = None,
    address: str = "",
) -> bytes:
    """The Bundle as JSON bytes. Only resources of `patients` (and directory entries) are ever found.

    Other types than those of `whose` (None: all, of all `patients`) are neither brought along nor looked into by a chain.
    `address` is where the search was sent to, where that is not the type's own.

    Raises `FhirError` 400 for a parameter that is unknown (unless `lenient`) or malformed, 404 for an unknown type.
    """
    query = parse_query(kind, params, patients, lenient, base_url)
    follow(db, query, patients, whose)
    used, address = [param for param in params if param[0] not in query.ignored], address or kind
    total = _told(db, query)
    if query.count == 0:
        return bundle(address, base_url, used, total, b"", None)
    found = _Found(query)
    after = found.after(db, total)
    is_partial = bool(query.elements) or query.summary != "false"
    if not (is_partial or query.includes or query.revincludes):
        return bundle(address, base_url, used, total, found.joined(db, base_url), after)
    page = found.entries(db)
    extra = list(_included(db, page, query.includes, query.revincludes, patients, whose))
    if is_partial:
        page = [entry._replace(json=part(entry.json, query.elements, query.summary)) for entry in page]
    return bundle(address, base_url, used, total, joined([*page, *extra], base_url), after)


def owners(kind: str, patients: Collection[str], whose: Whose | None) -> Collection[str]:
    """The patients whose resources of a type may be found."""
    return patients if whose is None else whose.get(kind, ())


def follow(db: Connection, query: Query, patients: Collection[str], whose: Whose | None) -> None:
    """Search what the chains lead to, and look for references to that."""
    if query.chains or any("refers(" in condition for condition in query.where):
        allow_references(db)
    for chain in query.chains:
        readable = [kind for kind in chain.kinds if whose is None or kind in whose]
        if not readable:
            raise FhirError(403, "forbidden", f"{' and '.join(chain.kinds)} may not be read")
        found: list[str] = []
        for kind in readable:
            found_by = [(chain.name, chain.value)]
            inner = parse_query(kind, found_by, owners(kind, patients, whose), False, query.base_url)
            follow(db, inner, patients, whose)
            sql = f"SELECT type || '/' || id FROM fhir_resource WHERE {' AND '.join(inner.where)}"  # noqa: S608
            found += [row[0] for row in db.execute(sql, inner.args)]
        query.add("refers(json, ?, ?)", chain.path, "\n".join(found) or NOWHERE)


def _told(db: Connection, query: Query) -> int | None:
    """Counted once: a total that changes from page to page would look like a lost record."""
    if query.total == "none":
        return None
    if query.after and query.after.total is not None:
        return query.after.total
    sql = f"SELECT count(*) FROM fhir_resource WHERE {' AND '.join(query.where)}"  # noqa: S608
    return int(db.execute(sql, query.args).fetchone()[0])


class _Found:
    """The rows of one page."""

    def __init__(self, query: Query) -> None:
        where, self._args = list(query.where), list[str | int](query.args)
        if query.after:
            sql, values = query.order.after(query.after.keys)
            where.append(f"({sql})")
            self._args += values
        self._query = query
        self._rows = f"FROM fhir_resource WHERE {' AND '.join(where)} ORDER BY {query.order.sql} LIMIT ?"

    def after(self, db: Connection, total: int | None) -> Cursor | None:
        """Where the page ends, if there is another."""
        order = self._query.order
        sql = f"SELECT {order.columns} {self._rows} OFFSET ?"
        last = db.execute(sql, (*self._args, 2, self._query.count - 1)).fetchall()
        return Cursor(str(order), list(last[0]), total) if len(last) > 1 else None

    def entries(self, db: Connection) -> list[Entry]:
        rows = db.execute(f"SELECT id, json {self._rows}", (*self._args, self._query.count))
        return [Entry(self._query.kind, row[0], row[1]) for row in rows]

    def joined(self, db: Connection, base_url: str) -> bytes:
        """The same, put together where they lie: two hundred steps out of SQLite and back cost more than all the rest."""
        sql = f"SELECT CAST(group_concat(? || id || ? || json || ?) AS BLOB) FROM (SELECT id, json {self._rows})"  # noqa: S608
        around = (opening(base_url, self._query.kind), RESOURCE, closing("match"))
        row = db.execute(sql, (*around, *self._args, self._query.count)).fetchone()
        return row[0] or b""


def _included(
    db: Connection,
    page: list[Entry],
    includes: Iterable[str],
    revincludes: Iterable[str],
    patients: Collection[str],
    whose: Whose | None,
) -> Iterator[Entry]:
    """What a page refers to and what refers to it: each resource once, and none that is on the page already."""
    keys = {(entry.kind, entry.id) for entry in page}
    forward = (ref for include in includes for ref in _targets(page, *_path(include)))
    backward = (entry for include in revincludes for entry in _sources(db, page, *_path(include), patients, whose))
    for entry in (*_fetched(db, forward, patients, whose), *backward):
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


def _fetched(db: Connection, refs: Iterable[str], patients: Collection[str], whose: Whose | None) -> Iterator[Entry]:
    for ref in dict.fromkeys(refs):
        kind, _, ident = ref.partition("/")
        if whose is not None and kind not in whose:
            continue
        sql = "SELECT json, patient FROM fhir_resource WHERE type = ? AND id = ?"
        for body, owner in db.execute(sql, (kind, ident)):
            # a reference may lead into somebody else's card
            if not owner or owner in owners(kind, patients, whose):
                yield Entry(kind, ident, bytes(body), "include")


def _sources(
    db: Connection,
    page: list[Entry],
    source: str,
    path: str,
    target: str,
    patients: Collection[str],
    whose: Whose | None,
) -> Iterator[Entry]:
    """The stored bytes are looked through first; only what mentions the page is parsed."""
    wanted = {f"{entry.kind}/{entry.id}" for entry in page if not target or entry.kind == target}
    needles = {ref.encode() for ref in wanted}
    found = owners(source, patients, whose)
    marks = ",".join("?" * len(found))
    sql = f"SELECT id, json FROM fhir_resource WHERE patient IN ({marks}) AND type = ? ORDER BY seq"  # noqa: S608
    for ident, body in db.execute(sql, (*found, source)):
        mentioned = not needles.isdisjoint(_REFERENCE.findall(body))
        if mentioned and not wanted.isdisjoint(references(json.loads(body), path)):
            yield Entry(source, ident, bytes(body), "include")
