"""Resources on their way through: each is read as far as its list and its date need, the rest stays the server's bytes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import compress
from typing import Any

import msgspec

from emkcli import errors, fhir, models
from emkcli.api.batches import Batch
from emkcli.api.fhir.paging import Answer, check, page_of
from emkcli.api.filters import DATES, kept, limited
from emkcli.api.ports import CardQuery
from emkcli.fhir import Scene, decode, text
from emkcli.fhir.observation import stated_kind
from emkcli.locale import _
from emkcli.models import CATEGORY_OF

_FIELDS = [("resourceType", Any, None), ("id", Any, None), ("category", msgspec.Raw, msgspec.Raw(b""))]
_HEAD: Any = msgspec.defstruct("_Head", [*_FIELDS, *((name, Any, None) for name in DATES)], gc=False)
_DECODER = msgspec.json.Decoder(_HEAD)


class PageScan:
    """One page of an answer, row by row: what the query asks for, in the server's order."""

    def __init__(self, answer: Answer, query: CardQuery) -> None:
        self._answer = answer
        contents = [bytes(entry.resource) for entry in answer.bundle.entry or ()]
        heads = _heads(contents)
        kinds: list[Any] = [kind if type(kind := head.resourceType) is str else text(kind) for head in heads]
        rows = [bool(kind) and kind != "OperationOutcome" and not kind.isspace() for kind in kinds]
        if not all(rows):
            _check_outcomes(contents, kinds)
            contents, heads, kinds = (list(compress(column, rows)) for column in (contents, heads, kinds))
        self._heads, self._rows = heads, rows
        self._batch = Batch(contents, kinds, self._categories(kinds), _dates(heads))
        self._selected = self._filter(query) if limited(query) else None

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
                full_url, ident = text(entry.fullUrl), text(self._heads[index].id)
                key = f"{kind}/{ident}" if ident else full_url or f"{kind}/_{index + 1}"
                data = {"category": category or None, "type": kind, "full_url": full_url, "date": date}
                yield models.Raw(key, media_type, content, fetched_at, data)

    def _categories(self, kinds: list[str]) -> list[str]:
        """Most types say their list by their name or their category; what does not is looked at with the page around."""
        stated = [
            _of_observation(bytes(head.category)) if kind == "Observation" else _of_type(kind)
            for kind, head in zip(kinds, self._heads, strict=True)
        ]
        if None not in stated:
            return stated  # type: ignore[return-value]
        page = page_of(self._answer, None)
        scene = Scene(page.graph)
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


def _heads(contents: list[bytes]) -> list[Any]:
    try:
        for content in contents:
            content.decode()  # the decoder looks at the structure of what it cuts out, not at its letters
        return [_DECODER.decode(content or b"{}") for content in contents]
    except (ValueError, RecursionError):
        raise errors.BadResponse(_("The server sent a resource that cannot be read.")) from None


def _check_outcomes(contents: list[bytes], kinds: list[Any]) -> None:
    for content, kind in zip(contents, kinds, strict=True):
        if kind == "OperationOutcome":
            check(decode(content))


def _dates(heads: list[Any]) -> list[str | None]:
    effective = (head.effectiveDateTime for head in heads)  # the first of DATES, and of most resources the only one
    return [
        date if type(date) is str and date.strip() else _date(head) for date, head in zip(effective, heads, strict=True)
    ]


def _date(head: Any) -> str | None:
    return fhir.when({name: getattr(head, name) for name in DATES}, *DATES)


@lru_cache(maxsize=256)
def _of_type(kind: str) -> str | None:
    """The list a type belongs to, empty for what is no record; None where the name alone does not tell."""
    if kind in fhir.TOLD_BY_CONTENT:
        return None
    of_all = fhir.KIND_OF_TYPE.get(kind)
    return CATEGORY_OF[of_all] if of_all else ""


@lru_cache(maxsize=256)
def _of_observation(category: bytes) -> str | None:
    """The same for an Observation, by the category it states."""
    decided, stated = stated_kind(decode(category)) if category else (False, None)
    if not decided:
        return None
    return CATEGORY_OF[stated] if stated else ""
