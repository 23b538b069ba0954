"""The parameters of a search, checked and turned into SQL."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from emkcli.mock.fhir.bundle import CURSOR, Cursor, Params, cursor
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.instants import condition
from emkcli.mock.fhir.kinds import KINDS, PATIENT_PARAMETERS, UNOWNED, Kind
from emkcli.mock.fhir.store import MARK, token_target

DEFAULT_COUNT, MAX_COUNT = 50, 200
MAX_SUBSETS = 1000
SORTS = {"date": "date", "_lastUpdated": "last_updated", "_id": "id"}
# Accepted and without effect: what is served is JSON, with an exact total.
_WITHOUT_EFFECT = ("_total", "_format", "_pretty")
# An instant is one second long; the tilde sorts after it and before the next second.
_UPDATED = ("last_updated", "last_updated || '~'")


@dataclass
class Query:
    """A search ready to run: conditions joined by AND, their arguments, the order and the page."""

    kind: str
    where: list[str] = field(default_factory=list)
    args: list[str] = field(default_factory=list)
    sort: str = "seq"
    descending: bool = False
    count: int = DEFAULT_COUNT
    includes: list[str] = field(default_factory=list)
    revincludes: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    after: Cursor | None = None

    def add(self, sql: str, *args: str) -> None:
        self.where.append(sql)
        self.args.extend(args)


def parse_query(kind: str, params: Params, patients: Collection[str], lenient: bool) -> Query:
    """Read every parameter; an unknown one is an error unless `lenient`."""
    if kind not in KINDS:
        raise FhirError(404, "not-supported", f"{kind} is not served here")
    query = Query(kind)
    query.add("type = ?", kind)
    one_of(query, "patient", [""] if kind in UNOWNED else sorted(patients))
    for name, value in params:
        if not (_control(query, name, value) or _criterion(query, KINDS[kind], name, value) or lenient):
            raise FhirError(400, "not-supported", f"unknown parameter {name!r} for {kind}")
    query.count = min(query.count, MAX_SUBSETS if query.elements else MAX_COUNT)
    return query


def one_of(query: Query, column: str, values: list[str]) -> None:
    """A column equals one of the values; with one value the index keeps the order."""
    query.add(f"{column} = ?" if len(values) == 1 else f"{column} IN ({','.join('?' * len(values))})", *values)


def _control(query: Query, name: str, value: str) -> bool:
    match name:
        case "_count":
            query.count = page_size(value, MAX_SUBSETS)
        case "_elements":
            query.elements = value.split(",")
        case "_sort":
            _sort(query, value)
        case "_include":
            query.includes.append(value)
        case "_revinclude":
            query.revincludes.append(value)
        case "_summary":
            _summary(query, value)
        case _ if name == CURSOR:
            query.after = cursor(value)
        case _:
            return name in _WITHOUT_EFFECT
    return True


def page_size(value: str, most: int = MAX_COUNT) -> int:
    if not (value.isascii() and value.isdigit()):
        raise FhirError(400, "invalid", f"_count: not a number: {value!r}")
    return min(int(value[:9]), most)


def _sort(query: Query, value: str) -> None:
    name = value.removeprefix("-")
    if name not in SORTS:
        raise FhirError(400, "not-supported", f"_sort: {value!r}; one of {', '.join(SORTS)}, with or without '-'")
    query.sort, query.descending = SORTS[name], value.startswith("-")


def _summary(query: Query, value: str) -> None:
    if value not in ("count", "false"):
        raise FhirError(400, "not-supported", "_summary: only 'count' and 'false'")
    query.count = 0 if value == "count" else query.count


def _criterion(query: Query, kind: Kind, name: str, value: str) -> bool:
    if name == "_id":
        one_of(query, "id", value.split(","))
    elif name in PATIENT_PARAMETERS and name in kind.references:
        one_of(query, "patient", [part.rpartition("/")[2] for part in value.split(",")])
    elif name in kind.tokens:
        _token(query, token_target(name, kind.tokens[name])[0], value)
    elif name in kind.date_parameters:
        _date(query, name, value, "date", "date_end")
    elif name == "_lastUpdated":
        _date(query, name, value, *_UPDATED)
    else:
        return False
    return True


def _date(query: Query, name: str, value: str, start: str, end: str) -> None:
    sql, args = condition(name, value, start, end)
    query.add(f"({sql})", *args)


def _token(query: Query, column: str, value: str) -> None:
    """`code`, `system|code`, `|code` or `system|`; a comma means or."""
    needles = [MARK + part + ("" if part.endswith("|") else MARK) for part in value.split(",")]
    query.add(f"({' OR '.join([f'instr(token_{column}, ?) > 0'] * len(needles))})", *needles)
