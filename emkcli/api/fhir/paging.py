"""Searchset Bundles page by page: resources are cut out of the answer as bytes, links followed on one origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urljoin

import msgspec

from emkcli import errors
from emkcli.fhir import Graph, Node
from emkcli.fhir.elements import decode, elements, text
from emkcli.locale import _

Params = list[tuple[str, str]]
MEDIA_TYPE = "application/fhir+json"
ACCEPT = {"Accept": MEDIA_TYPE}
"""Some servers speak XML unless they are asked."""
REFUSED = (errors.InvalidInput, errors.NotFound, errors.Unsupported)
"""What a server answers to something it does not support."""


class Sender(Protocol):
    """The part of `Wire` that reading needs."""

    def send(
        self, method: str, path: str, *, params: Params | None = None, headers: Mapping[str, str] = ...
    ) -> Any: ...


# the bytes of a resource are cut out and not decoded: an export passes them on as they came
class _Entry(msgspec.Struct, gc=False):
    fullUrl: Any = None  # noqa: N815
    resource: msgspec.Raw = msgspec.Raw(b"")
    search: msgspec.Raw = msgspec.Raw(b"null")


# Any: one element of a wrong type must not cost the whole page
class _Bundle(msgspec.Struct):
    resourceType: Any = None  # noqa: N815
    total: Any = None
    link: Any = None
    entry: list[_Entry] | None = None
    issue: Any = None


_BUNDLE = msgspec.json.Decoder(_Bundle)


@dataclass(frozen=True)
class Answer:
    """One page as it came, cut into entries."""

    response: Any
    bundle: _Bundle


@dataclass(frozen=True)
class Page:
    """One page: what was searched for, and everything that came along."""

    graph: Graph
    matches: list[Node]
    total: int | None


def pages(
    wire: Sender, path: str, attempts: Sequence[Params], wanted: str | None, already_read: Sequence[bytes] = ()
) -> Iterator[Page]:
    """Every page of a search. `attempts` are the same search with ever fewer of the parameters a server may refuse;
    `wanted` is the type searched for (None: every resource counts), `already_read` resources join each page's graph."""
    return (page_of(answer, wanted, already_read) for answer in answers(wire, path, attempts))


def answers(wire: Sender, path: str, attempts: Sequence[Params]) -> Iterator[Answer]:
    """The same pages before anything in them was looked at."""
    response = _first(wire, path, attempts)
    visited = {str(response.url)}
    before = b""
    while True:
        bundle = _decoded(response)
        following = _following(bundle, str(response.url))
        # some servers give the same page again under ever new addresses
        if following and (following in visited or response.content == before):
            raise errors.BadResponse(_("The server's pages run in a circle."))
        yield Answer(response, bundle)
        if following is None:
            return
        visited.add(following)
        before = response.content
        response = wire.send("GET", following, headers=ACCEPT)


def answered(response: Any) -> Answer:
    """One answer that did not come in a row of pages."""
    return Answer(response, _decoded(response))


def _first(wire: Sender, path: str, attempts: Sequence[Params]) -> Any:
    for params in attempts[:-1]:
        try:
            return wire.send("GET", path, params=params, headers=ACCEPT)
        except errors.InvalidInput:
            continue  # a server may refuse a parameter that it does not know (R4 search, "Handling Errors")
    return wire.send("GET", path, params=attempts[-1], headers=ACCEPT)


def page_of(answer: Answer, wanted: str | None, already_read: Sequence[bytes] = ()) -> Page:
    """A page with its resources and how they refer to each other."""
    bundle = answer.bundle
    graph, matches = Graph(), []
    for entry in bundle.entry or ():
        node = _node(graph, entry)
        if node is None:
            continue
        if node.type == "OperationOutcome":
            check(decode(node.content))
        elif wanted is None or (
            # many servers leave `mode` out; then the type alone tells a match from what came along
            wanted == node.type and text(decode(entry.search), "mode") not in ("include", "outcome")
        ):
            matches.append(node)
    for content in already_read:
        graph.add(content)
    # JSON's true is an int for Python
    total = bundle.total if isinstance(bundle.total, int) and not isinstance(bundle.total, bool) else None
    return Page(graph, matches, total)


def _decoded(response: Any) -> _Bundle:
    try:
        bundle: _Bundle = _BUNDLE.decode(response.content)
    except (ValueError, RecursionError):
        raise errors.BadResponse(
            _("The answer of the server is no FHIR Bundle."), hint=_("retry later"), request_id=_request_id(response)
        ) from None
    if bundle.resourceType == "OperationOutcome":
        check({"issue": bundle.issue})
    if bundle.resourceType != "Bundle":
        raise errors.BadResponse(_("The answer of the server is no FHIR Bundle."), request_id=_request_id(response))
    return bundle


def _node(graph: Graph, entry: _Entry) -> Node | None:
    if not bytes(entry.resource):
        return None
    try:
        node = graph.add(entry.resource, text(entry.fullUrl))
        if node is not None:
            graph.resource(node)
    except ValueError:
        raise errors.BadResponse(_("The server sent a resource that cannot be read.")) from None
    return node


def check(outcome: Any) -> None:
    """A warning inside a Bundle is no failure; an error is."""
    for issue in elements(outcome, "issue"):
        if text(issue, "severity") in ("error", "fatal"):
            message = text(issue, "details", "text") or text(issue, "diagnostics") or text(issue, "code")
            raise errors.BadResponse(_("The server reports an error inside its answer: {what}").format(what=message))


def _following(bundle: _Bundle, address: str) -> str | None:
    links = elements({"link": bundle.link}, "link")
    url = next((url for link in links if text(link, "relation") == "next" and (url := text(link, "url"))), None)
    if url is None:
        return None
    try:
        return urljoin(address, url)
    except ValueError:
        raise errors.BadResponse(_("The server's link to the next page is no address.")) from None


def _request_id(response: Any) -> str | None:
    request_id: str | None = response.headers.get("X-Request-Id")
    return request_id
