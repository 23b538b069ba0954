"""One list of a card: its searches, what is asked instead of a refused one, and records page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from emkcli import errors, fhir, models
from emkcli.api.card_lists import newest_first, together
from emkcli.api.fhir.card_search import CardSearch, counted
from emkcli.api.fhir.paging import Page
from emkcli.api.fhir.record_size import records_of
from emkcli.api.fhir.searches import LISTS, OBSERVATIONS, Search, updated
from emkcli.api.filters import ChangesUnknown, ListIncomplete, NotKept, SearchRefused, changed, wanted
from emkcli.api.ports import CardQuery, Items
from emkcli.clinical.dates import day_beside
from emkcli.fhir import Scene
from emkcli.fhir.placement import inner_records
from emkcli.locale import _
from emkcli.models import CATEGORIES, CATEGORY_OF

MOST_RECORDS = 150_000
"""Records of one page: half as many again as the largest card has, should a server send it at once."""


class CardList:
    """Answers one query; `today` is an ISO day of the server."""

    def __init__(self, searches: CardSearch, query: CardQuery, today: str) -> None:
        self._searches, self._query, self._today = searches, query, today
        self._gaps: list[str] = []
        self._elsewhere: Counter[str] = Counter()

    def items(self, category: str, person: models.Named) -> Items[Any]:
        """The records of a list, newest first, each search asked at once for its first page."""
        results = [self._search(search) for search in LISTS[category] if self._searches.is_kept(search.type)]
        total = self._total(results[0]) if self._query.is_of_any_time and _is_counted(LISTS[category]) else None
        streams = [
            newest_first(self._batches(CATEGORIES[category], result), trusted=not result.is_in_parts)
            for result in results
        ]
        stream = chain(together(streams) if len(streams) > 1 else streams[0], self._say_what_is_elsewhere())
        return Items(whole(stream, self._gaps), person, total)

    def _search(self, search: Search) -> _SearchResult:
        """The pages of a search, the first one fetched: what is wrong is known before anything is shown."""
        attempts = search.params(
            self._searches.patient, _dates(search, self._query), updated(self._query.updated_since)
        )
        remaining = self._searches.complete_pages(search.type, attempts)
        try:
            first = next(remaining, None)
        except SearchRefused as cause:
            return self._refused(search, cause)
        except NotKept:
            if self._query.updated_since:
                return self._without_updated_since(search)
            if search.category:
                return self._without_category()
            if search.spare:
                return _SearchResult(None, iter(()))
            raise
        return _SearchResult(first, remaining)

    def _refused(self, search: Search, cause: SearchRefused) -> _SearchResult:
        if self._query.updated_since:
            return self._without_updated_since(search)
        if search.category:
            return self._without_category()
        if not search.spare:
            raise cause
        self._gaps.append(cause.message)
        return _SearchResult(None, iter(()))

    def _without_category(self) -> _SearchResult:
        """The category may be what was refused."""
        return self._search(OBSERVATIONS)

    def _without_updated_since(self, search: Search) -> _SearchResult:
        """A search was refused: for the moment it asked for, or would it be refused anyway?"""
        at_any_time = replace(self._query, updated_since=None)
        result = CardList(self._searches, at_any_time, self._today)._search(search)
        if result.first:
            raise ChangesUnknown
        return result

    def _total(self, result: _SearchResult) -> int | None:
        """The server's own count, as long as its resources are records one to one."""
        if not result.first or result.first.left_out:
            return None
        scene = self._scene(result.first)
        single = all(len(list(fhir.records(node, scene))) == 1 for node in result.first.matches)
        return result.first.total if single else None

    def _batches(self, kind: type[models.Model], result: _SearchResult) -> Iterator[list[Any]]:
        for page in counted(result, self._gaps):
            scene = self._scene(page)
            nodes = [node for node in page.matches if changed(page.graph.resource(node), self._query)]
            found = chain.from_iterable(self._records(node, scene, kind) for node in nodes)
            records = (record for record in found if wanted(record, self._query))
            batch = list(islice(records, MOST_RECORDS + 1))
            if len(batch) > MOST_RECORDS:
                message = _("One page of the server has more than {count} records.").format(count=MOST_RECORDS)
                raise errors.BadResponse(message)
            yield batch

    def _records(self, node: fhir.Node, scene: Scene, kind: type[models.Model]) -> Iterator[Any]:
        """Those of a list, of a resource and of what stands inside it; what is of a list that does not search this type is
        counted."""
        if fhir.kind_of(node, scene) is kind:
            yield from records_of(node, scene)
        for record in inner_records(node, scene):
            category = CATEGORY_OF[type(record)]
            if type(record) is kind:
                yield record
            elif node.type not in {search.type for search in LISTS[category]}:
                self._elsewhere[category] += 1

    def _say_what_is_elsewhere(self) -> Iterator[Any]:
        """At the end of a list, of which it is no gap."""
        message = _("Only a sync finds what stands inside the resources of this list: {count} for the list {list}.")
        for category, count in sorted(self._elsewhere.items()):
            self._searches.other_people.notice(message.format(count=count, list=category))
        yield from ()

    def _scene(self, page: Page) -> Scene:
        return Scene(page.graph, today=self._today, is_page=True)


@dataclass(frozen=True)
class _SearchResult:
    """Pages of a search with the first one at hand."""

    first: Page | None
    remaining: Iterator[Page]

    @property
    def is_in_parts(self) -> bool:
        """Whether its pages have no order in common."""
        return self.first is not None and self.first.is_part

    def __iter__(self) -> Iterator[Page]:
        return chain([self.first] if self.first else [], self.remaining)


def whole(stream: Iterator[Any], gaps: list[str]) -> Iterator[Any]:
    """The items, and at their end what is known to be lacking."""
    yield from stream
    if gaps:
        raise ListIncomplete(gaps)


def _is_counted(searches: tuple[Search, ...]) -> bool:
    """Whether a list shows all that one search finds, so that the server's total is its own."""
    first = searches[0]
    return len(searches) == 1 and (first.category is not None or first.type in fhir.KIND_OF_TYPE)


def _dates(search: Search, query: CardQuery) -> list[tuple[str, str]]:
    """Asked a day wider, as servers differ in zones; the exact days are checked on what comes."""
    bounds = (("ge", query.since, -1), ("le", query.until, 1))
    days = [(prefix, day_beside(day, offset)) for prefix, day, offset in bounds if day]
    return [(search.date, f"{prefix}{day}") for prefix, day in days if search.date and day]
