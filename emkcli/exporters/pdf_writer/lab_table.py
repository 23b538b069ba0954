"""Laboratory results by analyte, newest first, as the laboratory sent them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from emkcli.clinical.analytes import key
from emkcli.clinical.out_of_range import is_abnormal
from emkcli.exporters import provenance
from emkcli.exporters.pdf_writer.flowing_table import Column, Row, Table
from emkcli.exporters.pdf_writer.paper import Paper
from emkcli.exporters.pdf_writer.printable_text import Words
from emkcli.locale import _, ngettext
from emkcli.models import LabResult
from emkcli.views import details, show
from emkcli.views.columns import STATUS_STYLES, flagged, label

_COLUMNS = (("collected_at", 66), ("value", 84), ("reference", 76), ("flag", 46), ("specimen", 82), ("clinic", 0))


@dataclass
class Analyte:
    """Results of one code and one unit; values are never converted to make them so."""

    title: str
    rows: list[Row] = field(default_factory=list)


def analytes(results: Iterable[LabResult], words: Words) -> list[Analyte]:
    """By name; the rows are all that is kept of the results."""
    by_key: dict[tuple[str, ...], Analyte] = {}
    for result in results:
        *analyte, _measure = key(result)  # a cancelled result has no unit to be measured by
        group = (*analyte, result.unit or "")
        if group not in by_key:
            by_key[group] = Analyte(words.line(_title(result), result.id))
        by_key[group].rows.append(_row(result, words))
    return sorted(by_key.values(), key=lambda analyte: analyte.title.casefold())


def write(grouped: list[Analyte], paper: Paper) -> None:
    if not grouped:
        return
    columns = [Column(label(name), width, name in {"value", "flag"}) for name, width in _COLUMNS]
    with Table(paper, columns) as table:
        for analyte in grouped:
            count = len(analyte.rows)
            counted = ngettext("{count} result", "{count} results", count).format(count=count)
            table.group(analyte.title, counted, analyte.rows[0])
            for row in analyte.rows:
                table.row(row)


def _title(result: LabResult) -> str:
    """The analyte and its unit, which some laboratories name with it."""
    name = show.named(result.analyte, result.code)
    return name if not result.unit or name.endswith(result.unit) else ", ".join(filter(None, (name, result.unit)))


def measured(result: LabResult) -> str:
    return " ".join(filter(None, (result.value, result.unit)))


def flag(result: LabResult) -> str:
    """With a status that must not be overlooked: preliminary is usual, amended or cancelled is not."""
    unusual = show.word(result.status) if result.status in STATUS_STYLES else ""
    return " ".join(filter(None, (show.flag(flagged(result)), unusual, details.mark_of(result))))


def reference(result: LabResult) -> str:
    return show.reference(result.reference.to_builtins()) if result.reference else ""


def _row(result: LabResult, words: Words) -> Row:
    cells = (
        show.date(result.collected_at),
        measured(result),
        reference(result),
        flag(result),
        "; ".join(filter(None, (result.specimen, result.method))),
        result.clinic.name if result.clinic else None,
    )
    notes = [(label("comment"), words.prose(result.comment, result.id))] if result.comment else []
    if file := provenance.file(result.source):
        notes.append((_("From the file"), [words.line(file, result.id)]))
    return Row([words.line(cell, result.id) for cell in cells], is_abnormal(result), notes)
