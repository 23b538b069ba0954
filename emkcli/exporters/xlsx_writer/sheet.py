"""One list as a sheet: header, frozen and filtered; every cell of the type its source gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from math import isfinite
from typing import Any

from emkcli.clinical.dates import local
from emkcli.exporters.csv_writer import columns
from emkcli.exporters.export_job import ExportJob
from emkcli.locale import _, language
from emkcli.models import CATEGORIES, Missing
from emkcli.views import VIEWS, show
from emkcli.views.columns import is_date, label
from emkcli.views.paths import pick

MOST_ROWS = 1_048_575
MOST_TEXT = 32_767
_LONE = re.compile("[\ud800-\udfff]")
_STYLES: dict[str, dict[str, Any]] = {
    "plain": {"valign": "top"},
    "wrapped": {"valign": "top", "align": "left", "text_wrap": True},
    "bold": {"valign": "top", "bold": True},
    "title": {"bold": True, "font_size": 14},
    "header": {"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "valign": "vcenter", "text_wrap": True},
    "date": {"align": "left", "valign": "top"},
    "moment": {"align": "left", "valign": "top"},
}
_DAYS = {"ru": "dd.mm.yyyy", "en": "yyyy-mm-dd"}
_LAST = ("id", "report_id", "document_id", "code_system", "system", "source", "sha256")
"""What a reader seldom looks for stands at the end."""
_WIDTHS = {
    "analyte": 44,
    "medicine": 34,
    "vaccine": 34,
    "display": 38,
    "title": 38,
    "name": 34,
    "conclusion": 60,
    "recommendations": 60,
    "description": 60,
    "text": 60,
    "comment": 40,
    "instructions": 40,
    "reason": 40,
    "value_number": 10,
    "unit": 12,
    "flag": 9,
}


def styles(book: Any) -> dict[str, Any]:
    day = _DAYS[language()]
    dates = {"date": {"num_format": day}, "moment": {"num_format": f"{day} hh:mm"}}
    return {name: book.add_format(properties | dates.get(name, {})) for name, properties in _STYLES.items()}


class Cells:
    """Cells of a worksheet in the styles of its workbook."""

    def __init__(self, sheet: Any, formats: Mapping[str, Any]) -> None:
        self.sheet = sheet
        self._styles = formats

    def text(self, row: int, column: int, value: str, style: str = "plain") -> bool:
        """Text and nothing else; False when a cell has no room for all of it."""
        value = _LONE.sub("\ufffd", value)
        if not value:
            return True
        fits = _units(value) <= MOST_TEXT
        clipped = value if fits else f"{_cut(value, MOST_TEXT - 1)}…"
        if clipped.startswith("<r>"):  # xlsxwriter takes that for markup of its own
            cell_format = self._styles[style]
            self.sheet.write_rich_string(row, column, "<", self._styles["plain"], clipped[1:], cell_format)
        else:
            self.sheet.write_string(row, column, clipped, self._styles[style])
        return fits

    def value(self, row: int, column: int, value: Any, style: str = "plain", *, date: bool = False) -> bool:
        """A truth, a number or a date as what it is, everything else as text."""
        if isinstance(value, bool):
            self.sheet.write_boolean(row, column, value, self._styles[style])
        elif isinstance(value, (int, float)) and isfinite(value):
            self.sheet.write_number(row, column, value, self._styles[style])
        elif date and (time := moment(value)):
            self.sheet.write_datetime(row, column, time, self._styles["moment" if "T" in value else "date"])
        else:
            return self.text(row, column, _joined(value), style)
        return True


class Sheet:
    def __init__(self, cells: Cells, job: ExportJob, category: str) -> None:
        self._cells, self._job, self._category = cells, job, category
        self._paths = ordered(category)

    def fill(self) -> int:
        """Write the list; how many rows found room."""
        self._head()
        read = 0
        for read, record in enumerate(self._job.records(self._category), 1):
            if read <= MOST_ROWS:
                self._row(read, record.id, record.to_builtins())
        written = min(read, MOST_ROWS)
        self._cells.sheet.autofilter(0, 0, written, len(self._paths) - 1)
        if read > written:
            self._job.counts[self._category] = written
            message = _("An Excel sheet holds {most} rows; {count} more found no room.")
            self._job.lacks(Missing(what=self._category, why=message.format(most=written, count=read - written)))
        return written

    def _head(self) -> None:
        self._cells.sheet.freeze_panes(1, 0)
        for column, path in enumerate(self._paths):
            self._cells.sheet.set_column(column, column, _width(path))
            self._cells.text(0, column, header(path), "header")

    def _row(self, row: int, ident: str, item: Mapping[str, Any]) -> None:
        for column, path in enumerate(self._paths):
            value = _at(item, path)
            if not self._cells.value(row, column, value, date=is_date(path)):
                message = _("The text under «{name}» is longer than an Excel cell; its end is missing.")
                self._job.lacks(Missing(what=ident, why=message.format(name=header(path))))


def ordered(category: str) -> tuple[str, ...]:
    """Every field that CSV has: first what the table of the list shows, at the end what identifies."""
    leading = VIEWS[CATEGORIES[category].kind].columns
    places = {name: place for place, name in enumerate(leading)}

    def place(path: str) -> int:
        if path.rpartition(".")[2] in _LAST or path.startswith("source"):
            return len(leading) + 1
        candidates = (path, path.partition(".")[0], path.partition("_")[0])
        return next((places[name] for name in candidates if name in places), len(leading))

    return tuple(sorted(columns(CATEGORIES[category]), key=place))


def header(path: str) -> str:
    """The label of a field; of a nested one with what it belongs to."""
    if path == "value_number":
        return _("Value as a number")
    steps = path.split(".")
    named = steps[:-1] if len(steps) > 1 and steps[-1] == "name" else steps
    return ": ".join(map(label, named))


def moment(value: Any) -> datetime | None:
    """A whole date, or a time on the clock of Moscow; None for what Excel cannot hold or the source left open."""
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) and len(value) >= 10 else None
    except ValueError:
        return None
    if parsed is None or not 1901 <= parsed.year <= 9998:
        return None
    return local(parsed).replace(tzinfo=None) if parsed.tzinfo else parsed


def _at(item: Mapping[str, Any], path: str) -> Any:
    if path == "source" and isinstance(item.get(path), Mapping):
        return item[path].get("file")
    return pick(item, path)


def _width(path: str) -> int:
    last = path.rpartition(".")[2]
    return 17 if is_date(path) else _WIDTHS.get(last, 16)


def _joined(value: Any) -> str:
    return "; ".join(filter(None, map(show.text, value))) if isinstance(value, list) else show.text(value)


def _units(value: str) -> int:
    """How long Excel finds a text: UTF-16 units, counted only where it may matter."""
    return len(value) if len(value) <= MOST_TEXT // 2 else len(value[: MOST_TEXT + 1].encode("utf-16-le")) // 2


def _cut(value: str, units: int) -> str:
    return value[:units].encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")
