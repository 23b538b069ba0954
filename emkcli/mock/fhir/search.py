"""Search on a type: one page as a searchset Bundle, keyset paged so that rows may be added meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from emkcli.mock.fhir.bundle import Cursor, Entry, Params, bundle
from emkcli.mock.fhir.encode import subset
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.include import included
from emkcli.mock.fhir.query import Query, query

if TYPE_CHECKING:
    from sqlite3 import Connection


def search(
    db: Connection, kind: str, params: Params, base_url: str, patients: Collection[str], *, lenient: bool = False
) -> bytes:
    """The Bundle as JSON bytes. Only resources of `patients` (and directory entries) are ever found.

    Raises `FhirError` 400 for a parameter that is unknown (unless `lenient`) or malformed, 404 for an unknown type.
    """
    asked = query(kind, params, patients, lenient)
    # told once: a total that changes from page to page would look like a lost record
    total = asked.after.total if asked.after else _total(db, asked)
    if asked.count == 0:
        return bundle(kind, base_url, params, total, [], None)
    page, after = _page(db, asked, total)
    extra = included(db, page, asked.includes, asked.revincludes, patients)
    if asked.elements:
        page = [entry._replace(json=subset(entry.json, asked.elements)) for entry in page]
    return bundle(kind, base_url, params, total, [*page, *extra], after)


def _total(db: Connection, asked: Query) -> int:
    sql = f"SELECT count(*) FROM fhir_resource WHERE {' AND '.join(asked.where)}"  # noqa: S608
    return int(db.execute(sql, asked.args).fetchone()[0])


def _page(db: Connection, asked: Query, total: int) -> tuple[list[Entry], Cursor | None]:
    where, args = list(asked.where), list[str | int](asked.args)
    order, sign = ("DESC", "<") if asked.descending else ("ASC", ">")
    tie = "seq" if asked.sort == "seq" else "id"
    if asked.after:
        if not isinstance(asked.after.tie, int if tie == "seq" else str):
            raise FhirError(400, "invalid", "the page cursor belongs to another order")
        where.append(f"({asked.sort}, {tie}) {sign} (?, ?)")
        args += [asked.after.key, asked.after.tie]
    sql = (
        f"SELECT {asked.sort}, {tie}, id, json FROM fhir_resource WHERE {' AND '.join(where)} "  # noqa: S608
        f"ORDER BY {asked.sort} {order}, {tie} {order} LIMIT ?"
    )
    # one more than asked for tells whether there is a next page
    rows = db.execute(sql, (*args, asked.count + 1)).fetchall()
    page = [Entry(asked.kind, row[2], bytes(row[3])) for row in rows[: asked.count]]
    last = rows[asked.count - 1] if len(rows) > asked.count else None
    return page, Cursor(last[0], last[1], total) if last else None
