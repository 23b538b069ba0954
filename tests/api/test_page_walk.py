"""Pages that do not end by themselves, for every list that comes page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from emkcli import errors
from emkcli.api import page_walk
from emkcli.api.esia.people import People
from emkcli.api.fhir.bundles import MOST_ENTRIES
from emkcli.api.fhir.card import FhirCard
from emkcli.api.fhir.paging import pages
from emkcli.api.page_walk import MOST_BARREN, PageWalk
from emkcli.api.ports import CardQuery
from emkcli.api.rest.portal import RestPortal
from emkcli.api.wire import Wire
from tests.invented import BASE, PATIENT, lab

Drawn = Callable[[int], list[Any]]
"""What the page of a number holds."""
LISTS: dict[str, Drawn] = {
    "the same page under new addresses": lambda number: [1, 2],
    "two pages in turn": lambda number: [number % 2],
    "a circle of many": lambda number: [number % 9],
    "no entries": lambda number: [] if number else [1],
}
MANY = 40
"""Requests that are too many for any of these."""


class Server:
    """Pages of a FHIR server, of the portal and of ESIA, each with a link to a next one that nobody has seen."""

    def __init__(self, drawn: Drawn, total: int | None = None) -> None:
        self.drawn, self.total, self.requests = drawn, total, 0

    def page(self) -> list[Any]:
        self.requests += 1
        return self.drawn(self.requests - 1)

    def fhir(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/Patient/p1"):
            return httpx.Response(200, json=PATIENT)
        if request.url.path.endswith("/metadata"):
            return httpx.Response(404)
        meta = {"lastUpdated": "2026-01-01T00:00:00Z"}
        entries = [{"resource": lab(f"o{number}", meta=meta)} for number in self.page()]
        link = [{"relation": "next", "url": f"{BASE}/Observation?page={self.requests}"}]
        bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entries, "link": link}
        return httpx.Response(200, json=bundle | ({} if self.total is None else {"total": self.total}))

    def portal(self, request: httpx.Request) -> httpx.Response:
        clinic = {"name": "x", "short_name": "x", "address": "x", "adults": True, "children": True}
        items = [{"id": str(number), **clinic} for number in self.page()]
        return httpx.Response(200, json={"items": items, "next": str(self.requests)})

    def esia(self, request: httpx.Request) -> httpx.Response:
        elements = [{"id": number} for number in self.page()]
        return httpx.Response(200, json={"size": 10**9, "elements": elements})


def wire(answer: Callable[[httpx.Request], httpx.Response]) -> Wire:
    return Wire(BASE, transport=httpx.MockTransport(answer))


PAGERS: dict[str, Callable[[Server], Iterator[Any]]] = {
    "labs": lambda server: iter(FhirCard(wire(server.fhir), "", lambda: "p1").labs(CardQuery())),
    "$everything": lambda server: FhirCard(wire(server.fhir), "", lambda: "p1").resources(CardQuery()),
    "batches": lambda server: FhirCard(wire(server.fhir), "", lambda: "p1").batches(CardQuery()),
    "what was updated": lambda server: FhirCard(wire(server.fhir), "", lambda: "p1").resources(
        CardQuery(updated_since="1990-01-01")
    ),
    "changes": lambda server: FhirCard(wire(server.fhir), "", lambda: "p1").changes().walk("Observation", None),
    "keys": lambda server: FhirCard(wire(server.fhir), "", lambda: "p1").changes().keys("Observation"),
    "named": lambda server: FhirCard(wire(server.fhir), "", lambda: "p1").changes().named("Observation", ["a/b"], None),
    "access log": lambda server: iter(FhirCard(wire(server.fhir), "", lambda: "p1").access_log()),
    "portal": lambda server: iter(RestPortal(wire(server.portal)).clinics()),
    "esia": lambda server: People(wire(server.esia), lambda: "1").elements("kids"),
}


@pytest.mark.parametrize("kind", LISTS)
@pytest.mark.parametrize("pager", PAGERS)
def test_pages_that_bring_nothing_new_end(pager: str, kind: str) -> None:
    server = Server(LISTS[kind])
    with pytest.raises(errors.BadResponse, match="incomplete"):
        list(PAGERS[pager](server))
    assert server.requests < MANY


@pytest.mark.parametrize("pager", PAGERS)
def test_ever_new_records_end_by_their_count(pager: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_walk, "MOST_ITEMS", 50)
    server = Server(lambda number: [number * 2, number * 2 + 1])
    with pytest.raises(errors.BadResponse, match="no end"):
        list(PAGERS[pager](server))
    assert server.requests == 26


def test_ever_new_records_end_by_what_was_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_walk, "MOST_BEYOND", 10)
    server = Server(lambda number: [number], total=2)
    with pytest.raises(errors.BadResponse, match=r"no end \(so far 51 items\)"):
        list(PAGERS["labs"](server))


def test_ever_new_records_end_by_the_time_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_walk, "LONGEST", 0.0)
    server = Server(lambda number: [number])
    with pytest.raises(errors.BadResponse, match="no end"):
        list(PAGERS["labs"](server))
    assert server.requests == 1


def test_a_page_that_was_filtered_empty_is_not_the_end() -> None:
    walk = PageWalk()
    for number in range(MOST_BARREN * 5):
        walk.note([] if number % MOST_BARREN else [number], str(number))


@pytest.mark.parametrize("total", [None, 200, 100_000])
def test_a_large_card_is_walked_to_its_end(total: int | None) -> None:
    """A hundred thousand records, also where a server announces only what it sends at once."""
    walk, numbers = PageWalk("/first"), count()
    for page in range(500):
        walk.note([next(numbers) for _place in range(200)], f"/{page}" if page < 499 else None, total)
    assert next(numbers) == 100_000


def bundle(*parts: bytes) -> Wire:
    content = b'{"resourceType": "Bundle", ' + b"".join(parts) + b"}"
    headers = {"X-Request-Id": "r-1"}
    return wire(lambda _request: httpx.Response(200, content=content, headers=headers))


FINE = b"[" + b"[]," * 1_000_000 + b"[]]"
HEAVY = {
    "a link": b'"link": ' + FINE,
    "a total": b'"total": ' + FINE * 2,
    "entries": b'"entry": [' + b"{}," * MOST_ENTRIES + b"{}]",
    "the address of an entry": b'"entry": [{"fullUrl": %s, "resource": {"resourceType": "Basic"}}]' % FINE,
    "a mode": b'"entry": [{"search": %s, "resource": {"resourceType": "Basic"}}]' % FINE,
    "a resource": b'"entry": [{"resource": {"resourceType": "Basic", "extension": %s}}]' % FINE,
}


@pytest.mark.parametrize("kind", HEAVY)
def test_a_page_that_would_fill_the_memory_is_refused(kind: str) -> None:
    with pytest.raises(errors.BadResponse) as caught:
        list(pages(bundle(HEAVY[kind]), "/Basic", [[]], "Basic"))
    assert caught.value.request_id == "r-1"
