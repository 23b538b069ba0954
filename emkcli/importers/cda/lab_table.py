"""Laboratory results that stand in a table of words alone: what a column is, is told by its head."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from emkcli import models
from emkcli.clinical.dates import moscow
from emkcli.fhir.reference_range import outside_written
from emkcli.importers.cda.document_body import Part, Scene
from emkcli.importers.cda.grid import Row, rows
from emkcli.importers.cda.times import Moment
from emkcli.importers.cda.tree import Element, H, child, words
from emkcli.importers.cda.values import Value

HEADS: tuple[tuple[str, str], ...] = (
    ("collected", r"дат[аы]|время"),
    ("method", r"метод"),
    ("low", r"нижн|\bмин"),
    ("high", r"верхн|\bмакс"),
    ("reference", r"\bреф|норм|допустим|диапазон|интервал|границ|^n$"),
    ("unit", r"\bед\b|\bед\.|единиц|размерн|^еи$"),
    ("interpretation", r"отклон|флаг|признак|интерпрет|патолог"),
    ("comment", r"коммент|примеч"),
    ("specimen", r"материал|проба|образец"),
    ("value", r"результат|значени|\bрез"),
    ("analyte", r"показател|исследован|тест|наименован|анализ|параметр|компонент|определени|название"),
)
"""Column → how clinics head it; the first that fits, so that «Нормальные значения» are a range and «Дата исследования» a
date."""
_NO_ANALYTE = re.compile(
    r"пациент|ф\.?\s*и\.?\s*о\b|снилс|полис|возраст|пол$|врач|лаборант|адрес|телефон|итого|дата|номер|№|штрих",
    re.IGNORECASE,
)
"""How rows begin that are about the patient, the sample or the bill."""
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
        yield from _results(table)


def has_unread_table(section: Element) -> bool:
    """Whether results may stand in a table of a section that is not understood: with several rows and columns, or written as
    markup inside of a text."""
    if any(_is_grid(table) and not any(True for _result in _results(table)) for table in _tables(section)):
        return True
    return "<table" in (words(child(section, "text")) or "").casefold()


def _is_grid(table: Element) -> bool:
    return sum(len([cell for cell in row.cells if cell]) > 1 for row in rows(table)) > 1


def _results(table: Element) -> Iterator[tuple[str | None, dict[str, str]]]:
    columns: list[_Column] = []
    panel = None
    for row in rows(table):
        if (row.is_head or not columns or _is_head_again(row)) and (heads := _heads(row)):
            columns = heads
        elif row.alone:
            panel = row.alone
        elif columns:
            yield from ((panel, cells) for cells in _named(row, columns))


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


class _Column(NamedTuple):
    """Which result of a row it is of, as some print two side by side, and what it says of that."""

    result: int
    name: str | None


def _name_of(head: str | None) -> str | None:
    fits = (name for name, pattern in HEADS if head and re.search(pattern, head, re.IGNORECASE))
    return next(fits, None)


def _heads(row: Row) -> list[_Column]:
    """What each column is, when this row says so: at least what was measured and what came out."""
    columns: list[_Column] = []
    result = 0
    for head in row.cells:
        name = _name_of(head)
        result += name == "analyte" and _Column(result, name) in columns
        columns.append(_Column(result, None if _Column(result, name) in columns else name))
    return columns if {_Column(0, "analyte"), _Column(0, "value")} <= set(columns) else []


def _is_head_again(row: Row) -> bool:
    """A head in the middle of a table, of cells that look like others."""
    said = [cell for cell in row.cells if cell]
    return len(said) > 1 and all(map(_name_of, said))


def _named(row: Row, columns: Sequence[_Column]) -> Iterator[dict[str, str]]:
    """The results of a row; what stands under no head that is known is a remark. Nothing without a result, and nothing of
    the patient or the bill."""
    for result in range(columns[-1].result + 1):
        own = [(column.name, cell) for column, cell in zip(columns, row.cells, strict=False) if column.result == result]
        cells = {name: cell for name, cell in own if name and cell}
        if {"analyte", "value"} <= cells.keys() and not _NO_ANALYTE.match(cells["analyte"]) and _says(cells["value"]):
            remarks = [cell for name, cell in own if cell and (not name or name == "comment")]
            yield cells | ({"comment": "; ".join(remarks)} if remarks else {})


def _says(value: str) -> bool:
    return value.strip("-–—") != ""
