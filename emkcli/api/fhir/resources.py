"""Every resource of a card as the bytes the server sent: `$everything`, or type by type where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import chain, compress, groupby, islice
from typing import TypeVar

from emkcli import errors, models
from emkcli.api.batches import Batch, batched
from emkcli.api.fhir.card_search import CardSearch, counted, ident_of
from emkcli.api.fhir.page_scan import PageScan
from emkcli.api.fhir.paging import MEDIA_TYPE, REFUSED, Page
from emkcli.api.fhir.referenced import AT_ONCE, FILE, HOPS
from emkcli.api.fhir.references import References
from emkcli.api.fhir.searches import BY_TYPE, EVERYTHING, PAGE_SIZE, Search, updated
from emkcli.api.fhir.tally import Tally, name_of
from emkcli.api.filters import SUPPORTING, ChangesUnknown, NotKept, limited, raw
from emkcli.api.ports import CardQuery
from emkcli.fhir import Graph, Node, Scene
from emkcli.fhir.owner import base_of
from emkcli.locale import _

T = TypeVar("T")
_PARTS = frozenset({FILE, "Observation"})
"""The files and the results that a report or a document of an asked list names."""
_NO_OPERATION = frozenset({*REFUSED, errors.Forbidden, errors.SessionLost, errors.ServerError})


@dataclass(frozen=True)
class WholeCard:
    """The card of one patient."""

    searches: CardSearch
    fetched_at: str

    def resources(self, query: CardQuery) -> Iterator[models.Raw]:
        """Everything once, in the server's order; what could not be read raises after the rest was yielded."""
        if query.updated_since:
            return self._updated(query)
        operation = self._everything(query)
        if operation is None:
            return self._by_type(query)
        pages = chain.from_iterable(page.raws(MEDIA_TYPE, self.fetched_at) for page in operation)
        return chain(pages, self._referenced(operation.references, query, operation.tally), operation.checked())

    def batches(self, query: CardQuery) -> Iterator[Batch]:
        """The same, a page at a time."""
        if query.updated_since:
            return batched(self._updated(query))
        operation = self._everything(query)
        if operation is None:
            return batched(self._by_type(query))
        referenced = self._referenced(operation.references, query, operation.tally)
        return chain((page.batch() for page in operation), batched(chain(referenced, operation.checked())))

    def _everything(self, query: CardQuery) -> _Operation | None:
        """`$everything`; None where the server has none."""
        answers = _begun(self.searches.everything([[("_count", PAGE_SIZE)], []]))
        if answers is None:
            return None
        return _Operation((PageScan(answer, query) for answer in answers), self._references())

    def _references(self) -> References:
        return References(f"{self.searches.wire.base_url}{self.searches.base}")

    def _updated(self, query: CardQuery) -> Iterator[models.Raw]:
        """What changed since a moment, and whose it is, which need not have changed."""
        since = [("_since", query.updated_since or "")]
        operation = _begun(self.searches.everything_pages([[("_count", PAGE_SIZE), *since], since]))
        return self._with_patient(self._matches(operation, query)) if operation else self._by_type(query)

    def _matches(self, row: Iterator[Page], query: CardQuery) -> Iterator[models.Raw]:
        gaps: list[str] = []
        for page in counted(row, gaps):
            yield from (resource for node in page.matches if (resource := self._raw(page, node, query)))
        _check(_named("card", gaps))

    def _with_patient(self, resources: Iterator[models.Raw]) -> Iterator[models.Raw]:
        graph = Graph()
        patient = next(map(graph.add, self.searches.already_read), None)
        first = self._raw(Page(graph, [], None), patient, CardQuery()) if patient else None
        yield from [first] if first else []
        yield from (resource for resource in resources if not first or resource.id != first.id)

    def _by_type(self, query: CardQuery) -> Iterator[models.Raw]:
        yielded, references, is_open = Tally(), self._references(), False
        missing: list[dict[str, str]] = []
        refused: list[errors.Forbidden] = []
        # an iterator: when the server or the session is gone, what is left of it is what could not be read
        rest = iter(self.searches.kinds(EVERYTHING))
        for kind in rest:
            try:
                gaps: list[str] = []
                for page in counted(self._type(kind, query), gaps):
                    for resource in self._new(page, query, yielded):
                        references.note([resource.content], _server_of(resource))
                        yield resource
                missing += _named(kind, gaps)
                is_open = True
            except ChangesUnknown:
                raise
            except (errors.LoginRequired, errors.Unreachable) as cause:
                if not is_open:
                    raise
                missing += [{"what": unread, "why": cause.message} for unread in (kind, *rest)]
            except NotKept:
                continue
            except errors.EmkError as cause:
                missing.append({"what": kind, "why": cause.message})
                refused += [cause] if isinstance(cause, errors.Forbidden) else []
        if refused and len(refused) == len(missing) and not is_open:
            raise refused[0]  # a card of which nothing may be read is closed, not incomplete
        yield from self._referenced(references, query, yielded)
        if not query.updated_since and not limited(query) and not missing and yielded.has_at_most(1):
            missing += _named("card", filter(None, [self.searches.overlooked()]))
        if not self.searches.patient_bytes:
            missing.append({"what": "Patient", "why": _("the server does not let it be read")})
        _check(missing)

    def _referenced(self, references: References, query: CardQuery, yielded: Tally) -> Iterator[models.Raw]:
        """What the resources refer to and no search has found, and what that refers to in turn."""
        for _turn in range(HOPS):
            for keys in _together(filter(partial(self._is_asked_for, query), references.taken(yielded))):
                graph = Graph()
                matches = list(filter(None, map(graph.add, self.searches.referenced.read(keys))))
                for resource in self._new(Page(graph, matches, None), query, yielded):
                    references.note([resource.content])
                    yield resource

    def _is_asked_for(self, query: CardQuery, key: str) -> bool:
        """Whether the query would keep it. That the statement does not list its type is no reason: a resource names it."""
        kind = key.partition("/")[0]
        return kind in SUPPORTING or (not query.updated_since and (kind in _PARTS or not limited(query)))

    def _new(self, page: Page, query: CardQuery, yielded: Tally) -> Iterator[models.Raw]:
        # an outcome beside results is no part of a card: what it says is a warning, or what is missing
        nodes = [node for node in page.graph.nodes if node.type != "OperationOutcome"]
        resources = [(node, resource) for node in nodes if (resource := self._raw(page, node, query))]
        names = [name_of(node.type, ident_of(node), resource.content) for node, resource in resources]
        yield from compress((resource for _node, resource in resources), yielded.note(names, None))

    def _type(self, kind: str, query: CardQuery) -> Iterator[Page]:
        search = BY_TYPE.get(kind, Search(kind))
        remaining = self._pages(search, query.updated_since)
        try:
            first = next(remaining, None)
        except errors.Unsupported:
            if query.updated_since:
                self._check_updated_since(search)
            raise
        return chain([first] if first else [], remaining)

    def _pages(self, search: Search, since: str | None) -> Iterator[Page]:
        attempts = search.params(self.searches.patient, [], updated(since))
        return self.searches.pages(search.type, attempts, self.searches.already_read)

    def _check_updated_since(self, search: Search) -> None:
        """`ChangesUnknown` when the search is refused only for the moment it asks for."""
        page = None
        with suppress(errors.Unsupported):
            page = next(self._pages(search, None), None)
        if page:
            raise ChangesUnknown

    def _raw(self, page: Page, node: Node, query: CardQuery) -> models.Raw | None:
        return raw(node, Scene(page.graph, is_page=True), query, MEDIA_TYPE, self.fetched_at)


