"""Resources on their way through: each is read as far as its list and its date need, the rest stays the server's bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import compress
from operator import and_
from typing import Any

import msgspec

from emkcli import fhir, models
from emkcli.api.batches import Batch
from emkcli.api.documents import about
from emkcli.api.fhir.bundles import Answer, failure, unreadable
from emkcli.api.fhir.paging import page_of
from emkcli.api.fhir.tally import Tally, name_of
from emkcli.api.filters import kept, limited
from emkcli.api.ports import CardQuery
from emkcli.fhir import Scene, decode, text
from emkcli.fhir.elements import within_memory
from emkcli.fhir.observation import stated_kind
from emkcli.fhir.owner import base_of
from emkcli.fhir.resource_types import DATES
from emkcli.models import CATEGORY_OF

_FIELDS = [("resourceType", Any, None), ("id", Any, None), ("category", msgspec.Raw, msgspec.Raw(b""))]
_HEAD: Any = msgspec.defstruct("_Head", [*_FIELDS, *((name, Any, None) for name in DATES)], gc=False)
_DECODER = msgspec.json.Decoder(_HEAD)


class PageScan:
    """One page of an answer, row by row: what the query asks for, in the server's order."""

    def __init__(self, answer: Answer, query: CardQuery) -> None:
        self._answer = answer
        self.problem = answer.bare
        """What the server says went wrong with this page."""
        with about(answer.request_id):
            contents = [bytes(entry.resource) for entry in answer.bundle.entry or ()]
            heads = _heads(contents)
            rows = [bool(kind) and kind != "OperationOutcome" and not kind.isspace() for kind, *_more in heads]
            if not all(rows):
                self.problem = self.problem or _problem(contents, heads)
                contents, heads = list(compress(contents, rows)), list(compress(heads, rows))
            kinds, self._ids, categories, dates = _columns(heads)
            self._rows = rows
            self._batch = Batch(contents, kinds, self._categories(kinds, categories), dates)
        self._selected = self._filter(query) if limited(query) else None

    def once(self, tally: Tally) -> PageScan:
        """Without the rows that an earlier page had."""
        batch = self._batch
        names = map(name_of, batch.kinds, self._ids, batch.contents)
        new = tally.note(names, self._answer.total, self._answer.left_out)
        if not all(new):
            self._selected = [*map(and_, new, self._selected)] if self._selected else new
        return self

    @property
    def server(self) -> str | None:
        """The address that the server calls itself by."""
        rows = zip(compress(self._answer.bundle.entry or (), self._rows), self._batch.kinds, strict=True)
        return next((base for entry, kind in rows if (base := base_of(text(decode(entry.fullUrl)), kind))), None)

    def batch(self) -> Batch:
        """The rows as columns."""
        return self._batch if self._selected is None else self._batch.where(self._selected)

    def raws(self, media_type: str, fetched_at: str) -> Iterator[models.Raw]:
        """The rows one by one, each with the name it has on its server."""
        batch = self._batch
        entries = compress(self._answer.bundle.entry or (), self._rows)
        columns = zip(entries, batch.contents, batch.kinds, batch.categories, batch.dates, strict=True)
        for index, (entry, content, kind, category, date) in enumerate(columns):
            if self._selected is None or self._selected[index]:
                full_url, ident = text(decode(entry.fullUrl)), self._ids[index]
                key = f"{kind}/{ident}" if ident else full_url or f"{kind}/_{index + 1}"
                data = {"category": category or None, "type": kind, "full_url": full_url, "date": date}
                yield models.Raw(key, media_type, content, fetched_at, data)

    def _categories(self, kinds: list[str], written: list[bytes]) -> list[str]:
        """Most types say their list by their name or their category; what does not is looked at with the page around."""
        stated = [
            _of_observation(category) if kind == "Observation" else _of_type(kind)
            for kind, category in zip(kinds, written, strict=True)
        ]
        if None not in stated:
            return stated  # type: ignore[return-value]
        page = page_of(self._answer, None)
        scene = Scene(page.graph, is_page=True)
        recognised = (
            fhir.kind_of(node, scene) if category is None else None
            for category, node in zip(stated, page.matches, strict=True)
        )
        return [
            (CATEGORY_OF[recognised_kind] if recognised_kind else "") if category is None else category
            for category, recognised_kind in zip(stated, recognised, strict=True)
        ]

    def _filter(self, query: CardQuery) -> list[bool]:
        batch = self._batch
        rows = zip(batch.kinds, batch.categories, batch.dates, strict=True)
        return [kept(kind, category or None, date, query) for kind, category, date in rows]


_Head = tuple[Any, str | None, bytes, str | None]
"""Type, id, category as it is written, date."""


def _heads(contents: list[bytes]) -> list[_Head]:
    try:
        for content in contents:
            # the decoder looks at the structure of what it cuts out, not at its letters
            within_memory(content).decode()
        # one by one: what else stands in a field that should hold a date is not kept until the page is over
        return [_head(_DECODER.decode(content or b"{}")) for content in contents]
    except (ValueError, RecursionError):
        raise unreadable() from None


def _head(decoded: Any) -> _Head:
    kind, date = decoded.resourceType, decoded.effectiveDateTime  # the first of DATES, and mostly the only one
    return (
        kind if type(kind) is str else text(kind),
        text(decoded.id),
        bytes(decoded.category),
        date if type(date) is str and date.strip() else _date(decoded),
    )


def _columns(heads: list[_Head]) -> tuple[list[str], list[str | None], list[bytes], list[str | None]]:
    kinds, ids, categories, dates = zip(*heads, strict=True) if heads else ((), (), (), ())
    return list(kinds), list(ids), list(categories), list(dates)


def _problem(contents: list[bytes], heads: list[_Head]) -> str | None:
    outcomes = (content for content, (kind, *_more) in zip(contents, heads, strict=True) if kind == "OperationOutcome")
    return next(filter(None, (failure(decode(outcome)) for outcome in outcomes)), None)


def _date(head: Any) -> str | None:
    return fhir.when({name: getattr(head, name) for name in DATES}, *DATES)


def _of_type(kind: str) -> str | None:
    return _of_known_type(kind) if len(kind) <= _LONGEST_KEPT else ""


def _of_observation(category: bytes) -> str | None:
    return _of_category(category) if len(category) <= _LONGEST_KEPT else _of_category.__wrapped__(category)


_LONGEST_KEPT = 2048
"""What is longer is no category worth remembering, and 256 of them would fill the memory."""


@lru_cache(maxsize=256)
def _of_known_type(kind: str) -> str | None:
    """The list a type belongs to, empty for what is no record; None where the name alone does not tell."""
    if kind in fhir.TOLD_BY_CONTENT:
        return None
    of_all = fhir.KIND_OF_TYPE.get(kind)
    return CATEGORY_OF[of_all] if of_all else ""


@lru_cache(maxsize=256)
def _of_category(category: bytes) -> str | None:
    """The same for an Observation, by the category it states."""
    stated = stated_kind(decode(category)) if category else None
    return CATEGORY_OF[stated] if stated else None
