"""Laboratory results that stand in a table of words alone: what a column is, is told by its head."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from emkcli import models
from emkcli.clinical import written_range
from emkcli.clinical.dates import moscow
from emkcli.fhir.reference_range import outside_written, same_unit
from emkcli.importers.cda import printed_value
from emkcli.importers.cda.document_body import Part, Scene
from emkcli.importers.cda.grid import Row, rows
from emkcli.importers.cda.lab_columns import Column, TableHead
from emkcli.importers.cda.printed_value import FLAGS, PrintedValue
from emkcli.importers.cda.times import Moment
from emkcli.importers.cda.tree import Element, H, child, words
from emkcli.importers.cda.values import Value

_NO_ANALYTE = re.compile(
    r"(?:пациент|ф\.?\s*и\.?\s*о|снилс|полис|возраст|пол|врач|лаборант|адрес|телефон|итого|дата|штрих[\w-]*)(?![\w-])"
    r"|(?:номер|№)(?=\s*(?:$|проб|заказ|карт|анализ|направл|образц|штрих|полис|истор))",
    re.IGNORECASE,
)
"""How rows begin that are about the patient, the sample or the bill."""
_MEASURED = re.compile(r"\d\s*(?:%|[а-яa-z]+/[а-яa-z]+|х?10\s?\^)", re.IGNORECASE)
"""An amount with its unit, in words."""
_DATE = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})(?:[ ,г.]*\s(\d\d):(\d\d)(?::(\d\d))?)?")


def printed_labs(part: Part, numbers: Iterator[int], scene: Scene) -> Iterator[models.LabResult]:
    """The results of a section whose entries have none."""
    for panel, cells in table_rows(part.element):
        yield _lab(cells, panel, scene.ident("lab", next(numbers), part.element), scene)


def _lab(cells: dict[str, str], panel: str | None, ident: str, scene: Scene) -> models.LabResult:
    limits = models.Reference(low=cells.get("low"), high=cells.get("high"), text=cells.get("reference"))
    printed, marks = _measured(cells)
    number, unit, written = Value(printed.text).number, cells.get("unit") or printed.unit, _range_in_words(limits)
    if (
        written_range.read(written, printed.text) is None
    ):  # bounds that are no numbers, or two at once, compare with nothing
        limits = models.Reference(text=written)
    return models.LabResult(
        id=ident,
        report_id=scene.name,
        **scene.when(_collected(cells.get("collected")), name="collected_at"),
        analyte=cells["analyte"],
        value=printed.text,
        value_number=number,
        unit=unit,
        reference=limits if written else None,
        flag=next((mark for mark in marks if mark in FLAGS), None),
        interpretation="; ".join(mark for mark in marks if mark not in FLAGS) or None,
        out_of_range=outside_written(written, number, {"unit": unit}, printed.text) if number is not None else None,
        specimen=cells.get("specimen"),
        method=cells.get("method"),
        panel=[panel] if panel else [],
        comment=cells.get("comment"),
        clinic=scene.header.clinic,
        doctor=scene.header.author,
        source=scene.source,
    )


def _measured(cells: dict[str, str]) -> tuple[PrintedValue, list[str]]:
    """The value and what marks it: a code alone is a flag, anything else an interpretation. A cell that says another unit
    or flag than those beside it stays whole."""
    unit, sent = cells.get("unit"), cells.get("interpretation")
    printed = printed_value.read(cells["value"], unit)
    marks = list(dict.fromkeys(filter(None, (sent, printed.mark))))
    agrees = not (unit and printed.unit) or same_unit({"unit": unit}, {"unit": printed.unit})
    if agrees and len(FLAGS.intersection(marks)) < 2:
        return printed, marks
    return PrintedValue(cells["value"]), [sent] if sent else []


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
    if any(map(_has_lost_row, _tables(section))):
        return True
    return "<table" in (words(child(section, "text")) or "").casefold()


def _is_grid(table: Element) -> bool:
    return sum(len([cell for cell in row.cells if cell]) > 1 for row in rows(table)) > 1


def _results(table: Element) -> Iterator[tuple[str | None, dict[str, str]]]:
    """A row without an analyte goes on with the one above: of a culture every organism."""
    head, panel, above = TableHead(), None, dict[int, str]()
    for row in rows(table):
        if head.takes(row):
            above.clear()
        elif row.alone:
            panel = above[0] = row.alone
        elif head.columns:
            yield from ((panel, cells) for cells in _named(row, head.columns, above))


def _has_lost_row(table: Element) -> bool:
    """Whether a row of a table that is understood has a result in another form than the others."""
    head, above, early = TableHead(), dict[int, str](), False
    for row in rows(table):
        said = [cell for cell in row.cells if cell]
        if head.takes(row):
            if early:
                return True
        elif row.alone:
            above[0] = row.alone
            if head.columns and _MEASURED.search(row.alone):
                return True
        elif not head.columns:
            early = early or (len(said) > 1 and any(Value(cell).number is not None for cell in said))
        elif len(said) > 1 and not _NO_ANALYTE.match(said[0]) and not any(_named(row, head.columns, above)):
            return any(Value(cell).number is not None for cell in said)
    return False


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


def _named(row: Row, columns: Sequence[Column], above: dict[int, str]) -> Iterator[dict[str, str]]:
    """The results of a row; what stands under no head that is known is a remark. Nothing without a result, and nothing of
    the patient or the bill. `above` has the analyte of the row before, for each result of a row."""
    for result in range(columns[-1].result + 1):
        own = [(column, cell) for column, cell in zip(columns, row.cells, strict=False) if column.result == result]
        cells = {column.name: cell for column, cell in own if column.name and cell and not column.whom}
        if "value" in cells and result in above:
            cells.setdefault("analyte", above[result])
        above.update({result: cells["analyte"]} if "analyte" in cells else {})
        if {"analyte", "value"} <= cells.keys() and not _NO_ANALYTE.match(cells["analyte"]):
            remarks = [cell for column, cell in own if cell and column.name in (None, "comment")]
            joined = {"comment": "; ".join(remarks), "reference": "; ".join(_ranges(row, columns, result))}
            yield cells | {name: words for name, words in joined.items() if words}


def _ranges(row: Row, columns: Sequence[Column], result: int) -> Iterator[str]:
    """The ranges of a result, each after those for whom it is; one that reaches over all of them is for everybody."""
    own = [(place, column) for place, column in enumerate(columns) if column.result == result]
    divided = {place: column.whom for place, column in own if column.whom}
    yield from (cell for place, column in own if column == (result, "reference", None) and (cell := _cell(row, place)))
    for place in divided:
        if cell := _cell(row, place):
            reached = [whom for other, whom in divided.items() if row.starts[other : other + 1] == (place,)]
            is_for_all = len(divided) > 1 and len(reached) == len(divided)
            yield cell if is_for_all else f"{'; '.join(dict.fromkeys(filter(None, reached)))}: {cell}"


def _cell(row: Row, place: int) -> str | None:
    return row.cells[place] if place < len(row.cells) else None