class _Operation:
    """The pages of `$everything`, each resource once."""

    def __init__(self, scans: Iterable[PageScan], references: References) -> None:
        self._scans, self.references = scans, references
        self.tally = Tally()
        self._gaps: list[str | None] = []

    def __iter__(self) -> Iterator[PageScan]:
        for scan in self._scans:
            self._gaps.append(scan.problem)
            page = scan.once(self.tally)
            self.references.note(page.batch().contents, page.server)
            yield page
        self._gaps.append(self.tally.gap())

    def checked(self) -> Iterator[models.Raw]:
        """Nothing more; an error where the server announced more than it sent."""
        _check(_named("card", filter(None, self._gaps)))
        yield from ()


def _together(keys: Iterable[str]) -> Iterator[list[str]]:
    """Some at a time; files are large, and each is read by itself."""
    for is_file, alike in groupby(keys, lambda key: key.startswith(f"{FILE}/")):
        while several := list(islice(alike, 1 if is_file else AT_ONCE)):
            yield several


def _server_of(resource: models.Raw) -> str | None:
    data = resource.data
    return base_of(data.get("full_url"), str(data.get("type")))


def _begun(operation: Iterator[T]) -> Iterator[T] | None:
    """Its pages with the first one at hand; None where the server does not have the operation, fails at it, or keeps it from
    this login, which then still may search."""
    try:
        first = next(operation, None)
    except (*REFUSED, errors.Forbidden, errors.SessionLost, errors.ServerError) as cause:
        if type(cause) not in _NO_OPERATION:
            raise  # the whole card is closed, or busy, or its answers cannot be read
        return None
    return chain([] if first is None else [first], operation)


def _named(what: str, gaps: Iterable[str]) -> list[dict[str, str]]:
    return [{"what": what, "why": gap} for gap in gaps]


def _check(missing: list[dict[str, str]]) -> None:
    """`ServerError` where something is missing."""
    if missing:
        names = ", ".join(part["what"] for part in missing)
        message = _("Parts of the card could not be read: {names}.")
        raise errors.ServerError(message.format(names=names), details={"missing": missing})
