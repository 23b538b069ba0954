"""`Patient/$everything`: a whole record, with the clinics and physicians it speaks of, paged like a search."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emkcli.mock.fhir.bundle import CURSOR, Cursor, Entry, Params, bundle, cursor, joined
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.instants import span
from emkcli.mock.fhir.query import DEFAULT_COUNT, page_size

if TYPE_CHECKING:
    from sqlite3 import Connection

# Directory entries come through links: from the record, and from those entries to others.
_REACHED = """
WITH RECURSIVE reached(ref) AS (
    SELECT target FROM fhir_link WHERE source = :source
    UNION SELECT target FROM fhir_link JOIN reached ON source = ref
), entries AS (
    SELECT seq, type, id, last_updated, json FROM fhir_resource WHERE patient = :patient AND seq > :after
    UNION ALL
    SELECT seq, type, id, last_updated, json FROM fhir_resource
    JOIN reached ON type = substr(ref, 1, instr(ref, '/') - 1) AND id = substr(ref, instr(ref, '/') + 1)
    WHERE patient = '' AND seq > :after
)
"""


@dataclass
class _Query:
    count: int = DEFAULT_COUNT
    after: Cursor | None = None
    where: list[str] = field(default_factory=lambda: ["1"])
    args: dict[str, str | int] = field(default_factory=dict)


def everything(db: Connection, patient: str, params: Params, base_url: str) -> bytes:
    """The Bundle of one page; `_count`, `_since` and `_type` are understood. Raises 404 for an unknown patient."""
    if not db.execute("SELECT 1 FROM fhir_resource WHERE type = 'Patient' AND id = ?", (patient,)).fetchone():
        raise FhirError(404, "not-found", f"Patient/{patient} is not known")
    query = _read(params)
    where = " AND ".join(query.where)
    args: dict[str, str | int] = query.args | {"source": f"Patient/{patient}", "patient": patient}
    total = query.after.total if query.after else _total(db, where, args)
    args |= {"after": query.after.tie if query.after else 0, "limit": query.count + 1}
    sql = f"{_REACHED} SELECT seq, type, id, json FROM entries WHERE {where} ORDER BY seq LIMIT :limit"  # noqa: S608
    rows = db.execute(sql, args).fetchall() if query.count else []
    page = [Entry(row[1], row[2], bytes(row[3])) for row in rows[: query.count]]
    last = rows[query.count - 1][0] if len(rows) > query.count else None
    after = Cursor(last, last, total) if last else None
    return bundle(f"Patient/{patient}/$everything", base_url, params, total, joined(page, base_url), after)


def _total(db: Connection, where: str, args: dict[str, str | int]) -> int:
    sql = f"{_REACHED} SELECT count(*) FROM entries WHERE {where}"  # noqa: S608
    row = db.execute(sql, args | {"after": 0}).fetchone()
    return int(row[0])


def _read(params: Params) -> _Query:
    query = _Query()
    for name, value in params:
        match name:
            case "_count":
                query.count = page_size(value)
            case "_since":
                query.where.append("last_updated >= :since")
                query.args["since"] = _since(value)
            case "_type":
                kinds = {f"type{number}": kind for number, kind in enumerate(value.split(","))}
                query.where.append(f"type IN ({', '.join(f':{name}' for name in kinds)})")
                query.args |= kinds
            case _ if name == CURSOR:
                query.after = cursor(value)
            case "_format" | "_pretty":
                pass
            case _:
                raise FhirError(400, "not-supported", f"unknown parameter {name!r} for $everything")
    return query


def _since(value: str) -> str:
    try:
        return span(value.replace(" ", "+")).start
    except (ValueError, OverflowError):
        raise FhirError(400, "invalid", f"_since: not a date: {value!r}") from None
