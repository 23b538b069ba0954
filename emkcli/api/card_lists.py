"""The lists of a card, whatever keeps it: one question about each category, and the answer newest first."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from heapq import merge
from itertools import chain, pairwise
from typing import Any

from emkcli import models
from emkcli.api.ports import Card, CardQuery, Items
from emkcli.api.ports.card import EVERYTHING
from emkcli.clinical.dates import order
from emkcli.models import CATEGORIES


class Listed(Card):
    """A card whose lists differ by their category alone."""

    @abstractmethod
    def _list(self, category: str, query: CardQuery) -> Items[Any]:
        """The records of a category (a key of `models.CATEGORIES`), newest first."""


def _operation(category: str) -> Callable[..., Items[Any]]:
    def listed(card: Listed, query: CardQuery = EVERYTHING) -> Items[Any]:
        answer = card._list(category, query)
        answer.again = partial(card._list, category, query)
        return answer

    return listed


for _category in CATEGORIES:
    setattr(Listed, _category, _operation(_category))


def newest_first(batches: Iterable[list[Any]], *, trusted: bool = True) -> Iterator[Any]:
    """Records of pages, newest first. When the first page is in order the rest is trusted and streamed, each page put
    right by itself; otherwise, and where the order is not to be `trusted`, all is kept as compact JSON (some hundred bytes
    a record) and sorted."""
    pages = iter(batches)
    first = next(pages, [])
    second = next(pages, None)
    if second is None:
        return iter(_sorted(first))
    remaining = chain([second], pages)
    if trusted and _in_order(first):
        return chain(first, chain.from_iterable(map(_sorted, remaining)))
    return _all_sorted(chain([first], remaining))


def together(streams: Iterable[Iterator[Any]]) -> Iterator[Any]:
    """Several lists that are newest first, as one."""
    return merge(*streams, key=_key, reverse=True)


def _key(record: Any) -> Any:
    return order(record.at if isinstance(record, models.Access) else record.date)


def _sorted(records: list[Any]) -> list[Any]:
    return sorted(records, key=_key, reverse=True)


def _in_order(records: list[Any]) -> bool:
    return all(_key(newer) >= _key(older) for newer, older in pairwise(records))


def _all_sorted(pages: Iterable[list[Any]]) -> Iterator[Any]:
    packed: list[tuple[Any, type[models.Model], bytes]] = [
        (_key(record), type(record), record.to_json()) for page in pages for record in page
    ]
    packed.sort(key=lambda row: row[0], reverse=True)
    for _moment, kind, content in packed:
        yield kind.from_json(content)
