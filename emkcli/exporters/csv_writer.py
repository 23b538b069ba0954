"""The card as CSV, one file a list: RFC 4180, or what a Russian Excel opens; cells never become formulas."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from emkcli import errors, models
from emkcli.exporters.export_job import ExportJob
from emkcli.exporters.targets import Writable
from emkcli.locale import _
from emkcli.models import CATEGORIES
from emkcli.views import VIEWS, paths

EXCEL_RU = "excel-ru"
MEASURED = frozenset({"value", "value_number", "reference.low", "reference.high"})
"""Columns where a decimal point becomes the comma that a Russian Excel needs to see a number."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HARMLESS = re.compile(
    r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?"  # a number
    r"|\+\d[\d ()\-]{6,24}"  # a phone
    r"|[+\-/]+"  # a qualitative result: +, +++, -, +/-
)
_DECIMAL = re.compile(r"([<>]=?)?[+-]?\d+\.\d+")


class _Text:
    """csv writes text, files take bytes."""

    def __init__(self, output: Writable) -> None:
        self._output = output

    def write(self, line: str) -> object:
        return self._output.write(line.encode("utf-8", "replace"))


def write_files(job: ExportJob, opened: Callable[[str], Writable]) -> None:
    """A file for every list asked for."""
    for category in job.names:
        _write(job, opened(f"{category}.csv"), category)


def write(job: ExportJob, output: Writable) -> None:
    """The one list asked for."""
    if len(job.categories) != 1:
        message = _("On standard output there is room for one list only.")
        raise errors.Usage(message, hint=_("name one with --category, or give a directory with --to"))
    _write(job, output, job.categories[0])


def _write(job: ExportJob, output: Writable, category: str) -> None:
    """One list with its header; lists inside a cell are joined by `; `, null is empty."""
    excel = job.request.csv_dialect == EXCEL_RU
    if excel:
        output.write("\ufeff".encode())
    names = columns(CATEGORIES[category])
    rows = csv.writer(_Text(output), delimiter=";" if excel else ",", lineterminator="\r\n")
    rows.writerow(names)
    for record in job.records(category):
        item = record.to_builtins()
        rows.writerow([_cell(name, _at(item, name.split(".")), excel=excel) for name in names])


@cache
def columns(kind: type[models.Model]) -> tuple[str, ...]:
    """Every field, nested ones dotted, in the order of `-o csv`; the file of a record's source is its column `source`."""
    names = (name for name in paths.leaves(kind) if name not in {"source.file", "sources"})
    return paths.table_first(VIEWS[kind.kind].columns, names)


def _at(item: Any, path: list[str]) -> str:
    if isinstance(item, list):
        return "; ".join(filter(None, (_at(entry, path) for entry in item)))
    if path and isinstance(item, dict):
        return _at(item.get(path[0]), path[1:])
    if path:
        return ""
    if isinstance(item, dict):
        return str(item.get("file") or "")
    if isinstance(item, bool):
        return "true" if item else "false"
    return "" if item is None else str(item)


def _cell(name: str, value: str, *, excel: bool) -> str:
    if excel and name in MEASURED and _DECIMAL.fullmatch(value):
        value = value.replace(".", ",")
    return guarded(value)


def guarded(value: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe; numbers, phones and `+++` are none."""
    return f"'{value}" if value.startswith(_FORMULA) and not _HARMLESS.fullmatch(value) else value
