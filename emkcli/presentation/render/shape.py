"""What is about to be written: a kind, the names its items have and the columns a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from emkcli import views
from emkcli.views import generic, paths

if TYPE_CHECKING:
    from emkcli.models import Model
    from emkcli.results import Table
    from emkcli.views.parts import Part

ItemDict = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """The form of one item. `names` are its leaves in model order, `fields` what `--fields` left of them."""

    kind: str
    names: tuple[str, ...]
    view: views.View
    fields: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def columns(self) -> tuple[views.Column, ...]:
        """What a table and `plain` show of a list."""
        names = self.fields or self.view.columns
        labels = {**self.view.labels, **self.labels}
        return tuple(views.Column(path, labels.get(path), self.view.shows.get(path)) for path in names)

    @cached_property
    def flat(self) -> tuple[str, ...]:
        """The columns of csv and tsv: the table's order, then the rest."""
        return self._under(self.fields) if self.fields else paths.table_first(self.view.columns, self.names)

    @cached_property
    def single(self) -> tuple[str, ...]:
        """The lines of a single thing in `plain`."""
        return self._under(self.fields or self.names)

    @property
    def leaving(self) -> tuple[str, ...]:
        """The columns that leave a narrow table one after another; what `--fields` asked for stays."""
        return () if self.fields else self.view.leaving

    @property
    def heading(self) -> Callable[[ItemDict], str] | None:
        """What stands above rows that have it in common."""
        return None if self.fields else self.view.heading

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """The columns that a terminal does without, as another says what they hold."""
        return () if self.fields else self.view.elsewhere

    @property
    def on_screen(self) -> Mapping[str, Callable[[ItemDict], str]]:
        """What cells of a terminal say; what `--fields` asked for is shown whole."""
        return {} if self.fields else self.view.on_screen

    @property
    def body(self) -> str:
        """The list that the thing consists of, unless `--fields` asked for something else."""
        return "" if self.fields else self.view.rows

    def parts(self, item: ItemDict) -> list[Part]:
        """A single thing as it reads; chosen fields as labelled values."""
        if self.fields:
            return [generic.pairs(item, self.fields, self.view.shows, self.view.labels)]
        if self.view.detail:
            return self.view.detail(item)
        return generic.detail(item, self.view.shows, self.view.labels)

    def cut(self, item: ItemDict) -> ItemDict:
        """The item with only what `--fields` asked for."""
        return paths.select(item, self.fields) if self.fields else item

    def _under(self, paths_: Iterable[str]) -> tuple[str, ...]:
        names = (name for path in paths_ for name in self.names if name == path or name.startswith(f"{path}."))
        return tuple(dict.fromkeys(names))


def of_model(model: type[Model], fields: Sequence[str] | None) -> Shape:
    return _checked(model.kind, paths.leaves(model), views.of(model.kind, model), fields)


def of_table(table: Table, fields: Sequence[str] | None) -> Shape:
    columns = [(column, column) if isinstance(column, str) else column for column in table.columns]
    names = tuple(key for key, _header in columns)
    labels = {key: header for key, header in columns if key != header}
    return _checked(table.kind, names, views.View(names), fields, labels)


def of_item(kind: str, item: ItemDict, fields: Sequence[str] | None) -> Shape:
    names = tuple(_keys(item))
    return _checked(kind, names, views.VIEWS.get(kind) or views.View(tuple(item)), fields)


def _checked(
    kind: str,
    names: tuple[str, ...],
    view: views.View,
    fields: Sequence[str] | None,
    labels: Mapping[str, str] | None = None,
) -> Shape:
    if fields is not None:
        paths.check(fields, names)
    return Shape(kind, names, view, tuple(fields or ()), labels or {})


def _keys(item: ItemDict, above: str = "") -> Iterator[str]:
    for key, value in item.items():
        if isinstance(value, Mapping) and value:
            yield from _keys(value, f"{above}{key}.")
        else:
            yield f"{above}{key}"
