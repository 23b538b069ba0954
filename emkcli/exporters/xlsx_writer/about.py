"""The first sheet: whose card, from where, when, what the sheets hold and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from emkcli.exporters import provenance
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.xlsx_writer.sheet import Cells
from emkcli.locale import _
from emkcli.models import BY_CATEGORY

_WIDTHS = (34, 80)


class About:
    def __init__(self, cells: Cells, job: ExportJob) -> None:
        self._cells, self._job = cells, job
        self._written: dict[str, int] = {}
        for column, width in enumerate(_WIDTHS):
            cells.sheet.set_column(column, column, width)

    def holds(self, category: str, rows: int) -> None:
        self._written[category] = rows

    def fill(self) -> None:
        for row, (name, value, style) in enumerate(self._rows()):
            self._cells.text(row, 0, name, style)
            self._cells.value(row, 1, value, style="wrapped")
        self._cells.sheet.activate()

    def _rows(self) -> Iterator[tuple[str, str | int, str]]:
        yield _("Medical card"), _("Not a medical document."), "title"
        for name, value in provenance.lines(self._job):
            yield name, value, "bold"
        yield _("Values"), _("As the laboratory sent them; numbers stand beside them in a column of their own."), "bold"
        yield _("Time zone"), _("Moscow time; a date that the source gives only in part is text."), "bold"
        yield "", "", "plain"
        yield _("Sheet"), _("Records"), "header"
        for category, rows in self._written.items():
            yield _(BY_CATEGORY[category].title), rows, "plain"
        yield "", "", "plain"
        yield _("Completeness"), self._completeness(), "bold"
        for part in self._job.lacking:
            yield part.what, part.why, "plain"

    def _completeness(self) -> str:
        if self._job.complete and not self._job.lacking:
            return _("Everything that was asked for is in this file.")
        return _("Not everything is in this file. Missing:")
