"""The parameters of a search, checked and turned into SQL."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from emkcli.mock.fhir.bundle import CURSOR, Cursor, Params, cursor, given
from emkcli.mock.fhir.criteria import Chain, criterion, unsupported
from emkcli.mock.fhir.failure import FhirError
from emkcli.mock.fhir.kinds import KINDS, UNOWNED
from emkcli.mock.fhir.sorting import Order, order
from emkcli.mock.fhir.subsets import WITHOUT_EFFECT, checked

DEFAULT_COUNT, MAX_COUNT = 50, 200
MAX_SUBSETS = 1000
TOTALS = ("none", "estimate", "accurate")
_CONTROLS = ("_count", "_elements", "_sort", "_include", "_revinclude", "_summary", "_total")


@dataclass
class Query:
    """A search ready to run: conditions joined by AND, their arguments, the order and the page."""

    kind: str
    where: list[str] = field(default_factory=list)
    args: list[str] = field(default_factory=list)
    order: Order = field(default_factory=Order)
    count: int = DEFAULT_COUNT
    total: str = "accurate"
    summary: str = "false"
    includes: list[str] = field(default_factory=list)
    revincludes: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    after: Cursor | None = None
    ignored: list[str] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)
    base_url: str = ""

    def add(self, sql: str, *args: str) -> None:
        self.where.append(sql)
        self.args.extend(args)

    def one_of(self, column: str, values: list[str]) -> None:
        """A column equals one of the values; with one value the index keeps the order."""
        self.add(f"{column} = ?" if len(values) == 1 else f"{column} IN ({','.join('?' * len(values))})", *values)


def parse_query(kind: str, params: Params, patients: Collection[str], lenient: bool, base_url: str = "") -> Query:
    """Read every parameter; an unknown one is an error, or `lenient`ly noted as ignored. A modifier never is ignored.

    References may be said with `base_url` before them.
    """
    if kind not in KINDS:
        raise FhirError(404, "not-supported", f"{kind} is not served here")
    query = Query(kind, base_url=base_url)
    query.add("type = ?", kind)
    query.one_of("patient", [""] if kind in UNOWNED else sorted(patients))
    for name, value in given(params):
        if not (_control(query, name, value) or criterion(query, name, value)):
            _refuse(query, name, lenient)
    if query.summary == "count":
        query.count, query.total = 0, "accurate"
    query.count = min(query.count, MAX_SUBSETS if query.elements else MAX_COUNT)
    if query.after and not (query.after.order == str(query.order) and query.order.fits(query.after.keys)):
        raise FhirError(400, "invalid", "the page cursor belongs to another order")
    return query


def _refuse(query: Query, name: str, lenient: bool) -> None:
    plain, colon, modifier = name.partition(":")
    if colon and (plain in _CONTROLS or plain in KINDS[query.kind].parameters):
        raise unsupported(plain, modifier)
    if not lenient:
        raise FhirError(400, "not-supported", f"unknown parameter {name!r} for {query.kind}")
    query.ignored.append(name)


def _control(query: Query, name: str, value: str) -> bool:
    match name:
        case "_count":
            query.count = page_size(value, MAX_SUBSETS)
        case "_elements":
            query.elements = value.split(",")
        case "_sort":
            query.order = order(value, KINDS[query.kind])
        case "_include":
            query.includes.append(value)
        case "_revinclude":
            query.revincludes.append(value)
        case "_summary":
            query.summary = checked(value)
        case "_total":
            _total(query, value)
        case _ if name == CURSOR:
            query.after = cursor(value)
        case _:
            # `_totalMethod` is fhirpy's word for how to count, which is done anyway
            return name in (*WITHOUT_EFFECT, "_totalMethod")
    return True


def served(kinds: list[str]) -> list[str]:
    """The types of a `_type`; a misspelt one is refused, as it would look like one that the record has none of."""
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        raise FhirError(400, "not-supported", f"_type: {', '.join(unknown)!r} is not served here")
    return kinds


def page_size(value: str, most: int = MAX_COUNT) -> int:
    if not (value.isascii() and value.isdigit()):
        raise FhirError(400, "invalid", f"_count: not a number: {value!r}")
    return min(int(value[:9]), most)


def _total(query: Query, value: str) -> None:
    if value not in TOTALS:
        raise FhirError(400, "invalid", f"_total: one of {', '.join(TOTALS)}")
    query.total = value
