"""What every output format can write: a list, a single thing, and what `--query` found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from emkcli.config.output_formats import OUTPUT_FORMATS

if TYPE_CHECKING:
    from emkcli.presentation.render.context import Context
    from emkcli.presentation.render.flow import Flow, Thing
    from emkcli.presentation.render.shape import Shape

Write = Callable[[str], Any]
Cells = Iterable[str]


class Writer(ABC):
    """One format; everything goes to `write`, piece by piece."""

    @abstractmethod
    def listing(self, flow: Flow, shape: Shape, context: Context, write: Write) -> None: ...

    @abstractmethod
    def single(self, thing: Thing, context: Context, write: Write) -> None: ...

    @abstractmethod
    def result(self, result: Any, context: Context, write: Write) -> None: ...


class TextWriter(Writer):
    """A format without objects: of a result, a list of objects is rows, of lists cells, of values one per line."""

    @abstractmethod
    def rows(self, rows: Iterable[Cells], context: Context, write: Write) -> None: ...

    def result(self, result: Any, context: Context, write: Write) -> None:
        from emkcli.views.show import text

        if result is None:
            return
        rows = result if isinstance(result, list) else [result]
        if rows and all(isinstance(row, dict) for row in rows):
            self._objects(rows, context, write)
        else:
            cells = ([text(cell) for cell in row] if isinstance(row, list) else [text(row)] for row in rows)
            self.rows(cells, context, write)

    def _objects(self, rows: Sequence[dict[str, Any]], context: Context, write: Write) -> None:
        from emkcli.presentation.render.flow import Flow
        from emkcli.presentation.render.shape import Shape
        from emkcli.results import Table
        from emkcli.views import View

        names = tuple(dict.fromkeys(name for row in rows for name in row))
        shape = Shape("query", names, View(names), labels={name: name for name in names})
        self.listing(Flow(Table("query", names, list(rows)), lambda row: row), shape, context, write)


def writer_of(format: str) -> Writer:
    """The writer that the format's row names."""
    module, _colon, name = OUTPUT_FORMATS[format].writer.partition(":")
    writer: Writer = getattr(import_module(f"emkcli.presentation.render.{module}"), name)
    return writer
