"""Saved answers of a server: what they say there is and do not hold, as pages that follow and entries without a resource."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from emkcli.fhir.elements import elements, text
from emkcli.locale import _

_ADDRESS = re.compile(r"(?:.*/)?([A-Z][A-Za-z]{2,40})(?:/[A-Za-z0-9.\-]{1,64})?(?:/_history/[^?]*)?(?:\?.*)?")
_UNTOLD = "Resource"
"""Of what is lacking and does not say of which type it is."""
_BESIDE = ("include", "outcome")


class Entry(Protocol):
    """As it stands in the Bundle, its resource not decoded."""

    fullUrl: Any  # noqa: N815
    resource: msgspec.Raw
    search: Any
    request: Any
    response: Any


class Bundle(Protocol):
    """The part of a Bundle that tells of others."""

    type: Any
    total: Any
    link: Any

    @property
    def entry(self) -> Sequence[Entry] | None: ...


class _Head(msgspec.Struct):
    resourceType: Any = None  # noqa: N815
    id: Any = None


_HEAD = msgspec.json.Decoder(_Head)


@dataclass(frozen=True)
class _Page:
    """One page of a search: whose type, what it announces, and which of it is here."""

    kind: str
    total: int | None
    address: str | None
    following: str | None
    matches: frozenset[object]


@dataclass
class AnswerGaps:
    """Is told of every Bundle of a file."""

    _pages: list[_Page] = field(default_factory=list)
    _bare: Counter[str] = field(default_factory=Counter)

    def note(self, bundle: Bundle) -> None:
        if bundle.type != "history":  # of what was deleted it has entries without resources
            self._bare.update(map(_named_type, filter(_is_lacking, bundle.entry or ())))
        if bundle.type == "searchset":
            self._pages.append(_page(bundle))

    def lacking(self) -> Counter[str]:
        """By type, what the answers announce and the file does not hold; a page that follows counts as one Bundle."""
        searches: dict[tuple[str, int | None], list[_Page]] = defaultdict(list)
        for page in self._pages:
            searches[page.kind, page.total].append(page)
        counts = Counter(self._bare)
        for (kind, total), pages in searches.items():
            if total is None:
                counts["Bundle"] += len(self._unsaved(pages))
            else:
                counts[kind] += max(0, total - len(frozenset[object]().union(*(page.matches for page in pages))))
        return +counts

    def _unsaved(self, pages: Iterable[_Page]) -> set[str]:
        addresses = {page.address for page in self._pages}
        return {page.following for page in pages if page.following} - addresses


def why_lacking() -> str:
    """Why it is in no place of the card."""
    return _("the answer of the server was not saved whole")


def _is_lacking(entry: Entry) -> bool:
    """Whether it stands for a resource that was not given; an outcome in its place was counted itself."""
    if memoryview(entry.resource).nbytes:
        return False
    is_deleted, status = text(entry.request, "method") == "DELETE", text(entry.response, "status") or ""
    return not (is_deleted or status.startswith("2") or text(entry.response, "outcome", "resourceType"))


def _named_type(entry: Entry) -> str:
    named = (text(entry.fullUrl), text(entry.request, "url"), text(entry.response, "location"))
    return next(filter(None, map(_type_in, named)), _UNTOLD)


def _type_in(address: str | None) -> str | None:
    match = _ADDRESS.fullmatch(address or "")
    return match[1] if match else None


def _page(bundle: Bundle) -> _Page:
    links = {text(link, "relation"): text(link, "url") for link in elements({"link": bundle.link}, "link")}
    total = bundle.total if type(bundle.total) is int else None
    matches = [] if total is None else list(_matches(bundle.entry or ()))
    kind = next((kind for kind, _name in matches if kind), None) or _type_in(links.get("self")) or _UNTOLD
    return _Page(kind, total, links.get("self"), links.get("next"), frozenset(matches))


def _matches(entries: Iterable[Entry]) -> Iterator[tuple[str | None, object]]:
    """Type and name of what was searched for; where no entry says so, all of the first one's type."""
    modes = [text(entry.search, "mode") for entry in entries]
    heads = [_head(entry.resource) for entry in entries]
    first = heads[0].resourceType if heads and not any(modes) else None
    for place, (mode, head) in enumerate(zip(modes, heads, strict=True)):
        if mode not in _BESIDE and (first is None or head.resourceType == first):
            yield text(head.resourceType), text(head.id) or place


def _head(content: msgspec.Raw) -> _Head:
    try:
        return _HEAD.decode(content) if memoryview(content).nbytes else _Head()
    except (ValueError, RecursionError):
        return _Head()
