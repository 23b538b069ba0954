"""Searchset Bundles page by page: resources are cut out of the answer as bytes, links followed on one origin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urljoin

import msgspec
from msgspec import structs

from emkcli import errors
from emkcli.api.documents import about, request_id
from emkcli.api.fhir.links import base_of, rebased
from emkcli.api.fhir.other_people import OtherPeople
from emkcli.api.fhir.record_size import check_size
from emkcli.api.page_walk import PageWalk
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
    fullUrl: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    resource: msgspec.Raw = msgspec.Raw(b"")
    search: msgspec.Raw = msgspec.Raw(b"null")


# Raw: one element of a wrong type must not cost the whole page, and none is decoded before it is looked at
class _Bundle(msgspec.Struct):
    resourceType: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815
    total: msgspec.Raw = msgspec.Raw(b"null")
    link: msgspec.Raw = msgspec.Raw(b"null")
    entry: list[_Entry] | None = None
    issue: msgspec.Raw = msgspec.Raw(b"null")


class _Nothing(msgspec.Struct, gc=False):
    """An entry that is only counted."""


class _Counted(msgspec.Struct):
    entry: list[_Nothing] | None = None


_BUNDLE = msgspec.json.Decoder(_Bundle)
_COUNTED = msgspec.json.Decoder(_Counted)
MOST_ENTRIES = 200_000
"""Entries of one page: each costs some hundred bytes beside its own, and a whole large card has half as many."""
_MOST_OBJECTS = 4_000_000
"""Objects of one page: a page of 64 MB has a third of them."""


@dataclass(frozen=True)
class Answer:
    """One page as it came, cut into entries."""

    response: Any
    bundle: _Bundle
    left_out: int = 0

    def without(self, other_people: OtherPeople) -> Answer:
        """The page without the entries about other people."""
        entries = self.bundle.entry or []
        kept = other_people.without(entries)
        if len(kept) == len(entries):
            return self
        return Answer(self.response, structs.replace(self.bundle, entry=kept), len(entries) - len(kept))

    def warnings(self) -> Iterator[str]:
        """What outcomes beside the results warn of."""
        for entry in self.bundle.entry or ():
            content = bytes(entry.resource)
            # most pages have none, and to look for its name is cheaper than to decode
            outcome = _value(entry.resource) if b'"OperationOutcome"' in content else None
            if text(outcome, "resourceType") == "OperationOutcome":
                issues = (issue for issue in elements(outcome, "issue") if text(issue, "severity") == "warning")
                yield from (_("The server said of its answer: {what}").format(what=words_of(issue)) for issue in issues)

    @property
    def request_id(self) -> str | None:
        return request_id(self.response)

    @property
    def total(self) -> int | None:
        """How many matches the server announces."""
        total = _value(self.bundle.total)
        # JSON's true is an int for Python
        return total if isinstance(total, int) and not isinstance(total, bool) else None

    @property
    def following(self) -> str | None:
        """The address of the next page."""
        links = elements({"link": _value(self.bundle.link)}, "link")
        url = next((url for link in links if text(link, "relation") == "next" and (url := text(link, "url"))), None)
        if url is None:
            return None
        try:
            return urljoin(str(self.response.url), url)
        except ValueError:
            raise errors.BadResponse(_("The server's link to the next page is no address.")) from None


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
    """The server has forgotten the search whose pages it was giving."""


def _followed(wire: Sender, path: str, attempts: Sequence[Params]) -> Iterator[Answer]:
    """The pages; where the server forgets them on the way, once more from the first one."""
    try:
        yield from _walked(wire, path, attempts)
        return
    except _Expired:
        pass
    try:
        yield from _walked(wire, path, attempts)
    except _Expired:
        raise errors.BadResponse(
            _("The server forgot the list while it was read; the list would be incomplete."), hint=_("retry later")
        ) from None


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
        except errors.NotFound:
            raise _Expired from None


def answered(response: Any) -> Answer:
    """One answer that did not come in a row of pages."""
    with about(request_id(response)):
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
    graph, matches, problem = Graph(), [], None
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


def _is_match(entry: _Entry, node: Node, wanted: str) -> bool:
    """Many servers leave `mode` out; then the type alone tells a match from what came along."""
    return wanted == node.type and text(_value(entry.search), "mode") not in ("include", "outcome")


def _decoded(response: Any) -> _Bundle:
    try:
        _check_size(response)
        bundle: _Bundle = _BUNDLE.decode(response.content)
    except (ValueError, RecursionError):
        raise _no_bundle() from None
    kind = _value(bundle.resourceType)
    if kind == "OperationOutcome":
        check({"issue": _value(bundle.issue)})
    if kind != "Bundle":
        raise _no_bundle()
    return bundle


def _check_size(response: Any) -> None:
    """So many entries are refused that they would fill the memory by themselves."""
    objects = response.content.count(b"{")
    if objects <= MOST_ENTRIES:
        return
    if objects > _MOST_OBJECTS or len(_COUNTED.decode(response.content).entry or ()) > MOST_ENTRIES:
        raise errors.BadResponse(
            _("One page of the server has more than {count} entries.").format(count=MOST_ENTRIES),
        )


def _no_bundle() -> errors.BadResponse:
    return errors.BadResponse(_("The answer of the server is no FHIR Bundle."), hint=_("retry later"))


def _value(raw: msgspec.Raw) -> Any:
    """An element that was cut out, decoded; `BadResponse` for one that would fill the memory."""
    try:
        return decode(raw)
    except ValueError:
        raise _no_bundle() from None


def _node(graph: Graph, entry: _Entry) -> Node | None:
    content = memoryview(entry.resource)
    if not content:
        return None
    check_size(content)
    try:
        node = graph.add(entry.resource, text(_value(entry.fullUrl)))
        if node is not None:
            graph.resource(node)
    except ValueError:
        raise unreadable() from None
    return node


def unreadable() -> errors.BadResponse:
    return errors.BadResponse(_("The server sent a resource that cannot be read."))


def check(outcome: Any) -> None:
    """`BadResponse` for an outcome that is an error; a warning is none."""
    if message := failure(outcome):
        raise errors.BadResponse(message)


def failure(outcome: Any) -> str | None:
    """The error that an outcome beside results tells of."""
    issues = [issue for issue in elements(outcome, "issue") if text(issue, "severity") in ("error", "fatal")]
    if not issues:
        return None
    return _("The server reports an error inside its answer: {what}").format(what=words_of(issues[0]))


def words_of(issue: Any) -> str:
    """What an issue says to a person."""
    return text(issue, "details", "text") or text(issue, "diagnostics") or text(issue, "code") or ""
