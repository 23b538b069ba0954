"""Laboratory results that stand in a table of words alone: what a column is, is told by its head."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from emkcli import models
from emkcli.clinical import written_range
from emkcli.fhir.reference_range import outside_written, same_unit
from emkcli.importers.cda import printed_day, printed_value
from emkcli.importers.cda.document_body import Part, Scene
from emkcli.importers.cda.grid import Row, rows
from emkcli.importers.cda.lab_cells import cell_in, cells_of
from emkcli.importers.cda.lab_columns import Column, TableHead
from emkcli.importers.cda.printed_value import FLAGS, PrintedValue
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
_DIGIT = re.compile(r"\d")


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
        **scene.when(printed_day.moment(cells.get("collected")), name="collected_at"),
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
    return sum(len(row.said) > 1 for row in rows(table)) > 1


def _results(table: Element) -> Iterator[tuple[str | None, dict[str, str]]]:
    """A row without an analyte goes on with the one above: of a culture every organism. A title may have the day of what
    follows, and a row of its own that of all."""
    lines = list(rows(table))
    head, panel, above, own_day = TableHead(), None, dict[int, str](), None
    day = next(filter(None, (printed_day.of_sample(row.said) for row in lines)), None)
    for row in lines:
        if head.takes(row):
            above.clear()
        elif day_of_all := printed_day.of_sample(row.said):
            day = day_of_all
        elif row.alone:
            panel = above[0] = row.alone
            own_day = printed_day.of_title(row.alone)
        elif head.columns:
            yield from ((panel, cells) for cells in _named(row, head.columns, above, own_day or day))


def _has_lost_row(table: Element) -> bool:
    """Whether a row of a table that is understood has a result in another form than the others."""
    head, above, early = TableHead(), dict[int, str](), False
    for row in rows(table):
        if head.takes(row):
            if early:
                return True
        elif row.alone:
            above[0] = row.alone
            if head.columns and _MEASURED.search(row.alone):
                return True
        elif not head.columns:
            early = early or _has_number(row)
        elif any(row.cells[len(head.columns) :]) or _gives_none(row, head.columns, above):
            return True
    return False


def _gives_none(row: Row, columns: Sequence[Column], above: dict[int, str]) -> bool:
    return _may_be_result(row, columns) and not any(_named(row, columns, above))


def _may_be_result(row: Row, columns: Sequence[Column]) -> bool:
    """Whether it has a number, or an analyte and its value in one cell: `СОЭ 45` over both columns."""
    if not row.said or _NO_ANALYTE.match(row.said[0]):
        return False
    joined = [place for place, column in enumerate(columns) if column.name == "value" and _is_reached(row, place)]
    return _has_number(row) or (len(row.said) > 1 and any(map(_DIGIT.search, row.said)) and bool(joined))


def _is_reached(row: Row, place: int) -> bool:
    """Whether a cell that begins before a column reaches over it."""
    return place < len(row.starts) and row.starts[place] < place


def _has_number(row: Row) -> bool:
    return len(row.said) > 1 and any(Value(cell).number is not None for cell in row.said)


def _tables(section: Element) -> Iterator[Element]:
    text = child(section, "text")
    if text is not None:
        yield from text.iter(f"{H}table")


def _named(
    row: Row, columns: Sequence[Column], above: dict[int, str], day: str | None = None
) -> Iterator[dict[str, str]]:
    """The results of a row; what stands under no head that is known is a remark. Nothing without a result, and nothing of
    the patient or the bill. `above` has the analyte of the row before, for each result of a row; `day` is that of all."""
    shared = {"collected": day} if day else {}
    for result in range(columns[-1].result + 1):
        own = [(place, column) for place, column in enumerate(columns) if column.result == result]
        analyte = next(
            (cell for place, column in own if column.name == "analyte" and (cell := cell_in(row, place))), None
        )
        above.update({result: analyte} if analyte else {})
        if result in above and not _NO_ANALYTE.match(above[result]):
            named = (cells_of(row, value, own) for _place, value in own if value.name == "value")
            yield from (shared | cells | {"analyte": above[result]} for cells in named if "value" in cells)
