"""`Patient/$everything`: a whole record, with the clinics and physicians it speaks of, paged like a search."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emkcli.mock.fhir.bundle import CURSOR, Cursor, Entry, Params, bundle, cursor, given, joined
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.instants import Span, span
from emkcli.mock.fhir.query import DEFAULT_COUNT, page_size, served

if TYPE_CHECKING:
    from sqlite3 import Connection

_ORDER = "everything"
# Directory entries come through links: from the record, and from those entries to others.
_REACHED = """
WITH RECURSIVE reached(ref) AS (
    SELECT target FROM fhir_link WHERE source = :source
    UNION SELECT target FROM fhir_link JOIN reached ON source = ref
), entries AS (
    SELECT seq, type, id, date, date_end, last_updated, json FROM fhir_resource WHERE patient = :patient AND seq > :after
    UNION ALL
    SELECT seq, type, id, date, date_end, last_updated, json FROM fhir_resource
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

    def add(self, condition: str, **args: str) -> None:
        self.where.append(condition)
        self.args |= args

    def types(self, name: str, kinds: list[str]) -> None:
        args = {f"{name}{number}": kind for number, kind in enumerate(kinds)}
        self.add(f"type IN ({', '.join(f':{arg}' for arg in args)})", **args)


def everything(
    db: Connection, patient: str, params: Params, base_url: str, kinds: Collection[str] | None = None
) -> bytes:
    """The Bundle of one page; `_count`, `_since`, `_type`, `start` and `end` are understood.

    `kinds` are the types that may be read, None all of them. Raises 404 for an unknown patient.
    """
    if not db.execute("SELECT 1 FROM fhir_resource WHERE type = 'Patient' AND id = ?", (patient,)).fetchone():
        raise FhirError(404, "not-found", f"Patient/{patient} is not known")
    query = _read(params)
    if kinds is not None:
        query.types("readable", sorted(kinds))
    where = " AND ".join(query.where)
    args: dict[str, str | int] = query.args | {"source": f"Patient/{patient}", "patient": patient}
    total = query.after.total if query.after else _total(db, where, args)
    args |= {"after": query.after.keys[0] if query.after else 0, "limit": query.count + 1}
    sql = f"{_REACHED} SELECT seq, type, id, json FROM entries WHERE {where} ORDER BY seq LIMIT :limit"  # noqa: S608
    rows = db.execute(sql, args).fetchall() if query.count else []
    page = [Entry(row[1], row[2], bytes(row[3])) for row in rows[: query.count]]
    last = rows[query.count - 1][0] if len(rows) > query.count else None
    after = Cursor(_ORDER, [last], total) if last else None
    return bundle(f"Patient/{patient}/$everything", base_url, params, total, joined(page, base_url), after)


def asked_types(params: Params) -> list[str]:
    """The types that an operation was narrowed to, none where it was not."""
    return [kind for name, value in given(params) if name == "_type" for kind in served(value.split(","))]


def _total(db: Connection, where: str, args: dict[str, str | int]) -> int:
    sql = f"{_REACHED} SELECT count(*) FROM entries WHERE {where}"  # noqa: S608
    row = db.execute(sql, args | {"after": 0}).fetchone()
    return int(row[0])


def _read(params: Params) -> _Query:
    query = _Query()
    for name, value in given(params):
        match name:
            case "_count":
                query.count = page_size(value)
            case "_since":
                query.add("last_updated >= :since", since=_span(name, value).start)
            case "start":
                query.add("(date = '' OR date_end > :start)", start=_span(name, value).start)
            case "end":
                query.add("(date = '' OR date < :end)", end=_span(name, value).end)
            case "_type":
                query.types("type", served(value.split(",")))
            case _ if name == CURSOR:
                query.after = _cursor(value)
            case "_format" | "_pretty":
                pass
            case _:
                raise FhirError(400, "not-supported", f"unknown parameter {name!r} for $everything")
    return query


def _cursor(value: str) -> Cursor:
    found = cursor(value)
    if found.order != _ORDER or list(map(type, found.keys)) != [int] or found.total is None:
        raise FhirError(400, "invalid", "the page cursor belongs to another order")
    return found


def _span(name: str, value: str) -> Span:
    try:
        return span(value.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise FhirError(400, "invalid", f"{name}: not a date: {value!r}") from None
