"""Saved answers of a server: what they say there is and do not hold, as pages that follow and entries without a resource."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from emkcli.fhir.elements import elements, text
from emkcli.fhir.resource_types import SUPPORTING
from emkcli.importers.fhir.bundle_entries import Entry, Top
from emkcli.locale import _

_ADDRESS = re.compile(r"(?:.*/)?([A-Z][A-Za-z]{2,40})(?:/[A-Za-z0-9.\-]{1,64})?(?:/_history/[^?]*)?(?:\?.*)?")
_UNTOLD = "Resource"
"""Of what is lacking and does not say of which type it is."""
_BESIDE = ("include", "outcome")


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

    def note(self, bundle: Top) -> None:
        self._bare.update(filter(None, map(lacking_type, bundle.entry or ())))
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


def lacking_type(entry: Entry) -> str | None:
    """The type of the resource that an entry stands for and was not given; None where there is one, where it does not tell
    the type, and where an outcome stands in its place, which was counted itself."""
    is_deleted, status = text(entry.request, "method") == "DELETE", text(entry.response, "status") or ""
    if entry.has_resource or is_deleted or status.startswith("2") or text(entry.response, "outcome", "resourceType"):
        return None
    named = (text(entry.fullUrl), text(entry.request, "url"), text(entry.response, "location"))
    return next(filter(None, map(_type_in, named)), None)


def _type_in(address: str | None) -> str | None:
    match = _ADDRESS.fullmatch(address or "")
    return match[1] if match else None


def _page(bundle: Top) -> _Page:
    links = {text(link, "relation"): text(link, "url") for link in elements({"link": bundle.link}, "link")}
    total = bundle.total if type(bundle.total) is int else None
    kind, matches = _matches([] if total is None else bundle.entry or (), _type_in(links.get("self")))
    return _Page(kind or _UNTOLD, total, links.get("self"), links.get("next"), frozenset(matches))


def _matches(entries: Iterable[Entry], asked: str | None) -> tuple[str | None, list[object]]:
    """The type that was asked for and what of it is here. Where no entry says that it is a match, all of that type are."""
    rows = [(text(entry.search, "mode"), _head(entry.resource)) for entry in entries]
    matches = [row for row in rows if row[0] not in _BESIDE]
    kinds = [kind for _mode, head in matches if (kind := text(head.resourceType))]
    kind = asked or next((kind for kind in kinds if kind not in SUPPORTING), next(iter(kinds), None))
    if not any(mode for mode, _head in rows):
        matches = [row for row in matches if row[1].resourceType == kind]
    return kind, [(text(head.resourceType), text(head.id) or place) for place, (_mode, head) in enumerate(matches)]


def _head(content: msgspec.Raw) -> _Head:
    try:
        return _HEAD.decode(content) if memoryview(content).nbytes else _Head()
    except (ValueError, RecursionError):
        return _Head()
