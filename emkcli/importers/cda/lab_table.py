"""Laboratory results that stand in a table of words alone: what a column is, is told by its head."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from emkcli import models
from emkcli.clinical.dates import moscow
from emkcli.fhir.reference_range import outside_written
from emkcli.importers.cda.document_body import Part, Scene
from emkcli.importers.cda.grid import Row, rows
from emkcli.importers.cda.times import Moment
from emkcli.importers.cda.tree import Element, H, child
from emkcli.importers.cda.values import Value

HEADS: tuple[tuple[str, str], ...] = (
    ("collected", r"дат[аы]|время"),
    ("method", r"метод"),
    ("low", r"нижн|\bмин"),
    ("high", r"верхн|\bмакс"),
    ("reference", r"рефер|норм|диапазон|интервал|границ"),
    ("unit", r"\bед\b|\bед\.|единиц|размерн"),
    ("interpretation", r"отклон|флаг|признак|интерпрет|патолог"),
    ("comment", r"коммент|примеч"),
    ("specimen", r"материал|проба|образец"),
    ("value", r"результат|значени|\bрез"),
    ("analyte", r"показател|исследован|тест|наименован|анализ|параметр|компонент|определени|название"),
)
"""Column → how clinics head it; the first that fits, so that «Нормальные значения» are a range and «Дата исследования» a
date."""
_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})(?:[ ,г.]*\s(\d\d):(\d\d)(?::(\d\d))?)?")

FLAGS = frozenset(
    {"L", "H", "LL", "HH", "LU", "HU", "VL", "VH", "N", "A", "AA", "S", "I", "R", "POS", "NEG", "DET", "ND"}
)
"""HL7 codes of an interpretation, as laboratories print them."""


def printed_labs(part: Part, numbers: Iterator[int], scene: Scene) -> Iterator[models.LabResult]:
    """The results of a section whose entries have none."""
    for panel, cells in table_rows(part.element):
        yield _lab(cells, panel, scene.ident("lab", next(numbers), part.element), scene)


def _lab(cells: dict[str, str], panel: str | None, ident: str, scene: Scene) -> models.LabResult:
    """A code alone is a flag, anything else an interpretation."""
    number = Value(cells["value"]).number
    limits = models.Reference(low=cells.get("low"), high=cells.get("high"), text=cells.get("reference"))
    interpretation = cells.get("interpretation")
    is_code = interpretation in FLAGS
    unit, written = cells.get("unit"), _range_in_words(limits)
    return models.LabResult(
        id=ident,
        report_id=scene.name,
        **scene.when(_collected(cells.get("collected")), name="collected_at"),
        analyte=cells["analyte"],
        value=cells["value"],
        value_number=number,
        unit=unit,
        reference=limits if written else None,
        flag=interpretation if is_code else None,
        interpretation=None if is_code else interpretation,
        out_of_range=outside_written(written, number, {"unit": unit}) if number is not None else None,
        specimen=cells.get("specimen"),
        method=cells.get("method"),
        panel=[panel] if panel else [],
        comment=cells.get("comment"),
        clinic=scene.header.clinic,
        doctor=scene.header.author,
        source=scene.source,
    )


def _collected(written: str | None) -> Moment:
    iso = moment(written) if written else None
    return Moment(iso, None if iso else written)


def _range_in_words(limits: models.Reference) -> str | None:
    if limits.low and limits.high:
        return f"{limits.low} - {limits.high}"
    return limits.text or (f">= {limits.low}" if limits.low else f"<= {limits.high}" if limits.high else None)


def table_rows(section: Element) -> Iterator[tuple[str | None, dict[str, str]]]:
    """The panel and the named cells of every result in the tables of a section."""
    for table in _tables(section):
        columns: Sequence[str | None] = ()
        panel = None
        for row in rows(table):
            if (row.is_head or not columns) and (heads := _heads(row)):
                columns = heads
            elif row.alone:
                panel = row.alone
            elif columns and (cells := _named(row, columns)):
                yield panel, cells


def is_table_of_something(section: Element) -> bool:
    """Whether a section has a table with more than one row and column."""
    return any(
        sum(len([cell for cell in row.cells if cell]) > 1 for row in rows(table)) > 1 for table in _tables(section)
    )


def moment(written: str) -> str | None:
    """`28.02.2026 09:40` as ISO 8601 on the clock of Moscow; None for what is no such date."""
    match = _DATE.fullmatch(written.strip())
    if match is None:
        return None
    day, month, year, hour, minute, second = (int(part) if part else 0 for part in match.groups())
    try:
        when = datetime(year, month, day, hour, minute, second, tzinfo=moscow())
    except ValueError:
        return None
    return when.isoformat() if match[4] else when.date().isoformat()


def _tables(section: Element) -> Iterator[Element]:
    text = child(section, "text")
    if text is not None:
        yield from text.iter(f"{H}table")


def _heads(row: Row) -> list[str | None]:
    """What each column is, when this row says so: at least what was measured and what came out."""
    named: list[str | None] = []
    for cell in row.cells:
        fits = (name for name, pattern in HEADS if cell and re.search(pattern, cell, re.IGNORECASE))
        name = next(fits, None)
        named.append(name if name not in named else None)
    return named if {"analyte", "value"} <= set(named) else []


def _named(row: Row, columns: Sequence[str | None]) -> dict[str, str]:
    """Nothing for a row without a result."""
    cells = {name: cell for name, cell in zip(columns, row.cells, strict=False) if name and cell}
    return cells if {"analyte", "value"} <= cells.keys() else {}
