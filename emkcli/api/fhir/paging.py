"""Searchset Bundles page by page, their links followed on one origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from emkcli import errors
from emkcli.api.documents import about
from emkcli.api.fhir.bundles import Answer, Entry, answered, failure, unreadable, value
from emkcli.api.fhir.links import base_of, rebased
from emkcli.api.fhir.other_people import OtherPeople
from emkcli.api.fhir.record_size import check_size
from emkcli.api.page_walk import PageWalk, forgotten
from emkcli.fhir import Graph, Node
from emkcli.fhir.elements import text

Params = list[tuple[str, str]]
MEDIA_TYPE = "application/fhir+json"
ACCEPT = {"Accept": MEDIA_TYPE}
"""Some servers speak XML unless they are asked."""
REFUSED = (errors.InvalidInput, errors.NotFound, errors.Unsupported)
"""What a server answers to something it does not support."""


class Sender(Protocol):
    """The part of `Wire` that reading needs."""

    base_url: str

    def send(
        self, method: str, path: str, *, params: Params | None = None, headers: Mapping[str, str] = ...
    ) -> Any: ...


@dataclass(frozen=True)
class Page:
    """One page: what was searched for, and everything that came along."""

    graph: Graph
    matches: list[Node]
    total: int | None
    left_out: int = 0
    """Entries about other people."""
    is_part: bool = False
    """Of one of several searches, each with an order of its own."""
    gap: str | None = None
    """On a last page without matches: why the pages before it are not everything."""
    problem: str | None = None
    """What the server says went wrong with this page."""


def pages(
    wire: Sender,
    path: str,
    attempts: Sequence[Params],
    wanted: str | None,
    already_read: Sequence[bytes] = (),
    other_people: OtherPeople | None = None,
) -> Iterator[Page]:
    """Every page of a search. `attempts` are the same search with ever fewer of the parameters a server may refuse;
    `wanted` is the type searched for (None: every resource counts), `already_read` resources join each page's graph."""
    return (page_of(answer, wanted, already_read) for answer in answers(wire, path, attempts, other_people))


def answers(
    wire: Sender, path: str, attempts: Sequence[Params], other_people: OtherPeople | None = None
) -> Iterator[Answer]:
    """The same pages as they came, without what is about other people."""
    if other_people is None:
        yield from _followed(wire, path, attempts)
        return
    warnings: dict[str, None] = {}
    try:
        for answer in _followed(wire, path, attempts):
            warnings.update(dict.fromkeys(answer.warnings()))
            yield answer.without(other_people)
    finally:
        for warning in warnings:
            other_people.notice(warning)
        other_people.report()


class _Expired(Exception):
    """The server has forgotten the search whose pages it was giving; with the request that said so."""

    def __init__(self, request_id: str | None) -> None:
        super().__init__()
        self.request_id = request_id


def _followed(wire: Sender, path: str, attempts: Sequence[Params]) -> Iterator[Answer]:
    """The pages; where the server forgets them on the way, once more from the first one."""
    try:
        yield from _walked(wire, path, attempts)
        return
    except _Expired:
        pass
    try:
        yield from _walked(wire, path, attempts)
    except _Expired as gone:
        raise forgotten(gone.request_id) from None


def _walked(wire: Sender, path: str, attempts: Sequence[Params]) -> Iterator[Answer]:
    response = _first(wire, path, attempts)
    begun = str(response.url)
    walk, base = PageWalk(begun), base_of(begun, path)
    while True:
        answer = answered(response)
        with about(answer.request_id):
            following = answer.following
            # some servers give the same page again under ever new addresses
            walk.note((bytes(entry.resource) for entry in answer.bundle.entry or ()), following, answer.total)
        yield answer
        if following is None:
            return
        try:
            response = wire.send("GET", rebased(following, begun, base), headers=ACCEPT)
        except errors.NotFound as gone:
            raise _Expired(gone.request_id) from None


def _first(wire: Sender, path: str, attempts: Sequence[Params]) -> Any:
    for params in attempts[:-1]:
        try:
            return wire.send("GET", path, params=params, headers=ACCEPT)
        except errors.InvalidInput:
            continue  # a server may refuse a parameter that it does not know (R4 search, "Handling Errors")
    return wire.send("GET", path, params=attempts[-1], headers=ACCEPT)


def page_of(answer: Answer, wanted: str | None, already_read: Sequence[bytes] = ()) -> Page:
    """A page with its resources and how they refer to each other."""
    graph, matches, problem = Graph(), [], answer.bare
    with about(answer.request_id):
        for entry in answer.bundle.entry or ():
            node = _node(graph, entry)
            if node and node.type == "OperationOutcome":
                problem = problem or failure(graph.resource(node))
            elif node and (wanted is None or _is_match(entry, node, wanted)):
                matches.append(node)
        for content in already_read:
            graph.add(content)
        return Page(graph, matches, answer.total, answer.left_out, problem=problem)


def _is_match(entry: Entry, node: Node, wanted: str) -> bool:
    """Many servers leave `mode` out; then the type alone tells a match from what came along."""
    return wanted == node.type and text(value(entry.search), "mode") not in ("include", "outcome")


def _node(graph: Graph, entry: Entry) -> Node | None:
    content = memoryview(entry.resource)
    if not content:
        return None
    check_size(content)
    try:
        node = graph.add(entry.resource, text(value(entry.fullUrl)))
        if node is not None:
            graph.resource(node)
    except ValueError:
        raise unreadable() from None
    return node
