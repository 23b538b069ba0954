"""What is on its way out: the items of a list, dumped one by one, cut at the limit and counted; or a single thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any

from emkcli.results import Listing, Table

if TYPE_CHECKING:
    from emkcli.models import Model, Named
    from emkcli.presentation.render.shape import ItemDict, Shape


class Flow:
    """Items on their way out, as dicts, within the limit; `printed`, `total` and `truncated` hold once it is read."""

    def __init__(
        self, listing: Listing | Table, prepare: Callable[[ItemDict], ItemDict], *, is_for_a_screen: bool = False
    ) -> None:
        self._source: Any = listing.items if isinstance(listing, Listing) else listing.rows
        self._limit = listing.limit if isinstance(listing, Listing) else None
        newest = listing.newest if is_for_a_screen and isinstance(listing, Listing) else None
        self.is_screenful = bool(newest and not self._limit)
        if self.is_screenful:
            self._limit = newest
        self._hint = listing.total_hint if isinstance(listing, Listing) else None
        self._least = listing.total if isinstance(listing, Table) else 0
        self._is_cut = isinstance(listing, Table) and listing.is_cut
        self._is_incomplete = listing.is_incomplete if isinstance(listing, Listing) else lambda: False
        self._prepare = prepare
        self._iterator = iter(self._source)
        # read before the head of a document is written: a person is known with the first page only
        self._ahead = list(islice(self._iterator, 1))
        self.person: Named | None = getattr(listing, "person", None) or getattr(self._source, "person", None)
        self.live = getattr(listing, "live", False)
        self.printed = 0
        self.total = 0
        self.without: list[str] = []
        """The headers of columns for which a table had no room."""

    @property
    def truncated(self) -> bool:
        return self.total > self.printed or self._is_cut or self.incomplete

    @property
    def incomplete(self) -> bool:
        """Whether something could not be read."""
        return self._is_incomplete()

    def __iter__(self) -> Iterator[ItemDict]:
        for value in self._rest():
            if self._limit is not None and self.printed >= self._limit:
                self.total = self._count_beyond()
                return
            self.printed += 1
            yield self._prepare(as_dict(value))
        self.total = max(self.printed, self._least)

    def _rest(self) -> Iterator[Any]:
        yield from self._ahead
        self._ahead = []
        yield from self._iterator

    def _count_beyond(self) -> int:
        """The total, by the server's count where it gives one; the item just read proves there is one more."""
        hint = self._hint if self._hint is not None else getattr(self._source, "total", None)
        if hint is not None and hint > self.printed:
            return int(hint)
        return self.printed + 1 + sum(1 for _item in self._iterator)


class Thing:
    """The item of a document, cut down to `--fields`; its shape is looked up only where a format or `--fields` needs it."""

    def __init__(
        self,
        kind: str,
        item: Mapping[str, Any],
        *,
        model: type[Model] | None = None,
        fields: Sequence[str] | None = None,
        dry_run: bool = False,
    ) -> None:
        self.kind = kind
        self.dry_run = dry_run
        self._item = item
        self._model = model
        self._fields = fields

    @cached_property
    def shape(self) -> Shape:
        from emkcli.presentation.render import shape

        if self._model:
            return shape.of_model(self._model, self._fields)
        return shape.of_item(self.kind, self._item, self._fields)

    @cached_property
    def item(self) -> Mapping[str, Any]:
        return self._item if self._fields is None else self.shape.cut(self._item)


def as_dict(value: Any) -> ItemDict:
    """A model as its JSON names and values; a mapping as it is."""
    if isinstance(value, Mapping):
        return value
    dumped: dict[str, Any] = value.to_builtins()
    return dumped
