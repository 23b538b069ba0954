"""Every resource of a card as the bytes the server sent: `$everything`, or type by type where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, compress
from typing import TypeVar

from emkcli import errors, models
from emkcli.api.batches import Batch, batched
from emkcli.api.fhir.card_search import CardSearch, counted, ident_of
from emkcli.api.fhir.page_scan import PageScan
from emkcli.api.fhir.paging import MEDIA_TYPE, REFUSED, Page
from emkcli.api.fhir.referenced import NAMED, parts_of
from emkcli.api.fhir.searches import BY_TYPE, EVERYTHING, PAGE_SIZE, Search, updated
from emkcli.api.fhir.tally import Tally, name_of
from emkcli.api.filters import ChangesUnknown, NotKept, raw
from emkcli.api.ports import CardQuery
from emkcli.fhir import Graph, Node, Scene
from emkcli.fhir.attachments import WITH_FILES
from emkcli.locale import _

T = TypeVar("T")
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
        scans = self._everything(query)
        if scans is None:
            return self._by_type(query)
        return chain.from_iterable(page.raws(MEDIA_TYPE, self.fetched_at) for page in scans)

    def batches(self, query: CardQuery) -> Iterator[Batch]:
        """The same, a page at a time."""
        if query.updated_since:
            return batched(self._updated(query))
        scans = self._everything(query)
        return batched(self._by_type(query)) if scans is None else (page.batch() for page in scans)

    def _everything(self, query: CardQuery) -> Iterator[PageScan] | None:
        """The pages of `$everything`; None where the server has none."""
        operation = _begun(self.searches.everything([[("_count", PAGE_SIZE)], []]))
        return None if operation is None else _counted(PageScan(answer, query) for answer in operation)

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
        yielded, named, is_open = Tally(), set[str](), False
        missing: list[dict[str, str]] = []
        refused: list[errors.Forbidden] = []
        # an iterator: when the server or the session is gone, what is left of it is what could not be read
        rest = iter(self.searches.kinds(EVERYTHING))
        for kind in rest:
            try:
                gaps: list[str] = []
                for page in counted(self._type(kind, query), gaps):
                    named.update(_named_in(page))
                    yield from self._new(page, query, yielded)
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
        if not query.updated_since:
            yield from self._unfound(named, query, yielded)
        if not self.searches.patient_bytes:
            missing.append({"what": "Patient", "why": _("the server does not let it be read")})
        _check(missing)

    def _unfound(self, named: set[str], query: CardQuery, yielded: Tally) -> Iterator[models.Raw]:
        """What reports and documents name and no search has found, one at a time: files are large."""
        for key in sorted(named):
            if yielded.lacks(tuple(key.split("/"))):
                graph = Graph()
                matches = list(filter(None, map(graph.add, self.searches.referenced.read([key]))))
                yield from self._new(Page(graph, matches, None), query, yielded)

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
        return self.searches.complete_pages(search.type, attempts, NAMED)

    def _check_updated_since(self, search: Search) -> None:
        """`ChangesUnknown` when the search is refused only for the moment it asks for."""
        page = None
        with suppress(errors.Unsupported):
            page = next(self._pages(search, None), None)
        if page:
            raise ChangesUnknown

    def _raw(self, page: Page, node: Node, query: CardQuery) -> models.Raw | None:
        return raw(node, Scene(page.graph, is_page=True), query, MEDIA_TYPE, self.fetched_at)


def _named_in(page: Page) -> Iterator[str]:
    """The results and the files that its reports and documents name."""
    for node in page.matches:
        if node.type in WITH_FILES:
            server = (node.full_url or "").removesuffix(node.key)
            yield from parts_of(page.graph.resource(node), server)


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


def _counted(scans: Iterable[PageScan]) -> Iterator[PageScan]:
    """Each resource once; an error at the end where the server announced more."""
    tally, gaps = Tally(), []
    for scan in scans:
        gaps.append(scan.problem)
        yield scan.once(tally)
    _check(_named("card", filter(None, [*gaps, tally.gap()])))


def _named(what: str, gaps: Iterable[str]) -> list[dict[str, str]]:
    return [{"what": what, "why": gap} for gap in gaps]


def _check(missing: list[dict[str, str]]) -> None:
    """`ServerError` where something is missing."""
    if missing:
        names = ", ".join(part["what"] for part in missing)
        message = _("Parts of the card could not be read: {names}.")
        raise errors.ServerError(message.format(names=names), details={"missing": missing})
