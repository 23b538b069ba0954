"""A single thing on its way out; its shape is looked up only where a format or `--fields` needs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emkcli.models import Model
    from emkcli.presentation.render.shape import Shape


class Thing:
    """The item of a document, cut down to `--fields`."""

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
