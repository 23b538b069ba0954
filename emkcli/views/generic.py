"""Any single thing from its fields alone: labelled values, then its lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emkcli.views import show
from emkcli.views.columns import BY_ITEM, Column, Item, Show, label
from emkcli.views.parts import Bullets, Heading, Pairs, Part


def detail(item: Item, shows: Mapping[str, Show] | None = None, labels: Mapping[str, str] | None = None) -> list[Part]:
    """Fields in their order without the empty ones; lists of things under headings of their own."""
    lists = [name for name, value in item.items() if name not in BY_ITEM and _is_list_of_things(value)]
    simple = [name for name in item if name not in lists]
    parts: list[Part] = [pairs(item, simple, shows, labels)]
    for name in lists:
        parts += [Heading(label(name)), Bullets(tuple(line(thing) for thing in item[name]))]
    return parts


def pairs(
    item: Item,
    names: Iterable[str],
    shows: Mapping[str, Show] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Pairs:
    """Labelled values of `names` (dotted allowed)."""
    columns = [Column(name, (labels or {}).get(name), (shows or {}).get(name)) for name in names]
    addresses = {column.cell(item): address for column in columns if (address := column.address(item))}
    return Pairs(tuple((column.header, column.cell(item)) for column in columns), addresses)


def line(thing: Any) -> str:
    """A nested thing in one line: its values as they are shown, gaps left out."""
    if not isinstance(thing, Mapping):
        return show.shown(thing)
    return "  ".join(cell for name in thing if name not in BY_ITEM and (cell := Column(name).cell(thing)))


def _is_list_of_things(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(part, Mapping) for part in value)
