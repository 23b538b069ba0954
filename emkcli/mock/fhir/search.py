"""Search on a type: one page as a searchset Bundle, keyset paged so that rows may be added meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from emkcli.mock.fhir.bundle import Cursor, Entry, Params, bundle
from emkcli.mock.fhir.encode import subset
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.include import included
from emkcli.mock.fhir.query import Query, parse_query

if TYPE_CHECKING:
    from sqlite3 import Connection


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
        return bundle(kind, base_url, params, total, [], None)
    page, after = _page(db, query, total)
    extra = included(db, page, query.includes, query.revincludes, patients)
    if query.elements:
        page = [entry._replace(json=subset(entry.json, query.elements)) for entry in page]
    return bundle(kind, base_url, params, total, [*page, *extra], after)


def _total(db: Connection, query: Query) -> int:
    sql = f"SELECT count(*) FROM fhir_resource WHERE {' AND '.join(query.where)}"  # noqa: S608
    return int(db.execute(sql, query.args).fetchone()[0])


def _page(db: Connection, query: Query, total: int) -> tuple[list[Entry], Cursor | None]:
    where, args = list(query.where), list[str | int](query.args)
    order, sign = ("DESC", "<") if query.descending else ("ASC", ">")
    tie = "seq" if query.sort == "seq" else "id"
    if query.after:
        if not isinstance(query.after.tie, int if tie == "seq" else str):
            raise FhirError(400, "invalid", "the page cursor belongs to another order")
        where.append(f"({query.sort}, {tie}) {sign} (?, ?)")
        args += [query.after.key, query.after.tie]
    sql = (
        f"SELECT {query.sort}, {tie}, id, json FROM fhir_resource WHERE {' AND '.join(where)} "  # noqa: S608
        f"ORDER BY {query.sort} {order}, {tie} {order} LIMIT ?"
    )
    # one more than asked for tells whether there is a next page
    rows = db.execute(sql, (*args, query.count + 1)).fetchall()
    page = [Entry(query.kind, row[2], bytes(row[3])) for row in rows[: query.count]]
    last = rows[query.count - 1] if len(rows) > query.count else None
    return page, Cursor(last[0], last[1], total) if last else None
