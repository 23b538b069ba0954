"""The lists of a card that keeps them in one place: each operation is the same question about another category."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from emkcli.api.ports import Card, CardQuery, Items
from emkcli.models import CATEGORIES


class Listed(Card):
    """A card whose lists differ by their category alone."""

    @abstractmethod
    def _list(self, category: str, query: CardQuery) -> Items[Any]:
        """The records of a category (a key of `models.CATEGORIES`), newest first."""


def _operation(category: str) -> Callable[[Listed, CardQuery], Items[Any]]:
    return lambda card, query: card._list(category, query)


for _category in CATEGORIES:
    setattr(Listed, _category, _operation(_category))
